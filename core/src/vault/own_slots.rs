//! The slots with which this vault is opened: making them, reading them, a new passphrase.

use crate::entropy::Entropy;
use crate::kdf::{self, Policy, Strength};
use crate::kem::WrapPublic;
use crate::labels;
use crate::rows::Changes;
use crate::secret::{AgainRole, Key, LocalRole, Passphrase};
use crate::slots::{PassphraseSlot, RecoverySecrets, RecoverySlot};
use crate::store::{Batch, RowKey, Store, Table};
use crate::vault::boxes::{AgainBox, KeyBox};
use crate::vault::open::FORMAT;
use crate::vault::{Vault, VaultError};

impl Vault {
    /// Gives this device a new passphrase: a new local key, and both boxes sealed anew.
    pub fn change_passphrase(
        &mut self,
        old: &Passphrase,
        passphrase: &Passphrase,
        strength: Strength,
    ) -> Result<(), VaultError> {
        let (_, again) = PassphraseSlot::open(&read_slot(self.rows.store(), "passphrase")?, old, self.policy)?;
        let again = AgainBox::open(&read_slot(self.rows.store(), "again")?, &again)?;
        let recovery = self.recovery_key()?.clone();
        let mut changes = Changes::default();
        self.remember_sealed_to(&recovery, &mut changes)?;
        let slots = Slots { recovery, policy: self.policy, strength, passphrase };
        let made = slots.make(&self.boxes, &again, &mut *self.rows.entropy)?;
        self.rows.commit_with(&mut self.state, changes, made.batch)?;
        self.local = made.local;
        Ok(())
    }

    /// Whether the slots with which this practice is opened hold what they should.
    pub(crate) fn check_own_slots(&mut self) -> Result<(), VaultError> {
        KeyBox::open(&read_slot(self.rows.store(), "keys")?, &self.local)?;
        Ok(RecoverySlot::check(&read_slot(self.rows.store(), "recovery")?)?)
    }

    /// The second box, if this passphrase opens this vault, and the key that it lies under. Nothing is changed.
    pub(crate) fn second_box(&mut self, passphrase: &Passphrase) -> Result<(Key<AgainRole>, AgainBox), VaultError> {
        let (_, again) = PassphraseSlot::open(&read_slot(self.rows.store(), "passphrase")?, passphrase, self.policy)?;
        let opened = AgainBox::open(&read_slot(self.rows.store(), "again")?, &again)?;
        Ok((again, opened))
    }
}

/// How the slots of a vault are made.
pub(super) struct Slots<'a> {
    pub(super) recovery: WrapPublic,
    pub(super) policy: Policy,
    pub(super) strength: Strength,
    pub(super) passphrase: &'a Passphrase,
}

pub(super) struct MadeSlots {
    pub(super) batch: Batch,
    pub(super) local: Key<LocalRole>,
    pub(super) again: Key<AgainRole>,
}

impl Slots<'_> {
    pub(super) fn make(
        &self,
        keys: &KeyBox,
        again: &AgainBox,
        entropy: &mut dyn Entropy,
    ) -> Result<MadeSlots, VaultError> {
        let local = Key::<LocalRole>::random(entropy);
        let (passphrase, again_key) =
            PassphraseSlot::make(self.passphrase, &local, self.strength, self.policy, entropy)?;
        let secrets = RecoverySecrets {
            local: local.duplicate(),
            authority: again.authority.duplicate(),
            process: again.process.duplicate(),
        };
        let mut batch = Batch::new();
        batch.put(Table::Slots, slot("passphrase"), passphrase);
        batch.put(Table::Slots, slot("recovery"), RecoverySlot::make(&self.recovery, &secrets, entropy));
        batch.put(Table::Slots, slot("keys"), keys.seal(&local, entropy));
        batch.put(Table::Slots, slot("again"), again.seal(&again_key, entropy));
        Ok(MadeSlots { batch, local, again: again_key })
    }
}

/// The row key of a slot: the one name in a vault that needs no key to find.
pub(super) fn slot(name: &str) -> RowKey {
    kdf::hash(labels::SLOTS, &[name.as_bytes()]).0
}

/// The slots that can be made again, for a store that was copied from a damaged one.
pub(crate) fn slots_again(store: &dyn Store, keys: Vec<u8>) -> Result<Batch, VaultError> {
    read_slot(store, "passphrase")?;
    let mut batch = Batch::new();
    if read_slot(store, "about").is_err() {
        batch.put(Table::Slots, slot("about"), FORMAT.to_le_bytes());
    }
    batch.put(Table::Slots, slot("keys"), keys);
    Ok(batch)
}

pub(crate) fn read_slot(store: &dyn Store, name: &str) -> Result<Vec<u8>, VaultError> {
    store.read(Table::Slots, &slot(name))?.ok_or(VaultError::Damaged)
}
