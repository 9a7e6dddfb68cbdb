//! How much room a disk has: asked before something long is written, so that it is refused in words while there is still room
//! for notes.

use std::path::Path;

/// Bytes that whatever is long leaves free on the disk of the practice: years of notes.
pub const SPARE: u64 = 64 << 20;

/// Whether so many bytes fit on the disk of this folder. Where the system does not say, writing them will.
pub fn fits(folder: &Path, bytes: u64) -> bool {
    free(folder).is_none_or(|free| free >= bytes)
}

/// The same for the disk that a file lies on, with [`SPARE`] left.
pub fn fits_beside(file: &Path, bytes: u64) -> bool {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fits(folder, bytes.saturating_add(SPARE))
}

#[cfg(target_os = "linux")]
fn free(folder: &Path) -> Option<u64> {
    let system = rustix::fs::statvfs(folder).ok()?;
    system.f_bavail.checked_mul(system.f_frsize)
}

#[cfg(not(target_os = "linux"))]
fn free(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_little_fits_and_more_than_any_disk_has_does_not() {
        let folder = tempfile::tempdir().unwrap();
        assert!(fits(folder.path(), 1));
        assert_eq!(fits(folder.path(), u64::MAX), cfg!(not(target_os = "linux")));
        assert_eq!(fits_beside(&folder.path().join("practice"), u64::MAX), cfg!(not(target_os = "linux")));
        assert!(fits(&folder.path().join("is not there"), u64::MAX), "what is not known is not refused");
    }
}
