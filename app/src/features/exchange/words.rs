//! Plain files in and out.

use jiff::civil::Date;

use crate::features::exchange::values::ImportReport;
use crate::words::count;
use crate::words::fixed::words;

words! {
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
    EXPORT_CLIENT_MORE = "As plain Markdown, CSV and JSON, readable by anybody who has the folder";
    EXPORT_PRIVATE = "With private notes";
    EXPORT_WITHOUT = "Without private notes";
    EXPORT_FOLDER = "Folder to write into";
    EXPORTING = "Writing…";
    EXPORT_DONE = "Written. The folder is not protected: keep it where only you can read it";
}

/// The folder for an export, inside one that is not empty.
pub fn export_folder(on: Date) -> String {
    format!("Subrosa {on}")
}

/// Private notes that an import left out.
pub fn private_left_out(notes: u64) -> String {
    format!("{} left out: give the passphrase again to import private notes", count(notes, "private note"))
}

/// `It would add 3 clients, 40 notes and 12 measures. 5 were already here`
pub fn import_counts(report: &ImportReport) -> String {
    let verb = if report.dry_run { IMPORT_WOULD } else { IMPORT_DID };
    let clients = count(report.clients, "client");
    let (notes, measures) = (count(report.notes, "note"), count(report.measures, "measure"));
    format!("{verb} {clients}, {notes} and {measures}. {} already here", report.unchanged)
}
