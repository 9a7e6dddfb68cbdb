//! A practice file that is damaged: what can be done.

use crate::words::fixed::words;

words! {
    DAMAGED_TITLE = "The practice file is damaged";
    DAMAGED_MORE = "No passphrase opens it as it is. Nothing was changed; whatever you choose here, the damaged file stays beside the new one.";
    REPAIR = "Repair";
    REPAIR_MORE = "What can still be read is kept, in a new file where that is needed. What is lacking then comes back from another device that syncs, or from a backup.";
    REPAIR_FROM_BACKUP = "Repair from a backup…";
    REPAIR_FROM_BACKUP_MORE = "The same, and what is lacking comes back from the backup at once. Have the recovery kit at hand.";
    REPAIR_FROM_BACKUP_TITLE = "Repair from a backup";
    REPAIR_FROM_BACKUP_HOW = "What can still be read goes into a new file, and what is lacking comes back from the backup at once. The damaged file stays beside it.";
    RESTORE_INSTEAD = "Restore from a backup instead…";
    RESTORE_INSTEAD_MORE = "For when too little of the file can be read. What was written after the backup comes back only from another device.";
    RESTORE_INSTEAD_TITLE = "Restore from a backup instead";
    RESTORE_INSTEAD_HOW = "The backup becomes the practice on this computer, with a passphrase that you choose now. The damaged file stays beside it.";
    TRY_AGAIN = "Try to open it again";
    PASSPHRASE_OF_FILE = "Passphrase of the practice";
    SALVAGING = "Reading what can still be read into a new file, and checking it…";
    NOTHING_TO_SALVAGE = "Too much of the practice file is damaged: not enough of it can be read to open it. The file is as it was. Restore from a backup instead; another device brings what is newer";
    RESTORED_INSTEAD = "The backup is the practice now. The damaged file lies beside it, and its name ends in .damaged and a number. This computer is a new device of the practice: remove the one that it was before, under Devices.";
    SALVAGED_OLDER = "Some of what was read is from before the last change that was saved: look at what you wrote last";
}
