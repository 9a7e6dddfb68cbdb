//! The two public keys of a practice that a colleague must know: what to seal to, and what signs.
//!
//! Written as text that other programs read: the age recipient, and hexadecimal digits for the signing key.

use std::fmt;

use bip39::Language;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::Hash;
use crate::sign::PublicKey;
use crate::wrap::WrapPublic;
use crate::{kdf, kit, labels};

/// How many words there are to compare: 88 bits, so that no other keys with the same words can be searched for.
pub const SAFETY_WORDS: usize = 8;
const WORD_BITS: u32 = 11;

/// A practice's public keys.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactKeys {
    /// Records are sealed to it.
    pub recipient: WrapPublic,
    /// Signs the card and every record that the practice seals.
    pub signing_key: PublicKey,
}

impl ContactKeys {
    /// Words of the BIP-39 list that bind both keys.
    pub fn safety_words(&self) -> Vec<&'static str> {
        let hash = kdf::hash(labels::CARD_WORDS, &[self.recipient.as_bytes(), &self.signing_key.0]);
        let mut bits = hash.0.iter().take(16).fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
        let words = Language::English.word_list();
        let mut next = || {
            bits = bits.rotate_left(WORD_BITS);
            let index = usize::try_from(bits & ((1 << WORD_BITS) - 1)).unwrap_or_default();
            words.get(index).copied().unwrap_or_default()
        };
        std::iter::repeat_with(&mut next).take(SAFETY_WORDS).collect()
    }
}

impl fmt::Debug for ContactKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContactKeys")
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    recipient: String,
    signing_key: Hash,
}

impl Serialize for ContactKeys {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Text { recipient: kit::recipient_text(&self.recipient), signing_key: Hash(self.signing_key.0) }
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ContactKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        let recipient = kit::read_recipient(&text.recipient).map_err(D::Error::custom)?;
        Ok(Self { recipient, signing_key: PublicKey(text.signing_key.0) })
    }
}
