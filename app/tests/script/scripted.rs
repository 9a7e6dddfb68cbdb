//! A practice that exists only in a script: it answers jobs at once, and keeps what it was told.

mod backups;
mod cast;
mod clients;
mod devices;
pub(crate) mod files;
pub(crate) mod kit;
pub(crate) mod mishaps;
mod notes;
mod opening;
pub(crate) mod reaching;
mod search;
mod sharing;
mod signing;
mod trash;

use std::collections::BTreeMap;

use jiff::civil::Date;
use subrosa::features::backup::values::{BackupScope, BackupStatus};
use subrosa::features::check::values::CheckResult;
use subrosa::features::damage::messages::DamageEffect;
use subrosa::features::devices::values::{DeviceRow, RemovedDevice};
use subrosa::features::files::values::Attachment;
use subrosa::features::history::messages::{HistoryEffect, HistoryEvent};
use subrosa::features::kit::values::KitStatus;
use subrosa::features::search::messages::{SearchEffect, SearchEvent};
use subrosa::features::trash::values::Trashed;
use subrosa::jobs::Jobs;
use subrosa::messages::{Effect, Event};
use subrosa::values::job::Job;
use subrosa::values::note_ref::NoteRef;
use subrosa::values::page::{ClientRow, OpenNote};
use subrosa::values::pick::Picked;
use subrosa::values::resume::Resume;
use subrosa::values::settings::Settings;
use subrosa_core::id::{ClientId, DocId};
use subrosa_core::record::NoteContent;

use self::cast::{client, course, numbered, versions};

pub(crate) use self::cast::device;
pub(crate) use self::kit::{NewKit, paper};

/// The passphrase that opens it.
pub(crate) const PASSPHRASE: &str = "lantern gravel oboe thicket";

/// The day on which every script plays.
pub(crate) const TODAY: Date = Date::constant(2026, 11, 21);

/// The practice.
pub(crate) struct Scripted {
    /// There is one already.
    pub(crate) exists: bool,
    /// The clients.
    pub(crate) clients: Vec<ClientRow>,
    /// The notes of each.
    pub(crate) notes: BTreeMap<ClientId, Vec<OpenNote>>,
    /// The devices.
    pub(crate) devices: Vec<DeviceRow>,
    /// Devices that were removed.
    pub(crate) removed: Vec<RemovedDevice>,
    /// Whether each was said to be retired.
    pub(crate) retired: Vec<bool>,
    /// Where it keeps its settings.
    pub(crate) settings: Settings,
    /// Saved drafts.
    pub(crate) saved: Vec<String>,
    /// Sealed records.
    pub(crate) sealed: usize,
    /// Files that the kit was saved to.
    pub(crate) kits: Vec<String>,
    /// How far a new kit has come.
    pub(crate) new_kit: NewKit,
    /// Exports, each with whether private notes went along.
    pub(crate) exported: Vec<bool>,
    /// How it stands with the kit's paper.
    pub(crate) paper: Option<KitStatus>,
    /// How it stands with backups.
    pub(crate) backups: BackupStatus,
    /// A backup that is asked for is under way until it is cancelled.
    pub(crate) slow_disk: bool,
    /// What was brought back from a backup.
    pub(crate) brought_back: Vec<BackupScope>,
    /// Names in records that were merged with a client.
    pub(crate) merged: Vec<(ClientId, String)>,
    /// What the last check found.
    pub(crate) check: Option<CheckResult>,
    /// Attached files.
    pub(crate) files: Vec<Attachment>,
    /// The passphrase for private notes was given.
    pub(crate) private_open: bool,
    /// What to know about where the practice lies.
    pub(crate) warning: Option<String>,
    /// Characters that a note can hold.
    pub(crate) longest: usize,
    /// The disk is full.
    pub(crate) full: bool,
    /// What could not be saved on it.
    unsaved: BTreeMap<NoteRef, NoteContent>,
    /// No passphrase opens the file.
    pub(crate) damaged: bool,
    /// Not enough of it can be read to repair it.
    pub(crate) too_little: bool,
    /// What the dialog for files comes to, once.
    pub(crate) picks: Option<Picked>,
    /// What was deleted.
    pub(crate) trash: Vec<Trashed>,
    gone: Vec<OpenNote>,
    /// Where the therapist was.
    pub(crate) resume: Option<Resume>,
    answers: Vec<Event>,
    next: u8,
}

impl Jobs for Scripted {
    fn start(&mut self, effect: Effect) {
        let answers = self.answer(effect);
        self.answers.extend(answers);
    }

    fn poll(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.answers)
    }
}

impl Scripted {
    /// Nothing yet.
    pub(crate) fn empty() -> Self {
        Self {
            exists: false,
            clients: Vec::new(),
            notes: BTreeMap::new(),
            devices: vec![device("Office PC", true, None)],
            removed: Vec::new(),
            retired: Vec::new(),
            settings: Settings::default(),
            saved: Vec::new(),
            sealed: 0,
            kits: Vec::new(),
            new_kit: NewKit::None,
            exported: Vec::new(),
            paper: None,
            backups: BackupStatus { readable: true, ..BackupStatus::default() },
            slow_disk: false,
            brought_back: Vec::new(),
            merged: Vec::new(),
            check: None,
            files: Vec::new(),
            private_open: false,
            warning: None,
            longest: usize::MAX,
            full: false,
            unsaved: BTreeMap::new(),
            damaged: false,
            too_little: false,
            picks: None,
            trash: Vec::new(),
            gone: Vec::new(),
            resume: None,
            answers: Vec::new(),
            next: 100,
        }
    }

    /// A practice of these names, the first with notes.
    pub(crate) fn with_clients(names: &[&str]) -> Self {
        let mut scripted = Self { exists: true, ..Self::empty() };
        for (place, name) in names.iter().enumerate() {
            let id = numbered(place);
            scripted.clients.push(client(id, name, place));
        }
        if let Some(first) = scripted.clients.first().map(|row| row.id) {
            scripted.notes.insert(first, course(first));
        }
        scripted
    }

    /// Says something that nobody asked for.
    pub(crate) fn say(&mut self, event: impl Into<Event>) {
        self.answers.push(event.into());
    }

    fn answer(&mut self, effect: Effect) -> Vec<Event> {
        match effect {
            Effect::Opening(effect) => self.opens(effect),
            Effect::Damage(DamageEffect::Salvage { passphrase, backup }) => {
                self.salvage(passphrase.expose() == PASSPHRASE, backup)
            }
            Effect::Clients(effect) => self.clients(effect),
            Effect::Notes(effect) => self.notes(effect),
            Effect::Signing(effect) => self.signs(effect),
            Effect::History(HistoryEffect::Load(note)) => {
                vec![Event::History(HistoryEvent::Versions(note, versions()))]
            }
            Effect::Trash(effect) => self.trash(effect),
            Effect::Files(effect) => self.files(effect),
            Effect::Search(SearchEffect::Start { query, ticket }) => {
                vec![Event::Search(SearchEvent::Hits { ticket, hits: self.hits(&query), looked: None })]
            }
            Effect::Devices(effect) => self.devices(effect),
            Effect::Letters(effect) => self.letters(effect),
            Effect::SyncFolder(effect) => self.sync_folder(effect),
            Effect::Kit(effect) => self.kit(effect),
            Effect::Backup(effect) => self.backs_up(effect),
            Effect::Cancel(Job::Backup) => self.stop_backup(),
            Effect::Check(effect) => self.check(effect),
            Effect::Colleagues(effect) => self.colleagues(effect),
            Effect::Exchange(effect) => self.exchange(effect),
            Effect::Pick(pick) => vec![Event::Picked(pick, self.picks.take().unwrap_or(Picked::NoDialog))],
            _ => Vec::new(),
        }
    }

    fn fresh(&mut self) -> DocId {
        self.next = self.next.wrapping_add(1);
        DocId([self.next; 16])
    }
}
