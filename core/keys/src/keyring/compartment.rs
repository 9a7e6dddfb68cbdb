//! Compartments, and the key of one compartment of one client.

use subrosa_base::codec::{Malformed, Reader, Writer};
use subrosa_base::id::{ClientId, DocId, EpochId, KeyId};
use subrosa_base::labels;

use zeroize::Zeroizing;

use crate::kdf;
use crate::secret::{CompartmentRole, EpochRole, KEY_LEN, Key};

/// A part of a client's record that has a key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compartment {
    /// Who the client is.
    Identity,
    /// Notes and measures: the record.
    Clinical,
    /// Process notes, kept apart from the record and opened with the passphrase alone.
    Process,
    /// No client's: the secret of an epoch, whose id stands in the client's place.
    Epoch,
    /// One of a later version; never a code that has a name here.
    Unknown(u8),
}

impl Compartment {
    /// What the code says.
    pub fn of(code: u8) -> Self {
        match code {
            1 => Self::Identity,
            2 => Self::Clinical,
            3 => Self::Process,
            4 => Self::Epoch,
            code => Self::Unknown(code),
        }
    }

    /// The byte that is written.
    pub fn code(self) -> u8 {
        match self {
            Self::Identity => 1,
            Self::Clinical => 2,
            Self::Process => 3,
            Self::Epoch => 4,
            Self::Unknown(code) => code,
        }
    }
}

/// One key, and what it is for.
#[derive(Debug, PartialEq, Eq)]
pub struct CompartmentEntry {
    /// What items name it by: it follows from the rest, so that nobody can put another key under it.
    pub id: KeyId,
    /// Whose record.
    pub client: ClientId,
    /// Which part of it.
    pub compartment: Compartment,
    /// CK.
    pub key: Key<CompartmentRole>,
}

/// The compartment that a key's name says it is of.
pub fn compartment_of(key: &KeyId) -> Compartment {
    let [code, ..] = key.0;
    Compartment::of(code)
}

/// Whether a key's name says that it is one of process notes.
pub fn is_process_key(key: &KeyId) -> bool {
    compartment_of(key) == Compartment::Process
}

/// `compartment ‖ hash("subrosa/v1/key", [client, compartment, CK])[..15]`: everybody sees of which compartment it is.
fn name_of(client: &ClientId, compartment: Compartment, key: &Key<CompartmentRole>) -> KeyId {
    let code = [compartment.code()];
    let hash = kdf::hash(labels::KEY, &[&client.0, &code, key.expose()]);
    let mut name = [0; KeyId::LEN];
    name.iter_mut().zip(code.iter().chain(&hash.0)).for_each(|(to, from)| *to = *from);
    KeyId(name)
}

impl CompartmentEntry {
    /// Bytes in an entry.
    pub const LEN: usize = DocId::LEN + 1 + KEY_LEN;

    /// A key of this compartment, under its name.
    pub fn new(client: ClientId, compartment: Compartment, key: Key<CompartmentRole>) -> Self {
        Self { id: name_of(&client, compartment, &key), client, compartment, key }
    }

    /// The secret of an epoch, for whoever lacks it.
    pub fn of_epoch(epoch: &EpochId, secret: &Key<EpochRole>) -> Self {
        Self::new(DocId(epoch.0), Compartment::Epoch, Key::take(&mut Zeroizing::new(*secret.expose())))
    }

    /// The epoch of which this is the secret; `None` of a key of a client.
    pub fn epoch(&self) -> Option<(EpochId, Key<EpochRole>)> {
        let secret = || Key::take(&mut Zeroizing::new(*self.key.expose()));
        (self.compartment == Compartment::Epoch).then(|| (EpochId(self.client.0), secret()))
    }

    /// Reads an entry.
    ///
    /// # Errors
    /// [`Malformed`] for anything else.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (client, compartment) = (DocId(reader.array()?), Compartment::of(reader.u8()?));
        Ok(Self::new(client, compartment, Key::from_slice(reader.bytes(KEY_LEN)?).ok_or(Malformed)?))
    }

    /// The same, for a second holder of the key.
    pub fn duplicate(&self) -> Self {
        Self { id: self.id, client: self.client, compartment: self.compartment, key: self.key.duplicate() }
    }

    /// Writes the entry as [`Self::read`] reads it.
    pub fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.client.0).u8(self.compartment.code()).bytes(self.key.expose());
    }
}
