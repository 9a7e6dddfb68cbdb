//! What a removal and a cut consist of: who goes, what those who stay are handed, and which of their own keys signed it.
//!
//! Every device of the practice holds the authority's key, the one that is removed too. So a removal is signed by the
//! device that it was made on as well: whoever holds a lost device can remove others in its name alone, never in that of
//! a device that stays. So is an admission: in the name of an older device, and dated back, it would make a device the elder
//! of those that were there before it. A cut is signed by its device only: it says what that device held, and asks for no passphrase.

use std::collections::BTreeSet;

use subrosa_base::entropy::Entropy;
use subrosa_base::id::{DeviceId, EpochId, Hash};
use subrosa_base::labels;
use zeroize::Zeroizing;

use super::Roster;
use super::card::DeviceCard;
use super::entry::{CUTS_MAX, Cut, Earlier, Entry, EntryKind, EntryWrap, OWN_EPOCH, PARENTS_MAX};
use super::epochs::{self, Epochs};
use crate::secret::{AuthorityRole, EpochRole, Key, WrapRole};
use crate::sign::{BadSignature, PublicKey, Signature, Signer};
use crate::wrap;

/// Wraps for each device that stays: the new epoch's secret, and the new authority's key.
pub fn removal_wraps(
    stay: &[&DeviceCard],
    epoch: &Key<EpochRole>,
    authority: &Key<AuthorityRole>,
    entropy: &mut dyn Entropy,
) -> Vec<EntryWrap> {
    let mut wraps = Vec::with_capacity(2 * stay.len());
    for card in stay {
        let bytes = wrap::wrap(&card.dkk, &context(labels::REMOVAL, card.id), epoch.expose(), entropy);
        wraps.push(EntryWrap { device: card.id, purpose: EntryWrap::EPOCH, bytes });
        let bytes = wrap::wrap(&card.pkk, &context(labels::REMOVAL_AUTHORITY, card.id), authority.expose(), entropy);
        wraps.push(EntryWrap { device: card.id, purpose: EntryWrap::AUTHORITY, bytes });
    }
    wraps
}

/// Why a device is removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gone {
    /// It is not in the therapist's hands, or may not be: nothing of it counts any more, and colleagues get a new contact card.
    #[default]
    Lost,
    /// It is at hand and only not used any more: the practice keeps its contact card.
    Retired,
}

/// A removal, and what it brings.
pub struct NewKeys {
    /// The entry.
    pub entry: Vec<u8>,
    /// The secret of the epoch that it opens.
    pub epoch: Key<EpochRole>,
    /// The authority's new key.
    pub authority: Key<AuthorityRole>,
}

impl Roster {
    /// Removes these devices: new keys for all who stay, and the epochs that there were. When they are lost, the practice has a
    /// new contact card too.
    pub fn remove(
        &self,
        (why, gone): (Gone, Vec<DeviceCard>),
        known: &Epochs,
        by: &SignedBy<'_>,
        time: u64,
        entropy: &mut dyn Entropy,
    ) -> NewKeys {
        let (epoch, authority) = (Key::<EpochRole>::random(entropy), Key::<AuthorityRole>::random(entropy));
        let mut stay = self.live();
        stay.retain(|card| !gone.iter().any(|gone| gone.id == card.id));
        let wraps = removal_wraps(&stay, &epoch, &authority, entropy);
        let loose = self.loose_epochs(known, None);
        let handed = loose.iter().filter_map(|epoch| Some((epoch, known.get(epoch)?)));
        let new = NewEpoch::new(&epoch, handed, Signer::new(&authority).public_key(), entropy);
        let new = NewEpoch { keeps_card: why == Gone::Retired, ..new };
        let entry = Entry::removal(time, self.heads(), gone, wraps, new, by);
        NewKeys { entry, epoch, authority }
    }
}

/// What a removal puts in force.
#[derive(Clone)]
pub struct NewEpoch {
    /// What follows from the secret of the epoch that it opens.
    pub commitment: Hash,
    /// The epochs that there were, sealed under that secret.
    pub earlier: Vec<u8>,
    /// The authority's new public key.
    pub authority: PublicKey,
    /// The practice keeps its contact card, since the devices that go are not lost.
    pub keeps_card: bool,
}

impl NewEpoch {
    /// An epoch of this secret, which opens those of these earlier ones.
    pub fn new<'k>(
        secret: &Key<EpochRole>,
        earlier: impl IntoIterator<Item = (&'k EpochId, &'k Key<EpochRole>)>,
        authority: PublicKey,
        entropy: &mut dyn Entropy,
    ) -> Self {
        Self {
            commitment: epochs::commitment(secret),
            earlier: epochs::seal_earlier(secret, earlier, entropy),
            authority,
            keeps_card: false,
        }
    }
}

/// Who writes an admission, a removal, or a change of the recovery kit: the device's own key, and the authority that is in force until then.
pub struct SignedBy<'a> {
    /// DSK of the device on which it is made: in its name, and in no other.
    pub device: &'a Signer,
    /// VAK, which a removal replaces.
    pub authority: &'a Signer,
}

impl Entry {
    /// Removes devices. `wraps` are made by [`removal_wraps`] for all that stay.
    pub fn removal(
        time: u64,
        heads: impl IntoIterator<Item = Hash>,
        gone: Vec<DeviceCard>,
        wraps: Vec<EntryWrap>,
        new: NewEpoch,
        by: &SignedBy<'_>,
    ) -> Vec<u8> {
        let author = by.device.public_key().device_id();
        let unsigned = Self {
            parents: parents(heads),
            author,
            devices: gone,
            wraps,
            authority: Some(new.authority),
            keeps_card: new.keeps_card,
            commitment: Some(new.commitment),
            earlier: Some(Earlier { under: OWN_EPOCH, sealed: new.earlier }),
            ..Self::blank(EntryKind::Removal, time)
        };
        unsigned.signed_by_author(by.device).signed(by.authority).to_bytes()
    }

    /// Says how far the logs of a removed device are accepted: as this device held them when it learned of the removal, or,
    /// of kind [`EntryKind::Kept`], as its owner chose to keep of what came later; of kind [`EntryKind::Branches`], which branches
    /// of the logs of a device this one uses.
    pub fn cut(
        kind: EntryKind,
        time: u64,
        heads: impl IntoIterator<Item = Hash>,
        of: DeviceCard,
        cuts: Vec<Cut>,
        device: &Signer,
    ) -> Vec<u8> {
        let unsigned = Self {
            parents: parents(heads),
            author: device.public_key().device_id(),
            devices: vec![of],
            cuts: cuts.into_iter().take(CUTS_MAX).collect(),
            ..Self::blank(kind, time)
        };
        let signature = device.sign(labels::ROSTER_DEVICE, &unsigned.message());
        Self { signature, ..unsigned }.to_bytes()
    }

    /// Whether a cut is signed by this device.
    pub(super) fn verify_device(&self, device: &PublicKey) -> Result<(), BadSignature> {
        device.verify(labels::ROSTER_DEVICE, &self.message(), &self.signature)
    }

    /// Whether an admission, a removal, or a change of the recovery kit is signed by this device too.
    pub(super) fn verify_author(&self, device: &PublicKey) -> Result<(), BadSignature> {
        let own = self.wraps.iter().find(|wrap| wrap.purpose == EntryWrap::AUTHOR).ok_or(BadSignature)?;
        let signature = Signature::from_slice(&own.bytes).ok_or(BadSignature)?;
        device.verify(labels::ROSTER_DEVICE, &self.without_author().message(), &signature)
    }

    pub(super) fn signed_by_author(mut self, device: &Signer) -> Self {
        let signature = device.sign(labels::ROSTER_DEVICE, &self.message());
        let bytes = signature.0.to_vec();
        self.wraps.push(EntryWrap { device: self.author, purpose: EntryWrap::AUTHOR, bytes });
        self
    }

    fn without_author(&self) -> Self {
        let wraps = self.wraps.iter().filter(|wrap| wrap.purpose != EntryWrap::AUTHOR).cloned().collect();
        Self { wraps, ..self.clone() }
    }

    /// The devices that a removal leaves in the practice.
    pub(super) fn stay(&self) -> BTreeSet<DeviceId> {
        self.wraps.iter().filter(|wrap| wrap.purpose == EntryWrap::EPOCH).map(|wrap| wrap.device).collect()
    }

    pub(super) fn removes(&self, device: &DeviceId) -> bool {
        self.kind == EntryKind::Removal && self.devices.iter().any(|card| card.id == *device)
    }

    pub(super) fn is_removal_in_form(&self) -> bool {
        let gone: BTreeSet<DeviceId> = self.devices.iter().map(|card| card.id).collect();
        let wraps: BTreeSet<(DeviceId, u8)> = self.wraps.iter().map(|wrap| (wrap.device, wrap.purpose)).collect();
        let stay = self.stay();
        let due = stay.iter().flat_map(|device| [(*device, EntryWrap::EPOCH), (*device, EntryWrap::AUTHORITY)]);
        let due: BTreeSet<(DeviceId, u8)> = due.chain([(self.author, EntryWrap::AUTHOR)]).collect();
        let once = gone.len() == self.devices.len() && wraps.len() == self.wraps.len();
        let alone = self.cuts.is_empty() && self.recovery.is_empty() && self.authority.is_some();
        let hands_on = self.earlier.as_ref().is_some_and(|earlier| earlier.under == OWN_EPOCH);
        let opens = self.commitment.is_some() && hands_on;
        let apart = stay.contains(&self.author) && gone.is_disjoint(&stay);
        once && alone && opens && apart && wraps == due && !gone.is_empty() && !self.parents.is_empty()
    }

    pub(super) fn is_cut_in_form(&self, removed: &DeviceCard) -> bool {
        let theirs = self.cuts.iter().all(|cut| cut.log.device() == removed.id);
        let alone =
            self.wraps.is_empty() && self.authority.is_none() && self.recovery.is_empty() && self.opens_nothing();
        theirs && alone && self.author != removed.id && !self.parents.is_empty()
    }

    /// Whether it says nothing of epochs.
    pub(super) fn opens_nothing(&self) -> bool {
        self.commitment.is_none() && self.earlier.is_none()
    }

    /// Opens the epoch's secret that a removal hands to this device, with its DKK: the one that it commits to, and no other.
    pub(super) fn open_epoch(&self, device: &DeviceId, dkk: &Key<WrapRole>) -> Option<Key<EpochRole>> {
        let secret = Key::from_slice(&self.open_wrap(device, EntryWrap::EPOCH, labels::REMOVAL, dkk)?)?;
        self.commits_to(&secret).then_some(secret)
    }

    /// Opens the authority's key that a removal hands to this device, with its PKK.
    pub(super) fn open_authority(&self, device: &DeviceId, pkk: &Key<WrapRole>) -> Option<Key<AuthorityRole>> {
        let payload = self.open_wrap(device, EntryWrap::AUTHORITY, labels::REMOVAL_AUTHORITY, pkk)?;
        let key = Key::<AuthorityRole>::from_slice(&payload)?;
        (Some(Signer::new(&key).public_key()) == self.authority).then_some(key)
    }

    fn open_wrap(
        &self,
        device: &DeviceId,
        purpose: u8,
        label: &[u8],
        seed: &Key<WrapRole>,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let wrap = self.wraps.iter().find(|wrap| wrap.device == *device && wrap.purpose == purpose)?;
        wrap::unwrap(seed, &context(label, *device), &wrap.bytes).ok()
    }
}

/// A head beyond the limit stays a head until the next entry: nothing is lost by leaving it out here.
pub(super) fn parents(heads: impl IntoIterator<Item = Hash>) -> Vec<Hash> {
    let parents: BTreeSet<Hash> = heads.into_iter().collect();
    parents.into_iter().take(PARENTS_MAX).collect()
}

fn context(label: &[u8], device: DeviceId) -> Vec<u8> {
    [label, &device.0].concat()
}
