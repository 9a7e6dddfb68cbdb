//! The vault's keys for what lies in a sync folder.

use subrosa_core::id::DeviceId;
use subrosa_core::kdf;
use subrosa_core::vault::ObjectKind;
use subrosa_sync::ShelfError;
use subrosa_sync::folder::{FolderObject, Seals};
use subrosa_sync::id::{ObjectHash, PeerId, WriterTag};

use crate::bridge::shared::Shared;
use crate::bridge::shelf::storage;

/// Seals and opens with the keys of the open practice. A locked one opens nothing.
pub(super) struct VaultSeals(Shared);

impl VaultSeals {
    pub(super) fn new(vault: Shared) -> Self {
        Self(vault)
    }
}

impl Seals for VaultSeals {
    fn me(&mut self) -> PeerId {
        PeerId(self.0.with(|vault| vault.device().0).unwrap_or_default())
    }

    fn seal(&mut self, what: FolderObject, tag: &WriterTag, plain: &[u8]) -> Result<Vec<u8>, ShelfError> {
        let sealed = self.0.with(|vault| vault.devices_mut().seal_object(kind(what), &tag.0, plain));
        sealed.map_err(|_| ShelfError::Locked)?.map_err(storage)
    }

    fn open(&mut self, what: FolderObject, tag: &WriterTag, sealed: &[u8]) -> Option<(PeerId, Vec<u8>)> {
        let opened = self.0.with(|vault| vault.devices().open_object(kind(what), &tag.0, sealed)).ok()??;
        let (device, mut content) = opened;
        Some((PeerId(device.0), std::mem::take(&mut *content)))
    }

    fn name(&mut self, sealed: &[u8]) -> ObjectHash {
        ObjectHash(kdf::sha256(sealed).0)
    }

    fn is_removed(&mut self, peer: &PeerId) -> bool {
        self.0.with(|vault| vault.devices().was_removed(&DeviceId(peer.0))).unwrap_or(true)
    }
}

fn kind(what: FolderObject) -> ObjectKind {
    match what {
        FolderObject::Statement => ObjectKind::Statement,
        FolderObject::Batch => ObjectKind::Batch,
    }
}
