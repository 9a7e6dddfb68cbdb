//! The thread that holds the practice: takes one effect after the other, and what nobody asked for in between.
//!
//! A draft is saved before anything that stands behind it in the queue. A search gives way to whatever waits.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use subrosa_core::id::{DocId, NoteId};
use subrosa_core::kit::Question;
use subrosa_core::record::Identity;
use subrosa_core::secret::Passphrase;
use subrosa_core::share::OpenedRecord;
use subrosa_core::store::place;
use subrosa_core::vault::{LockedVault, NewKit, SignPreview, Vault, VaultError};

use crate::bridge::{Shared, Syncing};
use crate::demo::{self, Demo};
use crate::effect::{Effect, Job};
use crate::event::{Event, Found, Opened, Progress};
use crate::jobs::away::Awake;
use crate::jobs::backing::Backing;
use crate::jobs::checking::Slices;
use crate::jobs::editing::Editing;
use crate::jobs::failure::{Failure, Outcome};
use crate::jobs::private::PrivateTime;
use crate::jobs::restoring::Looking;
use crate::jobs::searching::Searching;
use crate::jobs::unsaved::Unsaved;
use crate::jobs::{Answers, Cancelled, Message, Setting, backups, checking, removing, resuming, rows};
use crate::operations::new_passphrase;
use crate::practice::{self, Profile};
use crate::settings::Settings;
use crate::words;

/// How long nothing must be typed before what was typed leaves in an envelope.
const IDLE: Duration = Duration::from_secs(3);
/// Clients in the practice that one can look around in.
const DEMO_CLIENTS: u32 = 24;
/// How often the clock is looked at while nothing comes.
const TICK: Duration = Duration::from_millis(500);
/// Name under which the settings are kept.
const SETTINGS: &str = "settings";

/// The practice, and everything that lives as long as it is open.
pub(super) struct Worker {
    pub(super) setting: Setting,
    pub(super) answers: Answers,
    pub(super) cancelled: Cancelled,
    awake: Awake,
    pub(super) nudge: Sender<Message>,
    pub(super) editing: Option<Editing>,
    /// What could not be saved, until it is.
    pub(super) unsaved: Unsaved,
    pub(super) private: PrivateTime,
    pub(super) vault: Shared,
    pub(super) syncing: Option<Syncing>,
    pub(super) locked: Option<LockedVault>,
    demo: Option<Demo>,
    /// What the last lock stopped before its end, in words for after the next unlocking.
    cut_off: Option<&'static str>,
    searching: Option<Searching>,
    pub(super) slices: Slices,
    pub(super) backing: Backing,
    pub(super) looking: Looking,
    pub(super) typed: Option<Instant>,
    pub(super) last_import: Option<DocId>,
    /// When something was last asked for.
    pub(super) asked: Instant,
    /// The sealed record that is being read, and its file.
    pub(super) sealed: Option<(File, OpenedRecord)>,
    /// What was shown before it is signed, and the id by which the window knows it.
    pub(super) preview: Option<(NoteId, SignPreview)>,
    /// The new recovery kit that is shown and does not count yet, and what is asked of it.
    pub(super) drawn: Option<(NewKit, Question)>,
    /// The ids by which the window knows notes whose signatures wait.
    pub(super) shown_as: BTreeMap<NoteId, NoteId>,
}

impl Worker {
    pub(super) fn new(
        setting: Setting,
        answers: Answers,
        cancelled: Cancelled,
        awake: Awake,
        nudge: Sender<Message>,
    ) -> Self {
        let told = answers.clone();
        let tell = Arc::new(move |at| told.send(Event::Progress(Job::Backup, at)));
        let backing = Backing::new(tell, Arc::clone(&cancelled.backup));
        Self {
            setting,
            answers,
            cancelled,
            awake,
            nudge,
            editing: None,
            unsaved: Unsaved::default(),
            private: PrivateTime::default(),
            vault: Shared::default(),
            syncing: None,
            locked: None,
            demo: None,
            cut_off: None,
            searching: None,
            slices: Slices::default(),
            backing,
            looking: Looking::default(),
            typed: None,
            last_import: None,
            asked: Instant::now(),
            sealed: None,
            preview: None,
            drawn: None,
            shown_as: BTreeMap::new(),
        }
    }

    /// Runs until the window is gone, then seals the practice.
    pub(super) fn run(mut self, inbox: &Receiver<Message>) {
        loop {
            let busy = self.searching.is_some() || self.backing.is_writing() || self.slices.are_asked_for();
            let patience = if busy { Duration::ZERO } else { TICK };
            match inbox.recv_timeout(patience) {
                Ok(Message::Do(effect)) => self.answer(effect),
                Ok(Message::Arrived) => self.arrived(),
                Ok(Message::BackupOpened(opened)) => self.backup_opened(opened),
                Err(RecvTimeoutError::Timeout) => self.meanwhile(),
                Ok(Message::End) | Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.lock();
    }

    pub(super) fn answer(&mut self, effect: Effect) {
        let job = effect.job();
        self.asked = Instant::now();
        match self.carry_out(effect) {
            Ok(Some(event)) => self.answers.send(event),
            Ok(None) => {}
            Err(Failure::Refused(refusal)) => self.answers.send(Event::Refused(job, refusal)),
            Err(Failure::Sentence(sentence)) => {
                if self.cancelled.is_leaving() {
                    self.cut_off = words::cut_off(job).or(self.cut_off);
                }
                self.answers.send(Event::Failed(job, sentence));
            }
        }
    }

    fn carry_out(&mut self, effect: Effect) -> Outcome {
        match effect {
            Effect::Look => self.look(),
            Effect::OpenDemo => self.open_demo(),
            Effect::Unlock { passphrase } => self.unlock(&passphrase),
            Effect::Recover { kit, passphrase } => self.recover(&kit, &passphrase),
            Effect::Lock(leaving) => {
                self.remember(leaving);
                self.lock();
                self.cancelled.left();
                Ok(None)
            }
            Effect::LetSleep => {
                self.awake.sealed();
                Ok(None)
            }
            Effect::LoadClients => self.read(|vault| Ok(Event::Clients(rows::clients(vault)))),
            Effect::AddClient { name, code } => self.add_client(name, code),
            Effect::LoadTimeline(client) => self.timeline(&client),
            Effect::ShowPrivate { client, passphrase } => self.show_private(&client, &passphrase),
            Effect::NewNote { client, content, private } => self.new_note(&client, &content, private.as_ref()),
            Effect::NewAddendum { to, content } => self.new_addendum(&to, content),
            Effect::OpenNote { note, private } => self.open_note(&note, private.as_ref()),
            Effect::ClosePrivate => {
                self.close_private();
                Ok(None)
            }
            Effect::SaveDraft { note, content, revision, seen } => self.save(&note, &content, revision, seen),
            Effect::Search { query, ticket } => self.search(query, ticket),
            Effect::SaveSettings(settings) => self.save_settings(settings),
            Effect::ChangePassphrase { current, new } => self.change_passphrase(&current, &new),
            Effect::CreatePractice { .. }
            | Effect::WriteKit { .. }
            | Effect::DrawKit { .. }
            | Effect::ForgetKit
            | Effect::ProveKit { .. }
            | Effect::LoadDevices
            | Effect::InviteDevice { .. }
            | Effect::CancelInvitation
            | Effect::ConfirmDevice(_)
            | Effect::JoinDevice { .. } => self.kit(effect),
            Effect::RemoveDevice { .. } | Effect::AnswerApart { .. } => self.removing(effect),
            Effect::Check => self.check(),
            Effect::Repair => self.repair(),
            other => self.restoring(other),
        }
    }

    /// Works on the open practice.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Vault) -> Result<T, VaultError>) -> Result<T, Failure> {
        let done = self.vault.with(|vault| {
            vault.close_again(practice::now());
            work(vault)
        });
        Ok(done??)
    }

    fn read(&self, work: impl FnOnce(&Vault) -> Result<Event, VaultError>) -> Outcome {
        self.with(|vault| work(vault)).map(Some)
    }

    /// Sends the list of clients as it is now, which something has changed.
    pub(super) fn send_clients(&self) -> Result<(), Failure> {
        let clients = self.with(|vault| Ok(rows::clients(vault)))?;
        self.answers.send(Event::Clients(clients));
        Ok(())
    }

    /// What is due while nothing is asked: the search goes on, and what was typed leaves after a pause.
    pub(super) fn meanwhile(&mut self) {
        self.watch_private();
        self.save_unsaved_in_time();
        if let Some(mut searching) = self.searching.take() {
            match self.with(|vault| searching.go_on(vault)) {
                Ok(()) => {
                    searching.answer().into_iter().for_each(|hits| self.answers.send(hits));
                    self.searching = Some(searching).filter(|searching| !searching.is_done());
                }
                Err(Failure::Sentence(sentence)) => self.answers.send(Event::Failed(Job::Search, sentence)),
                Err(Failure::Refused(refusal)) => self.answers.send(Event::Refused(Job::Search, refusal)),
            }
            return;
        }
        self.settle(false);
        self.go_on_checking();
        if self.typed.is_some_and(|at| at.elapsed() >= IDLE) {
            self.flush();
        }
        self.go_on_backing_up();
    }

    /// Puts what was typed into an envelope, and tells the other devices.
    pub(super) fn flush(&mut self) {
        self.typed = None;
        match self.with(Vault::flush) {
            Ok(true) => self.tell_devices(),
            Ok(false) => {}
            // What was typed is on the disk; the next flush takes it along.
            Err(_) => self.typed = Some(Instant::now()),
        }
    }

    pub(super) fn tell_devices(&self) {
        if let Some(syncing) = &self.syncing {
            syncing.notify_changed();
        }
    }

    fn look(&mut self) -> Outcome {
        if self.setting.demo.is_some() {
            return self.open_demo();
        }
        let found = if self.setting.file.exists() { Found::Practice } else { Found::Nothing };
        Ok(Some(Event::Found(found)))
    }

    pub(super) fn unlock(&mut self, passphrase: &Passphrase) -> Outcome {
        self.answers.send(Event::Progress(Job::Unlock, Progress::default()));
        let locked = match self.locked.take() {
            Some(locked) => locked,
            None => practice::open(&self.setting.file, self.setting.profile)?,
        };
        match locked.unlock(passphrase, practice::now()) {
            Ok(vault) => self.vault.put(vault),
            Err(still) => {
                self.locked = Some(still.vault);
                return Err(still.error.into());
            }
        }
        self.save_unsaved();
        let opened = self.opened(self.demo.is_some())?;
        self.start_syncing();
        Ok(Some(Event::Unlocked(Box::new(opened))))
    }

    fn open_demo(&mut self) -> Outcome {
        let profile = Profile::Floor;
        let clients = self.setting.demo.unwrap_or(DEMO_CLIENTS);
        let demo = Demo::new(clients, profile).map_err(|error| Failure::of(&error))?;
        let passphrase = Passphrase::new(demo::PASSPHRASE.to_owned());
        let vault = practice::unlock(demo.file(), &passphrase, profile)?;
        self.vault.put(vault);
        self.locked = None;
        demo.file().clone_into(&mut self.setting.file);
        self.setting.profile = profile;
        self.demo = Some(demo);
        Ok(Some(Event::Unlocked(Box::new(self.opened(true)?))))
    }

    /// Whether the practice of made-up people is the one that is open.
    pub(super) fn demo_is_open(&self) -> bool {
        self.demo.is_some()
    }

    /// Everything that the first screen needs.
    pub(super) fn opened(&mut self, demo: bool) -> Result<Opened, Failure> {
        let warning = place::warnings_for(&self.setting.file).first().map(ToString::to_string);
        let stopped = [self.take_up_backup(), self.cut_off.take()];
        self.with(|vault| {
            let notices = vault.take_notices().into_iter().map(|notice| notice.words());
            let notices: Vec<_> = stopped.into_iter().flatten().chain(notices).collect();
            let notice = Some(notices.join(" ")).filter(|notice| !notice.is_empty());
            let settings = vault.setting(SETTINGS)?.and_then(|row| serde_json::from_slice(&row).ok());
            let paper = if demo { None } else { practice::kit_status::status(vault, practice::now())? };
            Ok(Opened {
                clients: rows::clients(vault),
                devices: rows::devices(vault)?,
                removed: removing::removed(vault)?,
                settings: settings.unwrap_or_default(),
                demo,
                warning: notice.or(if demo { None } else { warning }),
                paper,
                resume: resuming::left(vault)?,
                backups: backups::stands(vault, &self.setting.file)?,
                check: checking::last(vault)?,
                pending: rows::pending(vault, practice::now())?,
            })
        })
    }

    /// Seals what was typed, closes the network, and forgets every key. The file stays held.
    pub(super) fn lock(&mut self) {
        if !self.vault.is_locked() {
            self.save_unsaved();
        }
        self.cancelled.attach.store(true, Ordering::Relaxed);
        self.searching = None;
        self.stop_checking();
        self.backing.stop();
        self.close_backup();
        self.sealed = None;
        self.preview = None;
        self.drawn = None;
        self.shown_as.clear();
        self.editing = None;
        self.typed = None;
        if let Some(syncing) = self.syncing.take() {
            syncing.stop();
        }
        if let Some(vault) = self.vault.take() {
            // What could not be put into an envelope is still on the disk, and goes with the next one.
            self.locked = vault.lock().ok();
        }
    }

    fn add_client(&mut self, name: String, code: Option<String>) -> Outcome {
        let identity = Identity { name, code, status: "active".to_owned(), ..Identity::default() };
        let row = self.with(|vault| {
            let id = vault.add_client(&identity, practice::now())?;
            vault.client(&id).map(rows::client)
        })?;
        self.tell_devices();
        Ok(Some(Event::ClientAdded(row)))
    }

    /// What came from another device is shown, in the note that is being edited too.
    fn arrived(&mut self) {
        if let Ok((rows, notices)) = self.with(|vault| Ok((rows::clients(vault), vault.take_notices()))) {
            self.answers.send(Event::Clients(rows));
            self.answers.send(Event::Arrived);
            notices.into_iter().for_each(|notice| self.answers.send(Event::Notice(notice.words().to_owned())));
        }
        let Some(mut editing) = self.editing.take() else { return };
        if let Ok(Some(merged)) = self.with(|vault| editing.offer(vault)) {
            self.answers.send(merged);
        }
        self.editing = Some(editing);
    }

    fn search(&mut self, query: String, ticket: u64) -> Outcome {
        self.searching = Some(self.with(|vault| Ok(Searching::new(vault, query, ticket)))?);
        Ok(None)
    }

    fn save_settings(&self, settings: Settings) -> Outcome {
        let json = serde_json::to_vec(&settings).map_err(|error| Failure::of(&error))?;
        self.with(|vault| vault.keep_setting(SETTINGS, &json))?;
        Ok(None)
    }

    fn change_passphrase(&self, current: &Passphrase, new: &Passphrase) -> Outcome {
        let strength = self.setting.profile.strength();
        let others = self.with(|vault| new_passphrase::change(vault, current, new, strength))?;
        let others = others.into_iter().map(|row| row.name).collect();
        Ok(Some(Event::PassphraseChanged { others }))
    }

    /// Whether a job was told to stop since it began.
    pub(super) fn begin_cancellable(&self, job: Job) {
        if let Some(flag) = self.cancelled.flag(job) {
            flag.store(false, Ordering::Relaxed);
        }
    }
}
