//! What lies in a sync folder, once it is opened: statements and batches of a device of the practice gone bad.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;

use subrosa_sync::folder::{FolderExchange, FolderObject, FolderShelf, FolderWorld, Objects, Seals};
use subrosa_sync::id::{HeaderHash, LogId, ObjectHash, PeerId, PieceHash, Root, WriterTag};
use subrosa_sync::{HeaderWant, LogPosition, Offered, Ranges, Shelf, ShelfError, Wants};

use crate::Target;

const TAG: WriterTag = WriterTag([7; 8]);
const OTHER: WriterTag = WriterTag([8; 8]);
const LOG: LogId = LogId([3; 24]);
const HEAD: HeaderHash = HeaderHash([2; 32]);

/// Five envelopes and a piece, that the other device lacks; takes everything and keeps nothing.
#[derive(Default)]
struct Shallow {
    heard: usize,
}

impl Shallow {
    fn position() -> LogPosition {
        let bodies: Ranges = (0..5).collect();
        LogPosition { log: LOG, next_seq: 5, head: HEAD, bodies }
    }
}

impl Shelf for Shallow {
    fn root(&mut self) -> Result<Root, ShelfError> {
        Ok(Root([1; 32]))
    }

    fn state(&mut self) -> Result<(Root, Vec<LogPosition>), ShelfError> {
        Ok((Root([1; 32]), vec![Self::position()]))
    }

    fn vector(&mut self) -> Result<Vec<LogPosition>, ShelfError> {
        Ok(vec![Self::position()])
    }

    fn wants(&mut self, theirs: &[LogPosition]) -> Result<Wants, ShelfError> {
        let headers = theirs.iter().map(|it| HeaderWant { log: it.log, from_seq: 0, head: it.head }).collect();
        Ok(Wants { headers, bodies: Vec::new() })
    }

    fn headers(&mut self, want: &HeaderWant, _: usize) -> Result<Vec<Vec<u8>>, ShelfError> {
        Ok((want.from_seq..5).map(|_| vec![9; 190]).collect())
    }

    fn body(&mut self, _: &HeaderHash) -> Result<Option<Vec<u8>>, ShelfError> {
        Ok(Some(vec![5; 300]))
    }

    fn holds_body(&mut self, _: &HeaderHash) -> Result<bool, ShelfError> {
        Ok(false)
    }

    fn offer_headers(&mut self, _: &LogId, headers: Vec<Vec<u8>>) -> Result<Offered, ShelfError> {
        self.heard += headers.len();
        Ok(Offered::Stored)
    }

    fn offer_body(&mut self, _: &HeaderHash, _: Vec<u8>) -> Result<Offered, ShelfError> {
        self.heard += 1;
        Ok(Offered::Stored)
    }

    fn settle(&mut self) -> Result<(), ShelfError> {
        Ok(())
    }

    fn piece(&mut self, _: &PieceHash) -> Result<Option<Vec<u8>>, ShelfError> {
        Ok(Some(vec![4; 500]))
    }

    fn acknowledged(&mut self, _: &PeerId, positions: &[LogPosition], _: bool) -> Result<(), ShelfError> {
        self.heard += positions.len();
        Ok(())
    }
}

impl FolderShelf for Shallow {
    fn awaited(&mut self) -> Result<Vec<PeerId>, ShelfError> {
        Ok(vec![PeerId([1; 16])])
    }

    fn lacking_there(&mut self, _: &PeerId) -> Result<Vec<LogPosition>, ShelfError> {
        Ok(vec![Self::position()])
    }

    fn pieces_lacking_there(&mut self, _: &PeerId, _: usize) -> Result<Vec<PieceHash>, ShelfError> {
        Ok(vec![PieceHash([6; 32])])
    }

    fn lacks_there(&mut self, _: &PeerId, _: &LogPosition) -> Result<bool, ShelfError> {
        Ok(true)
    }

    fn names(&mut self, _: &LogId, from: u64, _: &HeaderHash) -> Result<Vec<HeaderHash>, ShelfError> {
        Ok((from..5).map(|_| HEAD).collect())
    }

    fn is_own(&mut self, _: &LogId) -> bool {
        true
    }

    fn stated(&mut self, peer: &PeerId, positions: &[LogPosition], _: u64) -> Result<(), ShelfError> {
        self.acknowledged(peer, positions, true)
    }
}

/// Seals nothing, and names every object alike: so hostile bytes need no name of their own.
struct Open;

impl Seals for Open {
    fn me(&mut self) -> PeerId {
        PeerId([9; 16])
    }

    fn seal(&mut self, _: FolderObject, _: &WriterTag, plain: &[u8]) -> Result<Vec<u8>, ShelfError> {
        Ok(plain.to_vec())
    }

    fn open(&mut self, _: FolderObject, _: &WriterTag, sealed: &[u8]) -> Option<(PeerId, Vec<u8>)> {
        Some((PeerId([1; 16]), sealed.to_vec()))
    }

    fn name(&mut self, _: &[u8]) -> ObjectHash {
        ObjectHash([0; 32])
    }

    fn is_removed(&mut self, _: &PeerId) -> bool {
        false
    }
}

#[derive(Default)]
struct Place(RefCell<BTreeMap<String, Vec<u8>>>);

impl Objects for Place {
    type Error = Infallible;

    fn list(&self) -> Result<Vec<String>, Infallible> {
        Ok(self.0.borrow().keys().cloned().collect())
    }

    fn get(&self, name: &str, most: usize) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.0.borrow().get(name).filter(|bytes| bytes.len() <= most).cloned())
    }

    fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Infallible> {
        self.0.borrow_mut().insert(name.to_owned(), bytes);
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), Infallible> {
        self.0.borrow_mut().remove(name);
        Ok(())
    }
}

/// What a device puts into an empty folder: a batch, and the statement that names it.
fn written() -> [Vec<u8>; 2] {
    let (place, mut shelf) = (Place::default(), Shallow::default());
    let mut exchange = FolderExchange::new(None, TAG);
    let mut world = FolderWorld { shelf: &mut shelf, seals: &mut Open };
    exchange.read(&mut world, &place, 1).unwrap();
    exchange.compose(&mut world, 1, true).unwrap().unwrap().upload(&place).unwrap();
    let objects = place.0.into_inner();
    let of =
        |word: &str| objects.iter().find(|(name, _)| name.ends_with(word)).map(|(_, bytes)| bytes.clone()).unwrap();
    [of("batch"), of("state")]
}

fn name(word: &str) -> String {
    format!("{}-{}.{word}", "07".repeat(8), "00".repeat(32))
}

/// A statement that a device gone bad has put there, and a good batch that it names.
pub(crate) fn folder_statement() -> Target {
    fn run(bytes: &[u8]) -> String {
        let [batch, _] = written();
        outcome(batch, bytes.to_vec())
    }
    Target { name: "folder_statement", seeds: || vec![written()[1].clone()], run, memory: 64 << 20 }
}

/// A batch that a device gone bad has put there.
pub(crate) fn folder_batch() -> Target {
    fn run(bytes: &[u8]) -> String {
        let [_, statement] = written();
        outcome(bytes.to_vec(), statement)
    }
    Target { name: "folder_batch", seeds: || vec![written()[0].clone()], run, memory: 64 << 20 }
}

fn outcome(batch: Vec<u8>, statement: Vec<u8>) -> String {
    let (place, mut shelf) = (Place::default(), Shallow::default());
    place.0.borrow_mut().extend([(name("batch"), batch), (name("state"), statement)]);
    let mut exchange = FolderExchange::new(None, OTHER);
    let mut world = FolderWorld { shelf: &mut shelf, seals: &mut Open };
    let came = exchange.read(&mut world, &place, 1).unwrap();
    let composed = exchange.compose(&mut world, 1, true).unwrap().is_some();
    format!("{} {} {composed}", came.news, shelf.heard)
}
