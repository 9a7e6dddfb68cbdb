use std::fs;
use std::io::{Error, ErrorKind};
use std::time::{Duration, SystemTime};

use super::{directory, holds_what_was_put, name, names};
use crate::directory::said;
use crate::{FolderError, MOST_BYTES};

#[test]
fn what_was_put_is_listed_read_and_removed() {
    let disk = tempfile::tempdir().unwrap();
    holds_what_was_put(&directory(&disk.path().join("notes")));
    // Nothing but what was put.
    assert_eq!(fs::read_dir(disk.path().join("notes")).unwrap().count(), 1);
}

#[test]
fn the_first_put_makes_the_folder_and_not_the_one_around_it() {
    let disk = tempfile::tempdir().unwrap();
    let folder = directory(&disk.path().join("notes"));
    assert_eq!(folder.list(), Ok(Vec::new()));
    assert_eq!(folder.get(&name(1), 3), Ok(None));
    assert_eq!(folder.remove(&name(1)), Ok(()));
    assert!(!disk.path().join("notes").exists());
    std::thread::scope(|threads| {
        for number in 0..16 {
            let folder = &folder;
            threads.spawn(move || folder.put(&name(number), vec![1]).unwrap());
        }
    });
    assert_eq!(names(&folder).len(), 16);
    let deeper = directory(&disk.path().join("stick/notes"));
    assert_eq!(deeper.list(), Err(FolderError::NotThere));
    assert_eq!(deeper.get(&name(1), 3), Err(FolderError::NotThere));
    assert_eq!(deeper.put(&name(1), vec![1]), Err(FolderError::NotThere));
    assert!(!disk.path().join("stick").exists());
}

#[test]
fn what_lies_there_under_other_names_is_neither_listed_nor_touched() {
    let disk = tempfile::tempdir().unwrap();
    let folder = directory(disk.path());
    folder.put(&name(1), b"one".to_vec()).unwrap();
    let copy = name(1).replace(".sealed", " (conflicted copy).sealed");
    let others = [".DS_Store", "desktop.ini", &copy, &format!("{}~", name(1)), &name(10).to_uppercase()];
    for other in others {
        fs::write(disk.path().join(other), "theirs").unwrap();
    }
    fs::create_dir(disk.path().join(name(2))).unwrap();
    fs::create_dir(disk.path().join("photos")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        std::os::unix::fs::symlink("/dev/zero", disk.path().join(name(3))).unwrap();
        fs::write(disk.path().join(std::ffi::OsStr::from_bytes(b"\xff\xfe")), "theirs").unwrap();
    }
    assert_eq!(names(&folder), [name(1)]);
    assert_eq!(folder.get(&name(2), 9), Ok(None));
    assert_eq!(folder.get(&name(3), 9), Ok(None));
    for other in others {
        assert_eq!(fs::read(disk.path().join(other)).unwrap(), b"theirs");
    }
}

#[test]
fn what_is_half_written_is_not_listed_and_goes_when_nobody_writes_it_any_more() {
    let disk = tempfile::tempdir().unwrap();
    let (old, young) = (disk.path().join(".subrosa-old.part"), disk.path().join(".subrosa-young.part"));
    fs::write(&old, "half").unwrap();
    fs::write(&young, "half").unwrap();
    let before = SystemTime::now() - Duration::from_secs(2 * 24 * 60 * 60);
    fs::File::options().write(true).open(&old).unwrap().set_modified(before).unwrap();
    let folder = directory(disk.path());
    assert_eq!(folder.list(), Ok(Vec::new()));
    assert!(old.exists());
    folder.put(&name(1), vec![1]).unwrap();
    assert_eq!(names(&folder), [name(1)]);
    assert_eq!((old.exists(), young.exists()), (false, true));
}

#[test]
fn a_folder_that_vanishes_is_not_there_and_is_not_made_again() {
    let disk = tempfile::tempdir().unwrap();
    let path = disk.path().join("notes");
    let folder = directory(&path);
    folder.put(&name(1), vec![1]).unwrap();
    fs::rename(&path, disk.path().join("elsewhere")).unwrap();
    assert_eq!(folder.list(), Err(FolderError::NotThere));
    assert_eq!(folder.get(&name(1), 9), Err(FolderError::NotThere));
    assert_eq!(folder.put(&name(2), vec![1]), Err(FolderError::NotThere));
    assert_eq!(folder.remove(&name(1)), Err(FolderError::NotThere));
    assert!(!path.exists());
    fs::rename(disk.path().join("elsewhere"), &path).unwrap();
    folder.put(&name(2), vec![1]).unwrap();
    assert_eq!(names(&folder), [name(1), name(2)]);
}

#[test]
fn a_file_in_place_of_the_folder_is_no_folder() {
    let disk = tempfile::tempdir().unwrap();
    let path = disk.path().join("notes");
    fs::write(&path, "a file").unwrap();
    let folder = directory(&path);
    assert_eq!(folder.list(), Err(FolderError::NotThere));
    assert_eq!(folder.get(&name(1), 9), Err(FolderError::NotThere));
    assert_eq!(folder.put(&name(1), vec![1]), Err(FolderError::NotThere));
    assert_eq!(fs::read(&path).unwrap(), b"a file");
}

#[test]
fn an_object_longer_than_it_may_be_is_not_read_and_not_written() {
    let disk = tempfile::tempdir().unwrap();
    let folder = directory(disk.path());
    folder.put(&name(1), vec![7; 1_000]).unwrap();
    assert_eq!(folder.get(&name(1), 1_000).unwrap().unwrap(), [7; 1_000]);
    assert_eq!(folder.get(&name(1), 999), Err(FolderError::TooLong));
    let most = usize::try_from(MOST_BYTES).unwrap();
    folder.put(&name(2), vec![7; most]).unwrap();
    assert_eq!(folder.put(&name(3), vec![7; most + 1]), Err(FolderError::TooLong));
    assert_eq!(folder.get(&name(2), u64::MAX).unwrap().unwrap().len(), most);
    // Somebody else wrote this one; no room is made for it.
    fs::File::create(disk.path().join(name(4))).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(folder.get(&name(4), u64::MAX), Err(FolderError::TooLong));
}

#[test]
fn after_a_stop_nothing_is_done_any_more() {
    let disk = tempfile::tempdir().unwrap();
    let folder = directory(disk.path());
    folder.put(&name(1), vec![1]).unwrap();
    folder.stop();
    assert_eq!(folder.list(), Err(FolderError::Stopped));
    assert_eq!(folder.get(&name(1), 1), Err(FolderError::Stopped));
    assert_eq!(folder.put(&name(2), vec![1]), Err(FolderError::Stopped));
    assert_eq!(folder.remove(&name(1)), Err(FolderError::Stopped));
    assert_eq!(names(&directory(disk.path())), [name(1)]);
}

#[test]
fn it_can_be_asked_and_let_go_of_inside_another_runtime() {
    let disk = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    runtime.block_on(async {
        let folder = directory(disk.path());
        folder.put(&name(1), vec![1]).unwrap();
        assert_eq!(names(&folder), [name(1)]);
    });
}

#[test]
fn each_error_of_the_system_that_tells_something_is_told() {
    let of = |kind: ErrorKind| said(&Error::from(kind));
    assert_eq!(of(ErrorKind::NotFound), FolderError::NotThere);
    assert_eq!(of(ErrorKind::PermissionDenied), FolderError::Refused);
    assert_eq!(of(ErrorKind::StorageFull), FolderError::Full);
    assert_eq!(of(ErrorKind::QuotaExceeded), FolderError::Full);
    assert_eq!(of(ErrorKind::ReadOnlyFilesystem), FolderError::ReadOnly);
    assert_eq!(of(ErrorKind::StaleNetworkFileHandle), FolderError::NotReached);
    assert_eq!(of(ErrorKind::InvalidData), FolderError::Other);
    // As Linux numbers them: no room, a quota, read alone, a device that is gone.
    #[cfg(target_os = "linux")]
    for (number, error) in [
        (28, FolderError::Full),
        (122, FolderError::Full),
        (30, FolderError::ReadOnly),
        (5, FolderError::NotThere),
        (19, FolderError::NotThere),
        (116, FolderError::NotReached),
        (1, FolderError::Refused),
        (22, FolderError::Other),
    ] {
        assert_eq!(said(&Error::from_raw_os_error(number)), error, "{number}");
    }
}
