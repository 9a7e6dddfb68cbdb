//! Every word of the interface, in one place, so that one test can read them all.
//!
//! Sentence case; no full stop after one sentence; `…` where more input follows; calm. The words are those of the glossary: *Seal* and *Lock*
//! mean one thing each, and nothing here names the machinery.

use jiff::civil::{Date, DateTime, Time};

use crate::event::{ImportReport, Refusal};
use crate::settings::{ListNames, TextSize, Theme};

macro_rules! words {
    ($($name:ident = $words:literal;)*) => {$(
        #[doc = concat!("“", $words, "”")]
        pub const $name: &str = $words;
    )*
        /// All fixed words, for the test that reads them.
        #[cfg(test)]
        const ALL: &[&str] = &[$($words),*];
    };
}

words! {
    NAME = "Subrosa";
    // Commands
    LOCK = "Lock";
    NEW_NOTE = "New note";
    NEW_PRIVATE_NOTE = "New private note…";
    PRIVATE_NOTES_ASK = "Private notes…";
    EXPORT_CLIENT_ASK = "Export this record…";
    KIT_AGAIN = "Prove the recovery kit";
    SIGN = "Sign";
    SIGN_ASK = "Sign this note…";
    ADDENDUM = "New addendum";
    FIND_CLIENT = "Find a client";
    SEARCH_NOTES = "Search all notes";
    ADD_CLIENT = "Add client";
    ADD_CLIENT_ASK = "Add a client…";
    NEXT_CLIENT = "Next client";
    PREVIOUS_CLIENT = "Previous client";
    SEAL = "Seal";
    SIGN_NOW = "Sign now";
    SEALING = "Sealing…";
    SEAL_ASK = "Seal this record for a colleague…";
    CLIENTS = "Clients";
    SEARCH = "Search";
    DEVICES = "Devices";
    COLLEAGUES = "Colleagues";
    IMPORT_EXPORT = "Import and export";
    SETTINGS = "Settings";
    WHAT_IF = "What if…";
    WRITING_MODE = "Only the note";
    DISCREET = "Discreet: veil names and notes";
    PALETTE = "All commands…";
    HELP = "Keys";
    BACK = "Back";
    CANCEL = "Cancel";
    LATER = "Later";
    // First run
    WELCOME = "Your notes, on your devices, and nowhere else";
    WELCOME_MORE = "Everything is encrypted before it touches the disk. There is no account and no server.";
    START_NEW = "Start a new practice";
    START_NEW_MORE = "On this computer, with a passphrase of your own. Takes about two minutes.";
    START_JOIN = "Join my other device";
    START_JOIN_MORE = "Your practice is already on another computer. Have both at hand.";
    START_DEMO = "Look around";
    START_DEMO_MORE = "A practice of made-up people, thrown away when you close it";
    NEW_TITLE = "Choose a passphrase";
    NEW_MORE = "It opens your practice on this computer. Nobody can look it up or send it to you, so a recovery kit comes next.";
    PASSPHRASE = "Passphrase";
    PASSPHRASE_REPEATED = "The same again";
    PASSPHRASE_AGAIN_DIFFERS = "The two are not the same yet";
    PASSPHRASE_HINT = "Four or five words that do not belong together are easy to remember and hard to guess";
    STRENGTH_SHORT = "Too short: at least ten characters";
    STRENGTH_ZERO = "Guessed at once: it is on every list of common ones";
    STRENGTH_ONE = "Guessed within minutes: add words that have nothing to do with each other";
    STRENGTH_TWO = "Guessed by somebody determined: add a word";
    STRENGTH_THREE = "Good: guessing it would take years";
    STRENGTH_FOUR = "Strong: guessing it would take longer than anybody has";
    CREATE = "Create the practice";
    CREATING = "Creating your practice…";
    JOIN_TITLE = "Join my other device";
    JOIN_MORE = "On the other device, open Devices and choose Invite a device. Then type its eight words here, or paste its text.";
    JOIN_CODE = "The eight words, or the text";
    JOIN_NAME = "What to call this device";
    JOIN_PASSPHRASE_MORE = "This device gets a passphrase of its own. It may be the same as on the other one.";
    JOIN = "Join";
    JOIN_LOOKING = "Looking for the other device…";
    JOIN_ASKING = "Found. The other device now asks you whether this one may join";
    JOIN_RECEIVING = "Receiving your practice, newest first…";
    // Recovery kit
    KIT_TITLE = "Your recovery kit";
    KIT_MORE = "It opens your practice if you forget the passphrase. Print it, write it down, or save it to a stick; then put it where you keep papers that matter. It is shown only now.";
    KIT_LINE = "The recovery line. Its spaces do not matter";
    KIT_FILE = "Save the whole page as a file";
    KIT_FILE_HINT = "/media/stick/recovery-kit.txt";
    KIT_SAVE = "Save";
    KIT_SAVED = "Saved";
    KIT_SAME_DISK = "Saved, but on the disk that also holds the practice: if this computer is lost, so is the kit. Move it to a stick or print it";
    KIT_PROVE = "Type back";
    KIT_PROVE_MORE = "So that we know that you have it, not only saw it";
    KIT_PROVE_BUTTON = "That is it";
    KIT_MISTYPED = "That is not what the kit says. Nothing is lost; look at the line again";
    KIT_LATER_MORE = "Without the kit, a forgotten passphrase cannot be helped";
    KIT_AGAIN_MORE = "You put this off when the practice was new. Fetch the kit and type part of it back, so that you know that it is there and can be read";
    KIT_AGAIN_OVERDUE = "The seven days are over. Your notes are safe and unchanged; this comes first, because without a kit a forgotten passphrase cannot be helped";
    KIT_AGAIN_FIELD = "The last eight characters of the recovery line";
    KIT_LOST = "I no longer have it";
    KIT_LOST_MORE = "Without the kit a forgotten passphrase cannot be helped. Put the passphrase on paper where you keep what matters, and add a second device now. You will be asked again at the next unlock.";
    KIT_AGAIN_NOW = "Prove it now";
    KIT_AGAIN_DONE = "Proven. The kit agrees with this practice";
    // What if
    WHAT_IF_TITLE = "What if…";
    STOLEN = "…my laptop is stolen?";
    STOLEN_MORE = "A thief who finds it locked or switched off has a file that cannot be read without your passphrase. Your other devices hold everything.";
    FORGOTTEN = "…I forget the passphrase?";
    FORGOTTEN_MORE = "The recovery kit opens the practice and lets you choose a new one, with the command subrosa recover. Without the kit and the passphrase nobody can, and neither can we.";
    DEAD = "…the computer dies?";
    DEAD_MORE = "Whatever another device of yours holds is safe. With one device alone there is no second copy: add one soon.";
    DIE = "…I fall ill or die?";
    DIE_MORE = "Tell somebody you trust where the recovery kit lies, in writing, and what you want to happen with the notes";
    DIE_BUTTON = "Seal a record for a colleague";
    STOLEN_BUTTON = "See my devices";
    FORGOTTEN_BUTTON = "Change the passphrase";
    DEAD_BUTTON = "Add a device";
    TO_CLIENTS = "To my clients";
    // Unlock
    UNLOCK_TITLE = "Locked";
    UNLOCK_FORGOTTEN = "Forgotten? The recovery kit opens the practice: the command subrosa recover asks for it and for a new passphrase";
    UNLOCK_DEMO = "This is the practice of made-up people. Its passphrase is: demo";
    UNLOCK = "Unlock";
    UNLOCKING = "Unlocking… this takes about a second on purpose, so that guessing takes for ever";
    STARTING = "One moment…";
    // Clients
    FILTER_HINT = "Find a client   /";
    NO_CLIENTS = "No clients yet";
    NO_CLIENTS_MORE = "Add the first one, or bring your notes from somewhere else";
    NO_MATCH = "No client of that name";
    CHOOSE_CLIENT = "Choose a client";
    CHOOSE_CLIENT_MORE = "With the pointer, with Ctrl+↓, or by typing part of a name after /";
    LOADING = "Opening…";
    CLIENT_NAME = "Name";
    CLIENT_CODE = "Code, if you use one";
    TIMELINE = "Timeline";
    MEASURES = "Measures";
    NO_NOTES = "Nothing written yet";
    NO_NOTES_MORE = "New note begins with today and the template that you used last";
    NO_MEASURES = "No measures yet";
    NO_MEASURES_MORE = "They come with an import";
    UNSIGNED = "unsigned";
    IMPORTED = "imported";
    SIGNED = "signed";
    ADDENDUM_NOUN = "addendum";
    PRIVATE_NOTE = "Private note";
    PRIVATE_CLOSED = "Kept apart from the record. Asks for your passphrase";
    DATE = "Date";
    START = "Start";
    MINUTES = "Minutes";
    MIN = "min";
    TEMPLATE = "Template";
    NOTE_LABEL = "Note";
    NOTE_HINT = "Write here. ## begins a heading, ** makes bold, - begins a list";
    UNREADABLE = "The date is written 2026-11-21, the start 14:00, the length in minutes. Until then the last readable value stays";
    CLOSE_NOTE = "Close";
    SIGN_TITLE = "Sign this note?";
    SIGN_MORE = "From then on it cannot be changed. Corrections are signed addenda below it.";
    SIGN_FROM = "Client";
    SIGN_LENGTH = "Length";
    NOT_GIVEN = "not given";
    PRIVATE_TITLE = "Private note";
    PRIVATE_MORE = "Kept apart from the record and left out of everything that you seal or export, unless you ask for it. Your passphrase opens it.";
    PRIVATE_LIST = "Private notes";
    SHOW = "Show";
    OPEN = "Open";
    // Search
    SEARCH_HINT = "Words from any note or name";
    SEARCH_EMPTY = "Search everything you have written";
    SEARCH_EMPTY_MORE = "Results come as you type. Private notes are not searched.";
    SEARCH_NOTHING = "Nothing found";
    SEARCH_NOTHING_MORE = "Try fewer words, or the beginning of one";
    SEARCHING = "Searching…";
    // Devices
    DEVICES_MORE = "Your devices find each other and exchange what is missing while they are unlocked. Whatever carries it in between can read nothing.";
    INVITE = "Invite a device…";
    INVITE_SHOW = "Show the words";
    INVITE_AGAIN_MORE = "A new device will be able to read everything, so your passphrase is asked again";
    INVITE_TITLE = "On the other device, choose Join my other device and type";
    INVITE_TEXT = "Or copy this text to it";
    INVITE_COPY = "Copy the text";
    INVITE_ONCE = "They work once, for one device";
    CONFIRM_YES = "Yes, that is mine";
    CONFIRM_NO = "No, refuse it";
    CONFIRM_MORE = "It will be able to read everything. Refuse it if you are not standing in front of it.";
    DEVICE_ADDING = "Handing over what the new device needs…";
    DEVICE_ADDED = "Added. It is receiving your practice now, newest first";
    ALL_DEVICES = "Your devices";
    THIS_DEVICE = "this device";
    FIRST_DEVICE = "the first device";
    ANOTHER_DEVICE = "another device";
    CHANGED_MEANWHILE = "Another device has written in this note meanwhile. Nothing was signed: look at it as it is now, then sign";
    KIT_QUESTION = "the last eight letters of the long line";
    NO_NETWORK = "There is no network here, so no device can be reached. Everything is saved on this device";
    NOT_A_SEALED_RECORD = "This file is not a sealed record that can be shown here. Nothing was changed";
    NEVER_SEEN = "not in touch yet";
    HAS_ALL = "has everything";
    // Colleagues
    COLLEAGUES_MORE = "A colleague needs no account: you exchange cards, compare the safety words aloud, and from then on can seal records for one another";
    OWN_WORDS = "Your safety words";
    MAKE_CARD = "Save my card";
    ADD_COLLEAGUE = "Add a card";
    OPEN_SEALED = "Open a sealed record";
    CARD_FILE = "File";
    CARD_FILE_HINT = "Path of a file, or drop the file here";
    NO_COLLEAGUES = "No colleagues yet";
    NO_COLLEAGUES_MORE = "Ask for their card, a small file, and add it here";
    WORDS_AGREE = "We compared: they agree";
    WORDS_COMPARED = "compared";
    WORDS_NOT_COMPARED = "not compared yet";
    SEAL_TITLE = "Seal this record";
    SEAL_MORE = "Only the colleague can open the file. All signed notes go in, private notes do not. This becomes an entry in the client’s disclosures.";
    SEAL_TO = "For";
    SEAL_PURPOSE = "Why";
    SEAL_PURPOSE_HINT = "Referral, holiday cover, supervision…";
    SEAL_BASIS = "On what basis";
    SEAL_BASIS_HINT = "The client’s written consent of 3 May";
    SEAL_UNTIL = "To be kept until, if there is an end";
    SEAL_UNTIL_HINT = "2027-05-31";
    SEAL_UNTIL_BAD = "A date is written 2027-05-31";
    SEAL_FILE = "File to write";
    SEAL_UNCOMPARED = "You have not compared the safety words with this colleague: the card could be somebody else’s";
    SEAL_DONE = "Sealed. The file can go by mail, stick or cloud: only the colleague opens it";
    SEALED_UNKNOWN = "somebody whose card you do not have";
    SEALED_READ_ONLY = "To read only. Nothing of it has entered your practice";
    SEALED_WORDS = "Safety words of the sender";
    // Import and export
    IMPORT_TITLE = "Import";
    IMPORT_MORE = "A folder with clients.csv, measures.csv and a folder notes with Markdown files. Importing twice adds nothing twice, and never overwrites what you have changed.";
    FOLDER = "Folder";
    FOLDER_HINT = "Path of a folder, or drop it here";
    IMPORT_TRY = "See what it would do";
    IMPORT_NOW = "Import";
    IMPORT_UNDO = "Take the import back";
    IMPORTING = "Reading…";
    IMPORT_WOULD = "It would add";
    IMPORT_DID = "Added";
    IMPORT_NOT_UNDERSTOOD = "Not understood, and left as it was";
    IMPORT_UNDONE = "Taken back. Everything is as it was before the import";
    EXPORT_TITLE = "Export";
    EXPORT_MORE = "Everything as plain Markdown, CSV and JSON, readable by anybody who has the folder. Private notes stay here.";
    EXPORT_ALL = "Export everything";
    EXPORT_CLIENT = "Export this record";
    EXPORT_SHORT = "Export…";
    SEAL_SHORT = "Seal…";
    EXPORT_CLIENT_MORE = "As plain Markdown, CSV and JSON, readable by anybody who has the folder";
    EXPORT_PRIVATE = "With private notes";
    EXPORT_WITHOUT = "Without private notes";
    EXPORT_FOLDER = "An empty folder";
    EXPORTING = "Writing…";
    EXPORT_DONE = "Written. The folder is not protected: keep it where only you can read it";
    WRITTEN = "Written";
    DISMISS = "Put away";
    // Settings
    LOOK = "Look";
    TEXT_SIZE = "Text size";
    AUTO_LOCK = "Lock by itself after";
    LIST_NAMES = "In lists, show";
    LIST_NAMES_MORE = "Initials are for a screen that a client can see";
    CHANGE_PASSPHRASE = "Change the passphrase";
    CHANGE_PASSPHRASE_MORE = "On this device. The others keep theirs.";
    PASSPHRASE_CURRENT = "Passphrase until now";
    PASSPHRASE_NEW = "New passphrase";
    PASSPHRASE_CHANGED = "Changed on this device";
    THEME_SYSTEM = "As the system";
    THEME_LIGHT = "Light";
    THEME_DARK = "Dark";
    SIZE_NORMAL = "Normal";
    SIZE_LARGE = "Large";
    SIZE_LARGEST = "Largest";
    SHOW_NAMES = "Names";
    SHOW_INITIALS = "Initials";
    // Status bar
    SAVED = "Saved";
    SAVING = "Saving…";
    NOT_SAVED = "Not saved yet, trying again";
    ALL_SAVED = "Everything is saved";
    ONLY_HERE = "only on this device, no backup yet";
    ONLY_YOURS = "only your devices can read this";
    DEMO = "Made-up people. Nothing here is kept";
    DISCREET_ON = "Discreet. F8 shows names and notes again";
    PALETTE_HINT = "What would you like to do?";
    NO_COMMAND = "No command of that name";
    WAITING_FOR_DEVICE = "Waiting for the other device. This page may stay open while you walk over";
}

/// The months, in full.
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn month(date: Date) -> &'static str {
    usize::try_from(date.month()).ok().and_then(|month| MONTHS.get(month - 1)).copied().unwrap_or_default()
}

/// `21 November 2026`
pub fn long_date(date: Date) -> String {
    format!("{} {} {}", date.day(), month(date), date.year())
}

/// `14 November`, with the year when it is not this one.
pub fn date(date: Date, today: Date) -> String {
    if date.year() == today.year() { format!("{} {}", date.day(), month(date)) } else { long_date(date) }
}

/// `Today`, `19 Nov`, or `19 Nov 2024`.
pub fn short_date(date: Date, today: Date) -> String {
    let month: String = month(date).chars().take(3).collect();
    match date {
        _ if date == today => "Today".to_owned(),
        _ if date.year() == today.year() => format!("{} {month}", date.day()),
        _ => format!("{} {month} {}", date.day(), date.year()),
    }
}

/// `14:52`
pub fn time(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// `09:10`, or `19 Nov, 09:10` on another day.
pub fn seen(at: DateTime, today: Date) -> String {
    if at.date() == today { time(at.time()) } else { format!("{}, {}", short_date(at.date(), today), time(at.time())) }
}

/// `1 note`, `3 notes`
pub fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("{number} {one}") } else { format!("{number} {one}s") }
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

/// `Type back the last group of line 2`
pub fn type_back(question: &str) -> String {
    format!("{KIT_PROVE} {question}")
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
        Refusal::Older => {
            "The practice file is older than what this device wrote last, as if an old copy had been put back. Nothing was changed. Put the newer file back, or let another device bring what is missing"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the interface never says. `key` alone: "recovery kit" and "passphrase" are its words; "Keys" on the keyboard are meant so.
    const NEVER: [&str; 14] = [
        "roster",
        "epoch",
        "incarnation",
        "envelope",
        "manifest",
        "recipient",
        "hash",
        "key",
        "crdt",
        "peer",
        "patient",
        "user",
        "password",
        "vault",
    ];
    const KEYBOARD: [&str; 2] = ["Keys", "keyboard"];

    fn never_said(sentence: &str) -> Option<&'static str> {
        let heard = KEYBOARD.iter().fold(sentence.to_owned(), |heard, fine| heard.replace(fine, "")).to_lowercase();
        NEVER.into_iter().find(|word| heard.contains(word))
    }

    fn refusals() -> [&'static str; 5] {
        [Refusal::WrongPassphrase, Refusal::Damaged, Refusal::InUse, Refusal::Newer, Refusal::Older].map(refusal)
    }

    #[test]
    fn the_interface_never_names_the_machinery() {
        for sentence in ALL.iter().copied().chain(refusals()) {
            assert_eq!(never_said(sentence), None, "{sentence}");
        }
    }

    #[test]
    fn the_scan_finds_what_it_looks_for() {
        assert_eq!(never_said("The peer has not acknowledged"), Some("peer"));
        assert_eq!(never_said("Your private key"), Some("key"));
    }

    /// String literals of a source text that read like words for people.
    fn spoken(source: &str) -> Vec<String> {
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//") && !line.contains("reason = "));
        let literals = lines.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
        let readable = |literal: &String| {
            let outside: String = literal.split('{').map(|part| part.rsplit('}').next().unwrap_or_default()).collect();
            let letters = outside.chars().any(char::is_alphabetic);
            letters && (outside.contains(' ') || outside.starts_with(char::is_uppercase))
        };
        literals.filter(readable).collect()
    }

    #[test]
    fn the_screens_hold_no_words_of_their_own() {
        for folder in ["src/ui", "src/widgets"] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            for file in std::fs::read_dir(folder).unwrap() {
                let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
                assert_eq!(spoken(&source), Vec::<String>::new());
            }
        }
    }

    #[test]
    fn the_search_for_words_finds_them() {
        assert_eq!(spoken("ui.label(\"Not saved\"); ui.push_id(\"row\", f); format!(\"{a} of {b}\")").len(), 2);
    }

    #[test]
    fn a_single_sentence_ends_without_a_full_stop() {
        for sentence in ALL.iter().filter(|words| words.ends_with('.')) {
            assert!(sentence.trim_end_matches('.').contains(". "), "{sentence}");
        }
    }

    #[test]
    fn dates_are_as_short_as_they_can_be_understood() {
        let today = Date::constant(2026, 11, 21);
        assert_eq!(short_date(today, today), "Today");
        assert_eq!(short_date(Date::constant(2026, 11, 19), today), "19 Nov");
        assert_eq!(short_date(Date::constant(2024, 2, 1), today), "1 Feb 2024");
        assert_eq!(date(Date::constant(2026, 11, 14), today), "14 November");
    }
}
