//! A sync folder: one flat folder of small objects that never change once they are there. It is a folder on a disk, one
//! behind WebDAV, or a prefix of a bucket in S3.
//!
//! Nothing here can open what it carries, or knows what it is: objects are sealed before they come, and whoever reads one
//! proves it. The only secrets are those that the place itself asks for.
//!
//! **What a place promises.** An object that was put is whole in every later list, on every kind of place. A reader may find
//! half of one where a server or a cloud's own program writes it slowly: what does not open is "not yet". No write depends
//! on what is there already, since servers say that they look and do not; so names are unique to their writer and content.
//! What lies there under a name of another form (conflicted copies, temporary files, folders) is neither read nor
//! listed nor touched.
//!
//! Plain http is refused, no proxy is taken from the surroundings, no other host is followed to.

mod directory;
mod error;
mod folder;
mod line;
mod object;
mod place;
mod s3;
#[cfg(test)]
mod tests;
mod webdav;

pub use error::FolderError;
pub use folder::Folder;
pub use object::{MOST_BYTES, MOST_OBJECTS, Object, is_name};
pub use place::{Place, S3, WebDav};
