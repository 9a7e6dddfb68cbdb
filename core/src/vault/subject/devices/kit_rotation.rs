//! A new recovery kit for a practice that is in use: drawn, put on paper and proven first, then put in force.
//!
//! What puts it in force is one entry of the roster, which travels to the other devices, and this device's recovery slot sealed
//! to it: both in one transaction, so that at any moment either the old kit or the new one opens the practice, never neither.
//! Another device knows at once when the entry comes. What its own slot holds only its passphrase opens, so it seals that
//! slot anew when the passphrase is given next, and makes no backup meanwhile: that would have the new kit outside and the old
//! one inside, and neither alone would open it.

use crate::id::{DeviceId, Hash};
use crate::kem::WrapPublic;
use crate::log::Item;
use crate::roster;
use crate::roster::{Offered, SignedBy};
use crate::rows::RowError;
use crate::secret::{Key, Passphrase, ReauthRole, RecoveryRole};
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit, flush};
use crate::vault::core::{ReauthBox, Transaction, read_slot};
use crate::vault::subject::DeviceError;
use crate::vault::subject::{Devices, DevicesMut};

/// A recovery kit that is being put on paper and is not in force. Dropped, nothing has changed.
pub struct NewKit {
    seed: Key<RecoveryRole>,
    /// What the passphrase gave, so that it is not asked for a second time after the printing.
    reauth_key: Key<ReauthRole>,
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

impl Devices<'_> {
    /// The recovery kit that is in force, as far as this device knows.
    pub fn kit_in_force(&self) -> Result<KitInForce, RowError> {
        let number = self.core.read().recovery_key()?.fingerprint();
        let (by, at) = self.core.memory.roster.kit_made().ok_or(RowError::Damaged)?;
        Ok(KitInForce { number, by, at, first: number == self.core.read().first_kit()? })
    }

    /// Whether the recovery kit in force was made on a device: it was in that one's memory, and no other has seen it unless
    /// somebody typed it in there. It stays in force when the device is removed.
    pub fn made_kit(&self, device: &DeviceId) -> bool {
        self.kit_in_force().is_ok_and(|kit| kit.by == *device)
    }

    /// Whether the kit in force opens this device's practice: not before its passphrase was given, when that kit was made on
    /// another device.
    pub fn follows_kit(&self) -> Result<bool, RowError> {
        Ok(self.core.read().sealed_to()? == self.core.read().recovery_key()?.fingerprint())
    }
}

impl DevicesMut<'_> {
    /// Draws a new recovery kit. Asks for the passphrase again, and changes nothing.
    pub fn draw_kit(&mut self, passphrase: &Passphrase) -> Result<NewKit, DeviceError> {
        self.core.require_vital()?;
        let (reauth_key, _) = self.core.open_reauth_box(passphrase)?;
        if self.core.read().is_removed() {
            return Err(DeviceError::RemovedHere);
        }
        Ok(NewKit { seed: Key::random(&mut *self.core.entropy()), reauth_key })
    }

    /// Puts a kit in force that was proven on its paper: from now on it alone opens the practice and the backups made of it.
    pub fn put_in_force(&mut self, kit: &NewKit, now: Millis) -> Result<(), DeviceError> {
        // Another passphrase since then: what this one gave opens nothing any more.
        let keys = ReauthBox::open(&read_slot(self.core.rows.look(), "again")?, &kit.reauth_key);
        let was_open = self.core.reauth.is_some();
        self.core.begin_reauth(keys.map_err(|_| RowError::NeedsReauth)?, now);
        let done = self.replace_kit(kit, now);
        if !was_open {
            self.core.end_reauth();
        }
        done
    }

    fn replace_kit(&mut self, kit: &NewKit, now: Millis) -> Result<(), DeviceError> {
        self.core.require_vital()?;
        if self.core.read().is_removed() {
            return Err(DeviceError::RemovedHere);
        }
        self.follow_removals(&kit.reauth_key, now)?;
        flush(self.core)?;
        let authority = self.core.reauth.as_ref().ok_or(RowError::NeedsReauth)?.authority();
        let by = SignedBy { device: &self.core.signer, authority: &authority };
        let public = WrapPublic::of(&kit.seed);
        let entry = roster::Entry::recovery(now, self.core.memory.roster.heads(), vec![public.clone()], &by);
        // Whether it counts is known before anything of it is written.
        let mut grown = self.core.memory.roster.clone();
        if grown.offer(&entry) != Offered::Added || grown.recovery_keys() != [public.clone()] {
            return Err(DeviceError::KitNotReplaced);
        }
        let (mut tx, mut out) = (Transaction::default(), Outbox::everyday());
        self.core.seal_to_kit(&mut tx, &public)?;
        out.keyring.push(Item::roster(entry));
        Ok(commit(self.core, tx, out)?)
    }

    /// Seals the recovery slot to the kit in force, if that is not done and what lies in it is open. A disk that is full keeps
    /// nobody from reading: then it is done the next time.
    pub(crate) fn follow_kit(&mut self) -> Result<(), RowError> {
        if self.core.reauth.is_none() || self.reads().follows_kit()? {
            return Ok(());
        }
        let mut tx = Transaction::default();
        self.core.seal_to_kit(&mut tx, self.core.read().recovery_key()?)?;
        match self.core.write(tx) {
            Err(RowError::Store(_)) => Ok(()),
            other => Ok(other?),
        }
    }
}
