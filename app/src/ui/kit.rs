//! The recovery kit, shown once and proven by typing part of it back; and the page of what-ifs that follows.

use egui::{Label, RichText, Ui};

use super::Stage;
use crate::command::Command;
use crate::effect::Job;
use crate::model::{Field, Practice, Screen};
use crate::pick::Pick;
use crate::theme::{face, space, tokens};
use crate::{view_model, widgets, words};

/// Shows the recovery kit and asks for part of it.
pub(super) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let Some(page) = &practice.kit else { return };
    let t = tokens(ui);
    widgets::title(ui, words::KIT_TITLE, words::KIT_MORE);
    widgets::card(ui, |ui| {
        widgets::say(ui, words::KIT_LINE, face::small(), t.soft);
        let line = view_model::recovery_line(page.kit.text.expose());
        ui.add(Label::new(RichText::new(line.as_str()).font(face::pane()).color(t.ink)).wrap())
    });
    ui.add_space(space::MEDIUM);
    save(ui, stage, page.written);
    ui.separator();
    ui.add_space(space::SMALL);
    widgets::wrap(ui, words::KIT_PROVE_MORE, face::small(), t.soft);
    let entered = widgets::secret(ui, "kit", &words::type_back(&page.kit.question), &mut stage.typed.kit, false);
    widgets::trouble(ui, page.mistyped.then_some(words::KIT_MISTYPED));
    ui.horizontal(|ui| {
        let proven = widgets::filled(ui, words::KIT_PROVE_BUTTON, !stage.typed.kit.is_empty());
        stage.ask_if(entered || proven, Command::ProveKit);
        let later = widgets::quiet(ui, words::LATER);
        stage.ask_if(later, Command::KitLater);
        widgets::wrap(ui, words::KIT_LATER_MORE, face::hint(), t.faint);
    });
}

/// Asks for part of the kit on a later day, when it is only on paper.
pub(super) fn again(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let more = if practice.kit_first { words::KIT_AGAIN_OVERDUE } else { words::KIT_AGAIN_MORE };
    widgets::title(ui, words::KIT_AGAIN, more);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Kit]));
    if let Some(progress) = stage.model.progress(Job::Kit) {
        return widgets::progress(ui, words::STARTING, progress);
    }
    let focus = stage.focus(Field::Kit);
    let entered = widgets::secret(ui, "kit-again", words::KIT_AGAIN_FIELD, &mut stage.typed.kit, focus);
    ui.horizontal(|ui| {
        let proven = widgets::filled(ui, words::KIT_PROVE_BUTTON, !stage.typed.kit.is_empty());
        stage.ask_if(entered || proven, Command::ProveKit);
        if practice.kit_first {
            let lost = widgets::quiet(ui, words::KIT_LOST);
            stage.ask_if(lost, Command::KitLost);
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
    stage.ask_if(file.choose, Command::Pick(Pick::KitToSave));
    let pressed = widgets::outlined(ui, words::KIT_SAVE, true);
    stage.ask_if(file.entered || pressed, Command::WriteKit);
    match written {
        Some(true) => widgets::wrap(ui, words::KIT_SAME_DISK, face::small(), t.needs_you),
        Some(false) => widgets::wrap(ui, words::KIT_SAVED, face::small(), t.soft),
        None => ui.label(""),
    };
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Kit, Job::Pick]));
}

/// What if…, in plain words, each with its button.
pub(super) fn what_if(ui: &mut Ui, stage: &mut Stage<'_>) {
    let t = tokens(ui);
    widgets::title(ui, words::WHAT_IF_TITLE, "");
    let questions = [
        (words::STOLEN, words::STOLEN_MORE, words::STOLEN_BUTTON, Command::Go(Screen::Devices)),
        (words::FORGOTTEN, words::FORGOTTEN_MORE, words::FORGOTTEN_BUTTON, Command::Go(Screen::Settings)),
        (words::DEAD, words::DEAD_MORE, words::DEAD_BUTTON, Command::AskInvite),
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
