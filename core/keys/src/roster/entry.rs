//! Roster entries: signed statements of the practice's authority about its devices, in final form.
//!
//! Every kind has the same fields, so that an entry of a later kind is read, verified, kept and forwarded by this
//! version. Refused: bytes that are not exactly an entry, lists beyond their limits, parents out of order or doubled,
//! a device whose id is not its key's, a name that is no text, and a known kind with fields that do not belong to it.

use std::num::NonZeroU8;

use subrosa_base::codec::{Malformed, Reader, Writer};
use subrosa_base::id::{DeviceId, EpochId, Hash, LogId};
use subrosa_base::labels;

use super::card::DeviceCard;
use super::epochs::{self, HandedOver};
use super::removal::{self, SignedBy};
use crate::kdf;
use crate::kem::WrapPublic;
use crate::secret::{EpochRole, Key};
use crate::sign::{BadSignature, PublicKey, Signature, Signer};

/// The most devices that a practice has at one time.
pub const MAX_DEVICES: usize = 16;
/// Stands for the epoch that an entry opens itself.
pub(super) const OWN_EPOCH: EpochId = EpochId([0; EpochId::LEN]);
const MAGIC: [u8; 15] = *b"subrosa roster\x02";
pub(super) const PARENTS_MAX: usize = 64;
/// The most cuts of one entry.
pub const CUTS_MAX: usize = 64;
const WRAPS_MAX: usize = 64;
const AUTHORITIES_MAX: usize = 1;
const RECOVERY_KEYS_MAX: usize = 4;
/// Bytes of one wrap: a few keys, and room for what later kinds hand over.
pub(super) const WRAP_MAX: usize = 16 << 10;
/// Sealed bytes of the secrets of earlier epochs: those of some ten thousand, of which mostly one is handed on, since that one
/// opens the next.
pub(super) const EARLIER_MAX: usize = 512 << 10;
/// Epochs whose secrets an entry hands on at the most.
pub(super) const EARLIER_MOST: usize = 8_192;

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// The beginning of a practice, and of its first epoch.
    Genesis,
    /// A device is admitted.
    Admission,
    /// Devices are removed, and a new epoch and a new authority begin.
    Removal,
    /// How far a device held the logs of one that was removed, when it learned of the removal.
    Cut,
    /// How far the therapist chose to keep what came later.
    Kept,
    /// Another recovery kit is in force from here on.
    Recovery,
    /// Which branches of a log that has too many its author uses.
    Branches,
    /// A kind of a later version.
    Unknown(NonZeroU8),
}

impl EntryKind {
    fn of(code: u8) -> Result<Self, Malformed> {
        Ok(match NonZeroU8::new(code).ok_or(Malformed)? {
            code if code.get() == 1 => Self::Genesis,
            code if code.get() == 2 => Self::Admission,
            code if code.get() == 3 => Self::Removal,
            code if code.get() == 4 => Self::Recovery,
            code if code.get() == 5 => Self::Cut,
            code if code.get() == 6 => Self::Kept,
            code if code.get() == 7 => Self::Branches,
            code => Self::Unknown(code),
        })
    }

    pub(super) fn code(self) -> u8 {
        match self {
            Self::Genesis => 1,
            Self::Admission => 2,
            Self::Removal => 3,
            Self::Recovery => 4,
            Self::Cut => 5,
            Self::Kept => 6,
            Self::Branches => 7,
            Self::Unknown(code) => code.get(),
        }
    }
}

/// How far a removed device's log is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The log.
    pub log: LogId,
    /// The number of the last accepted envelope.
    pub seq: u64,
    /// Its header's hash.
    pub head: Hash,
}

/// Secrets for one device, wrapped to one of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryWrap {
    /// Who opens it.
    pub device: DeviceId,
    /// What is inside; one of those below, or a purpose of a later version.
    pub purpose: u8,
    /// The wrap.
    pub bytes: Vec<u8>,
}

impl EntryWrap {
    /// Epoch secrets and the practice key, for a device that is admitted.
    pub const ADMISSION: u8 = 1;
    /// The secret of the epoch that a removal opens, and of those before it, for a device that stays.
    pub const EPOCH: u8 = 2;
    /// The authority's new key, for a device that stays; only its passphrase opens it.
    pub const AUTHORITY: u8 = 3;
    /// No wrap: the signature of the device on which an admission, a removal, or a new recovery kit was made.
    pub const AUTHOR: u8 = 4;
}

/// Secrets of earlier epochs, sealed under that of a later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The epoch whose secret opens them; zeros stand for the one that the entry opens.
    pub under: EpochId,
    /// `seal(derive(ES, …), list(epoch ‖ ES))`.
    pub sealed: Vec<u8>,
}

/// One entry, read and found in form. Whether it counts is [`Roster`](super::Roster)'s to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it says.
    pub kind: EntryKind,
    /// Of a removal: its devices are retired and not lost, so that the practice keeps its contact card.
    pub keeps_card: bool,
    /// When, by its author's clock, in milliseconds of Unix time.
    pub time: u64,
    /// The entries that its author knew as heads, in ascending order.
    pub parents: Vec<Hash>,
    /// The device on which it was written.
    pub author: DeviceId,
    /// The devices that it is about.
    pub devices: Vec<DeviceCard>,
    /// Limits of a removed device's logs.
    pub cuts: Vec<Cut>,
    /// Secrets handed over with it.
    pub wraps: Vec<EntryWrap>,
    /// The authority's public key, when it is new.
    pub authority: Option<PublicKey>,
    /// The recovery keys, when they are new.
    pub recovery: Vec<WrapPublic>,
    /// What follows from the secret of the epoch that it opens, and from that secret alone.
    pub commitment: Option<Hash>,
    /// Secrets of earlier epochs, for whoever has that of a later one.
    pub earlier: Option<Earlier>,
    pub(super) signature: Signature,
}

/// The parents that the bytes of an entry name, without reading the rest; `None` of what does not begin like one.
pub(super) fn parents_of(bytes: &[u8]) -> Option<Vec<Hash>> {
    let mut reader = Reader::new(bytes);
    // Before them stand the kind, whether the card stays, and the time.
    reader.bytes(MAGIC.len() + 1 + 1 + 8).ok()?;
    reader.list(PARENTS_MAX, |reader| reader.array().map(Hash)).ok()
}

impl Entry {
    /// The first entry of a practice: its first device, its authority, its recovery keys (one to four), its first epoch.
    pub fn genesis(
        time: u64,
        first: DeviceCard,
        recovery: Vec<WrapPublic>,
        epoch: &Key<EpochRole>,
        authority: &Signer,
    ) -> Vec<u8> {
        let unsigned = Self {
            author: first.id,
            devices: vec![first],
            authority: Some(authority.public_key()),
            recovery,
            commitment: Some(epochs::commitment(epoch)),
            ..Self::blank(EntryKind::Genesis, time)
        };
        unsigned.signed(authority).to_bytes()
    }

    /// Admits a device. `heads` are the roster's, what is handed over is made by [`Roster::hand_over`](super::Roster::hand_over).
    pub fn admission(
        time: u64,
        heads: impl IntoIterator<Item = Hash>,
        device: DeviceCard,
        handed: HandedOver,
        by: &SignedBy<'_>,
    ) -> Vec<u8> {
        let unsigned = Self {
            parents: removal::parents(heads),
            author: by.device.public_key().device_id(),
            wraps: vec![EntryWrap { device: device.id, purpose: EntryWrap::ADMISSION, bytes: handed.wrap }],
            devices: vec![device],
            earlier: Some(handed.earlier),
            ..Self::blank(EntryKind::Admission, time)
        };
        unsigned.signed_by_author(by.device).signed(by.authority).to_bytes()
    }

    /// Reads an entry.
    ///
    /// # Errors
    /// [`Malformed`]. The signature is read, not verified.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.array()? != MAGIC {
            return Err(Malformed);
        }
        let entry = Self {
            kind: EntryKind::of(reader.u8()?)?,
            keeps_card: read_flag(&mut reader)?,
            time: reader.u64()?,
            parents: reader.list(PARENTS_MAX, |reader| reader.array().map(Hash))?,
            author: DeviceId(reader.array()?),
            devices: reader.list(MAX_DEVICES, DeviceCard::read)?,
            cuts: reader.list(CUTS_MAX, read_cut)?,
            wraps: reader.list(WRAPS_MAX, read_wrap)?,
            authority: reader.list(AUTHORITIES_MAX, |reader| reader.array().map(PublicKey))?.pop(),
            recovery: reader.list(RECOVERY_KEYS_MAX, read_public)?,
            commitment: reader.list(1, |reader| reader.array().map(Hash))?.pop(),
            earlier: reader.list(1, read_earlier)?.pop(),
            signature: Signature(reader.array()?),
        };
        reader.finish()?;
        if entry.is_in_form() { Ok(entry) } else { Err(Malformed) }
    }

    /// The bytes that [`Entry::parse`] reads; they are what is stored, hashed and forwarded.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.message()[..], &self.signature.0].concat()
    }

    /// The entry's name: the hash of all of it, signature included.
    pub fn hash(&self) -> Hash {
        kdf::sha256(&self.to_bytes())
    }

    /// How many bytes it has, without writing them.
    pub(super) fn size(&self) -> usize {
        let devices: usize = self.devices.iter().map(|card| 2_516 + card.name.len()).sum();
        let wraps: usize = self.wraps.iter().map(|wrap| 21 + wrap.bytes.len()).sum();
        let keys = 1_216 * self.recovery.len() + 32 * self.authority.iter().len() + 32 * self.commitment.iter().len();
        let earlier = self.earlier.as_ref().map_or(0, |earlier| 20 + earlier.sealed.len());
        MAGIC.len() + 122 + 32 * self.parents.len() + devices + 64 * self.cuts.len() + wraps + keys + earlier
    }

    /// Whether this authority signed it.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(&self, authority: &PublicKey) -> Result<(), BadSignature> {
        authority.verify(labels::ROSTER, &self.message(), &self.signature)
    }

    pub(super) fn blank(kind: EntryKind, time: u64) -> Self {
        Self {
            kind,
            keeps_card: false,
            time,
            parents: Vec::new(),
            author: DeviceId([0; DeviceId::LEN]),
            devices: Vec::new(),
            cuts: Vec::new(),
            wraps: Vec::new(),
            authority: None,
            recovery: Vec::new(),
            commitment: None,
            earlier: None,
            signature: Signature([0; Signature::LEN]),
        }
    }

    pub(super) fn signed(self, authority: &Signer) -> Self {
        Self { signature: authority.sign(labels::ROSTER, &self.message()), ..self }
    }

    /// Everything before the signature.
    pub(super) fn message(&self) -> Vec<u8> {
        let authority: Vec<PublicKey> = self.authority.into_iter().collect();
        let mut writer = Writer::new();
        writer.bytes(&MAGIC).u8(self.kind.code()).u8(u8::from(self.keeps_card)).u64(self.time);
        writer
            .list(&self.parents, |writer, parent| {
                writer.bytes(&parent.0);
            })
            .bytes(&self.author.0);
        writer.list(&self.devices, |writer, device| device.write(writer));
        writer.list(&self.cuts, |writer, cut| {
            writer.bytes(&cut.log.0).u64(cut.seq).bytes(&cut.head.0);
        });
        writer.list(&self.wraps, |writer, wrap| {
            writer.bytes(&wrap.device.0).u8(wrap.purpose).lp(&wrap.bytes);
        });
        writer.list(&authority, |writer, key| {
            writer.bytes(&key.0);
        });
        writer.list(&self.recovery, |writer, key| {
            writer.bytes(key.as_bytes());
        });
        let (commitment, earlier): (Vec<Hash>, Vec<&Earlier>) =
            (self.commitment.into_iter().collect(), self.earlier.iter().collect());
        writer.list(&commitment, |writer, commitment| {
            writer.bytes(&commitment.0);
        });
        writer.list(&earlier, |writer, earlier| {
            writer.bytes(&earlier.under.0).lp(&earlier.sealed);
        });
        writer.finish()
    }

    fn is_in_form(&self) -> bool {
        let ascending = self.parents.iter().zip(self.parents.iter().skip(1)).all(|(one, next)| one < next);
        let may_keep = matches!(self.kind, EntryKind::Removal | EntryKind::Unknown(_)) || !self.keeps_card;
        ascending
            && may_keep
            && match (self.kind, self.devices.as_slice()) {
                (EntryKind::Unknown(_), _) => true,
                (EntryKind::Genesis, [device]) => self.is_genesis_of(device),
                (EntryKind::Admission, [device]) => self.admits(device),
                (EntryKind::Removal, _) => self.is_removal_in_form(),
                (EntryKind::Recovery, []) => self.is_recovery_in_form(),
                (EntryKind::Cut | EntryKind::Kept | EntryKind::Branches, [device]) => self.is_cut_in_form(device),
                _ => false,
            }
    }

    fn is_genesis_of(&self, device: &DeviceCard) -> bool {
        let begins = self.parents.is_empty() && self.author == device.id;
        let pins = self.authority.is_some() && !self.recovery.is_empty() && self.commitment.is_some();
        begins && pins && self.cuts.is_empty() && self.wraps.is_empty() && self.earlier.is_none()
    }

    fn admits(&self, device: &DeviceCard) -> bool {
        let handed = |wrap: &EntryWrap| wrap.device == device.id && wrap.purpose == EntryWrap::ADMISSION;
        let own = |wrap: &EntryWrap| wrap.device == self.author && wrap.purpose == EntryWrap::AUTHOR;
        let wrapped = match self.wraps.as_slice() {
            [one, other] => (handed(one) && own(other)) || (own(one) && handed(other)),
            _ => false,
        };
        let alone = self.cuts.is_empty() && self.authority.is_none() && self.recovery.is_empty();
        let hands_on =
            self.commitment.is_none() && self.earlier.as_ref().is_some_and(|earlier| earlier.under != OWN_EPOCH);
        wrapped && alone && hands_on && !self.parents.is_empty()
    }
}

fn read_flag(reader: &mut Reader<'_>) -> Result<bool, Malformed> {
    match reader.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Malformed),
    }
}

fn read_cut(reader: &mut Reader<'_>) -> Result<Cut, Malformed> {
    Ok(Cut { log: LogId(reader.array()?), seq: reader.u64()?, head: Hash(reader.array()?) })
}

fn read_wrap(reader: &mut Reader<'_>) -> Result<EntryWrap, Malformed> {
    let (device, purpose) = (DeviceId(reader.array()?), reader.u8()?);
    Ok(EntryWrap { device, purpose, bytes: reader.lp(WRAP_MAX)?.to_vec() })
}

fn read_earlier(reader: &mut Reader<'_>) -> Result<Earlier, Malformed> {
    Ok(Earlier { under: EpochId(reader.array()?), sealed: reader.lp(EARLIER_MAX)?.to_vec() })
}

pub(super) fn read_public(reader: &mut Reader<'_>) -> Result<WrapPublic, Malformed> {
    WrapPublic::from_slice(reader.bytes(WrapPublic::LEN)?).ok_or(Malformed)
}
