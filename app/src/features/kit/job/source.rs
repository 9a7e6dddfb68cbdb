//! The recovery line, from wherever it is.

use std::path::Path;

use subrosa_core::kit;
use subrosa_core::secret::{Key, RecoveryRole};
use zeroize::Zeroizing;

use crate::features::kit::values::KitSource;
use crate::jobs::failure::JobFailure;
use crate::operations::recovery_kit;
use crate::values::navigation::Field;
use crate::words;

/// Reads the recovery line from where it is.
pub(crate) fn read_kit_source(source: &KitSource) -> Result<Key<RecoveryRole>, JobFailure> {
    let (read, field) = match source {
        KitSource::Typed(line) => (kit::read_kit(line.expose()), Field::Kit),
        KitSource::File(file) => (kit::read_kit(&contents(file)?), Field::KitFile),
    };
    read.map_err(|error| JobFailure::Unfit(field, words::kit_slip(error)))
}

fn contents(file: &Path) -> Result<Zeroizing<String>, JobFailure> {
    let contents = recovery_kit::read_file(file).map_err(|error| JobFailure::from(error).at(Field::KitFile))?;
    contents.ok_or_else(|| JobFailure::Unfit(Field::KitFile, words::NOT_A_KIT.to_owned()))
}
