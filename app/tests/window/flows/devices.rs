//! How far the other devices are, as the window says it: in the status bar, at the note, and device by device.

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use subrosa::features::devices::messages::DevicesEvent;
use subrosa::features::devices::values::{DeviceRow, LackCount, MetThrough, NoteCopies, Unused};
use subrosa::messages::{Command, Event};
use subrosa::values::note_ref::NoteRef;
use subrosa::words;

use super::{Window, to_aino, unlock};
use crate::hands::{click, type_into};
use crate::scripted::{Scripted, device};

fn said(window: &Window, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

fn laptop(change: impl Fn(&mut DeviceRow)) -> Scripted {
    let mut script = Scripted::with_clients(&["Aino Mäkinen"]);
    let mut row = device("Laptop", false, Some(0));
    change(&mut row);
    script.devices.push(row);
    script
}

fn at_devices(script: Scripted) -> Window {
    let mut window = unlock(script);
    click(&mut window, words::DEVICES);
    window
}

#[test]
fn each_device_says_what_it_lacks_when_it_had_everything_and_through_what_it_was_met() {
    let window = at_devices(laptop(|row| row.lacks = LackCount { notes: 3, files: 1, ..LackCount::default() }));
    assert!(said(&window, "lacks 3 notes and 1 file"));
    assert!(said(&window, "last seen 09:10 on the same network · last had everything 20 Nov, 18:00"));
    assert!(said(&window, "on 1 of 2 devices"));
    window.check_accessibility();
    for (through, words) in [
        (MetThrough::Address, "last seen 09:10 at an address"),
        (MetThrough::Relay, "last seen 09:10 through a relay"),
        (MetThrough::Folder, "last seen 09:10 through a sync folder"),
    ] {
        let window = at_devices(laptop(|row| (row.through, row.had_all) = (Some(through), None)));
        assert!(said(&window, words) && said(&window, words::NEVER_HAD_ALL));
        assert!(said(&window, words::HAS_ALL) && said(&window, "on 2 of 2 devices"));
        assert!(!said(&window, words::SHOW_LACKED), "there is nothing to show");
    }
}

#[test]
fn what_a_device_lacks_is_named_when_it_is_asked_for_and_veiled_in_discreet_mode() {
    let mut window = at_devices(laptop(|row| row.lacks.notes = 3));
    assert!(!said(&window, "Aino Mäkinen, Today"));
    click(&mut window, &words::lacked_named(words::SHOW_LACKED, "Laptop"));
    assert!(said(&window, "Aino Mäkinen, Today") && said(&window, &words::lacked_more(2)));
    window.check_accessibility();
    window.state_mut().ask(Command::Discreet);
    window.run_steps(3);
    assert!(!said(&window, "Aino") && said(&window, &words::lacked_more(2)));
    click(&mut window, &words::lacked_named(words::HIDE_LACKED, "Laptop"));
    assert!(!said(&window, &words::lacked_more(2)));
}

#[test]
fn a_device_that_never_joined_or_was_not_seen_for_long_is_offered_for_removal_and_no_other() {
    for (unused, sentence) in
        [(Some(Unused::NeverJoined), words::NEVER_JOINED), (Some(Unused::NotSeen), words::NOT_SEEN), (None, "")]
    {
        let window = at_devices(laptop(|row| row.unused = unused));
        for known in [words::NEVER_JOINED, words::NOT_SEEN] {
            assert_eq!(said(&window, known), known == sentence, "{unused:?}");
        }
        assert!(window.query_by_role_and_label(Role::Button, &words::remove_named("Laptop")).is_some());
    }
}

#[test]
fn a_note_says_on_how_many_devices_it_is_and_here_only_from_the_first_letter() {
    let mut window = unlock(laptop(|_| {}));
    to_aino(&mut window);
    click(&mut window, words::NEW_NOTE);
    let note = window.state().model().practice().and_then(|practice| practice.notes.editor.as_ref()).map(|it| it.id());
    let tell = |window: &mut Window, note: Option<NoteRef>, on: usize| {
        let copies = NoteCopies { note: note.unwrap(), on, of: 2 };
        window.state_mut().jobs().say(Event::Devices(DevicesEvent::NoteIsOn(copies)));
        window.run_steps(3);
    };
    assert!(!said(&window, "This note is on"), "nothing is known of it");
    tell(&mut window, note, 1);
    assert!(said(&window, "This note is on 1 of 2 devices"));
    tell(&mut window, note, 2);
    assert!(said(&window, "This note is on 2 of 2 devices"));
    // What is typed and cannot be saved is nowhere else.
    window.state_mut().jobs().full = true;
    type_into(&mut window, Role::MultilineTextInput, words::NOTE_LABEL, "slept");
    window.run_steps(8);
    assert!(said(&window, "This note is on 1 of 2 devices") && !said(&window, "on 2 of 2 devices"));
    window.check_accessibility();
}
