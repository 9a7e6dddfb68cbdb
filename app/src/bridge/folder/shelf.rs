//! The vault's logs as a sync folder asks for them: who lacks what of them.

use subrosa_core::id::{DeviceId, Hash, LogId};
use subrosa_core::vault::MetThrough;
use subrosa_sync::folder::FolderShelf;
use subrosa_sync::id::{HeaderHash, LogId as WireLog, PeerId, PieceHash};
use subrosa_sync::{LogPosition, Ranges, Shelf, ShelfError};

use crate::bridge::shelf::VaultShelf;

impl FolderShelf for VaultShelf {
    fn awaited(&mut self) -> Result<Vec<PeerId>, ShelfError> {
        let now = (self.clock)();
        let awaited = self.with(|vault| vault.devices().awaited(now))?;
        Ok(awaited.into_iter().map(|device| PeerId(device.0)).collect())
    }

    fn lacking_there(&mut self, peer: &PeerId) -> Result<Vec<LogPosition>, ShelfError> {
        let device = DeviceId(peer.0);
        let mut lacking = Vec::new();
        for position in self.vector()? {
            let held = self.with(|vault| vault.log().held_elsewhere(&device, &LogId(position.log.0)))?;
            // Ranges that a device said came in this form.
            let held = Ranges::from_pairs(held).unwrap_or_default();
            let bodies = position.bodies.without(&held);
            if !bodies.is_empty() {
                lacking.push(LogPosition { bodies, ..position });
            }
        }
        Ok(lacking)
    }

    fn pieces_lacking_there(&mut self, peer: &PeerId, most: usize) -> Result<Vec<PieceHash>, ShelfError> {
        let device = DeviceId(peer.0);
        let pieces = self.unless_damaged(|vault| vault.files().pieces_lacking_there(&device, most))?;
        Ok(pieces.unwrap_or_default().into_iter().map(|hash| PieceHash(hash.0)).collect())
    }

    fn lacks_there(&mut self, peer: &PeerId, listed: &LogPosition) -> Result<bool, ShelfError> {
        let (device, log) = (DeviceId(peer.0), LogId(listed.log.0));
        // Of a log that went as a whole nobody waits for anything.
        let held = self.with(|vault| match vault.log().has_log(&log) {
            true => vault.log().held_elsewhere(&device, &log).map(Some),
            false => Ok(None),
        })?;
        let held = held.map(|held| Ranges::from_pairs(held).unwrap_or_default());
        Ok(held.is_some_and(|held| !listed.bodies.without(&held).is_empty()))
    }

    fn names(&mut self, log: &WireLog, from: u64, head: &HeaderHash) -> Result<Vec<HeaderHash>, ShelfError> {
        let names = self.unless_damaged(|vault| vault.log().branch_names(&LogId(log.0), from, &Hash(head.0)))?;
        Ok(names.unwrap_or_default().into_iter().map(|name| HeaderHash(name.0)).collect())
    }

    fn is_own(&mut self, log: &WireLog) -> bool {
        let device = LogId(log.0).device();
        self.with(|vault| Ok(vault.device() == device)).unwrap_or(false)
    }

    fn stated(&mut self, peer: &PeerId, positions: &[LogPosition], at: u64) -> Result<(), ShelfError> {
        let here = self.here(positions)?;
        let (device, at) = (DeviceId(peer.0), at.min((self.clock)()));
        self.with(|vault| {
            // What it said over a network since is newer.
            if vault.devices().last_met(&device)?.is_some_and(|met| met > at) {
                return Ok(());
            }
            vault.log_mut().met(&device, MetThrough::Folder, at)?;
            vault.log_mut().acknowledged_all(&device, &here, at).map(drop)
        })
    }
}
