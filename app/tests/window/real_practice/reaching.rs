//! How a device is reached, as it is chosen at its window.

use std::net::UdpSocket;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use subrosa::words;

use super::{Desk, begun, hands};

fn fill(desk: &mut Desk, label: &str, text: &str) {
    hands::into_view(&mut desk.window, Role::TextInput, label);
    desk.enter(Role::TextInput, label, text);
}

fn press(desk: &mut Desk, label: &str) {
    hands::into_view(&mut desk.window, Role::Button, label);
    desk.click(label);
}

#[test]
fn a_device_listens_at_the_port_that_was_chosen_and_a_certificate_that_is_none_changes_nothing() {
    let (folder, mut desk) = begun(&["Aino Mäkinen"]);
    desk.press(Modifiers::COMMAND, Key::Num2);
    desk.until(words::REACH_HERE);
    let free = UdpSocket::bind(("0.0.0.0", 0)).unwrap().local_addr().unwrap().port();
    fill(&mut desk, words::PORT, &free.to_string());
    press(&mut desk, words::PORT_USE);
    let here = |desk: &Desk| desk.window.state().model().practice().unwrap().devices.reach.here.clone();
    desk.until_that("the port", |desk| here(desk).contains(&format!(":{free}")));
    assert!(desk.window.state().model().typed.reach.port.is_empty(), "what was typed is done with");

    let missing = folder.path().join("relay.pem").display().to_string();
    fill(&mut desk, words::RELAY_URL, "https://relay.example.org");
    fill(&mut desk, words::CERTIFICATE, &missing);
    press(&mut desk, words::RELAY_USE);
    desk.until(words::NO_CERTIFICATE);
    let model = desk.window.state().model();
    assert_eq!(model.typed.reach.certificate, missing, "what was typed stays");
    assert!(model.practice().unwrap().devices.reach.relay.is_none());
}
