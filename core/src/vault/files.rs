//! Attached files: what is known of each without opening its content.
//!
//! A file is a document of its own (format §13), beside the note that it was attached to or beside none. One that lies
//! beside a process note is sealed under the client's process key, so the local key alone does not even give its name.

use std::io;

use crate::blob::Layout;
use crate::catalog::FileEntry;
use crate::codec::{Malformed, Reader, Writer};
use crate::file_kind;
use crate::file_name;
use crate::id::{ClientId, DocId, Hash, KeyId, NoteId};
use crate::log::{DocType, Kind};
use crate::secret::{FileRole, KEY_LEN, Key};
use crate::store::Table;
use crate::vault::append::Outgoing;
use crate::vault::clients::Material;
use crate::vault::index::{self, Entry, Work};
use crate::vault::{Millis, Vault, VaultError};

/// Bytes of a media type.
const MEDIA_MAX: usize = 128;
/// Where a note's id stands when there is none.
const NO_NOTE: DocId = DocId([0; 16]);

/// Why something could not be done with an attached file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The practice.
    #[error("{0}")]
    Vault(#[from] VaultError),
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

/// What kind 22 says under a client's key.
pub(crate) struct FileItem {
    pub(crate) client: ClientId,
    pub(crate) note: Option<NoteId>,
    pub(crate) blob: Hash,
    pub(crate) key: Key<FileRole>,
    pub(crate) length: u64,
    pub(crate) added: Millis,
    pub(crate) name: String,
    pub(crate) media: String,
}

impl FileItem {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(256 + self.name.len() + self.media.len());
        writer.u8(DocType::File.code()).bytes(&self.client.0).bytes(&self.note.unwrap_or(NO_NOTE).0);
        writer.bytes(&self.blob.0).bytes(self.key.expose()).u64(self.length).u64(self.added);
        writer.lp(self.name.as_bytes()).lp(self.media.as_bytes());
        writer.finish()
    }

    pub(crate) fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        if DocType::of(reader.u8()?) != DocType::File {
            return Err(Malformed);
        }
        let item = Self {
            client: DocId(reader.array()?),
            note: Some(DocId(reader.array()?)).filter(|note| *note != NO_NOTE),
            blob: Hash(reader.array()?),
            key: Key::from_slice(reader.bytes(KEY_LEN)?).ok_or(Malformed)?,
            length: reader.u64()?,
            added: reader.u64()?,
            name: text(reader.lp(file_name::KEPT_MAX)?)?,
            media: text(reader.lp(MEDIA_MAX)?)?,
        };
        reader.finish()?;
        let is_type = item.media.split_once('/').is_some() && item.media.bytes().all(|byte| byte.is_ascii_graphic());
        let is_whole = !item.name.is_empty() && is_type && Layout::of(item.length).is_some();
        if is_whole { Ok(item) } else { Err(Malformed) }
    }

    fn entry(&self, id: DocId) -> FileEntry {
        let Self { note, blob, length, added, .. } = *self;
        FileEntry { id, note, blob, name: self.name.clone(), media: self.media.clone(), length, added }
    }
}

impl Vault {
    /// The files of a client's record, newest first; those beside process notes left out.
    pub fn files(&self, client: &ClientId) -> Result<Vec<FileRow>, FileError> {
        self.client(client)?;
        let entries = self.whole_timeline(client)?.files;
        self.file_rows(entries.into_iter().map(|entry| (*client, entry)), false)
    }

    /// The files beside a client's process notes, newest first. Asks for the passphrase again.
    pub fn process_files(&self, client: &ClientId) -> Result<Vec<FileRow>, FileError> {
        if self.again.is_none() {
            return Err(VaultError::AskAgain.into());
        }
        let (mut entries, client) = (Vec::new(), self.home(client));
        for id in self.private_files()? {
            match self.file_item(&id) {
                Ok((item, _)) if self.home(&item.client) == client => entries.push((item.client, item.entry(id))),
                Ok(_) | Err(FileError::NoSuchFile | FileError::Vault(VaultError::KeyNotHere | VaultError::Damaged)) => {
                }
                Err(error) => return Err(error),
            }
        }
        self.file_rows(entries.into_iter(), true)
    }

    /// The files that were attached to a note, newest first.
    pub fn note_files(&self, note: &NoteId) -> Result<Vec<FileRow>, FileError> {
        let work = Work::default();
        let entry = self.note_entry(&work, note)?;
        let client = self.client_of(&work, &entry)?;
        let mut rows = match entry.kind {
            DocType::ProcessNote => self.process_files(&client)?,
            _ => self.files(&client)?,
        };
        rows.retain(|row| row.note == Some(*note));
        Ok(rows)
    }

    /// One file. Of one beside a process note, asks for the passphrase again.
    pub fn file(&self, id: &DocId) -> Result<FileRow, FileError> {
        let (item, process) = self.file_item(id)?;
        self.file_row(item.client, item.entry(*id), process)
    }

    /// What is said about a file, and whether it is kept apart from the record.
    pub(crate) fn file_item(&self, id: &DocId) -> Result<(FileItem, bool), FileError> {
        let work = Work::default();
        let entry = self.file_entry(&work, id)?;
        let material = self.material(&work, &entry)?;
        if material.is_deleted(None) {
            return Err(FileError::NoSuchFile);
        }
        let process = entry.client == NO_NOTE;
        let moved = if process { self.owner_of(&work, id, &entry)? } else { None };
        let item = described(&material, &moved.map_or(entry.client, |(client, _)| client));
        Ok((item.ok_or(FileError::NoSuchFile)?, process))
    }

    pub(crate) fn refresh_file(&mut self, work: &mut Work, id: DocId, entry: &Entry) -> Result<(), VaultError> {
        // What lies beside a process note stands in no list that the local key opens.
        if entry.client == NO_NOTE {
            return Ok(());
        }
        let material = self.material(work, entry)?;
        let listed = described(&material, &entry.client).map(|item| item.entry(id));
        let name = listed.as_ref().map(|listed| file_name::shown(&listed.name)).unwrap_or_default();
        let deleted = material.is_deleted(None);
        self.list_trashed(work, id, entry, deleted.then_some((None, name)))?;
        let listed = listed.filter(|_| !deleted);
        if let Some(listed) = &listed {
            self.want_if_missing(work, &listed.blob, listed.added)?;
        }
        let timeline = self.timeline_in(work, entry.client)?;
        timeline.remove(&id);
        timeline.files.extend(listed);
        work.clients.insert(entry.client);
        Ok(())
    }

    /// Files beside process notes, of all clients: whose they are, only their keys tell.
    pub(crate) fn private_files(&self) -> Result<Vec<DocId>, VaultError> {
        let row = self.rows.read(Table::Misc, b"process files")?;
        Ok(row.map(|row| index::ids(&row).collect()).unwrap_or_default())
    }

    pub(crate) fn list_private_file(&mut self, work: &mut Work, id: DocId) -> Result<(), VaultError> {
        let mut row = self.rows.read_through(&work.changes, Table::Misc, b"process files")?.unwrap_or_default();
        if !row.chunks_exact(16).any(|other| other == id.0) {
            row.extend_from_slice(&id.0);
            work.changes.put(Table::Misc, b"process files", row.to_vec());
        }
        Ok(())
    }

    /// The files of a note that is moved go with it, under the key of the client to whom it goes.
    pub(crate) fn move_files(
        &self,
        work: &Work,
        out: &mut Outgoing,
        note: &NoteId,
        (to, key): (ClientId, KeyId),
        now: Millis,
    ) -> Result<(), FileError> {
        for row in self.note_files(note)? {
            let entry = self.file_entry(work, &row.id)?;
            let (item, _) = self.file_item(&row.id)?;
            let says = self.move_of(work, &entry, to, item.client, now)?;
            out.push(Kind::Moved, row.id, key, says.to_bytes());
            out.push(Kind::File, row.id, key, FileItem { client: to, ..item }.to_bytes());
        }
        Ok(())
    }

    /// What a deleted file beside a process note is called, and whose it is.
    pub(crate) fn deleted_private_file(&self, material: &Material) -> Option<(ClientId, String)> {
        let item = described(material, &NO_NOTE).filter(|_| material.is_deleted(None))?;
        Some((item.client, file_name::shown(&item.name)))
    }

    fn file_entry(&self, work: &Work, id: &DocId) -> Result<Entry, FileError> {
        let entry = self.entry(work, id)?.filter(|entry| entry.kind == DocType::File);
        let entry = entry.ok_or(FileError::NoSuchFile)?;
        if entry.client == NO_NOTE && self.again.is_none() {
            return Err(VaultError::AskAgain.into());
        }
        Ok(entry)
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
        let reached = match self.pieces_here(&blob)? {
            None => Reached::NotYet,
            Some((here, of)) if here == of => Reached::Here,
            Some((here, of)) => Reached::Partly(share(length, here, of), length),
        };
        let agrees = length == 0 || file_kind::name_agrees(&name, &media);
        let name = file_name::shown(&name);
        let client = self.home(&client);
        Ok(FileRow { id, client, note, name, media, agrees, length, added, process, reached })
    }
}

/// What is said about a file: of several items, which a note that was moved leaves, the one for this client; of others,
/// which only a device gone bad writes, every device takes the same.
fn described(material: &Material, client: &ClientId) -> Option<FileItem> {
    let mut payloads: Vec<&[u8]> = material.frozen.iter().map(|payload| payload.as_slice()).collect();
    payloads.sort_unstable();
    let mut items: Vec<FileItem> = payloads.into_iter().filter_map(|payload| FileItem::parse(payload).ok()).collect();
    let own = items.iter().position(|item| item.client == *client).unwrap_or_default();
    (own < items.len()).then(|| items.swap_remove(own))
}

/// Whether two types are those between which an item that was not opened does not tell.
pub(crate) fn is_private_pair(one: DocType, other: DocType) -> bool {
    matches!((one, other), (DocType::ProcessNote, DocType::File) | (DocType::File, DocType::ProcessNote))
}

/// Whether an item of this kind, not opened, may be about a process note as well as about a file beside one.
pub(crate) fn tells_no_type(kind: Kind) -> bool {
    matches!(kind, Kind::Delete | Kind::Restore | Kind::Moved)
}

/// Bytes of a file that so many of its pieces are.
fn share(length: u64, here: usize, of: usize) -> u64 {
    let (here, of) = (u64::try_from(here).unwrap_or_default(), u64::try_from(of).unwrap_or(1).max(1));
    length.saturating_mul(here) / of
}

fn text(bytes: &[u8]) -> Result<String, Malformed> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| Malformed)
}
