//! Founding: a vault in an empty store, with the keys that a device makes for itself and the first rows.
//!
//! What a vault begins with differs (a new practice, a device that joins one, a backup that becomes a device); how it is
//! written down does not.

use crate::kdf::StrengthError;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::entropy::Entropy;
use crate::id::EpochId;
use crate::kdf::{Policy, Strength};
use crate::kem::WrapPublic;
use crate::log::Item;
use crate::roster::{DeviceCard, Generation, Roster};
use crate::rows::{One, RowError, Rows};
use crate::secret::{EpochRole, Key, Passphrase, PracticeRole, WrapRole};
use crate::sign::Signer;
use crate::state::State;
use crate::store::{Store, StoreError, Table};
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::{BootRows, Core, KeyBox, OwnLogs, ReauthBox, Slots, Transaction, slot};
use crate::vault::registry::NewcomerAt;
use crate::vault::{FORMAT, Millis};

/// What a new practice, or a device that joins one, is made with.
pub struct NewVault<'a> {
    /// Where the file lies; `None` in memory. For the anchor beside it, and to give room back.
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

/// The keys that a device makes for itself.
pub(crate) struct DeviceKeys {
    pub(crate) boxes: KeyBox,
    pub(crate) process: Key<WrapRole>,
    pub(crate) process_generation: Generation,
}

impl DeviceKeys {
    pub(crate) fn fresh(entropy: &mut dyn Entropy) -> Self {
        Self {
            boxes: KeyBox::fresh(entropy),
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
pub(crate) struct Beginning {
    pub(crate) boxes: KeyBox,
    pub(crate) reauth: ReauthBox,
    pub(crate) roster: Roster,
    pub(crate) epochs: BTreeMap<EpochId, Key<EpochRole>>,
    pub(crate) practice: Key<PracticeRole>,
}

/// Why there is no new vault.
pub(crate) enum FoundingError {
    Row(RowError),
    Strength(StrengthError),
}

impl<E: Into<RowError>> From<E> for FoundingError {
    fn from(error: E) -> Self {
        Self::Row(error.into())
    }
}

/// Writes a new vault's slots and first rows in one transaction, then the roster into its log.
pub(crate) fn found(
    store: Box<dyn Store>,
    new: &NewVault<'_>,
    beginning: Beginning,
    recovery: &WrapPublic,
    mut entropy: Box<dyn Entropy>,
) -> Result<Core, FoundingError> {
    if store.len(Table::Slots)? != 0 {
        return Err(StoreError::Exists.into());
    }
    let Beginning { boxes, reauth, roster, epochs, practice } = beginning;
    let slots =
        Slots { recovery: recovery.clone(), policy: new.policy, strength: new.strength, passphrase: new.passphrase };
    let mut slots = slots.make(&boxes, &reauth, &mut *entropy).map_err(FoundingError::Strength)?;
    slots.batch.put(Table::Slots, slot("about"), FORMAT.to_le_bytes());
    let logs = OwnLogs::fresh(Signer::new(&boxes.signing).public_key().device_id(), &mut *entropy);
    let rows = Rows::new(store, &boxes.rows);
    let (state, pending) = (State::default(), BTreeSet::new());
    let boot = BootRows { state, roster, epochs, practice, logs, pending, is_vital_changed: false };
    let mut core = Core::assemble(rows, boot, boxes, slots.local, (new.path.clone(), new.policy), entropy);
    let mut tx = Transaction { batch: slots.batch, ..Transaction::default() };
    core.put_boot_rows(&mut tx);
    core.remember_kit(&mut tx, recovery)?;
    if core.memory.roster.size() > 1 {
        tx.put(&NewcomerAt(), &One(0));
    }
    core.write(tx)?;
    announce_roster(&mut core)?;
    Ok(core)
}

/// Puts the roster's entries into this device's log, for devices that come later.
fn announce_roster(core: &mut Core) -> Result<(), RowError> {
    let mut out = Outbox::everyday();
    out.keyring.extend(core.memory.roster.entries().into_iter().map(Item::roster));
    commit(core, Transaction::default(), out)
}
