//! The locked window over a file that no passphrase opens: what can be done, each by its button.

use egui::Ui;

use crate::features::backup::screen::restoring;
use crate::features::damage::messages::DamageCommand;
use crate::features::opening::messages::OpeningCommand;
use crate::messages::Command;
use crate::ui::passphrase::choose_passphrase;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::{Field, Way};
use crate::view_model::{may_choose, may_open_backup};
use crate::words;

/// The ways, or the one that was chosen.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, way: Option<Way>) {
    let (title, more) = match way {
        None => (words::DAMAGED_TITLE, words::DAMAGED_MORE),
        Some(Way::FromBackup) => (words::REPAIR_FROM_BACKUP_TITLE, words::REPAIR_FROM_BACKUP_HOW),
        Some(Way::Instead) => (words::RESTORE_INSTEAD_TITLE, words::RESTORE_INSTEAD_HOW),
    };
    widgets::title(ui, title, more);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Look, Job::Salvage, Job::Restore, Job::Pick]));
    for (job, said) in [(Job::Salvage, words::SALVAGING), (Job::Restore, words::RESTORING)] {
        if let Some(progress) = stage.model.progress(job) {
            widgets::progress(ui, said, progress);
            if way.is_some() {
                let cancel = widgets::outlined(ui, words::CANCEL, true);
                stage.ask_if(cancel, Command::Cancel(job));
            }
            return;
        }
    }
    match way {
        None => ways(ui, stage),
        Some(Way::FromBackup) => from_backup(ui, stage),
        Some(Way::Instead) => instead(ui, stage),
    }
}

fn ways(ui: &mut Ui, stage: &mut Stage<'_>) {
    let t = tokens(ui);
    widgets::wrap(ui, words::REPAIR_MORE, face::text(), t.ink);
    ui.add_space(space::SMALL);
    let entered = passphrase(ui, stage);
    ui.horizontal(|ui| {
        let pressed = widgets::filled(ui, words::REPAIR, !stage.typed.passphrase.is_empty());
        stage.ask_if(entered || pressed, DamageCommand::Salvage);
        let again = widgets::quiet(ui, words::TRY_AGAIN);
        stage.ask_if(again, DamageCommand::TryAgain);
    });
    let others = [
        (words::REPAIR_FROM_BACKUP, words::REPAIR_FROM_BACKUP_MORE, Way::FromBackup),
        (words::RESTORE_INSTEAD, words::RESTORE_INSTEAD_MORE, Way::Instead),
    ];
    for (button, more, way) in others {
        ui.add_space(space::LARGE);
        widgets::wrap(ui, more, face::text(), t.soft);
        ui.add_space(space::TIGHT);
        let chosen = widgets::outlined(ui, button, true);
        stage.ask_if(chosen, DamageCommand::Choose(Some(way)));
    }
}

fn from_backup(ui: &mut Ui, stage: &mut Stage<'_>) {
    let asked = restoring::asked(ui, stage);
    let entered = passphrase(ui, stage) || asked;
    ui.horizontal(|ui| {
        let ready = may_open_backup(stage.typed) && !stage.typed.passphrase.is_empty();
        let pressed = widgets::filled(ui, words::REPAIR, ready);
        stage.ask_if(entered || pressed, DamageCommand::Salvage);
        back(ui, stage);
    });
}

fn instead(ui: &mut Ui, stage: &mut Stage<'_>) {
    let asked = restoring::asked(ui, stage);
    let entered = choose_passphrase(ui, stage, words::PASSPHRASE_NEW) || asked;
    ui.horizontal(|ui| {
        let ready = may_open_backup(stage.typed) && may_choose(stage.typed);
        let pressed = widgets::filled(ui, words::RESTORE, ready);
        stage.ask_if(entered || pressed, OpeningCommand::Restore);
        back(ui, stage);
    });
}

fn passphrase(ui: &mut Ui, stage: &mut Stage<'_>) -> bool {
    let focus = stage.focus(Field::Passphrase);
    widgets::secret(ui, "salvage", words::PASSPHRASE_OF_FILE, &mut stage.typed.passphrase, focus)
}

fn back(ui: &mut Ui, stage: &mut Stage<'_>) {
    let back = widgets::quiet(ui, words::BACK);
    stage.ask_if(back, DamageCommand::Choose(None));
}
