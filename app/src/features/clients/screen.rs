//! The page of one client: the note being written or read, the timeline below it, and the measures.

pub(crate) mod list;
mod measures;
mod particulars;
pub(crate) mod questions;

use egui::{Align, Layout, Ui};

use crate::features::clients::messages::ClientsCommand;
use crate::features::clients::screen::measures::measures;
use crate::features::clients::screen::particulars::particulars;
use crate::features::files::screen as files;
use crate::features::history::screen as history;
use crate::features::notes::messages::NotesCommand;
use crate::features::notes::screen as note;
use crate::features::trash::messages::TrashCommand;
use crate::messages::Command;
use crate::model::{Done, Practice};
use crate::ui::stage::Stage;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::{Doomed, Overlay, Private, Tab};
use crate::values::page::{NoteCard, Timeline};
use crate::view_model::{Tone, shown_note};
use crate::{view_model, words};

/// What is said of a job that ended on this page.
const DONE: [(Job, Done, &str); 9] = [
    (Job::Seal, Done::Written, words::SEAL_DONE),
    (Job::Export, Done::Written, words::EXPORT_DONE),
    (Job::Trash, Done::Undeleted, words::UNDELETED),
    (Job::Note, Done::PrivateClosed, words::PRIVATE_OVER),
    (Job::Note, Done::BegunAnew, words::BEGUN_ANEW),
    (Job::Particulars, Done::Written, words::PARTICULARS_SAVED),
    (Job::Move, Done::Moved, words::MOVED),
    (Job::Move, Done::Unmerged, words::UNMERGED),
    (Job::KitProof, Done::KitProven, words::KIT_AGAIN_DONE),
];

fn done(practice: &Practice) -> Option<&'static str> {
    DONE.iter().find(|(job, done, _)| practice.has_done(*job, done)).map(|(.., words)| *words)
}

/// Draws the page.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let troubles = [
        Job::Clients,
        Job::Timeline,
        Job::Particulars,
        Job::Note,
        Job::Save,
        Job::Sign,
        Job::Kit,
        Job::Settings,
        Job::Trash,
        Job::Move,
    ];
    // What an overlay asked for is answered in it.
    let trouble = stage.model.trouble_with(&troubles).filter(|_| stage.model.overlay.is_none());
    let asks = stage.model.in_memory.private > 0;
    widgets::trouble(ui, trouble.filter(|why| !asks || *why != words::SAVE_ASKS));
    let deleted = if let Some((Job::Trash, Done::Deleted(id))) = practice.done { Some(id) } else { None };
    if let Some(done) = done(practice).or(deleted.map(|_| words::TRASHED)) {
        widgets::wrap(ui, done, face::small(), tokens(ui).accent);
        if let Some(id) = deleted {
            let back = widgets::outlined(ui, words::UNDELETE, stage.model.progress(Job::Trash).is_none());
            stage.ask_if(back, TrashCommand::Undelete(id));
        }
        ui.add_space(space::SMALL);
    }
    let Some(timeline) = &practice.timeline else { return nobody_chosen(ui, practice) };
    if asks {
        widgets::trouble(ui, Some(words::SAVE_ASKS));
        let ask = widgets::outlined(ui, words::SAVE_ASKED, true);
        stage.ask_if(ask, Command::Open(Overlay::Private(Private::List)));
        ui.add_space(space::MEDIUM);
    }
    if !practice.writing {
        head(ui, stage, practice, timeline);
    }
    match practice.tab {
        Tab::Measures if !practice.writing => measures(ui, stage, practice),
        Tab::Files if !practice.writing => files::show(ui, stage, practice),
        Tab::Particulars if !practice.writing => particulars(ui, stage, practice),
        Tab::Timeline | Tab::Measures | Tab::Files | Tab::Particulars => notes(ui, stage, practice, timeline),
    }
}

fn nobody_chosen(ui: &mut Ui, practice: &Practice) {
    if practice.clients.selected.is_some() {
        widgets::progress(ui, words::LOADING, Default::default());
    } else if !practice.clients.rows.is_empty() {
        widgets::empty(ui, words::CHOOSE_CLIENT, words::CHOOSE_CLIENT_MORE);
    }
}

fn head(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, timeline: &Timeline) {
    let t = tokens(ui);
    let name = view_model::veiled(stage.model, &timeline.client.name);
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let writing = practice.notes.editor.is_some();
            let new = if writing {
                widgets::outlined(ui, words::NEW_NOTE, true)
            } else {
                widgets::filled(ui, words::NEW_NOTE, true)
            };
            stage.ask_if(new, NotesCommand::New);
            ui.add_space(space::MEDIUM);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                widgets::say(ui, &name, face::title(), t.ink);
                ui.add_space(space::SMALL);
                let status = words::status_since(&timeline.client.status, timeline.since);
                widgets::say_if_it_fits(ui, &status, face::small(), t.soft);
            });
        });
    });
    if !timeline.merged.is_empty() {
        ui.horizontal(|ui| {
            let names = words::one_record_with(&timeline.merged);
            widgets::say(ui, &view_model::veiled(stage.model, &names), face::small(), t.soft);
            let unmerge = widgets::quiet(ui, words::UNMERGE_SHORT);
            stage.ask_if(unmerge, Command::Open(Overlay::Unmerge));
        });
    }
    ui.add_space(space::SMALL);
    let narrow = ui.available_width() < size::TABS;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::MEDIUM;
        let tabs = [
            (Tab::Timeline, words::TIMELINE),
            (Tab::Particulars, words::PARTICULARS_TAB),
            (Tab::Measures, words::MEASURES),
            (Tab::Files, words::FILES),
        ];
        for (tab, words) in tabs {
            let chosen = widgets::tab(ui, words, practice.tab == tab);
            stage.ask_if(chosen, ClientsCommand::Show(tab));
        }
        if !narrow {
            actions(ui, stage, practice);
        }
    });
    if narrow {
        ui.horizontal_wrapped(|ui| actions(ui, stage, practice));
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.separator();
    ui.spacing_mut().item_spacing.y = space::SMALL;
    ui.add_space(space::MEDIUM);
}

/// What can be done with the whole record.
fn actions(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    ui.spacing_mut().item_spacing.x = space::TIGHT;
    let offered = [
        (words::PRIVATE_NOTES_ASK, Overlay::Private(Private::List)),
        (words::SEAL_SHORT, Overlay::Seal { colleague: 0 }),
        (words::EXPORT_SHORT, Overlay::Export { private: false }),
        (words::MERGE_SHORT, Overlay::Merge),
        (words::DELETE_CLIENT_SHORT, Overlay::Delete(Doomed::Client)),
    ];
    let makes_sense =
        |overlay: &Overlay| !practice.colleagues.rows.is_empty() || !matches!(overlay, Overlay::Seal { .. });
    let offered: Vec<_> = offered.into_iter().filter(|(_, overlay)| makes_sense(overlay)).collect();
    let words: Vec<&str> = offered.iter().map(|(words, _)| *words).collect();
    if let Some((_, overlay)) = widgets::trailing(ui, &words).and_then(|place| offered.get(place)) {
        stage.ask(Command::Open(*overlay));
    }
}

fn notes(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, timeline: &Timeline) {
    let versions = practice.history.as_ref().filter(|history| Some(history.note) == shown_note(stage.model));
    let shown = if let Some(versions) = versions {
        history::show(ui, stage, versions);
        Some(versions.note)
    } else if let Some(editor) = &practice.notes.editor {
        note::write(ui, stage, practice, editor);
        Some(editor.id())
    } else if let Some(reading) = &practice.notes.reading {
        note::read(ui, stage, practice, reading);
        Some(reading.card.id)
    } else {
        None
    };
    if practice.writing {
        return;
    }
    ui.add_space(space::MEDIUM);
    if timeline.notes.is_empty() && shown.is_none() {
        return widgets::empty(ui, words::NO_NOTES, words::NO_NOTES_MORE);
    }
    for card in timeline.notes.iter().filter(|card| Some(card.id) != shown) {
        ui.push_id(card.id, |ui| entry(ui, stage, card));
    }
}

/// One note in the timeline: its date, its state, and how it begins.
fn entry(ui: &mut Ui, stage: &mut Stage<'_>, card: &NoteCard) {
    let t = tokens(ui);
    let date = words::date(card.date, stage.model.now.today());
    let (state, tone) = view_model::note_state(card);
    ui.spacing_mut().item_spacing.y = space::TIGHT;
    ui.horizontal(|ui| {
        ui.set_height(size::TEXT_LINE);
        ui.spacing_mut().button_padding = egui::Vec2::ZERO;
        ui.spacing_mut().interact_size.y = size::TEXT_LINE;
        let open = egui::Button::new(egui::RichText::new(&date).font(face::strong()).color(t.ink)).frame(false);
        let response = ui.add(open).accessible_name(format!("{date}, {state}"));
        widgets::focus_ring(ui, &response);
        stage.ask_if(response.clicked(), NotesCommand::Open(card.id));
        let color = if tone == Tone::NeedsYou { t.needs_you } else { t.soft };
        widgets::say(ui, &state, face::hint(), color);
        let line = if card.private { words::PRIVATE_NOTE.to_owned() } else { view_model::note_line(card) };
        widgets::say(ui, &line, face::hint(), t.soft);
    });
    if let Some(device) = &card.written_on {
        widgets::say(ui, &words::written_on(device), face::small(), t.needs_you);
    }
    let excerpt = if card.private { words::PRIVATE_CLOSED } else { &card.excerpt };
    let opened = widgets::teaser(ui, &view_model::veiled(stage.model, excerpt));
    stage.ask_if(opened, NotesCommand::Open(card.id));
    ui.add_space(space::LARGE);
}
