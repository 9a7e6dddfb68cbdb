//! The check of the practice: what was lost, and what is whole.

use jiff::civil::Date;

use crate::words::fixed::words;
use crate::words::{and_more, count, short_date};

words! {
    DAMAGE_TOUCHES = "What the damage touches";
    THE_PERSON = "what is known about the person";
    CHECK_NOW = "Check the practice now";
    CHECKING = "Reading and comparing everything…";
    CHECK_NEVER = "Not checked on this device yet";
    CHECK_PRIVATE = "Private notes were checked as stored, without opening them";
    CHECK_WHOLE = "Everything is whole";
    CHECK_DAMAGED = "A check of the practice has found damage. Nothing was changed; Safety says what is damaged and what to do";
    CHECK_DAMAGED_DO = "Everything else is whole and can be read. Repair it, and let another device sync: it has what is missing here. Export what you need meanwhile";
    REPAIRING = "Making again what can be made, then checking everything…";
    REPAIRED_FILE = "The file had damaged parts. What can be read is in a new file in its place; the old one lies beside it, and its name ends in .damaged and a number";
    REPAIRED_NOTHING = "Nothing could be made again from what is on this device";
}

/// `3 parts of the file could not be read`
pub fn parts_unread(number: u64) -> String {
    format!("{} of the file could not be read", count(number, "part"))
}

/// `2 parts of attached files are lacking …`
pub fn files_lacking(number: u64) -> String {
    let are = if number == 1 { "is" } else { "are" };
    format!(
        "{} of attached files {are} lacking. The next device that syncs is asked for them; a backup may hold them too",
        count(number, "part")
    )
}

/// `From the backup came back: 3 changes and 2 parts of attached files. Nothing was removed or overwritten`
pub fn given_back(changes: u64, parts: u64) -> String {
    let of_files = if parts > 0 { format!(" and {} of attached files", count(parts, "part")) } else { String::new() };
    format!("From the backup came back: {}{of_files}. Nothing was removed or overwritten", count(changes, "change"))
}

/// `19 Nov, 12 Nov, and 3 more · what is known about the person`
pub fn affected_days(days: &[Date], more: usize, person: bool, today: Date) -> String {
    let mut named: Vec<String> = days.iter().map(|day| short_date(*day, today)).collect();
    if more > 0 {
        named.push(and_more(more));
    }
    let days = Some(named.join(", ")).filter(|days| !days.is_empty());
    let person = person.then(|| THE_PERSON.to_owned());
    days.into_iter().chain(person).collect::<Vec<_>>().join(" · ")
}

/// `Checked 19 Nov, 14:00: 6000 changes, 5363 notes and records, 12 signatures`
pub fn checked(when: &str, changes: u64, documents: u64, signatures: u64) -> String {
    let (changes, signatures) = (count(changes, "change"), count(signatures, "signature"));
    format!("Checked {when}: {changes}, {documents} notes and records, {signatures}")
}

/// `12 parts were made again`
pub fn rebuilt(number: u64) -> String {
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

/// `3 changes have not arrived on this device yet`
pub fn not_arrived(number: u64) -> String {
    let have = if number == 1 { "has" } else { "have" };
    format!("{} {have} not arrived on this device yet", count(number, "change"))
}

/// `An entry does not open. (3 times)`
pub fn damaged(what: &str, number: u64) -> String {
    if number == 1 { what.to_owned() } else { format!("{what} ({number} times)") }
}
