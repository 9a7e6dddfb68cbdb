//! Jobs with a fault in them, over a real practice whose store panics when it is told to.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::bridge::full_disk::{Disk, QUOTED};
use crate::features::clients::messages::{ClientsEffect, ClientsEvent};
use crate::features::devices::messages::DevicesEffect;
use crate::features::devices::messages::DevicesEvent;
use crate::features::opening::job::unlock;
use crate::jobs::fixture::{WorkerFixture, passphrase};
use crate::jobs::worker::{answer, meanwhile};

fn add(fixture: &mut WorkerFixture, name: &str) {
    answer(&mut fixture.bench, ClientsEffect::Add { name: name.to_owned(), code: None }.into());
}

/// What the window was told since this was last asked: each fault, and whether it was locked.
fn told(fixture: &WorkerFixture) -> (Vec<Job>, bool) {
    let (mut faults, mut locked) = (Vec::new(), false);
    for event in fixture.events.try_iter() {
        match event {
            Event::Failed(job, why) => {
                assert!(why == words::FAULT && !why.contains(QUOTED), "{why}");
                faults.push(job);
            }
            event => locked |= matches!(event, Event::LockedByFault),
        }
    }
    (faults, locked)
}

fn names(fixture: &WorkerFixture) -> Vec<String> {
    let names = fixture.bench.with(|vault| Ok(vault.clients().all().map(|row| row.name.clone()).collect()));
    names.unwrap_or_else(|_| panic!("it is open"))
}

#[test]
fn a_job_that_panics_in_the_middle_of_a_write_costs_that_job_alone() {
    let mut fixture = WorkerFixture::new();
    let note = fixture.note("slept well", false);
    fixture.disk.set(Disk::BREAKS);
    add(&mut fixture, "Nora");
    assert_eq!(told(&fixture), (vec![Job::Clients], false));

    // The practice is as it was saved last, and whatever is asked next is done.
    fixture.disk.set(Disk::WORKS);
    assert_eq!((names(&fixture), fixture.stored(&note)), (vec!["Aino".to_owned()], "slept well".to_owned()));
    answer(&mut fixture.bench, DevicesEffect::Load.into());
    assert!(fixture.events.try_iter().any(|event| matches!(event, Event::Devices(DevicesEvent::Listed(..)))));
    add(&mut fixture, "Nora");
    assert!(fixture.events.try_iter().any(|event| matches!(event, Event::Clients(ClientsEvent::Added(_)))));
    fixture.save(&note, "slept well, and long", 1).unwrap();
    let found = fixture.bench.with(|vault| Ok(vault.integrity().verify(&mut |_, _| {})?));
    assert!(found.is_ok_and(|found| found.damaged.is_empty()));
}

#[test]
fn without_the_net_the_same_fault_ends_the_thread() {
    let mut fixture = WorkerFixture::new();
    fixture.disk.set(Disk::BREAKS);
    let client = fixture.client;
    let fault = || {
        fixture
            .bench
            .with(|vault| Ok(vault.trash_mut().delete(&[client], subrosa_core::vault::MassDelete::Refuse, 1)?))
    };
    assert!(catch_unwind(AssertUnwindSafe(fault)).is_err());
    let (disk, bench) = (fixture.disk.clone(), &mut fixture.bench);
    disk.set(Disk::BREAKS);
    let job = |bench: &mut Bench| bench.with(|vault| Ok(vault.keep_setting("a", b"b")?)).is_ok();
    assert_eq!(guarded(bench, Job::Settings, job), None);
    disk.set(Disk::WORKS);
    assert_eq!(guarded(bench, Job::Settings, job), Some(true), "what does not panic is told apart");
}

#[test]
fn a_fault_outside_the_practice_leaves_it_open_and_what_was_shown_for_private_notes_too() {
    let mut fixture = WorkerFixture::new();
    let _private = fixture.note("private", true);
    assert!(guarded(&mut fixture.bench, Job::Files, |_| -> () { panic!("{QUOTED}") }).is_none());
    assert_eq!(told(&fixture), (vec![Job::Files], false));
    assert!(fixture.bench.vault.with(|vault| vault.reauth_until().is_some()).unwrap());
}

#[test]
fn words_that_were_being_saved_when_it_panicked_are_saved_afterwards() {
    let mut fixture = WorkerFixture::new();
    let note = fixture.note("slept well", false);
    let _ = fixture.told();
    fixture.disk.set(Disk::BREAKS);
    let saved = guarded(&mut fixture.bench, Job::Save, |bench| {
        let content = crate::jobs::fixture::said("slept well, and long");
        crate::features::notes::job::save(bench, note, &content, 1, 0).is_ok()
    });
    assert_eq!((saved, fixture.told()), (None, vec![(1, 0)]));
    fixture.disk.set(Disk::WORKS);
    fixture.save(&note, "slept well, and long", 2).unwrap();
    assert_eq!((fixture.told(), fixture.stored(&note)), (vec![(0, 0)], "slept well, and long".to_owned()));
}

#[test]
fn a_practice_that_cannot_be_read_anew_is_locked_and_unlocking_saves_what_waited() {
    let mut fixture = WorkerFixture::new();
    let note = fixture.note("slept well", false);
    fixture.disk.set(Disk::BREAKS_FOR_GOOD);
    add(&mut fixture, "Nora");
    assert_eq!(told(&fixture), (vec![], true));
    assert!(fixture.bench.vault.is_locked() && fixture.bench.locked.is_none());
    // The window gives away what is on the screen; a locked practice cannot save it, and so it waits.
    assert!(fixture.save(&note, "slept well, and long", 1).is_err());
    fixture.disk.set(Disk::WORKS);
    assert!(unlock(&mut fixture.bench, &passphrase()).is_ok());
    assert_eq!(fixture.stored(&note), "slept well, and long");
    assert_eq!(names(&fixture), ["Aino"]);
}

#[test]
fn what_is_done_by_itself_and_panics_rests_and_says_so_once() {
    let mut fixture = WorkerFixture::new();
    let note = fixture.note("slept well", false);
    fixture.disk.set(Disk::FULL);
    assert!(fixture.save(&note, "slept well, and long", 1).is_err());
    let _ = fixture.told();
    fixture.disk.set(Disk::BREAKS);
    for _ in 0..3 {
        fixture.bench.notes.unsaved.try_soon();
        meanwhile(&mut fixture.bench);
    }
    assert_eq!(told(&fixture), (vec![Job::Save], false));
    fixture.disk.set(Disk::WORKS);
    fixture.bench.resting.clear();
    fixture.bench.notes.unsaved.try_soon();
    meanwhile(&mut fixture.bench);
    assert_eq!(fixture.stored(&note), "slept well, and long");
}
