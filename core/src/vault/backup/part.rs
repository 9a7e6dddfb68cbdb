//! What one client or note needs of a backup.

use std::collections::BTreeSet;

use crate::backup::BackupError;
use crate::id::{ClientId, DocId, Hash, KeyId};
use crate::keyring::CompartmentEntry;
use crate::log::DocType;
use crate::vault::backup::Only;
use crate::vault::core::{Core, Reader};
use crate::vault::items::place::Entry;

/// What belongs to one client or note.
pub(super) struct WantedPart {
    pub(super) documents: BTreeSet<DocId>,
    pub(super) envelopes: BTreeSet<Hash>,
    pub(super) keys: BTreeSet<KeyId>,
}

impl WantedPart {
    /// Looks for it in a backup that was restored as a trial; `private` are the keys of private notes.
    pub(super) fn of(trial: &Core, only: Only, private: &[CompartmentEntry]) -> Result<Self, BackupError> {
        let reader = trial.read();
        let mut part = Self { documents: BTreeSet::new(), envelopes: BTreeSet::new(), keys: BTreeSet::new() };
        let client = match only {
            Only::Note(id) => {
                let entry = reader.entry(&id)?;
                let entry = entry.filter(|entry| entry.is_note()).ok_or(BackupError::NotInIt)?;
                part.add(&reader, id, &entry);
                // Whose a private note is, or was before a move, its keys tell here.
                let clients: BTreeSet<ClientId> =
                    private.iter().filter(|key| part.keys.contains(&key.id)).map(|key| key.client).collect();
                for client in &clients {
                    part.add_client(&reader, *client)?;
                }
                clients.first().copied().unwrap_or(entry.client)
            }
            Only::Client(id) => id,
            Only::Everything => return Err(BackupError::NotInIt),
        };
        part.add_client(&reader, client)?;
        part.keys.extend(reader.clear_keys_of(&client)?);
        part.keys.extend(private.iter().filter(|key| key.client == client).map(|key| key.id));
        if let Only::Client(_) = only {
            reader.each_entry(&mut |_, entry| {
                let theirs = || match entry.is_private() {
                    true => !keys_of(&reader, &entry).is_disjoint(&part.keys),
                    false => entry.client == client,
                };
                if theirs() {
                    part.add_envelopes(&reader, &entry);
                }
            })?;
            part.documents.extend(reader.read_timeline(&client)?.notes.iter().map(|note| note.id));
        }
        Ok(part)
    }

    fn add_client(&mut self, reader: &Reader<'_>, client: ClientId) -> Result<(), BackupError> {
        let identity = reader.entry(&client)?.filter(|entry| entry.kind() == DocType::Client);
        self.add(reader, client, &identity.ok_or(BackupError::NotInIt)?);
        Ok(())
    }

    fn add(&mut self, reader: &Reader<'_>, id: DocId, entry: &Entry) {
        self.documents.insert(id);
        self.add_envelopes(reader, entry);
    }

    /// With the keys that its items lie under: of what was moved some are those of the client before.
    fn add_envelopes(&mut self, reader: &Reader<'_>, entry: &Entry) {
        self.keys.extend(keys_of(reader, entry));
        self.envelopes.extend(entry.places.iter().map(|(place, _)| place.envelope));
    }
}

/// The keys under which items of a document lie, as far as those can be read.
fn keys_of(reader: &Reader<'_>, entry: &Entry) -> BTreeSet<KeyId> {
    entry.places.iter().filter_map(|(place, _)| Some(reader.item(place).ok()?.0.key)).collect()
}
