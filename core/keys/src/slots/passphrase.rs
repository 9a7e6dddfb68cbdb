//! The passphrase slot: the local key, sealed under what Argon2id makes of a passphrase.

use subrosa_base::entropy::{self, Entropy};
use subrosa_base::labels;

use super::{SlotError, VERSION, checked, close};
use crate::kdf::{self, PassphraseSalt, Policy, SALT_LEN, Strength, StrengthError};
use crate::seal::{self, SealError};
use crate::secret::{Key, LocalRole, Passphrase, ReauthRole};

/// Version, strength and salt.
const HEADER: usize = 1 + 3 * 4 + SALT_LEN;

/// Makes and opens passphrase slots.
#[derive(Clone, Copy, Debug)]
pub struct PassphraseSlot;

impl PassphraseSlot {
    /// A slot that opens `lk` with the passphrase, and the key that opens what must ask for it again.
    ///
    /// # Errors
    /// [`StrengthError`], for a strength that the policy refuses or the machine cannot pay.
    pub fn make(
        passphrase: &Passphrase,
        lk: &Key<LocalRole>,
        strength: Strength,
        policy: Policy,
        entropy: &mut dyn Entropy,
    ) -> Result<(Vec<u8>, Key<ReauthRole>), StrengthError> {
        let salt: PassphraseSalt = entropy::random(entropy);
        let (kek, again) = kdf::stretch(passphrase, &salt, strength, policy)?;
        let mut slot = vec![VERSION];
        for cost in [strength.memory_kib, strength.passes, strength.lanes] {
            slot.extend(cost.to_le_bytes());
        }
        slot.extend_from_slice(&salt);
        let sealed = seal::seal(&kek, &context(&slot), lk.expose(), entropy);
        slot.extend(sealed);
        Ok((close(labels::SLOT_CHECKSUM, slot), again))
    }

    /// The local key, and the key that opens what must ask for the passphrase again, from one run of Argon2id.
    ///
    /// # Errors
    /// See [`SlotError`]; damage and a strength out of bounds are found before the passphrase is used.
    pub fn open(
        slot: &[u8],
        passphrase: &Passphrase,
        policy: Policy,
    ) -> Result<(Key<LocalRole>, Key<ReauthRole>), SlotError> {
        let (header, sealed) =
            checked(labels::SLOT_CHECKSUM, slot)?.split_at_checked(HEADER).ok_or(SlotError::Damaged)?;
        let (strength, salt) = read_header(header).ok_or(SlotError::Damaged)?;
        let (kek, again) = kdf::stretch(passphrase, &salt, strength, policy)?;
        let lk = seal::open(&kek, &context(header), sealed).map_err(|error| match error {
            SealError::WrongKey => SlotError::WrongPassphrase,
            SealError::Damaged | SealError::TooShort => SlotError::Damaged,
        })?;
        Ok((Key::from_slice(&lk).ok_or(SlotError::Damaged)?, again))
    }

    /// What a guess at this slot's passphrase costs.
    ///
    /// # Errors
    /// [`SlotError::Damaged`] or [`SlotError::Newer`].
    pub fn strength(slot: &[u8]) -> Result<Strength, SlotError> {
        let header = checked(labels::SLOT_CHECKSUM, slot)?;
        Ok(read_header(header).ok_or(SlotError::Damaged)?.0)
    }
}

/// Strength and salt are bound too: a slot whose strength was lowered does not open to the same passphrase anyway.
fn context(header: &[u8]) -> Vec<u8> {
    [labels::SLOT, header].concat()
}

fn read_header(header: &[u8]) -> Option<(Strength, PassphraseSalt)> {
    let (_version, rest) = header.split_first()?;
    let (memory_kib, rest) = rest.split_first_chunk()?;
    let (passes, rest) = rest.split_first_chunk()?;
    let (lanes, rest) = rest.split_first_chunk()?;
    let strength = Strength {
        memory_kib: u32::from_le_bytes(*memory_kib),
        passes: u32::from_le_bytes(*passes),
        lanes: u32::from_le_bytes(*lanes),
    };
    Some((strength, *rest.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests;
    use subrosa_base::entropy::Os;

    const CHEAP: Strength = Strength::CHEAP_FOR_TESTS;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(text.into())
    }

    fn slot() -> (Vec<u8>, Key<LocalRole>, Key<ReauthRole>) {
        let lk = Key::random(&mut Os);
        let made = PassphraseSlot::make(&passphrase("correct horse"), &lk, CHEAP, Policy::Tests, &mut Os);
        let (slot, again) = made.unwrap();
        (slot, lk, again)
    }

    fn open(slot: &[u8], text: &str) -> Result<(Key<LocalRole>, Key<ReauthRole>), SlotError> {
        PassphraseSlot::open(slot, &passphrase(text), Policy::Tests)
    }

    /// What somebody with the file and this source does: edits the slot and mends the checksum.
    fn edited(slot: &[u8], edit: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut body = slot[..slot.len() - 32].to_vec();
        edit(&mut body);
        close(labels::SLOT_CHECKSUM, body)
    }

    #[test]
    fn the_passphrase_gives_back_both_keys() {
        let (slot, lk, again) = slot();
        assert_eq!(open(&slot, "correct horse"), Ok((lk, again)));
        assert_eq!(PassphraseSlot::strength(&slot), Ok(CHEAP));
    }

    #[test]
    fn a_slot_that_a_second_implementation_made_opens() {
        let vector = &tests::keys()["slot"];
        let field = |name: &str| tests::bytes(&vector[name]);
        let (lk, again) = open(&field("bytes"), vector["passphrase"].as_str().unwrap()).unwrap();
        assert_eq!(lk.expose().as_slice(), field("lk"));
        assert_eq!(again.expose().as_slice(), field("ppk"));
    }

    #[test]
    fn a_wrong_passphrase_and_a_damaged_slot_are_two_errors() {
        let (slot, ..) = slot();
        for wrong in ["correct horsf", "Correct horse", "", " correct horse"] {
            assert_eq!(open(&slot, wrong).err(), Some(SlotError::WrongPassphrase), "{wrong}");
        }
        for bit in 0..slot.len() * 8 {
            let mut flipped = slot.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&flipped, "correct horse").err(), Some(SlotError::Damaged), "bit {bit}");
            assert_eq!(open(&flipped, "wrong").err(), Some(SlotError::Damaged), "bit {bit}");
        }
        for length in 0..slot.len() {
            assert_eq!(open(&slot[..length], "correct horse").err(), Some(SlotError::Damaged), "{length} bytes");
        }
        assert_eq!(open(&[slot, vec![0]].concat(), "correct horse").err(), Some(SlotError::Damaged));
    }

    #[test]
    fn an_edited_strength_is_refused_before_it_is_run() {
        let (slot, ..) = slot();
        let with = |at: usize, cost: u32| edited(&slot, |body| body[at..at + 4].copy_from_slice(&cost.to_le_bytes()));
        assert_eq!(open(&with(1, 65), "correct horse").err(), Some(SlotError::TooWeak));
        assert_eq!(open(&with(1, 0), "correct horse").err(), Some(SlotError::TooWeak));
        let dear = edited(&slot, |body| body[1..13].copy_from_slice(&[0xFF; 12]));
        assert_eq!(open(&dear, "correct horse").err(), Some(SlotError::TooCostly));
    }

    #[test]
    fn the_cheap_slot_of_a_test_is_no_slot_in_earnest() {
        let (slot, lk, _) = slot();
        let opened = PassphraseSlot::open(&slot, &passphrase("correct horse"), Policy::Real);
        assert_eq!(opened.err(), Some(SlotError::TooWeak));
        let made = PassphraseSlot::make(&passphrase("x"), &lk, CHEAP, Policy::Real, &mut Os);
        assert_eq!(made.err(), Some(StrengthError::TooWeak));
    }

    #[test]
    fn an_edited_key_or_salt_does_not_open_and_a_later_version_says_so() {
        let (slot, ..) = slot();
        let body = slot.len() - 32;
        for at in [HEADER - 1, HEADER, HEADER + 24] {
            let changed = edited(&slot, |body| body[at] ^= 1);
            assert_eq!(open(&changed, "correct horse").err(), Some(SlotError::WrongPassphrase), "byte {at}");
        }
        let changed = edited(&slot, |slot| slot[body - 1] ^= 1);
        assert_eq!(open(&changed, "correct horse").err(), Some(SlotError::Damaged));
        let later = edited(&slot, |body| body[0] = 2);
        assert_eq!(open(&later, "correct horse").err(), Some(SlotError::Newer));
        assert_eq!(open(&close(labels::SLOT_CHECKSUM, vec![]), "x").err(), Some(SlotError::Damaged));
        assert_eq!(open(&close(labels::SLOT_CHECKSUM, vec![1]), "x").err(), Some(SlotError::Damaged));
    }

    #[test]
    fn the_same_passphrase_makes_another_slot_each_time() {
        let (one, _, again_one) = slot();
        let (two, _, again_two) = slot();
        assert!(one[13..] != two[13..] && again_one != again_two);
    }
}
