//! Every widget in every state, or the whole window over a scripted practice, to be looked at.
//!
//! `cargo run --example gallery` shows the widgets; `-- window` the window. Further words: `light`, `dark`, `damaged`,
//! `removed`, and a number of clients.

#[expect(dead_code, reason = "shared with the tests, which use the rest")]
#[path = "../tests/script/scripted.rs"]
mod scripted;

use egui::Ui;
use scripted::Scripted;
use subrosa::features::devices::values::Quarantine;
use subrosa::ui::app::{SubrosaApp, options};
use subrosa::ui::theme::{face, space, tokens};
use subrosa::ui::{theme, widgets};
use subrosa::values::job::Progress;
use subrosa::values::secret::Secret;
use subrosa::values::settings::{Settings, Theme};
use subrosa::{view_model, words};
use subrosa_core::id::DeviceId;

/// Names that are long, or written in other scripts.
const NAMES: [&str; 10] = [
    "Aino Mäkinen",
    "Björn Åkerlund",
    "Ирина Иванова",
    "الهاشمي علي",
    "佐藤 明美",
    "נועה כהן",
    "Mary-Jane O’Neil",
    "Søren Østergård",
    "Zoë García-López",
    "Wolfeschlegelsteinhausenbergerdorff, Hubert Blaine senior",
];

/// The same for devices.
const DEVICES: [&str; 2] =
    ["診療室のノートパソコン", "Työhuoneen kannettava tietokone, se harmaa, joka on aina laatikossa ikkunan alla"];

fn main() -> eframe::Result {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| words.iter().any(|given| given == word);
    let look = if has("dark") { Theme::Dark } else { Theme::Light };
    let clients = words.iter().find_map(|word| word.parse().ok()).unwrap_or(NAMES.len());
    let (window, damaged, removed) = (has("window"), has("damaged"), has("removed"));
    eframe::run_native(
        words::NAME,
        options(),
        Box::new(move |cc| {
            if window {
                return Ok(Box::new(SubrosaApp::new(&cc.egui_ctx, practice(clients, look, damaged, removed))));
            }
            theme::install(&cc.egui_ctx);
            cc.egui_ctx.set_theme(if look == Theme::Dark { egui::Theme::Dark } else { egui::Theme::Light });
            Ok(Box::new(Gallery::default()))
        }),
    )
}

fn practice(clients: usize, theme: Theme, damaged: bool, removed: bool) -> Scripted {
    let numbered: Vec<String> =
        (NAMES.len()..clients.max(NAMES.len())).map(|number| format!("Client {number}")).collect();
    let names = NAMES.into_iter().chain(numbered.iter().map(String::as_str)).take(clients);
    let mut script = if clients == 0 { Scripted::empty() } else { Scripted::with_clients(&names.collect::<Vec<_>>()) };
    script.settings = Settings { theme, ..Settings::default() };
    script.damaged = damaged;
    script.devices = vec![scripted::device("Laptop", true, None), scripted::device("Office PC", false, Some(3))];
    script.devices.extend(DEVICES.map(|name| scripted::device(name, false, Some(0))));
    script.devices.iter_mut().skip(1).take(1).for_each(|row| row.elder = true);
    let apart = Some(Quarantine { notes: 2, others: 1, behind: 36 });
    script.removed = vec![
        scripted::mishaps::removed(DeviceId([8; 16]), DEVICES[0], apart),
        scripted::mishaps::removed(DeviceId([9; 16]), "Tablet", None),
    ];
    script.removed.iter_mut().take(1).for_each(|row| row.this = removed);
    script
}

#[derive(Default)]
struct Gallery {
    text: String,
    secret: Secret,
    note: String,
}

impl eframe::App for Gallery {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let fill = egui::Frame::new().fill(tokens(ui).page).inner_margin(egui::Margin::same(24));
        egui::CentralPanel::default().frame(fill).show(ui, |ui| {
            egui::ScrollArea::vertical().show(ui, |ui| {
                ui.columns(2, |columns| {
                    if let [left, right] = columns {
                        self.controls(left);
                        self.texts(right);
                    }
                });
            });
        });
    }
}

impl Gallery {
    fn controls(&mut self, ui: &mut Ui) {
        widgets::title(ui, "Gallery", "Buttons, fields and rows, each in each of its states.");
        ui.horizontal(|ui| {
            widgets::filled(ui, words::SIGN, true);
            widgets::outlined(ui, words::NEW_NOTE, true);
            widgets::quiet(ui, words::CANCEL);
        });
        ui.horizontal(|ui| {
            widgets::filled(ui, "Sign, disabled", false);
            widgets::outlined(ui, "New note, disabled", false);
        });
        widgets::field(ui, "text", words::CLIENT_NAME, words::SEAL_PURPOSE_HINT, &mut self.text, false);
        widgets::secret(ui, "secret", words::PASSPHRASE, &mut self.secret, false);
        for passphrase in ["", "hunter2", "password1234", "lantern gravel oboe thicket"] {
            widgets::strength(ui, &view_model::strength(passphrase));
        }
        for (name, mark, selected) in [
            ("Aino Mäkinen", Some(words::UNSIGNED), true),
            ("Björn Åkerlund", None, false),
            (NAMES[9], Some(words::UNSIGNED), false),
        ] {
            widgets::client(ui, &widgets::Client { name, line: "19 Nov · session 6", mark, selected });
        }
        ui.horizontal(|ui| {
            widgets::tab(ui, words::TIMELINE, true);
            widgets::tab(ui, words::MEASURES, false);
            widgets::choice(ui, "SOAP", true);
            widgets::choice(ui, "DAP", false);
        });
    }

    fn texts(&mut self, ui: &mut Ui) {
        let refusal = words::refusal(subrosa::features::opening::values::Refusal::WrongPassphrase);
        widgets::trouble(ui, Some(&refusal));
        widgets::progress(ui, words::IMPORTING, Progress { done: 30, total: 100 });
        widgets::progress(ui, words::UNLOCKING, Progress::default());
        widgets::empty(ui, words::NO_CLIENTS, words::NO_CLIENTS_MORE);
        widgets::card(ui, |ui| {
            widgets::editor(ui, egui::Id::unique("gallery"), &mut self.note, None, false);
            ui.add_space(space::MEDIUM);
            widgets::reading(ui, "## Plan\n- Keep the **sleep diary**\n1. One thing\n\nAnd a sentence.");
        });
        for (name, font) in
            [("Title", face::title()), ("Pane", face::pane()), ("Note", face::note()), ("Hint", face::hint())]
        {
            let ink = tokens(ui).ink;
            widgets::say(ui, name, font, ink);
        }
    }
}
