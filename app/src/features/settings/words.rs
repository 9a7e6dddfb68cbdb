//! Settings and the passphrase.

use crate::values::settings::{ListNames, TextSize, Theme};
use crate::words::count;
use crate::words::fixed::words;

words! {
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
    OLD_COPIES = "An old copy of the practice's file still opens with the passphrase that it had, and whoever has both can also open what this practice writes later. If somebody may have them, make all keys new";
    NEW_KEYS_ASK = "Make all keys new…";
    NEW_KEYS = "Make all keys new";
    NEW_KEYS_MORE = "For when somebody may have an old copy of the file and knows its passphrase: a lost disk, a cloud folder, a computer that was repaired. Change the passphrase first; it stays what it is here.";
    NEW_KEYS_DOES_TITLE = "What happens";
    NEW_KEYS_DOES = "Everything is written into a new file with all keys new, which takes the place of the old one. This device counts as another one from then on, of the same name. The disk needs room for the practice a second time while it lasts.";
    NEW_KEYS_HELPS_TITLE = "What it helps";
    NEW_KEYS_HELPS = "What you write from then on opens with nothing of the old copy. What was written before, the old copy opens for ever.";
    NEW_KEYS_AFTER_TITLE = "What follows";
    NEW_KEYS_AFTER = "Your other devices hear of it at the next contact: let each of them meet this one soon, and do the same on another device only after that. Colleagues need your new contact card.";
    NEW_KEYS_AT_WORK = "Sealing everything anew…";
    KEYS_ARE_NEW = "All keys are new, and the file from before is gone";
    KEYS_ARE_NEW_NEXT = "The recovery kit is still the one from before: if somebody may have seen it, make a new one now. Make a backup, and destroy old copies that you can reach. Let your other devices meet this one soon. Colleagues need your new contact card.";
    THEME_SYSTEM = "As the system";
    THEME_LIGHT = "Light";
    THEME_DARK = "Dark";
    SIZE_NORMAL = "Normal";
    SIZE_LARGE = "Large";
    SIZE_LARGEST = "Largest";
    SHOW_NAMES = "Names";
    SHOW_INITIALS = "Initials";
}

/// `They still open with the old passphrase: Laptop, Office PC`
pub fn old_passphrase_on(devices: &[String]) -> String {
    format!("{PASSPHRASE_CHANGED}. Still open with the old one: {}", devices.join(", "))
}

/// `5 minutes`
pub fn minutes(minutes: u16) -> String {
    count(minutes.into(), "minute")
}

/// A choice of look, in words.
pub fn theme(theme: Theme) -> &'static str {
    match theme {
        Theme::System => THEME_SYSTEM,
        Theme::Light => THEME_LIGHT,
        Theme::Dark => THEME_DARK,
    }
}

/// A text size, in words.
pub fn text_size(size: TextSize) -> &'static str {
    match size {
        TextSize::Normal => SIZE_NORMAL,
        TextSize::Large => SIZE_LARGE,
        TextSize::Largest => SIZE_LARGEST,
    }
}

/// What lists show, in words.
pub fn list_names(names: ListNames) -> &'static str {
    match names {
        ListNames::Names => SHOW_NAMES,
        ListNames::Initials => SHOW_INITIALS,
    }
}
