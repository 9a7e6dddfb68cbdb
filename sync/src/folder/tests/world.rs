//! Three devices and a folder, and a fourth that one of them meets live alone, in random schedules: whatever the folder does
//! meanwhile, in the end all have everything, and nobody forgets what another one said.

use super::*;
use crate::folder::planted::{FolderFaultPlanted, plant};
use crate::ranges::Ranges;
use crate::shelf::HeaderWant;

/// Two devices meet: what the other holds is here afterwards, and each knows what the other has.
fn meet(devices: &mut [Device], at: usize, other: usize) {
    for (at, other) in [(at, other), (other, at)] {
        for position in devices[other].shelf.vector().unwrap() {
            let want = HeaderWant { log: position.log, from_seq: 0, head: position.head };
            let headers = devices[other].shelf.headers(&want, usize::MAX).unwrap();
            let names = devices[other].shelf.names(&position.log, 0, &position.head).unwrap();
            devices[at].shelf.offer_headers(&position.log, headers).unwrap();
            for name in names {
                if let Some(body) = devices[other].shelf.body(&name).unwrap() {
                    devices[at].shelf.offer_body(&name, body).unwrap();
                }
            }
        }
        devices[at].shelf.settle().unwrap();
    }
    for (at, other) in [(at, other), (other, at)] {
        let (them, holds) = (devices[other].seals.me, devices[other].shelf.vector().unwrap());
        devices[at].shelf.acknowledged(&them, &holds, true).unwrap();
    }
}

/// How much a device knows the others to have.
fn known(device: &Device) -> u64 {
    let mut known = BTreeMap::<_, Ranges>::new();
    for (peer, said) in &device.shelf.acked {
        for ((log, _), bodies) in said {
            let all = known.entry((*peer, *log)).or_default();
            *all = all.union(bodies);
        }
    }
    known.values().map(Ranges::len).sum()
}

/// What the folder does wrong, or nothing.
fn happens(place: &Place, dice: &mut Dice, snapshots: &mut Vec<BTreeMap<String, Vec<u8>>>) {
    let mut objects = place.objects.borrow_mut();
    match dice.below(6) {
        0 | 1 => {
            // Something is half copied, and never comes whole.
            let at = dice.below(objects.len());
            objects.values_mut().nth(at).into_iter().for_each(|object| object.truncate(object.len() / 2));
        }
        2 => objects.clear(),
        3 => objects.retain(|_, _| dice.below(2) == 0),
        4 => snapshots.push(objects.clone()),
        _ => {
            let older = dice.below(snapshots.len());
            snapshots.get(older).into_iter().for_each(|older| objects.clone_from(older));
        }
    }
}

/// Plays one schedule; what did not hold.
fn play(seed: u64) -> Result<(), String> {
    let require = |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("seed {seed}: {what}")) };
    let mut dice = Dice::new(seed);
    let place = Place::default();
    let mut devices: Vec<Device> = (0..4).map(|n| Device::new(n, 3)).collect();
    devices.iter_mut().for_each(|device| device.shelf.of_others.extend([log(3)]));
    devices[3].shelf.of_others.remove(&log(3));
    let (mut snapshots, mut now) = (Vec::new(), 0);
    for step in 0..60 {
        now += dice.below(20 * 60_000) as u64;
        let at = dice.below(3);
        match dice.below(12) {
            0..=2 => devices[at].write(&format!("{seed} {step}")),
            3 => {
                devices[3].write(&format!("{seed} {step}"));
                meet(&mut devices, 1, 3);
            }
            4..=7 => {
                let before = known(&devices[at]);
                devices[at].visit(&place, now);
                require(known(&devices[at]) >= before, "something that was said is forgotten")?;
            }
            8 => devices[at].restart(),
            9 | 10 => happens(&place, &mut dice, &mut snapshots),
            _ => {
                place.puts_left.replace(Some(dice.below(3)));
                devices[at].visit(&place, now);
                place.puts_left.replace(None);
            }
        }
    }
    // In some the third never comes again: what it wrote and another one has is handed on all the same.
    let stay = if seed.is_multiple_of(3) { 2 } else { 3 };
    for _ in 0..8 {
        now += 61 * 60_000;
        for device in &mut devices[..stay] {
            device.visit(&place, now);
        }
    }
    let everything = devices[0].shelf.everything();
    require(devices[1..stay].iter().all(|device| device.shelf.everything() == everything), "not all have everything")?;
    require(stay == 2 || place.names("batch").is_empty(), "something lies there that nobody needs")?;
    let says = |n: usize| place.names("state").iter().any(|name| name.starts_with(&format!("0{n}")));
    require((0..stay).all(says), "not each says where it stands")?;
    for (at, other) in [(0, 1), (1, 0), (1, 2), (2, 0)].into_iter().filter(|(at, other)| *at.max(other) < stay) {
        let lacking = devices[at].shelf.lacking_there(&peer(other as u8)).unwrap();
        require(lacking.is_empty(), "somebody does not know that all have everything")?;
    }
    place.asked();
    devices[0].visit(&place, now + 1);
    require(place.asked() == Asked { lists: 1, gets: 0, puts: 0 }, "with nothing new it is more than one list")
}

#[test]
fn whatever_a_folder_does_in_the_end_every_device_has_everything_and_knows_it() {
    for seed in 0..300 {
        assert_eq!(play(seed), Ok(()));
    }
}

#[test]
fn the_same_schedules_find_each_of_eight_planted_faults() {
    for fault in FolderFaultPlanted::ALL {
        plant(Some(fault));
        let found = (0..300).find_map(|seed| play(seed).err());
        plant(None);
        println!("{fault:?}: {found:?}");
        assert!(found.is_some(), "{fault:?}");
    }
}
