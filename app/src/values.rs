//! Plain values that messages carry, the model keeps and the screens draw. What one feature alone speaks of lies in its folder.

pub mod folder;
pub mod holder;
pub mod job;
pub mod moment;
pub mod name_filter;
pub mod navigation;
pub mod note_format;
pub mod note_ref;
pub mod page;
pub mod pick;
pub mod relay;
pub mod resume;
pub mod secret;
pub mod settings;
pub mod typefaces;
