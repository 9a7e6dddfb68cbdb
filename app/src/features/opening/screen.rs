//! Before a practice is open: start one, join one, restore one or look around; and the locked window, with one field, plain
//! words when it does not open, and the recovery kit for a passphrase that is forgotten.

use egui::Ui;

use crate::features::damage::screen as damage;
use crate::features::devices::values::JoinStep;
use crate::features::opening::messages::OpeningCommand;
use crate::messages::Command;
use crate::model::LockedWindow;
use crate::ui::passphrase::choose_passphrase;
use crate::ui::recovery_line::{numbered_groups, recovery_line};
use crate::ui::stage::Stage;
use crate::ui::theme::{face, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::{Field, FirstRun};
use crate::values::pick::Pick;
use crate::view_model::{may_choose, may_join, may_recover, typed_code_words};
use crate::words;

/// What would you like to do?
pub(crate) fn welcome(ui: &mut Ui, stage: &mut Stage<'_>) {
    let t = tokens(ui);
    widgets::say(ui, words::NAME, face::brand(), t.accent);
    widgets::title(ui, words::WELCOME, words::WELCOME_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Look, Job::Unlock, Job::Create]));
    if let Some(progress) = stage.model.progress(Job::Unlock) {
        return widgets::progress(ui, words::STARTING, progress);
    }
    let new = widgets::filled(ui, words::START_NEW, true);
    stage.ask_if(new, OpeningCommand::FirstRun(FirstRun::New));
    widgets::wrap(ui, words::START_NEW_MORE, face::small(), t.soft);
    ui.add_space(space::LARGE);
    let join = widgets::outlined(ui, words::START_JOIN, true);
    stage.ask_if(join, OpeningCommand::FirstRun(FirstRun::Join(None)));
    widgets::wrap(ui, words::START_JOIN_MORE, face::small(), t.soft);
    ui.add_space(space::LARGE);
    let restore = widgets::outlined(ui, words::START_RESTORE, true);
    stage.ask_if(restore, OpeningCommand::FirstRun(FirstRun::Restore));
    widgets::wrap(ui, words::START_RESTORE_MORE, face::small(), t.soft);
    ui.add_space(space::LARGE);
    let demo = widgets::outlined(ui, words::START_DEMO, true);
    stage.ask_if(demo, OpeningCommand::LookAround);
    widgets::wrap(ui, words::START_DEMO_MORE, face::small(), t.soft);
}

/// Choosing the passphrase of a new practice.
pub(crate) fn new(ui: &mut Ui, stage: &mut Stage<'_>) {
    widgets::title(ui, words::NEW_TITLE, words::NEW_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Create]));
    if let Some(progress) = stage.model.progress(Job::Create) {
        return widgets::progress(ui, words::CREATING, progress);
    }
    let entered = choose_passphrase(ui, stage, words::PASSPHRASE);
    ui.horizontal(|ui| {
        let pressed = widgets::filled(ui, words::CREATE, may_choose(stage.typed));
        stage.ask_if(entered || pressed, OpeningCommand::Create);
        let back = widgets::quiet(ui, words::BACK);
        stage.ask_if(back, Command::Back);
    });
}

/// Joining the practice of another device.
pub(crate) fn join(ui: &mut Ui, stage: &mut Stage<'_>, step: Option<JoinStep>) {
    widgets::title(ui, words::JOIN_TITLE, words::JOIN_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Join]));
    if let Some(progress) = stage.model.progress(Job::Join) {
        return joining(ui, stage, step, progress);
    }
    let focus = stage.focus(Field::Code);
    let code = widgets::revealable(ui, "code", words::JOIN_CODE, &mut stage.typed.code, focus);
    if stage.typed.code.is_shown() {
        numbered_groups(ui, &typed_code_words(stage.typed.code.expose()), face::strong());
        ui.add_space(space::SMALL);
    }
    widgets::trouble(ui, stage.model.trouble_at(Field::Code));
    let name = widgets::field(ui, "device", words::JOIN_NAME, "", &mut stage.typed.device, false);
    widgets::wrap(ui, words::JOIN_PASSPHRASE_MORE, face::small(), tokens(ui).soft);
    let entered = choose_passphrase(ui, stage, words::PASSPHRASE) || code || name;
    ui.horizontal(|ui| {
        let pressed = widgets::filled(ui, words::JOIN, may_join(stage.typed));
        stage.ask_if(entered || pressed, OpeningCommand::Join);
        let letters = widgets::quiet(ui, words::LETTERS);
        stage.ask_if(letters, OpeningCommand::FirstRun(FirstRun::Letters));
        let back = widgets::quiet(ui, words::BACK);
        stage.ask_if(back, Command::Back);
    });
}

fn joining(ui: &mut Ui, stage: &mut Stage<'_>, step: Option<JoinStep>, progress: crate::values::job::Progress) {
    match step {
        None | Some(JoinStep::Looking) => widgets::progress(ui, words::JOIN_LOOKING, progress),
        Some(JoinStep::Found) => widgets::progress(ui, words::JOIN_FOUND, progress),
        Some(JoinStep::Asking(compare)) => {
            widgets::progress(ui, words::JOIN_ASKING, progress);
            ui.add_space(space::SMALL);
            widgets::wrap(ui, &compare.join(" "), face::title(), tokens(ui).ink);
            widgets::wrap(ui, words::JOIN_COMPARE, face::text(), tokens(ui).soft);
            ui.add_space(space::SMALL);
        }
        Some(JoinStep::Receiving(progress)) => widgets::progress(ui, words::JOIN_RECEIVING, progress),
    }
    let cancel = widgets::outlined(ui, words::CANCEL, true);
    stage.ask_if(cancel, Command::Back);
}

/// Asks for the passphrase.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, locked: &LockedWindow) {
    if locked.forgotten {
        return recover(ui, stage);
    }
    if locked.is_damaged() {
        return damage::show(ui, stage, locked.way);
    }
    widgets::say(ui, words::NAME, face::brand(), tokens(ui).accent);
    widgets::title(ui, words::UNLOCK_TITLE, if locked.demo { words::UNLOCK_DEMO } else { "" });
    widgets::trouble(ui, Some(words::LOCKED_BY_FAULT).filter(|_| locked.fault));
    widgets::trouble(ui, locked.refusal.map(words::refusal).as_deref());
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
        stage.ask_if(entered || pressed, OpeningCommand::Unlock);
        if !locked.demo {
            let forgotten = widgets::quiet(ui, words::UNLOCK_FORGOTTEN);
            stage.ask_if(forgotten, OpeningCommand::Forgotten(true));
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
    let line = recovery_line(ui, stage, "recovery-line");
    let focus = stage.focus(Field::Path) || stage.focus(Field::KitFile);
    let hint = words::RECOVER_FILE_HINT;
    let file = widgets::place(ui, "recovery-file", words::RECOVER_FILE, hint, &mut stage.typed.path, focus);
    stage.ask_if(file.choose, Command::Pick(Pick::KitToRead));
    widgets::trouble(ui, stage.model.trouble_at(Field::KitFile));
    ui.add_space(space::SMALL);
    let entered = choose_passphrase(ui, stage, words::PASSPHRASE_NEW) || line || file.entered;
    ui.horizontal(|ui| {
        let pressed = widgets::filled(ui, words::RECOVER_OPEN, may_recover(stage.typed));
        stage.ask_if(entered || pressed, OpeningCommand::Recover);
        let back = widgets::quiet(ui, words::BACK);
        stage.ask_if(back, OpeningCommand::Forgotten(false));
    });
}
