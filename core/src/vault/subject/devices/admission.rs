//! Admitting a device, and saying to devices that come later who belongs to the practice.

use zeroize::Zeroizing;

use crate::log::Item;
use crate::roster;
use crate::roster::{DeviceCard, SignedBy};
use crate::rows::RowError;
use crate::seal;
use crate::secret::KEY_LEN;
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::items::boot::entries_to_bytes;
use crate::vault::subject::DeviceError;
use crate::vault::subject::DevicesMut;

impl DevicesMut<'_> {
    /// Admits a device by the card it introduced itself with; what comes back goes to it under the pairing key. Asks for
    /// the passphrase again. `most` is how many bytes that may be once it is sealed.
    ///
    /// # Errors
    /// [`DeviceError::WelcomeTooLong`] when it would be more, and others; nobody has been admitted then.
    pub fn admit(&mut self, introduction: &[u8], most: usize, now: Millis) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
        self.core.require_vital()?;
        let card = DeviceCard::parse(introduction).map_err(|_| DeviceError::NotAdmitted)?;
        let reauth = self.core.reauth.as_ref().ok_or(RowError::NeedsReauth)?;
        let authority = reauth.authority();
        if self.core.read().is_removed() {
            return Err(DeviceError::RemovedHere);
        }
        // Another device was removed since the passphrase was given: it opens the new authority's key.
        if !self.core.holds_authority() || !self.core.memory.roster.is_renewed() {
            return Err(RowError::NeedsReauth.into());
        }
        let roster = &self.core.memory.roster;
        let entry = match roster.device(&card.id) {
            // The answer was lost on its way and the device asks again: it is in already.
            Some(known) if *known == card => None,
            Some(_) => return Err(DeviceError::NotAdmitted),
            None if roster.live().len() >= roster::MAX_DEVICES => return Err(DeviceError::TooManyDevices),
            None => {
                let (known, practice) = (&self.core.memory.epochs, &self.core.practice);
                let handed = roster.hand_over(&card, known, practice, &mut *self.core.entropy());
                let handed = handed.map_err(|_| DeviceError::NotAdmitted)?;
                let by = SignedBy { device: &self.core.signer, authority: &authority };
                Some(roster::Entry::admission(now, roster.heads(), card, handed, &by))
            }
        };
        let entries = roster.entries().into_iter().chain(entry.clone()).collect();
        if seal::sealed_len(KEY_LEN + entries_to_bytes(entries).len()) > most {
            return Err(DeviceError::WelcomeTooLong);
        }
        if let Some(entry) = entry {
            let mut out = Outbox::everyday();
            out.keyring.push(Item::roster(entry));
            commit(self.core, Transaction::default(), out)?;
        }
        let roster = entries_to_bytes(self.core.memory.roster.entries());
        // One allocation of the right size: a buffer that grows leaves copies of the authority's key behind.
        let mut welcome = Zeroizing::new(Vec::with_capacity(KEY_LEN + roster.len()));
        welcome.extend_from_slice(self.core.reauth.as_ref().ok_or(RowError::NeedsReauth)?.authority_key().expose());
        welcome.extend_from_slice(&roster);
        Ok(welcome)
    }
}
