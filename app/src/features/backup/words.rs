//! Backups: what was chosen, what was made and tested, what comes back from one.

use jiff::civil::{Date, DateTime};
use subrosa_core::backup::Every;

use crate::features::backup::values::TestedBackup;
use crate::words::fixed::words;
use crate::words::{count, seen, size};

words! {
    BACKUPS = "Backups";
    BACKUPS_MORE = "One file with the whole practice, which only the recovery kit opens. Each is tested before it counts: read back from the disk, opened, restored as a trial, and compared with what is here.";
    BACKUP_NONE = "No tested backup yet";
    PRIVATE_LACKING = "Some private notes open with nothing that is in it, or here. Let a device that shows them sync, then back up again";
    PRIVATE_NOT_TRIED = "Private notes are in it. Whether they open was not tried, because they were closed. To have that tried, open private notes, then back up";
    BACKUP_OLDER_KIT = "It opens with the recovery kit of its time alone, not with the new one. Make a new one now";
    BACKUP_FOLDER = "Folder for backups";
    BACKUP_FOLDER_HINT = "Path of a folder, on a stick or another disk";
    BACKUP_SAME_DISK = "This folder is on the disk that also holds the practice: when the disk fails, both are lost. Choose a stick or another disk";
    BACKUP_NO_FOLDER = "There is no such folder. Nothing was changed; plug the stick in, or choose another folder";
    BACKUP_EVERY = "By itself";
    BACKUP_DAILY = "Every day";
    BACKUP_WEEKLY = "Every week";
    BACKUP_OFF = "Off";
    BACKUP_TEXT = "In it, besides";
    BACKUP_READABLE = "Text that other programs read";
    BACKUP_UNREADABLE = "Nothing for other programs";
    BACKUP_TEXT_MORE = "With the text, whoever holds the kit needs no Subrosa to read the notes. Private notes are never in the text.";
    BACK_UP_NOW = "Back up now";
    BACKING_UP = "Writing the backup, then testing it…";
    BACKED_UP = "Made and tested: it was restored as a trial, and it is what you have here";
    BACKUP_DUE = "One is due and is made in the next quiet moment";
    BACKUP_NOT_BY_ITSELF = "None is made by itself: choose a folder, and how often";
    BACKUP_STOPPED = "The last backup was stopped when the window locked or closed, so it does not count. It is being made again now";
    NO_NEWER = "the last backup could not be made";
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
    NO_BACKUP_IN_FOLDER = "There is no backup in this folder: their names begin with subrosa- and end in .age. Nothing was changed; choose the file itself, or the folder that it lies in";
    BACKUP_NOT_THERE = "There is no backup at this place. Nothing was changed; look whether the stick is plugged in, and choose the file";
    RESTORE_FULL = "There is not enough room on this disk. Nothing of what is here was changed; make room and try again";
    RESTORE_TAKEN = "There is a practice on this computer already. It was left as it is; unlock it, and bring the backup in from Safety";
    RESTORE_STOPPED = "Stopped, as asked. Nothing was made";
    BRINGING_STOPPED = "Stopped, as asked. What had come back by then stays; nothing was removed";
    LOOKING_STOPPED = "Stopped, as asked. Nothing was changed";
}

/// `Last tested backup: 09:10, on another disk · 3 clients, 40 notes · 1.2 MB`
pub fn tested(last: &TestedBackup, today: Date) -> String {
    let place = if last.same_disk { "on this disk" } else { "on another disk" };
    let (clients, notes) = (count(last.clients, "client"), count(last.notes, "note"));
    format!("Last tested backup: {}, {place} · {clients}, {notes} · {}", seen(last.at, today), size(last.bytes))
}

/// `2 notes are not in its text, because they are damaged. Check the practice`
pub fn not_as_text(notes: u64) -> String {
    format!("{} could not be written as text, because of damage. Check the practice", count(notes, "note"))
}

/// `The last words of 2 notes are not in it: they are longer than notes can be, or the disk of the practice was full. They are on this computer alone`
pub fn unsent(notes: u64) -> String {
    let notes = count(notes, "note");
    format!(
        "The last words of {notes} are not in it: more was written than a note can hold, or the disk of the practice was full. They are on this computer alone"
    )
}

/// `19 Nov, 09:10: The folder for backups is not there …`
pub fn backup_failed(at: DateTime, why: &str, today: Date) -> String {
    format!("{}: {why}", seen(at, today))
}

/// `The next one is due 20 Nov, 09:10`
pub fn backup_next(at: DateTime, today: Date) -> String {
    format!("The next one is due {}", seen(at, today))
}

/// `on this device and in the tested backup of 09:10`
pub fn backed_up(at: DateTime, today: Date) -> String {
    format!("on this device and in the tested backup of {}", seen(at, today))
}

/// `only on this disk, with the tested backup of 09:10`
pub fn backed_up_here(at: DateTime, today: Date) -> String {
    format!("only on this disk, with the tested backup of {}", seen(at, today))
}

/// `only on this device, last tested backup 12 Nov, 09:10`
pub fn backup_old(at: DateTime, today: Date) -> String {
    format!("only on this device, last tested backup {}", seen(at, today))
}

/// `last tested backup 12 Nov, 09:10`
pub fn backup_of(at: DateTime, today: Date) -> String {
    format!("last tested backup {}", seen(at, today))
}

/// How often, in words.
pub fn every(every: Every) -> &'static str {
    match every {
        Every::Day => BACKUP_DAILY,
        Every::Week => BACKUP_WEEKLY,
        Every::Never => BACKUP_OFF,
    }
}

/// `Backup of 19 Nov, 09:10 · 3 clients, 40 notes`
pub fn backup_made(at: DateTime, clients: u64, notes: u64, today: Date) -> String {
    format!("Backup of {} · {}, {}", seen(at, today), count(clients, "client"), count(notes, "note"))
}

/// `The newest backup in that folder is chosen now: subrosa-1a2b3c4d-20261122T041500Z.age, made 22 Nov, 06:15. If it is the one you want, go on`
pub fn newest_backup(name: &str, made: DateTime, today: Date) -> String {
    let made = seen(made, today);
    format!("The newest backup in that folder is chosen now: {name}, made {made}. If it is the one you want, go on")
}

/// `What was missing is back: 3 changes. Nothing was removed or overwritten`
pub fn brought_back(changes: u64) -> String {
    if changes == 0 {
        return NOTHING_MISSING.to_owned();
    }
    format!("What was missing here is back ({}). Nothing was removed or overwritten", count(changes, "change"))
}
