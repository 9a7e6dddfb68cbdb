//! Keys, sealing, documents and the vault of Subrosa: the only place outside the window where plaintext exists.
//!
//! No network, no async runtime, no window toolkit: the manifest lists none, and a test keeps it so.

mod archive;
pub mod backup;
pub mod blob;
pub mod card;
pub mod catalog;
pub mod export;
pub mod file_kind;
pub mod kdf;
pub mod kem;
pub mod keyring;
pub mod kit;
pub mod log;
pub mod pairing;
pub mod roster;
mod rows;
pub mod seal;
pub mod secret;
pub mod share;
pub mod sign;
pub mod slots;
mod state;
pub mod vault;
pub mod wrap;

pub use subrosa_base::{codec, entropy, file_name, id, labels, time};
use subrosa_base::{padding, plain_text};
pub use subrosa_document::{self as document, difference};
use subrosa_paper::folder_format;
pub use subrosa_paper::import;
pub use subrosa_record as record;
pub use subrosa_store as store;

#[cfg(test)]
mod limits;
#[cfg(test)]
mod vectors;
