//! Judges with a planted fault, so that the model is known to find one. They stand around the product's own judge, in this
//! model alone.

use super::super::*;
use super::book::{Book, Id, Saying};
use super::view::View;

/// What is wrong with a judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Faulty {
    /// Of two removals that did not know of each other it takes the one that came first.
    TakesTheFirstRemoval,
    /// What comes before its parents is forgotten.
    ForgetsWhatWaits,
    /// An admission that stands beside a removal lets its device in all the same, the removed one too.
    TakesVoidAdmissions,
    /// An admission is taken in whosever name, signed by the authority alone.
    TakesAnyAuthor,
    /// A removal by a device that is out counts.
    TakesVoidRemovals,
    /// What a device that is out says of another's logs counts.
    TakesVoidCuts,
    /// A device that lacks the epoch in force does not say so.
    LacksInSilence,
    /// The keys in force count as renewed, though two removals did not know of each other.
    RenewsNothing,
}

impl Faulty {
    /// Whether this judge does not even look at an entry.
    pub(super) fn is_deaf_to(self, roster: &Roster, entry: &Entry) -> bool {
        let before = order::ancestors(&roster.entries, &entry.parents).unwrap_or_default();
        let mut others =
            roster.entries.iter().filter(|(hash, other)| other.kind == entry.kind && !before.contains_key(hash));
        self == Self::TakesTheFirstRemoval && entry.kind == EntryKind::Removal && others.next().is_some()
    }

    /// Changes what a roster says into what this judge says.
    pub(super) fn misread(self, book: &Book, view: &mut View) {
        match self {
            Self::TakesVoidAdmissions => {
                let is_let_in = |device: u8, removal: Id| {
                    let mut admissions = view.taken.iter().filter(|entry| {
                        book.page(**entry).words.saying == Saying::Admission { device }
                            && !book.page(removal).before.contains(entry)
                    });
                    admissions.next().is_some()
                };
                let (back, out): (Vec<_>, Vec<_>) =
                    view.removed.iter().copied().partition(|(device, removal, _)| is_let_in(*device, *removal));
                view.live.extend(back.into_iter().map(|(device, ..)| device));
                view.removed = out;
            }
            Self::TakesVoidRemovals => {
                let void = view.taken.iter().find(|entry| book.is_removal(**entry) && !view.epochs.contains(entry));
                if let Some(removal) = void.copied() {
                    view.epochs.push(removal);
                    view.authority = removal;
                    view.live.retain(|device| !book.gone(removal).contains(device));
                }
            }
            Self::TakesVoidCuts => view.cuts.append(&mut view.void_cuts),
            Self::RenewsNothing => view.renew.clear(),
            Self::TakesTheFirstRemoval | Self::ForgetsWhatWaits | Self::TakesAnyAuthor | Self::LacksInSilence => {}
        }
    }
}
