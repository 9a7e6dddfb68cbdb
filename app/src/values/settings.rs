//! What the therapist can set: how the window looks, when it locks itself, and what its lists show.

use serde::{Deserialize, Serialize};

/// The settings of one device. Holds nothing about a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light, dark, or as the system says.
    pub theme: Theme,
    /// How large text is.
    pub text_size: TextSize,
    /// Minutes without a key or a pointer moved after which the window locks itself.
    pub auto_lock_minutes: u16,
    /// What the lists show.
    pub list_names: ListNames,
}

impl Default for Settings {
    fn default() -> Self {
        Self { theme: Theme::System, text_size: TextSize::Normal, auto_lock_minutes: 5, list_names: ListNames::Names }
    }
}

/// The minutes that can be chosen for locking.
pub const AUTO_LOCK_MINUTES: [u16; 5] = [1, 2, 5, 10, 15];

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system says.
    System,
    /// Paper and ink.
    Light,
    /// Ink and paper.
    Dark,
}

impl Theme {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];
}

/// How large text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextSize {
    /// As designed.
    Normal,
    /// A quarter larger.
    Large,
    /// Half as large again.
    Largest,
}

impl TextSize {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Normal, Self::Large, Self::Largest];

    /// What everything in the window is multiplied by.
    pub fn factor(self) -> f32 {
        match self {
            Self::Normal => 1.0,
            Self::Large => 1.25,
            Self::Largest => 1.5,
        }
    }
}

/// What lists show, which a client beside the screen may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListNames {
    /// Full names.
    Names,
    /// Initials.
    Initials,
}

impl ListNames {
    /// Both, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Names, Self::Initials];
}
