//! Sentences that have something to fill in.

use jiff::civil::{Date, Time};

use super::*;
use crate::event::{ImportReport, InMemory, Refusal};
use crate::settings::{ListNames, TextSize, Theme};

/// `1 note`, `3 notes`
pub fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("{number} {one}") } else { format!("{number} {one}s") }
}

/// `Choose… (The backup)`: what a screen reader says of the button beside that field
pub fn choose(what: &str) -> String {
    format!("{CHOOSE} ({what})")
}

/// `on 2 of 3 devices`
pub fn copies(on: usize, of: usize) -> String {
    format!("on {on} of {of} devices")
}

/// `Everything you have written is on 2 of 3 devices`
pub fn notes_are(copies: &str) -> String {
    format!("Everything you have written is {copies}")
}

/// `Office PC last seen 09:10, 3 notes behind`
pub fn behind(name: &str, seen: Option<String>, behind: Option<u32>) -> String {
    match (seen, behind) {
        (None, _) => format!("{name} {NEVER_SEEN}"),
        (Some(seen), Some(behind)) if behind > 0 => {
            format!("{name} last seen {seen}, {} behind", count(behind.into(), "note"))
        }
        (Some(seen), _) => format!("{name} last seen {seen}"),
    }
}

/// `Not saved yet, trying again`, `3 notes not saved yet, trying again`
pub fn not_saved(in_memory: InMemory) -> String {
    match in_memory.notes {
        notes if notes == in_memory.private => PRIVATE_NOT_SAVED.to_owned(),
        1 => NOT_SAVED.to_owned(),
        notes => format!("{notes} notes not saved yet, trying again"),
    }
}

/// `active since 2021`
pub fn status_since(status: &str, since: Option<Date>) -> String {
    match (status.is_empty(), since) {
        (true, None) => String::new(),
        (true, Some(since)) => format!("since {}", since.year()),
        (false, None) => status.to_owned(),
        (false, Some(since)) => format!("{status} since {}", since.year()),
    }
}

/// `Written on Laptop while you signed`
pub fn written_on(device: &str) -> String {
    format!("Written on {device} while you signed")
}

/// `Groups 3 and 7 of the recovery line`
pub fn type_back(groups: &[u8]) -> String {
    let numbers: Vec<String> = groups.iter().map(u8::to_string).collect();
    format!("Groups {} of the recovery line", numbers.join(" and "))
}

/// `Proven on 21 November 2026, by typing from the paper`
pub fn kit_proven(on: Date) -> String {
    format!("Proven on {}, by typing from the paper", long_date(on))
}

/// `The kit that counts is number 1a2b3c4d, made on Laptop on 21 November 2026. …`
pub fn kit_elsewhere(number: &str, device: &str, on: Date) -> String {
    format!(
        "The kit that counts is number {number}, made on {device} on {}. A paper with another number opens only backups and copies of its own time",
        long_date(on)
    )
}

/// `May “Laptop” join?`
pub fn may_join(device: &str) -> String {
    format!("May “{device}” join your practice?")
}

/// `Valid until 14:05`
pub fn valid_until(until: Time) -> String {
    format!("Valid until {}. {INVITE_ONCE}", time(until))
}

/// `They still open with the old passphrase: Laptop, Office PC`
pub fn old_passphrase_on(devices: &[String]) -> String {
    format!("{PASSPHRASE_CHANGED}. Still open with the old one: {}", devices.join(", "))
}

/// `5 minutes`
pub fn minutes(minutes: u16) -> String {
    count(minutes.into(), "minute")
}

/// `added by Office PC`
pub fn added_by(device: &str) -> String {
    format!("added by {device}")
}

/// `Sealed by Dr Virta on 3 May 2026`
pub fn sealed_by(from: &str, on: Date) -> String {
    format!("Sealed by {from} on {}", long_date(on))
}

/// The folder for the files of a sealed record; it names nobody.
pub fn sealed_folder(on: Date) -> String {
    format!("Sealed record {on}")
}

/// The folder for an export, inside one that is not empty.
pub fn export_folder(on: Date) -> String {
    format!("Subrosa {on}")
}

/// `To be kept until 31 May 2027`
pub fn keep_until(until: Date) -> String {
    format!("To be kept until {}", long_date(until))
}

/// Why a file was not read or written; its name is not repeated.
pub fn file_failed(why: &str) -> String {
    format!("The file could not be read or written ({why}). Nothing in the practice was changed")
}

/// A file of an import that is too large for one note.
pub fn note_too_large(file: &str) -> String {
    format!("{file}: too large to be kept as one note; it was left where it is")
}

/// Private notes that an import left out.
pub fn private_left_out(notes: u64) -> String {
    format!("{} left out: give the passphrase again to import private notes", count(notes, "private note"))
}

/// `and Dr Virta, sealed on 3 May`
pub fn and_reader(to: &str, on: Date) -> String {
    format!("and {to}, sealed on {} {}", on.day(), month(on))
}

/// `Recovery kit not proven yet · 5 days left`
pub fn kit_due(days: u32) -> String {
    format!("Recovery kit not proven yet · {} left", count(days.into(), "day"))
}

/// `Signed 21 November`
pub fn signed_note(date: Date, today: Date) -> String {
    format!("Signed the note of {}", super::date(date, today))
}

/// `Take back (52 s)`
pub fn take_back(seconds: u64) -> String {
    format!("{TAKE_BACK} ({seconds} s)")
}

/// `12 words came in, 3 went away`
pub fn words_changed(added: u64, removed: u64) -> String {
    match (added, removed) {
        (0, 0) => "no word changed".to_owned(),
        (added, 0) => format!("{} came in", count(added, "word")),
        (0, removed) => format!("{} went away", count(removed, "word")),
        (added, removed) => format!("{} came in, {removed} went away", count(added, "word")),
    }
}

/// What a therapist calls a field of a note; one that an import brought has the name it had there.
pub fn field_name(name: &str) -> &str {
    match name {
        "date" => DATE,
        "start" => START,
        "minutes" => MINUTES,
        "format" => TEMPLATE,
        "session" => SESSION_NUMBER,
        own => own.strip_prefix("other.").unwrap_or(own),
    }
}

/// `Minutes: 50 → 60`
pub fn field_changed(name: &str, before: &str, after: &str) -> String {
    format!("{name}: {before} → {after}")
}

/// `Deleted 19 Nov, 14:00 on Laptop · 12 days left`
pub fn deleted(when: &str, device: &str, left: u64, along: u64) -> String {
    let with = if along > 0 { format!(" · with {}", entries(along)) } else { String::new() };
    format!("Deleted {when} on {device} · {} left{with}", count(left, "day"))
}

fn entries(number: u64) -> String {
    if number == 1 { "1 entry".to_owned() } else { format!("{number} entries") }
}

/// `Laptop wants to delete 3 clients, 40 notes and 2 other entries`
pub fn held(device: &str, clients: u64, notes: u64, others: u64) -> String {
    let others = if others == 1 { "1 other entry".to_owned() } else { format!("{others} other entries") };
    format!("{device} has deleted {}, {} and {others}", count(clients, "client"), count(notes, "note"))
}

/// `Checked 19 Nov, 14:00: 6000 changes, 5363 notes and records, 12 signatures`
pub fn checked(when: &str, changes: u64, documents: u64, signatures: u64) -> String {
    let (changes, signatures) = (count(changes, "change"), count(signatures, "signature"));
    format!("Checked {when}: {changes}, {documents} notes and records, {signatures}")
}

/// `12 parts were made again`
pub fn made_again(number: u64) -> String {
    let were = if number == 1 { "was" } else { "were" };
    format!("{} {were} made again", count(number, "part"))
}

/// `3 changes are lacking …`
pub fn lacking(number: u64) -> String {
    let are = if number == 1 { "is" } else { "are" };
    format!(
        "{} {are} lacking. The next device that syncs is asked for them; a backup may hold them too",
        count(number, "change")
    )
}

/// `One record with: A. Mäkinen`
pub fn one_record_with(names: &[String]) -> String {
    format!("One record with {}", names.join(", "))
}

/// `3 changes have not arrived on this device yet`
pub fn not_arrived(number: u64) -> String {
    let have = if number == 1 { "has" } else { "have" };
    format!("{} {have} not arrived on this device yet", count(number, "change"))
}

/// `An entry does not open. (3 times)`
pub fn damaged(what: &str, number: u64) -> String {
    if number == 1 { what.to_owned() } else { format!("{what} ({number} times)") }
}

/// `PDF · 1.2 MB · 19 Nov`
pub fn file_line(media: &str, length: u64, added: &str) -> String {
    format!("{} · {} · {added}", media_name(media), size(length))
}

/// `3 of 12 MB are on this device`
pub fn partly_here(here: u64, of: u64) -> String {
    format!("{} of {} are on this device yet", size(here), size(of))
}

fn media_name(media: &str) -> String {
    match media {
        "application/pdf" => "PDF".to_owned(),
        "text/plain" => "Text".to_owned(),
        "image/png" => "PNG picture".to_owned(),
        "image/jpeg" => "JPEG picture".to_owned(),
        _ => match media.split('/').next().unwrap_or_default() {
            "image" => "Picture".to_owned(),
            "audio" => "Recording".to_owned(),
            "video" => "Film".to_owned(),
            _ => "File".to_owned(),
        },
    }
}

/// `812 bytes`, `3.4 MB`: as a file's size is told everywhere.
pub fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match UNITS.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => match bytes % unit * 10 / unit {
            0 => format!("{} {name}", bytes / unit),
            tenth => format!("{}.{tenth} {name}", bytes / unit),
        },
        None => count(bytes, "byte"),
    }
}

/// `and 12 more`
pub fn and_more(more: usize) -> String {
    format!("and {more} more")
}

/// `It would add 3 clients, 40 notes and 12 measures. 5 were already here`
pub fn import_counts(report: &ImportReport) -> String {
    let verb = if report.dry_run { IMPORT_WOULD } else { IMPORT_DID };
    let clients = count(report.clients, "client");
    let (notes, measures) = (count(report.notes, "note"), count(report.measures, "measure"));
    format!("{verb} {clients}, {notes} and {measures}. {} already here", report.unchanged)
}

/// A choice of look, in words.
pub fn theme(theme: Theme) -> &'static str {
    match theme {
        Theme::System => THEME_SYSTEM,
        Theme::Light => THEME_LIGHT,
        Theme::Dark => THEME_DARK,
    }
}

/// A text size, in words.
pub fn text_size(size: TextSize) -> &'static str {
    match size {
        TextSize::Normal => SIZE_NORMAL,
        TextSize::Large => SIZE_LARGE,
        TextSize::Largest => SIZE_LARGEST,
    }
}

/// What lists show, in words.
pub fn list_names(names: ListNames) -> &'static str {
    match names {
        ListNames::Names => SHOW_NAMES,
        ListNames::Initials => SHOW_INITIALS,
    }
}

/// Why it did not open: what happened, what is safe, what to do.
pub fn refusal(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::WrongPassphrase => {
            "That is not the passphrase. Nothing is lost; look at the keyboard layout and Caps Lock, and try again"
        }
        Refusal::Damaged => {
            "The practice file is damaged, so no passphrase opens it as it is. Nothing was changed. Keep the file, and restore from another device or with the recovery kit"
        }
        Refusal::InUse => "The practice is open in another window or command. Close that one first; nothing is lost",
        Refusal::Newer => {
            "The practice was written by a newer version of Subrosa. Install that version; nothing was changed"
        }
    }
}
