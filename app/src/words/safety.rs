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
    SAFETY_CHECK = "Check of the practice";
    SAFETY_CHECK_MORE = "Reads every stored change, puts every note together, and compares every signature. It runs by itself once a week in a quiet moment.";
    CHECK_NOW = "Check the practice now";
    CHECKING = "Reading and comparing everything…";
    CHECK_NEVER = "Not checked on this device yet";
    CHECK_WHOLE = "Everything is whole";
    CHECK_DAMAGED = "A check of the practice has found damage. Nothing was changed; Safety says what is damaged and what to do";
    CHECK_DAMAGED_DO = "Everything else is whole and can be read. Repair it, and let another device sync: it has what is missing here. Export what you need meanwhile";
    REPAIRING = "Making again what can be made, then checking everything…";
    REPAIRED_FILE = "The file had damaged parts. What can be read is in a new file in its place; the old one lies beside it, and its name ends in .damaged and a number";
    REPAIRED_NOTHING = "Nothing could be made again from what is on this device";
    SAFETY_WHAT_IF = "What if the laptop is stolen, the passphrase forgotten, the computer dead…";
}
