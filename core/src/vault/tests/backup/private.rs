//! Backups of private notes, which the device that makes them mostly cannot open.

use super::super::pruning::sync;
use super::*;
use crate::backup::{BackupRecord, PrivateKeys};
use crate::id::DocId;
use crate::keyring::{Compartment, CompartmentEntry, Part};
use crate::log::{Item, Kind};
use crate::vault::commit::{Outbox, commit};
use crate::vault::core::Transaction;
use crate::vault::items::keys::KeyRow;
use crate::vault::registry::{PrivatePartAt, PrunableBodiesAt};

fn backed_up(vault: &mut Vault) -> BackupRecord {
    let folder = tempfile::tempdir().unwrap();
    vault.backups_mut().back_up(&Target::of(folder.path()), true, NOW, &mut |_| {}, &|| false).unwrap()
}

#[test]
fn a_private_draft_that_another_device_let_go_and_that_waits_here_keeps_no_backup_from_being_proven() {
    // Which of the two logs is read first is chance: both happen.
    for round in 0..6 {
        let (mut office, _) = with_kit();
        let client = office.clients_mut().add_client(&identity("Aino"), NOW).unwrap();
        let mut home = second(&mut office, "Home");
        office.reauthenticate(&passphrase("office"), NOW).unwrap();
        let draft = office.notes_mut().add_note(&client, &note("apart"), true, NOW).unwrap();
        for text in ["apart, a slip of the pen", "apart, what was meant"] {
            office.notes_mut().flush().unwrap();
            office.notes_mut().save_note(&draft, &note(text), NOW).unwrap();
        }
        office.end_reauth();
        sync(&mut office, &mut home);
        home.reauthenticate(&passphrase("Home"), NOW).unwrap();
        home.notes_mut().sign(&draft, NOW + 1).unwrap();
        sync(&mut office, &mut home);
        let lets_go = home.core.read().ledger().is_draft_pruned(&draft).unwrap();
        assert!(lets_go, "round {round}: home let its drafts go");
        let waits = office.core.read().list(&PrunableBodiesAt()).unwrap();
        assert!(!waits.is_empty() && office.core.reauth.is_none(), "round {round}: here they wait for the passphrase");
        assert_eq!(backed_up(&mut office).private, PrivateKeys::NotTried);
        // The must-fail neighbour: one that lacks a log is found all the same.
        let folder = tempfile::tempdir().unwrap();
        let mut missing = office.backups_mut().begin_backup(&Target::of(folder.path()), true, NOW).unwrap();
        missing.leave_a_log_out();
        let proving = finish(&mut office, missing).into_proof(&office).unwrap();
        assert_eq!(proving.run(&mut |_| {}, &|| false).err(), Some(BackupError::NotThePractice));
    }
}

#[test]
fn the_keys_of_private_notes_are_tried_where_the_passphrase_was_given_and_noise_is_found() {
    let (mut vault, _) = with_kit();
    assert_eq!(backed_up(&mut vault).private, PrivateKeys::Tried { lacking: 0 }, "there is none");
    written(&mut vault);
    assert_eq!(backed_up(&mut vault).private, PrivateKeys::NotTried);
    vault.reauthenticate(&passphrase("office"), NOW).unwrap();
    assert_eq!(backed_up(&mut vault).private, PrivateKeys::Tried { lacking: 0 });
    assert_eq!(vault.backups().last_backup().unwrap().unwrap().private, PrivateKeys::Tried { lacking: 0 });
    // Noise in their place on this device: of two parts under one id the smaller counts. A greater one gives way to the one that
    // the log brings back, and a smaller one is found.
    let client = vault.clients().all().next().unwrap().id;
    let private = vault.notes().private_timeline(&client).unwrap().remove(0).id;
    let key = super::super::key_of(&vault, &private);
    let Some(KeyRow::Process(parts)) = vault.core.read().key_row(&key).unwrap() else { panic!("a private key") };
    for (noise, lacking) in [(0xFF, 0), (0, 1)] {
        let mut tx = Transaction::quiet();
        for (author, part) in &parts {
            let at = PrivatePartAt(*author, *part);
            let mut held = vault.core.read().get(&at).unwrap().unwrap();
            held.part.iter_mut().rev().take(8).for_each(|byte| *byte = noise);
            tx.put(&at, &held);
        }
        vault.core.write(tx).unwrap();
        assert_eq!(backed_up(&mut vault).private, PrivateKeys::Tried { lacking });
    }
}

#[test]
fn keys_of_private_notes_that_are_noise_in_every_part_are_found_by_the_proof_and_the_backup_is_made() {
    let (mut office, _) = with_kit();
    written(&mut office);
    let mut lost = second(&mut office, "Lost");
    meet(&mut office, &mut lost);
    office.reauthenticate(&passphrase("office"), NOW).unwrap();
    assert_eq!(backed_up(&mut office).private, PrivateKeys::Tried { lacking: 0 });
    // A part of the lost device that says it holds a key of private notes, for everybody, and holds another.
    let client = office.clients().all().next().unwrap().id;
    let entry = |byte: u8| CompartmentEntry::new(client, Compartment::Process, Key::take(&mut [byte; 32]));
    let cards = lost.core.memory.roster.readers(&lost.core.device);
    let readers: Vec<_> = cards.iter().map(|card| (card.id, card.pkk_generation, &card.pkk)).collect();
    let mut part = Part::publish(DocId([5; 16]), 1, &[entry(6)], lost.core.device, &readers, &mut Os).unwrap();
    let at = part.windows(16).position(|bytes| bytes == entry(6).id.0).unwrap();
    part[at..at + 16].copy_from_slice(&entry(7).id.0);
    let mut out = Outbox::everyday();
    out.keyring.push(Item::bare(Kind::Keyring, DocId([5; 16]), part));
    commit(&mut lost.core, Transaction::default(), out).unwrap();
    meet(&mut office, &mut lost);
    assert_eq!(backed_up(&mut office).private, PrivateKeys::Tried { lacking: 1 });
    assert!(office.notes().private_timeline(&client).is_ok_and(|notes| notes.len() == 1), "and the true one opens");
    office.end_reauth();
    assert_eq!(backed_up(&mut office).private, PrivateKeys::NotTried, "nobody knows while it is closed");
}
