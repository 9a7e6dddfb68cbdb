//! The first 512 bytes each way: proof that the other end belongs to the practice, without telling an outsider anything.
//!
//! The sealing and its keys live elsewhere; this crate carries the bytes and obeys the verdict.

use crate::id::{EndpointId, Endpoints, PeerId};
use crate::shelf::ShelfError;

/// Bytes in a hello, always.
pub const HELLO_LEN: usize = 512;

/// The other end is no device of this practice. It is closed without a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the other end is not a device of this practice; nothing was told to it")]
pub struct Stranger;

/// Makes and checks hellos. Each is bound to both ends of the connection, so that a copy serves nobody.
pub trait Greeting: Send {
    /// A sealed hello for this connection.
    fn hello(&mut self, endpoints: &Endpoints) -> Result<[u8; HELLO_LEN], ShelfError>;

    /// Recognises the other end, or not.
    fn check(&mut self, hello: &[u8; HELLO_LEN], endpoints: &Endpoints) -> Result<PeerId, Stranger>;

    /// Whether an endpoint on the local network that shows this tag is of this practice.
    fn is_of_practice(&mut self, _: &EndpointId, _: &[u8; 16]) -> bool {
        false
    }

    /// Whether a device that was recognised belongs to the practice no longer. It may hand over what it has; it is told
    /// nothing but a farewell.
    fn is_removed(&mut self, _: &PeerId) -> bool {
        false
    }

    /// What a removed device is told, so that it knows that it was removed: in parts of at most so many bytes, in their order.
    /// Opaque here.
    fn farewell(&mut self, _: &PeerId, _: usize) -> Result<Vec<Vec<u8>>, ShelfError> {
        Ok(Vec::new())
    }

    /// Hears one part of it. `true` when this device now knows that it was removed.
    fn told(&mut self, _: &[u8]) -> Result<bool, ShelfError> {
        Ok(false)
    }
}
