//! The sync folder: where it is, how it stands with it, and choosing one.

use egui::Ui;

use crate::features::sync_folder::messages::SyncFolderCommand;
use crate::features::sync_folder::state::SyncFolderState;
use crate::features::sync_folder::update::is_enough;
use crate::features::sync_folder::values::FolderKind;
use crate::messages::Command;
use crate::model::Practice;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::pick::Pick;
use crate::words;

/// Draws all of it.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    ui.add_space(space::SECTION);
    ui.scope(|ui| {
        ui.set_max_width(size::FORM);
        let t = tokens(ui);
        widgets::wrap(ui, words::SYNC_FOLDER, face::pane(), t.ink);
        widgets::wrap(ui, words::SYNC_FOLDER_MORE, face::text(), t.soft);
        ui.add_space(space::SMALL);
        widgets::trouble(ui, stage.model.trouble_with(&[Job::SyncFolder]));
        standing(ui, stage, &practice.devices.folder);
        ui.add_space(space::MEDIUM);
        choosing(ui, stage, practice.devices.folder.shown);
    });
}

/// The folder that is used, and how it stands with it.
fn standing(ui: &mut Ui, stage: &mut Stage<'_>, folder: &SyncFolderState) {
    let t = tokens(ui);
    let Some(used) = &folder.used else {
        widgets::wrap(ui, words::NO_SYNC_FOLDER, face::text(), t.soft);
        if folder.has_left {
            widgets::wrap(ui, words::SYNC_FOLDER_REMAINS, face::small(), t.needs_you);
        }
        return;
    };
    let said = match &used.by {
        Some(by) => words::sync_folder_is(&used.at, by),
        None => words::sync_folder_is_here(&used.at),
    };
    widgets::wrap(ui, &said, face::text(), t.ink);
    if used.is_known_elsewhere {
        widgets::wrap(ui, words::SYNC_FOLDER_RENEW, face::text(), t.needs_you);
    }
    if let Some(look) = &folder.looked {
        let (said, tone) = match &look.state {
            Ok(None) => (words::SYNC_FOLDER_FINE.to_owned(), t.soft),
            Ok(Some(trouble)) => (words::sync_folder_trouble(trouble), t.needs_you),
            Err(why) => (words::first_upper(why), t.needs_you),
        };
        widgets::wrap(ui, &said, face::small(), tone);
        let when = words::sync_folder_looked_into(look.at, stage.model.now.today());
        widgets::wrap(ui, &when, face::hint(), t.soft);
    }
    ui.horizontal(|ui| {
        let is_idle = stage.model.progress(Job::SyncFolder).is_none();
        let look = widgets::outlined(ui, words::SYNC_FOLDER_LOOK, is_idle);
        stage.ask_if(look, SyncFolderCommand::Look);
        let leave = widgets::quiet(ui, words::SYNC_FOLDER_OFF);
        stage.ask_if(leave, SyncFolderCommand::Leave);
    });
}

/// What is to be typed about another one.
fn choosing(ui: &mut Ui, stage: &mut Stage<'_>, shown: FolderKind) {
    let kinds = [
        (FolderKind::Here, words::SYNC_FOLDER_HERE, words::SYNC_FOLDER_HERE_MORE),
        (FolderKind::Share, words::SYNC_FOLDER_SHARE, words::SYNC_FOLDER_SHARE_MORE),
        (FolderKind::Bucket, words::SYNC_FOLDER_BUCKET, words::SYNC_FOLDER_BUCKET_MORE),
    ];
    ui.horizontal_wrapped(|ui| {
        for (kind, words, _) in kinds {
            let chosen = widgets::choice(ui, words, kind == shown);
            stage.ask_if(chosen, SyncFolderCommand::Show(kind));
        }
    });
    for (_, _, more) in kinds.into_iter().filter(|(kind, ..)| *kind == shown) {
        widgets::wrap(ui, more, face::small(), tokens(ui).soft);
    }
    ui.add_space(space::SMALL);
    let entered = match shown {
        FolderKind::Here => directory(ui, stage),
        FolderKind::Share => share(ui, stage),
        FolderKind::Bucket => bucket(ui, stage),
    };
    let words = if shown == FolderKind::Here { words::SYNC_FOLDER_USE_HERE } else { words::SYNC_FOLDER_USE };
    let is_ready = is_enough(&stage.typed.sync_folder, shown) && stage.model.progress(Job::SyncFolder).is_none();
    let pressed = widgets::outlined(ui, words, is_ready);
    stage.ask_if(entered || pressed, SyncFolderCommand::Use);
}

fn directory(ui: &mut Ui, stage: &mut Stage<'_>) -> bool {
    let (label, hint) = (words::SYNC_FOLDER_PATH, words::SYNC_FOLDER_PATH_HINT);
    let place = widgets::place(ui, "sync-folder", label, hint, &mut stage.typed.sync_folder.path, false);
    stage.ask_if(place.choose, Command::Pick(Pick::SyncFolder));
    place.entered
}

fn share(ui: &mut Ui, stage: &mut Stage<'_>) -> bool {
    let typed = &mut stage.typed.sync_folder;
    let (url, hint) = (words::SYNC_FOLDER_URL, words::SYNC_FOLDER_URL_HINT);
    let entered = [
        widgets::field(ui, "share-url", url, hint, &mut typed.url, false),
        widgets::field(ui, "share-user", words::SYNC_FOLDER_USER, "", &mut typed.user, false),
        widgets::secret(ui, "share-password", words::SYNC_FOLDER_PASSWORD, &mut typed.secret, false),
        widgets::field(ui, "share-certificate", words::CERTIFICATE, "", &mut typed.certificate, false),
    ];
    entered.contains(&true)
}

fn bucket(ui: &mut Ui, stage: &mut Stage<'_>) -> bool {
    let typed = &mut stage.typed.sync_folder;
    let (endpoint, hint) = (words::SYNC_FOLDER_ENDPOINT, words::SYNC_FOLDER_ENDPOINT_HINT);
    let entered = [
        widgets::field(ui, "bucket-url", endpoint, hint, &mut typed.url, false),
        widgets::field(ui, "bucket-name", words::SYNC_FOLDER_BUCKET_NAME, "", &mut typed.bucket, false),
        widgets::field(ui, "bucket-region", words::SYNC_FOLDER_REGION, "", &mut typed.region, false),
        widgets::field(ui, "bucket-key", words::SYNC_FOLDER_KEY_ID, "", &mut typed.key_id, false),
        widgets::secret(ui, "bucket-secret", words::SYNC_FOLDER_SECRET, &mut typed.secret, false),
        widgets::field(ui, "bucket-certificate", words::CERTIFICATE, "", &mut typed.certificate, false),
    ];
    entered.contains(&true)
}
