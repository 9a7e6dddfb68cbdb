//! What the tests of every crate share: seeded chance, and disks in memory that can be looked at, spoiled and made to fail.
//!
//! It knows the traits of redb and of the base alone, so that the crates above those two can test themselves with it. A step
//! that must work and does not is a failed test, so this crate unwraps where the others must not.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed step is a failed test")]

pub mod crash;
pub mod dice;
pub mod disk;
pub mod medium;
