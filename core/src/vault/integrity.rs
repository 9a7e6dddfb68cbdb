//! The practice's integrity: everything is read and checked, what is damaged is named, and what can be made again is.

mod affected;
mod rebuild;
mod rebuild_vital;
mod repair;
mod repair_headers;
mod verify;
mod verify_steps;

pub use affected::Affected;
pub use repair::Repaired;
pub use verify::{Damage, Verified};
pub use verify_steps::Checking;
