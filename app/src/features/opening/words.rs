//! Before a practice is open: the first run, the locked window.

use subrosa_core::pairing::CodeError;

use crate::features::opening::values::Refusal;
use crate::words::fixed::words;

words! {
    WELCOME = "Your notes, on your devices, and nowhere else";
    WELCOME_MORE = "Everything is encrypted before it touches the disk. There is no account and no server.";
    START_NEW = "Start a new practice";
    START_NEW_MORE = "On this computer, with a passphrase of your own. Takes about two minutes.";
    START_JOIN = "Join my other device";
    START_JOIN_MORE = "Your practice is already on another computer. Have both at hand.";
    START_DEMO = "Look around";
    START_DEMO_MORE = "A practice of made-up people, thrown away when you close it";
    LISTS_UNREAD = "Some of what this window shows beside your notes could not be read. Your notes are there; check the practice under Safety.";
    NEW_TITLE = "Choose a passphrase";
    NEW_MORE = "It opens your practice on this computer. Nobody can look it up or send it to you, so a recovery kit comes next.";
    PASSPHRASE = "Passphrase";
    PASSPHRASE_REPEATED = "The same again";
    PASSPHRASE_AGAIN_DIFFERS = "The two are not the same yet";
    PASSPHRASE_HINT = "Four or five words that do not belong together are easy to remember and hard to guess";
    STRENGTH_SHORT = "Too short: choose at least ten characters, best of all several unusual words";
    STRENGTH_ZERO = "Guessed at once: choose a passphrase of several unusual words";
    STRENGTH_ONE = "Guessed within minutes: choose several unusual words that have nothing to do with each other";
    STRENGTH_TWO = "Guessed by somebody determined: add an unusual word";
    STRENGTH_THREE = "Good: guessing it would take years";
    STRENGTH_FOUR = "Strong: guessing it would take longer than anybody has";
    CREATE = "Create the practice";
    CREATING = "Creating your practice…";
    JOIN_TITLE = "Join my other device";
    JOIN_MORE = "On the other device, open Devices and choose Invite a device. Then type its eight words here, or paste its text.";
    JOIN_CODE = "The eight words, or the text";
    JOIN_OTHER_WORDS = "Each word is in the list, but together they are not what the other device shows: one is another word, or two are swapped. Nothing was sent; compare them with the other screen";
    JOIN_NOT_AN_ADDRESS = "What follows the eight words is not the address of a device. Nothing was sent; copy the text again, whole, from the other screen";
    JOIN_NAME = "What to call this device";
    JOIN_PASSPHRASE_MORE = "This device gets a passphrase of its own. It may be the same as on the other one.";
    JOIN = "Join";
    JOIN_LOOKING = "Looking for the other device…";
    JOIN_FOUND = "Looking for the other device, and comparing the eight words…";
    JOIN_ASKING = "Found. The other device now asks you whether this one may join";
    JOIN_COMPARE = "Say yes there only if it shows these two words too. If it shows others, somebody is between the two devices: refuse it.";
    JOIN_RECEIVING = "Receiving your practice, newest first…";
    UNLOCK_TITLE = "Locked";
    UNLOCK_FORGOTTEN = "Forgot the passphrase?";
    RECOVER_TITLE = "Open with the recovery kit";
    RECOVER_MORE = "The kit opens the practice on this device, and you choose a new passphrase. Your notes stay as they are; so do your other devices.";
    RECOVER_LINE = "The recovery line, as it stands on the paper";
    RECOVER_FILE = "Or the file that holds the kit";
    RECOVER_FILE_HINT = "Path of the file, or drop it here";
    RECOVER_OPEN = "Open with the kit";
    RECOVERING = "Opening with the kit…";
    UNLOCK_DEMO = "This is the practice of made-up people. Its passphrase is: demo";
    UNLOCK = "Unlock";
    UNLOCKING = "Unlocking… this takes about a second on purpose, so that guessing takes for ever";
    START_RESTORE = "Restore from a backup";
    START_RESTORE_MORE = "The old computer is gone. Have the backup and the recovery kit at hand.";
}

/// `The third word is not in the list. Nothing was sent; compare it with the other screen`
pub fn code_slip(error: CodeError) -> String {
    match error {
        CodeError::Word(place) => {
            let place = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"]
                .get(place.wrapping_sub(1));
            format!(
                "The {} word is not in the list. Nothing was sent; compare it with the other screen",
                place.unwrap_or(&"next")
            )
        }
        CodeError::Count(words) => {
            format!(
                "The other device shows eight words, and {words} stand here. Nothing was sent; compare them with the other screen"
            )
        }
        _ => JOIN_OTHER_WORDS.to_owned(),
    }
}

/// Why it did not open: what happened, what is safe, what to do.
pub fn refusal(refusal: Refusal) -> String {
    let words = match refusal {
        Refusal::InUse(Some(by)) => {
            return format!("The practice is open in {by}. Close that one first; nothing is lost");
        }
        Refusal::WrongPassphrase => {
            "That is not the passphrase. Nothing is lost; look at the keyboard layout and Caps Lock, and try again"
        }
        Refusal::Damaged => {
            "The practice file is damaged, so no passphrase opens it as it is. Nothing was changed. Keep the file, and restore from another device or with the recovery kit"
        }
        Refusal::InUse(None) => {
            "The practice is open in another window or command. Close that one first; nothing is lost"
        }
        Refusal::Newer => {
            "The practice was written by a newer version of Subrosa. Install that version; nothing was changed"
        }
        Refusal::Older => {
            "The practice was written by an early version of Subrosa that this one does not read any more. Nothing was changed. Open it with the program that wrote it, export it there, and import what it exported here"
        }
    };
    words.to_owned()
}
