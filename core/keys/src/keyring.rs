//! Keyring parts: how the compartment keys that a device made reach the others.
//!
//! A part is sealed under a key of its own, and that key is wrapped to each reader. Which keys are in it, and who its
//! readers are, is said in the clear inside the envelope, so that a device that cannot read it knows what it waits for.
//! A key's name follows from the key, and says of which compartment it is: a part cannot put another key under a name.
//!
//! Refused: a part of another author, version or class than it was made for, keys other than those named, and a key of
//! process notes in a part that opens without the passphrase. A part of a later class is carried and never opened. Not to
//! be a reader is no damage: the author did not know this device, or this generation of its key, and will publish again.

mod compartment;

use subrosa_base::codec::{Malformed, Reader, Writer};
use subrosa_base::entropy::Entropy;
use subrosa_base::id::{DeviceId, DocId, KeyId};
use subrosa_base::labels;
use zeroize::Zeroizing;

pub use self::compartment::{Compartment, CompartmentEntry, compartment_of, is_process_key};
use crate::kem::WrapPublic;
use crate::roster::Generation;
use crate::seal::{self, sealed_len};
use crate::secret::{KEY_LEN, Key, MessageRole, WrapRole};
use crate::wrap::{self, wrapped_len};

/// The most keys in a part.
pub const KEYS_MAX: usize = 64;
/// The most readers of a part: every device, each with an old and a new generation.
pub const READERS_MAX: usize = 32;

/// Identity and clinical keys, wrapped to each device's DKK.
const EVERYDAY: u8 = 1;
/// Process keys, wrapped to each device's PKK.
const PROCESS: u8 = 2;

/// Why a part was not made or not opened. No key of it was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PartError {
    /// Nothing is wrong: this device, or this generation of its key, was not known when the part was published.
    #[error("what opens this has not been shared with this device yet; it comes when the other device syncs again")]
    NotAReader,
    /// For this device, and still not what its author made.
    #[error("what another device shared was changed or cut short, and was not used; sync with it again")]
    Damaged,
    /// Of a class that a later version made; it is passed on as it is.
    #[error("what another device shared is of a newer version; it is kept, and an updated program opens it")]
    LaterClass,
    /// Keys of process notes and others do not go into one part.
    #[error("what opens private notes is kept apart from the rest; nothing was shared")]
    Mixed,
    /// More than [`KEYS_MAX`] keys, or [`READERS_MAX`] readers, or none.
    #[error("this is nothing, or too much, to be shared with other devices at once; nothing was shared")]
    Count,
}

impl From<Malformed> for PartError {
    fn from(_: Malformed) -> Self {
        Self::Damaged
    }
}

/// A device that can open a part.
struct PartReader {
    device: DeviceId,
    generation: Generation,
    wrap: Vec<u8>,
}

/// A keyring part as it was published, not yet opened.
pub struct Part {
    id: DocId,
    version: u64,
    class: u8,
    keys: Vec<KeyId>,
    readers: Vec<PartReader>,
    sealed: Vec<u8>,
}

impl Part {
    /// Seals these keys for these readers: their DKKs, or for process keys their PKKs. A version replaces the earlier
    /// ones of the same author and id.
    ///
    /// # Errors
    /// [`PartError::Mixed`] and [`PartError::Count`].
    pub fn publish(
        id: DocId,
        version: u64,
        entries: &[CompartmentEntry],
        author: DeviceId,
        readers: &[(DeviceId, Generation, &WrapPublic)],
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, PartError> {
        let counted = (1..=KEYS_MAX).contains(&entries.len()) && (1..=READERS_MAX).contains(&readers.len());
        if !counted {
            return Err(PartError::Count);
        }
        let (class, keys) =
            (class_of(entries.iter().map(|entry| entry.compartment))?, entries.iter().map(|entry| entry.id).collect());
        let key = Key::<MessageRole>::random(entropy);
        let mut part = Self { id, version, class, keys, readers: Vec::new(), sealed: Vec::new() };
        part.sealed = seal::seal(&key, &part.context(author), &entries_to_bytes(entries), entropy);
        for (device, generation, public) in readers {
            let wrap = wrap::wrap(public, &part.reader_context(author, *device), key.expose(), entropy);
            part.readers.push(PartReader { device: *device, generation: *generation, wrap });
        }
        Ok(part.to_bytes())
    }

    /// Reads a part.
    ///
    /// # Errors
    /// [`Malformed`]; nothing is opened yet.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let part = Self {
            id: DocId(reader.array()?),
            version: reader.u64()?,
            class: reader.u8()?,
            keys: reader.list(KEYS_MAX, |reader| reader.array().map(KeyId))?,
            readers: reader.list(READERS_MAX, read_reader)?,
            sealed: reader.lp(sealed_len(entries_len(KEYS_MAX)))?.to_vec(),
        };
        reader.finish()?;
        let named = part.keys.iter().map(compartment_of);
        let fits = match part.class {
            EVERYDAY | PROCESS => class_of(named) == Ok(part.class),
            _ => true,
        };
        if fits { Ok(part) } else { Err(Malformed) }
    }

    /// Opens the part that `author` published in its own log, as `device`, with the key of this generation.
    ///
    /// # Errors
    /// [`PartError::NotAReader`], to be waited out, and [`PartError::Damaged`].
    pub fn open(
        &self,
        author: DeviceId,
        device: DeviceId,
        generation: &Generation,
        seed: &Key<WrapRole>,
    ) -> Result<Vec<CompartmentEntry>, PartError> {
        if self.is_of_later_class() {
            return Err(PartError::LaterClass);
        }
        let mut readers = self.readers.iter();
        let ours = readers.find(|reader| reader.device == device && reader.generation == *generation);
        let wrap = &ours.ok_or(PartError::NotAReader)?.wrap;
        let key = wrap::unwrap(seed, &self.reader_context(author, device), wrap).map_err(|_| PartError::Damaged)?;
        let key = Key::<MessageRole>::from_slice(&key).ok_or(PartError::Damaged)?;
        let plain = seal::open(&key, &self.context(author), &self.sealed).map_err(|_| PartError::Damaged)?;
        let entries = entries_from_bytes(&plain)?;
        // What their names say of their compartments was looked at when the part was read.
        let named = entries.iter().map(|entry| entry.id).eq(self.keys.iter().copied());
        if named { Ok(entries) } else { Err(PartError::Damaged) }
    }

    /// The part's id, the same in each version.
    pub fn id(&self) -> DocId {
        self.id
    }

    /// A later version replaces an earlier one of the same author.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether it holds keys of process notes, so that only PKK opens it.
    pub fn is_process(&self) -> bool {
        self.class == PROCESS
    }

    /// Whether it is of a class that this version does not know.
    pub fn is_of_later_class(&self) -> bool {
        !matches!(self.class, EVERYDAY | PROCESS)
    }

    /// Whether this device is among its readers.
    pub fn is_for(&self, device: &DeviceId) -> bool {
        self.readers.iter().any(|reader| reader.device == *device)
    }

    /// The keys in it, in the clear.
    pub fn key_ids(&self) -> &[KeyId] {
        &self.keys
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.bytes(&self.id.0).u64(self.version).u8(self.class);
        writer.list(&self.keys, |writer, key| {
            writer.bytes(&key.0);
        });
        writer.list(&self.readers, |writer, reader| {
            writer.bytes(&reader.device.0).bytes(&reader.generation).lp(&reader.wrap);
        });
        writer.lp(&self.sealed).finish()
    }

    fn context(&self, author: DeviceId) -> Vec<u8> {
        let version = self.version.to_le_bytes();
        [labels::PART, &self.id.0, &version, &[self.class], &author.0].concat()
    }

    fn reader_context(&self, author: DeviceId, reader: DeviceId) -> Vec<u8> {
        [labels::PART_KEY, &self.id.0, &self.version.to_le_bytes(), &author.0, &reader.0].concat()
    }
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Part")
    }
}

/// The class of a part that holds keys of these compartments: all of process notes, or none.
fn class_of(compartments: impl Iterator<Item = Compartment>) -> Result<u8, PartError> {
    let mut classes =
        compartments.map(|compartment| if compartment == Compartment::Process { PROCESS } else { EVERYDAY });
    let first = classes.next().ok_or(PartError::Count)?;
    if classes.all(|class| class == first) { Ok(first) } else { Err(PartError::Mixed) }
}

fn read_reader(reader: &mut Reader<'_>) -> Result<PartReader, Malformed> {
    let (device, generation) = (DeviceId(reader.array()?), reader.array()?);
    Ok(PartReader { device, generation, wrap: reader.lp(wrapped_len(KEY_LEN))?.to_vec() })
}

const fn entries_len(count: usize) -> usize {
    4 + count * CompartmentEntry::LEN
}

fn entries_to_bytes(entries: &[CompartmentEntry]) -> Zeroizing<Vec<u8>> {
    let mut writer = Writer::with_capacity(entries_len(entries.len()));
    writer.list(entries, |writer, entry| entry.write(writer));
    Zeroizing::new(writer.finish())
}

fn entries_from_bytes(plain: &[u8]) -> Result<Vec<CompartmentEntry>, Malformed> {
    let mut reader = Reader::new(plain);
    let entries = reader.list(KEYS_MAX, CompartmentEntry::read)?;
    reader.finish()?;
    Ok(entries)
}

#[cfg(test)]
mod tests;
