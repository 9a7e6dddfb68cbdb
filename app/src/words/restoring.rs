//! What comes back from a backup.

use jiff::civil::{Date, DateTime};

use super::{count, seen};

words! {
    START_RESTORE = "Restore from a backup";
    START_RESTORE_MORE = "The old computer is gone. Have the backup and the recovery kit at hand.";
    RESTORE_TITLE = "Restore from a backup";
    RESTORE_NEW_MORE = "The backup becomes a practice on this computer, with a passphrase that you choose now. Devices that went on meet it as one of yours when they sync.";
    RESTORE_MORE = "Bring back what is missing here: everything, one client, or one note. What is here stays as it is, and nothing is there twice.";
    RESTORE_ASK = "Bring back from a backup…";
    RESTORE_FILE = "The backup";
    RESTORE_FILE_HINT = "Path of the .age file, or drop it here";
    RESTORE_KIT_FILE_HINT = "Path of the file";
    RESTORE = "Restore";
    RESTORING = "Reading the backup from end to end, then restoring it…";
    RESTORE_OPEN = "Open the backup";
    RESTORE_OPENING = "Reading the backup from end to end…";
    RESTORE_CLOSE = "Close the backup";
    RESTORE_ALL = "Bring everything back";
    RESTORE_CLIENT = "Bring this client back";
    RESTORE_NOTE = "Bring this note back";
    RESTORE_PRIVATE = "Private notes are not shown here. They come back with their client, and ask for the passphrase as always.";
    RESTORE_WHO = "Who is in it";
    RESTORE_OTHERS = "All clients of the backup";
    RESTORE_GONE = "not in the list now";
    BRINGING_BACK = "Comparing, and bringing back what is missing…";
    NOTHING_MISSING = "All of it was here already. Nothing was changed";
    BACKUP_NOT_THERE = "There is no backup at this place. Nothing was changed; look whether the stick is plugged in, and choose the file";
    RESTORE_FULL = "There is not enough room on this disk. Nothing of what is here was changed; make room and try again";
    RESTORE_TAKEN = "There is a practice on this computer already. It was left as it is; unlock it, and bring the backup in from Safety";
    RESTORE_STOPPED = "Stopped, as asked. Nothing was made";
    BRINGING_STOPPED = "Stopped, as asked. What had come back by then stays; nothing was removed";
    LOOKING_STOPPED = "Stopped, as asked. Nothing was changed";
}

/// `Backup of 19 Nov, 09:10 · 3 clients, 40 notes`
pub fn backup_made(at: DateTime, clients: u64, notes: u64, today: Date) -> String {
    format!("Backup of {} · {}, {}", seen(at, today), count(clients, "client"), count(notes, "note"))
}

/// `What was missing is back: 3 changes. Nothing was removed or overwritten`
pub fn brought_back(changes: u64) -> String {
    if changes == 0 {
        return NOTHING_MISSING.to_owned();
    }
    format!("What was missing here is back ({}). Nothing was removed or overwritten", count(changes, "change"))
}
