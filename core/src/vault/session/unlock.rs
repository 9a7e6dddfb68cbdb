//! Opening a vault's file, unlocking it with the passphrase, and recovering it with the kit.

use std::path::PathBuf;

use crate::entropy::Entropy;
use crate::kdf::{Policy, Strength};
use crate::kem::WrapPublic;
use crate::roster::Generation;
use crate::rows::RowError;
use crate::rows::{Changes, Listed, Row, Rows, Stored};
use crate::secret::{Key, LocalRole, Passphrase, ReauthRole, RecoveryRole};
use crate::sign::Signer;
use crate::slots::{PassphraseSlot, RecoverySlot};
use crate::store::{Batch, Keystore, Store, StoreError, Table};
use crate::vault::core::{BootRows, Core, KeyBox, MadeSlots, ReauthBox, Slots, read_slot, slot};
use crate::vault::items::boot::own_roster;
use crate::vault::registry::RosterAt;
use crate::vault::session::UnlockError;
use crate::vault::session::migrate::{self, MIGRATIONS, Migration};
use crate::vault::{Millis, Vault};

/// A vault whose file is held and whose keys are not.
pub struct LockedVault {
    store: Box<dyn Store>,
    path: Option<PathBuf>,
    policy: Policy,
    entropy: Box<dyn Entropy>,
    migrations: &'static [Migration],
    keystore: Option<Box<dyn Keystore>>,
}

/// A vault that did not unlock, and why; the vault is still held.
pub struct StillLocked {
    /// The vault, to try again with.
    pub vault: LockedVault,
    /// Why it did not unlock.
    pub error: UnlockError,
}

impl std::fmt::Debug for StillLocked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StillLocked({:?})", self.error)
    }
}

impl LockedVault {
    /// A vault of this version's format, held and locked.
    pub(super) fn current(
        store: Box<dyn Store>,
        (path, policy): (Option<PathBuf>, Policy),
        entropy: Box<dyn Entropy>,
        keystore: Option<Box<dyn Keystore>>,
    ) -> Self {
        Self { store, path, policy, entropy, migrations: MIGRATIONS, keystore }
    }

    /// Takes a store that holds a vault.
    pub fn open(
        store: Box<dyn Store>,
        path: Option<PathBuf>,
        policy: Policy,
        entropy: Box<dyn Entropy>,
    ) -> Result<Self, UnlockError> {
        let about = store.read(Table::Slots, &slot("about"))?.ok_or(StoreError::NotAVault)?;
        migrate::readable(&about, MIGRATIONS)?;
        Ok(Self::current(store, (path, policy), entropy, None))
    }

    /// The same, with the platform's keystore: what lies there notices an older copy that was put back with the file beside it.
    #[must_use]
    pub fn with_keystore(self, keystore: Option<Box<dyn Keystore>>) -> Self {
        Self { keystore, ..self }
    }

    /// The same, with migrations that only a test has.
    #[cfg(test)]
    pub(crate) fn open_with(
        store: Box<dyn Store>,
        path: Option<PathBuf>,
        entropy: Box<dyn Entropy>,
        migrations: &'static [Migration],
    ) -> Result<Self, UnlockError> {
        let about = read_slot(&*store, "about")?;
        migrate::readable(&about, migrations)?;
        Ok(Self { store, path, policy: Policy::Tests, entropy, migrations, keystore: None })
    }

    /// The store itself, to be changed from outside.
    #[cfg(test)]
    pub(crate) fn into_store_for_tests(self) -> Box<dyn Store> {
        self.store
    }

    /// Opens the slot with the passphrase, then everything that hangs on it.
    pub fn unlock(self, passphrase: &Passphrase, now: Millis) -> Result<Vault, StillLocked> {
        match self.keys(passphrase) {
            Ok((local, reauth)) => self.unlock_with(local, &reauth, now),
            Err(error) => Err(StillLocked { vault: self, error }),
        }
    }

    /// Gives the practice a new passphrase by means of the recovery kit, and opens it.
    pub fn recover(
        mut self,
        kit: &Key<RecoveryRole>,
        passphrase: &Passphrase,
        strength: Strength,
        now: Millis,
    ) -> Result<Vault, StillLocked> {
        match self.reset(kit, passphrase, strength) {
            Ok((keys, made)) => self.with_slots(&keys, made.batch)?.unlock_with(made.local, &made.reauth, now),
            Err(error) => Err(StillLocked { vault: self, error }),
        }
    }

    fn keys(&self, passphrase: &Passphrase) -> Result<(Key<LocalRole>, Key<ReauthRole>), UnlockError> {
        Ok(PassphraseSlot::open(&read_slot(&*self.store, "passphrase")?, passphrase, self.policy)?)
    }

    fn reset(
        &mut self,
        kit: &Key<RecoveryRole>,
        passphrase: &Passphrase,
        strength: Strength,
    ) -> Result<(KeyBox, MadeSlots), UnlockError> {
        let secrets = RecoverySlot::open(&read_slot(&*self.store, "recovery")?, kit)?;
        let keys = KeyBox::open(&read_slot(&*self.store, "keys")?, &secrets.local)?;
        // The generation of PKK is public, in the roster; the reauthentication box cannot be opened without the old passphrase.
        let generation = process_generation(&*self.store, &keys)?;
        let reauth = ReauthBox { authority: secrets.authority, generation, process: secrets.process };
        let slots = Slots { recovery: WrapPublic::of(kit), policy: self.policy, strength, passphrase };
        let made = slots.make(&keys, &reauth, &mut *self.entropy)?;
        Ok((keys, made))
    }

    /// Writes slots in one transaction with the state record that counts them.
    fn with_slots(self, keys: &KeyBox, slots: Batch) -> Result<Self, StillLocked> {
        let Self { store, path, policy, mut entropy, migrations, keystore } = self;
        let mut rows = Rows::new(store, &keys.rows);
        let written = match rows.state() {
            Ok(mut state) => rows.commit_with(&mut state, Changes::default(), slots, &mut *entropy),
            Err(error) => Err(error),
        };
        let vault = Self { store: rows.close(), path, policy, entropy, migrations, keystore };
        match written {
            Ok(()) => Ok(vault),
            Err(error) => Err(StillLocked { vault, error: error.into() }),
        }
    }

    fn unlock_with(self, local: Key<LocalRole>, reauth: &Key<ReauthRole>, now: Millis) -> Result<Vault, StillLocked> {
        let Self { store, path, policy, mut entropy, migrations, keystore } = self;
        let locked = |store, path, entropy, keystore| Self { store, path, policy, entropy, migrations, keystore };
        let boxes = match read_slot(&*store, "keys").and_then(|sealed| KeyBox::open(&sealed, &local)) {
            Ok(boxes) => boxes,
            Err(error) => {
                return Err(StillLocked { vault: locked(store, path, entropy, keystore), error: error.into() });
            }
        };
        let mut rows = Rows::new(store, &boxes.rows);
        let current = migrate::bring_up_to_date(&mut rows, migrations, path.as_deref(), &local, &mut *entropy);
        let boot = match current.and_then(|()| Ok(BootRows::read(&rows)?)) {
            Ok(boot) => boot,
            Err(error) => return Err(StillLocked { vault: locked(rows.close(), path, entropy, keystore), error }),
        };
        let mut core = Core::assemble(rows, boot, boxes, local, (path.clone(), policy), entropy);
        core.set_keystore(keystore);
        let mut vault = Vault { core };
        match vault.begin(reauth, now) {
            Ok(()) => Ok(vault),
            Err(error) => {
                let (store, entropy, keystore) = vault.core.close();
                Err(StillLocked { vault: locked(store, path, entropy, keystore), error })
            }
        }
    }
}

impl std::fmt::Debug for LockedVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LockedVault")
    }
}

/// The generation of this device's PKK, from the roster.
fn process_generation(store: &dyn Store, keys: &KeyBox) -> Result<Generation, RowError> {
    let row = Rows::read_once(store, &keys.rows, RosterAt::TABLE, &RosterAt().name())?.ok_or(RowError::Damaged)?;
    let roster = own_roster(&Listed::of_row(&row)?)?;
    let device = Signer::new(&keys.signing).public_key().device_id();
    Ok(roster.card(&device).ok_or(RowError::Damaged)?.pkk_generation)
}
