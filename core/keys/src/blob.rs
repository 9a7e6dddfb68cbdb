//! Blobs: the content of an attached file in sealed pieces, each of which can be made, checked, moved and opened alone
//! (format §13).
//!
//! A blob is named by a hash over the hashes of its sealed pieces, so a device that has no key can tell whether a piece
//! is the right one. Pure: bytes, keys and salts come in, bytes and verdicts go out. Refused: a list that is empty or
//! longer than the longest file, a number of pieces that its length does not have, padding with anything in it.

use subrosa_base::codec::{Malformed, Reader, Writer};
use subrosa_base::id::{DocId, Hash};
use subrosa_base::labels;
use subrosa_base::padding::padme;
use zeroize::Zeroizing;

use crate::kdf;
use crate::seal::{self, Salt, SealError};
use crate::secret::{FileRole, Key};

/// Bytes of the file in a full piece. Sealed, in its row, it fills a page of 1 MiB of the store; 1 MiB of the file would take
/// a page of 2 MiB.
pub const PIECE: usize = (1 << LARGEST) - SPARE;
/// The most bytes that a sealed piece has.
pub const SEALED_MAX: usize = seal::sealed_len(PIECE);
/// The most bytes that a file may have.
pub const LENGTH_MAX: u64 = 2 << 30;
/// The most pieces that a blob may have: those of the longest file, padded.
pub const PIECES_MAX: usize = 2_176;

/// A piece has `2^k - SPARE` bytes, with k between these two.
const SMALLEST: u32 = 12;
const LARGEST: u32 = 20;
/// Room in a page of the store for salt, commitment, tags and the row's own bytes.
const SPARE: usize = 2_048;

/// How a file of some length lies in pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// How many pieces there are; never none.
    pub pieces: usize,
    /// Bytes in each of them, padding included.
    pub size: usize,
}

impl Layout {
    /// The pieces of a file of `length` bytes, with which it hides its length: one piece of 2, 6, 14 … 1,022 KiB, or as many
    /// full ones as Padmé makes of their number. `None` beyond [`LENGTH_MAX`].
    pub fn of(length: u64) -> Option<Self> {
        let length = usize::try_from(length).ok().filter(|_| length <= LENGTH_MAX)?;
        if length <= PIECE {
            let size =
                (SMALLEST..=LARGEST).map(|exponent| (1_usize << exponent) - SPARE).find(|size| length <= *size)?;
            return Some(Self { pieces: 1, size });
        }
        Some(Self { pieces: padme(length.div_ceil(PIECE)), size: PIECE })
    }
}

/// A piece as it is stored and as it travels.
pub struct SealedPiece {
    /// SHA-256 of the bytes.
    pub hash: Hash,
    /// The sealed bytes.
    pub bytes: Vec<u8>,
}

/// Which piece of which file: bound into the seal, so that a piece opens nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PiecePlace {
    /// The file's document.
    pub file: DocId,
    /// From 0.
    pub number: u32,
}

impl PiecePlace {
    fn context(&self) -> Vec<u8> {
        [labels::FILE_PIECE, &self.file.0, &self.number.to_le_bytes()].concat()
    }
}

/// Seals one piece. The salt must be fresh.
pub fn seal_piece(key: &Key<FileRole>, place: &PiecePlace, salt: &Salt, plain: &[u8]) -> SealedPiece {
    let bytes = seal::seal_salted(key, salt, &place.context(), plain);
    SealedPiece { hash: kdf::sha256(&bytes), bytes }
}

/// Opens one piece at its place.
///
/// # Errors
/// See [`SealError`]; nothing of a piece is given out unless all of it is whole.
pub fn open_piece(key: &Key<FileRole>, place: &PiecePlace, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    seal::open(key, &place.context(), sealed)
}

/// The hashes of a blob's sealed pieces, in order, and when the file was attached: what a device without any key must know
/// to fetch them, the newest file's first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PieceList {
    added: u64,
    hashes: Vec<Hash>,
}

impl PieceList {
    /// `None` for a list that no file has.
    pub fn new(added: u64, hashes: Vec<Hash>) -> Option<Self> {
        (1..=PIECES_MAX).contains(&hashes.len()).then_some(Self { added, hashes })
    }

    /// Reads a list and nothing after it.
    ///
    /// # Errors
    /// [`Malformed`], also for an empty list and one that is longer than any file's.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let added = reader.u64()?;
        let hashes = reader.list(PIECES_MAX, |reader| reader.array().map(Hash))?;
        reader.finish()?;
        Self::new(added, hashes).ok_or(Malformed)
    }

    /// The inverse of [`Self::parse`].
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(12 + self.hashes.len() * Hash::LEN);
        writer.u64(self.added).list(&self.hashes, |writer, hash| {
            writer.bytes(&hash.0);
        });
        writer.finish()
    }

    /// The blob's name: whoever attached the same pieces at another time, it is the same.
    pub fn name(&self) -> Hash {
        let hashes: Vec<u8> = self.hashes.iter().flat_map(|hash| hash.0).collect();
        kdf::hash(labels::FILE_BLOB, &[&hashes])
    }

    /// The hashes.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// When the file was attached, in milliseconds since 1970, by the clock of the device that did it.
    pub fn added(&self) -> u64 {
        self.added
    }
}

#[cfg(test)]
mod tests;
