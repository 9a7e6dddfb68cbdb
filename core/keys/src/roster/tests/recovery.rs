//! Another recovery kit: who may put one in force, and which of several it is.

use super::removal::{hashes, log, of, practice, removal};
use super::*;

fn kit(byte: u8) -> WrapPublic {
    WrapPublic::of(&Key::<RecoveryRole>::take(&mut [byte; 32]))
}

/// Device `by` puts a kit in force after these entries, under that authority, at that time.
fn recovery_by(parents: &[&[u8]], by: u8, vak: u8, byte: u8, time: u64) -> Vec<u8> {
    let by = SignedBy { device: &signer(by), authority: &authority(vak) };
    Entry::recovery(time, hashes(parents), vec![kit(byte)], &by)
}

fn new_kit(parents: &[&[u8]], by: u8, byte: u8) -> Vec<u8> {
    recovery_by(parents, by, 1, byte, TIME)
}

/// All of it, whatever comes first.
fn in_any_order(entries: &[Vec<u8>], more: [&[u8]; 2]) -> [Roster; 2] {
    [[more[0], more[1]], [more[1], more[0]]].map(|order| {
        let mut roster = of(entries);
        order.iter().for_each(|entry| assert_eq!(roster.offer(entry), Offered::Added));
        roster
    })
}

#[test]
fn another_kit_is_in_force_from_its_entry_on_and_nothing_else_changes() {
    let entries = practice(2);
    let mut roster = of(&entries);
    let new = new_kit(&[&entries[1]], 2, 0x11);
    assert_eq!(roster.offer(&new), Offered::Added);
    assert_eq!(roster.recovery_keys(), [kit(0x11)]);
    assert_eq!((roster.first_recovery_keys(), roster.kit_made()), (&[recovery()][..], Some((card(2).id, TIME))));
    assert_eq!((roster.live().len(), roster.authority()), (2, &authority(1).public_key()));
    assert_eq!(roster.epoch(), of(&entries).epoch());
    let newer = new_kit(&[&new], 1, 0x12);
    assert_eq!(roster.offer(&newer), Offered::Added);
    assert_eq!((roster.recovery_keys(), roster.unknown()), (&[kit(0x12)][..], 0));
}

#[test]
fn an_entry_of_the_recovery_kit_lies_as_the_format_says() {
    let bytes = new_kit(&[&genesis()], 1, 0x11);
    assert_eq!(bytes.len(), 16 + 1 + 8 + 4 + 32 + 16 + 4 + 4 + 4 + (16 + 1 + 4 + 64) + 4 + 4 + 1216 + 4 + 4 + 64);
    assert_eq!(&bytes[..17], b"subrosa roster\x02\x04\x00");
    let (message, signature) = bytes.split_at(bytes.len() - 64);
    let signature = crate::sign::Signature::from_slice(signature).unwrap();
    assert_eq!(authority(1).public_key().verify(b"subrosa/v1/roster", message, &signature), Ok(()));
    // The device signed the same without its own signature among the wraps.
    let wraps = 17 + 8 + 4 + 32 + 16 + 4 + 4;
    let own = &message[wraps + 4 + 16 + 1 + 4..][..64];
    let said = [&message[..wraps], &[0; 4], &message[wraps + 4 + 85..]].concat();
    let own = crate::sign::Signature::from_slice(own).unwrap();
    assert_eq!(card(1).signing.verify(b"subrosa/v1/roster/device", &said, &own), Ok(()));
}

#[test]
fn a_removed_device_with_the_old_authority_puts_no_kit_in_force_in_the_name_of_one_that_stays() {
    let entries = practice(3);
    let gone = removal(&[&entries[2]], 1, &[3], &[1, 2], (1, 50));
    // It holds the authority's key and its own: it can sign everything but what the other device signs itself.
    let mut forged = Entry::parse(&new_kit(&[&entries[2]], 3, 0x66)).unwrap();
    forged.author = card(2).id;
    forged.wraps = vec![];
    let forged = forged.signed_by_author(&signer(3)).signed(&authority(1)).to_bytes();
    for order in [[&gone, &forged], [&forged, &gone]] {
        let mut roster = of(&entries);
        let offered = order.map(|entry| roster.offer(entry));
        assert!(offered.contains(&refused(Refusal::BadSignature)), "{offered:?}");
        assert_eq!(roster.recovery_keys(), [recovery()]);
    }
    // The neighbour: had device 2 signed it, it would count, though it did not know of the removal.
    for roster in in_any_order(&entries, [&gone, &new_kit(&[&entries[2]], 2, 0x11)]) {
        assert_eq!(roster.recovery_keys(), [kit(0x11)]);
    }
}

#[test]
fn a_kit_that_a_removed_device_made_beside_its_removal_is_void_and_one_that_the_removal_knew_is_not() {
    let entries = practice(3);
    let own = new_kit(&[&entries[2]], 3, 0x66);
    for roster in in_any_order(&entries, [&own, &removal(&[&entries[2]], 1, &[3], &[1, 2], (1, 50))]) {
        assert_eq!(roster.recovery_keys(), [recovery()]);
    }
    // Nor one by a device that it smuggled in.
    let smuggled = admission_by(&[&entries[2]], 3, card(9), 1);
    let by_it = new_kit(&[&smuggled], 9, 0x66);
    let gone = removal(&[&entries[2]], 1, &[3], &[1, 2], (1, 50));
    let with: Vec<Vec<u8>> = [&entries[..], &[smuggled]].concat();
    for roster in in_any_order(&with, [&by_it, &gone]) {
        assert_eq!(roster.recovery_keys(), [recovery()]);
    }
    let mut known = entries.clone();
    known.extend([own.clone(), removal(&[&own], 1, &[3], &[1, 2], (1, 50))]);
    assert_eq!(of(&known).recovery_keys(), [kit(0x66)]);
}

#[test]
fn a_void_kit_takes_none_out_of_force_though_it_followed_it() {
    let mut entries = practice(3);
    entries.push(new_kit(&[&entries[2].clone()], 1, 0x11));
    let last = entries[3].clone();
    let gone = removal(&[&last], 1, &[3], &[1, 2], (1, 50));
    for roster in in_any_order(&entries, [&new_kit(&[&last], 3, 0x66), &gone]) {
        assert_eq!(roster.recovery_keys(), [kit(0x11)]);
    }
}

#[test]
fn of_two_kits_made_at_the_same_time_the_one_made_last_is_in_force_everywhere() {
    let entries = practice(2);
    let last = entries[1].clone();
    for (one, other) in [(0, 1), (1, 0)] {
        let (by_one, by_two) =
            (recovery_by(&[&last], 1, 1, 0x11, TIME + one), recovery_by(&[&last], 2, 1, 0x12, TIME + other));
        let in_force = if one > other { kit(0x11) } else { kit(0x12) };
        for mut roster in in_any_order(&entries, [&by_one, &by_two]) {
            assert_eq!(roster.recovery_keys(), std::slice::from_ref(&in_force));
            // Whoever knew both settles it, by whatever clock.
            let third = recovery_by(&[&by_one, &by_two], 1, 1, 0x13, 0);
            assert_eq!(roster.offer(&third), Offered::Added);
            assert_eq!(roster.recovery_keys(), [kit(0x13)]);
        }
    }
    // At the very same moment too.
    let [here, there] = in_any_order(&entries, [&new_kit(&[&last], 1, 0x11), &new_kit(&[&last], 2, 0x12)]);
    assert_eq!(here.recovery_keys(), there.recovery_keys());
}

#[test]
fn a_kit_that_the_authority_in_force_did_not_sign_or_a_stranger_is_refused() {
    let mut entries = practice(2);
    let last = entries[1].clone();
    assert_eq!(of(&entries).offer(&recovery_by(&[&last], 2, 9, 0x11, TIME)), refused(Refusal::BadSignature));
    assert_eq!(of(&entries).offer(&new_kit(&[&last], 9, 0x11)), refused(Refusal::UnknownAuthor));
    entries.push(removal(&[&last], 1, &[2], &[1], (1, 50)));
    let after = |by, vak| recovery_by(&[&entries[2]], by, vak, 0x11, TIME);
    assert_eq!(of(&entries).offer(&after(2, 50)), refused(Refusal::UnknownAuthor), "it was removed before");
    assert_eq!(of(&entries).offer(&after(1, 1)), refused(Refusal::BadSignature), "the authority was replaced");
    assert_eq!(of(&entries).offer(&after(1, 50)), Offered::Added);
}

#[test]
fn a_kit_with_too_many_keys_none_or_fields_that_do_not_belong_is_refused() {
    let entries = practice(2);
    let offer = |entry: Entry| of(&entries).offer(&entry.signed(&authority(1)).to_bytes());
    let good = Entry::parse(&new_kit(&[&entries[1]], 2, 0x11)).unwrap();
    let own = good.wraps[0].clone();
    let with = |count| {
        let by = SignedBy { device: &signer(2), authority: &authority(1) };
        of(&entries).offer(&Entry::recovery(TIME, [hash(&entries[1])], vec![kit(0x11); count], &by))
    };
    assert_eq!([0, 1, 4, 5].map(with), {
        let malformed = refused(Refusal::Malformed);
        [malformed, Offered::Added, Offered::Added, malformed]
    });
    let broken = [
        Entry { parents: vec![], ..good.clone() },
        Entry { devices: vec![card(2)], ..good.clone() },
        Entry { cuts: vec![Cut { log: log(2), seq: 0, head: Hash([1; 32]) }], ..good.clone() },
        Entry { authority: Some(authority(2).public_key()), ..good.clone() },
        Entry { wraps: vec![], ..good.clone() },
        Entry { wraps: vec![own.clone(), own.clone()], ..good.clone() },
        Entry { wraps: vec![EntryWrap { purpose: EntryWrap::EPOCH, ..own.clone() }], ..good.clone() },
        Entry { wraps: vec![EntryWrap { device: card(1).id, ..own.clone() }], ..good.clone() },
    ];
    for (number, entry) in broken.into_iter().enumerate() {
        assert_eq!(offer(entry), refused(Refusal::Malformed), "number {number}");
    }
    let short = EntryWrap { bytes: own.bytes[1..].to_vec(), ..own };
    assert_eq!(offer(Entry { wraps: vec![short], ..good.clone() }), refused(Refusal::BadSignature));
    // Its device signed these keys, and no others.
    assert_eq!(offer(Entry { recovery: vec![kit(0x12)], ..good.clone() }), refused(Refusal::BadSignature));
    assert_eq!(offer(good), Offered::Added);
}

#[test]
fn every_changed_byte_of_a_change_of_the_kit_is_refused() {
    let entries = practice(2);
    let entry = new_kit(&[&entries[1]], 2, 0x11);
    // One byte in seven: a signature is verified for each.
    for at in (0..entry.len()).step_by(7) {
        let mut changed = entry.clone();
        changed[at] ^= 1 << (at % 8);
        let mut roster = of(&entries);
        let offered = roster.offer(&changed);
        assert!(!matches!(offered, Offered::Added | Offered::Known), "byte {at}: {offered:?}");
        assert_eq!(roster.recovery_keys(), [recovery()], "byte {at}");
    }
}
