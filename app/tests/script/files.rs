//! The files of a script.

use subrosa::features::files::messages::{FilesEffect, FilesEvent};
use subrosa::features::files::values::Attachment;
use subrosa::messages::Event;
use subrosa_core::id::DocId;

use super::{Scripted, TODAY};

impl Scripted {
    pub(super) fn files(&mut self, effect: FilesEffect) -> Vec<Event> {
        match effect {
            FilesEffect::Load(client) => {
                let files = self.files.iter().filter(|file| !file.private || self.private_open);
                vec![Event::Files(FilesEvent::Listed(client, files.cloned().collect()))]
            }
            _ => Vec::new(),
        }
    }
}

/// A letter, attached to a client or beside a private note.
pub(crate) fn letter(name: &str, private: bool) -> Attachment {
    Attachment {
        id: DocId([if private { 90 } else { 91 }; 16]),
        name: name.into(),
        media: "application/pdf".into(),
        agrees: true,
        length: 1_200_000,
        added: TODAY.at(9, 0, 0, 0),
        private,
        partly: None,
    }
}
