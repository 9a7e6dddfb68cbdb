//! Which of several that remove each other is the elder, and what that leaves to a device that is out: the limits of it.

use super::removal::{hashes, of, practice, removal};
use super::*;

fn epoch(entry: &[u8]) -> EpochId {
    epoch_of(&hash(entry))
}

/// An admission after this entry, under the first authority, made anew until it is read out before that one; signed by the key of
/// device `by`, in the name of device `author`.
fn dated_back(after: &[u8], (by, author): (u8, u8), device: u8, before: &[u8]) -> Vec<u8> {
    let made = |time| {
        let whose = SignedBy { device: &signer(by), authority: &authority(1) };
        let own = Entry::admission(time, hashes(&[after]), card(device), handed(), &whose);
        if by == author {
            return own;
        }
        let mut entry = Entry { author: card(author).id, ..Entry::parse(&own).unwrap() };
        entry.wraps.retain(|wrap| wrap.purpose != EntryWrap::AUTHOR);
        entry.signed_by_author(&signer(by)).signed(&authority(1)).to_bytes()
    };
    (0..).map(made).find(|entry| hash(entry) < hash(before)).unwrap()
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
    // Even if the first device itself had signed what makes the third one the elder of the second, or a fifth one of both.
    entries.push(dated_back(&entries[0], (1, 1), 3, &entries[1]));
    assert_eq!(live_in_any_order(&entries, [&gone, &own]), [1, 2]);
    let early = dated_back(&entries[0], (1, 1), 5, &entries[1]);
    let by_it = removal(&[&early], 5, &[1], &[5], (1, 60));
    entries.push(early);
    assert_eq!(live_in_any_order(&entries, [&gone, &by_it]), [1, 2]);
}

#[test]
fn an_admission_that_is_dated_back_in_the_name_of_an_older_device_is_refused() {
    let mut entries = practice(3);
    let gone = removal(&[&entries[2]], 2, &[3], &[1, 2], (1, 50));
    let own = removal(&[&entries[2]], 3, &[2], &[1, 3], (1, 60));
    assert_eq!(live_in_any_order(&entries, [&gone, &own]), [1, 2], "device 2 is the elder");
    // Device 3 holds the authority's key, and of the devices' own keys that of itself.
    let forged = dated_back(&entries[0], (3, 1), 3, &entries[1]);
    assert_eq!(of(&entries).offer(&forged), refused(Refusal::BadSignature));
    let in_its_own_name = dated_back(&entries[0], (3, 3), 3, &entries[1]);
    assert_eq!(of(&entries).offer(&in_its_own_name), refused(Refusal::UnknownAuthor), "it was not there yet");
    // The neighbour: had device 1 signed it, it would be taken, and make device 3 the elder.
    entries.push(dated_back(&entries[0], (1, 1), 3, &entries[1]));
    assert_eq!(live_in_any_order(&entries, [&gone, &own]), [1, 3]);
}

#[test]
fn what_a_device_lets_in_is_younger_than_all_that_were_there_before_it_however_it_is_dated() {
    let mut entries = practice(3);
    let last = entries[2].clone();
    // A fourth device after the third, and one that the third lets in as if it had been there before that.
    entries.push(admission(&[&last], card(4)));
    let early = dated_back(&last, (3, 3), 5, &entries[3]);
    entries.push(early.clone());
    let own = removal(&[&early], 5, &[2], &[1, 3, 5], (1, 60));
    let gone = removal(&[&entries[3], &early], 2, &[3, 5], &[1, 2, 4], (1, 50));
    assert_eq!(live_in_any_order(&entries, [&gone, &own]), [1, 2, 4]);
    // The limit that docs/format.md, 4, names: beside one that was let in after the third it is the elder.
    let gone = removal(&[&entries[3], &early], 4, &[3, 5], &[1, 2, 4], (1, 50));
    let own = removal(&[&entries[3], &early], 5, &[4], &[1, 2, 3, 5], (1, 60));
    assert_eq!(live_in_any_order(&entries, [&gone, &own]), [1, 2, 3, 5]);
}

#[test]
fn an_epoch_whose_removal_was_void_until_a_circle_closed_is_renewed_before_anybody_is_let_in() {
    let mut entries = practice(3);
    let last = entries[2].clone();
    let (one, three) = (removal(&[&last], 1, &[2], &[1, 3], (1, 50)), removal(&[&last], 3, &[1], &[2, 3], (1, 60)));
    entries.extend([one.clone(), three.clone()]);
    // Device 3 believes its own removal, since that of device 1 is void beside it, and lets in another: under its own epoch, which
    // device 2 was handed, it hands on the one of device 1.
    let known = Epochs::from([(epoch(&entries[0]), es(1)), (epoch(&one), es(50)), (epoch(&three), es(60))]);
    let handed = of(&entries).hand_over(&card(4), &known, &Key::random(&mut Os), &mut Os).unwrap();
    let heads = of(&entries).heads();
    let by = SignedBy { device: &signer(3), authority: &authority(60) };
    let let_in = Entry::admission(TIME, heads, card(4), handed, &by);
    entries.push(let_in.clone());
    assert!(of(&entries).is_renewed(), "device 1 is out, and nobody hands it the epoch of device 3");
    // Then device 2 closes the circle, and the eldest counts. It was given the epoch under which the one in force lies.
    let two = removal(&[&last], 2, &[1, 3], &[2], (1, 70));
    entries.push(two.clone());
    let mut roster = of(&entries);
    assert_eq!((roster.epoch(), roster.to_renew()), (epoch(&one), &[card(2)][..]));
    let opens =
        |roster: &Roster| roster.open_epochs(&card(2).id, &dkk(2), &Epochs::from([(epoch(&entries[0]), es(1))]));
    assert_eq!(opens(&roster).get(&roster.epoch()), Some(&es(50)));
    assert_eq!(roster.offer(&admission_by(&[&let_in, &two], 1, card(9), 50)), refused(Refusal::NotRenewed));
    let renewed = removal(&[&let_in, &two], 1, &[2], &[1, 3, 4], (50, 80));
    assert_eq!(roster.offer(&renewed), Offered::Added);
    assert_eq!((roster.epoch(), roster.is_renewed()), (epoch(&renewed), true));
    assert_eq!(opens(&roster).get(&roster.epoch()), None);
    assert_eq!(roster.offer(&admission_by(&[&renewed], 1, card(9), 80)), Offered::Added);
}

#[test]
fn what_a_removed_device_dates_back_against_whoever_knew_of_its_removal_asks_for_no_other_keys() {
    let mut entries = practice(4);
    let gone = removal(&[&entries[3]], 1, &[3], &[1, 2, 4], (1, 50));
    let later = removal(&[&gone], 2, &[4], &[1, 2], (50, 60));
    let own = removal(&[&entries[3]], 3, &[2], &[1, 3, 4], (1, 70));
    entries.extend([gone, later.clone(), own]);
    let roster = of(&entries);
    assert_eq!((roster.epoch(), roster.is_renewed()), (epoch(&later), true));
}
