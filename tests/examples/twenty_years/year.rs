//! A year of the practice, day by day.
//!
//! Monday and Tuesday are written on the desk while the computer at home listens, Wednesday on the laptop, of which nobody hears,
//! Thursday at home while the desk listens. Two notes of three are signed in the evening, the others on the next day, on whatever
//! computer that day has. On Tuesday and Friday evening the laptop meets the others; on Friday a file is attached.

use std::path::Path;

use jiff::civil::Date;
use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::vault::{NewFile, SIGNING_GRACE};

use crate::Options;
use crate::calendar::{MINUTE, at, day_of, working_weeks};
use crate::caseload::{add_client, close_client, week_of_clients, weeks_of_change};
use crate::office::{DESK, HOME, LAPTOP, Office};
use crate::words::Vocabulary;
use crate::writing::{Session, length, private_length, write_note};

/// Where sessions are written, Monday to Thursday, and notes are signed on Friday.
const WRITES: [usize; 5] = [DESK, DESK, LAPTOP, HOME, DESK];
/// Bytes of files in a year of twenty sessions a week.
const FILES: usize = 50_000_000;
/// The years in which each computer is replaced, by what is left of them by five: each after five years, not all at once.
const REPLACED: [u16; 3] = [1, 0, 4];

/// What a year brought.
#[derive(Clone, Copy, Default)]
pub(crate) struct Brought {
    pub(crate) notes: u64,
    pub(crate) private: u64,
    pub(crate) saves: u64,
    pub(crate) text: u64,
    pub(crate) files: u64,
}

/// A year under way.
struct Year<'a> {
    office: &'a mut Office,
    words: &'a Vocabulary,
    options: &'a Options,
    brought: Brought,
    /// Notes that are signed on the next day.
    left: Vec<NoteId>,
}

/// Works for a year. The practice is open on all computers before, and locked afterwards.
pub(crate) fn work(office: &mut Office, folder: &Path, year: u16, options: &Options, words: &Vocabulary) -> Brought {
    let weeks = working_weeks(year);
    office.wait_until(weeks.first().map_or(office.now(), |monday| at(*monday, 6, 0)));
    if year == 1 {
        (0..options.sessions * 2).for_each(|_| add_client(office, words));
    }
    office.connect_all();
    for (slot, due) in REPLACED.into_iter().enumerate() {
        if year > 2 && year % 5 == due {
            office.replace(folder, slot, year);
        }
    }
    office.lock_all();
    let changes = weeks_of_change((options.sessions * 12).div_ceil(20), weeks.len());
    let mut under_way = Year { office, words, options, brought: Brought::default(), left: Vec::new() };
    for (number, monday) in weeks.iter().enumerate() {
        under_way.week(*monday, changes.contains(&number), weeks.len());
    }
    under_way.brought
}

impl Year<'_> {
    fn week(&mut self, monday: Date, changes: bool, weeks: usize) {
        let mut clients: Vec<ClientId> = Vec::new();
        for (day, writes) in WRITES.into_iter().enumerate() {
            let date = day_of(monday, day);
            self.office.wait_until(at(date, 7, 30));
            self.office.open(if writes == LAPTOP { &[LAPTOP] } else { &[DESK, HOME] });
            if day == 0 {
                if changes {
                    close_client(self.office);
                    add_client(self.office, self.words);
                }
                clients = week_of_clients(self.office, self.options.sessions);
            }
            self.sign_those_left(day, writes);
            let (sessions, days) = (self.options.sessions, WRITES.len() - 1);
            let today = if day < days { sessions * day / days..sessions * (day + 1) / days } else { 0..0 };
            let today: Vec<ClientId> = clients.get(today).unwrap_or_default().to_vec();
            self.sessions(writes, date, &today);
            self.office.wait_until(at(date, 19, 0));
            if day == 4 {
                self.attach_file(weeks);
            }
            if day == 1 || day == 4 {
                self.office.open(&[LAPTOP]);
            }
            self.office.wait_until(at(date, 19, 30));
            self.office.lock_all();
        }
    }

    /// What Wednesday left on the laptop is signed there, before the day begins elsewhere; all else where the day is.
    fn sign_those_left(&mut self, day: usize, writes: usize) {
        let left = std::mem::take(&mut self.left);
        if day == 3 && !left.is_empty() {
            let now = self.office.now();
            self.office.lock_all();
            self.office.open(&[LAPTOP]);
            self.sign(LAPTOP, &left);
            self.office.lock_all();
            self.office.wait_until(now + 10 * MINUTE);
            self.office.open(&[DESK, HOME]);
        } else {
            self.sign(writes, &left);
        }
    }

    fn sessions(&mut self, writes: usize, date: Date, clients: &[ClientId]) {
        let mut to_sign = Vec::new();
        for (hour, client) in (8_i8..).zip(clients) {
            self.office.wait_until(at(date, hour, 50).max(self.office.now()));
            let number = self.office.devices[writes].with(|vault| vault.clients().client(client).map(|row| row.notes));
            let number = 1 + number.expect("the client is there");
            let session = Session { client: *client, date, hour, number };
            let today = self.office.dice.happens(67);
            let notes = self.write(writes, &session);
            if today { to_sign.extend(notes) } else { self.left.extend(notes) }
        }
        self.office.wait_until(at(date, 18, 0).max(self.office.now()));
        self.sign(writes, &to_sign);
    }

    /// The note of a session, and beside every second one a private note.
    fn write(&mut self, writes: usize, session: &Session) -> Vec<NoteId> {
        let saves = self.options.saves;
        let (long, short) = (length(&mut self.office.dice), private_length(&mut self.office.dice));
        let text = self.words.text(long, &mut self.office.dice);
        let mut notes = vec![write_note(self.office, writes, session, &text, (false, saves), saves)];
        self.count(&text, saves);
        self.brought.notes += 1;
        if self.brought.notes.is_multiple_of(2) {
            let text = self.words.text(short, &mut self.office.dice);
            let fewer = (saves * text.len() / long).max(1);
            self.office.open_private(writes);
            notes.push(write_note(self.office, writes, session, &text, (true, fewer), saves));
            self.office.close_private(writes);
            self.count(&text, fewer);
            self.brought.private += 1;
        }
        notes
    }

    fn count(&mut self, text: &str, saves: usize) {
        self.brought.text += number(text.len());
        self.brought.saves += number(saves);
    }

    /// Signs as the window does: what is shown, and a minute in which it can be taken back.
    fn sign(&mut self, at: usize, notes: &[NoteId]) {
        if notes.is_empty() {
            return;
        }
        let now = self.office.now();
        self.office.open_private(at);
        for note in notes {
            self.office.devices[at].with(|vault| {
                let shown = vault.notes().sign_preview(note).expect("it can be signed");
                vault.notes_mut().sign_later(&shown, now).expect("it will be signed");
            });
        }
        self.office.tell(at);
        self.office.wait_until(now + SIGNING_GRACE);
        self.office.devices[at].with(|vault| {
            let settled = vault.notes_mut().settle_signatures(now + SIGNING_GRACE).expect("they are signed");
            assert!(settled.len() == notes.len() && settled.iter().all(|one| one.outcome.is_ok()), "each is signed");
        });
        self.office.tell(at);
        self.office.close_private(at);
    }

    /// The week's file, to the first client's record.
    fn attach_file(&mut self, weeks: usize) {
        let a_week = FILES * self.options.sessions / 20 / weeks;
        let length = a_week / 2 + self.office.dice.roll(a_week.max(1));
        let mut bytes = vec![0; length];
        subrosa_core::entropy::Entropy::fill(&mut self.office.dice, &mut bytes);
        let now = self.office.now();
        self.office.devices[DESK].with(|vault| {
            let client = vault.clients().all().map(|row| row.id).min().expect("there is a client");
            let new = NewFile { client, note: None, name: "letter.pdf", length: Some(number(length)) };
            vault.files_mut().attach(&new, &mut &bytes[..], now, &mut |_| {}, &|| false).expect("it is attached");
        });
        self.brought.files += number(length);
        self.office.tell(DESK);
    }
}

fn number(of: usize) -> u64 {
    u64::try_from(of).expect("a count is small")
}
