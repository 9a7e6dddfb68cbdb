//! Returns to yesterday's behaviour, planted one by one: the property misses a check that is taken out.

use std::panic::catch_unwind;

use super::the_practice_goes_on;
use crate::planted::{Check, without};

/// Checks, and a history in which it is missed that each is out.
const MISSED: [(Check, u64); 11] = [
    (Check::Origin, 2),
    (Check::Alone, 0),
    (Check::Closing, 7),
    (Check::SaysSo, 3),
    (Check::Rewritten, 31),
    (Check::OwnKey, 3),
    (Check::PartOfAnother, 0),
    (Check::Commitment, 0),
    (Check::SeenHere, 0),
    (Check::Cut, 0),
    (Check::Bounded, 6),
];

/// Histories that are looked through for one in which a check is missed.
const BOUND: u64 = 120;

fn is_missed(check: Check, seed: u64) -> bool {
    without(check, || catch_unwind(|| the_practice_goes_on(seed))).is_err()
}

#[test]
fn it_is_missed_when_a_check_is_taken_out() {
    for (check, seed) in MISSED {
        assert!(is_missed(check, seed), "{check:?}");
        // With it, that history is as it should be.
        the_practice_goes_on(seed);
    }
}

#[test]
#[ignore = "a minute: looks for the first history in which each check is missed"]
fn the_first_history_in_which_each_check_is_missed() {
    for (check, _) in MISSED {
        println!("{check:?}: {:?}", (0..BOUND).find(|seed| is_missed(check, *seed)));
    }
}
