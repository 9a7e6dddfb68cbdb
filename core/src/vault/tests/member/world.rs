//! The world of one history: two honest devices at work, one that lies, and one that only listens.

use std::collections::{BTreeMap, BTreeSet};

use subrosa_testkit::dice::Dice;

use super::cost::Costs;
use super::forge::{Forge, Said};
use super::lies::Lie;
use crate::document::{Actor, Document};
use crate::id::{ClientId, DocId, Hash, KeyId, LogId, NoteId};
use crate::keyring::{Compartment, compartment_of};
use crate::log::Kind;
use crate::secret::{CompartmentRole, Key, RecoveryRole};
use crate::vault::items::home::Home;
use crate::vault::items::pruning::{Numbers, joined};
use crate::vault::tests::history::{History, Listener, exchange, founded, let_in, listening, tried};
use crate::vault::tests::{NOW, passphrase, store};
use crate::vault::{Taken, Vault};

/// The places of the two honest devices among those of the history.
pub(super) const OFFICE: usize = 0;
pub(super) const HOME: usize = 1;

/// The device that lies: a vault of its own, which is honest, and a forge.
pub(super) struct Liar {
    pub(super) vault: Vault,
    pub(super) forge: Forge,
    /// Whether its passphrase is known to whoever uses it.
    pub(super) has_words: bool,
}

pub(super) struct World {
    pub(super) seed: u64,
    /// The lies of this history so far, in their order.
    pub(super) lies: Vec<Lie>,
    pub(super) history: History,
    pub(super) liar: Liar,
    pub(super) listener: Listener,
    pub(super) kit: Key<RecoveryRole>,
    pub(super) costs: Costs,
    /// Lies that an honest device took in, or was told and has answered.
    pub(super) told: BTreeMap<Lie, u64>,
    /// Notes of which the liar took words out by ordinary edits.
    pub(super) cut: BTreeSet<NoteId>,
    /// Notes whose drafts the liar said to be over.
    pub(super) closed: BTreeSet<NoteId>,
    /// Files that name pieces of others.
    pub(super) borrowed: Vec<DocId>,
    /// Devices that the liar let in.
    pub(super) sybils: Vec<crate::id::DeviceId>,
    /// What makes rows follow from the order: lies that fill a limit which the format says counts in that order.
    pub(super) by_arrival: bool,
    /// The office hears nothing any more until it removes the liar.
    pub(super) office_apart: bool,
}

impl World {
    /// A practice of three and a listener, in which the last that was let in lies.
    pub(super) fn begun(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let has_words = dice.happens(50);
        let (mut office, kit) = founded(&mut dice);
        let mut home = let_in(&mut office, "Home", store(), &mut dice);
        let mut lost = let_in(&mut office, "Lost", store(), &mut dice);
        let listener = listening(&mut office, &mut [&mut home, &mut lost], &mut dice);
        let forge = Forge::new(&lost, dice.other());
        let mut history = History::of(dice, vec![office, home], vec!["office", "Home"]);
        history.removed = true;
        history.words = Some(Vec::new());
        let mut world = Self {
            seed,
            lies: Vec::new(),
            history,
            liar: Liar { vault: lost, forge, has_words },
            listener,
            kit,
            costs: Costs::default(),
            told: BTreeMap::new(),
            cut: BTreeSet::new(),
            closed: BTreeSet::new(),
            borrowed: Vec::new(),
            sybils: Vec::new(),
            by_arrival: false,
            office_apart: false,
        };
        (0..8).for_each(|_| world.history.act());
        world.history.meeting(OFFICE, HOME);
        world.hear(HOME);
        world
    }

    /// The liar hears of what an honest device has, with its passphrase where that is known.
    pub(super) fn hear(&mut self, at: usize) {
        self.history.devices[at].notes_mut().flush().unwrap();
        exchange(&self.history.devices[at], &mut self.liar.vault);
        if self.liar.has_words {
            tried(self.liar.vault.reauthenticate(&passphrase("Lost"), self.history.now));
        } else {
            self.liar.vault.end_reauth();
        }
    }

    /// An honest device is given all that the liar has made, each body by itself and counted.
    pub(super) fn tell(&mut self, at: usize) {
        tried(self.liar.vault.notes_mut().flush());
        exchange(&self.liar.vault, &mut self.history.devices[at]);
        for (log, run) in self.liar.forge.runs() {
            let to = &mut self.history.devices[at];
            tried(to.log_mut().offer_headers(&log, &run));
        }
        let mut bodies: Vec<usize> = (0..self.liar.forge.made.len()).collect();
        match self.history.dice.roll(3) {
            0 => bodies.reverse(),
            1 => self.history.dice.shuffle(&mut bodies),
            _ => {}
        }
        for number in bodies {
            self.tell_one(at, number);
        }
    }

    /// One body of the forge for one honest device.
    pub(super) fn tell_one(&mut self, at: usize, number: usize) {
        let forged = &self.liar.forge.made[number];
        let to = &mut self.history.devices[at];
        let Some(body) = forged.body.clone().filter(|_| !to.log().has_body(&forged.name).unwrap()) else { return };
        let taken = self.costs.of_lie(forged.lie, to, &[(forged.name, body)]);
        if taken == [Taken::Stored] {
            *self.told.entry(forged.lie).or_default() += 1;
        }
    }

    /// After it was removed the liar goes on, and somebody hears it.
    pub(super) fn goes_on_saying(&mut self) {
        let Some((id, home)) = self.a_note() else { return };
        let origin = crate::vault::items::home::DocumentOrigin { nonce: [0xA7; 16], ..home.origin };
        let json = br#"{"date":"2026-11-21","text":"Said after the removal."}"#;
        let frozen = |of| crate::vault::items::frozen::frozen_payload(of, &DocId([0; 16]), json);
        let of_client = self.about(Kind::Frozen, id, &home, frozen(&home.origin));
        let key = self.key_of(&id);
        let fresh = key.map(|key| Said::Under(Kind::Frozen, origin.id(), key, frozen(&origin)));
        let said: Vec<_> = of_client.into_iter().chain(fresh).collect();
        let first = self.liar.forge.made.len();
        self.say(Lie::Withheld, &said);
        for at in [OFFICE, HOME] {
            for (log, run) in self.liar.forge.runs() {
                tried(self.history.devices[at].log_mut().offer_headers(&log, &run));
            }
            (first..self.liar.forge.made.len()).for_each(|number| self.tell_one(at, number));
        }
    }

    /// Counts a lie that is no envelope: an honest device was told it, and has answered.
    pub(super) fn answered(&mut self, lie: Lie) {
        *self.told.entry(lie).or_default() += 1;
    }

    /// Says something in the forge's log.
    pub(super) fn say(&mut self, lie: Lie, said: &[Said]) -> Option<()> {
        self.liar.forge.say(&self.liar.vault, lie, said);
        Some(())
    }

    /// An honest device by chance.
    pub(super) fn somebody(&mut self) -> usize {
        if self.office_apart { HOME } else { self.history.dice.roll(self.history.devices.len()) }
    }

    /// A note that the liar knows of and can write in, and where it stands; `private` where that is wanted.
    pub(super) fn a_note(&mut self) -> Option<(NoteId, Home)> {
        let vault = &self.liar.vault;
        let known = self.history.notes.iter().filter_map(|id| {
            let entry = vault.core.read().entry(id).ok()??;
            Some((*id, vault.core.read().documents().home(id, &entry).ok()?))
        });
        let known: Vec<_> = known.filter(|(_, home)| vault.clients().client(&home.client).is_ok()).collect();
        self.history.dice.pick(&known).copied()
    }

    /// A client whom the liar knows.
    pub(super) fn a_client(&mut self) -> Option<ClientId> {
        let vault = &self.liar.vault;
        let known: Vec<ClientId> = vault.clients().all().map(|row| row.id).collect();
        self.history.dice.pick(&known).copied()
    }

    /// A key of a client's compartment that the liar has, whoever made it.
    pub(super) fn key(&self, client: &ClientId, compartment: Compartment) -> Option<(KeyId, Key<CompartmentRole>)> {
        let read = self.liar.vault.core.read();
        let id = read.clear_keys_of(client).ok()?.into_iter().find(|id| compartment_of(id) == compartment)?;
        Some((id, read.compartment_key(&id).ok()?.1))
    }

    /// An item about a document, under a key where it should lie.
    pub(super) fn about(&self, kind: Kind, document: DocId, home: &Home, payload: Vec<u8>) -> Option<Said> {
        let key = match home.compartment {
            Compartment::Process => self.key_of(&document)?,
            compartment => self.key(&home.client, compartment)?,
        };
        Some(Said::Under(kind, document, key, payload))
    }

    /// The key under which a document's first item lies.
    pub(super) fn key_of(&self, document: &DocId) -> Option<(KeyId, Key<CompartmentRole>)> {
        let read = self.liar.vault.core.read();
        let place = read.entry(document).ok()??.places.first()?.0;
        let id = read.item(&place).ok()?.0.key;
        Some((id, read.compartment_key(&id).ok()?.1))
    }

    /// The draft of a note as the liar knows it, to be written in under this actor.
    pub(super) fn draft(&self, id: &NoteId, home: &Home, actor: Actor) -> Option<Document> {
        let documents = self.liar.vault.core.read().documents();
        let entry = self.liar.vault.core.read().entry(id).ok()??;
        let material = documents.material(id, &entry).ok()?;
        documents.assemble_document(&material, id, home.origin.kind, &[], actor).ok()?
    }

    pub(super) fn fresh_actor(&mut self) -> Actor {
        Actor::fresh(self.liar.vault.device(), &mut self.liar.forge.dice)
    }

    /// Envelopes that the liar knows of.
    pub(super) fn envelopes(&self) -> Vec<Hash> {
        let log = self.liar.vault.log();
        let ends = log.log_ends().unwrap();
        ends.iter().flat_map(|end| log.branch_names(&end.log, 0, &end.head).unwrap()).collect()
    }

    /// Where these envelopes stand, as a closing names them.
    pub(super) fn numbers_of(&self, names: &[Hash]) -> BTreeMap<LogId, Numbers> {
        let mut numbers = BTreeMap::<LogId, Numbers>::new();
        for header in names.iter().filter_map(|name| self.liar.vault.core.read().header(name).ok()) {
            let (log, seq) = (header.header.log, header.header.seq);
            numbers.entry(log).or_default().push((seq, seq + 1));
        }
        numbers.into_iter().map(|(log, numbers)| (log, joined(numbers))).collect()
    }

    /// What tells this history from others, when something does not hold.
    pub(super) fn name(&self) -> String {
        format!("SUBROSA_FROM={}, after {:?}", self.seed, self.lies)
    }

    pub(super) fn now(&self) -> u64 {
        self.history.now.max(NOW)
    }
}
