//! A disk that writes down what is done to it: every write, change of length and sync, so that each state in which a
//! power cut could have left it can be made afterwards ([`crate::crash`]). It also fails when it is told to.
//!
//! It keeps apart what a process sees and what is on the platter. A sync that fails has brought any part of what it was
//! to write onto the platter and lost the rest, and the process goes on seeing all of it: so Linux and others behave, and
//! a second sync that succeeds proves nothing.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use redb::StorageBackend;

use crate::crash::{Fates, apply};
use crate::dice::Dice;

/// Something that was done to the disk.
#[derive(Clone)]
pub enum Op {
    /// Bytes, and where.
    Write(usize, Arc<[u8]>),
    /// The file was made so long.
    Length(usize),
    /// Everything before is durable.
    Sync,
}

/// What can be asked of a disk, and can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Changing the length.
    Length,
    /// Syncing.
    Sync,
}

impl Call {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Length, Self::Sync];

    fn index(self) -> usize {
        Self::ALL.iter().position(|other| *other == self).unwrap()
    }
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The medium could not do it (`EIO`).
    Medium,
    /// There is no room (`ENOSPC`).
    Full,
}

impl Failure {
    /// The operating system's own error.
    fn error(self) -> io::Error {
        io::Error::from_raw_os_error(match (self, cfg!(windows)) {
            (Self::Medium, false) => 5,
            (Self::Full, false) => 28,
            (Self::Medium, true) => 1117,
            (Self::Full, true) => 112,
        })
    }
}

/// One call that fails, counted from when the disk is told so.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Which.
    pub call: Call,
    /// The how many-th of them, from 0.
    pub number: usize,
    /// How.
    pub failure: Failure,
    /// Whether, from then on, nothing can be changed at all; reading too fails when it was reading that failed.
    pub lasting: bool,
}

/// A mistake that the disk makes behind everybody's back, for tests of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// It leaves the sync of this number out and says that it is done.
    NoSync(usize),
    /// It does not tell that a sync failed.
    Hush,
}

/// Clones are the same disk, so that a test keeps a hand on it.
#[derive(Clone, Default)]
pub struct Disk(Arc<Mutex<State>>);

#[derive(Clone, Default)]
struct State {
    seen: Vec<u8>,
    platter: Vec<u8>,
    unsynced: Vec<Op>,
    tape: Vec<Op>,
    syncs: usize,
    calls: [usize; 4],
    fault: Option<Fault>,
    broken: bool,
    full_at: Option<usize>,
    mistake: Option<Mistake>,
}

impl Disk {
    /// An empty disk that makes this mistake.
    pub fn mistaken(mistake: Mistake) -> Self {
        let disk = Self::default();
        disk.state().mistake = Some(mistake);
        disk
    }

    /// A disk with these bytes on its platter, and an empty tape.
    pub fn holding(image: Vec<u8>) -> Self {
        let disk = Self::default();
        disk.state().platter.clone_from(&image);
        disk.state().seen = image;
        disk
    }

    /// Nothing can be changed once so much was done to it: there is no room.
    pub fn fill_at(&self, position: usize) {
        self.state().full_at = Some(position);
    }

    /// Another disk in the same state.
    pub fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.state().clone())))
    }

    /// Everything that was done to it, oldest first.
    pub fn tape(&self) -> Vec<Op> {
        self.state().tape.clone()
    }

    /// How much was done to it so far.
    pub fn position(&self) -> usize {
        self.state().tape.len()
    }

    /// Fails from now on as told; with `None` it works again, and what it lost stays lost.
    pub fn fail(&self, fault: Option<Fault>) {
        let mut state = self.state();
        state.fault = fault;
        state.broken = false;
        state.calls = [0; 4];
    }

    /// Whether the fault that it was told of was met.
    pub fn has_failed(&self) -> bool {
        let state = self.state();
        state.fault.is_some_and(|fault| state.calls[fault.call.index()] > fault.number)
    }

    /// How often each of [`Call::ALL`] was called since [`Self::fail`].
    pub fn calls(&self) -> [usize; 4] {
        self.state().calls
    }

    /// What a process sees that opens it now.
    pub fn image(&self) -> Vec<u8> {
        self.state().seen.clone()
    }

    /// What is there after a power cut: what is on the platter, and any part of what is on its way.
    pub fn after_power_cut(&self, dice: &mut Dice) -> Vec<u8> {
        let state = self.state();
        let mut image = state.platter.clone();
        Fates::any(state.unsynced.len(), dice).apply(&mut image, &state.unsynced);
        image
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl State {
    /// Counts a call; whether it is to fail.
    fn failing(&mut self, call: Call) -> Option<io::Error> {
        let number = self.calls[call.index()];
        self.calls[call.index()] += 1;
        if call != Call::Read && self.full_at.is_some_and(|at| self.tape.len() >= at) {
            return Some(Failure::Full.error());
        }
        let fault = self.fault?;
        let now = call == fault.call && number == fault.number;
        self.broken |= now && fault.lasting;
        let broken = self.broken && (call != Call::Read || fault.call == Call::Read);
        (now || broken).then(|| fault.failure.error())
    }

    fn record(&mut self, op: Op) {
        apply(&mut self.seen, &op, 0);
        self.unsynced.push(op.clone());
        self.tape.push(op);
    }

    /// A sync of this number that fails.
    fn lose(&mut self, number: usize) {
        let writes = std::mem::take(&mut self.unsynced);
        let mut dice = Dice::new(u64::try_from(number).unwrap());
        Fates::any(writes.len(), &mut dice).apply(&mut self.platter, &writes);
    }

    fn sync(&mut self) {
        for op in self.unsynced.drain(..) {
            apply(&mut self.platter, &op, 0);
        }
        self.tape.push(Op::Sync);
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        u64::try_from(self.state().seen.len()).map_err(io::Error::other)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut state = self.state();
        if let Some(error) = state.failing(Call::Read) {
            return Err(error);
        }
        let from = usize::try_from(offset).map_err(io::Error::other)?;
        let found = state.seen.get(from..from + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(found);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.state();
        if let Some(error) = state.failing(Call::Length) {
            return Err(error);
        }
        state.record(Op::Length(usize::try_from(len).map_err(io::Error::other)?));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state();
        let number = state.syncs;
        state.syncs += 1;
        if let Some(error) = state.failing(Call::Sync) {
            state.lose(number);
            return if state.mistake == Some(Mistake::Hush) { Ok(()) } else { Err(error) };
        }
        if state.mistake != Some(Mistake::NoSync(number)) {
            state.sync();
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        let at = usize::try_from(offset).map_err(io::Error::other)?;
        if let Some(error) = state.failing(Call::Write) {
            // Half of it got out.
            let half = data.get(..data.len() / 2).unwrap_or_default();
            state.record(Op::Write(at, half.into()));
            return Err(error);
        }
        if at + data.len() > state.seen.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        state.record(Op::Write(at, data.into()));
        Ok(())
    }
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Disk")
    }
}
