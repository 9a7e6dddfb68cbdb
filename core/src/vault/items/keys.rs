//! A compartment key as its row holds it, the parts that hold keys of private notes, and a part that this device publishes.

use std::collections::{BTreeMap, BTreeSet};

use crate::codec::{Malformed, Reader, Writer};
use crate::id::{ClientId, DeviceId, DocId, EpochId, KeyId};
use crate::keyring::{Compartment, CompartmentEntry};
use crate::planted::{Check, is_out};
use crate::rows::Stored;
use crate::secret::{CompartmentRole, Key};

/// First bytes of the rows of keys and of parts, which lie in one table.
const CLEAR: u8 = 1;
const PRIVATE_PART: u8 = 2;
const PROCESS: u8 = 3;

/// A key as its row holds it.
pub(crate) enum KeyRow {
    Clear {
        client: ClientId,
        compartment: Compartment,
        key: Key<CompartmentRole>,
    },
    /// The parts that say they hold it, one of each device, in order. Only PKK opens them; a part that does not hold the key
    /// under its name is passed over, and takes nobody else's place.
    Process(BTreeMap<DeviceId, DocId>),
}

/// A part of the keyring with keys of private notes, and who published it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PrivatePart {
    pub(crate) author: DeviceId,
    pub(crate) part: Vec<u8>,
}

impl Stored for PrivatePart {
    fn to_row(&self) -> Vec<u8> {
        Writer::new().u8(PRIVATE_PART).bytes(&self.author.0).lp(&self.part).finish()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != PRIVATE_PART {
            return Err(Malformed);
        }
        let author = DeviceId(reader.array()?);
        let part = reader.lp(bytes.len())?.to_vec();
        reader.finish()?;
        Ok(Self { author, part })
    }
}

/// The key with which this device writes one client's compartment, and the epoch in which it was made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct WritingKey {
    pub(crate) epoch: EpochId,
    pub(crate) key: KeyId,
}

impl Stored for WritingKey {
    fn to_row(&self) -> Vec<u8> {
        [self.epoch.0.as_slice(), &self.key.0].concat()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let row = Self { epoch: EpochId(reader.array()?), key: KeyId(reader.array()?) };
        reader.finish()?;
        Ok(row)
    }
}

impl Stored for KeyRow {
    fn to_row(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(1 + CompartmentEntry::LEN);
        match self {
            Self::Clear { client, compartment, key } => {
                writer.u8(CLEAR).bytes(&client.0).u8(compartment.code()).bytes(key.expose());
            }
            Self::Process(parts) => {
                writer.u8(PROCESS);
                for (author, part) in parts {
                    writer.bytes(&author.0).bytes(&part.0);
                }
            }
        }
        writer.finish()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        match reader.u8()? {
            CLEAR => {
                let client = DocId(reader.array()?);
                let compartment = Compartment::of(reader.u8()?);
                let key = Key::take(&mut reader.array()?);
                reader.finish()?;
                Ok(Self::Clear { client, compartment, key })
            }
            PROCESS => {
                let mut parts = BTreeMap::new();
                while !reader.rest().is_empty() {
                    parts.insert(DeviceId(reader.array()?), DocId(reader.array()?));
                }
                Ok(Self::Process(parts))
            }
            _ => Err(Malformed),
        }
    }
}

/// The most keys, and the most epochs, that a device says it lacks at once.
pub(crate) const MOST_LACKING: usize = 1_024;

/// What a device cannot open, and nothing that is on its way will (format §5, *lacking*).
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Lacking {
    pub(crate) keys: BTreeSet<KeyId>,
    pub(crate) epochs: BTreeSet<EpochId>,
}

impl Lacking {
    pub(crate) fn is_nothing(&self) -> bool {
        self.keys.is_empty() && self.epochs.is_empty()
    }

    /// The same without these keys.
    pub(crate) fn without(&self, answered: &BTreeSet<KeyId>) -> Self {
        Self { keys: self.keys.difference(answered).copied().collect(), epochs: self.epochs.clone() }
    }

    /// Of what one device says, no more than it may say at once: the smallest, so that it is the same in whichever order it
    /// came.
    pub(crate) fn bounded(self) -> Self {
        Self {
            keys: self.keys.into_iter().take(MOST_LACKING).collect(),
            epochs: self.epochs.into_iter().take(MOST_LACKING).collect(),
        }
    }

    /// What another device says that it lacks.
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let lacking = Self::of_row(payload)?;
        let fits = lacking.keys.len() <= MOST_LACKING && lacking.epochs.len() <= MOST_LACKING;
        if fits { Ok(lacking) } else { Err(Malformed) }
    }
}

impl Stored for Lacking {
    fn to_row(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        let (keys, epochs): (Vec<KeyId>, Vec<EpochId>) =
            (self.keys.iter().copied().collect(), self.epochs.iter().copied().collect());
        writer.list(&keys, |writer, key| {
            writer.bytes(&key.0);
        });
        writer.list(&epochs, |writer, epoch| {
            writer.bytes(&epoch.0);
        });
        writer.finish()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let keys = reader.list(bytes.len(), |reader| reader.array().map(KeyId))?;
        let epochs = reader.list(bytes.len(), |reader| reader.array().map(EpochId))?;
        reader.finish()?;
        if is_out(Check::Bounded) && keys.len() > MOST_LACKING {
            return Err(Malformed);
        }
        Ok(Self { keys: keys.into_iter().collect(), epochs: epochs.into_iter().collect() })
    }
}

/// One of this device's own parts of class 1.
#[derive(Clone)]
pub(crate) struct OwnPart {
    pub(crate) version: u64,
    pub(crate) keys: Vec<KeyId>,
}

impl Stored for OwnPart {
    fn to_row(&self) -> Vec<u8> {
        [self.version.to_le_bytes().as_slice(), &self.keys.to_row()].concat()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        let (version, keys) = bytes.split_first_chunk().ok_or(Malformed)?;
        Ok(Self { version: u64::from_le_bytes(*version), keys: Vec::of_row(keys)? })
    }
}
