//! A practice as one command uses it: found, opened, unlocked, looked after, and locked again.

use std::path::{Path, PathBuf};

use subrosa_core::secret::Passphrase;
use subrosa_core::store::place;
use subrosa_core::vault::{Notice, RowError, Vault, VaultError};

use super::{CliFailure, Terminal};
use crate::practice::passphrase::{self, named_file};
use crate::practice::{self, Profile};
use crate::values::holder::HolderKind;

/// What every command is told: which practice, where its passphrase comes from, how to speak.
#[derive(Debug)]
pub(in crate::cli) struct CliSession {
    vault: Option<PathBuf>,
    passphrase_file: Option<PathBuf>,
    /// Where to speak.
    pub(in crate::cli) terminal: Terminal,
}

impl CliSession {
    /// The practice at `vault`, or the one in the platform's data folder.
    pub(in crate::cli) fn new(vault: Option<PathBuf>, passphrase_file: Option<&Path>, terminal: Terminal) -> Self {
        Self { vault, passphrase_file: named_file(passphrase_file), terminal }
    }

    /// The same, about another practice.
    #[must_use]
    pub(in crate::cli) fn at(&self, vault: PathBuf) -> Self {
        Self { vault: Some(vault), passphrase_file: self.passphrase_file.clone(), terminal: self.terminal }
    }

    /// The practice's file.
    ///
    /// # Errors
    /// [`CliFailure`], on a system without a home folder.
    pub(in crate::cli) fn file(&self) -> Result<PathBuf, CliFailure> {
        let file = self.vault.clone().or_else(practice::default_file);
        file.ok_or_else(|| {
            CliFailure::usage("This system names no folder for data. Say where the practice is with --vault.")
        })
    }

    /// The file that the passphrase is read from, if one was named.
    pub(in crate::cli) fn passphrase_file(&self) -> Option<&Path> {
        self.passphrase_file.as_deref()
    }

    /// The passphrase that opens the practice.
    ///
    /// # Errors
    /// [`CliFailure`].
    pub(in crate::cli) fn passphrase(&self) -> Result<Passphrase, CliFailure> {
        Ok(passphrase::existing(self.passphrase_file(), "Passphrase: ")?)
    }

    /// Opens the practice and says what must be said about it. The file is held before the passphrase is asked for.
    ///
    /// # Errors
    /// [`CliFailure`].
    pub(in crate::cli) fn unlock(&self) -> Result<Vault, CliFailure> {
        let file = self.file()?;
        let locked = practice::hold(&file, Profile::Calibrated, HolderKind::Command)?;
        self.warn_of_place(&file);
        let passphrase = self.passphrase()?;
        let mut vault = locked.unlock(&passphrase, practice::now()).map_err(|still| still.error)?;
        self.tell_notices(&mut vault);
        Ok(vault)
    }

    /// Unlocks, does the work, and locks; what was written is sealed before the answer is given.
    ///
    /// # Errors
    /// [`CliFailure`].
    pub(in crate::cli) fn with<T>(
        &self,
        work: impl FnOnce(&mut Vault) -> Result<T, CliFailure>,
    ) -> Result<T, CliFailure> {
        let mut vault = self.unlock()?;
        let done = work(&mut vault)?;
        match vault.lock() {
            // What was asked is done, and what was saved is durable: what is left over goes next time.
            Err(error) if error.row().is_some_and(|row| row.is_for_want_of_room()) => self.say_notice(Notice::DiskFull),
            locked => drop(locked?),
        }
        Ok(done)
    }

    /// Gives the passphrase once more where private notes were asked for.
    ///
    /// # Errors
    /// [`CliFailure`].
    pub(in crate::cli) fn reauthenticate_for(&self, private: bool, vault: &mut Vault) -> Result<(), CliFailure> {
        if private { self.reauthenticate(vault) } else { Ok(()) }
    }

    /// Gives the passphrase once more, which opens private notes for a while.
    ///
    /// # Errors
    /// [`CliFailure`].
    pub(in crate::cli) fn reauthenticate(&self, vault: &mut Vault) -> Result<(), CliFailure> {
        let passphrase = passphrase::existing(self.passphrase_file(), "Passphrase, again for private notes: ")?;
        Ok(vault.reauthenticate(&passphrase, practice::now())?)
    }

    /// Does something that needs the passphrase once more if it is about a private note.
    ///
    /// # Errors
    /// [`CliFailure`].
    pub(in crate::cli) fn reauthenticating<T, E>(
        &self,
        vault: &mut Vault,
        mut work: impl FnMut(&mut Vault) -> Result<T, E>,
    ) -> Result<T, CliFailure>
    where
        E: Copy + Into<VaultError>,
        CliFailure: From<E>,
    {
        match work(vault) {
            Err(error) if error.into().row() == Some(RowError::NeedsReauth) => {
                self.reauthenticate(vault)?;
                Ok(work(vault)?)
            }
            other => Ok(other?),
        }
    }

    /// Says what speaks against the place where the practice lies.
    pub(in crate::cli) fn warn_of_place(&self, file: &Path) {
        place::warnings_for(file).iter().for_each(|warning| self.terminal.say(&format!("Warning: {warning}")));
    }

    /// Says what the practice noticed about itself.
    pub(in crate::cli) fn tell_notices(&self, vault: &mut Vault) {
        vault.take_notices().into_iter().for_each(|notice| self.say_notice(notice));
    }

    fn say_notice(&self, notice: Notice) {
        self.terminal.say(&format!("Notice: {}", notice.words()));
    }
}
