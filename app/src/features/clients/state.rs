//! What the window knows of clients, and what is typed about them.

use subrosa_core::id::ClientId;
use subrosa_core::record::Identity;

use crate::features::clients::values::{Particulars, ParticularsFields, UnsavedParticulars};
use crate::values::page::ClientRow;

/// The list of clients.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct ClientsState {
    /// The clients, in the order of the list.
    pub rows: Vec<ClientRow>,
    /// Those that the filter lets through, as places in `rows`.
    pub shown: Vec<usize>,
    /// The client whose page is shown, or is being loaded.
    pub selected: Option<ClientId>,
    /// The other client, where a note is moved or two records become one.
    pub other: Option<ClientId>,
    /// The particulars of the client whose page is shown, once they are asked for.
    pub particulars: Option<Particulars>,
    /// What was typed into particulars of pages that were left, until it is saved.
    pub unsaved: Vec<UnsavedParticulars>,
}

impl ClientsState {
    /// Whose particulars are shown, what they say, and what is wanted in its place, when that is something else that can be.
    pub(crate) fn changed(&self, typed: &ClientsFields) -> Option<(ClientId, Identity, Identity)> {
        let Particulars { client, identity, .. } = self.particulars.as_ref()?;
        let wanted = typed.particulars.read(identity).ok().filter(|wanted| wanted != identity)?;
        Some((*client, identity.clone(), wanted))
    }

    /// A client of whose particulars something that was typed is not saved yet, or cannot be: first of the page that is shown.
    pub(crate) fn ahead(&self, typed: &ClientsFields) -> Option<ClientId> {
        let page = self.particulars.as_ref().filter(|page| typed.particulars.differ(&page.identity));
        page.map(|page| page.client).or_else(|| self.unsaved.first().map(|one| one.client))
    }

    /// What was typed into particulars waits until it is known to be saved: it is there again when the page is.
    pub(crate) fn keep(&mut self, typed: &ClientsFields) {
        let Some(Particulars { client, identity, .. }) = &self.particulars else { return };
        self.unsaved.retain(|one| one.client != *client);
        if typed.particulars.differ(identity) {
            let (shown, typed) = (identity.clone(), typed.particulars.clone());
            self.unsaved.push(UnsavedParticulars { client: *client, shown, typed });
        }
    }

    /// What of pages that were left can be saved, as [`Self::changed`] says it of the one that is shown.
    pub(crate) fn waiting(&self) -> Vec<(ClientId, Identity, Identity)> {
        let wanted = |one: &UnsavedParticulars| {
            one.typed.read(&one.shown).ok().map(|wanted| (one.client, one.shown.clone(), wanted))
        };
        self.unsaved.iter().filter_map(wanted).collect()
    }

    /// A client is gone, with what was typed about them.
    pub(crate) fn forget(&mut self, client: ClientId, typed: &mut ClientsFields) {
        self.unsaved.retain(|one| one.client != client);
        if self.selected == Some(client) {
            (self.selected, self.particulars) = (None, None);
            typed.particulars = ParticularsFields::default();
        }
    }
}

/// What is typed about clients.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct ClientsFields {
    /// The field above the list of clients.
    pub filter: String,
    /// Name of a new client.
    pub name: String,
    /// Code of a new client.
    pub code: String,
    /// The particulars of the client whose page is shown.
    pub particulars: ParticularsFields,
}
