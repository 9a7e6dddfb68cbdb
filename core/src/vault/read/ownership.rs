//! Whose a document is, by its moves and signatures.

use crate::id::{ClientId, DocId, KeyId};
use crate::kdf;
use crate::log::Kind;
use crate::rows::RowError;
use crate::vault::Millis;
use crate::vault::items::place::Entry;
use crate::vault::items::reassign::{Move, PlacedMove, owner};
use crate::vault::read::Documents;

impl<'a> Documents<'a> {
    /// The move items of a document that can be opened now.
    pub(crate) fn moves_of(&self, entry: &Entry) -> Result<Vec<PlacedMove>, RowError> {
        let mut moves = Vec::new();
        for (place, _) in entry.places.iter().filter(|(_, kind)| *kind == Kind::Moved) {
            let payload = self.payload(place)?;
            let says = Move::parse(&payload)?;
            moves.push(PlacedMove { hash: kdf::sha256(&payload), key: self.item(place)?.0.key, says });
        }
        Ok(moves)
    }

    /// Whose a document is and what it is written with, where move items say so.
    pub(crate) fn owner_of(&self, id: &DocId, entry: &Entry) -> Result<Option<(ClientId, KeyId)>, RowError> {
        if !entry.places.iter().any(|(_, kind)| *kind == Kind::Moved) {
            return Ok(None);
        }
        let moves = self.moves_of(entry)?;
        let signed = self.signed_versions(id, &self.material(entry)?);
        let mut clients = Vec::new();
        for note in &signed {
            // The key with which that client's own items were sealed; any of them would do.
            let own = moves.iter().find(|one| one.says.to == note.client).map(|one| one.key);
            clients.push((note.client, own.unwrap_or(self.first_key(entry, note.client)?)));
        }
        Ok(owner(&moves, &clients))
    }

    /// The key of a document's first item that is sealed for this client; the document's own where there is none.
    pub(crate) fn first_key(&self, entry: &Entry, client: ClientId) -> Result<KeyId, RowError> {
        for (place, _) in &entry.places {
            let key = self.item(place)?.0.key;
            if self.compartment_key(&key).is_ok_and(|(of, _)| of == client) {
                return Ok(key);
            }
        }
        Ok(entry.key)
    }

    /// Whether an item that names another client than its document's is explained by a move.
    pub(crate) fn is_moved_from(&self, entry: &Entry, client: &ClientId) -> bool {
        let moves = self.moves_of(entry).unwrap_or_default();
        moves.iter().any(|one| one.says.to == *client || one.says.from == *client)
    }

    /// What a move item of a document says now.
    pub(crate) fn move_of(&self, entry: &Entry, to: ClientId, from: ClientId, at: Millis) -> Result<Move, RowError> {
        let seen = self.moves_of(entry)?.into_iter().map(|one| one.hash).collect();
        Ok(Move { kind: entry.kind, to, from, at, seen })
    }
}
