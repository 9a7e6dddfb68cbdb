//! Whose a document is, by its moves and signatures.

use std::collections::BTreeSet;

use crate::id::{ClientId, DocId, Hash};
use crate::kdf;
use crate::log::{DocType, Kind};
use crate::rows::RowError;
use crate::vault::Millis;
use crate::vault::items::home::DocumentOrigin;
use crate::vault::items::home::{Move, PlacedMove, owner};
use crate::vault::items::place::Entry;
use crate::vault::read::Documents;

/// Whose a document is.
#[derive(Default)]
pub(crate) struct Ownership {
    /// The client whom its moves and signatures name; `None` where nothing moved it.
    pub(crate) owner: Option<ClientId>,
    /// Clients to whom moves or signatures give it, and of whom nothing is here: until something is, the document stays where it
    /// is found.
    pub(crate) awaited: BTreeSet<ClientId>,
}

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

    /// Whose a document is by its moves and signatures.
    pub(crate) fn ownership_of(&self, id: &DocId, entry: &Entry) -> Result<Ownership, RowError> {
        if !entry.has(Kind::Moved) {
            return Ok(Ownership::default());
        }
        let signed = self.signed_versions(id, &self.material(id, entry)?);
        let mut clients: Vec<ClientId> = signed.iter().map(|note| note.client).collect();
        let mut moves = self.moves_of(id, entry)?;
        let named = clients.iter().copied().chain(moves.iter().map(|one| one.says.to));
        let awaited: BTreeSet<ClientId> = named.filter(|client| !self.is_client(client)).collect();
        clients.retain(|client| !awaited.contains(client));
        moves.retain(|one| !awaited.contains(&one.says.to));
        Ok(Ownership { owner: owner(&moves, &clients), awaited })
    }

    fn is_client(&self, id: &ClientId) -> bool {
        matches!(self.entry(id), Ok(Some(entry)) if entry.kind() == DocType::Client)
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
