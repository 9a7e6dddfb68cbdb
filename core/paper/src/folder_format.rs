//! The names of the folder that `import` reads and `export` writes, and how a cell is kept from being a formula.

use std::borrow::Cow;

/// The table of clients.
pub const CLIENTS: &str = "clients.csv";
/// The table of filled-in instruments.
pub const MEASURES: &str = "measures.csv";
/// The notes, one folder a client.
pub const NOTES: &str = "notes";
/// Process notes, written only when asked for, lie apart, so that handing over `notes` does not hand them over.
pub const PROCESS: &str = "process";
/// Attached files, one folder a client.
pub const FILES: &str = "files";
/// Attached files of process notes.
pub const PROCESS_FILES: &str = "process-files";
/// The table that says what each attached file is.
pub const FILES_TABLE: &str = "files.csv";
/// One folder a client with the whole record.
pub const RECORDS: &str = "records";
/// Signed notes with what proves them.
pub const SIGNED: &str = "signed";

/// Columns of `clients.csv` with a place of their own in an identity; `code` and `other` are written when needed.
pub const CLIENT_COLUMNS: [&str; 10] =
    ["id", "name", "birth_date", "email", "phone", "language", "status", "referral", "code", "other"];

/// Fields of front matter with a place of their own in a note.
pub const NOTE_FIELDS: [&str; 15] = [
    "client",
    "date",
    "start",
    "minutes",
    "format",
    "session",
    "tags",
    "other",
    "note_id",
    "addendum_to",
    "process_note",
    "signed_hash",
    "signed_device",
    "signed_time",
    "adds_to_hash",
];

/// The name of a column or field without what people vary: `Birth Date` and `birth-date` are `birth_date`.
pub fn field_name(written: &str) -> String {
    written.trim().to_lowercase().replace([' ', '-'], "_")
}

/// Whether the cell, apart from apostrophes in front of it, would be run as a formula by a spreadsheet.
fn would_run(cell: &str) -> bool {
    let first = cell.trim_start_matches('\'').chars().next();
    first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'))
}

/// The cell with an apostrophe before it when a spreadsheet would run it. [`unguard`] gives back exactly what was there.
pub fn guard(cell: &str) -> Cow<'_, str> {
    if would_run(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// What [`guard`] was given.
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if would_run(rest) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guarded_cell_is_no_formula_and_comes_back_as_it_was() {
        for cell in ["=1+1", "+358 40", "-5", "@x", "'=1", "''=1", "'plain", "plain", "", "'", "\t=1", "＝1"] {
            assert_eq!(unguard(&guard(cell)), cell);
            assert!(!guard(cell).starts_with(['=', '+', '-', '@', '\t', '＝']), "{cell}");
        }
    }
}
