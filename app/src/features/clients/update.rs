//! Clients: the list, a page, and records of one person.

use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::record::Identity;

use crate::features::clients::messages::{ClientsCommand, ClientsEffect, ClientsEvent};
use crate::features::clients::values::{Particulars, ParticularsFields, UnsavedParticulars};
use crate::features::files::messages::FilesEffect;
use crate::features::notes::messages::NotesEffect;
use crate::messages::Effect;
use crate::model::{Done, Model, Place, Practice};
use crate::update::begin::{begin, finish, with_practice};
use crate::update::leave::close_when_saved;
use crate::update::navigate::go;
use crate::update::page::{leave_page, save_particulars};
use crate::update::saving::save_now;
use crate::values::job::{Job, Progress};
use crate::values::name_filter::NameFilter;
use crate::values::navigation::{Field, Overlay, Private, Screen, Tab};
use crate::values::note_ref::NoteRef;
use crate::values::page::{ClientRow, Timeline};

/// Commands about clients, while a practice is open.
pub(crate) fn update(model: &mut Model, command: ClientsCommand) -> Vec<Effect> {
    match command {
        ClientsCommand::Filtered => filter(model),
        ClientsCommand::Find => find_client(model),
        ClientsCommand::Select(client) => to_client(model, client),
        ClientsCommand::Step(by) => step(model, by),
        ClientsCommand::Add => add_client(model),
        ClientsCommand::Show(tab) => show(model, tab),
        ClientsCommand::Choose(client) => with_practice(model, |practice| practice.clients.other = Some(client)),
        ClientsCommand::Merge => merge(model),
        ClientsCommand::Unmerge => unmerge(model),
        ClientsCommand::SaveParticulars => save_particulars(model),
        ClientsCommand::ResetParticulars => reset_particulars(model),
    }
}

/// What jobs bring back of clients.
pub(crate) fn apply(model: &mut Model, event: ClientsEvent) -> Vec<Effect> {
    match event {
        ClientsEvent::Listed(clients) => fill_list(model, clients),
        ClientsEvent::Added(row) => client_added(model, row),
        ClientsEvent::Page(page) => show_timeline(model, *page),
        ClientsEvent::Particulars(particulars) => show_particulars(model, *particulars),
        ClientsEvent::Edited { row, particulars, saved } => edited(model, &row, *particulars, &saved),
        ClientsEvent::Moved(client, note) => moved(model, client, note),
        ClientsEvent::Unmerged(client) => unmerged(model, client),
    }
}

/// Fills the list with the clients whose name or code has what is typed above it.
pub(crate) fn filter(model: &mut Model) -> Vec<Effect> {
    let name_filter = NameFilter::new(&model.typed.clients.filter);
    with_practice(model, |practice| {
        let is_wanted = |row: &ClientRow| {
            name_filter.is_in(&row.name) || row.code.as_deref().is_some_and(|code| name_filter.is_in(code))
        };
        let rows = practice.clients.rows.iter().enumerate();
        let through = rows.filter(|(_, row)| is_wanted(row));
        practice.clients.shown = through.map(|(place, _)| place).collect();
    })
}

/// Begins to load a client's page; what was written on the last one is saved first.
pub(crate) fn to_client(model: &mut Model, client: ClientId) -> Vec<Effect> {
    let mut effects = leave_page(model);
    model.typed.clients.particulars = ParticularsFields::default();
    let Some(practice) = model.practice_mut() else { return effects };
    practice.screen = Screen::Clients;
    practice.clients.particulars = None;
    let particulars = practice.tab == Tab::Particulars;
    practice.clients.selected = Some(client);
    practice.notes.editor = None;
    practice.notes.reading = None;
    practice.history = None;
    practice.writing = false;
    practice.notes.caret = None;
    practice.files.picture = None;
    if practice.files.list.take().is_some() || practice.tab == Tab::Files {
        effects.push(Effect::Files(FilesEffect::Load(client)));
    }
    if practice.timeline.as_ref().is_none_or(|timeline| timeline.client.id != client) {
        practice.timeline = None;
    }
    effects.extend(begin(model, ClientsEffect::LoadPage(client)));
    if particulars {
        effects.extend(begin(model, ClientsEffect::LoadParticulars(client)));
    }
    effects
}

fn step(model: &mut Model, by: i32) -> Vec<Effect> {
    let Some(practice) = model.practice() else { return Vec::new() };
    let shown = || practice.clients.shown.iter().filter_map(|place| practice.clients.rows.get(*place));
    let here = shown().position(|row| Some(row.id) == practice.clients.selected);
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
    let name = model.typed.clients.name.trim().to_owned();
    let code = Some(model.typed.clients.code.trim().to_owned()).filter(|code| !code.is_empty());
    if name.is_empty() || model.progress(Job::Clients).is_some() {
        return Vec::new();
    }
    begin(model, ClientsEffect::Add { name, code })
}

/// Another part of the client's page.
fn show(model: &mut Model, tab: Tab) -> Vec<Effect> {
    let mut effects = leave_page(model);
    model.typed.path.clear();
    let Some(practice) = model.practice_mut() else { return effects };
    practice.tab = tab;
    practice.files.picture = None;
    practice.clients.particulars = None;
    let Some(client) = practice.clients.selected else { return effects };
    effects.extend(match tab {
        Tab::Files => begin(model, FilesEffect::Load(client)),
        Tab::Particulars => begin(model, ClientsEffect::LoadParticulars(client)),
        Tab::Timeline | Tab::Measures => Vec::new(),
    });
    effects
}

fn reset_particulars(model: &mut Model) -> Vec<Effect> {
    let shown = model.practice().and_then(|practice| practice.clients.particulars.as_ref());
    model.typed.clients.particulars = shown.map(|shown| ParticularsFields::of(&shown.identity)).unwrap_or_default();
    Vec::new()
}

/// Particulars arrive; those of a client who is no longer the selected one are dropped.
fn show_particulars(model: &mut Model, particulars: Particulars) -> Vec<Effect> {
    finish(model, Job::Particulars);
    let Model { place: Place::Open(practice), typed, .. } = model else { return Vec::new() };
    if practice.clients.selected != Some(particulars.client) || practice.tab != Tab::Particulars {
        return Vec::new();
    }
    let kept = practice.clients.unsaved.extract_if(.., |one| one.client == particulars.client).last();
    let page = practice.clients.particulars.as_ref().filter(|page| page.client == particulars.client);
    typed.clients.particulars = match (page, kept) {
        // What is typed meanwhile stays.
        (Some(page), _) => {
            std::mem::take(&mut typed.clients.particulars).rebased(&page.identity, &particulars.identity)
        }
        (None, Some(kept)) => kept.typed.rebased(&kept.shown, &particulars.identity),
        (None, None) => ParticularsFields::of(&particulars.identity),
    };
    practice.clients.particulars = Some(particulars);
    Vec::new()
}

/// What was typed is saved; what was typed meanwhile stays.
fn edited(model: &mut Model, row: &ClientRow, particulars: Particulars, saved: &Identity) -> Vec<Effect> {
    finish(model, Job::Particulars);
    let id = particulars.client;
    with_practice(model, |practice| {
        practice.clients.rows.iter_mut().filter(|one| one.id == id).for_each(|one| one.clone_from(row));
        let page = practice.timeline.as_mut().filter(|page| page.client.id == id);
        page.into_iter().for_each(|page| page.client.clone_from(row));
    });
    filter(model);
    settle_kept(model, saved, &particulars);
    let shows = |practice: &Practice| practice.clients.particulars.as_ref().is_some_and(|shown| shown.client == id);
    if model.practice().is_some_and(shows) {
        let typed = std::mem::take(&mut model.typed.clients.particulars);
        model.typed.clients.particulars = typed.rebased(saved, &particulars.identity);
        with_practice(model, |practice| {
            practice.clients.particulars = Some(particulars);
            practice.done = Some((Job::Particulars, Done::Written));
        });
    }
    close_when_saved(model);
    Vec::new()
}

/// What waited to be saved waits no longer, but for what could not be.
fn settle_kept(model: &mut Model, saved: &Identity, now: &Particulars) {
    let Some(practice) = model.practice_mut() else { return };
    let settled = std::mem::take(&mut practice.clients.unsaved).into_iter().filter_map(|one| {
        if one.client == now.client {
            UnsavedParticulars { shown: saved.clone(), ..one }.rebased(&now.identity)
        } else {
            Some(one)
        }
    });
    practice.clients.unsaved = settled.collect();
}

fn find_client(model: &mut Model) -> Vec<Effect> {
    let effects = if model.screen() == Some(Screen::Clients) { Vec::new() } else { go(model, Screen::Clients) };
    if let Some(practice) = model.practice_mut() {
        practice.writing = false;
    }
    model.focus = Some(Field::Filter);
    effects
}

fn fill_list(model: &mut Model, clients: Vec<ClientRow>) -> Vec<Effect> {
    finish(model, Job::Clients);
    if let Some(practice) = model.practice_mut() {
        practice.clients.rows = clients;
    }
    filter(model)
}

fn client_added(model: &mut Model, row: ClientRow) -> Vec<Effect> {
    finish(model, Job::Clients);
    model.overlay = None;
    for field in [&mut model.typed.clients.name, &mut model.typed.clients.code, &mut model.typed.clients.filter] {
        field.clear();
    }
    let client = row.id;
    if let Some(practice) = model.practice_mut() {
        // Above the others, which stand in the order in which they were last seen.
        practice.clients.rows.insert(0, row);
    }
    filter(model);
    to_client(model, client)
}

/// The page of a client who is no longer the selected one is dropped.
///
/// Answers come in the order of the jobs: a page that no [`ClientsEffect::LoadPage`] asked for is the one with the private notes.
fn show_timeline(model: &mut Model, timeline: Timeline) -> Vec<Effect> {
    let mut effects = Vec::new();
    if model.progress(Job::Timeline).is_none() && model.overlay == Some(Overlay::Private(Private::List)) {
        finish(model, Job::Note);
        model.overlay = None;
        // The files beside them can be listed too.
        if model.practice().is_some_and(|practice| practice.tab == Tab::Files) {
            effects = begin(model, FilesEffect::Load(timeline.client.id));
        }
    }
    finish(model, Job::Timeline);
    let Some(practice) = model.practice_mut() else { return effects };
    if practice.clients.selected == Some(timeline.client.id) {
        let row = practice.clients.rows.iter_mut().find(|row| row.id == timeline.client.id);
        row.into_iter().for_each(|row| row.clone_from(&timeline.client));
        let client = timeline.client.id;
        practice.timeline = Some(timeline);
        effects.extend(refresh_particulars(model, client));
    }
    effects
}

/// What another device wrote of the particulars that are shown; not while something else is typed into them.
fn refresh_particulars(model: &mut Model, client: ClientId) -> Vec<Effect> {
    let shown = model.practice().and_then(|practice| practice.clients.particulars.as_ref());
    let as_typed = shown.is_some_and(|shown| ParticularsFields::of(&shown.identity) == model.typed.clients.particulars);
    if as_typed && model.progress(Job::Particulars).is_none() {
        // What was last said on the screen stays: nobody here has asked for anything.
        model.busy.push((Job::Particulars, Progress::default()));
        vec![ClientsEffect::LoadParticulars(client).into()]
    } else {
        Vec::new()
    }
}

fn merge(model: &mut Model) -> Vec<Effect> {
    let Some(practice) = model.practice().filter(|_| model.overlay == Some(Overlay::Merge)) else { return Vec::new() };
    match (practice.clients.other, practice.clients.selected) {
        (Some(from), Some(into)) if model.progress(Job::Move).is_none() => {
            let mut effects = save_now(model);
            effects.extend(begin(model, ClientsEffect::Merge { from, into }));
            effects
        }
        _ => Vec::new(),
    }
}

fn unmerge(model: &mut Model) -> Vec<Effect> {
    let client = model.practice().and_then(|practice| practice.clients.selected);
    match client {
        Some(client) if model.overlay == Some(Overlay::Unmerge) && model.progress(Job::Move).is_none() => {
            let mut effects = save_now(model);
            effects.extend(begin(model, ClientsEffect::Unmerge(client)));
            effects
        }
        _ => Vec::new(),
    }
}

/// The records are apart again: the list and the page are asked for as they now are.
pub(crate) fn unmerged(model: &mut Model, client: ClientId) -> Vec<Effect> {
    let effects = moved(model, client, None);
    with_practice(model, |practice| practice.done = Some((Job::Move, Done::Unmerged)));
    effects
}

/// A note or a record is where it belongs: there the window goes too.
pub(crate) fn moved(model: &mut Model, client: ClientId, note: Option<NoteId>) -> Vec<Effect> {
    finish(model, Job::Move);
    model.overlay = None;
    let mut effects = begin(model, ClientsEffect::Load);
    effects.extend(to_client(model, client));
    effects.extend(
        note.into_iter().flat_map(|note| begin(model, NotesEffect::Open { note: NoteRef::Note(note), private: None })),
    );
    with_practice(model, |practice| practice.done = Some((Job::Move, Done::Moved)));
    effects
}
