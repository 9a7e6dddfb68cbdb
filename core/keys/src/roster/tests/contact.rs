//! From which epoch's secret the keys of the contact card follow: that of the last counting removal whose devices were lost.

use super::removal::{of, practice, removal};
use super::*;

fn epoch(entry: &[u8]) -> EpochId {
    EpochId(hash(entry).0[..16].try_into().unwrap())
}

/// Device 1 retires device 3 out of three.
fn retirement() -> Vec<u8> {
    let roster = of(&practice(3));
    let known = Epochs::from([(roster.epoch(), es(1))]);
    let by = SignedBy { device: &signer(1), authority: &authority(1) };
    roster.remove((Gone::Retired, vec![card(3)]), &known, &by, TIME, &mut Os).entry
}

#[test]
fn a_removal_gives_a_new_card_and_a_retirement_keeps_the_one_that_there_is() {
    let (entries, first) = (practice(3), epoch(&genesis()));
    let mut roster = of(&entries);
    assert_eq!((roster.contact_epoch(), roster.contact_epochs()), (first, vec![first]));
    assert_eq!(roster.offer(&retirement()), Offered::Added);
    assert_eq!((roster.contact_epoch(), roster.contact_epochs()), (first, vec![first]));
    assert_ne!(roster.epoch(), first, "the device is out all the same");
    assert!(roster.device(&card(3).id).is_none());

    let mut roster = of(&entries);
    let lost = removal(&[&entries[2]], 1, &[3], &[1, 2], (1, 2));
    assert_eq!(roster.offer(&lost), Offered::Added);
    assert_eq!((roster.contact_epoch(), roster.contact_epochs()), (epoch(&lost), vec![first, epoch(&lost)]));
}

#[test]
fn the_card_in_force_is_the_same_in_whatever_order_entries_come_and_that_of_a_void_removal_only_opens() {
    let entries = practice(3);
    let (retired, lost) = (retirement(), removal(&[&entries[2]], 2, &[3], &[1, 2], (1, 2)));
    // Of two that remove each other the elder stays.
    let (elder, younger) =
        (removal(&[&entries[2]], 1, &[2], &[1, 3], (1, 4)), removal(&[&entries[2]], 2, &[1], &[2, 3], (1, 5)));
    for (pair, counts) in [([&retired, &lost], &lost), ([&elder, &younger], &elder)] {
        for order in [[0, 1], [1, 0]] {
            let mut roster = of(&entries);
            order.iter().for_each(|at| assert_eq!(roster.offer(pair[*at]), Offered::Added));
            assert_eq!(roster.contact_epoch(), epoch(counts));
            assert!(roster.contact_epochs().contains(&epoch(counts)));
        }
    }
}

#[test]
fn only_a_removal_says_that_the_card_stays_and_in_one_way() {
    const FLAG: usize = 16;
    let kept = retirement();
    assert_eq!((kept[15], kept[FLAG]), (3, 1));
    assert!(Entry::parse(&kept).is_ok_and(|entry| entry.keeps_card));
    for entry in [genesis(), practice(2).remove(1)] {
        assert!(Entry::parse(&entry).is_ok_and(|entry| !entry.keeps_card));
        let flagged = [&entry[..FLAG], &[1], &entry[FLAG + 1..]].concat();
        assert!(Entry::parse(&flagged).is_err());
    }
    let other = [&kept[..FLAG], &[2], &kept[FLAG + 1..]].concat();
    assert!(Entry::parse(&other).is_err());
    // What says so is under the signatures.
    let lost = [&kept[..FLAG], &[0], &kept[FLAG + 1..]].concat();
    assert_eq!(of(&practice(3)).offer(&lost), Offered::Refused(Refusal::BadSignature));
}
