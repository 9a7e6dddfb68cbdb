//! Every word of the interface, in one place, so that one test can read them all.
//!
//! Sentence case; no full stop after one sentence; `…` where more input follows; calm. The words are those of the
//! glossary: *Seal* and *Lock* mean one thing each, and nothing here names the machinery.

/// Fixed words, one constant each.
macro_rules! words {
    ($($name:ident = $words:literal;)*) => {$(
        #[doc = concat!("“", $words, "”")]
        pub const $name: &str = $words;
    )*
        /// All of them, for the test that reads them.
        #[cfg(test)]
        pub(super) const ALL: &[&str] = &[$($words),*];
    };
}

mod around;
mod backups;
mod beginning;
mod commands;
mod damage;
mod filing;
mod keeping;
mod notes;
mod others;
mod removal;
mod restoring;
mod safety;
mod sentences;
#[cfg(test)]
mod tests;
mod when;

pub use around::*;
pub use backups::*;
pub use beginning::*;
pub use commands::*;
pub use damage::*;
pub use filing::*;
pub use keeping::*;
pub use notes::*;
pub use others::*;
pub use removal::*;
pub use restoring::*;
pub use safety::*;
pub use sentences::*;
pub use when::*;

/// All fixed words, for the test that reads them.
#[cfg(test)]
fn all() -> impl Iterator<Item = &'static str> {
    let files = [around::ALL, backups::ALL, beginning::ALL, commands::ALL, filing::ALL, keeping::ALL, notes::ALL];
    files.into_iter().chain([damage::ALL, others::ALL, removal::ALL, restoring::ALL, safety::ALL]).flatten().copied()
}
