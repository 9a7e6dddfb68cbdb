//! What can be read off a vault: logs, documents, pieces of files. Views of a [`Reader`], each of one subject.

mod acceptance;
mod blobs;
mod client;
mod documents;
mod error;
mod extract;
mod file;
mod holdings;
mod ledger;
mod note;
mod ownership;
mod signatures;
mod verdict;
mod versions;

use std::ops::Deref;

use crate::vault::core::Reader;

pub use acceptance::{QUARANTINE_BYTES, QUARANTINE_MAX, Quarantined};
pub use blobs::PieceWant;
pub(crate) use blobs::all_blobs_of;
pub use client::Disclosure;
pub(crate) use client::{listed, merged_rows, shown_identity};
pub use error::ReadError;
pub use extract::FileHandle;
pub use file::{FileError, FileRow, Reached};
pub(crate) use holdings::FilesHere;
pub use holdings::Lacks;
pub use ledger::LogEnd;
pub use note::NoteView;
pub(crate) use note::{row, row_of};
pub use verdict::{NotTaken, Taken};
pub use versions::PAUSE;

macro_rules! views {
    ($($(#[$doc:meta])* $view:ident by $method:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy)]
            pub(crate) struct $view<'a>(Reader<'a>);

            impl<'a> Deref for $view<'a> {
                type Target = Reader<'a>;

                fn deref(&self) -> &Reader<'a> {
                    &self.0
                }
            }
        )*

        impl<'a> Reader<'a> {
            $(
                $(#[$doc])*
                pub(crate) fn $method(&self) -> $view<'a> {
                    $view(*self)
                }
            )*
        }
    };
}

views! {
    /// The logs: what of each is here.
    Ledger by ledger;
    /// Documents as their items make them.
    Documents by documents;
    /// Lists of pieces of attached files.
    Blobs by blobs;
}
