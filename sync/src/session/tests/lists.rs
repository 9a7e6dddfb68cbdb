//! Lists of what a device holds that are longer than one list may be.

use super::hostile::position;
use super::{assert_same, two};
use crate::session::SessionError;
use crate::session::told::Told;
use crate::testkit::{Cables, log, peer};
use crate::wire::limits;

/// Eight logs with four branches each, whose positions have as many ranges as one list may have.
fn fill(cables: &mut Cables, device: usize) {
    let shelf = &mut cables.devices[device].shelf;
    for n in 1..=8 {
        let ranges = limits::RANGES;
        shelf.write_many(log(n), 2 * (ranges - 1), 1);
        let stem = shelf.everything().0.into_iter().find(|position| position.log == log(n)).unwrap().head;
        for branch in 0..4u8 {
            shelf.write_on(log(n), Some(stem), &[branch], true);
        }
        shelf.thin_out(log(n));
    }
    let ranges = shelf.everything().0.iter().map(|position| position.bodies.pairs().len()).sum::<usize>();
    assert_eq!(ranges, limits::VECTOR_RANGES);
}

#[test]
fn what_is_beyond_the_ranges_of_one_list_is_heard_in_the_next_asked_for_and_acknowledged() {
    let (mut cables, mut dice) = two();
    (0..2).for_each(|device| fill(&mut cables, device));
    cables.devices[0].shelf.write_many(log(9), 5, 20);
    let conn = cables.connect(0, 1);
    cables.run(&mut dice);
    assert_same(&cables);
    assert_eq!((&cables.devices[0].ends, &cables.devices[1].ends), (&vec![], &vec![]));
    assert!(cables.is_quiet(0, conn) && cables.is_quiet(1, conn));
    for device in 0..2 {
        let told = &cables.devices[device].shelf.acked[&peer(1 - device as u8)];
        let held = cables.devices[1 - device].shelf.everything().0;
        assert_eq!(told.len(), held.len());
        assert!(held.iter().all(|it| told[&(it.log, it.head)] == it.bodies), "all that is held, and no more");
    }
}

#[test]
fn so_many_logs_are_told_and_more_than_a_practice_can_have_are_said_to_be_too_many() {
    let position = |n: usize| {
        let mut position = position(1, 1);
        position.log.0[..8].copy_from_slice(&(n as u64).to_le_bytes());
        position
    };
    let mut told = Told::of((0..limits::ALL_POSITIONS).map(position).collect());
    assert_eq!(told.require_limits(), Ok(()));
    // What is said again takes the place of what was said.
    told.tell(position(0).log, vec![position(0)]);
    assert_eq!(told.require_limits(), Ok(()));
    let beyond = position(limits::ALL_POSITIONS);
    told.tell(beyond.log, vec![beyond.clone()]);
    assert_eq!(told.require_limits(), Err(SessionError::VectorTooLong));
}
