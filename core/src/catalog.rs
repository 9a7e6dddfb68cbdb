//! The sealed catalog: the client list and each client's timeline, ready to be shown without loading a document.
//!
//! It is derived: every row can be made again from the envelopes. Clients lie in 256 buckets by the first byte of their
//! id, timelines in one row a client. Process notes are never in it.

use std::fmt;
use std::io::{Read, Write};

use flate2::Compression;
use flate2::bufread::ZlibDecoder;
use flate2::write::ZlibEncoder;
use jiff::civil::{Date, Time};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::codec::Malformed;
use crate::id::{ClientId, DocId, Hash, NoteId};
use crate::record::NoteContent;
use crate::rows::Stored;

/// Characters of a note that a timeline shows.
const SNIPPET: usize = 160;

/// Bytes that a row of the catalog may inflate to.
const ROW_LIMIT: u64 = 64 << 20;

/// A client in the list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRow {
    /// The client's document.
    pub id: ClientId,
    /// The name as written.
    pub name: String,
    /// The id in the paper trail, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// `active`, `waiting`, `closed` or another word.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// Notes in the record, process notes left out.
    pub notes: u32,
    /// Notes not yet signed.
    pub unsigned: u32,
    /// Number of the last session, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<u32>,
    /// Day of the first note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Date>,
    /// Day of the last note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Date>,
}

/// What has become of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoteState {
    /// Being written.
    Unsigned,
    /// Frozen, with a device's signature.
    Signed,
    /// Frozen as it came from the paper trail.
    Imported,
}

/// A note in a timeline.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteRow {
    /// The note's document.
    pub id: NoteId,
    /// Day of the session.
    pub date: Date,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Time>,
    /// Length in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// `SOAP`, `DAP` …
    pub format: String,
    /// Number of the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<u32>,
    /// Unsigned, signed or imported.
    pub state: NoteState,
    /// When it was signed, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_at: Option<u64>,
    /// Signed addenda.
    #[serde(default)]
    pub addenda: u32,
    /// The note that this one adds to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addendum_to: Option<NoteId>,
    /// Something was written elsewhere while it was signed, and waits as an unsigned addendum.
    #[serde(default)]
    pub late: bool,
    /// A signed addendum says that it was entered in error.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub entered_in_error: bool,
    /// How it begins.
    pub snippet: String,
}

/// A file in a timeline.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileEntry {
    pub(crate) id: DocId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<NoteId>,
    /// The name of its pieces taken together.
    pub(crate) blob: Hash,
    pub(crate) name: String,
    pub(crate) media: String,
    pub(crate) length: u64,
    pub(crate) added: u64,
}

/// All notes and measures of one client.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// Notes, newest first.
    pub notes: Vec<NoteRow>,
    /// Documents that hold measures.
    pub measures: Vec<DocId>,
    /// Documents that hold disclosures.
    #[serde(default)]
    pub disclosures: Vec<DocId>,
    /// Attached files, by their ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) files: Vec<FileEntry>,
}

impl Timeline {
    /// Puts a row in its place, or replaces the one of the same note.
    pub(crate) fn set(&mut self, row: NoteRow) {
        self.remove(&row.id);
        let key = |row: &NoteRow| (row.date, row.start, row.session, row.id);
        let at = self.notes.partition_point(|other| key(other) > key(&row));
        self.notes.insert(at, row);
    }

    /// Whether nothing was written about the client, measured, attached or handed out.
    pub(crate) fn is_empty(&self) -> bool {
        self.notes.is_empty() && self.measures.is_empty() && self.disclosures.is_empty() && self.files.is_empty()
    }

    /// Everything of another record of the same person.
    pub(crate) fn take(&mut self, other: Self) {
        other.notes.into_iter().for_each(|row| self.set(row));
        self.measures.extend(other.measures);
        self.disclosures.extend(other.disclosures);
        self.files.extend(other.files);
    }

    /// Everything that is in it.
    pub(crate) fn documents(&self) -> impl Iterator<Item = DocId> {
        let notes = self.notes.iter().map(|row| row.id);
        let others = self.measures.iter().chain(&self.disclosures).copied();
        notes.chain(others).chain(self.files.iter().map(|file| file.id))
    }

    pub(crate) fn remove(&mut self, id: &DocId) {
        self.notes.retain(|row| row.id != *id);
        self.files.retain(|file| file.id != *id);
    }

    /// Brings the counts of a client's row up to this timeline.
    pub(crate) fn count_into(&self, row: &mut ClientRow) {
        row.notes = u32::try_from(self.notes.len()).unwrap_or(u32::MAX);
        let unsigned = self.notes.iter().filter(|note| note.state == NoteState::Unsigned || note.late).count();
        row.unsigned = u32::try_from(unsigned).unwrap_or(u32::MAX);
        row.session = self.notes.iter().find_map(|note| note.session);
        row.first = self.notes.last().map(|note| note.date);
        row.last = self.notes.first().map(|note| note.date);
    }
}

/// How a note begins, on one line, without headings.
pub(crate) fn snippet(content: &NoteContent) -> String {
    let mut line = String::new();
    let words = content.text.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(str::split_whitespace);
    let mut room = SNIPPET;
    for word in words {
        let length = word.chars().count() + 1;
        if length > room {
            line.push('…');
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        room -= length;
    }
    line
}

/// A value of the catalog as its row holds it: JSON, compressed.
pub(crate) struct Catalogued<T>(pub(crate) T);

impl<T: Serialize + DeserializeOwned> Stored for Catalogued<T> {
    fn to_row(&self) -> Vec<u8> {
        compressed(&self.0)
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut json = zeroize::Zeroizing::new(Vec::new());
        ZlibDecoder::new(bytes).take(ROW_LIMIT).read_to_end(&mut json).map_err(|_| Malformed)?;
        serde_json::from_slice(&json).map(Self).map_err(|_| Malformed)
    }
}

#[expect(clippy::expect_used, reason = "these values have string keys alone, and writing into memory does not fail")]
fn compressed(value: &impl Serialize) -> Vec<u8> {
    let json = serde_json::to_vec(value).expect("a value of the catalog is JSON");
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&json).expect("memory takes every byte");
    encoder.finish().expect("memory takes every byte")
}

macro_rules! prints_its_name_alone {
    ($($row:ident)*) => {$(
        impl fmt::Debug for $row {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($row))
            }
        }
    )*};
}

prints_its_name_alone!(ClientRow NoteRow FileEntry Timeline);
