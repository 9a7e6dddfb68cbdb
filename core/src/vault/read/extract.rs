//! Giving an attached file out again: piece by piece, each checked before a byte of it leaves, so that a file of any length
//! takes the memory of one piece.

use std::io::Write;

use zeroize::Zeroizing;

use crate::blob::{self, Layout, PIECE, PieceList, PiecePlace};
use crate::id::{DocId, Hash};
use crate::import::Progress;
use crate::rows::RowError;
use crate::secret::{FileRole, Key};
use crate::vault::items::file::Blob;
use crate::vault::read::{Documents, FileError, FileRow, Reached};

/// A file whose pieces can be read. Holds the file's key; it must not outlive the unlocked practice.
pub struct FileHandle {
    row: FileRow,
    key: Key<FileRole>,
    list: PieceList,
}

impl FileHandle {
    /// What is known of it.
    pub fn row(&self) -> &FileRow {
        &self.row
    }

    /// Pieces that hold something of it; those after them are padding.
    pub(crate) fn pieces(&self) -> u32 {
        let pieces = self.row.length.div_ceil(u64::try_from(PIECE).unwrap_or(u64::MAX));
        u32::try_from(pieces).unwrap_or(u32::MAX)
    }

    /// Writes the file out, each piece as `piece` opens it. What was written before an error is not the file: the caller takes
    /// it away.
    ///
    /// # Errors
    /// [`FileError::Stopped`], [`FileError::Write`], and those of `piece`.
    pub fn write_out<E: From<FileError>>(
        &self,
        piece: &mut dyn FnMut(u32) -> Result<Zeroizing<Vec<u8>>, E>,
        to: &mut dyn Write,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<(), E> {
        let of = self.row.length;
        let mut done = 0;
        for number in 0..self.pieces() {
            if cancel() {
                return Err(FileError::Stopped.into());
            }
            let plain = piece(number)?;
            to.write_all(&plain).map_err(|error| FileError::Write(error.kind()))?;
            done += u64::try_from(plain.len()).unwrap_or_default();
            progress(Progress { done, of });
        }
        to.flush().map_err(|error| FileError::Write(error.kind()))?;
        Ok(())
    }

    fn hash(&self, number: u32) -> Option<Hash> {
        usize::try_from(number).ok().and_then(|number| self.list.hashes().get(number)).copied()
    }

    /// Bytes of the file in this piece.
    fn content_len(&self, number: u32) -> usize {
        let before = u64::from(number).saturating_mul(u64::try_from(PIECE).unwrap_or(u64::MAX));
        usize::try_from(self.row.length.saturating_sub(before)).unwrap_or(usize::MAX).min(PIECE)
    }
}

impl Documents<'_> {
    /// Opens a file for reading. Of one beside a private note, asks for the passphrase again.
    pub(crate) fn open_file(&self, id: &DocId) -> Result<FileHandle, FileError> {
        let row = self.file(id)?;
        let (item, ..) = self.file_item(id)?;
        let Some(Blob { list, .. }) = self.blobs().blob(&item.blob)? else { return Err(FileError::NotHere) };
        if row.reached != Reached::Here {
            return Err(FileError::NotHere);
        }
        // A list that has more pieces than the length, or fewer, was written by no program of ours.
        let fits = Layout::of(item.length).is_some_and(|layout| layout.pieces == list.hashes().len());
        if !fits || list.name() != item.blob {
            return Err(FileError::NotAsDescribed);
        }
        Ok(FileHandle { row, key: item.key, list })
    }

    /// What one piece holds of a file, checked.
    pub(crate) fn file_piece(&self, file: &FileHandle, number: u32) -> Result<Zeroizing<Vec<u8>>, FileError> {
        let sealed = match file.hash(number).map(|hash| self.blobs().piece(&hash)) {
            Some(Ok(Some(sealed))) => sealed,
            Some(Ok(None)) | None | Some(Err(RowError::Damaged)) => return Err(self.damage(file, number)),
            Some(Err(error)) => return Err(error.into()),
        };
        let place = PiecePlace { file: file.row.id, number };
        let Ok(mut plain) = blob::open_piece(&file.key, &place, &sealed) else { return Err(self.damage(file, number)) };
        let size = Layout::of(file.row.length).map_or(PIECE, |layout| layout.size);
        let length = file.content_len(number);
        if plain.len() != size || plain.iter().skip(length).any(|byte| *byte != 0) {
            return Err(FileError::NotAsDescribed);
        }
        plain.truncate(length);
        Ok(plain)
    }

    /// Writes a file out. What was written before an error is not the file: the caller takes it away.
    pub(crate) fn extract(
        &self,
        id: &DocId,
        to: &mut dyn Write,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<FileRow, FileError> {
        let file = self.open_file(id)?;
        file.write_out(&mut |number| self.file_piece(&file, number), to, progress, cancel)?;
        Ok(file.row)
    }

    /// A whole file in memory, of `most` bytes at the most.
    pub(crate) fn file_bytes(&self, id: &DocId, most: usize) -> Result<Zeroizing<Vec<u8>>, FileError> {
        let file = self.open_file(id)?;
        let length = usize::try_from(file.row.length).ok().filter(|length| *length <= most);
        // Its full room at once: no outgrown copy stays in freed memory.
        let mut bytes = Zeroizing::new(Vec::with_capacity(length.ok_or(FileError::TooLargeToShow)?));
        for number in 0..file.pieces() {
            bytes.extend_from_slice(&self.file_piece(&file, number)?);
        }
        Ok(bytes)
    }

    /// What of a file is damaged, once one piece of it is.
    fn damage(&self, file: &FileHandle, first: u32) -> FileError {
        let whole = |hash: &&Hash| !self.blobs().is_piece_whole(hash).unwrap_or(false);
        let damaged = file.list.hashes().iter().filter(whole).count();
        let count = |pieces: usize| u32::try_from(pieces).unwrap_or(u32::MAX);
        FileError::Damaged { first, damaged: count(damaged).max(1), of: count(file.list.hashes().len()) }
    }
}
