//! Which of several that remove each other is the elder, and what that leaves to a device that is out: the limits of it.

use super::removal::{hashes, of, practice, removal};
use super::*;

fn epoch(entry: &[u8]) -> EpochId {
    epoch_of(&hash(entry))
}

/// An admission right after genesis, in the name of device 1, as every device can sign one; made anew until it is read out before
/// that of device 2.
fn dated_back(device: u8, entries: &[Vec<u8>]) -> Vec<u8> {
    let after_genesis =
        |time| Entry::admission(time, hashes(&[&entries[0]]), card(1).id, card(device), handed(), &authority(1));
    (0..).map(after_genesis).find(|entry| hash(entry) < hash(&entries[1])).unwrap()
}

/// Who stays, by number, whatever came first of these two.
fn live_in_any_order(entries: &[Vec<u8>], more: [&[u8]; 2]) -> Vec<u8> {
    let [one, other] = [[more[0], more[1]], [more[1], more[0]]].map(|order| {
        let mut roster = of(entries);
        order.iter().for_each(|entry| assert_eq!(roster.offer(entry), Offered::Added));
        (1..=5).filter(|device| roster.device(&card(*device).id).is_some()).collect::<Vec<u8>>()
    });
    assert_eq!(one, other);
    one
}

#[test]
fn nothing_that_is_dated_back_overturns_a_removal_by_the_first_device() {
    let mut entries = practice(3);
    let gone = removal(&[&entries[2]], 1, &[3], &[1, 2], (1, 50));
    let own = removal(&[&entries[2]], 3, &[1], &[2, 3], (1, 60));
    entries.push(dated_back(3, &entries));
    assert_eq!(live_in_any_order(&entries, [&gone, &own]), [1, 2]);
    // Nor by a device that was smuggled in before all others.
    let smuggled = dated_back(5, &entries);
    let by_it = removal(&[&smuggled], 5, &[1], &[5], (1, 60));
    entries.push(smuggled);
    assert_eq!(live_in_any_order(&entries, [&gone, &by_it]), [1, 2]);
}

#[test]
fn an_admission_that_is_dated_back_makes_its_device_the_elder_of_all_but_the_first() {
    // An admission is signed by the authority alone, and that key is in every device: a limit that docs/format.md, 4, names.
    let mut entries = practice(3);
    let gone = removal(&[&entries[2]], 2, &[3], &[1, 2], (1, 50));
    let own = removal(&[&entries[2]], 3, &[2], &[1, 3], (1, 60));
    assert_eq!(live_in_any_order(&entries, [&gone, &own]), [1, 2], "the neighbour: device 2 is the elder");
    let its_own = dated_back(3, &entries);
    entries.push(its_own);
    assert_eq!(live_in_any_order(&entries, [&gone, &own]), [1, 3]);
}

#[test]
fn a_circle_leaves_the_epoch_in_force_with_one_that_is_out_where_it_was_handed_on_meanwhile() {
    let mut entries = practice(3);
    let last = entries[2].clone();
    let (one, three) = (removal(&[&last], 1, &[2], &[1, 3], (1, 50)), removal(&[&last], 3, &[1], &[2, 3], (1, 60)));
    entries.extend([one.clone(), three.clone()]);
    // Device 3 believes its own removal, since that of device 1 is void beside it, and lets in another: under its own epoch, which
    // device 2 was handed, it hands on the one of device 1.
    let known = Epochs::from([(epoch(&entries[0]), es(1)), (epoch(&one), es(50)), (epoch(&three), es(60))]);
    let handed = of(&entries).hand_over(&card(4), &known, &Key::random(&mut Os), &mut Os).unwrap();
    let heads = of(&entries).heads();
    entries.push(Entry::admission(TIME, heads, card(3).id, card(4), handed, &authority(60)));
    // Then device 2 closes the circle, and the eldest counts.
    entries.push(removal(&[&last], 2, &[1, 3], &[2], (1, 70)));
    let roster = of(&entries);
    assert_eq!((roster.epoch(), roster.is_renewed()), (epoch(&one), true));
    assert!(roster.device(&card(2).id).is_none());
    let opened = roster.open_epochs(&card(2).id, &dkk(2), &Epochs::from([(epoch(&entries[0]), es(1))]));
    assert_eq!(opened.get(&roster.epoch()), Some(&es(50)), "a limit that docs/format.md, 4, names");
    assert_eq!(roster.open_authority(&card(2).id, &dkk(2)), None);
}
