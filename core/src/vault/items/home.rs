//! Where a document stands: what its id commits to, so that nobody can put an item of another type, or of another client,
//! under a known id (format §3, *documents*), and whose it is by its moves (*moved*).

use std::collections::BTreeSet;

use crate::codec::{Malformed, Reader, Writer};
use crate::entropy::{self, Entropy};
use crate::id::{ClientId, DocId, Hash};
use crate::keyring::Compartment;
use crate::log::DocType;
use crate::vault::Millis;
use crate::{kdf, labels};

/// Nobody: where no client is named.
pub(crate) const NOBODY: ClientId = DocId([0; DocId::LEN]);

/// The beginning of every payload that is about a document of a client. The document's id is a hash of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct DocumentOrigin {
    pub(crate) kind: DocType,
    /// For whom the document was begun; nobody for a client's own.
    pub(crate) client: ClientId,
    pub(crate) nonce: [u8; 16],
}

impl DocumentOrigin {
    /// Bytes of an origin.
    pub(crate) const LEN: usize = 33;

    /// That of a new document.
    pub(crate) fn fresh(kind: DocType, client: ClientId, entropy: &mut dyn Entropy) -> Self {
        Self { kind, client, nonce: entropy::random(entropy) }
    }

    /// What stands for the origin of documents that only the passphrase opens, until it does.
    pub(crate) fn unopened(kind: DocType) -> Self {
        Self { kind, client: NOBODY, nonce: [0; 16] }
    }

    /// The first 16 bytes of `hash("subrosa/v1/document", [type, client, nonce])`.
    pub(crate) fn id(&self) -> DocId {
        self.whole_hash().0.first_chunk().copied().map_or(NOBODY, DocId)
    }

    pub(crate) fn whole_hash(&self) -> Hash {
        kdf::hash(labels::DOCUMENT, &[&[self.kind.code()], &self.client.0, &self.nonce])
    }

    /// Whose record the document lies in, as long as no move says otherwise: a client's own in that client's.
    pub(crate) fn home(&self) -> ClientId {
        if self.kind == DocType::Client { self.id() } else { self.client }
    }

    /// Under which key of a client's a document of the record lies.
    pub(crate) fn compartment(&self) -> Compartment {
        match self.kind {
            DocType::Client => Compartment::Identity,
            DocType::ProcessNote => Compartment::Process,
            _ => Compartment::Clinical,
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.u8(self.kind.code()).bytes(&self.client.0).bytes(&self.nonce);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { kind: DocType::of(reader.u8()?), client: DocId(reader.array()?), nonce: reader.array()? })
    }

    /// That of a payload.
    pub(crate) fn of(payload: &[u8]) -> Result<Self, Malformed> {
        Self::read(&mut Reader::new(payload))
    }

    /// A payload: the origin, and what it says.
    pub(crate) fn with(&self, says: &[u8]) -> Vec<u8> {
        let mut writer = Writer::with_capacity(Self::LEN + says.len());
        self.write(&mut writer);
        writer.bytes(says);
        writer.finish()
    }
}

/// Under which key something leaves: which one that is, the device that writes it alone chooses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Under {
    /// That of the practice.
    Practice,
    /// One that this device made for a client's compartment in the epoch in force.
    Client(ClientId, Compartment),
}

/// Where a document stands: what its id commits to, and in whose record it lies now.
#[derive(Clone, Copy)]
pub(crate) struct Home {
    pub(crate) origin: DocumentOrigin,
    pub(crate) client: ClientId,
    /// Under which of that client's keys what is written about it lies.
    pub(crate) compartment: Compartment,
}

impl Home {
    pub(crate) fn under(&self) -> Under {
        Under::Client(self.client, self.compartment)
    }
}

/// What a payload says behind its origin.
pub(crate) fn said(payload: &[u8]) -> &[u8] {
    payload.get(DocumentOrigin::LEN..).unwrap_or_default()
}

/// Moves that one item may name.
pub(crate) const MOST_SEEN: usize = 1_024;

/// What a move item says.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) origin: DocumentOrigin,
    pub(crate) to: ClientId,
    pub(crate) at: Millis,
    /// The moves that its author knew: they count no more.
    pub(crate) seen: Vec<Hash>,
}

/// A move item of a note, with its hash.
pub(crate) struct PlacedMove {
    pub(crate) hash: Hash,
    pub(crate) says: Move,
}

impl Move {
    /// What somebody says who puts a document there and knows these moves: one item, or where they are more than one may name,
    /// several, each of which names the one before it.
    pub(crate) fn after(origin: DocumentOrigin, to: ClientId, at: Millis, known: &[Hash]) -> Vec<Self> {
        let mut moves = vec![Self { origin, to, at, seen: Vec::new() }];
        for hash in known {
            let full = moves.last().filter(|last| last.seen.len() >= MOST_SEEN);
            if let Some(before) = full.map(|last| kdf::sha256(&last.to_bytes())) {
                moves.push(Self { origin, to, at, seen: vec![before] });
            }
            moves.last_mut().into_iter().for_each(|last| last.seen.push(*hash));
        }
        moves
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.origin.write(&mut writer);
        writer.bytes(&self.to.0).u64(self.at);
        writer.list(&self.seen, |writer, hash| {
            writer.bytes(&hash.0);
        });
        writer.finish()
    }

    pub(crate) fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        let read = Self {
            origin: DocumentOrigin::read(&mut reader)?,
            to: DocId(reader.array()?),
            at: reader.u64()?,
            seen: reader.list(MOST_SEEN, |reader| reader.array().map(Hash))?,
        };
        reader.finish()?;
        Ok(read)
    }
}

/// Whose a note is, where moves say so: the client of the last move, or of the later of two that did not know of each other. But
/// a signature is never taken from the client that it names: a note that was signed, and not for that client, is where its first
/// signature says.
pub(crate) fn owner(moves: &[PlacedMove], signed: &[ClientId]) -> Option<ClientId> {
    let seen: BTreeSet<Hash> = moves.iter().flat_map(|one| one.says.seen.iter().copied()).collect();
    let last = moves.iter().filter(|one| !seen.contains(&one.hash)).max_by_key(|one| (one.says.at, one.hash))?;
    match signed.first() {
        Some(first) if !signed.contains(&last.says.to) => Some(*first),
        _ => Some(last.says.to),
    }
}
