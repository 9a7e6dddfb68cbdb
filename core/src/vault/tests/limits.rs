//! Each count and size of the format at its limit, and one above (format §14).

mod quotas;
mod said;

use super::*;
use crate::codec::Writer;
use crate::document::{Actor, Document, Heads, MAX_CHUNK, Refused};
use crate::id::{DocId, EpochId, LogId};
use crate::kem::WrapPublic;
use crate::keyring::{KEYS_MAX, Part, READERS_MAX};
use crate::log::{self, Class, Header, HeaderError, Position};
use crate::roster::{DeviceCard, Entry, MAX_DEVICES, NAME_MAX};
use crate::rows::Stored as _;
use crate::seal;
use crate::secret::{DeviceSigningRole, Key, WrapRole};
use crate::sign::Signer;
use crate::vault::DeviceError;
use crate::vault::items::boot::Secrets;
use crate::vault::items::home::DocumentOrigin;
use crate::vault::items::signed::{SIGNED_MAX, SignedNote};
use crate::vault::items::signing::{SigningWish, SigningWishes};
use crate::vault::{NotTaken, Taken};

fn card() -> DeviceCard {
    let signing = Signer::new(&Key::<DeviceSigningRole>::take(&mut [1; 32])).public_key();
    let wrap = || ([2; 16], WrapPublic::of(&Key::<WrapRole>::take(&mut [2; 32])));
    DeviceCard::new(signing, wrap(), wrap(), "Desk")
}

/// How many of each list a roster entry of an unknown kind has, and bytes in each wrap.
#[derive(Clone, Copy, Default)]
struct Counts {
    parents: usize,
    devices: usize,
    cuts: usize,
    wraps: usize,
    wrap: usize,
    authorities: usize,
    recovery: usize,
    commitments: usize,
    earlier: usize,
    sealed: usize,
}

fn entry(counts: Counts) -> bool {
    let mut writer = Writer::new();
    writer.bytes(b"subrosa roster\x02").u8(9).u8(0).u64(0);
    let numbered = |many: usize| (0..many).map(|number| u8::try_from(number).unwrap()).collect::<Vec<u8>>();
    writer.list(&numbered(counts.parents), |writer, number| {
        writer.bytes(&[*number; 32]);
    });
    writer.bytes(&[0; 16]);
    writer.list(&numbered(counts.devices), |writer, _| {
        writer.bytes(&card().to_bytes());
    });
    writer.list(&numbered(counts.cuts), |writer, _| {
        writer.bytes(&[0; 64]);
    });
    writer.list(&numbered(counts.wraps), |writer, _| {
        writer.bytes(&[0; 17]).lp(&vec![0; counts.wrap]);
    });
    writer.list(&numbered(counts.authorities), |writer, _| {
        writer.bytes(&[0; 32]);
    });
    writer.list(&numbered(counts.recovery), |writer, _| {
        writer.bytes(card().dkk.as_bytes());
    });
    writer.list(&numbered(counts.commitments), |writer, _| {
        writer.bytes(&[0; 32]);
    });
    writer.list(&numbered(counts.earlier), |writer, _| {
        writer.bytes(&[0; 16]).lp(&vec![0; counts.sealed]);
    });
    Entry::parse(&writer.bytes(&[0; 64]).finish()).is_ok()
}

#[test]
fn every_list_of_a_roster_entry_has_its_limit() {
    let full = Counts {
        parents: 64,
        devices: MAX_DEVICES,
        cuts: 64,
        wraps: 64,
        wrap: 16 << 10,
        authorities: 1,
        recovery: 4,
        commitments: 1,
        earlier: 1,
        sealed: 512 << 10,
    };
    assert!(entry(full), "all at their limits");
    let above: [fn(&mut Counts); 10] = [
        |counts| counts.parents += 1,
        |counts| counts.devices += 1,
        |counts| counts.cuts += 1,
        |counts| counts.wraps += 1,
        |counts| counts.wrap += 1,
        |counts| counts.authorities += 1,
        |counts| counts.recovery += 1,
        |counts| counts.commitments += 1,
        |counts| counts.earlier += 1,
        |counts| counts.sealed += 1,
    ];
    for (number, more) in above.into_iter().enumerate() {
        let mut counts = Counts::default();
        // One above its limit, all else empty.
        match number {
            0 => counts.parents = full.parents,
            1 => counts.devices = full.devices,
            2 => counts.cuts = full.cuts,
            3 => counts.wraps = full.wraps,
            4 => (counts.wraps, counts.wrap) = (1, full.wrap),
            5 => counts.authorities = full.authorities,
            6 => counts.recovery = full.recovery,
            7 => counts.commitments = full.commitments,
            8 => counts.earlier = full.earlier,
            _ => (counts.earlier, counts.sealed) = (1, full.sealed),
        }
        assert!(entry(counts), "list {number} at its limit");
        more(&mut counts);
        assert!(!entry(counts), "list {number} one above");
    }
}

#[test]
fn a_keyring_part_has_at_most_so_many_keys_and_readers() {
    let part = |keys: usize, readers: usize| {
        let mut writer = Writer::new();
        writer.bytes(&[0; 16]).u64(1).u8(1);
        writer.list(&vec![(); keys], |writer, ()| {
            writer.bytes(&[0; 16]);
        });
        writer.list(&vec![(); readers], |writer, ()| {
            writer.bytes(&[0; 32]).lp(b"wrap");
        });
        Part::parse(&writer.lp(b"sealed").finish()).is_ok()
    };
    assert!(part(KEYS_MAX, READERS_MAX));
    assert!(!part(KEYS_MAX + 1, READERS_MAX) && !part(KEYS_MAX, READERS_MAX + 1));
}

#[test]
fn a_devices_name_is_limited() {
    let named = |len: usize| {
        let bytes = card().to_bytes();
        let mut writer = Writer::new();
        writer.bytes(&bytes[..bytes.len() - 8]).lp("n".repeat(len).as_bytes());
        DeviceCard::parse(&writer.finish()).is_ok()
    };
    assert!(named(NAME_MAX) && !named(NAME_MAX + 1));
}

#[test]
fn a_header_names_no_body_beyond_the_limit_and_a_body_holds_no_more() {
    let header = |body_len: usize| {
        let header = Header {
            class: Class::Everyday,
            log: LogId::of(crate::id::DeviceId([1; 16]), 1),
            seq: 0,
            prev: Position::START.head,
            epoch: EpochId([0; 16]),
            body_len: u32::try_from(body_len).unwrap(),
            body_hash: Hash([0; 32]),
        };
        Header::parse(&header.to_bytes()).err()
    };
    assert_eq!([header(log::BODY_MAX), header(log::BODY_MAX + 1)], [None, Some(HeaderError::Malformed)]);
    let item = |len: usize| log::Item::bare(log::Kind::Roster, DocId([0; 16]), vec![7; len]);
    let most = log::capacity(log::BODY_MAX) - log::packed_len(&item(0));
    assert!(log::pack(&[item(most)]).is_ok() && log::pack(&[item(most + 1)]).is_err());
    let announced = |len: usize| {
        let mut writer = Writer::new();
        writer.u8(1).bytes(&[0; 32]).lp(&vec![7; len]);
        log::unpack(&writer.finish()).is_ok()
    };
    assert!(announced(log::BODY_MAX) && !announced(log::BODY_MAX + 1));
}

#[test]
fn a_chunk_and_a_signed_statement_are_looked_at_up_to_their_limits_only() {
    let by = crate::id::DeviceId([1; 16]);
    let mut document = Document::begin(DocId([1; 16]), &[].into(), "", Actor([1; Actor::LEN])).unwrap();
    assert_eq!(document.apply(by, &vec![0; MAX_CHUNK]), Err(Refused::Damaged));
    assert_eq!(document.apply(by, &vec![0; MAX_CHUNK + 1]), Err(Refused::TooLarge));
    let signer = Signer::new(&Key::<DeviceSigningRole>::take(&mut [1; 32]));
    let signed = |len: usize| {
        let head = format!(
            r#"{{"format":2,"note":"{}","client":"{}","kind":"note","content":{{"date":"2026-11-21","text":""#,
            DocId([1; 16]),
            DocId([2; 16])
        );
        let tail = format!(
            r#""}},"heads":[],"signed_at":"2026-11-21T10:00:00Z","device":"{}"}}"#,
            signer.public_key().device_id()
        );
        let bytes = format!("{head}{}{tail}", "a".repeat(len - head.len() - tail.len()));
        let signature = signer.sign(crate::labels::NOTE, bytes.as_bytes());
        let mut payload = Writer::new();
        payload.bytes(&[0; DocumentOrigin::LEN]).lp(bytes.as_bytes()).bytes(&signer.public_key().0).bytes(&signature.0);
        SignedNote::read(&DocId([1; 16]), &payload.finish()).is_some()
    };
    assert!(signed(SIGNED_MAX) && !signed(SIGNED_MAX + 1));
}

/// What a device wrote into its own file it reads, however much it is: there the store's limit of a value is the only one.
#[test]
fn a_row_of_ones_own_reads_however_many_entries_it_has() {
    let numbered = |number: u32| {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_le_bytes());
        bytes
    };
    let epoch = |number: u32| {
        let bytes = numbered(number);
        (EpochId::from_slice(&bytes[..EpochId::LEN]).unwrap(), Key::take(&mut bytes.clone()))
    };
    let secrets = Secrets { epochs: (0..5_000).map(epoch).collect(), practice: Key::take(&mut [1; 32]) };
    assert_eq!(Secrets::of_row(&secrets.to_row()).unwrap().epochs.len(), 5_000);
    let version = Heads::from((0..2_000).map(|number| Hash(numbered(number))).collect::<Vec<_>>());
    let wish = |number: u32| {
        let note = DocId::from_slice(&numbered(number)[..16]).unwrap();
        let heads = if number == 0 { version.clone() } else { Heads::from(Vec::new()) };
        (note, SigningWish { note, client: note, late: false, at: NOW, version: heads })
    };
    let wishes: SigningWishes = (0..70_000).map(wish).collect();
    assert_eq!(SigningWishes::of_row(&wishes.to_row()).unwrap(), wishes);
}

#[test]
fn a_welcome_of_more_bytes_than_may_be_sent_admits_nobody() {
    let joining = JoiningDevice::new(&new(&passphrase("Laptop"), "Laptop"), &mut Os).introduction();
    let admit = |office: &mut Vault, most| {
        let before = (office.log().frontier().unwrap(), office.devices().all().unwrap().len());
        let welcome = office.devices_mut().admit(&joining, most, NOW).map(|welcome| seal::sealed_len(welcome.len()));
        let after = (office.log().frontier().unwrap(), office.devices().all().unwrap().len());
        (welcome, before == after)
    };
    let asked_again = || {
        let mut office = practice();
        office.reauthenticate(&passphrase("office"), NOW).unwrap();
        office
    };
    let long = admit(&mut asked_again(), usize::MAX).0.unwrap();
    let mut office = asked_again();
    assert_eq!(admit(&mut office, long - 1), (Err(DeviceError::WelcomeTooLong), true));
    assert_eq!(admit(&mut office, long), (Ok(long), false));
    // Its answer was lost, and it asks again.
    assert_eq!(admit(&mut office, long - 1), (Err(DeviceError::WelcomeTooLong), true));
    assert_eq!(admit(&mut office, long), (Ok(long), true));
}
