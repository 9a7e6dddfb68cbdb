//! Who a client is, and what was measured and handed out.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::catalog::{ClientRow, NoteRow};
use crate::document::{Actor, fields};
use crate::id::{ClientId, ColleagueId, DocId};
use crate::log::{DocType, Kind};
use crate::plain_text::shown_name;
use crate::record;
use crate::record::{Identity, Measure};
use crate::rows::RowError;
use crate::vault::core::Reader;
use crate::vault::items::frozen::FrozenMeasures;
use crate::vault::items::home::said;
use crate::vault::items::material::Described;
use crate::vault::items::merge::{MergedRows, Merges};
use crate::vault::items::place::Entry;
use crate::vault::read::{Documents, ReadError};

/// One entry of a client's disclosures.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    /// Whose record.
    pub client: ClientId,
    /// To whom, by the name on the card.
    pub to: String,
    /// The colleague's document.
    pub colleague: ColleagueId,
    /// The day.
    pub on: Date,
    /// How many notes.
    pub notes: usize,
    /// Whether process notes were among them.
    pub process_notes: bool,
    /// What for.
    pub purpose: String,
    /// On what basis.
    pub basis: String,
    /// How the client agreed.
    pub consent: String,
    /// Until when.
    pub until: Option<Date>,
}

impl std::fmt::Debug for Disclosure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Disclosure")
    }
}

/// Who somebody is, as it can be shown: whoever wrote it, and on whatever way it came.
pub(crate) fn shown_identity(mut identity: Identity) -> Identity {
    let Identity { name, code, language, status, .. } = &mut identity;
    for field in [Some(name), code.as_mut(), Some(language), Some(status)].into_iter().flatten() {
        if let Cow::Owned(shown) = shown_name(field) {
            *field = shown;
        }
    }
    identity
}

impl<'a> Documents<'a> {
    pub(crate) fn identity_of(&self, id: &ClientId, entry: &Entry) -> Result<Option<Described>, RowError> {
        let material = self.material(id, entry)?;
        if let Some(json) = material.frozen_json().filter(|_| material.is_as_imported()) {
            let identity = record::read_identity(json).ok().map(shown_identity);
            return Ok(identity.map(|identity| Described { identity, deleted: false, refused: Vec::new() }));
        }
        let loaded = self.load_document(&material, id, DocType::Client, &[], Actor::NOBODY)?;
        let deleted = material.is_deleted(loaded.document.as_ref());
        let refused = entry.changes_at(&loaded.set_aside);
        Ok(loaded.document.map(|document| Described {
            identity: shown_identity(fields::to_identity(&document.fields())),
            deleted,
            refused,
        }))
    }

    /// One client of the list; of a record that was made one with another, the client who stands for both.
    pub(crate) fn client(&self, id: &ClientId) -> Result<&'a ClientRow, ReadError> {
        let row = self.core.memory.clients.get(&self.canonical_client(id)).ok_or(ReadError::NoSuchClient)?;
        self.shown_row(row).ok_or(ReadError::NoSuchClient)
    }

    /// A client's notes, newest first; process notes left out.
    pub(crate) fn timeline(&self, client: &ClientId) -> Result<Vec<NoteRow>, ReadError> {
        self.client(client)?;
        Ok(self.whole_timeline(client)?.notes)
    }

    /// Who a client is.
    pub(crate) fn identity(&self, id: &ClientId) -> Result<Identity, ReadError> {
        let id = &self.client(id)?.id;
        let entry = self.entry(id)?.filter(|entry| entry.kind() == DocType::Client);
        let entry = entry.ok_or(ReadError::NoSuchClient)?;
        Ok(self.identity_of(id, &entry)?.ok_or(ReadError::NoSuchClient)?.identity)
    }

    /// What the other records of a merged client say about who it is.
    pub(crate) fn other_identities(&self, id: &ClientId) -> Result<Vec<(ClientId, Identity)>, ReadError> {
        let home = self.client(id)?.id;
        let mut others = Vec::new();
        for id in self.records_of(&home).into_iter().filter(|id| *id != home) {
            if let Some(entry) = self.entry(&id)?.filter(|entry| entry.kind() == DocType::Client)
                && let Some(described) = self.identity_of(&id, &entry)?.filter(|described| !described.deleted)
            {
                others.push((id, described.identity));
            }
        }
        Ok(others)
    }

    /// Who a client is, with what the other records of a merged client say differently among the other fields: nothing
    /// of them is left behind by an export.
    pub(crate) fn whole_identity(&self, id: &ClientId) -> Result<Identity, ReadError> {
        let mut whole = self.identity(id)?;
        let chosen = fields::of_identity(&whole);
        for (number, (_, other)) in (1..).zip(self.other_identities(id)?) {
            let differs = |name: &String, value: &String| chosen.get(name) != Some(value);
            let theirs = fields::of_identity(&other).into_iter().filter(|(name, value)| differs(name, value));
            whole.other.extend(theirs.map(|(name, value)| (format!("{name} in other record {number}"), value)));
        }
        Ok(whole)
    }

    /// All measures of a client, oldest first.
    pub(crate) fn measures(&self, client: &ClientId) -> Result<Vec<Measure>, ReadError> {
        self.client(client)?;
        let mut all = Vec::new();
        for id in self.whole_timeline(client)?.measures {
            all.extend(self.measures_of(&id)?);
        }
        all.sort_by(|a, b| (a.date, &a.instrument).cmp(&(b.date, &b.instrument)));
        Ok(all)
    }

    pub(crate) fn measures_of(&self, id: &DocId) -> Result<Vec<Measure>, RowError> {
        let entry = self.entry(id)?.ok_or(RowError::Damaged)?;
        let material = self.material(id, &entry)?;
        let json = material.frozen_json().ok_or(RowError::Damaged)?;
        let frozen: FrozenMeasures = serde_json::from_slice(json)?;
        Ok(frozen.measures)
    }

    /// Notes of a client whose identity has not arrived wait in their timeline.
    pub(crate) fn described(&self, id: &ClientId) -> Result<Option<Described>, RowError> {
        match self.entry(id)?.filter(|entry| entry.kind() == DocType::Client) {
            Some(entry) => self.identity_of(id, &entry),
            None => Ok(None),
        }
    }

    /// A client's row in the list, made of their own document and timeline.
    pub(crate) fn list_row(&self, id: ClientId) -> Option<ClientRow> {
        let entry = self.entry(&id).ok()??;
        let timeline = self.read_timeline(&id).unwrap_or_default();
        let mut row = listed(id, self.identity_of(&id, &entry).ok()?, timeline.is_empty())?;
        timeline.count_into(&mut row);
        Some(row)
    }

    /// To whom a client's record was handed out, newest first.
    pub(crate) fn disclosures(&self, client: &ClientId) -> Result<Vec<Disclosure>, ReadError> {
        self.client(client)?;
        let mut all = Vec::new();
        for id in self.whole_timeline(client)?.disclosures {
            let entry = self.entry(&id)?.ok_or(RowError::Damaged)?;
            for (place, _) in entry.places.iter().filter(|(_, kind)| *kind == Kind::Disclosure) {
                let payload = self.payload(place)?;
                all.push(serde_json::from_slice::<Disclosure>(said(&payload)).map_err(|_| RowError::Damaged)?);
            }
        }
        all.sort_by_key(|entry| std::cmp::Reverse(entry.on));
        Ok(all)
    }
}

/// A client's row without its counts. One who was deleted on a device while another wrote about them stays.
pub(crate) fn listed(id: ClientId, described: Option<Described>, empty: bool) -> Option<ClientRow> {
    let Described { identity, deleted, .. } = described?;
    let Identity { name, code, status, .. } = identity;
    (!deleted || !empty).then_some(ClientRow {
        id,
        name,
        code,
        status,
        notes: 0,
        unsigned: 0,
        session: None,
        first: None,
        last: None,
    })
}

/// The rows of merged records. Who was chosen stands for all; until that record has arrived, another does.
pub(crate) fn merged_rows<'r>(
    reader: &Reader<'_>,
    merges: &Merges,
    row: &dyn Fn(&ClientId) -> Option<&'r ClientRow>,
) -> MergedRows {
    let mut shown = MergedRows::default();
    for root in merges.groups() {
        let records = merges.records(&root);
        let stands = records.iter().find(|id| row(id).is_some()).copied().unwrap_or(root);
        shown.hidden.extend(records.iter().filter(|id| **id != stands).map(|id| (*id, stands)));
        if let Some(mut row) = row(&stands).cloned() {
            // A list that cannot be read leaves the counts of the one record.
            if let Ok(whole) = reader.timelines_of(&records) {
                whole.count_into(&mut row);
            }
            shown.rows.insert(stands, row);
        }
    }
    shown
}
