//! The trash, and what other devices want to put there.

use jiff::civil::{Date, DateTime};
use subrosa_core::id::{DeviceId, DocId};

/// What is in the trash, and what other devices want to put there.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Trash {
    /// Last deleted first.
    pub rows: Vec<Trashed>,
    /// Deletions that wait for an answer.
    pub mass_deletions: Vec<MassDeletion>,
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
pub struct MassDeletion {
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
