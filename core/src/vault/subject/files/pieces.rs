//! The pieces of attached files as rows: which of them are not here, and which rows are going.
//!
//! A device keeps a blob's pieces as they travel, so it can check them and hand them on without any key. Rows that nothing
//! names yet, because a file is being attached, and rows that nothing shall name any more stand in a journal, written in the
//! same transaction: whatever ends the program in between, the next unlocking takes them away.

use std::collections::BTreeSet;

use crate::id::{DeviceId, DocId, Hash};
use crate::log::DocType;
use crate::rows::RowError;
use crate::store::{StoreError, Table};
use crate::vault::Notice;
use crate::vault::core::Transaction;
use crate::vault::items::file::{Blob, LackedBlobs, MissingPieces};
use crate::vault::items::pruning::holds;
use crate::vault::project::{journal, strike_journal, want_blob, want_no_more};
use crate::vault::read::{NotTaken, PieceWant, Taken, all_blobs_of};
use crate::vault::registry::{GoingPiecesAt, LackedThereAt, MissingPiecesAt};
use crate::vault::subject::{Files, FilesMut};

/// Rows that one transaction takes away.
const SWEPT_AT_ONCE: usize = 64;

/// What a check found of some pieces of a blob.
pub(crate) struct CheckedPieces {
    /// The document whose file the blob is.
    pub(crate) file: DocId,
    /// Pieces that are here and whole.
    pub(crate) whole: u64,
    /// Pieces that are not here and are known not to be.
    pub(crate) missing: u64,
    /// Numbers of pieces that should be here and are not, or are not what their names say.
    pub(crate) damaged: Vec<u32>,
    /// The number to go on from, if any is left.
    pub(crate) next: Option<u32>,
}

impl Files<'_> {
    /// Checks some pieces of a blob, from this number on, as far as they are here; `None` when the list of the blob's pieces
    /// cannot be read.
    pub(crate) fn verify_pieces(&self, blob: &Hash, from: u32, most: usize) -> Result<Option<CheckedPieces>, RowError> {
        let blobs = self.core.read().blobs();
        let Ok(Some(Blob { file, list })) = blobs.blob(blob) else { return Ok(None) };
        let missing = blobs.missing_pieces(blob)?;
        let mut checked = CheckedPieces { file, whole: 0, missing: 0, damaged: Vec::new(), next: None };
        let mut left = (0..).zip(list.hashes()).skip(usize::try_from(from).unwrap_or(usize::MAX));
        for (number, hash) in left.by_ref().take(most) {
            let at = usize::try_from(number).unwrap_or(usize::MAX);
            if missing.as_ref().is_some_and(|missing| missing.has(at)) {
                checked.missing += 1;
                continue;
            }
            match blobs.is_piece_whole(hash)? {
                true => checked.whole += 1,
                false => checked.damaged.push(number),
            }
        }
        checked.next = left.next().map(|(number, _)| number);
        Ok(Some(checked))
    }
}

impl Files<'_> {
    /// Pieces that are here, of files that another device has not said it holds whole, `most` at the most. Of a list that cannot be
    /// read there are none until a repair.
    pub fn pieces_lacking_there(&self, device: &DeviceId, most: usize) -> Result<Vec<Hash>, RowError> {
        let (blobs, ledger) = (self.core.read().blobs(), self.core.read().ledger());
        let lacked = blobs.lacked_there(device)?;
        let mut pieces = Vec::new();
        for (blob, (log, seq)) in blobs.named()? {
            let names = [blob, all_blobs_of(&log.device())];
            let says_whole = lacked.as_ref().is_some_and(|lacked| names.iter().all(|name| !lacked.contains(name)));
            if says_whole && holds(&ledger.held_elsewhere(device, &log)?, seq) {
                continue;
            }
            match blobs.pieces_of(&blob) {
                Err(RowError::Damaged) => {}
                here => pieces.extend(here?.into_iter().map(|(_, hash)| hash)),
            }
            if pieces.len() >= most {
                break;
            }
        }
        pieces.truncate(most);
        Ok(pieces)
    }
}

impl FilesMut<'_> {
    /// Takes pieces from another device, all in one transaction. Durable when it returns. Where there is no room for them they
    /// are refused, none is asked for until the next unlocking, and everything else goes on.
    pub fn offer_pieces(&mut self, pieces: Vec<(PieceWant, Vec<u8>)>) -> Result<Vec<Taken>, RowError> {
        let (count, bytes) = (pieces.len(), pieces.iter().map(|(_, bytes)| bytes.len()).sum::<usize>());
        if self.core.read().blobs().has_room_for(u64::try_from(bytes).unwrap_or(u64::MAX)) {
            match self.take_pieces(pieces) {
                // Nothing of them was kept. The file is opened anew, so that notes go on being saved. A list that turns out
                // to be damaged is told, and made again by the next unlocking: this disk is full.
                Err(RowError::Store(StoreError::Full)) => {
                    let _ = self.core.reopen()?;
                }
                other => return other,
            }
        }
        self.core.no_room = true;
        self.core.memory.tell(Notice::NoRoom);
        Ok(vec![Taken::Refused(NotTaken::NoRoom); count])
    }

    /// Notes which files another device says that it does not hold whole, in place of what it said before; `None` when it cannot
    /// name them. `false` when it says nothing new.
    pub fn lacked_there(&mut self, device: &DeviceId, files: Option<&[Hash]>) -> Result<bool, RowError> {
        let lacked = LackedBlobs(files.map(|files| files.iter().copied().collect()));
        if matches!(self.core.read().get(&LackedThereAt(*device)), Ok(Some(said)) if said == lacked) {
            return Ok(false);
        }
        let mut tx = Transaction::quiet();
        tx.put(&LackedThereAt(*device), &lacked);
        self.core.write(tx)?;
        Ok(true)
    }

    fn take_pieces(&mut self, pieces: Vec<(PieceWant, Vec<u8>)>) -> Result<Vec<Taken>, RowError> {
        let mut tx = Transaction::quiet();
        let mut taken = Vec::with_capacity(pieces.len());
        for (want, bytes) in pieces {
            // Judged by the disk alone: a piece that is offered twice is stored both times.
            let verdict = self.core.read().blobs().judge_piece(&want, &bytes)?;
            taken.push(verdict);
            if verdict != Taken::Stored {
                continue;
            }
            let missing = self.core.at(&tx).blobs().missing_pieces(&want.blob)?;
            let mut missing = missing.unwrap_or_else(|| MissingPieces::all(0));
            missing.set(usize::try_from(want.number).unwrap_or(usize::MAX), false);
            self.put_missing(&mut tx, &want.blob, &missing)?;
            self.core.rows.put_piece(&mut tx.batch, &want.hash, bytes);
        }
        if !tx.batch.is_empty() {
            self.core.write(tx)?;
        }
        Ok(taken)
    }

    /// The pieces of this file may go now: nobody can bring it back. What says that there was a file stays in its envelope.
    pub fn forget_pieces(&mut self, file: &DocId) -> Result<(), RowError> {
        self.forget_pieces_of(&BTreeSet::from([*file]))
    }

    /// The same of several: a blob that a further file names stays.
    fn forget_pieces_of(&mut self, files: &BTreeSet<DocId>) -> Result<(), RowError> {
        // Until a repair has made the lists whole, pieces stay: they cost room and nothing else.
        let Some(others) = self.core.read().blobs().pieces_but_of(files)? else { return Ok(()) };
        for file in files {
            let mut tx = Transaction::quiet();
            let mut going = Vec::new();
            for blob in self.core.read().blobs().blobs_in(file)? {
                let Some(Blob { list, .. }) = self.core.read().blobs().blob(&blob)? else { continue };
                if !self.core.read().blobs().is_only_in(&blob, files)? {
                    continue;
                }
                tx.put(&MissingPiecesAt(blob), &MissingPieces::all(list.hashes().len()));
                want_no_more(self.core, &mut tx, &blob)?;
                going.extend_from_slice(list.hashes());
            }
            journal(self.core, &mut tx, file, &going)?;
            self.core.write(tx)?;
            self.sweep(file, &others, Transaction::default())?;
        }
        Ok(())
    }

    /// Lets the pieces of those of these documents go that are files and have left the trash: of one that comes back after that,
    /// other devices and backups are asked.
    pub(crate) fn forget_files_out_of_trash(&mut self, left: &BTreeSet<DocId>) -> Result<(), RowError> {
        let mut over = BTreeSet::new();
        for id in left {
            let trashed = self.core.memory.trash.get(id);
            let is_file = trashed.is_some_and(|trashed| DocType::of(trashed.kind) == DocType::File);
            if is_file && self.core.read().blobs().has_pieces_of(id)? {
                over.insert(*id);
            }
        }
        if over.is_empty() { Ok(()) } else { self.forget_pieces_of(&over) }
    }

    /// Marks the pieces of files that are not what they should be as missing, so that another device's are taken in their
    /// place; and what was noted as missing, and is here, is noted as here. Gives how many turned out to be lost.
    pub(crate) fn repair_pieces(&mut self) -> Result<u64, RowError> {
        let mut lost = 0;
        for blob in self.core.read().blobs().blobs()? {
            lost += self.compare_pieces(&blob)?;
        }
        Ok(lost)
    }

    /// Compares what is noted of a blob's pieces with what is here. Gives how many turn out to be lost; those are wanted.
    fn compare_pieces(&mut self, blob: &Hash) -> Result<u64, RowError> {
        let blobs = self.core.read().blobs();
        let Some(Blob { file, list }) = blobs.blob(blob)? else { return Ok(0) };
        let noted = blobs.missing_pieces(blob)?;
        let mut missing = MissingPieces::all(list.hashes().len());
        let mut lost = 0;
        for (number, hash) in list.hashes().iter().enumerate() {
            let is_here = blobs.is_piece_whole(hash)?;
            missing.set(number, !is_here);
            lost += u64::from(!is_here && noted.as_ref().is_none_or(|noted| !noted.has(number)));
        }
        // What lies beside private notes is never let go, and nothing else asks for it again.
        let stays = self.core.read().entry(&file)?.is_some_and(|entry| entry.is_private());
        let asks = lost > 0 || (stays && missing.count() > 0);
        if !asks && noted.as_ref().map_or(missing.count() == 0, |noted| *noted == missing) {
            return Ok(0);
        }
        let mut tx = Transaction::default();
        self.put_missing(&mut tx, blob, &missing)?;
        if asks {
            want_blob(self.core, &mut tx, blob, list.added())?;
        }
        self.core.write(tx)?;
        Ok(lost)
    }

    /// Notes which pieces of a blob are not here; one of which all are here is asked for no more.
    fn put_missing(&self, tx: &mut Transaction, blob: &Hash, missing: &MissingPieces) -> Result<(), RowError> {
        if missing.count() > 0 {
            tx.put(&MissingPiecesAt(*blob), missing);
            return Ok(());
        }
        tx.remove(&MissingPiecesAt(*blob));
        want_no_more(self.core, tx, blob)
    }

    /// Takes away what an ended program left, but for files that are being attached right now.
    pub(crate) fn sweep_pieces(&mut self) -> Result<(), RowError> {
        let mut going = self.core.read().blobs().going()?;
        going.retain(|file| !self.core.attaching.contains_key(file));
        if going.is_empty() {
            return Ok(());
        }
        let Some(others) = self.core.read().blobs().pieces_but_of(&going)? else { return Ok(()) };
        going.iter().try_for_each(|file| self.sweep(file, &others, Transaction::quiet()))
    }

    /// Takes away the rows of an attachment that has not come to its end.
    pub(super) fn sweep_ended(&mut self, file: &DocId) -> Result<(), RowError> {
        let Some(others) = self.core.read().blobs().pieces_but_of(&BTreeSet::from([*file]))? else { return Ok(()) };
        self.sweep(file, &others, Transaction::quiet())
    }

    /// Takes away the rows that the journal names for this file, but for those that other files have here too; then, in a
    /// transaction of their own, the note of them.
    fn sweep(&mut self, file: &DocId, others: &BTreeSet<Hash>, mut last: Transaction) -> Result<(), RowError> {
        let mut going = self.core.read().list(&GoingPiecesAt(*file))?;
        going.retain(|hash| !others.contains(hash));
        for some in going.chunks(SWEPT_AT_ONCE) {
            let mut tx = Transaction::quiet();
            some.iter().for_each(|hash| tx.changes.remove(Table::Pieces, &hash.0));
            self.core.write(tx)?;
        }
        strike_journal(self.core, &mut last, file)?;
        self.core.write(last)
    }
}
