//! `folder`: the sync folder through which devices that are never on together exchange notes.

use std::path::Path;

use serde_json::{Value, json};
use subrosa_core::vault::{PracticeFolder, Vault};

use super::pairing::lock;
use super::relay::{read, secret_in};
use crate::bridge::{self, FolderChoiceError, FolderError, Shared, VisitError, Visited};
use crate::cli::arguments::FolderSubcommand;
use crate::cli::console::{Answer, CliFailure, CliSession};
use crate::operations::sync_folder::{self, SyncFolder};
use crate::values::folder::FolderTrouble;
use crate::words;

/// `folder`, choosing one or none, and looking into it now.
pub(in crate::cli) fn folder(session: &CliSession, command: Option<FolderSubcommand>) -> Result<Answer, CliFailure> {
    match command {
        None => session.with(|vault| shown(vault)),
        Some(FolderSubcommand::Use { directory }) => session.with(|vault| {
            sync_folder::use_directory(vault, &directory).map_err(not_chosen)?;
            shown(vault)
        }),
        Some(FolderSubcommand::Webdav { url, user, password_file, certificate }) => {
            let (password, certificate) = (secret_in(&password_file)?, pem(certificate.as_deref())?);
            session.with(|vault| use_for_all(vault, &PracticeFolder::WebDav { url, user, password, certificate }))
        }
        Some(FolderSubcommand::S3 { endpoint, bucket, region, prefix, key_id, secret_file, certificate }) => {
            let (secret, certificate) = (secret_in(&secret_file)?, pem(certificate.as_deref())?);
            let named = PracticeFolder::S3 { endpoint, region, bucket, prefix, key_id, secret, certificate };
            session.with(|vault| use_for_all(vault, &named))
        }
        Some(FolderSubcommand::Off) => session.with(off),
        Some(FolderSubcommand::Sync) => sync(session),
    }
}

fn use_for_all(vault: &mut Vault, named: &PracticeFolder) -> Result<Answer, CliFailure> {
    sync_folder::use_for_all(vault, named).map_err(not_chosen)?;
    shown(vault)
}

/// Where the folder is, without what opens it.
fn shown(vault: &Vault) -> Result<Answer, CliFailure> {
    Ok(match sync_folder::used(vault)? {
        None => Answer::new(json!({ "kind": null }), format!("{}.", words::NO_SYNC_FOLDER)),
        Some(SyncFolder { kind, at, by, is_known_elsewhere }) => {
            let mut text = match &by {
                Some(by) => words::sync_folder_is(&at, by),
                None => words::sync_folder_is_here(&at),
            };
            if is_known_elsewhere {
                text = format!("{text}\n{}.", words::SYNC_FOLDER_RENEW);
            }
            let json = json!({ "kind": kind, "at": at, "by": by, "known_to_removed": is_known_elsewhere });
            Answer::new(json, text)
        }
    })
}

fn off(vault: &mut Vault) -> Result<Answer, CliFailure> {
    let was_used = sync_folder::leave(vault).map_err(not_chosen)?;
    let Answer { json, text } = shown(vault)?;
    Ok(Answer::new(json, if was_used { format!("{text}\n{}.", words::SYNC_FOLDER_REMAINS) } else { text }))
}

fn not_chosen(error: FolderChoiceError) -> CliFailure {
    match error {
        FolderChoiceError::Folder(error) => CliFailure::usage(error.to_string()),
        FolderChoiceError::Practice(error) => error.into(),
        FolderChoiceError::Device(error) => error.into(),
    }
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
