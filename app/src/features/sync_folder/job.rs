//! The sync folder of the open practice: chosen, begun, looked into, left.

use std::path::Path;

use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{PracticeFolder, Vault};
use zeroize::Zeroizing;

use crate::bridge::{self, FolderChoiceError, FolderSyncing, FolderTold, VisitError, Visited};
use crate::features::sync_folder::messages::{SyncFolderEffect, SyncFolderEvent};
use crate::features::sync_folder::values::{Bucket, FolderLook, Share, UsedFolder};
use crate::jobs::bench::Bench;
use crate::jobs::failure::{JobFailure, JobOutcome};
use crate::jobs::message::Message;
use crate::jobs::rows;
use crate::operations::devices::certificate;
use crate::operations::sync_folder::{self, USUAL_REGION};
use crate::practice;
use crate::words;

pub(crate) fn answer(bench: &mut Bench, effect: SyncFolderEffect) -> JobOutcome {
    match effect {
        SyncFolderEffect::Load => Ok(Some(used(bench)?.into())),
        SyncFolderEffect::UseDirectory(path) => {
            choose(bench, |vault| sync_folder::use_directory(vault, &path))?;
            restarted(bench)
        }
        SyncFolderEffect::UseShare(share) => {
            let Share { url, user, password, certificate } = share;
            let (password, certificate) = (plain(&password), pem(certificate.as_deref())?);
            use_for_all(bench, &PracticeFolder::WebDav { url, user, password, certificate })
        }
        SyncFolderEffect::UseBucket(typed) => {
            let Bucket { endpoint, bucket, region, key_id, secret, certificate } = typed;
            let region = if region.is_empty() { USUAL_REGION.to_owned() } else { region };
            let (secret, certificate) = (plain(&secret), pem(certificate.as_deref())?);
            let prefix = String::new();
            use_for_all(bench, &PracticeFolder::S3 { endpoint, region, bucket, prefix, key_id, secret, certificate })
        }
        SyncFolderEffect::Look => {
            let folder = bench.reach.folder.as_ref();
            folder.ok_or_else(|| JobFailure::Sentence(words::NO_SYNC_FOLDER.to_owned()))?.notify_changed();
            Ok(None)
        }
        SyncFolderEffect::Leave => leave(bench),
    }
}

fn use_for_all(bench: &mut Bench, named: &PracticeFolder) -> JobOutcome {
    choose(bench, |vault| sync_folder::use_for_all(vault, named))?;
    restarted(bench)
}

fn leave(bench: &mut Bench) -> JobOutcome {
    choose(bench, sync_folder::leave)?;
    let event = restarted(bench)?;
    event.into_iter().for_each(|event| bench.answers.send(event));
    Ok(Some(SyncFolderEvent::Left.into()))
}

fn choose<T>(bench: &Bench, choice: impl FnOnce(&mut Vault) -> Result<T, FolderChoiceError>) -> Result<T, JobFailure> {
    bench.vault.with(choice)?.map_err(|error| JobFailure::of(&error))
}

/// Begins anew with what was chosen, which the other devices hear of.
fn restarted(bench: &mut Bench) -> JobOutcome {
    restart_folder(bench);
    bench.tell_devices();
    Ok(Some(used(bench)?.into()))
}

fn used(bench: &Bench) -> Result<SyncFolderEvent, JobFailure> {
    let used = bench.with(|vault| Ok(sync_folder::used(vault)?))?;
    Ok(SyncFolderEvent::Used(used.map(|used| UsedFolder {
        at: used.at,
        by: used.by,
        is_known_elsewhere: used.is_known_elsewhere,
    })))
}

/// Begins anew with the folder that is used now.
pub(crate) fn restart_folder(bench: &mut Bench) {
    if let Some(folder) = bench.reach.folder.take() {
        folder.stop();
    }
    start_folder(bench);
}

/// Begins to look into the folder, if one is used. Without it the practice works as it does anywhere.
pub(crate) fn start_folder(bench: &mut Bench) {
    let (answers, vault, nudge) = (bench.answers.clone(), bench.vault.clone(), bench.nudge.clone());
    let news = move |told: FolderTold| {
        let visited = match told {
            // Only a worker that has ended does not listen.
            FolderTold::Outdated => return drop(nudge.send(Message::Outdated)),
            FolderTold::Visited(visited) => visited,
        };
        if visited.as_ref().is_ok_and(|visited| visited.news) {
            drop(nudge.send(Message::Arrived));
        }
        if let Ok(Ok(devices)) = vault.with(|vault| rows::listed_devices(vault)) {
            answers.send(devices);
        }
        answers.send(looked(visited));
    };
    match FolderSyncing::start(&bench.vault, &bridge::system_clock(), news) {
        Ok(folder) => bench.reach.folder = folder,
        Err(error) => bench.answers.send(looked(Err(error))),
    }
}

fn looked(visited: Result<Visited, VisitError>) -> SyncFolderEvent {
    let state = visited.map(|visited| visited.trouble).map_err(|error| error.to_string());
    SyncFolderEvent::Looked(FolderLook { at: rows::wall(practice::now()), state })
}

fn plain(secret: &Passphrase) -> Zeroizing<String> {
    Zeroizing::new(secret.expose().to_owned())
}

/// The text of a certificate's file.
fn pem(file: Option<&Path>) -> Result<String, JobFailure> {
    let Some(file) = file else { return Ok(String::new()) };
    let bytes = certificate::read_certificate(file).ok().flatten();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| JobFailure::Sentence(words::NO_CERTIFICATE.to_owned()))
}
