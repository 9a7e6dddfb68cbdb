//! The few pieces that all screens are made of. Each has a name for screen readers and shows where the keyboard is.

mod button;
mod field;
mod note;
mod row;
mod text;

pub use button::{filled, focus_ring, outlined, outlined_as, quiet, trailing};
pub use field::{PathField, area, field, place, revealable, secret, short};
pub use note::{Edited, editor, editor_id, forget_undo, reading, restore, undo_steps};
pub use row::{Client, choice, client, entry, nav, tab};
pub use text::{card, empty, gap, progress, say, say_if_it_fits, strength, teaser, title, trouble, wrap};
