//! What becomes of an envelope or a piece that another device offers.

/// Why something offered was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTaken {
    /// It has not the form of what it should be.
    #[error("what arrived is not a run of headers")]
    NotHeaders,
    /// Something is missing before it.
    #[error("headers that would have to come before these have not arrived")]
    Detached,
    /// The chain or its signature is wrong.
    #[error("the headers do not follow from each other, or are not signed by their device")]
    NotSigned,
    /// One log, too many envelopes.
    #[error("this log is longer than a log may be")]
    LogTooLong,
    /// One log, too many branches.
    #[error("this log has too many branches")]
    TooManyBranches,
    /// A body that no header names.
    #[error("nobody asked for this")]
    Unasked,
    /// The disk is full, or nearly so.
    #[error("there is not enough room on this disk")]
    NoRoom,
    /// A body that is not the one its header names.
    #[error("what arrived is not what its header names")]
    NotNamed,
}

/// What became of something offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Taken {
    /// New, and durable now.
    Stored,
    /// Here already.
    Known,
    /// Its signer is not known yet.
    Orphaned,
    /// Not taken, and why.
    Refused(NotTaken),
}
