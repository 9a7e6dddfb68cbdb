//! Every screen by Tab alone: in the order in which it is read, past everything that takes the keyboard, and round again.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect};
use egui_kittest::kittest::{AccessKitNode, NodeT as _, Queryable, by};
use subrosa::features::devices::values::Quarantine;
use subrosa::features::signing::messages::SigningEvent;
use subrosa::values::navigation::Screen;
use subrosa::words;
use subrosa_core::id::DeviceId;

use super::{Window, to_aino, unlock, window};
use crate::hands::{click, press, type_into};
use crate::scripted::files::letter;
use crate::scripted::kit::KIT_LINE;
use crate::scripted::mishaps::{check, removed};
use crate::scripted::{PASSPHRASE, Scripted, device, paper};

/// The rail and the list of clients end there.
const RAIL: f32 = 168.0;
const LIST: f32 = RAIL + 264.0;

/// Something that takes the keyboard.
#[derive(Clone, Debug, PartialEq)]
struct Stop {
    id: u64,
    label: String,
    rect: Rect,
}

fn takes_keys(node: &AccessKitNode<'_>) -> bool {
    let control = matches!(
        node.role(),
        Role::Button | Role::RadioButton | Role::Tab | Role::TextInput | Role::MultilineTextInput | Role::PasswordInput
    );
    control && !node.is_disabled()
}

fn stops(window: &Window, wanted: impl Fn(&AccessKitNode<'_>) -> bool) -> Vec<Stop> {
    let nodes = window.query_all(by().predicate(|node| takes_keys(node) && wanted(node)));
    let stop = |node: egui_kittest::Node<'_>| {
        let (id, label) = (node.accesskit_node().locate().0.0, node.accesskit_node().label().unwrap_or_default());
        Stop { id, label, rect: node.rect() }
    };
    nodes.map(stop).collect()
}

/// What the keyboard is on after each Tab, once round; and whether the round began in a field that takes the keyboard by itself.
fn walk(window: &mut Window, name: &str) -> (Vec<Stop>, bool) {
    window.ctx.memory_mut(|memory| {
        if let Some(id) = memory.focused() {
            memory.surrender_focus(id);
        }
    });
    window.run_steps(2);
    let by_itself = window.ctx.memory(|memory| memory.focused().is_some());
    let mut seen: Vec<Stop> = Vec::new();
    let mut nowhere = 0;
    for _ in 0..300 {
        press(window, Modifiers::NONE, Key::Tab);
        let Some(now) = stops(window, |node| node.is_focused()).pop() else {
            nowhere += 1;
            assert!(nowhere < 4, "{name}: the keyboard is nowhere after {:?}", seen.last());
            continue;
        };
        // What is further down is scrolled to, in some frames.
        let seen_now = (0..40).any(|_| {
            window.run_steps(1);
            let now = stops(window, |node| node.is_focused()).pop();
            now.is_some_and(|now| window.ctx.content_rect().intersects(now.rect))
        });
        assert!(seen_now, "{name}: {} is out of sight", now.label);
        if let Some(again) = seen.iter().position(|stop| stop.id == now.id) {
            assert_eq!(again, 0, "{name}: a trap at {}", now.label);
            return (seen, by_itself);
        }
        seen.push(now);
    }
    panic!("{name}: no end of it");
}

/// From left to right: notices, rail, list, page, what was signed, status bar.
fn pane(window: &Window, stop: &Stop) -> u8 {
    let Some(practice) = window.state().model().practice() else { return 0 };
    let alone = matches!(practice.screen, Screen::Kit | Screen::KitAgain | Screen::WhatIf) || practice.writing;
    let at = stop.rect.center();
    match () {
        () if window.state().model().overlay.is_some() => 3,
        () if stop.label == words::DISMISS => 0,
        () if [words::LOCK, words::KIT_AGAIN_NOW].contains(&stop.label.as_str()) => 5,
        () if stop.label.starts_with(words::TAKE_BACK) => 4,
        () if alone => 3,
        () if at.x < RAIL => 1,
        () if at.x < LIST && practice.screen == Screen::Clients => 2,
        () => 3,
    }
}

/// Below the other, or on the same line and to the right of it.
fn is_read_after(one: Rect, next: Rect) -> bool {
    let below = next.top() >= one.bottom() - 4.0 || next.center().y > one.center().y + one.height().min(next.height());
    let line = one.y_range().intersection(next.y_range()).span() > 0.0;
    below || (line && next.left() >= one.right() - 2.0)
}

/// Walks what is on the screen; of `before`, what lies behind an overlay, nothing is to be reached.
fn read(window: &mut Window, name: &str, before: &[Stop]) {
    let laid_out = stops(window, |_| true);
    let wanted: Vec<&Stop> = laid_out.iter().filter(|stop| before.iter().all(|other| other.id != stop.id)).collect();
    let panes: Vec<u8> = wanted.iter().map(|stop| pane(window, stop)).collect();
    let (walked, by_itself) = walk(window, name);
    for stop in &wanted {
        assert!(walked.iter().any(|seen| seen.id == stop.id), "{name}: {} is never reached", stop.label);
    }
    for seen in &walked {
        assert!(wanted.iter().any(|stop| stop.id == seen.id), "{name}: {} is behind what is shown", seen.label);
    }
    // Each as it was laid out before the walk scrolled anything, with its pane.
    let laid_out = |seen: &Stop| wanted.iter().zip(&panes).find(|(stop, _)| stop.id == seen.id);
    let mut round: Vec<(&Stop, u8)> = walked.iter().filter_map(laid_out).map(|(stop, pane)| (*stop, *pane)).collect();
    if by_itself {
        // The round is the same wherever it begins.
        let first =
            |(_, (stop, pane)): &(usize, &(&Stop, u8))| (*pane, wanted.iter().position(|one| one.id == stop.id));
        let first = round.iter().enumerate().min_by_key(first).map(|(at, _)| at);
        round.rotate_left(first.unwrap_or(0));
    }
    for ((one, pane), (next, other)) in round.iter().zip(round.iter().skip(1)) {
        let ordered = match pane.cmp(other) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Equal => is_read_after(one.rect, next.rect),
            std::cmp::Ordering::Greater => false,
        };
        assert!(ordered, "{name}: {} {:?} comes before {} {:?}", one.label, one.rect, next.label, next.rect);
    }
}

fn radio(window: &mut Window, role: Role, label: &str) {
    window.get_by_role_and_label(role, label).click();
    window.run_steps(3);
}

/// A practice in which every screen has something on it.
fn full() -> Window {
    let mut script = Scripted::with_clients(&["Aino Mäkinen", "Björn Åkerlund", "Céline Dubois"]);
    script.merged = script.clients.iter().take(1).map(|row| (row.id, "A. Makinen".to_owned())).collect();
    script.check = Some(check());
    script.devices.push(device("Laptop", false, Some(3)));
    script.removed = vec![removed(DeviceId([8; 16]), "Tablet", Some(Quarantine { notes: 2, others: 1, behind: 0 }))];
    script.files = vec![letter("referral.pdf", false), letter("dream.pdf", true)];
    script.warning = Some("A cloud service copies this folder".to_owned());
    script.paper = Some(paper(Some(5), false));
    unlock(script)
}

#[test]
fn the_windows_before_a_practice_are_walked_as_they_are_read() {
    for step in [words::START_NEW, words::START_JOIN, words::START_RESTORE] {
        let mut first = window(Scripted::empty());
        read(&mut first, "welcome", &[]);
        click(&mut first, step);
        read(&mut first, step, &[]);
    }
    let mut made = window(Scripted::empty());
    click(&mut made, words::START_NEW);
    type_into(&mut made, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    type_into(&mut made, Role::PasswordInput, words::PASSPHRASE_REPEATED, PASSPHRASE);
    click(&mut made, words::CREATE);
    read(&mut made, "kit", &[]);
    click(&mut made, words::LATER);
    read(&mut made, "what if", &[]);
    click(&mut made, words::TO_CLIENTS);
    read(&mut made, "no clients", &[]);
}

#[test]
fn the_locked_window_and_the_kit_that_comes_first_are_walked_as_they_are_read() {
    let mut locked = window(Scripted::with_clients(&["Aino Mäkinen"]));
    type_into(&mut locked, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    read(&mut locked, "locked", &[]);
    click(&mut locked, words::UNLOCK_FORGOTTEN);
    read(&mut locked, "recover", &[]);
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.damaged = true;
    let mut damaged = unlock(script);
    read(&mut damaged, "damaged", &[]);
    for way in [words::REPAIR_FROM_BACKUP, words::RESTORE_INSTEAD] {
        click(&mut damaged, way);
        read(&mut damaged, way, &[]);
        press(&mut damaged, Modifiers::NONE, Key::Escape);
    }
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    script.paper = Some(paper(Some(0), true));
    let mut due = unlock(script);
    read(&mut due, "kit that is due", &[]);
}

#[test]
fn the_page_of_a_client_is_walked_as_it_is_read() {
    let mut window = full();
    read(&mut window, "clients", &[]);
    to_aino(&mut window);
    read(&mut window, "timeline", &[]);
    click(&mut window, "14 November, signed 15:03");
    read(&mut window, "signed note", &[]);
    click(&mut window, "21 November, unsigned");
    read(&mut window, "unsigned note", &[]);
    press(&mut window, Modifiers::NONE, Key::F11);
    read(&mut window, "only the note", &[]);
    press(&mut window, Modifiers::NONE, Key::F11);
    click(&mut window, words::HISTORY);
    read(&mut window, "history", &[]);
    press(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    click(&mut window, words::SIGN_NOW);
    read(&mut window, "signature that can be taken back", &[]);
    let note = window.state().model().practice().unwrap().signing.waiting[0].pending.note;
    window.state_mut().jobs().say(SigningEvent::Signed(note));
    window.run_steps(4);
    for tab in [words::PARTICULARS_TAB, words::MEASURES, words::FILES] {
        radio(&mut window, Role::Tab, tab);
        read(&mut window, tab, &[]);
    }
}

#[test]
fn every_place_of_the_rail_is_walked_as_it_is_read() {
    let mut window = full();
    to_aino(&mut window);
    click(&mut window, "21 November, unsigned");
    click(&mut window, words::DELETE_SHORT);
    click(&mut window, words::DELETE);
    for place in [
        words::SEARCH,
        words::DEVICES,
        words::COLLEAGUES,
        words::SAFETY,
        words::IMPORT_EXPORT,
        words::TRASH,
        words::SETTINGS,
    ] {
        click(&mut window, place);
        read(&mut window, place, &[]);
    }
    click(&mut window, words::SEARCH);
    type_into(&mut window, Role::TextInput, words::SEARCH_NOTES, "Sleep");
    read(&mut window, "found", &[]);
    click(&mut window, words::DEVICES);
    click(&mut window, words::INVITE);
    read(&mut window, "inviting", &[]);
    window.state_mut().jobs().removed.iter_mut().for_each(|row| row.this = true);
    click(&mut window, words::DEVICES);
    read(&mut window, "removed here", &[]);
    click(&mut window, words::SAFETY);
    click(&mut window, words::RESTORE_ASK);
    read(&mut window, "restore", &[]);
    type_into(&mut window, Role::TextInput, words::RESTORE_FILE, "/stick/practice.age");
    type_into(&mut window, Role::PasswordInput, words::RECOVER_LINE, KIT_LINE);
    click(&mut window, words::RESTORE_OPEN);
    read(&mut window, "inside a backup", &[]);
    let (name, row) = ("Aino Mäkinen", Role::Button);
    window.get_by_role_and_label(row, name).click();
    window.run_steps(3);
    read(&mut window, "a client of the backup", &[]);
}

#[test]
fn what_lies_over_a_screen_keeps_the_keyboard_and_is_walked_as_it_is_read() {
    let mut window = full();
    to_aino(&mut window);
    click(&mut window, "21 November, unsigned");
    let shortcuts = [
        ("palette", Modifiers::COMMAND, Key::K),
        ("a client", Modifiers::COMMAND | Modifiers::SHIFT, Key::C),
        ("sign", Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter),
        ("private", Modifiers::COMMAND | Modifiers::SHIFT, Key::P),
        ("export", Modifiers::COMMAND | Modifiers::SHIFT, Key::E),
        ("seal", Modifiers::COMMAND | Modifiers::SHIFT, Key::S),
    ];
    let behind = stops(&window, |_| true);
    for (name, modifiers, key) in shortcuts {
        press(&mut window, modifiers, key);
        read(&mut window, name, &behind);
        press(&mut window, Modifiers::NONE, Key::Escape);
    }
    for button in
        [words::MERGE_SHORT, words::MOVE_SHORT, words::UNMERGE_SHORT, words::DELETE_SHORT, words::DELETE_CLIENT_SHORT]
    {
        click(&mut window, button);
        read(&mut window, button, &behind);
        press(&mut window, Modifiers::NONE, Key::Escape);
    }
}

#[test]
fn the_questions_about_a_device_keep_the_keyboard_and_are_walked_as_they_are_read() {
    let mut window = full();
    click(&mut window, words::DEVICES);
    let behind = stops(&window, |_| true);
    for button in [words::remove_named("Laptop"), words::discard_named("Tablet")] {
        click(&mut window, &button);
        if window.query_by_role_and_label(Role::PasswordInput, words::PASSPHRASE).is_some() {
            type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
        }
        read(&mut window, &button, &behind);
        press(&mut window, Modifiers::NONE, Key::Escape);
    }
}

#[test]
fn a_new_recovery_kit_is_walked_as_it_is_read() {
    let mut window = full();
    click(&mut window, words::SAFETY);
    let behind = stops(&window, |_| true);
    click(&mut window, words::NEW_KIT);
    window.run_steps(4);
    type_into(&mut window, Role::PasswordInput, words::PASSPHRASE, PASSPHRASE);
    read(&mut window, "asking for a new kit", &behind);
    click(&mut window, words::NEW_KIT_SHOW);
    read(&mut window, "the new kit", &[]);
}

#[test]
fn the_walk_finds_an_order_that_is_none_and_a_control_that_is_left_out() {
    let at = |left: f32, top: f32| Rect::from_min_size(egui::pos2(left, top), egui::vec2(80.0, 34.0));
    assert!(is_read_after(at(0.0, 0.0), at(88.0, 0.0)) && is_read_after(at(88.0, 0.0), at(0.0, 42.0)));
    assert!(!is_read_after(at(88.0, 0.0), at(0.0, 0.0)) && !is_read_after(at(0.0, 42.0), at(88.0, 0.0)));
}
