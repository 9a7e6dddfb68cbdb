//! What must be true, said of numbers: who wrote what, what follows what, and what a roster says of it.
//!
//! This judges no entry. It takes what the roster says and looks whether that can be, by docs/format.md, section 4.

use super::book::{Book, Id, Saying};
use super::view::View;

/// A removal wins, and nothing that its devices say beside it counts.
pub(super) const REMOVAL: &str = "a removal wins";
/// A cut counts when, and only when, its author belongs to the practice.
pub(super) const CUT: &str = "only who stays says how far a removed device is used";

/// Whoever was let in before the hostile device removes it and all that it let in, whatever those date back.
pub(super) const ELDER: &str = "the hostile side overturns no removal of all of it by an elder device";

/// Whether neither follows the other.
fn beside(book: &Book, one: Id, other: Id) -> bool {
    one != other && !book.page(one).before.contains(&other) && !book.page(other).before.contains(&one)
}

fn author(book: &Book, entry: Id) -> u8 {
    book.page(entry).words.author
}

fn admits(book: &Book, entry: Id, who: u8) -> bool {
    match book.page(entry).words.saying {
        Saying::Genesis => who == 1,
        Saying::Admission { device } => device == who,
        _ => false,
    }
}

/// Whether a device is out if this removal counts: by name, or since every admission of it stands beside the removal.
fn puts_out(book: &Book, view: &View, removal: Id, device: u8) -> bool {
    let mut admissions = view.taken.iter().filter(|entry| admits(book, **entry, device));
    book.gone(removal).contains(&device) || admissions.all(|entry| beside(book, *entry, removal))
}

/// Whether a device may have been let in before another: by one of its admissions, which follows none of the other's.
fn may_be_elder(book: &Book, view: &View, one: u8, other: u8) -> bool {
    let of = |device| view.taken.iter().filter(move |entry| admits(book, **entry, device));
    of(one).any(|admission| !of(other).any(|before| book.page(*admission).before.contains(before)))
}

/// Whether an entry is void if this removal counts: its author is out then, and it is not before the removal.
fn voids(book: &Book, view: &View, removal: Id, entry: Id) -> bool {
    let knew = removal == entry || book.page(removal).before.contains(&entry);
    !knew && puts_out(book, view, removal, author(book, entry))
}

/// Whether one removal may keep another from counting: it makes that one void, and its author is not put out by it in turn, or is
/// the elder of the two; or they stand in a circle of which its author is the elder.
fn may_overturn(book: &Book, view: &View, winner: Id, loser: Id) -> bool {
    match voids(book, view, loser, winner) {
        true => may_be_elder(book, view, author(book, winner), author(book, loser)),
        false => voids(book, view, winner, loser),
    }
}

/// What a roster says though it must not.
pub(super) fn broken(book: &Book, view: &View, hostile: u8) -> Vec<&'static str> {
    let counting: Vec<Id> = view.epochs[1..].to_vec();
    let mut broken = Vec::new();
    let mut must = |law, holds: bool| {
        if !holds {
            broken.push(law)
        }
    };
    for removal in &counting {
        for entry in view.taken.iter().filter(|entry| voids(book, view, *removal, **entry)) {
            must(REMOVAL, !counting.contains(entry) && view.kit != *entry);
            must(CUT, !view.cuts.contains(entry));
        }
        must(REMOVAL, book.gone(*removal).iter().all(|device| !view.stays(*device)));
    }
    for device in &view.live {
        let mut admissions = view.taken.iter().filter(|entry| admits(book, **entry, *device));
        let stands = |entry: &Id| counting.iter().all(|removal| !beside(book, *entry, *removal));
        must(REMOVAL, admissions.any(stands));
    }
    // A removal does not count only because others that count make it void.
    for entry in view.taken.iter().filter(|entry| book.is_removal(**entry) && !counting.contains(entry)) {
        must(REMOVAL, counting.iter().any(|winner| may_overturn(book, view, *winner, *entry)));
    }
    // Nothing that the hostile side says takes effect against a removal of all of it by a device that was let in before it.
    let hostile_side = [hostile, super::HOSTILE_OWN];
    let by_elder = |entry: &&Id| {
        let puts_out = |device: &u8| puts_out(book, view, **entry, *device);
        author(book, **entry) < hostile && hostile_side.iter().all(puts_out)
    };
    for entry in view.taken.iter().filter(|entry| book.is_removal(**entry)).filter(by_elder) {
        let by_honest = |winner: &Id| !hostile_side.contains(&author(book, *winner));
        let overturned = |winner: &&Id| may_overturn(book, view, **winner, *entry);
        must(ELDER, counting.contains(entry) || counting.iter().filter(overturned).any(by_honest));
    }
    must(REMOVAL, view.authority == view.epoch());
    for entry in &view.taken {
        if let Saying::Cut { seq, .. } = book.page(*entry).words.saying {
            let (stays, counts) = (view.stays(author(book, *entry)), view.cuts.contains(entry));
            must(CUT, stays == counts && counts != view.void_cuts.contains(entry));
            must(CUT, hostile_side.iter().any(|device| view.stays(*device)) || !counts || seq == super::HONEST_SEQ);
        }
    }
    broken.sort_unstable();
    broken.dedup();
    broken
}

/// Whether a device that was named by a removal is back after one entry more, and no other removal made that one void.
pub(super) fn comes_back(book: &Book, then: &View, now: &View) -> bool {
    let back = now.live.iter().filter_map(|device| then.named_by(*device));
    let mut back = back.filter(|removal| {
        let overturned = now.epochs.iter().any(|winner| may_overturn(book, now, *winner, *removal));
        now.epochs.contains(removal) || !overturned
    });
    back.next().is_some()
}
