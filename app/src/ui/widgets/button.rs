//! Buttons: one filled on a screen, the next thing to do; the others outlined, or quiet.

use egui::{Button, Color32, Direction, Layout, Response, RichText, Stroke, StrokeKind, Ui, Vec2};

use crate::ui::theme::{CORNER, face, size, space, tokens};

/// The next thing to do. One on each screen.
pub fn filled(ui: &mut Ui, words: &str, enabled: bool) -> bool {
    let t = tokens(ui);
    let button =
        Button::new(RichText::new(words).font(face::button()).color(t.on_accent)).fill(t.accent).stroke(Stroke::NONE);
    shown(ui, words, words, button, size::BUTTON, enabled)
}

/// Something else that can be done.
pub fn outlined(ui: &mut Ui, words: &str, enabled: bool) -> bool {
    outlined_as(ui, words, words, enabled)
}

/// The same, where its words alone would not tell it from others on the screen: `name` is what a screen reader says.
pub fn outlined_as(ui: &mut Ui, words: &str, name: &str, enabled: bool) -> bool {
    let t = tokens(ui);
    let button = Button::new(RichText::new(words).font(face::button()).color(t.accent))
        .fill(Color32::TRANSPARENT)
        .stroke(Stroke::new(1.0, t.accent));
    shown(ui, words, name, button, size::BUTTON, enabled)
}

/// Something that is there when it is looked for.
pub fn quiet(ui: &mut Ui, words: &str) -> bool {
    let t = tokens(ui);
    let button = Button::new(RichText::new(words).font(face::small()).color(t.soft))
        .fill(Color32::TRANSPARENT)
        .stroke(Stroke::NONE);
    shown(ui, words, words, button, 0.0, true)
}

/// Quiet buttons beside each other at the right edge of a row. They are drawn from left to right, so that the keyboard goes
/// through them as they are read. Which of them was pressed.
pub fn trailing(ui: &mut Ui, words: &[&str]) -> Option<usize> {
    let between = ui.spacing().item_spacing.x;
    let wide: f32 = words.iter().map(|words| width(ui, words, 0.0) + between).sum();
    ui.add_space((ui.available_width() - wide).max(0.0));
    let pressed: Vec<bool> = words.iter().map(|words| quiet(ui, words)).collect();
    pressed.into_iter().position(|pressed| pressed)
}

fn width(ui: &Ui, words: &str, least: f32) -> f32 {
    let text = ui.painter().layout_no_wrap(words.to_owned(), face::button(), tokens(ui).ink);
    least.max(text.size().x + 2.0 * ui.spacing().button_padding.x).ceil()
}

fn shown(ui: &mut Ui, words: &str, name: &str, button: Button<'_>, least: f32, enabled: bool) -> bool {
    let size = Vec2::new(width(ui, words, least), size::CONTROL);
    let middle = Layout::centered_and_justified(Direction::LeftToRight);
    let response = ui.allocate_ui_with_layout(size, middle, |ui| ui.add_enabled(enabled, button)).inner;
    let response = if name == words { response } else { response.accessible_name(name) };
    focus_ring(ui, &response);
    response.clicked()
}

/// Shows where the keyboard is, and brings it into view where the page is longer than the window.
pub fn focus_ring(ui: &Ui, response: &Response) {
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    if response.has_focus() {
        let ring = Stroke::new(size::LINE, tokens(ui).accent);
        ui.painter().rect_stroke(response.rect.expand(space::TIGHT / 2.0), CORNER, ring, StrokeKind::Outside);
    }
}
