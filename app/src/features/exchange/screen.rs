//! Bringing a folder of plain files in, and taking everything out as one.

use egui::Ui;

use crate::features::exchange::messages::ExchangeCommand;
use crate::features::exchange::values::ImportReport;
use crate::messages::Command;
use crate::model::{Done, Practice};
use crate::ui::answer::answer;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::{Field, Overlay};
use crate::values::pick::Pick;
use crate::words;

/// The most lines of a report that are shown at once.
const SHOWN_LINES: usize = 200;

/// Draws both halves.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    widgets::title(ui, words::IMPORT_TITLE, words::IMPORT_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Import, Job::Export, Job::Pick]));
    if at_work(ui, stage) {
        return;
    }
    let focus = stage.focus(Field::Path);
    let place = widgets::place(ui, "folder", words::FOLDER, words::FOLDER_HINT, &mut stage.typed.path, focus);
    stage.ask_if(place.choose, Command::Pick(Pick::ImportFrom));
    // Without a folder the buttons ask for one.
    ui.horizontal(|ui| {
        let tried = practice.import.as_ref().is_some_and(|report| report.dry_run);
        let (attempt, now) = if tried {
            (widgets::outlined(ui, words::IMPORT_TRY, true), widgets::filled(ui, words::IMPORT_NOW, true))
        } else {
            (widgets::filled(ui, words::IMPORT_TRY, true), widgets::outlined(ui, words::IMPORT_NOW, true))
        };
        stage.ask_if(attempt, ExchangeCommand::Import { dry_run: true });
        stage.ask_if(now, ExchangeCommand::Import { dry_run: false });
    });
    if let Some(report) = &practice.import {
        self::report(ui, stage, report);
    }
    if practice.done == Some((Job::Import, Done::ImportUndone)) {
        widgets::wrap(ui, words::IMPORT_UNDONE, face::text(), t.accent);
    }
    ui.add_space(space::SECTION);
    widgets::wrap(ui, words::EXPORT_TITLE, face::pane(), t.accent);
    widgets::wrap(ui, words::EXPORT_MORE, face::text(), t.soft);
    let export = widgets::outlined(ui, words::EXPORT_ALL, true);
    stage.ask_if(export, ExchangeCommand::Export);
    if practice.done == Some((Job::Export, Done::Written)) {
        widgets::wrap(ui, words::EXPORT_DONE, face::text(), t.needs_you);
    }
}

/// Progress with a way to stop. True while a job is at work.
fn at_work(ui: &mut Ui, stage: &mut Stage<'_>) -> bool {
    let jobs = [(Job::Import, words::IMPORTING), (Job::Export, words::EXPORTING)];
    jobs.into_iter().any(|(job, words)| stage.under_way(ui, job, words))
}

fn report(ui: &mut Ui, stage: &mut Stage<'_>, report: &ImportReport) {
    let t = tokens(ui);
    ui.add_space(space::MEDIUM);
    widgets::wrap(ui, &words::import_counts(report), face::text(), t.ink);
    if !report.dry_run {
        let undo = widgets::outlined(ui, words::IMPORT_UNDO, true);
        stage.ask_if(undo, ExchangeCommand::UndoImport);
    }
    if !report.not_understood.is_empty() {
        widgets::wrap(ui, words::IMPORT_NOT_UNDERSTOOD, face::strong(), t.needs_you);
        for line in report.not_understood.iter().take(SHOWN_LINES) {
            widgets::wrap(ui, line, face::small(), t.soft);
        }
        if let Some(more) = report.not_understood.len().checked_sub(SHOWN_LINES).filter(|more| *more > 0) {
            widgets::wrap(ui, &words::and_more(more), face::small(), t.soft);
        }
    }
}

/// Where to, and whether private notes go too: then the passphrase is asked again.
pub(crate) fn export(ui: &mut Ui, stage: &mut Stage<'_>, private: bool) {
    widgets::title(ui, words::EXPORT_CLIENT, words::EXPORT_CLIENT_MORE);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Export, Job::Pick]));
    if stage.under_way(ui, Job::Export, words::EXPORTING) {
        return;
    }
    let focus = stage.focus(Field::Path);
    let hint = words::FOLDER_HINT;
    let folder = widgets::place(ui, "export-folder", words::EXPORT_FOLDER, hint, &mut stage.typed.path, focus);
    stage.ask_if(folder.choose, Command::Pick(Pick::ExportClientTo));
    ui.horizontal(|ui| {
        for (with, words) in [(false, words::EXPORT_WITHOUT), (true, words::EXPORT_PRIVATE)] {
            let chosen = widgets::choice(ui, words, private == with);
            stage.ask_if(chosen, Command::Open(Overlay::Export { private: with }));
        }
    });
    let mut entered = folder.entered;
    if private {
        let focus = stage.focus(Field::Passphrase);
        entered |= widgets::secret(ui, "export-private", words::PASSPHRASE, &mut stage.typed.passphrase, focus);
    }
    let ready = !stage.typed.path.trim().is_empty() && (!private || !stage.typed.passphrase.is_empty());
    answer(ui, stage, words::EXPORT_CLIENT, ready, entered, Command::Exchange(ExchangeCommand::ExportClient));
}
