//! Which pieces of attached files are known, and which of them are here: without any key.

use std::collections::{BTreeMap, BTreeSet};

use crate::blob::SEALED_MAX;
use crate::id::{DeviceId, DocId, Hash};
use crate::kdf;
use crate::rows::RowError;
use crate::store::{Table, room};
use crate::vault::items::file::{Blob, MissingPieces, NamedBlobs, WantedBlobs};
use crate::vault::read::ledger::unless_damaged;
use crate::vault::read::{Blobs, NotTaken, Taken};
use crate::vault::registry::{
    BlobAt, BlobsAt, BlobsOfAt, FurtherFilesAt, GoingFilesAt, LackedThereAt, MissingPiecesAt, WantedBlobsAt,
};

/// A piece that is not here and is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PieceWant {
    /// The blob that it belongs to.
    pub blob: Hash,
    /// Its number in it.
    pub number: u32,
    /// SHA-256 of its sealed bytes: its name on the way.
    pub hash: Hash,
}

/// What stands for all blobs whose lists are in logs of one device.
pub(crate) fn all_blobs_of(device: &DeviceId) -> Hash {
    let mut name = Hash([0; Hash::LEN]);
    name.0.iter_mut().zip(device.0).for_each(|(to, from)| *to = from);
    name
}

impl<'a> Blobs<'a> {
    pub(crate) fn blob(&self, name: &Hash) -> Result<Option<Blob>, RowError> {
        self.get(&BlobAt(*name))
    }

    /// How many pieces of a blob are here, and of how many; `None` when not even the list of them has arrived.
    pub(crate) fn pieces_here(&self, blob: &Hash) -> Result<Option<(usize, usize)>, RowError> {
        let missing = self.missing_pieces(blob)?;
        let Some(Blob { list, .. }) = self.blob(blob)? else { return Ok(None) };
        let of = list.hashes().len();
        Ok(Some((of.saturating_sub(missing.map_or(0, |missing| missing.count())), of)))
    }

    pub(crate) fn missing_pieces(&self, blob: &Hash) -> Result<Option<MissingPieces>, RowError> {
        self.get(&MissingPiecesAt(*blob))
    }

    pub(crate) fn blobs(&self) -> Result<BTreeSet<Hash>, RowError> {
        Ok(self.named()?.into_iter().map(|(blob, _)| blob).collect())
    }

    /// All blobs, and where the list of each stands.
    pub(crate) fn named(&self) -> Result<NamedBlobs, RowError> {
        self.list(&BlobsAt())
    }

    /// The blobs that are not whole here and shall be, `most` names at the most: where there are more, those of the device that has
    /// most of them are named together, and so on. `None` when it cannot be told: it cannot be read, or there are envelopes that do
    /// not open here yet.
    pub(crate) fn lacked(&self, most: usize) -> Result<Option<Vec<Hash>>, RowError> {
        if !self.roster().lacking_epochs(&self.core.memory.epochs).is_empty() {
            return Ok(None);
        }
        let Some(wanted) = unless_damaged(self.wanted_blobs().map(Some))? else { return Ok(None) };
        if wanted.len() <= most {
            return Ok(Some(wanted.into_iter().map(|(_, blob)| blob).collect()));
        }
        let Some(named) = unless_damaged(self.named().map(Some))? else { return Ok(None) };
        let authors: BTreeMap<Hash, DeviceId> =
            named.into_iter().map(|(blob, (log, _))| (blob, log.device())).collect();
        let mut lacked: BTreeMap<Option<DeviceId>, Vec<Hash>> = BTreeMap::new();
        for (_, blob) in wanted {
            lacked.entry(authors.get(&blob).copied()).or_default().push(blob);
        }
        while lacked.values().map(Vec::len).sum::<usize>() > most {
            match lacked.iter_mut().max_by_key(|(_, blobs)| blobs.len()) {
                Some((Some(author), blobs)) if blobs.len() > 1 => *blobs = vec![all_blobs_of(author)],
                _ => return Ok(None),
            }
        }
        Ok(Some(lacked.into_values().flatten().collect()))
    }

    /// The blobs that another device said last it does not hold whole; `None` when it could not say, has not said, or that
    /// cannot be read until it says so again.
    pub(crate) fn lacked_there(&self, device: &DeviceId) -> Result<Option<BTreeSet<Hash>>, RowError> {
        Ok(unless_damaged(self.get(&LackedThereAt(*device)))?.and_then(|lacked| lacked.0))
    }

    pub(crate) fn blobs_in(&self, file: &DocId) -> Result<BTreeSet<Hash>, RowError> {
        self.list(&BlobsOfAt(*file))
    }

    /// The pieces of a blob that are here, each with its number.
    pub(crate) fn pieces_of(&self, blob: &Hash) -> Result<Vec<(u32, Hash)>, RowError> {
        let (Some(Blob { list, .. }), missing) = (self.blob(blob)?, self.missing_pieces(blob)?) else {
            return Ok(Vec::new());
        };
        let here = |(number, _): &(u32, &Hash)| {
            let number = usize::try_from(*number).unwrap_or(usize::MAX);
            missing.as_ref().is_none_or(|missing| !missing.has(number))
        };
        Ok((0..).zip(list.hashes()).filter(here).map(|(number, hash)| (number, *hash)).collect())
    }

    /// Whether these files are all that name a blob.
    pub(crate) fn is_only_in(&self, blob: &Hash, files: &BTreeSet<DocId>) -> Result<bool, RowError> {
        let further = self.list(&FurtherFilesAt(*blob))?;
        let first = self.blob(blob)?.map(|blob| blob.file);
        Ok(first.into_iter().chain(further).all(|file| files.contains(&file)))
    }

    /// The pieces that are here of all files but these; `None` while a list cannot be read: it may name any.
    pub(crate) fn pieces_but_of(&self, files: &BTreeSet<DocId>) -> Result<Option<BTreeSet<Hash>>, RowError> {
        let mut here = BTreeSet::new();
        for blob in self.blobs()? {
            let only = self.is_only_in(&blob, files);
            match only.and_then(|only| if only { Ok(Vec::new()) } else { self.pieces_of(&blob) }) {
                Err(RowError::Damaged) => return Ok(None),
                pieces => here.extend(pieces?.into_iter().map(|(_, hash)| hash)),
            }
        }
        Ok(Some(here))
    }

    /// Blobs of which pieces shall still come, the oldest first.
    pub(crate) fn wanted_blobs(&self) -> Result<WantedBlobs, RowError> {
        self.list(&WantedBlobsAt())
    }

    /// Pieces that are not here and shall be, those of the newest file first, `most` at the most, without those that
    /// `but` names.
    pub(crate) fn wanted_pieces(&self, most: usize, but: &dyn Fn(&Hash) -> bool) -> Result<Vec<PieceWant>, RowError> {
        let mut wants = Vec::new();
        if self.core.no_room {
            return Ok(wants);
        }
        // What cannot be read of one file, until a repair, keeps no other from coming.
        for (_, blob) in unless_damaged(self.wanted_blobs().map(Some))?.unwrap_or_default().into_iter().rev() {
            let (known, missing) = (unless_damaged(self.blob(&blob))?, unless_damaged(self.missing_pieces(&blob))?);
            let (Some(Blob { list, .. }), Some(missing)) = (known, missing) else { continue };
            let lacking = (0..).zip(list.hashes()).filter(|(number, hash)| {
                usize::try_from(*number).is_ok_and(|number| missing.has(number)) && !but(hash)
            });
            let room = most.saturating_sub(wants.len());
            wants.extend(lacking.take(room).map(|(number, hash)| PieceWant { blob, number, hash: *hash }));
            if wants.len() >= most {
                break;
            }
        }
        Ok(wants)
    }

    /// How many pieces of files are here.
    pub(crate) fn pieces_held(&self) -> Result<u64, RowError> {
        self.core.rows.count(Table::Pieces)
    }

    /// A sealed piece as it travels; `None` when it is not here.
    pub(crate) fn piece(&self, hash: &Hash) -> Result<Option<Vec<u8>>, RowError> {
        self.core.rows.piece(hash)
    }

    /// What would become of a piece, without taking it: whether it is wanted, and the one that its name says.
    pub(crate) fn judge_piece(&self, want: &PieceWant, bytes: &[u8]) -> Result<Taken, RowError> {
        let listed = self.blob(&want.blob)?.and_then(|blob| blob.list.hashes().get(place(want)).copied());
        if listed != Some(want.hash) {
            return Ok(Taken::Refused(NotTaken::Unasked));
        }
        if bytes.len() > SEALED_MAX || kdf::sha256(bytes) != want.hash {
            return Ok(Taken::Refused(NotTaken::NotNamed));
        }
        let missing = self.missing_pieces(&want.blob)?.is_some_and(|missing| missing.has(place(want)));
        Ok(if missing { Taken::Stored } else { Taken::Known })
    }

    /// Whether so many bytes of a file leave room for notes.
    pub(crate) fn has_room_for(&self, bytes: u64) -> bool {
        self.core.path.as_deref().is_none_or(|path| room::fits_beside(path, bytes))
    }

    /// Whether something of a file lies here.
    pub(crate) fn has_pieces_of(&self, file: &DocId) -> Result<bool, RowError> {
        for blob in self.blobs_in(file)? {
            if !self.pieces_of(&blob)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a piece is here and the one that its name says.
    pub(crate) fn is_piece_whole(&self, hash: &Hash) -> Result<bool, RowError> {
        match self.core.rows.piece(hash) {
            Ok(piece) => Ok(piece.is_some_and(|bytes| kdf::sha256(&bytes) == *hash)),
            Err(RowError::Damaged) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn going(&self) -> Result<BTreeSet<DocId>, RowError> {
        self.list(&GoingFilesAt())
    }
}

fn place(want: &PieceWant) -> usize {
    usize::try_from(want.number).unwrap_or(usize::MAX)
}
