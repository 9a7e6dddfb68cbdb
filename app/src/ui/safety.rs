//! Safety: where copies are, the recovery kit, the check of the practice, and the page of what-ifs.

use egui::{Align, Ui};

use super::{Stage, backups};
use crate::check::{Check, Repaired};
use crate::command::Command;
use crate::effect::Job;
use crate::model::{Done, Field, Overlay, Practice, Screen};
use crate::theme::{face, space, tokens};
use crate::view_model::{self, Tone};
use crate::{widgets, words};

/// Clients, and sessions of each, that are named before the rest is counted.
const NAMED: usize = 6;

/// Draws the state of each, with the button that betters it.
pub(super) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
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
    let alone = practice.devices.len() < 2 && practice.removed_here().is_none();
    let (copies, tone) = view_model::status(stage.model, practice).copies;
    let color = if tone == Tone::NeedsYou { t.needs_you } else { t.soft };
    let said = match (alone, tone) {
        (true, Tone::NeedsYou) => words::SAFETY_COPIES_ALONE.to_owned(),
        (true, Tone::Calm) => words::SAFETY_COPIES_BACKED.to_owned(),
        (false, _) => words::notes_are(&copies),
    };
    widgets::wrap(ui, &said, face::text(), color);
    let devices = widgets::outlined(ui, if alone { words::ADD_DEVICE_BUTTON } else { words::STOLEN_BUTTON }, true);
    stage.ask_if(devices, if alone { Command::AskInvite } else { Command::Go(Screen::Devices) });
    ui.add_space(space::LARGE);
}

fn kit(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    widgets::say(ui, words::SAFETY_KIT, face::pane(), t.accent);
    let elsewhere = practice.paper.as_ref().and_then(|paper| paper.elsewhere.as_ref());
    if let Some(kit) = elsewhere {
        widgets::wrap(ui, &words::kit_elsewhere(&kit.number, &kit.device, kit.on), face::text(), t.ink);
    }
    match (practice.kit_due(), practice.paper.as_ref().and_then(|paper| paper.proven)) {
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

fn check(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    let head = widgets::say(ui, words::SAFETY_CHECK, face::pane(), t.accent);
    if stage.focus(Field::Check) {
        head.scroll_to_me(Some(Align::TOP));
    }
    widgets::wrap(ui, words::SAFETY_CHECK_MORE, face::text(), t.soft);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Check, Job::Repair]));
    if let Some(progress) = stage.model.progress(Job::Check) {
        widgets::progress(ui, words::CHECKING, progress);
    } else if let Some(progress) = stage.model.progress(Job::Repair) {
        widgets::progress(ui, words::REPAIRING, progress);
    } else {
        if let Some((Job::Repair, Done::Repaired(repaired))) = &practice.done {
            self::repaired(ui, repaired);
            ui.add_space(space::SMALL);
        }
        match &practice.check {
            Some(check) => result(ui, stage, practice, check),
            None => drop(widgets::wrap(ui, words::CHECK_NEVER, face::text(), t.needs_you)),
        }
        let now = widgets::outlined(ui, words::CHECK_NOW, true);
        stage.ask_if(now, Command::Check);
    }
    ui.add_space(space::LARGE);
}

/// What a repair came to.
fn repaired(ui: &mut Ui, repaired: &Repaired) {
    let t = tokens(ui);
    if repaired.new_file {
        widgets::wrap(ui, words::REPAIRED_FILE, face::text(), t.ink);
    }
    if repaired.unread > 0 {
        widgets::wrap(ui, &words::parts_unread(repaired.unread), face::text(), t.ink);
    }
    if repaired.older {
        widgets::wrap(ui, words::SALVAGED_OLDER, face::text(), t.needs_you);
    }
    if repaired.made_again > 0 {
        widgets::wrap(ui, &words::made_again(repaired.made_again), face::text(), t.ink);
    }
    if repaired.lacking > 0 {
        widgets::wrap(ui, &words::lacking(repaired.lacking), face::text(), t.needs_you);
    }
    if repaired.files_lacking > 0 {
        widgets::wrap(ui, &words::files_lacking(repaired.files_lacking), face::text(), t.needs_you);
    }
    if let Some(back) = repaired.given_back {
        widgets::wrap(ui, &words::given_back(back.changes, back.parts), face::text(), t.ink);
    }
    if *repaired == Repaired::default() {
        widgets::wrap(ui, words::REPAIRED_NOTHING, face::text(), t.needs_you);
    }
}

fn result(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, check: &Check) {
    let t = tokens(ui);
    let when = words::seen(check.at, stage.model.now.today());
    let counts = words::checked(&when, check.changes, check.documents, check.signatures);
    widgets::wrap(ui, &counts, face::text(), t.soft);
    if check.missing > 0 {
        widgets::wrap(ui, &words::not_arrived(check.missing), face::text(), t.soft);
    }
    if check.private > 0 {
        widgets::wrap(ui, words::CHECK_PRIVATE, face::text(), t.soft);
    }
    if check.is_whole() {
        widgets::wrap(ui, words::CHECK_WHOLE, face::strong(), t.accent);
        return;
    }
    for (what, number) in &check.damaged {
        widgets::wrap(ui, &words::damaged(what, *number), face::text(), t.risk);
    }
    touched(ui, stage, practice, check);
    widgets::wrap(ui, words::CHECK_DAMAGED_DO, face::text(), t.ink);
    widgets::wrap(ui, words::REPAIR_MORE, face::text(), t.soft);
    ui.horizontal_wrapped(|ui| {
        let repair = widgets::outlined(ui, words::REPAIR, true);
        stage.ask_if(repair, Command::Repair);
        // What a repair cannot make again, a backup may hold.
        let bring = ui.push_id("damaged", |ui| widgets::quiet(ui, words::REPAIR_FROM_BACKUP)).inner;
        stage.ask_if(bring, Command::Go(Screen::Restore));
    });
}

/// Whose sessions of which days the damage touches.
fn touched(ui: &mut Ui, stage: &Stage<'_>, practice: &Practice, check: &Check) {
    if check.touched.is_empty() {
        return;
    }
    let (t, today) = (tokens(ui), stage.model.now.today());
    widgets::wrap(ui, words::DAMAGE_TOUCHES, face::strong(), t.ink);
    for one in check.touched.iter().take(NAMED) {
        let row = practice.clients.iter().find(|row| row.id == one.client);
        let name = row.map_or(words::A_CLIENT.into(), |row| view_model::list_name(stage.model, row));
        let (days, more) = one.days.split_at(NAMED.min(one.days.len()));
        let days = words::touched_days(days, more.len(), one.person, today);
        widgets::wrap(ui, &format!("{}: {days}", name.trim_end()), face::text(), t.ink);
    }
    if let Some(more) = check.touched.len().checked_sub(NAMED).filter(|more| *more > 0) {
        widgets::wrap(ui, &words::and_more(more), face::text(), t.ink);
    }
}
