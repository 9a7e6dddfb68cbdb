//! What a therapist waits for in a practice of many years, one step a process, for `tests/peers/compare.py`.
//!
//! `measure STEP VAULT [FOLDER]` prints `name,value` lines. The file lies on a real disk and every write is durable; the
//! passphrase is stretched as little as tests allow, since its cost is chosen, not measured. Times are of the wall, and
//! beside them of this thread's processor where a crowded machine would hide the program.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a failed step is a failed measurement; it prints them")]

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use subrosa_core::backup::Target;
use subrosa_core::entropy::Os;
use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::kdf::Policy;
use subrosa_core::kit;
use subrosa_core::store::{FileBackend, RedbStore, StorageBackend};
use subrosa_core::vault::{BackupFile, JoiningDevice, LockedVault, NewVault, Only, Selection, Step, Vault};
use subrosa_tests::dice::Dice;
use subrosa_tests::practice::{MORNING, person, written};
use subrosa_tests::world::{cheap, passphrase};

/// Notes that are opened to find how long opening one takes.
const OPENED: usize = 2_000;
/// Drafts in the practice, each typed in [`BATCHES`] batches of keystrokes.
const DRAFTS: usize = 50;
const BATCHES: usize = 150;
/// Batches of keystrokes that are saved to find how long saving one takes.
const SAVED: usize = 1_000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let step = arguments.next().unwrap_or_default();
    let vault = PathBuf::from(arguments.next().unwrap_or_default());
    let folder = PathBuf::from(arguments.next().unwrap_or_default());
    match step.as_str() {
        "import" => import(&vault, &folder),
        "drafts" => drafts(&vault),
        "unlock" => unlock(&vault),
        "open" => open_notes(&vault),
        "save" => save(&vault),
        "search" => search(&vault),
        "devices" => devices(&vault),
        "verify" => verify(&vault),
        "backup" => backup(&vault),
        "restore" => restore(&vault),
        _ => eprintln!("measure import|drafts|unlock|open|save|search|devices|verify|backup|restore VAULT [FOLDER]"),
    }
}

fn import(file: &Path, folder: &Path) {
    let passphrase = passphrase();
    let store = RedbStore::create(file).unwrap();
    let new = NewVault { path: Some(file.to_owned()), ..cheap("Device 1", &passphrase, MORNING) };
    let made = Vault::create(Box::new(store), &new, Box::new(Os)).unwrap();
    std::fs::write(file.with_extension("kit"), kit::identity_text(&made.kit).as_bytes()).unwrap();
    let mut vault = made.vault;
    let began = Clock::start();
    let done = vault.exchange_mut().import(folder, false, MORNING, &mut |_| {}, &|| false).unwrap();
    let shown = vault.clients().all().map(|row| u64::from(row.notes)).sum::<u64>();
    let imported = began.read();
    // What came last is found: nothing is made later that the import left out.
    let last = vault.clients().all().last().map(|row| row.id).unwrap();
    let newest = vault.notes().timeline(&last).unwrap().first().map(|row| row.id).unwrap();
    let word = vault.notes().note(&newest).unwrap().content.text.split_whitespace().last().unwrap().to_owned();
    assert!(!vault.notes().search_client(&last, &word).unwrap().is_empty(), "the last note is found");
    let searched = began.read();
    assert_eq!(shown, done.notes, "every note is in the list");
    print("notes", done.notes);
    print("import_s", searched.0.as_secs_f64());
    print("import_cpu_s", searched.1.as_secs_f64());
    print("import_list_s", imported.0.as_secs_f64());
    print("import_peak_mb", memory("VmHWM"));
    drop(vault.lock().unwrap());
    print("vault_bytes", std::fs::metadata(file).unwrap().len());
}

/// Adds drafts, written as people write: some keystrokes, a save, and an envelope now and then.
fn drafts(file: &Path) {
    let mut vault = unlocked(file, &Arc::default());
    let client = vault.clients_mut().add_client(&person("Draft Writer"), MORNING).unwrap();
    for _ in 0..DRAFTS {
        let mut content = written("");
        let note = vault.notes_mut().add_note(&client, &content, false, MORNING).unwrap();
        for batch in 0..BATCHES {
            content.text.push_str(typed(batch));
            vault.notes_mut().save_note(&note, &content, MORNING).unwrap();
            if batch % 20 == 0 {
                vault.notes_mut().flush().unwrap();
            }
        }
        vault.notes_mut().close_note(&note).unwrap();
    }
    drop(vault.lock().unwrap());
}

fn unlock(file: &Path) {
    let began = Clock::start();
    let vault = unlocked(file, &Arc::default());
    let mut list: Vec<_> = vault.clients().all().cloned().collect();
    list.sort_by(|a, b| a.name.cmp(&b.name));
    let (wall, cpu) = began.read();
    print("unlock_ms", millis(wall));
    print("unlock_cpu_ms", millis(cpu));
    print("unlocked_mb", memory("VmRSS"));
    print("unlocked_peak_mb", memory("VmHWM"));
    drop(list);
}

/// Counts what a device lacks that was let in and has nothing: what follows each save.
fn devices(file: &Path) {
    let mut vault = unlocked(file, &Arc::default());
    let passphrase = passphrase();
    if vault.devices().others().is_empty() {
        let joining = JoiningDevice::new(&cheap("Device 2", &passphrase, MORNING), &mut Os);
        vault.reauthenticate(&passphrase, MORNING).unwrap();
        vault.devices_mut().admit(&joining.introduction(), usize::MAX, MORNING).unwrap();
    }
    let mut times = Vec::new();
    for _ in 0..200 {
        let began = Clock::start();
        let lacks = vault.devices().all().unwrap().remove(1).lacks;
        times.push(began.read().0);
        if !lacks.is_more {
            break;
        }
    }
    let lacks = vault.devices().all().unwrap().remove(1).lacks;
    print("lacked_notes", u64::try_from(lacks.notes.len()).unwrap());
    print("lacked_more", u64::from(lacks.is_more));
    print("counts", u64::try_from(times.len()).unwrap());
    print("count_first_ms", millis(times.remove(0)));
    print("count_most_ms", millis(times.iter().max().copied().unwrap_or_default()));
    let began = Clock::start();
    vault.devices().all().unwrap();
    print("count_again_ms", millis(began.read().0));
    print("counted_mb", memory("VmRSS"));
}

fn open_notes(file: &Path) {
    let vault = unlocked(file, &Arc::default());
    let mut dice = Dice::new(7);
    let (mut finished, mut drafts) = (Vec::new(), Vec::new());
    let clients: Vec<(ClientId, bool)> =
        vault.clients().all().map(|row| (row.id, row.name == "Draft Writer")).collect();
    for (client, is_drafts) in clients {
        let notes = vault.notes().timeline(&client).unwrap().into_iter().map(|row| row.id);
        if is_drafts { drafts.extend(notes) } else { finished.extend(notes) }
    }
    dice.shuffle(&mut finished);
    finished.truncate(OPENED);
    let measure = |name: &str, notes: &[NoteId]| {
        let mut times: Vec<(Duration, Duration)> = notes
            .iter()
            .map(|note| {
                let began = Clock::start();
                let view = vault.notes().note(note).unwrap();
                let read = began.read();
                assert!(!view.content.text.is_empty());
                read
            })
            .collect();
        print_quantiles(name, &mut times);
    };
    measure("open_finished", &finished);
    measure("open_draft", &drafts);
}

fn save(file: &Path) {
    let syncing = Arc::new(AtomicU64::new(0));
    let mut vault = unlocked(file, &syncing);
    // The record with the most sessions, and a new note in it: what is written in the evening.
    let client = vault.clients().all().max_by_key(|row| row.notes).map(|row| row.id).unwrap();
    let mut content = written("");
    let note = vault.notes_mut().add_note(&client, &content, false, MORNING).unwrap();
    let mut version = vault.notes().note(&note).unwrap().version;
    let (mut beyond, mut whole, mut synced) = (Vec::new(), Vec::new(), Vec::new());
    for batch in 0..SAVED {
        content.text.push_str(typed(batch));
        let before = syncing.load(Ordering::Relaxed);
        let began = Clock::start();
        version = vault.notes_mut().save_note_from(&note, &version, &content, MORNING).unwrap();
        assert!(vault.notes().is_newest(&note, &version), "as the window asks after each save");
        let (wall, cpu) = began.read();
        let sync = Duration::from_nanos(syncing.load(Ordering::Relaxed) - before);
        beyond.push((wall.saturating_sub(sync), cpu));
        whole.push((wall, cpu));
        synced.push((sync, Duration::ZERO));
        // As the window does when nobody types for a moment: what waits leaves in an envelope.
        if batch % 20 == 19 {
            vault.notes_mut().flush().unwrap();
        }
    }
    print_quantiles("save", &mut whole);
    print_quantiles("save_beyond_sync", &mut beyond);
    print_quantiles("save_sync", &mut synced);
}

fn search(file: &Path) {
    let vault = unlocked(file, &Arc::default());
    for (name, query) in [("search_rare", "burnout boundaries"), ("search_common", "feel")] {
        let began = Clock::start();
        let hits = vault.notes().search(query, 50, &|| false).unwrap();
        print(&format!("{name}_ms"), millis(began.read().0));
        print(&format!("{name}_hits"), u64::try_from(hits.len()).unwrap());
    }
}

fn verify(file: &Path) {
    let vault = unlocked(file, &Arc::default());
    let began = Clock::start();
    let found = vault.integrity().verify(&mut |_, _| {}).unwrap();
    print("verify_s", began.read().0.as_secs_f64());
    assert_eq!(found.damaged.len(), 0, "it is whole");
}

/// Makes a backup beside the vault and proves it; then one without the readable part, for how large that is.
fn backup(file: &Path) {
    let mut vault = unlocked(file, &Arc::default());
    for (name, readable) in [("sealed", false), ("backup", true)] {
        let to = file.with_extension("age");
        let _ = std::fs::remove_file(&to);
        let began = Clock::start();
        let mut writing = vault.backups_mut().begin_backup(&Target::File(to), readable, MORNING).unwrap();
        while writing.step(&vault).unwrap() != Step::Written {}
        let proof = writing.into_proof(&vault).unwrap();
        print(&format!("{name}_written_s"), began.read().0.as_secs_f64());
        let proven = proof.run(&mut |_| {}, &|| false).unwrap();
        let record = vault.backups_mut().keep_backup(proven).unwrap();
        print(&format!("{name}_s"), began.read().0.as_secs_f64());
        print(&format!("{name}_bytes"), record.bytes);
    }
    print("backup_peak_mb", memory("VmHWM"));
}

/// Restores the backup beside the vault into a new file.
fn restore(file: &Path) {
    let (from, to) = (file.with_extension("age"), file.with_extension("restored"));
    let _ = std::fs::remove_file(&to);
    let kit = kit::read_kit(&std::fs::read_to_string(file.with_extension("kit")).unwrap()).unwrap();
    let (began, passphrase) = (Clock::start(), passphrase());
    let backup = BackupFile::open(&from, kit, &|| false).unwrap();
    print("restore_read_s", began.read().0.as_secs_f64());
    let store = Box::new(RedbStore::create(&to).unwrap());
    let new = cheap("Device 2", &passphrase, MORNING);
    let all = Selection { only: Only::Everything, scratch: &std::env::temp_dir() };
    let (vault, restored) = backup.restore(store, &new, all, Box::new(Os), &mut |_| {}, &|| false).unwrap();
    drop(vault.lock().unwrap());
    print("restore_s", began.read().0.as_secs_f64());
    print("restored_notes", restored.notes);
    print("restore_peak_mb", memory("VmHWM"));
}

fn typed(batch: usize) -> &'static str {
    [
        "Slept better ",
        "this week, ",
        "and the letter ",
        "to the brother ",
        "is written. ",
        "We spoke of ",
        "the spring.\n",
    ]
    .get(batch % 7)
    .unwrap()
}

fn unlocked(file: &Path, syncing: &Arc<AtomicU64>) -> Vault {
    let file = OpenOptions::new().read(true).write(true).open(file).unwrap();
    let store = RedbStore::over(Disk { file: FileBackend::new(file).unwrap(), syncing: Arc::clone(syncing) }).unwrap();
    let locked = LockedVault::open(Box::new(store), None, Policy::Tests, Box::new(Os)).unwrap();
    locked.unlock(&passphrase(), MORNING).unwrap()
}

/// A real file that counts the time its disk takes to make it durable.
#[derive(Debug)]
struct Disk {
    file: FileBackend,
    syncing: Arc<AtomicU64>,
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        let began = Instant::now();
        let synced = self.file.sync_data();
        self.syncing.fetch_add(u64::try_from(began.elapsed().as_nanos()).unwrap(), Ordering::Relaxed);
        synced
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }
}

/// Time of the wall and of this thread's processor.
struct Clock(Instant, Duration);

impl Clock {
    fn start() -> Self {
        Self(Instant::now(), processor())
    }

    fn read(&self) -> (Duration, Duration) {
        (self.0.elapsed(), processor().saturating_sub(self.1))
    }
}

#[cfg(unix)]
fn processor() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(spent.tv_sec.try_into().unwrap(), spent.tv_nsec.try_into().unwrap())
}

#[cfg(not(unix))]
fn processor() -> Duration {
    Duration::ZERO
}

/// Megabytes that the system counts for this process.
fn memory(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap_or_default().to_owned();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() / 1_024
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn print_quantiles(name: &str, times: &mut [(Duration, Duration)]) {
    for (quantile, at) in [("p50", 50), ("p95", 95), ("p99", 99)] {
        let at = |of: usize| (of - 1) * at / 100;
        times.sort_by_key(|time| time.0);
        print(&format!("{name}_{quantile}_ms"), millis(times.get(at(times.len())).unwrap().0));
        times.sort_by_key(|time| time.1);
        print(&format!("{name}_{quantile}_cpu_ms"), millis(times.get(at(times.len())).unwrap().1));
    }
}

fn print(name: &str, value: impl std::fmt::Display) {
    println!("{name},{value}");
}
