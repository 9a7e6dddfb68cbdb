//! Who belongs to the practice, by the entries that are there: a function of the set, never of the order of arrival.
//!
//! A removal is final, and wins over every admission that did not know of it and that it did not know of: it hands that device
//! no secrets, and the admission handed it those that end with the removal. An entry by a removed device that is not an
//! ancestor of its removal is void. Of two devices that remove each other, the one admitted earlier stays. Of the
//! recovery kits the last counts.

use std::collections::{BTreeMap, BTreeSet};

use subrosa_base::id::{DeviceId, Hash};

use super::card::DeviceCard;
use super::entry::{Cut, Entry, EntryKind, MAX_DEVICES};
use super::order::{Entries, canonical};
use super::recovery::Kits;
use crate::sign::PublicKey;

/// A device that no longer belongs to the practice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// What it was known by.
    pub card: DeviceCard,
    /// The device on which it was removed.
    pub by: DeviceId,
    /// When, by that device's clock.
    pub at: u64,
    /// The entry that removed it.
    pub entry: Hash,
    /// Whether that entry names it; else it was let in at the same time as another was removed, and went with that one.
    pub named: bool,
}

/// What a set of entries says.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) devices: BTreeMap<DeviceId, DeviceCard>,
    /// The admission by which each device belongs to the practice, or did.
    pub(super) admitted: BTreeMap<DeviceId, Hash>,
    pub(super) removed: BTreeMap<DeviceId, Removed>,
    pub(super) authority: PublicKey,
    /// The entry that opened the current epoch.
    pub(super) opened: Hash,
    /// The entry from whose epoch's secret the keys of the contact card follow.
    pub(super) contact: Hash,
    /// The entry that put the recovery kit in force.
    pub(super) kit: Hash,
    /// Whom one more removal must name, since others than the devices of the practice were handed the current epoch's
    /// secret, mostly with the authority's key: so it is after two removals that did not know of each other.
    pub(super) to_renew: Vec<DeviceCard>,
    pub(super) cuts: Vec<(Cut, EntryKind)>,
    /// What devices said of logs that were put out later themselves.
    pub(super) void_cuts: Vec<(Cut, EntryKind)>,
    /// The removals that count, in canonical order, each with the devices that are known to have heard of it.
    pub(super) removals: Vec<(Hash, BTreeSet<DeviceId>)>,
}

/// A removal among the others.
struct Removal<'a> {
    hash: Hash,
    entry: &'a Entry,
    before: BTreeSet<Hash>,
    after: BTreeSet<Hash>,
    /// The devices that are not of the practice if it counts.
    out: BTreeSet<DeviceId>,
    /// The place of its author in the order of admission.
    rank: usize,
}

impl Removal<'_> {
    fn is_related_to(&self, entry: &Hash) -> bool {
        self.hash == *entry || self.before.contains(entry) || self.after.contains(entry)
    }

    /// Whether an entry of this author is void if this removal counts.
    fn voids(&self, hash: &Hash, author: &DeviceId) -> bool {
        self.out.contains(author) && !self.before.contains(hash)
    }

    /// Whether the other does not count if this one does. Of two that remove each other's authors the earlier admitted wins.
    fn beats(&self, other: &Self) -> bool {
        self.voids(&other.hash, &other.entry.author)
            && !(other.voids(&self.hash, &self.entry.author) && other.rank < self.rank)
    }

    /// The devices that have the secrets which it handed over.
    fn given(&self, ordered: &[(Hash, &Entry)]) -> BTreeSet<DeviceId> {
        let later = ordered.iter().filter(|(hash, entry)| entry.is_admission() && self.after.contains(hash));
        let mut given = self.entry.stay();
        given.extend(later.flat_map(|(_, entry)| &entry.devices).map(|card| card.id));
        given
    }

    /// The devices that have said something since, or came since.
    fn heard(&self, ordered: &[(Hash, &Entry)]) -> BTreeSet<DeviceId> {
        let later = ordered.iter().filter(|(hash, _)| self.after.contains(hash));
        let mut heard = BTreeSet::from([self.entry.author]);
        for (_, entry) in later {
            heard.insert(entry.author);
            heard.extend(entry.devices.iter().filter(|_| entry.is_admission()).map(|card| card.id));
        }
        heard
    }
}

impl Entry {
    /// Whether it says what its author uses of another device's logs.
    pub(super) fn is_cut(&self) -> bool {
        matches!(self.kind, EntryKind::Cut | EntryKind::Kept | EntryKind::Branches)
    }

    /// Whether the device that it names as its author signed it, and it changes who belongs to the practice or which kit is in force.
    pub(super) fn is_its_authors(&self) -> bool {
        !self.is_cut() && !matches!(self.kind, EntryKind::Unknown(_))
    }

    pub(super) fn is_admission(&self) -> bool {
        matches!(self.kind, EntryKind::Genesis | EntryKind::Admission)
    }
}

/// What these entries say. The set holds the parents of all it holds, and each was accepted after its ancestors.
pub(super) fn standing(entries: &impl Entries) -> Standing {
    let ordered = canonical(entries);
    let all = removals(&ordered);
    let counting = counting(&all);
    let mut now = Standing {
        devices: BTreeMap::new(),
        admitted: BTreeMap::new(),
        removed: BTreeMap::new(),
        authority: PublicKey([0; 32]),
        opened: Hash([0; Hash::LEN]),
        contact: Hash([0; Hash::LEN]),
        kit: Hash([0; Hash::LEN]),
        to_renew: Vec::new(),
        cuts: Vec::new(),
        void_cuts: Vec::new(),
        removals: Vec::new(),
    };
    let (mut along, mut kits) = (BTreeMap::new(), Kits::default());
    for (at, (hash, entry)) in ordered.iter().enumerate() {
        match entry.kind {
            EntryKind::Genesis | EntryKind::Admission => {
                match counting.iter().find(|removal| !removal.is_related_to(hash)) {
                    None => now.admit(*hash, entry),
                    Some(removal) => along.extend(entry.devices.iter().map(|card| (card.id, (card, removal)))),
                }
                if let (EntryKind::Genesis, Some(authority)) = (entry.kind, entry.authority) {
                    (now.authority, now.opened, now.contact) = (authority, *hash, *hash);
                    kits.add(*hash, entry, BTreeSet::new());
                }
            }
            EntryKind::Recovery => {
                if !counting.iter().any(|removal| removal.voids(hash, &entry.author)) {
                    kits.add(*hash, entry, before(&ordered, at));
                }
            }
            EntryKind::Removal => {
                if let Some(removal) = counting.iter().find(|removal| removal.hash == *hash) {
                    now.remove(removal);
                    now.removals.push((*hash, removal.heard(&ordered)));
                }
            }
            EntryKind::Cut | EntryKind::Kept | EntryKind::Branches => {
                let is_void = counting.iter().any(|removal| removal.voids(hash, &entry.author));
                let into = if is_void { &mut now.void_cuts } else { &mut now.cuts };
                into.extend(entry.cuts.iter().map(|cut| (*cut, entry.kind)));
            }
            EntryKind::Unknown(_) => {}
        }
    }
    if let Some(kit) = kits.in_force() {
        now.kit = kit;
    }
    for (id, (card, removal)) in along {
        if !now.devices.contains_key(&id) {
            now.removed.entry(id).or_insert_with(|| removed(card, removal, false));
        }
    }
    if let Some(opened) = counting.iter().find(|removal| removal.hash == now.opened) {
        now.renew(opened, &opened.given(&ordered), may_have_been_void(opened, &all, &counting));
    }
    now
}

impl Standing {
    /// The card of a device that belongs to the practice, or did.
    pub(super) fn card(&self, id: &DeviceId) -> Option<&DeviceCard> {
        self.devices.get(id).or_else(|| self.removed.get(id).map(|removed| &removed.card))
    }

    fn admit(&mut self, hash: Hash, entry: &Entry) {
        for card in &entry.devices {
            if self.devices.len() < MAX_DEVICES && !self.removed.contains_key(&card.id) {
                self.devices.entry(card.id).or_insert_with(|| card.clone());
                self.admitted.entry(card.id).or_insert(hash);
            }
        }
    }

    /// Finds out whether the secrets that these devices were given are those of the practice's devices alone. Whoever lacks them
    /// says so, and is handed them; where their removal was held to be void, so were those whom it puts out.
    fn renew(&mut self, opened: &Removal<'_>, given: &BTreeSet<DeviceId>, was_void: bool) {
        let may_hold = |one: &&Removed| was_void && !opened.before.contains(&one.entry);
        let hold = self.removed.values().filter(|one| given.contains(&one.card.id) || may_hold(one));
        self.to_renew = hold.take(MAX_DEVICES).map(|one| one.card.clone()).collect();
    }

    fn remove(&mut self, removal: &Removal<'_>) {
        for card in &removal.entry.devices {
            self.devices.remove(&card.id);
            self.removed.entry(card.id).or_insert_with(|| removed(card, removal, true));
        }
        if let Some(authority) = removal.entry.authority {
            (self.authority, self.opened) = (authority, removal.hash);
        }
        if !removal.entry.keeps_card {
            self.contact = removal.hash;
        }
    }
}

fn removed(card: &DeviceCard, removal: &Removal<'_>, named: bool) -> Removed {
    Removed { card: card.clone(), by: removal.entry.author, at: removal.entry.time, entry: removal.hash, named }
}

/// Every removal, in canonical order, with what it knew and what knew it.
fn removals<'a>(ordered: &[(Hash, &'a Entry)]) -> Vec<Removal<'a>> {
    let admissions: Vec<(Hash, DeviceId)> = ordered
        .iter()
        .filter(|(_, entry)| entry.is_admission())
        .filter_map(|(hash, entry)| Some((*hash, entry.devices.first()?.id)))
        .collect();
    let removals = ordered.iter().enumerate().filter(|(_, (_, entry))| entry.kind == EntryKind::Removal);
    removals
        .map(|(at, (hash, entry))| {
            let before = before(ordered, at);
            let mut after = BTreeSet::from([*hash]);
            for (hash, entry) in ordered.iter().skip(at) {
                if entry.parents.iter().any(|parent| after.contains(parent)) {
                    after.insert(*hash);
                }
            }
            after.remove(hash);
            let rank = admissions.iter().position(|(_, id)| *id == entry.author).unwrap_or(usize::MAX);
            let mut removal = Removal { hash: *hash, entry, before, after, out: BTreeSet::new(), rank };
            removal.out = out(&removal, &admissions);
            removal
        })
        .collect()
}

/// All that the entry at this place follows.
fn before(ordered: &[(Hash, &Entry)], at: usize) -> BTreeSet<Hash> {
    let mut before = BTreeSet::new();
    for (place, (hash, entry)) in ordered.iter().enumerate().take(at + 1).rev() {
        if place == at || before.contains(hash) {
            before.extend(entry.parents.iter().copied());
        }
    }
    before
}

/// The devices that do not belong to the practice if this removal counts.
fn out(removal: &Removal<'_>, admissions: &[(Hash, DeviceId)]) -> BTreeSet<DeviceId> {
    let related = admissions.iter().filter(|(hash, _)| removal.is_related_to(hash));
    let related: BTreeSet<DeviceId> = related.map(|(_, id)| *id).collect();
    let ids = admissions.iter().map(|(_, id)| *id);
    ids.filter(|id| removal.entry.removes(id) || !related.contains(id)).collect()
}

/// Whether a removal that counts is void by what some may have heard first: there is one beside it that beats it, and nothing that
/// it follows makes that one void. So it is where three remove each other in a circle.
fn may_have_been_void(removal: &Removal<'_>, all: &[Removal<'_>], counting: &[&Removal<'_>]) -> bool {
    let known = || counting.iter().filter(|one| removal.before.contains(&one.hash));
    let mut beside = all.iter().filter(|other| !removal.is_related_to(&other.hash) && other.beats(removal));
    beside.any(|other| !known().any(|one| one.voids(&other.hash, &other.entry.author)))
}

/// Those that count: no other that counts makes them void. Where each of some is made void by another, the one whose
/// author was admitted earliest counts first.
fn counting<'r, 'a>(all: &'r [Removal<'a>]) -> Vec<&'r Removal<'a>> {
    let mut open: Vec<&Removal<'a>> = all.iter().collect();
    let mut counting: Vec<&Removal<'a>> = Vec::new();
    while !open.is_empty() {
        let unbeaten = open.iter().position(|one| !open.iter().any(|other| other.beats(one)));
        let eldest = || open.iter().enumerate().min_by_key(|(at, one)| (one.rank, *at)).map(|(at, _)| at);
        let Some(at) = unbeaten.or_else(eldest) else { break };
        let chosen = open.remove(at);
        open.retain(|other| !chosen.beats(other) && !other.beats(chosen));
        counting.push(chosen);
    }
    counting
}
