//! A device as a test sees it: its practice, its file, and its network part while it is online.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use jiff::civil::date;
use subrosa::bridge::{
    CodeLine, JoinError, Joined, Network, NewDevice, News, PeerAddress, Report, Shared, Syncing, join,
};
use subrosa_core::entropy::Os;
use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::kdf::{Policy, Strength};
use subrosa_core::record::{Identity, NoteContent};
use subrosa_core::secret::Passphrase;
use subrosa_core::store::{RedbStore, Store};
use subrosa_core::vault::{LockedVault, NewVault, NoteView, Vault, empty_note};
use tempfile::TempDir;

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const BEGIN: u64 = 1_790_000_000_000;

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub(crate) struct Time(Arc<AtomicU64>);

impl Time {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(BEGIN)))
    }

    pub(crate) fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn pass(&self, millis: u64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }

    pub(crate) fn network(&self) -> Network {
        let time = self.clone();
        let bind = Some(([127, 0, 0, 1], 0).into());
        Network { bind, local: false, clock: Arc::new(move || time.now()), policy: Policy::Tests }
    }
}

pub(crate) fn passphrase(words: &str) -> Passphrase {
    Passphrase::new(words.to_owned())
}

pub(crate) fn note(text: &str) -> NoteContent {
    NoteContent { text: text.to_owned(), format: "Free".to_owned(), ..empty_note(date(2026, 11, 21)) }
}

pub(crate) struct Device {
    pub(crate) name: String,
    pub(crate) time: Time,
    pub(crate) vault: Shared,
    folder: TempDir,
    online: Option<(Syncing, Receiver<News>)>,
}

impl Device {
    /// The first device of a new practice. Its passphrase is its name.
    pub(crate) fn first(name: &str, time: &Time) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("practice");
        let passphrase = passphrase(name);
        let new = NewVault {
            path: Some(path.clone()),
            passphrase: &passphrase,
            strength: Strength::CHEAP_FOR_TESTS,
            policy: Policy::Tests,
            device_name: name,
            now: time.now(),
        };
        let store = Box::new(RedbStore::create(&path).unwrap());
        let mut vault = Vault::create(store, &new, Box::new(Os)).unwrap().vault;
        vault.end_reauth();
        Self { name: name.to_owned(), time: time.clone(), vault: Shared::new(vault), folder, online: None }
    }

    /// A new device, paired by an old one.
    pub(crate) fn paired_by(old: &mut Self, name: &str) -> Self {
        old.go_online();
        let line = old.syncing().invite(&passphrase(&old.name)).unwrap().line.to_text();
        let folder = tempfile::tempdir().unwrap();
        let (device, time) = (newcomer(name, &folder), old.time.clone());
        let joined = std::thread::scope(|scope| {
            let joining = scope.spawn(|| join_with(&line, device, &time));
            let asked = old.wait_for(|news| matches!(news, News::DeviceAsks(_)));
            assert!(matches!(asked, News::DeviceAsks(asked) if asked.name == name));
            old.syncing().confirm(true).unwrap();
            joining.join().unwrap().unwrap()
        });
        old.wait_for(|news| *news == News::InvitationEnded(Ok(())));
        let mut vault = joined.vault;
        vault.end_reauth();
        old.with(Vault::end_reauth);
        old.go_offline();
        Self { name: name.to_owned(), time: old.time.clone(), vault: Shared::new(vault), folder, online: None }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("practice")
    }

    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Vault) -> T) -> T {
        self.vault.with(work).unwrap()
    }

    pub(crate) fn syncing(&self) -> &Syncing {
        &self.online.as_ref().unwrap().0
    }

    pub(crate) fn address(&self) -> PeerAddress {
        self.syncing().address().unwrap()
    }

    pub(crate) fn go_online(&mut self) {
        if self.online.is_none() {
            let (tell, news) = mpsc::channel();
            let tell = move |it| drop(tell.send(it));
            self.online = Some((Syncing::start(&self.vault, &self.time.network(), tell).unwrap(), news));
        }
    }

    pub(crate) fn go_offline(&mut self) {
        if let Some((syncing, _)) = self.online.take() {
            syncing.stop();
        }
    }

    pub(crate) fn wait_for(&self, what: impl Fn(&News) -> bool) -> News {
        loop {
            let news = self.online.as_ref().unwrap().1.recv_timeout(PATIENCE).unwrap();
            if what(&news) {
                return news;
            }
        }
    }

    pub(crate) fn lock(&mut self) -> LockedVault {
        self.go_offline();
        self.vault.take().unwrap().lock().unwrap()
    }

    /// Opens the file again, as a program does that starts.
    pub(crate) fn unlock_from_disk(&self) {
        let store: Box<dyn Store> = Box::new(RedbStore::open(&self.path()).unwrap());
        let locked = LockedVault::open(store, Some(self.path()), Policy::Tests, Box::new(Os)).unwrap();
        self.vault.put(locked.unlock(&passphrase(&self.name), self.time.now()).unwrap());
    }

    /// A copy of the device's disk, in somebody else's hands, opened with its passphrase.
    pub(crate) fn copied(&mut self) -> Self {
        drop(self.lock());
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(self.path(), folder.path().join("practice")).unwrap();
        self.unlock_from_disk();
        let vault = Shared::default();
        let copy = Self { name: self.name.clone(), time: self.time.clone(), vault, folder, online: None };
        copy.unlock_from_disk();
        copy
    }

    pub(crate) fn add_client(&self, name: &str) -> ClientId {
        let identity = Identity { name: name.to_owned(), ..Identity::default() };
        self.with(|vault| vault.clients_mut().add_client(&identity, self.time.now())).unwrap()
    }

    pub(crate) fn add_note(&self, client: &ClientId, text: &str) -> NoteId {
        self.with(|vault| vault.notes_mut().add_note(client, &note(text), false, self.time.now())).unwrap()
    }

    pub(crate) fn save(&self, id: &NoteId, text: &str) {
        self.with(|vault| vault.notes_mut().save_note(id, &note(text), self.time.now())).unwrap();
    }

    pub(crate) fn note(&self, id: &NoteId) -> NoteView {
        self.with(|vault| vault.notes().note(id)).unwrap()
    }

    pub(crate) fn text(&self, id: &NoteId) -> String {
        self.note(id).content.text
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.with(|vault| vault.clients().all().map(|row| row.name.clone()).collect());
        names.sort();
        names
    }
}

/// Two devices of one practice that have met.
pub(crate) fn office_and_laptop() -> (Device, Device) {
    let mut office = Device::first("Office", &Time::new());
    let mut laptop = Device::paired_by(&mut office, "Laptop");
    meet(&mut office, &mut laptop);
    (office, laptop)
}

/// Both come online, exchange what they have, and go offline again.
pub(crate) fn meet(a: &mut Device, b: &mut Device) -> Report {
    a.with(|vault| vault.notes_mut().flush()).unwrap();
    b.with(|vault| vault.notes_mut().flush()).unwrap();
    a.go_online();
    b.go_online();
    let report = a.syncing().sync_with(b.address(), PATIENCE).unwrap();
    a.go_offline();
    b.go_offline();
    assert_eq!(a.with(|vault| vault.log().frontier()).unwrap(), b.with(|vault| vault.log().frontier()).unwrap());
    report
}

pub(crate) fn newcomer(name: &str, folder: &TempDir) -> NewDevice {
    let path = folder.path().join("practice");
    let make = path.clone();
    NewDevice {
        path: Some(path),
        make_store: Box::new(move || Ok(Box::new(RedbStore::create(&make)?))),
        passphrase: passphrase(name),
        strength: Strength::CHEAP_FOR_TESTS,
        name: name.to_owned(),
        compare: Box::new(|_| {}),
    }
}

pub(crate) fn join_with(line: &str, device: NewDevice, time: &Time) -> Result<Joined, JoinError> {
    join(&CodeLine::parse(line).unwrap(), device, &time.network())
}
