//! What is asked before a note is signed, and the bar of signatures that can be taken back.

use egui::{Align, Frame, Layout, Margin, Panel, Ui};

use crate::features::signing::messages::SigningCommand;
use crate::messages::Command;
use crate::model::Practice;
use crate::ui::answer::answer;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::Field;
use crate::{view_model, words};

/// How high the bar of signatures is.
pub(crate) fn height(practice: &Practice) -> f32 {
    practice.signing.waiting.iter().map(|_| size::CONTROL + space::SMALL).sum()
}

/// Above the status bar: what was signed, and for how long it can be taken back.
pub(crate) fn signing(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    if practice.signing.waiting.is_empty() {
        return;
    }
    let t = tokens(ui);
    let frame = Frame::new().fill(t.selected).inner_margin(Margin::symmetric(16, 4));
    let bar = Panel::top("signing").exact_size(height(practice)).resizable(false).show_separator_line(false);
    bar.frame(frame).show(ui, |ui| {
        for waiting in &practice.signing.waiting {
            ui.push_id(waiting.pending.note, |ui| {
                ui.horizontal(|ui| {
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        let left = waiting.pending.for_ms.saturating_sub(stage.model.now.since(waiting.since));
                        let back = widgets::outlined(ui, &words::take_back(left.div_ceil(1_000)), left > 0);
                        stage.ask_if(back, SigningCommand::TakeBack(waiting.pending.note));
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

/// Client, date and length, before a note is frozen.
pub(crate) fn sign(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    widgets::title(ui, words::SIGN_TITLE, words::SIGN_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Sign, Job::Save]));
    let Some(shown) = &practice.signing.preview else {
        if stage.model.trouble_with(&[Job::Sign, Job::Save]).is_none() {
            widgets::progress(ui, words::STARTING, Default::default());
        }
        let cancel = widgets::outlined(ui, words::CANCEL, true);
        return stage.ask_if(cancel, Command::Back);
    };
    let length = shown.minutes.map_or(words::NOT_GIVEN.to_owned(), |minutes| format!("{minutes} {}", words::MIN));
    let name = view_model::veiled(stage.model, &shown.client).into_owned();
    let rows = [
        (words::SIGN_FROM, name),
        (words::DATE, words::long_date(shown.date)),
        (words::SIGN_LENGTH, length),
        (words::SIGN_WORDS, shown.words.to_string()),
    ];
    for (label, value) in rows {
        ui.horizontal(|ui| {
            let t = tokens(ui);
            widgets::say(ui, label, face::text(), t.soft);
            widgets::say(ui, &value, face::strong(), t.ink);
        });
    }
    ui.add_space(space::SMALL);
    for doubt in &shown.doubts {
        widgets::trouble(ui, Some(doubt));
    }
    widgets::wrap(ui, words::SIGN_LOCKS, face::small(), tokens(ui).soft);
    ui.add_space(space::MEDIUM);
    let ready = stage.model.progress(Job::Sign).is_none();
    let now = if shown.doubts.is_empty() { words::SIGN_NOW } else { words::SIGN_ANYWAY };
    answer(ui, stage, now, ready, false, Command::Signing(SigningCommand::Sign));
}

/// Why was it entered in error?
pub(crate) fn in_error(ui: &mut Ui, stage: &mut Stage<'_>) {
    widgets::title(ui, words::IN_ERROR_TITLE, words::IN_ERROR_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Sign]));
    let focus = stage.focus(Field::Why);
    let entered = widgets::field(ui, "why-error", words::WHY, "", &mut stage.typed.why, focus);
    let ready = !stage.typed.why.trim().is_empty() && stage.model.progress(Job::Sign).is_none();
    answer(ui, stage, words::IN_ERROR_NOW, ready, entered, Command::Signing(SigningCommand::InError));
}
