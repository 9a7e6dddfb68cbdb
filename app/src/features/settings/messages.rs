//! Settings and the passphrase.

use subrosa_core::secret::Passphrase;

use crate::values::job::Job;
use crate::values::settings::Settings;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SettingsCommand {
    /// Change settings.
    Set(Settings),
    /// Change the passphrase.
    ChangePassphrase,
    /// Make all keys new.
    MakeKeysNew,
}

/// A job to do.
pub enum SettingsEffect {
    /// → [`SettingsEvent::PassphraseChanged`], `Event::Refused`
    ChangePassphrase {
        /// Until now.
        current: Passphrase,
        /// From now on.
        new: Passphrase,
    },
    /// → [`SettingsEvent::KeysNew`], `Event::Refused`; `Event::Progress` on the way
    MakeKeysNew {
        /// Asked again.
        passphrase: Passphrase,
    },
    /// Keeps the settings; no answer.
    Save(Settings),
}

impl SettingsEffect {
    /// What kind of job this is.
    pub fn job(&self) -> Job {
        match self {
            Self::ChangePassphrase { .. } => Job::Passphrase,
            Self::MakeKeysNew { .. } => Job::NewKeys,
            Self::Save(..) => Job::Settings,
        }
    }
}

/// What a job brought back.
pub enum SettingsEvent {
    /// The passphrase is changed on this device.
    PassphraseChanged {
        /// Names of the devices that still open with the old one.
        others: Vec<String>,
    },
    /// All keys of this device are new.
    KeysNew,
}
