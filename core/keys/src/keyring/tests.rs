use proptest::prelude::*;
use subrosa_base::entropy::Os;
use subrosa_base::id::ClientId;

use super::*;

const AUTHOR: DeviceId = DeviceId([1; 16]);
const OTHER: DeviceId = DeviceId([2; 16]);
const NOW: Generation = [5; 16];
const BEFORE: Generation = [4; 16];

fn seed(byte: u8) -> Key<WrapRole> {
    Key::take(&mut [byte; 32])
}

fn entry(byte: u8, compartment: Compartment) -> CompartmentEntry {
    CompartmentEntry::new(ClientId::from_slice(&[byte ^ 0xFF; 16]).unwrap(), compartment, Key::take(&mut [byte; 32]))
}

fn entries() -> Vec<CompartmentEntry> {
    vec![entry(10, Compartment::Identity), entry(11, Compartment::Clinical)]
}

/// Version 3 of a part for both devices, the author with seed 1 and the other with seed 2.
fn published(entries: &[CompartmentEntry]) -> Result<Vec<u8>, PartError> {
    let (ours, theirs) = (WrapPublic::of(&seed(1)), WrapPublic::of(&seed(2)));
    let readers = [(AUTHOR, NOW, &ours), (OTHER, NOW, &theirs)];
    Part::publish(DocId([9; 16]), 3, entries, AUTHOR, &readers, &mut Os)
}

fn opened(bytes: &[u8]) -> Result<Vec<CompartmentEntry>, PartError> {
    Part::parse(bytes)?.open(AUTHOR, OTHER, &NOW, &seed(2))
}

#[test]
fn every_reader_opens_a_part_and_finds_the_keys_that_are_named_in_the_clear() {
    let bytes = published(&entries()).unwrap();
    let part = Part::parse(&bytes).unwrap();
    assert_eq!((part.id(), part.version(), part.is_process()), (DocId([9; 16]), 3, false));
    assert!(part.key_ids().iter().eq(entries().iter().map(|entry| &entry.id)));
    assert!(part.key_ids().iter().map(compartment_of).eq([Compartment::Identity, Compartment::Clinical]));
    assert_eq!(part.open(AUTHOR, AUTHOR, &NOW, &seed(1)), Ok(entries()));
    assert_eq!(part.open(AUTHOR, OTHER, &NOW, &seed(2)), Ok(entries()));
    assert_eq!(part.to_bytes(), bytes);
}

#[test]
fn a_device_or_a_generation_that_the_author_did_not_know_waits() {
    let part = Part::parse(&published(&entries()).unwrap()).unwrap();
    assert_eq!(part.open(AUTHOR, DeviceId([3; 16]), &NOW, &seed(2)), Err(PartError::NotAReader));
    assert_eq!(part.open(AUTHOR, OTHER, &BEFORE, &seed(2)), Err(PartError::NotAReader));
}

#[test]
fn another_key_or_the_claim_of_another_author_is_refused() {
    let part = Part::parse(&published(&entries()).unwrap()).unwrap();
    assert_eq!(part.open(AUTHOR, OTHER, &NOW, &seed(1)), Err(PartError::Damaged));
    assert_eq!(part.open(OTHER, OTHER, &NOW, &seed(2)), Err(PartError::Damaged));
}

#[test]
fn a_part_dressed_up_as_another_is_refused() {
    let part = || Part::parse(&published(&entries()).unwrap()).unwrap();
    let (mut id, mut version, mut class, mut keys, mut sealed, mut wraps) =
        (part(), part(), part(), part(), part(), part());
    id.id = DocId([8; 16]);
    version.version = 4;
    class.class = 2;
    keys.keys.swap(0, 1);
    sealed.sealed = part().sealed;
    wraps.readers[1].wrap = wraps.readers[0].wrap.clone();
    for changed in [id, version, class, keys, sealed, wraps] {
        assert_eq!(opened(&changed.to_bytes()), Err(PartError::Damaged));
    }
}

#[test]
fn every_changed_byte_of_a_part_is_refused_or_is_not_ours_to_read() {
    let bytes = published(&entries()).unwrap();
    let (ours, mut harmless) = (entries(), 0);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        match opened(&changed) {
            Ok(opened) => {
                assert_eq!(opened, ours, "byte {at}");
                harmless += 1;
            }
            Err(error) => assert!(
                matches!(error, PartError::Damaged | PartError::NotAReader | PartError::LaterClass),
                "byte {at}"
            ),
        }
    }
    // Only what is addressed to the first reader is not looked at by the second: id, generation and wrap.
    assert_eq!(harmless, 16 + 16 + wrapped_len(KEY_LEN));
}

#[test]
fn keys_of_process_notes_are_in_parts_of_their_own() {
    let process = [entry(10, Compartment::Process), entry(11, Compartment::Process)];
    assert!(Part::parse(&published(&process).unwrap()).unwrap().is_process());
    let mixed = [entry(10, Compartment::Clinical), entry(11, Compartment::Process)];
    assert_eq!(published(&mixed), Err(PartError::Mixed));
}

/// A part as an author would make it who breaks the rule of the class.
fn forged(class: u8, entries: &[CompartmentEntry]) -> Vec<u8> {
    forged_under(class, entries.iter().map(|entry| entry.id).collect(), entries)
}

/// The same, with the names that it chooses.
fn forged_under(class: u8, keys: Vec<KeyId>, entries: &[CompartmentEntry]) -> Vec<u8> {
    let key = Key::<MessageRole>::random(&mut Os);
    let mut part = Part { id: DocId([9; 16]), version: 3, class, keys, readers: Vec::new(), sealed: Vec::new() };
    part.sealed = seal::seal(&key, &part.context(AUTHOR), &entries_to_bytes(entries), &mut Os);
    let context = part.reader_context(AUTHOR, OTHER);
    let wrap = wrap::wrap(&WrapPublic::of(&seed(2)), &context, key.expose(), &mut Os);
    part.readers.push(PartReader { device: OTHER, generation: NOW, wrap });
    part.to_bytes()
}

#[test]
fn a_process_key_in_an_everyday_part_is_refused_and_so_is_the_reverse() {
    assert!(opened(&forged(1, &[entry(10, Compartment::Clinical)])).is_ok(), "the forger forges well");
    assert_eq!(opened(&forged(1, &[entry(10, Compartment::Process)])), Err(PartError::Damaged));
    assert_eq!(opened(&forged(2, &[entry(10, Compartment::Clinical)])), Err(PartError::Damaged));
}

#[test]
fn a_later_compartment_is_opened_and_a_part_of_a_later_class_is_carried_alone() {
    let later = [entry(10, Compartment::Unknown(9)), entry(11, Compartment::Clinical)];
    assert_eq!(opened(&forged(1, &later)).unwrap(), later);
    assert_eq!(Compartment::of(9).code(), 9);
    let process = [entry(10, Compartment::Unknown(9)), entry(11, Compartment::Process)];
    assert_eq!(opened(&forged(7, &process)), Err(PartError::LaterClass));
}

#[test]
fn nobody_puts_another_key_or_another_client_or_compartment_under_a_name() {
    let named = || vec![entry(10, Compartment::Process).id];
    assert!(opened(&forged_under(2, named(), &[entry(10, Compartment::Process)])).is_ok(), "the forger forges well");
    let theirs = CompartmentEntry::new(DocId([10 ^ 0xFF; 16]), Compartment::Process, Key::take(&mut [66; 32]));
    let elsewhere = CompartmentEntry::new(DocId([7; 16]), Compartment::Process, Key::take(&mut [10; 32]));
    for forgery in [theirs, elsewhere, entry(10, Compartment::Clinical)] {
        assert_eq!(opened(&forged_under(2, named(), &[forgery])), Err(PartError::Damaged));
    }
}

#[test]
fn more_keys_or_readers_than_a_part_holds_are_refused_and_so_are_none() {
    let many = |count: u8| (0..count).map(|byte| entry(byte, Compartment::Clinical)).collect::<Vec<_>>();
    assert_eq!(opened(&published(&many(64)).unwrap()).unwrap(), many(64));
    assert_eq!(published(&many(65)), Err(PartError::Count));
    assert_eq!(opened(&forged(1, &many(65))), Err(PartError::Damaged));
    assert_eq!(published(&[]), Err(PartError::Count));
    let public = WrapPublic::of(&seed(1));
    for count in [0, 33] {
        let readers = vec![(AUTHOR, NOW, &public); count];
        let refused = Part::publish(DocId([9; 16]), 1, &entries(), AUTHOR, &readers, &mut Os);
        assert_eq!(refused, Err(PartError::Count));
    }
}

#[test]
fn a_part_cut_anywhere_or_with_a_byte_too_many_is_refused() {
    let mut bytes = published(&entries()).unwrap();
    for end in 0..bytes.len() {
        assert_eq!(Part::parse(&bytes[..end]).unwrap_err(), Malformed, "cut at {end}");
    }
    bytes.push(0);
    assert_eq!(Part::parse(&bytes).unwrap_err(), Malformed);
}

#[test]
fn debug_prints_no_key() {
    let part = Part::parse(&published(&entries()).unwrap()).unwrap();
    assert_eq!(format!("{part:?}"), "Part");
    assert!(format!("{:?}", entry(10, Compartment::Process)).contains("key: CompartmentKey"));
}

proptest! {
    #[test]
    fn no_bytes_make_parsing_panic_and_what_parses_writes_itself_again(bytes: Vec<u8>) {
        if let Ok(part) = Part::parse(&bytes) {
            prop_assert_eq!(&part.to_bytes(), &bytes);
        }
        let _ = entries_from_bytes(&bytes);
    }
}
