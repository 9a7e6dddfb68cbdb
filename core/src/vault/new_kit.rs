//! A new recovery kit for a practice that is in use: drawn, put on paper and proven first, then put in force.
//!
//! What puts it in force is one entry of the roster, which travels to the other devices, and this device's recovery slot sealed
//! to it: both in one transaction, so that at any moment either the old kit or the new one opens the practice, never neither.
//! Another device knows at once when the entry comes. What its own slot holds only its passphrase opens, so it seals that
//! slot anew when the passphrase is given next, and makes no backup meanwhile: that would have the new kit outside and the old
//! one inside, and neither alone would open it.

use crate::id::{DeviceId, Hash};
use crate::kem::WrapPublic;
use crate::log::{Class, Item};
use crate::roster::{Entry, Offered, SignedBy};
use crate::rows::Changes;
use crate::secret::{AgainRole, Key, Passphrase, RecoveryRole};
use crate::slots::{RecoverySecrets, RecoverySlot};
use crate::store::{Batch, Table};
use crate::vault::append::Outgoing;
use crate::vault::boxes::AgainBox;
use crate::vault::index::Work;
use crate::vault::own_slots::{read_slot, slot};
use crate::vault::{Millis, Vault, VaultError};

/// The row that says to which kit the recovery slot is sealed. Without it, it is the kit with which the practice began.
const SEALED_TO: &[u8] = b"kit";

/// A recovery kit that is being put on paper and is not in force. Dropped, nothing has changed.
pub struct NewKit {
    seed: Key<RecoveryRole>,
    /// What the passphrase gave, so that it is not asked for a second time after the printing.
    again: Key<AgainRole>,
}

impl NewKit {
    /// What the paper shows.
    pub fn seed(&self) -> &Key<RecoveryRole> {
        &self.seed
    }
}

impl std::fmt::Debug for NewKit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewKit")
    }
}

/// The recovery kit that is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KitInForce {
    /// Tells it from others without giving anything of it away; the paper shows its beginning.
    pub number: Hash,
    /// The device on which it was made.
    pub by: DeviceId,
    /// When, by that device's clock.
    pub at: Millis,
    /// Whether it is the one with which the practice began.
    pub first: bool,
}

impl Vault {
    /// Draws a new recovery kit. Asks for the passphrase again, and changes nothing.
    pub fn draw_kit(&mut self, passphrase: &Passphrase) -> Result<NewKit, VaultError> {
        let (again, _) = self.second_box(passphrase)?;
        if self.is_removed() {
            return Err(VaultError::RemovedHere);
        }
        Ok(NewKit { seed: Key::random(&mut *self.rows.entropy), again })
    }

    /// Puts a kit in force that was proven on its paper: from now on it alone opens the practice and the backups made of it.
    pub fn put_in_force(&mut self, kit: &NewKit, now: Millis) -> Result<(), VaultError> {
        // Another passphrase since then: what this one gave opens nothing any more.
        let keys = AgainBox::open(&read_slot(self.rows.store(), "again")?, &kit.again);
        let was_open = self.again.is_some();
        self.keep_again(keys.map_err(|_| VaultError::AskAgain)?, now);
        let done = self.replace_kit(kit, now);
        if !was_open {
            self.forget_again();
        }
        done
    }

    /// The recovery kit that is in force, as far as this device knows.
    pub fn kit_in_force(&self) -> Result<KitInForce, VaultError> {
        let number = self.recovery_key()?.fingerprint();
        let (by, at) = self.roster.kit_made().ok_or(VaultError::Damaged)?;
        Ok(KitInForce { number, by, at, first: number == self.first_kit()? })
    }

    /// Whether the kit in force opens this device's practice: not before its passphrase was given, when that kit was made on
    /// another device.
    pub fn follows_kit(&self) -> Result<bool, VaultError> {
        Ok(self.sealed_to(&Changes::default())? == self.recovery_key()?.fingerprint())
    }

    fn replace_kit(&mut self, kit: &NewKit, now: Millis) -> Result<(), VaultError> {
        if self.is_removed() {
            return Err(VaultError::RemovedHere);
        }
        self.follow_removals(&kit.again, now)?;
        self.flush()?;
        let authority = self.again.as_ref().ok_or(VaultError::AskAgain)?.authority();
        let by = SignedBy { device: &self.signer, authority: &authority };
        let public = WrapPublic::of(&kit.seed);
        let entry = Entry::recovery(now, self.roster.heads(), vec![public.clone()], &by);
        // Whether it counts is known before anything of it is written.
        let mut grown = self.roster.clone();
        if grown.offer(&entry) != Offered::Added || grown.recovery_keys() != [public.clone()] {
            return Err(VaultError::KitNotReplaced);
        }
        let (mut work, mut out) = (Work::default(), Outgoing::new(Class::Everyday));
        self.seal_to(&public, &mut work.changes, &mut work.slots)?;
        out.keyring.push(Item::roster(entry));
        self.finish(work, out)?;
        self.write_anchor();
        Ok(())
    }

    /// Seals the recovery slot to the kit in force, if that is not done and what lies in it is open. A disk that is full keeps
    /// nobody from reading: then it is done the next time.
    pub(crate) fn follow_kit(&mut self) -> Result<(), VaultError> {
        if self.again.is_none() || self.follows_kit()? {
            return Ok(());
        }
        let (mut changes, mut batch) = (Changes::default(), Batch::new());
        self.seal_to(&self.recovery_key()?.clone(), &mut changes, &mut batch)?;
        match self.rows.commit_with(&mut self.state, changes, batch) {
            Err(VaultError::Store(_)) => Ok(()),
            other => other,
        }
    }

    /// The recovery slot with what is open here, sealed to this kit.
    pub(crate) fn seal_to(
        &mut self,
        kit: &WrapPublic,
        changes: &mut Changes,
        batch: &mut Batch,
    ) -> Result<(), VaultError> {
        let again = self.again.as_ref().ok_or(VaultError::AskAgain)?;
        let secrets = RecoverySecrets {
            local: self.local.duplicate(),
            authority: again.authority_key().duplicate(),
            process: again.keys().1.duplicate(),
        };
        batch.put(Table::Slots, slot("recovery"), RecoverySlot::make(kit, &secrets, &mut *self.rows.entropy));
        self.remember_sealed_to(kit, changes)
    }

    /// Remembers to which kit the recovery slot is sealed that goes with these changes.
    pub(crate) fn remember_sealed_to(&self, kit: &WrapPublic, changes: &mut Changes) -> Result<(), VaultError> {
        let kit = kit.fingerprint();
        if self.sealed_to(changes)? != kit {
            changes.put(Table::Misc, SEALED_TO, kit.0.to_vec());
        }
        Ok(())
    }

    /// To which kit the recovery slot is sealed.
    pub(crate) fn sealed_to(&self, changes: &Changes) -> Result<Hash, VaultError> {
        match self.rows.read_through(changes, Table::Misc, SEALED_TO)? {
            Some(row) => row.as_slice().try_into().map(Hash).map_err(|_| VaultError::Damaged),
            None => self.first_kit(),
        }
    }

    /// The key of the kit in force.
    pub(crate) fn recovery_key(&self) -> Result<&WrapPublic, VaultError> {
        self.roster.recovery_keys().first().ok_or(VaultError::Damaged)
    }

    fn first_kit(&self) -> Result<Hash, VaultError> {
        Ok(self.roster.first_recovery_keys().first().ok_or(VaultError::Damaged)?.fingerprint())
    }
}
