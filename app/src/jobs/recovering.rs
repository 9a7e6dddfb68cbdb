//! A forgotten passphrase: the recovery kit opens the practice, which has a new one from then on.

use std::path::Path;

use subrosa_core::kit::{self, KitError};
use subrosa_core::secret::{Key, Passphrase, RecoveryRole};
use subrosa_core::slots::SlotError;
use subrosa_core::vault::VaultError;
use zeroize::Zeroizing;

use crate::effect::KitSource;
use crate::event::Event;
use crate::jobs::failure::{Failure, Outcome};
use crate::jobs::worker::Worker;
use crate::operations::recovery_kit;
use crate::practice;
use crate::words;

impl Worker {
    /// Whatever goes wrong, the practice stays locked and opens with what opened it before.
    pub(super) fn recover(&mut self, source: &KitSource, passphrase: &Passphrase) -> Outcome {
        let seed = read(source)?;
        let locked = match self.locked.take() {
            Some(locked) => locked,
            None => practice::open(&self.setting.file, self.setting.profile)?,
        };
        match locked.recover(&seed, passphrase, self.setting.profile.strength(), practice::now()) {
            Ok(mut vault) => {
                practice::kit_status::used(&mut vault, &seed, practice::now())?;
                self.vault.put(vault);
            }
            Err(still) => {
                self.locked = Some(still.vault);
                return Err(match still.error {
                    VaultError::Slot(SlotError::WrongKit) => Failure::Sentence(words::KIT_WRONG.to_owned()),
                    other => Failure::of(&other),
                });
            }
        }
        let opened = self.opened(false)?;
        self.start_syncing();
        Ok(Some(Event::Unlocked(Box::new(opened))))
    }
}

/// Reads the recovery line from where it is.
pub(super) fn read(source: &KitSource) -> Result<Key<RecoveryRole>, Failure> {
    match source {
        KitSource::Typed(line) => kit::read_kit(line.expose()),
        KitSource::File(file) => kit::read_kit(&contents(file)?),
    }
    .map_err(|error| {
        let why = if error == KitError::NothingThere { words::KIT_NOT_THERE } else { words::KIT_SLIP };
        Failure::Sentence(why.to_owned())
    })
}

fn contents(file: &Path) -> Result<Zeroizing<String>, Failure> {
    recovery_kit::read_file(file)?.ok_or_else(|| Failure::Sentence(words::NOT_A_KIT.to_owned()))
}
