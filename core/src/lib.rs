//! Keys, sealing, documents and the vault of Subrosa: the only place outside the window where plaintext exists.
//!
//! No network, no async runtime, no window toolkit: the manifest lists none, and a test keeps it so.

mod archive;
pub mod backup;
pub mod blob;
pub mod card;
pub mod catalog;
pub mod codec;
pub mod difference;
pub mod document;
pub mod entropy;
pub mod export;
pub mod file_kind;
pub mod file_name;
pub mod id;
pub mod import;
pub mod kdf;
pub mod kem;
pub mod keyring;
pub mod kit;
pub mod labels;
pub mod log;
mod padding;
pub mod pairing;
mod paper;
pub mod record;
pub mod roster;
mod rows;
pub mod seal;
pub mod secret;
pub mod share;
pub mod sign;
pub mod slots;
mod state;
pub mod store;
pub mod vault;
pub mod wrap;

#[cfg(test)]
mod vectors;
