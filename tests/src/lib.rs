//! The simulated world in which the whole system is tested: devices in memory, seeded chance, a clock that is an argument.
//!
//! Everything here is the same on every run of one seed. A step that must work and does not is a failed test, so this
//! crate unwraps where the others must not.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a failed step is a failed test")]

pub mod member;
pub mod practice;
pub mod world;

pub use subrosa_testkit::{crash, dice, disk, medium};
