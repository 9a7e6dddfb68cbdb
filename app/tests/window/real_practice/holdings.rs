//! The window of a device while another one comes and goes: what it says of where a note is holds at each step.

use std::path::Path;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use subrosa::bridge::{Network, Shared, Syncing, address_from_text, system_clock};
use subrosa::practice::Profile;
use subrosa::words;

use super::removal::{let_in, opened};
use super::{Desk, hands};

const EVERYWHERE: &str = "on 2 of 2 devices";
const HERE: &str = "on 1 of 2 devices";

/// The tablet is unlocked and stays connected with the desk, until it is dropped.
fn tablet(file: &Path, desk: &Desk) -> (Shared, Syncing) {
    let here = desk.window.state().model().practice().map(|practice| practice.devices.reach.here.clone());
    let vault = Shared::new(opened(file));
    let bind = Some(([127, 0, 0, 1], 0).into());
    let network = Network { bind, local: false, clock: system_clock(), policy: Profile::Tests.policy() };
    let syncing = Syncing::start(&vault, &network, |_| {}).expect("a network");
    let mut address = address_from_text(&here.expect("a practice")).expect("an address");
    // Both are on this machine, wherever else the desk can be reached.
    let ports: Vec<u16> = address.direct.iter().map(|at| at.port()).collect();
    address.direct = ports.into_iter().map(|port| ([127, 0, 0, 1], port).into()).collect();
    syncing.connect(address).expect("it is dialled");
    (vault, syncing)
}

#[test]
fn the_status_bar_says_here_only_with_the_save_and_everywhere_only_once_the_other_device_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let (file, other) = (folder.path().join("practice.subrosa"), folder.path().join("tablet.subrosa"));
    let mut desk = Desk::sit_down(file.clone());
    desk.begin_practice(&folder.path().join("kit.txt"));
    desk.add_client("Aino Mäkinen");
    drop(desk);
    let_in(&file, &other);

    let mut desk = Desk::sit_down(file);
    desk.unlock();
    desk.until(HERE);
    desk.press(Modifiers::COMMAND, Key::Num2);
    desk.until(words::REACH_HERE);
    desk.until(words::NEVER_SEEN);
    let (vault, syncing) = tablet(&other, &desk);
    desk.until(EVERYWHERE);
    desk.until("on the same network");
    syncing.stop();
    vault.take().expect("the tablet's practice").lock().expect("locked");

    // The tablet is away: with the save, and as long as it is away, the bar says so.
    desk.press(Modifiers::COMMAND, Key::Num1);
    desk.window.get_by_label_contains("Aino Mäkinen").click();
    desk.until(words::NO_NOTES);
    desk.press(Modifiers::COMMAND, Key::N);
    desk.until_that("a note", |desk| desk.window.query_by_role(Role::MultilineTextInput).is_some());
    desk.until("This note is on 1 of 2 devices");
    hands::type_into(&mut desk.window, Role::MultilineTextInput, words::NOTE_LABEL, "slept well");
    let mut saved = false;
    for _ in 0..60 {
        desk.window.run_steps(1);
        let shown = desk.shown();
        saved |= shown.iter().any(|shown| shown.starts_with("Saved "));
        assert!(!shown.iter().any(|shown| shown.contains(EVERYWHERE)), "{}", shown.join(" | "));
        let _ = desk.answered.recv_timeout(Duration::from_millis(50));
    }
    assert!(saved, "{}", desk.shown().join(" | "));
    desk.press(Modifiers::COMMAND, Key::Num2);
    desk.until("lacks 1 note");
    desk.click(&words::lacked_named(words::SHOW_LACKED, "Tablet"));
    desk.until("Aino Mäkinen, ");

    // It comes back, and has it.
    let (vault, syncing) = tablet(&other, &desk);
    desk.until(EVERYWHERE);
    desk.until(words::HAS_ALL);
    syncing.stop();
    let tablet = vault.take().expect("the tablet's practice");
    assert_eq!(tablet.clients().all().map(|row| row.notes).sum::<u32>(), 1);
    tablet.lock().expect("locked");
    drop(desk);
}
