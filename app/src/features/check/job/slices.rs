//! A check in slices.

use std::time::Instant;

use jiff::civil::DateTime;
use subrosa_core::vault::Checking;

/// The check that is made in slices.
#[derive(Default)]
pub(crate) struct Slices {
    /// When it was last looked whether one is due.
    pub(crate) looked: Option<Instant>,
    pub(crate) under_way: Option<UnderWay>,
    /// When one ended since the practice was unlocked, whether that could be kept or not.
    pub(crate) ended: Option<DateTime>,
}

/// A check under way.
pub(crate) struct UnderWay {
    pub(crate) checking: Checking,
    /// Somebody waits for it.
    pub(crate) asked: bool,
    /// When it was last kept how far it has come.
    pub(crate) kept: Instant,
}

impl UnderWay {
    pub(crate) fn new(checking: Checking, asked: bool) -> Self {
        Self { checking, asked, kept: Instant::now() }
    }
}

impl Slices {
    /// Whether somebody waits for the check that is under way.
    pub(crate) fn are_asked_for(&self) -> bool {
        self.under_way.as_ref().is_some_and(|under_way| under_way.asked)
    }
}
