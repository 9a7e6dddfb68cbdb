//! The recovery kit.

use crate::features::kit::values::{Kit, KitStatus};

/// The recovery kit.
#[cfg_attr(test, derive(serde::Serialize))]
pub struct KitState {
    /// How it stands with the kit's paper; none on a device that has made no kit and used none.
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
    /// Once the kit was written to a file: whether on the disk of the practice.
    pub written: Option<bool>,
    /// The groups to type back before this kit takes the place of the one in force; none for the kit of a new practice.
    pub replaces: Option<Vec<u8>>,
}
