//! The files of the selected client.

use subrosa_core::id::DocId;

use crate::features::files::values::{Attachment, Picture};

/// The files of the selected client.
#[derive(Default)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct FilesState {
    /// The files; none until they are there.
    pub list: Option<Vec<Attachment>>,
    /// The picture that is looked at.
    pub picture: Option<Picture>,
    /// The file that a copy is to be saved of.
    pub copying: Option<DocId>,
}
