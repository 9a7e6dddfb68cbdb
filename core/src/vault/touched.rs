//! Which of a therapist's records damage touches: told to the person, in the window or the terminal, never in an error.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::id::{ClientId, DocId, Hash};
use crate::vault::index::Work;
use crate::vault::{Damage, Vault, VaultError};

/// A document of which something is damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Which of the damage this is about, by its place in the list.
    pub damage: usize,
    /// Whose it is.
    pub client: ClientId,
    /// The document: a note, measures, or the client's own.
    pub document: DocId,
    /// Day of the session, of a note.
    pub date: Option<Date>,
}

impl Vault {
    /// The documents of the lists that this damage touches, client by client, oldest first.
    pub fn touched_by(&self, damage: &[Damage]) -> Result<Vec<Touched>, VaultError> {
        let mut touched = Vec::new();
        if damage.is_empty() {
            return Ok(touched);
        }
        let work = Work::default();
        for client in self.clients.keys() {
            // Of a timeline that is damaged itself nobody knows what it held.
            let timeline = self.read_timeline(client).unwrap_or_default();
            let dates = timeline.notes.iter().map(|row| (row.id, row.date)).rev();
            let others = timeline.measures.iter().chain(&timeline.disclosures).chain([client]);
            let dated = dates.map(|(id, date)| (id, Some(date))).chain(others.map(|id| (*id, None)));
            for (document, date) in dated {
                let Ok(Some(entry)) = self.entry(&work, &document) else { continue };
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
                touched.extend(of.map(|(damage, _)| Touched { damage, client: *client, document, date }));
            }
        }
        Ok(touched)
    }
}
