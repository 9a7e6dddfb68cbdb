mod directory;
mod forms;
mod s3;
mod server;
mod trust;
mod webdav;

use std::path::Path;

use crate::{Folder, Place};

/// The name of an object.
fn name(number: u32) -> String {
    format!("{number:016x}-{number:064x}.sealed")
}

fn directory(path: &Path) -> Folder {
    Folder::open(&Place::Directory(path.to_owned())).unwrap()
}

fn names(folder: &Folder) -> Vec<String> {
    folder.list().unwrap().into_iter().map(|object| object.name).collect()
}
