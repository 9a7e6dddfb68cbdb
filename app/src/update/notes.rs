//! Clients, their pages, and the notes on them.

use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::record::NoteContent;

use super::{begin, with_practice};
use crate::command::Command;
use crate::editor::SaveState;
use crate::effect::{Effect, Job};
use crate::event::{ClientRow, NoteCard, NoteState};
use crate::model::{Field, Model, Overlay, Place, Practice, Private, Screen, Tab};
use crate::note_format::{FORMATS, Format};
use crate::wanted::Wanted;

/// Commands about clients and notes, while a practice is open.
pub(super) fn update(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Filtered => filter(model),
        Command::Client(client) => to_client(model, client),
        Command::Step(by) => step(model, by),
        Command::AddClient => add_client(model),
        Command::NewNote => new_note(model),
        Command::Note(note) => to_note(model, note),
        Command::Hit(place) => to_hit(model, place),
        Command::NoteTyped => note_typed(model),
        Command::Format(place) => set_format(model, place),
        Command::Private => private(model),
        Command::Sign => sign(model),
        Command::Addendum => addendum(model),
        Command::Searched => search(model),
        Command::Show(tab) => show(model, tab),
        Command::Writing => {
            with_practice(model, |practice| practice.writing = !practice.writing && practice.editor.is_some())
        }
        _ => Vec::new(),
    }
}

/// Another part of the client's page.
fn show(model: &mut Model, tab: Tab) -> Vec<Effect> {
    model.typed.path.clear();
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    practice.tab = tab;
    practice.picture = None;
    let client = practice.selected.filter(|_| tab == Tab::Files);
    client.map_or_else(Vec::new, |client| begin(model, Effect::LoadFiles(client)))
}

/// Saves the draft when it is time.
pub(super) fn autosave(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let due = model.practice().and_then(|practice| practice.editor.as_ref()).is_some_and(|editor| editor.due(now));
    if due { save_now(model) } else { Vec::new() }
}

/// Saves the draft at once, if anything of it is not on its way.
pub(super) fn save_now(model: &mut Model) -> Vec<Effect> {
    let Model { place: Place::Open(practice), typed, .. } = model else { return Vec::new() };
    let Some(editor) = practice.editor.as_mut().filter(|editor| editor.unsent()) else { return Vec::new() };
    let (content, revision) = editor.take_draft(typed);
    let (note, seen) = (editor.id(), editor.seen());
    refresh_card(practice, note, &content);
    vec![Effect::SaveDraft { note, content, revision, seen }]
}

/// Whether everything that was typed is on the disk.
pub(super) fn is_durable(model: &Model) -> bool {
    let editor = model.practice().and_then(|practice| practice.editor.as_ref());
    let written = editor.is_none_or(|editor| matches!(editor.state(), SaveState::Unchanged | SaveState::Saved(_)));
    written && model.in_memory.notes == 0
}

/// Whether what was typed is on its way to the disk.
pub(super) fn is_saving(model: &Model) -> bool {
    let editor = model.practice().and_then(|practice| practice.editor.as_ref());
    editor.is_some_and(|editor| editor.state() == SaveState::Saving)
}

/// Fills the list with the clients whose name or code is wanted.
pub(super) fn filter(model: &mut Model) -> Vec<Effect> {
    let wanted = Wanted::new(&model.typed.filter);
    with_practice(model, |practice| {
        let is_wanted =
            |row: &ClientRow| wanted.is_in(&row.name) || row.code.as_deref().is_some_and(|code| wanted.is_in(code));
        let rows = practice.clients.iter().enumerate();
        let through = rows.filter(|(_, row)| is_wanted(row));
        practice.shown = through.map(|(place, _)| place).collect();
    })
}

/// Begins to load a client's page; what was written on the last one is saved first.
pub(super) fn to_client(model: &mut Model, client: ClientId) -> Vec<Effect> {
    let mut effects = save_now(model);
    let Some(practice) = model.practice_mut() else { return effects };
    practice.screen = Screen::Clients;
    practice.selected = Some(client);
    practice.editor = None;
    practice.reading = None;
    practice.history = None;
    practice.writing = false;
    practice.caret = None;
    practice.picture = None;
    if practice.files.take().is_some() || practice.tab == Tab::Files {
        effects.push(Effect::LoadFiles(client));
    }
    if practice.timeline.as_ref().is_none_or(|timeline| timeline.client.id != client) {
        practice.timeline = None;
    }
    effects.extend(begin(model, Effect::LoadTimeline(client)));
    effects
}

fn step(model: &mut Model, by: i32) -> Vec<Effect> {
    let Some(practice) = model.practice() else { return Vec::new() };
    let shown = || practice.shown.iter().filter_map(|place| practice.clients.get(*place));
    let here = shown().position(|row| Some(row.id) == practice.selected);
    let next = match (here, by > 0) {
        (Some(here), true) => here.saturating_add(1),
        (Some(here), false) => here.saturating_sub(1),
        (None, _) => 0,
    };
    let client = shown().nth(next).map(|row| row.id);
    let effects = client.map_or_else(Vec::new, |client| to_client(model, client));
    model.focus = Some(Field::Row);
    effects
}

fn add_client(model: &mut Model) -> Vec<Effect> {
    let name = model.typed.name.trim().to_owned();
    let code = Some(model.typed.client_code.trim().to_owned()).filter(|code| !code.is_empty());
    if name.is_empty() || model.progress(Job::Clients).is_some() {
        return Vec::new();
    }
    begin(model, Effect::AddClient { name, code })
}

/// An unsigned note for the client whose page is shown: today, and the template that was used last.
fn new_note(model: &mut Model) -> Vec<Effect> {
    let Some(client) = model.practice().and_then(|practice| practice.timeline.as_ref()).map(|page| page.client.id)
    else {
        return Vec::new();
    };
    let mut effects = save_now(model);
    let format = last_format(model);
    let content = fresh_content(model, format);
    set_caret(model, format.caret());
    effects.extend(begin(model, Effect::NewNote { client, content, private: None }));
    effects
}

fn last_format(model: &Model) -> Format {
    let notes = model.practice().and_then(|practice| practice.timeline.as_ref()).map(|page| page.notes.as_slice());
    let last = notes.unwrap_or_default().iter().find(|note| !note.private && note.addendum_to.is_none());
    let [first, ..] = FORMATS;
    last.and_then(|note| FORMATS.into_iter().find(|format| format.name == note.format)).unwrap_or(first)
}

fn fresh_content(model: &Model, format: Format) -> NoteContent {
    NoteContent {
        date: model.now.today(),
        start: None,
        minutes: None,
        format: format.name.to_owned(),
        session: None,
        tags: Vec::new(),
        other: Default::default(),
        text: format.template(),
    }
}

fn free_content(model: &Model) -> NoteContent {
    fresh_content(model, Format { name: "Free", headings: &[] })
}

fn to_note(model: &mut Model, note: NoteId) -> Vec<Effect> {
    let private = card(model, note).is_some_and(|card| card.private);
    if private {
        return super::open(model, Overlay::Private(Private::Note(note)));
    }
    let mut effects = save_now(model);
    if let Some(practice) = model.practice_mut() {
        practice.caret = None;
    }
    effects.extend(begin(model, Effect::OpenNote { note, private: None }));
    effects
}

fn to_hit(model: &mut Model, place: usize) -> Vec<Effect> {
    let hit = model.practice().and_then(|practice| practice.search.hits.get(place)).map(|hit| (hit.client, hit.note));
    let Some((client, note)) = hit else { return Vec::new() };
    let mut effects = to_client(model, client);
    effects.extend(note.into_iter().flat_map(|note| begin(model, Effect::OpenNote { note, private: None })));
    effects
}

fn note_typed(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Model { place: Place::Open(practice), typed, .. } = model else { return Vec::new() };
    if let Some(editor) = &mut practice.editor {
        editor.typed(now);
        editor.content(typed);
    }
    Vec::new()
}

/// Another template. The text is replaced only while nothing was written into it.
fn set_format(model: &mut Model, place: usize) -> Vec<Effect> {
    let Some(format) = FORMATS.get(place).copied() else { return Vec::new() };
    if Format::is_untouched(&model.typed.note) {
        model.typed.note = format.template();
        set_caret(model, format.caret());
        model.focus = Some(Field::Note);
    }
    if let Some(editor) = model.practice_mut().and_then(|practice| practice.editor.as_mut()) {
        format.name.clone_into(&mut editor.format);
    }
    note_typed(model)
}

/// Opens a private note, begins one, or lists them; each asks for the passphrase again.
fn private(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Private(wanted)) = model.overlay else { return Vec::new() };
    if model.typed.passphrase.is_empty() || model.progress(Job::Note).is_some() {
        return Vec::new();
    }
    let mut effects = save_now(model);
    let passphrase = model.typed.passphrase.take();
    let page = model.practice().and_then(|practice| practice.timeline.as_ref());
    let effect = match (wanted, page.map(|page| page.client.id)) {
        (Private::Note(note), _) => Effect::OpenNote { note, private: Some(passphrase) },
        (Private::New, Some(client)) => {
            Effect::NewNote { client, content: free_content(model), private: Some(passphrase) }
        }
        (Private::List, Some(client)) => Effect::ShowPrivate { client, passphrase },
        (Private::Trash, _) => Effect::ShowPrivateTrash { passphrase },
        (Private::New | Private::List, None) => return effects,
    };
    effects.extend(begin(model, effect));
    effects
}

/// Signs what is on the screen: what is not saved yet goes first.
fn sign(model: &mut Model) -> Vec<Effect> {
    if model.overlay != Some(Overlay::Sign) || model.progress(Job::Sign).is_some() {
        return Vec::new();
    }
    let mut effects = save_now(model);
    let Some(practice) = model.practice() else { return effects };
    let editor = practice.editor.as_ref().filter(|editor| editor.state() != SaveState::Failed);
    // Only what was shown is signed.
    let shown = |note: &NoteId| practice.preview.as_ref().is_some_and(|preview| preview.note == *note);
    let Some(note) = editor.map(|editor| editor.id()).filter(shown) else { return effects };
    effects.extend(begin(model, Effect::Sign(note)));
    effects
}

fn addendum(model: &mut Model) -> Vec<Effect> {
    let reading = model.practice().and_then(|practice| practice.reading.as_ref());
    let Some(to) = reading.map(|note| note.card.id) else { return Vec::new() };
    let content = free_content(model);
    set_caret(model, 0);
    begin(model, Effect::NewAddendum { to, content })
}

fn search(model: &mut Model) -> Vec<Effect> {
    let query = model.typed.query.trim().to_owned();
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    practice.search.ticket += 1;
    practice.search.answered = false;
    let ticket = practice.search.ticket;
    if query.is_empty() {
        practice.search.hits.clear();
        return Vec::new();
    }
    begin(model, Effect::Search { query, ticket })
}

fn set_caret(model: &mut Model, caret: usize) {
    if let Some(practice) = model.practice_mut() {
        practice.caret = Some(caret);
    }
}

fn card(model: &Model, note: NoteId) -> Option<&NoteCard> {
    model.practice()?.timeline.as_ref()?.notes.iter().find(|card| card.id == note)
}

/// The timeline behind the editor shows what was just written, without asking for it again.
fn refresh_card(practice: &mut Practice, note: NoteId, content: &NoteContent) {
    let notes = practice.timeline.as_mut().map(|timeline| &mut timeline.notes);
    if let Some(card) = notes.and_then(|notes| notes.iter_mut().find(|card| card.id == note)) {
        card.date = content.date;
        card.start = content.start;
        card.minutes = content.minutes;
        card.format.clone_from(&content.format);
        let was = std::mem::replace(&mut card.state, NoteState::Unsigned);
        if let Some(row) = practice.clients.iter_mut().find(|row| Some(row.id) == practice.selected)
            && was == NoteState::Imported
        {
            row.unsigned += 1;
        }
        if !card.private {
            card.excerpt = excerpt(&content.text);
        }
    }
}

/// The beginning of a note's text, without its headings and marks.
pub fn excerpt(text: &str) -> String {
    const LONGEST: usize = 160;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let plain =
        lines.map(|line| line.trim_start_matches(['-', '*', ' '])).collect::<Vec<_>>().join(" ").replace("**", "");
    let mut short: String = plain.chars().take(LONGEST).collect();
    if plain.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}
