//! What is in a backup that was opened with the kit, as the screens show it: plain values, to look at and never part of the
//! practice.

use jiff::civil::DateTime;

use crate::event::{ClientRow, OpenNote, Timeline};

/// An opened backup.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Inside {
    /// When it was made.
    pub made: DateTime,
    /// Who is in it, in the order of the list.
    pub clients: Vec<ClientRow>,
    /// How many notes there are, private ones apart.
    pub notes: u64,
    /// The client that is looked at.
    pub page: Option<Timeline>,
    /// The note that is read.
    pub note: Option<OpenNote>,
}
