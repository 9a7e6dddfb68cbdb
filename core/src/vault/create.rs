//! Making a vault: the keys that a device makes for itself, and the first transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::entropy::Entropy;
use crate::id::{DeviceId, EpochId, LogId};
use crate::kdf::{Policy, Strength};
use crate::kem::WrapPublic;
use crate::roster::{DeviceCard, Entry, Generation, Roster};
use crate::rows::Rows;
use crate::secret::{AuthorityRole, EpochRole, Key, Passphrase, PracticeRole, RecoveryRole, WrapRole};
use crate::sign::Signer;
use crate::state::State;
use crate::store::{Store, StoreError, Table};
use crate::vault::boxes::{AgainBox, KeyBox};
use crate::vault::open::FORMAT;
use crate::vault::own_slots::{Slots, slot};
use crate::vault::parts::Parts;
use crate::vault::{Millis, Vault, VaultError};

/// What a new practice, or a device that joins one, is made with.
pub struct NewVault<'a> {
    /// Where the file lies; `None` in memory. Only used for the anchor beside it.
    pub path: Option<PathBuf>,
    /// Its passphrase.
    pub passphrase: &'a Passphrase,
    /// What one guess shall cost.
    pub strength: Strength,
    /// Real, or tests.
    pub policy: Policy,
    /// What the other devices call this one.
    pub device_name: &'a str,
    /// The time.
    pub now: Millis,
}

/// A practice just made.
pub struct Created {
    /// The unlocked practice.
    pub vault: Vault,
    /// The seed for the recovery kit: shown once, kept nowhere.
    pub kit: Key<RecoveryRole>,
}

impl Vault {
    /// A new practice in an empty store.
    pub fn create(
        store: Box<dyn Store>,
        new: &NewVault<'_>,
        mut entropy: Box<dyn Entropy>,
    ) -> Result<Created, VaultError> {
        let keys = DeviceKeys::fresh(new, &mut *entropy);
        let kit = Key::<RecoveryRole>::random(&mut *entropy);
        let authority = Key::<AuthorityRole>::random(&mut *entropy);
        let card = keys.card(new.device_name);
        let genesis = Entry::genesis(new.now, card, vec![WrapPublic::of(&kit)], &Signer::new(&authority));
        let roster = Roster::begin(&genesis).map_err(|_| VaultError::Damaged)?;
        let epochs = BTreeMap::from([(roster.epoch(), Key::random(&mut *entropy))]);
        let again = AgainBox { authority, generation: keys.process_generation, process: keys.process };
        let practice = Key::random(&mut *entropy);
        let made = Made { boxes: keys.boxes, again, roster, epochs, practice };
        Ok(Created { vault: Self::found(store, new, made, &WrapPublic::of(&kit), entropy)?, kit })
    }

    /// Writes a new vault's slots and first rows in one transaction.
    pub(crate) fn found(
        store: Box<dyn Store>,
        new: &NewVault<'_>,
        made: Made,
        recovery: &WrapPublic,
        mut entropy: Box<dyn Entropy>,
    ) -> Result<Self, VaultError> {
        if store.len(Table::Slots)? != 0 {
            return Err(StoreError::Exists.into());
        }
        let Made { boxes, again, roster, epochs, practice } = made;
        let slots = Slots {
            recovery: recovery.clone(),
            policy: new.policy,
            strength: new.strength,
            passphrase: new.passphrase,
        };
        let mut slots = slots.make(&boxes, &again, &mut *entropy)?;
        slots.batch.put(Table::Slots, slot("about"), FORMAT.to_le_bytes());
        let log = new_log(Signer::new(&boxes.signing).public_key().device_id(), &mut *entropy);
        let rows = Rows::new(store, &boxes.rows, entropy);
        let parts = Parts { state: State::default(), roster, epochs, practice, log, pending: BTreeSet::new() };
        let mut vault = Self::assemble(rows, parts, boxes, slots.local, new.path.clone(), new.policy);
        let mut first = vault.first_rows();
        vault.remember_sealed_to(recovery, &mut first)?;
        vault.rows.commit_with(&mut vault.state, first, slots.batch)?;
        vault.announce_roster()?;
        vault.write_anchor();
        Ok(vault)
    }
}

/// The keys that a device makes for itself.
pub(crate) struct DeviceKeys {
    pub(crate) boxes: KeyBox,
    pub(crate) process: Key<WrapRole>,
    pub(crate) process_generation: Generation,
}

impl DeviceKeys {
    pub(crate) fn fresh(new: &NewVault<'_>, entropy: &mut dyn Entropy) -> Self {
        Self {
            boxes: KeyBox::fresh(new.now, entropy),
            process: Key::random(entropy),
            process_generation: crate::entropy::random(entropy),
        }
    }

    pub(crate) fn card(&self, name: &str) -> DeviceCard {
        let signing = Signer::new(&self.boxes.signing).public_key();
        let everyday = (self.boxes.generation, WrapPublic::of(&self.boxes.wrap));
        DeviceCard::new(signing, everyday, (self.process_generation, WrapPublic::of(&self.process)), name)
    }
}

/// What a new vault begins with.
pub(crate) struct Made {
    pub(crate) boxes: KeyBox,
    pub(crate) again: AgainBox,
    pub(crate) roster: Roster,
    pub(crate) epochs: BTreeMap<EpochId, Key<EpochRole>>,
    pub(crate) practice: Key<PracticeRole>,
}

pub(crate) fn new_log(device: DeviceId, entropy: &mut dyn Entropy) -> LogId {
    let mut id = [0; LogId::LEN];
    let (name, incarnation) = id.split_at_mut(DeviceId::LEN);
    name.copy_from_slice(&device.0);
    entropy.fill(incarnation);
    LogId(id)
}
