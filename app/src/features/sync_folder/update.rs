//! The sync folder: what was typed is used, and how it stands is shown.

use std::path::PathBuf;

use crate::features::sync_folder::messages::{SyncFolderCommand, SyncFolderEffect, SyncFolderEvent};
use crate::features::sync_folder::state::SyncFolderFields;
use crate::features::sync_folder::values::{Bucket, FolderKind, Share, UsedFolder};
use crate::messages::Effect;
use crate::model::Model;
use crate::update::begin::{begin, finish, path, with_practice};
use crate::values::job::Job;

/// Commands about the sync folder, while a practice is open.
pub(crate) fn update(model: &mut Model, command: SyncFolderCommand) -> Vec<Effect> {
    if model.progress(Job::SyncFolder).is_some() {
        return Vec::new();
    }
    match command {
        SyncFolderCommand::Show(kind) => with_practice(model, |practice| practice.devices.folder.shown = kind),
        SyncFolderCommand::Use => use_typed(model),
        SyncFolderCommand::Look => begin(model, SyncFolderEffect::Look),
        SyncFolderCommand::Leave => begin(model, SyncFolderEffect::Leave),
    }
}

/// What jobs bring back of it.
pub(crate) fn apply(model: &mut Model, event: SyncFolderEvent) -> Vec<Effect> {
    match event {
        SyncFolderEvent::Used(used) => is_used(model, used),
        SyncFolderEvent::Looked(look) => {
            finish(model, Job::SyncFolder);
            with_practice(model, |practice| practice.devices.folder.looked = Some(look))
        }
        SyncFolderEvent::Left => {
            finish(model, Job::SyncFolder);
            with_practice(model, |practice| practice.devices.folder.has_left = true)
        }
    }
}

/// Where it is now. What was typed of it is done with.
fn is_used(model: &mut Model, used: Option<UsedFolder>) -> Vec<Effect> {
    let was_asked = model.progress(Job::SyncFolder).is_some();
    finish(model, Job::SyncFolder);
    if was_asked && used.is_some() {
        model.typed.sync_folder = SyncFolderFields::default();
    }
    with_practice(model, |practice| {
        let folder = &mut practice.devices.folder;
        // What came of looking into it may be known before it is asked where it is.
        if folder.used.is_some() && folder.used != used {
            folder.looked = None;
        }
        folder.has_left &= used.is_none();
        folder.used = used;
    })
}

fn use_typed(model: &mut Model) -> Vec<Effect> {
    let Some(kind) = model.practice().map(|practice| practice.devices.folder.shown) else { return Vec::new() };
    if !is_enough(&model.typed.sync_folder, kind) {
        return Vec::new();
    }
    let typed = &model.typed.sync_folder;
    let certificate = Some(path(&typed.certificate)).filter(|path| *path != PathBuf::new());
    let text = |text: &String| text.trim().to_owned();
    // What was typed stays, should it be refused.
    let effect = match kind {
        FolderKind::Here => SyncFolderEffect::UseDirectory(path(&typed.path)),
        FolderKind::Share => SyncFolderEffect::UseShare(Share {
            url: text(&typed.url),
            user: text(&typed.user),
            password: typed.secret.copy(),
            certificate,
        }),
        FolderKind::Bucket => SyncFolderEffect::UseBucket(Bucket {
            endpoint: text(&typed.url),
            bucket: text(&typed.bucket),
            region: text(&typed.region),
            key_id: text(&typed.key_id),
            secret: typed.secret.copy(),
            certificate,
        }),
    };
    begin(model, effect)
}

/// Whether what was typed is enough to use such a folder.
pub(crate) fn is_enough(typed: &SyncFolderFields, kind: FolderKind) -> bool {
    let is_typed = |text: &String| !text.trim().is_empty();
    match kind {
        FolderKind::Here => is_typed(&typed.path),
        FolderKind::Share => is_typed(&typed.url) && is_typed(&typed.user) && !typed.secret.is_empty(),
        FolderKind::Bucket => {
            [&typed.url, &typed.bucket, &typed.key_id].into_iter().all(is_typed) && !typed.secret.is_empty()
        }
    }
}
