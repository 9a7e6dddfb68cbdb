//! Reading and writing payloads. A reader refuses trailing bytes; a writer refuses what a reader would.

use std::net::{IpAddr, SocketAddr};

use super::{Frame, Run, WireError, limits};
use crate::address::Addresses;
use crate::id::{BlobHash, HeaderHash, LogId, PieceHash};
use crate::ranges::Ranges;
use crate::shelf::{HeaderWant, LogPosition};

const MORE: u8 = 1;
const COMPLETE: u8 = 2;

/// Bytes that a position takes, but for its ranges.
const POSITION: usize = 24 + 8 + 32 + 2;
/// Bytes that the beginning of a run takes.
const RUN: usize = 1 + 2;

pub(super) struct Reader<'a> {
    kind: u8,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(kind: u8, payload: &'a [u8]) -> Self {
        Self { kind, rest: payload }
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(WireError::Malformed { kind: self.kind })?;
        self.rest = rest;
        Ok(*bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, WireError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, WireError> {
        self.array().map(u64::from_le_bytes)
    }

    /// A count of things of at least `least` bytes each: refused when over `most`, or when the payload cannot hold so
    /// many, so that what is allocated for them is never more than what arrived.
    fn count(&mut self, most: usize, least: usize) -> Result<usize, WireError> {
        let count = usize::from(u16::from_le_bytes(self.array()?));
        if count > most {
            return Err(WireError::Count { kind: self.kind });
        }
        if count * least > self.rest.len() {
            return Err(WireError::Malformed { kind: self.kind });
        }
        Ok(count)
    }

    pub(super) fn run(&mut self) -> Result<Run, WireError> {
        let [flags] = self.array()?;
        if flags & !(MORE | COMPLETE) != 0 {
            return Err(WireError::Malformed { kind: self.kind });
        }
        let count = self.count(limits::POSITIONS, POSITION)?;
        if flags & MORE != 0 && count == 0 {
            return Err(WireError::Malformed { kind: self.kind });
        }
        let positions = (0..count).map(|_| self.position()).collect::<Result<_, _>>()?;
        Ok(Run { more: flags & MORE != 0, complete: flags & COMPLETE != 0, positions })
    }

    fn position(&mut self) -> Result<LogPosition, WireError> {
        let malformed = WireError::Malformed { kind: self.kind };
        let (log, next_seq, head) = (LogId(self.array()?), self.u64()?, HeaderHash(self.array()?));
        let count = self.count(limits::RANGES, 16)?;
        let pairs = (0..count).map(|_| Ok((self.u64()?, self.u64()?))).collect::<Result<_, WireError>>()?;
        let bodies = Ranges::from_pairs(pairs).ok_or(malformed)?;
        // No log is longer, and whoever says so would have others count for ever.
        let is_possible = (1..=limits::LOG_ENTRIES as u64).contains(&next_seq);
        let sound = is_possible && bodies.end() <= next_seq;
        sound.then_some(LogPosition { log, next_seq, head, bodies }).ok_or(malformed)
    }

    pub(super) fn header_wants(&mut self) -> Result<Vec<HeaderWant>, WireError> {
        let count = self.count(limits::OPEN_HEADER_WANTS, 64)?;
        (0..count).map(|_| self.header_want()).collect()
    }

    pub(super) fn header_want(&mut self) -> Result<HeaderWant, WireError> {
        Ok(HeaderWant { log: LogId(self.array()?), from_seq: self.u64()?, head: HeaderHash(self.array()?) })
    }

    /// A list of hashes, `most` at the most.
    pub(super) fn hashes(&mut self, most: usize) -> Result<impl Iterator<Item = [u8; 32]> + use<>, WireError> {
        let count = self.count(most, 32)?;
        let hashes: Result<Vec<_>, _> = (0..count).map(|_| self.array()).collect();
        Ok(hashes?.into_iter())
    }

    pub(super) fn body_wants(&mut self) -> Result<Vec<HeaderHash>, WireError> {
        Ok(self.hashes(limits::OPEN_BODY_WANTS)?.map(HeaderHash).collect())
    }

    pub(super) fn pieces(&mut self) -> Result<Frame, WireError> {
        match self.array()? {
            [flags @ 1..=3] => Ok(Frame::Pieces { has: flags & 1 != 0, wants: flags & 2 != 0 }),
            _ => Err(WireError::Malformed { kind: self.kind }),
        }
    }

    pub(super) fn piece_wants(&mut self) -> Result<Vec<PieceHash>, WireError> {
        Ok(self.hashes(limits::OPEN_PIECE_WANTS)?.map(PieceHash).collect())
    }

    pub(super) fn lacked(&mut self) -> Result<Option<Vec<BlobHash>>, WireError> {
        if !self.flag()? {
            return Ok(None);
        }
        Ok(Some(self.hashes(limits::LACKED_FILES)?.map(BlobHash).collect()))
    }

    pub(super) fn flag(&mut self) -> Result<bool, WireError> {
        match self.array()? {
            [flag @ 0..=1] => Ok(flag == 1),
            _ => Err(WireError::Malformed { kind: self.kind }),
        }
    }

    pub(super) fn headers(&mut self) -> Result<Vec<Vec<u8>>, WireError> {
        let count = self.count(limits::LOG_ENTRIES, 3)?;
        (0..count).map(|_| self.header()).collect()
    }

    fn header(&mut self) -> Result<Vec<u8>, WireError> {
        let len = usize::from(u16::from_le_bytes(self.array()?));
        if len == 0 || len > limits::HEADER {
            return Err(WireError::Count { kind: self.kind });
        }
        let (header, rest) = self.rest.split_at_checked(len).ok_or(WireError::Malformed { kind: self.kind })?;
        self.rest = rest;
        Ok(header.to_vec())
    }

    /// All that is left: a body is the end of its frame.
    pub(super) fn body(&mut self) -> Result<Vec<u8>, WireError> {
        let body = std::mem::take(&mut self.rest);
        if body.is_empty() { Err(WireError::Malformed { kind: self.kind }) } else { Ok(body.to_vec()) }
    }

    pub(super) fn addresses(&mut self) -> Result<Addresses, WireError> {
        let malformed = WireError::Malformed { kind: self.kind };
        let count = self.count(limits::ADDRESSES, 7)?;
        let direct = (0..count).map(|_| self.socket()).collect::<Result<_, _>>()?;
        let bytes = self.count(limits::RELAY, 1)?;
        let (relay, rest) = self.rest.split_at_checked(bytes).ok_or(malformed)?;
        self.rest = rest;
        let relay = std::str::from_utf8(relay).map_err(|_| malformed)?;
        let relay = if relay.is_empty() { None } else { Some(relay.parse().map_err(|_| malformed)?) };
        Ok(Addresses { direct, relay })
    }

    fn socket(&mut self) -> Result<SocketAddr, WireError> {
        let ip = match self.array()? {
            [4] => IpAddr::from(self.array::<4>()?),
            [6] => IpAddr::from(self.array::<16>()?),
            _ => return Err(WireError::Malformed { kind: self.kind }),
        };
        Ok((ip, u16::from_le_bytes(self.array()?)).into())
    }

    pub(super) fn finish(self) -> Result<(), WireError> {
        if self.rest.is_empty() { Ok(()) } else { Err(WireError::Malformed { kind: self.kind }) }
    }
}

pub(super) struct Writer {
    kind: u8,
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn new(kind: u8) -> Self {
        Self { kind, bytes: vec![0, 0, 0, 0, kind] }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    fn count(&mut self, count: usize, most: usize) -> Result<&mut Self, WireError> {
        let too_many = WireError::Count { kind: self.kind };
        let count = u16::try_from(count).ok().filter(|_| count <= most).ok_or(too_many)?;
        Ok(self.bytes(&count.to_le_bytes()))
    }

    pub(super) fn run(&mut self, run: &Run) -> Result<&mut Self, WireError> {
        if run.more && run.positions.is_empty() {
            return Err(WireError::Malformed { kind: self.kind });
        }
        let flags = if run.more { MORE } else { 0 } | if run.complete { COMPLETE } else { 0 };
        self.bytes(&[flags]).count(run.positions.len(), limits::POSITIONS)?;
        for LogPosition { log, next_seq, head, bodies } in &run.positions {
            self.bytes(&log.0).bytes(&next_seq.to_le_bytes()).bytes(&head.0);
            self.count(bodies.pairs().len(), limits::RANGES)?;
            for (first, end) in bodies.pairs() {
                self.bytes(&first.to_le_bytes()).bytes(&end.to_le_bytes());
            }
        }
        Ok(self)
    }

    /// A list of hashes, `most` at the most.
    pub(super) fn hashes<'a>(
        &mut self,
        hashes: impl ExactSizeIterator<Item = &'a [u8; 32]>,
        most: usize,
    ) -> Result<&mut Self, WireError> {
        self.count(hashes.len(), most)?;
        for hash in hashes {
            self.bytes(hash);
        }
        Ok(self)
    }

    pub(super) fn piece_wants(&mut self, pieces: &[PieceHash]) -> Result<&mut Self, WireError> {
        self.hashes(pieces.iter().map(|hash| &hash.0), limits::OPEN_PIECE_WANTS)
    }

    pub(super) fn lacked(&mut self, files: Option<&[BlobHash]>) -> Result<&mut Self, WireError> {
        let Some(files) = files else { return Ok(self.bytes(&[0])) };
        self.bytes(&[1]).hashes(files.iter().map(|name| &name.0), limits::LACKED_FILES)
    }

    pub(super) fn wants(&mut self, headers: &[HeaderWant], bodies: &[HeaderHash]) -> Result<&mut Self, WireError> {
        self.count(headers.len(), limits::OPEN_HEADER_WANTS)?;
        headers.iter().for_each(|want| self.want(want));
        self.hashes(bodies.iter().map(|header| &header.0), limits::OPEN_BODY_WANTS)
    }

    fn want(&mut self, HeaderWant { log, from_seq, head }: &HeaderWant) {
        self.bytes(&log.0).bytes(&from_seq.to_le_bytes()).bytes(&head.0);
    }

    pub(super) fn headers(&mut self, want: &HeaderWant, headers: &[Vec<u8>]) -> Result<&mut Self, WireError> {
        self.want(want);
        self.count(headers.len(), limits::LOG_ENTRIES)?;
        for header in headers {
            if header.is_empty() {
                return Err(WireError::Malformed { kind: self.kind });
            }
            self.count(header.len(), limits::HEADER)?.bytes(header);
        }
        Ok(self)
    }

    /// Fills in the length, unless it is over the limit for the kind.
    pub(super) fn addresses(&mut self, addresses: &Addresses) -> Result<&mut Self, WireError> {
        self.count(addresses.direct.len(), limits::ADDRESSES)?;
        for address in &addresses.direct {
            match address.ip() {
                IpAddr::V4(ip) => self.bytes(&[4]).bytes(&ip.octets()),
                IpAddr::V6(ip) => self.bytes(&[6]).bytes(&ip.octets()),
            };
            self.bytes(&address.port().to_le_bytes());
        }
        let relay = addresses.relay.as_ref().map_or("", |relay| relay.as_str()).as_bytes();
        Ok(self.count(relay.len(), limits::RELAY)?.bytes(relay))
    }

    pub(super) fn finish(mut self) -> Result<Vec<u8>, WireError> {
        let length = self.bytes.len().saturating_sub(4);
        let limit = 1 + limits::payload(self.kind);
        let (length, limit) = (u32::try_from(length).unwrap_or(u32::MAX), u32::try_from(limit).unwrap_or(u32::MAX));
        if length > limit {
            return Err(WireError::Length { kind: self.kind, length, limit });
        }
        self.bytes.iter_mut().zip(length.to_le_bytes()).for_each(|(to, byte)| *to = byte);
        Ok(self.bytes)
    }
}

/// Cuts positions, those of one log together, into lists that stay within the limits, and these into frames that fit. Only
/// the first list can be everything; the others say what it left out. Nothing is left out of all of them.
pub(crate) fn runs(positions: Vec<LogPosition>, complete: bool) -> Vec<Run> {
    let mut runs = vec![Run { complete, ..Run::default() }];
    let (mut size, mut listed, mut ranges) = (RUN, 0, 0);
    for log in positions.chunk_by(|one, next| one.log == next.log) {
        let ranges_of_log: usize = log.iter().map(|position| position.bodies.pairs().len()).sum();
        let is_full = listed + log.len() > limits::POSITIONS || ranges + ranges_of_log > limits::VECTOR_RANGES;
        if is_full && listed > 0 {
            runs.push(Run::default());
            (size, listed, ranges) = (RUN, 0, 0);
        }
        (listed, ranges) = (listed + log.len(), ranges + ranges_of_log);
        for position in log {
            let need = POSITION + 16 * position.bodies.pairs().len();
            if size + need > limits::RUN_BYTES
                && let Some(run) = runs.last_mut().filter(|run| !run.positions.is_empty())
            {
                run.more = true;
                let complete = run.complete;
                runs.push(Run { complete, ..Run::default() });
                size = RUN;
            }
            size += need;
            runs.last_mut().into_iter().for_each(|run| run.positions.push(position.clone()));
        }
    }
    runs
}
