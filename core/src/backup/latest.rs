//! Which backup of a folder is the newest, by their names: none is opened, and none of another name is looked at.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// A backup that lies in a folder under the name that [`Target::Folder`](super::Target) gives.
#[derive(Clone, PartialEq, Eq)]
pub struct NamedBackup {
    /// Where it lies.
    pub file: PathBuf,
    /// When it was made, as its name says.
    pub made: Timestamp,
}

impl NamedBackup {
    /// The name of the file: eight digits of the practice and a time, and nothing that anybody typed.
    pub fn name(&self) -> String {
        self.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn of(file: PathBuf) -> Option<Self> {
        let made = made(file.file_name()?.to_str()?)?;
        file.is_file().then_some(Self { file, made })
    }
}

/// Prints no path.
impl std::fmt::Debug for NamedBackup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NamedBackup")
    }
}

/// The newest backup in this folder, of whichever practice. Folders inside it are not looked into.
///
/// # Errors
/// [`io::Error`] of the folder.
pub fn newest_in(folder: &Path) -> io::Result<Option<NamedBackup>> {
    let mut newest: Option<NamedBackup> = None;
    for entry in fs::read_dir(folder)? {
        let Some(found) = NamedBackup::of(entry?.path()) else { continue };
        if newest.as_ref().is_none_or(|newest| (newest.made, &newest.file) < (found.made, &found.file)) {
            newest = Some(found);
        }
    }
    Ok(newest)
}

/// When the backup of this name was made: `subrosa-1a2b3c4d-20261122T041500Z.age`.
fn made(name: &str) -> Option<Timestamp> {
    let (practice, made) = name.strip_prefix("subrosa-")?.strip_suffix(".age")?.split_once('-')?;
    let is_practice = practice.len() == 8 && practice.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    let is_time = made.len() == 16 && made.ends_with('Z');
    if is_practice && is_time { made.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_found_by_its_name_whatever_else_lies_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert!(newest_in(folder.path()).unwrap().is_none());
        for name in [
            "subrosa-1a2b3c4d-20261122T041500Z.age",
            "subrosa-1a2b3c4d-20251231T235959Z.age",
            "subrosa-00000000-20261122T041459Z.age",
            // None of these is a name that a backup has.
            "subrosa-1a2b3c4d-20271122T041500Z.age.part",
            "subrosa-1a2b3c4d-20271322T041500Z.age",
            "subrosa-1A2B3C4D-20271122T041500Z.age",
            "subrosa-1a2b3c4-20271122T041500Z.age",
            "subrosa-1a2b3c4d-20271122T041500+.age",
            "other-1a2b3c4d-20271122T041500Z.age",
            "record.age",
        ] {
            fs::write(at(name), b"sealed").unwrap();
        }
        fs::create_dir(at("subrosa-1a2b3c4d-20281122T041500Z.age")).unwrap();
        let newest = newest_in(folder.path()).unwrap().unwrap();
        assert_eq!(newest.name(), "subrosa-1a2b3c4d-20261122T041500Z.age");
        assert_eq!(newest.made, "2026-11-22T04:15:00Z".parse().unwrap());
        assert_eq!(format!("{newest:?}"), "NamedBackup");
    }

    #[test]
    fn what_is_no_folder_is_an_error_and_not_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        assert!(newest_in(&folder.path().join("away")).is_err());
    }
}
