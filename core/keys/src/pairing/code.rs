//! Eight words that one person reads from one device and types into the other.
//!
//! 80 random bits and a checksum of 8, as eleven bits a word from the English list of BIP-39. The checksum and the
//! list catch a slip before anything is sent; no word is ever suggested, since a guess of the program's would not be
//! what the person read.

use std::fmt;

use bip39::Language;
use subrosa_base::entropy::{self, Entropy};
use subrosa_base::labels;
use subtle::ConstantTimeEq;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::kdf::{self, Policy, SALT_LEN, Strength, StrengthError};
use crate::secret::{KEY_LEN, Key, PairingRole};

const RANDOM: usize = 10;
const WORDS: usize = 8;
const BITS_A_WORD: u32 = 11;
const RENDEZVOUS: usize = 16;

/// Why what was typed is no code. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// Too few words or too many.
    #[error("a code has eight words, and here are {0}")]
    Count(usize),
    /// A word that is in no code; the first word is number 1.
    #[error("the {} word is not in the list; compare it with the other screen", ordinal(*.0))]
    Word(usize),
    /// Eight good words that do not belong together.
    #[error(
        "each word is possible, but together they are no code: one is another word than on the other screen, or two \
         are swapped"
    )]
    Checksum,
}

/// The word of this number in the list.
pub(super) fn word(index: usize) -> &'static str {
    Language::English.word_list().get(index).copied().unwrap_or_default()
}

fn ordinal(place: usize) -> &'static str {
    let words = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"];
    words.get(place.wrapping_sub(1)).copied().unwrap_or("next")
}

/// A pairing code: 80 random bits, wiped on drop, never printed by `Debug`.
#[derive(ZeroizeOnDrop)]
pub struct Code([u8; RANDOM]);

impl Code {
    /// A fresh code.
    pub fn random(entropy: &mut dyn Entropy) -> Self {
        Self(entropy::random(entropy))
    }

    /// Reads eight words, in any case, with spaces, line breaks, hyphens, commas or numbers between them.
    ///
    /// # Errors
    /// [`CodeError`], which names a place and never a word.
    pub fn parse(typed: &str) -> Result<Self, CodeError> {
        let typed = Zeroizing::new(typed.to_lowercase());
        let words = || typed.split(|sign: char| !sign.is_alphabetic()).filter(|word| !word.is_empty());
        let count = words().count();
        if count != WORDS {
            return Err(CodeError::Count(count));
        }
        let mut bits = Zeroizing::new(0_u128);
        for (place, word) in words().enumerate() {
            let index = Language::English.find_word(word).ok_or(CodeError::Word(place + 1))?;
            *bits = *bits << BITS_A_WORD | u128::from(index);
        }
        Self::from_bits(&bits).ok_or(CodeError::Checksum)
    }

    /// The eight words, with spaces between them.
    pub fn words(&self) -> Zeroizing<String> {
        let bits = self.bits();
        // The longest word of the list has eight letters.
        let mut words = Zeroizing::new(String::with_capacity(WORDS * 9));
        for shift in (0..BITS_A_WORD * 8).step_by(11).rev() {
            let index = usize::try_from(*bits >> shift & 0x7FF).unwrap_or_default();
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word(index));
        }
        words
    }

    /// What both devices make of the code, in one run of Argon2id at its floor, which takes a part of a second.
    ///
    /// # Errors
    /// [`StrengthError::NotEnoughMemory`].
    pub fn stretch(&self, policy: Policy) -> Result<Secrets, StrengthError> {
        let strength = match policy {
            Policy::Real => Strength::FLOOR,
            Policy::Tests => Strength::CHEAP_FOR_TESTS,
        };
        // Both sides must find the same salt with nothing said before, so it is the label's; the code is random and
        // short-lived, so nobody profits from tables.
        let salt = kdf::sha256(labels::PAIRING_CODE);
        let salt = salt.0.first_chunk::<SALT_LEN>().copied().unwrap_or_default();
        let mut output = Zeroizing::new([0; KEY_LEN + RENDEZVOUS]);
        kdf::argon2id(&self.0, &salt, strength, policy, output.as_mut_slice())?;
        let (mut psk, mut rendezvous) = (Zeroizing::new([0; KEY_LEN]), [0; RENDEZVOUS]);
        psk.iter_mut().chain(&mut rendezvous).zip(output.iter()).for_each(|(to, from)| *to = *from);
        Ok(Secrets { psk: Key::take(&mut psk), rendezvous })
    }

    /// The random bits and the checksum after them, as 88 bits.
    fn bits(&self) -> Zeroizing<u128> {
        let random = self.0.iter().fold(0, |bits: u128, byte| bits << 8 | u128::from(*byte));
        Zeroizing::new(random << 8 | u128::from(self.checksum()))
    }

    fn from_bits(bits: &u128) -> Option<Self> {
        let bytes = Zeroizing::new(bits.to_be_bytes());
        let mut code = Self([0; RANDOM]);
        let (random, checksum) = bytes.get(16 - RANDOM - 1..)?.split_at_checked(RANDOM)?;
        code.0.iter_mut().zip(random).for_each(|(to, from)| *to = *from);
        (checksum == [code.checksum()]).then_some(code)
    }

    fn checksum(&self) -> u8 {
        let [first, ..] = kdf::sha256(&self.0).0;
        first
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code")
    }
}

/// What a code becomes.
pub struct Secrets {
    /// The pre-shared key.
    pub psk: Key<PairingRole>,
    /// A name by which the two devices find each other on a network. It is public: it tells who listens that two
    /// devices with the same code are looking for each other, once.
    pub rendezvous: [u8; RENDEZVOUS],
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use subrosa_base::entropy::Os;

    #[test]
    fn a_code_is_eight_words_and_comes_back_however_it_is_typed() {
        for _ in 0..200 {
            let code = Code::random(&mut Os);
            let words = code.words();
            let list: Vec<&str> = words.split(' ').collect();
            assert_eq!(list.len(), WORDS);
            let numbered: String = list.iter().enumerate().map(|(at, word)| format!("{}. {word}\n", at + 1)).collect();
            for typed in [
                words.to_string(),
                words.to_uppercase(),
                list.join("-"),
                format!("  {} ", list.join(" ,\t\r\n")),
                numbered,
            ] {
                assert_eq!(Code::parse(&typed), Ok(Code(code.0)));
            }
        }
    }

    #[test]
    fn the_words_are_those_of_the_list_in_the_order_of_the_bits() {
        // SHA-256 of ten zero bytes begins with 0x01, so the last word is number 1 of the list counted from 0.
        assert_eq!(kdf::sha256(&[0; 10]).0[0], 0x01);
        assert_eq!(Code([0; 10]).words().as_str(), "abandon abandon abandon abandon abandon abandon abandon ability");
        assert!(Code([0xFF; 10]).words().starts_with("zoo zoo zoo zoo zoo zoo zoo "));
    }

    #[test]
    fn a_mistyped_word_is_named_by_its_place_and_by_nothing_else() {
        let words = Code([7; 10]).words();
        for place in 1..=WORDS {
            let typed: Vec<&str> =
                words.split(' ').enumerate().map(|(at, word)| if at + 1 == place { "abandom" } else { word }).collect();
            let error = Code::parse(&typed.join(" ")).unwrap_err();
            assert_eq!(error, CodeError::Word(place));
            assert!(!error.to_string().contains("aband") && error.to_string().contains(ordinal(place)));
        }
    }

    #[test]
    fn too_few_and_too_many_words_say_how_many() {
        let words = Code([7; 10]).words();
        assert_eq!(Code::parse(""), Err(CodeError::Count(0)));
        assert_eq!(Code::parse(words.rsplit_once(' ').unwrap().0), Err(CodeError::Count(7)));
        assert_eq!(Code::parse(&format!("{} zoo", words.as_str())), Err(CodeError::Count(9)));
    }

    #[test]
    fn good_words_that_do_not_belong_together_are_refused_nearly_always() {
        let words = Code([7; 10]).words();
        let mut refused = 0;
        for index in 0..2048 {
            let other = Language::English.word_list()[index];
            let typed: Vec<&str> = std::iter::once(other).chain(words.split(' ').skip(1)).collect();
            refused += usize::from(Code::parse(&typed.join(" ")) == Err(CodeError::Checksum));
        }
        // Eight bits of checksum let one slip in 256 through; the pairing then fails on the first proof.
        assert!((2000..2048).contains(&refused), "{refused}");
    }

    #[test]
    fn both_devices_make_the_same_of_a_code_and_something_else_of_another() {
        let stretch = |byte: u8| Code([byte; 10]).stretch(Policy::Tests).unwrap();
        assert!(stretch(1).psk == stretch(1).psk && stretch(1).rendezvous == stretch(1).rendezvous);
        assert!(stretch(1).psk != stretch(2).psk && stretch(1).rendezvous != stretch(2).rendezvous);
        assert_eq!(format!("{:?} {:?}", Code([1; 10]), stretch(1)), "Code Secrets");
    }
}
