//! What a transaction sends out, before it has a place in the log.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use crate::id::{DocId, EpochId};
use crate::log::{Class, DocType, Item, Kind};
use crate::vault::items::home::{DocumentOrigin, Under};

/// What a transaction sends out.
pub(crate) struct Outbox {
    pub(crate) class: Class,
    /// The epoch under which it is sealed, when that is not the one in which this device writes.
    pub(crate) epoch: Option<EpochId>,
    /// Roster entries and keyring parts: they come first, so that no item leaves before its key.
    pub(crate) keyring: Vec<Item>,
    /// Own keyring parts that must be published again.
    pub(crate) parts: BTreeSet<DocId>,
    pub(crate) items: Vec<NewItem>,
    /// Changes of private notes, sealed when they were written: they leave while nobody may open them.
    pub(crate) sealed: Vec<Item>,
}

/// An item before it has a place.
pub(crate) struct NewItem {
    pub(crate) kind: Kind,
    pub(crate) document: DocId,
    pub(crate) under: Under,
    pub(crate) payload: Zeroizing<Vec<u8>>,
}

impl Outbox {
    /// An empty one for what is written day by day.
    pub(crate) fn everyday() -> Self {
        Self::new(Class::Everyday)
    }

    /// An empty one.
    pub(crate) fn new(class: Class) -> Self {
        Self { class, epoch: None, keyring: Vec::new(), parts: BTreeSet::new(), items: Vec::new(), sealed: Vec::new() }
    }

    pub(crate) fn push(&mut self, kind: Kind, document: DocId, under: Under, payload: Vec<u8>) {
        self.items.push(NewItem { kind, document, under, payload: Zeroizing::new(payload) });
    }
}

impl NewItem {
    /// Whether it is of a draft, which goes once its note is signed (format §3, *closed*).
    pub(crate) fn is_of_draft(&self) -> bool {
        let of_note = |origin: DocumentOrigin| matches!(origin.kind, DocType::Note | DocType::ProcessNote);
        self.kind == Kind::Changes && DocumentOrigin::of(&self.payload).is_ok_and(of_note)
    }
}
