//! The window and the command line of Subrosa, over the same operations.

// The tests' scripted practice names this crate as its other users do.
#[cfg(test)]
extern crate self as subrosa;
#[cfg(test)]
#[expect(dead_code, reason = "written for the tests outside the crate, which use the rest")]
#[path = "../tests/script/scripted.rs"]
mod scripted;

pub mod bridge;
pub mod cli;
pub mod features;
pub mod jobs;
pub mod messages;
pub mod model;
pub mod operations;
pub mod practice;
pub mod ui;
pub mod update;
pub mod values;
pub mod view_model;
pub mod words;
