//! All rows of a store in another one, and whether two stores hold the same: for a copy that is made before a file changes.

pub(super) mod compact;

use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use super::{Batch, Result, RowKey, Store, StoreError, Table, file};

/// Bytes of rows that go into one commit of the copy.
const PORTION: usize = 4 << 20;

/// Writes every row of one store into another, which should be empty.
pub fn copy_rows(from: &dyn Store, to: &mut dyn Store) -> Result<()> {
    for &table in Table::ALL {
        let mut keys: Vec<RowKey> = Vec::new();
        from.scan(table, &mut |key, _| {
            keys.push(*key);
            ControlFlow::Continue(())
        })?;
        let (mut batch, mut bytes) = (Batch::new(), 0_usize);
        for key in keys {
            let value = from.read(table, &key)?.ok_or(StoreError::Damaged)?;
            bytes = bytes.saturating_add(value.len());
            batch.put(table, key, value);
            if bytes >= PORTION {
                to.commit(std::mem::take(&mut batch))?;
                bytes = 0;
            }
        }
        to.commit(batch)?;
    }
    Ok(())
}

/// Whether two stores hold the same rows, byte for byte.
pub fn same_rows(one: &dyn Store, other: &dyn Store) -> Result<bool> {
    for &table in Table::ALL {
        if one.len(table)? != other.len(table)? {
            return Ok(false);
        }
        let mut read = Ok(true);
        one.scan(table, &mut |key, value| {
            read = other.read(table, key).map(|found| found.as_deref() == Some(value));
            if matches!(read, Ok(true)) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        if !read? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Gives a finished file its name, durably.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to)?;
    Ok(file::sync_folder(to)?)
}

/// Gives a finished file its name, durably, over nothing.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`], and what the system says.
pub fn name_new(from: &Path, to: &Path) -> io::Result<()> {
    // A second name is refused where there is one; file systems of sticks have no second names.
    match std::fs::hard_link(from, to) {
        Ok(()) => std::fs::remove_file(from)?,
        Err(_) if std::fs::symlink_metadata(to).is_ok() => return Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => std::fs::rename(from, to)?,
    }
    file::sync_folder(to)
}

/// Puts a finished file in the place of another, which stays under a third name that nothing has. Where the file system has
/// second names, there is a whole file in the place at every moment.
///
/// # Errors
/// [`StoreError`]; the file is then in its place, or under that name.
pub fn replace_keeping(fresh: &Path, file: &Path, kept: &Path) -> Result<()> {
    if std::fs::hard_link(file, kept).is_err() {
        std::fs::rename(file, kept)?;
    }
    rename(fresh, file)
}

/// Takes away what an earlier try left under a name of ours.
pub fn remove_leftover(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
