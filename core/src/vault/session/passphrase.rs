//! The passphrase while the vault is open: given once more, for a while, and changed.

use crate::kdf::Strength;
use crate::secret::Passphrase;
use crate::vault::commit::{prune_drafts, publish_owed_private_keys};
use crate::vault::core::{Slots, Transaction};
use crate::vault::session::UnlockError;
use crate::vault::{Millis, Vault};

impl Vault {
    /// Takes the passphrase once more: private notes, devices and the recovery kit can be reached for
    /// [`REAUTH_FOR`](crate::vault::REAUTH_FOR).
    pub fn reauthenticate(&mut self, passphrase: &Passphrase, now: Millis) -> Result<(), UnlockError> {
        let (key, keys) = self.core.open_reauth_box(passphrase)?;
        self.core.begin_reauth(keys, now);
        if self.core.require_vital().is_err() {
            return Ok(());
        }
        self.devices_mut().follow_removals(&key, now)?;
        self.devices_mut().follow_kit()?;
        publish_owed_private_keys(&mut self.core)?;
        self.notes_mut().settle_signatures(now)?;
        prune_drafts(&mut self.core);
        Ok(())
    }

    /// Forgets what the passphrase opened when its time is over; to be called before each use and now and then.
    pub fn expire_reauth(&mut self, now: Millis) {
        self.core.expire_reauth(now);
    }

    /// Has what the passphrase opened stay open from now on for as long as when it was given; `false` when it is closed already.
    pub fn extend_reauth(&mut self, now: Millis) -> bool {
        self.core.extend_reauth(now)
    }

    /// Forgets what the passphrase opened now.
    pub fn end_reauth(&mut self) {
        self.core.end_reauth();
    }

    /// Until when what the passphrase opened can be reached.
    pub fn reauth_until(&self) -> Option<Millis> {
        self.core.reauth_until()
    }

    /// Gives this device a new passphrase: a new local key, and both boxes sealed anew.
    pub fn change_passphrase(
        &mut self,
        old: &Passphrase,
        passphrase: &Passphrase,
        strength: Strength,
    ) -> Result<(), UnlockError> {
        let core = &mut self.core;
        let (_, reauth) = core.open_reauth_box(old)?;
        let recovery = core.read().recovery_key()?.clone();
        let mut tx = Transaction::default();
        core.remember_kit(&mut tx, &recovery)?;
        let slots = Slots { recovery, policy: core.policy, strength, passphrase };
        let made = slots.make(&core.boxes, &reauth, &mut *core.entropy())?;
        tx.batch = made.batch;
        core.write(tx)?;
        core.local = made.local;
        Ok(())
    }
}
