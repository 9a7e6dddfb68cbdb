//! The notes of a script: begun, opened, saved, and how one came about.

use jiff::civil::time;
use subrosa::features::notes::messages::{NotesEffect, NotesEvent};
use subrosa::features::opening::values::Refusal;
use subrosa::messages::Event;
use subrosa::values::job::Job;
use subrosa::values::note_ref::NoteRef;
use subrosa::values::page::{NoteState, OpenNote, excerpt};
use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::record::NoteContent;

use super::cast::open;
use super::{PASSPHRASE, Scripted};

impl Scripted {
    pub(super) fn notes(&mut self, effect: NotesEffect) -> Vec<Event> {
        match effect {
            NotesEffect::ShowPrivate { client, passphrase } if passphrase.expose() == PASSPHRASE => {
                self.private_open = true;
                self.timeline(client, true).into_iter().collect()
            }
            NotesEffect::ClosePrivate => {
                self.private_open = false;
                vec![Event::Notes(NotesEvent::PrivateClosed)]
            }
            NotesEffect::ShowPrivate { .. } => vec![Event::Refused(Job::Note, Refusal::WrongPassphrase)],
            NotesEffect::New { client, content, private } => self.begin(client, content, private.is_some(), None),
            NotesEffect::NewAddendum { to, content } => match self.find(NoteRef::Note(to)).map(|note| note.client) {
                Some(client) => self.begin(client, content, false, Some(to)),
                None => Vec::new(),
            },
            NotesEffect::Open { note, .. } => self
                .find(note)
                .map(|note| Event::Notes(NotesEvent::Opened(Box::new(self.newest(note)))))
                .into_iter()
                .collect(),
            NotesEffect::Split(note) => self.shorten(note),
            NotesEffect::Save { note, content, revision, .. } => self.save(note, content, revision),
            _ => Vec::new(),
        }
    }

    pub(super) fn find(&self, note: NoteRef) -> Option<&OpenNote> {
        self.notes.values().flatten().find(|open| open.card.id == note)
    }

    pub(super) fn change(&mut self, note: NoteRef, change: impl FnOnce(&mut OpenNote)) {
        if let Some(found) = self.notes.values_mut().flatten().find(|open| open.card.id == note) {
            change(found);
        }
    }

    fn begin(&mut self, client: ClientId, content: NoteContent, private: bool, to: Option<NoteId>) -> Vec<Event> {
        let mut note = open(self.fresh(), client, content, NoteState::Unsigned);
        note.card.private = private;
        note.card.addendum_to = to;
        self.notes.entry(client).or_default().insert(0, note.clone());
        vec![Event::Notes(NotesEvent::Opened(Box::new(note)))]
    }

    /// What is too much goes somewhere else.
    fn shorten(&mut self, note: NoteRef) -> Vec<Event> {
        let (longest, saved) = (self.longest, self.saved.last().cloned().unwrap_or_default());
        self.change(note, |open| {
            open.content.text = saved.chars().take(longest).collect();
            open.card.overlong = false;
        });
        let open = self.find(note).cloned();
        open.map(|note| Event::Notes(NotesEvent::Opened(Box::new(note)))).into_iter().collect()
    }

    pub(super) fn save(&mut self, note: NoteRef, content: NoteContent, revision: u64) -> Vec<Event> {
        if self.full {
            return self.keep_in_memory(note, content);
        }
        self.saved.push(content.text.clone());
        if content.text.chars().count() > self.longest {
            self.change(note, |open| open.card.overlong = true);
            return vec![Event::Notes(NotesEvent::KeptOverlong { note, revision, at: time(14, 52, 0, 0) })];
        }
        self.change(note, |open| {
            open.card.excerpt = excerpt(&content.text);
            open.card.overlong = false;
            open.content = content;
        });
        vec![Event::Notes(NotesEvent::Saved { note, revision, at: time(14, 52, 0, 0) })]
    }
}
