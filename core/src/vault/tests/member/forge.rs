//! The forge: envelopes of one device that say what they like, well formed and signed, without asking the vault whose keys these are.

use std::collections::BTreeMap;

use subrosa_testkit::dice::Dice;

use super::lies::Lie;
use crate::id::{DocId, EpochId, Hash, KeyId, LogId};
use crate::log::{self, Class, Header, Item, Kind, PRACTICE_KEY, Place, Position, SignedHeader};
use crate::secret::{CompartmentRole, Key};
use crate::vault::Vault;
use crate::vault::core::new_log;

/// An item before it has a place.
pub(super) enum Said {
    /// Under no key, or as it is.
    Bare(Item),
    /// Under the practice key.
    Practice(Kind, DocId, Vec<u8>),
    /// Under a key of a client.
    Under(Kind, DocId, (KeyId, Key<CompartmentRole>), Vec<u8>),
}

impl Said {
    fn sealed(&self, by: &Vault, dice: &mut Dice) -> Item {
        match self {
            Self::Bare(item) => item.clone(),
            Self::Practice(kind, document, payload) => {
                Item::seal(*kind, *document, (PRACTICE_KEY, &by.core.practice), by.device(), payload, dice).unwrap()
            }
            Self::Under(kind, document, (id, key), payload) => {
                Item::seal(*kind, *document, (*id, key), by.device(), payload, dice).unwrap()
            }
        }
    }
}

/// One envelope that was made here.
pub(super) struct Forged {
    pub(super) lie: Lie,
    pub(super) log: LogId,
    /// Which branch of its log it stands on: 0 where all began.
    branch: usize,
    pub(super) name: Hash,
    pub(super) signed: Vec<u8>,
    /// `None` of one whose body nobody is ever given.
    pub(super) body: Option<Vec<u8>>,
}

/// The logs that a hostile device writes beside the honest one of its vault.
pub(super) struct Forge {
    pub(super) dice: Dice,
    pub(super) made: Vec<Forged>,
    ends: BTreeMap<LogId, Position>,
    log: LogId,
    begun: Vec<LogId>,
    branches: usize,
}

impl Forge {
    pub(super) fn new(by: &Vault, dice: Dice) -> Self {
        let log = LogId([0; LogId::LEN]);
        let mut forge = Self { dice, made: Vec::new(), ends: BTreeMap::new(), log, begun: Vec::new(), branches: 0 };
        forge.log = forge.fresh_log(by);
        forge
    }

    /// Another log, empty so far.
    pub(super) fn fresh_log(&mut self, by: &Vault) -> LogId {
        let (here, begun) = (&by.core.memory, &self.begun);
        let is_begun =
            |log: &LogId| begun.contains(log) || here.logs.contains(log) || here.state.logs.contains_key(log);
        let log = new_log(by.device(), &is_begun, &mut self.dice);
        self.begun.push(log);
        log
    }

    /// Where a log of the forge ends.
    pub(super) fn end(&self, log: &LogId) -> Position {
        self.ends.get(log).copied().unwrap_or(Position::START)
    }

    /// An envelope with these items, at the end of the forge's first log.
    pub(super) fn say(&mut self, by: &Vault, lie: Lie, said: &[Said]) -> Hash {
        let epoch = by.core.read().writing_epoch().unwrap();
        self.say_in(by, lie, (self.log, epoch), said)
    }

    /// The same in another log, or under another epoch.
    pub(super) fn say_in(&mut self, by: &Vault, lie: Lie, (log, epoch): (LogId, EpochId), said: &[Said]) -> Hash {
        let after = self.end(&log);
        let items: Vec<Item> = said.iter().map(|said| said.sealed(by, &mut self.dice)).collect();
        let outer = log::outer_key(by.core.read().epoch(&epoch).unwrap(), epoch);
        let place = Place { class: Class::Everyday, log, after, epoch };
        let (header, body) = log::seal_body(&outer, &place, &items, &mut self.dice).unwrap();
        self.put(by, lie, header, Some(body))
    }

    /// An envelope whose header says what it likes.
    pub(super) fn put(&mut self, by: &Vault, lie: Lie, header: Header, body: Option<Vec<u8>>) -> Hash {
        let (log, name) = (header.log, header.hash());
        let goes_on = self.end(&log) == Position { next_seq: header.seq, head: header.prev };
        self.branches += usize::from(!goes_on);
        let branch = if goes_on { 0 } else { self.branches };
        let signed = SignedHeader::sign(header, &by.core.signer).to_bytes();
        if goes_on {
            self.ends.insert(log, Position::after(&header));
        }
        self.made.push(Forged { lie, log, branch, name, signed, body });
        name
    }

    /// A header at the end of a log, of a body that nobody has seen.
    pub(super) fn blank(&self, by: &Vault, log: LogId) -> Header {
        let Position { next_seq: seq, head: prev } = self.end(&log);
        let epoch = by.core.read().writing_epoch().unwrap();
        Header { class: Class::Everyday, log, seq, prev, epoch, body_len: 200, body_hash: Hash([1; 32]) }
    }

    /// The log in which the forge says most.
    pub(super) fn log(&self) -> LogId {
        self.log
    }

    /// All branches of all logs, each as a run of headers.
    pub(super) fn runs(&self) -> Vec<(LogId, Vec<Vec<u8>>)> {
        let mut runs: BTreeMap<(LogId, usize), Vec<Vec<u8>>> = BTreeMap::new();
        for forged in &self.made {
            runs.entry((forged.log, forged.branch)).or_default().push(forged.signed.clone());
        }
        runs.into_iter().map(|((log, _), run)| (log, run)).collect()
    }
}
