//! Moves of a note to another client (format §3, *moved*), and whose a note is by all of them.

use crate::codec::{Malformed, Reader, Writer};
use crate::id::{ClientId, DocId, Hash};
use crate::vault::Millis;
use crate::vault::items::origin::Origin;

/// Moves that one item may name.
pub(crate) const MOST_SEEN: usize = 1_024;

/// What a move item says.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) origin: Origin,
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
            origin: Origin::read(&mut reader)?,
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
    let newest = moves.iter().filter(|one| !moves.iter().any(|other| other.says.seen.contains(&one.hash)));
    let last = newest.max_by_key(|one| (one.says.at, one.hash))?;
    match signed.first() {
        Some(first) if !signed.contains(&last.says.to) => Some(*first),
        _ => Some(last.says.to),
    }
}
