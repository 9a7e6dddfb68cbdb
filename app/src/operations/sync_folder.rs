//! The sync folder: chosen for this device or for all, and left.

use std::path::Path;

use subrosa_core::vault::{Credential, PracticeFolder, RowError, Vault};

use crate::bridge::{self, FolderChoiceError, FolderPlace};

/// Where nothing is said of a bucket's region, stores expect this one.
pub(crate) const USUAL_REGION: &str = "us-east-1";

/// The folder that is used, without what opens it.
pub(crate) struct SyncFolder {
    /// What kind of place it is, as scripts are told.
    pub(crate) kind: &'static str,
    /// Where it is.
    pub(crate) at: String,
    /// Name of the device that named it for all; none when this one has chosen it for itself.
    pub(crate) by: Option<String>,
    /// A device that was removed knows what opens it.
    pub(crate) is_known_elsewhere: bool,
}

/// The folder that is used; `None` where none is.
///
/// # Errors
/// As for anything that is read.
pub(crate) fn used(vault: &Vault) -> Result<Option<SyncFolder>, RowError> {
    let by = vault.devices().folder()?.and_then(|(_, by)| vault.devices().device_name(&by)).unwrap_or_default();
    let is_known_elsewhere = vault.devices().credentials_to_renew()?.contains(&Credential::Folder);
    Ok(bridge::place(vault).map(|place| {
        let (kind, at, by) = match place {
            FolderPlace::Directory(path) => ("directory", path.to_string_lossy().into_owned(), None),
            FolderPlace::Practice(PracticeFolder::WebDav { url, .. }) => ("webdav", url, Some(by)),
            FolderPlace::Practice(PracticeFolder::S3 { endpoint, bucket, .. }) => {
                ("s3", format!("{}/{bucket}", endpoint.trim_end_matches('/')), Some(by))
            }
        };
        let is_known_elsewhere = is_known_elsewhere && by.is_some();
        SyncFolder { kind, at, by, is_known_elsewhere }
    }))
}

/// Uses a folder on this computer, on this device alone.
///
/// # Errors
/// [`FolderChoiceError`]; nothing was changed then.
pub(crate) fn use_directory(vault: &mut Vault, path: &Path) -> Result<(), FolderChoiceError> {
    bridge::keep_directory(vault, Some(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned())))
}

/// Uses a share or a bucket on all devices.
///
/// # Errors
/// [`FolderChoiceError`]; nothing was changed then.
pub(crate) fn use_for_all(vault: &mut Vault, named: &PracticeFolder) -> Result<(), FolderChoiceError> {
    bridge::check_practice_folder(named)?;
    vault.devices_mut().use_folder(Some(named))?;
    // One that was chosen for this device alone would stand before it.
    bridge::keep_directory(vault, None)
}

/// Uses none any more: not the one of this device, or where it had none of its own, not that of the practice. What lies there stays.
/// `false` where none was used.
///
/// # Errors
/// As for anything that is written.
pub(crate) fn leave(vault: &mut Vault) -> Result<bool, FolderChoiceError> {
    match bridge::place(vault) {
        Some(FolderPlace::Directory(_)) => bridge::keep_directory(vault, None)?,
        Some(FolderPlace::Practice(_)) => vault.devices_mut().use_folder(None)?,
        None => return Ok(false),
    }
    Ok(true)
}
