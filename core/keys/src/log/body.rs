//! Bodies: items one after the other, padded once, sealed for their place under the key of their epoch.
//!
//! Padding hides how long a note is from whoever carries the envelope: powers of two to 64 KiB, a seal and a row's key
//! less, then Padmé, which gives away O(log log n) bits. Refused: a body that its header does not name, another epoch's
//! key, an item that runs past the end, padding with anything in it, and a body beyond 8 MiB, in which the longest signed note fits.

use std::num::NonZeroU8;
use std::ops::Range;

use subrosa_base::codec::{Malformed, Reader, Writer};
use subrosa_base::entropy::Entropy;
use subrosa_base::id::{DocId, EpochId, KeyId};
use subrosa_base::labels;
use subrosa_base::padding::padme;
use zeroize::Zeroizing;

use super::codes::Kind;
use super::header::{Header, Place};
use super::item::Item;
use crate::kdf;
use crate::seal::{self, SealError};
use crate::secret::{EpochRole, Key, OuterRole};

/// The most bytes of a sealed body.
pub const BODY_MAX: usize = 8 << 20;
/// The size to which an import fills its bodies: large enough that padding and headers do not count.
pub const IMPORT_BODY: usize = 256 << 10;

const SMALLEST: usize = 1 << 10;
/// Up to here padding doubles, with [`SPARE`]; beyond, it grows by Padmé.
const DOUBLING: usize = 64 << 10;
/// By how much a padded body is shorter than a power of two: with its seal and a row's key it then fills a page of the store, or half
/// or a quarter of one. A few bytes more and it would take twice the room.
const SPARE: usize = 160;
/// Kind, document, key and the content's length.
const ITEM_HEAD: usize = 1 + DocId::LEN + KeyId::LEN + 4;

/// Why a body was not sealed or not opened. A body that does not open is kept as it is, and nothing else is touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// The items do not fit into one body; divide them.
    #[error("this is more than one change can carry; nothing of it was stored")]
    TooLarge,
    /// Length or hash differ from the header's.
    #[error("a change is not the one that its signature covers; it was not used")]
    NotTheHeaders,
    /// Sealed under another epoch's secret, or for another place.
    #[error("a change was sealed for other devices or for another place; it was not opened")]
    WrongKey,
    /// Signed by its device and still not what was sealed, or not items.
    #[error("a change could not be read; it was set aside, and nothing else is touched")]
    Damaged,
}

impl From<SealError> for BodyError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::WrongKey => Self::WrongKey,
            _ => Self::Damaged,
        }
    }
}

impl From<Malformed> for BodyError {
    fn from(_: Malformed) -> Self {
        Self::Damaged
    }
}

/// The key that seals the bodies of an epoch.
pub fn outer_key(secret: &Key<EpochRole>, epoch: EpochId) -> Key<OuterRole> {
    kdf::derive(secret, labels::OUTER, &epoch.0)
}

/// Packs and seals the items for their place; the header that comes back names the body.
///
/// # Errors
/// [`BodyError::TooLarge`] when the items are beyond [`capacity`] of [`BODY_MAX`].
pub fn seal_body(
    outer: &Key<OuterRole>,
    place: &Place,
    items: &[Item],
    entropy: &mut dyn Entropy,
) -> Result<(Header, Vec<u8>), BodyError> {
    let body = seal::seal(outer, &place.body_context(), &pack(items)?, entropy);
    let body_len = u32::try_from(body.len()).map_err(|_| BodyError::TooLarge)?;
    let header = place.header(body_len, kdf::sha256(&body));
    Ok((header, body))
}

/// Opens the body that this header names.
///
/// # Errors
/// See [`BodyError`].
pub fn open_body(header: &Header, outer: &Key<OuterRole>, body: &[u8]) -> Result<Vec<Item>, BodyError> {
    if body.len() > BODY_MAX || !header.names(body) {
        return Err(BodyError::NotTheHeaders);
    }
    unpack(&seal::open(outer, &header.body_context(), body)?)
}

/// Opens one item of a body by the place where its bytes lie, without opening the rest: for reading one note out of
/// hundreds. The body's hash is not compared, which would take all of it; the chunks that are opened carry their tags.
/// `read` gives the bytes of the body at two ranges.
///
/// # Errors
/// See [`BodyError`]; [`BodyError::Damaged`] when no single item fills exactly that place. And those of `read`.
pub fn open_item<E: From<BodyError>>(
    header: &Header,
    outer: &Key<OuterRole>,
    part: Range<usize>,
    read: impl FnOnce([Range<usize>; 2]) -> Result<[Vec<u8>; 2], E>,
) -> Result<Item, E> {
    let mut items = open_items(header, outer, part, read)?;
    match (items.pop(), items.is_empty()) {
        (Some(item), true) => Ok(item),
        _ => Err(BodyError::Damaged.into()),
    }
}

/// As [`open_item`], for items that follow each other.
///
/// # Errors
/// See [`BodyError`], and those of `read`.
pub fn open_items<E: From<BodyError>>(
    header: &Header,
    outer: &Key<OuterRole>,
    part: Range<usize>,
    read: impl FnOnce([Range<usize>; 2]) -> Result<[Vec<u8>; 2], E>,
) -> Result<Vec<Item>, E> {
    let len = usize::try_from(header.body_len).unwrap_or(usize::MAX);
    let [head, chunks] = read(seal::ranges_of(&part, len).ok_or(BodyError::Damaged)?)?;
    let opened = seal::open_part(outer, &header.body_context(), [&head, &chunks], part);
    Ok(unpack(&opened.map_err(BodyError::from)?)?)
}

/// The items one after the other, and zeros up to the padded length.
///
/// # Errors
/// [`BodyError::TooLarge`] when the sealed body would be beyond [`BODY_MAX`].
pub fn pack(items: &[Item]) -> Result<Zeroizing<Vec<u8>>, BodyError> {
    let len = items.iter().map(packed_len).fold(0, usize::saturating_add);
    if len > capacity(BODY_MAX) {
        return Err(BodyError::TooLarge);
    }
    let padded = padded_len(len);
    let mut writer = Writer::with_capacity(padded);
    for item in items {
        writer.u8(item.kind.code()).bytes(&item.document.0).bytes(&item.key.0).lp(&item.content);
    }
    let mut plain = Zeroizing::new(writer.finish());
    plain.resize(padded, 0);
    Ok(plain)
}

/// The items of a padded text. Zeros end it; how many is the writer's choice.
///
/// # Errors
/// [`BodyError::Damaged`] when an item runs past the end, or when the padding holds anything but zeros.
pub fn unpack(plain: &[u8]) -> Result<Vec<Item>, BodyError> {
    let mut items = Vec::new();
    let mut reader = Reader::new(plain);
    while let Some(code) = reader.rest().first() {
        let Some(kind) = NonZeroU8::new(*code) else {
            let padding = reader.rest().iter().all(|byte| *byte == 0);
            return if padding { Ok(items) } else { Err(BodyError::Damaged) };
        };
        reader.u8()?;
        items.push(Item {
            kind: Kind::of(kind),
            document: DocId(reader.array()?),
            key: KeyId(reader.array()?),
            content: reader.lp(BODY_MAX)?.to_vec(),
        });
    }
    Ok(items)
}

/// How many bytes an item takes of a body's [`capacity`].
pub fn packed_len(item: &Item) -> usize {
    ITEM_HEAD + item.content.len()
}

/// How many bytes of packed items fit into a body that, padded and sealed, has `sealed` bytes at the most.
pub fn capacity(sealed: usize) -> usize {
    let fits = |len: &usize| seal::sealed_len(padded_len(*len)) <= sealed;
    // Both lengths only grow, so the largest that fits is found by halving.
    let (mut most, mut step) = (0, sealed.min(BODY_MAX).next_power_of_two());
    while step > 0 {
        most = Some(most + step).filter(fits).unwrap_or(most);
        step /= 2;
    }
    most
}

/// 1, 2, 4 … 64 KiB, each less 160 bytes, then Padmé.
pub fn padded_len(len: usize) -> usize {
    let with_spare = len.saturating_add(SPARE);
    if with_spare <= DOUBLING {
        return with_spare.max(SMALLEST).next_power_of_two() - SPARE;
    }
    padme(len)
}

#[cfg(test)]
mod tests;
