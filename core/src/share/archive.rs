//! The tar inside a sealed record, in one form only: what is read must be, byte for byte, what would have been written.
//!
//! So two programs that read tar differently see the same files, and nothing can hide between them. Refused: anything
//! but regular files; folders in names, names that hide or that some system cannot hold, names that differ in case
//! only; more files or bytes than the caps; a padding of another length than Padmé's.

use std::collections::HashSet;
use std::io::{self, Write};

use tar::{Archive, Builder, EntryType, Header};
use zeroize::Zeroizing;

use super::plain_text::is_plain;

/// Files in one record, manifest, signature and padding included.
pub(super) const MOST_ENTRIES: usize = 256;
const PADDING: &str = "padding";
const BLOCK: usize = 512;
/// tar ends with two empty blocks.
const END: usize = 2;
/// 32 KiB: a short note and a long one look the same.
const FEWEST_BLOCKS: usize = 64;
/// tar's first form has no longer names.
const LONGEST_NAME: usize = 100;

/// A file in the archive.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) bytes: &'a [u8],
}

/// Bytes that are not the archive that would have been written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotOurs;

/// Packs the files and pads them. They must have names that [`is_file_name`] allows.
pub(super) fn write(entries: &[Entry<'_>]) -> io::Result<Zeroizing<Vec<u8>>> {
    // All of it reserved at once, so that no copy is left behind when it grows.
    let mut packed = Zeroizing::new(Vec::with_capacity(padded_blocks(entries) * BLOCK));
    write_to(&mut *packed, entries)?;
    Ok(packed)
}

/// The files of an archive, without its padding.
pub(super) fn read(packed: &[u8]) -> Result<Vec<Entry<'_>>, NotOurs> {
    if !is_padded_len(packed.len()) {
        return Err(NotOurs);
    }
    let mut entries = parse(packed)?;
    entries.pop().filter(|last| last.name == PADDING).ok_or(NotOurs)?;
    let mut names = HashSet::new();
    if !entries.iter().all(|entry| is_file_name(entry.name) && names.insert(entry.name.to_lowercase())) {
        return Err(NotOurs);
    }
    let mut rest = Expected(packed);
    write_to(&mut rest, &entries).map_err(|_| NotOurs)?;
    if rest.0.is_empty() { Ok(entries) } else { Err(NotOurs) }
}

/// Whether an archive can have this many bytes. Most cuts leave a length that none has.
pub(super) fn is_padded_len(len: usize) -> bool {
    len.is_multiple_of(BLOCK) && len / BLOCK >= FEWEST_BLOCKS && padme(len / BLOCK) == len / BLOCK
}

/// Whether a file can have this name on every system, and shows as what it is.
pub(super) fn is_file_name(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |device: &str| stem.strip_prefix(device).is_some_and(|n| n.len() == 1 && n != "0");
    let device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT");
    (1..=LONGEST_NAME).contains(&name.len())
        && is_plain(name)
        && !device
        && !name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|'])
        && !name.starts_with(['.', ' ', '-', '~'])
        && !name.ends_with(['.', ' '])
        && !name.eq_ignore_ascii_case(PADDING)
}

fn parse(packed: &[u8]) -> Result<Vec<Entry<'_>>, NotOurs> {
    let mut entries = Vec::new();
    // Raw: no long names, no extended headers, no sparse files. What they would say is refused with their type.
    for entry in Archive::new(packed).entries().map_err(|_| NotOurs)?.raw(true) {
        let entry = entry.map_err(|_| NotOurs)?;
        if entry.header().entry_type() != EntryType::Regular || entries.len() == MOST_ENTRIES {
            return Err(NotOurs);
        }
        let start = usize::try_from(entry.raw_file_position()).map_err(|_| NotOurs)?;
        let size = usize::try_from(entry.size()).map_err(|_| NotOurs)?;
        let at = entry.raw_header_position();
        let header = usize::try_from(at).ok().and_then(|at| packed.get(at..at + LONGEST_NAME)).ok_or(NotOurs)?;
        let name = header.split(|byte| *byte == 0).next().unwrap_or_default();
        let name = std::str::from_utf8(name).map_err(|_| NotOurs)?;
        let bytes = start.checked_add(size).and_then(|end| packed.get(start..end)).ok_or(NotOurs)?;
        entries.push(Entry { name, bytes });
    }
    Ok(entries)
}

fn write_to(to: impl Write, entries: &[Entry<'_>]) -> io::Result<()> {
    let mut builder = Builder::new(to);
    for entry in entries {
        builder.append(&header(entry.name, entry.bytes.len())?, entry.bytes)?;
    }
    let zeros = padded_blocks(entries).saturating_sub(blocks(entries)) * BLOCK;
    builder.append(&header(PADDING, zeros)?, io::Read::take(io::repeat(0), zeros as u64))?;
    builder.into_inner().map(drop)
}

/// A regular file that its owner can read and write; whose it was and when is nobody's business.
fn header(name: &str, size: usize) -> io::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_size(size as u64);
    header.set_mode(0o600);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_entry_type(EntryType::Regular);
    header.set_cksum();
    Ok(header)
}

/// Blocks of the archive with an empty padding.
fn blocks(entries: &[Entry<'_>]) -> usize {
    entries.iter().map(|entry| 1 + entry.bytes.len().div_ceil(BLOCK)).sum::<usize>() + 1 + END
}

fn padded_blocks(entries: &[Entry<'_>]) -> usize {
    padme(blocks(entries).max(FEWEST_BLOCKS))
}

/// Padmé (Nikitin et al., PETS 2019, §4): at most 12 % more, and a length tells O(log log) bits.
fn padme(len: usize) -> usize {
    let Some(exponent) = len.checked_ilog2().filter(|exponent| *exponent > 0) else { return len };
    let low_bits = exponent.saturating_sub(exponent.ilog2() + 1);
    len.next_multiple_of(1 << low_bits)
}

/// Takes writes only while they are the bytes that it holds.
struct Expected<'a>(&'a [u8]);

impl Write for Expected<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.strip_prefix(bytes).ok_or(io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
