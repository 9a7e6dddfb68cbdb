//! Which of a therapist's records damage affects: told to the person, in the window or the terminal, never in an error.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::id::{ClientId, DocId, Hash};
use crate::rows::RowError;
use crate::vault::integrity::Damage;
use crate::vault::subject::Integrity;

/// A document of which something is damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    /// Which of the damage this is about, by its place in the list.
    pub damage: usize,
    /// Whose it is.
    pub client: ClientId,
    /// The document: a note, measures, or the client's own.
    pub document: DocId,
    /// Day of the session, of a note.
    pub date: Option<Date>,
}

impl Integrity<'_> {
    /// The documents of the lists that this damage affects, client by client, oldest first.
    pub fn affected_by(&self, damage: &[Damage]) -> Result<Vec<Affected>, RowError> {
        let mut affected = Vec::new();
        if damage.is_empty() {
            return Ok(affected);
        }
        let reader = self.core.read();
        for client in self.core.memory.clients.keys() {
            // Of a timeline that is damaged itself nobody knows what it held.
            let timeline = reader.read_timeline(client).unwrap_or_default();
            let dates = timeline.notes.iter().map(|row| (row.id, row.date)).rev();
            let others = timeline.measures.iter().chain(&timeline.disclosures).chain([client]);
            let dated = dates.map(|(id, date)| (id, Some(date))).chain(others.map(|id| (*id, None)));
            for (document, date) in dated {
                let Ok(Some(entry)) = reader.entry(&document) else { continue };
                let envelopes: BTreeSet<Hash> = entry.places.iter().map(|(place, _)| place.envelope).collect();
                let here = |damage: &Damage| match damage {
                    Damage::Body(name) => envelopes.contains(name),
                    Damage::Item(name, index) => {
                        entry.places.iter().any(|(place, _)| place.envelope == *name && place.index == *index)
                    }
                    Damage::Document(id) | Damage::Signature(id) => *id == document,
                    _ => false,
                };
                let of = (0..).zip(damage).filter(|(_, damage)| here(damage));
                affected.extend(of.map(|(damage, _)| Affected { damage, client: *client, document, date }));
            }
        }
        Ok(affected)
    }
}
