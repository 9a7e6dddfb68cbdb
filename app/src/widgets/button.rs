//! Buttons: one filled on a screen, the next thing to do; the others outlined, or quiet.

use egui::{Button, Color32, Response, RichText, Stroke, StrokeKind, Ui, Vec2};

use crate::theme::{CORNER, face, size, space, tokens};

/// The next thing to do. One on each screen.
pub fn filled(ui: &mut Ui, words: &str, enabled: bool) -> bool {
    let t = tokens(ui);
    let button = Button::new(RichText::new(words).font(face::button()).color(t.on_accent))
        .fill(t.accent)
        .stroke(Stroke::NONE)
        .min_size(Vec2::new(size::BUTTON, size::CONTROL));
    shown(ui, button, enabled)
}

/// Something else that can be done.
pub fn outlined(ui: &mut Ui, words: &str, enabled: bool) -> bool {
    let t = tokens(ui);
    let button = Button::new(RichText::new(words).font(face::button()).color(t.accent))
        .fill(Color32::TRANSPARENT)
        .stroke(Stroke::new(1.0, t.accent))
        .min_size(Vec2::new(size::BUTTON, size::CONTROL));
    shown(ui, button, enabled)
}

/// Something that is there when it is looked for.
pub fn quiet(ui: &mut Ui, words: &str) -> bool {
    let t = tokens(ui);
    let button = Button::new(RichText::new(words).font(face::small()).color(t.soft))
        .fill(Color32::TRANSPARENT)
        .stroke(Stroke::NONE)
        .min_size(Vec2::new(0.0, size::CONTROL));
    shown(ui, button, true)
}

fn shown(ui: &mut Ui, button: Button<'_>, enabled: bool) -> bool {
    let response = ui.add_enabled(enabled, button);
    focus_ring(ui, &response);
    response.clicked()
}

/// Shows where the keyboard is.
pub(super) fn focus_ring(ui: &Ui, response: &Response) {
    if response.has_focus() {
        let ring = Stroke::new(size::LINE, tokens(ui).accent);
        ui.painter().rect_stroke(response.rect.expand(space::TIGHT / 2.0), CORNER, ring, StrokeKind::Outside);
    }
}
