//! Backups: chosen, made, cancelled, failed, and what the status bar says of them.

use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use subrosa::features::backup::messages::BackupEvent;
use subrosa::features::backup::values::{BackupStatus, TestedBackup};
use subrosa::values::pick::Picked;
use subrosa::words;
use subrosa_core::backup::{Every, PrivateKeys};

use super::{Window, unlock, unlocked};
use crate::hands::{click, into_view, press, type_into};
use crate::scripted::{Scripted, TODAY};

fn choose(window: &mut Window, label: &str) {
    into_view(window, Role::RadioButton, label);
    window.get_by_role_and_label(Role::RadioButton, label).click();
    window.run_steps(3);
}

fn said(window: &Window, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

#[test]
fn a_folder_is_chosen_a_backup_is_made_and_the_status_bar_is_calm() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    assert!(said(&window, words::ONLY_HERE));
    click(&mut window, words::SAFETY);
    assert!(said(&window, words::BACKUP_NONE) && said(&window, words::BACKUP_NOT_BY_ITSELF));
    window.state_mut().jobs().picks = Some(Picked::Path(PathBuf::from("/stick")));
    click(&mut window, words::BACK_UP_NOW);
    window.run_steps(3);
    assert_eq!(window.state_mut().jobs().backups.folder.as_deref(), Some(Path::new("/stick")));
    assert!(said(&window, words::BACKED_UP));
    assert!(said(&window, "Last tested backup: 14:00, on another disk · 3 clients, 40 notes · 1.2 MB"));
    assert!(said(&window, "on this device and in the tested backup of 14:00") && !said(&window, words::ONLY_HERE));
    window.check_accessibility();
}

#[test]
fn a_backup_under_way_is_cancelled_and_that_is_said_and_stays_amber() {
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.backups.folder = Some(PathBuf::from("/stick"));
    script.slow_disk = true;
    let mut window = unlock(script);
    press(&mut window, Modifiers::COMMAND, Key::Num6);
    click(&mut window, words::BACK_UP_NOW);
    assert!(said(&window, words::BACKING_UP) && window.query_by_label(words::BACK_UP_NOW).is_none());
    click(&mut window, words::CANCEL);
    assert!(!said(&window, words::BACKING_UP));
    assert!(said(&window, "14:00: The backup was stopped, as asked.") && said(&window, words::BACKUP_NONE));
    assert!(said(&window, words::ONLY_HERE) && !said(&window, words::BACKED_UP));
}

#[test]
fn the_schedule_and_the_folder_are_kept_as_chosen() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    click(&mut window, words::SAFETY);
    type_into(&mut window, Role::TextInput, words::BACKUP_FOLDER, "/stick");
    press(&mut window, Modifiers::NONE, Key::Enter);
    choose(&mut window, words::BACKUP_WEEKLY);
    choose(&mut window, words::BACKUP_UNREADABLE);
    let kept = window.state_mut().jobs().backups.clone();
    assert_eq!((kept.folder.as_deref(), kept.every, kept.readable), (Some(Path::new("/stick")), Every::Week, false));
    choose(&mut window, words::BACKUP_OFF);
    assert_eq!(window.state_mut().jobs().backups.every, Every::Never);
    // The field shows what is kept, also after another screen.
    click(&mut window, words::DEVICES);
    click(&mut window, words::SAFETY);
    assert!(
        window.get_by_role_and_label(Role::TextInput, words::BACKUP_FOLDER).value().is_some_and(|it| it == "/stick")
    );
}

#[test]
fn a_schedule_without_a_folder_asks_for_one_and_keeps_none_until_it_has_it() {
    for chosen in [None, Some(Picked::Path(PathBuf::from("/stick")))] {
        let mut window = unlocked(&["Aino Mäkinen"]);
        click(&mut window, words::SAFETY);
        let wanted = chosen.as_ref().map(|_| PathBuf::from("/stick"));
        window.state_mut().jobs().picks = chosen;
        choose(&mut window, words::BACKUP_WEEKLY);
        window.run_steps(3);
        assert_eq!(said(&window, words::NO_DIALOG), wanted.is_none());
        let kept = window.state_mut().jobs().backups.clone();
        assert_eq!((kept.folder, kept.every), (wanted, Every::Week));
    }
}

#[test]
fn an_old_backup_and_one_that_failed_are_said_in_the_status_bar() {
    let last = |day| TestedBackup {
        at: TODAY.at(9, 0, 0, 0).checked_sub(jiff::Span::new().days(day)).unwrap(),
        same_disk: false,
        bytes: 1,
        clients: 1,
        notes: 1,
        private: PrivateKeys::Tried { lacking: 0 },
        unreadable: 0,
        unsent: 0,
        older_kit: false,
    };
    for (days, fails, amber) in [(0, false, None), (3, false, Some("18 Nov, 09:00")), (0, true, Some(words::NO_NEWER))]
    {
        let failed = fails.then(|| (TODAY.at(13, 0, 0, 0), "The folder for backups is not there.".to_owned()));
        let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
        script.backups = BackupStatus { last: Some(last(days)), failed, ..BackupStatus::default() };
        let window = unlock(script);
        assert_eq!(said(&window, "only on this device"), amber.is_some());
        assert!(amber.is_none_or(|words| said(&window, words)));
    }
}

#[test]
fn whether_the_keys_of_private_notes_were_tried_is_said_beside_the_backup() {
    for (private, said_of_it) in [
        (PrivateKeys::NotTried, Some(words::PRIVATE_NOT_TRIED)),
        (PrivateKeys::Tried { lacking: 1 }, Some(words::PRIVATE_LACKING)),
        (PrivateKeys::Tried { lacking: 0 }, None),
    ] {
        let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
        let at = TODAY.at(9, 0, 0, 0);
        let (same_disk, older_kit) = (false, false);
        let last = TestedBackup {
            at,
            same_disk,
            bytes: 1,
            clients: 1,
            notes: 1,
            private,
            unreadable: 0,
            unsent: 0,
            older_kit,
        };
        script.backups = BackupStatus { last: Some(last), ..BackupStatus::default() };
        let mut window = unlock(script);
        click(&mut window, words::SAFETY);
        for words in [words::PRIVATE_NOT_TRIED, words::PRIVATE_LACKING] {
            assert_eq!(said(&window, words), said_of_it == Some(words), "{private:?}");
        }
    }
}

#[test]
fn one_that_is_made_by_itself_is_shown_and_leaves_another_screen_alone() {
    let mut window = unlocked(&["Aino Mäkinen"]);
    window.state_mut().jobs().say(BackupEvent::Begun);
    window.run_steps(3);
    assert!(!said(&window, words::BACKING_UP));
    click(&mut window, words::SAFETY);
    assert!(said(&window, words::BACKING_UP));
    let backups = window.state_mut().jobs().backups.clone();
    window.state_mut().jobs().say(BackupEvent::Ended(Box::new(backups), false));
    window.run_steps(3);
    assert!(!said(&window, words::BACKING_UP));
}
