//! Who has a practice open.

use std::fmt;

/// A program that has a practice open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Holder {
    /// What kind of program that is.
    pub kind: HolderKind,
    /// The number by which the system knows it.
    pub process: u32,
}

/// What kind of program that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum HolderKind {
    /// The window.
    Window,
    /// A command.
    Command,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            HolderKind::Window => "Subrosa's window",
            HolderKind::Command => "a command of Subrosa",
        };
        write!(f, "{kind} (process {})", self.process)
    }
}
