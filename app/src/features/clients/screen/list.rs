//! The clients, beside whatever page is shown.

use egui::{Align, Frame, Layout, Margin, Panel, ScrollArea, Ui};

use crate::features::clients::messages::ClientsCommand;
use crate::messages::Command;
use crate::model::Practice;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets;
use crate::values::navigation::{Field, Overlay, Screen};
use crate::values::page::ClientRow;
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
            let filter = &mut stage.typed.clients.filter;
            let response = widgets::area(ui, "filter", words::FIND_CLIENT, words::FILTER_HINT, filter, focus);
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            let left = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Escape));
            if left {
                stage.typed.clients.filter.clear();
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
