//! Where the sync folder is: a folder on a disk that this device has chosen for itself, or what the practice names.

use std::path::{Path, PathBuf};

use subrosa_core::vault::{DeviceError, PracticeFolder, RowError, Vault};
use subrosa_folder::{Folder, FolderError, Place, S3, WebDav};
use zeroize::Zeroizing;

/// Under which name the path is kept. It is this device's own: elsewhere the same folder lies somewhere else.
const DIRECTORY: &str = "folder directory";

/// Where the sync folder is.
#[derive(Clone, PartialEq, Eq)]
pub enum FolderPlace {
    /// A folder on a disk of this device.
    Directory(PathBuf),
    /// A share or a bucket that all devices use.
    Practice(PracticeFolder),
}

impl FolderPlace {
    pub(super) fn to_place(&self) -> Place {
        match self {
            Self::Directory(path) => Place::Directory(path.clone()),
            Self::Practice(named) => practice_place(named),
        }
    }

    /// What tells it from any other place.
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let texts: Vec<&str> = match self {
            Self::Directory(path) => vec!["directory", path.to_str().unwrap_or_default()],
            Self::Practice(PracticeFolder::WebDav { url, .. }) => vec!["webdav", url],
            Self::Practice(PracticeFolder::S3 { endpoint, bucket, prefix, .. }) => vec!["s3", endpoint, bucket, prefix],
        };
        Zeroizing::new(texts.join("\0").into_bytes())
    }
}

impl std::fmt::Debug for FolderPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FolderPlace")
    }
}

fn practice_place(named: &PracticeFolder) -> Place {
    let certificate = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    match named {
        PracticeFolder::WebDav { url, user, password, certificate: trusted } => Place::WebDav(WebDav {
            url: url.clone(),
            user: user.clone(),
            password: password.clone(),
            certificate: certificate(trusted),
        }),
        PracticeFolder::S3 { endpoint, region, bucket, prefix, key_id, secret, certificate: trusted } => {
            Place::S3(S3 {
                endpoint: endpoint.clone(),
                region: region.clone(),
                bucket: bucket.clone(),
                prefix: prefix.clone(),
                key_id: key_id.clone(),
                secret: secret.clone(),
                certificate: certificate(trusted),
            })
        }
    }
}

/// The folder that this device uses: the one that it has chosen for itself, else the one that the practice names.
pub fn place(vault: &Vault) -> Option<FolderPlace> {
    let named = || vault.devices().folder().ok().flatten().map(|(named, _)| FolderPlace::Practice(named));
    directory(vault).map(FolderPlace::Directory).or_else(named)
}

/// The folder on a disk that this device has chosen.
pub fn directory(vault: &Vault) -> Option<PathBuf> {
    let path = vault.setting(DIRECTORY).ok().flatten().filter(|path| !path.is_empty())?;
    String::from_utf8(path).ok().map(PathBuf::from)
}

/// Chooses a folder on a disk for this device alone; `None` for none.
///
/// # Errors
/// [`FolderChoiceError`]; nothing was changed then.
pub fn keep_directory(vault: &mut Vault, path: Option<&Path>) -> Result<(), FolderChoiceError> {
    let text = match path {
        Some(path) => {
            check_folder(&Place::Directory(path.to_owned()))?;
            path.to_str().ok_or(FolderError::NotAnAddress)?
        }
        None => "",
    };
    Ok(vault.keep_setting(DIRECTORY, text.as_bytes())?)
}

/// Whether a share or a bucket that somebody names has the form of one; nothing is asked of it.
///
/// # Errors
/// As [`Folder::open`].
pub fn check_practice_folder(named: &PracticeFolder) -> Result<(), FolderError> {
    check_folder(&practice_place(named))
}

fn check_folder(place: &Place) -> Result<(), FolderError> {
    Folder::open(place).map(drop)
}

/// Why a folder was not chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FolderChoiceError {
    /// What was named.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The practice.
    #[error(transparent)]
    Practice(#[from] RowError),
    /// What this device may say.
    #[error(transparent)]
    Device(#[from] DeviceError),
}
