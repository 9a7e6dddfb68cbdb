//! The vault's logs as a shelf of envelopes.
//!
//! The vault verifies and stores; this only translates. Headers are durable at once; bodies wait for the next settling,
//! so that many of them cost one transaction. A body that cannot be taken in does not keep its neighbours out.

use std::collections::BTreeMap;

use subrosa_core::id::{DeviceId, Hash, LogId};
use subrosa_core::store::StoreError;
use subrosa_core::vault::{HeldBodies, LogEnd, NotTaken, PieceWant, RowError, Taken, Vault};
use subrosa_sync::id::{BlobHash, HeaderHash, LogId as WireLog, PeerId, PieceHash, Root};
use subrosa_sync::{BodyWant, HeaderWant, LogPosition, Offered, Ranges, Refusal, Shelf, ShelfError, Wants};

use super::shared::{Clock, Shared};

/// Answers the network part out of the open practice.
pub(super) struct VaultShelf {
    vault: Shared,
    pub(super) clock: Clock,
    /// Told when another device said something new of what it holds.
    told: Box<dyn Fn() + Send>,
    /// Bodies that the vault has looked at and not yet stored.
    waiting: BTreeMap<Hash, Vec<u8>>,
    /// Pieces of files that were asked for.
    wanted: BTreeMap<PieceHash, PieceWant>,
    /// Pieces that the vault has looked at and not yet stored.
    pieces: BTreeMap<PieceHash, (PieceWant, Vec<u8>)>,
}

impl VaultShelf {
    /// `told` hears when another device said something new of what it holds.
    pub(super) fn new(vault: Shared, clock: Clock, told: impl Fn() + Send + 'static) -> Self {
        let (wanted, pieces) = (BTreeMap::new(), BTreeMap::new());
        Self { vault, clock, told: Box::new(told), waiting: BTreeMap::new(), wanted, pieces }
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Vault) -> Result<T, RowError>) -> Result<T, ShelfError> {
        self.vault.with(work).map_err(|_| ShelfError::Locked)?.map_err(storage)
    }

    /// Works on one thing among many; `None` when it is damaged here: another device must give it, and all else goes on.
    pub(super) fn unless_damaged<T>(
        &self,
        work: impl FnOnce(&mut Vault) -> Result<T, RowError>,
    ) -> Result<Option<T>, ShelfError> {
        match self.vault.with(work).map_err(|_| ShelfError::Locked)? {
            Err(RowError::Damaged) => Ok(None),
            done => done.map(Some).map_err(storage),
        }
    }
}

impl Shelf for VaultShelf {
    fn root(&mut self) -> Result<Root, ShelfError> {
        Ok(Root(self.with(|vault| vault.log().frontier())?.0))
    }

    fn state(&mut self) -> Result<(Root, Vec<LogPosition>), ShelfError> {
        let (root, ends) = self.with(|vault| Ok((vault.log().frontier()?, vault.log().log_ends()?)))?;
        Ok((Root(root.0), ends.into_iter().map(position).collect()))
    }

    fn vector(&mut self) -> Result<Vec<LogPosition>, ShelfError> {
        Ok(self.with(|vault| vault.log().log_ends())?.into_iter().map(position).collect())
    }

    fn wants(&mut self, theirs: &[LogPosition]) -> Result<Wants, ShelfError> {
        let ends = self.with(|vault| vault.log().log_ends())?;
        let mut wants = Wants::default();
        let mut bodies = Vec::new();
        for position in theirs {
            let (log, head) = (LogId(position.log.0), Hash(position.head.0));
            let read =
                self.unless_damaged(|vault| Ok((vault.log().lacking(&log, &head)?, vault.log().lost_headers(&log)?)));
            // Of a log whose rows are damaged here nothing can be said until a repair has made it whole.
            let Some((lacking, lost)) = read? else { continue };
            let Some(lacking) = lacking else {
                wants.headers.push(header_want(position, &ends));
                continue;
            };
            // A header that was lost here comes with its neighbours.
            if let Some(first) = lost.first() {
                wants.headers.push(HeaderWant { log: position.log, from_seq: *first, head: position.head });
            }
            let there = lacking
                .into_iter()
                .filter(|(seq, name)| position.bodies.contains(*seq) && !self.waiting.contains_key(name));
            bodies.extend(there.map(|(seq, name)| (position.next_seq.saturating_sub(seq), position.log, name)));
        }
        // A removal first, before what the removed device wrote since. Then the newest of every log: a new device's keys
        // are in what was written when it was admitted.
        let first = self.unless_damaged(|vault| vault.log().wanted_first())?.unwrap_or_default();
        bodies.sort_by_key(|(age, _, name)| (!first.contains(name), *age));
        wants.bodies = bodies.into_iter().map(|(_, log, name)| BodyWant { log, header: HeaderHash(name.0) }).collect();
        Ok(wants)
    }

    fn headers(&mut self, want: &HeaderWant, max_bytes: usize) -> Result<Vec<Vec<u8>>, ShelfError> {
        let (log, head) = (LogId(want.log.0), Hash(want.head.0));
        let read = self.unless_damaged(|vault| vault.log().headers(&log, want.from_seq, &head, max_bytes))?;
        Ok(read.unwrap_or_default())
    }

    fn body(&mut self, header: &HeaderHash) -> Result<Option<Vec<u8>>, ShelfError> {
        Ok(self.unless_damaged(|vault| vault.log().envelope_body(&Hash(header.0)))?.flatten())
    }

    fn holds_body(&mut self, header: &HeaderHash) -> Result<bool, ShelfError> {
        let name = Hash(header.0);
        Ok(self.waiting.contains_key(&name) || self.with(|vault| vault.log().has_body(&name))?)
    }

    fn offer_headers(&mut self, log: &WireLog, headers: Vec<Vec<u8>>) -> Result<Offered, ShelfError> {
        let taken = self.unless_damaged(|vault| vault.log_mut().offer_headers(&LogId(log.0), &headers))?;
        Ok(taken.map_or(Offered::Refused(Refusal::Invalid), offered))
    }

    fn offer_body(&mut self, header: &HeaderHash, body: Vec<u8>) -> Result<Offered, ShelfError> {
        let name = Hash(header.0);
        if self.waiting.contains_key(&name) {
            return Ok(Offered::AlreadyHeld);
        }
        let verdict = self.unless_damaged(|vault| vault.log().judge_body(&name, &body))?;
        if verdict == Some(Taken::Stored) {
            self.waiting.insert(name, body);
        }
        Ok(verdict.map_or(Offered::Refused(Refusal::Invalid), offered))
    }

    fn settle(&mut self) -> Result<(), ShelfError> {
        let bodies: Vec<_> = std::mem::take(&mut self.waiting).into_iter().collect();
        let now = (self.clock)();
        self.settle_all(&bodies, |vault, bodies| vault.log_mut().offer_bodies(bodies, now))?;
        let pieces: Vec<_> = std::mem::take(&mut self.pieces).into_values().collect();
        self.settle_all(&pieces, |vault, pieces| vault.files_mut().offer_pieces(pieces.to_vec()))
    }

    fn pieces_held(&mut self) -> Result<u64, ShelfError> {
        self.with(|vault| vault.files().pieces_held())
    }

    fn wanted_pieces(&mut self, most: usize, but: &dyn Fn(&PieceHash) -> bool) -> Result<Vec<PieceHash>, ShelfError> {
        let here = |hash: &Hash| self.pieces.contains_key(&PieceHash(hash.0)) || but(&PieceHash(hash.0));
        let wants = self.with(|vault| vault.files().wanted_pieces(most, &here))?;
        let named: Vec<_> = wants.into_iter().map(|want| (PieceHash(want.hash.0), want)).collect();
        self.wanted.extend(named.iter().copied());
        Ok(named.into_iter().map(|(name, _)| name).collect())
    }

    fn piece(&mut self, hash: &PieceHash) -> Result<Option<Vec<u8>>, ShelfError> {
        Ok(self.unless_damaged(|vault| vault.files().piece(&Hash(hash.0)))?.flatten())
    }

    fn offer_piece(&mut self, hash: &PieceHash, bytes: Vec<u8>) -> Result<Offered, ShelfError> {
        let Some(want) = self.wanted.remove(hash) else { return Ok(Offered::Refused(Refusal::Invalid)) };
        let verdict = self.unless_damaged(|vault| vault.files().judge_piece(&want, &bytes))?;
        if verdict == Some(Taken::Stored) {
            self.pieces.insert(*hash, (want, bytes));
        }
        Ok(verdict.map_or(Offered::Refused(Refusal::Invalid), offered))
    }

    fn lacked_files(&mut self, most: usize) -> Result<Option<Vec<BlobHash>>, ShelfError> {
        let lacked = self.with(|vault| vault.files().lacked(most))?;
        Ok(lacked.map(|files| files.into_iter().map(|name| BlobHash(name.0)).collect()))
    }

    fn lacked_there(&mut self, peer: &PeerId, files: Option<&[BlobHash]>) -> Result<(), ShelfError> {
        let files: Option<Vec<_>> = files.map(|files| files.iter().map(|name| Hash(name.0)).collect());
        let (device, now) = (DeviceId(peer.0), (self.clock)());
        let is_news = self.with(|vault| {
            let is_news = vault.files_mut().lacked_there(&device, files.as_deref())?;
            // With its last file it may have everything.
            Ok(vault.log_mut().acknowledged(&device, &HeldBodies::new(), now)? || is_news)
        })?;
        if is_news {
            (self.told)();
        }
        Ok(())
    }

    fn acknowledged(&mut self, peer: &PeerId, positions: &[LogPosition], complete: bool) -> Result<(), ShelfError> {
        let here = self.here(positions)?;
        let (device, now) = (DeviceId(peer.0), (self.clock)());
        let is_news = self.with(|vault| match complete {
            true => vault.log_mut().acknowledged_all(&device, &here, now),
            false => vault.log_mut().acknowledged(&device, &here, now),
        })?;
        if is_news {
            (self.told)();
        }
        Ok(())
    }
}

impl VaultShelf {
    /// What a peer says it holds, as far as it is of what is here.
    pub(super) fn here(&self, positions: &[LogPosition]) -> Result<HeldBodies, ShelfError> {
        let ours = by_log(self.with(|vault| vault.log().log_ends())?);
        let mut theirs = BTreeMap::<_, Vec<_>>::new();
        for it in positions {
            // What somebody holds beyond the end of a log of this device's own may be of another branch, which a copy of it wrote:
            // numbers count once the headers are here, and are told again then.
            let log = LogId(it.log.0);
            if self.with(|vault| Ok(log.device() != vault.device() || vault.log().has_header(&Hash(it.head.0))?))? {
                theirs.entry(log).or_default().push(it.clone());
            }
        }
        let here = |(log, theirs): (LogId, Vec<_>)| Some((log, held(ours.get(&log)?, &theirs).pairs().to_vec()));
        Ok(theirs.into_iter().filter_map(here).collect())
    }

    /// Stores what was offered in one transaction. When that cannot be, each is stored alone: only what is at fault stays out. It is
    /// told as lacking, and asked for again in another conversation.
    fn settle_all<T, R>(
        &self,
        all: &[T],
        store: impl Fn(&mut Vault, &[T]) -> Result<R, RowError>,
    ) -> Result<(), ShelfError> {
        let settled = |some: &[T]| match self.vault.with(|vault| store(vault, some)).map_err(|_| ShelfError::Locked)? {
            // What is too large for a row is at fault itself.
            Err(RowError::Store(StoreError::TooLarge)) => Ok(false),
            Err(RowError::Store(_)) => Err(ShelfError::Storage),
            whole => Ok(whole.is_ok()),
        };
        if all.is_empty() || settled(all)? {
            return Ok(());
        }
        all.chunks(1).try_for_each(|one| settled(one).map(drop))
    }
}

/// What the store says of itself does not travel; the window hears it from its own next job.
pub(super) fn storage<E>(_: E) -> ShelfError {
    ShelfError::Storage
}

fn position(end: LogEnd) -> LogPosition {
    let mut bodies = Vec::new();
    let mut from = 0;
    for seq in end.missing.iter().copied().chain([end.next_seq]) {
        if from < seq {
            bodies.push((from, seq));
        }
        from = seq.saturating_add(1);
    }
    // What is missing comes in order, so the ranges between do too.
    let bodies = Ranges::from_pairs(bodies).unwrap_or_default();
    LogPosition { log: WireLog(end.log.0), next_seq: end.next_seq, head: HeaderHash(end.head.0), bodies }
}

fn header_want(position: &LogPosition, ends: &[LogEnd]) -> HeaderWant {
    let ours = ends.iter().filter(|end| end.log.0 == position.log.0).map(|end| end.next_seq).max().unwrap_or(0);
    let from_seq = if ours < position.next_seq { ours } else { 0 };
    HeaderWant { log: position.log, from_seq, head: position.head }
}

fn offered(taken: Taken) -> Offered {
    match taken {
        Taken::Stored => Offered::Stored,
        Taken::Known => Offered::AlreadyHeld,
        Taken::Orphaned => Offered::Orphaned,
        Taken::Refused(NotTaken::Detached) => Offered::Refused(Refusal::Detached),
        Taken::Refused(NotTaken::TooManyBranches | NotTaken::NoRoom) => Offered::Refused(Refusal::NoRoom),
        _ => Offered::Refused(Refusal::Invalid),
    }
}

fn by_log(ends: Vec<LogEnd>) -> BTreeMap<LogId, Vec<LogEnd>> {
    let mut logs = BTreeMap::<_, Vec<_>>::new();
    ends.into_iter().for_each(|end| logs.entry(end.log).or_default().push(end));
    logs
}

/// What a peer holds of one log, by number. Of a log with branches only what it holds of each of them counts: a number
/// must never seem safe on another device while one of its envelopes is not.
fn held(ours: &[LogEnd], theirs: &[LogPosition]) -> Ranges {
    if let ([] | [_], [only]) = (ours, theirs) {
        return only.bodies.clone();
    }
    let of_branch = |end: &LogEnd| theirs.iter().find(|it| it.head.0 == end.head.0);
    let branches: Option<Vec<_>> = ours.iter().map(of_branch).collect();
    let Some((first, others)) = branches.as_deref().and_then(<[_]>::split_first) else { return Ranges::new() };
    others.iter().fold(first.bodies.clone(), |common, it| common.common(&it.bodies))
}

/// Of somebody who has no practice yet.
pub(super) struct NoShelf;

impl Shelf for NoShelf {
    fn root(&mut self) -> Result<Root, ShelfError> {
        Err(ShelfError::Locked)
    }

    fn state(&mut self) -> Result<(Root, Vec<LogPosition>), ShelfError> {
        Err(ShelfError::Locked)
    }

    fn vector(&mut self) -> Result<Vec<LogPosition>, ShelfError> {
        Err(ShelfError::Locked)
    }

    fn wants(&mut self, _: &[LogPosition]) -> Result<Wants, ShelfError> {
        Err(ShelfError::Locked)
    }

    fn headers(&mut self, _: &HeaderWant, _: usize) -> Result<Vec<Vec<u8>>, ShelfError> {
        Err(ShelfError::Locked)
    }

    fn body(&mut self, _: &HeaderHash) -> Result<Option<Vec<u8>>, ShelfError> {
        Err(ShelfError::Locked)
    }

    fn holds_body(&mut self, _: &HeaderHash) -> Result<bool, ShelfError> {
        Err(ShelfError::Locked)
    }

    fn offer_headers(&mut self, _: &WireLog, _: Vec<Vec<u8>>) -> Result<Offered, ShelfError> {
        Err(ShelfError::Locked)
    }

    fn offer_body(&mut self, _: &HeaderHash, _: Vec<u8>) -> Result<Offered, ShelfError> {
        Err(ShelfError::Locked)
    }

    fn settle(&mut self) -> Result<(), ShelfError> {
        Ok(())
    }

    fn acknowledged(&mut self, _: &PeerId, _: &[LogPosition], _: bool) -> Result<(), ShelfError> {
        Err(ShelfError::Locked)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use subrosa_core::entropy::Os;
    use subrosa_core::record::Identity;
    use subrosa_core::secret::Passphrase;
    use subrosa_core::vault::{JoiningDevice, NewFile};

    use super::*;
    use crate::bridge::full_disk::{self, Disk};

    fn end(head: u8, next_seq: u64, missing: &[u64]) -> LogEnd {
        LogEnd { log: LogId([1; 24]), next_seq, head: Hash([head; 32]), missing: missing.to_vec() }
    }

    #[test]
    fn what_is_missing_becomes_the_gaps_between_the_ranges() {
        for (missing, pairs) in [
            (&[][..], &[(0, 5)][..]),
            (&[0], &[(1, 5)]),
            (&[4], &[(0, 4)]),
            (&[1, 2], &[(0, 1), (3, 5)]),
            (&[0, 1, 2, 3, 4], &[]),
        ] {
            assert_eq!(position(end(1, 5, missing)).bodies.pairs(), pairs, "{missing:?}");
        }
    }

    #[test]
    fn of_a_forked_log_only_what_is_held_of_every_branch_counts() {
        let ours = [end(1, 5, &[]), end(2, 4, &[])];
        let theirs = [position(end(1, 5, &[3])), position(end(2, 4, &[0]))];
        assert_eq!(held(&ours, &theirs).pairs(), [(1, 3)]);
        assert!(held(&ours, &theirs[..1]).is_empty(), "one branch is not there at all");
        assert_eq!(held(&ours[..1], &theirs[..1]).pairs(), [(0, 3), (4, 5)]);
    }

    #[test]
    fn a_body_that_is_damaged_here_is_one_that_another_device_must_give_and_the_rest_is_served() {
        let (folder, disk) = (tempfile::tempdir().unwrap(), Disk::default());
        let vault = Shared::new(full_disk::practice(folder.path(), &disk));
        let mut shelf = VaultShelf::new(vault.clone(), Arc::new(|| 7), || {});
        let end = vault.with(|vault| vault.log().log_ends()).unwrap().unwrap().remove(0);
        let names = vault.with(|vault| vault.log().branch_names(&end.log, 0, &end.head)).unwrap().unwrap();
        let name = HeaderHash(names[0].0);
        assert!(shelf.body(&name).unwrap().is_some());
        disk.set(Disk::DAMAGED_BODIES);
        assert_eq!(shelf.body(&name), Ok(None));
        let vector = shelf.vector().unwrap();
        assert_eq!(shelf.state(), Ok((shelf.root().unwrap(), vector.clone())));
        assert_eq!((vector.len(), shelf.wants(&vector).is_ok()), (1, true));
    }

    /// A practice with so many files of one piece each, all of which are lost, and the pieces as another device has them.
    fn files_lost(vault: &Shared, disk: &Disk, shelf: &mut VaultShelf, files: u8) -> Vec<(PieceHash, Vec<u8>)> {
        let identity = Identity { name: "Aino".to_owned(), ..Identity::default() };
        let client = vault.with(|vault| vault.clients_mut().add_client(&identity, 1)).unwrap().unwrap();
        for number in 0..files {
            let file = NewFile { client, note: None, name: "scan.pdf", length: None };
            let attach = |vault: &mut Vault| {
                vault.files_mut().attach(&file, &mut &[number; 99][..], u64::from(number), &mut |_| {}, &|| false)
            };
            vault.with(attach).unwrap().unwrap();
        }
        disk.set(Disk::LOST_PIECES);
        vault.with(|vault| vault.integrity_mut().repair(&mut |_, _| {})).unwrap().unwrap();
        disk.set(Disk::WORKS);
        let names = shelf.wanted_pieces(usize::from(files), &|_| false).unwrap();
        let piece =
            |name: &PieceHash| vault.with(|vault| vault.files().piece(&Hash(name.0))).unwrap().unwrap().unwrap();
        names.iter().map(|name| (*name, piece(name))).collect()
    }

    #[test]
    fn a_piece_whose_rows_are_damaged_when_it_is_settled_costs_itself_alone() {
        let (folder, disk) = (tempfile::tempdir().unwrap(), Disk::default());
        let vault = Shared::new(full_disk::practice(folder.path(), &disk));
        let mut shelf = VaultShelf::new(vault.clone(), Arc::new(|| 7), || {});
        let pieces = files_lost(&vault, &disk, &mut shelf, 3);
        let mut damaged = std::collections::BTreeSet::new();
        for (at, (name, bytes)) in pieces.iter().enumerate() {
            let (offered, read) = disk.read_by(|| shelf.offer_piece(name, bytes.clone()));
            assert_eq!(offered, Ok(Offered::Stored));
            if at == 1 {
                damaged = read;
            }
        }
        assert!(!damaged.is_empty());
        disk.damage(damaged.clone());
        assert_eq!(shelf.settle(), Ok(()));
        assert_eq!(shelf.wanted_pieces(9, &|_| false), Ok(Vec::new()), "of what cannot be read nothing is asked for");
        assert_eq!(shelf.lacked_files(9).unwrap().map(|files| files.len()), Some(1));
        // The same, when it cannot be read as it comes.
        disk.damage(std::collections::BTreeSet::new());
        assert_eq!(shelf.wanted_pieces(9, &|_| false), Ok(vec![pieces[1].0]), "the others are there");
        disk.damage(damaged);
        let (name, bytes) = &pieces[1];
        assert_eq!(shelf.offer_piece(name, bytes.clone()), Ok(Offered::Refused(Refusal::Invalid)));
        disk.damage(std::collections::BTreeSet::new());
        shelf.wanted_pieces(9, &|_| false).unwrap();
        assert_eq!(shelf.offer_piece(name, bytes.clone()), Ok(Offered::Stored));
        assert_eq!((shelf.settle(), shelf.lacked_files(9)), (Ok(()), Ok(Some(Vec::new()))));
    }

    #[test]
    fn a_log_of_which_a_row_is_damaged_is_left_out_and_keeps_nothing_else_back() {
        let (folder, disk) = (tempfile::tempdir().unwrap(), Disk::default());
        let vault = Shared::new(full_disk::practice(folder.path(), &disk));
        let mut shelf = VaultShelf::new(vault.clone(), Arc::new(|| 7), || {});
        let vector = shelf.vector().unwrap();
        let (held, read) = disk.read_by(|| vault.with(|vault| vault.log().log_ends()).unwrap());
        assert_eq!((held.unwrap().len(), vector.len()), (1, 1));
        for row in read {
            disk.damage([row].into());
            let theirs: Vec<_> = vector.clone();
            assert!(shelf.vector().is_ok_and(|vector| vector.len() <= 1));
            assert!(shelf.state().is_ok_and(|(root, _)| Ok(root) == shelf.root()));
            assert!(shelf.wants(&theirs).is_ok_and(|wants| wants.bodies.is_empty()));
            assert!(shelf.lacked_files(9).is_ok());
            assert!(shelf.acknowledged(&PeerId([9; 16]), &theirs, true).is_ok());
        }
    }

    #[test]
    fn what_a_peer_holds_of_a_branch_of_this_devices_own_log_that_is_not_here_does_not_count() {
        let (folder, disk) = (tempfile::tempdir().unwrap(), Disk::default());
        let vault = Shared::new(full_disk::practice(folder.path(), &disk));
        let mut shelf = VaultShelf::new(vault.clone(), Arc::new(|| 7), || {});
        let passphrase = Passphrase::new(full_disk::PASSPHRASE.to_owned());
        let new = full_disk::new("Laptop", &passphrase);
        let joining = JoiningDevice::new(&new, &mut Os);
        vault.with(|vault| vault.reauthenticate(&passphrase, new.now)).unwrap().unwrap();
        let admit = |vault: &mut Vault| vault.devices_mut().admit(&joining.introduction(), usize::MAX, new.now);
        vault.with(admit).unwrap().unwrap();
        let other = || vault.with(|vault| vault.devices().all()).unwrap().unwrap().into_iter().find(|row| !row.here);
        let (peer, vector) = (PeerId(other().unwrap().id.0), shelf.vector().unwrap());
        let behind = || other().unwrap().lacks.changes;
        let (all, mut branch) = (behind(), vector.clone());
        branch[0].head = HeaderHash([0xEE; 32]);
        shelf.acknowledged(&peer, &branch, true).unwrap();
        assert!(all > 0 && behind() == all);
        shelf.acknowledged(&peer, &vector, true).unwrap();
        assert_eq!(behind(), 0);
        shelf.acknowledged(&peer, &branch, true).unwrap();
        assert_eq!(behind(), all, "what was said before was of another state");
    }
}
