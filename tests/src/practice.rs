//! Made-up people, notes and folders of a paper trail for tests.

use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::{Date, date};
use subrosa_core::record::{Identity, NoteContent};
use subrosa_core::vault::{Millis, empty_note};

/// A morning in March 2026, at which tests begin.
pub const MORNING: Millis = 1_773_133_200_000;

/// When contact cards are read: the day that stands on those of these tests.
pub const CARDS_READ: Millis = 1_795_305_600_000;

/// The passphrase of every practice in memory.
pub const PASSPHRASE: &str = "seven quiet herons at dusk";

/// The day of most notes.
pub fn day() -> Date {
    date(2026, 3, 10)
}

/// A client of this name.
pub fn person(name: &str) -> Identity {
    Identity { name: name.to_owned(), status: "active".to_owned(), ..Identity::default() }
}

/// A note of this text.
pub fn written(text: &str) -> NoteContent {
    NoteContent { text: text.to_owned(), format: "Free".to_owned(), minutes: Some(45), ..empty_note(day()) }
}

/// Writes a folder of a paper trail: clients `T1`…, with so many notes each, one of the last client a process note.
pub fn paper_trail(folder: &Path, clients: usize, notes: usize) {
    let mut table = "id,name,status\n".to_owned();
    let mut measures = "client_id,date,instrument,items,total\n".to_owned();
    for client in 1..=clients {
        writeln!(table, "T{client},Tester Number{client},active").unwrap();
        writeln!(measures, "T{client},2026-01-0{},PHQ-9,1 0 2,3", client % 9 + 1).unwrap();
        let lies = folder.join("notes").join(format!("T{client}"));
        std::fs::create_dir_all(&lies).unwrap();
        for note in 1..=notes {
            let day = format!("2026-02-{:02}", note % 28 + 1);
            let text = format!(
                "---\nclient: T{client}\ndate: {day}\nformat: SOAP\nsession: {note}\ntags: [one, two]\n---\n\n\
                 Session {note} of client {client}. Slept better; the letter to the brother is written.\n"
            );
            std::fs::write(lies.join(format!("{note:04}.md")), text).unwrap();
        }
    }
    std::fs::write(folder.join("clients.csv"), table).unwrap();
    std::fs::write(folder.join("measures.csv"), measures).unwrap();
}
