//! Text, cards, empty states, progress, and what went wrong.

use egui::{Color32, FontId, Frame, Label, Margin, ProgressBar, Response, RichText, Sense, Stroke, Ui};

use crate::ui::theme::{CORNER, face, size, space, tokens};
use crate::values::job::Progress;
use crate::view_model::Strength;

/// One line of text.
pub fn say(ui: &mut Ui, text: &str, font: FontId, color: Color32) -> Response {
    ui.add(Label::new(RichText::new(text).font(font).color(color)).truncate())
}

/// One line of text that is left out where there is no room for all of it.
pub fn say_if_it_fits(ui: &mut Ui, text: &str, font: FontId, color: Color32) {
    let wide = ui.painter().layout_no_wrap(text.to_owned(), font.clone(), color).size().x;
    if wide <= ui.available_width() {
        say(ui, text, font, color);
    }
}

/// How a note begins. A click opens it; the keyboard has the date above it for that, so this takes no place in its order.
pub fn teaser(ui: &mut Ui, text: &str) -> bool {
    let text = RichText::new(text).font(face::note()).color(tokens(ui).soft);
    let label = Label::new(text).truncate().show_tooltip_when_elided(false).selectable(false).sense(Sense::CLICK);
    ui.add(label).clicked()
}

/// Text that may take several lines.
pub fn wrap(ui: &mut Ui, text: &str, font: FontId, color: Color32) -> Response {
    let line = (font.size < face::pane().size).then_some(size::TEXT_LINE);
    ui.add(Label::new(RichText::new(text).font(font).color(color).line_height(line)).wrap())
}

/// The title of a page, and a sentence below it.
pub fn title(ui: &mut Ui, title: &str, more: &str) {
    let t = tokens(ui);
    wrap(ui, title, face::title(), t.ink);
    if !more.is_empty() {
        ui.add_space(space::TIGHT);
        wrap(ui, more, face::text(), t.soft);
    }
    ui.add_space(space::LARGE);
}

/// Empty space.
pub fn gap(ui: &mut Ui, points: f32) {
    ui.add_space(points);
}

/// A card on the page.
pub fn card<R>(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> R {
    let t = tokens(ui);
    let inside = Margin::symmetric(28, 20);
    let frame =
        Frame::new().fill(t.card).stroke(Stroke::new(1.0, t.hairline)).corner_radius(CORNER).inner_margin(inside);
    let shown = frame.show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        add(ui)
    });
    shown.inner
}

/// What to say where there is nothing yet, and what to do next.
pub fn empty(ui: &mut Ui, what: &str, next: &str) {
    let t = tokens(ui);
    ui.add_space(space::LARGE);
    wrap(ui, what, face::pane(), t.ink);
    wrap(ui, next, face::text(), t.soft);
    ui.add_space(space::MEDIUM);
}

/// What went wrong, calmly, where it was asked for.
pub fn trouble(ui: &mut Ui, why: Option<&str>) {
    let Some(why) = why else { return };
    let t = tokens(ui);
    let frame =
        Frame::new().stroke(Stroke::new(1.0, t.risk)).corner_radius(CORNER).inner_margin(Margin::symmetric(12, 8));
    frame.show(ui, |ui| wrap(ui, why, face::small(), t.risk));
    ui.add_space(space::SMALL);
}

/// A job at work, in words and as a bar.
pub fn progress(ui: &mut Ui, words: &str, progress: Progress) {
    let t = tokens(ui);
    wrap(ui, words, face::small(), t.soft);
    let fraction = progress.fraction();
    let bar =
        ProgressBar::new(fraction.unwrap_or(0.0)).desired_height(size::BAR).fill(t.accent).animate(fraction.is_none());
    ui.add(bar).accessible_name(words);
    ui.add_space(space::SMALL);
}

/// How strong a passphrase is, and why.
pub fn strength(ui: &mut Ui, strength: &Strength) {
    let t = tokens(ui);
    let color = if strength.enough { t.accent } else { t.needs_you };
    ui.add(ProgressBar::new(strength.fraction).desired_height(size::BAR).fill(color)).accessible_name(strength.why);
    wrap(ui, strength.why, face::hint(), if strength.fraction > 0.0 { color } else { t.soft });
    ui.add_space(space::SMALL);
}
