//! A passphrase stretched by Argon2id into two keys, in one run.
//!
//! The passphrase is normalised to Unicode NFC first: one keyboard sends `ä` as one character and another as two, and
//! both must open the same practice. Nothing else is changed: case, spaces and every other sign count.
//!
//! The strength is read from a file that somebody may have edited. Below the floor it would hand out guesses cheaply,
//! above the ceiling it would hang the machine; both are refused before a single block is filled.

use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, Zeroizing};

use crate::secret::{KEY_LEN, Key, Passphrase, ReauthRole, SlotRole};

/// Bytes in the salt of a passphrase.
pub const SALT_LEN: usize = 16;
/// The salt of a passphrase: random, stored beside what it opens.
pub type PassphraseSalt = [u8; SALT_LEN];

const MIB: u32 = 1024;
const TARGET: Duration = Duration::from_secs(1);
/// What calibration asks of a machine at the most; a therapist's old laptop has 4 GiB, and more programs.
const CALIBRATED_MEMORY: u32 = 512 * MIB;

/// What one guess of a passphrase costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strength {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// Which strengths are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Between the floor and the ceiling, nothing else.
    Real,
    /// [`Strength::CHEAP_FOR_TESTS`] as well. No practice of anybody's is opened under this policy.
    Tests,
}

/// Why a strength was refused, or could not be paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StrengthError {
    /// Below the floor: guessing would be cheap.
    #[error("the passphrase protection named here is weaker than this program accepts, and was not used")]
    TooWeak,
    /// Above the ceiling: opening would hang the machine.
    #[error("the passphrase protection named here asks for more than this program spends, and was not used")]
    TooCostly,
    /// The machine does not have the memory.
    #[error("there is not enough free memory to check the passphrase; close other programs and try again")]
    NotEnoughMemory,
}

impl Strength {
    /// The least that is accepted.
    pub const FLOOR: Self = Self { memory_kib: 64 * MIB, passes: 3, lanes: 1 };
    /// The most that is accepted.
    pub const CEILING: Self = Self { memory_kib: 2048 * MIB, passes: 16, lanes: 16 };
    /// What makes tests fast. Refused under [`Policy::Real`], like anything below the floor.
    pub const CHEAP_FOR_TESTS: Self = Self { memory_kib: 64, passes: 1, lanes: 1 };

    /// Whether this strength may be used at all, decided before it is run.
    ///
    /// # Errors
    /// [`StrengthError::TooWeak`] or [`StrengthError::TooCostly`].
    pub fn check(self, policy: Policy) -> Result<(), StrengthError> {
        if policy == Policy::Tests && self == Self::CHEAP_FOR_TESTS {
            return Ok(());
        }
        let (floor, ceiling) = (Self::FLOOR, Self::CEILING);
        if self.memory_kib < floor.memory_kib || self.passes < floor.passes || self.lanes < floor.lanes {
            return Err(StrengthError::TooWeak);
        }
        if self.memory_kib > ceiling.memory_kib || self.passes > ceiling.passes || self.lanes > ceiling.lanes {
            return Err(StrengthError::TooCostly);
        }
        Ok(())
    }
}

/// The slot's key and the key that opens only what asks again, from one run over the normalised passphrase.
///
/// # Errors
/// [`StrengthError`]; a refused strength is refused before it costs anything.
pub fn stretch(
    passphrase: &Passphrase,
    salt: &PassphraseSalt,
    strength: Strength,
    policy: Policy,
) -> Result<(Key<SlotRole>, Key<ReauthRole>), StrengthError> {
    let mut output = Zeroizing::new([[0; KEY_LEN]; 2]);
    argon2id(normalised(passphrase).as_bytes(), salt, strength, policy, output.as_flattened_mut())?;
    let [slot, again] = &mut *output;
    Ok((Key::take(slot), Key::take(again)))
}

/// A strength that takes about one second here. `elapsed` is a stopwatch: the time since any fixed moment.
///
/// One run at the floor is measured, then memory grows in proportion, up to 512 MiB, and passes after it. A stopwatch
/// that stands still or jumps can only give a strength within the bounds.
pub fn calibrate(elapsed: &mut dyn FnMut() -> Duration) -> Strength {
    let before = elapsed();
    let probe = stretch(&Passphrase::new(String::from("calibration")), &[0; SALT_LEN], Strength::FLOOR, Policy::Real);
    if probe.is_err() {
        return Strength::FLOOR;
    }
    fit(elapsed().saturating_sub(before))
}

/// The strength whose run takes [`TARGET`] where a run at the floor takes `at_floor`.
fn fit(at_floor: Duration) -> Strength {
    let times = TARGET.as_millis() / at_floor.as_millis().max(1);
    let times = u32::try_from(times).unwrap_or(u32::MAX).max(1);
    let floor = Strength::FLOOR;
    let memory_kib = floor.memory_kib.saturating_mul(times).min(CALIBRATED_MEMORY);
    let passes = floor.passes.saturating_mul(times) / (memory_kib / floor.memory_kib);
    Strength { memory_kib, passes: passes.clamp(floor.passes, Strength::CEILING.passes), lanes: floor.lanes }
}

/// Argon2id, version 0x13, with no secret and no associated data.
pub(crate) fn argon2id(
    secret: &[u8],
    salt: &[u8],
    strength: Strength,
    policy: Policy,
    output: &mut [u8],
) -> Result<(), StrengthError> {
    strength.check(policy)?;
    let params = Params::new(strength.memory_kib, strength.passes, strength.lanes, Some(output.len()));
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.map_err(|_| StrengthError::TooCostly)?);
    argon.hash_password_into(secret, salt, output).map_err(|_| {
        output.zeroize();
        StrengthError::NotEnoughMemory
    })
}

/// In NFC, in a buffer that never has to grow and leave a copy behind: NFC triples the bytes of a text at the most.
fn normalised(passphrase: &Passphrase) -> Zeroizing<String> {
    let typed = passphrase.expose();
    let mut normalised = Zeroizing::new(String::with_capacity(typed.len().saturating_mul(3)));
    normalised.extend(typed.nfc());
    normalised
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Strength = Strength::CHEAP_FOR_TESTS;

    fn slot_key(text: &str, salt: u8) -> (Key<SlotRole>, Key<ReauthRole>) {
        stretch(&Passphrase::new(text.into()), &[salt; SALT_LEN], CHEAP, Policy::Tests).unwrap()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_run_is_the_argon2id_of_another_implementation() {
        // Salt "somesaltsomesalt", 64 KiB, one pass, one lane, 64 bytes: as OpenSSL computes it.
        let expected = "373544703a56db51fd3ef79f0684d799a8417b81f8a69ab8144bdc85b876120467d56d8b4e897f127149cb0ff519c762\
                        b2ee1e74b79f7d67b295d60e00321773";
        let mut output = [0; 64];
        argon2id(b"password", b"somesaltsomesalt", CHEAP, Policy::Tests, &mut output).unwrap();
        assert_eq!(hex(&output), expected);
    }

    #[test]
    fn one_run_gives_two_keys_that_depend_on_passphrase_and_salt() {
        let (slot, again) = slot_key("correct horse", 1);
        assert_ne!(slot.expose(), again.expose());
        assert!(slot == slot_key("correct horse", 1).0 && again == slot_key("correct horse", 1).1);
        assert!(slot != slot_key("correct horsf", 1).0 && again != slot_key("correct horsf", 1).1);
        assert!(slot != slot_key("correct horse", 2).0 && again != slot_key("correct horse", 2).1);
    }

    #[test]
    fn two_keyboards_agree_on_a_letter_with_dots_and_nothing_else_is_folded() {
        assert!(slot_key("yo\u{308}llä", 1).0 == slot_key("yöll\u{61}\u{308}", 1).0);
        for other in ["Yöllä", "yollä", " yöllä", "yöllä ", "ｙöllä"] {
            assert!(slot_key("yöllä", 1).0 != slot_key(other, 1).0, "{other}");
        }
    }

    #[test]
    fn normalising_never_outgrows_its_buffer() {
        for text in ["\u{1D160}", "\u{FB2C}", "\u{390}", "ä", ""] {
            let text = text.repeat(50);
            let passphrase = Passphrase::new(text.clone());
            assert!(normalised(&passphrase).len() <= text.len() * 3, "{}", text.escape_unicode());
        }
    }

    #[test]
    fn a_strength_outside_the_bounds_is_refused_before_it_runs() {
        let (floor, ceiling) = (Strength::FLOOR, Strength::CEILING);
        for strength in [floor, ceiling, Strength { memory_kib: 256 * MIB, passes: 3, lanes: 4 }] {
            assert_eq!(strength.check(Policy::Real), Ok(()));
        }
        let weak = [
            Strength { memory_kib: floor.memory_kib - 1, ..floor },
            Strength { passes: 2, ..floor },
            Strength { lanes: 0, ..floor },
            Strength { memory_kib: 0, passes: 0, lanes: 0 },
        ];
        let costly = [
            Strength { memory_kib: ceiling.memory_kib + 1, ..floor },
            Strength { passes: 17, ..floor },
            Strength { lanes: 17, ..floor },
            Strength { memory_kib: u32::MAX, passes: u32::MAX, lanes: u32::MAX },
        ];
        let passphrase = Passphrase::new("x".into());
        for policy in [Policy::Real, Policy::Tests] {
            let refusal = |strength| stretch(&passphrase, &[0; SALT_LEN], strength, policy).err();
            assert!(weak.iter().all(|strength| refusal(*strength) == Some(StrengthError::TooWeak)));
            assert!(costly.iter().all(|strength| refusal(*strength) == Some(StrengthError::TooCostly)));
        }
    }

    #[test]
    fn the_cheap_strength_is_for_tests_alone_and_its_neighbours_for_nobody() {
        assert_eq!(CHEAP.check(Policy::Tests), Ok(()));
        assert_eq!(CHEAP.check(Policy::Real), Err(StrengthError::TooWeak));
        let neighbour = Strength { memory_kib: CHEAP.memory_kib + 1, ..CHEAP };
        assert_eq!(neighbour.check(Policy::Tests), Err(StrengthError::TooWeak));
    }

    #[test]
    fn calibration_measures_a_run_at_the_floor_and_grows_from_there() {
        let mut readings = [1000, 1250].map(Duration::from_millis).into_iter();
        let strength = calibrate(&mut || readings.next().unwrap());
        assert_eq!(strength, Strength { memory_kib: 256 * MIB, ..Strength::FLOOR });
        assert_eq!(readings.next(), None, "the stopwatch is read before and after");
        let mut backwards = [5, 0].map(Duration::from_secs).into_iter();
        assert_eq!(calibrate(&mut || backwards.next().unwrap()).check(Policy::Real), Ok(()));
    }

    #[test]
    fn calibration_stays_within_the_bounds_on_the_slowest_and_the_fastest_machine() {
        for millis in [0, 1, 5, 60, 125, 140, 400, 999, 1000, 60_000] {
            let strength = fit(Duration::from_millis(millis));
            assert_eq!(strength.check(Policy::Real), Ok(()), "{millis} ms");
            assert!(strength.memory_kib <= CALIBRATED_MEMORY, "{millis} ms");
        }
        assert_eq!(fit(Duration::from_secs(5)), Strength::FLOOR);
        assert_eq!(fit(Duration::from_millis(250)).memory_kib, 256 * MIB);
        assert_eq!(fit(Duration::from_millis(62)), Strength { memory_kib: 512 * MIB, passes: 6, lanes: 1 });
    }
}
