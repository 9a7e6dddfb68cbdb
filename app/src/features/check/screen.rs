//! The check of the practice on the page of safety: what it found, and what a repair came to.

use egui::{Align, Ui};

use crate::features::check::messages::CheckCommand;
use crate::features::check::values::{CheckResult, RepairResult};
use crate::messages::Command;
use crate::model::{Done, Practice};
use crate::ui::stage::Stage;
use crate::ui::theme::{face, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::{Field, Screen};
use crate::{view_model, words};

/// Clients, and sessions of each, that are named before the rest is counted.
const NAMED: usize = 6;

pub(crate) fn check(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
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
        stage.ask_if(now, CheckCommand::Run);
    }
    ui.add_space(space::LARGE);
}

/// What a repair came to.
fn repaired(ui: &mut Ui, repaired: &RepairResult) {
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
    if repaired.rebuilt > 0 {
        widgets::wrap(ui, &words::rebuilt(repaired.rebuilt), face::text(), t.ink);
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
    if *repaired == RepairResult::default() {
        widgets::wrap(ui, words::REPAIRED_NOTHING, face::text(), t.needs_you);
    }
}

fn result(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, check: &CheckResult) {
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
    affected(ui, stage, practice, check);
    widgets::wrap(ui, words::CHECK_DAMAGED_DO, face::text(), t.ink);
    widgets::wrap(ui, words::REPAIR_MORE, face::text(), t.soft);
    ui.horizontal_wrapped(|ui| {
        let repair = widgets::outlined(ui, words::REPAIR, true);
        stage.ask_if(repair, CheckCommand::Repair);
        // What a repair cannot make again, a backup may hold.
        let bring = ui.push_id("damaged", |ui| widgets::quiet(ui, words::REPAIR_FROM_BACKUP)).inner;
        stage.ask_if(bring, Command::Go(Screen::Restore));
    });
}

/// Whose sessions of which days the damage touches.
fn affected(ui: &mut Ui, stage: &Stage<'_>, practice: &Practice, check: &CheckResult) {
    if check.affected.is_empty() {
        return;
    }
    let (t, today) = (tokens(ui), stage.model.now.today());
    widgets::wrap(ui, words::DAMAGE_TOUCHES, face::strong(), t.ink);
    for one in check.affected.iter().take(NAMED) {
        let row = practice.clients.rows.iter().find(|row| row.id == one.client);
        let name = row.map_or(words::A_CLIENT.into(), |row| view_model::list_name(stage.model, row));
        let (days, more) = one.days.split_at(NAMED.min(one.days.len()));
        let days = words::affected_days(days, more.len(), one.person, today);
        widgets::wrap(ui, &format!("{}: {days}", name.trim_end()), face::text(), t.ink);
    }
    if let Some(more) = check.affected.len().checked_sub(NAMED).filter(|more| *more > 0) {
        widgets::wrap(ui, &words::and_more(more), face::text(), t.ink);
    }
}
