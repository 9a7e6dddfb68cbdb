//! Scenarios between honest devices. Hostile ones are in [`hostile`].

mod files;
mod hostile;
mod lists;
mod pieces;
mod refusing;
mod removed;
mod withheld;

use proptest::prelude::*;

use super::SessionError;
use crate::Shelf as _;
use crate::id::ConnId;
use crate::testkit::{Cables, Dice, log, peer};
use crate::wire::kind;

fn two() -> (Cables, Dice) {
    (Cables::new(2), Dice::new(7))
}

fn assert_same(cables: &Cables) {
    let first = cables.devices[0].shelf.everything();
    assert!(cables.devices.iter().all(|device| device.shelf.everything() == first));
}

fn count(cables: &Cables, kind: u8) -> usize {
    cables.sent.iter().filter(|(_, sent)| *sent == kind).count()
}

#[test]
fn two_devices_exchange_what_each_lacks() {
    let (mut cables, mut dice) = two();
    cables.devices[0].shelf.write_many(log(1), 300, 50);
    cables.devices[1].shelf.write_many(log(2), 70, 50);
    let conn = cables.connect(0, 1);
    cables.run(&mut dice);
    assert_same(&cables);
    assert_eq!(cables.devices[0].shelf.bodies(), 370);
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
    assert!(cables.tally(0, conn).in_step && cables.tally(1, conn).in_step);
    assert_eq!((cables.tally(0, conn).bodies_sent, cables.tally(1, conn).bodies_stored), (300, 300));
}

#[test]
fn nothing_to_do_costs_one_round_trip_of_two_frames() {
    let (mut cables, mut dice) = two();
    for device in &mut cables.devices {
        device.shelf.write_many(log(1), 40, 50);
    }
    let conn = cables.connect(0, 1);
    assert!(cables.deliver(0, conn, None));
    assert!(cables.deliver(1, conn, None) && cables.deliver(1, conn, None));
    assert!(cables.is_quiet(0, conn), "the dialler knows after one round trip");
    cables.run(&mut dice);
    assert!(cables.is_quiet(1, conn));
    assert_eq!(cables.sent, [(0, 0), (1, 0), (1, kind::FRONTIER), (0, kind::FRONTIER)]);
    assert_eq!(cables.devices[0].shelf.acked[&peer(1)].len(), 1, "equal frontiers are an acknowledgement");
}

#[test]
fn what_is_written_while_two_devices_find_themselves_equal_is_not_believed_to_be_on_both() {
    let (mut cables, mut dice) = two();
    for device in &mut cables.devices {
        device.shelf.write_many(log(1), 40, 50);
    }
    cables.devices[0].shelf.writes_after_root = Some(log(1));
    cables.connect(0, 1);
    cables.run(&mut dice);
    let there = cables.devices[1].shelf.vector().unwrap();
    let believed = &cables.devices[0].shelf.acked[&peer(1)];
    for ((log, _), bodies) in believed {
        let held = there.iter().find(|position| position.log == *log).unwrap();
        assert!(bodies.newest_first().all(|seq| held.bodies.contains(seq)), "more than is there");
    }
}

#[test]
fn two_empty_devices_have_nothing_to_say() {
    let (mut cables, mut dice) = two();
    let conn = cables.connect(0, 1);
    cables.run(&mut dice);
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
    assert_eq!(cables.sent.len(), 4);
}

#[test]
fn bodies_come_newest_first_and_headers_before_them() {
    let (mut cables, mut dice) = two();
    cables.devices[0].shelf.write_many(log(1), 500, 10);
    cables.connect(0, 1);
    cables.run(&mut dice);
    let seqs: Vec<_> = cables.devices[1].shelf.diary.iter().map(|(_, seq)| *seq).collect();
    assert_eq!(seqs, (0..500).rev().collect::<Vec<_>>());
    let order: Vec<_> = cables.sent.iter().map(|(_, kind)| *kind).collect();
    let first_body = order.iter().position(|it| *it == kind::BODY).unwrap();
    assert!(order.iter().rposition(|it| *it == kind::HEADERS).unwrap() < first_body);
}

#[test]
fn what_is_written_while_connected_arrives_without_asking() {
    let (mut cables, mut dice) = two();
    let conn = cables.connect(0, 1);
    cables.run(&mut dice);
    for n in 0..5u8 {
        cables.devices[usize::from(n % 2)].shelf.write(log(n % 2), &[n; 30]);
        cables.changed(usize::from(n % 2));
        assert!(!cables.is_quiet(usize::from(n % 2), conn));
        cables.run(&mut dice);
        assert_same(&cables);
        assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
    }
    assert_eq!(count(&cables, kind::BODY), 5);
}

#[test]
fn what_is_written_between_hello_and_frontier_is_not_forgotten() {
    let (mut cables, mut dice) = two();
    let conn = cables.connect(0, 1);
    assert!(cables.deliver(0, conn, None) && cables.deliver(1, conn, None));
    for device in 0..2 {
        cables.devices[device].shelf.write(log(device as u8), b"in between");
        cables.changed(device);
    }
    cables.run(&mut dice);
    assert_same(&cables);
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
}

#[test]
fn a_sentence_travels_through_a_device_in_the_middle() {
    let (mut cables, mut dice) = (Cables::new(3), Dice::new(3));
    cables.connect(0, 1);
    cables.connect(2, 1);
    cables.run(&mut dice);
    cables.devices[0].shelf.write_many(log(1), 200, 40);
    cables.changed(0);
    cables.run(&mut dice);
    assert_same(&cables);
    assert_eq!(cables.devices[2].shelf.bodies(), 200);
}

#[test]
fn two_peers_with_the_same_news_share_the_work() {
    let (mut cables, mut dice) = (Cables::new(3), Dice::new(11));
    for device in [1, 2] {
        cables.devices[device].shelf.write_many(log(1), 600, 40);
    }
    let conns = [cables.connect(0, 1), cables.connect(0, 2)];
    cables.run(&mut dice);
    assert_same(&cables);
    assert_eq!(count(&cables, kind::BODY), 600, "no body is fetched twice");
    assert!(conns.iter().all(|conn| cables.is_quiet(0, *conn) && cables.tally(0, *conn).bodies_stored > 100));
}

#[test]
fn when_the_peer_that_was_sending_goes_away_the_other_one_is_asked() {
    let (mut cables, mut dice) = (Cables::new(3), Dice::new(13));
    for device in [1, 2] {
        cables.devices[device].shelf.write_many(log(1), 100, 40);
    }
    let (gone, stays) = (cables.connect(0, 1), cables.connect(0, 2));
    while cables.devices[0].shelf.diary.len() < 20 {
        cables.step(&mut dice);
    }
    cables.cut(gone);
    cables.run(&mut dice);
    assert_eq!(cables.devices[0].shelf.bodies(), 100);
    assert!(cables.is_quiet(0, stays));
}

#[test]
fn a_forked_log_arrives_with_all_its_branches() {
    let (mut cables, mut dice) = two();
    let stem = cables.devices[0].shelf.write(log(1), b"stem");
    cables.connect(0, 1);
    cables.run(&mut dice);
    for (device, texts) in [(0, ["a", "b"]), (1, ["c", "d"])] {
        let first = cables.devices[device].shelf.write_on(log(1), Some(stem), texts[0].as_bytes(), true);
        cables.devices[device].shelf.write_on(log(1), Some(first), texts[1].as_bytes(), true);
    }
    cables.changed(0);
    cables.changed(1);
    cables.run(&mut dice);
    assert_same(&cables);
    assert_eq!(cables.devices[0].shelf.everything().0.len(), 2);
    assert_eq!(cables.devices[0].shelf.bodies(), 5);
}

#[test]
fn a_branch_that_forks_before_our_end_is_fetched_from_the_beginning() {
    let (mut cables, mut dice) = two();
    let stem = cables.devices[0].shelf.write(log(1), b"stem");
    cables.connect(0, 1);
    cables.run(&mut dice);
    cables.devices[1].shelf.write_on(log(1), Some(stem), b"short", true);
    let mut head = stem;
    for n in 0..6u8 {
        head = cables.devices[0].shelf.write_on(log(1), Some(head), &[n], true);
    }
    cables.changed(0);
    cables.changed(1);
    cables.run(&mut dice);
    assert_same(&cables);
}

#[test]
fn sixty_four_logs_with_four_branches_each_need_several_frames_and_arrive() {
    let (mut cables, mut dice) = two();
    for n in 0..64 {
        let stem = cables.devices[0].shelf.write(log(n), b"stem");
        for branch in 0..4u8 {
            let mut head = stem;
            for seq in 0..24u8 {
                head = cables.devices[0].shelf.write_on(log(n), Some(head), &[n, branch, seq], true);
                if seq % 2 == 0 {
                    cables.devices[0].shelf.drop_body(&head);
                }
            }
        }
    }
    cables.connect(0, 1);
    cables.run(&mut dice);
    assert_same(&cables);
    assert!(count(&cables, kind::VECTOR) > 2, "{}", count(&cables, kind::VECTOR));
}

#[test]
fn what_the_peer_durably_holds_is_recorded() {
    let (mut cables, mut dice) = two();
    cables.devices[0].shelf.write_many(log(1), 300, 10);
    cables.connect(0, 1);
    cables.run(&mut dice);
    let acked = &cables.devices[0].shelf.acked[&peer(1)];
    assert_eq!(acked.values().map(|bodies| bodies.len()).collect::<Vec<_>>(), [300]);
    assert!(count(&cables, kind::ACK) >= 3, "progress is acknowledged on the way");
}

#[test]
fn what_a_peer_says_of_logs_that_are_not_here_counts_once_they_have_come() {
    let (mut cables, mut dice) = (Cables::new(3), Dice::new(5));
    for n in 1..4 {
        cables.devices[0].shelf.write_many(log(n), 30, 10);
        cables.devices[2].shelf.write_many(log(n), 20, 10);
    }
    cables.devices[1].shelf.unknown.insert(log(3));
    cables.connect(0, 1);
    cables.connect(2, 1);
    cables.run(&mut dice);
    for (device, held) in [(0, 30), (2, 20)] {
        let acked = &cables.devices[1].shelf.acked[&peer(device)];
        let numbers: Vec<_> = acked.iter().map(|((log, _), bodies)| (*log, bodies.len())).collect();
        assert_eq!(numbers.iter().filter(|(it, _)| *it == log(3)).count(), 0, "what nobody admitted never came");
        assert!([log(1), log(2)].into_iter().all(|log| numbers.contains(&(log, held))), "{device}: {numbers:?}");
    }
}

#[test]
fn an_unknown_signer_is_held_and_counted_and_stops_nobody_else() {
    let (mut cables, mut dice) = two();
    cables.devices[0].shelf.write_many(log(1), 5, 10);
    cables.devices[0].shelf.write_many(log(2), 5, 10);
    cables.devices[1].shelf.unknown.insert(log(1));
    let conn = cables.connect(0, 1);
    cables.run(&mut dice);
    assert_eq!((cables.devices[1].shelf.bodies(), cables.tally(1, conn).held), (5, 1));
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn) && !cables.tally(1, conn).in_step);
}

#[test]
fn a_refused_body_is_asked_for_once_and_its_neighbours_arrive() {
    let (mut cables, mut dice) = two();
    let names: Vec<_> = (0..9u8).map(|n| cables.devices[0].shelf.write(log(1), &[n])).collect();
    cables.devices[1].shelf.refuses.insert(names[4]);
    let conn = cables.connect(0, 1);
    cables.run(&mut dice);
    assert_eq!((cables.devices[1].shelf.bodies(), cables.tally(1, conn).refused), (8, 1));
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
    cables.devices[0].shelf.write(log(1), b"one more");
    cables.changed(0);
    cables.run(&mut dice);
    assert_eq!((cables.devices[1].shelf.bodies(), count(&cables, kind::BODY)), (9, 10));
}

#[test]
fn a_body_pruned_after_it_was_announced_is_reported_gone() {
    let (mut cables, mut dice) = two();
    let name = cables.devices[0].shelf.write(log(1), b"soon pruned");
    cables.devices[0].shelf.write(log(1), b"stays");
    let conn = cables.connect(0, 1);
    while count(&cables, kind::HEADERS) == 0 {
        cables.step(&mut dice);
    }
    cables.devices[0].shelf.drop_body(&name);
    cables.run(&mut dice);
    assert_eq!((cables.devices[1].shelf.bodies(), cables.tally(1, conn).gone), (1, 1));
    assert!(cables.is_quiet(1, conn));
}

#[test]
fn a_device_that_stops_in_the_middle_keeps_what_came() {
    let (mut cables, mut dice) = two();
    cables.devices[0].shelf.write_many(log(1), 100, 8);
    cables.connect(0, 1);
    while cables.devices[1].shelf.diary.len() < 20 {
        cables.step(&mut dice);
    }
    cables.stop(1);
    assert_eq!((cables.devices[1].shelf.bodies(), cables.devices[1].hub.tallies().count()), (20, 0));
}

/// Breaks the connection after every possible number of delivered frames, with the power failing on both sides, then
/// connects again. Nothing that was acknowledged is sent again, and both end with everything.
#[test]
fn a_break_at_any_frame_loses_nothing_and_repeats_nothing_that_was_acknowledged() {
    let mut broke = 0;
    for frames in 0..10_000 {
        let (mut cables, mut dice) = two();
        cables.devices[0].shelf.write_many(log(1), 200, 8);
        cables.devices[1].shelf.write_many(log(2), 30, 8);
        let conn = cables.connect(0, 1);
        if !(0..frames).all(|_| cables.step(&mut dice)) {
            break;
        }
        broke += 1;
        cables.cut(conn);
        let acked = |cables: &Cables, by: usize| {
            let seen = cables.devices[1 - by].shelf.acked.get(&peer(by as u8));
            let own = log(2 - by as u8);
            seen.into_iter()
                .flatten()
                .filter(|((it, _), _)| *it == own)
                .map(|(_, bodies)| bodies.len())
                .max()
                .unwrap_or(0)
        };
        let (acked_by_1, acked_by_0) = (acked(&cables, 1), acked(&cables, 0));
        cables.devices.iter_mut().for_each(|device| device.shelf.crash());
        cables.sent.clear();
        cables.connect(0, 1);
        cables.run(&mut dice);
        assert_same(&cables);
        assert_eq!(cables.devices[0].shelf.bodies(), 230, "after {frames} frames");
        let again = count(&cables, kind::BODY) as u64;
        assert!(again + acked_by_1 + acked_by_0 <= 230, "after {frames} frames: {again} + {acked_by_1} + {acked_by_0}");
    }
    assert!(broke > 200, "{broke}");
}

#[test]
fn a_shelf_that_fails_at_any_call_ends_the_session_and_the_next_one_goes_on() {
    for calls in 0..10_000 {
        let (mut cables, mut dice) = two();
        cables.devices[0].shelf.write_many(log(1), 20, 8);
        cables.devices[1].shelf.write_many(log(2), 20, 8);
        cables.devices[1].shelf.calls_until_failure = Some(calls);
        let conn = cables.connect(0, 1);
        cables.run(&mut dice);
        let failed = cables.devices[1].ends.contains(&Err(SessionError::Shelf(crate::ShelfError::Storage)));
        cables.devices[1].shelf.calls_until_failure = None;
        if !failed {
            assert!(calls > 30 && cables.is_quiet(0, conn));
            return;
        }
        cables.devices[1].shelf.crash();
        cables.connect(0, 1);
        cables.run(&mut dice);
        assert_same(&cables);
    }
    panic!("the session never ends");
}

#[test]
fn two_connections_between_the_same_devices_become_one_and_both_keep_the_same() {
    for (first, second) in [((0, 1), (1, 0)), ((1, 0), (0, 1))] {
        let (mut cables, mut dice) = two();
        cables.devices[0].shelf.write_many(log(1), 300, 8);
        let conns = [cables.connect(first.0, first.1), cables.connect(second.0, second.1)];
        cables.run(&mut dice);
        assert_same(&cables);
        let dialled_by_0 = conns[if first.0 == 0 { 0 } else { 1 }];
        assert!(cables.is_quiet(0, dialled_by_0) && cables.is_quiet(1, dialled_by_0));
        assert_eq!(cables.devices[0].hub.tallies().map(|(conn, _)| conn).collect::<Vec<ConnId>>(), [dialled_by_0]);
        assert_eq!(cables.devices[1].hub.tallies().count(), 1);
    }
}

#[test]
fn a_connection_that_came_later_takes_the_place_of_one_that_may_be_dead_whoever_dialled() {
    for (first, second) in [((0, 1), (1, 0)), ((1, 0), (0, 1))] {
        let (mut cables, mut dice) = two();
        let dead = cables.connect(first.0, first.1);
        cables.run(&mut dice);
        // Nothing comes over it any more, and neither end knows.
        cables.held_up = vec![(0, dead), (1, dead)];
        cables.now += 8_000;
        cables.devices[0].shelf.write(log(1), b"written since");
        let live = cables.connect(second.0, second.1);
        cables.run(&mut dice);
        assert_same(&cables);
        for device in 0..2 {
            assert_eq!(cables.devices[device].hub.tallies().map(|(conn, _)| conn).collect::<Vec<_>>(), [live]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Three devices write, connect, lose connections and power in any order; once all are joined they are the same.
    #[test]
    fn three_devices_converge_whatever_happens_on_the_way(seed in any::<u64>()) {
        let (mut cables, mut dice) = (Cables::new(3), Dice::new(seed));
        let mut conns = Vec::new();
        let mut written = 0;
        for _ in 0..dice.below(120) {
            let device = dice.below(3);
            match dice.below(6) {
                0 | 1 => {
                    let len = 1 + dice.below(60);
                    let text = [dice.bytes(len), vec![written as u8, (written >> 8) as u8]].concat();
                    cables.devices[device].shelf.write(log(device as u8), &text);
                    written += 1;
                    cables.changed(device);
                }
                2 => conns.push(cables.connect(device, (device + 1 + dice.below(2)) % 3)),
                3 if !conns.is_empty() => {
                    let conn = conns.swap_remove(dice.below(conns.len()));
                    cables.cut(conn);
                    cables.devices[device].shelf.crash();
                }
                _ => {
                    let frames = dice.below(60);
                    (0..frames).all(|_| cables.step(&mut dice));
                }
            }
        }
        conns.into_iter().for_each(|conn| cables.cut(conn));
        cables.run(&mut dice);
        let joined = [cables.connect(0, 1), cables.connect(1, 2)];
        cables.run(&mut dice);
        assert_same(&cables);
        prop_assert_eq!(cables.devices[0].shelf.bodies(), written);
        prop_assert!(cables.is_quiet(1, joined[0]) && cables.is_quiet(1, joined[1]));
    }
}
