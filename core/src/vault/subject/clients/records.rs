//! A client's particulars: written once, edited field by field, with their versions.

use crate::difference::{FieldChange, changed_particulars};
use crate::document::{Document, Fields, Heads, fields};
use crate::id::{ClientId, DeviceId};
use crate::keyring::Compartment;
use crate::log::{DocType, Kind};
use crate::record::Identity;
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit, key_for};
use crate::vault::core::Transaction;
use crate::vault::items::home::{DocumentOrigin, NOBODY, Under};
use crate::vault::items::note::seconds;
use crate::vault::read::{ReadError, shown_identity};
use crate::vault::subject::ClientError;
use crate::vault::subject::{Clients, ClientsMut};

/// One version of a client's particulars.
#[derive(Clone)]
pub struct ParticularsVersion {
    /// Whether they came so from the paper trail.
    pub imported: bool,
    /// The device that wrote them; `None` where that is not known, as of an import.
    pub device: Option<DeviceId>,
    /// What that device is called.
    pub device_name: Option<String>,
    /// When this version was finished, where that was recorded.
    pub at: Option<Millis>,
    /// Who the client was then.
    pub identity: Identity,
    /// What this version changed; of the first, all that it says.
    pub changed: Vec<FieldChange>,
}

impl std::fmt::Debug for ParticularsVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ParticularsVersion")
    }
}

impl Clients<'_> {
    /// All versions of a client's particulars, oldest first.
    pub fn particulars_history(&self, id: &ClientId) -> Result<Vec<ParticularsVersion>, ClientError> {
        let documents = self.core.read().documents();
        let id = documents.client(id)?.id;
        let entry = documents.entry(&id)?.filter(|entry| entry.kind() == DocType::Client);
        let versions = documents.versions_of(&id, &entry.ok_or(ReadError::NoSuchClient)?)?;
        let mut said: Vec<ParticularsVersion> = Vec::with_capacity(versions.len());
        for version in versions {
            let identity = shown_identity(fields::to_identity(&version.fields));
            let nothing = Identity::default();
            let before = said.last().map_or(&nothing, |before| &before.identity);
            said.push(ParticularsVersion {
                imported: version.imported,
                device: version.device,
                device_name: version.device.and_then(|device| documents.device_name(&device)),
                at: version.at,
                changed: changed_particulars(before, &identity),
                identity,
            });
        }
        Ok(said)
    }
}

impl ClientsMut<'_> {
    /// Adds a client.
    pub fn add_client(&mut self, identity: &Identity, now: Millis) -> Result<ClientId, ClientError> {
        if identity.name.trim().is_empty() {
            return Err(ClientError::NoName);
        }
        let origin = DocumentOrigin::fresh(DocType::Client, NOBODY, &mut *self.core.entropy());
        let id = origin.id();
        let (mut tx, mut out) = (Transaction::default(), Outbox::everyday());
        key_for(self.core, &mut tx, &mut out, id, Compartment::Identity)?;
        key_for(self.core, &mut tx, &mut out, id, Compartment::Clinical)?;
        let actor = self.core.fresh_actor();
        let document = Document::begin_at(id, &fields::of_identity(identity), "", actor, seconds(now))?;
        for chunk in document.chunks_since(&Heads::default()) {
            out.push(Kind::Changes, id, Under::Client(id, Compartment::Identity), origin.with(&chunk));
        }
        commit(self.core, tx, out)?;
        Ok(id)
    }

    /// Changes a client's particulars from what was shown to what is wanted: the fields that differ between the two, and
    /// no other, so that nothing of what another device wrote meanwhile is undone. `false` when nothing differs.
    pub fn edit_client(
        &mut self,
        id: &ClientId,
        shown: &Identity,
        wanted: &Identity,
        now: Millis,
    ) -> Result<bool, ClientError> {
        if wanted.name.trim().is_empty() {
            return Err(ClientError::NoName);
        }
        let reader = self.core.read();
        // Who lies in the trash is in no list, and an edit would bring them back.
        let id = reader.documents().client(id)?.id;
        let entry = reader.entry(&id)?.filter(|entry| entry.kind() == DocType::Client);
        let entry = entry.ok_or(ReadError::NoSuchClient)?;
        let actor = self.core.fresh_actor();
        let material = reader.documents().material(&id, &entry)?;
        let document = reader.documents().assemble_document(&material, &id, DocType::Client, &[], actor)?;
        let mut document = document.ok_or(ReadError::NoSuchClient)?;
        let before = document.heads();
        let fields = changed(document.fields(), &fields::of_identity(shown), &fields::of_identity(wanted));
        if !document.write_at(&fields, "", seconds(now))? {
            return Ok(false);
        }
        let mut out = Outbox::everyday();
        for chunk in document.own_chunks_since(&before) {
            out.push(Kind::Changes, id, Under::Client(id, Compartment::Identity), entry.origin.with(&chunk));
        }
        commit(self.core, Transaction::default(), out)?;
        Ok(true)
    }
}

/// The fields as they are, with what differs between those that were shown and those that are wanted.
fn changed(mut fields: Fields, shown: &Fields, wanted: &Fields) -> Fields {
    for name in shown.keys().filter(|name| !wanted.contains_key(*name)) {
        fields.remove(name);
    }
    let changed = wanted.iter().filter(|(name, value)| shown.get(*name) != Some(*value));
    fields.extend(changed.map(|(name, value)| (name.clone(), value.clone())));
    fields
}
