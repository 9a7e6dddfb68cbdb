//! The vault's hellos for the network part: who is a device of this practice, and who is nobody.

use std::collections::BTreeMap;

use subrosa_core::id::{DeviceId, EpochId};
use subrosa_core::vault;
use subrosa_sync::id::{EndpointId, Endpoints, PeerId};
use subrosa_sync::{Greeting, HELLO_LEN, ShelfError, Stranger};

use super::shared::{Clock, Shared};
use super::shelf::storage;

// Both sides of the bridge name the same number.
const _: () = assert!(vault::HELLO_LEN == HELLO_LEN, "one length of hello");

/// Makes and checks hellos with the keys of the open practice.
pub(super) struct VaultGreeting {
    vault: Shared,
    clock: Clock,
    /// The epoch in which each endpoint spoke last: it understands an answer in that one.
    spoke_in: BTreeMap<EndpointId, EpochId>,
}

impl VaultGreeting {
    /// Endpoints that are remembered; more than one local network has.
    const MOST: usize = 256;

    pub(super) fn new(vault: Shared, clock: Clock) -> Self {
        Self { vault, clock, spoke_in: BTreeMap::new() }
    }

    fn remember(&mut self, endpoint: EndpointId, epoch: EpochId) {
        if self.spoke_in.len() >= Self::MOST {
            self.spoke_in.clear();
        }
        self.spoke_in.insert(endpoint, epoch);
    }
}

impl Greeting for VaultGreeting {
    fn hello(&mut self, ends: &Endpoints) -> Result<[u8; HELLO_LEN], ShelfError> {
        let now = (self.clock)();
        let epoch = self.spoke_in.remove(&ends.remote);
        let hello = self.vault.with(|vault| match epoch {
            Some(epoch) => vault.devices_mut().hello_in(epoch, &ends.local.0, &ends.remote.0, now),
            None => vault.devices_mut().hello(&ends.local.0, &ends.remote.0, now),
        });
        let hello = hello.map_err(|_| ShelfError::Locked)?.map_err(storage)?;
        hello.try_into().map_err(|_| ShelfError::Storage)
    }

    fn check(&mut self, hello: &[u8; HELLO_LEN], ends: &Endpoints) -> Result<PeerId, Stranger> {
        let now = (self.clock)();
        let met = self.vault.with(|vault| vault.devices().greeted(hello, &ends.remote.0, &ends.local.0, now));
        // A locked practice knows nobody.
        let met = met.ok().flatten().ok_or(Stranger)?;
        self.remember(ends.remote, met.epoch);
        Ok(PeerId(met.device.0))
    }

    fn is_of_practice(&mut self, endpoint: &EndpointId, tag: &[u8; 16]) -> bool {
        self.vault.with(|vault| vault.devices().is_of_practice(&endpoint.0, tag)).unwrap_or(false)
    }

    fn is_removed(&mut self, peer: &PeerId) -> bool {
        // Locked meanwhile: then nothing is answered in any case.
        self.vault.with(|vault| vault.devices().was_removed(&DeviceId(peer.0))).unwrap_or(true)
    }

    fn farewell(&mut self, peer: &PeerId, most: usize) -> Result<Vec<Vec<u8>>, ShelfError> {
        self.vault.with(|vault| vault.devices().farewell(&DeviceId(peer.0), most)).map_err(|_| ShelfError::Locked)
    }

    fn told(&mut self, farewell: &[u8]) -> Result<bool, ShelfError> {
        self.vault
            .with(|vault| vault.devices_mut().take_farewell(farewell))
            .map_err(|_| ShelfError::Locked)?
            .map_err(storage)
    }
}

/// Of somebody who has no practice yet: knows nobody, and says nothing.
pub(super) struct NoGreeting;

impl Greeting for NoGreeting {
    fn hello(&mut self, _: &Endpoints) -> Result<[u8; HELLO_LEN], ShelfError> {
        Err(ShelfError::Locked)
    }

    fn check(&mut self, _: &[u8; HELLO_LEN], _: &Endpoints) -> Result<PeerId, Stranger> {
        Err(Stranger)
    }
}
