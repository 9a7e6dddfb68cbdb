//! What is said about an attached file (format §13).

use std::collections::BTreeSet;

use crate::blob::{Layout, PieceList};
use crate::catalog::FileEntry;
use crate::codec::{Malformed, Reader, Writer};
use crate::file_name;
use crate::id::{DocId, Hash, LogId, NoteId};
use crate::log::DocType;
use crate::rows::Stored;
use crate::secret::{FileRole, KEY_LEN, Key};
use crate::vault::Millis;
use crate::vault::items::home::DocumentOrigin;
use crate::vault::items::material::Material;

/// Bytes of a media type.
pub(crate) const MEDIA_MAX: usize = 128;
/// Where a note's id stands when there is none.
pub(crate) const NO_NOTE: DocId = DocId([0; 16]);

/// What kind 22 says under a client's key.
pub(crate) struct FileItem {
    pub(crate) origin: DocumentOrigin,
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
        self.origin.write(&mut writer);
        writer.bytes(&self.note.unwrap_or(NO_NOTE).0);
        writer.bytes(&self.blob.0).bytes(self.key.expose()).u64(self.length).u64(self.added);
        writer.lp(self.name.as_bytes()).lp(self.media.as_bytes());
        writer.finish()
    }

    pub(crate) fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        let item = Self {
            origin: DocumentOrigin::read(&mut reader)?,
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
        let is_whole =
            item.origin.kind == DocType::File && !item.name.is_empty() && is_type && Layout::of(item.length).is_some();
        if is_whole { Ok(item) } else { Err(Malformed) }
    }

    pub(crate) fn entry(&self, id: DocId) -> FileEntry {
        let Self { note, blob, length, added, .. } = *self;
        FileEntry { id, note, blob, name: self.name.clone(), media: self.media.clone(), length, added }
    }
}

/// What is said about a file; of several items, which only a device gone bad writes, every device takes the same.
pub(crate) fn described_file(material: &Material) -> Option<FileItem> {
    let mut payloads: Vec<&[u8]> = material.frozen.iter().map(|payload| payload.as_slice()).collect();
    payloads.sort_unstable();
    payloads.into_iter().find_map(|payload| FileItem::parse(payload).ok())
}

pub(crate) fn text(bytes: &[u8]) -> Result<String, Malformed> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| Malformed)
}

/// Blobs of which pieces shall come, by when their files were attached.
pub(crate) type WantedBlobs = BTreeSet<(u64, Hash)>;

/// All blobs, each with the number of an envelope in whose log its list stands: of several the smallest, whichever came first.
pub(crate) type NamedBlobs = BTreeSet<(Hash, (LogId, u64))>;

/// The blobs that a device says are not whole there; `None` when it says that it cannot name them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LackedBlobs(pub(crate) Option<BTreeSet<Hash>>);

/// What is known of a blob without any key.
pub(crate) struct Blob {
    /// The document whose file it is, as the list says.
    pub(crate) file: DocId,
    pub(crate) list: PieceList,
}

/// Which pieces of a blob are not here, one bit each.
#[derive(PartialEq, Eq)]
pub(crate) struct MissingPieces(Vec<u8>);

impl MissingPieces {
    pub(crate) fn all(pieces: usize) -> Self {
        let mut missing = Self(vec![0; pieces.div_ceil(8)]);
        (0..pieces).for_each(|number| missing.set(number, true));
        missing
    }

    pub(crate) fn has(&self, number: usize) -> bool {
        self.0.get(number / 8).is_some_and(|byte| byte & (1 << (number % 8)) != 0)
    }

    pub(crate) fn set(&mut self, number: usize, missing: bool) {
        if let Some(byte) = self.0.get_mut(number / 8) {
            let bit = 1 << (number % 8);
            *byte = if missing { *byte | bit } else { *byte & !bit };
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.0.iter().map(|byte| byte.count_ones() as usize).sum()
    }
}

impl Stored for Blob {
    fn to_row(&self) -> Vec<u8> {
        [self.file.0.as_slice(), &self.list.to_bytes()].concat()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        Ok(Self { file: DocId(reader.array()?), list: PieceList::parse(reader.rest())? })
    }
}

impl Stored for LackedBlobs {
    fn to_row(&self) -> Vec<u8> {
        let named = self.0.as_ref().map(|named| [&[1], named.to_row().as_slice()].concat());
        named.unwrap_or_else(|| vec![0])
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        match bytes.split_first() {
            Some((0, [])) => Ok(Self(None)),
            Some((1, named)) => Ok(Self(Some(BTreeSet::of_row(named)?))),
            _ => Err(Malformed),
        }
    }
}

impl Stored for MissingPieces {
    fn to_row(&self) -> Vec<u8> {
        self.0.clone()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        Ok(Self(bytes.to_vec()))
    }
}
