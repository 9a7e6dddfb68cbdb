//! HPKE (RFC 9180) in the one shape that an age file needs: base mode, one message, no associated data, HKDF-SHA256 and
//! ChaCha20-Poly1305 over a secret that X-Wing (KEM 0x647a) has already agreed on.
//!
//! Key and nonce follow from the shared secret alone, so one shared secret must never protect two messages; who calls
//! this makes a fresh one for each.

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hkdf::{Hkdf, HkdfExtract};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::secret::{Key, MessageRole};

/// `"HPKE" ‖ KEM ‖ KDF ‖ AEAD`, §5.1.
const SUITE: &[u8] = b"HPKE\x64\x7a\x00\x01\x00\x03";
const VERSION: &[u8] = b"HPKE-v1";
const MODE_BASE: u8 = 0;
const KEY_LEN: u8 = 32;
const NONCE_LEN: u8 = 12;

/// `SealBase` for a plaintext of a few bytes.
pub fn seal(shared: &Key<MessageRole>, info: &[u8], plaintext: &[u8]) -> Option<Vec<u8>> {
    let (cipher, nonce) = schedule(shared, info)?;
    cipher.encrypt(&nonce, plaintext).ok()
}

/// `OpenBase`; nothing when the ciphertext is not what [`seal`] made with this secret and this info.
pub fn open(shared: &Key<MessageRole>, info: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (cipher, nonce) = schedule(shared, info)?;
    cipher.decrypt(&nonce, ciphertext).ok().map(Zeroizing::new)
}

/// `KeySchedule`, §5.1, with an empty PSK.
fn schedule(shared: &Key<MessageRole>, info: &[u8]) -> Option<(ChaCha20Poly1305, Nonce)> {
    let (psk_id_hash, _) = labeled_extract(&[], b"psk_id_hash", &[]);
    let (info_hash, _) = labeled_extract(&[], b"info_hash", info);
    let context = [&[MODE_BASE], psk_id_hash.as_slice(), info_hash.as_slice()].concat();
    let (_, secret) = labeled_extract(shared.expose(), b"secret", &[]);
    let mut key = Zeroizing::new([0; KEY_LEN as usize]);
    labeled_expand(&secret, b"key", &context, KEY_LEN, key.as_mut_slice())?;
    let mut nonce = Nonce::default();
    labeled_expand(&secret, b"base_nonce", &context, NONCE_LEN, nonce.as_mut_slice())?;
    Some((ChaCha20Poly1305::new(key.as_slice().try_into().ok()?), nonce))
}

fn labeled_extract(salt: &[u8], label: &[u8], ikm: &[u8]) -> ([u8; 32], Hkdf<Sha256>) {
    let mut extract = HkdfExtract::<Sha256>::new(Some(salt));
    [VERSION, SUITE, label, ikm].into_iter().for_each(|part| extract.input_ikm(part));
    let (prk, expand) = extract.finalize();
    (prk.into(), expand)
}

/// `len` is also the length of `out`; it is in the info as two bytes, big-endian.
fn labeled_expand(prk: &Hkdf<Sha256>, label: &[u8], info: &[u8], len: u8, out: &mut [u8]) -> Option<()> {
    prk.expand_multi_info(&[&[0, len], VERSION, SUITE, label, info], out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        hex.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    /// The vector for this suite (0x647a, 1, 3) in the test data of draft-ietf-hpke-pq, first encryption's key and nonce.
    #[test]
    fn the_key_schedule_gives_the_key_and_nonce_of_the_published_vector() {
        let shared =
            Key::from_slice(&bytes("b90cf181d95351d1091569487caaf6c3434eeb181a2c4c04631980ce139afa67")).unwrap();
        let info = bytes("34663634363532303666366532303631323034373732363536333639363136653230353537323665");
        let (cipher, nonce) = schedule(&shared, &info).unwrap();
        assert_eq!(nonce.as_slice(), bytes("5ddfaaee10a4dfd0d8e1b49f"));
        let expected = ChaCha20Poly1305::new(
            bytes("4a4c042267e8ec360c83b2baf0d5e3dcca73a86531cdf67ec41d95bccfe12387").as_slice().try_into().unwrap(),
        );
        assert_eq!(cipher.encrypt(&nonce, &b"message"[..]), expected.encrypt(&nonce, &b"message"[..]));
    }

    #[test]
    fn another_secret_another_info_or_a_flipped_bit_opens_nothing() {
        let (shared, other) = (Key::take(&mut [1; 32]), Key::take(&mut [2; 32]));
        let sealed = seal(&shared, b"info", b"sixteen bytes ok").unwrap();
        assert_eq!(open(&shared, b"info", &sealed).unwrap().as_slice(), b"sixteen bytes ok");
        assert!(open(&other, b"info", &sealed).is_none());
        assert!(open(&shared, b"other", &sealed).is_none());
        for bit in 0..sealed.len() * 8 {
            let mut edited = sealed.clone();
            edited[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&shared, b"info", &edited).is_none(), "bit {bit}");
        }
    }
}
