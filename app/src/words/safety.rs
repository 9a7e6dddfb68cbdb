//! The recovery kit on a later day, the check of the practice.

words! {
    IN_THE_KEYSTORE = "Subrosa: notices an older copy of a practice";
    SAFETY = "Safety";
    SAFETY_MORE = "What stands between your notes and their loss, and how each of it is today";
    SAFETY_COPIES = "Copies";
    SAFETY_COPIES_ALONE = "Everything is on this device alone. If it is lost or breaks, your notes are too: add a second device, or back up to another disk";
    SAFETY_COPIES_BACKED = "Everything up to the last tested backup is there too. What you write after it is on this device alone until the next one; a second device would have it at once";
    SAFETY_KIT = "Recovery kit";
    SAFETY_KIT_NONE = "No kit waits to be proven on this device. The one that was made with the practice opens this device too";
    SAFETY_KIT_MORE = "That the paper can be read is one thing, that a backup can be restored another: each is tested by itself";
    NEW_KIT = "Make a new recovery kit…";
    NEW_KIT_TITLE = "Make a new recovery kit";
    NEW_KIT_MORE = "For when the paper is lost, or somebody has seen it who should not hold it. The new kit takes the place of the old one on all your devices, once you have it on paper and typed some of it back; until then nothing is changed.";
    NEW_KIT_OLD = "The old paper then opens only backups and copies that were made before";
    NEW_KIT_SHOW = "Show the new kit";
    NEW_KIT_DRAWING = "Making the new kit…";
    NEW_KIT_PAGE = "Your new recovery kit";
    NEW_KIT_PROVE = "It counts once you type from the paper here; until then the old one does. The numbers count the groups; capitals and spaces do not matter";
    NEW_KIT_KEEP = "Keep the old kit";
    NEW_KIT_KEEP_MORE = "Nothing is changed then. Destroy what you printed or copied";
    NEW_KIT_DONE = "The new kit counts from now on, and your other devices follow. Make a new backup now: those made before open with the old paper alone. Keep that paper as long as you keep them, then destroy both.";
    SAFETY_CHECK = "Check of the practice";
    SAFETY_CHECK_MORE = "Reads every stored change, puts every note together but the private ones, and compares every signature. It runs by itself once a week in a quiet moment.";
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
    SAFETY_WHAT_IF = "What if the laptop is stolen, the passphrase forgotten, the computer dead…";
}
