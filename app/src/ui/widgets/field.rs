//! Text fields, each with its label above it.

use egui::{Align, Id, Layout, Margin, Response, RichText, TextEdit, Ui, Vec2};

use crate::ui::theme::{face, size, space, tokens};
use crate::ui::widgets::button::outlined_as;
use crate::values::secret::{SECRET_CHARS, Secret};
use crate::words;

/// A field of one line. True in the frame in which Enter was pressed in it.
pub fn field(ui: &mut Ui, id: &str, label: &str, hint: &'static str, text: &mut String, focus: bool) -> bool {
    let edit = TextEdit::singleline(text).hint_text(hinted(ui, hint));
    let response = labelled(ui, label, |ui| ui.add(dressed(edit, Id::unique(id), ui.available_width())));
    entered(ui, &response, focus)
}

/// A file or folder: typed, dropped, or chosen.
pub struct PathField {
    /// Enter was pressed in the field.
    pub entered: bool,
    /// The dialog is asked for.
    pub choose: bool,
}

/// A field for a file or folder, with a button for the system's dialog beside it.
pub fn place(ui: &mut Ui, id: &str, label: &str, hint: &'static str, text: &mut String, focus: bool) -> PathField {
    ui.spacing_mut().item_spacing.y = space::TIGHT;
    let name = words::choose(label);
    let label = ui.label(RichText::new(label).font(face::small()).color(tokens(ui).soft));
    let row = ui.horizontal(|ui| {
        let width = ui.available_width() - size::CHOOSE;
        let edit = TextEdit::singleline(text).hint_text(hinted(ui, hint));
        let response = ui.add(dressed(edit, Id::unique(id), width - ui.spacing().item_spacing.x)).labelled_by(label.id);
        PathField { entered: entered(ui, &response, focus), choose: outlined_as(ui, words::CHOOSE, &name, true) }
    });
    ui.add_space(space::SMALL);
    row.inner
}

/// A short field, for a date, a time or a number; its name is its hint and its label.
pub fn short(ui: &mut Ui, id: &str, label: &str, text: &mut String) -> bool {
    let edit = TextEdit::singleline(text).char_limit(10);
    let response = ui.allocate_ui_with_layout(Vec2::new(size::SHORT_FIELD, 0.0), Layout::top_down(Align::Min), |ui| {
        labelled(ui, label, |ui| ui.add(dressed(edit, Id::unique(id), size::SHORT_FIELD)))
    });
    response.inner.changed()
}

/// A field for a passphrase or a code: never shown, never undone, never copied.
pub fn secret(ui: &mut Ui, id: &str, label: &str, text: &mut Secret, focus: bool) -> bool {
    let response = labelled(ui, label, |ui| ui.add(secret_edit(id, text, ui.available_width())));
    forget_steps(ui, id);
    entered(ui, &response, focus)
}

/// A field for a code that is copied from paper or from another screen: hidden, until the button beside it shows it so that it can be
/// compared. Never undone, never copied out.
pub fn revealable(ui: &mut Ui, id: &str, label: &str, text: &mut Secret, focus: bool) -> bool {
    ui.spacing_mut().item_spacing.y = space::TIGHT;
    let shown = text.is_shown();
    let (button, name) = words::reveal(shown, label);
    let label = ui.label(RichText::new(label).font(face::small()).color(tokens(ui).soft));
    let row = ui.horizontal(|ui| {
        let width = ui.available_width() - size::CHOOSE - ui.spacing().item_spacing.x;
        let before = ui.output(|output| output.commands.len());
        let response = ui.add(secret_edit(id, text, width)).labelled_by(label.id);
        // What is shown is shown here: neither copied nor selected does it reach another program.
        ui.output_mut(|output| output.commands.truncate(before));
        forget_steps(ui, id);
        let toggled = outlined_as(ui, button, &name, true);
        if toggled {
            text.show(!shown);
        }
        entered(ui, &response, focus || toggled)
    });
    ui.add_space(space::SMALL);
    row.inner
}

fn secret_edit<'t>(id: &str, text: &'t mut Secret, width: f32) -> TextEdit<'t> {
    let hidden = !text.is_shown();
    let edit = TextEdit::singleline(text.buffer()).password(hidden).char_limit(SECRET_CHARS);
    dressed(edit, Id::unique(id), width)
}

/// The steps of undo would keep every state of a passphrase in the clear.
fn forget_steps(ui: &Ui, id: &str) {
    let id = Id::unique(id);
    if let Some(mut state) = TextEdit::load_state(ui.ctx(), id) {
        state.clear_undoer();
        TextEdit::store_state(ui.ctx(), id, state);
    }
}

/// A field without a visible label, such as a search. True when its text was changed.
pub fn area(ui: &mut Ui, id: &str, name: &str, hint: &'static str, text: &mut String, focus: bool) -> Response {
    let edit = TextEdit::singleline(text).hint_text(hinted(ui, hint));
    let width = ui.available_width();
    let response = ui.add(dressed(edit, Id::unique(id), width)).accessible_name(name);
    if focus {
        response.request_focus();
    }
    response
}

fn hinted(ui: &Ui, hint: &'static str) -> RichText {
    RichText::new(hint).font(face::small()).color(tokens(ui).faint)
}

fn dressed(edit: TextEdit<'_>, id: Id, width: f32) -> TextEdit<'_> {
    edit.id(id).font(face::text()).margin(Margin::symmetric(10, 8)).desired_width(width)
}

fn labelled(ui: &mut Ui, label: &str, add: impl FnOnce(&mut Ui) -> Response) -> Response {
    ui.spacing_mut().item_spacing.y = space::TIGHT;
    let color = tokens(ui).soft;
    let label = ui.label(RichText::new(label).font(face::small()).color(color));
    let response = add(ui).labelled_by(label.id);
    ui.add_space(space::SMALL);
    response
}

fn entered(ui: &Ui, response: &Response, focus: bool) -> bool {
    if focus {
        response.request_focus();
    }
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter))
}
