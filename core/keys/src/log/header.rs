//! The header of an envelope: 126 bytes in the clear, and 64 more when its device signed it.
//!
//! Refused: other lengths, another magic or suite, a first header that names a predecessor, a body beyond its limit,
//! and a signature by any device but the one whose id begins the log's.

use subrosa_base::codec::{Malformed, Reader, Writer};
use subrosa_base::id::{EpochId, Hash, LogId};
use subrosa_base::labels;

use super::body::BODY_MAX;
use super::chain::Position;
use super::codes::Class;
use crate::kdf;
use crate::sign::{BadSignature, PublicKey, Signature, Signer};

const MAGIC: [u8; 8] = *b"subrosa\x02";
const SUITE: u8 = 1;

/// Why bytes are no header. Nothing of them was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The length or a field cannot be.
    #[error("this is not the header of a change: it was cut short or altered, and was not used")]
    Malformed,
    /// Another program's bytes, or another format's.
    #[error("this is not a change of a practice, and was not used")]
    Foreign,
    /// Ours, under a set of algorithms that this version does not have.
    #[error("this change was sealed by a newer version; update this device to read it")]
    NewerSuite,
}

impl From<Malformed> for HeaderError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// Where an envelope stands, before its body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// What it is for.
    pub class: Class,
    /// The log that it goes on with.
    pub log: LogId,
    /// Where that log ends so far.
    pub after: Position,
    /// The epoch whose secret seals the body.
    pub epoch: EpochId,
}

impl Place {
    /// The header of this body at this place.
    pub(super) fn header(&self, body_len: u32, body_hash: Hash) -> Header {
        let Self { class, log, after, epoch } = *self;
        Header { class, log, seq: after.next_seq, prev: after.head, epoch, body_len, body_hash }
    }

    /// What the body is sealed for: every field that is known before it.
    pub(super) fn body_context(&self) -> Vec<u8> {
        self.header(0, Hash([0; Hash::LEN])).body_context()
    }
}

/// What everybody may know of an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What it is for.
    pub class: Class,
    /// The log, and with it the device that writes it.
    pub log: LogId,
    /// The number in the log, from 0.
    pub seq: u64,
    /// Hash of the header before; zeros before the first.
    pub prev: Hash,
    /// The epoch whose secret seals the body.
    pub epoch: EpochId,
    /// Bytes in the sealed body.
    pub body_len: u32,
    /// Hash of the sealed body.
    pub body_hash: Hash,
}

impl Header {
    /// Bytes in a header.
    pub const LEN: usize = 126;
    /// The part that is known before the body: magic to epoch.
    const BOUND: usize = 90;

    /// Reads exactly [`Self::LEN`] bytes.
    ///
    /// # Errors
    /// See [`HeaderError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, HeaderError> {
        let mut reader = Reader::new(bytes);
        if reader.array()? != MAGIC {
            return Err(HeaderError::Foreign);
        }
        if reader.u8()? != SUITE {
            return Err(HeaderError::NewerSuite);
        }
        let header = Self {
            class: Class::of(reader.u8()?),
            log: LogId(reader.array()?),
            seq: reader.u64()?,
            prev: Hash(reader.array()?),
            epoch: EpochId(reader.array()?),
            body_len: reader.u32()?,
            body_hash: Hash(reader.array()?),
        };
        reader.finish()?;
        if header.can_be() { Ok(header) } else { Err(HeaderError::Malformed) }
    }

    /// The bytes that are hashed, signed and sent.
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut writer = Writer::with_capacity(Self::LEN);
        writer.bytes(&MAGIC).u8(SUITE).u8(self.class.code()).bytes(&self.log.0).u64(self.seq).bytes(&self.prev.0);
        writer.bytes(&self.epoch.0).u32(self.body_len).bytes(&self.body_hash.0);
        let mut bytes = [0; Self::LEN];
        bytes.iter_mut().zip(writer.finish()).for_each(|(to, from)| *to = from);
        bytes
    }

    /// The envelope's name.
    pub fn hash(&self) -> Hash {
        kdf::sha256(&self.to_bytes())
    }

    /// What the body is sealed for: a body moved to another place does not open.
    pub fn body_context(&self) -> Vec<u8> {
        labels::BODY.iter().copied().chain(self.to_bytes().into_iter().take(Self::BOUND)).collect()
    }

    /// Whether this is the body that the header names. Needs no key.
    pub fn names(&self, body: &[u8]) -> bool {
        u32::try_from(body.len()) == Ok(self.body_len) && kdf::sha256(body) == self.body_hash
    }

    fn can_be(&self) -> bool {
        let first = self.seq == 0;
        let names_none = self.prev == Position::START.head;
        let can_follow = first == names_none && self.seq < u64::MAX;
        can_follow && self.log.can_be() && usize::try_from(self.body_len).is_ok_and(|len| len <= BODY_MAX)
    }
}

/// A header with its signature, when it is one that its device signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedHeader {
    /// What is signed.
    pub header: Header,
    /// The device's signature: it covers every header before this one, too.
    pub signature: Option<Signature>,
}

impl SignedHeader {
    /// Bytes of a header with its signature.
    pub const LONGEST: usize = Header::LEN + Signature::LEN;

    /// Signs as the device that writes the log.
    pub fn sign(header: Header, device: &Signer) -> Self {
        Self { header, signature: Some(device.sign(labels::HEADER, &header.to_bytes())) }
    }

    /// Reads a header, or a header and its signature.
    ///
    /// # Errors
    /// See [`HeaderError`]. The signature is read, not verified.
    pub fn parse(bytes: &[u8]) -> Result<Self, HeaderError> {
        let (header, rest) = bytes.split_at_checked(Header::LEN).ok_or(HeaderError::Malformed)?;
        let header = Header::parse(header)?;
        if rest.is_empty() {
            return Ok(Self { header, signature: None });
        }
        let signature = Signature::from_slice(rest).ok_or(HeaderError::Malformed)?;
        Ok(Self { header, signature: Some(signature) })
    }

    /// 126 bytes, or 190.
    pub fn to_bytes(&self) -> Vec<u8> {
        let signature = self.signature.iter().flat_map(|signature| signature.0);
        self.header.to_bytes().into_iter().chain(signature).collect()
    }

    /// Whether this device signed it, and writes this log.
    ///
    /// # Errors
    /// [`BadSignature`], also where there is none, and where the log is another device's.
    pub fn verify(&self, device: &PublicKey) -> Result<(), BadSignature> {
        if device.device_id() != self.header.log.device() {
            return Err(BadSignature);
        }
        device.verify(labels::HEADER, &self.header.to_bytes(), self.signature.as_ref().ok_or(BadSignature)?)
    }
}

#[cfg(test)]
mod tests;
