//! What is kept of notes beside their text, as plain values for the screens: signatures that wait, versions, the trash.

use jiff::civil::{Date, DateTime};
use subrosa_core::id::{ClientId, DeviceId, DocId, NoteId};

/// What *Sign* would sign.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Preview {
    /// The note.
    pub note: NoteId,
    /// The client's name.
    pub client: String,
    /// Day of the session.
    pub date: Date,
    /// Its length in minutes.
    pub minutes: Option<u32>,
    /// The note's length in words.
    pub words: u64,
}

/// A signature that can still be taken back.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Pending {
    /// The note.
    pub note: NoteId,
    /// Whose it is.
    pub client: ClientId,
    /// Day of the session.
    pub date: Date,
    /// For how long, in milliseconds from now.
    pub for_ms: u64,
}

/// One version of a note, and what it changed.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Version {
    /// How it came about, in words.
    pub what: &'static str,
    /// When it was finished, if that is known.
    pub at: Option<DateTime>,
    /// The device it was written on, if that is known.
    pub who: Option<String>,
    /// Words added and words removed.
    pub words: (u64, u64),
    /// What changed outside the text: its name, before, after.
    pub fields: Vec<(String, String, String)>,
    /// The text, with what changed.
    pub text: Vec<(Change, String)>,
    /// Of a signed version: what identifies its bytes for ever.
    pub fingerprint: Option<String>,
}

/// What became of a stretch of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum Change {
    /// It was there before.
    Kept,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
}

/// What is in the trash, and what other devices want to put there.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Trash {
    /// Last deleted first.
    pub rows: Vec<Trashed>,
    /// Deletions that wait for an answer.
    pub held: Vec<Held>,
    /// Private notes are among the rows: they are open.
    pub private: bool,
}

/// Something in the trash.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Trashed {
    /// Which.
    pub id: DocId,
    /// What it is, in words.
    pub kind: &'static str,
    /// A private note, or a file beside one.
    pub private: bool,
    /// The client's name.
    pub client: String,
    /// Day of the session, of a note.
    pub date: Option<Date>,
    /// How it begins.
    pub words: String,
    /// When it was deleted.
    pub at: DateTime,
    /// On which device.
    pub device: String,
    /// Days for which it is still here.
    pub days_left: u64,
    /// What went along with a client.
    pub along: u64,
}

/// Deletions by another device that wait for an answer.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Held {
    /// The device that deleted.
    pub device: DeviceId,
    /// What it is called.
    pub name: String,
    /// Clients.
    pub clients: u64,
    /// Notes.
    pub notes: u64,
    /// Anything else.
    pub others: u64,
}
