//! Backups on the page of safety: the last tested one, what went wrong since, and what is chosen.

pub(crate) mod restoring;

use egui::Ui;
use subrosa_core::backup::{Every, PrivateKeys};

use crate::features::backup::messages::BackupCommand;
use crate::features::backup::values::BackupStatus;
use crate::messages::Command;
use crate::model::{Done, Practice};
use crate::ui::stage::Stage;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::{Field, Screen};
use crate::values::pick::Pick;
use crate::words;

/// Draws the part of the page.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    widgets::say(ui, words::BACKUPS, face::pane(), t.accent);
    widgets::wrap(ui, words::BACKUPS_MORE, face::text(), t.soft);
    made(ui, stage, &practice.backup.status);
    if !stage.under_way(ui, Job::Backup, words::BACKING_UP) {
        if practice.done == Some((Job::Backup, Done::BackedUp)) {
            widgets::wrap(ui, words::BACKED_UP, face::strong(), t.accent);
        }
        ui.horizontal_wrapped(|ui| {
            let now = widgets::filled(ui, words::BACK_UP_NOW, true);
            stage.ask_if(now, BackupCommand::Make);
            let bring = widgets::quiet(ui, words::RESTORE_ASK);
            stage.ask_if(bring, Command::Go(Screen::Restore));
        });
    }
    ui.add_space(space::MEDIUM);
    ui.scope(|ui| {
        ui.set_max_width(size::FORM);
        chosen(ui, stage, &practice.backup.status);
    });
    ui.add_space(space::LARGE);
}

/// The last one that counts, and why there is none since.
fn made(ui: &mut Ui, stage: &Stage<'_>, backups: &BackupStatus) {
    let (t, now) = (tokens(ui), stage.model.now.wall);
    match &backups.last {
        None => drop(widgets::wrap(ui, words::BACKUP_NONE, face::strong(), t.needs_you)),
        Some(last) => {
            let color = if last.same_disk || backups.is_overdue(now) { t.needs_you } else { t.ink };
            widgets::wrap(ui, &words::tested(last, now.date()), face::strong(), color);
            if last.older_kit {
                widgets::wrap(ui, words::BACKUP_OLDER_KIT, face::text(), t.needs_you);
            }
            if last.unreadable > 0 {
                widgets::wrap(ui, &words::not_as_text(last.unreadable), face::text(), t.needs_you);
            }
            if last.unsent > 0 {
                widgets::wrap(ui, &words::unsent(last.unsent), face::text(), t.needs_you);
            }
            match last.private {
                PrivateKeys::NotTried => {
                    widgets::wrap(ui, words::PRIVATE_NOT_TRIED, face::text(), t.soft);
                }
                PrivateKeys::Tried { lacking } if lacking > 0 => {
                    widgets::wrap(ui, words::PRIVATE_LACKING, face::text(), t.needs_you);
                }
                PrivateKeys::Tried { .. } => {}
            }
        }
    }
    if let Some((at, why)) = &backups.failed {
        widgets::trouble(ui, Some(&words::backup_failed(*at, why, now.date())));
    }
    let next = match backups.next {
        None => words::BACKUP_NOT_BY_ITSELF.to_owned(),
        Some(at) if at <= now => words::BACKUP_DUE.to_owned(),
        Some(at) => words::backup_next(at, now.date()),
    };
    widgets::wrap(ui, &next, face::text(), t.soft);
}

/// Where they go, how often, and what is in them.
pub(crate) fn chosen(ui: &mut Ui, stage: &mut Stage<'_>, backups: &BackupStatus) {
    let t = tokens(ui);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Schedule, Job::Backup, Job::Pick]));
    let (focus, hint) = (stage.focus(Field::Path), words::BACKUP_FOLDER_HINT);
    let folder = widgets::place(ui, "backup-folder", words::BACKUP_FOLDER, hint, &mut stage.typed.path, focus);
    stage.ask_if(folder.choose, Command::Pick(Pick::BackupFolder));
    stage.ask_if(folder.entered, BackupCommand::KeepFolder);
    if backups.same_disk {
        widgets::wrap(ui, words::BACKUP_SAME_DISK, face::small(), t.needs_you);
    }
    ui.add_space(space::SMALL);
    widgets::say(ui, words::BACKUP_EVERY, face::small(), t.soft);
    ui.horizontal_wrapped(|ui| {
        for every in [Every::Day, Every::Week, Every::Never] {
            // Without a folder none is made by itself, whatever is meant for later.
            let now = if backups.folder.is_some() { backups.every } else { Every::Never };
            let chosen = widgets::choice(ui, words::every(every), now == every);
            stage.ask_if(chosen, BackupCommand::Every(every));
        }
    });
    ui.add_space(space::SMALL);
    widgets::say(ui, words::BACKUP_TEXT, face::small(), t.soft);
    ui.horizontal_wrapped(|ui| {
        for (readable, words) in [(true, words::BACKUP_READABLE), (false, words::BACKUP_UNREADABLE)] {
            let chosen = widgets::choice(ui, words, backups.readable == readable);
            stage.ask_if(chosen, BackupCommand::Text(readable));
        }
    });
    widgets::wrap(ui, words::BACKUP_TEXT_MORE, face::hint(), t.soft);
}
