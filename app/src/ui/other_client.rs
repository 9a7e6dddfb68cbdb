//! Another client is chosen.

use egui::Ui;

use crate::features::clients::messages::ClientsCommand;
use crate::model::Practice;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets;
use crate::values::navigation::Field;
use crate::view_model::others;
use crate::{view_model, words};

/// Another client, by part of the name.
pub(crate) fn other_client(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
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
