//! The vault's hellos for the network part: who is a device of this practice, and who is nobody.

use subrosa_core::vault;
use subrosa_sync::id::{Endpoints, PeerId};
use subrosa_sync::{Greeting, HELLO_LEN, ShelfError, Stranger};

use super::shared::{Clock, Shared};
use super::shelf::storage;

// Both sides of the bridge name the same number.
const _: () = assert!(vault::HELLO_LEN == HELLO_LEN, "one length of hello");

/// Makes and checks hellos with the keys of the open practice.
pub(super) struct VaultGreeting {
    pub(super) vault: Shared,
    pub(super) clock: Clock,
}

impl Greeting for VaultGreeting {
    fn hello(&mut self, ends: &Endpoints) -> Result<[u8; HELLO_LEN], ShelfError> {
        let now = (self.clock)();
        let hello = self.vault.with(|vault| vault.hello(&ends.local.0, &ends.remote.0, now));
        let hello = hello.map_err(|_| ShelfError::Locked)?.map_err(storage)?;
        hello.try_into().map_err(|_| ShelfError::Storage)
    }

    fn check(&mut self, hello: &[u8; HELLO_LEN], ends: &Endpoints) -> Result<PeerId, Stranger> {
        let now = (self.clock)();
        let device = self.vault.with(|vault| vault.check_hello(hello, &ends.remote.0, &ends.local.0, now));
        // A locked practice knows nobody.
        device.ok().flatten().map(|device| PeerId(device.0)).ok_or(Stranger)
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
