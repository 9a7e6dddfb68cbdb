//! Attached files as the screens show them, and a picture that was decoded to be looked at.

use jiff::civil::DateTime;
use subrosa_core::id::DocId;
use zeroize::Zeroizing;

/// An attached file in the list.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Attachment {
    /// Which.
    pub id: DocId,
    /// Its name, fit to be shown.
    pub name: String,
    /// What its content says that it is.
    pub media: String,
    /// Whether the ending of the name says the same.
    pub agrees: bool,
    /// Bytes.
    pub length: u64,
    /// When it was attached.
    pub added: DateTime,
    /// It lies beside a private note.
    pub private: bool,
    /// Bytes that are on this device, when not all are.
    pub partly: Option<u64>,
}

impl Attachment {
    /// Whether it can be shown inside the window.
    pub fn is_picture(&self) -> bool {
        self.partly.is_none() && matches!(self.media.as_str(), "image/png" | "image/jpeg")
    }
}

/// A picture, small enough for a screen. Its pixels are wiped when it is put away.
pub struct Picture {
    /// Of which file.
    pub id: DocId,
    /// Width and height in pixels.
    pub size: [usize; 2],
    /// Red, green, blue and opacity of each.
    pub pixels: Zeroizing<Vec<u8>>,
}

#[cfg(test)]
impl serde::Serialize for Picture {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit_struct("Picture")
    }
}
