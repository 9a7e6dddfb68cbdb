//! What is read first when a vault is unlocked: the secrets of the epochs and the roster.

use std::collections::BTreeMap;

use crate::codec::{Malformed, Reader, Writer};
use crate::id::EpochId;
use crate::roster::Roster;
use crate::rows::{Listed, Stored};
use crate::secret::{EpochRole, KEY_LEN, Key, PracticeRole};

/// The format number that this version writes, and the newest that it reads.
pub const FORMAT: u32 = 2;

/// The secret of each epoch, and the practice key.
pub(crate) struct Secrets {
    pub(crate) epochs: BTreeMap<EpochId, Key<EpochRole>>,
    pub(crate) practice: Key<PracticeRole>,
}

impl Stored for Secrets {
    fn to_row(&self) -> Vec<u8> {
        secrets_to_bytes(&self.epochs, &self.practice)
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let epochs = reader.list(bytes.len(), |reader| {
            let epoch = EpochId(reader.array()?);
            Ok((epoch, Key::take(&mut reader.array()?)))
        })?;
        let practice = Key::take(&mut reader.array()?);
        reader.finish()?;
        Ok(Self { epochs: epochs.into_iter().collect(), practice })
    }
}

pub(crate) fn secrets_to_bytes<'k>(
    epochs: impl IntoIterator<Item = (&'k EpochId, &'k Key<EpochRole>)>,
    practice: &Key<PracticeRole>,
) -> Vec<u8> {
    let all: Vec<_> = epochs.into_iter().collect();
    // Its full room at once: no outgrown copy of a secret stays in freed memory.
    let mut writer = Writer::with_capacity(4 + all.len() * (EpochId::LEN + KEY_LEN) + KEY_LEN);
    writer.list(&all, |writer, (epoch, secret)| {
        writer.bytes(&epoch.0).bytes(secret.expose());
    });
    writer.bytes(practice.expose());
    writer.finish()
}

/// Roster entries, as they lie in a row, in a backup and in a farewell.
pub(crate) fn entries_to_bytes(entries: Vec<Vec<u8>>) -> Vec<u8> {
    Listed(entries).to_row()
}

/// However many they are: the cuts among them are not counted (format §14), and what a device lists of its own roster must read.
pub(crate) fn entries_from_bytes(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Malformed> {
    Ok(Listed::of_row(bytes)?.0)
}

/// The roster of a row of one's own: what was accepted into it is not judged again.
pub(crate) fn own_roster(row: &Listed) -> Result<Roster, Malformed> {
    Roster::of_accepted(&row.0).map_err(|_| Malformed)
}

/// Puts a roster together from entries that come from outside, in the order in which they were accepted there.
pub(crate) fn roster_of(entries: &[Vec<u8>]) -> Result<Roster, Malformed> {
    let (genesis, others) = entries.split_first().ok_or(Malformed)?;
    let mut roster = Roster::begin(genesis).map_err(|_| Malformed)?;
    roster.offer_all(others.iter().map(Vec::as_slice));
    Ok(roster)
}
