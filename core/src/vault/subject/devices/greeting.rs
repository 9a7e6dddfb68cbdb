//! The sealed hello: how two devices of a practice know each other, and a stranger learns nothing.

use crate::codec::{Reader, Writer};
use crate::id::{DeviceId, EpochId};
use crate::rows::RowError;
use crate::secret::{EpochRole, Key, MessageRole};
use crate::sign::{PublicKey, Signature, Signer};
use crate::vault::Millis;
use crate::vault::core::Transaction;
use crate::vault::registry::VoucherAt;
use crate::vault::subject::DeviceError;
use crate::vault::subject::{Devices, DevicesMut};
use crate::{kdf, labels, seal};

/// Bytes of the hello, always.
pub const HELLO_LEN: usize = 512;

/// How long the certificate in a hello holds.
const CERTIFICATE_FOR: Millis = 10 * 60 * 1_000;

impl Devices<'_> {
    pub(super) fn voucher(&self) -> Result<Option<Vec<u8>>, RowError> {
        self.core.read().get(&VoucherAt())
    }

    pub(super) fn vouched_for(&self, reader: &mut Reader<'_>) -> Option<PublicKey> {
        let signing = PublicKey(reader.array().ok()?);
        let signature = Signature(reader.array().ok()?);
        self.core.memory.roster.authority().verify(labels::VOUCHER, &self.vouched(&signing), &signature).ok()?;
        Some(signing)
    }

    pub(crate) fn vouched(&self, signing: &PublicKey) -> Vec<u8> {
        [self.core.memory.roster.practice().0, signing.0].concat()
    }

    /// What this device shows beside its endpoint id on the local network, so that devices of its practice alone dial it: it
    /// changes with that id, and says nothing to anybody else. `None` where no secret is here.
    pub fn nearby_tag(&self, endpoint: &[u8; 32]) -> Option<[u8; 16]> {
        let epoch = self.core.memory.roster.epoch_known_to_all(&self.core.device, &self.core.memory.epochs);
        self.core.memory.epochs.get(&epoch).map(|secret| nearby_tag(secret, endpoint))
    }

    /// Whether an endpoint on the local network shows a tag of this practice, under any epoch that is known.
    pub fn is_of_practice(&self, endpoint: &[u8; 32], tag: &[u8; 16]) -> bool {
        self.core.memory.epochs.values().any(|secret| nearby_tag(secret, endpoint) == *tag)
    }

    /// Who speaks in a hello, and how it was sealed; `None` for a stranger.
    pub fn greeted(&self, hello: &[u8], from: &[u8; 32], to: &[u8; 32], now: Millis) -> Option<Met> {
        if hello.len() != HELLO_LEN || self.core.read().is_removed() || self.core.require_vital().is_err() {
            return None;
        }
        let context = hello_context(from, to);
        let mut epochs = self.core.memory.epochs.iter();
        let (epoch, plain) =
            epochs.find_map(|(epoch, secret)| Some((*epoch, seal::open(&hello_key(secret), &context, hello).ok()?)))?;
        let mut reader = Reader::new(&plain);
        let device = DeviceId(reader.array().ok()?);
        let until = reader.u64().ok()?;
        let signature = Signature(reader.array().ok()?);
        let signing = match self.core.memory.roster.card(&device) {
            Some(card) => card.signing,
            None => self.vouched_for(&mut reader).filter(|signing| signing.device_id() == device)?,
        };
        signing.verify(labels::HELLO, &statement(from, to, until), &signature).ok()?;
        // Two clocks may differ by some hours; a certificate from another day is none.
        let slack = 12 * 3_600 * 1_000;
        let removed = self.core.memory.roster.removal_of(&device).is_some();
        (device != self.core.device && until.abs_diff(now) < slack).then_some(Met { device, epoch, removed })
    }
}

impl DevicesMut<'_> {
    /// The sealed hello from this device's transport key to another's: 512 bytes that tell a stranger nothing. It is sealed for
    /// the newest epoch of which every device has heard: who was away during a removal understands it too.
    pub fn hello(&mut self, from: &[u8; 32], to: &[u8; 32], now: Millis) -> Result<Vec<u8>, DeviceError> {
        self.hello_in(
            self.core.memory.roster.epoch_known_to_all(&self.core.device, &self.core.memory.epochs),
            from,
            to,
            now,
        )
    }

    /// The same, sealed for the epoch in which the other device spoke.
    pub fn hello_in(
        &mut self,
        epoch: EpochId,
        from: &[u8; 32],
        to: &[u8; 32],
        now: Millis,
    ) -> Result<Vec<u8>, DeviceError> {
        if self.core.read().is_removed() {
            return Err(DeviceError::RemovedHere);
        }
        self.core.require_vital()?;
        let secret = self.core.memory.epochs.get(&epoch).ok_or(RowError::KeyNotHere)?;
        let until = now.saturating_add(CERTIFICATE_FOR);
        let mut plain = Writer::new();
        plain.bytes(&self.core.device.0).u64(until);
        let signature = self.core.signer.sign(labels::HELLO, &statement(from, to, until));
        plain.bytes(&signature.0).bytes(&self.reads().voucher()?.unwrap_or_default());
        let mut plain = plain.finish();
        plain.resize(HELLO_LEN - seal::sealed_len(0), 0);
        let key = hello_key(secret);
        Ok(seal::seal(&key, &hello_context(from, to), &plain, &mut *self.core.entropy()))
    }

    /// What a device that was restored from a backup says in its hello, because the others cannot know it yet: its public key,
    /// and that the authority vouches for it.
    pub(crate) fn keep_voucher(&mut self, authority: &Signer, signing: &PublicKey) -> Result<(), RowError> {
        let signature = authority.sign(labels::VOUCHER, &self.reads().vouched(signing));
        let mut tx = Transaction::default();
        tx.put(&VoucherAt(), &[signing.0.as_slice(), &signature.0].concat());
        self.core.write(tx)
    }
}

/// Who spoke in a hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met {
    /// The device.
    pub device: DeviceId,
    /// The epoch whose secret sealed it.
    pub epoch: EpochId,
    /// Whether it was removed from the practice: it is told so, and nothing else.
    pub removed: bool,
}

fn nearby_tag(secret: &Key<EpochRole>, endpoint: &[u8; 32]) -> [u8; 16] {
    let mac = kdf::mac(secret, labels::NEARBY, &[endpoint]);
    mac.0.first_chunk().copied().unwrap_or_default()
}

fn hello_key(secret: &Key<EpochRole>) -> Key<MessageRole> {
    kdf::derive(secret, labels::HELLO, b"")
}

fn hello_context(from: &[u8; 32], to: &[u8; 32]) -> Vec<u8> {
    [labels::HELLO, from, to].concat()
}

/// What the certificate says: this transport key is mine, for this conversation, until then.
fn statement(from: &[u8; 32], to: &[u8; 32], until: Millis) -> Vec<u8> {
    [from.as_slice(), to, &until.to_le_bytes()].concat()
}
