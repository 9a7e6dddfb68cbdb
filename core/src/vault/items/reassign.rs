//! Moves of a note to another client (format §3, *moved*), and whose a note is by all of them.

use crate::codec::{Malformed, Reader, Writer};
use crate::id::{ClientId, DocId, Hash, KeyId};
use crate::log::DocType;
use crate::vault::Millis;

/// Moves that one item may name.
pub(crate) const MOST_SEEN: usize = 1_024;

/// What a move item says.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) kind: DocType,
    pub(crate) to: ClientId,
    pub(crate) from: ClientId,
    pub(crate) at: Millis,
    /// The moves that its author knew: they count no more.
    pub(crate) seen: Vec<Hash>,
}

/// A move item of a note, with its hash and the key that sealed it.
pub(crate) struct PlacedMove {
    pub(crate) hash: Hash,
    pub(crate) key: KeyId,
    pub(crate) says: Move,
}

impl Move {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.u8(self.kind.code()).bytes(&self.to.0).bytes(&self.from.0).u64(self.at);
        writer.list(&self.seen, |writer, hash| {
            writer.bytes(&hash.0);
        });
        writer.finish()
    }

    pub(crate) fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        let read = Self {
            kind: DocType::of(reader.u8()?),
            to: DocId(reader.array()?),
            from: DocId(reader.array()?),
            at: reader.u64()?,
            seen: reader.list(MOST_SEEN, |reader| reader.array().map(Hash))?,
        };
        reader.finish()?;
        Ok(read)
    }
}

/// Whose a note is, and the key that it is written with: the client of the last move, or of the later of two that did not
/// know of each other. But a signature is never taken from the client that it names: a note that was signed, and not
/// for that client, is where its first signature says.
pub(crate) fn owner(moves: &[PlacedMove], signed: &[(ClientId, KeyId)]) -> Option<(ClientId, KeyId)> {
    let newest = moves.iter().filter(|one| !moves.iter().any(|other| other.says.seen.contains(&one.hash)));
    let last = newest.max_by_key(|one| (one.says.at, one.hash))?;
    match signed.first() {
        Some(first) if !signed.iter().any(|(client, _)| *client == last.says.to) => Some(*first),
        _ => Some((last.says.to, last.key)),
    }
}
