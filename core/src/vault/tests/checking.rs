//! A check in many small steps, with locks in between: it ends, says what an undisturbed one says, and leaves nothing out.

use crate::vault::core::Transaction;
use std::fs;

use super::*;
use crate::blob::PIECE;
use crate::rows::Changes;
use crate::store::Table;
use crate::vault::{Checking, Damage, NewFile, Verified};

/// Clients of the practice that is checked.
const CLIENTS: usize = 300;

/// Several hundred clients with a note each, drafts in envelopes of their own, and a file in several portions of pieces.
fn large_practice() -> Vault {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = String::from("id,name,status\n");
    (0..CLIENTS).for_each(|number| rows.push_str(&format!("T{number},Client {number},active\n")));
    fs::write(folder.path().join("clients.csv"), rows).unwrap();
    for number in 0..CLIENTS {
        let notes = folder.path().join("notes").join(format!("T{number}"));
        fs::create_dir_all(&notes).unwrap();
        fs::write(notes.join("2026-11-02.md"), format!("Note {number}.")).unwrap();
    }
    let mut vault = practice();
    vault.exchange_mut().import(folder.path(), false, NOW, &mut |_| {}, &|| false).unwrap();
    let ids: Vec<ClientId> = vault.clients().all().map(|row| row.id).collect();
    for client in ids.iter().take(40) {
        vault.notes_mut().add_note(client, &note("A draft."), false, NOW).unwrap();
        vault.notes_mut().flush().unwrap();
    }
    let new = NewFile { client: ids[0], note: None, name: "talk.ogg", length: None };
    vault.files_mut().attach(&new, &mut &vec![7; 9 * PIECE][..], NOW, &mut |_| {}, &|| false).unwrap();
    vault
}

fn locked_and_unlocked(vault: Vault) -> Vault {
    vault.lock().unwrap().unlock(&passphrase("office"), NOW).unwrap()
}

/// So many steps; what was found if that was the end.
fn steps(vault: &Vault, checking: &mut Checking, steps: usize) -> Option<Verified> {
    (0..steps).find_map(|_| vault.integrity().go_on_checking(checking).unwrap())
}

/// Goes on with the check that is kept, in spells of so many steps with a lock after each, to its end.
fn in_spells(mut vault: Vault, spell: usize) -> (Vault, Verified, usize) {
    for locks in 0.. {
        let mut checking = vault.integrity().kept_checking().unwrap();
        if let Some(found) = steps(&vault, &mut checking, spell) {
            return (vault, found, locks);
        }
        vault.integrity_mut().keep_checking(&checking).unwrap();
        vault = locked_and_unlocked(vault);
    }
    unreachable!("it ends")
}

fn begun(vault: &mut Vault) {
    let checking = vault.integrity().begin_quiet_check(NOW).unwrap();
    vault.integrity_mut().keep_checking(&checking).unwrap();
}

fn take_away(vault: &mut Vault, table: Table, name: &Hash) {
    let mut changes = Changes::default();
    changes.remove(table, &name.0);
    vault.core.write(Transaction { changes, ..Transaction::default() }).unwrap();
    *vault.core.caches.body.borrow_mut() = None;
}

/// The envelopes of all logs, in the order in which they are checked.
fn envelopes(vault: &Vault) -> Vec<Hash> {
    let ends = vault.log().log_ends().unwrap().into_iter();
    ends.flat_map(|end| vault.log().branch_names(&end.log, 0, &end.head).unwrap()).collect()
}

fn sorted(mut damaged: Vec<Damage>) -> Vec<String> {
    damaged.dedup();
    let mut told: Vec<String> = damaged.iter().map(|damage| format!("{damage:?}")).collect();
    told.sort_unstable();
    told
}

#[test]
fn a_check_that_locks_interrupt_ends_and_says_what_an_undisturbed_one_says() {
    let mut vault = large_practice();
    let undisturbed = vault.integrity().verify_quietly(&mut |_, _| {}).unwrap();
    assert!(undisturbed.damaged.is_empty() && undisturbed.documents > 2 * CLIENTS as u64 && undisturbed.pieces > 8);
    for spell in [3, 50] {
        begun(&mut vault);
        let (again, found, locks) = in_spells(vault, spell);
        assert!(locks > 5, "{locks}");
        // Unlocking and keeping write rows, but no envelope.
        assert_eq!(found, undisturbed);
        vault = again;
    }
}

#[test]
fn damage_before_and_after_the_place_of_a_stopped_check_is_found_and_so_is_what_is_done_meanwhile() {
    let mut vault = large_practice();
    let names = envelopes(&vault);
    let last = *names.last().unwrap();
    take_away(&mut vault, Table::Bodies, &names[1]);
    begun(&mut vault);
    // Past the first envelopes, and before the last.
    let mut checking = vault.integrity().kept_checking().unwrap();
    assert_eq!(steps(&vault, &mut checking, 2), None);
    vault.integrity_mut().keep_checking(&checking).unwrap();
    let mut vault = locked_and_unlocked(vault);
    let piece =
        vault.core.read().blobs().pieces_of(vault.core.read().blobs().blobs().unwrap().first().unwrap()).unwrap()[6].1;
    take_away(&mut vault, Table::Bodies, &last);
    take_away(&mut vault, Table::Pieces, &piece);
    let expected = vault.integrity().verify_quietly(&mut |_, _| {}).unwrap();
    assert!(expected.damaged.contains(&Damage::Body(names[1])) && expected.damaged.contains(&Damage::Body(last)));
    assert!(expected.damaged.iter().any(|damage| matches!(damage, Damage::Piece(_, 6))));
    let (_, found, _) = in_spells(vault, 20);
    assert_eq!(sorted(found.damaged), sorted(expected.damaged));
}

#[test]
fn what_is_added_after_the_place_of_a_stopped_check_is_read_by_it() {
    let mut vault = large_practice();
    let before = vault.integrity().verify_quietly(&mut |_, _| {}).unwrap();
    begun(&mut vault);
    let mut checking = vault.integrity().kept_checking().unwrap();
    // In the logs still: every client and every file comes after.
    assert_eq!(steps(&vault, &mut checking, 2), None);
    vault.integrity_mut().keep_checking(&checking).unwrap();
    let client = vault.clients_mut().add_client(&identity("Nora"), NOW).unwrap();
    vault.notes_mut().add_note(&client, &note("New."), false, NOW).unwrap();
    let new = NewFile { client, note: None, name: "scan.pdf", length: None };
    vault.files_mut().attach(&new, &mut &[1; 100][..], NOW, &mut |_| {}, &|| false).unwrap();
    let (vault, found, _) = in_spells(locked_and_unlocked(vault), 40);
    assert_eq!((found.damaged.as_slice(), found.files, found.pieces), (&[][..], before.files + 1, before.pieces + 1));
    let after = vault.integrity().verify_quietly(&mut |_, _| {}).unwrap();
    assert_eq!(found.documents, after.documents);
}

#[test]
fn what_goes_or_is_mended_while_a_check_is_stopped_is_not_called_damaged() {
    let mut vault = large_practice();
    let names = envelopes(&vault);
    take_away(&mut vault, Table::Bodies, &names[1]);
    begun(&mut vault);
    let mut checking = vault.integrity().kept_checking().unwrap();
    assert_eq!(steps(&vault, &mut checking, 3), None);
    vault.integrity_mut().keep_checking(&checking).unwrap();
    vault.integrity_mut().repair(&mut |_, _| {}).unwrap();
    assert!(vault.integrity().kept_checking().is_none(), "what it had found is mended");
    vault.keep_setting("check under way", b"of another version").unwrap();
    assert!(vault.integrity().kept_checking().is_none(), "it begins anew");
    vault.integrity_mut().forget_checking().unwrap();
    assert_eq!(vault.setting("check under way"), Ok(Some(Vec::new())));
}
