//! Attached files: what is known of each without opening its content.

use std::collections::BTreeSet;
use std::io;

use crate::catalog::FileEntry;
use crate::id::{ClientId, DocId, Hash, NoteId};
use crate::log::{DocType, Kind};
use crate::rows::RowError;
use crate::vault::Millis;
use crate::vault::items::file::{FileItem, described_file};
use crate::vault::items::home::Home;
use crate::vault::items::home::Move;
use crate::vault::items::material::Material;
use crate::vault::items::place::Entry;
use crate::vault::read::{Documents, ReadError};
use crate::{file_kind, file_name};

/// Why something could not be done with an attached file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The client, the note or their rows were not read, or what was to be kept was not written.
    #[error(transparent)]
    Practice(#[from] ReadError),
    /// No file has this id.
    #[error("There is no attached file with this id. Nothing was changed.")]
    NoSuchFile,
    /// Its note is another client's.
    #[error("This note belongs to another client. Nothing was attached.")]
    OtherClient,
    /// Not all of it is here.
    #[error(
        "This file has not reached this device yet. Nothing is lost: it comes when a device that has it is connected."
    )]
    NotHere,
    /// Some of its pieces are not as they were written.
    #[error(
        "Part {} of this file is damaged, and nothing of it was given out. {damaged} of its {of} parts are damaged, the others are whole; another device or a backup may still have all of it.",
        first + 1
    )]
    Damaged {
        /// The number of the first damaged piece, from 0.
        first: u32,
        /// How many are damaged.
        damaged: u32,
        /// How many there are.
        of: u32,
    },
    /// What is said about the file does not fit its content.
    #[error(
        "What is stored about this file does not fit its content, so it was not opened. Everything else is untouched."
    )]
    NotAsDescribed,
    /// Longer than a file may be.
    #[error("A file can have 2 GB at most. Nothing was attached; split it, or keep it elsewhere.")]
    TooLong,
    /// Too little room on the disk of the practice.
    #[error(
        "There is not enough room on the disk for this file. Nothing was attached, and notes can still be saved; make room, then attach it again."
    )]
    NoRoom,
    /// Longer than the caller takes at once.
    #[error("This file is too large to be shown here. It is safe; save a copy of it and open that.")]
    TooLargeToShow,
    /// Somebody asked to stop.
    #[error("This was stopped, as asked. Nothing was kept of it.")]
    Stopped,
    /// The practice was locked meanwhile.
    #[error("The practice was locked while the file was being attached. Nothing was kept of it; attach it again.")]
    Ended,
    /// The file that is being attached.
    #[error("The file could not be read ({0}). Nothing was attached.")]
    Read(io::ErrorKind),
    /// Where a copy is being written.
    #[error("The copy could not be written ({0}) and is not complete. The file in the practice is as it was.")]
    Write(io::ErrorKind),
}

impl From<RowError> for FileError {
    fn from(error: RowError) -> Self {
        Self::Practice(error.into())
    }
}

/// How much of a file is on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// All of it.
    Here,
    /// Some of it: bytes that came, of how many.
    Partly(u64, u64),
    /// Nothing of it, not even how many pieces there are.
    NotYet,
}

/// An attached file in a list.
#[derive(Clone, PartialEq, Eq)]
pub struct FileRow {
    /// Its document.
    pub id: DocId,
    /// Whose record it belongs to.
    pub client: ClientId,
    /// The note that it was attached to.
    pub note: Option<NoteId>,
    /// Its name, fit to be shown.
    pub name: String,
    /// Its media type, as its content said when it was attached.
    pub media: String,
    /// Whether the ending of the name fits that type. Where it does not, somebody should be told before they open a copy.
    pub agrees: bool,
    /// Bytes.
    pub length: u64,
    /// When it was attached.
    pub added: Millis,
    /// Kept apart from the record, like the process note that it was attached to.
    pub process: bool,
    /// How much of it is on this device.
    pub reached: Reached,
}

impl std::fmt::Debug for FileRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileRow")
    }
}

impl<'a> Documents<'a> {
    /// What is said about a file, in whose record it lies, and whether it is kept apart from that.
    pub(crate) fn file_item(&self, id: &DocId) -> Result<(FileItem, ClientId, bool), FileError> {
        let (entry, home) = self.file_entry(id)?;
        let material = self.material(id, &entry)?;
        if material.is_deleted(None) {
            return Err(FileError::NoSuchFile);
        }
        Ok((described_file(&material).ok_or(FileError::NoSuchFile)?, home.client, entry.is_private()))
    }

    fn file_entry(&self, id: &DocId) -> Result<(Entry, Home), FileError> {
        let entry = self.entry(id)?.filter(|entry| entry.has(Kind::File)).ok_or(FileError::NoSuchFile)?;
        let home = self.home(id, &entry)?;
        if home.origin.kind == DocType::File { Ok((entry, home)) } else { Err(FileError::NoSuchFile) }
    }

    /// The files of a client's record, newest first; those beside process notes left out.
    pub(crate) fn files(&self, client: &ClientId) -> Result<Vec<FileRow>, FileError> {
        self.client(client)?;
        let entries = self.whole_timeline(client)?.files;
        self.file_rows(entries.into_iter().map(|entry| (*client, entry)), false)
    }

    /// The files beside a client's process notes, newest first. Asks for the passphrase again.
    pub(crate) fn process_files(&self, client: &ClientId) -> Result<Vec<FileRow>, FileError> {
        if self.core.reauth.is_none() {
            return Err(RowError::NeedsReauth.into());
        }
        let (mut entries, client) = (Vec::new(), self.canonical_client(client));
        for id in self.private_files()? {
            match self.file_item(&id) {
                Ok((item, of, _)) if self.canonical_client(&of) == client => entries.push((of, item.entry(id))),
                Ok(_)
                | Err(
                    FileError::NoSuchFile
                    | FileError::Practice(ReadError::Row(RowError::KeyNotHere | RowError::Damaged)),
                ) => {}
                Err(error) => return Err(error),
            }
        }
        self.file_rows(entries.into_iter(), true)
    }

    /// The files that were attached to a note, newest first.
    pub(crate) fn note_files(&self, note: &NoteId) -> Result<Vec<FileRow>, FileError> {
        let entry = self.note_entry(note)?;
        let client = self.home(note, &entry)?.client;
        let mut rows = if entry.is_private() { self.process_files(&client)? } else { self.files(&client)? };
        rows.retain(|row| row.note == Some(*note));
        Ok(rows)
    }

    /// The names of the lists of pieces of the files that were attached to a note. Of those beside a private note none without the
    /// passphrase.
    pub(crate) fn blobs_of_note(&self, note: &NoteId) -> Result<Vec<Hash>, RowError> {
        let Some(entry) = self.entry(note)? else { return Ok(Vec::new()) };
        if !entry.is_private() {
            let files = self.read_timeline(&entry.client)?.files;
            return Ok(files.into_iter().filter(|file| file.note == Some(*note)).map(|file| file.blob).collect());
        }
        let files = if self.core.reauth.is_some() { self.private_files()? } else { BTreeSet::new() };
        let items = files.iter().filter_map(|id| self.file_item(id).ok()).map(|(item, ..)| item);
        Ok(items.filter(|item| item.note == Some(*note)).map(|item| item.blob).collect())
    }

    /// One file. Of one beside a process note, asks for the passphrase again.
    pub(crate) fn file(&self, id: &DocId) -> Result<FileRow, FileError> {
        let (item, client, process) = self.file_item(id)?;
        self.file_row(client, item.entry(*id), process)
    }

    /// What the moves of the files say that go with a note.
    pub(crate) fn moved_files(&self, note: &NoteId, to: ClientId, now: Millis) -> Result<Vec<Move>, FileError> {
        let mut moved = Vec::new();
        for row in self.note_files(note)? {
            let (entry, home) = self.file_entry(&row.id)?;
            moved.extend(self.moves_to(&row.id, &entry, home.origin, to, now)?);
        }
        Ok(moved)
    }

    fn file_rows(
        &self,
        entries: impl Iterator<Item = (ClientId, FileEntry)>,
        process: bool,
    ) -> Result<Vec<FileRow>, FileError> {
        let rows = entries.map(|(client, entry)| self.file_row(client, entry, process));
        let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
        rows.sort_by_key(|row| std::cmp::Reverse((row.added, row.id)));
        Ok(rows)
    }

    fn file_row(&self, client: ClientId, entry: FileEntry, process: bool) -> Result<FileRow, FileError> {
        let FileEntry { id, note, blob, name, media, length, added } = entry;
        let reached = match self.blobs().pieces_here(&blob)? {
            None => Reached::NotYet,
            Some((here, of)) if here == of => Reached::Here,
            Some((here, of)) => Reached::Partly(share(length, here, of), length),
        };
        let agrees = length == 0 || file_kind::name_agrees(&name, &media);
        let name = file_name::shown(&name);
        let client = self.canonical_client(&client);
        Ok(FileRow { id, client, note, name, media, agrees, length, added, process, reached })
    }

    /// What a deleted file is called.
    pub(crate) fn deleted_file(&self, material: &Material) -> Option<String> {
        let item = described_file(material).filter(|_| material.is_deleted(None))?;
        Some(file_name::shown(&item.name))
    }
}

/// Bytes of a file that so many of its pieces are.
fn share(length: u64, here: usize, of: usize) -> u64 {
    let (here, of) = (u64::try_from(here).unwrap_or_default(), u64::try_from(of).unwrap_or(1).max(1));
    length.saturating_mul(here) / of
}
