//! The vault as one person uses it, from the first day to a recovery.

use std::ops::ControlFlow;

use subrosa_core::catalog::NoteState;
use subrosa_core::export::ProcessNotes;
use subrosa_core::kdf::{Policy, Strength};
use subrosa_core::record::NoteContent;
use subrosa_core::secret::Passphrase;
use subrosa_core::store::{RedbStore, Store as _, Table};
use subrosa_core::vault::{
    ClientError, Imported, LockedVault, NoteError, ReadError, RowError, UndoError, Undone, Vault, Verified,
};
use subrosa_tests::dice::Dice;
use subrosa_tests::practice::{day, paper_trail, person, written};
use subrosa_tests::world::{Device, World, locked, passphrase};

fn device(world: &mut World) -> &mut Device {
    &mut world.devices[0]
}

fn whole(vault: &Vault) -> Verified {
    let found = vault.integrity().verify(&mut |_, _| {}).unwrap();
    assert_eq!(found.damaged, [], "nothing is damaged");
    found
}

fn import(vault: &mut Vault, folder: &std::path::Path, dry_run: bool, now: u64) -> Imported {
    vault.exchange_mut().import(folder, dry_run, now, &mut |_| {}, &|| false).unwrap()
}

#[test]
fn what_was_written_is_there_after_locking_and_unlocking() {
    let mut world = World::of(1, 1);
    let now = world.now;
    let vault = device(&mut world).vault();
    let client = vault.clients_mut().add_client(&person("Åsa Öberg"), now).unwrap();
    let note = vault.notes_mut().add_note(&client, &written("Slept 🌙 badly. شكرا"), false, now).unwrap();
    assert!(vault.notes_mut().save_note(&note, &written("Slept 🌙 better. شكرا"), now).unwrap());
    assert!(!vault.notes_mut().save_note(&note, &written("Slept 🌙 better. شكرا"), now).unwrap());
    device(&mut world).lock_and_unlock(now);
    let vault = device(&mut world).vault();
    assert_eq!(vault.notes().note(&note).unwrap().content.text, "Slept 🌙 better. شكرا");
    let row = vault.clients().client(&client).unwrap();
    assert_eq!((row.name.as_str(), row.notes, row.unsigned), ("Åsa Öberg", 1, 1));
    assert_eq!(vault.notes().search("better", 10, &|| false).unwrap().len(), 1);
    assert_eq!(vault.notes().search("worse", 10, &|| false).unwrap().len(), 0);
    whole(vault);
}

#[test]
fn a_process_that_is_killed_while_writing_loses_nothing_that_was_saved() {
    let mut world = World::of(1, 2);
    let now = world.now;
    let vault = device(&mut world).vault();
    let client = vault.clients_mut().add_client(&person("Bo"), now).unwrap();
    let note = vault.notes_mut().add_note(&client, &written("one"), false, now).unwrap();
    for text in ["one two", "one two three", "two three"] {
        device(&mut world).vault().notes_mut().save_note(&note, &written(text), now).unwrap();
        device(&mut world).crash(now);
        assert_eq!(device(&mut world).read().notes().note(&note).unwrap().content.text, text);
    }
    whole(device(&mut world).read());
}

#[test]
fn saves_are_durable_at_once_and_leave_together_in_one_envelope() {
    let mut world = World::of(1, 14);
    let now = world.now;
    let vault = device(&mut world).vault();
    let client = vault.clients_mut().add_client(&person("Bo"), now).unwrap();
    let notes = [(); 2].map(|()| vault.notes_mut().add_note(&client, &written("begun"), false, now).unwrap());
    vault.notes_mut().flush().unwrap();
    let envelopes = |vault: &Vault| vault.log().log_ends().unwrap().iter().map(|end| end.next_seq).sum::<u64>();
    let before = envelopes(vault);
    for number in 0..10 {
        let text = format!("typed {number}");
        for note in notes {
            vault.notes_mut().save_note(&note, &written(&text), now).unwrap();
        }
    }
    assert_eq!(envelopes(vault), before, "nothing has left yet");
    device(&mut world).crash(now);
    let vault = device(&mut world).vault();
    assert!(notes.iter().all(|note| vault.notes().note(note).unwrap().content.text == "typed 9"));
    // Unlocking sent what the crash left behind, in one.
    assert_eq!((envelopes(vault), vault.notes_mut().flush()), (before + 1, Ok(false)));
    whole(vault);
}

#[test]
fn a_wrong_passphrase_opens_nothing_and_the_right_one_still_does() {
    let mut world = World::of(1, 3);
    let now = world.now;
    let medium = device(&mut world).medium().clone();
    drop(world);
    let still = locked(&medium, Dice::new(9)).unwrap();
    let refused = still.unlock(&Passphrase::new("seven quiet herons".to_owned()), now).unwrap_err();
    assert!(refused.error.is_wrong_passphrase());
    assert!(refused.vault.unlock(&passphrase(), now).is_ok());
}

#[test]
fn a_new_passphrase_opens_and_the_old_one_no_longer() {
    let mut world = World::of(1, 4);
    let now = world.now;
    let vault = device(&mut world).vault();
    let client = vault.clients_mut().add_client(&person("Cai"), now).unwrap();
    let fresh = Passphrase::new("nine loud geese".to_owned());
    let wrong = vault.change_passphrase(&fresh, &fresh, Strength::CHEAP_FOR_TESTS).unwrap_err();
    assert!(wrong.is_wrong_passphrase());
    vault.change_passphrase(&passphrase(), &fresh, Strength::CHEAP_FOR_TESTS).unwrap();
    let medium = device(&mut world).medium().clone();
    drop(world);
    let refused = locked(&medium, Dice::new(1)).unwrap().unlock(&passphrase(), now).unwrap_err();
    assert!(refused.error.is_wrong_passphrase());
    let vault = refused.vault.unlock(&fresh, now).unwrap();
    assert_eq!(vault.clients().client(&client).unwrap().name, "Cai");
}

#[test]
fn the_recovery_kit_gives_a_new_passphrase_and_private_notes_open_with_it() {
    let mut world = World::of(1, 5);
    let now = world.now;
    let vault = device(&mut world).vault();
    let client = vault.clients_mut().add_client(&person("Dag"), now).unwrap();
    vault.reauthenticate(&passphrase(), now).unwrap();
    let private = vault.notes_mut().add_note(&client, &written("my own doubt"), true, now).unwrap();
    let (medium, kit) = (device(&mut world).medium().clone(), world.kit.duplicate());
    drop(world);
    let fresh = Passphrase::new("nine loud geese".to_owned());
    let other = subrosa_core::secret::Key::random(&mut Dice::new(4));
    let refused = locked(&medium, Dice::new(1)).unwrap().recover(&other, &fresh, Strength::CHEAP_FOR_TESTS, now);
    let still = refused.unwrap_err().vault;
    let mut vault = still.recover(&kit, &fresh, Strength::CHEAP_FOR_TESTS, now).unwrap();
    vault.reauthenticate(&fresh, now).unwrap();
    assert_eq!(vault.notes().note(&private).unwrap().content.text, "my own doubt");
    drop(vault);
    assert!(locked(&medium, Dice::new(2)).unwrap().unlock(&fresh, now).is_ok());
}

#[test]
fn private_notes_ask_for_the_passphrase_again_and_are_in_no_list_search_or_plain_export() {
    let mut world = World::of(1, 6);
    let now = world.now;
    let vault = device(&mut world).vault();
    let client = vault.clients_mut().add_client(&person("Eva"), now).unwrap();
    vault.end_reauth();
    assert_eq!(vault.notes_mut().add_note(&client, &written("no"), true, now), Err(RowError::NeedsReauth.into()));
    vault.reauthenticate(&passphrase(), now).unwrap();
    let private = vault.notes_mut().add_note(&client, &written("countertransference"), true, now).unwrap();
    vault.notes_mut().save_note(&private, &written("countertransference, mine"), now).unwrap();
    assert_eq!(vault.notes().private_timeline(&client).unwrap().len(), 1);
    assert_eq!(whole(vault).items_private, 0, "it waits");
    vault.notes_mut().flush().unwrap();
    vault.expire_reauth(now + subrosa_core::vault::REAUTH_FOR);
    assert_eq!(vault.notes().note(&private).err(), Some(RowError::NeedsReauth.into()));
    assert_eq!(vault.notes().private_timeline(&client).err(), Some(RowError::NeedsReauth.into()));
    assert_eq!(vault.notes_mut().save_note(&private, &written("x"), now), Err(RowError::NeedsReauth.into()));
    assert_eq!(
        (vault.notes().timeline(&client).unwrap().len(), vault.clients().client(&client).unwrap().notes),
        (0, 0)
    );
    assert_eq!(vault.notes().search("countertransference", 9, &|| false).unwrap().len(), 0);
    assert_eq!(whole(vault).items_private, 1, "unlocked is not enough: the seals stay closed");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    assert!(vault.exchange().export(&out, None, ProcessNotes::Include, &mut |_| {}, &|| false).is_err());
    let exported = vault.exchange().export(&out, None, ProcessNotes::LeaveOut, &mut |_| {}, &|| false).unwrap();
    assert_eq!(exported.notes, 0);
    device(&mut world).lock_and_unlock(now);
    let vault = device(&mut world).vault();
    assert_eq!(
        vault.notes().note(&private).err(),
        Some(RowError::NeedsReauth.into()),
        "unlocking alone does not open them"
    );
    vault.reauthenticate(&passphrase(), now).unwrap();
    assert_eq!(vault.notes().note(&private).unwrap().content.text, "countertransference, mine");
}

#[test]
fn a_signed_note_refuses_every_edit_and_takes_addenda() {
    let mut world = World::of(1, 7);
    let now = world.now;
    let vault = device(&mut world).vault();
    let client = vault.clients_mut().add_client(&person("Finn"), now).unwrap();
    let note = vault.notes_mut().add_note(&client, &written("as it was"), false, now).unwrap();
    assert_eq!(vault.notes_mut().add_addendum(&note, written("too early"), now), Err(NoteError::NotSigned));
    let hash = vault.notes_mut().sign(&note, now).unwrap();
    assert_eq!(vault.notes_mut().save_note(&note, &written("as it was not"), now), Err(NoteError::Signed));
    assert_eq!(vault.notes_mut().sign(&note, now), Err(NoteError::Signed));
    let adds = vault.notes_mut().add_addendum(&note, written("the date was wrong"), now + 1).unwrap();
    device(&mut world).lock_and_unlock(now);
    let vault = device(&mut world).vault();
    let view = vault.notes().note(&note).unwrap();
    assert_eq!((view.state, view.content.text.as_str()), (NoteState::Signed, "as it was"));
    let signed: Vec<_> = view.signed.iter().map(|version| (version.hash, version.adds_to)).collect();
    assert_eq!(signed, [(hash, None), (adds, Some(hash))]);
    assert_eq!(vault.notes().timeline(&client).unwrap()[0].addenda, 1);
    assert_eq!(whole(vault).signatures, 2);
}

#[test]
fn importing_counts_first_adds_once_keeps_edits_and_can_be_undone() {
    let folder = tempfile::tempdir().unwrap();
    paper_trail(folder.path(), 3, 4);
    let mut world = World::of(1, 8);
    let now = world.now;
    let vault = device(&mut world).vault();
    let dry = import(vault, folder.path(), true, now);
    assert_eq!((dry.id, dry.clients, dry.notes, dry.measures), (None, 3, 12, 3));
    assert_eq!(vault.clients().all().count(), 0);
    let first = import(vault, folder.path(), false, now);
    assert_eq!((first.clients, first.notes, first.measures, first.known), (3, 12, 3, 0));
    let client = vault.clients().all().next().unwrap().id;
    let note = vault.notes().timeline(&client).unwrap()[0].id;
    assert_eq!(vault.notes().note(&note).unwrap().state, NoteState::Imported);
    vault.notes_mut().save_note(&note, &written("edited since"), now).unwrap();
    let again = import(vault, folder.path(), false, now);
    assert_eq!((again.id, again.clients, again.notes, again.measures, again.known), (None, 0, 0, 0, 18));
    assert_eq!(vault.notes().note(&note).unwrap().content.text, "edited since");
    let undone = vault.exchange_mut().undo_import(&first.id.unwrap(), now).unwrap();
    assert_eq!(undone, Undone { removed: 16, kept: 2 }, "the edited note stays, and with it its client");
    assert_eq!(vault.clients().all().map(|row| row.id).collect::<Vec<_>>(), [client]);
    assert_eq!(vault.notes().note(&note).unwrap().content.text, "edited since");
    assert_eq!(vault.exchange_mut().undo_import(&first.id.unwrap(), now).err(), Some(UndoError::NoSuchImport));
    let back = import(vault, folder.path(), false, now);
    assert_eq!((back.clients, back.notes), (2, 11), "what was taken back can come again");
    whole(vault);
}

#[test]
fn an_export_imported_into_an_empty_practice_is_the_same_record() {
    let folder = tempfile::tempdir().unwrap();
    paper_trail(&folder.path().join("in"), 2, 3);
    let mut world = World::of(1, 9);
    let now = world.now;
    let vault = device(&mut world).vault();
    import(vault, &folder.path().join("in"), false, now);
    let client = vault.clients().all().next().unwrap().id;
    vault.notes_mut().add_note(&client, &written("## Mine\n\n--- not front matter\n"), false, now).unwrap();
    vault.reauthenticate(&passphrase(), now).unwrap();
    vault.notes_mut().add_note(&client, &written("a private thought"), true, now).unwrap();
    let out = folder.path().join("out");
    vault.exchange().export(&out, None, ProcessNotes::Include, &mut |_| {}, &|| false).unwrap();
    let mut other = World::of(1, 10);
    let there = device(&mut other).vault();
    assert_eq!(import(there, &out, true, now).process_left_out, 1, "private notes ask again on their way in, too");
    there.reauthenticate(&passphrase(), now).unwrap();
    let imported = import(there, &out, false, now);
    let kinds: Vec<_> = imported.report.problems.iter().flat_map(|problem| problem.kinds.clone()).collect();
    assert_eq!((kinds, imported.process_left_out), (Vec::new(), 0));
    let records = |vault: &Vault| {
        let mut records = Vec::new();
        for row in vault.clients().all() {
            let all = vault.exchange().exported(&row.id, ProcessNotes::Include).unwrap();
            let identity = (all.identity.name.clone(), all.identity.code.clone(), all.identity.status.clone());
            let mut notes: Vec<_> =
                all.notes.iter().map(|note| (note.process, serde_json::to_string(&note.content).unwrap())).collect();
            notes.sort();
            records.push((identity, notes, serde_json::to_string(&all.measures).unwrap()));
        }
        records.sort();
        records
    };
    assert_eq!(records(vault), records(there));
}

#[test]
fn a_store_without_a_vault_and_a_second_vault_in_one_store_are_refused() {
    let mut world = World::of(1, 11);
    let empty = RedbStore::over(subrosa_tests::medium::Medium::default()).unwrap();
    let refused = LockedVault::open(Box::new(empty), None, Policy::Tests, world.entropy());
    assert!(refused.is_err());
    let medium = device(&mut world).medium().clone();
    let entropy = world.entropy();
    drop(world);
    let store = RedbStore::over(medium).unwrap();
    let pass = passphrase();
    let new = subrosa_tests::world::cheap("Second", &pass, 0);
    assert!(Vault::create(Box::new(store), &new, entropy).is_err());
}

#[test]
fn an_empty_name_an_unknown_note_and_an_unknown_client_are_refused_in_words() {
    let mut world = World::of(1, 12);
    let now = world.now;
    let vault = device(&mut world).vault();
    assert_eq!(vault.clients_mut().add_client(&person(" "), now), Err(ClientError::NoName));
    let client = vault.clients_mut().add_client(&person("Gro"), now).unwrap();
    assert_eq!(
        vault.notes_mut().add_note(&Dice::new(1).id(), &written("x"), false, now),
        Err(ReadError::NoSuchClient.into())
    );
    assert_eq!(vault.notes().note(&Dice::new(1).id()).err(), Some(ReadError::NoSuchNote));
    assert_eq!(vault.notes().note(&client).err(), Some(ReadError::NoSuchNote));
    assert!(vault.notes().timeline(&client).unwrap().is_empty() && day().year() == 2026);
}

#[test]
fn the_file_shows_neither_how_many_clients_there_are_nor_a_row_twice_the_same() {
    let mut world = World::of(1, 13);
    let now = world.now;
    let vault = device(&mut world).vault();
    for number in 0..3 {
        vault.clients_mut().add_client(&person(&format!("Person {number}")), now).unwrap();
    }
    let medium = device(&mut world).medium().clone();
    drop(world);
    let store = RedbStore::over(medium).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for &table in Table::ALL {
        store
            .scan(table, &mut |_, value| {
                assert!(value.len() < 8 || seen.insert(value.to_vec()), "no two rows are the same bytes");
                ControlFlow::Continue(())
            })
            .unwrap();
    }
}

#[test]
fn an_addendum_stays_with_its_note_through_an_export_and_what_was_signed_here_is_not_taken_twice() {
    let mut world = World::of(2, 808);
    world.settle();
    let now = world.now;
    let vault = world.devices[0].vault();
    let client = vault.clients_mut().add_client(&person("Ida"), now).unwrap();
    let note = vault.notes_mut().add_note(&client, &written("Said."), false, now).unwrap();
    let hash = vault.notes_mut().sign(&note, now).unwrap();
    vault
        .notes_mut()
        .add_addendum(&note, NoteContent { date: jiff::civil::date(2020, 1, 1), ..written("Added.") }, now)
        .unwrap();
    vault.notes_mut().mark_entered_in_error(&note, None, written("Another client's."), now + 1).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let wrote = vault.exchange().export(&out, None, ProcessNotes::LeaveOut, &mut |_| {}, &|| false).unwrap();
    assert_eq!((wrote.notes, wrote.signed, wrote.signed_differ), (3, 3, 0));
    assert!(out.join("signed").join(format!("{hash}.sig")).exists());
    let again = import(vault, &out, false, now);
    assert_eq!((again.notes, again.known, again.report.problems.len()), (0, 4, 0));
    // Into a practice that knows nothing of it, on two devices alike.
    let mut other = World::of(2, 809);
    other.settle();
    for device in &mut other.devices {
        let done = import(device.vault(), &out, false, now);
        assert_eq!((done.notes, done.report.problems.len()), (3, 0));
    }
    other.settle();
    for device in &other.devices {
        let vault = device.read();
        let client = vault.clients().all().next().unwrap().id;
        let rows = vault.notes().timeline(&client).unwrap();
        assert_eq!(rows.len(), 3, "the same on both devices");
        let first = rows.iter().find(|row| row.addendum_to.is_none()).unwrap();
        assert_eq!(vault.notes().note(&first.id).unwrap().content.text, "Said.");
        assert!(rows.iter().filter(|row| row.id != first.id).all(|row| row.addendum_to == Some(first.id)));
        let marked = |id| vault.notes().note(id).unwrap().content.other.contains_key("entered_in_error");
        assert_eq!(rows.iter().filter(|row| marked(&row.id)).count(), 1);
    }
}
