//! How it stands with the recovery kit's paper, as the window knows it.

use jiff::civil::Date;

/// What is known of the paper on which the recovery line stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct KitPaper {
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
