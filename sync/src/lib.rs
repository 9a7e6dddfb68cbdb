//! Moves sealed envelopes between the devices of a practice. **It cannot read notes.**
//!
//! The promise is a fact of the manifest, not of discipline: this crate lists no cipher, no hash, no password hash and no
//! document format, and does not depend on the crate that has them. To it an envelope is a log, a number, the hash of a
//! header, and two strings of bytes. Whatever needs a key, a signature or a store is asked for through a trait:
//! [`Shelf`], [`Greeting`]. (The transport brings TLS of its own; it protects the connection and opens no envelope.)
//!
//! | module | duty |
//! | --- | --- |
//! | [`id`] | ids that travel in the clear |
//! | [`wire`] | frames, and every limit |
//! | [`session`] | one peer: hello, frontier, vector, want, headers, bodies, acknowledgements, live push |
//! | [`dialling`] | whom to dial when |
//! | [`hub`] | all peers: fan-out, sharing the work, one connection each |
//! | [`folder`] | store and forward: batches and statements in a sync folder |
//! | [`pairing`] | the steps by which a new device joins; messages stay opaque |
//! | [`net`] | a thin shell that carries out effects over iroh: the only module that names it, or an async runtime |
//!
//! Everything but `net` decides without touching the world: time and bytes are arguments, effects are return values.
//! The protocol, byte by byte, is `docs/sync.md`.

#![cfg_attr(test, allow(clippy::cast_possible_truncation, reason = "numbers in tests are small"))]

mod address;
mod claims;
pub mod dialling;
pub mod folder;
mod greeting;
pub mod hub;
pub mod id;
pub mod net;
pub mod pairing;
mod ranges;
pub mod session;
mod shelf;
pub mod wire;

pub use address::{Addresses, NotARelay, PeerAddress, RelayUrl};
pub use claims::Claims;
pub use greeting::{Greeting, HELLO_LEN, Stranger};
pub use ranges::Ranges;
pub use shelf::{BodyWant, HeaderWant, LogPosition, Offered, Refusal, Shelf, ShelfError, Wants};

#[cfg(test)]
mod testkit;
