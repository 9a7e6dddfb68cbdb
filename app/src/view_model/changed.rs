//! What was changed and is not saved.

use subrosa_core::id::ClientId;
use subrosa_core::record::Identity;

use crate::features::clients::values::Particulars;
use crate::model::Model;

/// The particulars that are shown, and what is wanted in their place, when that is something else.
pub(crate) fn changed_particulars(model: &Model) -> Option<(ClientId, Identity, Identity)> {
    let Particulars { client, identity, .. } = model.practice()?.clients.particulars.as_ref()?;
    let wanted = model.typed.particulars.read(identity).ok().filter(|wanted| wanted != identity)?;
    Some((*client, identity.clone(), wanted))
}

/// Whether something that was typed into particulars is not saved yet, or cannot be.
pub(crate) fn has_unsaved_particulars(model: &Model) -> bool {
    let Some(practice) = model.practice() else { return false };
    let page = practice.clients.particulars.as_ref();
    !practice.clients.unsaved.is_empty() || page.is_some_and(|page| model.typed.particulars.differ(&page.identity))
}
