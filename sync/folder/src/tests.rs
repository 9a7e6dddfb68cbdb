mod directory;
mod forms;
mod s3;
mod server;
mod trust;
mod webdav;

use std::path::Path;

use crate::{Folder, FolderError, Place};

/// The name of an object.
fn name(number: u32) -> String {
    format!("{number:016x}-{number:064x}.sealed")
}

fn directory(path: &Path) -> Folder {
    Folder::open(&Place::Directory(path.to_owned())).unwrap()
}

/// In an empty folder, whatever place it is in: what was put is listed, read and removed.
fn holds_what_was_put(folder: &Folder) {
    assert_eq!(folder.list(), Ok(Vec::new()));
    assert_eq!(folder.get(&name(1), 9), Ok(None));
    assert_eq!(folder.remove(&name(1)), Ok(()));
    folder.put(&name(2), vec![2; 300]).unwrap();
    folder.put(&name(1), b"one".to_vec()).unwrap();
    // Again is fine.
    folder.put(&name(1), b"one".to_vec()).unwrap();
    let listed: Vec<(String, u64)> =
        folder.list().unwrap().into_iter().map(|object| (object.name, object.len)).collect();
    assert_eq!(listed, [(name(1), 3), (name(2), 300)]);
    assert_eq!(folder.get(&name(1), 3).unwrap().unwrap(), b"one");
    assert_eq!(folder.get(&name(3), 3), Ok(None));
    assert_eq!(folder.get(&name(2), 299), Err(FolderError::TooLong));
    folder.remove(&name(1)).unwrap();
    folder.remove(&name(1)).unwrap();
    assert_eq!(names(folder), [name(2)]);
}

fn names(folder: &Folder) -> Vec<String> {
    folder.list().unwrap().into_iter().map(|object| object.name).collect()
}
