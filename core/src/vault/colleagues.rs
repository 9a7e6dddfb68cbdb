//! Colleagues: this practice's card, the cards of others, and records sealed to them and opened from them.

use crate::codec::{Reader, Writer};
use crate::id::ColleagueId;
use crate::store::Table;
use crate::vault::index::Work;
use crate::vault::{Vault, VaultError};

/// Colleagues that a practice keeps.
const MAX_COLLEAGUES: usize = 4_096;
/// Bytes of a card.
const MAX_CARD: usize = 64 << 10;

impl Vault {
    /// Takes in a colleague's card from a log.
    pub(crate) fn take_colleague(
        &mut self,
        work: &mut Work,
        id: ColleagueId,
        card: &[u8],
    ) -> Result<(), VaultError> {
        let mut cards = self.cards(work)?;
        if cards.len() >= MAX_COLLEAGUES || card.len() > MAX_CARD {
            return Ok(());
        }
        cards.retain(|(other, _)| *other != id);
        cards.push((id, card.to_vec()));
        let mut writer = Writer::new();
        writer.list(&cards, |writer, (id, card)| {
            writer.bytes(&id.0).lp(card);
        });
        work.changes.put(Table::Misc, b"colleagues", writer.finish());
        Ok(())
    }

    fn cards(&self, work: &Work) -> Result<Vec<(ColleagueId, Vec<u8>)>, VaultError> {
        let Some(row) = self.rows.read_through(&work.changes, Table::Misc, b"colleagues")? else { return Ok(Vec::new()) };
        let mut reader = Reader::new(&row);
        let cards = reader.list(MAX_COLLEAGUES, |reader| {
            Ok((crate::id::DocId(reader.array()?), reader.lp(MAX_CARD)?.to_vec()))
        });
        cards.map_err(|_| VaultError::Damaged)
    }
}
