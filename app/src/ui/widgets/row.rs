//! Rows that can be chosen: places in the rail, clients in the list, parts of a page, choices in settings.

use egui::{Align2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::ui::theme::{CORNER, face, size, space, tokens};
use crate::ui::widgets::button::focus_ring;

/// A place in the rail. The folded rail shows its icon alone; its name stays for screen readers.
pub fn nav(ui: &mut Ui, icon: &str, words: &str, selected: bool, folded: bool) -> bool {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::RAIL_ROW), Sense::click());
    ground(ui, rect, &response, selected);
    let color = if selected { t.accent } else { t.ink };
    if folded {
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon, face::icon(), color);
    } else {
        let font = if selected { face::strong() } else { face::text() };
        ui.painter().text(pos2(rect.left() + space::MEDIUM, rect.center().y), Align2::LEFT_CENTER, words, font, color);
    }
    named(ui, &response, Role::Button, selected, words);
    response.clicked()
}

/// What the list says of a client.
pub struct Client<'a> {
    /// Name or initials.
    pub name: &'a str,
    /// Last session.
    pub line: &'a str,
    /// `unsigned`, if something is.
    pub mark: Option<&'a str>,
    /// The page of this client is shown.
    pub selected: bool,
}

/// A client in the list.
pub fn client(ui: &mut Ui, row: &Client<'_>) -> bool {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::CLIENT_ROW), Sense::click());
    ground(ui, rect, &response, row.selected);
    let inside = rect.shrink2(vec2(space::SMALL + 2.0, space::SMALL + 2.0));
    let mark = row.mark.map(|mark| {
        ui.painter().text(inside.right_top(), Align2::RIGHT_TOP, mark, face::hint(), t.needs_you).width() + space::SMALL
    });
    let name_width = inside.width() - mark.unwrap_or(0.0);
    line(ui, inside.left_top(), name_width, row.name, face::name(), t.ink);
    let below = pos2(inside.left(), inside.top() + space::LARGE);
    line(ui, below, inside.width(), row.line, face::hint(), t.soft);
    let spoken = format!("{}, {} {}", row.name, row.line, row.mark.unwrap_or_default());
    named(ui, &response, Role::Button, row.selected, spoken.trim_end());
    response.clicked()
}

/// One line of text, cut where it does not fit.
fn line(ui: &Ui, at: egui::Pos2, width: f32, text: &str, font: egui::FontId, color: egui::Color32) {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    ui.painter().galley(at, galley, color);
}

/// A part of a page.
pub fn tab(ui: &mut Ui, words: &str, selected: bool) -> bool {
    let t = tokens(ui);
    let font = if selected { face::strong() } else { face::text() };
    let color = if selected { t.accent } else { t.soft };
    let galley = ui.painter().layout_no_wrap(words.to_owned(), font, color);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x, size::CONTROL), Sense::click());
    ui.painter().galley(pos2(rect.left(), rect.center().y - galley.size().y / 2.0), galley, color);
    if selected {
        let underline = Rect::from_min_max(pos2(rect.left(), rect.bottom() - size::LINE), rect.right_bottom());
        ui.painter().rect_filled(underline, 0.0, t.accent);
    }
    focus_ring(ui, &response);
    named(ui, &response, Role::Tab, selected, words);
    response.clicked()
}

/// One of a few choices beside each other.
pub fn choice(ui: &mut Ui, words: &str, selected: bool) -> bool {
    let t = tokens(ui);
    let color = if selected { t.accent } else { t.soft };
    let galley =
        ui.painter().layout_no_wrap(words.to_owned(), if selected { face::button() } else { face::small() }, color);
    let wanted = galley.size() + Vec2::new(space::MEDIUM * 2.0, 0.0);
    let (rect, response) = ui.allocate_exact_size(vec2(wanted.x, size::CONTROL), Sense::click());
    ground(ui, rect, &response, selected);
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, color);
    named(ui, &response, Role::RadioButton, selected, words);
    response.clicked()
}

/// A command in the palette, with its keys.
pub fn entry(ui: &mut Ui, words: &str, keys: &str, selected: bool) -> bool {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::RAIL_ROW), Sense::click());
    ground(ui, rect, &response, selected);
    let inside = rect.shrink2(vec2(space::SMALL, 0.0));
    ui.painter().text(inside.left_center(), Align2::LEFT_CENTER, words, face::text(), t.ink);
    ui.painter().text(inside.right_center(), Align2::RIGHT_CENTER, keys, face::hint(), t.soft);
    named(ui, &response, Role::Button, selected, words);
    response.clicked()
}

fn ground(ui: &Ui, rect: Rect, response: &Response, selected: bool) {
    let t = tokens(ui);
    if selected {
        ui.painter().rect_filled(rect, CORNER, t.selected);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, CORNER, t.selected.gamma_multiply(0.5));
    }
    focus_ring(ui, response);
}

fn named(ui: &Ui, response: &Response, role: Role, selected: bool, words: &str) {
    response.widget_info(|| WidgetInfo::selected(role, ui.is_enabled(), selected, words));
}
