//! The recovery kit.

use crate::features::kit::values::{Kit, KitStatus};

/// The recovery kit.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct KitState {
    /// How it stands with its paper; none on a device that has made no kit and used none.
    pub status: Option<KitStatus>,
    /// The days are over, and since unlocking the kit was neither proven nor said to be lost: this comes before anything else.
    pub first: bool,
    /// The recovery kit, until it is proven or put off.
    pub page: Option<KitPage>,
}

/// The recovery kit and what has been done about it.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct KitPage {
    /// The kit.
    pub kit: Kit,
    /// It was written to a file, and whether to the same disk.
    pub written: Option<bool>,
    /// It takes the place of another once these groups of it were typed back; none for the kit of a new practice.
    pub replaces: Option<Vec<u8>>,
}
