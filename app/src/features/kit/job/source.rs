//! The recovery line, from wherever it is.

use std::path::Path;

use subrosa_core::kit;
use subrosa_core::kit::KitError;
use subrosa_core::secret::{Key, RecoveryRole};
use zeroize::Zeroizing;

use crate::features::kit::values::KitSource;
use crate::jobs::failure::JobFailure;
use crate::operations::recovery_kit;
use crate::words;

/// Reads the recovery line from where it is.
pub(crate) fn read_kit_source(source: &KitSource) -> Result<Key<RecoveryRole>, JobFailure> {
    match source {
        KitSource::Typed(line) => kit::read_kit(line.expose()),
        KitSource::File(file) => kit::read_kit(&contents(file)?),
    }
    .map_err(|error| {
        let why = if error == KitError::NothingThere { words::KIT_NOT_THERE } else { words::KIT_SLIP };
        JobFailure::Sentence(why.to_owned())
    })
}

fn contents(file: &Path) -> Result<Zeroizing<String>, JobFailure> {
    recovery_kit::read_file(file)?.ok_or_else(|| JobFailure::Sentence(words::NOT_A_KIT.to_owned()))
}
