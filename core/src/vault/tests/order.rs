//! Whatever the order in which a set of envelopes comes, and in whatever batches, the same rows follow from it (format §0, law 2).
//!
//! Histories are random: three devices that do sixty things and meet now and then. What they wrote is taken in by copies of one
//! device, each in an order of its own, and their rows are compared byte for byte, but for those that the format lists as
//! local. The listener acknowledges nothing, so that no draft is let go: what a device lets go it decides by its own look, at one
//! moment, and that is of it alone. A history that fails prints its seed; the long run takes a range of them: `SUBROSA_FROM=7 SUBROSA_TO=8` is one alone.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use subrosa_testkit::dice::Dice;

use super::files::{attach, scan};
use super::*;
use crate::card::ContactCard;
use crate::id::NoteId;
use crate::kem::WrapPublic;
use crate::secret::{CardSigningRole, CardWrapRole, DeviceSigningRole, Key};
use crate::sign::Signer;
use crate::store::{RowKey, Table};
use crate::vault::registry::*;
use crate::vault::{LockedVault, MassDelete, NewFile};

const ACTS: usize = 60;
/// Orders in which each history is taken in, besides the reversed one and the one that brings every body alone.
const ORDERS: usize = 20;
const TABLES: [Table; 7] =
    [Table::Headers, Table::Bodies, Table::Index, Table::Catalog, Table::Pending, Table::Keys, Table::Misc];

/// Three devices at work, a fourth that only listens, and what they made.
struct History {
    dice: Dice,
    devices: Vec<Vault>,
    names: Vec<&'static str>,
    clients: Vec<ClientId>,
    notes: Vec<NoteId>,
    removed: bool,
    now: u64,
}

/// The device that listens, as it was when everybody was let in.
struct Listener {
    image: Vec<u8>,
}

impl Listener {
    /// A copy of it that takes in and says nothing: what it would say depends on what it has heard by then.
    fn open(&self) -> Vault {
        let store = Box::new(RedbStore::over(Medium::holding(self.image.clone())).unwrap());
        let locked = LockedVault::open(store, None, Policy::Tests, Box::new(Dice::new(1))).unwrap();
        let mut vault = locked.unlock(&passphrase("Listener"), NOW).map_err(|still| still.error).unwrap();
        vault.core.signer = Signer::new(&Key::<DeviceSigningRole>::take(&mut [9; 32]));
        vault
    }
}

/// What may be refused: a note that is signed already, a client who is in the trash, a log beyond its cut.
fn tried<T, E>(_: Result<T, E>) {}

/// What the three wrote: each log's headers, and every body.
struct Written {
    runs: Vec<(crate::id::LogId, Vec<Vec<u8>>)>,
    /// Bodies that say who belongs to the practice. They are heard first, as devices do it: what a removed device wrote and was
    /// used before that is said in a cut of one's own, and a listener says none.
    roster: Vec<(Hash, Vec<u8>)>,
    bodies: Vec<(Hash, Vec<u8>)>,
}

fn begun(seed: u64) -> (History, Listener) {
    let mut dice = Dice::new(seed);
    let mut office =
        Vault::create(store(), &new(&passphrase("office"), "Office"), Box::new(dice.other())).unwrap().vault;
    let medium = Medium::default();
    let pass = passphrase("Listener");
    let joining = JoiningDevice::new(&new(&pass, "Listener"), &mut Os);
    let mut home = second(&mut office, "Home");
    let mut laptop = second(&mut office, "Laptop");
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    let welcome = office.devices_mut().admit(&joining.introduction(), usize::MAX, NOW).unwrap();
    let over = Box::new(RedbStore::over(medium.clone()).unwrap());
    let mut listener = joining.join(&welcome, over, &new(&pass, "Listener"), Box::new(dice.other())).unwrap();
    for vault in [&mut home, &mut laptop, &mut listener] {
        meet(&mut office, vault);
    }
    [&mut home, &mut laptop, &mut listener].into_iter().for_each(|vault| meet(&mut office, vault));
    drop(listener.lock().unwrap());
    let devices = vec![office, home, laptop];
    let names = vec!["office", "Home", "Laptop"];
    let history = History { dice, devices, names, clients: Vec::new(), notes: Vec::new(), removed: false, now: NOW };
    (history, Listener { image: medium.image() })
}

impl History {
    fn text(&mut self) -> NoteContent {
        note(&format!("Said {} things.", self.dice.roll(1_000)))
    }

    /// One thing that a device does; what it may not do it does not.
    fn act(&mut self) {
        self.now += 60_000;
        let (at, now) = (self.dice.roll(self.devices.len()), self.now);
        let words = passphrase(self.names[at]);
        self.devices[at].reauthenticate(&words, now).unwrap();
        let (what, content) = (self.dice.roll(19), self.text());
        let client = self.dice.pick(&self.clients).copied();
        let id = self.dice.pick(&self.notes).copied();
        let number = u8::try_from(self.dice.roll(200)).unwrap();
        let other = self.dice.roll(self.devices.len());
        let process = self.dice.happens(30);
        let vault = &mut self.devices[at];
        match (what, client, id) {
            (0..=1, ..) | (_, None, _) => {
                self.clients.push(vault.clients_mut().add_client(&identity(&format!("Client {number}")), now).unwrap());
            }
            (2..=4, Some(client), _) | (_, Some(client), None) => {
                self.notes.extend(vault.notes_mut().add_note(&client, &content, process, now));
            }
            (5..=7, _, Some(id)) => tried(vault.notes_mut().save_note(&id, &content, now)),
            (8, _, Some(id)) => tried(vault.notes_mut().sign(&id, now)),
            (9, _, Some(id)) => match number % 3 {
                0 => tried(vault.notes_mut().sign_late(&id, now)),
                1 => tried(vault.notes_mut().add_addendum(&id, content, now)),
                _ => tried(vault.notes_mut().mark_entered_in_error(&id, None, content, now)),
            },
            (10, Some(to), Some(id)) => tried(vault.notes_mut().move_note(&id, &to, "Elsewhere.", now)),
            (11, _, Some(id)) => tried(vault.trash_mut().delete(&[id], MassDelete::Refuse, now)),
            (12, Some(client), Some(id)) => {
                tried(vault.trash_mut().undelete(if process { &client } else { &id }));
                tried(vault.trash_mut().undelete(&id));
            }
            (13, Some(client), _) if number % 3 == 0 => {
                tried(vault.trash_mut().delete(&[client], MassDelete::Refuse, now));
            }
            (13, Some(client), Some(id)) => {
                let file = NewFile { note: Some(id).filter(|_| process), ..scan(client) };
                tried(attach(vault, &file, &vec![number; 3_000]));
            }
            (14, Some(client), _) => {
                let into = self.dice.pick(&self.clients).copied().unwrap();
                let vault = &mut self.devices[at];
                match process {
                    true => tried(vault.clients_mut().unmerge_client(&client, now)),
                    false => tried(vault.clients_mut().merge_clients(&client, &into, now)),
                }
            }
            (15, Some(client), _) => {
                if let Ok(shown) = vault.clients().identity(&client) {
                    let wanted = Identity { phone: number.to_string(), ..shown.clone() };
                    vault.clients_mut().edit_client(&client, &shown, &wanted, now).unwrap();
                }
            }
            (16, ..) => {
                let signing = Signer::new(&Key::<CardSigningRole>::take(&mut [number % 8; 32]));
                let recipient = WrapPublic::of(&Key::<CardWrapRole>::take(&mut [7; 32]));
                let card = ContactCard::make("Dr B", recipient, &signing, date(2026, 11, 20)).unwrap();
                let known = vault.exchange_mut().add_colleague(card.as_bytes(), CARDS_READ);
                if let (true, Ok(known)) = (process, known) {
                    tried(vault.exchange_mut().remove_colleague(&known, CARDS_READ));
                }
            }
            // One at most: what several at once make of each other is a matter of the roster's own tests.
            (17, ..) if other != at && !self.removed && number < 60 => {
                let id = self.devices[other].device();
                self.removed = self.devices[at].devices_mut().remove_device(&id, &words, now).is_ok();
            }
            _ => tried(vault.notes_mut().flush()),
        }
        if self.dice.happens(35) {
            self.meeting(at, other);
        }
    }

    fn meeting(&mut self, at: usize, other: usize) {
        if at == other {
            return;
        }
        let (first, last) = (at.min(other), at.max(other));
        let (head, tail) = self.devices.split_at_mut(last);
        let (a, b) = (&mut head[first], &mut tail[0]);
        a.notes_mut().flush().unwrap();
        b.notes_mut().flush().unwrap();
        for _ in 0..2 {
            exchange(a, b);
            exchange(b, a);
        }
        let held = [pruning::holds(a), pruning::holds(b)];
        let (of_a, of_b) = (a.device(), b.device());
        b.log_mut().acknowledged_all(&of_a, &held[0], NOW).unwrap();
        a.log_mut().acknowledged_all(&of_b, &held[1], NOW).unwrap();
        for vault in [a, b] {
            crate::vault::commit::prune_drafts(&mut vault.core);
        }
    }

    /// All that is on any of the devices.
    fn written(&mut self) -> Written {
        let (mut runs, mut bodies, mut roster) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for vault in &mut self.devices {
            vault.notes_mut().flush().unwrap();
            for end in vault.log().log_ends().unwrap() {
                let run = vault.log().headers(&end.log, 0, &end.head, usize::MAX).unwrap();
                for name in vault.log().branch_names(&end.log, 0, &end.head).unwrap() {
                    let items = vault.core.read().ledger().items_of(&name).unwrap().unwrap_or_default();
                    let of_roster = items.iter().any(|item| item.kind == crate::log::Kind::Roster);
                    let into = if of_roster { &mut roster } else { &mut bodies };
                    into.extend(vault.log().envelope_body(&name).unwrap().map(|body| (name, body)));
                }
                let known: &mut Vec<Vec<u8>> = runs.entry(end.log).or_default();
                if run.len() > known.len() {
                    *known = run;
                }
            }
        }
        bodies.retain(|name, _| !roster.contains_key(name));
        let [roster, bodies] = [roster, bodies].map(|bodies| bodies.into_iter().collect());
        Written { runs: runs.into_iter().collect(), roster, bodies }
    }
}

/// What one device hands to another: of one that was removed nothing is taken that it may not say.
fn exchange(from: &Vault, to: &mut Vault) {
    for end in from.log().log_ends().unwrap() {
        let run = from.log().headers(&end.log, 0, &end.head, usize::MAX).unwrap();
        tried(to.log_mut().offer_headers(&end.log, &run));
        for name in from.log().branch_names(&end.log, 0, &end.head).unwrap().into_iter().rev() {
            if let Some(body) = from.log().envelope_body(&name).unwrap() {
                tried(to.log_mut().offer_bodies(&[(name, body)], NOW));
            }
        }
    }
}

/// Takes all of it in: the headers of each log as its turn comes, the bodies in batches.
fn taken_in(listener: &Listener, written: &Written, dice: Option<&mut Dice>, most: usize) -> Vault {
    let mut vault = listener.open();
    let (mut runs, mut bodies): (Vec<_>, Vec<_>) = (written.runs.iter().collect(), written.bodies.iter().collect());
    let mut chance = dice.map_or_else(|| Dice::new(0), |dice| dice.other());
    if most > 1 {
        chance.shuffle(&mut runs);
        chance.shuffle(&mut bodies);
    } else {
        bodies.reverse();
    }
    for (log, run) in runs {
        vault.log_mut().offer_headers(log, run).unwrap();
    }
    let mut roster: Vec<_> = written.roster.iter().collect();
    chance.shuffle(&mut roster);
    for _ in 0..written.roster.len() {
        roster.iter().for_each(|(name, body)| tried(vault.log_mut().offer_bodies(&[(*name, body.clone())], NOW)));
    }
    let mut left = bodies.as_slice();
    while !left.is_empty() {
        let (batch, rest) = left.split_at((1 + chance.roll(most)).min(left.len()));
        let batch: Vec<(Hash, Vec<u8>)> = batch.iter().map(|(name, body)| (*name, body.clone())).collect();
        vault.log_mut().offer_bodies(&batch, NOW).unwrap();
        left = rest;
    }
    // What had to wait for a device, or for a cut, is offered until nobody takes any more.
    for _ in 0..3 {
        written.runs.iter().for_each(|(log, run)| tried(vault.log_mut().offer_headers(log, run)));
        written.bodies.chunks(8).for_each(|batch| tried(vault.log_mut().offer_bodies(batch, NOW)));
    }
    vault
}

/// Rows that are of one device alone (format §6): when it heard of what, what it asked for, and what it has said.
fn local(vault: &Vault) -> BTreeSet<(Table, RowKey)> {
    let rows = &vault.core.rows;
    let seen = vault.core.memory.roster.live().iter().map(|card| rows.key_of(&LastSeenAt(card.id))).collect::<Vec<_>>();
    let own = [rows.key_of(&ImportsAt()), rows.key_of(&SaidLackingAt()), rows.key_of(&OwedPrivateKeysAt())];
    own.into_iter().chain(seen).collect()
}

/// What a row is called, of those that a history may have.
fn named(vault: &Vault, key: &(Table, RowKey), written: &Written, history: &History) -> &'static str {
    let rows = &vault.core.rows;
    macro_rules! among {
        ($($row:ident($($part:expr),*);)*) => { $(
            if rows.key_of(&$row($($part),*)) == *key {
                return stringify!($row);
            }
        )* };
    }
    among! {
        BlobsAt(); WantedBlobsAt(); TrashAt(); MergesAt(); WaitingKeysAt(); MissedRemovalsAt(); PrunableBodiesAt();
        SecretsAt(); RosterAt(); AsideBodiesAt(); LateDraftsAt(); PrivateNotesAt(); PrivateFilesAt(); SetAsideAt();
        CountedDeletionsAt(); ColleaguesAt(); DeletionsSeenAt(); NewcomerAt(); OrphanHeadersAt();
    }
    for (log, run) in &written.runs {
        among! {
            RetiredLogAt(*log); MissingBodiesAt(*log); QuarantineAt(*log); PrunedRangesAt(*log); LostHeadersAt(*log);
            LackingAt(log.device()); AnsweredAt(log.device()); OrphanEntriesAt(log.device());
        }
        for seq in 0..run.len() as u64 {
            among! { OrderAt(*log, seq); }
        }
    }
    for (name, _) in &written.bodies {
        among! { HeaderAt(*name); BodyAt(*name); LayoutAt(*name); PrunedBodyAt(*name); AsideBodyAt(*name); }
    }
    for id in history.notes.iter().chain(&history.clients) {
        among! {
            DocumentAt(*id); PrunedDraftAt(*id); LateChangesAt(*id); TimelineAt(*id);
            KeysOfClientAt(1, *id); KeysOfClientAt(2, *id); KeysOfClientAt(3, *id);
        }
    }
    for first in 0..=255 {
        among! { ClientBucketAt(first); }
    }
    "another"
}

fn rows(vault: &Vault) -> BTreeMap<(Table, RowKey), Vec<u8>> {
    let local = local(vault);
    let all = TABLES.into_iter().flat_map(|table| {
        vault.core.rows.plain(table).into_iter().map(move |(key, value)| ((table, key), value.to_vec()))
    });
    let mut rows: BTreeMap<_, _> = all.filter(|(key, _)| !local.contains(key)).collect();
    // The roster's entries lie in the order in which they came, each after its parents; the set of them is what counts.
    let mut entries = vault.core.read().get(&RosterAt()).unwrap().unwrap().0;
    entries.sort_unstable();
    rows.insert(vault.core.rows.key_of(&RosterAt()), entries.concat());
    rows
}

fn is_the_same_in_every_order(seed: u64) {
    let (mut history, listener) = begun(seed);
    (0..ACTS).for_each(|_| history.act());
    let written = history.written();
    let first = rows(&taken_in(&listener, &written, None, 1));
    for number in 0..ORDERS {
        let most = [2, 5, 1_000][number % 3];
        let vault = taken_in(&listener, &written, Some(&mut history.dice), most);
        let other = rows(&vault);
        let keys: BTreeSet<_> = first.keys().chain(other.keys()).collect();
        let differ: Vec<_> = keys.into_iter().filter(|key| first.get(*key) != other.get(*key)).collect();
        let said = |key: &&(Table, RowKey)| {
            let name = named(&vault, key, &written, &history);
            (key.0, name, first.get(*key).map(Vec::len), other.get(*key).map(Vec::len))
        };
        let differ: Vec<_> = differ.iter().map(said).collect();
        assert!(differ.is_empty(), "SUBROSA_SEED={seed}, order {number}: {differ:?}");
    }
}

/// As many threads as the machine has; a failing seed is printed.
fn histories(seeds: Range<u64>) {
    println!("histories {} to {}", seeds.start, seeds.end);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for first in 0..threads {
            let seeds = seeds.clone().skip(first).step_by(threads);
            scope.spawn(move || seeds.for_each(is_the_same_in_every_order));
        }
    });
}

#[test]
fn whatever_comes_in_whatever_order_the_same_rows_follow() {
    histories(0..300);
}

#[test]
#[ignore = "twenty thousand histories, hours: those from SUBROSA_FROM to SUBROSA_TO"]
fn twenty_thousand_histories_in_every_order() {
    let asked = |name: &str| std::env::var(name).ok().and_then(|said| said.parse::<u64>().ok());
    histories(asked("SUBROSA_FROM").unwrap_or(0)..asked("SUBROSA_TO").unwrap_or(20_000));
}
