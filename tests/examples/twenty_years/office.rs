//! The practice's three computers, its clock, and what passes between them in the course of a day.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use subrosa_core::vault::{Millis, Vault};
use subrosa_tests::dice::Dice;
use subrosa_tests::world::{cheap, passphrase};

use crate::bridge::{Clock, Due};
use crate::device::{Device, instant};
use crate::disk::store_in;
use crate::line::Lines;

/// The computer in the practice.
pub(crate) const DESK: usize = 0;
/// The computer at home.
pub(crate) const HOME: usize = 1;
/// The laptop, which meets the others twice a week.
pub(crate) const LAPTOP: usize = 2;
/// What the files of the three are called, before the year in which each came.
pub(crate) const NAMES: [&str; 3] = ["desk", "home", "laptop"];
/// How long nothing must be typed before the rule of what leaves is asked.
const TICK: Millis = 3_000;

/// The three, or more while one is replaced.
pub(crate) struct Office {
    /// The computers, by the numbers above.
    pub(crate) devices: Vec<Device>,
    /// What connects them.
    pub(crate) lines: Lines,
    /// What decides.
    pub(crate) dice: Dice,
    now: Arc<AtomicU64>,
    began: Instant,
}

impl Office {
    /// An office without computers.
    pub(crate) fn empty(dice: Dice, now: Millis) -> Self {
        let now = Arc::new(AtomicU64::new(now));
        Self { devices: Vec::new(), lines: Lines::default(), dice, now, began: Instant::now() }
    }

    /// A practice that begins: on the desk, then with the two others let in.
    pub(crate) fn founded(folder: &Path, dice: Dice, now: Millis) -> Self {
        let mut office = Self::empty(dice, now);
        let path = file_of(folder, DESK, 1);
        let passphrase = passphrase();
        let entropy = Box::new(office.dice.other());
        let created = Vault::create(Box::new(store_in(&path)), &cheap(NAMES[DESK], &passphrase, now), entropy);
        let vault = created.expect("the practice begins").vault;
        let clock = office.clock();
        office.devices.push(Device::holding(vault, &path, &clock));
        for slot in [HOME, LAPTOP] {
            office.admit(DESK, NAMES[slot], &file_of(folder, slot, 1));
        }
        office.lines.carry(&mut office.devices, now);
        office.lines.hang_up_all(&mut office.devices, now);
        office
    }

    /// The computers whose files lie in a folder, open.
    pub(crate) fn opened(folder: &Path, dice: Dice, now: Millis) -> Self {
        let mut office = Self::empty(dice, now);
        let clock = office.clock();
        for slot in NAMES {
            let path = lying_in(folder, slot);
            office.devices.push(Device::open(&path, &mut office.dice, &clock));
        }
        office
    }

    /// Lets a further device in, and leaves it connected to the one that did.
    pub(crate) fn admit(&mut self, by: usize, name: &str, path: &Path) -> usize {
        let (now, store) = (self.now(), Box::new(store_in(path)));
        let dice = &mut self.dice;
        let (vault, _) = self.devices[by].with(|vault| {
            let admitted = subrosa_tests::world::admit(vault, name, store, dice, now);
            vault.end_reauth();
            admitted
        });
        let clock = self.clock();
        self.devices.push(Device::holding(vault, path, &clock));
        let number = self.devices.len() - 1;
        self.lines.connect(&mut self.devices, [number, by], now);
        number
    }

    /// The time.
    pub(crate) fn now(&self) -> Millis {
        self.now.load(Ordering::Relaxed)
    }

    /// The clock that the computers read.
    pub(crate) fn clock(&self) -> Clock {
        let now = Arc::clone(&self.now);
        Arc::new(move || now.load(Ordering::Relaxed))
    }

    /// It becomes later.
    pub(crate) fn wait_until(&mut self, moment: Millis) {
        assert!(moment >= self.now(), "time goes on");
        self.now.store(moment, Ordering::Relaxed);
    }

    /// Time passes on a computer on which somebody writes: at a pause, what was typed may leave.
    pub(crate) fn pause(&mut self, at: usize, gap: Millis) {
        let later = self.now() + gap;
        if gap > TICK {
            self.wait_until(later - gap + TICK);
            self.send_in_time(at);
        }
        self.wait_until(later);
        self.send_in_time(at);
    }

    /// Notes that something was typed and is saved.
    pub(crate) fn note_typed(&mut self, at: usize) {
        let moment = instant(self.began, self.now());
        self.devices[at].note_typed(moment);
    }

    /// As the window does all the while.
    fn send_in_time(&mut self, at: usize) {
        let Some(unsent) = self.devices[at].unsent else { return };
        match unsent.due(instant(self.began, self.now()), self.lines.is_heard(at)) {
            Due::Nothing => {}
            Due::Everything => self.send(at),
            Due::Record => {
                let sent = self.devices[at].with(|vault| vault.notes_mut().flush_record().expect("it leaves"));
                let private = self.devices[at].with(|vault| vault.notes().has_pending());
                self.devices[at].unsent = private.then_some(unsent.of_private());
                if sent {
                    self.tell(at);
                }
            }
        }
    }

    /// Everything that was typed leaves, as when a note is left.
    pub(crate) fn send(&mut self, at: usize) {
        if self.devices[at].with(|vault| vault.notes_mut().flush().expect("it leaves")) {
            self.tell(at);
        }
        self.devices[at].unsent = None;
    }

    /// Tells those who listen that something was written.
    pub(crate) fn tell(&mut self, from: usize) {
        let now = self.now();
        self.lines.tell(&mut self.devices, from, now);
    }

    /// Unlocks these, and connects all that are open.
    pub(crate) fn open(&mut self, which: &[usize]) {
        let now = self.now();
        for device in which.iter().copied() {
            if !self.devices[device].is_open() {
                self.devices[device].unlock(now);
                self.connect(device);
            }
        }
    }

    /// Connects one with all others that are open, and waits until none lacks anything.
    fn connect(&mut self, device: usize) {
        let now = self.now();
        for other in (0..self.devices.len()).filter(|other| *other != device) {
            if self.devices[other].is_open() {
                self.lines.connect(&mut self.devices, [device, other], now);
                self.lines.carry(&mut self.devices, now);
            }
        }
    }

    /// Connects all, as when a practice is opened after its files were closed.
    pub(crate) fn connect_all(&mut self) {
        let now = self.now();
        for to in 1..self.devices.len() {
            for from in 0..to {
                self.lines.connect(&mut self.devices, [from, to], now);
                self.lines.carry(&mut self.devices, now);
            }
        }
    }

    /// Locks all that are open.
    pub(crate) fn lock_all(&mut self) {
        let now = self.now();
        self.lines.hang_up_all(&mut self.devices, now);
        self.devices.iter_mut().filter(|device| device.is_open()).for_each(Device::lock);
    }

    /// Opens the private notes on a computer.
    pub(crate) fn open_private(&mut self, at: usize) {
        let now = self.now();
        self.devices[at].with(|vault| vault.reauthenticate(&passphrase(), now)).expect("the passphrase is right");
        self.tell(at);
    }

    /// Closes them: what was typed in one leaves.
    pub(crate) fn close_private(&mut self, at: usize) {
        self.devices[at].with(Vault::end_reauth);
        self.send(at);
    }

    /// In the last year's place one that has just been bought: it is let in and has everything, then the old one is removed.
    pub(crate) fn replace(&mut self, folder: &Path, slot: usize, year: u16) {
        let by = if slot == DESK { HOME } else { DESK };
        let new = self.admit(by, NAMES[slot], &file_of(folder, slot, year));
        let now = self.now();
        self.lines.carry(&mut self.devices, now);
        self.lines.hang_up_all(&mut self.devices, now);
        self.connect_all();
        let old = self.devices[slot].with(|vault| vault.device());
        self.lines.hang_up_all(&mut self.devices, now);
        let gone = self.devices.swap_remove(slot);
        assert_eq!(new, self.devices.len(), "the new one stands in its place");
        self.devices[by].with(|vault| {
            let removed = vault.devices_mut().remove_as(subrosa_core::vault::Gone::Retired, &old, &passphrase(), now);
            vault.end_reauth();
            removed.expect("it is removed");
        });
        fs::remove_file(&gone.path).expect("the old file goes");
        self.connect_all();
        // Each takes the authority over with its passphrase.
        (0..self.devices.len()).for_each(|device| {
            self.open_private(device);
            self.close_private(device);
        });
    }
}

/// Where the file of a computer lies that came in a year.
fn file_of(folder: &Path, slot: usize, year: u16) -> PathBuf {
    folder.join(format!("{}-{year:02}.subrosa", NAMES[slot]))
}

/// The one file in a folder whose name begins so.
pub(crate) fn lying_in(folder: &Path, slot: &str) -> PathBuf {
    let mut entries = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("it lists").path());
    let named = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(slot));
    entries.find(named).expect("each computer has a file")
}
