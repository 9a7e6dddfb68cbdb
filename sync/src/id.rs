//! Ids that travel in the clear inside a session: fixed-size bytes that mean nothing to this crate.
//!
//! None of them is computed here: hashes and digests come from whoever implements [`crate::Shelf`].

use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident($len:literal);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $id(pub [u8; $len]);

        impl $id {
            /// Bytes in an id of this kind.
            pub const LEN: usize = $len;
        }

        /// Four bytes are enough to tell two apart in a test's output, and too few to link two logs of events.
        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($id), "("))?;
                self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))?;
                write!(f, "…)")
            }
        }
    )*};
}

ids! {
    /// A log: one writer's chain of envelopes.
    LogId(24);
    /// The hash of an envelope's header: the envelope's name.
    HeaderHash(32);
    /// The hash of a sealed piece of an attached file: the piece's name.
    PieceHash(32);
    /// The name of an attached file's list of pieces.
    BlobHash(32);
    /// The hash of a sealed object in a sync folder: the object's name.
    ObjectHash(32);
    /// Under which a device writes into a sync folder: drawn by it, and said to nobody but in what it seals.
    WriterTag(8);
    /// A digest of all that a shelf holds; equal exactly when two vectors are equal.
    Root(32);
    /// A device of the practice, as the greeting recognised it.
    PeerId(16);
    /// The public transport key of one end of a connection.
    EndpointId(32);
}

/// One connection of this process; never travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// Both ends of one connection, as the transport has proven them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// This end.
    pub local: EndpointId,
    /// The other end.
    pub remote: EndpointId,
}
