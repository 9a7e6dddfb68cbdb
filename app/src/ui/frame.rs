//! What stands around every screen: the rail, the notices, and the status bar that is always true.

use egui::{Align, Frame, Layout, Margin, Panel, Ui};
use egui_phosphor::regular as icon;

use crate::messages::Command;
use crate::model::Practice;
use crate::ui::stage::Stage;
use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets;
use crate::values::navigation::Screen;
use crate::view_model::Tone;
use crate::view_model::command_table::{keys_in_words, keys_of};
use crate::{view_model, words};

const PLACES: [(Screen, &str, &str); 8] = [
    (Screen::Clients, icon::USERS, words::CLIENTS),
    (Screen::Search, icon::MAGNIFYING_GLASS, words::SEARCH),
    (Screen::Devices, icon::LAPTOP, words::DEVICES),
    (Screen::Colleagues, icon::HANDSHAKE, words::COLLEAGUES),
    (Screen::Safety, icon::SHIELD_CHECK, words::SAFETY),
    (Screen::Import, icon::TRAY_ARROW_DOWN, words::IMPORT_EXPORT),
    (Screen::Trash, icon::TRASH, words::TRASH),
    (Screen::Settings, icon::GEAR, words::SETTINGS),
];

/// Things to know that nobody asked for, above whatever is shown, until they are put away.
pub(crate) fn notices(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    if practice.notices.is_empty() {
        return;
    }
    let t = tokens(ui);
    let frame = Frame::new().fill(t.rail).inner_margin(Margin::symmetric(16, 8));
    Panel::top("notices").resizable(false).show_separator_line(true).frame(frame).show(ui, |ui| {
        for (place, notice) in practice.notices.iter().enumerate() {
            ui.push_id(place, |ui| {
                ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                    let away = widgets::quiet(ui, words::DISMISS);
                    stage.ask_if(away, Command::Dismiss(place));
                    ui.with_layout(Layout::top_down(Align::Min), |ui| {
                        widgets::wrap(ui, notice, face::small(), t.needs_you);
                    });
                });
            });
        }
    });
}

/// Where one can go. Folds to icons in a narrow window.
pub(crate) fn rail(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    let folded = ui.available_width() < size::NARROW;
    let width = if folded { size::FOLDED_RAIL } else { size::RAIL };
    let frame = Frame::new().fill(t.rail).inner_margin(Margin::same(if folded { 6 } else { 12 }));
    Panel::left("rail").exact_size(width).resizable(false).show_separator_line(false).frame(frame).show(ui, |ui| {
        if !folded {
            ui.add_space(space::SMALL);
            widgets::say(ui, words::NAME, face::brand(), t.accent);
            ui.add_space(space::MEDIUM);
        }
        ui.spacing_mut().item_spacing.y = space::TIGHT / 2.0;
        for (screen, icon, words) in PLACES {
            if screen == Screen::Devices {
                ui.add_space(space::LARGE);
            }
            let chosen = widgets::nav(ui, icon, words, stands_for(practice.screen) == screen, folded);
            stage.ask_if(chosen, Command::Go(screen));
        }
    });
}

/// The place in the rail that a screen belongs to.
fn stands_for(screen: Screen) -> Screen {
    if screen == Screen::Restore { Screen::Safety } else { screen }
}

/// Is it saved, where is it, who can read it: always there, always true, in words.
pub(crate) fn status(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice) {
    let t = tokens(ui);
    let frame = Frame::new().fill(t.rail).inner_margin(Margin::symmetric(12, 0));
    let status = view_model::status(stage.model, stage.typed, practice);
    let bar = Panel::bottom("status").exact_size(size::STATUS).resizable(false).show_separator_line(true).frame(frame);
    bar.show(ui, |ui| {
        ui.horizontal_centered(|ui| {
            if practice.screen != Screen::Kit {
                lock(ui, stage);
            }
            let tone = |tone| if tone == Tone::NeedsYou { t.needs_you } else { t.soft };
            let saved = if status.saved.1 == Tone::Calm { t.ink } else { t.needs_you };
            widgets::say(ui, &status.saved.0, face::small(), saved);
            dot(ui);
            widgets::say(ui, &status.copies.0, face::small(), tone(status.copies.1));
            dot(ui);
            ui.scope(|ui| {
                ui.set_max_width((ui.available_width() - size::STATUS_END).max(0.0));
                widgets::say(ui, &status.readers, face::small(), t.soft);
            });
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                right(ui, stage, practice, status.behind.as_deref())
            });
        });
    });
}

fn lock(ui: &mut Ui, stage: &mut Stage<'_>) {
    let lock = widgets::quiet(ui, words::LOCK);
    stage.ask_if(lock, Command::Lock);
    if let Some(keys) = keys_of(Command::Lock) {
        let keys = keys_in_words(ui.ctx(), &keys);
        widgets::say(ui, &keys, face::hint(), tokens(ui).faint);
    }
    ui.add_space(space::MEDIUM);
}

fn dot(ui: &mut Ui) {
    widgets::say(ui, "·", face::small(), tokens(ui).faint);
}

fn right(ui: &mut Ui, stage: &mut Stage<'_>, practice: &Practice, behind: Option<&str>) {
    let t = tokens(ui);
    if let Some(days) = practice.kit_due().filter(|_| !matches!(practice.screen, Screen::Kit | Screen::KitAgain)) {
        // In a narrow window the button alone says it all.
        let narrow = ui.available_width() < size::LIST;
        let prove = widgets::quiet(ui, if narrow { words::KIT_AGAIN } else { words::KIT_AGAIN_NOW });
        stage.ask_if(prove, Command::Go(Screen::KitAgain));
        if narrow {
            return;
        }
        widgets::say(ui, &words::kit_due(days), face::small(), t.needs_you);
        return;
    }
    if practice.demo {
        widgets::say(ui, words::DEMO, face::small(), t.needs_you);
    } else if stage.model.discreet {
        widgets::say(ui, words::DISCREET_ON, face::small(), t.needs_you);
    } else if let Some(behind) = behind {
        widgets::say(ui, behind, face::small(), t.soft);
    }
}
