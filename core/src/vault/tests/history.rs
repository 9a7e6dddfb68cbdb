//! Random histories: devices of one practice that do things and meet now and then, and what they wrote.
//!
//! Two properties are tested with them: that the same follows in whatever order it comes (`order`), and that nothing that one
//! member says breaks the practice of the others (`member`).

use std::collections::BTreeMap;
use std::ops::Range;

use subrosa_testkit::dice::Dice;

use super::files::{attach, scan};
use super::*;
use crate::card::ContactCard;
use crate::id::{LogId, NoteId};
use crate::kem::WrapPublic;
use crate::keyring::Compartment;
use crate::log::{DocType, Kind};
use crate::secret::{CardSigningRole, CardWrapRole, DeviceSigningRole, Key, RecoveryRole};
use crate::sign::Signer;

use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::items::frozen::frozen_payload;
use crate::vault::items::home::Under;
use crate::vault::{LockedVault, MassDelete, NewFile, PracticeFolder, PracticeRelay};

/// Devices at work, and what they made.
pub(super) struct History {
    pub(super) dice: Dice,
    pub(super) devices: Vec<Vault>,
    /// What each is called, which is its passphrase too.
    pub(super) names: Vec<&'static str>,
    pub(super) clients: Vec<ClientId>,
    pub(super) notes: Vec<NoteId>,
    pub(super) files: Vec<(DocId, Vec<u8>)>,
    /// Whether a device was removed already, or none is to be.
    pub(super) removed: bool,
    /// Whether devices do what is rare, too: several are removed without knowing of each other, one is let in, records are sealed and
    /// papers imported, another kit is made.
    pub(super) rare: bool,
    /// What was said in notes, where whoever writes adds to what stands there and takes nothing away; none where they do not.
    pub(super) words: Option<Vec<Words>>,
    pub(super) now: u64,
}

/// Words that a device wrote in a note.
pub(super) struct Words {
    pub(super) by: usize,
    pub(super) note: NoteId,
    pub(super) text: String,
}

/// A device that only listens, as it was when everybody was let in.
pub(super) struct Listener {
    image: Vec<u8>,
}

impl Listener {
    /// A copy of it that takes in and says nothing: what it would say depends on what it has heard by then.
    pub(super) fn open(&self) -> Vault {
        let store = Box::new(RedbStore::over(Medium::holding(self.image.clone())).unwrap());
        let locked = LockedVault::open(store, None, Policy::Tests, Box::new(Dice::new(1))).unwrap();
        let mut vault = locked.unlock(&passphrase("Listener"), NOW).map_err(|still| still.error).unwrap();
        vault.core.signer = Signer::new(&Key::<DeviceSigningRole>::take(&mut [9; 32]));
        vault
    }
}

/// What may be refused: a note that is signed already, a client who is in the trash, a log beyond its cut.
pub(super) fn tried<T, E>(_: Result<T, E>) {}

/// What was written: each log's headers, and every body.
pub(super) struct Written {
    pub(super) runs: Vec<(LogId, Vec<Vec<u8>>)>,
    /// Bodies that say who belongs to the practice. They are heard first, as devices do it: what a removed device wrote and was
    /// used before that is said in a cut of one's own, and a listener says none.
    pub(super) roster: Vec<(Hash, Vec<u8>)>,
    pub(super) bodies: Vec<(Hash, Vec<u8>)>,
}

/// Three devices at work, and one that listens.
pub(super) fn begun(seed: u64) -> (History, Listener) {
    let mut dice = Dice::new(seed);
    let (mut office, _) = founded(&mut dice);
    let mut home = let_in(&mut office, "Home", store(), &mut dice);
    let mut laptop = let_in(&mut office, "Laptop", store(), &mut dice);
    let listener = listening(&mut office, &mut [&mut home, &mut laptop], &mut dice);
    (History::of(dice, vec![office, home, laptop], vec!["office", "Home", "Laptop"]), listener)
}

/// The first device, with the kit of its practice.
pub(super) fn founded(dice: &mut Dice) -> (Vault, Key<RecoveryRole>) {
    let created = Vault::create(store(), &new(&passphrase("office"), "Office"), Box::new(dice.other())).unwrap();
    (created.vault, created.kit)
}

/// Lets a device in, whose passphrase is its name; the same one for the same dice.
pub(super) fn let_in(office: &mut Vault, name: &str, store: Box<RedbStore>, dice: &mut Dice) -> Vault {
    let pass = passphrase(name);
    let joining = JoiningDevice::new(&new(&pass, name), dice);
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    let welcome = office.devices_mut().admit(&joining.introduction(), usize::MAX, NOW).unwrap();
    office.end_reauth();
    joining.join(&welcome, store, &new(&pass, name), Box::new(dice.other())).unwrap()
}

/// Lets a device in that only listens; all have met then.
pub(super) fn listening(office: &mut Vault, others: &mut [&mut Vault], dice: &mut Dice) -> Listener {
    let medium = Medium::default();
    let over = Box::new(RedbStore::over(medium.clone()).unwrap());
    let mut listener = let_in(office, "Listener", over, dice);
    for _ in 0..2 {
        others.iter_mut().for_each(|vault| meet(office, vault));
        meet(office, &mut listener);
    }
    drop(listener.lock().unwrap());
    Listener { image: medium.image() }
}

/// As many threads as the machine has; a failing seed is printed by what is to hold of it.
pub(super) fn each_seed(seeds: Range<u64>, holds: impl Fn(u64) + Copy + Send) {
    println!("histories {} to {}", seeds.start, seeds.end);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for first in 0..threads {
            let seeds = seeds.clone().skip(first).step_by(threads);
            scope.spawn(move || seeds.for_each(holds));
        }
    });
}

/// The seeds of a long run: all of so many, or those from SUBROSA_FROM to SUBROSA_TO.
pub(super) fn asked_seeds(most: u64) -> Range<u64> {
    let asked = |name: &str| std::env::var(name).ok().and_then(|said| said.parse::<u64>().ok());
    asked("SUBROSA_FROM").unwrap_or(0)..asked("SUBROSA_TO").unwrap_or(most)
}

impl History {
    pub(super) fn of(dice: Dice, devices: Vec<Vault>, names: Vec<&'static str>) -> Self {
        let (clients, notes, files) = (Vec::new(), Vec::new(), Vec::new());
        Self { dice, devices, names, clients, notes, files, removed: false, rare: false, words: None, now: NOW }
    }

    fn text(&mut self) -> String {
        format!("Said {} things.", self.dice.roll(1_000_000))
    }

    /// What a device says in a note: where nothing is taken away, behind what stands there, and nothing where it is not shown.
    fn content(&self, at: usize, id: &NoteId, text: &str) -> Option<NoteContent> {
        if self.words.is_none() {
            return Some(note(text));
        }
        let shown = self.devices[at].notes().note(id).ok()?.content;
        Some(NoteContent { text: format!("{} {text}", shown.text), ..shown })
    }

    /// Notes what a device has said in a note.
    pub(super) fn said(&mut self, by: usize, note: NoteId, text: &str) {
        self.words.iter_mut().for_each(|words| words.push(Words { by, note, text: text.to_owned() }));
    }

    /// A device writes in a note; what it may not do it does not.
    pub(super) fn add_to(&mut self, at: usize, id: NoteId) {
        let (words, text) = (passphrase(self.names[at]), self.text());
        self.devices[at].reauthenticate(&words, self.now).unwrap();
        if let Some(content) = self.content(at, &id, &text)
            && self.devices[at].notes_mut().save_note(&id, &content, self.now).is_ok()
        {
            self.said(at, id, &text);
        }
        self.devices[at].notes_mut().flush().unwrap();
    }

    /// One thing that a device does; what it may not do it does not.
    pub(super) fn act(&mut self) {
        self.now += 60_000;
        let (at, now) = (self.dice.roll(self.devices.len()), self.now);
        let words = passphrase(self.names[at]);
        self.devices[at].reauthenticate(&words, now).unwrap();
        let (what, text) = (self.dice.roll(if self.rare { 28 } else { 19 }), self.text());
        let client = self.dice.pick(&self.clients).copied();
        let id = self.dice.pick(&self.notes).copied();
        let number = u8::try_from(self.dice.roll(200)).unwrap();
        let other = self.dice.roll(self.devices.len());
        let process = self.dice.happens(30);
        match (what, client, id) {
            (0..=1, ..) | (_, None, _) => {
                let name = identity(&format!("Client {number}"));
                self.clients.push(self.devices[at].clients_mut().add_client(&name, now).unwrap());
            }
            (2..=4, Some(client), _) | (_, Some(client), None) => {
                if let Ok(id) = self.devices[at].notes_mut().add_note(&client, &note(&text), process, now) {
                    self.notes.push(id);
                    self.said(at, id, &text);
                }
            }
            (5..=7, _, Some(id)) => {
                if let Some(content) = self.content(at, &id, &text)
                    && self.devices[at].notes_mut().save_note(&id, &content, now).is_ok()
                {
                    self.said(at, id, &text);
                }
            }
            (9, _, Some(id)) => {
                let mut notes = self.devices[at].notes_mut();
                let added = match number % 3 {
                    0 => {
                        tried(notes.sign_late(&id, now));
                        false
                    }
                    1 => notes.add_addendum(&id, note(&text), now).is_ok(),
                    _ => notes.mark_entered_in_error(&id, None, note(&text), now).is_ok(),
                };
                added.then(|| self.said(at, id, &text));
            }
            (13, Some(client), _) if number % 3 > 0 => {
                let beside = id.filter(|_| process);
                let (file, bytes) = (NewFile { note: beside, ..scan(client) }, vec![number; 3_000]);
                if let Ok(file) = attach(&mut self.devices[at], &file, &bytes) {
                    self.files.push((file, bytes));
                }
            }
            // One at most: what several at once make of each other is a matter of the roster's own tests.
            (17, ..) if other != at && !self.removed && number < 60 => {
                let id = self.devices[other].device();
                self.removed = self.devices[at].devices_mut().remove_device(&id, &words, now).is_ok();
            }
            (19, ..) if self.devices.len() < 4 => self.let_in(at),
            (20..=21, ..) if other != at && number < 100 => {
                let id = self.devices[other].device();
                tried(self.devices[at].devices_mut().remove_device(&id, &words, now));
            }
            (22, Some(client), _) => self.seal(at, client),
            (23, Some(client), _) => self.import(at, client, number),
            (24, ..) => self.answer(at, process),
            (25, ..) => {
                if let Ok(kit) = self.devices[at].devices_mut().draw_kit(&words) {
                    tried(self.devices[at].devices_mut().put_in_force(&kit, now));
                }
            }
            (26, ..) => tried(self.devices[at].devices_mut().rename(&text)),
            (27, ..) if process && number.is_multiple_of(2) => {
                let relay = PracticeRelay { url: text, ..PracticeRelay::default() };
                tried(self.devices[at].devices_mut().use_relay((number > 50).then_some(&relay)));
            }
            (27, ..) if process => {
                let (password, certificate) = (String::new().into(), String::new());
                let share = PracticeFolder::WebDav { url: text, user: String::new(), password, certificate };
                tried(self.devices[at].devices_mut().use_folder((number > 50).then_some(&share)));
            }
            (27, ..) => tried(
                self.devices[at].devices_mut().say_transport_keys(now + u64::from(number) * 7 * crate::vault::DAY),
            ),
            (_, Some(client), Some(id)) => {
                let into = self.dice.pick(&self.clients).copied().unwrap();
                arrange(&mut self.devices[at], what, (client, into, id), (number, process), now);
            }
        }
        if self.dice.happens(35) {
            self.meeting(at, other);
        }
    }

    /// Another device comes.
    fn let_in(&mut self, by: usize) {
        let name = ["Tablet", "Phone", "Desk", "Cellar"][self.devices.len() % 4];
        let (pass, words) = (passphrase(name), passphrase(self.names[by]));
        let joining = JoiningDevice::new(&new(&pass, name), &mut self.dice);
        let vault = &mut self.devices[by];
        vault.reauthenticate(&words, self.now).unwrap();
        if let Ok(welcome) = vault.devices_mut().admit(&joining.introduction(), usize::MAX, self.now) {
            let joined = joining.join(&welcome, store(), &new(&pass, name), Box::new(self.dice.other()));
            self.devices.push(joined.unwrap());
            self.names.push(name);
        }
    }

    /// A record is sealed to a colleague, which is a disclosure.
    fn seal(&mut self, at: usize, client: ClientId) {
        let signing = Signer::new(&Key::<CardSigningRole>::take(&mut [3; 32]));
        let recipient = WrapPublic::of(&Key::<CardWrapRole>::take(&mut [7; 32]));
        let card = ContactCard::make("Dr B", recipient, &signing, date(2026, 11, 20)).unwrap();
        let mut exchange = self.devices[at].exchange_mut();
        if let Ok(to) = exchange.add_colleague(card.as_bytes(), CARDS_READ) {
            tried(exchange.seal_record(&referral(client, to), "Dr A"));
        }
    }

    /// A paper trail comes in, the same one on whichever device.
    fn import(&mut self, at: usize, client: ClientId, number: u8) {
        let under = Under::Client(client, Compartment::Clinical);
        let mut out = Outbox::everyday();
        for part in 0..3 {
            let (origin, of) = (origin(DocType::Note, client, number % 20 + part), DocId([number % 20; 16]));
            let said = format!(r#"{{"date":"2026-11-2{part}","text":"Paper {number}."}}"#);
            out.push(Kind::Frozen, origin.id(), under, frozen_payload(&origin, &of, said.as_bytes()));
        }
        tried(commit(&mut self.devices[at].core, Transaction::default(), out));
    }

    /// What lies in quarantine is kept, or discarded.
    fn answer(&mut self, at: usize, keep: bool) {
        for held in self.devices[at].devices().quarantine().unwrap() {
            let mut devices = self.devices[at].devices_mut();
            match keep {
                true => tried(devices.keep_quarantined(&held.device, self.now)),
                false => tried(devices.discard_quarantined(&held.device)),
            }
        }
    }

    pub(super) fn meeting(&mut self, at: usize, other: usize) {
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
    pub(super) fn written(&mut self) -> Written {
        let (mut runs, mut bodies, mut roster) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for vault in &mut self.devices {
            vault.notes_mut().flush().unwrap();
            for end in vault.log().log_ends().unwrap() {
                runs.insert((end.log, end.head), vault.log().headers(&end.log, 0, &end.head, usize::MAX).unwrap());
                for name in vault.log().branch_names(&end.log, 0, &end.head).unwrap() {
                    let items = vault.core.read().ledger().items_of(&name).unwrap().unwrap_or_default();
                    let of_roster = items.iter().any(|item| item.kind == crate::log::Kind::Roster);
                    let into = if of_roster { &mut roster } else { &mut bodies };
                    into.extend(vault.log().envelope_body(&name).unwrap().map(|body| (name, body)));
                }
            }
        }
        bodies.retain(|name, _| !roster.contains_key(name));
        let [roster, bodies] = [roster, bodies].map(|bodies| bodies.into_iter().collect());
        Written { runs: runs.into_iter().map(|((log, _), run)| (log, run)).collect(), roster, bodies }
    }
}

/// What is done with what is there: notes are signed, moved, deleted and taken back, records are made one, colleagues added.
fn arrange(
    vault: &mut Vault,
    what: usize,
    (client, into, id): (ClientId, ClientId, NoteId),
    (number, process): (u8, bool),
    now: u64,
) {
    match what {
        8 => tried(vault.notes_mut().sign(&id, now)),
        10 => tried(vault.notes_mut().move_note(&id, &client, "Elsewhere.", now)),
        11 => tried(vault.trash_mut().delete(&[id], MassDelete::Refuse, now)),
        12 => {
            tried(vault.trash_mut().undelete(if process { &client } else { &id }));
            tried(vault.trash_mut().undelete(&id));
        }
        13 => tried(vault.trash_mut().delete(&[client], MassDelete::Refuse, now)),
        14 if process => tried(vault.clients_mut().unmerge_client(&client, now)),
        14 => tried(vault.clients_mut().merge_clients(&client, &into, now)),
        15 => {
            if let Ok(shown) = vault.clients().identity(&client) {
                let wanted = Identity { phone: number.to_string(), ..shown.clone() };
                vault.clients_mut().edit_client(&client, &shown, &wanted, now).unwrap();
            }
        }
        16 => {
            let signing = Signer::new(&Key::<CardSigningRole>::take(&mut [number % 8; 32]));
            let recipient = WrapPublic::of(&Key::<CardWrapRole>::take(&mut [7; 32]));
            let card = ContactCard::make("Dr B", recipient, &signing, date(2026, 11, 20)).unwrap();
            let known = vault.exchange_mut().add_colleague(card.as_bytes(), CARDS_READ);
            if let (true, Ok(known)) = (process, known) {
                tried(vault.exchange_mut().remove_colleague(&known, CARDS_READ));
            }
        }
        _ => tried(vault.notes_mut().flush()),
    }
}

/// What one device hands to another: of one that was removed nothing is taken that it may not say.
pub(super) fn exchange(from: &Vault, to: &mut Vault) {
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
