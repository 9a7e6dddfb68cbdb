//! Opening, unlocking and locking a vault, and recovering one.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::entropy::Entropy;
use crate::id::Hash;
use crate::kdf::{Policy, Strength};
use crate::kem::WrapPublic;
use crate::roster::Generation;
use crate::rows::Rows;
use crate::secret::{AgainRole, Key, LocalRole, Passphrase, RecoveryRole};
use crate::sign::Signer;
use crate::slots::{PassphraseSlot, RecoverySlot};
use crate::store::{Batch, KeptAnchor, Keystore, Store, StoreError, Table};
use crate::vault::boxes::{AgainBox, KeyBox};
use crate::vault::migrate::{self, MIGRATIONS, Migration};
use crate::vault::own_slots::{Slots, read_slot, slot};
use crate::vault::parts::{Parts, entries_to_bytes, roster_from_bytes};
use crate::vault::{Millis, Notice, Vault, VaultError};

/// The format number that this version writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// Rows that are looked at when a practice is unlocked: some milliseconds.
const ROWS_AT_UNLOCKING: u64 = 8_192;

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
    pub error: VaultError,
}

impl std::fmt::Debug for StillLocked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StillLocked({:?})", self.error)
    }
}

impl LockedVault {
    /// Takes a store that holds a vault.
    pub fn open(
        store: Box<dyn Store>,
        path: Option<PathBuf>,
        policy: Policy,
        entropy: Box<dyn Entropy>,
    ) -> Result<Self, VaultError> {
        let about = store.read(Table::Slots, &slot("about"))?.ok_or(StoreError::NotAVault)?;
        migrate::readable(&about, MIGRATIONS)?;
        Ok(Self { store, path, policy, entropy, migrations: MIGRATIONS, keystore: None })
    }

    /// The same, with the platform's keystore: what lies there notices an older copy that was put back with the file beside it.
    #[must_use]
    pub fn with_keystore(self, keystore: Option<Box<dyn Keystore>>) -> Self {
        Self { keystore, ..self }
    }

    /// The same, with migrations that only a test has.
    #[cfg(test)]
    pub(super) fn open_with(
        store: Box<dyn Store>,
        path: Option<PathBuf>,
        entropy: Box<dyn Entropy>,
        migrations: &'static [Migration],
    ) -> Result<Self, VaultError> {
        let about = read_slot(&*store, "about")?;
        migrate::readable(&about, migrations)?;
        Ok(Self { store, path, policy: Policy::Tests, entropy, migrations, keystore: None })
    }

    /// Opens the slot with the passphrase, then everything that hangs on it.
    pub fn unlock(self, passphrase: &Passphrase, now: Millis) -> Result<Vault, StillLocked> {
        match self.keys(passphrase) {
            Ok((local, again)) => self.unlock_with(local, Some(again), now),
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
            Ok((local, again)) => self.unlock_with(local, Some(again), now),
            Err(error) => Err(StillLocked { vault: self, error }),
        }
    }

    fn keys(&self, passphrase: &Passphrase) -> Result<(Key<LocalRole>, Key<AgainRole>), VaultError> {
        Ok(PassphraseSlot::open(&read_slot(&*self.store, "passphrase")?, passphrase, self.policy)?)
    }

    fn reset(
        &mut self,
        kit: &Key<RecoveryRole>,
        passphrase: &Passphrase,
        strength: Strength,
    ) -> Result<(Key<LocalRole>, Key<AgainRole>), VaultError> {
        let secrets = RecoverySlot::open(&read_slot(&*self.store, "recovery")?, kit)?;
        let keys = KeyBox::open(&read_slot(&*self.store, "keys")?, &secrets.local)?;
        // The generation of PKK is public, in the roster; the second box cannot be opened without the old passphrase.
        let generation = process_generation(&*self.store, &keys)?;
        let again = AgainBox { authority: secrets.authority, generation, process: secrets.process };
        let slots = Slots { recovery: WrapPublic::of(kit), policy: self.policy, strength, passphrase };
        let made = slots.make(&keys, &again, &mut *self.entropy)?;
        self.store.commit(made.batch)?;
        Ok((made.local, made.again))
    }

    fn unlock_with(
        self,
        local: Key<LocalRole>,
        again: Option<Key<AgainRole>>,
        now: Millis,
    ) -> Result<Vault, StillLocked> {
        let Self { store, path, policy, entropy, migrations, keystore } = self;
        let locked = |store, path, entropy, keystore| Self { store, path, policy, entropy, migrations, keystore };
        let boxes = match read_slot(&*store, "keys").and_then(|sealed| KeyBox::open(&sealed, &local)) {
            Ok(boxes) => boxes,
            Err(error) => return Err(StillLocked { vault: locked(store, path, entropy, keystore), error }),
        };
        let mut rows = Rows::new(store, &boxes.rows, entropy);
        let current = migrate::bring_up_to_date(&mut rows, migrations, path.as_deref(), &local);
        match current.and_then(|()| Parts::read(&rows)) {
            Ok(parts) => {
                let mut vault = Vault::assemble(rows, parts, boxes, local, path.clone(), policy);
                vault.set_keystore(keystore);
                match vault.begin(again, now) {
                    Ok(()) => Ok(vault),
                    Err(error) => {
                        let keystore = vault.kept_anchor.map(KeptAnchor::into_keystore);
                        let (store, entropy) = vault.rows.close();
                        Err(StillLocked { vault: locked(store, path, entropy, keystore), error })
                    }
                }
            }
            Err(error) => {
                let (store, entropy) = rows.close();
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

impl Vault {
    /// Seals the drafts, makes the signatures that nobody took back, forgets every key, and keeps the file. After a failure
    /// it is let go instead: only a file that is opened anew is written again.
    pub fn lock(mut self) -> Result<LockedVault, VaultError> {
        let flushed = self.flush().and_then(|_| self.settle_all_signatures());
        self.write_anchor();
        self.keep_anchor();
        let Self { rows, path, policy, kept_anchor, .. } = self;
        let keystore = kept_anchor.map(KeptAnchor::into_keystore);
        let (store, entropy) = rows.close();
        flushed?;
        if store.is_poisoned() {
            return Err(StoreError::Poisoned.into());
        }
        Ok(LockedVault { store, path, policy, entropy, migrations: MIGRATIONS, keystore })
    }

    /// Whether a write failed, so that nothing more is written until [`Self::open_again`].
    pub fn is_poisoned(&self) -> bool {
        self.rows.is_poisoned()
    }

    /// Opens the file anew after a failed write, with the keys that are there: what could not be saved then may be saved now.
    /// When that fails, reading goes on as before.
    pub fn open_again(&mut self) -> Result<(), VaultError> {
        self.rows.store().reopen()?;
        let read = Parts::read(&self.rows);
        let parts = read.inspect_err(|_| self.rows.store().poison())?;
        self.state = parts.state;
        self.roster = parts.roster;
        self.epochs = parts.epochs;
        self.practice = parts.practice;
        self.log = parts.log;
        self.pending = parts.pending;
        self.drafts.clear();
        self.body.take();
        let lists = (
            std::mem::take(&mut self.clients),
            std::mem::take(&mut self.trash),
            std::mem::take(&mut self.deletions),
            std::mem::take(&mut self.merges),
        );
        self.load().inspect_err(|_| {
            self.rows.store().poison();
            (self.clients, self.trash, self.deletions, self.merges) = lists;
        })
    }

    pub(crate) fn assemble(
        rows: Rows,
        parts: Parts,
        boxes: KeyBox,
        local: Key<LocalRole>,
        path: Option<PathBuf>,
        policy: Policy,
    ) -> Self {
        let signer = Signer::new(&boxes.signing);
        Self {
            rows,
            state: parts.state,
            path,
            kept_anchor: None,
            policy,
            local,
            boxes,
            device: signer.public_key().device_id(),
            signer,
            roster: parts.roster,
            epochs: parts.epochs,
            practice: parts.practice,
            log: parts.log,
            clients: BTreeMap::new(),
            drafts: BTreeMap::new(),
            tried: None,
            signing: BTreeMap::new(),
            trash: BTreeMap::new(),
            merges: Default::default(),
            shown: Default::default(),
            deletions: Default::default(),
            pending: parts.pending,
            again: None,
            body: RefCell::new(None),
            alone: Cell::new((Hash([0; 32]), 0)),
            notices: Vec::new(),
            changed: 0,
            attaching: BTreeMap::new(),
            no_room: false,
        }
    }

    /// What an unlocked vault does first: looks at the anchors, shows the list, and sends what a crash left behind.
    fn begin(&mut self, again: Option<Key<AgainRole>>, now: Millis) -> Result<(), VaultError> {
        self.look_at_anchors()?;
        self.load()?;
        self.look_at_rows()?;
        if self.is_removed() {
            self.notices.push(Notice::RemovedHere);
        }
        let owed = again.map_or(Ok(()), |key| self.publish_owed(&key, now));
        if self.boxes.renew_transport(now, &mut *self.rows.entropy) {
            let sealed = self.boxes.seal(&self.local, &mut *self.rows.entropy);
            let mut batch = Batch::new();
            batch.put(Table::Slots, slot("keys"), sealed);
            self.rows.store().commit(batch)?;
        }
        let left_behind = self.flush().and_then(|_| self.settle_signatures_left_behind(now));
        self.let_drafts_go();
        // A disk that is full keeps nobody from reading: what is left over goes next time.
        let swept =
            self.sweep_pieces().and_then(|()| self.forget_files_out_of_trash(now)).or_else(|error| match error {
                VaultError::Damaged => Err(error),
                _ => Ok(()),
            });
        [owed, left_behind, swept].into_iter().try_for_each(|done| self.unless_damaged(done))
    }

    /// Reads the lists into memory.
    fn load(&mut self) -> Result<(), VaultError> {
        let lists =
            [self.load_clients(), self.load_trash(), self.load_deletions(), self.load_merges(), self.load_signing()];
        if lists.first() == Some(&Err(VaultError::Damaged)) {
            // Made again at once, where the file can be written on; that there was damage is told all the same.
            let _ = self.mend_lists();
        }
        lists.into_iter().try_for_each(|done| self.unless_damaged(done))
    }

    /// Damage in one thing must not keep what is whole from being read.
    fn unless_damaged(&mut self, done: Result<(), VaultError>) -> Result<(), VaultError> {
        match done {
            Err(VaultError::Damaged) if self.notices.contains(&Notice::Damaged) => Ok(()),
            Err(VaultError::Damaged) => {
                self.notices.push(Notice::Damaged);
                Ok(())
            }
            other => other,
        }
    }

    /// Does what waited for the passphrase: process keys that are owed to a new device, what a removal left to do, and
    /// a recovery kit that was made on another device.
    /// Unlocking does not open private notes: they ask once more.
    fn publish_owed(&mut self, key: &Key<AgainRole>, now: Millis) -> Result<(), VaultError> {
        let opened = AgainBox::open(&read_slot(self.rows.store(), "again")?, key)?;
        self.keep_again(opened, now);
        let published = self
            .follow_removals(key, now)
            .and_then(|()| self.follow_kit())
            .and_then(|()| self.publish_owed_process_parts());
        self.again = None;
        published
    }

    /// Notices an old row that was put back. All are looked at, or none: the state record has one sum over all of them. Where
    /// there are many, that would cost what unlocking may not, and the check of the practice looks.
    fn look_at_rows(&mut self) -> Result<(), VaultError> {
        if self.notices.contains(&Notice::Damaged) || self.rows.replaceable()? > ROWS_AT_UNLOCKING {
            return Ok(());
        }
        match self.rows.check(&self.state) {
            Ok(true) => {}
            Ok(false) => self.notices.push(Notice::RowsChanged),
            // Whoever reads the row that lies there says so.
            Err(VaultError::Damaged) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    pub(crate) fn roster_to_bytes(&self) -> Vec<u8> {
        entries_to_bytes(&self.roster.entries())
    }
}

/// The generation of this device's PKK, from the roster.
fn process_generation(store: &dyn Store, keys: &KeyBox) -> Result<Generation, VaultError> {
    let row = Rows::read_once(store, &keys.rows, Table::Misc, b"roster")?.ok_or(VaultError::Damaged)?;
    let roster = roster_from_bytes(&row)?;
    let device = Signer::new(&keys.signing).public_key().device_id();
    Ok(roster.card(&device).ok_or(VaultError::Damaged)?.pkk_generation)
}
