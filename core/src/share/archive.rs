//! The tar inside a sealed record, in one form only: what is read must be, byte for byte, what would have been written.
//!
//! So two programs that read tar differently see the same files, and nothing can hide between them. Refused, besides what
//! [`crate::archive`] refuses: folders in names, names that hide or that some system cannot hold, names that some disks
//! take for one; more files than the cap; a padding of another length than Padmé's, or with anything in it.

use std::collections::HashSet;
use std::io::{self, Read, Write};

use crate::archive::{ArchiveEntry, ArchiveReader, ArchiveWriter, BLOCK, LONGEST_NAME, not_ours};
use crate::file_name;
use crate::padding::padme;
use crate::plain_text::is_plain;

/// Files in one record, manifest, signature and padding included.
pub(super) const MOST_ENTRIES: usize = 256;
/// Bytes that are read or written at a time.
pub(super) const PORTION: usize = 64 * 1024;
const PADDING: &str = "padding";
/// tar ends with two empty blocks.
const END: usize = 2;
/// 32 KiB: a short note and a long one look the same.
const FEWEST_BLOCKS: usize = 64;

/// Shown each file of an archive, to be read from it.
pub(super) type OnFile<'a, E> = &'a mut dyn FnMut(&mut ArchiveReader<&mut dyn Read>, &ArchiveEntry) -> Result<(), E>;

/// Reads an archive to its end. What is not in the one form is [`io::ErrorKind::InvalidData`].
pub(super) fn read<E: From<io::Error>>(from: &mut dyn Read, file: OnFile<'_, E>) -> Result<(), E> {
    let mut archive = ArchiveReader::new(from, is_entry_name);
    let (mut names, mut sizes) = (HashSet::new(), Vec::new());
    while let Some(entry) = archive.next()? {
        if entry.name == PADDING {
            let fits = entry.size == padding(&sizes) && is_zeros(&mut archive)? && archive.next()?.is_none();
            return if fits { Ok(()) } else { Err(not_ours().into()) };
        }
        if sizes.len() + 1 == MOST_ENTRIES || !names.insert(file_name::key(&entry.name)) {
            return Err(not_ours().into());
        }
        file(&mut archive, &entry)?;
        sizes.push(entry.size);
    }
    Err(not_ours().into())
}

/// Pads and ends an archive that files of these sizes were written into.
pub(super) fn finish<W: Write>(mut archive: ArchiveWriter<W>, sizes: &[u64]) -> io::Result<W> {
    archive.zeros(PADDING, padding(sizes))?;
    archive.finish()
}

/// Bytes of an archive of files of these sizes, padded.
pub(super) fn len(sizes: &[u64]) -> u64 {
    padded_blocks(sizes).saturating_mul(BLOCK) as u64
}

/// Whether an archive can have this many bytes. Most cuts leave a length that none has.
pub(super) fn is_padded_len(len: u64) -> bool {
    usize::try_from(len)
        .is_ok_and(|len| len.is_multiple_of(BLOCK) && len / BLOCK >= FEWEST_BLOCKS && padme(len / BLOCK) == len / BLOCK)
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

fn is_entry_name(name: &str) -> bool {
    name == PADDING || is_file_name(name)
}

/// Reads the rest of the file under way, and whether it is zeros.
fn is_zeros<R: Read>(archive: &mut ArchiveReader<R>) -> io::Result<bool> {
    let mut zeros = true;
    archive.portions(PORTION, &mut |portion| zeros &= portion.iter().all(|byte| *byte == 0))?;
    Ok(zeros)
}

/// Bytes of the padding behind files of these sizes.
fn padding(sizes: &[u64]) -> u64 {
    padded_blocks(sizes).saturating_sub(blocks(sizes)).saturating_mul(BLOCK) as u64
}

/// Blocks of the archive with an empty padding.
fn blocks(sizes: &[u64]) -> usize {
    let of = |size: &u64| usize::try_from(size.div_ceil(BLOCK as u64)).unwrap_or(usize::MAX).saturating_add(1);
    sizes.iter().map(of).fold(1 + END, usize::saturating_add)
}

fn padded_blocks(sizes: &[u64]) -> usize {
    padme(blocks(sizes).max(FEWEST_BLOCKS))
}

#[cfg(test)]
pub(super) mod tests;
