//! The versions of a note, and what each changed.

use jiff::civil::DateTime;

/// One version of a note, and what it changed.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Version {
    /// How it came about, in words.
    pub what: &'static str,
    /// When it was finished, if that is known.
    pub at: Option<DateTime>,
    /// The device it was written on, if that is known.
    pub who: Option<String>,
    /// Words added and words removed.
    pub words: (u64, u64),
    /// What changed outside the text: its name, before, after.
    pub fields: Vec<(String, String, String)>,
    /// The text, with what changed.
    pub text: Vec<(Change, String)>,
    /// Of a signed version: what identifies its bytes for ever.
    pub fingerprint: Option<String>,
}

/// What became of a stretch of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Change {
    /// It was there before.
    Kept,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
}
