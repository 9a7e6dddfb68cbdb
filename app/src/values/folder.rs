//! How it stands with the sync folder.

/// What is not as it was left in a sync folder. Nothing is lost by any of them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum FolderTrouble {
    /// What this device had put there was gone, and was put there again.
    Emptied,
    /// Something older lies there than lay there before, from the device of this name.
    RolledBack(String),
    /// What the device of this name had put there is gone.
    Withheld(String),
}
