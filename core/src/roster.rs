//! Which devices belong to the practice: a set of signed entries that name their parents, begun by one genesis.
//!
//! What the roster says is a function of the entries it holds, never of the order in which they came: entries are
//! judged by their ancestors alone, and read out in one canonical order. An entry whose parents are unknown is held
//! until they come. Entries of unknown kinds are verified, kept and counted. Refused: another practice's entries, a
//! signature that is not the authority's, an author that was never admitted, a device that is there already with
//! other keys, a 17th device.

mod card;
mod entry;
mod order;
mod welcome;

use std::collections::{BTreeMap, BTreeSet};

pub use self::card::{DeviceCard, Generation, NAME_MAX};
pub use self::entry::{Cut, Entry, EntryKind, EntryWrap, MAX_DEVICES};
pub use self::welcome::{EPOCHS_MAX, Shared, WelcomeError, admission_wrap};
use crate::codec::Malformed;
use crate::id::{DeviceId, EpochId, Hash};
use crate::kem::WrapPublic;
use crate::secret::{Key, WrapRole};
use crate::sign::PublicKey;

/// The most entries that wait for their parents; a peer cannot fill memory with more.
pub const HELD_MAX: usize = 64;

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
    /// Not signed by the authority that was in force.
    #[error("a change to the list of devices was not approved with this practice's passphrase, and was not used")]
    BadSignature,
    /// Written on a device that was never admitted.
    #[error("a change to the list of devices comes from a device that was never admitted, and was not used")]
    UnknownAuthor,
    /// The device is there already, with other keys or another name.
    #[error("a device with this identity belongs to the practice already, with other keys; pair it anew")]
    OtherKeys,
    /// There are [`MAX_DEVICES`] devices.
    #[error("a practice has 16 devices at most; remove one first")]
    TooManyDevices,
    /// [`HELD_MAX`] entries wait already.
    #[error("too many changes to the list of devices came before the ones that they follow; ask for those first")]
    TooManyHeld,
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
    Held,
    /// It does not count.
    Refused(Refusal),
}

/// The validated entries of one practice, and what they say.
#[derive(Clone, Debug)]
pub struct Roster {
    genesis: Hash,
    authority: PublicKey,
    entries: BTreeMap<Hash, Entry>,
    held: BTreeMap<Hash, Entry>,
    devices: BTreeMap<DeviceId, DeviceCard>,
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
        let devices = order::devices(&entries);
        Ok(Self { genesis, authority, entries, held: BTreeMap::new(), devices })
    }

    /// Judges an entry, and what waited for it.
    pub fn offer(&mut self, bytes: &[u8]) -> Offered {
        match Entry::parse(bytes) {
            Ok(entry) => self.offer_entry(entry),
            Err(Malformed) => Offered::Refused(Refusal::Malformed),
        }
    }

    /// The practice's own name: the hash of its genesis.
    pub fn practice(&self) -> Hash {
        self.genesis
    }

    /// The entries that no other names as its parent: what the next entry names.
    pub fn heads(&self) -> BTreeSet<Hash> {
        let parents: BTreeSet<&Hash> = self.entries.values().flat_map(|entry| &entry.parents).collect();
        self.entries.keys().filter(|hash| !parents.contains(hash)).copied().collect()
    }

    /// The devices of the practice, by id.
    pub fn live(&self) -> Vec<&DeviceCard> {
        self.devices.values().collect()
    }

    /// The device of this id.
    pub fn device(&self, id: &DeviceId) -> Option<&DeviceCard> {
        self.devices.get(id)
    }

    /// The hash of the genesis entry: the practice's name among its devices.
    pub fn genesis(&self) -> Hash {
        self.genesis
    }

    /// The current epoch. Genesis opened it; no other kind that this version knows opens one.
    pub fn epoch(&self) -> EpochId {
        let mut id = [0; EpochId::LEN];
        id.iter_mut().zip(self.genesis.0).for_each(|(to, from)| *to = from);
        EpochId(id)
    }

    /// The authority's key, against which entries are verified.
    pub fn authority(&self) -> &PublicKey {
        &self.authority
    }

    /// The keys of the recovery kits.
    pub fn recovery_keys(&self) -> &[WrapPublic] {
        self.entries.get(&self.genesis).map_or(&[], |genesis| &genesis.recovery)
    }

    /// The bytes of every entry that counts, genesis first and parents before children, in the same order on each device.
    pub fn entries(&self) -> Vec<Vec<u8>> {
        order::canonical(&self.entries).into_iter().map(|(_, entry)| entry.to_bytes()).collect()
    }

    /// Opens the shared secrets that an admission handed to this device, with its DKK.
    ///
    /// # Errors
    /// [`WelcomeError::NotForThisDevice`] when no admission names the device and this key; see [`WelcomeError`].
    pub fn open_admission_wrap(&self, device: &DeviceId, dkk: &Key<WrapRole>) -> Result<Shared, WelcomeError> {
        let wraps =
            self.entries.values().filter(|entry| entry.kind == EntryKind::Admission).flat_map(|entry| &entry.wraps);
        let mut opened = Err(WelcomeError::NotForThisDevice);
        for wrap in wraps.filter(|wrap| wrap.device == *device) {
            opened = welcome::open_admission_wrap(&wrap.bytes, *device, dkk);
            if opened.is_ok() {
                break;
            }
        }
        opened
    }

    /// Entries of kinds that this version does not know: while there are any, what this roster says may be out of date.
    pub fn unknown(&self) -> usize {
        self.entries.values().filter(|entry| matches!(entry.kind, EntryKind::Unknown(_))).count()
    }

    /// Entries that wait.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    fn offer_entry(&mut self, entry: Entry) -> Offered {
        let hash = entry.hash();
        if self.entries.contains_key(&hash) {
            return Offered::Known;
        }
        let verdict = self.judge(&entry);
        match verdict {
            Offered::Added => {
                self.held.remove(&hash);
                self.entries.insert(hash, entry);
                self.release();
                self.devices = order::devices(&self.entries);
            }
            Offered::Held if self.held.len() >= HELD_MAX && !self.held.contains_key(&hash) => {
                return Offered::Refused(Refusal::TooManyHeld);
            }
            Offered::Held => drop(self.held.insert(hash, entry)),
            Offered::Known | Offered::Refused(_) => {}
        }
        verdict
    }

    /// Judges what waits until nothing more is let in. What is refused now is forgotten.
    fn release(&mut self) {
        loop {
            let before = self.entries.len();
            for (hash, entry) in std::mem::take(&mut self.held) {
                match self.judge(&entry) {
                    Offered::Added => drop(self.entries.insert(hash, entry)),
                    Offered::Held => drop(self.held.insert(hash, entry)),
                    Offered::Known | Offered::Refused(_) => {}
                }
            }
            if self.entries.len() == before {
                return;
            }
        }
    }

    /// What an entry is worth, by its ancestors alone.
    fn judge(&self, entry: &Entry) -> Offered {
        if entry.parents.is_empty() {
            return Offered::Refused(Refusal::OtherPractice);
        }
        let Some(ancestors) = order::ancestors(&self.entries, &entry.parents) else { return Offered::Held };
        if entry.verify(&self.authority).is_err() {
            // A later kind may have put another authority in force: then a newer version can say, and this one cannot.
            let later = ancestors.values().any(|entry| matches!(entry.kind, EntryKind::Unknown(_)));
            return if later { Offered::Held } else { Offered::Refused(Refusal::BadSignature) };
        }
        match Self::accept(entry, &order::devices(&ancestors)) {
            Ok(()) => Offered::Added,
            Err(refusal) => Offered::Refused(refusal),
        }
    }

    fn accept(entry: &Entry, before: &BTreeMap<DeviceId, DeviceCard>) -> Result<(), Refusal> {
        let (EntryKind::Admission, Some(admitted)) = (entry.kind, entry.devices.first()) else { return Ok(()) };
        if !before.contains_key(&entry.author) {
            return Err(Refusal::UnknownAuthor);
        }
        match before.get(&admitted.id) {
            Some(there) if there != admitted => Err(Refusal::OtherKeys),
            None if before.len() >= MAX_DEVICES => Err(Refusal::TooManyDevices),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
