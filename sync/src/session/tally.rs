//! What a conversation has cost, and how far it came.

/// What went over one connection, for the network ledger and the screen. Numbers only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Bytes received.
    pub bytes_received: u64,
    /// Frames sent, the hello included.
    pub frames_sent: u64,
    /// Frames received, the hello included.
    pub frames_received: u64,
    /// Runs of headers that brought something new.
    pub header_runs_stored: u64,
    /// Bodies that were new.
    pub bodies_stored: u64,
    /// Bodies sent.
    pub bodies_sent: u64,
    /// Pieces of files that were new.
    pub pieces_stored: u64,
    /// Pieces of files sent.
    pub pieces_sent: u64,
    /// Offers kept aside because their signer is not known.
    pub held: u64,
    /// Offers that the shelf refused.
    pub refused: u64,
    /// Bodies that the peer had announced and then did not have.
    pub gone: u64,
    /// Frames of unknown kinds.
    pub unknown: u64,
    /// Whether both ends held the same when they last compared, and every file whole.
    pub in_step: bool,
}
