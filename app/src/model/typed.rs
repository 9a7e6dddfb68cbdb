//! What is being typed: the one part of the model that a screen may change by itself.
//!
//! Everything else changes in [`crate::update`] alone. Passphrases and codes are [`Secret`]s, which are wiped when they are
//! dropped and refuse to be printed.

use crate::features::clients::state::ClientsFields;
use crate::features::colleagues::state::{ColleaguesFields, DisclosureFields};
use crate::features::devices::state::ReachFields;
use crate::features::letters::state::LetterFields;
use crate::features::notes::state::NoteFields;
use crate::features::sync_folder::state::SyncFolderFields;
use crate::values::secret::Secret;

/// The contents of every text field.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Typed {
    /// The passphrase, on every screen that asks for it.
    pub passphrase: Secret,
    /// The same again, where a new one is chosen.
    pub repeated: Secret,
    /// The passphrase until now, where it is changed.
    pub current: Secret,
    /// Part of the recovery kit, typed back.
    pub kit: Secret,
    /// The words or the text that the other device shows.
    pub code: Secret,
    /// What this device shall be called.
    pub device: String,
    /// What is typed about reaching other devices.
    pub reach: ReachFields,
    /// What is typed about joining by two files.
    pub letters: LetterFields,
    /// What is typed about a sync folder.
    pub sync_folder: SyncFolderFields,
    /// The search.
    pub query: String,
    /// The note being written.
    pub note: NoteFields,
    /// What is typed about clients.
    pub clients: ClientsFields,
    /// What is typed about colleagues.
    pub colleagues: ColleaguesFields,
    /// A file or folder to read or write.
    pub path: String,
    /// The file that holds a recovery kit, where another file is named too.
    pub kit_path: String,
    /// Part of the name of a client in a backup.
    pub inside: String,
    /// Part of the name of another client.
    pub other: String,
    /// Why a note was on the wrong client, or entered in error.
    pub why: String,
    /// The command palette.
    pub palette: String,
}

impl Typed {
    /// Wipes and empties every passphrase and code.
    pub fn forget_secrets(&mut self) {
        self.secrets().into_iter().for_each(|secret| *secret = Secret::default());
    }

    /// Hides every passphrase and code that is shown.
    pub fn hide_secrets(&mut self) {
        self.secrets().into_iter().for_each(|secret| secret.show(false));
    }

    fn secrets(&mut self) -> [&mut Secret; 9] {
        [
            &mut self.passphrase,
            &mut self.repeated,
            &mut self.current,
            &mut self.kit,
            &mut self.code,
            &mut self.reach.token,
            &mut self.sync_folder.secret,
            &mut self.letters.words,
            &mut self.letters.shown,
        ]
    }

    /// Empties what was typed about reaching other devices.
    pub fn forget_reach(&mut self) {
        (self.reach, self.device) = (ReachFields::default(), String::new());
    }

    /// Empties what was said about the last record that left: each one has its own reasons and its own file.
    pub fn forget_disclosure(&mut self) {
        self.path.clear();
        self.colleagues.disclosure = DisclosureFields::default();
    }
}
