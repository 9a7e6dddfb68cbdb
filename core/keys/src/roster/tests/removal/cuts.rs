//! What devices say of the logs of one that was removed: how far it was used, and that somebody kept the rest.

use super::super::entry::PARENTS_MAX;
use super::*;

#[test]
fn a_cut_is_its_own_devices_word_about_one_that_was_removed() {
    let mut entries = practice(3);
    let gone = removal(&[&entries[2].clone()], 1, &[3], &[1, 2], (1, 50));
    assert_eq!(of(&entries).offer(&cut(&[&entries[2]], 2, 3, 4)), refused(Refusal::OtherDevices), "not removed yet");
    entries.push(gone.clone());
    assert_eq!(of(&entries).owed_cuts(&card(2).id).len(), 1);
    assert_eq!(of(&entries).offer(&cut(&[&gone], 3, 3, 4)), refused(Refusal::Malformed), "of itself");
    assert_eq!(of(&entries).offer(&cut(&[&gone], 9, 3, 4)), refused(Refusal::UnknownAuthor));
    let foreign = vec![Cut { log: log(2), seq: 4, head: Hash([7; 32]) }];
    let foreign = Entry::cut(EntryKind::Cut, TIME, [hash(&gone)], card(3), foreign, &signer(1));
    assert_eq!(of(&entries).offer(&foreign), refused(Refusal::Malformed), "the log of another device");
    let by_authority = Entry::parse(&cut(&[&gone], 2, 3, 4)).unwrap().signed(&authority(50)).to_bytes();
    assert_eq!(of(&entries).offer(&by_authority), refused(Refusal::BadSignature));
    let (near, far) = (cut(&[&gone], 1, 3, 4), cut(&[&gone], 2, 3, 9));
    entries.extend([near, far]);
    let roster = of(&entries);
    assert_eq!(roster.cuts(&log(3)).map(|cut| cut.seq).max(), Some(9));
    assert_eq!((roster.kept(&log(3)).count(), roster.owed_cuts(&card(2).id).len()), (0, 0));
}

#[test]
fn who_was_removed_says_nothing_more_about_how_far_others_count() {
    let entries = practice(4);
    let gone = removal(&[&entries[3]], 1, &[4], &[1, 2, 3], (1, 50));
    let also = removal(&[&gone], 1, &[3], &[1, 2], (50, 60));
    let cuts = |by: u8| {
        let mut all = entries.clone();
        all.extend([gone.clone(), cut(&[&gone], by, 4, 9), also.clone()]);
        of(&all).cuts(&log(4)).count()
    };
    assert_eq!((cuts(2), cuts(3)), (1, 0));
}

#[test]
fn what_devices_say_of_logs_is_nobodys_parent_and_so_blocks_no_removal() {
    let mut entries = practice(3);
    entries.push(removal(&[&entries[2].clone()], 1, &[3], &[1, 2], (1, 50)));
    let mut roster = of(&entries);
    for seq in 0..60 {
        assert_eq!(roster.offer(&cut(&[&entries[3]], 2, 3, seq)), Offered::Added);
    }
    assert_eq!(roster.heads(), BTreeSet::from([hash(&entries[3])]));
    let said = cut(&[&entries[3]], 2, 3, 1);
    let after = admission_by(&[&said], 1, card(9), 50);
    let again = cut(&[&entries[3]], 2, 3, 0);
    assert_eq!(roster.offer(&again), Offered::Known);
    // As where the cut never came, or gave its place to later ones.
    assert_eq!((roster.offer(&after), of(&entries).offer(&after)), (Offered::Orphaned, Offered::Orphaned));
    assert_eq!((roster.awaited(&after), of(&entries).awaited(&after)), (Some(hash(&said)), Some(hash(&said))));
}

#[test]
fn whoever_says_much_of_logs_and_whoever_stands_void_beside_a_removal_keeps_nobody_from_removing() {
    let mut entries = practice(4);
    entries.push(removal(&[&entries[3].clone()], 1, &[4], &[1, 2, 3], (1, 50)));
    let mut roster = of(&entries);
    // The device that went still holds the old authority, and lets in hundreds that are void.
    for number in 0..200_u8 {
        let by = SignedBy { device: &signer(4), authority: &authority(1) };
        let void = Entry::admission(TIME + u64::from(number), [hash(&entries[3])], card(9), handed(), &by);
        assert_eq!(roster.offer(&void), Offered::Added);
    }
    for seq in 0..500 {
        let said = Entry::cut(
            EntryKind::Cut,
            TIME + seq,
            [hash(&entries[4])],
            card(4),
            vec![Cut { log: log(4), seq, head: Hash([7; 32]) }],
            &signer(3),
        );
        roster.offer(&said);
    }
    assert_eq!(roster.cuts(&log(4)).count(), CUTS_OF_ONE);
    assert!(roster.cuts(&log(4)).any(|cut| cut.seq == 499), "the latest are kept");
    let heads = roster.heads();
    assert!(heads.len() == PARENTS_MAX && heads.contains(&hash(&entries[4])), "the removal is among them");
    let known = Epochs::from([(epoch(&entries[0]), es(1)), (epoch(&entries[4]), es(50))]);
    let by = SignedBy { device: &signer(1), authority: &authority(50) };
    let removed = roster.remove((Gone::Lost, vec![card(3)]), &known, &by, TIME, &mut Os);
    assert_eq!(roster.offer(&removed.entry), Offered::Added);
    assert_eq!(live(&roster), [1, 2]);
}
