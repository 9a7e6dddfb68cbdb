//! The front of the file: what it is, and the one block that is rewritten in place, kept twice.
//!
//! redb changes pages only by writing new ones, all but its header. A header torn by a power cut must not take the vault
//! with it, so it lies in two places that share no sector, each with a number and a checksum. A write goes to the copy
//! that is *not* known to be on the disk; once it is synced, the other copy is brought level. So at every moment one
//! good copy is on the disk, and outside a commit two are, and no single damaged byte can turn the header back in time.

use std::io;

use redb::StorageBackend;
use sha2::{Digest, Sha256};
use subrosa_base::labels;

use super::StoreError;

/// Bytes in a block as redb sees it.
pub(super) const BLOCK: usize = 4096;
/// Bytes in a checksum: SHA-256, cut.
pub(super) const CHECK: usize = 16;
/// Where the numbered blocks begin: after the preamble and two slots.
pub(super) const BLOCKS_AT: u64 = PREAMBLE_SPACE + 2 * SLOT_SPACE;

const MAGIC: &[u8; 16] = b"Subrosa vault\r\n\x1a";
const FORMAT: u32 = 2;
const PREAMBLE: usize = MAGIC.len() + 4 + CHECK;
const PREAMBLE_SPACE: u64 = 4096;
const SLOT: usize = 8 + 8 + BLOCK + CHECK;
const SLOT_SPACE: u64 = 8192;

/// The header block in memory, and where its copies are.
pub(super) struct Twin {
    data: Box<[u8; BLOCK]>,
    sequence: u64,
    /// The copy that is on the disk for certain.
    safe: usize,
    /// Whether the other copy is ahead of it.
    ahead: bool,
}

impl Twin {
    /// Writes the preamble of a new file and makes room for both copies.
    pub(super) fn create(file: &dyn StorageBackend) -> io::Result<Self> {
        file.set_len(BLOCKS_AT)?;
        file.write(0, &preamble(FORMAT))?;
        Ok(Self { data: Box::new([0; BLOCK]), sequence: 0, safe: 1, ahead: false })
    }

    /// Reads the front of a file, and the number of blocks it had when its header was last written.
    pub(super) fn open(file: &dyn StorageBackend) -> Result<(Self, u64), StoreError> {
        check_preamble(file)?;
        if file.len()? < BLOCKS_AT {
            return Err(StoreError::Truncated);
        }
        let copies = [read_slot(file, 0)?, read_slot(file, 1)?];
        let (newest, blocks) =
            copies.into_iter().flatten().max_by_key(|(twin, _)| twin.sequence).ok_or(StoreError::Damaged)?;
        Ok((newest, blocks))
    }

    /// To be called before anything is written on what was opened. The header may still be on its way to the disk, and the next one
    /// must not overtake it. Or it never got there: after a sync that failed, systems go on showing what is lost, and only what is
    /// written again is synced again. So too the file's length: a header that counts on it must not get there before it.
    pub(super) fn settle(&self, file: &dyn StorageBackend, blocks: u64) -> io::Result<()> {
        file.set_len(file.len()?)?;
        self.put(file, self.safe, blocks)?;
        file.sync_data()
    }

    /// The header as it was last set.
    pub(super) fn data(&self) -> &[u8; BLOCK] {
        &self.data
    }

    /// Changes the header in memory from `offset` on.
    pub(super) fn set(&mut self, offset: usize, data: &[u8]) {
        let room = self.data.iter_mut().skip(offset);
        room.zip(data).for_each(|(to, from)| *to = *from);
    }

    /// Writes the header to the copy that may be lost.
    pub(super) fn write(&mut self, file: &dyn StorageBackend, blocks: u64) -> io::Result<()> {
        self.sequence += 1;
        self.ahead = true;
        self.put(file, 1 - self.safe, blocks)
    }

    /// To be called when all that was written is on the disk: brings the other copy level.
    pub(super) fn synced(&mut self, file: &dyn StorageBackend, blocks: u64) {
        if !self.ahead {
            return;
        }
        let behind = self.safe;
        self.safe = 1 - self.safe;
        self.ahead = false;
        // The commit is on the disk in one copy, and acknowledged for that. A second that cannot be written is the one
        // that the next header replaces, and if the disk has failed, that one says so.
        let _ = self.put(file, behind, blocks);
    }

    /// Takes back what is not known to be on the disk.
    pub(super) fn rewind(&mut self, file: &dyn StorageBackend) {
        // A copy that cannot be read leaves the header in memory, which is at least whole.
        if let Ok(Some((safe, _))) = read_slot(file, self.safe) {
            *self = safe;
        }
    }

    fn put(&self, file: &dyn StorageBackend, slot: usize, blocks: u64) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(SLOT);
        bytes.extend_from_slice(&self.sequence.to_le_bytes());
        bytes.extend_from_slice(&blocks.to_le_bytes());
        bytes.extend_from_slice(&*self.data);
        let check = checksum(0, &bytes);
        bytes.extend_from_slice(&check);
        file.write(slot_at(slot), &bytes)
    }
}

/// The checksum of a block: bound to its number, so that a block moved elsewhere is found out too.
pub fn checksum(number: u64, data: &[u8]) -> [u8; CHECK] {
    let label = Sha256::new().chain_update(labels::STORE_BLOCK);
    let hash = label.chain_update(number.to_le_bytes()).chain_update(data).finalize();
    let mut check = [0; CHECK];
    check.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    check
}

fn preamble(format: u32) -> Vec<u8> {
    let mut bytes = [MAGIC.as_slice(), &format.to_le_bytes()].concat();
    let check = checksum(u64::MAX, &bytes);
    bytes.extend_from_slice(&check);
    bytes
}

/// The magic says what it is, the checksum that the number can be believed, the number whether we know it: a flipped
/// bit must not send anybody looking for a newer version.
fn check_preamble(file: &dyn StorageBackend) -> Result<(), StoreError> {
    let len = usize::try_from(file.len()?).unwrap_or(PREAMBLE).min(PREAMBLE);
    let mut bytes = vec![0; len];
    file.read(0, &mut bytes)?;
    if bytes.is_empty() {
        return Err(StoreError::Empty);
    }
    if !bytes.iter().zip(MAGIC).all(|(found, expected)| found == expected) {
        return Err(StoreError::NotAVault);
    }
    let number = bytes.get(MAGIC.len()..).and_then(|rest| rest.first_chunk());
    let format = u32::from_le_bytes(*number.ok_or(StoreError::Truncated)?);
    match bytes == preamble(format) {
        true if format == FORMAT => Ok(()),
        true if format < FORMAT => Err(StoreError::Older(format)),
        true => Err(StoreError::Newer(format)),
        false if len < PREAMBLE => Err(StoreError::Truncated),
        false => Err(StoreError::Damaged),
    }
}

/// A copy and the number of blocks beside it, or nothing when its checksum fails.
fn read_slot(file: &dyn StorageBackend, slot: usize) -> io::Result<Option<(Twin, u64)>> {
    let mut bytes = [0; SLOT];
    file.read(slot_at(slot), &mut bytes)?;
    Ok(parse_slot(&bytes, slot))
}

fn parse_slot(bytes: &[u8; SLOT], slot: usize) -> Option<(Twin, u64)> {
    let (body, check) = bytes.split_last_chunk::<CHECK>()?;
    if checksum(0, body) != *check {
        return None;
    }
    let (sequence, body) = body.split_first_chunk()?;
    let (blocks, data) = body.split_first_chunk()?;
    let data = Box::new(data.try_into().ok()?);
    let twin = Twin { data, sequence: u64::from_le_bytes(*sequence), safe: slot, ahead: false };
    Some((twin, u64::from_le_bytes(*blocks)))
}

fn slot_at(slot: usize) -> u64 {
    if slot == 0 { PREAMBLE_SPACE } else { PREAMBLE_SPACE + SLOT_SPACE }
}

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;

    use super::*;

    fn flip(file: &InMemoryBackend, at: u64) {
        let mut byte = [0];
        file.read(at, &mut byte).unwrap();
        file.write(at, &[byte[0] ^ 1]).unwrap();
    }

    fn write(twin: &mut Twin, file: &InMemoryBackend, value: u8) {
        twin.set(0, &[value]);
        twin.write(file, 1).unwrap();
    }

    fn written(times: u8) -> InMemoryBackend {
        let file = InMemoryBackend::new();
        let mut twin = Twin::create(&file).unwrap();
        for value in 1..=times {
            write(&mut twin, &file, value);
            twin.synced(&file, 1);
        }
        file
    }

    #[test]
    fn either_copy_may_be_damaged_and_the_header_is_still_the_latest() {
        for slot in 0..2 {
            let file = written(3);
            flip(&file, slot_at(slot) + 16);
            assert_eq!(Twin::open(&file).unwrap().0.data()[0], 3);
        }
    }

    #[test]
    fn both_copies_damaged_are_refused() {
        let file = written(3);
        flip(&file, slot_at(0));
        flip(&file, slot_at(1));
        assert_eq!(Twin::open(&file).err(), Some(StoreError::Damaged));
    }

    #[test]
    fn headers_written_between_two_syncs_never_touch_the_copy_that_is_on_the_disk() {
        let file = written(2);
        let (mut twin, _) = Twin::open(&file).unwrap();
        let safe = twin.safe;
        for value in 3..6 {
            write(&mut twin, &file, value);
            let on_disk = read_slot(&file, safe).unwrap().unwrap().0;
            assert_eq!(on_disk.data()[0], 2);
        }
    }

    #[test]
    fn a_newer_format_is_named_and_a_flipped_format_number_is_damage() {
        let file = written(1);
        file.write(0, &preamble(7)).unwrap();
        assert_eq!(Twin::open(&file).err(), Some(StoreError::Newer(7)));
        flip(&file, 16);
        assert_eq!(Twin::open(&file).err(), Some(StoreError::Damaged));
    }
}
