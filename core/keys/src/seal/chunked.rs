//! C2SP chunked-encryption, <https://c2sp.org/chunked-encryption>, generic over the cipher.
//!
//! One code path serves the cipher of the format and the AES forms of the construction: the outside vectors exist for
//! those alone, and so test the very lines that seal notes.

use std::ops::Range;

use chacha20poly1305::ChaCha20Poly1305;
use chacha20poly1305::aead::consts::{U12, U16};
use chacha20poly1305::aead::{AeadInOut, KeyInit, Nonce, Tag};
use hmac::{Hmac, Mac};
use sha2::Sha512;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::SealError;

pub(super) const CHUNK: usize = 16 * 1024;
pub(super) const TAG: usize = 16;
pub(super) const SALT: usize = 24;
const COMMITMENT: usize = 32;
const NONCE: usize = 12;
/// Salt and commitment, before the first chunk.
pub(super) const HEADER: usize = SALT + COMMITMENT;
/// The longest key of any suite, the nonce and the commitment.
const LONGEST: usize = 32 + NONCE + COMMITMENT;

/// A cipher and its name in the IANA registry of AEAD algorithms.
pub(super) trait Suite {
    /// The registered name, bound into every derived key.
    const NAME: &'static [u8];
    /// Bytes in the key, 32 at the most.
    const KEY: usize;
    /// The cipher.
    type Cipher: AeadInOut<NonceSize = U12, TagSize = U16> + KeyInit;
}

/// The cipher of the format.
pub(super) enum ChaCha {}

impl Suite for ChaCha {
    const NAME: &'static [u8] = b"AEAD_CHACHA20_POLY1305";
    const KEY: usize = 32;
    type Cipher = ChaCha20Poly1305;
}

pub(super) const fn sealed_len(plain_len: usize) -> usize {
    HEADER + plain_len + TAG * (plain_len / CHUNK + 1)
}

#[expect(clippy::expect_used, reason = "these ciphers refuse gigabytes alone, and a chunk has 16 KiB at the most")]
pub(super) fn seal<S: Suite>(key: &[u8], salt: &[u8; SALT], context: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let message = Message::<S>::derive(key, salt, context);
    let mut sealed = Vec::with_capacity(sealed_len(plaintext.len()));
    sealed.extend_from_slice(salt);
    sealed.extend_from_slice(&message.commitment);
    for (number, chunk) in (0..).zip(plain_chunks(plaintext)) {
        let start = sealed.len();
        sealed.extend_from_slice(chunk);
        let body = sealed.get_mut(start..).unwrap_or_default();
        let tag = message.cipher.encrypt_inout_detached(&message.nonce(number), &[], body.into());
        sealed.extend_from_slice(&tag.expect("a chunk is within the cipher's limit"));
    }
    sealed
}

pub(super) fn open<S: Suite>(key: &[u8], context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    if sealed.len() < HEADER + TAG {
        return Err(SealError::TooShort);
    }
    let (message, chunks) = Message::<S>::of(key, context, sealed)?;
    if is_whole(chunks.len()) { message.open_chunks(0, chunks) } else { Err(SealError::Damaged) }
}

/// The bytes before the first chunk, and the chunks that hold this part of the plaintext.
pub(super) fn ranges_of(part: &Range<usize>, sealed_len: usize) -> Option<[Range<usize>; 2]> {
    let len = sealed_len.checked_sub(HEADER).filter(|len| is_whole(*len))?;
    let begins = (part.start / CHUNK).checked_mul(CHUNK + TAG)?;
    let ends = part.end.div_ceil(CHUNK).checked_mul(CHUNK + TAG)?.min(len);
    (begins <= ends).then(|| [0..HEADER, HEADER + begins..HEADER + ends])
}

/// Opens the chunks that hold this part of the plaintext: each has its own number and tag.
pub(super) fn open_part<S: Suite>(
    key: &[u8],
    context: &[u8],
    [header, chunks]: [&[u8]; 2],
    part: Range<usize>,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (message, _) = Message::<S>::of(key, context, header)?;
    let first = part.start / CHUNK;
    let mut plaintext = message.open_chunks(first, chunks)?;
    let from = part.start - first * CHUNK;
    if plaintext.len() < part.len().saturating_add(from) {
        return Err(SealError::Damaged);
    }
    plaintext.drain(..from);
    plaintext.truncate(part.len());
    Ok(plaintext)
}

/// What one derivation yields for one message.
struct Message<S: Suite> {
    cipher: S::Cipher,
    base_nonce: [u8; NONCE],
    commitment: [u8; COMMITMENT],
}

impl<S: Suite> Message<S> {
    /// Key, base nonce and commitment, in this order, from HKDF-Expand.
    fn derive(key: &[u8], salt: &[u8; SALT], context: &[u8]) -> Self {
        let mut okm = [0; LONGEST];
        expand(key, &[b"c2sp.org/chunked-encryption@v1+", S::NAME, &[0], salt, context], &mut okm);
        let (cipher_key, rest) = okm.split_at(S::KEY);
        let (mut base_nonce, mut commitment) = ([0; NONCE], [0; COMMITMENT]);
        base_nonce.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        commitment.iter_mut().zip(rest.iter().skip(NONCE)).for_each(|(to, from)| *to = *from);
        #[expect(clippy::expect_used, reason = "the suite names its own cipher's key length")]
        let cipher = S::Cipher::new_from_slice(cipher_key).expect("the suite's key length fits its cipher");
        okm.zeroize();
        Self { cipher, base_nonce, commitment }
    }

    /// The base nonce with the big-endian chunk number in its last bytes. 2³⁸ chunks, where the construction ends, are
    /// four pebibytes: more than fits into a slice of memory.
    fn nonce(&self, number: u64) -> Nonce<S::Cipher> {
        let mut nonce = self.base_nonce;
        nonce.iter_mut().rev().zip(number.to_le_bytes()).for_each(|(byte, count)| *byte ^= count);
        nonce.into()
    }

    /// The message that this key opens, and its chunks. Nothing is decrypted yet.
    fn of<'a>(key: &[u8], context: &[u8], sealed: &'a [u8]) -> Result<(Self, &'a [u8]), SealError> {
        let (salt, rest) = sealed.split_first_chunk::<SALT>().ok_or(SealError::TooShort)?;
        let (commitment, chunks) = rest.split_first_chunk::<COMMITMENT>().ok_or(SealError::TooShort)?;
        let message = Self::derive(key, salt, context);
        if bool::from(message.commitment.ct_eq(commitment)) { Ok((message, chunks)) } else { Err(SealError::WrongKey) }
    }

    /// Opens chunks that follow each other, the first of them of this number.
    fn open_chunks(&self, first: usize, chunks: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let first = u64::try_from(first).map_err(|_| SealError::Damaged)?;
        let tags = TAG * chunks.len().div_ceil(CHUNK + TAG);
        let mut plaintext = Zeroizing::new(Vec::with_capacity(chunks.len().saturating_sub(tags)));
        for (number, chunk) in (first..).zip(chunks.chunks(CHUNK + TAG)) {
            let (body, tag) = chunk.split_last_chunk::<TAG>().ok_or(SealError::Damaged)?;
            let start = plaintext.len();
            plaintext.extend_from_slice(body);
            let body = plaintext.get_mut(start..).unwrap_or_default();
            self.cipher
                .decrypt_inout_detached(&self.nonce(number), &[], body.into(), &Tag::<S::Cipher>::from(*tag))
                .map_err(|_| SealError::Damaged)?;
        }
        Ok(plaintext)
    }
}

/// Whether these can be the chunks of a text: only the last is shorter than 16 KiB, and one that ends on the edge of a full
/// chunk was cut.
fn is_whole(len: usize) -> bool {
    len % (CHUNK + TAG) >= TAG
}

/// Every full chunk, then what is left: always one shorter chunk, empty when the length is a multiple of 16 KiB.
fn plain_chunks(plaintext: &[u8]) -> impl Iterator<Item = &[u8]> {
    let full = plaintext.chunks_exact(CHUNK);
    let last = full.remainder();
    full.chain(std::iter::once(last))
}

/// HKDF-Expand of RFC 5869 with SHA-512, by hand over HMAC: the `hkdf` crate refuses an input key shorter than the
/// hash, and here the input key is uniformly random and as long as the cipher's.
fn expand(prk: &[u8], info: &[&[u8]], okm: &mut [u8]) {
    #[expect(clippy::expect_used, reason = "HMAC is defined for keys of every length")]
    let keyed = Hmac::<Sha512>::new_from_slice(prk).expect("HMAC takes any key");
    let mut previous = Zeroizing::new([0_u8; 64]);
    for (counter, block) in (1..=u8::MAX).zip(okm.chunks_mut(64)) {
        let mut mac = keyed.clone();
        if counter > 1 {
            mac.update(previous.as_slice());
        }
        info.iter().for_each(|part| mac.update(part));
        mac.update(&[counter]);
        *previous = mac.finalize().into_bytes().into();
        block.iter_mut().zip(previous.iter()).for_each(|(to, from)| *to = *from);
    }
}
