//! The versions of a note: when, where, and what each changed, told by underline and strike as well as by colour.

use egui::text::{LayoutJob, TextFormat};
use egui::{Stroke, Ui};

use crate::features::history::messages::HistoryCommand;
use crate::features::history::state::History;
use crate::features::history::values::{Change, Version};

use crate::ui::stage::Stage;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::{view_model, words};

/// Draws them in the place of the note.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, history: &History) {
    let t = tokens(ui);
    widgets::card(ui, |ui| {
        widgets::say(ui, words::HISTORY, face::pane(), t.accent);
        widgets::wrap(ui, words::HISTORY_MORE, face::small(), t.soft);
        let back = widgets::outlined(ui, words::BACK_TO_NOTE, true);
        stage.ask_if(back, HistoryCommand::Show(false));
        ui.add_space(space::MEDIUM);
        widgets::trouble(ui, stage.model.trouble_with(&[Job::History]));
        match &history.versions {
            None => widgets::progress(ui, words::LOADING, stage.model.progress(Job::History).unwrap_or_default()),
            Some(versions) if versions.is_empty() => {
                widgets::wrap(ui, words::HISTORY_NONE, face::text(), t.soft);
            }
            Some(versions) => {
                for (place, version) in versions.iter().enumerate() {
                    ui.push_id(place, |ui| row(ui, stage, place, version, place == history.chosen));
                }
            }
        }
    });
}

fn row(ui: &mut Ui, stage: &mut Stage<'_>, place: usize, version: &Version, chosen: bool) {
    let t = tokens(ui);
    let today = stage.model.now.today();
    let when = version.at.map_or(words::UNKNOWN_TIME.to_owned(), |at| words::seen(at, today));
    let by = version.who.as_ref().map(|who| format!(" · {who}")).unwrap_or_default();
    let title = format!("{} {when}{by}", version.what);
    let pressed = widgets::entry(ui, &title, &words::words_changed(version.words.0, version.words.1), chosen);
    stage.ask_if(pressed, HistoryCommand::Version(place));
    if !chosen {
        return;
    }
    ui.add_space(space::SMALL);
    for (name, before, after) in &version.fields {
        let line = words::field_changed(
            name,
            &view_model::veiled(stage.model, before),
            &view_model::veiled(stage.model, after),
        );
        widgets::wrap(ui, &line, face::small(), t.soft);
    }
    let mut job = LayoutJob::default();
    job.wrap.max_width = ui.available_width();
    for (change, text) in &version.text {
        let (color, underline, strike) = match change {
            Change::Kept => (t.ink, Stroke::NONE, Stroke::NONE),
            Change::Added => (t.accent, Stroke::new(1.0, t.accent), Stroke::NONE),
            Change::Removed => (t.risk, Stroke::NONE, Stroke::new(1.0, t.risk)),
        };
        let format = TextFormat {
            font_id: face::note(),
            color,
            underline,
            strikethrough: strike,
            line_height: Some(size::NOTE_LINE),
            ..TextFormat::default()
        };
        job.append(&view_model::veiled(stage.model, text), 0.0, format);
    }
    ui.label(job);
    if let Some(fingerprint) = &version.fingerprint {
        widgets::wrap(ui, &format!("{}: {fingerprint}", words::FINGERPRINT), face::hint(), t.soft);
    }
    ui.add_space(space::LARGE);
}
