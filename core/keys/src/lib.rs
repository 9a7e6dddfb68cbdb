//! Every key of Subrosa, and all that is sealed, signed, derived or agreed with one: what somebody reads who wants to know
//! whether it keeps its secrets.
//!
//! Bytes go in and come out. Nothing here knows a file, a table, a document or a client; `docs/format.md` is its specification,
//! and `core/vectors` holds what other implementations made of the same.

pub mod blob;
pub mod hpke;
pub mod kdf;
pub mod kem;
pub mod keyring;
pub mod kit;
pub mod log;
pub mod pairing;
pub mod roster;
pub mod seal;
pub mod secret;
pub mod sign;
pub mod slots;
pub mod wrap;

#[cfg(test)]
mod tests;
