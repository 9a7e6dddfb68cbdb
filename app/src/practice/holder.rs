//! Who has a practice open: a small file beside it, for whoever finds it in use. It is believed only while the practice is held, so
//! that one which a crash left behind says nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::beside;
use crate::values::holder::{Holder, HolderKind};

/// Bytes of the file that are read.
const LONGEST: u64 = 64;

/// The file that this process wrote last.
static WRITTEN: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Says that this process has the practice open. A folder that cannot be written in says nothing.
pub fn note(practice: &Path, kind: HolderKind) {
    let file = file_of(practice);
    let word = match kind {
        HolderKind::Window => "window",
        HolderKind::Command => "command",
    };
    let is_written = fs::write(&file, format!("{word} {}\n", std::process::id())).is_ok();
    let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    let before = std::mem::replace(&mut *written, is_written.then_some(file));
    before
        .filter(|before| Some(before) != written.as_ref())
        .into_iter()
        .for_each(|before| drop(fs::remove_file(before)));
}

/// Takes away what this process said: it ends.
pub fn leave() {
    let written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner).take();
    written.into_iter().for_each(|file| drop(fs::remove_file(file)));
}

/// Who has the practice open that was just found in use; `None` where nobody said so.
pub fn of(practice: &Path) -> Option<Holder> {
    let file = file_of(practice);
    let is_short = fs::symlink_metadata(&file).is_ok_and(|about| about.is_file() && about.len() <= LONGEST);
    let text = is_short.then(|| fs::read_to_string(file).ok()).flatten()?;
    let (word, process) = text.trim_end().split_once(' ')?;
    let kind = match word {
        "window" => HolderKind::Window,
        "command" => HolderKind::Command,
        _ => return None,
    };
    Some(Holder { kind, process: process.parse().ok()? })
}

fn file_of(practice: &Path) -> PathBuf {
    beside(practice, ".open")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_holds_a_practice_is_said_until_it_leaves_and_what_is_no_such_file_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let practice = folder.path().join("practice");
        assert_eq!(of(&practice), None);
        note(&practice, HolderKind::Window);
        let words = format!("Subrosa's window (process {})", std::process::id());
        assert_eq!(of(&practice).map(|holder| holder.to_string()), Some(words));
        note(&folder.path().join("another"), HolderKind::Command);
        assert_eq!(of(&practice), None, "it holds one at a time");
        leave();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        for other in ["", "window", "cat 7\n", "window x\n", &"window 7".repeat(99)] {
            fs::write(file_of(&practice), other).unwrap();
            assert_eq!(of(&practice), None, "{other}");
        }
    }
}
