//! What can go wrong with a place, in sentences that name nothing.

/// Why a folder could not be read or written. Nothing that was put before is lost by any of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The address is one of plain http.
    #[error("the address of the sync folder is not a secure one; nothing was sent: it has to begin with https://")]
    NotSecure,
    /// The address, the region, the bucket or the folder has a form that none has.
    #[error(
        "this is no place for a sync folder; nothing was changed there: look at how its address and its names are written"
    )]
    NotAnAddress,
    /// The certificate that was named is none.
    #[error("this is no certificate; nothing was sent: it is a text that begins with -----BEGIN CERTIFICATE-----")]
    NotACertificate,
    /// The name is none that [`is_name`](crate::is_name) knows.
    #[error(
        "an object of the sync folder has a name that none has; nothing was changed: this is a fault of the program"
    )]
    NotAName,
    /// No connection, no such host, or no answer in time.
    #[error(
        "the sync folder is not reached; what is here stays here and is sent later: look at the connection and at the address"
    )]
    NotReached,
    /// What answers shows a certificate that is not trusted for this host.
    #[error(
        "what answers for the sync folder shows a certificate that is not trusted; nothing was sent: name its certificate, or look at the address"
    )]
    OtherCertificate,
    /// The place does not let this device in, or not do this.
    #[error(
        "the sync folder does not let this device in; what is here stays here: look at the user name, the password of the share or the access key, at what they allow, and at the clock of this computer"
    )]
    Refused,
    /// The folder or the bucket is not there, or the medium on which it was.
    #[error(
        "the sync folder is not there; what is here stays here: put the medium back in, or look at how folder or bucket is written"
    )]
    NotThere,
    /// The place has no room left.
    #[error("the sync folder is full; what is here stays here and is sent later: make room there")]
    Full,
    /// The place can be read alone.
    #[error("the sync folder cannot be written to; what is here stays here: look at whether it may be changed")]
    ReadOnly,
    /// The place answers that it cannot do this now; it was asked several times.
    #[error(
        "the sync folder cannot answer now; what is here stays here and is sent later: nothing has to be done, unless it goes on for long"
    )]
    Busy,
    /// An object, or an answer, is longer than it may be.
    #[error(
        "something in the sync folder is longer than it may be and was not read; nothing was changed: look at what else lies in this folder"
    )]
    TooLong,
    /// More lies there than is ever listed.
    #[error(
        "far too much lies in the sync folder, and it was not read; nothing was changed: give it a folder of its own"
    )]
    TooMany,
    /// It was told to stop.
    #[error("the sync folder was let go of while it was asked; what is here stays here and is sent later")]
    Stopped,
    /// Something that no other of these says.
    #[error(
        "the sync folder answers with something that is not understood; what is here stays here: look at whether the address is that of a sync folder"
    )]
    Other,
}
