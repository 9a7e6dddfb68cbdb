//! The vault of Subrosa, over plain values, keys, records, documents, the store and plain paper, which have crates of their own
//! below `core/`. With those it is the only place outside the window where plaintext exists.
//!
//! No network, no async runtime, no window toolkit: the manifest lists none, and a test keeps it so.

mod archive;
pub mod backup;
pub mod card;
pub mod catalog;
pub mod export;
pub mod file_kind;
pub mod kit;
mod parallel;
mod planted;
mod rows;
pub mod share;
mod state;
mod strict_json;
pub mod vault;

pub use subrosa_base::{codec, entropy, file_name, fold, id, labels, time};
use subrosa_base::{padding, plain_text};
pub use subrosa_document::{self as document, difference};
use subrosa_keys::hpke;
pub use subrosa_keys::{blob, kdf, kem, keyring, log, pairing, roster, seal, secret, sign, slots, wrap};
use subrosa_paper::folder_format;
pub use subrosa_paper::import;
pub use subrosa_record as record;
pub use subrosa_store as store;

#[cfg(test)]
mod limits;
