//! The checksumming layer between redb and the file: redb sees a plain run of bytes, every block of which either is what
//! was last written there or cannot be read.
//!
//! redb trusts its file: a changed byte may make it panic, loop or return other data. Here each block of 4,096 bytes lies
//! in the file as 4,112, the last 16 a truncated SHA-256 over its number and content; block 0 is kept by [`Twin`]. It
//! guards against accidents and against bytes changed by hand one by one; somebody who writes whole blocks with their
//! checksums is stopped above, by sealing.
//!
//! redb sets room aside for a page before it asks for it. So what names pages is looked through on its way: a number that
//! leads out of the file is damage, and redb never sees it.
//!
//! A block that was never written cannot be read either. redb reads only what it wrote, and a stretch of zeros, which
//! is what a failing disk likes to return, must not pass for data.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use redb::StorageBackend;

use super::StoreError;
use super::pages::{self, Geometry};
use super::twin::{BLOCK, BLOCKS_AT, CHECK, Twin, checksum};

const BLOCK_LEN: u64 = BLOCK as u64;
const STORED: usize = BLOCK + CHECK;
const STORED_LEN: u64 = STORED as u64;

/// Blocks that are read at a time: long values need no room beside them.
const RUN: usize = 16;

/// The one error that this layer adds; everything else is the medium's.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a block of the file is not what was written there")]
pub(super) struct BadBlock;

/// A file of checksummed blocks, seen through the one handle that may write.
pub(super) struct Blocks {
    shared: Arc<Shared>,
    generation: u64,
}

struct Shared {
    file: Box<dyn StorageBackend>,
    state: RwLock<State>,
}

struct State {
    header: Twin,
    /// Which handle may write: a redb that failed must not write its idea of the file when it is dropped late.
    generation: u64,
    /// Length that redb sees.
    len: u64,
    /// Number of blocks when the header was last written, as found at opening.
    recorded: u64,
    /// How often what can be read was changed.
    changes: u64,
    /// Lengths of pages that redb will give free.
    freed: BTreeMap<u64, u64>,
    /// After a failed write: what is written from then on stays here, and the file as it is.
    frozen: Option<HashMap<u64, Vec<u8>>>,
}

impl State {
    /// What lies on a medium, to be read alone; [`Self::settle`] before it is written on.
    fn found(file: &dyn StorageBackend) -> Result<Self, StoreError> {
        let (header, recorded) = Twin::open(file)?;
        let stored = file.len()?.saturating_sub(BLOCKS_AT);
        if !stored.is_multiple_of(STORED_LEN) {
            return Err(StoreError::Truncated);
        }
        let len = BLOCK_LEN + stored / STORED_LEN * BLOCK_LEN;
        let frozen = Some(HashMap::new());
        Ok(Self { header, generation: 0, len, recorded, changes: 0, freed: BTreeMap::new(), frozen })
    }

    /// From now on it is written on.
    fn settle(&mut self, file: &dyn StorageBackend) -> Result<(), StoreError> {
        self.header.settle(file, self.recorded)?;
        self.frozen = None;
        Ok(())
    }
}

impl Blocks {
    /// Lays a new file out on an empty medium.
    pub(super) fn create(file: impl StorageBackend) -> Result<Self, StoreError> {
        let header = Twin::create(&file)?;
        let freed = BTreeMap::new();
        Ok(Self::over(file, State { header, generation: 0, len: 0, recorded: 0, changes: 0, freed, frozen: None }))
    }

    /// Opens what lies on the medium, frozen: see [`Self::thaw`].
    pub(super) fn open(file: impl StorageBackend) -> Result<Self, StoreError> {
        let state = State::found(&file)?;
        Ok(Self::over(file, state))
    }

    /// Opens what lies on the medium once more, as if nobody had held it, and from now on writes on it. Where the medium takes
    /// nothing it stays frozen.
    pub(super) fn thaw(&self) -> Result<(), StoreError> {
        let mut state = self.state_to_change();
        let found = State::found(&*self.shared.file)?;
        let mut found = State { generation: state.generation, changes: state.changes + 1, ..found };
        found.settle(&*self.shared.file)?;
        *state = found;
        Ok(())
    }

    fn over(file: impl StorageBackend, state: State) -> Self {
        Self { shared: Arc::new(Shared { file: Box::new(file), state: RwLock::new(state) }), generation: 0 }
    }

    /// A handle of the same file; those from before can read on, and write no more.
    pub(super) fn successor(&self) -> Self {
        let mut state = self.state_to_change();
        state.generation += 1;
        Self { shared: Arc::clone(&self.shared), generation: state.generation }
    }

    /// From now on the file is left as it is: reads go on, writes reach memory alone. For reading on after a failed
    /// write, when what the disk holds of it is not known.
    pub(super) fn freeze(&self) {
        let mut state = self.state_to_change();
        if state.frozen.is_none() {
            state.header.rewind(&*self.shared.file);
            state.changes += 1;
            state.frozen = Some(HashMap::new());
        }
    }

    /// Whether nothing was written in it yet.
    pub(super) fn is_new(&self) -> bool {
        self.state().header.data().iter().all(|byte| *byte == 0)
    }

    /// Pages that will be given free, by where they begin: none of them can be read in another length, until it is written
    /// anew.
    pub(super) fn expect(&self, freed: BTreeMap<u64, u64>) {
        self.state_to_change().freed = freed;
    }

    /// A number that is another one after every change to what can be read.
    pub(super) fn changes(&self) -> u64 {
        self.state().changes
    }

    /// Whether the file is shorter than it was when its header was written.
    pub(super) fn is_shortened(&self) -> bool {
        let state = self.state();
        state.len / BLOCK_LEN < state.recorded
    }

    // A panic while the lock is held leaves plain values behind, each whole.
    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.shared.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_to_change(&self) -> RwLockWriteGuard<'_, State> {
        self.shared.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, for the handle that may write.
    fn state_to_write(&self) -> io::Result<RwLockWriteGuard<'_, State>> {
        let state = self.state_to_change();
        if state.generation == self.generation { Ok(state) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }

    /// Bytes behind block 0, for a reader that believes nothing in them; `None` where a block does not fit its check.
    pub(super) fn bytes(&self, range: &Range<u64>) -> Option<Vec<u8>> {
        let state = self.state();
        let len = usize::try_from(range.end.checked_sub(range.start)?).ok()?;
        let run = Run::new(range.start, len, state.len).ok().filter(|run| run.in_header == 0)?;
        let mut bytes = vec![0; run.covered];
        self.read_blocks(&state, run.first, &mut bytes).ok()?;
        // Of nothing no block is covered.
        bytes.drain(..run.skip.min(bytes.len()));
        bytes.truncate(len);
        Some(bytes)
    }

    /// Reads whole blocks, from `first` on, which is not 0.
    fn read_blocks(&self, state: &State, first: u64, out: &mut [u8]) -> io::Result<()> {
        let mut stored = vec![0; (out.len() / BLOCK).min(RUN) * STORED];
        for (first, out) in (first..).step_by(RUN).zip(out.chunks_mut(BLOCK * RUN)) {
            let stored = stored.get_mut(..out.len() / BLOCK * STORED).unwrap_or_default();
            self.shared.read_stored(state, first, stored)?;
            for ((number, out), stored) in (first..).zip(out.chunks_exact_mut(BLOCK)).zip(stored.chunks_exact(STORED)) {
                let (data, check) = stored.split_at(BLOCK);
                if checksum(number, data) != check {
                    return Err(bad_block());
                }
                out.copy_from_slice(data);
            }
        }
        Ok(())
    }

    /// Writes whole blocks, from `first` on, which is not 0.
    fn write_blocks(&self, state: &mut State, first: u64, data: &[u8]) -> io::Result<()> {
        let mut stored = Vec::with_capacity(data.len() / BLOCK * STORED);
        for (number, block) in (first..).zip(data.chunks_exact(BLOCK)) {
            stored.extend_from_slice(block);
            stored.extend_from_slice(&checksum(number, block));
        }
        if let Some(kept) = &mut state.frozen {
            kept.extend((first..).zip(stored.chunks_exact(STORED).map(<[u8]>::to_vec)));
            return Ok(());
        }
        self.shared.file.write(stored_at(first), &stored)
    }

    fn write_header(&self, state: &mut State, offset: usize, data: &[u8]) -> io::Result<()> {
        state.header.set(offset, data);
        if state.frozen.is_some() {
            return Ok(());
        }
        state.header.write(&*self.shared.file, state.len / BLOCK_LEN)
    }
}

impl StorageBackend for Blocks {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state();
        let run = Run::new(offset, out.len(), state.len)?;
        if state.freed.get(&offset).is_some_and(|len| usize::try_from(*len) != Ok(out.len())) {
            return Err(bad_block());
        }
        let (head, out) = out.split_at_mut(run.in_header);
        head.iter_mut().zip(state.header.data().iter().skip(run.header_from)).for_each(|(to, from)| *to = *from);
        if run.is_whole_blocks {
            self.read_blocks(&state, run.first, out)?;
            let geometry = Geometry::of(state.header.data());
            let leads_out = geometry.is_some_and(|geometry| !pages::leads_within(out, &geometry, state.len));
            return if leads_out { Err(bad_block()) } else { Ok(()) };
        }
        let mut whole = vec![0; run.covered];
        self.read_blocks(&state, run.first, &mut whole)?;
        out.iter_mut().zip(whole.iter().skip(run.skip)).for_each(|(to, from)| *to = *from);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        if len < BLOCK_LEN || !len.is_multiple_of(BLOCK_LEN) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut state = self.state_to_write()?;
        if state.frozen.is_none() {
            self.shared.file.set_len(stored_at(len / BLOCK_LEN))?;
        }
        state.len = len;
        state.changes += 1;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state_to_write()?;
        if state.frozen.is_some() {
            return Ok(());
        }
        self.shared.file.sync_data()?;
        let blocks = state.len / BLOCK_LEN;
        state.header.synced(&*self.shared.file, blocks);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.state_to_write()?;
        let run = Run::new(offset, data.len(), state.len)?;
        state.freed.remove(&offset);
        state.changes += 1;
        let (head, data) = data.split_at(run.in_header);
        if !head.is_empty() {
            self.write_header(&mut state, run.header_from, head)?;
        }
        if run.is_whole_blocks {
            return self.write_blocks(&mut state, run.first, data);
        }
        let mut whole = vec![0; run.covered];
        self.read_blocks(&state, run.first, &mut whole)?;
        whole.iter_mut().skip(run.skip).zip(data).for_each(|(to, from)| *to = *from);
        self.write_blocks(&mut state, run.first, &whole)
    }
}

/// Prints nothing of what is in the file.
impl fmt::Debug for Blocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blocks")
    }
}

impl Shared {
    /// Blocks as they lie in the file, those written since it was frozen as they were written.
    fn read_stored(&self, state: &State, first: u64, stored: &mut [u8]) -> io::Result<()> {
        let Some(kept) = &state.frozen else {
            return if stored.is_empty() { Ok(()) } else { self.file.read(stored_at(first), stored) };
        };
        (first..).zip(stored.chunks_exact_mut(STORED)).try_for_each(|(number, stored)| match kept.get(&number) {
            Some(kept) => {
                stored.copy_from_slice(kept);
                Ok(())
            }
            None => self.file.read(stored_at(number), stored),
        })
    }
}

impl Drop for Shared {
    // redb closes each of its handles; the medium itself, and with it the lock, is let go when the last is gone.
    fn drop(&mut self) {
        // A medium that cannot be closed has nothing left to lose: everything acknowledged was synced.
        let _ = self.file.close();
    }
}

/// A run of bytes that redb asked for, divided between block 0 and the blocks after it.
struct Run {
    header_from: usize,
    in_header: usize,
    first: u64,
    skip: usize,
    covered: usize,
    is_whole_blocks: bool,
}

impl Run {
    /// Refuses what does not lie within the file.
    fn new(offset: u64, len: usize, file_len: u64) -> io::Result<Self> {
        let end = u64::try_from(len).ok().and_then(|len| offset.checked_add(len));
        if end.is_none_or(|end| end > file_len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let header_from = usize::try_from(offset.min(BLOCK_LEN)).unwrap_or(BLOCK);
        let in_header = (BLOCK - header_from).min(len);
        let rest = len - in_header;
        let start = offset.max(BLOCK_LEN);
        let skip = usize::try_from(start % BLOCK_LEN).unwrap_or_default();
        let covered = if rest == 0 { 0 } else { (skip + rest).next_multiple_of(BLOCK) };
        let is_whole_blocks = covered == rest;
        Ok(Self { header_from, in_header, first: start / BLOCK_LEN, skip, covered, is_whole_blocks })
    }
}

/// Where a block after block 0 lies in the file; of the number of blocks, the file's length.
fn stored_at(block: u64) -> u64 {
    BLOCKS_AT.saturating_add(block.saturating_sub(1).saturating_mul(STORED_LEN))
}

fn bad_block() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, BadBlock)
}

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;

    use super::*;

    fn three_blocks() -> Blocks {
        let blocks = Blocks::create(InMemoryBackend::new()).unwrap();
        blocks.set_len(4 * BLOCK_LEN).unwrap();
        blocks.write(0, &[7; 320]).unwrap();
        blocks.write(BLOCK_LEN, &[1; 3 * BLOCK]).unwrap();
        blocks
    }

    #[test]
    fn a_run_across_the_header_and_parts_of_blocks_reads_back() {
        let blocks = three_blocks();
        blocks.write(4000, &[9; 5000]).unwrap();
        let mut out = [0; 9000];
        blocks.read(100, &mut out).unwrap();
        let expected = |at: usize| match at {
            ..320 => 7,
            320..4000 => 0,
            4000..9000 => 9,
            _ => 1,
        };
        assert!((100..).zip(out).all(|(at, byte)| byte == expected(at)));
    }

    #[test]
    fn a_block_that_was_never_written_cannot_be_read() {
        let blocks = three_blocks();
        blocks.set_len(5 * BLOCK_LEN).unwrap();
        let error = blocks.read(4 * BLOCK_LEN, &mut [0; 8]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn two_blocks_that_changed_places_cannot_be_read() {
        let blocks = three_blocks();
        blocks.write(2 * BLOCK_LEN, &[2; BLOCK]).unwrap();
        let mut swapped = vec![0; 2 * STORED];
        blocks.shared.file.read(stored_at(1), &mut swapped).unwrap();
        swapped.rotate_left(STORED);
        blocks.shared.file.write(stored_at(1), &swapped).unwrap();
        assert!(blocks.read(BLOCK_LEN, &mut [0; BLOCK]).is_err());
        assert!(blocks.read(3 * BLOCK_LEN, &mut [0; BLOCK]).is_ok());
    }

    #[test]
    fn beyond_the_end_nothing_is_read_or_written() {
        let blocks = three_blocks();
        assert!(blocks.read(4 * BLOCK_LEN - 1, &mut [0; 2]).is_err());
        assert!(blocks.write(4 * BLOCK_LEN - 1, &[0; 2]).is_err());
        assert!(blocks.read(u64::MAX, &mut [0; 2]).is_err());
    }

    #[test]
    fn a_handle_that_was_succeeded_writes_no_more() {
        let blocks = three_blocks();
        let successor = blocks.successor();
        assert!(blocks.write(0, &[1]).is_err());
        assert!(blocks.set_len(BLOCK_LEN).is_err());
        assert!(blocks.read(0, &mut [0]).is_ok());
        assert!(successor.write(0, &[1]).is_ok());
    }

    #[test]
    fn a_frozen_file_is_read_and_never_written() {
        let blocks = three_blocks();
        let mut before = vec![0; STORED];
        blocks.shared.file.read(stored_at(1), &mut before).unwrap();
        blocks.freeze();
        blocks.write(BLOCK_LEN, &[5; BLOCK]).unwrap();
        let mut seen = [0; 2 * BLOCK];
        blocks.read(BLOCK_LEN, &mut seen).unwrap();
        assert_eq!((seen[0], seen[BLOCK]), (5, 1));
        let mut after = vec![0; STORED];
        blocks.shared.file.read(stored_at(1), &mut after).unwrap();
        assert!(before == after);
    }
}
