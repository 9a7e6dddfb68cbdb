//! A worker without its thread, over a practice on a disk that can be full: for tests.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use subrosa_core::id::ClientId;
use subrosa_core::record::{Identity, NoteContent};
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::empty_note;

use crate::bridge::full_disk::{self, Disk, PASSPHRASE};
use crate::features::notes::job::{new_note, open_note, save};
use crate::features::notes::messages::NotesEvent;
use crate::jobs::away::Awake;
use crate::jobs::bench::Bench;
use crate::jobs::cancel::Cancelled;
use crate::jobs::failure::JobFailure;
use crate::jobs::port::Answers;
use crate::jobs::setting::Setting;
use crate::messages::Event;
use crate::practice;
use crate::practice::Profile;
use crate::values::note_ref::NoteRef;

/// A worker over a practice with one client.
pub(crate) struct WorkerFixture {
    pub(crate) bench: Bench,
    pub(crate) events: Receiver<Event>,
    pub(crate) disk: Disk,
    pub(crate) client: ClientId,
    _folder: tempfile::TempDir,
}

pub(crate) fn said(text: &str) -> NoteContent {
    NoteContent { text: text.to_owned(), ..empty_note(practice::today()) }
}

pub(crate) fn passphrase() -> Passphrase {
    Passphrase::new(PASSPHRASE.to_owned())
}

impl WorkerFixture {
    pub(crate) fn new() -> Self {
        let (folder, disk) = (tempfile::tempdir().unwrap(), Disk::default());
        let mut vault = full_disk::practice(folder.path(), &disk);
        let identity = Identity { name: "Aino".to_owned(), ..Identity::default() };
        let client = vault.clients_mut().add_client(&identity, practice::now()).unwrap();
        let file = folder.path().join("practice");
        let setting = Setting { file, profile: Profile::Tests, discovery: false, demo: None };
        let (outbox, events) = channel();
        let answers = Answers { outbox, wake: Arc::new(|| {}) };
        let bench = Bench::new(setting, answers, Cancelled::default(), Awake::default(), channel().0);
        bench.vault.put(vault);
        Self { bench, events, disk, client, _folder: folder }
    }

    pub(crate) fn fill(&self, full: bool) {
        self.disk.set(if full { Disk::FULL } else { Disk::WORKS });
    }

    pub(crate) fn note(&mut self, text: &str, private: bool) -> NoteRef {
        let passphrase = private.then(passphrase);
        let Ok(Some(Event::Notes(NotesEvent::Opened(note)))) =
            new_note(&mut self.bench, &self.client, &said(text), passphrase.as_ref())
        else {
            panic!("a note")
        };
        note.card.id
    }

    /// What the window is shown when it opens a note, and its number.
    pub(crate) fn opened(&mut self, note: &NoteRef) -> (String, u64) {
        let Ok(Some(Event::Notes(NotesEvent::Opened(note)))) = open_note(&mut self.bench, note, None) else {
            panic!("a note")
        };
        (note.content.text.clone(), note.seen)
    }

    pub(crate) fn shown(&mut self, note: &NoteRef) -> String {
        self.opened(note).0
    }

    /// What another device writes.
    pub(crate) fn write_elsewhere(&mut self, note: &NoteRef, text: &str) {
        let saved =
            self.bench.with(|vault| Ok(vault.notes_mut().save_note(&note.id(), &said(text), practice::now())?));
        assert!(saved.is_ok());
    }

    pub(crate) fn save(&mut self, note: &NoteRef, text: &str, revision: u64) -> Result<(), String> {
        self.save_seen(note, text, revision, 0).map(|_| ())
    }

    /// Saves what was typed into the text of this number; the text of both, if another device wrote too.
    pub(crate) fn save_seen(
        &mut self,
        note: &NoteRef,
        text: &str,
        revision: u64,
        seen: u64,
    ) -> Result<Option<(String, u64)>, String> {
        match save(&mut self.bench, *note, &said(text), revision, seen) {
            Ok(Some(Event::Notes(NotesEvent::Merged { content, seen, .. }))) => Ok(Some((content.text, seen))),
            Ok(_) => Ok(None),
            Err(JobFailure::Sentence(why) | JobFailure::Unfit(_, why)) => Err(why),
            Err(JobFailure::Refused(refusal)) => panic!("{refusal:?}"),
        }
    }

    pub(crate) fn stored(&self, note: &NoteRef) -> String {
        self.bench.with(|vault| Ok(vault.notes().note(&note.id())?)).ok().expect("it opens").content.text
    }

    /// What the window has been told since this was last asked of notes that wait: how many, and how many of them private.
    pub(crate) fn told(&self) -> Vec<(usize, usize)> {
        let counts = self.events.try_iter().filter_map(|event| match event {
            Event::InMemory(count) => Some((count.notes, count.private)),
            _ => None,
        });
        counts.collect()
    }
}
