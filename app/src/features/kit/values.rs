//! The recovery kit, where it comes from, and how it stands with its paper.

use std::path::PathBuf;

use jiff::civil::Date;
use subrosa_core::secret::Passphrase;

use crate::values::secret::Secret;

/// The recovery kit, once.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Kit {
    /// The whole kit as text.
    pub text: Secret,
}

/// What is known of the paper on which the recovery line stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct KitStatus {
    /// Days left to prove it, none of them when it is due; `None` once somebody typed from it.
    pub due: Option<u32>,
    /// The groups of the line that are to be typed back, by their numbers.
    pub groups: Vec<u8>,
    /// The day on which somebody typed from it.
    pub proven: Option<Date>,
    /// It waits, and was not asked for yet today.
    pub ask_today: bool,
    /// The kit that counts is another, whose paper nobody has typed from here.
    pub elsewhere: Option<Elsewhere>,
}

/// A recovery kit that was made on another device, or whose paper is not the one that is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Elsewhere {
    /// What the device is called on which it was made.
    pub device: String,
    /// When.
    pub on: Date,
    /// Its number, as the paper shows it.
    pub number: String,
}

/// What the page is saved as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum KitForm {
    /// To be printed.
    Pdf,
    /// To be read by any program.
    Text,
}

impl KitForm {
    /// How the name of such a file ends.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Text => "txt",
        }
    }
}

/// Where a recovery line comes from.
pub enum KitSource {
    /// It was typed.
    Typed(Passphrase),
    /// It stands in this file.
    File(PathBuf),
}
