//! The slots with which this vault is opened: making them, reading them, sealing the recovery slot to a kit.

use crate::entropy::Entropy;
use crate::kdf::StrengthError;
use crate::kdf::{Policy, Strength};
use crate::kem::WrapPublic;
use crate::rows::One;
use crate::rows::RowError;
use crate::secret::{AuthorityRole, Key, LocalRole, Passphrase, ReauthRole};
use crate::slots::SlotError;
use crate::slots::{PassphraseSlot, RecoverySecrets, RecoverySlot};
use crate::store::{Batch, RowKey, Store, Table};
use crate::vault::core::{Core, KeyBox, ReauthBox, Transaction};
use crate::vault::items::boot::FORMAT;
use crate::vault::registry::KitSealedToAt;
use crate::{kdf, labels};

/// Why a passphrase did not open what asks for it again.
pub(crate) enum PassphraseError {
    Row(RowError),
    Slot(SlotError),
}

impl From<RowError> for PassphraseError {
    fn from(error: RowError) -> Self {
        Self::Row(error)
    }
}

impl From<SlotError> for PassphraseError {
    fn from(error: SlotError) -> Self {
        Self::Slot(error)
    }
}

impl Core {
    /// Whether the slots with which this practice is opened hold what they should.
    pub(crate) fn check_slots(&self) -> Result<(), RowError> {
        KeyBox::open(&read_slot(self.rows.look(), "keys")?, &self.local)?;
        RecoverySlot::check(&read_slot(self.rows.look(), "recovery")?).map_err(|_| RowError::Damaged)
    }

    /// Puts the recovery slot into a transaction, with what is open here, sealed to this kit.
    pub(crate) fn seal_to_kit(&self, tx: &mut Transaction, kit: &WrapPublic) -> Result<(), RowError> {
        let reauth = self.reauth.as_ref().ok_or(RowError::NeedsReauth)?;
        self.seal_authority_to_kit(tx, kit, reauth.authority_key())
    }

    /// The same, with another authority than the one that is open here.
    pub(crate) fn seal_authority_to_kit(
        &self,
        tx: &mut Transaction,
        kit: &WrapPublic,
        authority: &Key<AuthorityRole>,
    ) -> Result<(), RowError> {
        let reauth = self.reauth.as_ref().ok_or(RowError::NeedsReauth)?;
        let secrets = RecoverySecrets {
            local: self.local.duplicate(),
            authority: authority.duplicate(),
            process: reauth.keys().1.duplicate(),
        };
        let sealed = RecoverySlot::make(kit, &secrets, &mut *self.entropy());
        tx.batch.put(Table::Slots, slot("recovery"), sealed);
        self.remember_kit(tx, kit)
    }

    /// Remembers to which kit the recovery slot is sealed that goes with this transaction.
    pub(crate) fn remember_kit(&self, tx: &mut Transaction, kit: &WrapPublic) -> Result<(), RowError> {
        let kit = kit.fingerprint();
        if self.at(tx).sealed_to()? != kit {
            tx.put(&KitSealedToAt(), &One(kit));
        }
        Ok(())
    }
}

/// How the slots of a vault are made.
pub(crate) struct Slots<'a> {
    pub(crate) recovery: WrapPublic,
    pub(crate) policy: Policy,
    pub(crate) strength: Strength,
    pub(crate) passphrase: &'a Passphrase,
}

pub(crate) struct MadeSlots {
    pub(crate) batch: Batch,
    pub(crate) local: Key<LocalRole>,
    pub(crate) reauth: Key<ReauthRole>,
}

impl Slots<'_> {
    pub(crate) fn make(
        &self,
        keys: &KeyBox,
        reauth_box: &ReauthBox,
        entropy: &mut dyn Entropy,
    ) -> Result<MadeSlots, StrengthError> {
        let local = Key::<LocalRole>::random(entropy);
        let (passphrase, reauth_key) =
            PassphraseSlot::make(self.passphrase, &local, self.strength, self.policy, entropy)?;
        let secrets = RecoverySecrets {
            local: local.duplicate(),
            authority: reauth_box.authority.duplicate(),
            process: reauth_box.process.duplicate(),
        };
        let mut batch = Batch::new();
        batch.put(Table::Slots, slot("passphrase"), passphrase);
        batch.put(Table::Slots, slot("recovery"), RecoverySlot::make(&self.recovery, &secrets, entropy));
        batch.put(Table::Slots, slot("keys"), keys.seal(&local, entropy));
        batch.put(Table::Slots, slot("again"), reauth_box.seal(&reauth_key, entropy));
        Ok(MadeSlots { batch, local, reauth: reauth_key })
    }
}

/// The row key of a slot: the one name in a vault that needs no key to find.
pub(crate) fn slot(name: &str) -> RowKey {
    kdf::hash(labels::SLOTS, &[name.as_bytes()]).0
}

/// The slots that can be made again, for a store that was copied from a damaged one.
pub(crate) fn slots_for_copy(store: &dyn Store, keys: Vec<u8>) -> Result<Batch, RowError> {
    read_slot(store, "passphrase")?;
    let mut batch = Batch::new();
    if read_slot(store, "about").is_err() {
        batch.put(Table::Slots, slot("about"), FORMAT.to_le_bytes());
    }
    batch.put(Table::Slots, slot("keys"), keys);
    Ok(batch)
}

pub(crate) fn read_slot(store: &dyn Store, name: &str) -> Result<Vec<u8>, RowError> {
    store.read(Table::Slots, &slot(name))?.ok_or(RowError::Damaged)
}
