//! A contact card: what one therapist gives another so that records can be sealed to them and checked as theirs.
//!
//! It is a text file of three lines, not secret: a sentence for people, one line of JSON, and the owner's signature over
//! exactly that line. The signature shows that nothing was changed by somebody without the owner's key; that the key is
//! the owner's is shown by [`ContactKeys::safety_words`], compared by telephone. Refused: a card that is edited, cut,
//! oversized, of another kind, or whose name would not show as what it is.

mod keys;

use std::cmp::Ordering;
use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use self::keys::{ContactKeys, SAFETY_WORDS};
use crate::plain_text::is_plain;
use crate::sign::{Signature, Signer};
use crate::wrap::WrapPublic;
use crate::{labels, strict_json};

/// First line of every card.
const TITLE: &str =
    "Subrosa contact card. It is not secret. Compare its words with its owner by telephone before you use it.";
const SIGNATURE: &str = "signature ";
const FORMAT: u32 = 2;
/// About three times a real card.
const LONGEST: usize = 8 * 1024;
/// Characters in a name.
const LONGEST_NAME: usize = 120;

/// Why a card was not made or not read. Nothing of it was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// Another kind of file.
    #[error("This is not a contact card. Nothing was added. Ask your colleague for the card file.")]
    NotACard,
    /// Lines are missing.
    #[error("This contact card is incomplete. Nothing was added. Ask your colleague to send it again, as a file.")]
    CutShort,
    /// The signature does not fit the text.
    #[error("This contact card was changed after it was made. Nothing was added. Ask your colleague to send it again.")]
    Edited,
    /// Far longer than any card.
    #[error("This file is too large to be a contact card. Nothing was added.")]
    TooLarge,
    /// A format that this version does not know.
    #[error("This contact card was made by a newer version of Subrosa. Update this one, then read the card again.")]
    NewerVersion,
    /// A format from before the first release.
    #[error(
        "This contact card was made by an early version of Subrosa that is not read any more. Nothing was added. Ask your colleague for a card of the present version."
    )]
    OlderVersion,
    /// Empty, too long, or with characters that hide or reorder others.
    #[error("A name on a card has 1 to 120 visible characters on one line.")]
    Name,
}

/// A colleague's card, or one's own: read and verified, or just made.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactCard {
    said: Said,
    text: String,
}

/// The signed line.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    format: u32,
    name: String,
    made: Date,
    keys: ContactKeys,
}

/// What every format of the line has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl ContactCard {
    /// Makes one's own card.
    ///
    /// # Errors
    /// [`CardError::Name`].
    pub fn make(name: &str, recipient: WrapPublic, signer: &Signer, made: Date) -> Result<Self, CardError> {
        let name = name.trim().to_owned();
        let keys = ContactKeys { recipient, signing_key: signer.public_key() };
        let said = Said { format: FORMAT, name, made, keys };
        check_name(&said.name)?;
        let line = serde_json::to_string(&said).map_err(|_| CardError::Name)?;
        let signature = BASE64_STANDARD.encode(signer.sign(labels::CARD, line.as_bytes()).0);
        Ok(Self { said, text: format!("{TITLE}\n{line}\n{SIGNATURE}{signature}\n") })
    }

    /// Reads a card and verifies that it is as its owner signed it.
    ///
    /// # Errors
    /// See [`CardError`].
    pub fn read(bytes: &[u8]) -> Result<Self, CardError> {
        if bytes.len() > LONGEST {
            return Err(CardError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| CardError::NotACard)?;
        let mut lines = text.lines();
        if lines.next() != Some(TITLE) {
            return Err(if text.len() < TITLE.len() && TITLE.starts_with(text) && !text.is_empty() {
                CardError::CutShort
            } else {
                CardError::NotACard
            });
        }
        let line = lines.next().ok_or(CardError::CutShort)?;
        let signature = lines.next().ok_or(CardError::CutShort)?;
        let said = read_line(line, signature)?;
        // Mail changes line ends and adds empty lines, no more: what else follows was not signed.
        if lines.any(|rest| !rest.trim().is_empty()) {
            return Err(CardError::Edited);
        }
        Ok(Self { text: format!("{TITLE}\n{line}\n{signature}\n"), said })
    }

    /// The card as a file.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The name that the owner goes by; proven by nothing but the safety words.
    pub fn name(&self) -> &str {
        &self.said.name
    }

    /// When the card was made.
    pub fn made(&self) -> Date {
        self.said.made
    }

    /// What to seal records to, and what signs theirs.
    pub fn keys(&self) -> &ContactKeys {
        &self.said.keys
    }

    /// Words to compare by telephone: the same on both sides when the keys are the owner's.
    pub fn safety_words(&self) -> Vec<&'static str> {
        self.said.keys.safety_words()
    }
}

impl fmt::Debug for ContactCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContactCard")
    }
}

/// Whether a name can stand on a card or in a record.
pub(crate) fn check_name(name: &str) -> Result<(), CardError> {
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && name.trim() == name && is_plain(name);
    if fits { Ok(()) } else { Err(CardError::Name) }
}

fn read_line(line: &str, signature: &str) -> Result<Said, CardError> {
    let signature = signature.strip_prefix(SIGNATURE).ok_or(CardError::Edited)?;
    let Format { format } = serde_json::from_str(line).map_err(|_| CardError::Edited)?;
    match format.cmp(&FORMAT) {
        Ordering::Less => return Err(CardError::OlderVersion),
        Ordering::Greater => return Err(CardError::NewerVersion),
        Ordering::Equal => {}
    }
    let said: Said = strict_json::read(line.as_bytes()).ok_or(CardError::Edited)?;
    let signature = BASE64_STANDARD.decode(signature).map_err(|_| CardError::CutShort)?;
    let signature = Signature::from_slice(&signature).ok_or(CardError::CutShort)?;
    said.keys.signing_key.verify(labels::CARD, line.as_bytes(), &signature).map_err(|_| CardError::Edited)?;
    check_name(&said.name)?;
    Ok(said)
}

#[cfg(test)]
mod tests;
