//! A throw-away practice of made-up people, to look around in: the real vault, in a temporary folder, marked as such.

pub mod made_up;

use std::path::{Path, PathBuf};

use subrosa_core::secret::Passphrase;
use subrosa_core::vault::{Created, ExchangeError, UnlockError, VaultError};
use tempfile::TempDir;

use crate::practice;
use crate::practice::Profile;

/// Opens it after it was locked: nothing in it is anybody's.
pub const PASSPHRASE: &str = "demo";
/// Sessions that a made-up client has had at the most.
const SESSIONS: u32 = 12;

/// Why there is no practice to look around in. Nothing was left behind.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// The temporary folder.
    #[error("The made-up practice could not be written into the temporary folder ({0}). Nothing was left behind.")]
    Folder(std::io::ErrorKind),
    /// The practice.
    #[error("{0}")]
    Import(#[from] ExchangeError),
    /// Its session.
    #[error("{0}")]
    Vault(#[from] VaultError),
}

impl From<std::io::Error> for DemoError {
    fn from(error: std::io::Error) -> Self {
        Self::Folder(error.kind())
    }
}

impl From<UnlockError> for DemoError {
    fn from(error: UnlockError) -> Self {
        Self::Vault(error.into())
    }
}

/// A made-up practice; its folder goes when this does.
#[derive(Debug)]
pub struct Demo {
    folder: TempDir,
    file: PathBuf,
}

impl Demo {
    /// Makes one with so many clients in the system's temporary folder.
    ///
    /// # Errors
    /// [`DemoError`].
    pub fn new(clients: u32, profile: Profile) -> Result<Self, DemoError> {
        let folder = tempfile::Builder::new().prefix("subrosa-demo-").tempdir()?;
        let file = make(folder.path(), clients, profile)?;
        Ok(Self { folder, file })
    }

    /// The practice's file; [`PASSPHRASE`] opens it.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Removes everything, and says so when that fails.
    ///
    /// # Errors
    /// [`DemoError::Folder`].
    pub fn close(self) -> Result<(), DemoError> {
        Ok(self.folder.close()?)
    }
}

/// Makes a practice of made-up people in a folder, and says where its file is.
///
/// # Errors
/// [`DemoError`].
pub fn make(folder: &Path, clients: u32, profile: Profile) -> Result<PathBuf, DemoError> {
    let paper = folder.join("paper");
    made_up::write(&paper, clients, SESSIONS, practice::today())?;
    let file = folder.join("demo.subrosa");
    let passphrase = Passphrase::new(PASSPHRASE.to_owned());
    let Created { mut vault, .. } = practice::create(&file, &passphrase, "This computer", profile)?;
    vault.exchange_mut().import(&paper, false, practice::now(), &mut |_| {}, &|| false)?;
    vault.lock()?;
    std::fs::remove_dir_all(paper)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_holds_its_people_and_leaves_nothing_behind() {
        let demo = Demo::new(5, Profile::Tests).unwrap();
        let folder = demo.folder.path().to_owned();
        let vault = practice::unlock(demo.file(), &Passphrase::new(PASSPHRASE.into()), Profile::Tests).unwrap();
        assert_eq!(vault.clients().all().count(), 5);
        assert!(vault.clients().all().all(|row| row.notes > 0));
        drop(vault);
        demo.close().unwrap();
        assert!(!folder.exists());
    }
}
