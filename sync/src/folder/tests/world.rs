//! Three devices and a folder, in random schedules: whatever the folder does meanwhile, in the end all have everything.

use super::*;

/// Plays one schedule.
fn play(seed: u64) {
    let mut dice = Dice::new(seed);
    let place = Place::default();
    let mut devices: Vec<Device> = (0..3).map(|n| Device::new(n, 3)).collect();
    let mut snapshots: Vec<BTreeMap<String, Vec<u8>>> = Vec::new();
    let mut now = 0;
    for step in 0..60 {
        now += dice.below(20 * 60_000) as u64;
        let device = &mut devices[dice.below(3)];
        match dice.below(11) {
            0..=2 => device.write(&format!("{seed} {step}")),
            3..=6 => _ = device.visit(&place, now),
            7 => device.restart(),
            8 => {
                // Something is half copied, and never comes whole.
                let mut objects = place.objects.borrow_mut();
                let at = dice.below(objects.len());
                objects.values_mut().nth(at).into_iter().for_each(|object| object.truncate(object.len() / 2));
            }
            9 => {
                let mut objects = place.objects.borrow_mut();
                match dice.below(3) {
                    0 => objects.clear(),
                    1 => objects.retain(|_, _| dice.below(2) == 0),
                    _ => snapshots.push(objects.clone()),
                }
            }
            _ => {
                place.puts_left.replace(Some(dice.below(3)));
                device.visit(&place, now);
                place.puts_left.replace(None);
                let older = dice.below(snapshots.len());
                if let Some(older) = snapshots.get(older).filter(|_| dice.below(3) == 0) {
                    place.objects.replace(older.clone());
                }
            }
        }
    }
    for _ in 0..8 {
        now += 61 * 60_000;
        for device in &mut devices {
            device.visit(&place, now);
        }
    }
    let everything = devices[0].shelf.everything();
    assert!(devices.iter().all(|device| device.shelf.everything() == everything), "seed {seed}");
    assert_eq!(place.names("batch"), Vec::<String>::new(), "seed {seed}");
    for (at, other) in [(0, 1), (1, 2), (2, 0)] {
        let them = peer(other as u8);
        assert!(devices[at].shelf.lacking_there(&them).unwrap().is_empty(), "seed {seed}");
    }
    place.asked();
    devices[0].visit(&place, now + 1);
    assert_eq!(place.asked(), Asked { lists: 1, gets: 0, puts: 0 }, "seed {seed}");
}

#[test]
fn whatever_a_folder_does_in_the_end_every_device_has_everything_and_knows_it() {
    (0..300).for_each(play);
}
