//! What goes to and fro: commands of the therapist, effects for whoever carries out jobs, events that come back. Each is an
//! enum of the features' own enums; every `match` over them names each variant, so that a new one cannot go unanswered.

/// Makes each feature's messages messages of the window.
macro_rules! feature_messages {
    ($to:ident: $($variant:ident($from:ident)),* $(,)?) => {$(
        impl From<$from> for $to {
            fn from(message: $from) -> Self {
                Self::$variant(message)
            }
        }
    )*};
}

mod command;
mod effect;
mod event;

pub use command::Command;
pub use effect::Effect;
pub use event::Event;
