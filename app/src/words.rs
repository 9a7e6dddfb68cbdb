//! Every word of the interface: those of a feature in its folder, the others here, and all of them by this one name, so that one
//! test can read them all.
//!
//! Sentence case; no full stop after one sentence; `…` where more input follows; calm. The words are those of the
//! glossary: *Seal* and *Lock* mean one thing each, and nothing here names the machinery.

mod around;
mod commands;
mod fields;
pub(crate) mod fixed;
#[cfg(test)]
pub(crate) mod tests;
mod when;

pub use crate::features::backup::words::*;
pub use crate::features::check::words::*;
pub use crate::features::clients::words::*;
pub use crate::features::colleagues::words::*;
pub use crate::features::damage::words::*;
pub use crate::features::devices::words::*;
pub use crate::features::exchange::words::*;
pub use crate::features::files::words::*;
pub use crate::features::history::words::*;
pub use crate::features::kit::words::*;
pub use crate::features::letters::words::*;
pub use crate::features::notes::words::*;
pub use crate::features::opening::words::*;
pub use crate::features::search::words::*;
pub use crate::features::settings::words::*;
pub use crate::features::signing::words::*;
pub use crate::features::sync_folder::words::*;
pub use crate::features::trash::words::*;
pub use around::*;
pub use commands::*;
pub use fields::*;
pub use when::*;

/// All fixed words, for the test that reads them.
#[cfg(test)]
fn all() -> impl Iterator<Item = &'static str> {
    use crate::features;
    [
        around::ALL,
        commands::ALL,
        fields::ALL,
        features::backup::words::ALL,
        features::check::words::ALL,
        features::clients::words::ALL,
        features::colleagues::words::ALL,
        features::damage::words::ALL,
        features::devices::words::ALL,
        features::exchange::words::ALL,
        features::files::words::ALL,
        features::history::words::ALL,
        features::kit::words::ALL,
        features::letters::words::ALL,
        features::notes::words::ALL,
        features::opening::words::ALL,
        features::search::words::ALL,
        features::settings::words::ALL,
        features::signing::words::ALL,
        features::sync_folder::words::ALL,
        features::trash::words::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
}
