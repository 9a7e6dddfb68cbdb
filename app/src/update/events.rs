//! What jobs bring back.
//!
//! An answer that arrives after the window was locked is dropped unread: the model of a locked window has no place to put it.

use subrosa_core::id::NoteId;
use subrosa_core::record::NoteContent;

use super::{
    begin, damage, filing, finish, keeping, lock, new_kit, notes, opening, private, removal, sharing, with_practice,
};
use crate::editor::Editor;
use crate::effect::{Effect, Job};
use crate::event::{ClientRow, ColleagueRow, Event, NoteState, OpenNote, OwnCard, Progress, Refusal, Timeline};
use crate::model::{
    Done, Field, FirstRun, Locked, Model, Overlay, Pairing, Place, Practice, Private, Screen, Search, Tab, Trouble,
};
use crate::typed::Typed;

/// Takes what a job brought into the model.
pub fn apply(model: &mut Model, event: Event) -> Vec<Effect> {
    match event {
        Event::Found(found) => opening::looked(model, found),
        Event::PracticeCreated(opened, kit) => opening::created(model, *opened, *kit),
        Event::Unlocked(opened) => opening::unlocked(model, *opened),
        Event::Refused(job, refusal) => refused(model, job, refusal),
        Event::Progress(job, progress) => progressed(model, job, progress),
        Event::Failed(job, why) => failed(model, job, why),
        Event::Picked(pick, picked) => super::picking::picked(model, pick, picked),
        Event::Joining(step) => joining(model, step),
        Event::Away => {
            damage::away(model);
            let mut effects = lock(model);
            effects.push(Effect::LetSleep);
            effects
        }
        Event::Merged { note, content, seen } => merged(model, note, content, seen),
        Event::Arrived => arrived(model),
        Event::InMemory(in_memory) => {
            model.in_memory = in_memory;
            super::closing(model);
            Vec::new()
        }
        event if model.practice().is_some() => inside(model, event),
        _ => Vec::new(),
    }
}

/// What belongs to an open practice.
fn inside(model: &mut Model, event: Event) -> Vec<Effect> {
    match event {
        Event::Clients(clients) => fill_list(model, clients),
        Event::ClientAdded(row) => client_added(model, row),
        Event::Timeline(timeline) => show_timeline(model, *timeline),
        Event::NoteOpened(note) => show_note(model, *note),
        Event::Saved { note, revision, at } => {
            with_editor(model, note, |editor| editor.saved(revision, at));
            super::closing(model);
            Vec::new()
        }
        Event::SignPreview(preview) => {
            finish(model, Job::Sign);
            with_practice(model, |practice| practice.preview = Some(*preview))
        }
        Event::Signing(pending) => keeping::signing(model, pending),
        Event::TakenBack(note) => keeping::taken_back(model, note),
        Event::Signed(note) => keeping::settled(model, note),
        Event::Deleted(id) => keeping::deleted(model, id),
        Event::Undeleted(id, client) => keeping::undeleted(model, id, client),
        Event::Trash(trash) => keeping::trash(model, trash),
        Event::Attached(client, done) => filing::attached(model, client, done),
        Event::Pictured(picture) => {
            filing::pictured(model, picture);
            Vec::new()
        }
        Event::Files(client, files) => {
            finish(model, Job::Files);
            if let Some(practice) = model.practice_mut().filter(|practice| practice.selected == Some(client)) {
                practice.files = Some(files);
            }
            Vec::new()
        }
        Event::BackupOpened(_) | Event::LookedInto(_) | Event::InsideNote(_) | Event::BroughtBack(_) => {
            super::restoring::apply(model, event)
        }
        Event::Backups(backups) => super::backups::stand(model, *backups, None),
        Event::BackingUp => super::backups::begun(model),
        Event::BackedUp(backups, made) => super::backups::stand(model, *backups, Some(made)),
        Event::Moved(client, note) => keeping::moved(model, client, note),
        Event::Unmerged(client) => keeping::unmerged(model, client),
        Event::PrivateClosing => private::closing(model),
        Event::PrivateClosed => private::close(model),
        Event::KitProven(proven) => sharing::kit_proven(model, proven),
        Event::KitDrawn(kit, groups) => new_kit::drawn(model, *kit, groups),
        other => shared(model, other),
    }
}

/// Search, devices, colleagues, import and export.
fn shared(model: &mut Model, event: Event) -> Vec<Effect> {
    finish_job_of(model, &event);
    let Model { place: Place::Open(practice), .. } = model else { return Vec::new() };
    match event {
        Event::KitWritten { same_disk } => {
            practice.kit.iter_mut().for_each(|page| page.written = Some(same_disk));
            model.typed.path.clear();
        }
        Event::Hits { ticket, hits, looked } if ticket == practice.search.ticket => {
            practice.search = Search { ticket, answered: looked.is_none(), hits, looked: looked.unwrap_or_default() };
        }
        Event::Devices(devices, removed) => {
            let grown = devices.len() > practice.devices.len();
            (practice.devices, practice.removed) = (devices, removed);
            removal::settled(&mut model.overlay, practice);
            if grown && matches!(practice.pairing, Pairing::Adding) {
                practice.pairing = Pairing::Idle;
                practice.done = Some((Job::Devices, Done::DeviceAdded));
            }
        }
        Event::DeviceRemoved(name) => practice.done = Some((Job::Removal, Done::DeviceRemoved(name))),
        Event::ApartAnswered { kept } => practice.done = Some((Job::Removal, Done::ApartAnswered { kept })),
        Event::Versions(note, versions) => {
            let shown = practice.history.as_mut().filter(|history| history.note == note);
            shown.into_iter().for_each(|history| history.versions = Some(versions.clone()));
        }
        Event::Checked(check) => {
            if !check.is_whole() && practice.screen != Screen::Safety {
                practice.notices.push(crate::words::CHECK_DAMAGED.to_owned());
            }
            practice.check = Some(*check);
        }
        Event::Repaired(repaired) => {
            practice.done = Some((Job::Repair, Done::Repaired(repaired)));
            model.focus = Some(Field::Check);
        }
        Event::Invitation(invitation) => practice.pairing = Pairing::Inviting(invitation),
        Event::DeviceAsks { name } => practice.pairing = Pairing::Asked(name),
        Event::Colleagues(card, colleagues) => list_colleagues(practice, &mut model.typed, *card, colleagues),
        Event::SealedOpened(record) => {
            practice.sealed = Some(*record);
            model.typed.path.clear();
        }
        Event::ImportReport(report) => return imported(model, *report),
        Event::ImportUndone => {
            practice.import = None;
            practice.done = Some((Job::Import, Done::ImportUndone));
            return vec![Effect::LoadClients];
        }
        Event::Notice(notice) => practice.notices.push(notice),
        Event::Written(job) => practice.done = Some((job, Done::Written)),
        Event::PassphraseChanged { others } => practice.done = Some((Job::Passphrase, Done::PassphraseChanged(others))),
        _ => {}
    }
    Vec::new()
}

/// Ends the job that an event ends, and what was typed for something that is written now goes.
fn finish_job_of(model: &mut Model, event: &Event) {
    if let Some(job) = job_of(event) {
        finish(model, job);
    }
    match event {
        Event::Written(Job::Colleagues | Job::OpenSealed) => model.typed.path.clear(),
        Event::Written(Job::Seal | Job::Export) => {
            model.overlay = None;
            model.typed.forget_disclosure();
        }
        _ => {}
    }
}

/// The job that an event ends.
fn job_of(event: &Event) -> Option<Job> {
    Some(match event {
        Event::KitWritten { .. } => Job::Kit,
        Event::Hits { looked: None, .. } => Job::Search,
        Event::Devices(..) | Event::Invitation(_) => Job::Devices,
        Event::DeviceRemoved(_) | Event::ApartAnswered { .. } => Job::Removal,
        Event::Colleagues(..) => Job::Colleagues,
        Event::Versions(..) => Job::History,
        Event::Checked(_) => Job::Check,
        Event::Repaired(_) => Job::Repair,
        Event::SealedOpened(_) => Job::OpenSealed,
        Event::ImportReport(_) | Event::ImportUndone => Job::Import,
        Event::Written(job) => *job,
        Event::PassphraseChanged { .. } => Job::Passphrase,
        _ => return None,
    })
}

fn refused(model: &mut Model, job: Job, refusal: Refusal) -> Vec<Effect> {
    finish(model, job);
    match &mut model.place {
        Place::Locked(locked) if job == Job::Unlock || (job == Job::Recover && refusal == Refusal::Damaged) => {
            damage::refused(locked, refusal);
        }
        Place::Starting => model.place = Place::Locked(Locked { refusal: Some(refusal), ..Locked::default() }),
        _ => model.trouble = Some(Trouble { job, why: crate::words::refusal(refusal).to_owned() }),
    }
    model.focus = Some(Field::Passphrase);
    Vec::new()
}

/// Progress counts only for a job that is still at work: a late report must not bring a finished one back.
fn progressed(model: &mut Model, job: Job, progress: Progress) -> Vec<Effect> {
    model.busy.iter_mut().filter(|(busy, _)| *busy == job).for_each(|(_, to)| *to = progress);
    Vec::new()
}

fn failed(model: &mut Model, job: Job, why: String) -> Vec<Effect> {
    finish(model, job);
    let now = model.now;
    if let (Job::Save, Some(editor)) = (job, model.practice_mut().and_then(|practice| practice.editor.as_mut())) {
        editor.save_failed(now);
    }
    super::closing(model);
    match &mut model.place {
        Place::FirstRun(FirstRun::Join(step)) if job == Job::Join => *step = None,
        Place::Open(practice) if job == Job::Devices => practice.pairing = Pairing::Idle,
        _ => {}
    }
    model.trouble = Some(Trouble { job, why });
    Vec::new()
}

fn joining(model: &mut Model, step: crate::event::JoinStep) -> Vec<Effect> {
    if let Place::FirstRun(FirstRun::Join(now)) = &mut model.place {
        *now = Some(step);
    }
    Vec::new()
}

fn fill_list(model: &mut Model, clients: Vec<ClientRow>) -> Vec<Effect> {
    finish(model, Job::Clients);
    if let Some(practice) = model.practice_mut() {
        practice.clients = clients;
    }
    notes::filter(model)
}

fn client_added(model: &mut Model, row: ClientRow) -> Vec<Effect> {
    finish(model, Job::Clients);
    model.overlay = None;
    for field in [&mut model.typed.name, &mut model.typed.client_code, &mut model.typed.filter] {
        field.clear();
    }
    let client = row.id;
    if let Some(practice) = model.practice_mut() {
        // Above the others, which stand in the order in which they were last seen.
        practice.clients.insert(0, row);
    }
    notes::filter(model);
    notes::to_client(model, client)
}

/// The page of a client who is no longer the selected one is dropped.
///
/// Answers come in the order of the jobs: a page that no [`Effect::LoadTimeline`] asked for is the one with the private notes.
fn show_timeline(model: &mut Model, timeline: Timeline) -> Vec<Effect> {
    let mut effects = Vec::new();
    if model.progress(Job::Timeline).is_none() && model.overlay == Some(Overlay::Private(Private::List)) {
        finish(model, Job::Note);
        model.overlay = None;
        // The files beside them can be listed too.
        if model.practice().is_some_and(|practice| practice.tab == Tab::Files) {
            effects = begin(model, Effect::LoadFiles(timeline.client.id));
        }
    }
    finish(model, Job::Timeline);
    let Some(practice) = model.practice_mut() else { return effects };
    if practice.selected == Some(timeline.client.id) {
        let row = practice.clients.iter_mut().find(|row| row.id == timeline.client.id);
        row.into_iter().for_each(|row| row.clone_from(&timeline.client));
        practice.timeline = Some(timeline);
    }
    effects
}

/// A note that belongs to another client than the one whose page is shown came too late and is dropped.
fn show_note(model: &mut Model, note: OpenNote) -> Vec<Effect> {
    finish(model, Job::Note);
    let effects = notes::save_now(model);
    if let Some(Overlay::Private(_) | Overlay::InError) = model.overlay {
        finish(model, Job::Sign);
        model.overlay = None;
    }
    let Model { place: Place::Open(practice), typed, focus, .. } = model else { return effects };
    if practice.selected != Some(note.client) {
        return effects;
    }
    add_card(practice, &note);
    if note.card.state.is_open() {
        // A finished note is there to be read: a stray key must not change it.
        *focus = (note.card.state != NoteState::Imported).then_some(Field::Note);
        let steps = practice.steps.take().filter(|(of, _)| *of == note.card.id);
        match practice.editor.as_mut().filter(|editor| editor.id() == note.card.id) {
            Some(editor) => editor.open_again(note, typed),
            None => practice.editor = Some(Editor::open(note, typed)),
        }
        typed.earlier = steps.map(|(_, steps)| steps.over(&typed.note));
        practice.reading = None;
    } else {
        practice.editor = None;
        practice.reading = Some(note);
    }
    effects
}

/// What another device wrote comes onto the screen, unless something typed here is still to be saved.
fn merged(model: &mut Model, note: NoteId, content: NoteContent, seen: u64) -> Vec<Effect> {
    let Model { place: Place::Open(practice), typed, focus, .. } = model else { return Vec::new() };
    if let Some(editor) = practice.editor.as_mut().filter(|editor| editor.id() == note) {
        editor.merge(content, seen, typed);
        practice.caret = Some(typed.caret);
        focus.get_or_insert(Field::Merged);
    }
    Vec::new()
}

/// The page that is shown is asked for again.
fn arrived(model: &mut Model) -> Vec<Effect> {
    let client = model.practice().and_then(|practice| practice.selected);
    // What was last said on the screen stays: nobody here has asked for anything.
    model.busy.extend(client.map(|_| (Job::Timeline, Progress::default())));
    client.map(Effect::LoadTimeline).into_iter().collect()
}

/// A note that was just begun stands in the timeline at once, and counts in the list.
fn add_card(practice: &mut Practice, note: &OpenNote) {
    let Some(timeline) = &mut practice.timeline else { return };
    if timeline.notes.iter().any(|card| card.id == note.card.id) {
        return;
    }
    let place = timeline.notes.partition_point(|card| card.date > note.card.date);
    timeline.notes.insert(place, note.card.clone());
    let row = practice.clients.iter_mut().find(|row| row.id == note.client);
    if let Some(row) = row.filter(|_| note.card.state == NoteState::Unsigned && !note.card.private) {
        row.unsigned += 1;
        row.last = row.last.max(Some(note.card.date));
    }
}

/// The signed note is shown as it now is, and everything that counts it is asked for again.
pub(super) fn signed(model: &mut Model, note: NoteId) -> Vec<Effect> {
    finish(model, Job::Sign);
    model.overlay = None;
    let Some(practice) = model.practice_mut() else { return Vec::new() };
    practice.writing = false;
    let mut effects = Vec::new();
    if let Some(editor) = practice.editor.take_if(|editor| editor.id() == note) {
        model.typed.note.clear();
        let open_again = !editor.note.card.private;
        effects.extend(
            open_again
                .then_some(note)
                .into_iter()
                .flat_map(|note| begin(model, Effect::OpenNote { note, private: None })),
        );
    }
    let selected = model.practice().and_then(|practice| practice.selected);
    effects.extend(selected.into_iter().flat_map(|client| begin(model, Effect::LoadTimeline(client))));
    effects
}

fn list_colleagues(practice: &mut Practice, typed: &mut Typed, card: OwnCard, colleagues: Vec<ColleagueRow>) {
    if typed.owner.is_empty() {
        typed.owner = card.name.clone().unwrap_or_default();
    }
    if practice.card.is_some() && colleagues.len() > practice.colleagues.len() {
        // The card that was named is here; the next file is another one.
        typed.path.clear();
    }
    practice.card = Some(card);
    practice.colleagues = colleagues;
}

fn imported(model: &mut Model, report: crate::event::ImportReport) -> Vec<Effect> {
    let changed = !report.dry_run;
    if let Some(practice) = model.practice_mut() {
        practice.import = Some(report);
    }
    if changed { begin(model, Effect::LoadClients) } else { Vec::new() }
}

fn with_editor(model: &mut Model, note: NoteId, change: impl FnOnce(&mut Editor)) {
    let editor = model.practice_mut().and_then(|practice| practice.editor.as_mut());
    if let Some(editor) = editor.filter(|editor| editor.id() == note) {
        change(editor);
    }
}
