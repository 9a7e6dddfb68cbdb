//! The tour holds; and each of its steps is seen to fail when what it did is spoiled.

use std::fs;
use std::path::PathBuf;

use super::stage::{SENTENCE, TourStage};
use super::*;
use crate::practice::{self, Profile};

/// Runs the tour with one step spoiled, and says where it broke and whether its folder is gone.
fn spoiled(step: TourStep, mut spoil: impl FnMut(&mut TourStage)) -> (Broken, bool) {
    let mut root = PathBuf::new();
    let broken = run_spoiled(Profile::Tests, &|| false, &mut |_| {}, &mut |now, stage| {
        root = stage.root().to_owned();
        if now == step {
            spoil(stage);
        }
    });
    (broken.expect_err("a spoiled step is noticed"), !root.exists())
}

fn breaks(step: TourStep, spoil: impl FnMut(&mut TourStage)) {
    let (broken, gone) = spoiled(step, spoil);
    assert_eq!(broken.step, step, "{broken}");
    assert!(gone, "nothing is left behind after {}", step.id());
}

#[test]
fn every_step_holds_in_order_and_nothing_is_left_behind() {
    let (mut root, mut held) = (PathBuf::new(), Vec::new());
    let report = &mut |step: &PassedStep| held.push(step.step);
    run_spoiled(Profile::Tests, &|| false, report, &mut |_, stage| root = stage.root().to_owned()).unwrap();
    assert_eq!(held, ACTS.iter().map(|act| act.step).collect::<Vec<_>>());
    assert!(!root.exists());
}

#[test]
fn a_practice_without_its_file_breaks_the_first_step() {
    breaks(TourStep::Create, |stage| fs::remove_file(stage.desk_file()).unwrap());
}

#[cfg(unix)]
#[test]
fn a_practice_that_others_may_read_breaks_the_first_step() {
    use std::os::unix::fs::PermissionsExt;
    breaks(TourStep::Create, |stage| {
        fs::set_permissions(stage.desk_file(), fs::Permissions::from_mode(0o644)).unwrap();
    });
}

#[test]
fn an_import_that_lost_its_notes_is_noticed() {
    breaks(TourStep::Import, |stage| {
        let import = stage.import.unwrap();
        stage.desk.as_mut().unwrap().exchange_mut().undo_import(&import, crate::practice::now()).unwrap();
    });
}

#[test]
fn a_note_that_lost_a_word_is_noticed() {
    breaks(TourStep::Write, |stage| {
        let note = stage.note.unwrap();
        let desk = stage.desk.as_mut().unwrap();
        let mut content = desk.notes().note(&note).unwrap().content;
        content.text = SENTENCE.replace("first ", "");
        desk.notes_mut().save_note(&note, &content, practice::now()).unwrap();
    });
}

#[test]
fn a_note_that_is_not_signed_is_noticed() {
    breaks(TourStep::Sign, |stage| {
        let client = stage.client.unwrap();
        let desk = stage.desk.as_mut().unwrap();
        let other = subrosa_core::vault::empty_note(practice::today());
        stage.note = Some(desk.notes_mut().add_note(&client, &other, false, practice::now()).unwrap());
    });
}

#[test]
fn a_sentence_left_on_the_disk_is_noticed_in_either_encoding() {
    let utf16: Vec<u8> = SENTENCE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [SENTENCE.as_bytes().to_vec(), utf16] {
        breaks(TourStep::Lock, |stage| fs::write(stage.desk_folder().join("left.tmp"), &bytes).unwrap());
    }
}

#[test]
fn a_practice_that_came_back_different_is_noticed() {
    breaks(TourStep::Unlock, |stage| {
        let identity = subrosa_core::record::Identity { name: "Somebody".into(), ..Default::default() };
        stage.desk.as_mut().unwrap().clients_mut().add_client(&identity, practice::now()).unwrap();
    });
}

#[test]
fn a_device_of_another_practice_is_noticed() {
    breaks(TourStep::Pair, |stage| {
        let passphrase = subrosa_core::secret::Passphrase::new("somebody else".into());
        let file = stage.root().join("stranger.subrosa");
        stage.laptop = Some(practice::create(&file, &passphrase, "Laptop", Profile::Tests).unwrap().vault);
    });
}

#[test]
fn a_client_that_did_not_arrive_is_noticed() {
    breaks(TourStep::Sync, |stage| {
        let identity = subrosa_core::record::Identity { name: "Somebody".into(), ..Default::default() };
        stage.desk.as_mut().unwrap().clients_mut().add_client(&identity, practice::now()).unwrap();
    });
}

#[test]
fn a_letter_that_one_device_lost_is_noticed() {
    breaks(TourStep::Merge, |stage| {
        let draft = stage.draft.unwrap();
        for vault in [stage.desk.as_mut().unwrap(), stage.laptop.as_mut().unwrap()] {
            devices::rewrite(vault, &draft, "The evening was long. Then she slept.").unwrap();
        }
    });
}

#[test]
fn a_record_that_can_be_read_on_its_way_is_noticed() {
    breaks(TourStep::Seal, |stage| {
        let plain = [b"age-encryption.org/v1\n", SENTENCE.as_bytes()].concat();
        fs::write(stage.sealed_file(), plain).unwrap();
    });
}

#[test]
fn a_record_that_was_changed_on_its_way_is_noticed() {
    breaks(TourStep::Open, |stage| {
        let mut bytes = fs::read(stage.received_file()).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(stage.received_file(), bytes).unwrap();
    });
}

#[test]
fn a_practice_whose_file_was_damaged_is_noticed() {
    breaks(TourStep::Verify, |stage| {
        let mut bytes = fs::read(stage.desk_file()).unwrap();
        let half = bytes.len() / 2;
        bytes[half..].fill(0);
        fs::write(stage.desk_file(), bytes).unwrap();
    });
}

#[test]
fn a_folder_that_stays_is_noticed() {
    let mut root = PathBuf::new();
    let (broken, gone) = spoiled(TourStep::CleanUp, |stage| {
        root = stage.root().to_owned();
        fs::create_dir(&root).unwrap();
    });
    assert_eq!(broken.step, TourStep::CleanUp);
    assert!(!gone);
    fs::remove_dir(root).unwrap();
}

#[test]
fn a_tour_that_is_stopped_says_so_and_leaves_nothing_behind() {
    let asked = std::cell::Cell::new(0);
    let mut root = PathBuf::new();
    let stop = || asked.replace(asked.get() + 1) == 2;
    let broken = run_spoiled(Profile::Tests, &stop, &mut |_| {}, &mut |_, stage| root = stage.root().to_owned());
    assert_eq!(broken.unwrap_err().step, TourStep::Write);
    assert!(!root.as_os_str().is_empty() && !root.exists());
}
