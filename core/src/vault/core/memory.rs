//! What an unlocked vault knows in memory of what lies on its disk, and what it keeps there only to be quick.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::{ClientRow, NoteRow};
use crate::document::{Document, Heads};
use crate::id::{ClientId, DocId, EpochId, Hash, LogId, NoteId};
use crate::log::Item;
use crate::roster::Roster;
use crate::secret::{EpochRole, Key};
use crate::state::State;
use crate::vault::Notice;
use crate::vault::core::{LaidOut, NextMemory, OwnLogs};
use crate::vault::items::deletion::Trash;
use crate::vault::items::mass_deletion::Deletions;
use crate::vault::items::merge::{MergedRows, Merges};
use crate::vault::items::place::Place;
use crate::vault::items::signing::SigningWishes;

/// Read at the unlocking, and from then on changed by [`Memory::take_over`] alone.
pub(crate) struct Memory {
    pub(crate) state: State,
    pub(crate) roster: Roster,
    pub(crate) epochs: BTreeMap<EpochId, Key<EpochRole>>,
    /// The logs in which this device writes.
    pub(crate) logs: OwnLogs,
    pub(crate) clients: BTreeMap<ClientId, ClientRow>,
    pub(crate) trash: Trash,
    pub(crate) merges: Merges,
    /// How merged records stand in the list of clients.
    pub(crate) shown: MergedRows,
    pub(crate) deletions: Deletions,
    /// Signatures that can still be taken back.
    pub(crate) signing: SigningWishes,
    /// Notes of which something was typed that no envelope holds yet.
    pub(crate) pending: BTreeSet<NoteId>,
    /// Documents of which something changed since it was looked at what drafts may go; `None` when any of them may.
    pub(crate) changed: Option<BTreeSet<NoteId>>,
    /// Whether vital rows are not those that were written last: nothing leaves this device until a repair.
    pub(crate) is_vital_changed: bool,
    /// What the therapist is to be told once.
    pub(crate) notices: Vec<Notice>,
}

/// What was read and is kept to be quick: any of it may be dropped at any time, and is read again.
#[derive(Default)]
pub(crate) struct Caches {
    pub(crate) drafts: RefCell<BTreeMap<NoteId, Draft>>,
    pub(crate) tried: Option<DraftAttempt>,
    /// What was read of private notes since the passphrase was given.
    pub(crate) private: RefCell<PrivateNotes>,
    /// The body that was opened last.
    pub(crate) body: RefCell<Option<(Hash, Vec<Item>)>>,
    /// Of large bodies, where their items lie.
    pub(crate) laid_out: RefCell<BTreeMap<Hash, Arc<LaidOut>>>,
    /// What envelopes touch that another device lacks.
    pub(crate) touched: RefCell<BTreeMap<Hash, Arc<Touched>>>,
    /// The body of which items are being opened alone, and how many were after the first.
    pub(crate) alone: Cell<Option<(Hash, u8)>>,
    /// Logs with more branches than are taken, and how large the roster was when it was looked at what is said of them.
    pub(crate) crowded: BTreeMap<LogId, usize>,
}

/// What the items of one envelope are about.
#[derive(Default)]
pub(crate) struct Touched {
    pub(crate) notes: Vec<NoteId>,
    pub(crate) clients: Vec<ClientId>,
    /// Files that it lists, moves or deletes.
    pub(crate) files: Vec<DocId>,
}

/// Whose each private note is, and its row, where that was read.
pub(crate) type PrivateNotes = BTreeMap<NoteId, (ClientId, Option<NoteRow>)>;

impl Caches {
    /// Forgets of private notes what a transaction may have changed.
    pub(crate) fn forget_changed(&mut self, next: &NextMemory, keys_came: bool) {
        let private = self.private.get_mut();
        if keys_came || next.roster.is_some() || next.merges.is_some() || next.deletions.is_some() {
            private.clear();
        }
        private.retain(|id, _| !next.changed.contains(id));
    }
}

/// A document that is being edited, and how much of it has left in an envelope.
pub(crate) struct Draft {
    pub(crate) document: Document,
    pub(crate) sent: Heads,
    /// Those of its items that the document holds, or refused.
    pub(crate) taken: BTreeSet<Place>,
    /// The timeline's row for it, as it was last written.
    pub(crate) row: Option<NoteRow>,
}

/// A save that failed: what it was an edit of, and the version that it would have made.
pub(crate) struct DraftAttempt {
    pub(crate) note: NoteId,
    pub(crate) base: Heads,
    pub(crate) version: Heads,
}

impl Memory {
    /// What is read first, with empty lists.
    pub(crate) fn new(
        state: State,
        roster: Roster,
        epochs: BTreeMap<EpochId, Key<EpochRole>>,
        logs: OwnLogs,
        pending: BTreeSet<NoteId>,
    ) -> Self {
        Self {
            state,
            roster,
            epochs,
            logs,
            clients: BTreeMap::new(),
            trash: Trash::new(),
            merges: Merges::default(),
            shown: MergedRows::default(),
            deletions: Deletions::default(),
            signing: SigningWishes::new(),
            pending,
            changed: None,
            is_vital_changed: false,
            notices: Vec::new(),
        }
    }

    /// Takes over what a transaction has written.
    pub(crate) fn take_over(&mut self, state: State, next: NextMemory) {
        self.state = state;
        if next.roster.is_some() {
            // What lies in quarantine, and which signatures count, is another matter now.
            self.changed = None;
        }
        self.changed.iter_mut().for_each(|changed| changed.extend(&next.changed));
        replace(&mut self.roster, next.roster);
        self.epochs.extend(next.epochs);
        replace(&mut self.logs, next.logs);
        replace(&mut self.merges, next.merges);
        replace(&mut self.shown, next.shown);
        replace(&mut self.deletions, next.deletions);
        replace(&mut self.signing, next.signing);
        replace(&mut self.pending, next.pending);
        for (id, row) in next.clients {
            match row {
                Some(row) => self.clients.insert(id, row),
                None => self.clients.remove(&id),
            };
        }
        for (id, trashed) in next.trash {
            match trashed {
                Some(trashed) => self.trash.insert(id, trashed),
                None => self.trash.remove(&id),
            };
        }
        next.notices.into_iter().for_each(|notice| self.tell(notice));
    }

    /// Has something told once.
    pub(crate) fn tell(&mut self, notice: Notice) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }
}

fn replace<T>(kept: &mut T, next: Option<T>) {
    if let Some(next) = next {
        *kept = next;
    }
}
