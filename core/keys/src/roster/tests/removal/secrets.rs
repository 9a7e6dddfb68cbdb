//! The secrets of epochs, as removals and admissions hand them over.

use super::*;

/// A removal of device 9 of all ages that hands over whatever its author likes.
fn handing(parents: &[&[u8]], to: &[(u8, Key<EpochRole>)], new: NewEpoch) -> Vec<u8> {
    let mut wraps = Vec::new();
    for (device, secret) in to {
        wraps.extend(removal_wraps(&[&card(*device)], secret, &vak(50), &mut Os));
    }
    let by = SignedBy { device: &signer(1), authority: &authority(1) };
    Entry::removal(TIME, hashes(parents), vec![card(3)], wraps, new, &by)
}

#[test]
fn nobody_hands_another_secret_to_one_than_to_the_others_nor_one_of_an_epoch_that_is_not_there() {
    let entries = practice(3);
    // To device 2 another secret than the one that the entry commits to.
    let split = handing(&[&entries[2]], &[(1, es(50)), (2, es(66))], opening(50, &[(epoch(&entries[0]), es(1))]));
    let mut split_roster = of(&entries);
    assert_eq!(split_roster.offer(&split), Offered::Added);
    let opened = |device: u8| split_roster.open_epochs(&card(device).id, &dkk(device), &Epochs::new());
    assert_eq!(opened(1).get(&epoch(&split)), Some(&es(50)));
    assert_eq!(opened(2), Epochs::new());
    // An epoch whose entry nobody has seen, and false secrets of one that is known: none of them counts.
    let invented = (0..300_u16).map(|number| {
        let mut id = [0x77; EpochId::LEN];
        id[..2].copy_from_slice(&number.to_le_bytes());
        (EpochId(id), es(66))
    });
    let junk: Vec<_> = invented.chain([(epoch(&entries[0]), es(66))]).collect();
    let entry = handing(&[&entries[2]], &[(1, es(50)), (2, es(50))], opening(50, &junk));
    let mut roster = of(&entries);
    assert_eq!(roster.offer(&entry), Offered::Added);
    let opened = roster.open_epochs(&card(2).id, &dkk(2), &Epochs::new());
    assert_eq!(opened, Epochs::from([(epoch(&entry), es(50))]));
}

#[test]
fn a_secret_that_comes_before_the_entry_that_commits_to_it_is_taken_when_that_comes() {
    let entries = practice(4);
    let gone = removal(&[&entries[3]], 1, &[4], &[1, 2, 3], (1, 50));
    // It hands on the epoch of a removal that device 2 has not heard of yet.
    let handed = [(epoch(&gone), es(50)), (epoch(&entries[0]), es(1))];
    let next = {
        let stay = [card(1), card(2)];
        let wraps = removal_wraps(&[&stay[0], &stay[1]], &es(60), &vak(60), &mut Os);
        let by = SignedBy { device: &signer(1), authority: &authority(50) };
        Entry::removal(TIME, [hash(&gone)], vec![card(3)], wraps, opening(60, &handed), &by)
    };
    let whole = of(&[entries.clone(), vec![gone.clone(), next.clone()]].concat());
    let all = Epochs::from([(epoch(&entries[0]), es(1)), (epoch(&gone), es(50)), (epoch(&next), es(60))]);
    assert_eq!(whole.open_epochs(&card(2).id, &dkk(2), &Epochs::new()), all);
    // Only what the last secret does not open by itself is handed on.
    assert_eq!(whole.loose_epochs(&all, None), [epoch(&next)]);
    assert_eq!(whole.loose_epochs(&all, Some(epoch(&next))), []);
    let lacking = Epochs::from([(epoch(&next), es(60)), (epoch(&entries[0]), es(1))]);
    assert_eq!(whole.loose_epochs(&lacking, None), [epoch(&next)], "what it opens is known to be opened");
}

#[test]
fn a_device_that_hundreds_of_removals_made_is_let_in_with_all_epochs_in_one_short_entry() {
    let (mut entries, mut known) = (practice(2), Epochs::from([(epoch(&genesis()), es(1))]));
    let mut roster = of(&entries);
    for round in 0..40_u8 {
        let old: Key<AuthorityRole> = Key::take(&mut [if round == 0 { 1 } else { 100 + round }; 32]);
        let by = SignedBy { device: &signer(1), authority: &Signer::new(&old) };
        let mut made = roster.remove((Gone::Lost, vec![card(2)]), &known, &by, TIME, &mut Os);
        // The authority's key is one that this test can say again.
        let new: Key<AuthorityRole> = Key::take(&mut [101 + round; 32]);
        let mut entry = Entry::parse(&made.entry).unwrap();
        entry.authority = Some(Signer::new(&new).public_key());
        entry.wraps.retain(|wrap| wrap.purpose != EntryWrap::AUTHOR);
        made.entry = entry.signed_by_author(by.device).signed(by.authority).to_bytes();
        assert_eq!(roster.offer(&made.entry), Offered::Added, "{round}");
        known.insert(epoch(&made.entry), made.epoch);
        entries.push(made.entry);
    }
    assert!(entries.iter().all(|entry| entry.len() < 12_000), "no entry grows with the number of those before it");
    let practice = Key::<PracticeRole>::random(&mut Os);
    let handed = roster.hand_over(&card(9), &known, &practice, &mut Os).unwrap();
    let last = Signer::new(&Key::<AuthorityRole>::take(&mut [140; 32]));
    let by = SignedBy { device: &signer(1), authority: &last };
    let admitted = Entry::admission(TIME, roster.heads(), card(9), handed, &by);
    assert_eq!(roster.offer(&admitted), Offered::Added);
    assert_eq!(roster.open_epochs(&card(9).id, &dkk(9), &Epochs::new()), known);
}
