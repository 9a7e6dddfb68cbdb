//! A folder that loses, tears, doubles and turns back.

use super::*;

#[test]
fn what_is_torn_or_not_there_yet_means_not_yet() {
    for torn in [true, false] {
        let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
        one.write("a note");
        one.visit(&place, 1);
        let name = place.names("batch").remove(0);
        let whole = place.objects.borrow_mut().remove(&name).unwrap();
        if torn {
            place.objects.borrow_mut().insert(name.clone(), whole[..whole.len() / 2].to_vec());
        }
        other.visit(&place, 2);
        assert_eq!(other.shelf.bodies(), 0);
        place.objects.borrow_mut().insert(name, whole);
        other.visit(&place, 2 + 10_000);
        assert_eq!(other.shelf.bodies(), 1, "{torn}");
    }
}

#[test]
fn a_torn_statement_means_not_yet() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    one.write("a note");
    one.visit(&place, 1);
    let name = place.names("state").remove(0);
    let whole = place.objects.borrow_mut().insert(name.clone(), vec![1; 40]).unwrap();
    other.visit(&place, 2);
    assert_eq!(other.shelf.bodies(), 0);
    place.objects.borrow_mut().insert(name, whole);
    other.visit(&place, 3 + 10_000);
    assert_eq!(other.shelf.bodies(), 1);
}

#[test]
fn a_batch_that_stays_torn_is_named_and_its_writer_puts_it_in_anew() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    one.write("a note");
    one.visit(&place, 1);
    let name = place.names("batch").remove(0);
    place.objects.borrow_mut().insert(name.clone(), vec![1; 40]);
    for now in [2, 2 + 30 * 60_000, 3 + 60 * 60_000] {
        other.visit(&place, now);
    }
    one.visit(&place, 4 + 60 * 60_000);
    assert_eq!(place.names("batch").len(), 1);
    assert!(!place.objects.borrow().contains_key(&name));
    other.visit(&place, 5 + 60 * 60_000);
    assert_eq!(other.shelf.bodies(), 1);
}

#[test]
fn half_an_object_that_nobody_ends_is_looked_for_less_and_less_often() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    one.write("a note");
    one.visit(&place, 1);
    let name = place.names("state").remove(0);
    place.objects.borrow_mut().insert(name, vec![1; 40]);
    other.visit(&place, 2);
    place.asked();
    for second in 3..24 * 3_600 {
        other.visit(&place, second * 1_000);
    }
    let gets = place.asked().gets;
    assert!((10..70).contains(&gets), "{gets} times in a day");
}

#[test]
fn copies_in_conflict_and_strange_files_are_nobodys() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    one.write("a note");
    one.visit(&place, 1);
    let copies: Vec<_> = place.objects.borrow().iter().map(|(name, it)| (format!("{name} (1)"), it.clone())).collect();
    place.objects.borrow_mut().extend(copies);
    place.objects.borrow_mut().insert(".DS_Store".to_owned(), vec![1]);
    place.objects.borrow_mut().insert(format!("{}-{}.batch", "77".repeat(8), "00".repeat(32)), vec![1; 9]);
    assert_eq!(other.visit(&place, 2), FolderCame { news: true, changed: true, trouble: None });
    assert_eq!(one.visit(&place, 3), FolderCame { news: true, changed: true, trouble: None });
    assert_eq!(one.lacks(&other), 0);
    assert!(place.objects.borrow().contains_key(".DS_Store"), "what is not this practice's is left alone");
}

#[test]
fn an_emptied_folder_is_named_and_filled_again() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    one.write("a note");
    one.visit(&place, 1);
    assert_eq!(one.visit(&place, 2).trouble, None);
    place.objects.borrow_mut().clear();
    one.restart();
    assert_eq!(one.visit(&place, 3).trouble, Some(FolderTrouble::Emptied));
    assert_eq!(one.visit(&place, 4).trouble, None);
    other.visit(&place, 5);
    assert_eq!(other.shelf.everything(), one.shelf.everything());
}

#[test]
fn a_folder_that_is_turned_back_is_named_loses_nothing_and_no_older_word_counts() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    one.write("first");
    one.visit(&place, 1);
    other.visit(&place, 2);
    let before = place.objects.borrow().clone();
    one.write("second");
    one.visit(&place, 3);
    other.visit(&place, 4);
    one.visit(&place, 5);
    assert_eq!(one.lacks(&other), 0);
    place.objects.replace(before);
    assert_eq!(one.visit(&place, 6).trouble, Some(FolderTrouble::Emptied), "its own words are gone");
    assert_eq!(one.lacks(&other), 0, "the older word is not believed");
    assert_eq!(one.visit(&place, 7 + 10 * 60_000).trouble, Some(FolderTrouble::RolledBack(peer(1))));
    other.visit(&place, 8 + 10 * 60_000);
    assert_eq!(one.visit(&place, 9 + 10 * 60_000).trouble, None);
    assert_eq!(other.shelf.everything(), one.shelf.everything());
}

#[test]
fn a_word_that_is_withheld_is_named_after_a_while_alone() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    other.visit(&place, 1);
    one.visit(&place, 2);
    let name = place.names("state").into_iter().find(|name| name.starts_with("01")).unwrap();
    place.objects.borrow_mut().remove(&name);
    assert_eq!(one.visit(&place, 3).trouble, None, "who copies a folder may do so in any order");
    one.restart();
    assert_eq!(one.visit(&place, 4).trouble, None);
    assert_eq!(one.visit(&place, 5 + 10 * 60_000).trouble, Some(FolderTrouble::Withheld(peer(1))));
}

#[test]
fn an_upload_that_is_cut_anywhere_costs_nothing() {
    for cut in 0..4 {
        let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
        one.shelf.write_many(log(0), 400, 20_000);
        place.puts_left.replace(Some(cut));
        one.visit(&place, 1);
        place.puts_left.replace(None);
        if cut % 2 == 0 {
            one.restart();
        }
        assert_eq!(one.visit(&place, 2).trouble, None);
        other.visit(&place, 3);
        assert_eq!(other.shelf.everything(), one.shelf.everything(), "{cut}");
        one.visit(&place, 4);
        assert_eq!(place.names("batch"), Vec::<String>::new(), "{cut}");
    }
}

#[test]
fn what_does_not_open_now_may_open_when_the_practice_knows_more() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    one.write("a note");
    one.visit(&place, 1);
    other.seals.closed.insert(peer(0));
    other.visit(&place, 2);
    assert_eq!(other.shelf.bodies(), 0);
    other.seals.closed.clear();
    other.write("what it learned");
    other.visit(&place, 3);
    assert_eq!(other.shelf.bodies(), 2);
}

#[test]
fn a_folder_that_cannot_be_reached_is_said_and_a_shelf_that_fails_too() {
    let (place, mut one) = (Place::default(), Device::new(0, 2));
    assert!(one.compose(0, true).is_none(), "nothing is put where nobody has looked");
    place.is_gone.replace(true);
    assert_eq!(one.read(&place, 1), Err(FolderFault::Objects(Unreachable)));
    place.is_gone.replace(false);
    one.shelf.calls_until_failure = Some(0);
    assert_eq!(one.read(&place, 1), Err(FolderFault::Shelf(ShelfError::Storage)));
}

#[test]
fn a_device_whose_practice_was_put_back_gets_back_what_it_had_put_in_and_is_heard_again() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    one.write("first");
    one.visit(&place, 1);
    other.visit(&place, 2);
    one.visit(&place, 3);
    let kept = one.exchange.memory();
    one.write("second");
    one.visit(&place, 4);
    // Its disk is as it was before; the other one has not looked yet.
    let mut back = Device::new(0, 2);
    back.exchange = FolderExchange::new(Some(&kept), WriterTag([9; 8]));
    back.write("first");
    assert_eq!(back.visit(&place, 5).trouble, None);
    assert_eq!(back.shelf.everything(), one.shelf.everything(), "nothing of what lay in the folder is lost");
    other.visit(&place, 6);
    assert_eq!(other.shelf.everything(), one.shelf.everything());
    back.write("third");
    back.visit(&place, 7);
    assert!(other.visit(&place, 8).news, "its word counts again");
    assert_eq!(other.shelf.bodies(), 3);
    back.visit(&place, 9);
    assert_eq!((back.lacks(&other), other.lacks(&back)), (0, 0));
}

#[test]
fn a_batch_that_brings_nothing_is_read_a_few_times_alone() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    one.write("a note");
    one.visit(&place, 1);
    other.shelf.refuses.extend(one.shelf.everything().1.keys().copied());
    for now in 2..8 {
        other.read(&place, now).unwrap();
    }
    place.asked();
    for now in 10..20 {
        other.write(&format!("{now}"));
        other.read(&place, now).unwrap();
    }
    assert!(place.asked().gets <= 3, "whatever comes here meanwhile");
}

#[test]
fn who_says_each_time_that_nothing_can_be_read_makes_nobody_write_each_time() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    one.write("a note");
    one.visit(&place, 1);
    other.shelf.refuses.extend(one.shelf.everything().1.keys().copied());
    for now in 2..20 {
        other.read(&place, now).unwrap();
        let lying = [place.names("batch"), place.names("state")].concat();
        let names = lying.iter().filter_map(|name| ObjectName::parse(name)).map(|name| (name.hash, 0));
        other.exchange.not_yet.extend(names);
        if let Some(outgoing) = other.compose(now + 2 * NOT_YET, true) {
            let uploaded = outgoing.upload(&place).unwrap();
            other.exchange.note(uploaded);
        }
        place.asked();
        one.visit(&place, now);
        assert!(now == 2 || place.asked().puts == 0, "{now}");
    }
}

#[test]
fn what_a_device_wrote_it_puts_in_whatever_another_says_lies_in_its_batches() {
    let (place, mut one, mut liar, mut other) =
        (Place::default(), Device::new(0, 3), Device::new(1, 3), Device::new(2, 3));
    one.write("a note");
    // The liar names everything of the first one, which it does not have, as lying in a batch of nothing.
    let listing = Listing { positions: one.shelf.vector().unwrap(), ..Listing::default() };
    liar.read(&place, 1).unwrap();
    let (junk, sealed) = {
        let sealed = liar.seals.seal(FolderObject::Batch, &WriterTag([1; 8]), &padding::pad(&[])).unwrap();
        (ObjectName { tag: WriterTag([1; 8]), hash: liar.seals.name(&sealed), word: Word::Batch }, sealed)
    };
    let statement =
        Statement { number: 9, lacks: Some(Vec::new()), batches: vec![(junk.hash, listing)], ..Statement::default() };
    let said = padding::pad(&statement.encode().unwrap());
    let said = liar.seals.seal(FolderObject::Statement, &WriterTag([1; 8]), &said).unwrap();
    let name = ObjectName { tag: WriterTag([1; 8]), hash: liar.seals.name(&said), word: Word::Statement };
    place.put(&junk.to_string(), sealed).unwrap();
    place.put(&name.to_string(), said).unwrap();
    one.visit(&place, 2);
    other.visit(&place, 3);
    assert_eq!(other.shelf.everything(), one.shelf.everything());
}

#[test]
fn what_was_lost_here_is_not_taken_away_there_and_comes_back() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    one.write("a note");
    let name = one.shelf.write(log(0), b"another");
    one.visit(&place, 1);
    let everything = one.shelf.everything();
    one.shelf.drop_body(&name);
    assert_ne!(one.shelf.everything(), everything);
    one.visit(&place, 2);
    assert_eq!(one.shelf.everything(), everything, "it lay in the folder");
    one.shelf.drop_body(&name);
    one.shelf.refuses.insert(name);
    one.visit(&place, 3);
    other.visit(&place, 4);
    assert_eq!(other.shelf.everything(), everything, "what others wait for is not judged by what is here");
}

#[test]
fn many_small_batches_become_few() {
    let (place, mut one, mut other) = (Place::default(), Device::new(0, 2), Device::new(1, 2));
    for note in 0..260_u64 {
        one.write(&format!("{note}"));
        one.visit(&place, note);
    }
    assert!(place.names("batch").len() < 10, "{}", place.names("batch").len());
    other.visit(&place, 300);
    assert_eq!(other.shelf.everything(), one.shelf.everything());
}
