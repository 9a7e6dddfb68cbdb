//! A worker without its thread, over a practice on a disk that can be full: for tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};

use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::record::{Identity, NoteContent};
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::empty_note;

use crate::bridge::filling::{self, PASSPHRASE};
use crate::event::Event;
use crate::jobs::away::Awake;
use crate::jobs::failure::Failure;
use crate::jobs::worker::Worker;
use crate::jobs::{Answers, Cancelled, Setting};
use crate::practice::{self, Profile};

/// A worker over a practice with one client.
pub(super) struct Desk {
    pub(super) worker: Worker,
    pub(super) events: Receiver<Event>,
    full: Arc<AtomicBool>,
    pub(super) client: ClientId,
    _folder: tempfile::TempDir,
}

pub(super) fn said(text: &str) -> NoteContent {
    NoteContent { text: text.to_owned(), ..empty_note(practice::today()) }
}

pub(super) fn passphrase() -> Passphrase {
    Passphrase::new(PASSPHRASE.to_owned())
}

impl Desk {
    pub(super) fn new() -> Self {
        let (folder, full) = (tempfile::tempdir().unwrap(), Arc::new(AtomicBool::new(false)));
        let mut vault = filling::practice(folder.path(), &full);
        let identity = Identity { name: "Aino".to_owned(), ..Identity::default() };
        let client = vault.add_client(&identity, practice::now()).unwrap();
        let file = folder.path().join("practice");
        let setting = Setting { file, profile: Profile::Tests, discovery: false, demo: None };
        let (outbox, events) = channel();
        let answers = Answers { outbox, wake: Arc::new(|| {}) };
        let worker = Worker::new(setting, answers, Cancelled::default(), Awake::default(), channel().0);
        worker.vault.put(vault);
        Self { worker, events, full, client, _folder: folder }
    }

    pub(super) fn fill(&self, full: bool) {
        self.full.store(full, Ordering::Relaxed);
    }

    pub(super) fn note(&mut self, text: &str, private: bool) -> NoteId {
        let passphrase = private.then(passphrase);
        let Ok(Some(Event::NoteOpened(note))) = self.worker.new_note(&self.client, &said(text), passphrase.as_ref())
        else {
            panic!("a note")
        };
        note.card.id
    }

    /// What the window is shown when it opens a note, and its number.
    pub(super) fn opened(&mut self, note: &NoteId) -> (String, u64) {
        let Ok(Some(Event::NoteOpened(note))) = self.worker.open_note(note, None) else { panic!("a note") };
        (note.content.text.clone(), note.seen)
    }

    pub(super) fn shown(&mut self, note: &NoteId) -> String {
        self.opened(note).0
    }

    /// What another device writes.
    pub(super) fn write_elsewhere(&mut self, note: &NoteId, text: &str) {
        let saved = self.worker.with(|vault| vault.save_note(note, &said(text), practice::now()));
        assert!(saved.is_ok());
    }

    pub(super) fn save(&mut self, note: &NoteId, text: &str, revision: u64) -> Result<(), String> {
        self.save_seen(note, text, revision, 0).map(|_| ())
    }

    /// Saves what was typed into the text of this number; the text of both, if another device wrote too.
    pub(super) fn save_seen(
        &mut self,
        note: &NoteId,
        text: &str,
        revision: u64,
        seen: u64,
    ) -> Result<Option<(String, u64)>, String> {
        match self.worker.save(note, &said(text), revision, seen) {
            Ok(Some(Event::Merged { content, seen, .. })) => Ok(Some((content.text, seen))),
            Ok(_) => Ok(None),
            Err(Failure::Sentence(why)) => Err(why),
            Err(Failure::Refused(refusal)) => panic!("{refusal:?}"),
        }
    }

    pub(super) fn stored(&self, note: &NoteId) -> String {
        self.worker.with(|vault| vault.note(note)).ok().expect("it opens").content.text
    }

    /// What the window has been told since this was last asked of notes that wait: how many, and how many of them private.
    pub(super) fn told(&self) -> Vec<(usize, usize)> {
        let counts = self.events.try_iter().filter_map(|event| match event {
            Event::InMemory(count) => Some((count.notes, count.private)),
            _ => None,
        });
        counts.collect()
    }
}
