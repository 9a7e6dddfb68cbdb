//! The window and the command line of Subrosa, over the same operations.

pub mod command;
pub mod editor;
pub mod effect;
pub mod event;
pub mod model;
pub mod note_format;
pub mod settings;
pub mod theme;
pub mod typed;
pub mod update;
pub mod view_model;
pub mod words;
