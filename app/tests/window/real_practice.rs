//! The window over a real practice in a temporary folder: the jobs, the vault and its file are the ones that people
//! have; only the clock and the pixels are not.

mod backups;
mod damage;
mod holdings;
mod joining;
mod new_keys;
mod new_kit;
mod particulars;
mod reaching;
mod removal;
mod repairing;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use subrosa::jobs::{Setting, VaultJobs};
use subrosa::practice::Profile;
use subrosa::words;
use subrosa_core::kit::{self, KitError};
use tempfile::TempDir;

use crate::hands;
use crate::hands::Window;

const PASSPHRASE: &str = "lantern gravel oboe thicket";
const NEW_PASSPHRASE: &str = "harbour pepper violin meadow";

/// A therapist at a window.
struct Desk {
    window: Window<VaultJobs>,
    /// Says when a job has answered.
    answered: Receiver<()>,
}

impl Desk {
    fn sit_down(file: PathBuf) -> Self {
        let setting = Setting { file, profile: Profile::Tests, discovery: false, demo: None };
        let (wake, answered) = channel();
        let wake = Arc::new(move || {
            let _ = wake.send(());
        });
        let jobs = VaultJobs::new(setting, wake).expect("a thread");
        Self { window: hands::window(jobs), answered }
    }

    /// Goes on until this is on the screen.
    fn until(&mut self, label: &str) {
        self.until_that(label, |desk| desk.window.query_all_by_label_contains(label).next().is_some());
    }

    fn until_that(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        for _ in 0..400 {
            self.window.run_steps(1);
            if is_so(self) {
                self.window.run_steps(2);
                return;
            }
            // An answer or not: the next frame looks.
            let _ = self.answered.recv_timeout(Duration::from_millis(100));
        }
        panic!("{what} never came; on the screen: {}", self.shown().join(" | "));
    }

    /// All that is on the screen, as a screen reader would say it.
    fn shown(&self) -> Vec<String> {
        let nodes = self.window.root().children_recursive();
        let shown = nodes.map(|node| node.accesskit_node()).filter(|node| node.role() != Role::TextRun);
        shown.filter_map(|node| node.label().or_else(|| node.value())).collect()
    }

    /// Presses a button, as soon as it is there.
    fn click(&mut self, label: &str) {
        self.until_that(label, |desk| desk.window.query_by_role_and_label(Role::Button, label).is_some());
        hands::click(&mut self.window, label);
    }

    fn enter(&mut self, role: Role, label: &str, text: &str) {
        hands::type_into(&mut self.window, role, label, text);
    }

    fn press(&mut self, modifiers: Modifiers, key: Key) {
        hands::press(&mut self.window, modifiers, key);
    }

    fn secret(&mut self, label: &str, text: &str) {
        self.enter(Role::PasswordInput, label, text);
    }

    /// A new practice; its kit is written to `kit` and put off.
    fn begin_practice(&mut self, kit: &Path) {
        self.until(words::START_NEW);
        self.click(words::START_NEW);
        self.secret(words::PASSPHRASE, PASSPHRASE);
        self.secret(words::PASSPHRASE_REPEATED, PASSPHRASE);
        self.click(words::CREATE);
        self.until(words::KIT_TITLE);
        self.enter(Role::TextInput, words::KIT_FILE, &kit.display().to_string());
        self.click(words::KIT_SAVE_TEXT);
        self.until(words::KIT_SAME_DISK);
        self.click(words::LATER);
        self.click(words::TO_CLIENTS);
    }

    fn add_client(&mut self, name: &str) {
        self.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::C);
        self.enter(Role::TextInput, words::CLIENT_NAME, name);
        self.press(Modifiers::NONE, Key::Enter);
        // The page of the client before shows the same words.
        self.until_that(name, |desk| {
            let practice = desk.window.state().model().practice();
            practice.and_then(|practice| practice.timeline.as_ref()).is_some_and(|page| page.client.name == name)
        });
    }

    fn write(&mut self, text: &str) {
        self.enter(Role::MultilineTextInput, words::NOTE_LABEL, text);
        self.until("Saved ");
    }

    /// Makes one's card under a name.
    fn card(&mut self, name: &str, file: &Path) {
        self.click(words::COLLEAGUES);
        self.until(words::OWN_NAME);
        self.enter(Role::TextInput, words::OWN_NAME, name);
        self.click(words::KEEP_NAME);
        self.until(words::MAKE_CARD);
        self.enter(Role::TextInput, words::CARD_FILE, &file.display().to_string());
        self.click(words::MAKE_CARD);
        self.until(words::WRITTEN);
    }

    fn add_colleague(&mut self, card: &Path, name: &str) {
        self.enter(Role::TextInput, words::CARD_FILE, &card.display().to_string());
        self.click(words::ADD_COLLEAGUE);
        self.until(name);
    }
}

/// A practice of these clients; the last one added is on the screen.
fn begun(clients: &[&str]) -> (TempDir, Desk) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = Desk::sit_down(folder.path().join("practice.subrosa"));
    desk.begin_practice(&folder.path().join("kit.txt"));
    for name in clients {
        desk.add_client(name);
    }
    (folder, desk)
}

#[test]
fn the_recovery_kit_opens_the_practice_under_a_new_passphrase_and_the_old_one_no_longer_does() {
    let folder = tempfile::tempdir().unwrap();
    let (file, paper) = (folder.path().join("practice.subrosa"), folder.path().join("kit.txt"));
    let mut desk = Desk::sit_down(file);
    desk.begin_practice(&paper);
    desk.add_client("Aino Mäkinen");
    desk.press(Modifiers::COMMAND, Key::L);
    desk.until(words::UNLOCK_TITLE);
    desk.click(words::UNLOCK_FORGOTTEN);

    // Something that is no recovery line opens nothing, and says so.
    desk.secret(words::RECOVER_LINE, "AGE-SECRET-KEY-PQ-1QQQQQQQQ");
    desk.secret(words::PASSPHRASE_NEW, NEW_PASSPHRASE);
    desk.secret(words::PASSPHRASE_REPEATED, NEW_PASSPHRASE);
    desk.click(words::RECOVER_OPEN);
    desk.until(&words::kit_slip(KitError::Length(8)));
    assert!(desk.window.query_all_by_label_contains("Aino").next().is_none());

    // One slip: the group is named, the letters are not, and what was typed for the rest is still there.
    let page = std::fs::read_to_string(&paper).unwrap();
    let line = page.lines().find(|line| line.starts_with("AGE-SECRET-KEY-PQ-1")).expect("a line").to_owned();
    let groups = kit::groups(&line);
    let other = if groups[4].starts_with('Q') { "P" } else { "Q" };
    let slip = [&groups[1..4].concat(), other, &groups[4][1..], &groups[5..].concat()].concat();
    desk.secret(words::RECOVER_LINE, &slip);
    desk.click(words::RECOVER_OPEN);
    desk.until(&words::kit_slip(KitError::SlipIn(4)));
    assert!(desk.shown().iter().all(|shown| !shown.contains(groups[5])), "hidden in its field and quoted nowhere");

    desk.secret(words::RECOVER_LINE, &groups[1..].join(" "));
    desk.click(words::RECOVER_OPEN);
    desk.until("Aino");
    assert!(
        desk.window.state().model().typed.kit.is_empty() && desk.window.state().model().typed.passphrase.is_empty()
    );

    desk.press(Modifiers::COMMAND, Key::L);
    desk.until(words::UNLOCK_TITLE);
    desk.secret(words::PASSPHRASE, PASSPHRASE);
    desk.click(words::UNLOCK);
    desk.until("That is not the passphrase");
    desk.secret(words::PASSPHRASE, NEW_PASSPHRASE);
    desk.click(words::UNLOCK);
    desk.until("Aino");
}

#[test]
fn a_record_that_one_window_seals_the_colleague_opens_in_another_and_nobody_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut virta = Desk::sit_down(at("virta.subrosa"));
    virta.begin_practice(&at("virta-kit.txt"));
    virta.card("Dr Virta", &at("virta.card"));

    let mut laine = Desk::sit_down(at("laine.subrosa"));
    laine.begin_practice(&at("laine-kit.txt"));
    laine.card("Dr Laine", &at("laine.card"));
    laine.add_colleague(&at("virta.card"), "Dr Virta");
    laine.click(words::CLIENTS);
    laine.add_client("Aino Mäkinen");
    laine.click(words::NEW_NOTE);
    laine.until(words::UNSIGNED);
    laine.write("slept well");
    laine.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    laine.click(words::SIGN_NOW);
    laine.until(words::ADDENDUM);
    laine.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    for (label, text) in [
        (words::SEAL_PURPOSE, "Referral"),
        (words::SEAL_BASIS, "Consent of 3 May"),
        (words::SEAL_FILE, &*at("record.age").display().to_string()),
    ] {
        laine.enter(Role::TextInput, label, text);
    }
    laine.click(words::SEAL);
    laine.until(words::SEAL_DONE);

    // The colleague opens it, first without the sender's card, then with it.
    let record = at("record.age").display().to_string();
    virta.enter(Role::TextInput, words::CARD_FILE, &record);
    virta.click(words::OPEN_SEALED);
    virta.until(words::SEALED_STRANGER);
    virta.until("slept well");
    virta.click(words::CLOSE_NOTE);
    assert!(virta.window.query_all_by_label_contains("slept well").next().is_none());
    virta.add_colleague(&at("laine.card"), "Dr Laine");
    virta.enter(Role::TextInput, words::CARD_FILE, &record);
    virta.click(words::OPEN_SEALED);
    virta.until(words::SEALED_NOT_COMPARED);
    // Its files are written only where that was asked for.
    virta.press(Modifiers::NONE, Key::Escape);
    virta.click(words::WORDS_AGREE);
    virta.until(words::WORDS_COMPARED);
    virta.enter(Role::TextInput, words::CARD_FILE, &record);
    virta.click(words::OPEN_SEALED);
    virta.until(words::SEALED_KNOWN);

    // Whoever sealed it cannot open it: it was sealed for somebody else.
    laine.click(words::COLLEAGUES);
    laine.enter(Role::TextInput, words::CARD_FILE, &record);
    laine.click(words::OPEN_SEALED);
    laine.until("else");
    assert!(laine.window.query_all_by_label_contains("slept well").next().is_none());
}

impl Desk {
    fn note(&self) -> String {
        self.window.get_by_role_and_label(Role::MultilineTextInput, words::NOTE_LABEL).value().unwrap_or_default()
    }

    fn unlock(&mut self) {
        self.until(words::UNLOCK_TITLE);
        self.secret(words::PASSPHRASE, PASSPHRASE);
        self.click(words::UNLOCK);
    }

    /// A note of two steps: undo goes back from the second to the first.
    fn write_in_two_steps(&mut self) {
        self.click(words::NEW_NOTE);
        self.until(words::UNSIGNED);
        self.write("slept well");
        self.window.run_steps(90);
        self.window.get_by_role_and_label(Role::MultilineTextInput, words::NOTE_LABEL).type_text(" and long");
        self.window.run_steps(90);
        self.until("Saved ");
        assert!(self.note().contains("slept well and long"));
    }

    fn undo_until_the_second_step_is_gone(&mut self) -> bool {
        (0..4).any(|_| {
            self.press(Modifiers::COMMAND, Key::Z);
            let note = self.note();
            note.contains("slept well") && !note.contains("and long")
        })
    }
}

#[test]
fn undo_goes_back_behind_a_lock_and_behind_the_end_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("practice.subrosa");
    let mut desk = Desk::sit_down(file.clone());
    desk.begin_practice(&folder.path().join("kit.txt"));
    desk.add_client("Aino Mäkinen");
    desk.write_in_two_steps();
    desk.press(Modifiers::COMMAND, Key::L);
    desk.until(words::UNLOCK_TITLE);
    // The window that is closed while locked forgets nothing either.
    drop(desk);
    let mut desk = Desk::sit_down(file);
    desk.unlock();
    desk.until(words::NOTE_LABEL);
    assert!(desk.note().contains("slept well and long"));
    // The caret is where it was: what is typed now goes on there.
    desk.window.get_by_role_and_label(Role::MultilineTextInput, words::NOTE_LABEL).type_text("!");
    desk.window.run_steps(3);
    assert!(desk.note().contains("slept well and long!"), "{}", desk.note());
    desk.until("Saved ");
    desk.press(Modifiers::COMMAND, Key::L);
    desk.unlock();
    desk.until(words::NOTE_LABEL);
    assert!(desk.undo_until_the_second_step_is_gone(), "{}", desk.note());
    // What was undone is what is kept.
    desk.until("Saved ");
    desk.press(Modifiers::COMMAND, Key::L);
    desk.unlock();
    desk.until(words::NOTE_LABEL);
    assert!(!desk.note().contains("and long"));
}

#[test]
fn a_note_begun_on_the_wrong_client_is_moved_and_two_records_of_one_person_become_one() {
    let (_folder, mut desk) = begun(&["Björn Åkerlund", "Aino Mäkinen"]);
    desk.click(words::NEW_NOTE);
    desk.until(words::UNSIGNED);
    desk.write("slept well");
    desk.click(words::MOVE_SHORT);
    desk.enter(Role::TextInput, words::OTHER_CLIENT, "björn");
    desk.window.get_by_role_and_label(Role::Button, "Björn Åkerlund").click();
    desk.window.run_steps(3);
    desk.click(words::MOVE);
    desk.until(words::MOVED);
    desk.until(words::NOTE_LABEL);
    let selected = |desk: &Desk| {
        let practice = desk.window.state().model().practice().expect("it is open");
        (practice.selected_row().map(|row| row.name.clone()), practice.clients.rows.len())
    };
    assert_eq!(selected(&desk), (Some("Björn Åkerlund".to_owned()), 2));
    assert!(desk.note().contains("slept well"));
    desk.click(words::MERGE_SHORT);
    desk.window.get_by_role_and_label(Role::Button, "Aino Mäkinen").click();
    desk.window.run_steps(3);
    desk.click(words::MERGE);
    desk.until_that("one record", |desk| selected(desk) == (Some("Björn Åkerlund".to_owned()), 1));
    desk.press(Modifiers::COMMAND, Key::Num5);
    desk.until(words::TRASH_EMPTY);
    // All of it is whole, and the check says so; it is remembered.
    desk.press(Modifiers::COMMAND, Key::Num6);
    desk.until(words::CHECK_NEVER);
    desk.click(words::CHECK_NOW);
    desk.until(words::CHECK_WHOLE);
    desk.press(Modifiers::COMMAND, Key::L);
    desk.unlock();
    desk.until(words::TIMELINE);
    desk.click(words::SAFETY);
    desk.until(words::CHECK_WHOLE);
}

#[test]
fn a_picture_is_attached_looked_at_copied_deleted_and_taken_out_of_the_trash() {
    let (folder, mut desk) = begun(&["Aino Mäkinen"]);
    let at = |name: &str| folder.path().join(name);
    image::RgbaImage::new(40, 30).save(at("drawing.png")).unwrap();
    std::fs::create_dir(at("copies")).unwrap();
    desk.window.get_by_role_and_label(Role::Tab, words::FILES).click();
    desk.until(words::NO_FILES);
    // A folder is no file.
    desk.enter(Role::TextInput, words::FILE_TO_ATTACH, &at("copies").display().to_string());
    desk.click(words::ATTACH);
    desk.until(words::ATTACH_FOLDER);
    desk.enter(Role::TextInput, words::FILE_TO_ATTACH, &at("drawing.png").display().to_string());
    desk.click(words::ATTACH);
    desk.until("drawing.png");
    desk.until("PNG picture");
    desk.click(words::SHOW_PICTURE);
    desk.until(words::HIDE_PICTURE);
    desk.press(Modifiers::NONE, Key::Escape);
    desk.enter(Role::TextInput, words::FILE_TO_ATTACH, &at("copies").display().to_string());
    desk.click(words::SAVE_COPY);
    desk.until(words::COPIED);
    assert!(std::fs::read(at("copies/drawing.png")).unwrap() == std::fs::read(at("drawing.png")).unwrap());
    desk.click(words::DELETE_SHORT);
    desk.click(words::DELETE);
    desk.until(words::TRASHED);
    desk.click(words::TRASH);
    desk.until("File");
    desk.click(words::UNDELETE);
    desk.until(words::UNDELETED);
    desk.press(Modifiers::COMMAND, Key::Num1);
    desk.window.get_by_role_and_label(Role::Tab, words::TIMELINE).click();
    desk.window.run_steps(3);
    desk.window.get_by_role_and_label(Role::Tab, words::FILES).click();
    desk.until("drawing.png");
}

#[test]
fn what_was_deleted_comes_back_from_where_it_was_deleted_and_a_private_note_after_the_passphrase() {
    let (_folder, mut desk) = begun(&["Aino Mäkinen"]);
    let private = |desk: &Desk| {
        let page = desk.window.state().model().practice().and_then(|practice| practice.timeline.as_ref());
        page.map(|page| page.notes.iter().map(|card| card.private).collect::<Vec<_>>())
    };
    desk.click(words::NEW_NOTE);
    desk.until(words::UNSIGNED);
    desk.write("slept well");
    desk.click(words::DELETE_SHORT);
    desk.click(words::DELETE);
    desk.until(words::TRASHED);
    desk.until_that("no note", |desk| private(desk) == Some(vec![]));
    desk.click(words::UNDELETE);
    desk.until(words::UNDELETED);
    desk.until_that("the note", |desk| private(desk) == Some(vec![false]));

    // A client comes back with everything, and so does the page.
    desk.click(words::DELETE_CLIENT_SHORT);
    desk.click(words::DELETE);
    desk.until(words::TRASHED);
    desk.click(words::UNDELETE);
    desk.until(words::UNDELETED);
    desk.until_that("the client's page", |desk| private(desk) == Some(vec![false]));

    desk.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    desk.secret(words::PASSPHRASE, PASSPHRASE);
    desk.click(words::OPEN);
    desk.until(words::NOTE_LABEL);
    desk.write("what only I need");
    desk.click(words::DELETE_SHORT);
    desk.click(words::DELETE);
    desk.until(words::TRASHED);
    desk.press(Modifiers::COMMAND, Key::L);
    desk.unlock();
    desk.until(words::TIMELINE);
    desk.click(words::TRASH);
    desk.until(words::TRASH_EMPTY);
    desk.click(words::PRIVATE_NOTES_ASK);
    desk.secret(words::PASSPHRASE, NEW_PASSPHRASE);
    desk.click(words::SHOW);
    desk.until("That is not the passphrase");
    assert!(desk.window.query_by_role_and_label(Role::Button, words::UNDELETE).is_none());
    desk.secret(words::PASSPHRASE, PASSPHRASE);
    desk.click(words::SHOW);
    desk.until("Private note · Aino Mäkinen");
    assert!(desk.window.query_all_by_label_contains("what only").next().is_none(), "its words stay on its page");
    desk.click(words::UNDELETE);
    desk.until(words::UNDELETED);
    desk.until(words::TRASH_EMPTY);
    desk.press(Modifiers::COMMAND, Key::Num1);
    desk.until_that("both notes", |desk| private(desk).is_some_and(|private| private.len() == 2));
}
