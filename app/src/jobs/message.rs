//! What reaches the thread that holds the practice.

use crate::features::backup::job::in_hand::BackupInHand;
use crate::messages::Effect;

/// What the thread is told.
pub(crate) enum Message {
    /// By the window.
    Do(Effect),
    /// By the network: something arrived from another device.
    Arrived,
    /// By the network: another device may hold more, or less, than it did.
    Holding,
    /// By the network: it is to be started anew.
    Outdated,
    /// By the thread that has opened a backup.
    BackupOpened(Box<BackupInHand>),
    /// The window is gone.
    End,
}
