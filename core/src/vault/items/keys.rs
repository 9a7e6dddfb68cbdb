//! A compartment key as its row holds it, and a part of the keyring that this device publishes.

use crate::codec::{Malformed, Reader, Writer};
use crate::id::{ClientId, DeviceId, DocId, KeyId};
use crate::keyring::Compartment;
use crate::rows::Stored;
use crate::secret::{CompartmentRole, Key};

/// A key as its row holds it.
pub(crate) enum KeyRow {
    Clear {
        client: ClientId,
        compartment: Compartment,
        key: Key<CompartmentRole>,
    },
    /// The part that holds it, which only PKK opens.
    Process {
        author: DeviceId,
        part: Vec<u8>,
    },
}

impl Stored for KeyRow {
    fn to_row(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        match self {
            Self::Clear { client, compartment, key } => {
                writer.u8(1).bytes(&client.0).u8(compartment.code()).bytes(key.expose());
            }
            Self::Process { author, part } => {
                writer.u8(2).bytes(&author.0).lp(part);
            }
        }
        writer.finish()
    }

    fn of_row(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        match reader.u8()? {
            1 => {
                let client = DocId(reader.array()?);
                let compartment = Compartment::of(reader.u8()?);
                let key = Key::take(&mut reader.array()?);
                reader.finish()?;
                Ok(Self::Clear { client, compartment, key })
            }
            2 => {
                let author = DeviceId(reader.array()?);
                let part = reader.lp(1 << 20)?.to_vec();
                reader.finish()?;
                Ok(Self::Process { author, part })
            }
            _ => Err(Malformed),
        }
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
