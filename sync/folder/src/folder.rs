//! The folder, whatever place it is in.

use crate::{FolderError, Place};

/// No object is longer: 16 MiB, and room for what goes around it.
pub const MOST_BYTES: u64 = 16 * 1024 * 1024 + 64 * 1024;
/// No more names are listed.
pub const MOST_OBJECTS: usize = 200_000;

/// An object in a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// Its name, of the form that [`is_name`](crate::is_name) knows.
    pub name: String,
    /// How many bytes it has, as the place says.
    pub len: u64,
}

/// A sync folder. Each call blocks until it is done; several threads may call at once.
pub struct Folder {
    _place: Place,
}

impl Folder {
    /// Looks at the form of the place alone: touches no disk and no network.
    ///
    /// # Errors
    /// [`FolderError::NotSecure`], [`FolderError::NotAnAddress`], [`FolderError::NotACertificate`].
    pub fn open(place: &Place) -> Result<Self, FolderError> {
        Ok(Self { _place: place.clone() })
    }

    /// Every object that is there, in the order of names. A folder that was not made yet has none; one that was there when
    /// this was asked before and is gone is [`FolderError::NotThere`].
    ///
    /// # Errors
    /// Any [`FolderError`]; [`FolderError::TooMany`] past [`MOST_OBJECTS`].
    pub fn list(&self) -> Result<Vec<Object>, FolderError> {
        Err(FolderError::Other)
    }

    /// What is in an object; `None` when it is not there, or not any more.
    ///
    /// # Errors
    /// Any [`FolderError`]; [`FolderError::TooLong`] when it has more than `most` bytes, which are not all read then.
    pub fn get(&self, _name: &str, _most: u64) -> Result<Option<Vec<u8>>, FolderError> {
        Err(FolderError::Other)
    }

    /// Puts an object there: whole, or not at all where the place can. Makes the folder if it was never there.
    ///
    /// # Errors
    /// Any [`FolderError`]; [`FolderError::TooLong`] past [`MOST_BYTES`]. Whether the object is there is not known then;
    /// putting it again is fine.
    pub fn put(&self, _name: &str, _bytes: Vec<u8>) -> Result<(), FolderError> {
        Err(FolderError::Other)
    }

    /// Takes an object away; one that is not there is fine.
    ///
    /// # Errors
    /// Any [`FolderError`].
    pub fn remove(&self, _name: &str) -> Result<(), FolderError> {
        Err(FolderError::Other)
    }

    /// Whatever is under way ends at once with [`FolderError::Stopped`], and so does every later call. From any thread.
    pub fn stop(&self) {}
}
