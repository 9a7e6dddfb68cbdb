//! The recovery kit: one line of text on paper that opens the practice and its backups without the passphrase.
//!
//! The line is the seed of the recovery key, written as an age identity (`AGE-SECRET-KEY-PQ-1…`), so that in twenty
//! years the stock `age` program opens a backup with it, and nothing of ours is needed. Reading is forgiving towards line breaks, spaces, hyphens and
//! case, and refuses everything that the checksum does not vouch for.

mod bech32;
mod proof;

use zeroize::Zeroizing;

pub use self::proof::{KitState, Question, groups, kit_state};
use crate::secret::{KEY_LEN, Key, RecoveryRole};
use crate::wrap::WrapPublic;

const IDENTITY: &str = "age-secret-key-pq-";
const RECIPIENT: &str = "age1pq";
/// How a line begins when everything but letters and digits is taken out of it.
const IDENTITY_LETTERS: &str = "agesecretkeypq";
/// The separator, 32 bytes as groups of 5 bits, and 6 characters of checksum.
const AFTER_PREFIX: usize = 1 + (KEY_LEN * 8).div_ceil(5) + bech32::CHECKSUM_LEN;

/// Why no recovery key was read from a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KitError {
    /// The line is there and a character of it is not as it was printed.
    #[error(
        "there is a slip in the recovery line: a character is wrong, missing or too many; compare it with the paper \
         and try again"
    )]
    Slip,
    /// There is no such line.
    #[error("there is no recovery line here; it begins with AGE-SECRET-KEY-PQ-1")]
    NothingThere,
}

/// A text that is not a post-quantum age recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an address for sealed files; such an address begins with age1pq1 and is copied, not typed")]
pub struct NotARecipient;

/// The recovery line: the seed as an age identity.
pub fn identity_text(seed: &Key<RecoveryRole>) -> Zeroizing<String> {
    bech32::encode_upper(IDENTITY, seed.expose())
}

/// The public half as an age recipient, `age1pq1…`, for the stock program.
pub fn recipient_text(public: &WrapPublic) -> String {
    bech32::encode_lower(RECIPIENT, public.as_bytes())
}

/// Reads an age recipient, as strictly as age does.
///
/// # Errors
/// [`NotARecipient`], for other kinds of recipients too.
pub fn read_recipient(text: &str) -> Result<WrapPublic, NotARecipient> {
    let bytes = bech32::decode(RECIPIENT, text).ok_or(NotARecipient)?;
    WrapPublic::from_slice(&bytes).ok_or(NotARecipient)
}

/// Finds the recovery line anywhere in a text: a whole page pasted, or the line alone as somebody typed it.
///
/// # Errors
/// [`KitError`]; neither it nor anything else repeats what was typed.
pub fn read_kit(text: &str) -> Result<Key<RecoveryRole>, KitError> {
    let mut letters = Zeroizing::new(String::with_capacity(text.len()));
    letters.extend(text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()));
    let mut found = KitError::NothingThere;
    for (at, prefix) in letters.match_indices(IDENTITY_LETTERS) {
        let line = letters.get(at + prefix.len()..).and_then(|rest| rest.get(..AFTER_PREFIX));
        match line.and_then(read_line) {
            Some(seed) => return Ok(seed),
            None => found = KitError::Slip,
        }
    }
    Err(found)
}

/// Reads what follows the prefix, from the separator on.
fn read_line(line: &str) -> Option<Key<RecoveryRole>> {
    let mut whole = Zeroizing::new(String::with_capacity(IDENTITY.len() + line.len()));
    whole.push_str(IDENTITY);
    whole.push_str(line);
    Key::from_slice(&bech32::decode(IDENTITY, &whole)?)
}

#[cfg(test)]
mod tests;
