//! The pieces of attached files as rows: which blobs are known, which of their pieces are not here, and which rows are going.
//!
//! A device keeps a blob's pieces as they travel, so it can check them and hand them on without any key. Rows that nothing
//! names yet, because a file is being attached, and rows that nothing shall name any more stand in a journal, written in the
//! same transaction: whatever ends the program in between, the next unlocking takes them away.

use std::collections::BTreeSet;

use crate::blob::{PIECE, PieceList, SEALED_MAX};
use crate::codec::Reader;
use crate::id::{DocId, Hash};
use crate::kdf;
use crate::rows::Changes;
use crate::store::{Batch, StoreError, Table, room};
use crate::vault::index::{self, Work};
use crate::vault::receive::{NotTaken, Taken};
use crate::vault::{Damage, Notice, Vault, VaultError, Verified};

/// Rows that one transaction takes away.
const SWEPT_AT_ONCE: usize = 64;

/// The row of [`Wanted`].
const WANTED: &[u8] = b"wanted blobs";

/// Blobs of which pieces shall come, by when their files were attached.
type Wanted = BTreeSet<(u64, Hash)>;

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

/// What is known of a blob without any key.
pub(crate) struct Blob {
    /// The document whose file it is, as the list says.
    pub(crate) file: DocId,
    pub(crate) list: PieceList,
}

/// Which pieces of a blob are not here, one bit each.
struct Missing(Vec<u8>);

impl Missing {
    fn all(pieces: usize) -> Self {
        let mut missing = Self(vec![0; pieces.div_ceil(8)]);
        (0..pieces).for_each(|number| missing.set(number, true));
        missing
    }

    fn has(&self, number: usize) -> bool {
        self.0.get(number / 8).is_some_and(|byte| byte & (1 << (number % 8)) != 0)
    }

    fn set(&mut self, number: usize, missing: bool) {
        if let Some(byte) = self.0.get_mut(number / 8) {
            let bit = 1 << (number % 8);
            *byte = if missing { *byte | bit } else { *byte & !bit };
        }
    }

    fn count(&self) -> usize {
        self.0.iter().map(|byte| byte.count_ones() as usize).sum()
    }
}

impl Vault {
    /// Takes in the list of a blob's pieces. Of one that another device wrote, no piece is here yet.
    pub(crate) fn take_piece_list(&mut self, work: &mut Work, file: DocId, list: &PieceList) -> Result<(), VaultError> {
        let name = list.name();
        if self.rows.read_through(&work.changes, Table::Index, &blob_name(&name))?.is_some() {
            // Of a known one only the lists that name it may have been lost.
            return if work.again { self.list_blob(work, file, &name) } else { Ok(()) };
        }
        self.keep_blob(work, file, list)?;
        work.changes.put(Table::Index, &missing_name(&name), Missing::all(list.hashes().len()).0);
        self.want_blob(work, &name, list.added())
    }

    /// Notes a blob; its pieces are here.
    pub(crate) fn keep_blob(&self, work: &mut Work, file: DocId, list: &PieceList) -> Result<(), VaultError> {
        let name = list.name();
        let row = [&file.0[..], &list.to_bytes()].concat();
        work.changes.put(Table::Index, &blob_name(&name), row);
        self.list_blob(work, file, &name)
    }

    fn list_blob(&self, work: &mut Work, file: DocId, name: &Hash) -> Result<(), VaultError> {
        for list in [blobs_name(&file), b"blobs".to_vec()] {
            let mut names = self.rows.read_through(&work.changes, Table::Index, &list)?.unwrap_or_default().to_vec();
            if !index::hashes(&names).contains(name) {
                names.extend(name.0);
                work.changes.put(Table::Index, &list, names);
            }
        }
        Ok(())
    }

    pub(crate) fn blob(&self, name: &Hash) -> Result<Option<Blob>, VaultError> {
        let Some(row) = self.rows.read(Table::Index, &blob_name(name))? else { return Ok(None) };
        let mut reader = Reader::new(&row);
        let file = DocId(reader.array().map_err(|_| VaultError::Damaged)?);
        let list = PieceList::parse(reader.rest()).map_err(|_| VaultError::Damaged)?;
        Ok(Some(Blob { file, list }))
    }

    /// How many pieces of a blob are here, and of how many; `None` when not even the list of them has arrived.
    pub(crate) fn pieces_here(&self, blob: &Hash) -> Result<Option<(usize, usize)>, VaultError> {
        let missing = self.missing_pieces(blob)?;
        let Some(Blob { list, .. }) = self.blob(blob)? else { return Ok(None) };
        let of = list.hashes().len();
        Ok(Some((of.saturating_sub(missing.map_or(0, |missing| missing.count())), of)))
    }

    /// Pieces that are not here and shall be, those of the newest file first, `most` at the most, without those that
    /// `but` names.
    pub fn wanted_pieces(&self, most: usize, but: &dyn Fn(&Hash) -> bool) -> Result<Vec<PieceWant>, VaultError> {
        let mut wants = Vec::new();
        if self.no_room {
            return Ok(wants);
        }
        for (_, blob) in self.wanted_blobs()?.into_iter().rev() {
            let (Some(Blob { list, .. }), Some(missing)) = (self.blob(&blob)?, self.missing_pieces(&blob)?) else {
                continue;
            };
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

    /// Bytes of all files that are on their way: how many are here, and of how many, padding included. For a screen.
    pub fn files_arriving(&self) -> Result<(u64, u64), VaultError> {
        let (mut here, mut all) = (0, 0);
        for (_, blob) in self.wanted_blobs()? {
            let Some((came, of)) = self.pieces_here(&blob)? else { continue };
            here += u64::try_from(came).unwrap_or_default();
            all += u64::try_from(of).unwrap_or_default();
        }
        let piece = u64::try_from(PIECE).unwrap_or_default();
        Ok((here * piece, all * piece))
    }

    /// How many pieces of files are here.
    pub fn pieces_held(&self) -> Result<u64, VaultError> {
        self.rows.count(Table::Pieces)
    }

    /// A sealed piece as it travels; `None` when it is not here.
    pub fn piece(&self, hash: &Hash) -> Result<Option<Vec<u8>>, VaultError> {
        self.rows.piece(hash)
    }

    /// What would become of a piece, without taking it: whether it is wanted, and the one that its name says.
    pub fn judge_piece(&self, want: &PieceWant, bytes: &[u8]) -> Result<Taken, VaultError> {
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

    /// Takes pieces from another device, all in one transaction. Durable when it returns. Where there is no room for them they
    /// are refused, none is asked for until the next unlocking, and everything else goes on.
    pub fn offer_pieces(&mut self, pieces: Vec<(PieceWant, Vec<u8>)>) -> Result<Vec<Taken>, VaultError> {
        let (count, bytes) = (pieces.len(), pieces.iter().map(|(_, bytes)| bytes.len()).sum::<usize>());
        if self.has_room_for(u64::try_from(bytes).unwrap_or(u64::MAX)) {
            match self.take_pieces(pieces) {
                // Nothing of them was kept. The file is opened anew, so that notes go on being saved.
                Err(VaultError::Store(StoreError::Full)) => self.open_again()?,
                other => return other,
            }
        }
        self.no_room = true;
        if !self.notices.contains(&Notice::NoRoom) {
            self.notices.push(Notice::NoRoom);
        }
        Ok(vec![Taken::Refused(NotTaken::NoRoom); count])
    }

    /// Whether so many bytes of a file leave room for notes.
    pub(crate) fn has_room_for(&self, bytes: u64) -> bool {
        self.path.as_deref().is_none_or(|path| room::fits_beside(path, bytes))
    }

    fn take_pieces(&mut self, pieces: Vec<(PieceWant, Vec<u8>)>) -> Result<Vec<Taken>, VaultError> {
        let (mut work, mut batch) = (Work::default(), Batch::new());
        let mut taken = Vec::with_capacity(pieces.len());
        for (want, bytes) in pieces {
            let verdict = self.judge_piece(&want, &bytes)?;
            taken.push(verdict);
            if verdict != Taken::Stored {
                continue;
            }
            let row = self.rows.read_through(&work.changes, Table::Index, &missing_name(&want.blob))?;
            let mut missing = Missing(row.unwrap_or_default().to_vec());
            missing.set(place(&want), false);
            if missing.count() == 0 {
                work.changes.remove(Table::Index, &missing_name(&want.blob));
                self.want_no_more(&mut work, &want.blob)?;
            } else {
                work.changes.put(Table::Index, &missing_name(&want.blob), missing.0);
            }
            self.rows.put_piece(&mut batch, &want.hash, bytes);
        }
        if !batch.is_empty() {
            self.rows.commit_with(&mut self.state, work.changes, batch)?;
            self.changed += 1;
        }
        Ok(taken)
    }

    /// Whether something of a file lies here.
    pub(crate) fn has_pieces_of(&self, file: &DocId) -> Result<bool, VaultError> {
        for blob in self.blobs_in(&Work::default(), file)? {
            if !self.pieces_of(&blob)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The pieces of this file may go now: nobody can bring it back. What says that there was a file stays in its envelope.
    pub fn forget_pieces(&mut self, file: &DocId) -> Result<(), VaultError> {
        let mut work = Work::default();
        let mut going = Vec::new();
        for name in self.blobs_in(&work, file)? {
            let Some(Blob { list, .. }) = self.blob(&name)? else { continue };
            work.changes.put(Table::Index, &missing_name(&name), Missing::all(list.hashes().len()).0);
            self.want_no_more(&mut work, &name)?;
            going.extend_from_slice(list.hashes());
        }
        self.journal(&mut work.changes, file, &going)?;
        self.rows.commit(&mut self.state, work.changes)?;
        self.sweep(file)?;
        self.write_anchor();
        Ok(())
    }

    /// Marks the pieces of files that are not what they should be as missing, so that another device's are taken in their
    /// place; and what was noted as missing, and is here, is noted as here. Says how many turned out to be lost.
    pub(crate) fn mend_pieces(&mut self) -> Result<u64, VaultError> {
        let mut lacking = 0;
        for blob in self.blobs()? {
            lacking += self.compare_pieces(&blob)?;
        }
        Ok(lacking)
    }

    /// Compares what is noted of a blob's pieces with what is here. Gives how many turn out to be lost; those are wanted.
    fn compare_pieces(&mut self, name: &Hash) -> Result<u64, VaultError> {
        let Some(Blob { list, .. }) = self.blob(name)? else { return Ok(0) };
        let noted = self.missing_pieces(name)?;
        let mut missing = Missing::all(list.hashes().len());
        let mut lost = 0;
        for (number, hash) in list.hashes().iter().enumerate() {
            let is_here = self.is_piece_whole(hash)?;
            missing.set(number, !is_here);
            lost += u64::from(!is_here && noted.as_ref().is_none_or(|noted| !noted.has(number)));
        }
        let as_noted = noted.as_ref().map_or(missing.count() == 0, |noted| noted.0 == missing.0);
        if as_noted {
            return Ok(0);
        }
        let mut work = Work::default();
        if missing.count() == 0 {
            work.changes.remove(Table::Index, &missing_name(name));
            self.want_no_more(&mut work, name)?;
        } else {
            work.changes.put(Table::Index, &missing_name(name), missing.0);
        }
        if lost > 0 {
            self.want_blob(&mut work, name, list.added())?;
        }
        self.rows.commit(&mut self.state, work.changes)?;
        self.changed += 1;
        Ok(lost)
    }

    /// Whether a piece is here and the one that its name says.
    pub(crate) fn is_piece_whole(&self, hash: &Hash) -> Result<bool, VaultError> {
        match self.rows.piece(hash) {
            Ok(piece) => Ok(piece.is_some_and(|bytes| kdf::sha256(&bytes) == *hash)),
            Err(VaultError::Damaged) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A file that came back after its pieces went is wanted again.
    pub(crate) fn want_if_missing(&self, work: &mut Work, blob: &Hash, added: u64) -> Result<(), VaultError> {
        match self.rows.read_through(&work.changes, Table::Index, &missing_name(blob))? {
            Some(_) => self.want_blob(work, blob, added),
            None => Ok(()),
        }
    }

    /// Checks some pieces of a blob, from this number on, as far as they are here. Gives the number to go on from, if any is left.
    pub(crate) fn verify_pieces(
        &self,
        name: &Hash,
        from: u32,
        most: usize,
        found: &mut Verified,
    ) -> Result<Option<u32>, VaultError> {
        let Ok(Some(Blob { file, list })) = self.blob(name) else {
            found.damaged.push(Damage::Blob(*name));
            return Ok(None);
        };
        found.files += u64::from(from == 0);
        let missing = self.missing_pieces(name)?;
        let mut left = (0..).zip(list.hashes()).skip(usize::try_from(from).unwrap_or(usize::MAX));
        for (number, hash) in left.by_ref().take(most) {
            let at = usize::try_from(number).unwrap_or(usize::MAX);
            if missing.as_ref().is_some_and(|missing| missing.has(at)) {
                found.pieces_missing += 1;
                continue;
            }
            match self.is_piece_whole(hash)? {
                true => found.pieces += 1,
                false => found.damaged.push(Damage::Piece(file, number)),
            }
        }
        Ok(left.next().map(|(number, _)| number))
    }

    /// Notes that these pieces are going, unless the note is taken back.
    pub(crate) fn journal(&self, changes: &mut Changes, file: &DocId, pieces: &[Hash]) -> Result<(), VaultError> {
        let mut all = self.going()?;
        all.insert(*file);
        changes.put(Table::Pending, b"going", all.iter().flat_map(|id| id.0).collect());
        changes.put(Table::Pending, &going_name(file), pieces.iter().flat_map(|hash| hash.0).collect());
        Ok(())
    }

    /// Takes the note back: something names the pieces now.
    pub(crate) fn strike_journal(&self, changes: &mut Changes, file: &DocId) -> Result<(), VaultError> {
        let mut all = self.going()?;
        all.remove(file);
        changes.put(Table::Pending, b"going", all.iter().flat_map(|id| id.0).collect());
        changes.remove(Table::Pending, &going_name(file));
        Ok(())
    }

    /// Takes away what an ended program left, but for files that are being attached right now.
    pub(crate) fn sweep_pieces(&mut self) -> Result<(), VaultError> {
        for file in self.going()? {
            if !self.attaching.contains_key(&file) {
                self.sweep(&file)?;
            }
        }
        Ok(())
    }

    /// Takes away the rows that the journal names for this file, then the note of it.
    pub(crate) fn sweep(&mut self, file: &DocId) -> Result<(), VaultError> {
        let row = self.rows.read(Table::Pending, &going_name(file))?.unwrap_or_default();
        for some in index::hashes(&row).chunks(SWEPT_AT_ONCE) {
            let mut changes = Changes::default();
            some.iter().for_each(|hash| changes.remove(Table::Pieces, &hash.0));
            self.rows.commit(&mut self.state, changes)?;
        }
        let mut changes = Changes::default();
        self.strike_journal(&mut changes, file)?;
        self.rows.commit(&mut self.state, changes)
    }

    fn going(&self) -> Result<BTreeSet<DocId>, VaultError> {
        let row = self.rows.read(Table::Pending, b"going")?.unwrap_or_default();
        Ok(index::ids(&row).collect())
    }

    /// The pieces of a blob that are here, each with its number.
    pub(crate) fn pieces_of(&self, blob: &Hash) -> Result<Vec<(u32, Hash)>, VaultError> {
        let (Some(Blob { list, .. }), missing) = (self.blob(blob)?, self.missing_pieces(blob)?) else {
            return Ok(Vec::new());
        };
        let here = |(number, _): &(u32, &Hash)| {
            let number = usize::try_from(*number).unwrap_or(usize::MAX);
            missing.as_ref().is_none_or(|missing| !missing.has(number))
        };
        Ok((0..).zip(list.hashes()).filter(here).map(|(number, hash)| (number, *hash)).collect())
    }

    pub(crate) fn blobs(&self) -> Result<Vec<Hash>, VaultError> {
        Ok(self.rows.read(Table::Index, b"blobs")?.map(|row| index::hashes(&row)).unwrap_or_default())
    }

    fn blobs_in(&self, work: &Work, file: &DocId) -> Result<Vec<Hash>, VaultError> {
        let row = self.rows.read_through(&work.changes, Table::Index, &blobs_name(file))?;
        Ok(row.map(|row| index::hashes(&row)).unwrap_or_default())
    }

    /// Blobs of which pieces shall still come, the oldest first.
    fn wanted_blobs(&self) -> Result<Wanted, VaultError> {
        Ok(self.rows.read(Table::Index, WANTED)?.map(|row| wanted(&row)).unwrap_or_default())
    }

    fn want_blob(&self, work: &mut Work, blob: &Hash, added: u64) -> Result<(), VaultError> {
        self.change_wanted(work, |all| all.insert((added, *blob)))
    }

    fn want_no_more(&self, work: &mut Work, blob: &Hash) -> Result<(), VaultError> {
        self.change_wanted(work, |all| {
            let before = all.len();
            all.retain(|(_, other)| other != blob);
            all.len() < before
        })
    }

    fn change_wanted(&self, work: &mut Work, change: impl FnOnce(&mut Wanted) -> bool) -> Result<(), VaultError> {
        let row = self.rows.read_through(&work.changes, Table::Index, WANTED)?;
        let mut all = row.map(|row| wanted(&row)).unwrap_or_default();
        if change(&mut all) {
            let row = all.iter().flat_map(|(added, blob)| added.to_le_bytes().into_iter().chain(blob.0));
            work.changes.put(Table::Index, WANTED, row.collect());
        }
        Ok(())
    }

    fn missing_pieces(&self, blob: &Hash) -> Result<Option<Missing>, VaultError> {
        Ok(self.rows.read(Table::Index, &missing_name(blob))?.map(|row| Missing(row.to_vec())))
    }
}

fn wanted(row: &[u8]) -> Wanted {
    let entry = |entry: &[u8]| {
        let mut reader = Reader::new(entry);
        Some((reader.u64().ok()?, Hash(reader.array().ok()?)))
    };
    row.chunks_exact(8 + Hash::LEN).filter_map(entry).collect()
}

fn place(want: &PieceWant) -> usize {
    usize::try_from(want.number).unwrap_or(usize::MAX)
}

fn blob_name(blob: &Hash) -> Vec<u8> {
    [b"blob".as_slice(), &blob.0].concat()
}

fn missing_name(blob: &Hash) -> Vec<u8> {
    [b"lack".as_slice(), &blob.0].concat()
}

fn blobs_name(file: &DocId) -> Vec<u8> {
    [b"blobs".as_slice(), &file.0].concat()
}

fn going_name(file: &DocId) -> Vec<u8> {
    [b"going".as_slice(), &file.0].concat()
}
