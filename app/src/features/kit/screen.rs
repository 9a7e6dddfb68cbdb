//! The recovery kit, shown once and proven by typing part of it back; and the page of what-ifs that follows.

use egui::Ui;

use crate::features::kit::messages::KitCommand;
use crate::features::kit::values::KitForm;
use crate::messages::Command;
use crate::model::Practice;
use crate::ui::answer::answer;
use crate::ui::recovery_line::numbered_groups;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::{Field, Screen};
use crate::values::pick::Pick;
use crate::{view_model, words};

/// Shows the recovery kit and asks for part of it.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let Some(page) = &practice.kit.page else { return };
    let t = tokens(ui);
    let new = page.replaces.is_some();
    widgets::title(ui, if new { words::NEW_KIT_PAGE } else { words::KIT_TITLE }, words::KIT_MORE);
    widgets::card(ui, |ui| {
        widgets::wrap(ui, words::KIT_LINE, face::small(), t.soft);
        ui.add_space(space::TIGHT);
        line(ui, &view_model::recovery_groups(page.kit.text.expose()));
    });
    ui.add_space(space::MEDIUM);
    save(ui, stage, page.written);
    ui.separator();
    ui.add_space(space::SMALL);
    widgets::wrap(ui, if new { words::NEW_KIT_PROVE } else { words::KIT_PROVE_MORE }, face::small(), t.soft);
    let entered = type_back(ui, stage, practice);
    ui.horizontal(|ui| {
        let proven = widgets::filled(ui, words::KIT_PROVE_BUTTON, !stage.typed.kit.is_empty());
        stage.ask_if(entered || proven, KitCommand::Prove);
        let (later, more) = match new {
            true => (words::NEW_KIT_KEEP, words::NEW_KIT_KEEP_MORE),
            false => (words::LATER, words::KIT_LATER_MORE),
        };
        let later = widgets::quiet(ui, later);
        stage.ask_if(later, KitCommand::Later);
        widgets::wrap(ui, more, face::hint(), t.faint);
    });
}

/// Make a new recovery kit? What it means for the old paper, and the passphrase.
pub(crate) fn ask_new(ui: &mut Ui, stage: &mut Stage<'_>) {
    widgets::title(ui, words::NEW_KIT_TITLE, words::NEW_KIT_MORE);
    widgets::wrap(ui, words::NEW_KIT_OLD, face::text(), tokens(ui).ink);
    ui.add_space(space::SMALL);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::NewKit]));
    if let Some(progress) = stage.model.progress(Job::NewKit) {
        return widgets::progress(ui, words::NEW_KIT_DRAWING, progress);
    }
    let focus = stage.focus(Field::Passphrase);
    let entered = widgets::secret(ui, "new-kit", words::PASSPHRASE, &mut stage.typed.passphrase, focus);
    let ready = !stage.typed.passphrase.is_empty();
    answer(ui, stage, words::NEW_KIT_SHOW, ready, entered, Command::Kit(KitCommand::Draw));
}

/// The recovery line, each group under its number.
fn line(ui: &mut Ui, groups: &[&str]) {
    let t = tokens(ui);
    let Some((head, groups)) = groups.split_first() else { return };
    widgets::say(ui, head, face::pane(), t.ink);
    numbered_groups(ui, groups, face::pane());
}

/// The field for the groups that are asked for, and what was wrong with what stood in it. True when Enter was pressed.
fn type_back(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) -> bool {
    let drawn = practice.kit.page.as_ref().and_then(|page| page.replaces.as_deref());
    let asked = drawn.or(practice.kit.status.as_ref().map(|paper| paper.groups.as_slice())).unwrap_or_default();
    let focus = stage.focus(Field::Kit);
    let entered = widgets::secret(ui, "kit", &words::type_back(asked), &mut stage.typed.kit, focus);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::KitProof]));
    entered
}

/// Asks for part of the kit on a later day, when it is only on paper.
pub(crate) fn again(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let more = if practice.kit.first { words::KIT_AGAIN_OVERDUE } else { words::KIT_AGAIN_MORE };
    widgets::title(ui, words::KIT_AGAIN, more);
    let entered = type_back(ui, stage, practice);
    widgets::wrap(ui, words::KIT_AGAIN_FIND, face::hint(), tokens(ui).soft);
    ui.add_space(space::SMALL);
    ui.horizontal(|ui| {
        let proven = widgets::filled(ui, words::KIT_PROVE_BUTTON, !stage.typed.kit.is_empty());
        stage.ask_if(entered || proven, KitCommand::Prove);
        if practice.kit.first {
            let lost = widgets::quiet(ui, words::KIT_LOST);
            stage.ask_if(lost, KitCommand::Lost);
        } else {
            let later = widgets::quiet(ui, words::LATER);
            stage.ask_if(later, Command::Go(Screen::Clients));
        }
    });
}

fn save(ui: &mut Ui, stage: &mut Stage<'_>, written: Option<bool>) {
    let t = tokens(ui);
    let (focus, hint) = (stage.focus(Field::Path), words::KIT_FILE_HINT);
    let file = widgets::place(ui, "kit-file", words::KIT_FILE, hint, &mut stage.typed.path, focus);
    stage.ask_if(file.choose, Command::Pick(Pick::KitToSave(KitForm::Pdf)));
    ui.horizontal(|ui| {
        let print = widgets::outlined(ui, words::KIT_SAVE, true);
        stage.ask_if(file.entered || print, KitCommand::Write(KitForm::Pdf));
        let text = widgets::quiet(ui, words::KIT_SAVE_TEXT);
        stage.ask_if(text, KitCommand::Write(KitForm::Text));
    });
    match written {
        Some(true) => widgets::wrap(ui, words::KIT_SAME_DISK, face::small(), t.needs_you),
        Some(false) => widgets::wrap(ui, words::KIT_SAVED, face::small(), t.soft),
        None => ui.label(""),
    };
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Kit, Job::Pick]));
}

/// What if…, in plain words, each with its button.
pub(crate) fn what_if(ui: &mut Ui, stage: &mut Stage<'_>) {
    let t = tokens(ui);
    widgets::title(ui, words::WHAT_IF_TITLE, "");
    let questions = [
        (words::STOLEN, words::STOLEN_MORE, words::STOLEN_BUTTON, Command::Go(Screen::Devices)),
        (words::FORGOTTEN, words::FORGOTTEN_MORE, words::FORGOTTEN_BUTTON, Command::Go(Screen::Settings)),
        (words::DEAD, words::DEAD_MORE, words::DEAD_BUTTON, Command::Go(Screen::Safety)),
        (words::DIE, words::DIE_MORE, words::DIE_BUTTON, Command::Go(Screen::Colleagues)),
    ];
    for (question, answer, button, command) in questions {
        widgets::wrap(ui, question, face::pane(), t.accent);
        widgets::wrap(ui, answer, face::text(), t.ink);
        let chosen = widgets::quiet(ui, button);
        stage.ask_if(chosen, command);
        ui.add_space(space::MEDIUM);
    }
    let done = widgets::filled(ui, words::TO_CLIENTS, true);
    stage.ask_if(done, Command::Go(Screen::Clients));
}
