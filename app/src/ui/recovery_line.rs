//! The recovery line: typed from its paper, and shown in the groups of the paper.

use egui::{FontId, Grid, Label, RichText, Ui};

use crate::ui::stage::Stage;
use crate::ui::theme::{face, space, tokens};
use crate::ui::widgets;
use crate::values::navigation::Field;
use crate::{view_model, words};

/// Groups of the recovery line beside each other.
const GROUPS_IN_A_ROW: usize = 4;

/// The field for the line, and what is wrong with what stands in it. While it is shown, its groups stand below, as they are read, to be compared with
/// the paper. True when Enter was pressed.
pub(crate) fn recovery_line(ui: &mut Ui, stage: &mut Stage<'_>, id: &str) -> bool {
    let focus = stage.focus(Field::Kit);
    let entered = widgets::revealable(ui, id, words::RECOVER_LINE, &mut stage.typed.kit, focus);
    if stage.typed.kit.is_shown() {
        let typed = view_model::typed_recovery_groups(stage.typed.kit.expose());
        let groups: Vec<&str> = typed.iter().map(|group| group.as_str()).collect();
        numbered_groups(ui, &groups, face::strong());
        ui.add_space(space::SMALL);
    }
    widgets::trouble(ui, stage.model.trouble_at(Field::Kit));
    entered
}

/// Groups of a line, or words of a code, each under its number.
pub(crate) fn numbered_groups(ui: &mut Ui, groups: &[&str], font: FontId) {
    let t = tokens(ui);
    Grid::new("groups").num_columns(GROUPS_IN_A_ROW).spacing([space::LARGE, space::SMALL]).show(ui, |ui| {
        for (place, group) in groups.iter().enumerate() {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                widgets::say(ui, &(place + 1).to_string(), face::hint(), t.soft);
                ui.add(Label::new(RichText::new(*group).font(font.clone()).color(t.ink)).extend());
            });
            if (place + 1).is_multiple_of(GROUPS_IN_A_ROW) {
                ui.end_row();
            }
        }
    });
}
