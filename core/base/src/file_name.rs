//! Names of attached files. Somebody else's words: what could deceive an eye or a file system is taken out here, once, before
//! a name is shown, listed or written to a disk.

use crate::fold::fold;
use crate::plain_text::{deceives, shortened};

/// Bytes that a name may have where it is kept.
pub const KEPT_MAX: usize = 1_024;
/// Letters of a name that are shown.
const SHOWN_MAX: usize = 120;
/// Bytes of a name on a disk: every file system takes 255, and some room is for a number behind it.
const WRITTEN_MAX: usize = 200;

/// The name as it is kept: never empty, never longer than [`KEPT_MAX`], its ending whole.
pub fn kept(name: &str) -> String {
    let name = if name.trim().is_empty() { "file" } else { name };
    shortened(name, KEPT_MAX, str::len)
}

/// The name for a screen: one line, in one direction, without a letter that cannot be seen, and not longer than a line. A
/// name that would read `invoice.exe` backwards as `invoiexe.pdf` shows what it is.
pub fn shown(name: &str) -> String {
    let plain: String = name.chars().map(|letter| if deceives(letter) { '\u{FFFD}' } else { letter }).collect();
    let plain = if plain.trim().is_empty() { "file".to_owned() } else { plain };
    shortened(plain.trim(), SHOWN_MAX, |text| text.chars().count())
}

/// The name for a disk of any system: no folder, no device, no hidden file.
pub fn written(name: &str) -> String {
    written_within(name, WRITTEN_MAX)
}

/// The same, in so many bytes and perhaps one more.
pub fn written_within(name: &str, most: usize) -> String {
    let forbidden = |letter: char| "/\\<>:\"|?*\u{FFFD}".contains(letter) || deceives(letter);
    let plain: String = shown(name).chars().map(|letter| if forbidden(letter) { '_' } else { letter }).collect();
    let plain = shortened(&plain, most, str::len);
    let plain = plain.trim_matches([' ', '.']);
    let stem = plain.split('.').next().unwrap_or_default().trim().to_uppercase();
    let port = |device: &str| stem.strip_prefix(device).is_some_and(|rest| rest.chars().count() == 1);
    let is_device = ["", "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str());
    if is_device || port("COM") || port("LPT") { format!("_{plain}") } else { plain.to_owned() }
}

/// What two names have in common that some disks take for one: names that differ in case alone, or in how an accent is put together.
pub fn key(name: &str) -> String {
    fold(name)
}

/// The name, with a number before its ending when it is taken.
pub fn free(name: &str, mut is_free: impl FnMut(&str) -> bool) -> String {
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let mut free = name.to_owned();
    let mut count = 1_u32;
    while !is_free(&free) {
        count += 1;
        free = format!("{stem} ({count}){ending}");
    }
    free
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_that_would_leave_its_folder_or_turn_on_its_reader_does_neither() {
        assert_eq!(written("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(written("..\\..\\autoexec.bat"), "_.._autoexec.bat");
        assert_eq!(written("C:\\x.pdf"), "C__x.pdf");
        assert_eq!(written("nul.pdf"), "_nul.pdf");
        assert_eq!(written(".bashrc"), "bashrc");
        assert_eq!(written("..."), "_");
        assert_eq!(shown("invoice\u{202E}fdp.exe"), "invoice\u{FFFD}fdp.exe");
        assert_eq!(shown("a\nb\u{1b}[2J"), "a\u{FFFD}b\u{FFFD}[2J");
        assert_eq!(shown(" \u{200B} ").trim(), "\u{FFFD}");
        assert_eq!(shown("  "), "file");
        assert_eq!(shown("Überweisung 佐藤.pdf"), "Überweisung 佐藤.pdf");
    }

    #[test]
    fn names_that_a_disk_takes_for_one_have_one_key() {
        assert_eq!(key("é.txt"), key("E\u{301}.TXT"));
        assert_ne!(key("e.txt"), key("é.txt"));
    }

    #[test]
    fn a_name_of_three_hundred_letters_keeps_its_ending() {
        for name in [format!("{}.pdf", "a".repeat(300)), format!("{}.pdf", "佐".repeat(300))] {
            assert!(shown(&name).ends_with("….pdf") || shown(&name).ends_with(".pdf"));
            assert_eq!(shown(&name).chars().count(), 120);
            assert!(written(&name).len() <= WRITTEN_MAX && written(&name).ends_with(".pdf"));
            assert_eq!(kept(&name), name, "what is kept is what was given");
        }
        assert!(kept(&"佐".repeat(2_000)).len() <= KEPT_MAX);
        assert_eq!(kept(""), "file");
    }

    proptest! {
        #[test]
        fn whatever_a_file_is_called_its_name_on_a_disk_is_one_plain_name(name in "\\PC*|.*") {
            let written = written(&name);
            prop_assert!(!written.is_empty() && written.len() <= WRITTEN_MAX + 1);
            prop_assert!(!written.contains(['/', '\\', '\0', '\n', ':']) && written != "." && written != "..");
            prop_assert!(!written.starts_with('.') && !written.ends_with(['.', ' ']));
            prop_assert!(!shown(&name).chars().any(deceives) && shown(&name).chars().count() <= SHOWN_MAX);
        }
    }
}
