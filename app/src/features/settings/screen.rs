//! Settings of this device, and changing its passphrase.

use egui::{ScrollArea, Ui};

use crate::features::settings::messages::SettingsCommand;
use crate::messages::Command;
use crate::model::{Done, Practice};
use crate::ui::answer::answer;
use crate::ui::passphrase::choose_passphrase;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets;
use crate::values::job::Job;
use crate::values::navigation::{Field, Overlay, Screen};
use crate::values::settings::{AUTO_LOCK_MINUTES, ListNames, Settings, TextSize, Theme};
use crate::view_model::may_choose;
use crate::words;

/// Draws the settings.
pub(crate) fn show(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let now = stage.model.settings;
    widgets::title(ui, words::SETTINGS, "");
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Settings]));
    keys_are_new(ui, stage, practice);
    choices(
        ui,
        stage,
        words::LOOK,
        Theme::ALL.map(|theme| (words::theme(theme).to_owned(), Settings { theme, ..now })),
    );
    let sizes = TextSize::ALL.map(|text_size| (words::text_size(text_size).to_owned(), Settings { text_size, ..now }));
    choices(ui, stage, words::TEXT_SIZE, sizes);
    let minutes = AUTO_LOCK_MINUTES
        .map(|auto_lock_minutes| (words::minutes(auto_lock_minutes), Settings { auto_lock_minutes, ..now }));
    choices(ui, stage, words::AUTO_LOCK, minutes);
    let names =
        ListNames::ALL.map(|list_names| (words::list_names(list_names).to_owned(), Settings { list_names, ..now }));
    choices(ui, stage, words::LIST_NAMES, names);
    widgets::wrap(ui, words::LIST_NAMES_MORE, face::hint(), tokens(ui).soft);
    ui.add_space(space::SECTION);
    ui.scope(|ui| {
        ui.set_max_width(size::FORM);
        passphrase(ui, stage, practice);
    });
    ui.add_space(space::SECTION);
    let what_if = widgets::quiet(ui, words::WHAT_IF);
    stage.ask_if(what_if, Command::Go(Screen::WhatIf));
}

/// All keys were made new, and what comes next.
fn keys_are_new(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    if !practice.has_done(Job::NewKeys, &Done::KeysNew) {
        return;
    }
    widgets::wrap(ui, words::KEYS_ARE_NEW, face::strong(), tokens(ui).accent);
    widgets::wrap(ui, words::KEYS_ARE_NEW_NEXT, face::text(), tokens(ui).ink);
    let kit = widgets::outlined(ui, words::NEW_KIT, true);
    stage.ask_if(kit, Command::Open(Overlay::NewKit));
    ui.add_space(space::SECTION);
}

/// One setting: its name, and what it can be.
fn choices<const N: usize>(ui: &mut Ui, stage: &mut Stage<'_>, name: &str, offered: [(String, Settings); N]) {
    widgets::say(ui, name, face::strong(), tokens(ui).ink);
    ui.horizontal_wrapped(|ui| {
        for (words, settings) in offered {
            let chosen = widgets::choice(ui, &words, settings == stage.model.settings);
            stage.ask_if(chosen, SettingsCommand::Set(settings));
        }
    });
    ui.add_space(space::MEDIUM);
}

fn passphrase(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    widgets::wrap(ui, words::CHANGE_PASSPHRASE, face::pane(), t.accent);
    widgets::wrap(ui, words::CHANGE_PASSPHRASE_MORE, face::small(), t.soft);
    ui.add_space(space::SMALL);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::Passphrase]));
    if let Some((Job::Passphrase, Done::PassphraseChanged(others))) = &practice.done {
        if others.is_empty() {
            widgets::wrap(ui, words::PASSPHRASE_CHANGED, face::text(), t.accent);
        } else {
            widgets::wrap(ui, &words::old_passphrase_on(others), face::text(), t.needs_you);
        }
    }
    if let Some(progress) = stage.model.progress(Job::Passphrase) {
        return widgets::progress(ui, words::STARTING, progress);
    }
    widgets::secret(ui, "current", words::PASSPHRASE_CURRENT, &mut stage.typed.current, false);
    let entered = choose_passphrase(ui, stage, words::PASSPHRASE_NEW);
    let ready = may_choose(stage.typed) && !stage.typed.current.is_empty();
    let pressed = widgets::outlined(ui, words::CHANGE_PASSPHRASE, ready);
    stage.ask_if(entered || pressed, SettingsCommand::ChangePassphrase);
    ui.add_space(space::MEDIUM);
    widgets::wrap(ui, words::OLD_COPIES, face::small(), t.soft);
    if practice.removed_here().is_none() {
        let new_keys = widgets::quiet(ui, words::NEW_KEYS_ASK);
        stage.ask_if(new_keys, Command::Open(Overlay::NewKeys));
    }
}

/// Make all keys new? What happens, what it helps, what follows, and the passphrase.
pub(crate) fn ask_new_keys(ui: &mut Ui, stage: &mut Stage<'_>) {
    // In a low window the words scroll, and the answer stays in sight.
    let room = (ui.ctx().content_rect().height() - size::ANSWER).max(size::ANSWER);
    ScrollArea::vertical().max_height(room).show(ui, |ui| {
        let t = tokens(ui);
        widgets::title(ui, words::NEW_KEYS, words::NEW_KEYS_MORE);
        let said = [
            (words::NEW_KEYS_DOES_TITLE, words::NEW_KEYS_DOES),
            (words::NEW_KEYS_HELPS_TITLE, words::NEW_KEYS_HELPS),
            (words::NEW_KEYS_AFTER_TITLE, words::NEW_KEYS_AFTER),
        ];
        for (head, more) in said {
            widgets::wrap(ui, head, face::strong(), t.accent);
            widgets::wrap(ui, more, face::text(), t.ink);
            ui.add_space(space::SMALL);
        }
    });
    ui.add_space(space::SMALL);
    widgets::trouble(ui, stage.model.trouble_with(&[Job::NewKeys]));
    if stage.under_way(ui, Job::NewKeys, words::NEW_KEYS_AT_WORK) {
        return;
    }
    let focus = stage.focus(Field::Passphrase);
    let entered = widgets::secret(ui, "new-keys", words::PASSPHRASE, &mut stage.typed.passphrase, focus);
    let ready = !stage.typed.passphrase.is_empty();
    answer(ui, stage, words::NEW_KEYS, ready, entered, Command::Settings(SettingsCommand::MakeKeysNew));
}
