//! Signatures that can still be taken back.

use crate::features::signing::values::{Pending, Preview};
use crate::values::moment::Moment;

/// Signatures.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct SigningState {
    /// The note as it would be signed, once it was read.
    pub preview: Option<Preview>,
    /// Signatures that can still be taken back.
    pub waiting: Vec<Waiting>,
}

/// A signature that can be taken back for a while.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Waiting {
    /// The signature, and for how long it could be taken back when it was made.
    pub pending: Pending,
    /// When it was made.
    pub since: Moment,
}
