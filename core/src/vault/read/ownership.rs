//! Whose a document is, by its moves and signatures.

use crate::id::{ClientId, DocId, Hash};
use crate::kdf;
use crate::log::Kind;
use crate::rows::RowError;
use crate::vault::Millis;
use crate::vault::items::home::DocumentOrigin;
use crate::vault::items::home::{Move, PlacedMove, owner};
use crate::vault::items::place::Entry;
use crate::vault::read::Documents;

impl<'a> Documents<'a> {
    /// The move items of a document that can be opened now.
    fn moves_of(&self, id: &DocId, entry: &Entry) -> Result<Vec<PlacedMove>, RowError> {
        let mut moves = Vec::new();
        for (place, _) in entry.places.iter().filter(|(_, kind)| *kind == Kind::Moved) {
            let Some(payload) = self.payload_of(id, entry, place)? else { continue };
            moves.push(PlacedMove { hash: kdf::sha256(&payload), says: Move::parse(&payload)? });
        }
        Ok(moves)
    }

    /// Whose a document is, where move items say so.
    pub(crate) fn owner_of(&self, id: &DocId, entry: &Entry) -> Result<Option<ClientId>, RowError> {
        if !entry.has(Kind::Moved) {
            return Ok(None);
        }
        let signed = self.signed_versions(id, &self.material(id, entry)?);
        let clients: Vec<ClientId> = signed.iter().map(|note| note.client).collect();
        Ok(owner(&self.moves_of(id, entry)?, &clients))
    }

    /// What move items of a document say now.
    pub(crate) fn moves_to(
        &self,
        id: &DocId,
        entry: &Entry,
        origin: DocumentOrigin,
        to: ClientId,
        at: Millis,
    ) -> Result<Vec<Move>, RowError> {
        let known: Vec<Hash> = self.moves_of(id, entry)?.into_iter().map(|one| one.hash).collect();
        Ok(Move::after(origin, to, at, &known))
    }
}
