//! Questions about a note or a record that is to go somewhere else, and the bar of signatures that can be taken back.

use egui::{Align, Frame, Layout, Margin, Panel, Ui};

use super::Stage;
use super::overlay::answer;
use crate::command::Command;
use crate::effect::Job;
use crate::model::{Doomed, Field, Practice};
use crate::theme::{face, size, space, tokens};
use crate::update::others;
use crate::{view_model, widgets, words};

/// How high the bar of signatures is.
pub(super) fn height(practice: &Practice) -> f32 {
    practice.signing.iter().map(|_| size::CONTROL + space::SMALL).sum()
}

/// Above the status bar: what was signed, and for how long it can be taken back.
pub(super) fn signing(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    if practice.signing.is_empty() {
        return;
    }
    let t = tokens(ui);
    let frame = Frame::new().fill(t.selected).inner_margin(Margin::symmetric(16, 4));
    let bar = Panel::top("signing").exact_size(height(practice)).resizable(false).show_separator_line(false);
    bar.frame(frame).show(ui, |ui| {
        for waiting in &practice.signing {
            ui.push_id(waiting.pending.note, |ui| {
                ui.horizontal(|ui| {
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        let left = waiting.pending.for_ms.saturating_sub(stage.model.now.since(waiting.since));
                        let back = widgets::outlined(ui, &words::take_back(left.div_ceil(1_000)), left > 0);
                        stage.ask_if(back, Command::TakeBack(waiting.pending.note));
                        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                            let what = words::signed_note(waiting.pending.date, stage.model.now.today());
                            widgets::say(ui, &what, face::small(), t.ink);
                        });
                    });
                });
            });
        }
    });
}

/// To the trash?
pub(super) fn delete(ui: &mut Ui, stage: &mut Stage<'_>, doomed: Doomed) {
    let title = match doomed {
        Doomed::Note => words::DELETE_NOTE,
        Doomed::Client => words::DELETE_CLIENT,
        Doomed::File(_) => words::DELETE_FILE,
    };
    widgets::title(ui, title, words::DELETE_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Trash]));
    let ready = stage.model.progress(Job::Trash).is_none();
    answer(ui, stage, words::DELETE, ready, false, Command::Delete);
}

/// Which client does this note belong to?
pub(super) fn moving(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    widgets::title(ui, words::MOVE_TITLE, words::MOVE_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Move]));
    other(ui, stage, practice);
    if practice.reading.is_some() {
        widgets::field(ui, "why", words::WHY, words::WHY_HINT, &mut stage.typed.why, false);
    }
    let ready = practice.other.is_some() && stage.model.progress(Job::Move).is_none();
    answer(ui, stage, words::MOVE, ready, false, Command::MoveNote);
}

/// Which client is the same person?
pub(super) fn merging(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    widgets::title(ui, words::MERGE_TITLE, words::MERGE_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Move]));
    other(ui, stage, practice);
    let ready = practice.other.is_some() && stage.model.progress(Job::Move).is_none();
    answer(ui, stage, words::MERGE, ready, false, Command::Merge);
}

/// Are they two persons after all?
pub(super) fn unmerging(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    widgets::title(ui, words::UNMERGE_TITLE, words::UNMERGE_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Move]));
    let merged = practice.timeline.as_ref().map(|page| page.merged.as_slice()).unwrap_or_default();
    let names = words::one_record_with(merged);
    widgets::wrap(ui, &view_model::veiled(stage.model, &names), face::text(), tokens(ui).ink);
    let ready = stage.model.progress(Job::Move).is_none();
    answer(ui, stage, words::UNMERGE, ready, false, Command::Unmerge);
}

/// Another client, by part of the name.
fn other(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let focus = stage.focus(Field::Other);
    widgets::field(ui, "other-client", words::OTHER_CLIENT, "", &mut stage.typed.other, focus);
    let offered = others(stage.model, &stage.typed.other);
    if offered.is_empty() {
        widgets::wrap(ui, words::NO_MATCH, face::small(), tokens(ui).soft);
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::TIGHT / 2.0;
        for row in offered.iter().filter_map(|id| practice.clients.iter().find(|row| row.id == *id)) {
            let name = view_model::veiled(stage.model, &row.name).into_owned();
            let line = view_model::client_line(row, stage.model.now.today());
            let chosen = ui.push_id(row.id, |ui| widgets::entry(ui, &name, &line, practice.other == Some(row.id)));
            stage.ask_if(chosen.inner, Command::Other(row.id));
        }
    });
    ui.add_space(size::BAR);
}

/// Why was it entered in error?
pub(super) fn in_error(ui: &mut Ui, stage: &mut Stage<'_>) {
    widgets::title(ui, words::IN_ERROR_TITLE, words::IN_ERROR_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Sign]));
    let focus = stage.focus(Field::Why);
    let entered = widgets::field(ui, "why-error", words::WHY, "", &mut stage.typed.why, focus);
    let ready = !stage.typed.why.trim().is_empty() && stage.model.progress(Job::Sign).is_none();
    answer(ui, stage, words::IN_ERROR_NOW, ready, entered, Command::InError);
}
