//! The locked window: one field, and plain words when it does not open.

use egui::Ui;

use super::Stage;
use crate::command::Command;
use crate::effect::Job;
use crate::event::Refusal;
use crate::model::{Field, Locked};
use crate::theme::{face, space, tokens};
use crate::{widgets, words};

/// Asks for the passphrase.
pub(super) fn show(ui: &mut Ui, stage: &mut Stage<'_>, locked: &Locked) {
    widgets::say(ui, words::NAME, face::brand(), tokens(ui).accent);
    widgets::title(ui, words::UNLOCK_TITLE, if locked.demo { words::UNLOCK_DEMO } else { "" });
    widgets::trouble(ui, locked.refusal.map(words::refusal));
    if locked.refusal == Some(Refusal::WrongPassphrase) {
        widgets::wrap(ui, words::UNLOCK_FORGOTTEN, face::small(), tokens(ui).soft);
        ui.add_space(space::SMALL);
    }
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Look, Job::Unlock, Job::Lock, Job::Save]));
    if let Some(progress) = stage.model.progress(Job::Unlock) {
        return widgets::progress(ui, words::UNLOCKING, progress);
    }
    // Whatever is typed at a locked window is the passphrase.
    let focus = stage.focus(Field::Passphrase) || ui.memory(|memory| memory.focused().is_none());
    let entered = widgets::secret(ui, "unlock", words::PASSPHRASE, &mut stage.typed.passphrase, focus);
    let ready = !stage.typed.passphrase.is_empty();
    let pressed = widgets::filled(ui, words::UNLOCK, ready);
    stage.ask_if(entered || pressed, Command::Unlock);
}
