//! The one way in which anything at rest is sealed: C2SP *chunked-encryption* over ChaCha20-Poly1305 and SHA-512.
//!
//! A sealed text commits to its key and to its context. The commitment is compared, in constant time, before anything
//! is decrypted, so one sealed text never opens under two keys, and a wrong key is told apart from damage. Refused:
//! another key, another context, a changed bit anywhere, a chunk dropped, doubled or moved, a truncation at any place.
//!
//! ```text
//! salt(24) ‖ commitment(32) ‖ chunks of 16 KiB, each with a tag of 16 bytes, the last always shorter
//! ```
//!
//! The context is never empty in this program: it begins with a label of [`subrosa_base::labels`] and goes on with every
//! public field that must be bound. It is not stored; who opens must know it.

mod chunked;

use std::ops::Range;

use subrosa_base::entropy::{self, Entropy};
use zeroize::Zeroizing;

use self::chunked::ChaCha;
use crate::secret::{Key, Role};

/// What makes two sealed texts of one key different.
pub type Salt = [u8; chunked::SALT];

/// Why a sealed text did not open. Nothing of it was decrypted or given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The commitment differs: another key, another context, or a changed salt or commitment.
    #[error("this was sealed by somebody else or for another place, and was not opened")]
    WrongKey,
    /// The key is right and the content is not what was sealed.
    #[error("this was changed or cut short after it was sealed, and nothing of it was used")]
    Damaged,
    /// Too few bytes to be anything sealed.
    #[error("this is too short to be anything sealed")]
    TooShort,
}

/// Seals `plaintext` under `key` for the place that `context` names.
pub fn seal<R: Role>(key: &Key<R>, context: &[u8], plaintext: &[u8], entropy: &mut dyn Entropy) -> Vec<u8> {
    chunked::seal::<ChaCha>(key.expose(), &entropy::random(entropy), context, plaintext)
}

/// As [`seal`] with a salt drawn before, for threads that have no source of randomness. Never twice with one salt.
pub(crate) fn seal_salted<R: Role>(key: &Key<R>, salt: &Salt, context: &[u8], plaintext: &[u8]) -> Vec<u8> {
    chunked::seal::<ChaCha>(key.expose(), salt, context, plaintext)
}

/// Opens what [`seal`] made under the same key for the same context.
///
/// # Errors
/// See [`SealError`]; no part of the plaintext is given out unless all of it is whole.
pub fn open<R: Role>(key: &Key<R>, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    chunked::open::<ChaCha>(key.expose(), context, sealed)
}

/// Where in a sealed text of this length lies what [`open_part`] opens a part of the plaintext from; `None` when nothing sealed
/// has this length, or the part lies beyond the end.
pub fn ranges_of(part: &Range<usize>, sealed_len: usize) -> Option<[Range<usize>; 2]> {
    chunked::ranges_of(part, sealed_len)
}

/// As [`open`], for a part of the plaintext alone, from the bytes at its [`ranges_of`]: they are checked as in [`open`], and
/// nothing else is.
///
/// # Errors
/// See [`SealError`]; [`SealError::Damaged`] also for a part that lies beyond the end.
pub fn open_part<R: Role>(
    key: &Key<R>,
    context: &[u8],
    sealed: [&[u8]; 2],
    part: Range<usize>,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    chunked::open_part::<ChaCha>(key.expose(), context, sealed, part)
}

/// How many bytes a plaintext of this length has when it is sealed.
pub const fn sealed_len(plain_len: usize) -> usize {
    chunked::sealed_len(plain_len)
}

#[cfg(test)]
mod tests;
