//! Envelopes: header, body, item, changes, and what a practice does with those of another device.

use std::cell::RefCell;

use subrosa_core::document::{Actor, Document, Heads};
use subrosa_core::id::{DeviceId, DocId, EpochId, KeyId, LogId};
use subrosa_core::kdf;
use subrosa_core::log::{self, Class, Header, Item, ItemError, Kind, Place, Position, SignedHeader};
use subrosa_core::seal;
use subrosa_core::secret::{CompartmentRole, EpochRole, Key};
use subrosa_core::vault::Taken;
use subrosa_tests::dice::Dice;
use subrosa_tests::practice::{MORNING, person, written};
use subrosa_tests::world::Device;

use crate::Target;

const DOCUMENT: DocId = DocId([0xD0; 16]);
const LOG: LogId = LogId([7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0, 0, 0, 0, 0]);

fn compartment() -> Key<CompartmentRole> {
    Key::take(&mut [0xCC; 32])
}

fn items() -> Vec<Item> {
    let sealed = (KeyId([0xA1; 16]), &compartment());
    let item = Item::seal(Kind::Changes, DOCUMENT, sealed, LOG.device(), b"What was said.", &mut Dice::new(1));
    vec![Item::bare(Kind::Keyring, DocId([2; 16]), b"a part".to_vec()), item.unwrap()]
}

fn envelope_of(items: &[Item]) -> (Header, Vec<u8>) {
    let place = Place { class: Class::Everyday, log: LOG, after: Position::START, epoch: EpochId([0xE0; 16]) };
    let outer = log::outer_key(&Key::<EpochRole>::take(&mut [0xE5; 32]), place.epoch);
    log::seal_body(&outer, &place, items, &mut Dice::new(2)).unwrap()
}

pub(crate) fn header() -> Target {
    fn seeds() -> Vec<Vec<u8>> {
        let (header, _) = envelope_of(&items());
        let signer =
            subrosa_core::sign::Signer::new(&Key::<subrosa_core::secret::DeviceSigningRole>::take(&mut [5; 32]));
        vec![header.to_bytes().to_vec(), SignedHeader::sign(header, &signer).to_bytes()]
    }
    fn run(bytes: &[u8]) -> String {
        match SignedHeader::parse(bytes) {
            Ok(read) => {
                assert_eq!(read.to_bytes(), bytes, "what is read is written the same");
                assert!(usize::try_from(read.header.body_len).unwrap() <= log::BODY_MAX);
                assert_eq!(read.header.seq == 0, read.header.prev == Position::START.head);
                format!("read {:?} {}", read.header.class, read.signature.is_some())
            }
            Err(error) => format!("{error:?}"),
        }
    }
    Target { name: "header", seeds, run, memory: 64 << 10 }
}

pub(crate) fn body() -> Target {
    fn seeds() -> Vec<Vec<u8>> {
        vec![log::pack(&items()).unwrap().to_vec(), log::pack(&[]).unwrap().to_vec()]
    }
    fn run(plain: &[u8]) -> String {
        // An editor of the file cannot make such a seal; an admitted device can.
        let items = log::unpack(plain);
        match &items {
            Ok(items) => {
                let again = log::pack(items).unwrap();
                assert_eq!(log::unpack(&again).as_ref(), Ok(items), "what is read is written the same");
                let (header, body) = envelope_of(items);
                assert!(header.names(&body) && body.len() <= log::BODY_MAX);
                format!("{} items", items.len().min(20))
            }
            Err(error) => format!("{error:?}"),
        }
    }
    Target { name: "body", seeds, run, memory: 4 << 20 }
}

pub(crate) fn item() -> Target {
    fn seeds() -> Vec<Vec<u8>> {
        let packed = |payload: &[u8]| {
            let key = (KeyId([0; 16]), &compartment());
            let item = Item::seal(Kind::Frozen, DOCUMENT, key, LOG.device(), payload, &mut Dice::new(3)).unwrap();
            seal::open(&compartment(), &context(), &item.content).unwrap().to_vec()
        };
        vec![packed(b""), packed(b"What was said."), packed(&[0; 1 << 20]), packed(&[b'a'; 70_000])]
    }
    fn context() -> Vec<u8> {
        [b"subrosa/v1/item".as_slice(), &[16], &DOCUMENT.0, &LOG.device().0].concat()
    }
    fn run(deflated: &[u8]) -> String {
        let content = seal::seal(&compartment(), &context(), deflated, &mut Dice::new(4));
        let item = Item { kind: Kind::Frozen, document: DOCUMENT, key: KeyId([0; 16]), content };
        match item.open(&compartment(), LOG.device()) {
            Ok(payload) => {
                assert!(payload.len() <= log::PAYLOAD_MAX);
                format!("{} bits of length", payload.len().checked_ilog2().unwrap_or(0))
            }
            Err(error @ (ItemError::Damaged | ItemError::TooLarge)) => format!("{error:?}"),
            Err(error) => panic!("{error:?}: this key sealed it for this place"),
        }
    }
    // A payload of 16 MiB, while the buffer that holds it doubles.
    Target { name: "item", seeds, run, memory: 49 << 20 }
}

/// The device whose changes these are.
const WRITER: DeviceId = DeviceId([1; DeviceId::LEN]);

pub(crate) fn changes() -> Target {
    fn seeds() -> Vec<Vec<u8>> {
        let fields =
            |date: &str| [("date".to_owned(), date.to_owned()), ("tag.sleep".to_owned(), "0".to_owned())].into();
        let mut document =
            Document::begin(DOCUMENT, &fields("2026-03-02"), "She slept.", Actor([1; Actor::LEN])).unwrap();
        let begun = document.chunks_since(&Heads::default()).concat();
        let heads = document.heads();
        document.write(&fields("2026-03-03"), "She slept \u{1F600} badly.").unwrap();
        vec![begun, document.chunks_since(&heads).concat(), document.chunks_since(&Heads::default()).concat()]
    }
    fn run(chunk: &[u8]) -> String {
        // The checksum of each frame is mended, as whoever means harm would do.
        let mended = mended(chunk);
        let fields = [("date".to_owned(), "2026-03-02".to_owned())].into();
        let mut open = Document::begin(DOCUMENT, &fields, "Here already.", Actor([9; Actor::LEN])).unwrap();
        let before = (open.fields(), open.text(), open.heads());
        let applied = open.apply(WRITER, &mended);
        if applied.is_err() {
            assert!((open.fields(), open.text(), open.heads()) == before, "a refused chunk changes nothing");
        }
        let loaded = Document::load([], DOCUMENT, [(WRITER, mended.as_slice())], Actor::NOBODY);
        let Ok(loaded) = loaded else { return "not loaded".into() };
        let Some(document) = loaded.document else { return format!("{applied:?} {:?}", loaded.set_aside.first()) };
        let again = document.chunks_since(&Heads::default());
        let again = again.iter().map(|chunk| (WRITER, chunk.as_slice()));
        let again = Document::load([], DOCUMENT, again, Actor::NOBODY).unwrap();
        let same =
            again.document.is_some_and(|again| (again.fields(), again.text()) == (document.fields(), document.text()));
        assert!(same, "what was taken in saves and loads again");
        format!("{applied:?} {} {}", document.fields().len().min(8), document.text().chars().count().min(64) / 4)
    }
    // A change of a few hundred bytes may say a million operations, which is what a document may have; Automerge takes half a
    // KiB for each.
    Target { name: "changes", seeds, run, memory: 640 << 20 }
}

/// Puts the right checksum before each frame whose length can be read.
fn mended(chunk: &[u8]) -> Vec<u8> {
    let mut out = chunk.to_vec();
    let mut at = 0;
    while let Some(frame) = out.get(at..).filter(|frame| frame.len() > 10) {
        let (mut length, mut shift, mut end) = (0_u64, 0_u32, 9_usize);
        for byte in frame.iter().skip(9).take(9) {
            length |= u64::from(byte & 0x7F) << shift;
            shift += 7;
            end += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let Some(hashed) = usize::try_from(length).ok().and_then(|length| frame.get(8..end.checked_add(length)?))
        else {
            break;
        };
        let (sum, len) = (kdf::sha256(hashed), hashed.len());
        out[at + 4..at + 8].copy_from_slice(&sum.0[..4]);
        at += 8 + len;
    }
    out
}

pub(crate) fn envelope() -> Target {
    thread_local! {
        static DEVICE: RefCell<(Device, LogId)> = RefCell::new(device());
    }
    fn device() -> (Device, LogId) {
        let mut dice = Dice::new(11);
        let (mut device, _) = Device::create("Desk", dice.other(), MORNING);
        let client = device.vault().clients_mut().add_client(&person("Kim"), MORNING).unwrap();
        device.vault().notes_mut().add_note(&client, &written("What was said."), false, MORNING).unwrap();
        device.vault().notes_mut().flush().unwrap();
        let log = device.read().log().log_ends().unwrap()[0].log;
        (device, log)
    }
    /// Headers and bodies of this device, each with its length before it.
    fn seeds() -> Vec<Vec<u8>> {
        let (device, log) = device();
        let end = device.read().log().log_ends().unwrap().remove(0);
        let framed = |parts: &[Vec<u8>]| -> Vec<u8> {
            let lp = |part: &Vec<u8>| {
                [&u16::try_from(part.len().min(60_000)).unwrap().to_le_bytes(), part.as_slice()].concat()
            };
            parts.iter().flat_map(lp).collect()
        };
        let headers = device.read().log().headers(&log, 0, &end.head, usize::MAX).unwrap();
        let names = device.read().log().branch_names(&log, 0, &end.head).unwrap();
        let bodies: Vec<Vec<u8>> = names
            .iter()
            .filter_map(|name| device.read().log().envelope_body(name).unwrap())
            .filter(|body| body.len() < 4_096)
            .collect();
        vec![framed(&headers), framed(&headers[headers.len() - 1..]), framed(&bodies)]
    }
    fn run(bytes: &[u8]) -> String {
        DEVICE.with_borrow_mut(|(device, log)| {
            let (mut parts, mut rest) = (Vec::new(), bytes);
            while let Some((length, after)) = rest.split_first_chunk::<2>() {
                let (part, after) = after.split_at(usize::from(u16::from_le_bytes(*length)).min(after.len()));
                parts.push(part.to_vec());
                rest = after;
            }
            let before = device.read().log().log_ends().unwrap();
            let taken = device.vault().log_mut().offer_headers(log, &parts).unwrap();
            let bodies = device.read().log().branch_names(log, 0, &before[0].head).unwrap();
            let offered: Vec<_> = bodies.into_iter().zip(parts).collect();
            let stored = device.vault().log_mut().offer_bodies(&offered, MORNING).unwrap();
            assert!(!matches!(taken, Taken::Stored), "nobody else can sign for this device");
            assert!(!stored.contains(&Taken::Stored), "every body was here already");
            format!("{taken:?} {:?}", stored.first())
        })
    }
    Target { name: "envelope", seeds, run, memory: 16 << 20 }
}
