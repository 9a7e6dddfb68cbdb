//! The window and the command line of Subrosa, over the same operations.

// The tests' scripted practice names this crate as its other users do.
#[cfg(test)]
extern crate self as subrosa;
#[cfg(test)]
#[allow(dead_code, unreachable_pub, reason = "written for the tests outside the crate, which use the rest")]
#[path = "../tests/script/scripted.rs"]
mod scripted;

pub mod app;
pub mod attached;
pub mod backups;
pub mod bridge;
pub mod check;
pub mod cli;
pub mod command;
pub mod demo;
pub mod editor;
pub mod effect;
pub mod event;
pub mod forget;
pub mod inside;
pub mod jobs;
pub mod kept;
pub mod kit_paper;
pub mod made_up;
pub mod model;
pub mod note_format;
pub mod operations;
pub mod pick;
pub mod practice;
pub mod removed;
pub mod resume;
pub mod settings;
pub mod theme;
pub mod tour;
pub mod typed;
mod ui;
pub mod update;
pub mod view_model;
pub mod wanted;
pub mod widgets;
pub mod window;
pub mod words;
