//! A medium that can fail, and that loses what was not synced when the power goes.

use std::io;
use std::sync::{Arc, Mutex};

use redb::StorageBackend;

/// Disks write sectors: a write that is cut off leaves whole ones, in any order.
const SECTOR: usize = 512;

/// Small, seeded, and the same on every machine.
#[derive(Clone)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// A number below `sides`.
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }
}

/// A medium in memory. Clones are the same medium, so that a test keeps a hand on it.
#[derive(Clone, Default)]
pub(super) struct Medium(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    now: Vec<u8>,
    synced: Vec<u8>,
    unsynced: Vec<Write>,
    changes: usize,
    fails_at: Option<usize>,
}

#[derive(Clone)]
enum Write {
    Bytes(usize, Vec<u8>),
    Length(usize),
}

impl Medium {
    pub(super) fn holding(image: Vec<u8>) -> Self {
        let state = State { now: image.clone(), synced: image, ..State::default() };
        Self(Arc::new(Mutex::new(state)))
    }

    /// From the change with this number on, counted from the beginning, nothing succeeds.
    pub(super) fn fail_at(&self, change: usize) {
        self.0.lock().unwrap().fails_at = Some(change);
    }

    /// Number of writes, syncs and changes of length so far.
    pub(super) fn changes(&self) -> usize {
        self.0.lock().unwrap().changes
    }

    /// What a process that opens it now would see.
    pub(super) fn image(&self) -> Vec<u8> {
        self.0.lock().unwrap().now.clone()
    }

    /// What is there after a power cut: what was synced, and any part of what was not.
    pub(super) fn after_power_cut(&self, dice: &mut Dice) -> Vec<u8> {
        let state = self.0.lock().unwrap();
        let mut image = state.synced.clone();
        for write in &state.unsynced {
            match (dice.roll(3), write) {
                (0, _) => {}
                (1, Write::Bytes(at, bytes)) => tear(&mut image, *at, bytes, dice),
                (_, write) => apply(&mut image, write),
            }
        }
        image
    }

    fn change(&self, write: Option<Write>) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        let number = state.changes;
        state.changes += 1;
        if state.fails_at.is_some_and(|at| number >= at) {
            // The first to fail gets half of its bytes out.
            if let (true, Some(Write::Bytes(at, bytes))) = (state.fails_at == Some(number), write) {
                let half = Write::Bytes(at, bytes[..bytes.len() / 2].to_vec());
                apply(&mut state.now, &half);
                state.unsynced.push(half);
            }
            return Err(io::ErrorKind::StorageFull.into());
        }
        match write {
            Some(write) => {
                apply(&mut state.now, &write);
                state.unsynced.push(write);
            }
            None => {
                state.synced = state.now.clone();
                state.unsynced.clear();
            }
        }
        Ok(())
    }
}

fn apply(image: &mut Vec<u8>, write: &Write) {
    match write {
        Write::Length(len) => image.resize(*len, 0),
        Write::Bytes(at, bytes) => {
            // A length that was lost leaves nowhere to write to.
            let room = image.get_mut(*at..).unwrap_or_default();
            room.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        }
    }
}

/// Some sectors of a write arrive, others do not.
fn tear(image: &mut Vec<u8>, at: usize, bytes: &[u8], dice: &mut Dice) {
    let mut from = 0;
    while from < bytes.len() {
        let to = ((at + from) / SECTOR * SECTOR + SECTOR - at).min(bytes.len());
        if dice.roll(2) == 0 {
            apply(image, &Write::Bytes(at + from, bytes[from..to].to_vec()));
        }
        from = to;
    }
}

impl StorageBackend for Medium {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().now.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.0.lock().unwrap();
        let from = usize::try_from(offset).unwrap();
        let found = state.now.get(from..from + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(found);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(Some(Write::Length(usize::try_from(len).unwrap())))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.change(None)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Some(Write::Bytes(usize::try_from(offset).unwrap(), data.to_vec())))
    }
}

impl std::fmt::Debug for Medium {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Medium")
    }
}
