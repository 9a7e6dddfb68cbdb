//! What is deleted in a script, and comes back.

use subrosa::features::opening::values::Refusal;
use subrosa::features::trash::messages::{TrashEffect, TrashEvent};
use subrosa::features::trash::values::Trash;
use subrosa::messages::Event;
use subrosa::values::job::Job;
use subrosa::values::note_ref::NoteRef;

use super::cast::trashed;
use super::{PASSPHRASE, Scripted};

impl Scripted {
    pub(super) fn trash(&mut self, effect: TrashEffect) -> Vec<Event> {
        match effect {
            TrashEffect::Delete(id) | TrashEffect::DeleteNote(NoteRef::Note(id)) => {
                let note = self.find(NoteRef::Note(id)).cloned();
                self.trash.extend(note.iter().map(|note| trashed(id, note)));
                self.gone.extend(note);
                self.notes.values_mut().for_each(|notes| notes.retain(|note| note.card.id != NoteRef::Note(id)));
                vec![Event::Trash(TrashEvent::Deleted(id))]
            }
            TrashEffect::Load => vec![self.listed()],
            TrashEffect::ShowPrivate { passphrase } if passphrase.expose() == PASSPHRASE => {
                self.private_open = true;
                vec![self.listed()]
            }
            TrashEffect::ShowPrivate { .. } => vec![Event::Refused(Job::Note, Refusal::WrongPassphrase)],
            TrashEffect::Undelete(id) => {
                self.trash.retain(|row| row.id != id);
                for note in self.gone.extract_if(.., |note| note.card.id == NoteRef::Note(id)) {
                    self.notes.entry(note.client).or_default().insert(0, note);
                }
                vec![Event::Trash(TrashEvent::Undeleted(id, false)), self.listed()]
            }
            _ => Vec::new(),
        }
    }

    fn listed(&self) -> Event {
        let rows = self.trash.iter().filter(|row| !row.private || self.private_open).cloned().collect();
        Event::Trash(TrashEvent::Listed(Trash { rows, mass_deletions: Vec::new(), private: self.private_open }))
    }
}
