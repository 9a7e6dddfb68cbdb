//! What the screens say, worked out from the model: plain functions, tested without a window.

pub mod command_table;
mod readiness;

pub use crate::view_model::readiness::{
    may_choose, may_join, may_open_backup, may_recover, others, seal_request, shown_note,
};
use std::borrow::Cow;

use jiff::civil::{Date, DateTime};
use subrosa_core::backup::Every;
use zeroize::Zeroizing;

use crate::features::backup::values::BackupStatus;
use crate::features::devices::values::{DeviceRow, LackCount};
use crate::features::notes::state::SaveState;
use crate::model::typed::Typed;
use crate::model::{Model, Practice};
use crate::practice::passphrase_strength::{Guessing, PassphraseStrength};
use crate::values::job::Job;
use crate::values::note_ref::NoteRef;
use crate::values::page::{ClientRow, NoteCard, NoteState};
use crate::values::settings::ListNames;
use crate::words;

/// Words of a code that are shown while they are typed: eight, and some that are too many.
const CODE_WORDS: usize = 12;

/// How much a word in the status bar asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// All is as it should be.
    Calm,
    /// Needs you.
    NeedsYou,
}

/// What the status bar says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusBar {
    /// Is it saved?
    pub saved: (String, Tone),
    /// Where is it?
    pub copies: (String, Tone),
    /// Who can read it?
    pub readers: String,
    /// The device that is furthest behind.
    pub behind: Option<String>,
}

/// The status bar of an open practice.
pub fn status(model: &Model, typed: &Typed, practice: &Practice) -> StatusBar {
    let readers = practice.timeline.as_ref().map(|timeline| timeline.readers.as_slice()).unwrap_or_default();
    StatusBar {
        saved: saved(model, typed, practice),
        copies: copies(model, practice),
        readers: if readers.is_empty() {
            words::ONLY_YOURS.to_owned()
        } else {
            format!("your devices, {}", veiled(model, &readers.join(", ")))
        },
        behind: behind(&practice.devices.rows, model.now.today()).filter(|_| practice.removed_here().is_none()),
    }
}

fn saved(model: &Model, typed: &Typed, practice: &Practice) -> (String, Tone) {
    if model.in_memory.notes > 0 {
        return (words::not_saved(model.in_memory), Tone::NeedsYou);
    }
    if let Some(client) = practice.clients.ahead(&typed.clients) {
        if model.progress(Job::Particulars).is_some() {
            return (words::SAVING.to_owned(), Tone::Calm);
        }
        // Of the client whose page is shown, it is plain whose they are.
        let other = Some(client).filter(|client| practice.clients.selected != Some(*client));
        let row = practice.clients.rows.iter().find(|row| other == Some(row.id));
        let said = row.map(|row| words::particulars_not_saved(&veiled(model, &row.name)));
        return (said.unwrap_or_else(|| words::PARTICULARS_NOT_SAVED.to_owned()), Tone::NeedsYou);
    }
    match practice.notes.editor.as_ref().map(|editor| editor.state()) {
        Some(SaveState::Saved(at)) => (format!("{} {}", words::SAVED, words::time(at)), Tone::Calm),
        Some(SaveState::Saving) => (words::SAVING.to_owned(), Tone::Calm),
        Some(SaveState::Overlong) => (words::OVERLONG_KEPT.to_owned(), Tone::NeedsYou),
        Some(SaveState::Failed) => (words::NOT_SAVED.to_owned(), Tone::NeedsYou),
        Some(SaveState::Unchanged) | None => (words::ALL_SAVED.to_owned(), Tone::Calm),
    }
}

/// Where the practice is: on how many devices, and in which backup.
pub fn copies(model: &Model, practice: &Practice) -> (String, Tone) {
    match practice.removed_here() {
        Some(_) => (words::REMOVED_HERE_STATUS.to_owned(), Tone::NeedsYou),
        None => {
            let is_here_only = is_typing(model, practice);
            copies_of(&practice.devices.rows, is_here_only, &practice.backup.status, model.now.wall)
        }
    }
}

/// Whether something stands in a field that is not saved yet, or not where it goes to other devices.
fn is_typing(model: &Model, practice: &Practice) -> bool {
    let state = practice.notes.editor.as_ref().map(|editor| editor.state());
    model.in_memory.notes > 0 || !matches!(state, None | Some(SaveState::Unchanged | SaveState::Saved(_)))
}

/// `on 1 of 2 devices`, of the note that is shown; nothing of a practice with one device.
pub fn note_copies(model: &Model, practice: &Practice, note: NoteRef) -> Option<String> {
    let copies = practice.devices.note.filter(|copies| copies.note == note && copies.of > 1)?;
    let written = practice.notes.editor.as_ref().filter(|editor| editor.id() == note);
    let is_here_only = written.is_some() && is_typing(model, practice);
    let shown = practice.removed_here().is_none();
    shown.then(|| words::note_is(&words::copies(if is_here_only { 1 } else { copies.on }, copies.of)))
}

/// `on 2 of 3 devices`; amber while a device lacks anything, and while there is only one without a tested backup elsewhere.
fn copies_of(devices: &[DeviceRow], is_here_only: bool, backups: &BackupStatus, now: DateTime) -> (String, Tone) {
    if devices.len() < 2 {
        return backed_up(backups, now);
    }
    let has_it = |device: &&DeviceRow| device.has_all_written() && (device.this || !is_here_only);
    let complete = devices.iter().filter(has_it).count();
    let is_calm = !is_here_only && devices.iter().all(DeviceRow::has_all);
    let copies = words::copies(complete, devices.len());
    let old = backups.last.as_ref().filter(|_| backups.every != Every::Never && backups.is_overdue(now));
    match old {
        Some(last) => (format!("{copies}, {}", words::backup_of(last.at, now.date())), Tone::NeedsYou),
        None if backups.failed.is_some() => (format!("{copies}, {}", words::NO_NEWER), Tone::NeedsYou),
        None => (copies, if is_calm { Tone::Calm } else { Tone::NeedsYou }),
    }
}

/// What a device that is alone has beside it.
fn backed_up(backups: &BackupStatus, now: DateTime) -> (String, Tone) {
    let today = now.date();
    match &backups.last {
        None => (words::ONLY_HERE.to_owned(), Tone::NeedsYou),
        Some(last) if backups.is_overdue(now) => (words::backup_old(last.at, today), Tone::NeedsYou),
        Some(last) if backups.failed.is_some() => {
            (format!("{}, {}", words::backup_old(last.at, today), words::NO_NEWER), Tone::NeedsYou)
        }
        Some(last) if last.same_disk => (words::backed_up_here(last.at, today), Tone::NeedsYou),
        Some(last) => (words::backed_up(last.at, today), Tone::Calm),
    }
}

fn behind(devices: &[DeviceRow], today: Date) -> Option<String> {
    let others = devices.iter().filter(|device| !device.this && !device.has_all());
    let lacks = |device: &&DeviceRow| {
        let LackCount { notes, clients, files, changes, .. } = device.lacks;
        (device.last_seen.is_none(), notes, clients, files, changes)
    };
    others.max_by_key(lacks).map(|device| words::device_behind(device, today))
}

/// How far a device is, in words.
pub fn device_state(device: &DeviceRow) -> (String, Tone) {
    (words::device_state(device), if device.has_all() { Tone::Calm } else { Tone::NeedsYou })
}

/// A name as lists show it.
pub fn list_name<'a>(model: &Model, row: &'a ClientRow) -> Cow<'a, str> {
    match model.settings.list_names {
        ListNames::Names => veiled(model, &row.name),
        ListNames::Initials => veiled(model, &row.name).into_owned().split_whitespace().filter_map(initial).collect(),
    }
}

fn initial(word: &str) -> Option<String> {
    word.chars().find(|c| c.is_alphanumeric() || *c == VEIL).map(|first| format!("{first}. "))
}

/// `19 Nov · session 6`
pub fn client_line(row: &ClientRow, today: Date) -> String {
    let last = row.last.map(|last| words::short_date(last, today));
    let session = row.session.map(|session| format!("session {session}"));
    let parts = [last, session].into_iter().flatten().collect::<Vec<_>>();
    if parts.is_empty() { row.status.clone() } else { parts.join(" · ") }
}

/// `14:00 · 50 min · SOAP`
pub fn note_line(card: &NoteCard) -> String {
    let start = card.start.map(words::time);
    let minutes = card.minutes.map(|minutes| format!("{minutes} {}", words::MIN));
    let format = Some(card.format.clone()).filter(|format| !format.is_empty());
    [start, minutes, format].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// `unsigned`, `imported`, or `signed 15:03 · 1 addendum`
pub fn note_state(card: &NoteCard) -> (String, Tone) {
    let at = match card.state {
        NoteState::Unsigned | NoteState::Imported if card.overlong => {
            return (words::OVERLONG.to_owned(), Tone::NeedsYou);
        }
        NoteState::Unsigned => return (words::UNSIGNED.to_owned(), Tone::NeedsYou),
        NoteState::Imported => return (words::IMPORTED.to_owned(), Tone::Calm),
        NoteState::Signed { at } => at,
    };
    let when = if at.date() == card.date { words::time(at.time()) } else { words::seen(at, card.date) };
    let mut state = format!("{} {when}", words::SIGNED);
    match card.addenda {
        0 => {}
        1 => state.push_str(" · 1 addendum"),
        many => state.push_str(&format!(" · {many} addenda")),
    }
    if card.overlong {
        state.push_str(&format!(" · {}", words::OVERLONG_BESIDE));
    }
    if card.in_error {
        return (format!("{} · {state}", words::IN_ERROR), Tone::NeedsYou);
    }
    (state, if card.overlong { Tone::NeedsYou } else { Tone::Calm })
}

/// What stands in the place of a letter in discreet mode.
pub const VEIL: char = '•';

/// A name or a text, veiled in discreet mode: neither an eye nor a screen reader's voice gives it away.
pub fn veiled<'a>(model: &Model, text: &'a str) -> Cow<'a, str> {
    if !model.discreet {
        return Cow::Borrowed(text);
    }
    text.chars().map(|c| if c.is_whitespace() { c } else { VEIL }).collect()
}

/// How strong a passphrase is, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Strength {
    /// Between 0 and 1.
    pub fraction: f32,
    /// In words.
    pub why: &'static str,
    /// Whether it will do.
    pub enough: bool,
}

/// What the meter says of a passphrase. Someone who holds the file can try as long as they like, so only the highest score is
/// called strong.
pub fn strength(passphrase: &str) -> Strength {
    if passphrase.is_empty() {
        return Strength { fraction: 0.0, why: words::PASSPHRASE_HINT, enough: false };
    }
    let strength = PassphraseStrength::of(passphrase);
    let (fraction, sentence) = match strength.guessing {
        Guessing::NoTime => (0.1, words::STRENGTH_ZERO),
        Guessing::Minutes => (0.3, words::STRENGTH_ONE),
        Guessing::Effort => (0.5, words::STRENGTH_TWO),
        Guessing::Years => (0.75, words::STRENGTH_THREE),
        Guessing::Ages => (1.0, words::STRENGTH_FOUR),
    };
    let why = if strength.is_long_enough { sentence } else { words::STRENGTH_SHORT };
    Strength { fraction, why, enough: strength.is_enough() }
}

/// How the recovery line begins.
const RECOVERY_LINE: &str = "AGE-SECRET-KEY-PQ-1";

/// The recovery line out of the page, in groups that can be copied by hand: how it begins, then group 1 and so on.
pub fn recovery_groups(page: &str) -> Vec<&str> {
    page.lines().find(|line| line.starts_with(RECOVERY_LINE)).map(subrosa_core::kit::groups).unwrap_or_default()
}

/// The words that were typed of a code so far, in their places.
pub fn typed_code_words(typed: &str) -> Vec<&str> {
    let words = typed.split('@').next().unwrap_or_default();
    words.split(|sign: char| !sign.is_alphabetic()).filter(|word| !word.is_empty()).take(CODE_WORDS).collect()
}

/// What was typed of a recovery line so far, in the groups of its paper.
pub fn typed_recovery_groups(typed: &str) -> Vec<Zeroizing<String>> {
    subrosa_core::kit::typed_groups(typed)
}

#[cfg(test)]
mod tests {
    use subrosa_core::id::DeviceId;

    use super::*;
    use crate::features::backup::values::TestedBackup;

    const NOW: DateTime = DateTime::constant(2026, 11, 21, 14, 0, 0, 0);

    fn device(this: bool, lacks: Option<u64>) -> DeviceRow {
        DeviceRow {
            id: DeviceId([0; 16]),
            name: "Laptop".into(),
            this,
            added_by: None,
            added: None,
            last_seen: lacks.map(|_| NOW),
            through: None,
            had_all: None,
            lacks: LackCount { notes: lacks.unwrap_or(0), ..LackCount::default() },
            unused: None,
            elder: false,
            made_kit: false,
        }
    }

    #[test]
    fn one_device_alone_is_amber() {
        let none = BackupStatus::default();
        assert_eq!(copies_of(&[device(true, None)], false, &none, NOW), (words::ONLY_HERE.to_owned(), Tone::NeedsYou));
    }

    #[test]
    fn one_device_alone_is_calm_while_a_tested_backup_on_another_disk_is_not_old() {
        let tested = |at, same_disk| TestedBackup {
            at,
            same_disk,
            bytes: 1_200_000,
            clients: 1,
            notes: 2,
            unreadable: 0,
            unsent: 0,
            private: subrosa_core::backup::PrivateKeys::Tried { lacking: 0 },
            older_kit: false,
        };
        let backups = |last, failed| BackupStatus { last: Some(last), failed, ..BackupStatus::default() };
        let yesterday = NOW.checked_sub(jiff::SignedDuration::from_hours(20)).unwrap();
        let long_ago = NOW.checked_sub(jiff::SignedDuration::from_hours(40)).unwrap();
        let failed = Some((NOW, "The folder for backups is not there.".to_owned()));
        let said = |backups: &BackupStatus| copies_of(&[device(true, None)], false, backups, NOW);
        let fresh = said(&backups(tested(yesterday, false), None));
        assert_eq!(fresh, ("on this device and in the tested backup of 20 Nov, 18:00".to_owned(), Tone::Calm));
        for needs in [
            backups(tested(yesterday, true), None),
            backups(tested(long_ago, false), None),
            backups(tested(yesterday, false), failed),
        ] {
            let (words, tone) = said(&needs);
            assert!(tone == Tone::NeedsYou && words.starts_with("only on this"), "{words}");
        }
        let both = [device(true, None), device(false, Some(0))];
        let (words, tone) = copies_of(&both, false, &backups(tested(long_ago, false), None), NOW);
        assert!(words.contains("on 2 of 2 devices") && words.contains("19 Nov") && tone == Tone::NeedsYou, "{words}");
    }

    fn bar(devices: &[DeviceRow], is_here_only: bool) -> (String, Tone) {
        copies_of(devices, is_here_only, &BackupStatus::default(), NOW)
    }

    fn lacking(lacks: LackCount) -> DeviceRow {
        DeviceRow { lacks, ..device(false, Some(0)) }
    }

    #[test]
    fn the_bar_is_calm_only_when_every_device_has_acknowledged_everything() {
        let with = |lacks| bar(&[device(true, None), device(false, lacks)], false);
        assert_eq!(with(Some(0)), ("on 2 of 2 devices".to_owned(), Tone::Calm));
        assert_eq!(with(Some(1)), ("on 1 of 2 devices".to_owned(), Tone::NeedsYou));
        assert_eq!(with(None), ("on 1 of 2 devices".to_owned(), Tone::NeedsYou));
    }

    #[test]
    fn what_is_typed_and_not_saved_is_on_this_device_alone_whatever_the_others_have() {
        let both = [device(true, None), device(false, Some(0))];
        assert_eq!(bar(&both, true), ("on 1 of 2 devices".to_owned(), Tone::NeedsYou));
        assert_eq!(bar(&both, false).1, Tone::Calm);
    }

    #[test]
    fn what_a_device_lacks_is_told_by_kind_and_what_is_no_note_is_never_called_one() {
        let none = LackCount::default();
        for (lacks, on, said) in [
            (LackCount { notes: 3, ..none }, 1, "lacks 3 notes"),
            (LackCount { notes: 3, files: 1, ..none }, 1, "lacks 3 notes and 1 file"),
            (LackCount { files: 2, ..none }, 1, "lacks 2 files"),
            (LackCount { clients: 1, ..none }, 1, "lacks the particulars of 1 client"),
            (LackCount { changes: 1, ..none }, 2, "lacks 1 change"),
            (LackCount { notes: 1, files: 1, changes: 2, ..none }, 1, "lacks 1 note, 1 file and 2 other changes"),
            (LackCount { notes: 40, is_least: true, ..none }, 1, "lacks at least 40 notes"),
        ] {
            let row = lacking(lacks);
            assert_eq!(device_state(&row), (said.to_owned(), Tone::NeedsYou));
            let both = [device(true, None), row];
            assert_eq!(bar(&both, false), (format!("on {on} of 2 devices"), Tone::NeedsYou));
            assert!(behind(&both, NOW.date()).is_some_and(|behind| behind.ends_with(said)));
        }
        let whole = [device(true, None), lacking(none)];
        assert_eq!(device_state(&whole[1]), (words::HAS_ALL.to_owned(), Tone::Calm));
        assert_eq!(behind(&whole, NOW.date()), None);
        let here = DeviceRow { lacks: LackCount { files: 2, ..none }, ..device(true, None) };
        assert_eq!(device_state(&here), ("this device, 2 files have not come yet".to_owned(), Tone::NeedsYou));
        assert_eq!(bar(&[here, lacking(none)], false), ("on 1 of 2 devices".to_owned(), Tone::NeedsYou));
    }

    #[test]
    fn a_device_that_nobody_met_is_furthest_behind() {
        let rows = [device(true, None), device(false, Some(9)), device(false, None)];
        assert_eq!(behind(&rows, NOW.date()), Some(format!("Laptop {}", words::NEVER_SEEN)));
    }

    #[test]
    fn discreet_mode_leaves_no_letter() {
        let model = Model { discreet: true, ..Model::default() };
        assert_eq!(veiled(&model, "Aino M"), "•••• •");
    }

    #[test]
    fn the_recovery_line_is_found_in_its_page_and_shown_whole() {
        let letters = "0123456789".repeat(6);
        let page = format!("RECOVERY KIT\n\n{RECOVERY_LINE}{}\n\nWhere to keep it\n", &letters[..58]);
        let shown = recovery_groups(&page);
        assert_eq!((shown.len(), shown.concat()), (9, format!("{RECOVERY_LINE}{}", &letters[..58])));
        assert!(recovery_groups("a page without one").is_empty());
    }

    #[test]
    fn the_words_of_a_code_stand_in_their_places_as_far_as_they_were_typed() {
        assert_eq!(typed_code_words(" 1. abandon, 2. Ability\nzan"), ["abandon", "Ability", "zan"]);
        assert_eq!(typed_code_words("abandon ability @ a5a5 192.0.2.7:4433"), ["abandon", "ability"]);
        assert_eq!(typed_code_words(&"word ".repeat(50)).len(), CODE_WORDS);
        assert!(typed_code_words("").is_empty());
    }

    #[test]
    fn the_meter_refuses_what_everybody_chooses() {
        assert!(!strength("password1234").enough);
        assert!(!strength("short").enough);
        assert!(strength("lantern gravel oboe thicket").enough);
    }
}
