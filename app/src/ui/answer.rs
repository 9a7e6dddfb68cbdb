//! The foot of a question.

use egui::Ui;

use crate::messages::Command;
use crate::ui::stage::Stage;
use crate::ui::widgets;
use crate::words;

/// The answer that is asked for, and the way out.
pub(crate) fn answer(
    ui: &mut Ui,
    stage: &mut Stage<'_>,
    words: &str,
    ready: bool,
    entered: bool,
    command: impl Into<Command>,
) {
    ui.horizontal(|ui| {
        let pressed = widgets::filled(ui, words, ready);
        stage.ask_if((entered || pressed) && ready, command);
        let cancel = widgets::quiet(ui, words::CANCEL);
        stage.ask_if(cancel, Command::Back);
    });
}
