//! Exchange through a sync folder, between devices that are never on together.
//!
//! The folder is flat and keeps whole objects: each device writes *batches* of envelopes and pieces of files there, and one
//! *statement* of where it stands, all sealed, padded and named by their hashes, under a tag of its own. It reads the others'
//! statements, takes what it lacks out of their batches, and acknowledges by its next statement. What every device has, its
//! writer takes away again. Nothing is ever written over; what is torn, missing or comes in another order means *not yet*.
//!
//! Whoever keeps the folder answers as [`Objects`]; keys are asked for through [`Seals`].

mod batch;
mod memory;
mod name;
mod padding;
mod planted;
mod reading;
mod statement;
#[cfg(test)]
mod tests;
mod writing;

use std::collections::{BTreeMap, BTreeSet};

pub use self::reading::{FolderCame, FolderFault, FolderTrouble};
pub use self::writing::{Outgoing, Uploaded};

use self::batch::Listing;
use self::memory::Memory;
use self::name::{ObjectName, Word};
use self::statement::Statement;
use crate::id::{HeaderHash, LogId, ObjectHash, PeerId, PieceHash, Root, WriterTag};
use crate::shelf::{LogPosition, Shelf, ShelfError};

/// Where objects lie: a folder, a share, a bucket.
pub trait Objects {
    /// Why it could not be asked.
    type Error;

    /// Every name in it.
    fn list(&self) -> Result<Vec<String>, Self::Error>;

    /// An object of at most so many bytes; `None` when it is not there, or longer.
    fn get(&self, name: &str, most: usize) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Writes an object that was not there.
    fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Self::Error>;

    /// Takes an object away; that it is not there is no error.
    fn remove(&self, name: &str) -> Result<(), Self::Error>;
}

/// What is sealed for the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderObject {
    /// Where a device stands.
    Statement,
    /// Envelopes and pieces of files.
    Batch,
}

/// The keys that objects are sealed under.
pub trait Seals {
    /// This device.
    fn me(&mut self) -> PeerId;

    /// Seals an object, signed by this device, so that every device of the practice can open it and nobody else.
    fn seal(&mut self, what: FolderObject, tag: &WriterTag, plain: &[u8]) -> Result<Vec<u8>, ShelfError>;

    /// Who wrote an object, and what is in it; `None` when it does not open, is another kind of object, was written under another
    /// tag, or is not signed by a device that is or was of the practice.
    fn open(&mut self, what: FolderObject, tag: &WriterTag, sealed: &[u8]) -> Option<(PeerId, Vec<u8>)>;

    /// The hash that names a sealed object.
    fn name(&mut self, sealed: &[u8]) -> ObjectHash;

    /// Whether a device was removed from the practice.
    fn is_removed(&mut self, peer: &PeerId) -> bool;
}

/// What the exchange asks of a shelf beyond a session.
pub trait FolderShelf: Shelf {
    /// The other devices of the practice that are waited for: all but those that were not seen for 90 days.
    fn awaited(&mut self) -> Result<Vec<PeerId>, ShelfError>;

    /// Of every branch of every log the bodies that are here and that a device has not said it holds.
    fn lacking_there(&mut self, peer: &PeerId) -> Result<Vec<LogPosition>, ShelfError>;

    /// Pieces that are here, of files that a device has not said it holds whole, `most` at the most.
    fn pieces_lacking_there(&mut self, peer: &PeerId, most: usize) -> Result<Vec<PieceHash>, ShelfError>;

    /// Whether a device has not said that it holds all of these bodies of a log, and somebody may still want them.
    fn lacks_there(&mut self, peer: &PeerId, listed: &LogPosition) -> Result<bool, ShelfError>;

    /// Names of the envelopes of a branch, from a number on.
    fn names(&mut self, log: &LogId, from: u64, head: &HeaderHash) -> Result<Vec<HeaderHash>, ShelfError>;

    /// Whether this device writes a log.
    fn is_own(&mut self, log: &LogId) -> bool;

    /// As [`Shelf::acknowledged`] with all that the device holds, said at some time (milliseconds since 1970, by its clock).
    fn stated(&mut self, peer: &PeerId, positions: &[LogPosition], at: u64) -> Result<(), ShelfError>;
}

/// What stands beside the exchange: the envelopes, and the keys.
pub struct FolderWorld<'a> {
    /// The envelopes.
    pub shelf: &'a mut dyn FolderShelf,
    /// The keys.
    pub seals: &'a mut dyn Seals,
}

/// One device's exchange through one folder.
pub struct FolderExchange {
    /// What it must still know after a restart.
    memory: Memory,
    /// What lay in the folder when it was looked at last.
    present: BTreeSet<ObjectName>,
    /// The statements that count, by who made them.
    stated: BTreeMap<PeerId, Stated>,
    /// Statements that were looked at, with what was held here then: one that did not open may do so later.
    looked_at: BTreeMap<ObjectName, Option<Root>>,
    /// Batches that were read.
    tried: BTreeMap<ObjectHash, Tried>,
    /// Objects that could not be read, since when.
    not_yet: BTreeMap<ObjectHash, u64>,
    /// Devices of which nothing lies there that is as new as what was read before, since when.
    set_back: BTreeMap<PeerId, u64>,
    /// When something was put in anew last because somebody could not read it.
    renewed: Option<u64>,
    /// When many small batches were put in anew as few last.
    merged: Option<u64>,
    /// A tag for the case that the one in use turns out to be used by a copy of this device too.
    spare: WriterTag,
    /// Since when somebody lacks what others wrote and nobody has put in.
    others_lacking: Option<u64>,
    /// What was held here when the folder was looked at last, and when to look again although nothing has changed; `None` before.
    has_read: Option<(Root, u64)>,
}

/// How a batch was read last.
#[derive(Clone, Copy)]
struct Tried {
    /// What was held here before.
    root: Root,
    /// How often in succession it brought nothing.
    in_vain: u32,
    /// When.
    at: u64,
}

/// A statement, and its name in the folder.
struct Stated {
    name: ObjectName,
    statement: Statement,
    /// Logs of which it names heads that are not here.
    unplaced: BTreeSet<LogId>,
    /// Whether what it says of its device counts, and not its batches alone.
    counts: bool,
}

/// Milliseconds after which an object that cannot be read is said to be unreadable: a folder that is copied by another program may
/// bring a statement long before what it names.
const NOT_YET: u64 = 60 * 60 * 1_000;

impl FolderExchange {
    /// Goes on where it was left; `tag` is used if nothing was.
    pub fn new(memory: Option<&[u8]>, tag: WriterTag) -> Self {
        Self {
            memory: memory.and_then(Memory::of_bytes).unwrap_or_else(|| Memory::new(tag)),
            present: BTreeSet::new(),
            stated: BTreeMap::new(),
            looked_at: BTreeMap::new(),
            tried: BTreeMap::new(),
            not_yet: BTreeMap::new(),
            set_back: BTreeMap::new(),
            renewed: None,
            merged: None,
            spare: tag,
            others_lacking: None,
            has_read: None,
        }
    }

    /// What to keep for the next time: to be durable before what was composed is uploaded.
    pub fn memory(&self) -> Vec<u8> {
        self.memory.to_bytes()
    }

    /// Objects of this device in the folder, and all others that lie there.
    pub fn count(&self) -> (usize, usize) {
        let own = self.present.iter().filter(|name| name.tag == self.memory.tag).count();
        (own, self.present.len().saturating_sub(own))
    }

    /// The name of an object of this device.
    fn own(&self, word: Word, hash: ObjectHash) -> ObjectName {
        ObjectName { tag: self.memory.tag, hash, word }
    }

    /// The batches that lie in the folder by what others say, each with the statement that says so.
    fn lying(&self) -> impl Iterator<Item = (ObjectName, ObjectName, &Listing)> {
        self.stated.values().flat_map(|stated| {
            let named = stated.statement.batches.iter();
            let of = |hash: &ObjectHash| ObjectName { hash: *hash, word: Word::Batch, ..stated.name };
            named.map(move |(hash, listing)| (of(hash), stated.name, listing))
        })
    }
}

impl std::fmt::Debug for FolderExchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FolderExchange")
    }
}
