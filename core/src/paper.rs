//! The names of the folder that `import` reads and `export` writes, and how a cell is kept from being a formula.

use std::borrow::Cow;

pub(crate) const CLIENTS: &str = "clients.csv";
pub(crate) const MEASURES: &str = "measures.csv";
pub(crate) const NOTES: &str = "notes";
/// Process notes, written only when asked for, lie apart, so that handing over `notes` does not hand them over.
pub(crate) const PROCESS: &str = "process";
pub(crate) const FILES: &str = "files";
pub(crate) const PROCESS_FILES: &str = "process-files";
pub(crate) const FILES_TABLE: &str = "files.csv";
pub(crate) const RECORDS: &str = "records";
pub(crate) const SIGNED: &str = "signed";

/// Columns of `clients.csv` with a place of their own in an identity; `code` and `other` are written when needed.
pub(crate) const CLIENT_COLUMNS: [&str; 10] =
    ["id", "name", "birth_date", "email", "phone", "language", "status", "referral", "code", "other"];

/// Fields of front matter with a place of their own in a note.
pub(crate) const NOTE_FIELDS: [&str; 15] = [
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
pub(crate) fn field_name(written: &str) -> String {
    written.trim().to_lowercase().replace([' ', '-'], "_")
}

/// Whether the cell, apart from apostrophes in front of it, would be run as a formula by a spreadsheet.
fn would_run(cell: &str) -> bool {
    let first = cell.trim_start_matches('\'').chars().next();
    first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'))
}

/// The cell with an apostrophe before it when a spreadsheet would run it. [`unguard`] gives back exactly what was there.
pub(crate) fn guard(cell: &str) -> Cow<'_, str> {
    if would_run(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// What [`guard`] was given.
pub(crate) fn unguard(cell: &str) -> &str {
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
