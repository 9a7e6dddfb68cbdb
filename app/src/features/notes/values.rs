//! Notes whose last words are in memory alone.

/// What could not be saved. It is kept while the program runs, and tried again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct InMemory {
    /// Notes.
    pub notes: usize,
    /// Those of them that wait for the passphrase.
    pub private: usize,
    /// Clients whose particulars were not saved when the practice was locked, until it is unlocked.
    pub particulars: usize,
}
