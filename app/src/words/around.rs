//! Plain files in and out, settings, the status bar.

use crate::effect::Job;

words! {
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
    EXPORT_FOLDER = "Folder to write into";
    EXPORTING = "Writing…";
    IMPORT_CUT_OFF = "Locking stopped the import before its end. What had come in by then is here; import the same folder again for the rest, and nothing comes twice";
    EXPORT_CUT_OFF = "Locking stopped the export before its end, so what was written is not complete. Export again into another folder";
    SEAL_CUT_OFF = "Locking stopped the sealing of a record. Nothing was written; seal it again";
    EXPORT_DONE = "Written. The folder is not protected: keep it where only you can read it";
    WRITTEN = "Written";
    CLOSING = "Saving what you typed last…";
    NOT_SAVED_TITLE = "Not saved yet";
    NOT_SAVED_MORE = "What you typed last could not be saved. It is kept as long as this window is open, also while it is locked. Saving is tried again every few seconds, and in a private note once you give your passphrase. If you close now, it is lost.";
    STAY = "Stay";
    CLOSE_ANYWAY = "Close and lose it";
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
    PRIVATE_NOT_SAVED = "Not saved yet, a private note asks for your passphrase";
    ALL_SAVED = "Everything is saved";
    ONLY_HERE = "only on this device, no backup yet";
    ONLY_YOURS = "only your devices can read this";
    DEMO = "Made-up people. Nothing here is kept";
    DISCREET_ON = "Discreet. F8 shows names and notes again";
    PALETTE_HINT = "What would you like to do?";
    NO_COMMAND = "No command of that name";
    WAITING_FOR_DEVICE = "Waiting for the other device. This page may stay open while you walk over";
}

/// What is said after the next unlocking when locking stopped a job of this kind before its end.
pub fn cut_off(job: Job) -> Option<&'static str> {
    match job {
        Job::Import => Some(IMPORT_CUT_OFF),
        Job::Export => Some(EXPORT_CUT_OFF),
        Job::Seal => Some(SEAL_CUT_OFF),
        _ => None,
    }
}
