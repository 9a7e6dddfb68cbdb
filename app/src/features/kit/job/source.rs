//! The recovery line, from wherever it is.

use subrosa_core::kit;
use subrosa_core::secret::{Key, RecoveryRole};

use crate::features::kit::values::KitSource;
use crate::jobs::failure::JobFailure;
use crate::operations::recovery_kit::{self, KitFileError};
use crate::values::navigation::Field;
use crate::words;

/// Reads the recovery line from where it is.
pub(crate) fn read_kit_source(source: &KitSource) -> Result<Key<RecoveryRole>, JobFailure> {
    match source {
        KitSource::Typed(line) => {
            kit::read_kit(line.expose()).map_err(|error| JobFailure::Unfit(Field::Kit, words::kit_slip(error)))
        }
        KitSource::File(file) => recovery_kit::read_file(file).map_err(|error| {
            let why = match error {
                KitFileError::Input(error) => return JobFailure::from(error).at(Field::KitFile),
                KitFileError::TooLarge => words::NOT_A_KIT.to_owned(),
                KitFileError::OtherPdf => words::OTHER_PDF.to_owned(),
                KitFileError::Line(error) => words::kit_slip(error),
            };
            JobFailure::Unfit(Field::KitFile, why)
        }),
    }
}
