//! What really stands in a golden practice: its rows and envelopes opened with its passphrase, as `docs/format.md` says, and
//! each step of the format counted. So a practice that is made anew without one of them is found, however it reads.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use subrosa_core::blob::PieceList;
use subrosa_core::codec::Reader;
use subrosa_core::id::{DocId, EpochId, Hash, KeyId, LogId};
use subrosa_core::kdf::{self, Policy};
use subrosa_core::keyring::Part;
use subrosa_core::labels;
use subrosa_core::log::{self, Header, Item, Kind, NO_KEY, PRACTICE_KEY, SignedHeader};
use subrosa_core::roster::{Entry, EntryKind};
use subrosa_core::seal;
use subrosa_core::secret::{CompartmentRole, EpochRole, Key, LocalRole, PracticeRole, RowRole};
use subrosa_core::slots::PassphraseSlot;
use subrosa_core::store::{RedbStore, Store as _, Table};

use super::passphrase;

/// How often each step stands in a file.
pub(super) type Steps = BTreeMap<String, u64>;

/// What frozen and signed JSON may name (format §3); everything else is of a later version.
const MEMBERS: [&str; 34] = [
    "name",
    "code",
    "birth_date",
    "email",
    "phone",
    "language",
    "status",
    "referral",
    "other",
    "date",
    "start",
    "minutes",
    "format",
    "session",
    "tags",
    "text",
    "measures",
    "instrument",
    "items",
    "total",
    "note",
    "client",
    "kind",
    "process",
    "content",
    "heads",
    "adds_to",
    "entered_in_error",
    "signed_at",
    "device",
    "addendum_to",
    "purpose",
    "to",
    "on",
];

/// The rows of a file, opened.
struct Rows {
    store: RedbStore,
    root: Key<RowRole>,
}

impl Rows {
    fn open(file: &Path) -> Self {
        let store = RedbStore::open(file).unwrap();
        let slot = |name: &[u8]| store.read(Table::Slots, &kdf::hash(labels::SLOTS, &[name]).0).unwrap().unwrap();
        let local: Key<LocalRole> = PassphraseSlot::open(&slot(b"passphrase"), &passphrase(), Policy::Real).unwrap().0;
        let keys = seal::open(&local, labels::BOX_KEYS, &slot(b"keys")).unwrap();
        let root = Key::from_slice(&keys[..32]).unwrap();
        Self { store, root }
    }

    fn row(&self, table: Table, name: &[u8]) -> Option<Vec<u8>> {
        let code = [u8::try_from(Table::ALL.iter().position(|each| *each == table).unwrap() + 1).unwrap()];
        let names: Key<RowRole> = kdf::derive(&self.root, labels::ROW_NAME, b"");
        let row = kdf::mac(&names, labels::ROW_NAME, &[&code, name]).0;
        let stored = self.store.read(table, &row).unwrap()?;
        if matches!(table, Table::Bodies | Table::Pieces) {
            return Some(stored);
        }
        let under: Key<RowRole> = kdf::derive(&self.root, labels::ROW, &code);
        let context = [labels::ROW, &code, &row].concat();
        // Its name, then its value.
        let opened = seal::open(&under, &context, &stored).unwrap();
        let mut reader = Reader::new(&opened);
        assert_eq!(reader.lp(opened.len()).unwrap(), name);
        Some(reader.rest().to_vec())
    }

    /// Every header, once, and for each log how many branches it has.
    fn headers(&self) -> (Vec<Header>, BTreeMap<LogId, u64>) {
        let state = self.row(Table::State, b"state").unwrap();
        let mut reader = Reader::new(&state[8 + 32 + 32..]);
        let tip = |reader: &mut Reader<'_>| Ok((LogId(reader.array()?), reader.u64()?, Hash(reader.array()?)));
        let (mut headers, mut branches) = (BTreeMap::new(), BTreeMap::new());
        for (log, next, mut head) in reader.list(1 << 16, tip).unwrap() {
            *branches.entry(log).or_default() += 1;
            for _ in 0..next {
                let header = SignedHeader::parse(&self.row(Table::Headers, &head.0).unwrap()).unwrap().header;
                headers.insert(head, header);
                head = header.prev;
            }
        }
        (headers.into_values().collect(), branches)
    }

    fn epochs(&self) -> (BTreeMap<EpochId, Key<EpochRole>>, Key<PracticeRole>) {
        let row = self.row(Table::Keys, b"epochs").unwrap();
        let mut reader = Reader::new(&row);
        let secret = |reader: &mut Reader<'_>| Ok((EpochId(reader.array()?), Key::take(&mut reader.array()?)));
        let epochs = reader.list(1 << 16, secret).unwrap().into_iter().collect();
        (epochs, Key::take(&mut reader.array().unwrap()))
    }

    fn everyday_key(&self, id: &KeyId) -> Option<Key<CompartmentRole>> {
        let row = self.row(Table::Keys, &[b"k", &id.0[..]].concat())?;
        (row[0] == 1).then(|| Key::from_slice(&row[18..]).unwrap())
    }
}

/// Counts what stands in a file that nobody has open.
pub(super) fn steps(file: &Path) -> Steps {
    let rows = Rows::open(file);
    let ((headers, branches), (epochs, practice)) = (rows.headers(), rows.epochs());
    let mut seen = Seen { steps: Steps::new(), kinds: BTreeMap::new(), closed: BTreeSet::new() };
    seen.count_many("logs with several branches", branches.values().filter(|many| **many > 1).count());
    let mut lacking = BTreeSet::new();
    for header in &headers {
        seen.count(format!("envelopes of class {}", header.class.code()));
        let body = rows.row(Table::Bodies, &header.hash().0);
        let Some(body) = body else {
            lacking.insert((header.log, header.seq));
            continue;
        };
        let opened = epochs.get(&header.epoch).map(|secret| log::outer_key(secret, header.epoch));
        let Some(items) = opened.and_then(|outer| log::open_body(header, &outer, &body).ok()) else {
            seen.count("bodies that do not open");
            continue;
        };
        for item in &items {
            let by = header.log.device();
            let payload = match item.key {
                NO_KEY => Some(item.content.clone()),
                PRACTICE_KEY => item.open(&practice, by).ok().map(|payload| payload.to_vec()),
                key => rows.everyday_key(&key).and_then(|key| Some(item.open(&key, by).ok()?.to_vec())),
            };
            seen.item(item, payload.as_deref());
        }
    }
    seen.count_many("bodies let go", lacking.intersection(&seen.closed).count());
    seen.count_many("bodies missing", lacking.difference(&seen.closed).count());
    let edited = seen.kinds.values().filter(|kinds| kinds.contains(&16) && kinds.contains(&17)).count();
    seen.count_many("edited imports", edited);
    seen.roster(&rows.row(Table::Keys, b"roster").unwrap());
    seen.steps
}

/// The places that a closing names; none of one that cannot be read.
fn closed(payload: &[u8]) -> Vec<(LogId, u64)> {
    let mut reader = Reader::new(payload);
    let mut log = |reader: &mut Reader<'_>| {
        let log = LogId(reader.array()?);
        let ranges = reader.list(512, |reader| Ok((reader.u64()?, reader.u64()?)))?;
        Ok(ranges.into_iter().flat_map(|(first, end)| first..end).map(move |seq| (log, seq)).collect::<Vec<_>>())
    };
    reader.list(64, &mut log).unwrap_or_default().concat()
}

struct Seen {
    steps: Steps,
    kinds: BTreeMap<DocId, BTreeSet<u8>>,
    closed: BTreeSet<(LogId, u64)>,
}

impl Seen {
    fn count(&mut self, step: impl Into<String>) {
        self.count_many(&step.into(), 1);
    }

    fn count_many(&mut self, step: &str, many: usize) {
        if many > 0 {
            *self.steps.entry(step.to_owned()).or_default() += u64::try_from(many).unwrap();
        }
    }

    fn item(&mut self, item: &Item, payload: Option<&[u8]>) {
        let kind = item.kind.code();
        self.count(format!("items of kind {kind}"));
        self.kinds.entry(item.document).or_default().insert(kind);
        let Some(payload) = payload else { return };
        match (item.kind, item.key) {
            (Kind::Keyring, NO_KEY) => match Part::parse(payload) {
                Ok(part) if part.is_of_later_class() => self.count("parts of a later class"),
                Ok(part) => {
                    self.count(if part.is_process() { "parts of class 2" } else { "parts of class 1" });
                    let of_epochs = part.key_ids().iter().filter(|key| key.0[0] == 4).count();
                    self.count_many("keys of epochs", of_epochs);
                }
                Err(_) => self.count("parts that cannot be read"),
            },
            (Kind::File, NO_KEY) => {
                let pieces = PieceList::parse(payload).map_or(0, |list| list.hashes().len());
                self.count_many("files of several pieces", usize::from(pieces > 1));
            }
            (Kind::Merged, _) => self.count_many("merges taken back", usize::from(payload.get(49) == Some(&0))),
            (Kind::Delete, PRACTICE_KEY) => self.count("colleagues taken off"),
            (Kind::Closed, PRACTICE_KEY) => self.closed.extend(closed(payload)),
            (Kind::Frozen, _) => self.members(payload.get(49..).unwrap_or_default()),
            (Kind::Signed, _) => {
                let signed = Reader::new(payload.get(33..).unwrap_or_default()).lp(1 << 20).unwrap_or_default();
                self.members(signed);
            }
            _ => {}
        }
        if item.kind.code() >= 16 && ![NO_KEY, PRACTICE_KEY].contains(&item.key) {
            self.count(format!("items of documents of type {}", payload.first().unwrap_or(&0)));
        }
    }

    /// Members that this version does not name.
    fn members(&mut self, json: &[u8]) {
        let Ok(Value::Object(members)) = serde_json::from_slice(json) else { return };
        let unknown = members.keys().filter(|name| !MEMBERS.contains(&name.as_str())).count();
        self.count_many("unknown members", unknown);
    }

    /// Entries by their kinds, and removals that did not know of each other.
    fn roster(&mut self, row: &[u8]) {
        let entries = Reader::new(row).list(1 << 16, |reader| reader.lp(1 << 20).map(<[u8]>::to_vec)).unwrap();
        let mut before: BTreeMap<Hash, (Entry, BTreeSet<Hash>)> = BTreeMap::new();
        for entry in entries {
            let entry = Entry::parse(&entry).unwrap();
            let kind = entry.to_bytes()[15];
            self.count(format!("entries of kind {kind}"));
            let mut all: BTreeSet<Hash> = entry.parents.iter().copied().collect();
            all.extend(entry.parents.iter().flat_map(|parent| before[parent].1.clone()));
            before.insert(entry.hash(), (entry, all));
        }
        let removals: Vec<_> = before.iter().filter(|(_, (entry, _))| entry.kind == EntryKind::Removal).collect();
        for (at, (one, (entry, all))) in removals.iter().enumerate() {
            for (other, (beside, known)) in &removals[at + 1..] {
                if all.contains(*other) || known.contains(*one) {
                    continue;
                }
                let names = |entry: &Entry, id| entry.devices.iter().any(|card| card.id == id);
                let mutual = names(entry, beside.author) && names(beside, entry.author);
                self.count(if mutual { "removals of each other" } else { "removals beside each other" });
            }
        }
    }
}
