//! How it stands with the relay that the practice names.

/// How it stands with the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize))]
pub enum RelayState {
    /// Devices reach this one through it.
    Connected,
    /// It does not let this device in.
    Refused,
    /// What answers is somebody else.
    OtherCertificate,
    /// Nothing answers.
    NotReached,
}
