//! Signing as a person does it: what is shown is what is signed, and for a minute it can be taken back.

use subrosa_core::catalog::NoteState;
use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::vault::{DAY, NoteError, Notice, SIGNING_GRACE, Vault};
use subrosa_tests::practice::written;
use subrosa_tests::world::{World, passphrase};

fn one_note(devices: usize, seed: u64) -> (World, ClientId, NoteId) {
    let (mut world, client, note) = World::with_note(devices, seed, "Slept four nights.");
    world.settle();
    (world, client, note)
}

#[test]
fn sign_shows_client_date_and_length_and_signs_what_it_showed_or_nothing() {
    let (mut world, client, note) = one_note(1, 300);
    let now = world.now;
    let vault = world.devices[0].vault();
    let shown = vault.notes().sign_preview(&note).unwrap();
    assert_eq!((shown.client, shown.client_name.as_str(), shown.words), (client, "Ida", 3));
    assert_eq!((shown.date, shown.minutes), (written("").date, Some(45)));
    vault.notes_mut().save_note(&note, &written("Slept five nights."), now).unwrap();
    assert_eq!(vault.notes_mut().sign_shown(&shown, now), Err(NoteError::ChangedSinceShown));
    assert_eq!(vault.notes_mut().sign_later(&shown, now), Err(NoteError::ChangedSinceShown));
    assert_eq!(vault.notes().note(&note).unwrap().state, NoteState::Unsigned);
    let shown = vault.notes().sign_preview(&note).unwrap();
    let hash = vault.notes_mut().sign_shown(&shown, now).unwrap();
    assert_eq!(vault.notes().note(&note).unwrap().signed[0].hash, hash);
    assert_eq!(vault.notes().sign_preview(&note), Err(NoteError::Signed));
}

#[test]
fn a_session_on_a_day_to_come_and_a_clock_that_cannot_be_right_are_asked_about_before_a_signature() {
    let (mut world, _, note) = one_note(1, 302);
    let now = world.now;
    let vault = world.devices[0].vault();
    let day = vault.notes().sign_preview(&note).unwrap().date;
    vault.notes_mut().believe_clock(now).unwrap();
    let doubts = |vault: &Vault, today, now| vault.notes().sign_doubts(day, today, now).unwrap();
    assert!(!doubts(vault, day, now + 89 * DAY).any() && !doubts(vault, day, now - DAY + 1).any());
    assert!(doubts(vault, day.yesterday().unwrap(), now).is_day_to_come);
    for wild in [0, now - DAY, now + 90 * DAY, u64::MAX] {
        assert_eq!(doubts(vault, day, wild).believed, Some(now), "{wild}");
    }
    // Who is asked and says that it is right is not asked again.
    vault.notes_mut().believe_clock(now + 90 * DAY).unwrap();
    assert!(!doubts(vault, day, now + 90 * DAY).any());
}

#[test]
fn an_unlocking_under_a_wild_clock_does_not_make_it_believed() {
    let (mut world, _, note) = one_note(1, 303);
    let now = world.now;
    let day = world.devices[0].vault().notes().sign_preview(&note).unwrap().date;
    for (at, asked) in [(now, false), (now + 400 * DAY, true), (now + 401 * DAY, true), (now + DAY, false)] {
        world.devices[0].lock_and_unlock(at);
        assert_eq!(world.devices[0].vault().notes().sign_doubts(day, day, at).unwrap().any(), asked, "{at}");
    }
}

#[test]
fn a_signature_can_be_taken_back_for_sixty_seconds_and_is_made_after_them() {
    let (mut world, _, note) = one_note(1, 301);
    let now = world.now;
    let vault = world.devices[0].vault();
    let shown = vault.notes().sign_preview(&note).unwrap();
    let until = vault.notes_mut().sign_later(&shown, now).unwrap();
    assert_eq!(until, now + SIGNING_GRACE);
    assert_eq!(vault.notes().note(&note).unwrap().signing_until, Some(until));
    assert_eq!(vault.notes_mut().save_note(&note, &written("Not now."), now), Err(NoteError::BeingSigned));
    assert_eq!(vault.notes_mut().sign(&note, now), Err(NoteError::BeingSigned));
    assert_eq!(vault.notes_mut().settle_signatures(until - 1).unwrap(), []);
    vault.notes_mut().take_back_signature(&note).unwrap();
    assert_eq!(vault.notes_mut().take_back_signature(&note), Err(NoteError::NothingToTakeBack));
    assert_eq!(vault.notes_mut().settle_signatures(until).unwrap(), []);
    assert_eq!(vault.notes().note(&note).unwrap().state, NoteState::Unsigned);
    assert!(vault.notes_mut().save_note(&note, &written("And one more."), now).unwrap());
    let shown = vault.notes().sign_preview(&note).unwrap();
    let until = vault.notes_mut().sign_later(&shown, now + 5_000).unwrap();
    let settled = vault.notes_mut().settle_signatures(until).unwrap();
    let view = vault.notes().note(&note).unwrap();
    assert_eq!(settled[0].outcome, Ok(view.signed[0].hash));
    assert_eq!((view.signed[0].at, view.content.text.as_str()), (now + 5_000, "And one more."));
    assert_eq!(vault.notes_mut().take_back_signature(&note), Err(NoteError::NothingToTakeBack));
}

#[test]
fn what_another_device_writes_in_that_minute_is_not_signed_and_not_lost() {
    let (mut world, _, note) = one_note(2, 302);
    let now = world.now;
    let shown = world.devices[0].vault().notes().sign_preview(&note).unwrap();
    let until = world.devices[0].vault().notes_mut().sign_later(&shown, now).unwrap();
    world.devices[1].vault().notes_mut().save_note(&note, &written("Slept four nights. Dreamt."), now).unwrap();
    world.settle();
    world.devices[0].vault().notes_mut().settle_signatures(until).unwrap();
    world.settle();
    for device in &world.devices {
        let view = device.read().notes().note(&note).unwrap();
        assert_eq!(view.content.text, "Slept four nights.");
        assert!(view.late.unwrap().contains("Dreamt"));
    }
    let shown = world.devices[1].vault().notes().sign_preview(&note).unwrap();
    assert!(shown.late);
    let until = world.devices[1].vault().notes_mut().sign_later(&shown, now).unwrap();
    world.devices[1].vault().notes_mut().settle_signatures(until).unwrap();
    world.settle();
    let view = world.devices[0].read().notes().note(&note).unwrap();
    assert_eq!((view.signed.len(), view.late), (2, None));
}

#[test]
fn what_two_devices_sign_at_once_is_kept_and_what_one_of_them_wrote_before_it_heard_is_unsigned() {
    let (mut world, client, late) = one_note(2, 308);
    let now = world.now;
    let twice = world.devices[0].vault().notes_mut().add_note(&client, &written("Draft."), false, now).unwrap();
    world.settle();
    world.devices[1].vault().notes_mut().save_note(&late, &written("Slept four nights. Dreamt."), now).unwrap();
    world.devices[0].vault().notes_mut().sign(&late, now).unwrap();
    for (device, text) in ["Draft. Office.", "Draft. Laptop."].into_iter().enumerate() {
        let vault = world.devices[device].vault();
        vault.notes_mut().save_note(&twice, &written(text), now).unwrap();
        vault.notes_mut().sign(&twice, now).unwrap();
    }
    world.settle();
    let signed = |device: usize| -> Vec<String> {
        let view = world.devices[device].read().notes().note(&twice).unwrap();
        view.signed.into_iter().map(|version| version.content.text).collect()
    };
    assert_eq!(signed(0), signed(1));
    assert!(["Draft. Office.", "Draft. Laptop."].iter().all(|text| signed(0).iter().any(|it| it == text)));
    for device in &world.devices {
        let view = device.read().notes().note(&late).unwrap();
        assert_eq!((view.state, view.content.text.as_str()), (NoteState::Signed, "Slept four nights."));
        assert!(view.late.unwrap().contains("Dreamt"));
    }
}

#[test]
fn locking_makes_the_signature_and_a_killed_process_makes_it_at_the_next_unlocking() {
    let (mut world, _, note) = one_note(1, 303);
    let now = world.now;
    let shown = world.devices[0].vault().notes().sign_preview(&note).unwrap();
    world.devices[0].vault().notes_mut().sign_later(&shown, now).unwrap();
    world.devices[0].lock_and_unlock(now + 1);
    assert_eq!(world.devices[0].vault().take_notices(), []);
    assert_eq!(world.devices[0].read().notes().note(&note).unwrap().state, NoteState::Signed);

    let (mut world, _, note) = one_note(1, 304);
    let shown = world.devices[0].vault().notes().sign_preview(&note).unwrap();
    let until = world.devices[0].vault().notes_mut().sign_later(&shown, now).unwrap();
    world.devices[0].crash(until - 1);
    let vault = world.devices[0].vault();
    assert_eq!(vault.notes().note(&note).unwrap().state, NoteState::Unsigned);
    assert_eq!(vault.notes().being_signed(), [(note, until)]);
    world.devices[0].crash(until);
    let vault = world.devices[0].vault();
    assert_eq!(vault.take_notices(), [Notice::SignedSince]);
    let view = vault.notes().note(&note).unwrap();
    assert_eq!((view.state, view.signed[0].at), (NoteState::Signed, until - SIGNING_GRACE));
}

#[test]
fn a_private_note_waits_for_the_passphrase_and_is_signed_then() {
    let (mut world, client, _) = one_note(1, 305);
    let now = world.now;
    let vault = world.devices[0].vault();
    vault.reauthenticate(&passphrase(), now).unwrap();
    let note = vault.notes_mut().add_note(&client, &written("apart"), true, now).unwrap();
    let shown = vault.notes().sign_preview(&note).unwrap();
    let until = vault.notes_mut().sign_later(&shown, now).unwrap();
    world.devices[0].crash(until);
    let vault = world.devices[0].vault();
    assert_eq!((vault.take_notices(), vault.notes().being_signed()), (vec![], vec![(note, until)]));
    vault.reauthenticate(&passphrase(), until).unwrap();
    assert_eq!(vault.notes().being_signed(), []);
    assert_eq!(vault.notes().note(&note).unwrap().state, NoteState::Signed);
}

#[test]
fn entered_in_error_is_a_signed_addendum_and_takes_nothing_away() {
    let (mut world, client, note) = one_note(2, 306);
    let now = world.now;
    let vault = world.devices[0].vault();
    assert_eq!(
        vault.notes_mut().mark_entered_in_error(&note, None, written("Wrong client."), now),
        Err(NoteError::NotSigned)
    );
    let first = vault.notes_mut().sign(&note, now).unwrap();
    let added = vault.notes_mut().add_addendum(&note, written("Added."), now + 1).unwrap();
    vault.notes_mut().mark_entered_in_error(&note, Some(added), written("Not said."), now + 2).unwrap();
    assert!(!vault.notes().note(&note).unwrap().entered_in_error(), "only its addendum is");
    vault.notes_mut().mark_entered_in_error(&note, None, written("Wrong client."), now + 3).unwrap();
    world.settle();
    for device in &world.devices {
        let view = device.read().notes().note(&note).unwrap();
        assert!(view.entered_in_error() && device.read().notes().timeline(&client).unwrap()[0].entered_in_error);
        assert_eq!(view.content.text, "Slept four nights.");
        let chain: Vec<_> = view.signed.iter().map(|one| (one.adds_to, one.entered_in_error)).collect();
        assert_eq!(chain, [(None, false), (Some(first), false), (Some(added), true), (Some(first), true)]);
        assert_eq!(device.read().integrity().verify(&mut |_, _| {}).unwrap().damaged, []);
    }
}

#[test]
fn an_imported_note_is_signed_as_it_was_imported_whatever_another_device_writes_meanwhile() {
    let (mut world, _folder) = World::imported(1, 2, 307);
    let now = world.now;
    let client = world.devices[0].read().clients().all().next().unwrap().id;
    let notes: Vec<NoteId> =
        world.devices[0].read().notes().timeline(&client).unwrap().iter().map(|row| row.id).collect();
    let imported: Vec<String> =
        notes.iter().map(|note| world.devices[0].read().notes().note(note).unwrap().content.text).collect();
    let shown = world.devices[0].vault().notes().sign_preview(&notes[0]).unwrap();
    let until = world.devices[0].vault().notes_mut().sign_later(&shown, now).unwrap();
    world.devices[0].vault().notes_mut().sign(&notes[1], now).unwrap();
    world.devices[1]
        .vault()
        .notes_mut()
        .save_note(&notes[0], &written(&format!("{} More.", imported[0])), now)
        .unwrap();
    world.settle();
    world.devices[0].vault().notes_mut().settle_signatures(until).unwrap();
    world.settle();
    for device in &world.devices {
        for (note, text) in notes.iter().zip(&imported) {
            let view = device.read().notes().note(note).unwrap();
            assert_eq!((view.state, &view.signed[0].content.text), (NoteState::Signed, text));
        }
        assert!(device.read().notes().note(&notes[0]).unwrap().late.unwrap().contains("More."));
        assert_eq!(device.read().notes().note(&notes[1]).unwrap().late, None);
    }
}
