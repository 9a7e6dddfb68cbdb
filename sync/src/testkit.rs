//! Devices, shelves and cables that exist in memory only, for this crate's tests.

mod cable;
mod shelf;

pub(crate) use cable::Cables;
pub(crate) use shelf::{MemoryShelf, piece_name};

use crate::greeting::{Greeting, HELLO_LEN, Stranger};
use crate::id::{EndpointId, Endpoints, LogId, PeerId};
use crate::shelf::ShelfError;

/// A small seeded generator: every test prints or names its seed.
///
/// It stands apart from the dice of the test kit: those give a vault its randomness and come with redb, and this crate reaches
/// nothing under `core/`, not for its tests either.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.below(256) as u8).collect()
    }
}

pub(crate) fn log(n: u8) -> LogId {
    LogId([n; 24])
}

pub(crate) fn peer(n: u8) -> PeerId {
    PeerId([n; 16])
}

/// A hello that is not sealed at all: practice ‖ peer ‖ both endpoints.
pub(crate) struct PlainGreeting {
    pub(crate) practice: u8,
    pub(crate) me: PeerId,
    /// Devices that are not of the practice any more.
    pub(crate) removed: Vec<PeerId>,
    /// Whether this device would believe that it was removed itself.
    pub(crate) believes: bool,
    /// In how many parts a removed device is told, and how many of them this one has heard.
    pub(crate) parts: usize,
    pub(crate) heard: usize,
}

impl PlainGreeting {
    pub(crate) fn new(practice: u8, n: u8) -> Self {
        Self { practice, me: peer(n), removed: Vec::new(), believes: false, parts: 1, heard: 0 }
    }

    fn bytes(&self, from: [u8; 32], to: [u8; 32], who: &PeerId) -> [u8; HELLO_LEN] {
        let mut hello = [self.practice; HELLO_LEN];
        hello[..32].copy_from_slice(&from);
        hello[32..64].copy_from_slice(&to);
        hello[64..80].copy_from_slice(&who.0);
        hello
    }
}

impl Greeting for PlainGreeting {
    fn hello(&mut self, ends: &Endpoints) -> Result<[u8; HELLO_LEN], ShelfError> {
        Ok(self.bytes(ends.local.0, ends.remote.0, &self.me))
    }

    fn check(&mut self, hello: &[u8; HELLO_LEN], ends: &Endpoints) -> Result<PeerId, Stranger> {
        let who = PeerId(hello[64..80].try_into().unwrap());
        let expected = self.bytes(ends.remote.0, ends.local.0, &who);
        if *hello == expected { Ok(who) } else { Err(Stranger) }
    }

    fn is_of_practice(&mut self, _: &EndpointId, tag: &[u8; 16]) -> bool {
        *tag == [self.practice; 16]
    }

    fn is_removed(&mut self, peer: &PeerId) -> bool {
        self.removed.contains(peer)
    }

    fn farewell(&mut self, peer: &PeerId, most: usize) -> Result<Vec<Vec<u8>>, ShelfError> {
        let mut parts = vec![vec![0; most]; self.parts.saturating_sub(1)];
        parts.push(peer.0.to_vec());
        Ok(parts)
    }

    fn told(&mut self, farewell: &[u8]) -> Result<bool, ShelfError> {
        self.heard += 1;
        Ok(self.believes && farewell == self.me.0)
    }
}
