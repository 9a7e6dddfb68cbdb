//! A passphrase is chosen.

use egui::Ui;

use crate::ui::stage::Stage;
use crate::ui::theme::{face, tokens};
use crate::ui::widgets;
use crate::values::navigation::Field;
use crate::{view_model, words};

/// A new passphrase, twice, and how strong it is. True in the frame in which Enter was pressed.
pub(crate) fn choose_passphrase(ui: &mut Ui, stage: &mut Stage<'_>, label: &str) -> bool {
    let focus = stage.focus(Field::Passphrase);
    widgets::secret(ui, "new", label, &mut stage.typed.passphrase, focus);
    widgets::strength(ui, &view_model::strength(stage.typed.passphrase.expose()));
    let entered = widgets::secret(ui, "repeated", words::PASSPHRASE_REPEATED, &mut stage.typed.repeated, false);
    let differs = stage.typed.passphrase.expose() != stage.typed.repeated.expose();
    if differs && !stage.typed.repeated.is_empty() {
        widgets::wrap(ui, words::PASSPHRASE_AGAIN_DIFFERS, face::hint(), tokens(ui).needs_you);
    }
    entered
}
