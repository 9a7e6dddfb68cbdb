//! What a roster says, in numbers, as a device reads it off by the roster's public methods.

use super::super::*;
use super::book::{Book, Id};
use super::everybody;
use super::laws;

/// What a roster says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct View {
    pub(super) live: Vec<u8>,
    /// Who was removed, by which entry, and whether that names the device.
    pub(super) removed: Vec<(u8, Id, bool)>,
    /// The entries that opened epochs and count, the current one last.
    pub(super) epochs: Vec<Id>,
    pub(super) authority: Id,
    pub(super) kit: Id,
    /// Cuts that count, and those that do not.
    pub(super) cuts: Vec<Id>,
    pub(super) void_cuts: Vec<Id>,
    pub(super) heads: Vec<Id>,
    pub(super) renew: Vec<u8>,
    /// Entries that were taken in, and those that wait.
    pub(super) taken: Vec<Id>,
    pub(super) waiting: Vec<Id>,
    /// What is not as it must be in what it says.
    pub(super) broken: Vec<&'static str>,
}

impl View {
    pub(super) fn of(book: &Book, roster: &Roster, hostile: u8) -> Self {
        let ids = |entries: &BTreeMap<Hash, Entry>| {
            let mut ids: Vec<Id> = entries.keys().map(|hash| book.id_of(hash)).collect();
            ids.sort_unstable();
            ids
        };
        let removed = roster.removed().map(|one| (book.number(&one.card.id), book.id_of(&one.entry), one.named));
        let cuts = |said: &dyn Fn(&LogId) -> Vec<Cut>| {
            let mut all: Vec<Id> =
                everybody().flat_map(|device| said(&book.log(device))).map(|cut| book.cut_with(&cut.head)).collect();
            all.sort_unstable();
            all
        };
        let mut view = Self {
            live: roster.live().iter().map(|card| book.number(&card.id)).collect(),
            removed: removed.collect(),
            epochs: roster.epochs().iter().map(|epoch| book.opener(epoch)).collect(),
            authority: book.authority_of(roster.authority()),
            kit: book.kit_of(roster),
            cuts: cuts(&|log| roster.cuts(log).copied().collect()),
            void_cuts: cuts(&|log| roster.void_cuts(log, EntryKind::Cut).copied().collect()),
            heads: roster.heads().iter().map(|hash| book.id_of(hash)).collect(),
            renew: roster.to_renew().iter().map(|card| book.number(&card.id)).collect(),
            taken: ids(&roster.entries),
            waiting: ids(&roster.orphans),
            broken: Vec::new(),
        };
        view.live.sort_unstable();
        if let Some(faulty) = book.faulty {
            faulty.misread(book, &mut view);
        }
        view.broken = laws::broken(book, &view, hostile);
        view
    }

    pub(super) fn epoch(&self) -> Id {
        *self.epochs.last().unwrap()
    }

    pub(super) fn stays(&self, device: u8) -> bool {
        self.live.contains(&device)
    }

    /// The removal that put this device out by its name.
    pub(super) fn named_by(&self, device: u8) -> Option<Id> {
        let mut named = self.removed.iter().filter(|(one, _, named)| *one == device && *named);
        named.next().map(|(_, removal, _)| *removal)
    }
}
