//! The certificates of a relay and of a sync folder.

use std::io;
use std::path::Path;

use crate::practice::file_io;

/// A certificate is some kilobytes.
const CERTIFICATE_MAX: usize = 64 << 10;

/// The certificate of a relay or of a sync folder, as it lies in a file; `None` where the file is too long for one.
///
/// # Errors
/// [`io::Error`].
pub(crate) fn read_certificate(file: &Path) -> io::Result<Option<Vec<u8>>> {
    Ok(file_io::read_at_most(file, CERTIFICATE_MAX)?.map(|bytes| bytes.to_vec()))
}
