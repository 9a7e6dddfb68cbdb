use proptest::prelude::*;

use super::*;
use crate::secret::{DeviceSigningRole, Key};

fn signer(byte: u8) -> Signer {
    Signer::new(&Key::<DeviceSigningRole>::take(&mut [byte; 32]))
}

fn log_of(device: &Signer) -> LogId {
    LogId::of(device.public_key().device_id(), 6)
}

/// A log of nobody.
const LOG: LogId = LogId([3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 9, 0, 0, 0, 0, 0, 0, 0]);

fn header(log: LogId) -> Header {
    Header {
        class: Class::Everyday,
        log,
        seq: 0x0102,
        prev: Hash([7; 32]),
        epoch: EpochId([8; 16]),
        body_len: 1096,
        body_hash: Hash([9; 32]),
    }
}

#[test]
fn a_header_lies_as_the_format_says() {
    let bytes = header(LOG).to_bytes();
    assert_eq!(&bytes[..10], b"subrosa\x02\x01\x01");
    assert_eq!(bytes[10..34], [vec![3; 16], vec![9], vec![0; 7]].concat());
    assert_eq!(bytes[34..42], [2, 1, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bytes[42..74], [7; 32]);
    assert_eq!(bytes[74..90], [8; 16]);
    assert_eq!(bytes[90..94], [0x48, 4, 0, 0]);
    assert_eq!(bytes[94..], [9; 32]);
    assert_eq!(header(LOG).body_context(), [b"subrosa/v1/body", &bytes[..90]].concat());
}

#[test]
fn a_header_of_another_magic_suite_or_length_is_refused() {
    let bytes = header(LOG).to_bytes();
    assert_eq!(Header::parse(&bytes), Ok(header(LOG)));
    for at in 0..8 {
        let mut foreign = bytes;
        foreign[at] ^= 1;
        assert_eq!(Header::parse(&foreign), Err(HeaderError::Foreign));
    }
    let mut newer = bytes;
    newer[8] = 2;
    assert_eq!(Header::parse(&newer), Err(HeaderError::NewerSuite));
    for end in 0..bytes.len() {
        assert_eq!(Header::parse(&bytes[..end]), Err(HeaderError::Malformed), "cut at {end}");
    }
    assert_eq!(Header::parse(&[&bytes[..], &[0]].concat()), Err(HeaderError::Malformed));
}

#[test]
fn fields_that_cannot_be_are_refused() {
    let good = header(LOG);
    let refused = [
        Header { seq: 0, ..good },
        Header { prev: Hash([0; 32]), ..good },
        Header { seq: u64::MAX, ..good },
        Header { body_len: (8 << 20) + 1, ..good },
        Header { log: LogId([3; 24]), ..good },
    ];
    for header in refused {
        assert_eq!(Header::parse(&header.to_bytes()), Err(HeaderError::Malformed), "{header:?}");
    }
    let first = Header { seq: 0, prev: Hash([0; 32]), ..good };
    assert_eq!(Header::parse(&first.to_bytes()), Ok(first));
}

#[test]
fn an_unknown_class_is_carried_like_the_others() {
    let header = Header { class: Class::Unknown(9), ..header(LOG) };
    assert_eq!(Header::parse(&header.to_bytes()), Ok(header));
}

#[test]
fn a_signature_holds_for_its_header_its_device_and_that_devices_log_alone() {
    let (device, other) = (signer(1), signer(2));
    let signed = SignedHeader::sign(header(log_of(&device)), &device);
    assert_eq!(signed.verify(&device.public_key()), Ok(()));
    assert_eq!(signed.verify(&other.public_key()), Err(BadSignature));
    assert_eq!(SignedHeader { signature: None, ..signed }.verify(&device.public_key()), Err(BadSignature));
    let intruder = SignedHeader::sign(header(log_of(&device)), &other);
    assert_eq!(intruder.verify(&other.public_key()), Err(BadSignature), "a log belongs to the device in its name");
    assert_eq!(intruder.verify(&device.public_key()), Err(BadSignature));
}

#[test]
fn every_changed_bit_of_a_signed_header_is_refused() {
    let device = signer(1);
    let bytes = SignedHeader::sign(header(log_of(&device)), &device).to_bytes();
    assert_eq!(bytes.len(), 190);
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let verified = SignedHeader::parse(&flipped).is_ok_and(|signed| signed.verify(&device.public_key()).is_ok());
        assert!(!verified, "bit {bit}");
    }
}

#[test]
fn a_signed_header_is_read_with_a_whole_signature_or_with_none() {
    let device = signer(1);
    let signed = SignedHeader::sign(header(log_of(&device)), &device);
    assert_eq!(SignedHeader::parse(&signed.to_bytes()), Ok(signed));
    let bare = SignedHeader { signature: None, ..signed };
    assert_eq!(SignedHeader::parse(&bare.to_bytes()), Ok(bare));
    for end in (0..190).filter(|end| *end != 126) {
        assert_eq!(SignedHeader::parse(&signed.to_bytes()[..end]), Err(HeaderError::Malformed), "cut at {end}");
    }
}

#[test]
fn a_header_names_one_body() {
    let header = Header { body_len: 4, body_hash: kdf::sha256(b"body"), ..header(LOG) };
    assert!(header.names(b"body"));
    assert!(!header.names(b"bodY"));
    assert!(!header.names(b"body "));
    assert!(!Header { body_len: 5, ..header }.names(b"body"));
}

proptest! {
    #[test]
    fn what_parses_writes_itself_again(mut bytes in prop::collection::vec(any::<u8>(), 0..200), ours: bool) {
        if ours {
            bytes.splice(..bytes.len().min(9), *b"subrosa\x01\x01");
        }
        if let Ok(signed) = SignedHeader::parse(&bytes) {
            prop_assert_eq!(signed.to_bytes(), bytes);
        }
    }
}
