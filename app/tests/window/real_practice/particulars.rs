//! A client's particulars, changed at the window.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable};
use subrosa::words;

use super::{Desk, begun};

fn to_particulars(desk: &mut Desk) {
    let tab = words::PARTICULARS_TAB;
    desk.until_that(tab, |desk| desk.window.query_by_role_and_label(Role::Tab, tab).is_some());
    desk.window.get_by_role_and_label(Role::Tab, tab).click();
    desk.until(words::PARTICULARS_VERSIONS);
}

/// What stands in a field of the selected client, as it is shown.
fn shown(desk: &Desk, label: &str) -> String {
    desk.window.get_by_role_and_label(Role::TextInput, label).value().unwrap_or_default()
}

#[test]
fn each_particular_is_typed_saved_and_there_after_locking_and_how_it_came_about_stands_below() {
    let (_folder, mut desk) = begun(&["Aino Mäkinen"]);
    to_particulars(&mut desk);
    assert_eq!(
        (shown(&desk, words::PARTICULAR_NAME), shown(&desk, words::PARTICULAR_STATUS)),
        ("Aino Mäkinen".into(), "active".into())
    );
    let typed = [
        (words::PARTICULAR_CODE, "A-1"),
        (words::PARTICULAR_BIRTH_DATE, "1986-04-03"),
        (words::PARTICULAR_PHONE, "+358 40 123"),
        (words::PARTICULAR_EMAIL, "aino@example.org"),
        (words::PARTICULAR_LANGUAGE, "fi"),
        (words::PARTICULAR_REFERRAL, "Sleep"),
    ];
    for (label, text) in typed {
        desk.enter(Role::TextInput, label, text);
    }
    desk.click(words::PARTICULARS_SAVE);
    desk.until(words::PARTICULARS_SAVED);
    desk.until(&words::field_changed(words::PARTICULAR_PHONE, words::NOT_GIVEN, "+358 40 123"));
    desk.press(Modifiers::COMMAND, Key::L);
    desk.unlock();
    desk.until("Aino");
    to_particulars(&mut desk);
    for (label, text) in typed {
        assert_eq!(shown(&desk, label), text);
    }
}

#[test]
fn a_day_that_is_none_and_an_empty_name_are_not_saved_and_what_was_there_is_put_back() {
    let (_folder, mut desk) = begun(&["Aino Mäkinen"]);
    to_particulars(&mut desk);
    desk.enter(Role::TextInput, words::PARTICULAR_BIRTH_DATE, "3.4.1986");
    desk.until(words::NO_BIRTH_DATE);
    assert!(desk.window.get_by_role_and_label(Role::Button, words::PARTICULARS_SAVE).accesskit_node().is_disabled());
    desk.click(words::PARTICULARS_RESET);
    assert_eq!(shown(&desk, words::PARTICULAR_BIRTH_DATE), "");
    let name = desk.window.get_by_role_and_label(Role::TextInput, words::PARTICULAR_NAME);
    name.focus();
    desk.window.run_steps(2);
    desk.press(Modifiers::COMMAND, Key::A);
    desk.press(Modifiers::NONE, Key::Delete);
    desk.until(words::NO_NAME);
    assert!(desk.window.get_by_role_and_label(Role::Button, words::PARTICULARS_SAVE).accesskit_node().is_disabled());
    // Leaving saves what can be saved, and of these nothing: it waits where it was typed.
    desk.press(Modifiers::COMMAND, Key::L);
    desk.unlock();
    desk.until("Aino Mäkinen");
    desk.until(words::PARTICULARS_NOT_SAVED);
    to_particulars(&mut desk);
    assert_eq!(shown(&desk, words::PARTICULAR_NAME), "");
    desk.click(words::PARTICULARS_RESET);
    desk.until(words::ALL_SAVED);
}

#[test]
fn what_was_typed_is_saved_when_the_page_is_left_and_a_code_is_one_clients() {
    let (_folder, mut desk) = begun(&[]);
    for name in ["Björn Åkerlund", "Aino Mäkinen"] {
        desk.add_client(name);
        to_particulars(&mut desk);
        desk.enter(Role::TextInput, words::PARTICULAR_CODE, "A-1");
        desk.press(Modifiers::COMMAND, Key::L);
        desk.unlock();
        desk.until(name);
    }
    // The second was refused, and waited over the lock where it was typed.
    desk.until(words::PARTICULARS_NOT_SAVED);
    to_particulars(&mut desk);
    assert_eq!(shown(&desk, words::PARTICULAR_CODE), "A-1");
    desk.click(words::PARTICULARS_SAVE);
    desk.until("Another client has this code already");
    assert_eq!(shown(&desk, words::PARTICULAR_CODE), "A-1", "what was typed stays where it was typed");
}

#[test]
fn what_could_not_be_saved_is_in_its_clients_form_again_and_nothing_of_it_in_anothers() {
    let (_folder, mut desk) = begun(&["Björn Åkerlund", "Aino Mäkinen"]);
    to_particulars(&mut desk);
    desk.enter(Role::TextInput, words::PARTICULAR_PHONE, "040 1");
    desk.enter(Role::TextInput, words::PARTICULAR_BIRTH_DATE, "3.4.");
    desk.press(Modifiers::COMMAND, Key::ArrowDown);
    desk.until_that("the other form", |desk| {
        let practice = desk.window.state().model().practice().unwrap();
        practice.clients.particulars.as_ref().is_some_and(|shown| shown.identity.name == "Björn Åkerlund")
    });
    assert_eq!(shown(&desk, words::PARTICULAR_PHONE), "");
    desk.until(&words::particulars_not_saved("Aino Mäkinen"));
    desk.window.get_by_role_and_label(Role::TextInput, words::PARTICULAR_PHONE).focus();
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(shown(&desk, words::PARTICULAR_PHONE), "", "undo is each client's own");
    desk.press(Modifiers::COMMAND, Key::ArrowUp);
    desk.until(words::NO_BIRTH_DATE);
    assert_eq!(
        (shown(&desk, words::PARTICULAR_PHONE), shown(&desk, words::PARTICULAR_BIRTH_DATE)),
        ("040 1".into(), "3.4.".into())
    );
}
