//! A log of which everything was let go takes its headers with it, and nothing else does.

use super::backup::with_kit;
use super::pruning::{drafted, drafts_of, holds, is_whole, sync};
use super::restore::{backup_of, merge, open, restored};
use super::*;
use crate::id::{LogId, NoteId};
use crate::vault::commit::{forget_pruned, prune_drafts, retire_logs};
use crate::vault::registry::{HeaderAt, RetiredLogAt};
use crate::vault::{DAY, Millis, Only};

/// Days after which what was kept aside has gone, seen on two of them.
const GONE: [u64; 3] = [0, 31, 32];

/// As unlockings on these days do it.
fn unlocked_on(vault: &mut Vault, days: &[u64]) {
    for day in days {
        let now: Millis = NOW + day * DAY;
        forget_pruned(&mut vault.core, now).unwrap();
        retire_logs(&mut vault.core).unwrap();
    }
}

fn removed(by: &mut Vault, words: &str, gone: &Vault) {
    by.devices_mut().remove_device(&gone.device(), &passphrase(words), NOW + 1).unwrap();
    by.end_reauth();
}

/// A note that a laptop wrote, and its log of drafts, on three devices.
fn written_on_a_laptop(mut office: Vault) -> (Vault, Vault, Vault, NoteId, LogId) {
    let mut home = second(&mut office, "Home");
    let mut laptop = second(&mut office, "Laptop");
    sync(&mut office, &mut home);
    sync(&mut office, &mut laptop);
    let (_, id) = drafted(&mut laptop, "Aino");
    sync(&mut office, &mut laptop);
    sync(&mut office, &mut home);
    let log = laptop.core.memory.logs.drafts;
    (office, home, laptop, id, log)
}

/// The same, signed at the office; the laptop has given its place to another device.
fn replaced_laptop(office: Vault) -> (Vault, Vault, NoteId, LogId) {
    let (mut office, mut home, mut laptop, id, log) = written_on_a_laptop(office);
    office.notes_mut().sign(&id, NOW).unwrap();
    sync(&mut office, &mut laptop);
    sync(&mut office, &mut home);
    removed(&mut office, "office", &laptop);
    // All devices that stay hold the signature.
    sync(&mut office, &mut home);
    (office, home, id, log)
}

#[test]
fn of_a_replaced_device_whose_drafts_are_signed_not_even_the_headers_stay() {
    let (mut office, mut home, id, log) = replaced_laptop(practice());
    let names = office.log().branch_names(&log, 0, &office.core.memory.state.logs[&log][0].head).unwrap();
    assert_eq!((names.len(), drafts_of(&office, &id), drafts_of(&home, &id)), (3, 0, 0));
    // Nobody is told of it any more, before its headers go as after that.
    let told = |vault: &Vault| vault.log().log_ends().unwrap().iter().any(|end| end.log == log);
    assert!(!told(&office) && !told(&home));
    let before = office.log().frontier().unwrap();
    unlocked_on(&mut office, &GONE);
    assert!(names.iter().all(|name| !office.core.read().has(&HeaderAt(*name)).unwrap()));
    assert!(!office.core.memory.state.logs.contains_key(&log));
    assert_eq!(office.log().frontier().unwrap(), before);
    meet(&mut office, &mut home);
    assert!(!office.core.memory.state.logs.contains_key(&log), "a device that has the headers still offers none");
    is_whole(&office);
    let mut office = office.lock().unwrap().unlock(&passphrase("office"), NOW).unwrap();
    office.integrity_mut().repair(&mut |_, _| {}).unwrap();
    is_whole(&office);
    assert_eq!(office.notes().note(&id).unwrap().content.text, "Word. What she said.");
    let mut tablet = second(&mut office, "Tablet");
    meet(&mut office, &mut tablet);
    meet(&mut home, &mut tablet);
    assert!(!tablet.core.memory.state.logs.contains_key(&log), "a newcomer hears nothing of it");
    assert_eq!(tablet.notes().note(&id).unwrap().content.text, "Word. What she said.");
    is_whole(&tablet);
}

#[test]
fn a_log_with_a_word_that_is_not_signed_or_a_body_that_is_kept_aside_or_that_may_grow_keeps_its_headers() {
    let (mut office, _, mut laptop, id, log) = written_on_a_laptop(practice());
    let (_, open) = drafted(&mut laptop, "Bertil");
    sync(&mut office, &mut laptop);
    office.notes_mut().sign(&id, NOW).unwrap();
    removed(&mut office, "office", &laptop);
    unlocked_on(&mut office, &GONE);
    let stays = |office: &Vault| office.core.memory.state.logs.contains_key(&log);
    assert!(stays(&office) && drafts_of(&office, &open) == 3);
    office.notes_mut().sign(&open, NOW).unwrap();
    // Home has not said that it holds the signatures.
    unlocked_on(&mut office, &GONE);
    assert!(stays(&office));
    let (mut office, _, _, log) = replaced_laptop(practice());
    unlocked_on(&mut office, &GONE[..2]);
    assert!(office.core.memory.state.logs.contains_key(&log), "what went can still be taken back");
    let (mut office, mut home, mut laptop, id, log) = written_on_a_laptop(practice());
    office.notes_mut().sign(&id, NOW).unwrap();
    for _ in 0..2 {
        sync(&mut office, &mut home);
        sync(&mut office, &mut laptop);
    }
    unlocked_on(&mut office, &GONE);
    assert_eq!(drafts_of(&office, &id), 0);
    assert!(office.core.memory.state.logs.contains_key(&log), "the laptop writes on in it");
}

#[test]
fn words_that_build_on_a_log_that_has_gone_bring_it_back_from_whoever_has_it() {
    let (mut office, mut home, mut laptop, id, log) = written_on_a_laptop(practice());
    home.notes_mut().save_note(&id, &note("Word. What she said. And then."), NOW).unwrap();
    home.notes_mut().flush().unwrap();
    office.notes_mut().sign(&id, NOW).unwrap();
    // The signature reaches home, which says so, and nothing of home's leaves.
    carry(&office, &mut home);
    office.log_mut().acknowledged(&home.device(), &holds(&home), NOW).unwrap();
    removed(&mut office, "office", &laptop);
    prune_drafts(&mut office.core);
    unlocked_on(&mut office, &GONE);
    assert!(office.core.read().has(&RetiredLogAt(log)).unwrap());
    // Home comes back with its words: what they build on comes with them.
    sync(&mut office, &mut home);
    assert!(office.core.memory.state.logs.contains_key(&log));
    for vault in [&office, &home] {
        assert!(vault.notes().note(&id).unwrap().late.unwrap().contains("And then"));
        assert_eq!(drafts_of(vault, &id), 4, "the words, and what they build on");
        is_whole(vault);
    }
    office.notes_mut().sign_late(&id, NOW).unwrap();
    sync(&mut office, &mut home);
    assert_eq!((drafts_of(&office, &id), drafts_of(&home, &id)), (0, 0));
    laptop.notes_mut().flush().unwrap();
}

#[test]
fn a_backup_without_a_log_that_has_gone_is_proven_and_restores_and_an_older_one_brings_nothing_back() {
    let (office, kit) = with_kit();
    let (mut office, _, id, log) = replaced_laptop(office);
    let (before, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let old = backup_of(&mut office, before.path());
    unlocked_on(&mut office, &GONE);
    let new = backup_of(&mut office, after.path());
    for archive in [&old, &new] {
        let (restored, _) = restored(&open(archive, &kit).unwrap(), Only::Everything).unwrap();
        assert_eq!(restored.notes().note(&id).unwrap().content.text, "Word. What she said.");
        is_whole(&restored);
    }
    merge(&open(&old, &kit).unwrap(), &mut office, Only::Everything).unwrap();
    assert_eq!(drafts_of(&office, &id), 0);
    assert!(!office.log().log_ends().unwrap().iter().any(|end| end.log == log));
    is_whole(&office);
}
