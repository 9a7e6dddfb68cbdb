//! The tar inside a backup and inside a sealed record, written and read as a stream, in one form only.
//!
//! Any tar program unpacks it. Ours reads strictly: each header must be, byte for byte, the one that would have been
//! written, what fills a block up is zeros, and nothing follows the end. So a size can be believed before anything is set
//! aside for it, and memory does not depend on what a file holds.

use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};
use tar::{EntryType, Header};
use zeroize::Zeroizing;

use crate::id::Hash;

/// Bytes in a block.
pub(crate) const BLOCK: usize = 512;
/// tar's first form has no longer names.
pub(crate) const LONGEST_NAME: usize = 100;
const BLOCK_LEN: u64 = 512;
const AT_ONCE: usize = 64 * 1024;
const ZEROS: [u8; BLOCK] = [0; BLOCK];

/// Writes files one after the other, each announced with its size.
pub(crate) struct ArchiveWriter<W> {
    to: W,
    hash: Sha256,
    /// Bytes of the file under way that are still to come, and zeros that fill its last block.
    left: u64,
    fill: usize,
}

impl<W: Write> ArchiveWriter<W> {
    pub(crate) fn new(to: W) -> Self {
        Self { to, hash: Sha256::new(), left: 0, fill: 0 }
    }

    /// Begins a file of exactly this many bytes.
    pub(crate) fn begin(&mut self, name: &str, size: u64) -> io::Result<()> {
        self.is_between_files()?;
        let header = header(name, size)?;
        self.put(header.as_bytes())?;
        (self.left, self.fill) = (size, fill(size));
        Ok(())
    }

    /// Bytes of the file that was begun.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let len = bytes.len() as u64;
        self.left = self.left.checked_sub(len).ok_or(io::ErrorKind::InvalidInput)?;
        self.put(bytes)?;
        if self.left == 0 {
            let fill = std::mem::take(&mut self.fill);
            self.put(ZEROS.get(..fill).unwrap_or_default())?;
        }
        Ok(())
    }

    /// A whole file at once.
    pub(crate) fn file(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.begin(name, bytes.len() as u64)?;
        self.write(bytes)
    }

    /// A file of so many zeros.
    pub(crate) fn zeros(&mut self, name: &str, size: u64) -> io::Result<()> {
        self.begin(name, size)?;
        let zeros = vec![0; AT_ONCE];
        while self.left > 0 {
            let len = usize::try_from(self.left).unwrap_or(AT_ONCE).min(AT_ONCE);
            self.write(zeros.get(..len).unwrap_or_default())?;
        }
        Ok(())
    }

    /// What is under it.
    pub(crate) fn under(&mut self) -> &mut W {
        &mut self.to
    }

    /// SHA-256 of everything so far; between two files.
    pub(crate) fn hash(&self) -> Hash {
        Hash(self.hash.clone().finalize().into())
    }

    /// The two empty blocks that end an archive.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.is_between_files()?;
        self.put(&ZEROS)?;
        self.put(&ZEROS)?;
        Ok(self.to)
    }

    fn is_between_files(&self) -> io::Result<()> {
        if self.left == 0 { Ok(()) } else { Err(io::ErrorKind::InvalidInput.into()) }
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.to.write_all(bytes)?;
        self.hash.update(bytes);
        Ok(())
    }
}

/// A file that comes next in an archive.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ArchiveEntry {
    pub(crate) name: String,
    pub(crate) size: u64,
}

/// Reads what [`ArchiveWriter`] wrote, file by file. What is not in that form is [`io::ErrorKind::InvalidData`].
pub(crate) struct ArchiveReader<R> {
    from: R,
    /// What a file may be called here.
    is_name: fn(&str) -> bool,
    hash: Sha256,
    /// As it was before the header of the file under way.
    before: Sha256,
    left: u64,
    fill: usize,
}

impl<R: Read> ArchiveReader<R> {
    /// Reads an archive whose files have names that `is_name` allows.
    pub(crate) fn new(from: R, is_name: fn(&str) -> bool) -> Self {
        Self { from, is_name, hash: Sha256::new(), before: Sha256::new(), left: 0, fill: 0 }
    }

    /// The next file, after the rest of the last one was read past; `None` at the end, behind which nothing may follow.
    pub(crate) fn next(&mut self) -> io::Result<Option<ArchiveEntry>> {
        self.skip()?;
        self.before.clone_from(&self.hash);
        let mut block = ZEROS;
        self.take(&mut block)?;
        if block == ZEROS {
            self.take(&mut block)?;
            let nothing_follows = block == ZEROS && self.from.read(&mut [0])? == 0;
            return if nothing_follows { Ok(None) } else { Err(not_ours()) };
        }
        let entry = parse(&block).filter(|entry| (self.is_name)(&entry.name)).ok_or_else(not_ours)?;
        (self.left, self.fill) = (entry.size, fill(entry.size));
        if self.left == 0 {
            self.end()?;
        }
        Ok(Some(entry))
    }

    /// Fills the slice from the file under way.
    pub(crate) fn read(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or_else(not_ours)?;
        self.take(bytes)?;
        if self.left == 0 { self.end() } else { Ok(()) }
    }

    /// All of a file of which no honest one has more than `max` bytes.
    pub(crate) fn whole(&mut self, max: u64) -> io::Result<Vec<u8>> {
        let len = usize::try_from(self.left).ok().filter(|_| self.left <= max).ok_or_else(not_ours)?;
        self.bytes(len)
    }

    /// So many bytes of the file under way. There is never room for much more than has been read: a length is not believed. What
    /// is left behind as it grows is wiped.
    pub(crate) fn bytes(&mut self, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::new());
        while bytes.len() < len {
            let known = bytes.len();
            let to = len.min(known + known.max(AT_ONCE));
            let mut grown = Zeroizing::new(Vec::with_capacity(to));
            grown.extend_from_slice(&bytes);
            grown.resize(to, 0);
            self.read(grown.get_mut(known..).unwrap_or_default())?;
            bytes = grown;
        }
        Ok(std::mem::take(&mut *bytes))
    }

    /// Shows the rest of the file under way, so many bytes at a time.
    pub(crate) fn portions(&mut self, size: usize, see: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        let mut portion = Zeroizing::new(vec![0; size]);
        while self.left > 0 {
            let len = usize::try_from(self.left).unwrap_or(usize::MAX).min(size);
            let bytes = portion.get_mut(..len).unwrap_or_default();
            self.read(bytes)?;
            see(bytes);
        }
        Ok(())
    }

    /// Bytes of the file under way that were not read yet.
    pub(crate) fn left(&self) -> u64 {
        self.left
    }

    /// SHA-256 of everything before the header of the file under way; after the last, of everything before the end.
    pub(crate) fn before(&self) -> Hash {
        Hash(self.before.clone().finalize().into())
    }

    fn skip(&mut self) -> io::Result<()> {
        if self.left == 0 { Ok(()) } else { self.portions(AT_ONCE, &mut |_| {}) }
    }

    fn end(&mut self) -> io::Result<()> {
        let mut block = ZEROS;
        let fill = std::mem::take(&mut self.fill);
        let filled = block.get_mut(..fill).unwrap_or_default();
        self.from.read_exact(filled)?;
        self.hash.update(&*filled);
        if block == ZEROS { Ok(()) } else { Err(not_ours()) }
    }

    fn take(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.from.read_exact(bytes)?;
        self.hash.update(&*bytes);
        Ok(())
    }
}

/// A regular file that its owner can read and write; whose it was and when is nobody's business.
pub(crate) fn header(name: &str, size: u64) -> io::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_size(size);
    header.set_mode(0o600);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_entry_type(EntryType::Regular);
    header.set_cksum();
    Ok(header)
}

/// Name and size, if this is the header that a file of such name and size has.
fn parse(block: &[u8; BLOCK]) -> Option<ArchiveEntry> {
    let name = block.get(..LONGEST_NAME)?.split(|byte| *byte == 0).next()?;
    let name = std::str::from_utf8(name).ok()?;
    let size = Header::from_byte_slice(block).entry_size().ok()?;
    let expected = header(name, size).ok()?;
    (expected.as_bytes() == block).then(|| ArchiveEntry { name: name.to_owned(), size })
}

/// Zeros after a file of this size.
fn fill(size: u64) -> usize {
    usize::try_from(size.next_multiple_of(BLOCK_LEN) - size).unwrap_or_default()
}

/// What is not in the one form.
pub(crate) fn not_ours() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::is_name;

    fn archive() -> Vec<u8> {
        let mut writer = ArchiveWriter::new(Vec::new());
        writer.file("about.json", b"{}").unwrap();
        writer.file("clients/~0a/record.md", &[b'x'; 1_024]).unwrap();
        writer.begin("empty", 0).unwrap();
        writer.begin("long", 70_000).unwrap();
        writer.write(&[1; 30_000]).unwrap();
        writer.write(&[2; 40_000]).unwrap();
        writer.finish().unwrap()
    }

    fn names(bytes: &[u8]) -> io::Result<Vec<(String, u64)>> {
        let mut reader = ArchiveReader::new(bytes, is_name);
        let mut names = Vec::new();
        while let Some(entry) = reader.next()? {
            names.push((entry.name, entry.size));
        }
        Ok(names)
    }

    #[test]
    fn what_was_written_is_read_and_any_tar_program_reads_it_too() {
        let bytes = archive();
        let ours = names(&bytes).unwrap();
        let theirs: Vec<_> = tar::Archive::new(bytes.as_slice())
            .entries()
            .unwrap()
            .map(|entry| entry.map(|entry| (entry.path().unwrap().to_str().unwrap().to_owned(), entry.size())).unwrap())
            .collect();
        assert_eq!(ours, theirs);
        assert_eq!(ours.len(), 4);
        let mut reader = ArchiveReader::new(bytes.as_slice(), is_name);
        reader.next().unwrap();
        assert_eq!(reader.whole(10).unwrap(), b"{}");
        reader.next().unwrap();
        assert!(reader.whole(1_000).is_err(), "beyond its limit");
    }

    #[test]
    fn both_sides_have_one_hash_between_files() {
        let mut writer = ArchiveWriter::new(Vec::new());
        writer.file("a", b"one").unwrap();
        let hash = writer.hash();
        writer.file("b", b"two").unwrap();
        let bytes = writer.finish().unwrap();
        let mut reader = ArchiveReader::new(bytes.as_slice(), is_name);
        reader.next().unwrap();
        reader.next().unwrap();
        assert_eq!(reader.before(), hash);
        reader.next().unwrap();
        assert!(reader.before() != hash);
    }

    #[test]
    fn a_changed_header_or_filling_a_cut_and_a_byte_too_many_are_refused() {
        let good = archive();
        for at in (0..512).chain([515, 1_000, 1_023, good.len() - 1, good.len() - 600]) {
            let mut bad = good.clone();
            bad[at] ^= 1;
            let refused = names(&bad);
            // A name is what it says; everything else has one form.
            assert!(refused.is_err() || at < 10, "byte {at}");
        }
        for len in [0, 1, 511, 512, 513, 1_024, good.len() - 512, good.len() - 1] {
            assert!(names(&good[..len]).is_err(), "{len}");
        }
        assert!(names(&[good.as_slice(), &[0]].concat()).is_err());
    }

    #[test]
    fn a_writer_takes_exactly_what_was_announced() {
        let mut writer = ArchiveWriter::new(Vec::new());
        writer.begin("a", 2).unwrap();
        assert!(writer.write(b"abc").is_err());
        writer.write(b"a").unwrap();
        assert!(writer.begin("b", 1).is_err());
        assert!(writer.finish().is_err());
    }
}
