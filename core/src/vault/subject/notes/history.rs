//! The versions of a note: who wrote what, when.
//!
//! A signed note has the versions that were signed and no others: what led to them goes at the signing.

use crate::catalog::NoteState;
use crate::document::fields;
use crate::id::{DeviceId, Hash, NoteId};
use crate::record::NoteContent;
use crate::vault::Millis;
use crate::vault::read::NoteView;
use crate::vault::read::ReadError;
use crate::vault::subject::Notes;

/// What made a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Made {
    /// It came so from the paper trail.
    Imported,
    /// Somebody wrote it.
    Written,
    /// It was signed; the hash of what was signed.
    Signed(Hash),
    /// A signed addendum to what has the second hash.
    Addendum(Hash, Hash),
    /// A signed addendum that says that what has the second hash was entered in error.
    EnteredInError(Hash, Hash),
    /// Written elsewhere while the note was signed, and not signed yet.
    Late,
}

/// One version of a note.
#[derive(Clone)]
pub struct NoteVersion {
    /// What made it.
    pub made: Made,
    /// The device that did; `None` where that is not known, as of an import.
    pub device: Option<DeviceId>,
    /// What that device is called.
    pub device_name: Option<String>,
    /// When it was begun, where that was recorded.
    pub from: Option<Millis>,
    /// When it was finished, where that was recorded.
    pub at: Option<Millis>,
    /// What the note, or the addendum, said.
    pub content: NoteContent,
}

impl std::fmt::Debug for NoteVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NoteVersion({:?})", self.made)
    }
}

impl Notes<'_> {
    /// All versions of a note, oldest first. Those of a private note ask for the passphrase again.
    pub fn history(&self, id: &NoteId) -> Result<Vec<NoteVersion>, ReadError> {
        let view = self.core.read().documents().note(id)?;
        if view.state == NoteState::Signed {
            return Ok(self.signed_history(&view));
        }
        let documents = self.core.read().documents();
        let versions = documents.versions_of(id, &documents.note_entry(id)?)?;
        let said = versions.into_iter().map(|version| {
            let made = if version.imported { Made::Imported } else { Made::Written };
            let content = fields::to_note(&version.fields, &version.text);
            self.version(made, version.device, (version.from, version.at), content)
        });
        Ok(said.collect())
    }

    fn signed_history(&self, view: &NoteView) -> Vec<NoteVersion> {
        let mut versions: Vec<NoteVersion> = Vec::new();
        for signed in &view.signed {
            let made = match (signed.adds_to, signed.entered_in_error) {
                (None, _) => Made::Signed(signed.hash),
                (Some(to), false) => Made::Addendum(signed.hash, to),
                (Some(to), true) => Made::EnteredInError(signed.hash, to),
            };
            let at = Some(signed.at);
            versions.push(self.version(made, Some(signed.device), (at, at), signed.content.clone()));
        }
        if let Some(late) = &view.late {
            let content = NoteContent { text: late.clone(), ..view.content.clone() };
            versions.push(self.version(Made::Late, None, (None, None), content));
        }
        versions
    }

    fn version(
        &self,
        made: Made,
        device: Option<DeviceId>,
        (from, at): (Option<Millis>, Option<Millis>),
        content: NoteContent,
    ) -> NoteVersion {
        let device_name = device.and_then(|device| self.core.read().device_name(&device));
        NoteVersion { made, device, device_name, from, at, content }
    }
}
