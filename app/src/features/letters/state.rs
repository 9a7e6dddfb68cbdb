//! What is typed and shown about joining by two files.

use crate::values::secret::Secret;

/// What is typed about a request and its answer.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct LetterFields {
    /// The request file.
    pub request: String,
    /// The answer file.
    pub answer: String,
    /// The words, on whichever device they are typed.
    pub words: Secret,
    /// The words of the request that was just written here, to be carried over.
    pub shown: Secret,
}
