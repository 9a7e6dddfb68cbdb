//! Safety: where copies are, the recovery kit, the check of the practice, and the page of what-ifs.

use egui::Ui;

use super::{Stage, backups};
use crate::check::Check;
use crate::command::Command;
use crate::effect::Job;
use crate::model::{Practice, Screen};
use crate::theme::{face, space, tokens};
use crate::view_model::{self, Tone};
use crate::{widgets, words};

/// Draws the state of each, with the button that betters it.
pub(super) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    widgets::title(ui, words::SAFETY, words::SAFETY_MORE);
    copies(ui, stage, practice);
    backups::show(ui, stage, practice);
    kit(ui, stage, practice);
    check(ui, stage, practice);
    let what_if = widgets::quiet(ui, words::SAFETY_WHAT_IF);
    stage.ask_if(what_if, Command::Go(Screen::WhatIf));
}

fn copies(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    widgets::say(ui, words::SAFETY_COPIES, face::pane(), t.accent);
    let alone = practice.devices.len() < 2;
    let (copies, tone) = view_model::status(stage.model, practice).copies;
    let color = if tone == Tone::NeedsYou { t.needs_you } else { t.soft };
    let said = if alone { words::SAFETY_COPIES_ALONE.to_owned() } else { words::notes_are(&copies) };
    widgets::wrap(ui, &said, face::text(), color);
    let devices = widgets::outlined(ui, if alone { words::DEAD_BUTTON } else { words::STOLEN_BUTTON }, true);
    stage.ask_if(devices, if alone { Command::AskInvite } else { Command::Go(Screen::Devices) });
    ui.add_space(space::LARGE);
}

fn kit(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    widgets::say(ui, words::SAFETY_KIT, face::pane(), t.accent);
    match (practice.kit_due(), practice.paper.as_ref().and_then(|paper| paper.proven)) {
        (Some(days), _) => {
            widgets::wrap(ui, &words::kit_due(days), face::text(), t.needs_you);
            let prove = widgets::outlined(ui, words::KIT_AGAIN, true);
            stage.ask_if(prove, Command::Go(Screen::KitAgain));
        }
        (None, Some(on)) => drop(widgets::wrap(ui, &words::kit_proven(on), face::text(), t.ink)),
        (None, None) => drop(widgets::wrap(ui, words::SAFETY_KIT_NONE, face::text(), t.soft)),
    }
    widgets::wrap(ui, words::SAFETY_KIT_MORE, face::small(), t.soft);
    ui.add_space(space::LARGE);
}

fn check(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    widgets::say(ui, words::SAFETY_CHECK, face::pane(), t.accent);
    widgets::wrap(ui, words::SAFETY_CHECK_MORE, face::text(), t.soft);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Check]));
    if let Some(progress) = stage.model.progress(Job::Check) {
        widgets::progress(ui, words::CHECKING, progress);
    } else {
        match &practice.check {
            Some(check) => result(ui, stage, check),
            None => drop(widgets::wrap(ui, words::CHECK_NEVER, face::text(), t.needs_you)),
        }
        let now = widgets::outlined(ui, words::CHECK_NOW, true);
        stage.ask_if(now, Command::Check);
    }
    ui.add_space(space::LARGE);
}

fn result(ui: &mut Ui, stage: &Stage<'_>, check: &Check) {
    let t = tokens(ui);
    let when = words::seen(check.at, stage.model.now.today());
    let counts = words::checked(&when, check.changes, check.documents, check.signatures);
    widgets::wrap(ui, &counts, face::text(), t.soft);
    if check.missing > 0 {
        widgets::wrap(ui, &words::not_arrived(check.missing), face::text(), t.soft);
    }
    if check.is_whole() {
        widgets::wrap(ui, words::CHECK_WHOLE, face::strong(), t.accent);
        return;
    }
    for (what, number) in &check.damaged {
        widgets::wrap(ui, &words::damaged(what, *number), face::text(), t.risk);
    }
    widgets::wrap(ui, words::CHECK_DAMAGED_DO, face::text(), t.ink);
}
