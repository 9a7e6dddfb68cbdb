//! The recovery kit: one line of text on paper that opens the practice and its backups without the passphrase.
//!
//! The line is the seed of the recovery key, written as an age identity (`AGE-SECRET-KEY-PQ-1…`), so that in twenty
//! years the stock `age` program opens a backup with it, and nothing of ours is needed. Reading is forgiving towards how the line is set and
//! towards letters that look alike, and refuses everything that the checksum does not vouch for.

mod bech32;
mod proof;
mod reading;

use zeroize::Zeroizing;

pub use self::proof::{KitState, Question, groups, kit_state};
use crate::secret::{Key, RecoveryRole};
use crate::wrap::WrapPublic;

const IDENTITY: &str = "age-secret-key-pq-";
const RECIPIENT: &str = "age1pq";

/// Why no recovery key was read from a text. Groups are numbered as on the page: the first after the beginning is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KitError {
    /// At least one letter of the line is not as it was printed, and which cannot be told.
    #[error(
        "there is a slip in the recovery line: at least one letter is not as it was printed; compare each group with the \
         paper and try again"
    )]
    Slip,
    /// One letter of this group is not as it was printed, or two neighbours in it are swapped.
    #[error("there is a slip in group {0} of the recovery line; compare that group with the paper and try again")]
    SlipIn(u8),
    /// This group has fewer letters than were printed.
    #[error("group {0} of the recovery line has too few letters; compare that group with the paper and try again")]
    TooFew(u8),
    /// This group has more letters than were printed.
    #[error("group {0} of the recovery line has too many letters; compare that group with the paper and try again")]
    TooMany(u8),
    /// The line has so many letters after its beginning, and not 58; where, cannot be told.
    #[error(
        "the recovery line has 58 letters after its beginning, and here are {0}; compare each group with the paper and try \
         again"
    )]
    Length(usize),
    /// There is no such line.
    #[error("there is no recovery line here; it begins with AGE-SECRET-KEY-PQ-1, and 8 groups of letters follow")]
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

/// Finds the recovery line anywhere in a text: a whole page pasted, the line alone as somebody typed it, or its groups without how it
/// begins.
///
/// Case, spaces, hyphens, line breaks and the numbers of the groups do not matter; O is read as 0, B as 8, I and 1 as L where none of them can
/// stand. Nothing else is put right.
///
/// # Errors
/// [`KitError`], which names a group where it can; neither it nor anything else repeats what was typed.
pub fn read_kit(text: &str) -> Result<Key<RecoveryRole>, KitError> {
    reading::read(text)
}

/// What was typed of a line so far, as [`read_kit`] reads its letters, in the groups of the page: to be compared with the paper.
pub fn typed_groups(text: &str) -> Vec<Zeroizing<String>> {
    reading::typed_groups(text)
}

#[cfg(test)]
mod tests;
