//! Items: what a body is made of, each sealed on its own under the key of its client and compartment.
//!
//! An item opens as what it was sealed: another kind, document or device is refused. Where in the device's logs it stands is not
//! under its seal but under those of the body and of the header, so that what waits to be sent is sealed before that is known. A payload is compressed before it is sealed, as what follows a dictionary of words that notes have in common: a short
//! note repeats little of itself. One that would inflate beyond its limit is given up while it inflates.

use std::io::Read;

use flate2::bufread::ZlibDecoder;
use flate2::{Compress, Compression, Decompress, FlushCompress, Status};
use subrosa_base::entropy::{self, Entropy};
use subrosa_base::id::{DeviceId, DocId, KeyId};
use subrosa_base::labels;
use zeroize::Zeroizing;

use super::codes::Kind;
use crate::seal::{self, Salt, SealError};
use crate::secret::{CompartmentRole, Key, PracticeRole, Role};

/// The most bytes that a payload may have, before it is compressed and after it is inflated.
pub const PAYLOAD_MAX: usize = 16 << 20;
/// So many times as long as what it was compressed to a payload may be, beside [`INFLATES_ANYWAY`]: what an envelope costs whoever
/// takes it in stays in proportion to its length.
pub const INFLATES: usize = 64;
/// Bytes that a payload may have however little it was compressed to.
pub const INFLATES_ANYWAY: usize = 64 << 10;
/// What every payload is compressed after. A changed byte in it would be another format.
const DICTIONARY: &[u8] = include_bytes!("../../../../docs/dictionary.txt");
/// The key of items that the body's seal alone protects: roster entries and keyring parts.
pub const NO_KEY: KeyId = KeyId([0; KeyId::LEN]);
/// The key of items under the practice key.
pub const PRACTICE_KEY: KeyId = KeyId([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

/// A role whose key seals items.
pub trait ItemKey: Role {}
impl ItemKey for CompartmentRole {}
impl ItemKey for PracticeRole {}

/// Why an item did not open. It is set aside alone; the others of its body are not touched by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ItemError {
    /// Another key than the one it was sealed under, or sealed as another item or by another device.
    #[error("an entry was sealed by somebody else or as another one; it was set aside, and nothing else is touched")]
    WrongKey,
    /// The key is right and the content is not what was sealed.
    #[error("an entry was changed after it was sealed; it was set aside, and nothing else is touched")]
    Damaged,
    /// More bytes than an item may hold.
    #[error("an entry is larger than it may be; it was set aside, and nothing else is touched")]
    TooLarge,
}

impl From<SealError> for ItemError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::WrongKey => Self::WrongKey,
            _ => Self::Damaged,
        }
    }
}

/// One item of a body, as it travels: its content is sealed unless its key is [`NO_KEY`].
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// The document that it is about; zeros when it is about none.
    pub document: DocId,
    /// The key that seals it.
    pub key: KeyId,
    /// The sealed content, or the payload itself under no key.
    pub content: Vec<u8>,
}

impl Item {
    /// An item under no key: the body's seal protects it.
    pub fn bare(kind: Kind, document: DocId, payload: Vec<u8>) -> Self {
        Self { kind, document, key: NO_KEY, content: payload }
    }

    /// An entry of the roster, which is of no document.
    pub fn roster(entry: Vec<u8>) -> Self {
        Self::bare(Kind::Roster, DocId([0; DocId::LEN]), entry)
    }

    /// Compresses a payload and seals it, as what this device says.
    ///
    /// # Errors
    /// [`ItemError::TooLarge`] for a payload beyond [`PAYLOAD_MAX`].
    pub fn seal<R: ItemKey>(
        kind: Kind,
        document: DocId,
        (key, secret): (KeyId, &Key<R>),
        by: DeviceId,
        payload: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<Self, ItemError> {
        Self::seal_salted(kind, document, (key, secret), by, payload, &entropy::random(entropy))
    }

    /// As [`Self::seal`] with a salt drawn before, for threads that have no source of randomness. Never twice with one salt.
    ///
    /// # Errors
    /// [`ItemError::TooLarge`] for a payload beyond [`PAYLOAD_MAX`].
    pub fn seal_salted<R: ItemKey>(
        kind: Kind,
        document: DocId,
        (key, secret): (KeyId, &Key<R>),
        by: DeviceId,
        payload: &[u8],
        salt: &Salt,
    ) -> Result<Self, ItemError> {
        if payload.len() > PAYLOAD_MAX {
            return Err(ItemError::TooLarge);
        }
        let content = seal::seal_salted(secret, salt, &context(kind, document, by), &deflate(payload));
        Ok(Self { kind, document, key, content })
    }

    /// Opens the content, as what this device says, and inflates it.
    ///
    /// # Errors
    /// See [`ItemError`].
    pub fn open<R: ItemKey>(&self, secret: &Key<R>, by: DeviceId) -> Result<Zeroizing<Vec<u8>>, ItemError> {
        inflate(&seal::open(secret, &context(self.kind, self.document, by), &self.content)?)
    }
}

/// Ids and sizes are no secret from who may open the body, and still nobody's business in a log file.
impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Item({:?})", self.kind)
    }
}

fn context(kind: Kind, document: DocId, by: DeviceId) -> Vec<u8> {
    [labels::ITEM, &[kind.code()], &document.0, &by.0].concat()
}

/// Bytes to which so many may be inflated.
fn inflated_most(deflated: usize) -> usize {
    deflated.saturating_mul(INFLATES).saturating_add(INFLATES_ANYWAY).min(PAYLOAD_MAX)
}

/// Raw deflate (RFC 1951) after the dictionary. Of a payload that repeats itself more than a reader takes, so much of the beginning
/// stands in stored blocks that it is no longer too much.
fn deflate(payload: &[u8]) -> Zeroizing<Vec<u8>> {
    let deflated = blocks(Compression::default(), DICTIONARY, payload, FlushCompress::Finish);
    if payload.len() <= inflated_most(deflated.len()) {
        return deflated;
    }
    let (stored, rest) = payload.split_at(payload.len() / INFLATES);
    let before = Zeroizing::new([DICTIONARY, stored].concat());
    let begins = blocks(Compression::none(), DICTIONARY, stored, FlushCompress::Sync);
    let ends = blocks(Compression::default(), &before, rest, FlushCompress::Finish);
    Zeroizing::new([begins.as_slice(), ends.as_slice()].concat())
}

/// The blocks of a stream, or of a part of one, that may refer back to what was before.
#[expect(clippy::expect_used, reason = "a fresh stream takes a dictionary, and memory every byte")]
fn blocks(level: Compression, before: &[u8], input: &[u8], flush: FlushCompress) -> Zeroizing<Vec<u8>> {
    let mut raw = Compress::new(level, false);
    raw.set_dictionary(before).expect("nothing was written yet");
    let mut out = Zeroizing::new(Vec::with_capacity(input.len() / 2 + 1_024));
    loop {
        let taken = usize::try_from(raw.total_in()).unwrap_or(usize::MAX);
        let status = raw.compress_vec(input.get(taken..).unwrap_or_default(), &mut out, flush);
        let is_all_out = out.len() < out.capacity();
        if status.expect("a stream in memory goes on") == Status::StreamEnd
            || (is_all_out && flush == FlushCompress::Sync)
        {
            return out;
        }
        out.reserve(input.len() / 2 + 1_024);
    }
}

/// Inflates one whole stream and nothing after it, reading one byte beyond the limit at the most.
fn inflate(deflated: &[u8]) -> Result<Zeroizing<Vec<u8>>, ItemError> {
    let mut raw = Decompress::new(false);
    raw.set_dictionary(DICTIONARY).map_err(|_| ItemError::Damaged)?;
    let mut decoder = ZlibDecoder::new_with_decompress(deflated, raw);
    let most = inflated_most(deflated.len());
    let limit = u64::try_from(most).unwrap_or(u64::MAX);
    // Text is about twice as long, so that few payloads move while they grow, and leave a copy behind.
    let mut payload = Zeroizing::new(Vec::with_capacity(deflated.len().saturating_mul(4).min(most)));
    decoder.by_ref().take(limit.saturating_add(1)).read_to_end(&mut payload).map_err(|_| ItemError::Damaged)?;
    if payload.len() > most {
        return Err(ItemError::TooLarge);
    }
    if Ok(decoder.total_in()) != u64::try_from(deflated.len()) {
        return Err(ItemError::Damaged);
    }
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    use flate2::write::ZlibEncoder;
    use std::io::Write;

    use super::*;
    use subrosa_base::entropy::Os;

    const BY: DeviceId = DeviceId([3; 16]);

    fn key(byte: u8) -> Key<CompartmentRole> {
        Key::take(&mut [byte; 32])
    }

    /// A payload deflated as far as it goes.
    fn whole(payload: &[u8]) -> Zeroizing<Vec<u8>> {
        blocks(Compression::default(), DICTIONARY, payload, FlushCompress::Finish)
    }

    fn sealed(payload: &[u8]) -> Item {
        Item::seal(Kind::Changes, DocId([1; 16]), (KeyId([2; 16]), &key(1)), BY, payload, &mut Os).unwrap()
    }

    /// A sealed item whose plain content is these bytes, whatever they are.
    fn forged(content: &[u8]) -> Item {
        let mut item = sealed(b"");
        item.content = seal::seal(&key(1), &context(item.kind, item.document, BY), content, &mut Os);
        item
    }

    #[test]
    fn an_item_opens_as_what_it_was_sealed_and_as_nothing_else() {
        let item = sealed(b"what was said");
        assert_eq!(item.open(&key(1), BY).unwrap().as_slice(), b"what was said");
        assert_eq!(item.open(&key(2), BY), Err(ItemError::WrongKey));
        assert_eq!(item.open(&key(1), DeviceId([4; 16])), Err(ItemError::WrongKey));
        let renamed = Item { kind: Kind::Signed, ..item.clone() };
        assert_eq!(renamed.open(&key(1), BY), Err(ItemError::WrongKey));
        let moved = Item { document: DocId([9; 16]), ..item };
        assert_eq!(moved.open(&key(1), BY), Err(ItemError::WrongKey));
    }

    #[test]
    fn every_changed_bit_of_an_item_is_refused() {
        let item = sealed(b"what was said");
        for bit in 0..item.content.len() * 8 {
            let mut flipped = item.clone();
            flipped.content[bit / 8] ^= 1 << (bit % 8);
            assert!(flipped.open(&key(1), BY).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn an_item_that_would_inflate_without_end_is_given_up_at_the_limit() {
        // A bit of each byte is drawn, so that it shrinks to an eighth.
        let mut drawn = vec![0; PAYLOAD_MAX + 1];
        Os.fill(&mut drawn);
        drawn.iter_mut().for_each(|byte| *byte &= 1);
        let largest = sealed(&drawn[1..]);
        assert!(largest.content.len() < PAYLOAD_MAX / 4);
        assert_eq!(largest.open(&key(1), BY).unwrap().len(), PAYLOAD_MAX);
        assert_eq!(forged(&whole(&drawn)).open(&key(1), BY), Err(ItemError::TooLarge));
        let written = Item::seal(Kind::Frozen, DocId([0; 16]), (NO_KEY, &key(1)), BY, &drawn, &mut Os);
        assert_eq!(written, Err(ItemError::TooLarge));
    }

    #[test]
    fn an_item_inflates_to_a_multiple_of_its_length_and_no_more() {
        let zeros = |len: usize| whole(&vec![0; len]);
        // A thousandth is left of zeros, so a few bytes decide how many there may be.
        let beyond = (INFLATES_ANYWAY..).find(|len| *len > inflated_most(zeros(*len).len())).unwrap();
        let most = beyond - 1;
        assert_eq!(forged(&zeros(most)).open(&key(1), BY).unwrap().len(), most);
        assert_eq!(forged(&zeros(beyond)).open(&key(1), BY), Err(ItemError::TooLarge));
        assert_eq!(forged(&zeros(PAYLOAD_MAX)).open(&key(1), BY), Err(ItemError::TooLarge));
        for len in [most, beyond, 4 << 20] {
            assert_eq!(sealed(&vec![0; len]).open(&key(1), BY).unwrap().len(), len, "whoever writes keeps to it");
        }
    }

    #[test]
    fn what_is_not_one_whole_compressed_stream_is_refused() {
        let whole = deflate(b"what was said");
        for end in 0..whole.len() {
            assert_eq!(forged(&whole[..end]).open(&key(1), BY), Err(ItemError::Damaged), "cut at {end}");
        }
        let trailing = [&whole[..], b"x"].concat();
        assert_eq!(forged(&trailing).open(&key(1), BY), Err(ItemError::Damaged));
    }

    #[test]
    fn a_stream_after_another_dictionary_or_with_a_header_is_not_what_was_said() {
        let note = b"Client reports that sleep has improved and appetite is normal.";
        let after = |dictionary: &[u8], header: bool| {
            let mut stream = Compress::new(Compression::default(), header);
            stream.set_dictionary(dictionary).unwrap();
            let mut encoder = ZlibEncoder::new_with_compress(Vec::new(), stream);
            encoder.write_all(note).unwrap();
            encoder.finish().unwrap()
        };
        assert_eq!(forged(&after(DICTIONARY, false)).open(&key(1), BY).unwrap().as_slice(), note);
        // Raw deflate has no sum over what it says: the seal has.
        let mut other = DICTIONARY.to_vec();
        other.rotate_left(1);
        assert!(forged(&after(&other, false)).open(&key(1), BY).is_ok_and(|payload| payload.as_slice() != note));
        assert_eq!(forged(&after(&[], true)).open(&key(1), BY), Err(ItemError::Damaged));
    }

    #[test]
    fn a_short_note_shrinks_by_what_it_has_in_common_with_others() {
        let note = b"Client reports that sleep has improved and appetite is normal.";
        assert!(deflate(note).len() < note.len() / 2, "{}", deflate(note).len());
        let page = include_str!("../../../../docs/format.md");
        let named: String = Sha256::digest(DICTIONARY).iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(page.contains(&named), "the dictionary is the one that the format names: {named}");
    }

    #[test]
    fn debug_prints_the_kind_alone() {
        assert_eq!(format!("{:?}", sealed(b"what was said")), "Item(Changes)");
    }

    proptest! {
        #[test]
        fn every_payload_comes_back(payload: Vec<u8>) {
            prop_assert_eq!(sealed(&payload).open(&key(1), BY).unwrap().to_vec(), payload);
        }

        #[test]
        fn no_content_makes_opening_panic(content: Vec<u8>) {
            let _ = forged(&content).open(&key(1), BY);
            let _ = Item { content, ..sealed(b"") }.open(&key(1), BY);
        }
    }
}
