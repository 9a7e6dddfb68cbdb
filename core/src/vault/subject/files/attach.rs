//! Attaching a file: read once, sealed piece by piece on all processors, written in batches, named last.
//!
//! Nothing of the file touches a disk unsealed, and no more than a few pieces are in memory. The file is there when the item
//! that names its pieces is; until then the pieces stand in the journal of [`super::pieces`], so that an attachment that was
//! cut off leaves nothing behind. [`attach_lent`] borrows the practice for each batch alone, so that others work on it in
//! between; [`FilesMut::attach`] is the same for who has it all the while.

use std::io::Read;
use std::sync::mpsc;
use std::thread;

use zeroize::Zeroizing;

use crate::blob::{self, LENGTH_MAX, Layout, PIECE, PIECES_MAX, PieceList, PiecePlace, SealedPiece};
use crate::id::{ClientId, DocId, Hash, NoteId};
use crate::import::Progress;
use crate::keyring::Compartment;
use crate::log::{DocType, Item, Kind};
use crate::parallel::in_order;
use crate::rows::RowError;
use crate::seal::Salt;
use crate::secret::{FileRole, Key};
use crate::vault::Millis;
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::items::file::FileItem;
use crate::vault::items::home::{DocumentOrigin, Under};
use crate::vault::project::{journal, keep_blob, strike_journal};
use crate::vault::read::FileError;
use crate::vault::subject::FilesMut;
use crate::{entropy, file_kind, file_name};

/// Pieces that are read, sealed and written together.
const BATCH: usize = 6;

/// What is to be attached, and to what.
#[derive(Clone, Copy)]
pub struct NewFile<'a> {
    /// Whose record it belongs to.
    pub client: ClientId,
    /// The note that it belongs to. Beside a private note it is kept apart like that, and the passphrase must have been given
    /// again.
    pub note: Option<NoteId>,
    /// What it is called; a path's last part.
    pub name: &'a str,
    /// How long it is, where that is known: for the progress, and to refuse early.
    pub length: Option<u64>,
}

impl std::fmt::Debug for NewFile<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewFile")
    }
}

/// A file that is being attached: what has been read of it, and what its item will say. Holds the file's key; it must not
/// outlive the unlocked practice.
pub struct Attaching {
    file: DocId,
    under: Under,
    item: FileItem,
    salts: Vec<Salt>,
    buffer: Zeroizing<Vec<u8>>,
    hashes: Vec<Hash>,
    /// Known when all of the file has been read.
    layout: Option<Layout>,
}

/// Some sealed pieces of a file that is being attached.
pub struct SealedPieces {
    file: DocId,
    pieces: Vec<SealedPiece>,
    /// Bytes of the file that have been read so far.
    pub read: u64,
}

impl Attaching {
    /// The document that the file will be.
    pub fn file(&self) -> DocId {
        self.file
    }

    /// Reads and seals the next pieces; `None` when there are no more. Takes no vault, so that it can run while the pieces
    /// before are being written.
    ///
    /// # Errors
    /// [`FileError::Read`], [`FileError::TooLong`].
    pub fn next(&mut self, from: &mut dyn Read) -> Result<Option<SealedPieces>, FileError> {
        self.fill(from)?;
        if self.buffer.is_empty() {
            return Ok(None);
        }
        let size = self.layout.map_or(PIECE, |layout| layout.size);
        let first = self.hashes.len();
        let places = (first..).zip(self.buffer.chunks(size)).zip(self.salts.get(first..).unwrap_or_default());
        let work: Vec<_> = places
            .map(|((number, plain), salt)| {
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                (PiecePlace { file: self.file, number }, plain, salt)
            })
            .collect();
        let pieces = seal_all(&self.item.key, &work);
        self.hashes.extend(pieces.iter().map(|piece| piece.hash));
        Ok(Some(SealedPieces { file: self.file, pieces, read: self.item.length }))
    }

    /// Fills the buffer with whole pieces, those of the padding included.
    fn fill(&mut self, from: &mut dyn Read) -> Result<(), FileError> {
        self.buffer.clear();
        if self.layout.is_none() {
            let room = u64::try_from(BATCH * PIECE).unwrap_or(u64::MAX);
            let read = from.take(room).read_to_end(&mut self.buffer).map_err(|error| FileError::Read(error.kind()))?;
            let read = u64::try_from(read).unwrap_or(u64::MAX);
            if self.item.length == 0 {
                self.item.media = file_kind::media_type(&self.buffer).to_owned();
            }
            self.item.length = self.item.length.saturating_add(read);
            if self.item.length > LENGTH_MAX {
                return Err(FileError::TooLong);
            }
            if read == room {
                return Ok(());
            }
            self.layout = Layout::of(self.item.length);
        }
        let Layout { pieces, size } = self.layout.ok_or(FileError::TooLong)?;
        let left = pieces.saturating_sub(self.hashes.len());
        self.buffer.resize(left.min(BATCH) * size, 0);
        Ok(())
    }
}

/// Seals pieces on all processors, in order.
fn seal_all(key: &Key<FileRole>, work: &[(PiecePlace, &[u8], &Salt)]) -> Vec<SealedPiece> {
    in_order(work, 1, |(place, plain, salt)| blob::seal_piece(key, place, salt, plain))
}

/// Whoever holds a practice, and lends its files for a moment at a time.
pub trait LendFiles {
    /// # Errors
    /// [`FileError::Ended`] when the practice has been locked meanwhile, and what the work itself meets.
    fn lend_files<T>(&mut self, work: impl FnOnce(&mut FilesMut<'_>) -> Result<T, FileError>) -> Result<T, FileError>;
}

/// The practice is this caller's all the while.
impl LendFiles for FilesMut<'_> {
    fn lend_files<T>(&mut self, work: impl FnOnce(&mut FilesMut<'_>) -> Result<T, FileError>) -> Result<T, FileError> {
        work(self)
    }
}

/// Attaches a file to a practice that is lent for each batch of pieces; all of it is durable when this returns, and nothing of
/// it is there when it fails.
///
/// # Errors
/// See [`FileError`]; [`FileError::Ended`] when the practice was locked meanwhile.
pub fn attach_lent(
    practice: &mut impl LendFiles,
    new: &NewFile<'_>,
    from: &mut (dyn Read + Send),
    now: &dyn Fn() -> Millis,
    progress: &mut dyn FnMut(Progress),
    cancel: &dyn Fn() -> bool,
) -> Result<DocId, FileError> {
    let mut attaching = practice.lend_files(|files| files.begin_attach(new, now()))?;
    let file = attaching.file();
    let of = new.length.unwrap_or_default();
    let stopped = || if cancel() { Err(FileError::Stopped) } else { Ok(()) };
    let taken = in_batches(&mut attaching, from, &mut |pieces| {
        stopped()?;
        let done = pieces.read;
        practice.lend_files(|files| files.keep_pieces(pieces, now()))?;
        progress(Progress { done, of });
        Ok(())
    });
    let attached =
        taken.and_then(|()| stopped()).and_then(|()| practice.lend_files(|files| files.end_attach(attaching)));
    if attached.is_err() {
        // What could not be taken away now, on a disk that takes nothing, is taken away at the next unlocking.
        let _ = practice.lend_files(|files| Ok(files.give_up_attach(&file)?));
    }
    attached
}

/// The next pieces are read and sealed while those before are being kept.
fn in_batches(
    attaching: &mut Attaching,
    from: &mut (dyn Read + Send),
    keep: &mut dyn FnMut(SealedPieces) -> Result<(), FileError>,
) -> Result<(), FileError> {
    thread::scope(|scope| {
        let (hand, sealed) = mpsc::sync_channel(0);
        scope.spawn(move || {
            while let Some(pieces) = attaching.next(from).transpose() {
                let failed = pieces.is_err();
                if hand.send(pieces).is_err() || failed {
                    return;
                }
            }
        });
        sealed.into_iter().try_for_each(|pieces| keep(pieces?))
    })
}

impl FilesMut<'_> {
    /// Attaches a file; all of it is durable when this returns, and nothing of it is there when it fails.
    ///
    /// # Errors
    /// See [`FileError`].
    pub fn attach(
        &mut self,
        new: &NewFile<'_>,
        from: &mut (dyn Read + Send),
        now: Millis,
        progress: &mut dyn FnMut(Progress),
        cancel: &dyn Fn() -> bool,
    ) -> Result<DocId, FileError> {
        attach_lent(self, new, from, &|| now, progress, cancel)
    }

    /// Begins to attach a file: nothing is written yet.
    ///
    /// # Errors
    /// [`FileError`]: no such client or note, a note of another client, a private note without the passphrase given again.
    pub fn begin_attach(&mut self, new: &NewFile<'_>, now: Millis) -> Result<Attaching, FileError> {
        if new.length.is_some_and(|length| length > LENGTH_MAX) {
            return Err(FileError::TooLong);
        }
        if !self.core.read().blobs().has_room_for(new.length.unwrap_or_default()) {
            return Err(FileError::NoRoom);
        }
        let (client, compartment) = self.place_of(new, now)?;
        let mut lent = self.core.entropy();
        let entropy = &mut *lent;
        let item = FileItem {
            origin: DocumentOrigin::fresh(DocType::File, client, entropy),
            note: new.note,
            blob: Hash([0; 32]),
            key: Key::random(entropy),
            length: 0,
            added: now,
            name: file_name::kept(new.name),
            media: String::new(),
        };
        let (file, under) = (item.origin.id(), Under::Client(client, compartment));
        // All at once: threads that seal have no source of randomness, and how long a file is shows when it ends.
        let salts = (0..PIECES_MAX).map(|_| entropy::random(entropy)).collect();
        drop(lent);
        let buffer = Zeroizing::new(Vec::with_capacity(BATCH * PIECE));
        self.core.attaching.insert(file, Vec::new());
        Ok(Attaching { file, under, item, salts, buffer, hashes: Vec::new(), layout: None })
    }

    /// Writes pieces; durable when it returns, and gone again unless the attachment is ended.
    ///
    /// # Errors
    /// [`FileError::Ended`] when the practice was locked since, and the store's.
    pub(crate) fn keep_pieces(&mut self, sealed: SealedPieces, now: Millis) -> Result<(), FileError> {
        // Whoever attaches to a private note is not asked again in the middle.
        self.core.extend_reauth(now);
        let kept = self.core.attaching.get(&sealed.file).ok_or(FileError::Ended)?;
        let bytes = sealed.pieces.iter().map(|piece| piece.bytes.len()).sum::<usize>();
        if !self.core.read().blobs().has_room_for(u64::try_from(bytes).unwrap_or(u64::MAX)) {
            return Err(FileError::NoRoom);
        }
        let all: Vec<Hash> = kept.iter().copied().chain(sealed.pieces.iter().map(|piece| piece.hash)).collect();
        let mut tx = Transaction::quiet();
        journal(self.core, &mut tx, &sealed.file, &all)?;
        for SealedPiece { hash, bytes } in sealed.pieces {
            self.core.rows.put_piece(&mut tx.batch, &hash, bytes);
        }
        self.core.write(tx)?;
        self.core.attaching.insert(sealed.file, all);
        Ok(())
    }

    /// Ends an attachment: from here on the file is there.
    ///
    /// # Errors
    /// [`FileError::Ended`] when not every piece was kept by this practice.
    pub(crate) fn end_attach(&mut self, attaching: Attaching) -> Result<DocId, FileError> {
        let Attaching { file, under, mut item, hashes, layout, .. } = attaching;
        let whole = layout.is_some_and(|layout| layout.pieces == hashes.len());
        if !whole || self.core.attaching.get(&file) != Some(&hashes) {
            return Err(FileError::Ended);
        }
        let list = PieceList::new(item.added, hashes).ok_or(FileError::Ended)?;
        item.blob = list.name();
        let (mut tx, mut out) = (Transaction::default(), Outbox::everyday());
        strike_journal(self.core, &mut tx, &file)?;
        keep_blob(self.core, &mut tx, file, &list)?;
        out.keyring.push(Item::bare(Kind::File, file, list.to_bytes()));
        out.push(Kind::File, file, under, item.to_bytes());
        commit(self.core, tx, out)?;
        self.core.attaching.remove(&file);
        Ok(file)
    }

    /// Takes away what an attachment has written so far.
    ///
    /// # Errors
    /// The store's; the next unlocking tries again.
    pub(crate) fn give_up_attach(&mut self, file: &DocId) -> Result<(), RowError> {
        match self.core.attaching.remove(file) {
            Some(kept) if !kept.is_empty() => self.sweep_ended(file),
            _ => Ok(()),
        }
    }

    /// Under which key a file belongs: beside a note, under that note's.
    fn place_of(&mut self, new: &NewFile<'_>, now: Millis) -> Result<(ClientId, Compartment), FileError> {
        let home = self.core.read().documents().client(&new.client)?.id;
        let Some(note) = new.note else { return Ok((home, Compartment::Clinical)) };
        let entry = self.core.read().documents().note_entry(&note)?;
        let private = entry.is_private();
        if private && !self.core.extend_reauth(now) {
            return Err(RowError::NeedsReauth.into());
        }
        let client = self.core.read().documents().home(&note, &entry)?.client;
        if self.core.read().canonical_client(&client) != home {
            return Err(FileError::OtherClient);
        }
        Ok((client, if private { Compartment::Process } else { Compartment::Clinical }))
    }
}
