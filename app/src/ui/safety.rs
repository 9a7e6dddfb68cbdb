//! Safety: where copies are, the recovery kit, the check of the practice, and the page of what-ifs.

use egui::Ui;

use crate::features::backup::screen as backups;
use crate::features::check::screen::check;
use crate::features::devices::messages::DevicesCommand;
use crate::messages::Command;
use crate::model::{Done, Practice};
use crate::ui::stage::Stage;
use crate::ui::theme::{face, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::{Overlay, Screen};
use crate::view_model::Tone;
use crate::{view_model, words};

/// Draws the state of each, with the button that betters it.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    widgets::title(ui, words::SAFETY, words::SAFETY_MORE);
    if practice.done == Some((Job::NewKit, Done::KitReplaced)) {
        widgets::wrap(ui, words::NEW_KIT_DONE, face::strong(), tokens(ui).accent);
        ui.add_space(space::LARGE);
    }
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
    let alone = practice.devices.rows.len() < 2 && practice.removed_here().is_none();
    let (copies, tone) = view_model::copies(stage.model, practice);
    let color = if tone == Tone::NeedsYou { t.needs_you } else { t.soft };
    let said = match (alone, tone) {
        (true, Tone::NeedsYou) => words::SAFETY_COPIES_ALONE.to_owned(),
        (true, Tone::Calm) => words::SAFETY_COPIES_BACKED.to_owned(),
        (false, _) => words::notes_are(&copies),
    };
    widgets::wrap(ui, &said, face::text(), color);
    let devices = widgets::outlined(ui, if alone { words::ADD_DEVICE_BUTTON } else { words::STOLEN_BUTTON }, true);
    stage.ask_if(
        devices,
        if alone { Command::Devices(DevicesCommand::AskInvite) } else { Command::Go(Screen::Devices) },
    );
    ui.add_space(space::LARGE);
}

fn kit(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    widgets::say(ui, words::SAFETY_KIT, face::pane(), t.accent);
    let elsewhere = practice.kit.status.as_ref().and_then(|paper| paper.elsewhere.as_ref());
    if let Some(kit) = elsewhere {
        widgets::wrap(ui, &words::kit_elsewhere(&kit.number, &kit.device, kit.on), face::text(), t.ink);
    }
    match (practice.kit_due(), practice.kit.status.as_ref().and_then(|paper| paper.proven)) {
        _ if elsewhere.is_some() => {}
        (Some(days), _) => {
            widgets::wrap(ui, &words::kit_due(days), face::text(), t.needs_you);
            let prove = widgets::outlined(ui, words::KIT_AGAIN, true);
            stage.ask_if(prove, Command::Go(Screen::KitAgain));
        }
        (None, Some(on)) => drop(widgets::wrap(ui, &words::kit_proven(on), face::text(), t.ink)),
        (None, None) => drop(widgets::wrap(ui, words::SAFETY_KIT_NONE, face::text(), t.soft)),
    }
    widgets::wrap(ui, words::SAFETY_KIT_MORE, face::small(), t.soft);
    if practice.removed_here().is_none() {
        let new = widgets::quiet(ui, words::NEW_KIT);
        stage.ask_if(new, Command::Open(Overlay::NewKit));
    }
    ui.add_space(space::LARGE);
}
