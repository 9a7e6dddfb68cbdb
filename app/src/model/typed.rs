//! What is being typed: the one part of the model that a screen may change by itself.
//!
//! Everything else changes in [`crate::update`] alone. Passphrases and codes are [`Secret`]s, which are wiped when they are
//! dropped and refuse to be printed.

use crate::features::clients::values::ParticularsFields;
use crate::values::resume::Earlier;
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
    /// The field above the list of clients.
    pub filter: String,
    /// The search.
    pub query: String,
    /// The note being written.
    pub note: NoteFields,
    /// The name on one's own card.
    pub owner: String,
    /// Name of a new client.
    pub name: String,
    /// Code of a new client.
    pub client_code: String,
    /// The particulars of the client whose page is shown.
    pub particulars: ParticularsFields,
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
    /// What is said about a record that is sealed.
    pub disclosure: DisclosureFields,
    /// The command palette.
    pub palette: String,
}

/// The fields of the note being written.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct NoteFields {
    /// The text of the note being written.
    pub text: String,
    /// Where the caret stands in it, in characters.
    pub caret: usize,
    /// How far the client's page is scrolled, in points.
    pub scroll: f32,
    /// How far it should be scrolled once the note is on it.
    pub scroll_to: Option<f32>,
    /// What undo goes back to once the note is in its field, the newest first.
    pub earlier: Option<Vec<Earlier>>,
    /// Its day, as `2026-11-21`.
    pub date: String,
    /// When the session began, as `14:00`.
    pub start: String,
    /// How long it took, in minutes.
    pub minutes: String,
}

/// Why a record leaves, on what basis, and until when it may be kept.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct DisclosureFields {
    /// Why a record is sealed.
    pub purpose: String,
    /// On what basis.
    pub basis: String,
    /// Until when, as a date; may be empty.
    pub until: String,
}

impl Typed {
    /// Wipes and empties every passphrase and code.
    pub fn forget_secrets(&mut self) {
        for secret in [&mut self.passphrase, &mut self.repeated, &mut self.current, &mut self.kit, &mut self.code] {
            *secret = Secret::default();
        }
    }

    /// Empties what was said about the last record that left: each one has its own reasons and its own file.
    pub fn forget_disclosure(&mut self) {
        self.path.clear();
        self.disclosure = DisclosureFields::default();
    }
}
