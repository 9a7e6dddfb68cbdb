//! What one device may say of who belongs to the practice: however much it is, nobody else's entries give way.

use super::entry::{EARLIER_MAX, PARENTS_MAX};
use super::*;

fn sorted(devices: [u8; 2]) -> Vec<DeviceId> {
    let mut ids: Vec<DeviceId> = devices.into_iter().map(|device| card(device).id).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn one_device_writes_so_many_entries_and_takes_no_room_of_anothers() {
    let mut roster = Roster::begin(&genesis()).unwrap();
    assert_eq!(roster.offer(&admission(&[&genesis()], card(2))), Offered::Added);
    let kit = |roster: &Roster, device: u8| {
        let by = SignedBy { device: &signer(device), authority: &authority(1) };
        Entry::recovery(TIME, roster.heads(), vec![recovery()], &by)
    };
    for _ in 0..ENTRIES_OF_ONE {
        let entry = kit(&roster, 2);
        assert_eq!(roster.offer(&entry), Offered::Added);
    }
    let beyond = kit(&roster, 2);
    assert_eq!(roster.offer(&beyond), refused(Refusal::TooManyEntries));
    // Whoever made all that is removed, and others are let in.
    let known = Epochs::from([(epoch_of(&hash(&genesis())), es(1))]);
    let by = SignedBy { device: &signer(1), authority: &authority(1) };
    let removed = roster.remove((Gone::Lost, vec![card(2)]), &known, &by, TIME, &mut Os);
    assert_eq!(roster.offer(&removed.entry), Offered::Added);
    let by = SignedBy { device: &signer(1), authority: &Signer::new(&removed.authority) };
    let admitted = Entry::admission(TIME, roster.heads(), card(3), handed(), &by);
    assert_eq!(roster.offer(&admitted), Offered::Added);
    assert_eq!(ids(&roster), sorted([1, 3]));
}

#[test]
fn thousands_of_entries_beside_each_other_say_the_same_in_every_order_and_keep_nobody_from_removing_their_author() {
    let admitted = admission(&[&genesis()], card(2));
    let honest = admission_by(&[&admitted], 2, card(3), 1);
    let flood = |number: u64| {
        let by = SignedBy { device: &signer(2), authority: &authority(1) };
        let admitted = card(u8::try_from(4 + number % 250).unwrap());
        Entry::admission(TIME + number, [hash(&admission(&[&genesis()], card(2)))], admitted, handed(), &by)
    };
    let mut entries: Vec<Vec<u8>> = (0..3_000).map(flood).collect();
    entries.push(honest.clone());
    let begun = || {
        let mut roster = Roster::begin(&genesis()).unwrap();
        assert_eq!(roster.offer(&admitted), Offered::Added);
        roster
    };
    let (mut first, mut other) = (begun(), begun());
    first.offer_all(entries.iter().map(Vec::as_slice));
    other.offer_all(entries.iter().rev().map(Vec::as_slice));
    assert_eq!(first.entries(), other.entries());
    assert_eq!(ids(&first), ids(&other));
    let heads = first.heads();
    let stays: Vec<DeviceCard> = first.live().into_iter().filter(|one| **one != card(2)).cloned().collect();
    let known = Epochs::from([(epoch_of(&hash(&genesis())), es(1))]);
    let by = SignedBy { device: &signer(1), authority: &authority(1) };
    let removed = first.remove((Gone::Lost, vec![card(2)]), &known, &by, TIME, &mut Os);
    for roster in [&mut first, &mut other] {
        assert_eq!(roster.offer(&removed.entry), Offered::Added);
        assert!(roster.device(&card(2).id).is_none() && heads.len() == PARENTS_MAX);
        // Whom it let in stays, so that nobody goes along who does not hear of it.
        assert!(stays.iter().all(|card| roster.device(&card.id) == Some(card)), "{}", stays.len());
    }
}

#[test]
fn what_only_the_authority_signed_takes_no_room_of_the_device_that_it_names() {
    let mut roster = Roster::begin(&genesis()).unwrap();
    let kind = EntryKind::Unknown(NonZeroU8::new(77).unwrap());
    for _ in 0..=ENTRIES_OF_ONE {
        let parents = roster.heads().into_iter().collect();
        let entry = Entry { parents, author: card(1).id, ..Entry::blank(kind, TIME) };
        assert_eq!(roster.offer(&entry.signed(&authority(1)).to_bytes()), Offered::Added);
    }
    let by = SignedBy { device: &signer(1), authority: &authority(1) };
    let admitted = Entry::admission(TIME, roster.heads(), card(2), handed(), &by);
    assert_eq!(roster.offer(&admitted), Offered::Added);
}

#[test]
fn admissions_of_the_devices_that_are_there_crowd_no_removal_out_of_the_heads() {
    let entries = removal::practice(3);
    let mut roster = Roster::begin(&entries[0]).unwrap();
    roster.offer_all(entries.iter().map(Vec::as_slice));
    let known = Epochs::from([(epoch_of(&hash(&entries[0])), es(1))]);
    let by = SignedBy { device: &signer(1), authority: &authority(1) };
    let removed = roster.remove((Gone::Lost, vec![card(3)]), &known, &by, TIME, &mut Os);
    // Before it hears of that, the device lets those in again who are there, hundreds of times.
    let beside = (0..300).map(|number| {
        let by = SignedBy { device: &signer(3), authority: &authority(1) };
        Entry::admission(TIME + number, [hash(&entries[2])], card(if number % 2 == 0 { 1 } else { 2 }), handed(), &by)
    });
    let beside: Vec<Vec<u8>> = beside.collect();
    assert!(roster.offer_all(beside.iter().map(Vec::as_slice)).iter().all(|offered| *offered == Offered::Added));
    assert_eq!(roster.offer(&removed.entry), Offered::Added);
    assert!(roster.heads().len() == PARENTS_MAX && roster.heads().contains(&hash(&removed.entry)));
    let by = SignedBy { device: &signer(2), authority: &Signer::new(&removed.authority) };
    let admitted = Entry::admission(TIME, roster.heads(), card(4), handed(), &by);
    assert_eq!(roster.offer(&admitted), Offered::Added);
    let mut ids = [1, 2, 4].map(|device| card(device).id);
    ids.sort_unstable();
    assert_eq!(super::ids(&roster), ids);
}

#[test]
fn a_roster_that_was_put_together_before_says_the_same_without_being_judged_again() {
    let entries = removal::practice(4);
    let mut roster = Roster::begin(&entries[0]).unwrap();
    roster.offer_all(entries.iter().map(Vec::as_slice));
    let again = Roster::of_accepted(&roster.entries()).unwrap();
    assert_eq!((again.entries(), ids(&again), again.heads()), (roster.entries(), ids(&roster), roster.heads()));
    assert!(Roster::of_accepted(&[]).is_err() && Roster::of_accepted(&entries[1..]).is_err());
}

#[test]
fn a_flood_of_entries_beside_each_other_leaves_room_for_what_other_devices_say() {
    let entries = removal::practice(3);
    let mut roster = Roster::begin(&entries[0]).unwrap();
    roster.offer_all(entries.iter().map(Vec::as_slice));
    let flood = |number: u64, by: u8| {
        let by = SignedBy { device: &signer(by), authority: &authority(1) };
        let earlier = Earlier { sealed: vec![7; EARLIER_MAX], ..handed().earlier };
        Entry::admission(TIME + number, [hash(&entries[2])], card(1), HandedOver { earlier, ..handed() }, &by)
    };
    let each = Entry::parse(&flood(0, 3)).unwrap().size();
    let mut taken = |by: u8| {
        let most = u64::try_from(2 * ROOM / each).unwrap();
        (0..most).take_while(|number| roster.offer(&flood(*number, by)) == Offered::Added).count()
    };
    assert_eq!(taken(3), ROOM / each);
    // Another device still has its own room, and no more than that.
    assert_eq!(taken(2), ROOM_OF_ONE / each);
    assert_eq!(roster.offer(&flood(0, 1)), Offered::Added);
    let known = Epochs::from([(epoch_of(&hash(&entries[0])), es(1))]);
    let by = SignedBy { device: &signer(1), authority: &authority(1) };
    let removed = roster.remove((Gone::Lost, vec![card(2), card(3)]), &known, &by, TIME, &mut Os);
    assert_eq!(roster.offer(&removed.entry), Offered::Added);
    assert_eq!(ids(&roster), [card(1).id]);
}
