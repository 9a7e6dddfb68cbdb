//! What the rows of an unlocked vault say first: state, roster, secrets of the epochs, log.

use std::collections::{BTreeMap, BTreeSet};

use crate::codec::{Malformed, Reader, Writer};
use crate::id::{EpochId, LogId, NoteId};
use crate::roster::{self, Roster};
use crate::rows::{Changes, Plain, Rows};
use crate::secret::{EpochRole, Key, PracticeRole};
use crate::state::State;
use crate::store::Table;
use crate::vault::{Vault, VaultError};

/// What the rows say when a vault is unlocked.
pub(crate) struct Parts {
    pub(crate) state: State,
    pub(crate) roster: Roster,
    pub(crate) epochs: BTreeMap<EpochId, Key<EpochRole>>,
    pub(crate) practice: Key<PracticeRole>,
    pub(crate) log: LogId,
    pub(crate) pending: BTreeSet<NoteId>,
}

impl Parts {
    pub(super) fn read(rows: &Rows) -> Result<Self, VaultError> {
        let (epochs, practice) = epochs_from_bytes(&required(rows, b"epochs")?).ok_or(VaultError::Damaged)?;
        Ok(Self {
            state: rows.state()?,
            roster: roster_from_bytes(&required(rows, b"roster")?)?,
            epochs,
            practice,
            log: LogId::from_slice(&required(rows, b"log")?).ok_or(VaultError::Damaged)?,
            pending: super::append::read_pending(rows)?,
        })
    }
}

impl Vault {
    /// The rows that [`Parts::read`] needs, but for the state, which every commit writes.
    pub(crate) fn first_rows(&self) -> Changes {
        let mut rows = Changes::default();
        rows.put(Table::Misc, b"epochs", epochs_to_bytes(&self.epochs, &self.practice));
        rows.put(Table::Misc, b"roster", self.roster_to_bytes());
        rows.put(Table::Misc, b"log", self.log.0.to_vec());
        rows
    }
}

fn required(rows: &Rows, name: &[u8]) -> Result<Plain, VaultError> {
    rows.read(Table::Misc, name)?.ok_or(VaultError::Damaged)
}

/// Roster entries, as they lie in a row, in a backup and in a farewell.
pub(crate) fn entries_to_bytes(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.list(entries, |writer, entry| {
        writer.lp(entry);
    });
    writer.finish()
}

pub(crate) fn entries_from_bytes(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Malformed> {
    let mut reader = Reader::new(bytes);
    let entries = reader.list(roster::ENTRIES_MAX, |reader| Ok(reader.lp(1 << 20)?.to_vec()))?;
    reader.finish()?;
    Ok(entries)
}

/// Puts a roster together from its entries, in the order in which they were accepted.
pub(crate) fn roster_from_bytes(bytes: &[u8]) -> Result<Roster, VaultError> {
    let entries = entries_from_bytes(bytes).map_err(|_| VaultError::Damaged)?;
    let (genesis, others) = entries.split_first().ok_or(VaultError::Damaged)?;
    let mut roster = Roster::begin(genesis).map_err(|_| VaultError::Damaged)?;
    for entry in others {
        roster.offer(entry);
    }
    Ok(roster)
}

pub(crate) fn epochs_to_bytes(epochs: &BTreeMap<EpochId, Key<EpochRole>>, practice: &Key<PracticeRole>) -> Vec<u8> {
    let mut writer = Writer::new();
    let all: Vec<_> = epochs.iter().collect();
    writer.list(&all, |writer, (epoch, secret)| {
        writer.bytes(&epoch.0).bytes(secret.expose());
    });
    writer.bytes(practice.expose());
    writer.finish()
}

/// The secret of each epoch, and the practice key.
type SharedSecrets = (BTreeMap<EpochId, Key<EpochRole>>, Key<PracticeRole>);

pub(crate) fn epochs_from_bytes(bytes: &[u8]) -> Option<SharedSecrets> {
    let mut reader = Reader::new(bytes);
    let epochs = reader
        .list(4_096, |reader| {
            let epoch = EpochId(reader.array()?);
            Ok((epoch, Key::take(&mut reader.array()?)))
        })
        .ok()?;
    let practice = Key::take(&mut reader.array().ok()?);
    reader.finish().ok()?;
    Some((epochs.into_iter().collect(), practice))
}
