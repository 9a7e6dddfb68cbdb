//! The storage layer under the vault: sealed rows in one file, changed all at once or not at all.
//!
//! A store sees keys that are already keyed hashes and values that are already sealed; nothing here can read a note.
//! What it promises: a commit that returned is on the disk; one that failed, or was cut off, left no trace; no damaged
//! byte is ever handed out as data. What it refuses: a second writer, a file it does not know, and every write after one
//! that failed. `docs/store.md` describes the file, and what is assumed of the medium.
//!
//! It does not notice a whole older copy that is put back: [`anchor`], [`Keystore`] and the vault's own state record do.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::path::Path;

pub mod anchor;
mod blocks;
mod copy;
mod file;
mod keystore;
mod pages;
pub mod place;
mod renew;
pub mod room;
mod salvage;
mod scratch;
mod tables;
#[cfg(test)]
mod tests;
mod trees;
mod twin;

pub use copy::{copy_rows, name_new, remove_leftover, rename, replace_keeping, same_rows};
pub use file::owner_only;
pub use keystore::{KeptAnchor, Keystore, Silent, is_credible};
pub use redb::StorageBackend;
pub use redb::backends::FileBackend;
pub use renew::{Copied, copy_readable, scan_past};
pub use salvage::Salvaged;
pub use scratch::scratch;
pub use tables::RedbStore;
#[doc(hidden)]
pub use twin::checksum as block_check;

/// Bytes in the largest value a store takes. Far above any envelope, far below what a machine cannot hold.
pub const VALUE_LIMIT: usize = 256 << 20;

/// The key of a row: a keyed hash, so that the file tells nothing about what is stored under it.
pub type RowKey = [u8; 32];

/// The result of everything a store does.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Rows in tables, read one by one or in key order, written in batches.
pub trait Store: Send + Sync {
    /// The value under a key, if there is one.
    fn read(&self, table: Table, key: &RowKey) -> Result<Option<Vec<u8>>>;

    /// Two parts of a value of this length, where it can be without reading the rest; `None` if there is no row.
    /// [`StoreError::Damaged`] when its value has another length, or a part lies beyond its end.
    fn read_parts(
        &self,
        table: Table,
        key: &RowKey,
        len: usize,
        parts: &[Range<usize>; 2],
    ) -> Result<Option<[Vec<u8>; 2]>> {
        self.read(table, key)?.map(|value| cut(&value, len, parts)).transpose()
    }

    /// Shows each row of a table in the order of the keys, as of one moment, until told to stop. Where a block is damaged
    /// it ends in [`StoreError::Damaged`], after every row before it was shown.
    fn scan(&self, table: Table, row: &mut dyn FnMut(&RowKey, &[u8]) -> ControlFlow<()>) -> Result<()>;

    /// As [`Self::scan`], beginning at a key or the next one after it.
    fn scan_from(
        &self,
        table: Table,
        from: &RowKey,
        row: &mut dyn FnMut(&RowKey, &[u8]) -> ControlFlow<()>,
    ) -> Result<()> {
        self.scan(table, &mut |key, value| if key < from { ControlFlow::Continue(()) } else { row(key, value) })
    }

    /// Number of rows in a table.
    fn len(&self, table: Table) -> Result<u64>;

    /// Writes the whole batch durably, or nothing of it. After a failure every later commit is refused.
    fn commit(&mut self, batch: Batch) -> Result<()>;

    /// Whether a write failed, so that no other is taken.
    fn is_poisoned(&self) -> bool {
        false
    }

    /// Takes no more writes, as after one that failed; reading goes on.
    fn poison(&mut self) {}

    /// Whether it can be read alone: the disk, or the file, takes no writes of this person's.
    fn is_read_only(&self) -> bool {
        false
    }

    /// Gives room back where much of the file is free, if it is the file of this name. Whatever keeps it from that leaves the file
    /// as it is, and is no error.
    ///
    /// # Errors
    /// [`StoreError`] when it is not known under which name the file would be found after a power cut: nothing more is written.
    fn compact(&mut self, _file: &Path) -> Result<()> {
        Ok(())
    }

    /// Opens the file anew after a failed write, as a process does that starts. The commit that failed is then there, whole
    /// or not at all.
    fn reopen(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Two parts of a value that should have this length.
fn cut(value: &[u8], len: usize, parts: &[Range<usize>; 2]) -> Result<[Vec<u8>; 2]> {
    let [first, second] = parts.each_ref().map(|part| value.get(part.clone()).map(<[u8]>::to_vec));
    let parts = first.zip(second).filter(|_| value.len() == len);
    parts.map(|(first, second)| [first, second]).ok_or(StoreError::Damaged)
}

macro_rules! tables {
    ($($(#[$doc:meta])* $table:ident = $name:literal;)*) => {
        /// The tables of a vault. New ones may be added; none is ever renamed or given another meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Table {
            $($(#[$doc])* $table,)*
        }

        impl Table {
            /// Every table.
            pub const ALL: &[Self] = &[$(Self::$table,)*];

            /// The table's name in the file.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$table => $name,)* }
            }
        }
    };
}

tables! {
    /// What must be known before anything can be opened: format number, ids.
    Head = "head";
    /// Sealed keys: one slot for each way to open the vault.
    Slots = "slots";
    /// The state record that rides in every commit.
    State = "state";
    /// Envelope headers and their signatures.
    Headers = "headers";
    /// Envelope bodies.
    Bodies = "bodies";
    /// Where things are: sequence numbers to headers, notes to items.
    Index = "index";
    /// The derived lists that the window shows.
    Catalog = "catalog";
    /// What waits: drafts being edited, envelopes of a signer not yet known.
    Pending = "pending";
    /// Who belongs to the practice, and under which keys is written: the roster, keyring parts, secrets of epochs.
    Keys = "keys";
    /// Anything small that has no table of its own.
    Misc = "misc";
    /// Sealed pieces of attached files. Apart from the bodies: rows of 1 MiB among small ones would be copied with their
    /// neighbours, and take two pages' room.
    Pieces = "pieces";
}

/// One change to one row.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Put(Table, RowKey, Vec<u8>),
    Remove(Table, RowKey),
}

/// Changes to any number of tables that become true together. Of two changes to one row, the later holds.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Batch {
    changes: Vec<Change>,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row, or replaces the one under the same key.
    pub fn put(&mut self, table: Table, key: RowKey, value: impl Into<Vec<u8>>) -> &mut Self {
        self.changes.push(Change::Put(table, key, value.into()));
        self
    }

    /// Removes a row. That there is none is no error.
    pub fn remove(&mut self, table: Table, key: RowKey) -> &mut Self {
        self.changes.push(Change::Remove(table, key));
        self
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// What becomes of the rows of one table: of each its value, or nothing when it is removed.
    pub fn in_table(&self, table: Table) -> BTreeMap<RowKey, Option<&[u8]>> {
        let of_table = self.changes.iter().filter_map(|change| match change {
            Change::Put(of, key, value) => (*of == table).then_some((*key, Some(value.as_slice()))),
            Change::Remove(of, key) => (*of == table).then_some((*key, None)),
        });
        of_table.collect()
    }

    /// Whether a value in it is longer than this.
    pub(crate) fn has_beyond(&self, limit: usize) -> bool {
        self.changes.iter().any(|change| matches!(change, Change::Put(_, _, value) if value.len() > limit))
    }

    /// Number of changes in it.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    pub(crate) fn changes(&self) -> &[Change] {
        &self.changes
    }
}

/// Prints how much is in it, never what.
impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Batch({} changes)", self.changes.len())
    }
}

/// Why a store could not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no file.
    #[error("There is no practice at this place. Check the location, or make a new practice there.")]
    Missing,
    /// A new file was to be made where one already is.
    #[error("There is already a file at this place. It was left as it is; choose another name.")]
    Exists,
    /// Another process, or another handle of this one, holds the file.
    #[error(
        "The practice is already open in another window or program. Nothing was changed; close the other one first."
    )]
    InUse,
    /// The operating system does not let this person at the file.
    #[error("The operating system refuses access to the practice file. Nothing was changed; check who owns it.")]
    Denied,
    /// A file of no bytes.
    #[error(
        "The file is empty: nothing of a practice is in it. It was left as it is; restore a backup to another place."
    )]
    Empty,
    /// A file of something else.
    #[error("This file is not a practice. It was left as it is.")]
    NotAVault,
    /// Written by a later version.
    #[error(
        "This practice was written by a newer version (format {0}). Nothing was changed; install the newer version."
    )]
    Newer(u32),
    /// Written by a version before the first release.
    #[error(
        "This practice was written by an early version (format {0}) that is not read any more. Nothing was changed: open it with the program that wrote it, export it there, and import what it exported here."
    )]
    Older(u32),
    /// Bytes are missing at the end.
    #[error(
        "The practice file is cut short: its end is missing. It was left as it is; keep it and restore a backup to another place."
    )]
    Truncated,
    /// Bytes have changed, by a failing disk or a hand.
    #[error(
        "A part of the practice file is damaged and was not used. What can still be read is unharmed; copy the file, then check the practice and restore a backup."
    )]
    Damaged,
    /// The anchor beside the file cannot be read.
    #[error(
        "The small file beside the practice that notices an older copy is damaged. The practice itself was not touched."
    )]
    AnchorDamaged,
    /// No room on the disk.
    #[error(
        "The disk is full: the last change was not saved. Everything saved before is safe; make room on the disk, then do it again."
    )]
    Full,
    /// The disk, or the file, can be read and not written on.
    #[error(
        "The practice's disk or file is read-only: this was not saved. Everything saved before is safe and can be read, exported and backed up to another place; make it writable and open the practice again."
    )]
    ReadOnly,
    /// A value above [`VALUE_LIMIT`].
    #[error("This is too large to be stored in one piece. Nothing was changed.")]
    TooLarge,
    /// The disk itself reports that it failed.
    #[error(
        "The disk failed to read or write. Everything saved before is safe as far as it can still be read; copy the practice's file to another disk, and go on there."
    )]
    Failing,
    /// The disk failed in some other way.
    #[error("The disk did not do what was asked ({0}). Everything saved before is safe; open the practice again.")]
    Io(std::io::ErrorKind),
    /// An earlier write failed, and what the disk now holds of it is not known.
    #[error(
        "An earlier change could not be saved, so nothing more is written. Everything saved before is safe and can be read; close the practice and open it again."
    )]
    Poisoned,
}
