//! What an admission hands to the new device: every epoch's secret, and the practice key, wrapped to its DKK.
//!
//! Refused: a wrap for another device or key, and a payload that is not exactly such a list.

use subrosa_base::codec::{Malformed, Reader, Writer};
use subrosa_base::entropy::Entropy;
use subrosa_base::id::{DeviceId, EpochId};
use subrosa_base::labels;
use zeroize::Zeroizing;

use super::card::DeviceCard;
use super::entry::WRAP_MAX;
use crate::secret::{EpochRole, KEY_LEN, Key, PracticeRole, Role, WrapRole};
use crate::wrap::{self, WrapError};

/// The most epochs whose secrets one admission hands over.
pub const EPOCHS_MAX: usize = 256;
// All of them fit into the wrap's own limit.
const _: () = assert!(wrap::wrapped_len(payload_len(EPOCHS_MAX)) <= WRAP_MAX);

/// Why the secrets of an admission were not handed over or not taken. Nothing of them was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WelcomeError {
    /// Wrapped for another device or another key.
    #[error("this welcome is for another device, or for this one as it was before; pair the devices again")]
    NotForThisDevice,
    /// The key is right and the content is not what was wrapped.
    #[error("this welcome was changed or cut short, and nothing of it was used; pair the devices again")]
    Damaged,
    /// More epochs than an entry can hand over.
    #[error("this practice has removed devices too often for one welcome; nothing was changed")]
    TooManyEpochs,
}

impl From<WrapError> for WelcomeError {
    fn from(error: WrapError) -> Self {
        match error {
            WrapError::NotForThisKey => Self::NotForThisDevice,
            _ => Self::Damaged,
        }
    }
}

impl From<Malformed> for WelcomeError {
    fn from(_: Malformed) -> Self {
        Self::Damaged
    }
}

/// The secrets that all devices of a practice share: ES of each epoch, and VK.
pub type Shared = (Vec<(EpochId, Key<EpochRole>)>, Key<PracticeRole>);

/// Wraps the shared secrets for a device that is to be admitted.
///
/// # Errors
/// [`WelcomeError::TooManyEpochs`] beyond [`EPOCHS_MAX`].
pub fn admission_wrap(
    device: &DeviceCard,
    epochs: &[(EpochId, &Key<EpochRole>)],
    practice: &Key<PracticeRole>,
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, WelcomeError> {
    if epochs.len() > EPOCHS_MAX {
        return Err(WelcomeError::TooManyEpochs);
    }
    let mut writer = Writer::with_capacity(payload_len(epochs.len()));
    writer.list(epochs, |writer, (epoch, secret)| {
        writer.bytes(&epoch.0).bytes(secret.expose());
    });
    writer.bytes(practice.expose());
    let payload = Zeroizing::new(writer.finish());
    Ok(wrap::wrap(&device.dkk, &context(device.id), &payload, entropy))
}

/// Opens what [`admission_wrap`] made for this device, with its DKK.
pub(super) fn open_admission_wrap(
    wrapped: &[u8],
    device: DeviceId,
    dkk: &Key<WrapRole>,
) -> Result<Shared, WelcomeError> {
    let payload = wrap::unwrap(dkk, &context(device), wrapped)?;
    let mut reader = Reader::new(&payload);
    let epochs = reader.list(EPOCHS_MAX, |reader| Ok((EpochId(reader.array()?), read_key(reader)?)))?;
    let practice = read_key(&mut reader)?;
    reader.finish()?;
    Ok((epochs, practice))
}

const fn payload_len(epochs: usize) -> usize {
    4 + epochs * (EpochId::LEN + KEY_LEN) + KEY_LEN
}

pub(super) fn read_key<R: Role>(reader: &mut Reader<'_>) -> Result<Key<R>, Malformed> {
    Key::from_slice(reader.bytes(KEY_LEN)?).ok_or(Malformed)
}

fn context(device: DeviceId) -> Vec<u8> {
    [labels::ADMISSION, &device.0].concat()
}
