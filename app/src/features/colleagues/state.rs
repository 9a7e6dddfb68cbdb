//! Colleagues, sealed records, and what is typed about one.

use crate::features::colleagues::values::{ColleagueRow, OwnCard, SealedRecord};

/// Colleagues and sealed records.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct ColleaguesState {
    /// One's own card.
    pub card: Option<OwnCard>,
    /// The colleagues.
    pub rows: Vec<ColleagueRow>,
    /// The sealed record being read.
    pub sealed: Option<SealedRecord>,
}

/// What is typed about one's own card and about a record that leaves.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct ColleaguesFields {
    /// The name on one's own card.
    pub owner: String,
    /// What is said about a record that is sealed.
    pub disclosure: DisclosureFields,
}

/// Why a record leaves, on what basis, and until when it may be kept.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct DisclosureFields {
    /// Why a record is sealed.
    pub purpose: String,
    /// On what basis.
    pub basis: String,
    /// Until when, as a date; may be empty.
    pub until: String,
}
