//! What opens a vault: the slot of the passphrase, and the slot of the recovery kit.
//!
//! Each slot ends with a plain checksum over all of it. The checksum protects nothing against somebody who edits the
//! file, and is there so that the two reasons for which a slot does not open are told apart: a checksum that does not
//! fit is damage, and a fitting one with another commitment is a wrong passphrase or a wrong kit. Against an editor
//! stand the bounds on the strength, checked before a guess is run, and the seal around the key.
//!
//! ```text
//! passphrase  version 1 ‖ memory KiB u32 ‖ passes u32 ‖ lanes u32 ‖ salt(16) ‖ seal(KEK, label ‖ all before, LK) ‖ checksum(32)
//! recovery    version 1 ‖ wrap(recovery key, label ‖ version, LK ‖ VAK ‖ PKK) ‖ checksum(32)
//! checksum    H(lp(label of the slot's checksum) ‖ lp(all before))
//! ```

mod passphrase;
mod recovery;

use subrosa_base::id::Hash;

pub use self::passphrase::PassphraseSlot;
pub use self::recovery::{RecoverySecrets, RecoverySlot};
use crate::kdf::{self, StrengthError};

const VERSION: u8 = 1;

/// Why a slot did not open. The vault is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SlotError {
    /// The slot is whole and another passphrase opens it.
    #[error("this is not the passphrase of this practice; nothing was changed, try again")]
    WrongPassphrase,
    /// The slot is whole and another recovery kit opens it.
    #[error(
        "this recovery kit does not open this practice: it may be an older kit, or the kit of another practice; nothing was \
         changed; take the kit that was made last, and an older kit for a backup or a copy of its own time"
    )]
    WrongKit,
    /// The slot's bytes are not what was written.
    #[error(
        "the part of the file that checks what you typed is damaged; the notes may well be whole: keep the file as it \
         is, and open it with the recovery kit, the passphrase or a backup"
    )]
    Damaged,
    /// A later version of the program wrote the slot.
    #[error("a newer version of this program protects this practice; update the program to open it")]
    Newer,
    /// The strength in the slot is below the floor.
    #[error(
        "the passphrase protection in this file is weaker than any that this program makes; somebody may have changed \
         the file, and the passphrase was not used"
    )]
    TooWeak,
    /// The strength in the slot is above the ceiling.
    #[error(
        "the passphrase protection in this file asks for more than this program spends; somebody may have changed the \
         file, and it was not tried"
    )]
    TooCostly,
    /// The machine does not have the memory.
    #[error("there is not enough free memory to check the passphrase; close other programs and try again")]
    NotEnoughMemory,
}

impl From<StrengthError> for SlotError {
    fn from(error: StrengthError) -> Self {
        match error {
            StrengthError::TooWeak => Self::TooWeak,
            StrengthError::TooCostly => Self::TooCostly,
            StrengthError::NotEnoughMemory => Self::NotEnoughMemory,
        }
    }
}

/// Adds the checksum.
fn close(label: &[u8], mut slot: Vec<u8>) -> Vec<u8> {
    let checksum = kdf::hash(label, &[&slot]);
    slot.extend_from_slice(&checksum.0);
    slot
}

/// What lies before the checksum, once it fits, and after a version that this program knows.
fn checked<'a>(label: &[u8], slot: &'a [u8]) -> Result<&'a [u8], SlotError> {
    let (body, checksum) = slot.split_last_chunk::<{ Hash::LEN }>().ok_or(SlotError::Damaged)?;
    if kdf::hash(label, &[body]).0 != *checksum {
        return Err(SlotError::Damaged);
    }
    match body.first() {
        Some(&VERSION) => Ok(body),
        Some(_) => Err(SlotError::Newer),
        None => Err(SlotError::Damaged),
    }
}
