//! Removals and cuts: who is out, whatever came first.

mod cuts;
mod secrets;

use super::*;
use crate::secret::AuthorityRole;

fn vak(byte: u8) -> Key<AuthorityRole> {
    Key::take(&mut [byte; 32])
}

pub(super) fn hashes(entries: &[&[u8]]) -> Vec<Hash> {
    entries.iter().map(|entry| hash(entry)).collect()
}

fn epoch(entry: &[u8]) -> EpochId {
    EpochId(hash(entry).0[..16].try_into().unwrap())
}

/// A removal by one device of others, which leaves those; under which authority, and which comes after it.
pub(super) fn removal(parents: &[&[u8]], by: u8, gone: &[u8], stay: &[u8], (old, new): (u8, u8)) -> Vec<u8> {
    let stay: Vec<DeviceCard> = stay.iter().map(|device| card(*device)).collect();
    let stay: Vec<&DeviceCard> = stay.iter().collect();
    let first = epoch(&genesis());
    let wraps = removal_wraps(&stay, &es(new), &vak(new), &mut Os);
    let gone = gone.iter().map(|device| card(*device)).collect();
    let new = opening(new, &[(first, es(1))]);
    let by = SignedBy { device: &signer(by), authority: &authority(old) };
    Entry::removal(TIME, hashes(parents), gone, wraps, new, &by)
}

/// What a removal puts in force, with these epochs handed on.
fn opening(new: u8, earlier: &[(EpochId, Key<EpochRole>)]) -> NewEpoch {
    let earlier = earlier.iter().map(|(epoch, secret)| (epoch, secret));
    NewEpoch::new(&es(new), earlier, authority(new).public_key(), &mut Os)
}

fn cut(parents: &[&[u8]], by: u8, removed: u8, seq: u64) -> Vec<u8> {
    let cuts = vec![Cut { log: log(removed), seq, head: Hash([7; 32]) }];
    Entry::cut(EntryKind::Cut, TIME, hashes(parents), card(removed), cuts, &signer(by))
}

pub(super) fn log(device: u8) -> LogId {
    let mut id = [0; 24];
    id[..16].copy_from_slice(&card(device).id.0);
    LogId(id)
}

/// A practice of these devices, each let in by the first after the one before.
pub(super) fn practice(devices: u8) -> Vec<Vec<u8>> {
    let mut entries = vec![genesis()];
    for device in 2..=devices {
        entries.push(admission(&[entries.last().unwrap()], card(device)));
    }
    entries
}

pub(super) fn of(entries: &[Vec<u8>]) -> Roster {
    for entry in entries {
        assert_eq!(Entry::parse(entry).unwrap().size(), entry.len());
    }
    roster(&entries.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn live(roster: &Roster) -> Vec<u8> {
    let all = (1..=40).filter(|device| roster.device(&card(*device).id).is_some());
    all.collect()
}

#[test]
fn a_removed_device_is_out_and_those_who_stay_open_the_new_epoch_and_the_new_authority() {
    let mut entries = practice(3);
    entries.push(removal(&[&entries[2].clone()], 1, &[3], &[1, 2], (1, 50)));
    let roster = of(&entries);
    assert_eq!(live(&roster), [1, 2]);
    let removed = roster.removal_of(&card(3).id).unwrap();
    assert_eq!((removed.by, removed.at, removed.named), (card(1).id, TIME, true));
    assert_eq!(roster.epoch(), epoch(&entries[3]));
    assert_eq!(roster.epochs(), [epoch(&entries[0]), epoch(&entries[3])]);
    assert_eq!(roster.authority(), &authority(50).public_key());
    assert!(roster.is_renewed());
    let opened = roster.open_epochs(&card(2).id, &dkk(2), &Epochs::new());
    assert_eq!(opened, Epochs::from([(epoch(&entries[3]), es(50)), (epoch(&entries[0]), es(1))]));
    assert_eq!(roster.open_authority(&card(2).id, &dkk(2)), Some(vak(50)));
    // The device that went opens nothing of it, under whatever name.
    for id in [card(3).id, card(2).id] {
        assert!(roster.open_epochs(&id, &dkk(3), &Epochs::new()).is_empty());
        assert_eq!(roster.open_authority(&id, &dkk(3)), None);
    }
}

#[test]
fn after_a_removal_only_the_new_authority_admits_and_the_removed_device_never_again() {
    let mut entries = practice(2);
    entries.push(removal(&[&entries[1].clone()], 1, &[2], &[1], (1, 50)));
    let by = |parent: &[u8], device: u8, vak: u8| admission_by(&[parent], 1, card(device), vak);
    let last = entries[2].clone();
    assert_eq!(of(&entries).offer(&by(&last, 4, 1)), refused(Refusal::BadSignature));
    assert_eq!(of(&entries).offer(&by(&last, 2, 50)), refused(Refusal::WasRemoved));
    assert_eq!(of(&entries).offer(&by(&last, 4, 50)), Offered::Added);
}

#[test]
fn an_admission_that_did_not_know_of_the_removal_is_void_whoever_made_it() {
    let entries = practice(3);
    let gone = removal(&[&entries[2]], 1, &[3], &[1, 2], (1, 50));
    for author in [1, 2, 3] {
        let beside = admission_by(&[&entries[2]], author, card(9), 1);
        for order in [[&gone, &beside], [&beside, &gone]] {
            let mut roster = of(&entries);
            for entry in order {
                assert_eq!(roster.offer(entry), Offered::Added);
            }
            assert_eq!(live(&roster), [1, 2], "by {author}");
            assert!(!roster.removal_of(&card(9).id).unwrap().named);
        }
        // What that device does counts for nothing either.
        let mut roster = of(&entries);
        let its_own = removal(&[&beside], 9, &[1, 2], &[3, 9], (1, 60));
        for entry in [&beside, &its_own, &gone] {
            assert_eq!(roster.offer(entry), Offered::Added);
        }
        assert_eq!((live(&roster), roster.epoch()), (vec![1, 2], epoch(&gone)));
    }
}

#[test]
fn an_admission_that_the_removal_knew_stays_though_the_removed_device_made_it() {
    let mut entries = practice(2);
    entries.push(admission_by(&[&entries[1]], 2, card(3), 1));
    entries.push(removal(&[&entries[2].clone()], 1, &[2], &[1, 3], (1, 50)));
    assert_eq!(live(&of(&entries)), [1, 3]);
}

#[test]
fn of_two_that_remove_each_other_the_one_admitted_earlier_stays() {
    let entries = practice(3);
    let (two, three) =
        (removal(&[&entries[2]], 2, &[3], &[1, 2], (1, 50)), removal(&[&entries[2]], 3, &[2], &[1, 3], (1, 60)));
    for order in [[&two, &three], [&three, &two]] {
        let mut roster = of(&entries);
        for entry in order {
            assert_eq!(roster.offer(entry), Offered::Added);
        }
        assert_eq!((live(&roster), roster.epoch(), roster.is_renewed()), (vec![1, 2], epoch(&two), true));
        assert_eq!(roster.authority(), &authority(50).public_key());
    }
}

#[test]
fn a_removal_by_a_device_that_was_removed_before_it_knew_is_void_though_nobody_it_removed_defends_itself() {
    let entries = practice(4);
    let (by_one, by_three) =
        (removal(&[&entries[3]], 1, &[3], &[1, 2, 4], (1, 50)), removal(&[&entries[3]], 3, &[4], &[1, 2, 3], (1, 60)));
    for order in [[&by_one, &by_three], [&by_three, &by_one]] {
        let mut roster = of(&entries);
        order.iter().for_each(|entry| assert_eq!(roster.offer(entry), Offered::Added));
        assert_eq!((live(&roster), roster.epoch()), (vec![1, 2, 4], epoch(&by_one)));
    }
}

#[test]
fn what_the_removed_device_builds_on_its_own_void_removal_is_void_too() {
    let entries = practice(3);
    let gone = removal(&[&entries[2]], 1, &[3], &[1, 2], (1, 50));
    let own = removal(&[&entries[2]], 3, &[1, 2], &[3], (1, 60));
    let more = admission_by(&[&own], 3, card(9), 60);
    let again = removal(&[&more], 3, &[1], &[3, 9], (60, 61));
    let mut roster = of(&entries);
    for entry in [&own, &more, &again, &gone] {
        assert_eq!(roster.offer(entry), Offered::Added);
    }
    assert_eq!((live(&roster), roster.epoch()), (vec![1, 2], epoch(&gone)));
    assert_eq!(roster.authority(), &authority(50).public_key());
}

#[test]
fn three_that_remove_each_other_in_a_circle_end_with_the_eldest() {
    let entries = practice(4);
    let circle = [
        removal(&[&entries[3]], 2, &[3], &[1, 2, 4], (1, 50)),
        removal(&[&entries[3]], 3, &[4], &[1, 2, 3], (1, 60)),
        removal(&[&entries[3]], 4, &[2], &[1, 3, 4], (1, 70)),
    ];
    for turn in 0..3 {
        let mut roster = of(&entries);
        for at in 0..3 {
            assert_eq!(roster.offer(&circle[(at + turn) % 3]), Offered::Added);
        }
        assert_eq!(live(&roster), [1, 2, 4], "{turn}");
    }
}

#[test]
fn two_removals_at_the_same_time_leave_keys_to_be_renewed_and_nobody_is_let_in_before() {
    let entries = practice(4);
    let (one, two) =
        (removal(&[&entries[3]], 1, &[3], &[1, 2, 4], (1, 50)), removal(&[&entries[3]], 2, &[4], &[1, 2, 3], (1, 60)));
    let mut roster = of(&entries);
    for entry in [&one, &two] {
        assert_eq!(roster.offer(entry), Offered::Added);
    }
    assert_eq!(live(&roster), [1, 2]);
    let (last, vak) = if roster.epoch() == epoch(&one) { (4, 50) } else { (3, 60) };
    assert_eq!(roster.to_renew(), [card(last)], "who was handed the keys in force and is out");
    let admission = |parents: &[&[u8]], vak| admission_by(parents, 1, card(9), vak);
    assert_eq!(roster.offer(&admission(&[&one, &two], vak)), refused(Refusal::NotRenewed));
    let renewed = removal(&[&one, &two], 2, &[last], &[1, 2], (vak, 80));
    assert_eq!(roster.offer(&renewed), Offered::Added);
    assert_eq!((roster.epoch(), roster.is_renewed()), (epoch(&renewed), true));
    assert_eq!(roster.offer(&admission(&[&renewed], 80)), Offered::Added);
    assert_eq!(live(&roster), [1, 2, 9]);
}

#[test]
fn a_removal_that_does_not_fit_its_practice_or_its_author_is_refused() {
    let entries = practice(3);
    let last = &entries[2];
    let offer = |entry: &[u8]| of(&entries).offer(entry);
    let good = removal(&[last], 2, &[3], &[1, 2], (1, 50));
    assert_eq!(offer(&good), Offered::Added);
    assert_eq!(
        offer(&removal(&[last], 2, &[3], &[1, 2], (9, 50))),
        refused(Refusal::BadSignature),
        "another authority"
    );
    assert_eq!(offer(&removal(&[last], 9, &[3], &[9, 1, 2], (1, 50))), refused(Refusal::UnknownAuthor));
    assert_eq!(offer(&removal(&[last], 2, &[9], &[1, 2, 3], (1, 50))), refused(Refusal::OtherDevices), "a stranger");
    assert_eq!(
        offer(&removal(&[last], 2, &[3], &[2], (1, 50))),
        refused(Refusal::OtherDevices),
        "one who stays is left out"
    );
    assert_eq!(offer(&removal(&[last], 2, &[3], &[1, 2, 9], (1, 50))), refused(Refusal::OtherDevices), "one too many");
    assert_eq!(offer(&removal(&[last], 2, &[3], &[1, 2], (1, 1))), refused(Refusal::OtherDevices), "no new authority");
    assert_eq!(offer(&removal(&[last], 2, &[2, 3], &[1], (1, 50))), refused(Refusal::Malformed), "itself");
    // Whoever holds the authority's key alone cannot remove in the name of another device.
    let good = Entry::parse(&good).unwrap();
    let own = good.wraps.iter().position(|wrap| wrap.purpose == EntryWrap::AUTHOR).unwrap();
    let mut forged = good.clone();
    forged.wraps[own].bytes = signer(3).sign(subrosa_base::labels::ROSTER_DEVICE, b"").0.to_vec();
    assert_eq!(offer(&forged.signed(&authority(1)).to_bytes()), refused(Refusal::BadSignature));
    let broken = [
        Entry { devices: vec![], ..good.clone() },
        Entry { devices: vec![card(3), card(3)], ..good.clone() },
        Entry { wraps: good.wraps[1..].to_vec(), ..good.clone() },
        Entry { wraps: [&good.wraps[..], &good.wraps[..1]].concat(), ..good.clone() },
        Entry {
            wraps: good.wraps.iter().filter(|wrap| wrap.purpose != EntryWrap::AUTHOR).cloned().collect(),
            ..good.clone()
        },
        Entry { authority: None, ..good.clone() },
        Entry { recovery: vec![recovery()], ..good.clone() },
        Entry { cuts: vec![Cut { log: log(3), seq: 0, head: Hash([1; 32]) }], ..good.clone() },
        Entry { parents: vec![], ..good },
    ];
    for (number, entry) in broken.into_iter().enumerate() {
        let bytes = entry.signed(&authority(1)).to_bytes();
        assert_eq!(offer(&bytes), refused(Refusal::Malformed), "number {number}");
    }
}

#[test]
fn every_changed_byte_of_a_removal_and_of_a_cut_is_refused() {
    let mut entries = practice(2);
    let gone = removal(&[&entries[1].clone()], 1, &[2], &[1], (1, 50));
    let limit = cut(&[&gone], 1, 2, 4);
    for (entry, of_what) in [(&gone, "removal"), (&limit, "cut")] {
        // One byte in seven: a signature is verified for each.
        for at in (0..entry.len()).step_by(7) {
            let mut changed = entry.clone();
            changed[at] ^= 1 << (at % 8);
            let offered = of(&entries).offer(&changed);
            assert!(!matches!(offered, Offered::Added | Offered::Known), "{of_what}, byte {at}: {offered:?}");
        }
        assert_eq!(of(&entries).offer(entry), Offered::Added);
        entries.push(entry.clone());
    }
}

#[test]
fn a_first_word_is_said_in_the_newest_epoch_of_which_all_have_heard() {
    let mut entries = practice(3);
    entries.push(removal(&[&entries[2].clone()], 1, &[3], &[1, 2], (1, 50)));
    let (first, second) = (epoch(&entries[0]), epoch(&entries[3]));
    let known = Epochs::from([(first, es(1)), (second, es(50))]);
    assert_eq!(of(&entries).epoch_known_to_all(&card(1).id, &known), first, "2 may not have heard of it");
    assert_eq!(of(&entries).epoch_known_to_all(&card(2).id, &known), second, "1 made it");
    entries.push(cut(&[&entries[3].clone()], 2, 3, 4));
    assert_eq!(of(&entries).epoch_known_to_all(&card(1).id, &known), second);
    let lacks = Epochs::from([(first, es(1))]);
    assert_eq!(of(&entries).epoch_known_to_all(&card(1).id, &lacks), first, "one whose secret is here");
}

#[test]
fn a_removed_device_is_told_by_entries_that_it_believes_and_that_say_nothing_newer() {
    let mut entries = practice(2);
    let gone = removal(&[&entries[1].clone()], 1, &[2], &[1], (1, 50));
    entries.push(gone.clone());
    entries.push(admission_by(&[&gone], 1, card(3), 50));
    let told = of(&entries).farewell(&card(2).id).unwrap();
    assert_eq!(told, entries[..3]);
    assert_eq!(live(&of(&told)), [1]);
    assert_eq!(of(&entries).farewell(&card(1).id), None);
}

/// Removals, counter-removals, smuggled admissions, cuts and renewals in strands that did not know of each other.
fn quarrel() -> Vec<Vec<u8>> {
    let mut all = practice(5);
    let last = all[4].clone();
    let a = removal(&[&last], 1, &[4], &[1, 2, 3, 5], (1, 50));
    let b = removal(&[&last], 4, &[1, 2], &[3, 4, 5], (1, 60));
    let c = removal(&[&last], 2, &[5], &[1, 2, 3, 4], (1, 70));
    let d = admission_by(&[&last], 2, card(6), 1);
    let e = admission_by(&[&b], 4, card(7), 60);
    let f = removal(&[&d], 6, &[3], &[1, 2, 4, 5, 6], (1, 80));
    let g = cut(&[&a], 3, 4, 3);
    let h = cut(&[&b], 3, 1, 3);
    let mut both: Vec<&[u8]> = vec![&a, &c];
    both.sort_by_key(|entry| hash(entry));
    let merged = of(&[&all[..], &[a.clone(), c.clone()]].concat());
    let vak = if merged.epoch() == epoch(&a) { 50 } else { 70 };
    let i = removal(&both, 3, &[4, 5], &[1, 2, 3], (vak, 90));
    let j = admission_by(&[&i], 3, card(8), 90);
    all.extend([a, b, c, d, e, f, g, h, i, j]);
    all
}

#[test]
fn any_order_of_arrival_gives_the_same_devices_epoch_authority_and_cuts() {
    let all = quarrel();
    let in_order = of(&all);
    assert_eq!(live(&in_order), [1, 2, 3, 8]);
    assert!(in_order.is_renewed());
    for seed in 0..200_u64 {
        println!("seed {seed}");
        let mut rest: Vec<&Vec<u8>> = all[1..].iter().collect();
        let (mut shuffled, mut dice) = (Roster::begin(&all[0]).unwrap(), seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        while !rest.is_empty() {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            let next = rest.swap_remove(usize::try_from(dice % rest.len() as u64).unwrap());
            assert!(!matches!(shuffled.offer(next), Offered::Refused(_)));
        }
        assert_eq!(shuffled.orphans(), 0);
        assert_eq!(shuffled.entries(), in_order.entries());
        assert_eq!((shuffled.live(), shuffled.heads()), (in_order.live(), in_order.heads()));
        assert_eq!(shuffled.removed().collect::<Vec<_>>(), in_order.removed().collect::<Vec<_>>());
        assert_eq!((shuffled.epochs(), shuffled.authority()), (in_order.epochs(), in_order.authority()));
        for device in 1..=8 {
            let log = log(device);
            assert!(shuffled.cuts(&log).eq(in_order.cuts(&log)), "{device}");
        }
    }
}

#[test]
fn what_is_said_of_a_part_does_not_depend_on_its_order_either() {
    // Every prefix of one shuffled arrival, with all orders of that prefix's last three.
    let all = quarrel();
    for end in 4..all.len() {
        let (head, tail) = all[..=end].split_at(end - 2);
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let rosters = orders.map(|order| {
            let mut roster = of(head);
            for at in order {
                roster.offer(&tail[at]);
            }
            (roster.entries(), ids(&roster), roster.epochs(), *roster.authority())
        });
        assert!(rosters.iter().all(|roster| *roster == rosters[0]), "{end}");
    }
}
