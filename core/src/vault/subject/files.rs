//! Attached files: what is known of each, and what each holds.
//!
//! A file is a document of its own (format §13), beside the note that it was attached to or beside none. One that lies
//! beside a private note is sealed under the client's key of private notes, so the local key alone does not even give its name.

mod attach;
mod pieces;

use std::io::Write;

use zeroize::Zeroizing;

use crate::id::{ClientId, DocId, Hash, NoteId};
use crate::import::Progress;
use crate::rows::RowError;
use crate::vault::read::{FileError, FileHandle, FileRow, PieceWant, Taken};
use crate::vault::subject::Files;

pub use attach::{Attaching, LendFiles, NewFile, SealedPieces, attach_lent};

impl Files<'_> {
    /// The files of a client's record, newest first; those beside private notes left out.
    pub fn of_client(&self, client: &ClientId) -> Result<Vec<FileRow>, FileError> {
        self.core.read().documents().files(client)
    }

    /// The files beside a client's private notes, newest first. Asks for the passphrase again.
    pub fn private_files(&self, client: &ClientId) -> Result<Vec<FileRow>, FileError> {
        self.core.read().documents().process_files(client)
    }

    /// The files that were attached to a note, newest first.
    pub fn note_files(&self, note: &NoteId) -> Result<Vec<FileRow>, FileError> {
        self.core.read().documents().note_files(note)
    }

    /// One file. Of one beside a private note, asks for the passphrase again.
    pub fn file(&self, id: &DocId) -> Result<FileRow, FileError> {
        self.core.read().documents().file(id)
    }

    /// Opens a file for reading. Of one beside a private note, asks for the passphrase again.
    ///
    /// # Errors
    /// [`FileError`]: not here, not all of it here, or not as its item says.
    pub fn open_file(&self, id: &DocId) -> Result<FileHandle, FileError> {
        self.core.read().documents().open_file(id)
    }

    /// What one piece holds of a file, checked.
    ///
    /// # Errors
    /// [`FileError::Damaged`], which says how much of the file is whole.
    pub fn file_piece(&self, file: &FileHandle, number: u32) -> Result<Zeroizing<Vec<u8>>, FileError> {
        self.core.read().documents().file_piece(file, number)
    }

    /// Writes a file out. What was written before an error is not the file: the caller takes it away.
    ///
    /// # Errors
    /// See [`FileError`].
    pub fn extract(
        &self,
        id: &DocId,
        to: &mut dyn Write,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<FileRow, FileError> {
        self.core.read().documents().extract(id, to, progress, cancel)
    }

    /// A whole file in memory, for what shows it.
    ///
    /// # Errors
    /// [`FileError::TooLargeToShow`] beyond `most` bytes.
    pub fn file_bytes(&self, id: &DocId, most: usize) -> Result<Zeroizing<Vec<u8>>, FileError> {
        self.core.read().documents().file_bytes(id, most)
    }

    /// Pieces that are not here and shall be, those of the newest file first, `most` at the most, without those that
    /// `but` names.
    pub fn wanted_pieces(&self, most: usize, but: &dyn Fn(&Hash) -> bool) -> Result<Vec<PieceWant>, RowError> {
        self.core.read().blobs().wanted_pieces(most, but)
    }

    /// The files that are not whole here and shall be, by the names of their lists of pieces, `most` at the most; `None` when there
    /// are more, or when that cannot be told.
    pub fn lacked(&self, most: usize) -> Result<Option<Vec<Hash>>, RowError> {
        self.core.read().blobs().lacked(most)
    }

    /// How many pieces of files are here.
    pub fn pieces_held(&self) -> Result<u64, RowError> {
        self.core.read().blobs().pieces_held()
    }

    /// A sealed piece as it travels; `None` when it is not here.
    pub fn piece(&self, hash: &Hash) -> Result<Option<Vec<u8>>, RowError> {
        self.core.read().blobs().piece(hash)
    }

    /// What would become of a piece, without taking it: whether it is wanted, and the one that its name says.
    pub fn judge_piece(&self, want: &PieceWant, bytes: &[u8]) -> Result<Taken, RowError> {
        self.core.read().blobs().judge_piece(want, bytes)
    }
}
