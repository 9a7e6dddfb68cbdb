//! Devices that never meet, and a folder between them that may do anything but forge.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::*;
use crate::id::BlobHash;
use crate::testkit::{Dice, MemoryShelf, log, peer};

mod faults;
mod world;

/// What lies in the folder; what it does wrong a test does to it.
#[derive(Clone, Default)]
struct Place {
    objects: RefCell<BTreeMap<String, Vec<u8>>>,
    asked: RefCell<Asked>,
    is_gone: RefCell<bool>,
    /// Puts after which the next one fails.
    puts_left: RefCell<Option<usize>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Asked {
    lists: usize,
    gets: usize,
    puts: usize,
}

#[derive(Debug, PartialEq, Eq)]
struct Unreachable;

impl Place {
    fn names(&self, word: &str) -> Vec<String> {
        self.objects.borrow().keys().filter(|name| name.ends_with(word)).cloned().collect()
    }

    fn asked(&self) -> Asked {
        std::mem::take(&mut *self.asked.borrow_mut())
    }
}

impl Objects for Place {
    type Error = Unreachable;

    fn list(&self) -> Result<Vec<String>, Unreachable> {
        self.asked.borrow_mut().lists += 1;
        if *self.is_gone.borrow() { Err(Unreachable) } else { Ok(self.objects.borrow().keys().cloned().collect()) }
    }

    fn get(&self, name: &str, most: usize) -> Result<Option<Vec<u8>>, Unreachable> {
        self.asked.borrow_mut().gets += 1;
        Ok(self.objects.borrow().get(name).filter(|bytes| bytes.len() <= most).cloned())
    }

    fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Unreachable> {
        if let Some(left) = &mut *self.puts_left.borrow_mut() {
            *left = left.checked_sub(1).ok_or(Unreachable)?;
        }
        self.asked.borrow_mut().puts += 1;
        assert!(self.objects.borrow_mut().insert(name.to_owned(), bytes).is_none(), "written over");
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), Unreachable> {
        self.objects.borrow_mut().remove(name);
        Ok(())
    }
}

/// Sealed with nothing: `what ‖ tag ‖ peer ‖ plain`.
struct PlainSeals {
    me: PeerId,
    removed: BTreeSet<PeerId>,
    /// Devices whose objects cannot be opened here.
    closed: BTreeSet<PeerId>,
    /// Two sealed objects are never the same.
    sealed: u64,
}

impl PlainSeals {
    fn head(what: FolderObject, tag: &WriterTag) -> Vec<u8> {
        [&[what as u8][..], &tag.0].concat()
    }
}

impl Seals for PlainSeals {
    fn me(&mut self) -> PeerId {
        self.me
    }

    fn seal(&mut self, what: FolderObject, tag: &WriterTag, plain: &[u8]) -> Result<Vec<u8>, ShelfError> {
        self.sealed += 1;
        Ok([&Self::head(what, tag)[..], &self.me.0, &self.sealed.to_le_bytes(), plain].concat())
    }

    fn open(&mut self, what: FolderObject, tag: &WriterTag, sealed: &[u8]) -> Option<(PeerId, Vec<u8>)> {
        let rest = sealed.strip_prefix(Self::head(what, tag).as_slice())?;
        let (peer, rest) = rest.split_first_chunk()?;
        let peer = PeerId(*peer);
        (!self.closed.contains(&peer)).then(|| (peer, rest[8..].to_vec()))
    }

    fn name(&mut self, sealed: &[u8]) -> ObjectHash {
        let mut out = [0; 32];
        for (part, salt) in out.chunks_mut(8).zip(0u8..) {
            let mut hasher = DefaultHasher::new();
            (salt, sealed).hash(&mut hasher);
            part.copy_from_slice(&hasher.finish().to_le_bytes());
        }
        ObjectHash(out)
    }

    fn is_removed(&mut self, peer: &PeerId) -> bool {
        self.removed.contains(peer)
    }
}

struct Device {
    shelf: MemoryShelf,
    seals: PlainSeals,
    exchange: FolderExchange,
    n: u8,
}

impl Device {
    /// The nth of so many devices, each of which writes the log of its number.
    fn new(n: u8, of: u8) -> Self {
        let mut shelf = MemoryShelf::default();
        shelf.awaited = (0..of).filter(|other| *other != n).map(peer).collect();
        shelf.of_others = (0..of).filter(|other| *other != n).map(log).collect();
        let seals = PlainSeals { me: peer(n), removed: BTreeSet::new(), closed: BTreeSet::new(), sealed: u64::from(n) };
        Self { shelf, seals, exchange: FolderExchange::new(None, WriterTag([n; 8])), n }
    }

    fn write(&mut self, text: &str) {
        self.shelf.write(log(self.n), text.as_bytes());
    }

    fn read(&mut self, place: &Place, now: u64) -> Result<FolderCame, FolderFault<Unreachable>> {
        let mut world = FolderWorld { shelf: &mut self.shelf, seals: &mut self.seals };
        self.exchange.read(&mut world, place, now)
    }

    fn compose(&mut self, now: u64, leaving: bool) -> Option<Outgoing> {
        let mut world = FolderWorld { shelf: &mut self.shelf, seals: &mut self.seals };
        self.exchange.compose(&mut world, now, leaving).unwrap()
    }

    /// Looks into the folder and puts in what is due, until there is no more.
    fn visit(&mut self, place: &Place, now: u64) -> FolderCame {
        let first = self.read(place, now).unwrap();
        while let Some(outgoing) = self.compose(now, true) {
            let has_more = outgoing.has_more;
            match outgoing.upload(place) {
                Ok(uploaded) => self.exchange.note(uploaded),
                Err(Unreachable) => break,
            }
            if !has_more {
                break;
            }
            self.read(place, now).unwrap();
        }
        first
    }

    fn restart(&mut self) {
        self.exchange = FolderExchange::new(Some(&self.exchange.memory()), WriterTag([99; 8]));
    }

    fn lacks(&mut self, other: &Self) -> u64 {
        self.shelf.lacking_there(&other.seals.me).unwrap().iter().map(|position| position.bodies.len()).sum()
    }
}

#[test]
fn what_one_wrote_the_other_gets_though_they_are_never_on_together_and_its_writer_hears_of_it() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    one.write("a note");
    one.visit(&place, 1);
    assert_eq!(one.lacks(&other), 1);
    assert!(other.visit(&place, 2).news);
    assert_eq!(other.shelf.everything(), one.shelf.everything());
    assert!(one.visit(&place, 3).news);
    assert_eq!((one.lacks(&other), other.lacks(&one)), (0, 0));
    assert_eq!(place.names("batch"), Vec::<String>::new(), "what every device has is taken away");
    assert_eq!(place.names("state").len(), 2, "one statement each");
    assert_eq!(one.shelf.stated_at[&peer(1)], 2, "by the clock of who said it");
}

#[test]
fn with_nothing_new_a_visit_is_one_list_and_writes_nothing() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    one.write("a note");
    for now in 0..4 {
        one.visit(&place, now);
        other.visit(&place, now);
    }
    place.asked();
    one.visit(&place, 9);
    assert_eq!(place.asked(), Asked { lists: 1, gets: 0, puts: 0 });
    one.restart();
    one.visit(&place, 10);
    assert_eq!(place.asked(), Asked { lists: 1, gets: 1, puts: 0 }, "after a start it reads what the other said");
    one.write("another");
    one.visit(&place, 11);
    assert_eq!(place.asked(), Asked { lists: 1, gets: 0, puts: 2 }, "its neighbour: a batch and a statement");
}

#[test]
fn a_new_device_gets_everything_in_several_batches_and_a_large_file_with_it() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    one.shelf.write_many(log(0), 1_000, 20_000);
    let pieces: Vec<_> = (0..9u8).map(|n| one.shelf.add_piece(&vec![n; 1 << 20])).collect();
    for device in [&mut one, &mut other] {
        device.shelf.files.insert(BlobHash([1; 32]), (log(0), pieces.clone()));
    }
    other.shelf.lacks = pieces.clone();
    one.visit(&place, 1);
    assert!(place.names("batch").len() >= 4);
    assert!(place.objects.borrow().values().all(|object| object.len() < 10 << 20));
    other.visit(&place, 2);
    assert_eq!(other.shelf.everything(), one.shelf.everything());
    assert_eq!(other.shelf.pieces(), 9);
    one.visit(&place, 3);
    assert_eq!(place.names("batch"), Vec::<String>::new());
}

#[test]
fn a_device_that_nobody_waits_for_holds_up_nothing_and_gets_all_when_it_comes_back() {
    let (place, mut one, mut other, mut away) =
        (Place::default(), Device::new(0, 3), Device::new(1, 3), Device::new(2, 3));
    one.write("a note");
    one.visit(&place, 1);
    other.visit(&place, 2);
    one.visit(&place, 3);
    assert_eq!(place.names("batch").len(), 1, "the third has not read it");
    for device in [&mut one, &mut other] {
        device.shelf.awaited.retain(|awaited| *awaited != peer(2));
    }
    one.visit(&place, 4);
    assert_eq!(place.names("batch"), Vec::<String>::new());
    away.visit(&place, 5);
    assert_eq!(away.shelf.bodies(), 0);
    one.shelf.awaited.push(peer(2));
    one.visit(&place, 6);
    away.visit(&place, 7);
    assert_eq!(away.shelf.everything(), one.shelf.everything());
}

#[test]
fn what_another_wrote_is_left_to_it_for_a_while_and_then_handed_on() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 3), Device::new(1, 3));
    one.shelf.write(log(1), b"of the other, met live");
    one.read(&place, 0).unwrap();
    assert!(one.compose(0, false).is_some_and(|outgoing| outgoing.upload(&place).is_ok()));
    assert_eq!(place.names("batch"), Vec::<String>::new());
    one.read(&place, 1).unwrap();
    one.compose(200_000, false).unwrap().upload(&place).unwrap();
    assert_eq!(place.names("batch").len(), 1, "nobody came to put it in");
    other.visit(&place, 200_001);
    assert_eq!(other.shelf.bodies(), 1);
}

#[test]
fn of_a_removed_device_nothing_is_believed_and_nobody_waits_for_it() {
    let (place, mut one, mut gone) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    one.write("a note");
    one.visit(&place, 1);
    gone.visit(&place, 2);
    one.seals.removed.insert(peer(1));
    one.shelf.awaited.clear();
    one.visit(&place, 3);
    assert!(one.shelf.acked.is_empty() && one.shelf.stated_at.is_empty());
    assert_eq!(place.names("batch"), Vec::<String>::new());
}
