//! Saving what is typed, when it is time or before something else is done.

use subrosa_core::record::NoteContent;

use crate::features::notes::messages::NotesEffect;
use crate::features::notes::state::{Editor, SaveState};
use crate::features::notes::values::InMemory;
use crate::messages::Effect;
use crate::model::{Model, Place, Practice};
use crate::values::job::Job;
use crate::values::note_ref::NoteRef;
use crate::values::page::{NoteState, excerpt};

/// Saves the draft when it is time.
pub(crate) fn autosave(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let due =
        model.practice().and_then(|practice| practice.notes.editor.as_ref()).is_some_and(|editor| editor.due(now));
    if due { save_now(model) } else { Vec::new() }
}

/// Saves the draft at once, if anything of it is not on its way.
pub(crate) fn save_now(model: &mut Model) -> Vec<Effect> {
    let Model { place: Place::Open(practice), typed, .. } = model else { return Vec::new() };
    let Some(editor) = practice.notes.editor.as_mut().filter(|editor| editor.unsent()) else { return Vec::new() };
    let (content, revision) = editor.take_draft(&typed.note);
    let (note, seen) = (editor.id(), editor.seen());
    refresh_card(practice, note, &content);
    vec![Effect::Notes(NotesEffect::Save { note, content, revision, seen })]
}

/// Whether everything that was typed is on the disk.
pub(crate) fn is_durable(model: &Model) -> bool {
    model.in_memory == InMemory::default()
        && model.practice().is_none_or(|practice| {
            let editor = practice.notes.editor.as_ref().map(Editor::state);
            matches!(editor, None | Some(SaveState::Unchanged | SaveState::Saved(_) | SaveState::Overlong))
                && practice.clients.ahead(&model.typed.clients).is_none()
        })
}

/// Whether what was typed is on its way to the disk.
pub(crate) fn is_saving(model: &Model) -> bool {
    let editor = model.practice().and_then(|practice| practice.notes.editor.as_ref());
    editor.is_some_and(|editor| editor.state() == SaveState::Saving) || model.progress(Job::Particulars).is_some()
}

/// The timeline behind the editor shows what was just written, without asking for it again.
fn refresh_card(practice: &mut Practice, note: NoteRef, content: &NoteContent) {
    let notes = practice.timeline.as_mut().map(|timeline| &mut timeline.notes);
    if let Some(card) = notes.and_then(|notes| notes.iter_mut().find(|card| card.id == note)) {
        card.date = content.date;
        card.start = content.start;
        card.minutes = content.minutes;
        card.format.clone_from(&content.format);
        let was = std::mem::replace(&mut card.state, NoteState::Unsigned);
        if let Some(row) = practice.clients.rows.iter_mut().find(|row| Some(row.id) == practice.clients.selected)
            && was == NoteState::Imported
        {
            row.unsigned += 1;
        }
        if !card.private {
            card.excerpt = excerpt(&content.text);
        }
    }
}
