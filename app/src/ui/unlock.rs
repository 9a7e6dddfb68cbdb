//! The locked window: one field, plain words when it does not open, and the recovery kit for a passphrase that is forgotten.

use egui::Ui;

use super::{Stage, damage, first_run};
use crate::command::Command;
use crate::effect::Job;
use crate::model::{Field, Locked};
use crate::pick::Pick;
use crate::theme::{face, space, tokens};
use crate::update::may_recover;
use crate::{widgets, words};

/// Asks for the passphrase.
pub(super) fn show(ui: &mut Ui, stage: &mut Stage<'_>, locked: &Locked) {
    if locked.forgotten {
        return recover(ui, stage);
    }
    if locked.is_damaged() {
        return damage::show(ui, stage, locked.way);
    }
    widgets::say(ui, words::NAME, face::brand(), tokens(ui).accent);
    widgets::title(ui, words::UNLOCK_TITLE, if locked.demo { words::UNLOCK_DEMO } else { "" });
    widgets::trouble(ui, locked.refusal.map(words::refusal));
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Look, Job::Unlock, Job::Lock, Job::Save]));
    if let Some(progress) = stage.model.progress(Job::Unlock) {
        return widgets::progress(ui, words::UNLOCKING, progress);
    }
    // Whatever is typed at a locked window is the passphrase.
    let focus = stage.focus(Field::Passphrase) || ui.memory(|memory| memory.focused().is_none());
    let entered = widgets::secret(ui, "unlock", words::PASSPHRASE, &mut stage.typed.passphrase, focus);
    let ready = !stage.typed.passphrase.is_empty();
    ui.horizontal(|ui| {
        let pressed = widgets::filled(ui, words::UNLOCK, ready);
        stage.ask_if(entered || pressed, Command::Unlock);
        if !locked.demo {
            let forgotten = widgets::quiet(ui, words::UNLOCK_FORGOTTEN);
            stage.ask_if(forgotten, Command::Forgotten(true));
        }
    });
}

/// Asks for the recovery line, or the file that holds it, and for a new passphrase.
fn recover(ui: &mut Ui, stage: &mut Stage<'_>) {
    widgets::title(ui, words::RECOVER_TITLE, words::RECOVER_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Recover, Job::Pick]));
    if let Some(progress) = stage.model.progress(Job::Recover) {
        return widgets::progress(ui, words::RECOVERING, progress);
    }
    let focus = stage.focus(Field::Kit);
    widgets::secret(ui, "recovery-line", words::RECOVER_LINE, &mut stage.typed.kit, focus);
    let (focus, hint) = (stage.focus(Field::Path), words::RECOVER_FILE_HINT);
    let file = widgets::place(ui, "recovery-file", words::RECOVER_FILE, hint, &mut stage.typed.path, focus);
    stage.ask_if(file.choose, Command::Pick(Pick::KitToRead));
    ui.add_space(space::SMALL);
    let entered = first_run::choose_passphrase(ui, stage, words::PASSPHRASE_NEW);
    ui.horizontal(|ui| {
        let pressed = widgets::filled(ui, words::RECOVER_OPEN, may_recover(stage.typed));
        stage.ask_if(entered || pressed, Command::Recover);
        let back = widgets::quiet(ui, words::BACK);
        stage.ask_if(back, Command::Forgotten(false));
    });
}
