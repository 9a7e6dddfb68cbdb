//! Whether what was typed is enough for what is offered, and what it names.

use std::path::PathBuf;

use jiff::civil::Date;
use subrosa_core::id::ClientId;

use crate::features::colleagues::values::SealRequest;
use crate::model::Model;
use crate::model::typed::Typed;
use crate::practice::passphrase_strength::PassphraseStrength;
use crate::values::name_filter::NameFilter;
use crate::values::navigation::Overlay;
use crate::values::note_ref::NoteRef;

/// Clients that are offered at once where one is chosen.
const OFFERED: usize = 6;

/// Whether a passphrase has been chosen: typed twice alike, and strong enough.
pub fn may_choose(typed: &Typed) -> bool {
    // The strength last: it costs more than the rest, and is asked for in every frame.
    typed.passphrase.expose() == typed.repeated.expose()
        && PassphraseStrength::of(typed.passphrase.expose()).is_enough()
}

/// Whether everything that opening with the recovery kit needs has been typed.
pub fn may_recover(typed: &Typed) -> bool {
    may_choose(typed) && !(typed.kit.expose().trim().is_empty() && typed.path.trim().is_empty())
}

/// Whether everything that joining needs has been typed.
pub fn may_join(typed: &Typed) -> bool {
    may_choose(typed) && !typed.code.expose().trim().is_empty() && !typed.device.trim().is_empty()
}

/// Whether the backup and its kit have been named.
pub fn may_open_backup(typed: &Typed) -> bool {
    let kit = !typed.kit.expose().trim().is_empty() || !typed.kit_path.trim().is_empty();
    kit && !typed.path.trim().is_empty()
}

/// What the seal dialog describes, or none while something is missing or unreadable.
pub fn seal_request(model: &Model, typed: &Typed) -> Option<SealRequest> {
    let Some(Overlay::Seal { colleague }) = model.overlay else { return None };
    let practice = model.practice()?;
    let until = typed.colleagues.disclosure.until.trim();
    let until = if until.is_empty() { None } else { Some(until.parse::<Date>().ok()?) };
    let complete = [&typed.colleagues.disclosure.purpose, &typed.colleagues.disclosure.basis, &typed.path]
        .iter()
        .all(|field| !field.trim().is_empty());
    if !complete {
        return None;
    }
    Some(SealRequest {
        client: practice.timeline.as_ref()?.client.id,
        notes: Vec::new(),
        to: practice.colleagues.rows.get(colleague)?.id,
        purpose: typed.colleagues.disclosure.purpose.trim().to_owned(),
        basis: typed.colleagues.disclosure.basis.trim().to_owned(),
        until,
        file: PathBuf::from(typed.path.trim()),
    })
}

/// The note that is written or read.
pub fn shown_note(model: &Model) -> Option<NoteRef> {
    let practice = model.practice()?;
    let written = practice.notes.editor.as_ref().map(|editor| editor.id());
    written.or_else(|| practice.notes.reading.as_ref().map(|note| note.card.id))
}

/// Clients whose name is name_filter, but for the one whose page is shown.
pub fn others(model: &Model, typed: &str) -> Vec<ClientId> {
    let Some(practice) = model.practice() else { return Vec::new() };
    let name_filter = NameFilter::new(typed);
    let rows = practice
        .clients
        .rows
        .iter()
        .filter(|row| Some(row.id) != practice.clients.selected && name_filter.is_in(&row.name));
    rows.take(OFFERED).map(|row| row.id).collect()
}
