//! Attached files: their places in the timelines, the lists of their pieces, and the journal of pieces that nothing names.

use crate::blob::PieceList;
use crate::file_name;
use crate::id::{DocId, Hash, LogId};
use crate::log::DocType;
use crate::rows::RowError;
use crate::vault::core::{Core, Transaction};
use crate::vault::items::file::{Blob, MissingPieces, described_file};
use crate::vault::items::place::Entry;
use crate::vault::project::{Projection, list_trashed};
use crate::vault::registry::{
    BlobAt, BlobsAt, BlobsOfAt, FurtherFilesAt, GoingFilesAt, GoingPiecesAt, MissingPiecesAt, PrivateFilesAt,
    WantedBlobsAt,
};

/// Keeps the timelines' entries of attached files.
pub(super) struct FileProjection;

impl Projection for FileProjection {
    fn refresh(&self, core: &Core, tx: &mut Transaction, id: DocId, entry: &Entry) -> Result<(), RowError> {
        // What lies beside a private note stands in no list that the local key opens.
        if entry.kind() != DocType::File || entry.is_private() {
            return Ok(());
        }
        let material = core.at(tx).documents().material(&id, entry)?;
        let listed = described_file(&material).map(|item| item.entry(id));
        let name = listed.as_ref().map(|listed| file_name::shown(&listed.name)).unwrap_or_default();
        let deleted = material.is_deleted(None);
        list_trashed(core, tx, id, entry, deleted.then_some((None, name)))?;
        let listed = listed.filter(|_| !deleted);
        if let Some(listed) = &listed {
            want_if_missing(core, tx, &listed.blob, listed.added)?;
        }
        let timeline = tx.timeline(core, entry.client)?;
        timeline.remove(&id);
        timeline.files.extend(listed);
        timeline.files.sort_unstable_by_key(|file| file.id);
        tx.todo.clients.insert(entry.client);
        Ok(())
    }
}

/// Lists a file beside a private note, or takes it off the list: whose it is, only its key tells.
pub(super) fn list_private_file(core: &Core, tx: &mut Transaction, id: DocId, is_one: bool) -> Result<(), RowError> {
    let mut files = core.at(tx).private_files()?;
    if if is_one { files.insert(id) } else { files.remove(&id) } {
        tx.put_list(&PrivateFilesAt(), &files);
    }
    Ok(())
}

/// Takes in the list of a blob's pieces. Of one that another device wrote, no piece is here yet.
pub(super) fn take_piece_list(
    core: &Core,
    tx: &mut Transaction,
    envelope: &Hash,
    file: DocId,
    list: &PieceList,
) -> Result<(), RowError> {
    let name = list.name();
    let known = core.at(tx).get(&BlobAt(name))?.is_some();
    keep_blob(core, tx, file, list)?;
    let header = core.at(tx).header(envelope)?.header;
    note_named(core, tx, name, (header.log, header.seq))?;
    if !known {
        tx.put(&MissingPiecesAt(name), &MissingPieces::all(list.hashes().len()));
        return want_blob(core, tx, &name, list.added());
    }
    match core.at(tx).blobs().wanted_blobs()?.iter().any(|(_, wanted)| *wanted == name) {
        true => want_blob(core, tx, &name, list.added()),
        false => Ok(()),
    }
}

/// Notes a blob; its pieces are here. Of several documents that name it, which only a device gone bad writes, the smallest stands
/// with it, whichever came first.
pub(crate) fn keep_blob(core: &Core, tx: &mut Transaction, file: DocId, list: &PieceList) -> Result<(), RowError> {
    let name = list.name();
    let mut kept = Blob { file, list: list.clone() };
    if let Some(known) = core.at(tx).get(&BlobAt(name))? {
        let mut further = core.at(tx).list(&FurtherFilesAt(name))?;
        further.extend([known.file, file]);
        if (known.file, known.list.added()) < (file, list.added()) {
            kept = known;
        }
        further.remove(&kept.file);
        if !further.is_empty() {
            tx.put(&FurtherFilesAt(name), &further);
        }
    }
    tx.put(&BlobAt(name), &kept);
    let mut of_file = core.at(tx).blobs().blobs_in(&file)?;
    if of_file.insert(name) {
        tx.put(&BlobsOfAt(file), &of_file);
    }
    Ok(())
}

/// Notes where the list of a blob stands.
fn note_named(core: &Core, tx: &mut Transaction, blob: Hash, at: (LogId, u64)) -> Result<(), RowError> {
    let mut all = core.at(tx).blobs().named()?;
    let before = all.iter().find(|(name, _)| *name == blob).copied();
    if before.is_none_or(|(_, before)| at < before) {
        before.map(|before| all.remove(&before));
        all.insert((blob, at));
        tx.put(&BlobsAt(), &all);
    }
    Ok(())
}

/// A file that came back after its pieces went is wanted again.
fn want_if_missing(core: &Core, tx: &mut Transaction, blob: &Hash, added: u64) -> Result<(), RowError> {
    match core.at(tx).blobs().missing_pieces(blob)? {
        Some(_) => want_blob(core, tx, blob, added),
        None => Ok(()),
    }
}

/// Has the pieces of a blob asked for. Of several files that name it the one that was added first says in which order: whichever
/// of them came first.
pub(crate) fn want_blob(core: &Core, tx: &mut Transaction, blob: &Hash, added: u64) -> Result<(), RowError> {
    let mut wanted = core.at(tx).blobs().wanted_blobs()?;
    let known = wanted.iter().find(|(_, other)| other == blob).copied();
    if known.is_none_or(|(before, _)| added < before) {
        known.map(|known| wanted.remove(&known));
        wanted.insert((added, *blob));
        tx.put_list(&WantedBlobsAt(), &wanted);
    }
    Ok(())
}

/// Has the pieces of a blob asked for no more.
pub(crate) fn want_no_more(core: &Core, tx: &mut Transaction, blob: &Hash) -> Result<(), RowError> {
    let mut wanted = core.at(tx).blobs().wanted_blobs()?;
    let before = wanted.len();
    wanted.retain(|(_, other)| other != blob);
    if wanted.len() < before {
        tx.put_list(&WantedBlobsAt(), &wanted);
    }
    Ok(())
}

/// Notes that these pieces are going, unless the note is taken back: whatever ends the program in between, the next unlocking
/// takes them away.
pub(crate) fn journal(core: &Core, tx: &mut Transaction, file: &DocId, pieces: &Vec<Hash>) -> Result<(), RowError> {
    let mut all = core.at(tx).blobs().going()?;
    all.insert(*file);
    tx.put(&GoingFilesAt(), &all);
    tx.put(&GoingPiecesAt(*file), pieces);
    Ok(())
}

/// Takes the note back: something names the pieces now.
pub(crate) fn strike_journal(core: &Core, tx: &mut Transaction, file: &DocId) -> Result<(), RowError> {
    let mut all = core.at(tx).blobs().going()?;
    all.remove(file);
    tx.put(&GoingFilesAt(), &all);
    tx.remove(&GoingPiecesAt(*file));
    Ok(())
}
