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
