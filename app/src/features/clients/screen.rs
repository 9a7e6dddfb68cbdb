//! The list of clients, and the page of one: the note being written or read, the timeline below it, and the measures.

use egui::{Align, Frame, Layout, Margin, Panel, ScrollArea, Ui};

use crate::features::clients::messages::ClientsCommand;
use crate::features::clients::values::{PARTICULARS, ParticularsFault, ParticularsFields};
use crate::features::files::screen as files;
use crate::features::history::screen as history;
use crate::features::notes::messages::NotesCommand;
use crate::features::notes::screen as note;
use crate::features::trash::messages::TrashCommand;
use crate::messages::Command;
use crate::model::{Done, Practice};
use crate::ui::overlay::answer;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::{Stage, widgets};
use crate::values::job::Job;
use crate::values::navigation::{Doomed, Field, Overlay, Private, Screen, Tab};
use crate::values::page::{ClientRow, NoteCard, Timeline};
use crate::view_model::{Tone, others, shown_note};
use crate::{view_model, words};

/// The clients: only the rows that are seen are drawn, so forty thousand scroll like forty.
pub(crate) fn list(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    let frame = Frame::new().fill(t.list).inner_margin(Margin { left: 12, right: 12, top: 16, bottom: 0 });
    Panel::left("clients").exact_size(size::LIST).resizable(false).show_separator_line(true).frame(frame).show(
        ui,
        |ui| {
            ui.horizontal(|ui| {
                widgets::say(ui, words::CLIENTS, face::pane(), t.ink);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let add = widgets::quiet(ui, words::ADD_CLIENT);
                    stage.ask_if(add, Command::Open(Overlay::AddClient));
                });
            });
            let focus = stage.focus(Field::Filter);
            let filter = &mut stage.typed.filter;
            let response = widgets::area(ui, "filter", words::FIND_CLIENT, words::FILTER_HINT, filter, focus);
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            let left = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Escape));
            if left {
                stage.typed.filter.clear();
            }
            stage.ask_if(response.changed() || left, ClientsCommand::Filtered);
            let first = practice.clients.shown.first().and_then(|place| practice.clients.rows.get(*place));
            if let Some(first) = first.filter(|_| entered) {
                stage.ask(ClientsCommand::Select(first.id));
            }
            ui.add_space(space::TIGHT);
            rows(ui, stage, practice);
        },
    );
}

fn rows(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    if practice.clients.rows.is_empty() {
        return nobody(ui, stage);
    }
    if practice.clients.shown.is_empty() {
        return widgets::empty(ui, words::NO_MATCH, "");
    }
    ui.spacing_mut().item_spacing.y = space::TIGHT / 2.0;
    let mut area = ScrollArea::vertical().id_salt("clients").auto_shrink(false);
    if stage.focus(Field::Row) {
        area = area.vertical_scroll_offset(offset(practice, ui.available_height()));
    }
    area.show_rows(ui, size::CLIENT_ROW, practice.clients.shown.len(), |ui, seen| {
        let places = practice.clients.shown.get(seen).unwrap_or_default();
        for row in places.iter().filter_map(|place| practice.clients.rows.get(*place)) {
            ui.push_id(row.id, |ui| client(ui, stage, practice, row));
        }
    });
}

/// How far to scroll so that the selected client stands in the middle.
fn offset(practice: &Practice, height: f32) -> f32 {
    let selected = |place: &&usize| {
        practice.clients.rows.get(**place).is_some_and(|row| Some(row.id) == practice.clients.selected)
    };
    let above = practice.clients.shown.iter().take_while(|place| !selected(place)).count();
    #[expect(clippy::cast_precision_loss, reason = "a place on the screen needs no more than f32")]
    let top = above as f32 * (size::CLIENT_ROW + space::TIGHT / 2.0);
    (top - (height - size::CLIENT_ROW) / 2.0).max(0.0)
}

fn client(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, row: &ClientRow) {
    let name = view_model::list_name(stage.model, row);
    let line = view_model::client_line(row, stage.model.now.today());
    let shown = widgets::Client {
        name: name.trim_end(),
        line: &line,
        mark: (row.unsigned > 0).then_some(words::UNSIGNED),
        selected: practice.clients.selected == Some(row.id),
    };
    let chosen = widgets::client(ui, &shown);
    stage.ask_if(chosen, ClientsCommand::Select(row.id));
}

fn nobody(ui: &mut Ui, stage: &mut Stage<'_>) {
    widgets::empty(ui, words::NO_CLIENTS, words::NO_CLIENTS_MORE);
    let add = widgets::filled(ui, words::ADD_CLIENT_ASK, true);
    stage.ask_if(add, Command::Open(Overlay::AddClient));
    let import = widgets::quiet(ui, words::IMPORT_EXPORT);
    stage.ask_if(import, Command::Go(Screen::Import));
}

pub(crate) fn add_client(ui: &mut Ui, stage: &mut Stage<'_>) {
    widgets::title(ui, words::ADD_CLIENT, "");
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Clients]));
    let focus = stage.focus(Field::Name);
    let name = widgets::field(ui, "name", words::CLIENT_NAME, "", &mut stage.typed.name, focus);
    let code = widgets::field(ui, "client-code", words::CLIENT_CODE, "", &mut stage.typed.client_code, false);
    let ready = !stage.typed.name.trim().is_empty();
    answer(ui, stage, words::ADD_CLIENT, ready, name || code, Command::Clients(ClientsCommand::Add));
}

/// Which client is the same person?
pub(crate) fn merging(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    widgets::title(ui, words::MERGE_TITLE, words::MERGE_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Move]));
    other(ui, stage, practice);
    let ready = practice.clients.other.is_some() && stage.model.progress(Job::Move).is_none();
    answer(ui, stage, words::MERGE, ready, false, Command::Clients(ClientsCommand::Merge));
}

/// Are they two persons after all?
pub(crate) fn unmerging(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    widgets::title(ui, words::UNMERGE_TITLE, words::UNMERGE_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Move]));
    let merged = practice.timeline.as_ref().map(|page| page.merged.as_slice()).unwrap_or_default();
    let names = words::one_record_with(merged);
    widgets::wrap(ui, &view_model::veiled(stage.model, &names), face::text(), tokens(ui).ink);
    let ready = stage.model.progress(Job::Move).is_none();
    answer(ui, stage, words::UNMERGE, ready, false, Command::Clients(ClientsCommand::Unmerge));
}

/// Another client, by part of the name.
pub(crate) fn other(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let focus = stage.focus(Field::Other);
    widgets::field(ui, "other-client", words::OTHER_CLIENT, "", &mut stage.typed.other, focus);
    let offered = others(stage.model, &stage.typed.other);
    if offered.is_empty() {
        widgets::wrap(ui, words::NO_MATCH, face::small(), tokens(ui).soft);
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::TIGHT / 2.0;
        for row in offered.iter().filter_map(|id| practice.clients.rows.iter().find(|row| row.id == *id)) {
            let name = view_model::veiled(stage.model, &row.name).into_owned();
            let line = view_model::client_line(row, stage.model.now.today());
            let chosen =
                ui.push_id(row.id, |ui| widgets::entry(ui, &name, &line, practice.clients.other == Some(row.id)));
            stage.ask_if(chosen.inner, ClientsCommand::Choose(row.id));
        }
    });
    ui.add_space(size::BAR);
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
    let done = match &practice.done {
        Some((Job::Seal, Done::Written)) => Some(words::SEAL_DONE),
        Some((Job::Export, Done::Written)) => Some(words::EXPORT_DONE),
        Some((Job::Trash, Done::Deleted(_))) => Some(words::TRASHED),
        Some((Job::Trash, Done::Undeleted)) => Some(words::UNDELETED),
        Some((Job::Note, Done::PrivateClosed)) => Some(words::PRIVATE_OVER),
        Some((Job::Particulars, Done::Written)) => Some(words::PARTICULARS_SAVED),
        Some((Job::Move, Done::Moved)) => Some(words::MOVED),
        Some((Job::Move, Done::Unmerged)) => Some(words::UNMERGED),
        Some((Job::KitProof, Done::KitProven)) => Some(words::KIT_AGAIN_DONE),
        _ => None,
    };
    if let Some(done) = done {
        widgets::wrap(ui, done, face::small(), tokens(ui).accent);
        if let Some((_, Done::Deleted(id))) = practice.done {
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
                widgets::say(ui, &status, face::small(), t.soft);
            });
        });
    });
    if !timeline.merged.is_empty() {
        ui.horizontal(|ui| {
            let names = words::one_record_with(&timeline.merged);
            widgets::say(ui, &view_model::veiled(stage.model, &names), face::small(), t.soft);
            let apart = widgets::quiet(ui, words::UNMERGE_SHORT);
            stage.ask_if(apart, Command::Open(Overlay::Unmerge));
        });
    }
    ui.add_space(space::SMALL);
    let narrow = ui.available_width() < size::TABS;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::LARGE;
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

/// Who the client is: every field can be changed, and how each became what it is stands below.
fn particulars(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    if stage.model.discreet {
        return widgets::empty(ui, words::PARTICULARS_VEILED, "");
    }
    let Some(shown) = &practice.clients.particulars else {
        return widgets::progress(ui, words::LOADING, stage.model.progress(Job::Particulars).unwrap_or_default());
    };
    ui.set_max_width(size::DIALOG);
    let mut entered = false;
    for (place, (name, value)) in PARTICULARS.into_iter().zip(&mut stage.typed.particulars.known).enumerate() {
        let hint = match name {
            "birth_date" => words::BIRTH_DATE_HINT,
            "status" => words::STATUS_HINT,
            _ => "",
        };
        let id = format!("particular-{place}");
        entered |= widgets::field(ui, &id, words::particular_name(name), hint, value, false);
    }
    for (place, (name, value)) in stage.typed.particulars.other.iter_mut().enumerate() {
        entered |= widgets::field(ui, &format!("other-particular-{place}"), name, "", value, false);
    }
    let read = stage.typed.particulars.read(&shown.identity);
    let fault = read.as_ref().err().map(|fault| match fault {
        ParticularsFault::NoName => words::NO_NAME,
        ParticularsFault::BirthDate => words::NO_BIRTH_DATE,
    });
    widgets::trouble(ui, fault);
    let changed = stage.typed.particulars != ParticularsFields::of(&shown.identity);
    let ready = read.is_ok_and(|read| read != shown.identity) && stage.model.progress(Job::Particulars).is_none();
    ui.horizontal(|ui| {
        let save = widgets::filled(ui, words::PARTICULARS_SAVE, ready);
        stage.ask_if((save || entered) && ready, ClientsCommand::SaveParticulars);
        if changed {
            let reset = widgets::quiet(ui, words::PARTICULARS_RESET);
            stage.ask_if(reset, ClientsCommand::ResetParticulars);
        }
    });
    ui.add_space(space::SECTION);
    widgets::say(ui, words::PARTICULARS_VERSIONS, face::pane(), t.ink);
    for version in &shown.versions {
        let when = version.at.map_or(words::UNKNOWN_TIME.to_owned(), |at| words::seen(at, stage.model.now.today()));
        let by = version.who.as_ref().map(|who| format!(" · {who}")).unwrap_or_default();
        widgets::wrap(ui, &format!("{} {when}{by}", version.what), face::strong(), t.ink);
        for (name, before, after) in &version.fields {
            widgets::wrap(ui, &words::field_changed(name, before, after), face::small(), t.soft);
        }
        ui.add_space(space::SMALL);
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
        note::read(ui, stage, reading);
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

fn measures(ui: &mut Ui, stage: &Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    let mut measures: Vec<_> = practice.measures().iter().collect();
    if measures.is_empty() {
        return widgets::empty(ui, words::NO_MEASURES, words::NO_MEASURES_MORE);
    }
    measures.sort_by(|a, b| (&a.instrument, a.date).cmp(&(&b.instrument, b.date)));
    for course in measures.chunk_by(|a, b| a.instrument == b.instrument) {
        let Some(first) = course.first() else { continue };
        widgets::say(ui, &first.instrument, face::pane(), t.accent);
        let totals: Vec<i32> = course.iter().map(|measure| measure.total).collect();
        if !stage.model.discreet {
            chart(ui, &first.instrument, &totals);
        }
        for measure in course.iter().rev() {
            let total = measure.total.to_string();
            let line = format!("{}   {}", words::long_date(measure.date), view_model::veiled(stage.model, &total));
            widgets::say(ui, &line, face::text(), t.ink);
        }
        ui.add_space(space::SECTION);
    }
}

/// The totals as a line, oldest left. The numbers stand below it, so nothing is said by the line alone.
fn chart(ui: &mut Ui, name: &str, totals: &[i32]) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(ui.available_width(), size::CHART), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
    let inside = rect.shrink(space::LARGE);
    let (Some(lowest), Some(highest)) = (totals.iter().min(), totals.iter().max()) else { return };
    let span = (f64::from(*highest) - f64::from((*lowest).min(0))).max(1.0);
    let steps = totals.len().saturating_sub(1).max(1);
    #[expect(clippy::cast_possible_truncation, reason = "a place on the screen needs no more than f32")]
    let point = |(place, total): (usize, &i32)| {
        let x = place as f32 / steps as f32;
        let y = ((f64::from(*total) - f64::from((*lowest).min(0))) / span) as f32;
        egui::pos2(inside.left() + x * inside.width(), inside.bottom() - y * inside.height())
    };
    let points: Vec<_> = totals.iter().enumerate().map(point).collect();
    ui.painter().hline(inside.x_range(), inside.bottom(), egui::Stroke::new(1.0, t.hairline));
    ui.painter().add(egui::Shape::line(points.clone(), egui::Stroke::new(size::LINE, t.accent)));
    for (at, total) in points.iter().zip(totals) {
        ui.painter().circle_filled(*at, size::MARK, t.accent);
        let above = *at - egui::vec2(0.0, space::TIGHT);
        ui.painter().text(above, egui::Align2::CENTER_BOTTOM, total.to_string(), face::hint(), t.soft);
    }
}
