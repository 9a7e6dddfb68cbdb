//! What the thread that holds the practice works on: the practice itself, and what each feature has under way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::time::Instant;

use subrosa_core::id::{DocId, NoteId};
use subrosa_core::kit::Question;
use subrosa_core::share::OpenedRecord;
use subrosa_core::vault::{LockedVault, NewKit, SignDoubts, SignPreview, Vault, VaultError};

use crate::bridge::{FolderSyncing, Shared, Syncing};
use crate::features::backup::job::in_hand::Looking;
use crate::features::backup::job::run::BackupRun;
use crate::features::check::job::slices::Slices;
use crate::features::clients::messages::ClientsEvent;
use crate::features::notes::job::editing::Editing;
use crate::features::notes::job::unsent::Unsent;
use crate::features::notes::job::waiting::{PrivateTime, Unsaved};
use crate::features::opening::demo::Demo;
use crate::features::search::job::searching::Searching;
use crate::jobs::away::Awake;
use crate::jobs::cancel::Cancelled;
use crate::jobs::failure::JobFailure;
use crate::jobs::message::Message;
use crate::jobs::port::Answers;
use crate::jobs::rows;
use crate::jobs::setting::Setting;
use crate::messages::Event;
use crate::practice;
use crate::values::job::Job;
use crate::values::note_ref::NoteRef;

/// The practice, and everything that lives as long as it is open.
pub(crate) struct Bench {
    pub(crate) setting: Setting,
    pub(crate) answers: Answers,
    pub(crate) cancelled: Cancelled,
    pub(crate) awake: Awake,
    pub(crate) nudge: Sender<Message>,
    pub(crate) vault: Shared,
    pub(crate) reach: ReachWork,
    pub(crate) locked: Option<LockedVault>,
    pub(crate) demo: Option<Demo>,
    /// When something was last asked for.
    pub(crate) asked: Instant,
    /// What the last lock stopped before its end, in words for after the next unlocking.
    pub(crate) cut_off: Option<&'static str>,
    pub(crate) notes: NotesWork,
    pub(crate) signing: SigningWork,
    pub(crate) searching: Option<Searching>,
    /// The check that is made in slices.
    pub(crate) slices: Slices,
    pub(crate) backup: BackupWork,
    /// The last import of this session.
    pub(crate) last_import: Option<DocId>,
    /// The sealed record that is being read, and its file.
    pub(crate) sealed: Option<(File, OpenedRecord)>,
    /// The new recovery kit that is shown and does not count yet, and what is asked of it.
    pub(crate) drawn: Option<(NewKit, Question)>,
    /// What is done by itself and panicked, and when: it rests for a while.
    pub(crate) resting: BTreeMap<Job, Instant>,
}

/// How other devices are reached.
#[derive(Default)]
pub(crate) struct ReachWork {
    /// The network part.
    pub(crate) syncing: Option<Syncing>,
    /// The visits to the sync folder.
    pub(crate) folder: Option<FolderSyncing>,
    /// What was due for it at the last lock, on its way there.
    pub(crate) uploading: Option<JoinHandle<()>>,
}

/// Backups: the one that is made, and the one that is looked into.
pub(crate) struct BackupWork {
    pub(crate) run: BackupRun,
    pub(crate) looking: Looking,
}

/// Notes: the one on the screen, and words that are not saved yet.
#[derive(Default)]
pub(crate) struct NotesWork {
    pub(crate) editing: Option<Editing>,
    /// What could not be saved, until it is.
    pub(crate) unsaved: Unsaved,
    pub(crate) private: PrivateTime,
    /// Notes that go on in others.
    pub(crate) anew: BTreeMap<NoteRef, NoteRef>,
    /// That something was typed that has not left in an envelope.
    pub(crate) unsent: Option<Unsent>,
    /// The notes of which the window knows so.
    pub(crate) told: BTreeSet<NoteId>,
}

/// Signatures that wait.
#[derive(Default)]
pub(crate) struct SigningWork {
    /// What was shown before it is signed, and the id by which the window knows it.
    pub(crate) preview: Option<(NoteRef, SignPreview, SignDoubts)>,
    /// The note of which it was asked about this computer's clock, before it is marked as entered in error.
    pub(crate) asked_clock: Option<NoteId>,
    /// The ids by which the window knows notes whose signatures wait.
    pub(crate) shown_as: BTreeMap<NoteId, NoteRef>,
}

impl Bench {
    pub(crate) fn new(
        setting: Setting,
        answers: Answers,
        cancelled: Cancelled,
        awake: Awake,
        nudge: Sender<Message>,
    ) -> Self {
        let told = answers.clone();
        let tell = Arc::new(move |at| told.send(Event::Progress(Job::Backup, at)));
        let run = BackupRun::new(tell, cancelled.told(Job::Backup));
        Self {
            setting,
            answers,
            cancelled,
            awake,
            nudge,
            vault: Shared::default(),
            reach: ReachWork::default(),
            locked: None,
            demo: None,
            asked: Instant::now(),
            cut_off: None,
            notes: NotesWork::default(),
            signing: SigningWork::default(),
            searching: None,
            slices: Slices::default(),
            backup: BackupWork { run, looking: Looking::default() },
            resting: BTreeMap::new(),
            last_import: None,
            sealed: None,
            drawn: None,
        }
    }

    /// Tells the window how much could not be saved, when that has changed.
    pub(crate) fn tell_unsaved(&mut self) {
        let unsaved = &mut self.notes.unsaved;
        let count = unsaved.count();
        if unsaved.told != count {
            unsaved.told = count;
            self.answers.send(Event::InMemory(count));
        }
    }

    /// Works on the open practice.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Vault) -> Result<T, VaultError>) -> Result<T, JobFailure> {
        let done = self.vault.with(|vault| {
            vault.expire_reauth(practice::now());
            work(vault)
        });
        Ok(done??)
    }

    /// Sends the list of clients as it is now, which something has changed.
    pub(crate) fn send_clients(&self) -> Result<(), JobFailure> {
        let clients = self.with(|vault| Ok(rows::clients(vault)))?;
        self.answers.send(ClientsEvent::Listed(clients));
        Ok(())
    }

    /// Tells the other devices that something was written, and the window that they lack it.
    pub(crate) fn tell_devices(&self) {
        if let Some(syncing) = &self.reach.syncing {
            syncing.notify_changed();
        }
        if let Some(folder) = &self.reach.folder {
            folder.notify_changed();
        }
        self.send_devices();
    }

    /// Sends the list of devices as it is now: what was written since is not on all of them.
    pub(crate) fn send_devices(&self) {
        // Where it cannot be read, what was shown before stays.
        if let Ok(devices) = self.with(|vault| rows::listed_devices(vault)) {
            self.answers.send(devices);
        }
        self.send_note_copies();
    }

    /// Tells the window on how many devices the note on its screen is.
    pub(crate) fn send_note_copies(&self) {
        let Some(note) = self.notes.editing.as_ref().map(Editing::note) else { return };
        if let Ok(copies) = self.with(|vault| rows::note_copies(vault, note)) {
            self.answers.send(copies);
        }
    }

    /// Whether the practice of made-up people is the one that is open.
    pub(crate) fn demo_is_open(&self) -> bool {
        self.demo.is_some()
    }
}
