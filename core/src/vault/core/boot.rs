//! What the rows of a vault say first: state, roster, secrets of the epochs, log. Then the lists that memory holds.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::entropy::Entropy;
use crate::id::{EpochId, NoteId};
use crate::kdf::Policy;
use crate::roster::Roster;
use crate::rows::RowError;
use crate::rows::{Listed, Row, Rows};
use crate::secret::{EpochRole, Key, LocalRole, PracticeRole};
use crate::sign::Signer;
use crate::state::State;
use crate::store::{KeptAnchor, Keystore, Store};
use crate::vault::core::{Caches, Core, KeyBox, Memory, OwnLogs, Transaction};
use crate::vault::items::boot::{Secrets, own_roster, secrets_to_bytes};
use crate::vault::registry::{OwnLogsAt, PendingNotesAt, RosterAt, SecretsAt};

/// What the rows say when a vault is unlocked.
pub(crate) struct BootRows {
    pub(crate) state: State,
    pub(crate) roster: Roster,
    pub(crate) epochs: BTreeMap<EpochId, Key<EpochRole>>,
    pub(crate) practice: Key<PracticeRole>,
    pub(crate) logs: OwnLogs,
    pub(crate) pending: BTreeSet<NoteId>,
    /// Whether vital rows are not those that were written last.
    pub(crate) is_vital_changed: bool,
}

impl BootRows {
    pub(crate) fn read(rows: &Rows) -> Result<Self, RowError> {
        let Secrets { epochs, practice } = required(rows, &SecretsAt())?;
        let state = rows.state()?;
        Ok(Self {
            is_vital_changed: !rows.is_vital_whole(&state)?,
            state,
            roster: own_roster(&required(rows, &RosterAt())?)?,
            epochs,
            practice,
            logs: OwnLogs::of_row(required(rows, &OwnLogsAt())?),
            pending: rows.get(&PendingNotesAt())?.unwrap_or_default(),
        })
    }
}

fn required<R: Row>(rows: &Rows, row: &R) -> Result<R::Value, RowError> {
    rows.get(row)?.ok_or(RowError::Damaged)
}

/// What a vault runs on: its store, its source of randomness and the platform's keystore.
type Platform = (Box<dyn Store>, Box<dyn Entropy>, Option<Box<dyn Keystore>>);

impl Core {
    /// Puts a vault together from its rows; the lists are empty until [`Self::load`].
    pub(crate) fn assemble(
        rows: Rows,
        boot: BootRows,
        boxes: KeyBox,
        local: Key<LocalRole>,
        place: (Option<PathBuf>, Policy),
        entropy: Box<dyn Entropy>,
    ) -> Self {
        let signer = Signer::new(&boxes.signing);
        let BootRows { state, roster, epochs, practice, logs, pending, is_vital_changed } = boot;
        let (path, policy) = place;
        let mut core = Self {
            rows,
            entropy: RefCell::new(entropy),
            path,
            kept_anchor: None,
            policy,
            local,
            boxes,
            device: signer.public_key().device_id(),
            signer,
            practice,
            reauth: None,
            memory: Memory::new(state, roster, epochs, logs, pending),
            caches: Caches::default(),
            attaching: BTreeMap::new(),
            no_room: false,
            unchanged: Transaction::default(),
        };
        if is_vital_changed {
            core.note_vital_changed();
        }
        core
    }

    /// The rows that [`BootRows::read`] needs, but for the state, which every commit writes.
    pub(crate) fn put_boot_rows(&self, tx: &mut Transaction) {
        tx.changes.put(SecretsAt::TABLE, &SecretsAt().name(), secrets_to_bytes(&self.memory.epochs, &self.practice));
        tx.put(&RosterAt(), &Listed(self.memory.roster.entries()));
        self.memory.logs.put(tx);
    }

    /// Gives up the vault's keys and all that was read with them.
    pub(crate) fn close(self) -> Platform {
        (self.rows.close(), self.entropy.into_inner(), self.kept_anchor.map(KeptAnchor::into_keystore))
    }
}
