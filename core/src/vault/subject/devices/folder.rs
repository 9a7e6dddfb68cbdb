//! What lies in a sync folder: sealed so that every device of the practice can open it, and signed by who wrote it.

use std::cell::LazyCell;

use zeroize::Zeroizing;

use crate::codec::{Reader, Writer};
use crate::id::DeviceId;
use crate::rows::RowError;
use crate::secret::{EpochRole, Key, MessageRole};
use crate::sign::Signature;
use crate::vault::Millis;
use crate::vault::subject::devices::list::SEEN_WITHIN;
use crate::vault::subject::{DeviceError, Devices, DevicesMut};
use crate::{kdf, labels, seal};

/// Bytes of a voucher, or of the zeros in its place.
const VOUCHER_LEN: usize = 96;

/// What an object in a sync folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// Where a device stands.
    Statement,
    /// Envelopes and pieces of files.
    Batch,
}

impl ObjectKind {
    fn code(self) -> u8 {
        match self {
            Self::Statement => 1,
            Self::Batch => 2,
        }
    }
}

impl Devices<'_> {
    /// Who wrote an object, and what is in it; `None` where it does not open under any epoch that is known, or is not signed by a
    /// device that is or was of the practice, as this kind, under this tag.
    pub fn open_object(
        &self,
        kind: ObjectKind,
        tag: &[u8; 8],
        sealed: &[u8],
    ) -> Option<(DeviceId, Zeroizing<Vec<u8>>)> {
        let context = context(kind, tag);
        let mut epochs = self.core.memory.epochs.values();
        let mut plain = epochs.find_map(|secret| seal::open(&object_key(secret), &context, sealed).ok())?;
        let mut reader = Reader::new(&plain);
        let device = DeviceId(reader.array().ok()?);
        let signature = Signature(reader.array().ok()?);
        let voucher: [u8; VOUCHER_LEN] = reader.array().ok()?;
        let signing = match self.core.memory.roster.card(&device) {
            Some(card) => card.signing,
            None => self.vouched_for(&mut Reader::new(&voucher)).filter(|signing| signing.device_id() == device)?,
        };
        signing.verify(labels::FOLDER, &statement(kind, tag, reader.rest()), &signature).ok()?;
        let content = plain.len() - reader.rest().len();
        plain.drain(..content);
        Some((device, plain))
    }

    /// When a device was met last, or wrote what was read last in a sync folder.
    ///
    /// # Errors
    /// As for anything that is read.
    pub fn last_met(&self, device: &DeviceId) -> Result<Option<Millis>, RowError> {
        self.core.read().ledger().last_seen(device)
    }

    /// The other devices that are waited for: all but those that were not seen for 90 days, nor let in since. They hold up nothing
    /// in a sync folder.
    ///
    /// # Errors
    /// As for anything that is read.
    pub fn awaited(&self, now: Millis) -> Result<Vec<DeviceId>, RowError> {
        let admissions = LazyCell::new(|| self.admissions());
        let admitted = |device: &DeviceId| admissions.get(device).map(|admission| admission.at);
        let mut awaited = Vec::new();
        for device in self.others() {
            let seen = self.core.read().ledger().last_seen(&device)?.or_else(|| admitted(&device));
            if seen.is_none_or(|seen| now.saturating_sub(seen) < SEEN_WITHIN) {
                awaited.push(device);
            }
        }
        Ok(awaited)
    }
}

impl DevicesMut<'_> {
    /// Seals an object for the newest epoch of which every device has heard, signed by this device.
    ///
    /// # Errors
    /// [`DeviceError::RemovedHere`]; a key that is not here.
    pub fn seal_object(&mut self, kind: ObjectKind, tag: &[u8; 8], content: &[u8]) -> Result<Vec<u8>, DeviceError> {
        if self.core.read().is_removed() {
            return Err(DeviceError::RemovedHere);
        }
        self.core.require_vital()?;
        let epoch = self.core.memory.roster.epoch_known_to_all(&self.core.device, &self.core.memory.epochs);
        let secret = self.core.memory.epochs.get(&epoch).ok_or(RowError::KeyNotHere)?;
        let signature = self.core.signer.sign(labels::FOLDER, &statement(kind, tag, content));
        let voucher = self.reads().voucher()?.unwrap_or_else(|| vec![0; VOUCHER_LEN]);
        let mut plain = Writer::new();
        plain.bytes(&self.core.device.0).bytes(&signature.0).bytes(&voucher).bytes(content);
        let key = object_key(secret);
        Ok(seal::seal(&key, &context(kind, tag), &Zeroizing::new(plain.finish()), &mut *self.core.entropy()))
    }
}

fn object_key(secret: &Key<EpochRole>) -> Key<MessageRole> {
    kdf::derive(secret, labels::FOLDER, b"")
}

fn context(kind: ObjectKind, tag: &[u8; 8]) -> Vec<u8> {
    [labels::FOLDER, &[kind.code()], tag].concat()
}

/// What is signed: this is such an object of mine, under that tag, and this is in it.
fn statement(kind: ObjectKind, tag: &[u8; 8], content: &[u8]) -> Vec<u8> {
    [&[kind.code()][..], tag, &kdf::sha256(content).0].concat()
}
