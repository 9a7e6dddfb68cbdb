//! How hard a passphrase is to guess, and the one rule about which new ones are good enough.
//!
//! The rule holds wherever a new passphrase is chosen, in the window and on the command line: for a practice that is made,
//! joined, restored or opened with the recovery kit, and when the passphrase is changed. Whoever holds the file can try as
//! often as they like, so that length alone is no defence: `password password` is long and refused.

use zeroize::Zeroizing;
use zxcvbn::Score;

/// The shortest new passphrase, in characters.
pub const SHORTEST: usize = 10;
/// Characters that the estimate reads. Its cost grows faster than the text (half a millisecond for four words, some four for all
/// that is read), and a longer text gains nothing by it.
const READ: usize = 64;
/// What people put between words. Whoever guesses words knows that, so that it makes nothing harder; the estimate takes each
/// such sign for a secret of its own, and `password password` for three.
const SEPARATORS: [char; 9] = [' ', '-', '_', '.', ',', ':', ';', '+', '/'];
/// Words that everybody would try here first.
const EXPECTED: [&str; 3] = ["subrosa", "therapy", "practice"];

/// How long it takes to guess a passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guessing {
    /// It is among the first that anybody tries.
    NoTime,
    /// An attack without any effort finds it.
    Minutes,
    /// An attack with some effort finds it.
    Effort,
    /// Years, with the practice's file at hand.
    Years,
    /// Longer than anybody has.
    Ages,
}

/// What a passphrase is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassphraseStrength {
    /// How long it takes to guess.
    pub guessing: Guessing,
    /// Whether it has [`SHORTEST`] characters.
    pub is_long_enough: bool,
}

impl PassphraseStrength {
    /// Judges a passphrase.
    pub fn of(passphrase: &str) -> Self {
        let end = passphrase.char_indices().nth(READ).map_or(passphrase.len(), |(end, _)| end);
        let read = passphrase.get(..end).unwrap_or(passphrase);
        let joined: Zeroizing<String> = Zeroizing::new(read.split(SEPARATORS).collect());
        let guessing = guessing(read).min(guessing(&joined));
        Self { guessing, is_long_enough: passphrase.chars().nth(SHORTEST - 1).is_some() }
    }

    /// Whether it may be chosen.
    pub fn is_enough(self) -> bool {
        self.is_long_enough && self.guessing >= Guessing::Years
    }
}

fn guessing(read: &str) -> Guessing {
    match zxcvbn::zxcvbn(read, &EXPECTED).score() {
        Score::Zero => Guessing::NoTime,
        Score::One => Guessing::Minutes,
        Score::Two => Guessing::Effort,
        Score::Three => Guessing::Years,
        // The enum of the estimate may grow; its scores end at four.
        _ => Guessing::Ages,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_enough(passphrase: &str) -> bool {
        PassphraseStrength::of(passphrase).is_enough()
    }

    #[test]
    fn words_that_do_not_belong_together_are_accepted_and_what_everybody_chooses_is_not() {
        for good in ["lantern gravel oboe", "harbour pepper violin meadow", "kx7Qm2vRt9Lz"] {
            assert!(is_enough(good), "{good}");
        }
        for bad in [
            "",
            "password12",
            "password1234",
            "password password",
            "password-password1",
            "lantern gravel",
            "aaaaaaaaaaaaaaaa",
        ] {
            assert!(!is_enough(bad), "{bad}");
        }
    }

    #[test]
    fn nine_characters_are_refused_and_ten_as_good_as_they_are_accepted() {
        let (nine, ten) = ("kx7Qm2vRt", "kx7Qm2vRt9");
        assert!(PassphraseStrength::of(nine).guessing >= Guessing::Years && !is_enough(nine));
        assert!(is_enough(ten));
        // Characters, not bytes.
        assert!(
            !PassphraseStrength::of("åäöåäöåäö").is_long_enough && PassphraseStrength::of("åäöåäöåäöå").is_long_enough
        );
    }

    #[test]
    fn a_long_passphrase_is_judged_by_its_beginning() {
        let head = "lantern gravel oboe thicket harbour pepper violin meadow anchor x";
        assert_eq!(PassphraseStrength::of(head), PassphraseStrength::of(&format!("{head}{}", " and on".repeat(40))));
    }
}
