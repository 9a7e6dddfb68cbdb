//! Transactions: what is about to change, of rows and of memory, with everything that was read on the way.

use crate::rows::Stored;
use std::collections::{BTreeMap, BTreeSet, btree_map};

use crate::catalog::{ClientRow, Timeline};
use crate::id::{ClientId, DocId, EpochId, KeyId, LogId, NoteId};
use crate::roster::Roster;
use crate::rows::RowError;
use crate::rows::{Changes, Plain, Row};
use crate::secret::{EpochRole, Key};
use crate::state::Tip;
use crate::store::Batch;
use crate::vault::core::{Core, Draft, OwnLogs};
use crate::vault::items::deletion::TrashedDocument;
use crate::vault::items::ledger::Cards;
use crate::vault::items::mass_deletion::{CountedDeletion, Deletions};
use crate::vault::items::material::Described;
use crate::vault::items::merge::{MergedRows, Merges};
use crate::vault::items::place::{Entry, Place};
use crate::vault::items::signing::SigningWishes;
use crate::vault::{Millis, Notice};

/// What one transaction is about to change. Nothing of it counts before it is committed; dropped, it has not been.
#[derive(Default)]
pub(crate) struct Transaction {
    pub(crate) changes: Changes,
    /// Slots and pieces of files that are written with the rows.
    pub(crate) batch: Batch,
    /// What memory becomes.
    pub(crate) next: NextMemory,
    /// What is still to be done before it can be committed.
    pub(crate) todo: Todo,
    /// Documents of the index, as this transaction leaves them.
    pub(crate) entries: BTreeMap<DocId, Entry>,
    /// Timelines that were read, as this transaction leaves them.
    pub(crate) timelines: BTreeMap<ClientId, Timeline>,
    /// The cards of colleagues, as this transaction leaves them; `None` while none of it is about one.
    pub(crate) cards: Option<Cards>,
    /// Payloads just written or opened, so that they are not opened a second time.
    pub(crate) payloads: BTreeMap<Place, Plain>,
    /// When what it takes in came here, by this device's clock; `None` where that is not told.
    pub(crate) arrived: Option<Millis>,
    /// What it takes in was here before: no deletion among it is asked about anew.
    pub(crate) is_repeated: bool,
    /// Bodies come in that may have been here before, and were damaged.
    pub(crate) reoffered: bool,
    /// It writes what is of this device alone and will be written again soon: the anchor need not follow at once.
    pub(crate) is_quiet: bool,
}

/// What memory becomes when a transaction is on the disk.
#[derive(Default)]
pub(crate) struct NextMemory {
    pub(crate) roster: Option<Roster>,
    /// Secrets of epochs that became known.
    pub(crate) epochs: BTreeMap<EpochId, Key<EpochRole>>,
    pub(crate) logs: Option<OwnLogs>,
    /// The ends of logs, where they moved.
    pub(crate) tips: Tips,
    /// Rows of clients in the list; `None` for one who is not in it any more.
    pub(crate) clients: ChangedClients,
    /// What came into the trash, or out of it.
    pub(crate) trash: BTreeMap<DocId, Option<TrashedDocument>>,
    pub(crate) merges: Option<Merges>,
    pub(crate) shown: Option<MergedRows>,
    pub(crate) deletions: Option<Deletions>,
    pub(crate) signing: Option<SigningWishes>,
    pub(crate) pending: Option<BTreeSet<NoteId>>,
    /// Documents of which something changed.
    pub(crate) changed: BTreeSet<DocId>,
    /// Drafts that lie open and were changed.
    pub(crate) drafts: BTreeMap<NoteId, Draft>,
    pub(crate) notices: Vec<Notice>,
}

/// What follows from what was taken in.
#[derive(Default)]
pub(crate) struct Todo {
    /// Documents whose rows in the catalog must be made again.
    pub(crate) documents: BTreeSet<DocId>,
    /// Documents whose moves and signatures must be asked again whose they are.
    pub(crate) moved: BTreeSet<DocId>,
    /// Clients whose row in the list must be made again.
    pub(crate) clients: BTreeSet<ClientId>,
    /// Who clients are whose documents changed; `None` of one whose identity has not arrived.
    pub(crate) identities: BTreeMap<ClientId, Option<Described>>,
    /// Keys that have come, for which items may be waiting.
    pub(crate) keys: Vec<KeyId>,
    /// Items that could not be used, and bodies.
    pub(crate) aside: BTreeSet<Place>,
    /// Items that wait for a key.
    pub(crate) places: BTreeMap<KeyId, BTreeSet<Place>>,
    /// Keys for which items wait from now on, and for which none does any more.
    pub(crate) waiting: BTreeMap<KeyId, bool>,
    /// Whether what others lack is looked at: somebody said so, a key came, or somebody belongs to the practice who did not.
    pub(crate) lacking: bool,
    /// A device was admitted: every key must be published for it too.
    pub(crate) admitted: bool,
    /// The roster has grown, or the logs of a removed device have.
    pub(crate) roster: bool,
    /// Logs of which one more branch came than is taken.
    pub(crate) crowded: BTreeSet<LogId>,
    /// Logs of removed devices of which something was put into quarantine.
    pub(crate) quarantined: BTreeSet<LogId>,
    /// When deletions of these documents were first seen here; zero where the next unlocking is to say so.
    pub(crate) seen: BTreeMap<DocId, Millis>,
    /// Deletions of other devices that came and are not judged yet.
    pub(crate) deletions: Vec<CountedDeletion>,
}

/// The ends of logs that a transaction moved.
pub(crate) type Tips = BTreeMap<LogId, Vec<Tip>>;

/// What rows of the list of clients become: a row, or none.
pub(crate) type ChangedClients = Vec<(ClientId, Option<ClientRow>)>;

impl Transaction {
    /// A transaction that writes what is of this device alone.
    pub(crate) fn quiet() -> Self {
        Self { is_quiet: true, ..Self::default() }
    }

    /// Writes a row.
    pub(crate) fn put<R: Row>(&mut self, row: &R, value: &R::Value) {
        self.changes.put(R::TABLE, &row.name(), value.to_row());
    }

    /// Writes a list, or takes its row away when nothing is in it: no list and an empty one are one thing.
    pub(crate) fn put_list<R: Row>(&mut self, row: &R, value: &R::Value) {
        let value = value.to_row();
        match value.is_empty() {
            true => self.changes.remove(R::TABLE, &row.name()),
            false => self.changes.put(R::TABLE, &row.name(), value),
        }
    }

    /// Takes a row away.
    pub(crate) fn remove<R: Row>(&mut self, row: &R) {
        self.changes.remove(R::TABLE, &row.name());
    }

    /// Has something told once.
    pub(crate) fn tell(&mut self, notice: Notice) {
        if !self.next.notices.contains(&notice) {
            self.next.notices.push(notice);
        }
    }

    /// A client's timeline, to be changed.
    pub(crate) fn timeline(&mut self, core: &Core, client: ClientId) -> Result<&mut Timeline, RowError> {
        Ok(match self.timelines.entry(client) {
            btree_map::Entry::Occupied(read) => read.into_mut(),
            btree_map::Entry::Vacant(unread) => unread.insert(core.read().read_timeline(&client)?),
        })
    }
}
