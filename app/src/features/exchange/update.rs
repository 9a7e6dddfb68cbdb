//! Plain files in and out.

use std::path::PathBuf;

use crate::features::clients::messages::ClientsEffect;
use crate::features::exchange::messages::{ExchangeCommand, ExchangeEffect, ExchangeEvent};
use crate::messages::Effect;
use crate::model::{Done, Model};
use crate::update::begin::{begin, finish, path, with_practice};
use crate::update::picking::with_path;
use crate::values::job::Job;
use crate::values::navigation::Overlay;
use crate::values::pick::Pick;

/// Commands about plain files, while a practice is open.
pub(crate) fn update(model: &mut Model, command: ExchangeCommand) -> Vec<Effect> {
    match command {
        ExchangeCommand::Import { dry_run } => {
            long(model, Job::Import, Pick::ImportFrom, |dir| ExchangeEffect::Import { dir, dry_run })
        }
        ExchangeCommand::UndoImport => begin(model, ExchangeEffect::UndoImport),
        ExchangeCommand::Export => {
            long(model, Job::Export, Pick::ExportTo, |dir| ExchangeEffect::Export { dir, client: None, private: None })
        }
        ExchangeCommand::ExportClient => export_client(model),
    }
}

/// What jobs bring back of an import.
pub(crate) fn apply(model: &mut Model, event: ExchangeEvent) -> Vec<Effect> {
    finish(model, Job::Import);
    match event {
        ExchangeEvent::Imported(report) => imported(model, *report),
        ExchangeEvent::Undone => {
            with_practice(model, |practice| {
                practice.import = None;
                practice.done = Some((Job::Import, Done::ImportUndone));
            });
            vec![ClientsEffect::Load.into()]
        }
    }
}

/// A job with the folder that was typed or chosen, one at a time.
fn long(model: &mut Model, job: Job, pick: Pick, effect: impl FnOnce(PathBuf) -> ExchangeEffect) -> Vec<Effect> {
    if !model.typed.path.trim().is_empty() && model.progress(job).is_some() {
        return Vec::new();
    }
    with_path(model, pick, effect)
}

fn imported(model: &mut Model, report: crate::features::exchange::values::ImportReport) -> Vec<Effect> {
    let changed = !report.dry_run;
    if let Some(practice) = model.practice_mut() {
        practice.import = Some(report);
    }
    if changed { begin(model, ClientsEffect::Load) } else { Vec::new() }
}

/// One client's record as plain files; private notes only when they were asked for, and with the passphrase.
fn export_client(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Export { private }) = model.overlay else { return Vec::new() };
    let client = model.practice().and_then(|practice| practice.timeline.as_ref()).map(|page| page.client.id);
    let missing = model.typed.path.trim().is_empty() || (private && model.typed.passphrase.is_empty());
    if missing || client.is_none() || model.progress(Job::Export).is_some() {
        return Vec::new();
    }
    let passphrase = private.then(|| model.typed.passphrase.take());
    let dir = path(&model.typed.path);
    begin(model, ExchangeEffect::Export { dir, client, private: passphrase })
}
