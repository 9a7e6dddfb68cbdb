//! A member of a practice that no program runs: every key of its device lies open here, and it writes whatever a test likes, as
//! a later version would, or somebody who means harm.

use std::collections::BTreeMap;
use std::num::NonZeroU8;

use subrosa_core::codec::Reader;
use subrosa_core::entropy::{self, Entropy as _};
use subrosa_core::id::{ClientId, DeviceId, DocId, EpochId, Hash, KeyId, LogId};
use subrosa_core::kdf;
use subrosa_core::kem::WrapPublic;
use subrosa_core::keyring::{Compartment, CompartmentEntry, Part, compartment_of};
use subrosa_core::labels;
use subrosa_core::log::{
    self, Class, Item, Kind, NO_KEY, PRACTICE_KEY, Place, Position, SignedHeader, open_body, outer_key, seal_body,
};
use subrosa_core::roster::{DeviceCard, Entry, EntryKind, EntryWrap, Epochs, Offered, Roster};
use subrosa_core::secret::{
    AuthorityRole, CompartmentRole, DeviceSigningRole, Key, Passphrase, PracticeRole, WrapRole,
};
use subrosa_core::sign::Signer;
use subrosa_core::vault::{Millis, Taken, Vault};

use crate::dice::Dice;

/// What begins everything that is said about a document of a client, and what its id is a hash of.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The document's type.
    pub kind: u8,
    /// For whom it was begun; zeros where it is a client's own.
    pub client: ClientId,
    /// What tells it from others.
    pub nonce: [u8; 16],
}

impl Origin {
    /// The document.
    pub fn id(&self) -> DocId {
        let hash = kdf::hash(labels::DOCUMENT, &[&[self.kind], &self.client.0, &self.nonce]);
        DocId::from_slice(&hash.0[..DocId::LEN]).unwrap()
    }

    /// A payload that begins with it.
    pub fn with(&self, says: &[u8]) -> Vec<u8> {
        [&[self.kind], &self.client.0[..], &self.nonce, says].concat()
    }
}

/// What is put into a body, before it is sealed for its place.
pub struct Said {
    /// The code of its kind, never 0.
    pub kind: u8,
    /// The document that it names.
    pub document: DocId,
    /// Under what.
    pub key: KeyId,
    /// What is sealed, or stands there as it is.
    pub payload: Vec<u8>,
}

impl Said {
    /// An item under this key.
    pub fn under(key: KeyId, kind: Kind, document: DocId, payload: Vec<u8>) -> Self {
        Self { kind: kind.code(), document, key, payload }
    }

    /// An item that the body's seal alone protects.
    pub fn bare(kind: Kind, document: DocId, payload: Vec<u8>) -> Self {
        Self::under(NO_KEY, kind, document, payload)
    }
}

/// Such a member, at the end of its log.
pub struct Member {
    card: DeviceCard,
    signer: Signer,
    dkk: Key<WrapRole>,
    authority: Key<AuthorityRole>,
    practice: Key<PracticeRole>,
    roster: Roster,
    epochs: Epochs,
    keys: BTreeMap<KeyId, CompartmentEntry>,
    log: LogId,
    after: Position,
    dice: Dice,
}

impl Member {
    /// Is let into the practice like any device, and has what a welcome hands over.
    pub fn admitted(by: &mut Vault, passphrase: &Passphrase, name: &str, mut dice: Dice, now: Millis) -> Self {
        let signer = Signer::new(&Key::<DeviceSigningRole>::random(&mut dice));
        let [dkk, pkk] = [(); 2].map(|()| Key::<WrapRole>::random(&mut dice));
        let [own, private] = [&dkk, &pkk].map(|seed| (entropy::random(&mut dice), WrapPublic::of(seed)));
        let card = DeviceCard::new(signer.public_key(), own, private, name);
        by.reauthenticate(passphrase, now).unwrap();
        let welcome = by.devices_mut().admit(&card.to_bytes(), usize::MAX, now).unwrap();
        let mut reader = Reader::new(&welcome);
        let authority = Key::from_slice(reader.bytes(32).unwrap()).unwrap();
        let entries = reader.list(4_096, |reader| reader.lp(1 << 20).map(<[u8]>::to_vec)).unwrap();
        let mut roster = Roster::begin(&entries[0]).unwrap();
        assert!(entries[1..].iter().all(|entry| roster.offer(entry) == Offered::Added));
        let practice = roster.open_welcome(&card.id, &dkk).unwrap();
        let epochs = roster.open_epochs(&card.id, &dkk, &Epochs::new());
        let log = Self::new_log(&card, &mut dice);
        let (keys, after) = (BTreeMap::new(), Position::START);
        Self { card, signer, dkk, authority, practice, roster, epochs, keys, log, after, dice }
    }

    fn new_log(card: &DeviceCard, dice: &mut Dice) -> LogId {
        let mut number = [0];
        dice.fill(&mut number);
        LogId::of(card.id, number[0])
    }

    /// Its card, by which the others know it.
    pub fn card(&self) -> &DeviceCard {
        &self.card
    }

    /// The key that it signs with.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The authority's key, which every member holds.
    pub fn authority(&self) -> Signer {
        Signer::new(&self.authority)
    }

    /// The roster, as far as it has heard of it.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// What would be random.
    pub fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }

    /// Where its log ends.
    pub fn place(&self) -> (LogId, Position) {
        (self.log, self.after)
    }

    /// Goes on from a place where it was before, and so on another branch of that log.
    pub fn return_to(&mut self, (log, after): (LogId, Position)) {
        (self.log, self.after) = (log, after);
    }

    /// Goes on in a new log.
    pub fn begin_log(&mut self) {
        (self.log, self.after) = (Self::new_log(&self.card, &mut self.dice), Position::START);
    }

    /// Takes every roster entry and every key that is for it out of what this device has.
    pub fn hear(&mut self, from: &Vault) {
        for (header, items) in self.bodies_of(from) {
            for item in &items {
                match item.kind {
                    Kind::Roster => drop(self.roster.offer(&item.content)),
                    Kind::Keyring => self.take_part(&header, &item.content),
                    _ => {}
                }
            }
        }
    }

    fn take_part(&mut self, header: &log::Header, part: &[u8]) {
        let (id, generation, author) = (self.card.id, self.card.dkk_generation, header.log.device());
        let opened = Part::parse(part).ok().and_then(|part| part.open(author, id, &generation, &self.dkk).ok());
        self.keys.extend(opened.into_iter().flatten().map(|entry| (entry.id, entry)));
    }

    /// Every body that a device has and that opens, with its header.
    pub fn bodies_of(&self, vault: &Vault) -> Vec<(log::Header, Vec<Item>)> {
        let mut found = Vec::new();
        for end in vault.log().log_ends().unwrap() {
            for header in vault.log().headers(&end.log, 0, &end.head, usize::MAX).unwrap() {
                let header = SignedHeader::parse(&header).unwrap().header;
                let Some(body) = vault.log().envelope_body(&header.hash()).unwrap() else { continue };
                let Some(secret) = self.epochs.get(&header.epoch) else { continue };
                let opened = open_body(&header, &outer_key(secret, header.epoch), &body).ok();
                found.extend(opened.map(|items| (header, items)));
            }
        }
        found
    }

    /// What is said about a document under keys that it knows, and by whom.
    pub fn said_of(&self, vault: &Vault, document: &DocId) -> Vec<(Kind, DeviceId, Vec<u8>)> {
        let mut found = Vec::new();
        for (header, items) in self.bodies_of(vault) {
            let by = header.log.device();
            for item in items.iter().filter(|item| item.document == *document) {
                let opened = self.keys.get(&item.key).and_then(|entry| item.open(&entry.key, by).ok());
                found.extend(opened.map(|payload| (item.kind, by, payload.to_vec())));
            }
        }
        found
    }

    /// Every key of a client's compartment that it has heard of, one that it does not have too.
    pub fn names_of(&self, vault: &Vault, compartment: Compartment) -> Vec<KeyId> {
        let items = self.bodies_of(vault).into_iter().flat_map(|(_, items)| items);
        let parts = items.filter(|item| item.kind == Kind::Keyring).filter_map(|item| Part::parse(&item.content).ok());
        let ids: Vec<KeyId> = parts.flat_map(|part| part.key_ids().to_vec()).collect();
        ids.into_iter().filter(|id| compartment_of(id) == compartment).collect()
    }

    /// The newest key of a client's compartment that it knows.
    pub fn key_of(&self, client: &ClientId, compartment: Compartment) -> KeyId {
        let of = |entry: &&CompartmentEntry| entry.client == *client && entry.compartment == compartment;
        self.keys.values().rfind(of).unwrap().id
    }

    /// A key of its own making, and the part that hands it to everybody.
    pub fn make_key(&mut self, client: ClientId, compartment: Compartment) -> (KeyId, Said) {
        let entry = CompartmentEntry::new(client, compartment, Key::<CompartmentRole>::random(&mut self.dice));
        let (id, part) = (entry.id, self.part_of(&[entry.duplicate()]));
        self.keys.insert(id, entry);
        (id, part)
    }

    /// A part of these keys for all who belong to the practice.
    pub fn part_of(&mut self, entries: &[CompartmentEntry]) -> Said {
        let cards: Vec<DeviceCard> = self.roster.live().into_iter().cloned().collect();
        let private = entries[0].compartment == Compartment::Process;
        let reader = |card: &DeviceCard| match private {
            true => (card.id, card.pkk_generation, card.pkk.clone()),
            false => (card.id, card.dkk_generation, card.dkk.clone()),
        };
        let readers: Vec<_> = cards.iter().map(reader).collect();
        let readers: Vec<_> = readers.iter().map(|(id, generation, key)| (*id, *generation, key)).collect();
        let id = DocId(entropy::random(&mut self.dice));
        let part = Part::publish(id, 1, entries, self.card.id, &readers, &mut self.dice).unwrap();
        Said::bare(Kind::Keyring, id, part)
    }

    /// A roster entry that says the same as this one and is of another kind, signed by the authority.
    pub fn entry_of_kind(&self, entry: &[u8], kind: NonZeroU8) -> Said {
        let mut entry = Entry::parse(entry).unwrap();
        entry.kind = EntryKind::Unknown(kind);
        // A purpose that this version does not know either.
        entry.wraps.push(EntryWrap { device: self.card.id, purpose: u8::MAX, bytes: vec![9; 40] });
        let mut bytes = entry.to_bytes();
        let message = bytes.len() - 64;
        let signature = self.authority().sign(labels::ROSTER, &bytes[..message]);
        bytes[message..].copy_from_slice(&signature.0);
        Said::bare(Kind::Roster, DocId([0; DocId::LEN]), bytes)
    }

    /// Puts an envelope at the end of its log and hands it to a device, which must take it.
    pub fn say(&mut self, to: &mut Vault, class: Class, said: &[Said], now: Millis) -> Hash {
        let items: Vec<Item> = said.iter().map(|said| self.sealed(said)).collect();
        let place = Place { class, log: self.log, after: self.after, epoch: self.epoch() };
        let outer = outer_key(&self.epochs[&place.epoch], place.epoch);
        let (header, body) = seal_body(&outer, &place, &items, &mut self.dice).unwrap();
        self.send(to, header, body, now)
    }

    /// As [`Self::say`]; what stands in the envelope is no items.
    pub fn say_noise(&mut self, to: &mut Vault, now: Millis) -> Hash {
        let place = Place { class: Class::Everyday, log: self.log, after: self.after, epoch: self.epoch() };
        let other = outer_key(&Key::random(&mut self.dice), place.epoch);
        let (header, body) = seal_body(&other, &place, &[], &mut self.dice).unwrap();
        self.send(to, header, body, now)
    }

    fn send(&mut self, to: &mut Vault, header: log::Header, body: Vec<u8>, now: Millis) -> Hash {
        self.after = Position::after(&header);
        let run = [SignedHeader::sign(header, &self.signer).to_bytes()];
        assert_eq!(to.log_mut().offer_headers(&self.log, &run).unwrap(), Taken::Stored);
        let taken = to.log_mut().offer_bodies(&[(header.hash(), body)], now).unwrap();
        assert_eq!(taken, [Taken::Stored], "what cannot be used is kept all the same");
        header.hash()
    }

    fn epoch(&self) -> EpochId {
        self.roster.epoch()
    }

    fn sealed(&mut self, said: &Said) -> Item {
        let kind = Kind::of(NonZeroU8::new(said.kind).unwrap());
        let by = self.log.device();
        let Said { document, key, ref payload, .. } = *said;
        let dice = &mut self.dice;
        match self.keys.get(&key) {
            _ if key == NO_KEY => Item::bare(kind, document, payload.clone()),
            _ if key == PRACTICE_KEY => Item::seal(kind, document, (key, &self.practice), by, payload, dice).unwrap(),
            Some(entry) => Item::seal(kind, document, (key, &entry.key), by, payload, dice).unwrap(),
            // Under a key that nobody has.
            None => Item { kind, document, key, content: payload.clone() },
        }
    }
}
