//! A shelf in memory, with chains that are checked, commits that can be lost, and a diary of what was offered.
//!
//! Its "hash" is four SipHashes and its "signature" a run of bytes: enough for a test, and no cipher in the manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::folder::FolderShelf;
use crate::id::{BlobHash, HeaderHash, LogId, PeerId, PieceHash, Root};
use crate::ranges::Ranges;
use crate::shelf::{BodyWant, HeaderWant, LogPosition, Offered, Refusal, Shelf, ShelfError, Wants};

const NOBODY: HeaderHash = HeaderHash([0; 32]);
const SIGNATURE: [u8; 64] = [0x51; 64];

fn hash(bytes: &[u8]) -> HeaderHash {
    let mut out = [0; 32];
    for (part, salt) in out.chunks_mut(8).zip(0u8..) {
        let mut hasher = DefaultHasher::new();
        (salt, bytes).hash(&mut hasher);
        part.copy_from_slice(&hasher.finish().to_le_bytes());
    }
    HeaderHash(out)
}

#[derive(Clone)]
struct Header {
    log: LogId,
    seq: u64,
    prev: HeaderHash,
    body: HeaderHash,
    signed: bool,
    bytes: Vec<u8>,
}

impl Header {
    fn make(log: LogId, seq: u64, prev: HeaderHash, body: &[u8], signed: bool) -> Self {
        let mut bytes = [&log.0[..], &seq.to_le_bytes(), &prev.0, &hash(body).0].concat();
        if signed {
            bytes.extend_from_slice(&SIGNATURE);
        }
        Self::parse(&bytes).unwrap()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let signed = match bytes.len() {
            96 => false,
            160 if bytes[96..] == SIGNATURE => true,
            _ => return None,
        };
        Some(Self {
            log: LogId(bytes[..24].try_into().ok()?),
            seq: u64::from_le_bytes(bytes[24..32].try_into().ok()?),
            prev: HeaderHash(bytes[32..64].try_into().ok()?),
            body: HeaderHash(bytes[64..96].try_into().ok()?),
            signed,
            bytes: bytes.to_vec(),
        })
    }

    fn hash(&self) -> HeaderHash {
        hash(&self.bytes[..96])
    }
}

#[derive(Clone, Default)]
struct Kept {
    headers: BTreeMap<HeaderHash, Header>,
    heads: BTreeMap<LogId, BTreeSet<HeaderHash>>,
    bodies: BTreeMap<HeaderHash, Vec<u8>>,
    pieces: BTreeMap<PieceHash, Vec<u8>>,
}

impl Kept {
    fn add(&mut self, header: Header) -> bool {
        let name = header.hash();
        if self.headers.contains_key(&name) {
            return false;
        }
        let heads = self.heads.entry(header.log).or_default();
        heads.remove(&header.prev);
        heads.insert(name);
        self.headers.insert(name, header);
        true
    }

    /// The chain that ends at `head`, oldest first.
    fn chain(&self, head: &HeaderHash) -> Vec<HeaderHash> {
        let mut chain: Vec<_> = std::iter::successors(Some(*head), |name| Some(self.headers.get(name)?.prev))
            .take_while(|name| self.headers.contains_key(name))
            .collect();
        chain.reverse();
        chain
    }
}

#[derive(Default)]
pub(crate) struct MemoryShelf {
    /// What has been settled, and what would be after the next settling.
    durable: Kept,
    kept: Kept,
    /// Logs whose writer nobody has admitted.
    pub(crate) unknown: BTreeSet<LogId>,
    pub(crate) acked: BTreeMap<PeerId, BTreeMap<(LogId, HeaderHash), Ranges>>,
    /// Sequence numbers of the bodies offered, in order.
    pub(crate) diary: Vec<(LogId, u64)>,
    /// Bodies that never stay: for what a shelf refuses.
    pub(crate) refuses: BTreeSet<HeaderHash>,
    /// Bodies and pieces that are taken at first and not kept when they are settled.
    pub(crate) loses: BTreeSet<[u8; 32]>,
    /// Pieces of files that shall come, in this order.
    pub(crate) lacks: Vec<PieceHash>,
    /// Each file as it is known here: the log whose first envelope names it, and its pieces. One is whole when they are here.
    pub(crate) files: BTreeMap<BlobHash, (LogId, Vec<PieceHash>)>,
    /// Hands out more headers of this log than any frame can carry.
    pub(crate) overlong: Option<LogId>,
    /// Which files are lacking cannot be said.
    pub(crate) files_unknown: bool,
    /// What peers said of the files that they lack.
    pub(crate) lacked: BTreeMap<PeerId, Option<Vec<BlobHash>>>,
    /// Names of the pieces offered, in order.
    pub(crate) offered: Vec<PieceHash>,
    pub(crate) calls_until_failure: Option<usize>,
    /// The devices that are waited for.
    pub(crate) awaited: Vec<PeerId>,
    /// Logs that others write.
    pub(crate) of_others: BTreeSet<LogId>,
    /// When each device said last what it holds, by its clock.
    pub(crate) stated_at: BTreeMap<PeerId, u64>,
    /// Somebody else writes into this log right after the next digest was read.
    pub(crate) writes_after_root: Option<LogId>,
}

impl MemoryShelf {
    /// Writes an envelope on the given branch (its head; `None` for the longest), durably.
    pub(crate) fn write_on(&mut self, log: LogId, head: Option<HeaderHash>, body: &[u8], signed: bool) -> HeaderHash {
        let longest = || {
            let heads = self.kept.heads.get(&log)?;
            heads.iter().max_by_key(|head| self.kept.headers[*head].seq).copied()
        };
        let prev = head.or_else(longest);
        let seq = prev.map_or(0, |prev| self.kept.headers[&prev].seq + 1);
        let header = Header::make(log, seq, prev.unwrap_or(NOBODY), body, signed);
        let name = header.hash();
        for side in [&mut self.kept, &mut self.durable] {
            side.add(header.clone());
            side.bodies.insert(name, body.to_vec());
        }
        name
    }

    pub(crate) fn write(&mut self, log: LogId, body: &[u8]) -> HeaderHash {
        self.write_on(log, None, body, true)
    }

    /// Many envelopes in one go, signed once at the end of each hundred.
    pub(crate) fn write_many(&mut self, log: LogId, count: usize, len: usize) {
        let mut prev = NOBODY;
        for seq in 0..count {
            let body = [&log.0[..], &seq.to_string().into_bytes(), &vec![7; len]].concat();
            let header = Header::make(log, seq as u64, prev, &body, seq % 100 == 99 || seq + 1 == count);
            prev = header.hash();
            self.kept.add(header);
            self.kept.bodies.insert(prev, body);
        }
        self.durable = self.kept.clone();
    }

    /// Lets every other body of a log go, so that it has as many ranges as it can have.
    pub(crate) fn thin_out(&mut self, log: LogId) {
        let odd = |header: &&Header| header.log == log && header.seq % 2 == 1;
        let names: Vec<_> = self.kept.headers.values().filter(odd).map(Header::hash).collect();
        names.iter().for_each(|name| self.drop_body(name));
    }

    /// A piece of a file, held.
    pub(crate) fn add_piece(&mut self, bytes: &[u8]) -> PieceHash {
        let name = piece_name(bytes);
        self.kept.pieces.insert(name, bytes.to_vec());
        self.durable.pieces.insert(name, bytes.to_vec());
        name
    }

    pub(crate) fn has_durably(&self, piece: &PieceHash) -> bool {
        self.durable.pieces.contains_key(piece)
    }

    pub(crate) fn drop_piece(&mut self, piece: &PieceHash) {
        self.kept.pieces.remove(piece);
        self.durable.pieces.remove(piece);
    }

    pub(crate) fn pieces(&self) -> usize {
        self.durable.pieces.len()
    }

    /// The power fails: whatever was not settled is gone.
    pub(crate) fn crash(&mut self) {
        self.kept = self.durable.clone();
    }

    pub(crate) fn drop_body(&mut self, name: &HeaderHash) {
        self.kept.bodies.remove(name);
        self.durable.bodies.remove(name);
    }

    pub(crate) fn bodies(&self) -> usize {
        self.durable.bodies.len()
    }

    pub(crate) fn header_bytes(&self, name: &HeaderHash) -> Vec<u8> {
        self.kept.headers[name].bytes.clone()
    }

    /// Everything durably held, comparable between two shelves.
    pub(crate) fn everything(&self) -> (Vec<LogPosition>, BTreeMap<HeaderHash, Vec<u8>>) {
        (positions(&self.durable), self.durable.bodies.clone())
    }

    fn may_fail(&mut self) -> Result<(), ShelfError> {
        match &mut self.calls_until_failure {
            Some(0) => Err(ShelfError::Storage),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

pub(crate) fn piece_name(bytes: &[u8]) -> PieceHash {
    PieceHash(hash(bytes).0)
}

fn positions(kept: &Kept) -> Vec<LogPosition> {
    let mut positions = Vec::new();
    for (log, head) in kept.heads.iter().flat_map(|(log, heads)| heads.iter().map(move |head| (log, head))) {
        let chain = kept.chain(head);
        let bodies = (0u64..).zip(&chain).filter(|(_, name)| kept.bodies.contains_key(name)).map(|(seq, _)| seq);
        positions.push(LogPosition { log: *log, next_seq: chain.len() as u64, head: *head, bodies: bodies.collect() });
    }
    positions
}

impl Shelf for MemoryShelf {
    fn root(&mut self) -> Result<Root, ShelfError> {
        self.may_fail()?;
        let root = Root(hash(format!("{:?}", positions(&self.durable)).as_bytes()).0);
        if let Some(log) = self.writes_after_root.take() {
            self.write(log, b"written meanwhile");
        }
        Ok(root)
    }

    fn state(&mut self) -> Result<(Root, Vec<LogPosition>), ShelfError> {
        let vector = self.vector()?;
        Ok((Root(hash(format!("{vector:?}").as_bytes()).0), vector))
    }

    fn vector(&mut self) -> Result<Vec<LogPosition>, ShelfError> {
        self.may_fail()?;
        Ok(positions(&self.durable))
    }

    fn wants(&mut self, theirs: &[LogPosition]) -> Result<Wants, ShelfError> {
        self.may_fail()?;
        let mut wants = Wants::default();
        for position in theirs {
            let LogPosition { log, next_seq, head, bodies } = position;
            if !self.kept.headers.contains_key(head) {
                let heads = self.kept.heads.get(log).into_iter().flatten();
                let next = heads.map(|head| self.kept.headers[head].seq + 1).max().unwrap_or(0);
                let from_seq = if next < *next_seq { next } else { 0 };
                wants.headers.push(HeaderWant { log: *log, from_seq, head: *head });
                continue;
            }
            let chain = self.kept.chain(head);
            let lacking = bodies.newest_first().filter_map(|seq| chain.get(seq as usize).copied());
            let lacking = lacking.filter(|name| !self.kept.bodies.contains_key(name));
            wants.bodies.extend(lacking.map(|header| BodyWant { log: *log, header }));
        }
        Ok(wants)
    }

    fn headers(&mut self, want: &HeaderWant, max_bytes: usize) -> Result<Vec<Vec<u8>>, ShelfError> {
        self.may_fail()?;
        let (mut run, mut size, mut signed) = (Vec::new(), 0, 0);
        for name in self.durable.chain(&want.head).iter().skip(want.from_seq as usize) {
            let header = &self.durable.headers[name];
            size += header.bytes.len();
            if size > max_bytes || run.len() == crate::wire::limits::LOG_ENTRIES {
                break;
            }
            run.push(header.bytes.clone());
            if header.signed {
                signed = run.len();
            }
        }
        run.truncate(signed);
        if self.overlong == Some(want.log) {
            run.resize(crate::wire::limits::LOG_ENTRIES + 1, vec![0]);
        }
        Ok(run)
    }

    fn body(&mut self, header: &HeaderHash) -> Result<Option<Vec<u8>>, ShelfError> {
        self.may_fail()?;
        Ok(self.durable.bodies.get(header).cloned())
    }

    fn holds_body(&mut self, header: &HeaderHash) -> Result<bool, ShelfError> {
        self.may_fail()?;
        Ok(self.kept.bodies.contains_key(header))
    }

    fn offer_headers(&mut self, log: &LogId, headers: Vec<Vec<u8>>) -> Result<Offered, ShelfError> {
        self.may_fail()?;
        if self.unknown.contains(log) {
            return Ok(Offered::Orphaned);
        }
        let Some(parsed) = headers.iter().map(|bytes| Header::parse(bytes)).collect::<Option<Vec<_>>>() else {
            return Ok(Offered::Refused(Refusal::Invalid));
        };
        let (Some(first), Some(last)) = (parsed.first(), parsed.last()) else {
            return Ok(Offered::AlreadyHeld);
        };
        let follows = |(one, next): (&Header, &Header)| next.prev == one.hash() && next.seq == one.seq + 1;
        if !last.signed
            || parsed.iter().any(|header| header.log != *log)
            || !parsed.iter().zip(&parsed[1..]).all(follows)
        {
            return Ok(Offered::Refused(Refusal::Invalid));
        }
        let before = self.kept.headers.get(&first.prev).map(|prev| prev.seq + 1);
        if before.or((first.prev == NOBODY).then_some(0)) != Some(first.seq) {
            return Ok(Offered::Refused(Refusal::Detached));
        }
        let new = parsed.into_iter().filter(|header| self.kept.add(header.clone())).count() > 0;
        Ok(if new { Offered::Stored } else { Offered::AlreadyHeld })
    }

    fn offer_body(&mut self, name: &HeaderHash, body: Vec<u8>) -> Result<Offered, ShelfError> {
        self.may_fail()?;
        let Some(header) = self.kept.headers.get(name) else { return Ok(Offered::Refused(Refusal::Detached)) };
        self.diary.push((header.log, header.seq));
        if header.body != hash(&body) || self.refuses.contains(name) {
            return Ok(Offered::Refused(Refusal::Invalid));
        }
        let new = self.kept.bodies.insert(*name, body).is_none();
        Ok(if new { Offered::Stored } else { Offered::AlreadyHeld })
    }

    fn settle(&mut self) -> Result<(), ShelfError> {
        self.may_fail()?;
        self.kept.bodies.retain(|name, _| !self.loses.contains(&name.0));
        self.kept.pieces.retain(|name, _| !self.loses.contains(&name.0));
        self.durable = self.kept.clone();
        Ok(())
    }

    fn pieces_held(&mut self) -> Result<u64, ShelfError> {
        Ok(self.durable.pieces.len() as u64)
    }

    fn wanted_pieces(&mut self, most: usize, but: &dyn Fn(&PieceHash) -> bool) -> Result<Vec<PieceHash>, ShelfError> {
        self.may_fail()?;
        let open = self.lacks.iter().filter(|hash| !self.kept.pieces.contains_key(*hash) && !but(hash));
        Ok(open.take(most).copied().collect())
    }

    fn piece(&mut self, hash: &PieceHash) -> Result<Option<Vec<u8>>, ShelfError> {
        self.may_fail()?;
        Ok(self.durable.pieces.get(hash).cloned())
    }

    fn offer_piece(&mut self, hash: &PieceHash, bytes: Vec<u8>) -> Result<Offered, ShelfError> {
        self.may_fail()?;
        self.offered.push(*hash);
        if piece_name(&bytes) != *hash || !self.lacks.contains(hash) {
            return Ok(Offered::Refused(Refusal::Invalid));
        }
        let new = self.kept.pieces.insert(*hash, bytes).is_none();
        Ok(if new { Offered::Stored } else { Offered::AlreadyHeld })
    }

    fn lacked_files(&mut self, most: usize) -> Result<Option<Vec<BlobHash>>, ShelfError> {
        self.may_fail()?;
        let is_lacking = |(log, pieces): &(LogId, Vec<PieceHash>)| {
            let is_known = self.durable.heads.contains_key(log);
            is_known && !pieces.iter().all(|piece| self.durable.pieces.contains_key(piece))
        };
        let lacked: Vec<_> =
            self.files.iter().filter(|(_, file)| is_lacking(file)).map(|(name, _)| *name).take(most + 1).collect();
        Ok(Some(lacked).filter(|lacked| lacked.len() <= most && !self.files_unknown))
    }

    fn lacked_there(&mut self, peer: &PeerId, files: Option<&[BlobHash]>) -> Result<(), ShelfError> {
        self.may_fail()?;
        self.lacked.insert(*peer, files.map(<[_]>::to_vec));
        Ok(())
    }

    fn acknowledged(&mut self, peer: &PeerId, positions: &[LogPosition], complete: bool) -> Result<(), ShelfError> {
        self.may_fail()?;
        let acked = self.acked.entry(*peer).or_default();
        let here: Vec<_> = positions.iter().filter(|it| self.kept.headers.contains_key(&it.head)).collect();
        // Of a log of which no head is here what was said before stays, until it is said again.
        acked.retain(|(log, _), _| {
            let is_said_anew = here.iter().any(|it| it.log == *log);
            let is_named = positions.iter().any(|it| it.log == *log);
            !complete || (is_named && !is_said_anew)
        });
        let here = here.into_iter();
        acked.extend(here.map(|it| ((it.log, it.head), it.bodies.clone())));
        Ok(())
    }
}

impl FolderShelf for MemoryShelf {
    fn awaited(&mut self) -> Result<Vec<PeerId>, ShelfError> {
        self.may_fail()?;
        Ok(self.awaited.clone())
    }

    fn lacking_there(&mut self, peer: &PeerId) -> Result<Vec<LogPosition>, ShelfError> {
        self.may_fail()?;
        let acked = self.acked.get(peer).cloned().unwrap_or_default();
        let held = |position: &LogPosition| {
            // An older head of the same branch counts too.
            let chain = self.durable.chain(&position.head);
            let of_branch = acked.iter().filter(|((log, head), _)| *log == position.log && chain.contains(head));
            of_branch.fold(Ranges::new(), |all, (_, ranges)| all.union(ranges))
        };
        let lacking = positions(&self.durable).into_iter().map(|position| {
            let bodies = position.bodies.without(&held(&position));
            LogPosition { bodies, ..position }
        });
        Ok(lacking.filter(|position| !position.bodies.is_empty()).collect())
    }

    fn pieces_lacking_there(&mut self, peer: &PeerId, most: usize) -> Result<Vec<PieceHash>, ShelfError> {
        self.may_fail()?;
        let lacked = self.lacked.get(peer).cloned().unwrap_or_default();
        let is_lacking = |name: &BlobHash, log: &LogId| {
            let knows = self.acked.get(peer).is_some_and(|acked| acked.keys().any(|(known, _)| known == log));
            !knows || lacked.as_ref().is_none_or(|lacked| lacked.contains(name))
        };
        let files = self.files.iter().filter(|(name, (log, _))| is_lacking(name, log));
        let pieces = files.flat_map(|(_, (_, pieces))| pieces).filter(|piece| self.durable.pieces.contains_key(piece));
        Ok(pieces.take(most).copied().collect())
    }

    fn lacks_there(&mut self, peer: &PeerId, listed: &LogPosition) -> Result<bool, ShelfError> {
        self.may_fail()?;
        let chain = self.durable.chain(&listed.head);
        let is_of_branch = |(log, head): &(LogId, HeaderHash)| {
            let joins = chain.contains(head) || self.durable.chain(head).contains(&listed.head);
            *log == listed.log && (chain.is_empty() || joins)
        };
        let acked = self.acked.get(peer).into_iter().flatten().filter(|(branch, _)| is_of_branch(branch));
        let held = acked.fold(Ranges::new(), |all, (_, ranges)| all.union(ranges));
        Ok(!listed.bodies.without(&held).is_empty())
    }

    fn names(&mut self, _: &LogId, from: u64, head: &HeaderHash) -> Result<Vec<HeaderHash>, ShelfError> {
        self.may_fail()?;
        Ok(self.durable.chain(head).split_off(from as usize))
    }

    fn is_own(&mut self, log: &LogId) -> bool {
        !self.of_others.contains(log)
    }

    fn stated(&mut self, peer: &PeerId, positions: &[LogPosition], at: u64) -> Result<(), ShelfError> {
        self.stated_at.insert(*peer, at);
        self.acknowledged(peer, positions, true)
    }
}
