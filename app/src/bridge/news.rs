//! What happened on the network, in the words of the practice: for the window's status and for the command line.

use subrosa_core::id::DeviceId;
use subrosa_sync::pairing::PairingError;
use subrosa_sync::session::SessionError;
use subrosa_sync::session::Tally;

use crate::values::relay::RelayState;

/// A device that has the code and wants to join.
#[derive(Clone, PartialEq, Eq)]
pub struct AskingDevice {
    /// What it calls itself.
    pub name: String,
    /// What both screens show, to be compared.
    pub compare: String,
}

impl std::fmt::Debug for AskingDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AskingDevice")
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum News {
    /// Another device of the practice is connected.
    Connected(DeviceId),
    /// Neither device wants anything more of the other for now.
    CaughtUp {
        /// Which device.
        device: DeviceId,
        /// What went over the connection.
        tally: Tally,
    },
    /// Another device said something new of what it holds.
    Acknowledged,
    /// Something arrived and is stored: lists and open notes may have changed.
    Arrived,
    /// A conversation is over; `None` for a device that was not recognised.
    Ended {
        /// Which device.
        device: Option<DeviceId>,
        /// Why, unless it ended in order.
        why: Option<SessionError>,
    },
    /// A device has the code and wants to join. The name is its own word for itself.
    DeviceAsks(AskingDevice),
    /// The invitation is over, well or not.
    InvitationEnded(Result<(), PairingError>),
    /// Bytes went over the network, for the ledger.
    Moved {
        /// Which device, if it was recognised.
        device: Option<DeviceId>,
        /// Bytes sent.
        sent: u64,
        /// Bytes received.
        received: u64,
    },
    /// How it stands with the relay.
    Relay(RelayState),
    /// Started anew, the network part would go about it otherwise: it is another week, with another transport key, or another
    /// relay was named.
    Outdated,
    /// The network part has stopped; notes stay here and are safe.
    Stopped,
}
