//! A note as somebody types it: some letters, a save, the next letters; now and then a slip that the next save mends.

use jiff::civil::{Date, time};
use subrosa_core::document::Heads;
use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::record::NoteContent;
use subrosa_core::vault::{Millis, empty_note};
use subrosa_tests::dice::Dice;

use crate::office::Office;

/// A note is written in ten minutes.
const WRITING: Millis = 600_000;
/// Saves out of a hundred after which somebody thinks for a while.
const PAUSES: usize = 5;
/// Saves out of a hundred with a slip in them.
const SLIPS: usize = 8;

/// What is to be written.
pub(crate) struct Session {
    /// Whose note it is.
    pub(crate) client: ClientId,
    /// The day of the session.
    pub(crate) date: Date,
    /// The hour in which it began.
    pub(crate) hour: i8,
    /// Its number.
    pub(crate) number: u32,
}

impl Session {
    fn content(&self, text: &str) -> NoteContent {
        NoteContent {
            text: text.to_owned(),
            format: "Free".to_owned(),
            start: Some(time(self.hour, 0, 0, 0)),
            minutes: Some(50),
            session: Some(self.number),
            ..empty_note(self.date)
        }
    }
}

/// How long a note of the record is, in bytes.
pub(crate) fn length(dice: &mut Dice) -> usize {
    1_500 + dice.roll(1_500)
}

/// How long a private note is.
pub(crate) fn private_length(dice: &mut Dice) -> usize {
    400 + dice.roll(400)
}

/// Types a note on a computer, in so many saves; a private one is as long as its share of them. It is left at the end.
pub(crate) fn write_note(
    office: &mut Office,
    at: usize,
    session: &Session,
    text: &str,
    (private, saves): (bool, usize),
    whole: usize,
) -> NoteId {
    let began = office.now();
    let note = office.devices[at].with(|vault| {
        vault.notes_mut().add_note(&session.client, &session.content(""), private, began).expect("a note begins")
    });
    let mut version = office.devices[at].with(|vault| vault.notes().note(&note).expect("it is there").version);
    office.note_typed(at);
    let takes = WRITING * count(saves) / count(whole);
    for save in 1..=saves {
        // The thinking is what is left of ten minutes when the typing is taken out.
        let gap = if office.dice.happens(PAUSES) { 20_000 + roll(office, 30_000) } else { 2_000 + roll(office, 900) };
        let left = (began + takes).saturating_sub(office.now());
        office.pause(at, gap.min(left).max(400));
        let mut typed = up_to(text, text.len() * save / saves).to_owned();
        if save < saves && office.dice.happens(SLIPS) {
            typed.push_str("teh");
        }
        version = save_version(office, at, &note, &version, &session.content(&typed));
        office.note_typed(at);
    }
    office.send(at);
    note
}

/// Saves as the window does, which then asks whether another device wrote too.
fn save_version(office: &mut Office, at: usize, note: &NoteId, version: &Heads, content: &NoteContent) -> Heads {
    let now = office.now();
    office.devices[at].with(|vault| {
        let saved = vault.notes_mut().save_note_from(note, version, content, now).expect("it is saved");
        assert!(vault.notes().is_newest(note, &saved), "nobody else writes in it");
        saved
    })
}

fn up_to(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

fn roll(office: &mut Office, sides: usize) -> Millis {
    count(office.dice.roll(sides))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).expect("a count is small")
}
