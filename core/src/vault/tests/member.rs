//! Whatever one member says, the practice of the others goes on (format §0, laws 1 and 3 to 6).
//!
//! Histories are random: two honest devices work and meet, a third has all keys of a member, in half of the histories the
//! passphrase too, and tells lies in between: a dozen of those in `lies`. After each history the others list, write, sign, back up,
//! restore and remove it; they agree, no word that they wrote is lost, a device that joins gets everything, and no envelope cost
//! more than it may. A history that fails prints its seed; the long run takes a range of them: `SUBROSA_FROM=7 SUBROSA_TO=8` is one
//! alone.

mod checks;
mod cost;
mod forge;
mod lies;
mod planted;
mod world;

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::catch_unwind;
use std::sync::Mutex;

use lies::{Lie, Told};
use world::World;

use super::history::{asked_seeds, each_seed};
use super::{NOW, identity, meet, note, origin, practice, second};
use crate::id::DocId;
use crate::keyring::Compartment;
use crate::log::{DocType, Kind};
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::items::frozen::frozen_payload;
use crate::vault::items::home::Under;

/// Lies of one history, at the least.
const LIES: usize = 12;
/// One history of so many has a lie that is told rarely, since it costs much.
const RARELY: usize = 10;

/// The lies of one history, in the order in which they are told. Each tenth history has one of those that are told rarely, in turn.
fn chosen(world: &mut World) -> Vec<Lie> {
    let (seed, dice) = (usize::try_from(world.seed).unwrap(), &mut world.history.dice);
    let (mut all, last) = (Lie::ALL.to_vec(), dice.happens(30));
    let rare: Vec<Lie> = all.iter().copied().filter(|lie| lie.told() == Told::Rarely).collect();
    let large = rare.get(seed / RARELY % rare.len()).filter(|_| seed % RARELY == RARELY - 1).copied();
    dice.shuffle(&mut all);
    let has_words = world.liar.has_words;
    let fits = |lie: &Lie| lie.told() == Told::Often || (lie.told() == Told::WithWords && has_words);
    let mut chosen: Vec<Lie> = large.into_iter().chain(all.iter().copied().filter(fits)).collect();
    let end = all.into_iter().find(|lie| lie.told() == Told::Last && has_words && last);
    chosen.truncate(LIES + 4);
    world.history.dice.shuffle(&mut chosen);
    chosen.into_iter().chain(end).collect()
}

/// One history, and what an honest device took in of its lies.
fn the_practice_goes_on(seed: u64) -> World {
    let mut world = World::begun(seed);
    for lie in chosen(&mut world) {
        for _ in 0..world.history.dice.roll(3) {
            world.history.act();
        }
        let at = world.somebody();
        world.hear(at);
        if lie.tell(&mut world).is_some() {
            world.lies.push(lie);
            world.costs.large |= lie.told() == Told::Rarely;
            let at = world.somebody();
            world.tell(at);
        }
    }
    checks::goes_on(&mut world);
    world
}

/// What was told and what it cost, over all histories, and which of them did not hold.
#[derive(Default)]
struct Sums {
    told: BTreeMap<Lie, u64>,
    costs: BTreeMap<Lie, (usize, u64, u64)>,
    broken: Vec<u64>,
}

impl Sums {
    fn add(&mut self, world: World) {
        for (lie, times) in world.told {
            *self.told.entry(lie).or_default() += times;
        }
        for (lie, cost) in world.costs.most {
            let most = self.costs.entry(lie).or_default();
            *most = if cost.1 > most.1 { cost } else { *most };
        }
    }
}

fn histories(seeds: Range<u64>) {
    let all = seeds.end.saturating_sub(seeds.start) >= 300;
    let sums = Mutex::new(Sums::default());
    each_seed(seeds, |seed| {
        let held = catch_unwind(|| the_practice_goes_on(seed));
        let mut sums = sums.lock().unwrap();
        match held {
            Ok(world) => sums.add(world),
            Err(_) => sums.broken.push(seed),
        }
    });
    let sums = sums.into_inner().unwrap();
    for lie in Lie::ALL {
        println!("{lie:?}: {:?}, at the most {:?}", sums.told.get(lie), sums.costs.get(lie));
    }
    assert!(sums.broken.is_empty(), "SUBROSA_FROM is one of {:?}", sums.broken);
    let never: Vec<_> = Lie::ALL.iter().filter(|lie| !sums.told.contains_key(lie)).collect();
    assert!(!all || never.is_empty(), "never told: {never:?}");
}

/// What the others' envelopes are compared with: changes in a note, and an import of many.
#[test]
fn what_an_honest_envelope_costs() {
    let mut office = practice();
    let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
    let id = office.notes_mut().add_note(&client, &note("Begun."), false, NOW).unwrap();
    let mut home = second(&mut office, "Home");
    meet(&mut office, &mut home);
    let under = Under::Client(client, Compartment::Clinical);
    let said = |number: u8| format!(r#"{{"date":"2026-11-21","text":"{}"}}"#, number.to_string().repeat(900));
    for (written, notes) in [(1, 0), (2_000, 0), (0, 60), (0, 250)] {
        let mut out = Outbox::everyday();
        for number in 0..notes {
            let origin = origin(DocType::Note, client, number);
            let payload = frozen_payload(&origin, &DocId([notes; 16]), said(number).as_bytes());
            out.push(Kind::Frozen, origin.id(), under, payload);
        }
        commit(&mut home.core, Transaction::default(), out).unwrap();
        if written > 0 {
            home.notes_mut().save_note(&id, &note(&"Word. ".repeat(written / 6 + 1)), NOW).unwrap();
            home.notes_mut().flush().unwrap();
        }
        for end in home.log().log_ends().unwrap() {
            let run = home.log().headers(&end.log, 0, &end.head, usize::MAX).unwrap();
            office.log_mut().offer_headers(&end.log, &run).unwrap();
            for name in home.log().branch_names(&end.log, 0, &end.head).unwrap() {
                let body = home.log().envelope_body(&name).unwrap().unwrap();
                let len = body.len();
                let counted = allocation_counter::measure(|| drop(office.log_mut().offer_bodies(&[(name, body)], NOW)));
                println!("{len} bytes ask for {} and hold {}", counted.bytes_total, counted.bytes_max);
                let (itself, each) = cost::HONEST;
                assert!(counted.bytes_total <= itself + each * u64::try_from(len).unwrap());
            }
        }
    }
}

#[test]
fn whatever_one_member_says_the_practice_of_the_others_goes_on() {
    histories(0..300);
}

#[test]
#[ignore = "ten thousand histories, an hour: those from SUBROSA_FROM to SUBROSA_TO"]
fn ten_thousand_histories_with_one_that_lies() {
    histories(asked_seeds(10_000));
}
