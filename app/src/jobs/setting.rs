//! Where the window's practice is.

use std::path::PathBuf;

use crate::practice::Profile;

/// Where and how the window's practice is kept.
#[derive(Clone)]
pub struct Setting {
    /// The practice's file.
    pub file: PathBuf,
    /// How hard a new passphrase is made to guess.
    pub profile: Profile,
    /// Whether other devices are looked for on the local network.
    pub discovery: bool,
    /// A throw-away practice of made-up people is shown at once.
    pub demo: Option<u32>,
}
