//! What an import did, or would do.

/// What an import did, or would do.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct ImportReport {
    /// Nothing was changed yet.
    pub dry_run: bool,
    /// New clients.
    pub clients: u64,
    /// New notes.
    pub notes: u64,
    /// New measures.
    pub measures: u64,
    /// Rows and files that were already here.
    pub unchanged: u64,
    /// What was not understood: a sentence for each, with file and line, never quoting a note.
    pub not_understood: Vec<String>,
}
