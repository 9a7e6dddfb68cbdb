//! What the devices of a practice know of each other: public keys and a name.
//!
//! Refused: an id that is not its signing key's, a wrapping key that is malformed, a name that is no text or too long.

use std::fmt;

use subrosa_base::codec::{Malformed, Reader, Writer};
use subrosa_base::id::DeviceId;

use super::entry::read_public;
use crate::kem::WrapPublic;
use crate::sign::PublicKey;

/// Bytes of a device's name.
pub const NAME_MAX: usize = 256;

/// Names one generation of a wrapping key; random, so that it does not tell how many there were before.
pub type Generation = [u8; 16];

/// A device as its practice knows it.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceCard {
    /// Its id, which comes from `signing`.
    pub id: DeviceId,
    /// DSK's public half: signs its logs.
    pub signing: PublicKey,
    /// Generation of `dkk`.
    pub dkk_generation: Generation,
    /// DKK's public half: everyday secrets are wrapped to it.
    pub dkk: WrapPublic,
    /// Generation of `pkk`.
    pub pkk_generation: Generation,
    /// PKK's public half: process keys are wrapped to it.
    pub pkk: WrapPublic,
    /// The name that its owner gave it.
    pub name: String,
}

impl DeviceCard {
    /// A card over its public keys; a name longer than [`NAME_MAX`] bytes is cut at a whole character.
    pub fn new(
        signing: PublicKey,
        (dkk_generation, dkk): (Generation, WrapPublic),
        (pkk_generation, pkk): (Generation, WrapPublic),
        name: &str,
    ) -> Self {
        let name = name.get(..name.floor_char_boundary(NAME_MAX)).unwrap_or_default().to_owned();
        Self { id: signing.device_id(), signing, dkk_generation, dkk, pkk_generation, pkk, name }
    }

    /// Reads a card on its own, as a joining device sends it.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let card = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(card)
    }

    /// The bytes that [`DeviceCard::parse`] reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.finish()
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let card = Self {
            id: DeviceId(reader.array()?),
            signing: PublicKey(reader.array()?),
            dkk_generation: reader.array()?,
            dkk: read_public(reader)?,
            pkk_generation: reader.array()?,
            pkk: read_public(reader)?,
            name: std::str::from_utf8(reader.lp(NAME_MAX)?).map_err(|_| Malformed)?.to_owned(),
        };
        if card.id == card.signing.device_id() { Ok(card) } else { Err(Malformed) }
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.id.0).bytes(&self.signing.0);
        writer.bytes(&self.dkk_generation).bytes(self.dkk.as_bytes());
        writer.bytes(&self.pkk_generation).bytes(self.pkk.as_bytes()).lp(self.name.as_bytes());
    }
}

impl fmt::Debug for DeviceCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceCard({})", self.id)
    }
}
