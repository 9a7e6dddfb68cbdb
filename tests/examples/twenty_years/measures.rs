//! What is measured at the end of each year, on copies: what looking changes is thrown away.

use std::fs;
use std::path::Path;
use std::time::Duration;

use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::vault::{Millis, Vault};
use subrosa_sync::id::ConnId;
use subrosa_tests::dice::Dice;
use subrosa_tests::world::passphrase;

use crate::clock::Clock;
use crate::device::unlocked;
use crate::disk::store_in;
use crate::imported::{Import, import_texts};
use crate::limits::{Limit, Logs, Seen, count_logs, limits};
use crate::newcomer::{Joined, let_one_in, welcome_of};
use crate::office::{DESK, HOME, NAMES, Office, lying_in};
use crate::tables::FileMeasured;
use crate::words::Vocabulary;

/// How often what takes a moment is done to find how long it takes.
const ROUNDS: usize = 5;

/// Everything that was measured.
pub(crate) struct Measures {
    /// The files of the three.
    pub(crate) files: Vec<FileMeasured>,
    pub(crate) unlock_ms: f64,
    pub(crate) imported_unlock_ms: f64,
    pub(crate) import: Import,
    pub(crate) page_ms: f64,
    pub(crate) page_notes: u64,
    /// The same page without the private notes.
    pub(crate) record_page_ms: f64,
    pub(crate) idle_turns: u64,
    pub(crate) idle_bytes: u64,
    /// The same after every device has opened its private notes, and lets go what may go.
    pub(crate) idle_opened_turns: u64,
    pub(crate) idle_opened_bytes: u64,
    pub(crate) joined: Joined,
    pub(crate) logs: Logs,
    pub(crate) limits: Vec<Limit>,
}

/// Measures the closed practice in a folder; `aside` is where copies may lie.
pub(crate) fn measure(folder: &Path, aside: &Path, words: &Vocabulary, now: Millis, mut dice: Dice) -> Measures {
    let files: Vec<_> = NAMES.iter().map(|name| copied(&lying_in(folder, name), aside)).collect();
    let files: Vec<FileMeasured> = files.iter().map(|copy| FileMeasured::of(copy)).collect();
    let desk = lying_in(aside, NAMES[DESK]);
    let unlock_ms = median(|| unlock_time(&desk, &mut dice, now));
    let (import, imported_unlock_ms, page) = read_and_import((&desk, aside), words, &mut dice, now);
    let mut office = Office::opened(aside, dice.other(), now);
    let logs = office.devices[DESK].with(|vault| count_logs(vault, &folder.join("logs.txt")));
    let set_aside = office.devices[DESK].with(|vault| vault.log().set_aside_count().expect("they are counted"));
    office.connect_all();
    let (idle_turns, idle_bytes) = idle(&mut office);
    open_private_everywhere(&mut office);
    let (idle_opened_turns, idle_opened_bytes) = idle(&mut office);
    let newest = office.devices[DESK].with(|vault| newest_note(vault));
    let joined = let_one_in(&mut office, aside, &newest);
    let welcome = welcome_of(&mut office);
    drop(office);
    let set_aside = u64::try_from(set_aside).unwrap_or(u64::MAX);
    let seen = Seen { files: &files, joined: &joined, welcome: &welcome, logs: &logs, set_aside };
    let limits = limits(&seen);
    let (unlock_ms, imported_unlock_ms) = (millis(unlock_ms), millis(imported_unlock_ms));
    Measures {
        files,
        unlock_ms,
        imported_unlock_ms,
        import,
        page_ms: millis(page.whole),
        page_notes: page.notes,
        record_page_ms: millis(page.record),
        idle_turns,
        idle_bytes,
        idle_opened_turns,
        idle_opened_bytes,
        joined,
        logs,
        limits,
    }
}

fn copied(file: &Path, aside: &Path) -> std::path::PathBuf {
    let copy = aside.join(file.file_name().expect("it has a name"));
    fs::copy(file, &copy).expect("it is copied");
    copy
}

fn unlock_time(file: &Path, dice: &mut Dice, now: Millis) -> Duration {
    let began = Clock::start();
    let vault = unlocked(store_in(file), dice, now);
    let took = began.read();
    drop(vault.lock().expect("it locks"));
    took
}

/// Reads the page of the client with most notes, then imports every text elsewhere and unlocks that.
fn read_and_import(
    (desk, aside): (&Path, &Path),
    words: &Vocabulary,
    dice: &mut Dice,
    now: Millis,
) -> (Import, Duration, Page) {
    let mut vault = unlocked(store_in(desk), dice, now);
    vault.reauthenticate(&passphrase(), now).expect("the passphrase is right");
    let busiest = vault.clients().all().max_by_key(|row| row.notes).map(|row| row.id).expect("there is a client");
    let page = page_of(&vault, &busiest);
    let (folder, file) = (aside.join("texts"), aside.join("imported.subrosa"));
    let import = import_texts((&vault, words), (&folder, &file), dice, now);
    drop(vault.lock().expect("it locks"));
    let unlocking = median(|| unlock_time(&file, dice, now));
    fs::remove_file(file).expect("it goes");
    (import, unlocking, page)
}

/// A client's page: how long the window takes to read it, and what is on it.
struct Page {
    whole: Duration,
    record: Duration,
    notes: u64,
}

fn page_of(vault: &Vault, client: &ClientId) -> Page {
    let record = || vault.notes().timeline(client).expect("they are listed").len();
    let whole = || record() + vault.notes().private_timeline(client).expect("they are listed").len();
    let timed = |read: &dyn Fn() -> usize| {
        median(|| {
            let began = Clock::start();
            read();
            read_what_stands_beside(vault, client);
            began.read()
        })
    };
    Page { whole: timed(&whole), record: timed(&record), notes: u64::try_from(whole()).unwrap_or(u64::MAX) }
}

/// What else is on a client's page in the window.
fn read_what_stands_beside(vault: &Vault, client: &ClientId) {
    vault.exchange().disclosures(client).expect("they are listed");
    vault.clients().other_identities(client).expect("they are listed");
    vault.clients().measures(client).expect("they are listed");
}

fn newest_note(vault: &Vault) -> NoteId {
    let clients: Vec<ClientId> = vault.clients().all().map(|row| row.id).collect();
    let newest =
        clients.iter().filter_map(|client| vault.notes().timeline(client).expect("it lists").into_iter().next());
    newest.max_by_key(|row| (row.date, row.start)).expect("there is a note").id
}

/// Each device opens its private notes, twice: what the first brings is looked at by the second.
fn open_private_everywhere(office: &mut Office) {
    for _ in 0..2 {
        office.connect_all();
        for device in 0..office.devices.len() {
            office.open_private(device);
            office.close_private(device);
        }
        let now = office.now();
        office.lines.hang_up_all(&mut office.devices, now);
    }
}

/// What two devices say that have nothing to say: turns of the conversation, and bytes beside the hellos.
fn idle(office: &mut Office) -> (u64, u64) {
    let now = office.now();
    office.lines.hang_up_all(&mut office.devices, now);
    let conn: ConnId = office.lines.connect(&mut office.devices, [DESK, HOME], now);
    office.lines.carry(&mut office.devices, now);
    let carried = office.lines.hang_up(&mut office.devices, conn, now);
    (carried.turns, carried.bytes)
}

fn median(mut measured: impl FnMut() -> Duration) -> Duration {
    let mut all: Vec<Duration> = (0..ROUNDS).map(|_| measured()).collect();
    all.sort_unstable();
    all[ROUNDS / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
