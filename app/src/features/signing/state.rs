//! Signatures that can still be taken back.

use crate::features::signing::values::{Pending, Preview};
use crate::values::moment::Moment;

/// Signatures.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct SigningState {
    /// What would be signed, once that is known.
    pub preview: Option<Preview>,
    /// Signatures that can still be taken back.
    pub waiting: Vec<Waiting>,
}

/// A signature that can be taken back for a while.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Waiting {
    /// Which, and for how long when it began.
    pub pending: Pending,
    /// When that was.
    pub since: Moment,
}
