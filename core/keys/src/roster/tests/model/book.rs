//! Every entry that any path of the model writes, made once by the product's own code, and every roster that hears some of them.
//!
//! States name entries and rosters by number. Two paths that write the same words write the same bytes: what is drawn at random
//! while an entry is made follows from its words and from the hashes of its parents.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use subrosa_base::entropy::Entropy;

use super::super::*;
use super::view::View;
use super::{Faulty, HOSTILE_OWN, everybody};

/// The number of an entry. Parents have smaller numbers than their children.
pub(super) type Id = u16;

/// The number of a roster.
pub(super) type Heard = u32;

/// The entries with which each state begins: genesis, and the admissions of devices 2 and 3, one after the other.
pub(super) const FIRST: [Id; 3] = [0, 1, 2];

/// How often a hostile device draws until it takes the smallest hash that came.
const TRIES: u8 = 8;

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Saying {
    Genesis,
    Admission {
        device: u8,
    },
    /// With `noise`, whoever else stays is handed wraps that open nothing.
    Removal {
        gone: Vec<u8>,
        noise: bool,
    },
    /// Milliseconds after [`TIME`]; `i64`, since a hostile clock may go back.
    Kit {
        time: i64,
    },
    Cut {
        of: u8,
        seq: u64,
    },
}

/// All that an entry follows from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Words {
    /// The device that writes it.
    pub(super) by: u8,
    /// In whose name: its own, unless the judge asks for no signature of that one ([`Faulty::TakesAnyAuthor`]).
    pub(super) author: u8,
    pub(super) parents: Vec<Id>,
    /// The epochs whose secrets its writer has, by the entries that opened them.
    pub(super) known: Vec<Id>,
    pub(super) saying: Saying,
}

/// An entry, and what its writer drew for it.
pub(super) struct Page {
    pub(super) words: Words,
    /// Read once from the bytes that its writer made.
    pub(super) entry: Entry,
    pub(super) hash: Hash,
    /// All that it follows.
    pub(super) before: BTreeSet<Id>,
    epoch: Option<Key<EpochRole>>,
    authority: Option<Key<AuthorityRole>>,
    /// Who opens the authority's key that it puts in force.
    authority_for: Vec<u8>,
    /// Whom it gives a wrap of its epoch's secret, or what looks like one.
    epoch_for: BTreeSet<DeviceId>,
}

/// A roster that has heard something, and what it says.
pub(super) struct Reading {
    pub(super) roster: Roster,
    pub(super) view: View,
}

/// Which entries that hand over secrets, to which devices, and what these know before.
type Asked = (Vec<Id>, Vec<u8>, Vec<Id>);

/// Entries and rosters, by number.
pub(super) struct Book {
    pub(super) faulty: Option<Faulty>,
    hostile: u8,
    seed: u64,
    pub(super) pages: Vec<Page>,
    pub(super) readings: Vec<Reading>,
    cards: Vec<DeviceCard>,
    by_words: HashMap<Words, Id>,
    by_hash: HashMap<Hash, Id>,
    by_epoch: HashMap<EpochId, Id>,
    by_authority: HashMap<PublicKey, Id>,
    by_kit: HashMap<Vec<u8>, Id>,
    by_cut: HashMap<Hash, Id>,
    by_content: HashMap<(Vec<Id>, Vec<Id>, String), Heard>,
    after: HashMap<(Heard, Id), Heard>,
    opened: HashMap<Asked, Vec<Id>>,
    at: HashMap<Vec<Id>, Arc<Roster>>,
    whole: HashMap<Vec<Id>, (Heard, Vec<Id>)>,
}

/// Random bytes that follow from what an entry says.
struct Drawn {
    from: Hash,
    taken: u64,
}

impl Entropy for Drawn {
    fn fill(&mut self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(Hash::LEN) {
            self.taken += 1;
            let block = kdf::sha256(&[self.from.0.as_slice(), &self.taken.to_le_bytes()].concat());
            part.copy_from_slice(&block.0[..part.len()]);
        }
    }
}

impl Book {
    /// A practice of three devices, of which one is hostile. Another seed gives other hashes, and so another order of entries
    /// that do not know of each other.
    pub(super) fn new(faulty: Option<Faulty>, hostile: u8, seed: u64) -> Self {
        let mut book = Self {
            faulty,
            hostile,
            seed,
            pages: Vec::new(),
            readings: Vec::new(),
            cards: everybody().map(card).collect(),
            by_words: HashMap::new(),
            by_hash: HashMap::new(),
            by_epoch: HashMap::new(),
            by_authority: HashMap::new(),
            by_kit: HashMap::new(),
            by_cut: HashMap::new(),
            by_content: HashMap::new(),
            after: HashMap::new(),
            opened: HashMap::new(),
            at: HashMap::new(),
            whole: HashMap::new(),
        };
        let words = |parents, saying| Words { by: 1, author: 1, parents, known: vec![0], saying };
        let genesis = book.write(words(vec![], Saying::Genesis));
        let two = book.write(words(vec![genesis], Saying::Admission { device: 2 }));
        let three = book.write(words(vec![two], Saying::Admission { device: 3 }));
        let roster = Roster::clone(&book.at(&[three]));
        book.take_in(roster);
        book
    }

    pub(super) fn card(&self, device: u8) -> &DeviceCard {
        &self.cards[usize::from(device) - 1]
    }

    /// A device's one log.
    pub(super) fn log(&self, device: u8) -> LogId {
        let mut id = [0; LogId::LEN];
        id[..DeviceId::LEN].copy_from_slice(&self.card(device).id.0);
        LogId(id)
    }

    /// The device of this id.
    pub(super) fn number(&self, id: &DeviceId) -> u8 {
        everybody().find(|device| self.card(*device).id == *id).unwrap()
    }

    pub(super) fn page(&self, id: Id) -> &Page {
        &self.pages[usize::from(id)]
    }

    pub(super) fn view(&self, heard: Heard) -> &View {
        &self.readings[heard as usize].view
    }

    pub(super) fn roster(&self, heard: Heard) -> &Roster {
        &self.readings[heard as usize].roster
    }

    pub(super) fn id_of(&self, hash: &Hash) -> Id {
        self.by_hash[hash]
    }

    pub(super) fn opener(&self, epoch: &EpochId) -> Id {
        self.by_epoch[epoch]
    }

    pub(super) fn authority_of(&self, key: &PublicKey) -> Id {
        self.by_authority[key]
    }

    pub(super) fn kit_of(&self, roster: &Roster) -> Id {
        self.by_kit[roster.recovery_keys()[0].as_bytes().as_slice()]
    }

    /// The entry that says this cut: no two name the same header.
    pub(super) fn cut_with(&self, head: &Hash) -> Id {
        self.by_cut[head]
    }

    /// The public key of the authority that an entry put in force.
    pub(super) fn authority_by(&self, id: Id) -> PublicKey {
        Signer::new(self.page(id).authority.as_ref().unwrap()).public_key()
    }

    /// The practice as these entries and all that they follow say it.
    pub(super) fn at(&mut self, parents: &[Id]) -> Arc<Roster> {
        if let Some(roster) = self.at.get(parents) {
            return Arc::clone(roster);
        }
        let (mut roster, mut all) = match parents {
            [] | [0] => (Roster::begin(&self.page(0).entry.to_bytes()).unwrap(), BTreeSet::new()),
            [others @ .., last] => {
                let before = if others.is_empty() { self.page(*last).words.parents.clone() } else { others.to_vec() };
                let mut all = self.page(*last).before.clone();
                all.insert(*last);
                (Roster::clone(&self.at(&before)), all)
            }
        };
        all.retain(|id| !roster.entries.contains_key(&self.page(*id).hash));
        for id in all {
            assert_eq!(roster.offer_entry(self.page(id).entry.clone()), Offered::Added, "{id}");
        }
        let roster = Arc::new(roster);
        self.at.insert(parents.to_vec(), Arc::clone(&roster));
        roster
    }

    /// Whether the practice that these words follow has an epoch to hand on, where they must.
    pub(super) fn can_write(&mut self, words: &Words) -> bool {
        let lets_in = matches!(words.saying, Saying::Admission { .. });
        let roster = self.at(&words.parents);
        !lets_in || roster.epochs().iter().any(|epoch| words.known.contains(&self.opener(epoch)))
    }

    pub(super) fn is_removal(&self, id: Id) -> bool {
        matches!(self.page(id).words.saying, Saying::Removal { .. })
    }

    /// The devices that a removal names; of another entry none.
    pub(super) fn gone(&self, id: Id) -> &[u8] {
        match &self.page(id).words.saying {
            Saying::Removal { gone, .. } => gone,
            _ => &[],
        }
    }

    /// The removed devices whose cut this one owes.
    pub(super) fn owed_cuts(&self, heard: Heard, device: u8) -> Vec<u8> {
        let owed = self.roster(heard).owed_cuts(&self.card(device).id);
        owed.into_iter().map(|removed| self.number(&removed.card.id)).collect()
    }

    /// Whether a removal has a wrap of its epoch's secret for this device.
    pub(super) fn hands_over(&self, id: Id, device: u8) -> bool {
        self.page(id).epoch_for.contains(&self.card(device).id)
    }

    /// The entry that says this, made if it was never said.
    pub(super) fn write(&mut self, mut words: Words) -> Id {
        // Of the epochs that its writer knows it hands on those that the entries before it opened.
        let is_before =
            |id: &Id| words.parents.iter().any(|parent| parent == id || self.page(*parent).before.contains(id));
        words.known = words.known.iter().copied().filter(is_before).collect();
        if let Some(id) = self.by_words.get(&words) {
            return *id;
        }
        // Of what the hostile side draws the smallest hash is taken: it is read out early, and so a device is admitted early.
        let lets_in = matches!(words.saying, Saying::Admission { .. });
        let tries = if lets_in && [self.hostile, HOSTILE_OWN].contains(&words.by) && !self.pages.is_empty() {
            TRIES
        } else {
            1
        };
        let mut page = (0..tries).map(|number| self.make(&words, number)).min_by_key(|page| page.hash).unwrap();
        let id = Id::try_from(self.pages.len()).unwrap();
        page.before = words.parents.iter().flat_map(|parent| self.page(*parent).before.iter().copied()).collect();
        page.before.extend(&words.parents);
        self.by_hash.insert(page.hash, id);
        if let Some(authority) = &page.authority {
            self.by_authority.insert(Signer::new(authority).public_key(), id);
            self.by_epoch.insert(epoch_of(&page.hash), id);
        }
        let entry = &page.entry;
        let opens = |device: &u8| entry.open_authority(&self.card(*device).id, &dkk(*device)).is_some();
        let authority_for = everybody().filter(opens).collect();
        self.by_kit.extend(entry.recovery.first().map(|key| (key.as_bytes().to_vec(), id)));
        self.by_cut.extend(entry.cuts.first().map(|cut| (cut.head, id)));
        self.pages.push(Page { authority_for, epoch_for: entry.stay(), ..page });
        self.by_words.insert(words, id);
        id
    }

    fn make(&mut self, words: &Words, number: u8) -> Page {
        let hashes = |ids: &[Id]| ids.iter().flat_map(|id| self.page(*id).hash.0).collect::<Vec<u8>>();
        let said = format!("{} {number} {} {} {:?}", self.seed, words.by, words.author, words.saying);
        let from = kdf::sha256(&[said.as_bytes(), &hashes(&words.parents), &hashes(&words.known)].concat());
        let mut drawn = Drawn { from, taken: 0 };
        let page = |bytes: Vec<u8>, epoch, authority| Page {
            words: words.clone(),
            hash: kdf::sha256(&bytes),
            entry: Entry::parse(&bytes).unwrap(),
            before: BTreeSet::new(),
            epoch,
            authority,
            authority_for: Vec::new(),
            epoch_for: BTreeSet::new(),
        };
        if words.saying == Saying::Genesis {
            let (epoch, authority) = (Key::random(&mut drawn), Key::random(&mut drawn));
            let bytes = Entry::genesis(TIME, card(1), vec![recovery()], &epoch, &Signer::new(&authority));
            return page(bytes, Some(epoch), Some(authority));
        }
        let roster = self.at(&words.parents);
        let known = self.secrets(&words.known);
        let authority = self.page(self.authority_of(roster.authority())).authority.as_ref().unwrap();
        let (device, authority) = (signer(words.author), Signer::new(authority));
        let by = SignedBy { device: &device, authority: &authority };
        match &words.saying {
            Saying::Genesis => unreachable!("there is one"),
            Saying::Admission { device } => {
                let card = self.card(*device).clone();
                let handed = roster.hand_over(&card, &known, &Key::random(&mut drawn), &mut drawn).unwrap();
                page(Entry::admission(TIME, roster.heads(), card, handed, &by), None, None)
            }
            Saying::Removal { gone, noise } => {
                let gone = gone.iter().map(|device| self.card(*device).clone()).collect();
                let mut made = roster.remove((Gone::Lost, gone), &known, &by, TIME, &mut drawn);
                if *noise {
                    made.entry = with_noise(&made.entry, &by);
                }
                page(made.entry, Some(made.epoch), Some(made.authority))
            }
            Saying::Kit { time } => {
                let key = WrapPublic::of(&Key::<RecoveryRole>::random(&mut drawn));
                page(Entry::recovery(TIME.saturating_add_signed(*time), roster.heads(), vec![key], &by), None, None)
            }
            Saying::Cut { of, seq } => {
                let cuts = vec![Cut { log: self.log(*of), seq: *seq, head: from }];
                let card = self.card(*of).clone();
                page(Entry::cut(EntryKind::Cut, TIME, roster.heads(), card, cuts, by.device), None, None)
            }
        }
    }

    fn secrets(&self, openers: &[Id]) -> Epochs {
        let secret = |id: &Id| (epoch_of(&self.page(*id).hash), self.page(*id).epoch.as_ref().unwrap().duplicate());
        openers.iter().map(secret).collect()
    }

    /// The roster that has heard one entry more.
    pub(super) fn after(&mut self, heard: Heard, id: Id) -> Heard {
        if let Some(after) = self.after.get(&(heard, id)) {
            return *after;
        }
        let mut roster = self.roster(heard).clone();
        let entry = &self.page(id).entry;
        if !self.faulty.is_some_and(|faulty| faulty.is_deaf_to(&roster, entry)) {
            roster.offer_entry(entry.clone());
        }
        if self.faulty == Some(Faulty::ForgetsWhatWaits) {
            roster.orphans.clear();
        }
        let after = self.take_in(roster);
        self.after.insert((heard, id), after);
        after
    }

    /// Gives a roster its number; two that hold and say the same are one.
    fn take_in(&mut self, roster: Roster) -> Heard {
        let mut ids = [&roster.entries, &roster.orphans].map(|entries| {
            let mut ids: Vec<Id> = entries.keys().map(|hash| self.by_hash[hash]).collect();
            ids.sort_unstable();
            ids
        });
        let [entries, orphans] = ids.each_mut().map(std::mem::take);
        let content = (entries, orphans, format!("{:?}", roster.standing));
        if let Some(heard) = self.by_content.get(&content) {
            return *heard;
        }
        let heard = Heard::try_from(self.readings.len()).unwrap();
        let view = View::of(self, &roster, self.hostile);
        self.readings.push(Reading { roster, view });
        self.by_content.insert(content, heard);
        heard
    }

    /// The epochs of which a device has the secret once it heard this, by the entries that opened them.
    pub(super) fn opened(&mut self, heard: Heard, devices: &[u8], known: &[Id]) -> Vec<Id> {
        // Entries that hand over no secret of an epoch do not matter here.
        let hands_over = |id: &Id| self.page(*id).entry.commitment.is_some() || self.page(*id).entry.earlier.is_some();
        let handed: Vec<Id> = self.view(heard).taken.iter().copied().filter(hands_over).collect();
        let asked: Asked = (handed, devices.to_vec(), known.to_vec());
        if let Some(opened) = self.opened.get(&asked) {
            return opened.clone();
        }
        let opened = devices.iter().fold(known.to_vec(), |known, device| {
            let found = self.roster(heard).open_epochs(&self.card(*device).id, &dkk(*device), &self.secrets(&known));
            let mut all: BTreeSet<Id> = known.into_iter().collect();
            all.extend(found.keys().map(|epoch| self.opener(epoch)));
            all.into_iter().collect()
        });
        self.opened.insert(asked, opened.clone());
        opened
    }

    /// Epochs that a device says it lacks.
    pub(super) fn lacking(&self, heard: Heard, known: &[Id]) -> Vec<Id> {
        if self.faulty == Some(Faulty::LacksInSilence) {
            return Vec::new();
        }
        let lacking = self.roster(heard).lacking_epochs(&self.secrets(known));
        lacking.iter().map(|epoch| self.opener(epoch)).collect()
    }

    /// The roster that heard all that was written, and the epochs that the hostile side opens by it.
    pub(super) fn whole(&mut self, written: &[Id]) -> (Heard, Vec<Id>) {
        if let Some(whole) = self.whole.get(written) {
            return whole.clone();
        }
        let heard = written.iter().fold(0, |heard, id| self.after(heard, *id));
        let hostile = [self.hostile, HOSTILE_OWN];
        let own = written.iter().filter(|id| {
            let page = self.page(**id);
            page.epoch.is_some() && hostile.contains(&page.words.by)
        });
        let known: Vec<Id> = std::iter::once(0).chain(own.copied()).collect();
        let whole = (heard, self.opened(heard, &hostile, &known));
        self.whole.insert(written.to_vec(), whole.clone());
        whole
    }

    /// Whether a device opens the authority's key that this entry put in force: the first one was handed to all of them.
    pub(super) fn opens_authority(&self, device: u8, opener: Id) -> bool {
        opener == 0 || self.page(opener).authority_for.contains(&device)
    }
}

/// The same removal, but that it hands its secrets to nobody but its author.
fn with_noise(removal: &[u8], by: &SignedBy<'_>) -> Vec<u8> {
    let mut entry = Entry::parse(removal).unwrap();
    let author = entry.author;
    entry.wraps.retain(|wrap| wrap.purpose != EntryWrap::AUTHOR);
    for wrap in entry.wraps.iter_mut().filter(|wrap| wrap.device != author) {
        wrap.bytes.fill(0x55);
    }
    entry.signed_by_author(by.device).signed(by.authority).to_bytes()
}
