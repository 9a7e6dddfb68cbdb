//! The recovery slot: what a practice needs to go on without its passphrase, wrapped to the key of the recovery kit.

use subrosa_base::entropy::Entropy;
use subrosa_base::labels;
use zeroize::Zeroizing;

use super::{SlotError, VERSION, checked, close};
use crate::secret::{AuthorityRole, KEY_LEN, Key, LocalRole, RecoveryRole, WrapRole};
use crate::wrap::{self, WrapError, WrapPublic};

/// What the recovery kit opens. `Debug` prints no byte: each key prints its role.
#[derive(Debug, PartialEq, Eq)]
pub struct RecoverySecrets {
    /// LK: opens the vault on this device.
    pub local: Key<LocalRole>,
    /// VAK: admits and removes devices.
    pub authority: Key<AuthorityRole>,
    /// PKK: through which process keys reach this device.
    pub process: Key<WrapRole>,
}

/// Makes and opens recovery slots.
#[derive(Clone, Copy, Debug)]
pub struct RecoverySlot;

impl RecoverySlot {
    /// A slot that the holder of the recovery key opens. Only the public key is needed: the kit stays on paper.
    pub fn make(public: &WrapPublic, secrets: &RecoverySecrets, entropy: &mut dyn Entropy) -> Vec<u8> {
        let keys = [secrets.local.expose(), secrets.authority.expose(), secrets.process.expose()];
        let payload = Zeroizing::new(keys.map(|key| *key));
        let mut slot = vec![VERSION];
        slot.extend(wrap::wrap(public, &context(), payload.as_flattened(), entropy));
        close(labels::RECOVERY_CHECKSUM, slot)
    }

    /// Whether the slot's bytes are the ones that were written; needs no kit.
    ///
    /// # Errors
    /// [`SlotError::Damaged`] or [`SlotError::Newer`].
    pub fn check(slot: &[u8]) -> Result<(), SlotError> {
        checked(labels::RECOVERY_CHECKSUM, slot).map(drop)
    }

    /// Opens the slot with the key of the kit.
    ///
    /// # Errors
    /// [`SlotError::WrongKit`], [`SlotError::Damaged`] or [`SlotError::Newer`].
    pub fn open(slot: &[u8], kit: &Key<RecoveryRole>) -> Result<RecoverySecrets, SlotError> {
        let (_version, wrapped) = checked(labels::RECOVERY_CHECKSUM, slot)?.split_first().ok_or(SlotError::Damaged)?;
        let payload = wrap::unwrap(kit, &context(), wrapped).map_err(|error| match error {
            WrapError::NotForThisKey => SlotError::WrongKit,
            WrapError::Damaged | WrapError::TooShort => SlotError::Damaged,
        })?;
        read_secrets(&payload).ok_or(SlotError::Damaged)
    }
}

fn context() -> Vec<u8> {
    [labels::RECOVERY, &[VERSION]].concat()
}

fn read_secrets(payload: &[u8]) -> Option<RecoverySecrets> {
    let (local, rest) = payload.split_at_checked(KEY_LEN)?;
    let (authority, process) = rest.split_at_checked(KEY_LEN)?;
    Some(RecoverySecrets {
        local: Key::from_slice(local)?,
        authority: Key::from_slice(authority)?,
        process: Key::from_slice(process)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use subrosa_base::entropy::Os;

    fn secrets() -> RecoverySecrets {
        RecoverySecrets { local: Key::random(&mut Os), authority: Key::random(&mut Os), process: Key::random(&mut Os) }
    }

    fn kit(byte: u8) -> Key<RecoveryRole> {
        Key::take(&mut [byte; 32])
    }

    #[test]
    fn the_kit_gives_back_all_three_keys_and_another_kit_none() {
        let secrets = secrets();
        let slot = RecoverySlot::make(&WrapPublic::of(&kit(1)), &secrets, &mut Os);
        assert_eq!(RecoverySlot::open(&slot, &kit(1)), Ok(secrets));
        assert_eq!(RecoverySlot::open(&slot, &kit(2)), Err(SlotError::WrongKit));
    }

    #[test]
    fn a_damaged_slot_is_not_taken_for_a_wrong_kit() {
        let slot = RecoverySlot::make(&WrapPublic::of(&kit(1)), &secrets(), &mut Os);
        for at in 0..slot.len() {
            let mut changed = slot.clone();
            changed[at] ^= 0x20;
            assert_eq!(RecoverySlot::open(&changed, &kit(1)), Err(SlotError::Damaged), "byte {at}");
            assert_eq!(RecoverySlot::open(&slot[..at], &kit(1)), Err(SlotError::Damaged), "{at} bytes");
        }
    }

    #[test]
    fn an_edited_slot_with_a_mended_checksum_does_not_open() {
        let slot = RecoverySlot::make(&WrapPublic::of(&kit(1)), &secrets(), &mut Os);
        let mend = |edit: fn(&mut Vec<u8>)| {
            let mut body = slot[..slot.len() - 32].to_vec();
            edit(&mut body);
            RecoverySlot::open(&close(labels::RECOVERY_CHECKSUM, body), &kit(1))
        };
        assert_eq!(mend(|body| body[0] = 2), Err(SlotError::Newer));
        assert_eq!(mend(|body| body[700] ^= 1), Err(SlotError::WrongKit));
        assert_eq!(mend(|body| *body.last_mut().unwrap() ^= 1), Err(SlotError::Damaged));
        assert_eq!(mend(|body| body.truncate(40)), Err(SlotError::Damaged));
    }

    #[test]
    fn a_passphrase_slots_bytes_are_no_recovery_slot() {
        let slot = close(labels::SLOT_CHECKSUM, vec![1; 1400]);
        assert_eq!(RecoverySlot::open(&slot, &kit(1)), Err(SlotError::Damaged));
    }

    #[test]
    fn debug_prints_roles_and_no_byte() {
        let printed = format!("{:?}", secrets());
        assert_eq!(printed, "RecoverySecrets { local: LocalKey, authority: AuthorityKey, process: WrapKey }");
    }
}
