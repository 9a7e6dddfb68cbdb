//! Private notes leave the screen when their time is over.

use crate::features::notes::messages::NotesEffect;
use crate::features::notes::state::Editor;
use crate::messages::Effect;
use crate::model::{Done, Model, Place, Practice};
use crate::update::saving::save_now;
use crate::values::job::Job;
use crate::values::navigation::{Doomed, Overlay};

/// Their time is almost over. Whoever is writing in one saves that, which prolongs it; otherwise nothing of them stays.
pub(crate) fn closing(model: &mut Model) -> Vec<Effect> {
    let editor = model.practice().and_then(|practice| practice.notes.editor.as_ref());
    if editor.is_some_and(|editor| editor.note.card.private && editor.is_ahead()) {
        return save_now(model);
    }
    close(model).into_iter().chain([Effect::Notes(NotesEffect::ClosePrivate)]).collect()
}

/// Takes private notes, and what lies beside them, off the screen and out of memory. What is typed in one is given away to be
/// saved first.
pub(crate) fn close(model: &mut Model) -> Vec<Effect> {
    let effects = if is_writing(model) { save_now(model) } else { Vec::new() };
    let Model { place: Place::Open(practice), typed, overlay, .. } = model else { return effects };
    let practice = &mut **practice;
    if shows_any(practice) {
        practice.done.get_or_insert((Job::Note, Done::PrivateClosed));
    }
    if shows_note(practice) {
        typed.note.text.clear();
        typed.note.earlier = None;
        practice.notes.editor.take_if(|editor| editor.note.card.private);
        practice.notes.reading.take_if(|note| note.card.private);
        (practice.history, practice.signing.preview, practice.writing) = (None, None, false);
        overlay.take_if(|overlay| is_about_note(*overlay));
    }
    practice.timeline.iter_mut().for_each(|page| page.notes.retain(|card| !card.private));
    practice.files.list.iter_mut().for_each(|files| files.retain(|file| !file.private));
    practice.trash.rows.retain(|row| !row.private);
    practice.trash.private = false;
    let listed = |id| practice.files.list.iter().flatten().any(|file| file.id == id);
    practice.files.picture = practice.files.picture.take().filter(|picture| listed(picture.id));
    effects
}

fn is_writing(model: &Model) -> bool {
    let private = |editor: &Editor| editor.note.card.private;
    model.practice().is_some_and(|practice| practice.notes.editor.as_ref().is_some_and(private))
}

/// Whether a private note is written or read.
fn shows_note(practice: &Practice) -> bool {
    let written = practice.notes.editor.as_ref().map(|editor| &editor.note.card);
    let shown = written.or(practice.notes.reading.as_ref().map(|note| &note.card));
    shown.is_some_and(|card| card.private)
}

/// Whether anything private is on the client's page.
fn shows_any(practice: &Practice) -> bool {
    let listed = practice.timeline.as_ref().is_some_and(|page| page.notes.iter().any(|card| card.private));
    let beside = practice.files.list.iter().flatten().any(|file| file.private);
    listed || beside || shows_note(practice)
}

/// Whether an overlay asks something about the note that is shown.
fn is_about_note(overlay: Overlay) -> bool {
    matches!(overlay, Overlay::Sign | Overlay::Move | Overlay::InError | Overlay::Delete(Doomed::Note))
}
