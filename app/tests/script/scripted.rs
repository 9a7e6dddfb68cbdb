//! A practice that exists only in a script: it answers jobs at once, and keeps what it was told.

mod cast;
pub(crate) mod kit;
pub(crate) mod mishaps;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::{Date, DateTime, time};
use subrosa::features::backup::messages::{BackupEffect, BackupEvent};
use subrosa::features::backup::values::{BackupScope, BackupStatus, OpenedBackup, TestedBackup};
use subrosa::features::check::messages::{CheckEffect, CheckEvent};
use subrosa::features::check::values::{CheckResult, RepairResult};
use subrosa::features::clients::messages::{ClientsEffect, ClientsEvent};
use subrosa::features::clients::values::{Particulars, ParticularsRow};
use subrosa::features::colleagues::messages::ColleaguesEffect;
use subrosa::features::damage::messages::DamageEffect;
use subrosa::features::devices::messages::{DevicesEffect, DevicesEvent};
use subrosa::features::devices::values::{DeviceRow, Invitation, RemovedDevice};
use subrosa::features::exchange::messages::{ExchangeEffect, ExchangeEvent};
use subrosa::features::exchange::values::ImportReport;
use subrosa::features::files::messages::{FilesEffect, FilesEvent};
use subrosa::features::files::values::Attachment;
use subrosa::features::history::messages::{HistoryEffect, HistoryEvent};
use subrosa::features::kit::messages::{KitEffect, KitEvent};
use subrosa::features::kit::values::KitStatus;
use subrosa::features::notes::messages::{NotesEffect, NotesEvent};
use subrosa::features::opening::messages::{OpeningEffect, OpeningEvent};
use subrosa::features::opening::values::{Found, OpenedPractice, Refusal};
use subrosa::features::search::messages::{SearchEffect, SearchEvent};
use subrosa::features::search::values::Hit;
use subrosa::features::signing::messages::{SigningEffect, SigningEvent};
use subrosa::features::signing::values::{Pending, Preview};
use subrosa::features::trash::messages::{TrashEffect, TrashEvent};
use subrosa::features::trash::values::{Trash, Trashed};
use subrosa::jobs::Jobs;
use subrosa::messages::{Effect, Event};
use subrosa::values::job::{Job, Progress};
use subrosa::values::note_ref::NoteRef;
use subrosa::values::page::{ClientRow, NoteCard, NoteState, OpenNote, Timeline, excerpt};
use subrosa::values::pick::Picked;
use subrosa::values::resume::Resume;
use subrosa::values::secret::Secret;
use subrosa::values::settings::Settings;
use subrosa::words;
use subrosa_core::id::{ClientId, DocId, NoteId};
use subrosa_core::record::{Identity, NoteContent};

use self::cast::{client, colleagues, course, measures, numbered, open, trashed, versions};
use self::kit::{fits, kit};
use self::mishaps::check;

pub(crate) use self::cast::device;

pub(crate) use self::kit::{KIT_GROUPS, NewKit, paper};

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

/// Who a client is, and how that came about.
fn particulars(row: &ClientRow) -> Particulars {
    let identity = Identity {
        name: row.name.clone(),
        code: row.code.clone(),
        birth_date: Some(Date::constant(1986, 4, 3)),
        phone: "+358 40 123 4567".to_owned(),
        email: "client@example.org".to_owned(),
        language: "fi".to_owned(),
        status: row.status.clone(),
        referral: "Her doctor, for sleep".to_owned(),
        other: [("Insurer".to_owned(), "Kela".to_owned())].into(),
    };
    let version = |what, at: DateTime, fields: &[(&str, &str, &str)]| ParticularsRow {
        what,
        at: Some(at),
        who: Some("Office PC".to_owned()),
        fields: fields.iter().map(|(name, a, b)| ((*name).to_owned(), (*a).to_owned(), (*b).to_owned())).collect(),
    };
    let moved = [(words::PARTICULAR_PHONE, "+358 40 765 4321", "+358 40 123 4567")];
    let first = [(words::PARTICULAR_NAME, words::NOT_GIVEN, row.name.as_str())];
    let versions = vec![
        version(words::WAS_WRITTEN, DateTime::constant(2026, 11, 3, 9, 12, 0, 0), &moved),
        version(words::WAS_IMPORTED, DateTime::constant(2026, 9, 1, 8, 0, 0, 0), &first),
    ];
    Particulars { client: row.id, identity, versions }
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
            Effect::Opening(OpeningEffect::Look) => {
                vec![Event::Opening(OpeningEvent::Found(if self.exists { Found::Practice } else { Found::Nothing }))]
            }
            Effect::Opening(OpeningEffect::Create { .. }) => {
                self.paper = Some(paper(Some(7), false));
                vec![Event::Opening(OpeningEvent::Created(Box::new(self.opened()), Box::new(kit())))]
            }
            Effect::Opening(OpeningEffect::OpenDemo) => {
                vec![Event::Opening(OpeningEvent::Unlocked(Box::new(OpenedPractice { demo: true, ..self.opened() })))]
            }
            Effect::Opening(OpeningEffect::Unlock { .. }) if self.damaged => {
                vec![Event::Refused(Job::Unlock, Refusal::Damaged)]
            }
            Effect::Damage(DamageEffect::Salvage { passphrase, backup }) => {
                self.salvage(passphrase.expose() == PASSPHRASE, backup)
            }
            Effect::Opening(OpeningEffect::Unlock { passphrase }) if passphrase.expose() == PASSPHRASE => {
                vec![Event::Opening(OpeningEvent::Unlocked(Box::new(self.opened())))]
            }
            Effect::Opening(OpeningEffect::Unlock { .. }) => {
                vec![Event::Refused(Job::Unlock, Refusal::WrongPassphrase)]
            }
            Effect::Pick(pick) => vec![Event::Picked(pick, self.picks.take().unwrap_or(Picked::NoDialog))],
            Effect::Clients(ClientsEffect::Add { name, .. }) => {
                let row = ClientRow { last: None, unsigned: 0, session: None, ..client(self.fresh(), &name, 0) };
                self.clients.push(row.clone());
                vec![Event::Clients(ClientsEvent::Added(row))]
            }
            Effect::Clients(ClientsEffect::LoadPage(client)) => self.timeline(client, false).into_iter().collect(),
            Effect::Clients(ClientsEffect::LoadParticulars(client)) => {
                let row = self.clients.iter().find(|row| row.id == client);
                let particulars = row.map(particulars);
                particulars.map(|one| Event::Clients(ClientsEvent::Particulars(Box::new(one)))).into_iter().collect()
            }
            Effect::Notes(NotesEffect::ShowPrivate { client, passphrase }) if passphrase.expose() == PASSPHRASE => {
                self.private_open = true;
                self.timeline(client, true).into_iter().collect()
            }
            Effect::Notes(NotesEffect::ClosePrivate) => {
                self.private_open = false;
                vec![Event::Notes(NotesEvent::PrivateClosed)]
            }
            Effect::Notes(NotesEffect::ShowPrivate { .. }) => vec![Event::Refused(Job::Note, Refusal::WrongPassphrase)],
            Effect::Kit(KitEffect::Write { file, .. }) => {
                self.kits.push(file.display().to_string());
                vec![Event::Kit(KitEvent::Written { same_disk: file.starts_with("/home") })]
            }
            Effect::Kit(KitEffect::Draw { passphrase }) if passphrase.expose() == PASSPHRASE => {
                self.new_kit = NewKit::Drawn;
                vec![Event::Kit(KitEvent::Drawn(Box::new(kit()), vec![3, 7]))]
            }
            Effect::Kit(KitEffect::Draw { .. }) => vec![Event::Refused(Job::NewKit, Refusal::WrongPassphrase)],
            Effect::Kit(KitEffect::Forget) => {
                self.new_kit = NewKit::None;
                Vec::new()
            }
            Effect::Kit(KitEffect::Prove { typed }) => self.prove_kit(typed.expose() == KIT_GROUPS),
            Effect::Notes(NotesEffect::New { client, content, private }) => {
                self.begin(client, content, private.is_some(), None)
            }
            Effect::Notes(NotesEffect::NewAddendum { to, content }) => {
                match self.find(NoteRef::Note(to)).map(|note| note.client) {
                    Some(client) => self.begin(client, content, false, Some(to)),
                    None => Vec::new(),
                }
            }
            Effect::Notes(NotesEffect::Open { note, .. }) => self
                .find(note)
                .map(|note| Event::Notes(NotesEvent::Opened(Box::new(self.newest(note)))))
                .into_iter()
                .collect(),
            Effect::Opening(OpeningEffect::Lock(leaving)) => {
                self.resume = leaving.map(|leaving| Resume::from(*leaving));
                Vec::new()
            }
            Effect::Notes(NotesEffect::Save { note, content, revision, .. }) => self.save(note, content, revision),
            Effect::Signing(SigningEffect::Preview(note)) => self.preview(note).into_iter().collect(),
            Effect::Signing(SigningEffect::Sign(note)) => self.sign(note),
            Effect::Signing(SigningEffect::TakeBack(note)) => {
                self.change(note, |open| open.card.state = NoteState::Unsigned);
                vec![Event::Signing(SigningEvent::TakenBack(note))]
            }
            Effect::History(HistoryEffect::Load(note)) => {
                vec![Event::History(HistoryEvent::Versions(note, versions()))]
            }
            Effect::Trash(TrashEffect::Delete(id) | TrashEffect::DeleteNote(NoteRef::Note(id))) => {
                let note = self.find(NoteRef::Note(id)).cloned();
                self.trash.extend(note.iter().map(|note| trashed(id, note)));
                self.gone.extend(note);
                self.notes.values_mut().for_each(|notes| notes.retain(|note| note.card.id != NoteRef::Note(id)));
                vec![Event::Trash(TrashEvent::Deleted(id))]
            }
            Effect::Trash(TrashEffect::Load) => vec![self.trash()],
            Effect::Trash(TrashEffect::ShowPrivate { passphrase }) if passphrase.expose() == PASSPHRASE => {
                self.private_open = true;
                vec![self.trash()]
            }
            Effect::Trash(TrashEffect::ShowPrivate { .. }) => vec![Event::Refused(Job::Note, Refusal::WrongPassphrase)],
            Effect::Trash(TrashEffect::Undelete(id)) => {
                self.trash.retain(|row| row.id != id);
                for note in self.gone.extract_if(.., |note| note.card.id == NoteRef::Note(id)) {
                    self.notes.entry(note.client).or_default().insert(0, note);
                }
                vec![Event::Trash(TrashEvent::Undeleted(id, false)), self.trash()]
            }
            Effect::Backup(BackupEffect::Keep { folder, every, readable }) => {
                self.backups = BackupStatus { folder, every, readable, ..self.backups.clone() };
                vec![Event::Backup(BackupEvent::Status(Box::new(self.backups.clone())))]
            }
            Effect::Backup(BackupEffect::Make { folder }) => self.back_up(folder),
            Effect::Clients(ClientsEffect::Unmerge(client)) => {
                self.merged.retain(|(into, _)| *into != client);
                vec![Event::Clients(ClientsEvent::Unmerged(client))]
            }
            Effect::Check(CheckEffect::Repair) => {
                let check = CheckResult { damaged: Vec::new(), affected: Vec::new(), ..check() };
                self.check = Some(check.clone());
                let repaired = RepairResult { new_file: true, made_again: 12, ..RepairResult::default() };
                vec![Event::Check(CheckEvent::Repaired(repaired)), Event::Check(CheckEvent::Checked(Box::new(check)))]
            }
            Effect::Files(FilesEffect::Load(client)) => {
                let files = self.files.iter().filter(|file| !file.private || self.private_open);
                vec![Event::Files(FilesEvent::Listed(client, files.cloned().collect()))]
            }
            Effect::Backup(BackupEffect::Restore { kit, .. }) if !fits(&kit) => {
                vec![Event::Failed(Job::Restore, "This recovery kit does not open this backup.".into())]
            }
            Effect::Backup(BackupEffect::Restore { instead, .. }) => {
                assert_eq!(instead, self.damaged, "never over a file that opens");
                *self = Self::with_clients(&["Aino Mäkinen"]);
                self.warning = instead.then(|| subrosa::words::RESTORED_INSTEAD.to_owned());
                vec![Event::Opening(OpeningEvent::Unlocked(Box::new(self.opened())))]
            }
            Effect::Backup(BackupEffect::Open { kit, .. }) if !fits(&kit) => {
                vec![Event::Failed(Job::OpenBackup, "This recovery kit does not open this backup.".into())]
            }
            Effect::Backup(BackupEffect::Open { .. }) => {
                vec![Event::Backup(BackupEvent::Opened(Box::new(OpenedBackup {
                    made: TODAY.at(9, 0, 0, 0),
                    clients: self.clients.clone(),
                    notes: 4,
                    page: None,
                    note: None,
                })))]
            }
            Effect::Backup(BackupEffect::LookInto(client)) => match self.timeline(client, false) {
                Some(Event::Clients(ClientsEvent::Page(page))) => vec![Event::Backup(BackupEvent::LookedInto(page))],
                _ => Vec::new(),
            },
            Effect::Backup(BackupEffect::Read(note)) => self
                .find(note)
                .map(|note| Event::Backup(BackupEvent::Note(Box::new(note.clone()))))
                .into_iter()
                .collect(),
            Effect::Backup(BackupEffect::BringBack(only)) => {
                self.brought_back.push(only);
                vec![Event::Backup(BackupEvent::BroughtBack(3))]
            }
            Effect::Cancel(Job::Backup) => {
                self.backups.failed = Some((TODAY.at(14, 0, 0, 0), "The backup was stopped, as asked.".into()));
                vec![Event::Backup(BackupEvent::Ended(Box::new(self.backups.clone()), false))]
            }
            other => self.share(other),
        }
    }

    fn trash(&self) -> Event {
        let rows = self.trash.iter().filter(|row| !row.private || self.private_open).cloned().collect();
        Event::Trash(TrashEvent::Listed(Trash { rows, mass_deletions: Vec::new(), private: self.private_open }))
    }

    fn prove_kit(&mut self, fits: bool) -> Vec<Event> {
        if self.new_kit != NewKit::Drawn || !fits {
            return vec![Event::Kit(KitEvent::Proven(fits))];
        }
        self.new_kit = NewKit::InForce;
        self.backups.last.iter_mut().for_each(|last| last.older_kit = true);
        vec![Event::Backup(BackupEvent::Status(Box::new(self.backups.clone()))), Event::Kit(KitEvent::Proven(true))]
    }

    fn back_up(&mut self, folder: PathBuf) -> Vec<Event> {
        self.backups.folder = Some(folder);
        if self.slow_disk {
            return vec![
                Event::Backup(BackupEvent::Begun),
                Event::Progress(Job::Backup, Progress { done: 3, total: 10 }),
            ];
        }
        let at = TODAY.at(14, 0, 0, 0);
        let last = TestedBackup {
            at,
            same_disk: false,
            bytes: 1_200_000,
            clients: 3,
            notes: 40,
            unreadable: 0,
            older_kit: false,
        };
        self.backups = BackupStatus { last: Some(last), failed: None, ..self.backups.clone() };
        vec![Event::Backup(BackupEvent::Begun), Event::Backup(BackupEvent::Ended(Box::new(self.backups.clone()), true))]
    }

    fn share(&mut self, effect: Effect) -> Vec<Event> {
        match effect {
            Effect::Search(SearchEffect::Start { query, ticket }) => {
                vec![Event::Search(SearchEvent::Hits { ticket, hits: self.hits(&query), looked: None })]
            }
            Effect::Devices(DevicesEffect::Load) | Effect::Devices(DevicesEffect::Confirm(false)) => {
                vec![self.told_devices()]
            }
            Effect::Devices(DevicesEffect::Confirm(true)) => {
                self.devices.push(device("Laptop", false, Some(3)));
                vec![self.told_devices()]
            }
            Effect::Devices(DevicesEffect::Invite { passphrase }) if passphrase.expose() == PASSPHRASE => {
                let words = Secret::new("apple brave cloud delta eager fancy globe honey".into());
                let text = Secret::new(
                    "subrosa-join: apple-brave-cloud-delta-eager-fancy-globe-honey 192.168.1.7:4433".into(),
                );
                vec![Event::Devices(DevicesEvent::Invited(Box::new(Invitation {
                    words,
                    text,
                    until: time(14, 57, 0, 0),
                })))]
            }
            Effect::Devices(DevicesEffect::Invite { .. }) => {
                vec![Event::Refused(Job::Devices, Refusal::WrongPassphrase)]
            }
            Effect::Devices(DevicesEffect::Remove { device, passphrase }) => {
                self.remove(device, passphrase.expose() == PASSPHRASE)
            }
            Effect::Devices(DevicesEffect::AnswerQuarantine { device, keep }) => self.answer_apart(device, keep),
            Effect::Colleagues(ColleaguesEffect::Load)
            | Effect::Colleagues(ColleaguesEffect::Add { .. })
            | Effect::Colleagues(ColleaguesEffect::WordsAgree(_)) => vec![colleagues()],
            Effect::Colleagues(ColleaguesEffect::Seal(_)) => {
                self.sealed += 1;
                vec![Event::Written(Job::Seal)]
            }
            Effect::Exchange(ExchangeEffect::Export { private, .. }) => {
                self.exported.push(private.is_some());
                vec![Event::Written(Job::Export)]
            }
            Effect::Colleagues(ColleaguesEffect::MakeCard { .. }) => vec![Event::Written(Job::Colleagues)],
            Effect::Exchange(ExchangeEffect::Import { dry_run, .. }) => {
                vec![Event::Exchange(ExchangeEvent::Imported(Box::new(ImportReport {
                    dry_run,
                    clients: 200,
                    notes: 6_000,
                    measures: 1_200,
                    unchanged: 0,
                    not_understood: vec!["notes/c0007/0012.md: no client has this code".into()],
                })))]
            }
            Effect::Clients(ClientsEffect::Load) => vec![Event::Clients(ClientsEvent::Listed(self.clients.clone()))],
            _ => Vec::new(),
        }
    }

    fn opened(&self) -> OpenedPractice {
        OpenedPractice {
            clients: self.clients.clone(),
            devices: self.devices.clone(),
            removed: self.removed.clone(),
            settings: self.settings,
            demo: false,
            warning: self.warning.clone(),
            paper: self.paper.clone(),
            resume: self.resume.clone(),
            pending: Vec::new(),
            check: self.check.clone(),
            backups: self.backups.clone(),
        }
    }

    fn fresh(&mut self) -> DocId {
        self.next = self.next.wrapping_add(1);
        DocId([self.next; 16])
    }

    fn timeline(&self, client: ClientId, private: bool) -> Option<Event> {
        let row = self.clients.iter().find(|row| row.id == client)?.clone();
        let notes = self.notes.get(&client).into_iter().flatten().map(|note| note.card.clone());
        let notes: Vec<NoteCard> = notes.filter(|card| private || !card.private).collect();
        let since = notes.last().map(|_| Date::constant(2021, 3, 2));
        Some(Event::Clients(ClientsEvent::Page(Box::new(Timeline {
            client: row,
            since,
            notes,
            measures: measures(),
            readers: Vec::new(),
            merged: self.merged.iter().filter(|(into, _)| *into == client).map(|(_, name)| name.clone()).collect(),
        }))))
    }

    fn find(&self, note: NoteRef) -> Option<&OpenNote> {
        self.notes.values().flatten().find(|open| open.card.id == note)
    }

    fn change(&mut self, note: NoteRef, change: impl FnOnce(&mut OpenNote)) {
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

    fn save(&mut self, note: NoteRef, content: NoteContent, revision: u64) -> Vec<Event> {
        if self.full {
            return self.keep_in_memory(note, content);
        }
        self.saved.push(content.text.clone());
        self.change(note, |open| {
            open.card.excerpt = excerpt(&content.text);
            open.content = content;
        });
        vec![Event::Notes(NotesEvent::Saved { note, revision, at: time(14, 52, 0, 0) })]
    }

    fn sign(&mut self, note: NoteRef) -> Vec<Event> {
        self.change(note, |open| {
            open.card.state = NoteState::Signed { at: DateTime::constant(2026, 11, 21, 15, 3, 0, 0) }
        });
        let found = self.find(note).map(|open| (open.client, open.card.date));
        let pending =
            |(client, date)| Event::Signing(SigningEvent::Waiting(Pending { note, client, date, for_ms: 60_000 }));
        found.map(pending).into_iter().collect()
    }

    fn preview(&self, note: NoteRef) -> Option<Event> {
        let open = self.find(note)?;
        let client = self.clients.iter().find(|row| row.id == open.client)?.name.clone();
        let words = u64::try_from(open.content.text.split_whitespace().count()).ok()?;
        let (date, minutes) = (open.content.date, open.content.minutes);
        Some(Event::Signing(SigningEvent::Preview(Box::new(Preview { note, client, date, minutes, words }))))
    }

    fn hits(&self, query: &str) -> Vec<Hit> {
        let notes = self.notes.values().flatten();
        let hit = |note: &OpenNote| {
            let at = note.content.text.find(query)?;
            let name = self.clients.iter().find(|row| row.id == note.client)?.name.clone();
            let (before, rest) = note.content.text.split_at(at);
            let (found, after) = rest.split_at(query.len());
            Some(Hit {
                client: note.client,
                name,
                note: Some(note.card.id.id()),
                date: Some(note.card.date),
                before: before.lines().last().unwrap_or_default().into(),
                found: found.into(),
                after: after.lines().next().unwrap_or_default().into(),
            })
        };
        notes.filter_map(hit).collect()
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
