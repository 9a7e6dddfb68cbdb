//! The two boxes of keys (format §2): what the local key opens, and what only the passphrase itself opens.

use zeroize::Zeroizing;

use crate::codec::Reader;
use crate::entropy::Entropy;
use crate::roster::Generation;
use crate::rows::RowError;
use crate::secret::{
    AuthorityRole, DeviceSigningRole, Key, LocalRole, ReauthRole, Role, RowRole, TransportRole, WrapRole,
};
use crate::{kdf, labels, seal};

/// Opened by the local key.
pub(crate) struct KeyBox {
    pub(crate) rows: Key<RowRole>,
    pub(crate) signing: Key<DeviceSigningRole>,
    pub(crate) generation: Generation,
    pub(crate) wrap: Key<WrapRole>,
    pub(crate) transport: Key<TransportRole>,
}

impl KeyBox {
    pub(crate) fn fresh(entropy: &mut dyn Entropy) -> Self {
        Self {
            rows: Key::random(entropy),
            signing: Key::random(entropy),
            generation: crate::entropy::random(entropy),
            wrap: Key::random(entropy),
            transport: Key::random(entropy),
        }
    }

    /// The transport key of a week ([`crate::log::week_of`]). A café learns one week of visits at most, and the other devices
    /// can be told the public halves of weeks to come.
    pub(crate) fn transport_of(&self, week: u32) -> Key<TransportRole> {
        kdf::derive(&self.transport, labels::TRANSPORT, &week.to_le_bytes())
    }

    pub(crate) fn duplicate(&self) -> Self {
        Self {
            rows: self.rows.duplicate(),
            signing: self.signing.duplicate(),
            generation: self.generation,
            wrap: self.wrap.duplicate(),
            transport: self.transport.duplicate(),
        }
    }

    pub(crate) fn seal(&self, under: &Key<LocalRole>, entropy: &mut dyn Entropy) -> Vec<u8> {
        let mut plain = Zeroizing::new(Vec::with_capacity(32 * 4 + 16));
        plain.extend_from_slice(self.rows.expose());
        plain.extend_from_slice(self.signing.expose());
        plain.extend_from_slice(&self.generation);
        plain.extend_from_slice(self.wrap.expose());
        plain.extend_from_slice(self.transport.expose());
        seal::seal(under, labels::BOX_KEYS, &plain, entropy)
    }

    pub(crate) fn open(sealed: &[u8], under: &Key<LocalRole>) -> Result<Self, RowError> {
        let plain = seal::open(under, labels::BOX_KEYS, sealed)?;
        let mut reader = Reader::new(&plain);
        let opened = Self {
            rows: key(&mut reader)?,
            signing: key(&mut reader)?,
            generation: reader.array()?,
            wrap: key(&mut reader)?,
            transport: key(&mut reader)?,
        };
        reader.finish()?;
        Ok(opened)
    }
}

/// Opened by the key that the passphrase gives each time anew.
pub(crate) struct ReauthBox {
    pub(crate) authority: Key<AuthorityRole>,
    pub(crate) generation: Generation,
    pub(crate) process: Key<WrapRole>,
}

impl ReauthBox {
    pub(crate) fn duplicate(&self) -> Self {
        let (authority, process) = (self.authority.duplicate(), self.process.duplicate());
        Self { authority, generation: self.generation, process }
    }

    pub(crate) fn seal(&self, under: &Key<ReauthRole>, entropy: &mut dyn Entropy) -> Vec<u8> {
        let mut plain = Zeroizing::new(Vec::with_capacity(32 * 2 + 16));
        plain.extend_from_slice(self.authority.expose());
        plain.extend_from_slice(&self.generation);
        plain.extend_from_slice(self.process.expose());
        seal::seal(under, labels::BOX_REAUTH, &plain, entropy)
    }

    pub(crate) fn open(sealed: &[u8], under: &Key<ReauthRole>) -> Result<Self, RowError> {
        let plain = seal::open(under, labels::BOX_REAUTH, sealed)?;
        let mut reader = Reader::new(&plain);
        let opened = Self { authority: key(&mut reader)?, generation: reader.array()?, process: key(&mut reader)? };
        reader.finish()?;
        Ok(opened)
    }
}

fn key<R: Role>(reader: &mut Reader<'_>) -> Result<Key<R>, RowError> {
    let mut bytes = reader.array::<32>()?;
    Ok(Key::take(&mut bytes))
}
