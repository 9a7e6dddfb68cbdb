//! `folder`: the sync folder through which devices that are never on together exchange notes.

use std::path::Path;

use serde_json::{Value, json};
use subrosa_core::vault::{PracticeFolder, Vault};

use super::pairing::{lock, name_of};
use super::relay::{read, secret_in};
use crate::bridge::{self, FolderError, FolderPlace, Shared, VisitError, Visited};
use crate::cli::arguments::FolderSubcommand;
use crate::cli::console::{Answer, CliFailure, CliSession};
use crate::values::folder::FolderTrouble;
use crate::words;

/// `folder`, choosing one or none, and looking into it now.
pub(in crate::cli) fn folder(session: &CliSession, command: Option<FolderSubcommand>) -> Result<Answer, CliFailure> {
    match command {
        None => session.with(shown),
        Some(FolderSubcommand::Use { directory }) => session.with(|vault| {
            let path = std::path::absolute(&directory).unwrap_or(directory);
            bridge::keep_directory(vault, Some(&path)).map_err(|error| CliFailure::usage(error.to_string()))?;
            shown(vault)
        }),
        Some(FolderSubcommand::Webdav { url, user, password_file, certificate }) => session.with(|vault| {
            let password = secret_in(&password_file)?;
            let certificate = pem(certificate.as_deref())?;
            use_practice_folder(vault, &PracticeFolder::WebDav { url, user, password, certificate })
        }),
        Some(FolderSubcommand::S3 { endpoint, bucket, region, prefix, key_id, secret_file, certificate }) => session
            .with(|vault| {
                let (secret, certificate) = (secret_in(&secret_file)?, pem(certificate.as_deref())?);
                let named = PracticeFolder::S3 { endpoint, region, bucket, prefix, key_id, secret, certificate };
                use_practice_folder(vault, &named)
            }),
        Some(FolderSubcommand::Off) => session.with(off),
        Some(FolderSubcommand::Sync) => sync(session),
    }
}

fn use_practice_folder(vault: &mut Vault, named: &PracticeFolder) -> Result<Answer, CliFailure> {
    bridge::check_practice_folder(named).map_err(|error| CliFailure::usage(error.to_string()))?;
    vault.devices_mut().use_folder(Some(named))?;
    // One that was chosen for this device alone would stand before it.
    bridge::keep_directory(vault, None).map_err(|error| CliFailure::failed(error.to_string()))?;
    shown(vault)
}

/// Where the folder is, without what opens it.
fn shown(vault: &mut Vault) -> Result<Answer, CliFailure> {
    let by = vault.devices().folder()?.map(|(_, by)| name_of(vault, &by)).unwrap_or_default();
    Ok(match bridge::place(vault) {
        None => Answer::new(json!(null), words::NO_SYNC_FOLDER.to_owned()),
        Some(FolderPlace::Directory(path)) => {
            let path = path.to_string_lossy().into_owned();
            Answer::new(json!({ "kind": "directory", "at": path }), words::sync_folder_is_here(&path))
        }
        Some(FolderPlace::Practice(named)) => {
            let (kind, at) = match &named {
                PracticeFolder::WebDav { url, .. } => ("webdav", url.clone()),
                PracticeFolder::S3 { endpoint, bucket, .. } => ("s3", format!("{endpoint}/{bucket}")),
            };
            Answer::new(json!({ "kind": kind, "at": at, "by": by }), words::sync_folder_is(&at, &by))
        }
    })
}

/// Uses none any more: the one of this device alone, or else the practice's.
fn off(vault: &mut Vault) -> Result<Answer, CliFailure> {
    let was = bridge::place(vault);
    match &was {
        None => return shown(vault),
        Some(FolderPlace::Directory(_)) => {
            bridge::keep_directory(vault, None).map_err(|error| CliFailure::failed(error.to_string()))?;
        }
        Some(FolderPlace::Practice(_)) => vault.devices_mut().use_folder(None)?,
    }
    let Answer { json, text } = shown(vault)?;
    Ok(Answer::new(json, format!("{text}\n{}", words::SYNC_FOLDER_REMAINS)))
}

fn sync(session: &CliSession) -> Result<Answer, CliFailure> {
    let vault = Shared::new(session.unlock()?);
    let visited = bridge::visit_once(&vault, &bridge::system_clock());
    let _ = vault.with(|vault| session.tell_notices(vault));
    lock(&vault)?;
    let Some(visited) = visited.map_err(failed)? else {
        return Err(CliFailure::usage(words::NO_SYNC_FOLDER));
    };
    Ok(Answer::new(to_json(&visited), words::sync_folder_visited(&visited_words(&visited), visited.objects)))
}

/// What a visit came to, as data.
pub(super) fn to_json(visited: &Visited) -> Value {
    let trouble = visited.trouble.as_ref().map(|trouble| match trouble {
        FolderTrouble::Emptied => json!({ "what": "emptied" }),
        FolderTrouble::RolledBack(name) => json!({ "what": "rolled back", "device": name }),
        FolderTrouble::Withheld(name) => json!({ "what": "withheld", "device": name }),
    });
    let (own, others) = visited.objects;
    json!({ "news": visited.news, "trouble": trouble, "own": own, "others": others })
}

/// What a visit came to, in words.
pub(super) fn visited_words(visited: &Visited) -> String {
    match &visited.trouble {
        Some(trouble) => words::sync_folder_trouble(trouble),
        None => words::SYNC_FOLDER_FINE.to_owned(),
    }
}

pub(super) fn failed(error: VisitError) -> CliFailure {
    match error {
        VisitError::Folder(FolderError::NotSecure | FolderError::NotAnAddress | FolderError::NotACertificate) => {
            CliFailure::usage(error.to_string())
        }
        error => CliFailure::failed(error.to_string()),
    }
}

fn pem(file: Option<&Path>) -> Result<String, CliFailure> {
    let Some(file) = file else { return Ok(String::new()) };
    String::from_utf8(read(file)?).map_err(|_| CliFailure::usage(FolderError::NotACertificate.to_string()))
}
