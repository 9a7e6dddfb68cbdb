//! The two boxes of keys (format §2): what the local key opens, and what only the passphrase itself opens.

use zeroize::Zeroizing;

use crate::codec::Reader;
use crate::entropy::Entropy;
use crate::roster::Generation;
use crate::rows::RowError;
use crate::secret::{
    AuthorityRole, DeviceSigningRole, Key, LocalRole, ReauthRole, Role, RowRole, TransportRole, WrapRole,
};
use crate::vault::{DAY, Millis};
use crate::{labels, seal};

/// Days after which the transport key is made anew: a café learns one week of visits at most.
const TRANSPORT_FOR: Millis = 7 * DAY;

/// Opened by the local key.
pub(crate) struct KeyBox {
    pub(crate) rows: Key<RowRole>,
    pub(crate) signing: Key<DeviceSigningRole>,
    pub(crate) generation: Generation,
    pub(crate) wrap: Key<WrapRole>,
    pub(crate) transport: Key<TransportRole>,
    pub(crate) transport_made: Millis,
}

impl KeyBox {
    pub(crate) fn fresh(now: Millis, entropy: &mut dyn Entropy) -> Self {
        Self {
            rows: Key::random(entropy),
            signing: Key::random(entropy),
            generation: crate::entropy::random(entropy),
            wrap: Key::random(entropy),
            transport: Key::random(entropy),
            transport_made: now,
        }
    }

    /// The box with a new transport key, when the week of the old one is over or the clock went back by more than that.
    pub(crate) fn with_new_transport(&self, now: Millis, entropy: &mut dyn Entropy) -> Option<Self> {
        let due = now.abs_diff(self.transport_made) >= TRANSPORT_FOR;
        due.then(|| Self { transport: Key::random(entropy), transport_made: now, ..self.duplicate() })
    }

    pub(crate) fn duplicate(&self) -> Self {
        Self {
            rows: self.rows.duplicate(),
            signing: self.signing.duplicate(),
            generation: self.generation,
            wrap: self.wrap.duplicate(),
            transport: self.transport.duplicate(),
            transport_made: self.transport_made,
        }
    }

    pub(crate) fn seal(&self, under: &Key<LocalRole>, entropy: &mut dyn Entropy) -> Vec<u8> {
        let mut plain = Zeroizing::new(Vec::with_capacity(32 * 4 + 16 + 8));
        plain.extend_from_slice(self.rows.expose());
        plain.extend_from_slice(self.signing.expose());
        plain.extend_from_slice(&self.generation);
        plain.extend_from_slice(self.wrap.expose());
        plain.extend_from_slice(self.transport.expose());
        plain.extend_from_slice(&self.transport_made.to_le_bytes());
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
            transport_made: reader.u64()?,
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
