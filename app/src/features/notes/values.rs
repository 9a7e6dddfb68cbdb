//! Notes whose last words are in memory alone.

/// Notes whose last words could not be saved. They are kept while the program runs, and tried again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct InMemory {
    /// All of them.
    pub notes: usize,
    /// Those that wait for the passphrase.
    pub private: usize,
}
