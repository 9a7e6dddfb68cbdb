//! Before there is a practice: start one, join one, restore one, or look around.

use egui::Ui;

use super::Stage;
use crate::command::Command;
use crate::effect::Job;
use crate::event::JoinStep;
use crate::model::{Field, FirstRun};
use crate::theme::{face, space, tokens};
use crate::update::{may_choose, may_join};
use crate::{view_model, widgets, words};

/// What would you like to do?
pub(super) fn welcome(ui: &mut Ui, stage: &mut Stage<'_>) {
    let t = tokens(ui);
    widgets::say(ui, words::NAME, face::brand(), t.accent);
    widgets::title(ui, words::WELCOME, words::WELCOME_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Look, Job::Unlock, Job::Create]));
    if let Some(progress) = stage.model.progress(Job::Unlock) {
        return widgets::progress(ui, words::STARTING, progress);
    }
    let new = widgets::filled(ui, words::START_NEW, true);
    stage.ask_if(new, Command::FirstRun(FirstRun::New));
    widgets::wrap(ui, words::START_NEW_MORE, face::small(), t.soft);
    ui.add_space(space::LARGE);
    let join = widgets::outlined(ui, words::START_JOIN, true);
    stage.ask_if(join, Command::FirstRun(FirstRun::Join(None)));
    widgets::wrap(ui, words::START_JOIN_MORE, face::small(), t.soft);
    ui.add_space(space::LARGE);
    let restore = widgets::outlined(ui, words::START_RESTORE, true);
    stage.ask_if(restore, Command::FirstRun(FirstRun::Restore));
    widgets::wrap(ui, words::START_RESTORE_MORE, face::small(), t.soft);
    ui.add_space(space::LARGE);
    let demo = widgets::outlined(ui, words::START_DEMO, true);
    stage.ask_if(demo, Command::LookAround);
    widgets::wrap(ui, words::START_DEMO_MORE, face::small(), t.soft);
}

/// Choosing the passphrase of a new practice.
pub(super) fn new(ui: &mut Ui, stage: &mut Stage<'_>) {
    widgets::title(ui, words::NEW_TITLE, words::NEW_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Create]));
    if let Some(progress) = stage.model.progress(Job::Create) {
        return widgets::progress(ui, words::CREATING, progress);
    }
    let entered = choose_passphrase(ui, stage, words::PASSPHRASE);
    ui.horizontal(|ui| {
        let pressed = widgets::filled(ui, words::CREATE, may_choose(stage.typed));
        stage.ask_if(entered || pressed, Command::Create);
        let back = widgets::quiet(ui, words::BACK);
        stage.ask_if(back, Command::Back);
    });
}

/// A new passphrase, twice, and how strong it is. True in the frame in which Enter was pressed.
pub(super) fn choose_passphrase(ui: &mut Ui, stage: &mut Stage<'_>, label: &str) -> bool {
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

/// Joining the practice of another device.
pub(super) fn join(ui: &mut Ui, stage: &mut Stage<'_>, step: Option<JoinStep>) {
    widgets::title(ui, words::JOIN_TITLE, words::JOIN_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Join]));
    if let Some(progress) = stage.model.progress(Job::Join) {
        return joining(ui, stage, step, progress);
    }
    widgets::secret(ui, "code", words::JOIN_CODE, &mut stage.typed.code, false);
    widgets::field(ui, "device", words::JOIN_NAME, "", &mut stage.typed.device, false);
    widgets::wrap(ui, words::JOIN_PASSPHRASE_MORE, face::small(), tokens(ui).soft);
    let entered = choose_passphrase(ui, stage, words::PASSPHRASE);
    ui.horizontal(|ui| {
        let pressed = widgets::filled(ui, words::JOIN, may_join(stage.typed));
        stage.ask_if(entered || pressed, Command::Join);
        let back = widgets::quiet(ui, words::BACK);
        stage.ask_if(back, Command::Back);
    });
}

fn joining(ui: &mut Ui, stage: &mut Stage<'_>, step: Option<JoinStep>, progress: crate::event::Progress) {
    match step {
        None | Some(JoinStep::Looking) => widgets::progress(ui, words::JOIN_LOOKING, progress),
        Some(JoinStep::Asking) => widgets::progress(ui, words::JOIN_ASKING, progress),
        Some(JoinStep::Receiving(progress)) => widgets::progress(ui, words::JOIN_RECEIVING, progress),
    }
    let cancel = widgets::outlined(ui, words::CANCEL, true);
    stage.ask_if(cancel, Command::Back);
}
