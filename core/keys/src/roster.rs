//! Which devices belong to the practice: a set of signed entries that name their parents, begun by one genesis.
//!
//! What the roster says is a function of the entries it holds, never of the order in which they came: entries are
//! judged by their ancestors alone, and read out in one canonical order. An entry whose parents are unknown waits
//! until they come. Entries of unknown kinds are verified, kept and counted. Refused: another practice's entries, a
//! signature that is not the authority's or not its author's, an author that was never admitted, a device that is there
//! already with other keys, a 17th device.

mod acceptance;
mod card;
mod entry;
mod epochs;
mod heads;
mod order;
mod recovery;
mod removal;
mod standing;

use std::collections::{BTreeMap, BTreeSet};

use subrosa_base::codec::Malformed;
use subrosa_base::id::{DeviceId, EpochId, Hash, LogId};

use self::acceptance::{accept, verify};
pub use self::card::{DeviceCard, Generation, NAME_MAX};
pub use self::entry::{CUTS_MAX, Cut, Earlier, Entry, EntryKind, EntryWrap, MAX_DEVICES};
pub use self::epochs::{Epochs, HandedOver, WelcomeError};
pub use self::removal::{Gone, NewEpoch, NewKeys, SignedBy, removal_wraps};
pub use self::standing::Removed;
use self::standing::{Standing, standing};
use crate::kem::WrapPublic;
use crate::secret::{AuthorityRole, Key, WrapRole};
use crate::sign::PublicKey;

/// The most entries that wait for their parents; a peer cannot fill memory with more.
pub const ORPHANS_MAX: usize = 64;

/// The most entries that one device writes, cuts not counted: of those that one of them follows so many are its author's own.
pub const ENTRIES_OF_ONE: usize = 256;

/// The most entries in which one device says how far it used or kept the logs of one other.
pub const CUTS_OF_ONE: usize = 64;

/// Bytes of entries that the roster holds, and those that it holds beyond them by each device of the practice: so much fits into a
/// row, and no device takes all of it.
pub const ROOM: usize = 128 << 20;
/// See [`ROOM`].
pub const ROOM_OF_ONE: usize = 4 << 20;

/// Why an entry was refused. The roster is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Not an entry.
    #[error("a change to the list of devices could not be read, and was not used")]
    Malformed,
    /// A second beginning.
    #[error("this belongs to another practice, and was not used")]
    OtherPractice,
    /// Not signed by the authority that was in force, or not by the device that it names as its author.
    #[error("a change to the list of devices was not approved with this practice's passphrase, and was not used")]
    BadSignature,
    /// Written on a device that was never admitted.
    #[error("a change to the list of devices comes from a device that was never admitted, and was not used")]
    UnknownAuthor,
    /// The device is there already, with other keys or another name.
    #[error("another device belongs to the practice already under this identity; pair this one anew")]
    OtherKeys,
    /// There are [`MAX_DEVICES`] devices.
    #[error("a practice has 16 devices at most; remove one first")]
    TooManyDevices,
    /// The device was removed. That is final.
    #[error("this device was removed from the practice, which is final; set it up anew to let it in again")]
    WasRemoved,
    /// A removal of devices that the practice does not have, or that does not hand its secrets to exactly those that stay;
    /// a cut of a device that was not removed.
    #[error("a removal or its limits do not fit the devices of this practice, and were not used")]
    OtherDevices,
    /// Two devices were removed at the same time, and one of them still holds the keys in force.
    #[error(
        "two devices were removed at the same time, which must be settled before a device is let in; give the passphrase again"
    )]
    NotRenewed,
    /// Its author has written [`ENTRIES_OF_ONE`] already, or there is no [`ROOM`].
    #[error("this device has changed the list of devices too often; make this change on another one")]
    TooManyEntries,
    /// [`ORPHANS_MAX`] entries wait already.
    #[error("too many changes to the list of devices came before the ones that they follow; ask for those first")]
    TooManyOrphans,
}

impl From<Malformed> for Refusal {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// What became of an entry that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// It counts, and so do those that waited for it.
    Added,
    /// It was there.
    Known,
    /// It waits: for its parents, or for a version that understands the entries before it. Store it and offer it again.
    Orphaned,
    /// It does not count.
    Refused(Refusal),
}

/// The validated entries of one practice, and what they say.
#[derive(Clone, Debug)]
pub struct Roster {
    genesis: Hash,
    entries: BTreeMap<Hash, Entry>,
    orphans: BTreeMap<Hash, Entry>,
    standing: Standing,
}

impl Roster {
    /// Begins with a genesis entry, which its caller trusts: it made it, or was handed it while pairing.
    ///
    /// # Errors
    /// See [`Refusal`]; what is not a genesis is [`Refusal::OtherPractice`].
    pub fn begin(genesis: &[u8]) -> Result<Self, Refusal> {
        let entry = Entry::parse(genesis)?;
        let (EntryKind::Genesis, Some(authority)) = (entry.kind, entry.authority) else {
            return Err(Refusal::OtherPractice);
        };
        entry.verify(&authority).map_err(|_| Refusal::BadSignature)?;
        let genesis = entry.hash();
        let entries = BTreeMap::from([(genesis, entry)]);
        let standing = standing(&entries);
        Ok(Self { genesis, entries, orphans: BTreeMap::new(), standing })
    }

    /// One that was put together before, out of all its entries, genesis first: none is judged again.
    ///
    /// # Errors
    /// As [`Self::begin`]; what is no entry is [`Refusal::Malformed`].
    pub fn of_accepted(entries: &[Vec<u8>]) -> Result<Self, Refusal> {
        let (genesis, others) = entries.split_first().ok_or(Refusal::Malformed)?;
        let mut roster = Self::begin(genesis)?;
        for bytes in others {
            let entry = Entry::parse(bytes)?;
            roster.entries.insert(entry.hash(), entry);
        }
        roster.settle(true);
        Ok(roster)
    }

    /// Judges an entry, and what waited for it.
    pub fn offer(&mut self, bytes: &[u8]) -> Offered {
        let verdict = self.take_bytes(bytes);
        self.settle(verdict == Offered::Added);
        verdict
    }

    /// Judges entries one after the other. What they say together is found out once.
    pub fn offer_all<'e>(&mut self, entries: impl IntoIterator<Item = &'e [u8]>) -> Vec<Offered> {
        let judged: Vec<Offered> = entries.into_iter().map(|bytes| self.take_bytes(bytes)).collect();
        self.settle(judged.contains(&Offered::Added));
        judged
    }

    /// The first of an entry's parents that is not here, as far as its beginning says; `None` of what is no entry.
    pub fn awaited(&self, bytes: &[u8]) -> Option<Hash> {
        let is_here = |parent: &Hash| self.entries.get(parent).is_some_and(|entry| !entry.is_cut());
        entry::parents_of(bytes)?.into_iter().find(|parent| !is_here(parent))
    }

    /// The entries that others may follow.
    pub fn to_follow(&self) -> BTreeSet<Hash> {
        self.entries.iter().filter(|(_, entry)| !entry.is_cut()).map(|(hash, _)| *hash).collect()
    }

    /// The practice's own name: the hash of its genesis.
    pub fn practice(&self) -> Hash {
        self.genesis
    }

    /// The devices of the practice, by id.
    pub fn live(&self) -> Vec<&DeviceCard> {
        self.standing.devices.values().collect()
    }

    /// The device of this id, while it belongs to the practice.
    pub fn device(&self, id: &DeviceId) -> Option<&DeviceCard> {
        self.standing.devices.get(id)
    }

    /// The devices that were removed, by id.
    pub fn removed(&self) -> impl Iterator<Item = &Removed> {
        self.standing.removed.values()
    }

    /// How a device was removed; `None` while it belongs to the practice, or if it never did.
    pub fn removal_of(&self, id: &DeviceId) -> Option<&Removed> {
        self.standing.removed.get(id)
    }

    /// The device of this id, whether it was removed since or not.
    pub fn card(&self, id: &DeviceId) -> Option<&DeviceCard> {
        self.standing.card(id)
    }

    /// Who reads what a device writes: the devices of the practice. One that was removed writes for itself alone.
    pub fn readers(&self, author: &DeviceId) -> Vec<&DeviceCard> {
        match self.removal_of(author) {
            Some(removed) => vec![&removed.card],
            None => self.live(),
        }
    }

    /// How far a log of a removed device is accepted: the furthest of these on each of its branches.
    pub fn cuts(&self, log: &LogId) -> impl Iterator<Item = &Cut> {
        self.cuts_of(log, EntryKind::Cut)
    }

    /// How far a log of a removed device is kept beyond its cut.
    pub fn kept(&self, log: &LogId) -> impl Iterator<Item = &Cut> {
        self.cuts_of(log, EntryKind::Kept)
    }

    /// Branches of a log on which devices of the practice say that they use them: with these it may have more than else.
    pub fn branches(&self, log: &LogId) -> impl Iterator<Item = &Cut> {
        self.standing.cuts.iter().map(|(cut, _)| cut).filter(move |cut| cut.log == *log)
    }

    /// Cuts of a log, or what was kept of it, by devices that do not belong to the practice any more.
    pub fn void_cuts(&self, log: &LogId, kind: EntryKind) -> impl Iterator<Item = &Cut> {
        let cuts = self.standing.void_cuts.iter().filter(move |(_, of)| *of == kind);
        cuts.map(|(cut, _)| cut).filter(move |cut| cut.log == *log)
    }

    fn cuts_of(&self, log: &LogId, kind: EntryKind) -> impl Iterator<Item = &Cut> {
        let cuts = self.standing.cuts.iter().filter(move |(_, of)| *of == kind);
        cuts.map(|(cut, _)| cut).filter(move |cut| cut.log == *log)
    }

    /// Removed devices whose cut this device owes: it was there when they were removed, and has said nothing yet.
    pub fn owed_cuts(&self, device: &DeviceId) -> Vec<&Removed> {
        let said = |removed: &DeviceId| {
            let mut own = self.entries.values().filter(|entry| entry.kind == EntryKind::Cut && entry.author == *device);
            own.any(|entry| entry.devices.iter().any(|card| card.id == *removed))
        };
        // A device that was admitted later held nothing of the removed one; one that the removal left out, because its
        // author thought that device removed too, did.
        let was_there = |removed: &Removed| {
            let before = order::ancestors(&self.entries, &[removed.entry]).unwrap_or_default();
            let mut admissions = before.values().filter(|entry| entry.is_admission());
            admissions.any(|entry| entry.devices.iter().any(|card| card.id == *device))
        };
        let here = self.device(device).is_some();
        self.removed().filter(|removed| here && was_there(removed) && !said(&removed.card.id)).collect()
    }

    /// How often one device has said which branches it uses of the logs of another.
    pub fn said_branches(&self, by: &DeviceId, of: &DeviceId) -> usize {
        let all = self.entries.values().filter(|entry| entry.kind == EntryKind::Branches && entry.author == *by);
        all.filter(|entry| entry.devices.iter().any(|card| card.id == *of)).count()
    }

    /// Removed devices that one more removal must name; mostly none: the keys in force are not those of the practice's devices
    /// alone, because removals did not know of each other.
    pub fn to_renew(&self) -> &[DeviceCard] {
        &self.standing.to_renew
    }

    /// Whether the keys in force are those of the practice's devices alone. Until then no device is let in.
    pub fn is_renewed(&self) -> bool {
        self.standing.to_renew.is_empty()
    }

    /// The entry that removed a device and all that it follows: what the removed device must know to believe it.
    pub fn farewell(&self, device: &DeviceId) -> Option<Vec<Vec<u8>>> {
        let removal = self.removal_of(device)?.entry;
        let known = order::ancestors(&self.entries, &[removal])?;
        Some(order::canonical(&known).into_iter().map(|(_, entry)| entry.to_bytes()).collect())
    }

    /// The hash of the genesis entry: the practice's name among its devices.
    pub fn genesis(&self) -> Hash {
        self.genesis
    }

    /// The current epoch: the last removal opened it, or genesis.
    pub fn epoch(&self) -> EpochId {
        epoch_of(&self.standing.opened)
    }

    /// The epochs that removals opened, as far as they count, the current one last; genesis opened the one before them.
    pub fn epochs(&self) -> Vec<EpochId> {
        let removals = self.standing.removals.iter().map(|(hash, _)| hash);
        std::iter::once(&self.genesis).chain(removals).map(epoch_of).collect()
    }

    /// Whether an entry here opened this epoch, whether it counts or not.
    pub fn opened(&self, epoch: &EpochId) -> bool {
        self.entries.keys().any(|entry| epoch_of(entry) == *epoch)
    }

    /// The newest epoch of which every other device is known to have heard, and whose secret is here: under it a first word is
    /// understood by each of them.
    pub fn epoch_known_to_all(&self, but: &DeviceId, known: &Epochs) -> EpochId {
        let knows = |heard: &BTreeSet<DeviceId>| self.standing.devices.keys().all(|id| id == but || heard.contains(id));
        let mut heard = self.standing.removals.iter().rev().filter(|(_, heard)| knows(heard)).map(|(hash, _)| hash);
        epoch_of(heard.find(|hash| known.contains_key(&epoch_of(hash))).unwrap_or(&self.genesis))
    }

    /// The authority's key that is in force.
    pub fn authority(&self) -> &PublicKey {
        &self.standing.authority
    }

    /// The practice as it was before removals put another authority in the place of this one. Whoever holds this one alone,
    /// because a removal handed it noise, writes a removal that follows this and stands beside those: of the two, that of a
    /// device which the other puts out is void. `None` when this authority was never in force.
    pub fn before_it_was_replaced(&self, authority: &PublicKey) -> Option<Self> {
        let mut known = Self::begin(&self.entries.get(&self.genesis)?.to_bytes()).ok()?;
        let mut left_out = BTreeSet::new();
        for (hash, entry) in order::canonical(&self.entries) {
            let follows = entry.parents.iter().any(|parent| left_out.contains(parent));
            let replaces = || {
                let before = order::ancestors(&self.entries, &entry.parents).unwrap_or_default();
                entry.kind == EntryKind::Removal && standing(&before).authority == *authority
            };
            if follows || (hash != self.genesis && replaces()) {
                left_out.insert(hash);
            } else if hash != self.genesis {
                known.take(entry.clone());
            }
        }
        known.settle(true);
        (known.authority() == authority).then_some(known)
    }

    /// Whether this is the authority in force, or was once.
    pub fn had_authority(&self, authority: &PublicKey) -> bool {
        self.entries.values().any(|entry| entry.authority.as_ref() == Some(authority))
    }

    /// The keys of the recovery kit that is in force.
    pub fn recovery_keys(&self) -> &[WrapPublic] {
        self.entries.get(&self.standing.kit).map_or(&[], |entry| &entry.recovery)
    }

    /// The keys of the recovery kit with which the practice began.
    pub fn first_recovery_keys(&self) -> &[WrapPublic] {
        self.entries.get(&self.genesis).map_or(&[], |genesis| &genesis.recovery)
    }

    /// On which device the recovery kit in force was made, and when by its clock.
    pub fn kit_made(&self) -> Option<(DeviceId, u64)> {
        self.entries.get(&self.standing.kit).map(|entry| (entry.author, entry.time))
    }

    /// The bytes of every entry that counts, genesis first and parents before children, in the same order on each device.
    pub fn entries(&self) -> Vec<Vec<u8>> {
        order::canonical(&self.entries).into_iter().map(|(_, entry)| entry.to_bytes()).collect()
    }

    /// Opens the key of the authority in force, with this device's PKK; `None` when no removal handed it over.
    pub fn open_authority(&self, device: &DeviceId, pkk: &Key<WrapRole>) -> Option<Key<AuthorityRole>> {
        self.entries.get(&self.standing.opened)?.open_authority(device, pkk)
    }

    /// Entries of kinds that this version does not know: while there are any, what this roster says may be out of date.
    pub fn unknown(&self) -> usize {
        self.entries.values().filter(|entry| matches!(entry.kind, EntryKind::Unknown(_))).count()
    }

    /// How many entries count or are void.
    pub fn size(&self) -> usize {
        self.entries.len()
    }

    /// Entries that wait.
    pub fn orphans(&self) -> usize {
        self.orphans.len()
    }

    fn take_bytes(&mut self, bytes: &[u8]) -> Offered {
        Entry::parse(bytes).map_or(Offered::Refused(Refusal::Malformed), |entry| self.take(entry))
    }

    /// Finds out what the entries say after they have become more.
    fn settle(&mut self, has_grown: bool) {
        if has_grown {
            self.bound_cuts();
            self.standing = standing(&self.entries);
        }
    }

    fn take(&mut self, entry: Entry) -> Offered {
        let hash = entry.hash();
        if self.entries.contains_key(&hash) {
            return Offered::Known;
        }
        let verdict = self.judge(&entry);
        match verdict {
            Offered::Added => {
                self.orphans.remove(&hash);
                self.entries.insert(hash, entry);
                self.release();
            }
            Offered::Orphaned if self.orphans.len() >= ORPHANS_MAX && !self.orphans.contains_key(&hash) => {
                return Offered::Refused(Refusal::TooManyOrphans);
            }
            Offered::Orphaned => drop(self.orphans.insert(hash, entry)),
            Offered::Known | Offered::Refused(_) => {}
        }
        verdict
    }

    /// Of the cuts that one device says of one other, keeps the [`CUTS_OF_ONE`] of the latest time and then the greatest hashes:
    /// the same ones in whichever order they came. They are nobody's parents, so nothing else hangs on them.
    fn bound_cuts(&mut self) {
        let mut said: BTreeMap<_, BTreeSet<(u64, Hash)>> = BTreeMap::new();
        for (hash, entry) in self.entries.iter().filter(|(_, entry)| entry.is_cut()) {
            let of = (entry.author, entry.kind.code(), entry.devices.first().map(|card| card.id));
            said.entry(of).or_default().insert((entry.time, *hash));
        }
        for beyond in said.values().flat_map(|said| said.iter().rev().skip(CUTS_OF_ONE)) {
            self.entries.remove(&beyond.1);
        }
    }

    /// Judges what waits until nothing more is let in. What is refused now is forgotten.
    fn release(&mut self) {
        loop {
            let before = self.entries.len();
            for (hash, entry) in std::mem::take(&mut self.orphans) {
                match self.judge(&entry) {
                    Offered::Added => drop(self.entries.insert(hash, entry)),
                    Offered::Orphaned => drop(self.orphans.insert(hash, entry)),
                    Offered::Known | Offered::Refused(_) => {}
                }
            }
            if self.entries.len() == before {
                return;
            }
        }
    }

    /// Whether there is room for an entry.
    fn has_room(&self, entry: &Entry) -> bool {
        let (mut all, mut own) = (entry.size(), entry.size());
        for one in self.entries.values() {
            all += one.size();
            own += if one.author == entry.author { one.size() } else { 0 };
        }
        all <= ROOM || (own <= ROOM_OF_ONE && self.standing.devices.contains_key(&entry.author))
    }

    /// What an entry is worth, by its ancestors alone, as far as there is room.
    fn judge(&self, entry: &Entry) -> Offered {
        if entry.parents.is_empty() {
            return Offered::Refused(Refusal::OtherPractice);
        }
        let Some(ancestors) = order::ancestors(&self.entries, &entry.parents) else { return Offered::Orphaned };
        // A cut is nobody's parent. It may have given its place to later ones, so whether it is here says nothing.
        if ancestors.values().any(|entry| entry.is_cut()) {
            return Offered::Orphaned;
        }
        let own = ancestors.values().filter(|before| before.author == entry.author && before.is_its_authors());
        if entry.is_its_authors() && own.count() >= ENTRIES_OF_ONE {
            return Offered::Refused(Refusal::TooManyEntries);
        }
        if !self.has_room(entry) {
            return Offered::Refused(Refusal::TooManyEntries);
        }
        let before = standing(&ancestors);
        if verify(entry, &before).is_err() {
            // A later kind may have put another authority in force: then a newer version can say, and this one cannot.
            let later = ancestors.values().any(|entry| matches!(entry.kind, EntryKind::Unknown(_)));
            return if later { Offered::Orphaned } else { Offered::Refused(Refusal::BadSignature) };
        }
        match accept(entry, &before) {
            Ok(()) => Offered::Added,
            Err(refusal) => Offered::Refused(refusal),
        }
    }
}

/// The first bytes of the hash of the entry that opened it.
fn epoch_of(entry: &Hash) -> EpochId {
    let mut id = [0; EpochId::LEN];
    id.iter_mut().zip(entry.0).for_each(|(to, from)| *to = from);
    EpochId(id)
}

#[cfg(test)]
mod tests;
