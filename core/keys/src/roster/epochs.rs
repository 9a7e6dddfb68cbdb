//! Secrets of epochs: an entry that opens one commits to its secret, so that nobody, its own author neither, hands out
//! another; and each later secret opens the earlier ones.
//!
//! A secret counts when an entry of the roster, a void one too, commits to it. What is handed over beyond that is passed over:
//! epochs of which no entry is here, another secret than the committed one, bytes that do not open.

use std::collections::{BTreeMap, BTreeSet};

use subrosa_base::codec::{Malformed, Reader, Writer};
use subrosa_base::entropy::Entropy;
use subrosa_base::id::{DeviceId, EpochId, Hash};
use subrosa_base::labels;
use zeroize::Zeroizing;

use super::card::DeviceCard;
use super::entry::{EARLIER_MOST, Earlier, Entry, EntryKind, EntryWrap, OWN_EPOCH};
use super::{Roster, epoch_of, order};
use crate::secret::{EpochRole, KEY_LEN, Key, MessageRole, PracticeRole, Role, WrapRole};
use crate::wrap::{self, WrapError};
use crate::{kdf, seal};

/// The secret of an epoch, and the practice key.
type Welcome = (Key<EpochRole>, Key<PracticeRole>);

/// Secrets of epochs, by epoch.
pub type Epochs = BTreeMap<EpochId, Key<EpochRole>>;

/// Why the secrets of an admission were not taken. Nothing of them was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WelcomeError {
    /// Wrapped for another device or another key.
    #[error("this welcome is for another device, or for this one as it was before; pair the devices again")]
    NotForThisDevice,
    /// The key is right and the content is not what was wrapped.
    #[error("this welcome was changed or cut short, and nothing of it was used; pair the devices again")]
    Damaged,
    /// The secret of the current epoch is not here.
    #[error(
        "this device lacks what opens the practice as it is now, and can hand nothing on; sync it with the others first"
    )]
    NotHere,
}

impl From<WrapError> for WelcomeError {
    fn from(error: WrapError) -> Self {
        match error {
            WrapError::NotForThisKey => Self::NotForThisDevice,
            _ => Self::Damaged,
        }
    }
}

impl From<Malformed> for WelcomeError {
    fn from(_: Malformed) -> Self {
        Self::Damaged
    }
}

/// What an admission hands to the new device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// The secret of an epoch, and the practice key, wrapped to the device's DKK.
    pub wrap: Vec<u8>,
    /// The epochs that this secret opens by no entry of the roster yet.
    pub earlier: Earlier,
}

impl HandedOver {
    /// The secret of an epoch, which opens those of these earlier ones too, and VK, for this device.
    pub fn new<'k>(
        device: &DeviceCard,
        (under, secret): (EpochId, &Key<EpochRole>),
        earlier: impl IntoIterator<Item = (&'k EpochId, &'k Key<EpochRole>)>,
        practice: &Key<PracticeRole>,
        entropy: &mut dyn Entropy,
    ) -> Self {
        let payload = Zeroizing::new([secret.expose().as_slice(), practice.expose()].concat());
        let wrap = wrap::wrap(&device.dkk, &admission_context(device.id), &payload, entropy);
        Self { wrap, earlier: Earlier { under, sealed: seal_earlier(secret, earlier, entropy) } }
    }
}

impl Roster {
    /// What an admission hands to this device: the current epoch's secret, and with it all others that are known, and VK.
    ///
    /// # Errors
    /// [`WelcomeError::NotHere`].
    pub fn hand_over(
        &self,
        device: &DeviceCard,
        known: &Epochs,
        practice: &Key<PracticeRole>,
        entropy: &mut dyn Entropy,
    ) -> Result<HandedOver, WelcomeError> {
        let under =
            self.epochs().into_iter().rev().find(|epoch| known.contains_key(epoch)).ok_or(WelcomeError::NotHere)?;
        let secret = known.get(&under).ok_or(WelcomeError::NotHere)?;
        let loose = self.loose_epochs(known, Some(under));
        let handed = loose.iter().filter_map(|epoch| Some((epoch, known.get(epoch)?)));
        Ok(HandedOver::new(device, (under, secret), handed, practice, entropy))
    }

    /// The practice key that an admission handed to this device, with its DKK.
    ///
    /// # Errors
    /// [`WelcomeError::NotForThisDevice`] when no admission names the device and this key; see [`WelcomeError`].
    pub fn open_welcome(&self, device: &DeviceId, dkk: &Key<WrapRole>) -> Result<Key<PracticeRole>, WelcomeError> {
        let mut opened = Err(WelcomeError::NotForThisDevice);
        for entry in self.entries.values() {
            match entry.open_admission(device, dkk) {
                Some(Ok((_, practice))) => return Ok(practice),
                Some(Err(error)) => opened = Err(error),
                None => {}
            }
        }
        opened
    }

    /// The secrets that entries hand to this device, and those that they open, but for the ones that are known.
    pub fn open_epochs(&self, device: &DeviceId, dkk: &Key<WrapRole>, known: &Epochs) -> Epochs {
        let mut found = Epochs::new();
        for (hash, entry) in &self.entries {
            let epoch = epoch_of(hash);
            if entry.commitment.is_some() && !known.contains_key(&epoch) {
                found.extend(entry.open_epoch(device, dkk).map(|secret| (epoch, secret)));
            }
            let under = entry.earlier.as_ref().map(|earlier| earlier.under).filter(|under| *under != OWN_EPOCH);
            if let Some(epoch) = under.filter(|epoch| !known.contains_key(epoch) && !found.contains_key(epoch))
                && let Some(Ok((secret, _))) = entry.open_admission(device, dkk)
                && self.commits(&epoch, &secret)
            {
                found.insert(epoch, secret);
            }
        }
        self.follow_links(known, found)
    }

    /// Epochs that entries here opened and of which no secret is known.
    pub fn lacking_epochs(&self, known: &Epochs) -> Vec<EpochId> {
        let opened = self.entries.iter().filter(|(_, entry)| entry.commitment.is_some());
        opened.map(|(hash, _)| epoch_of(hash)).filter(|epoch| !known.contains_key(epoch)).collect()
    }

    /// The epoch from whose secret the keys of the practice's contact card follow: that of the last removal that counts and whose
    /// devices were lost, and before one that of genesis.
    pub fn contact_epoch(&self) -> EpochId {
        epoch_of(&self.standing.contact)
    }

    /// Every epoch from whose secret keys of a contact card followed, or may have been believed to for a while.
    pub fn contact_epochs(&self) -> Vec<EpochId> {
        let lost = |entry: &Entry| entry.kind == EntryKind::Removal && !entry.keeps_card;
        let removals = self.entries.iter().filter(|(_, entry)| lost(entry)).map(|(hash, _)| hash);
        std::iter::once(&self.genesis).chain(removals).map(epoch_of).collect()
    }

    /// Whether an entry here commits to this secret of this epoch.
    pub fn commits(&self, epoch: &EpochId, secret: &Key<EpochRole>) -> bool {
        self.opener(epoch).is_some_and(|entry| entry.commits_to(secret))
    }

    /// The entry that opened an epoch, whether it counts or not.
    fn opener(&self, epoch: &EpochId) -> Option<&Entry> {
        let mut least = [0; Hash::LEN];
        least.iter_mut().zip(epoch.0).for_each(|(to, from)| *to = from);
        let (hash, entry) = self.entries.range(Hash(least)..).next()?;
        (epoch_of(hash) == *epoch).then_some(entry)
    }

    /// Opens what the secrets found open, until there is nothing more.
    fn follow_links(&self, known: &Epochs, mut found: Epochs) -> Epochs {
        let mut links: Vec<(EpochId, &[u8])> =
            self.entries.iter().filter_map(|(hash, entry)| link(hash, entry)).collect();
        loop {
            let (mut waiting, before) = (Vec::new(), found.len());
            for (under, sealed) in links {
                let Some(secret) = known.get(&under).or_else(|| found.get(&under)) else {
                    waiting.push((under, sealed));
                    continue;
                };
                let opened = open_earlier(secret, sealed).unwrap_or_default();
                found.extend(
                    opened
                        .into_iter()
                        .filter(|(epoch, secret)| !known.contains_key(epoch) && self.commits(epoch, secret)),
                );
            }
            if found.len() == before || waiting.is_empty() {
                return found;
            }
            links = waiting;
        }
    }

    /// Of the epochs known, those that must be handed over so that all can be opened: what the others open need not be, nor
    /// what `from` opens. Those that count come first, then the latest; where there are more than an entry may hand on, the rest is
    /// handed over when somebody says that it is lacking.
    pub(super) fn loose_epochs(&self, known: &Epochs, from: Option<EpochId>) -> Vec<EpochId> {
        let mut links: BTreeMap<EpochId, Vec<EpochId>> = BTreeMap::new();
        for (under, sealed) in self.entries.iter().filter_map(|(hash, entry)| link(hash, entry)) {
            let opened = known.get(&under).and_then(|secret| open_earlier(secret, sealed).ok()).unwrap_or_default();
            let committed = opened.into_iter().filter(|(epoch, secret)| self.commits(epoch, secret));
            links.entry(under).or_default().extend(committed.map(|(epoch, _)| epoch));
        }
        let mut reached = BTreeSet::new();
        reach(&links, from, &mut reached);
        let mut loose = Vec::new();
        let all = order::canonical(&self.entries);
        let latest = all.iter().rev().map(|(hash, _)| epoch_of(hash));
        for epoch in self.epochs().into_iter().rev().chain(latest) {
            if known.contains_key(&epoch) && !reached.contains(&epoch) {
                loose.push(epoch);
                reach(&links, Some(epoch), &mut reached);
            }
        }
        loose.truncate(EARLIER_MOST);
        loose
    }
}

impl Entry {
    /// Whether this is the secret of the epoch that it opens.
    pub(super) fn commits_to(&self, secret: &Key<EpochRole>) -> bool {
        self.commitment == Some(commitment(secret))
    }

    /// What an admission hands to this device; `None` when it is another's.
    fn open_admission(&self, device: &DeviceId, dkk: &Key<WrapRole>) -> Option<Result<Welcome, WelcomeError>> {
        let mut wraps = self.wraps.iter();
        let wrap = wraps.find(|wrap| wrap.purpose == EntryWrap::ADMISSION && wrap.device == *device)?;
        Some(open_admission_wrap(&wrap.bytes, *device, dkk))
    }
}

/// What follows from an epoch's secret, and tells nothing of it.
pub(super) fn commitment(secret: &Key<EpochRole>) -> Hash {
    kdf::hash(labels::EPOCH, &[secret.expose()])
}

/// Seals the secrets of these epochs under that of a later one.
pub(super) fn seal_earlier<'k>(
    under: &Key<EpochRole>,
    earlier: impl IntoIterator<Item = (&'k EpochId, &'k Key<EpochRole>)>,
    entropy: &mut dyn Entropy,
) -> Vec<u8> {
    let secrets: Vec<_> = earlier.into_iter().collect();
    let mut writer = Writer::with_capacity(4 + secrets.len() * (EpochId::LEN + KEY_LEN));
    writer.list(&secrets, |writer, (epoch, secret)| {
        writer.bytes(&epoch.0).bytes(secret.expose());
    });
    let plain = Zeroizing::new(writer.finish());
    seal::seal(&earlier_key(under), labels::EPOCH_EARLIER, &plain, entropy)
}

fn open_earlier(under: &Key<EpochRole>, sealed: &[u8]) -> Result<Vec<(EpochId, Key<EpochRole>)>, Malformed> {
    let plain = seal::open(&earlier_key(under), labels::EPOCH_EARLIER, sealed).map_err(|_| Malformed)?;
    let mut reader = Reader::new(&plain);
    let secrets = reader.list(plain.len(), |reader| Ok((EpochId(reader.array()?), read_key(reader)?)))?;
    reader.finish()?;
    Ok(secrets)
}

fn earlier_key(under: &Key<EpochRole>) -> Key<MessageRole> {
    kdf::derive(under, labels::EPOCH_EARLIER, b"")
}

fn open_admission_wrap(wrapped: &[u8], device: DeviceId, dkk: &Key<WrapRole>) -> Result<Welcome, WelcomeError> {
    let payload = wrap::unwrap(dkk, &admission_context(device), wrapped)?;
    let mut reader = Reader::new(&payload);
    let (secret, practice) = (read_key(&mut reader)?, read_key(&mut reader)?);
    reader.finish()?;
    Ok((secret, practice))
}

/// Which epoch's secret opens what an entry hands on, and what that is.
fn link<'a>(hash: &Hash, entry: &'a Entry) -> Option<(EpochId, &'a [u8])> {
    let earlier = entry.earlier.as_ref()?;
    let under = if earlier.under == OWN_EPOCH { epoch_of(hash) } else { earlier.under };
    Some((under, &earlier.sealed))
}

fn reach(links: &BTreeMap<EpochId, Vec<EpochId>>, from: Option<EpochId>, reached: &mut BTreeSet<EpochId>) {
    let mut next: Vec<EpochId> = from.into_iter().collect();
    while let Some(epoch) = next.pop() {
        if reached.insert(epoch) {
            next.extend(links.get(&epoch).into_iter().flatten());
        }
    }
}

fn read_key<R: Role>(reader: &mut Reader<'_>) -> Result<Key<R>, Malformed> {
    Key::from_slice(reader.bytes(KEY_LEN)?).ok_or(Malformed)
}

fn admission_context(device: DeviceId) -> Vec<u8> {
    [labels::ADMISSION, &device.0].concat()
}
