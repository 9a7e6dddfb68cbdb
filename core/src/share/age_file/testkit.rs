//! Files of others: the vectors for `mlkem768x25519` of the C2SP age test kit (CCTV, npm `cctv-age` 0.2.0; 0BSD, CC0 or
//! Unlicense), each with the outcome that it demands, and a file of npm's `age-encryption`.
//!
//! Not here: `armor_hybrid` (armour is not read) and `hybrid_x25519_arg` (its fault is in a stanza of the older kind).

use std::io::Read;
use std::path::Path;

use super::{AgeError, decrypt};
use crate::{kdf, kit};

struct Vector {
    name: String,
    expect: String,
    payload_sha256: String,
    identity: String,
    file: Vec<u8>,
}

fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/age/testkit");
    std::fs::read_dir(folder).unwrap().map(|entry| vector(&entry.unwrap().path())).collect()
}

/// Lines `name: value`, an empty line, the file.
fn vector(path: &Path) -> Vector {
    let bytes = std::fs::read(path).unwrap();
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let value = |name: &str| {
        let mut pairs = head.lines().filter_map(|line| line.split_once(": "));
        pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    let mut file = bytes[end + 2..].to_vec();
    if value("compressed") == "zlib" {
        let mut inflated = Vec::new();
        flate2::read::ZlibDecoder::new(file.as_slice()).read_to_end(&mut inflated).unwrap();
        file = inflated;
    }
    Vector {
        name: path.file_name().unwrap().to_string_lossy().into(),
        expect: value("expect"),
        payload_sha256: value("payload"),
        identity: value("identity"),
        file,
    }
}

#[test]
fn every_vector_ends_as_the_test_kit_says() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 17);
    for Vector { name, expect, payload_sha256, identity, file } in vectors {
        let seed = kit::read_kit(&identity).unwrap();
        match (expect.as_str(), decrypt(&seed, &file)) {
            ("success", Ok(plaintext)) => {
                assert_eq!(kdf::sha256(&plaintext).to_string(), payload_sha256, "{name}");
            }
            ("no match", Err(AgeError::ForSomebodyElse)) | ("header failure", Err(AgeError::Edited)) => {}
            (expect, outcome) => panic!("{name}: {expect} expected, {:?} found", outcome.map(|_| "opened")),
        }
    }
}

#[test]
fn a_file_written_by_npm_and_one_written_here_open_with_their_identity_and_no_other() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/age");
    let seed = kit::read_kit(&std::fs::read_to_string(folder.join("identity.txt")).unwrap()).unwrap();
    let other = kit::read_kit(&vectors()[0].identity).unwrap();
    for name in ["by-npm-age-encryption-0.3.1.age", "by-subrosa-0.1.0.age"] {
        let file = std::fs::read(folder.join(name)).unwrap();
        let plaintext = decrypt(&seed, &file).unwrap();
        assert_eq!(plaintext.as_slice(), "Sub rosa: said in confidence. Åäö 🌹\n".as_bytes(), "{name}");
        assert_eq!(decrypt(&other, &file).err(), Some(AgeError::ForSomebodyElse), "{name}");
    }
}
