//! Every colour and size of the window, and nothing else decides one: a test searches the screens for raw values.
//!
//! Light is paper and ink, dark is ink and paper. Text reaches 7:1 on every ground that it can stand on, which a test computes.

use std::sync::Arc;

use egui::{
    Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Stroke, Style, TextStyle, Theme, Vec2,
};

use crate::values::typefaces;

/// The colours of one look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The ground of a page.
    pub page: Color32,
    /// The ground of the rail and the status bar.
    pub rail: Color32,
    /// The ground of a list.
    pub list: Color32,
    /// The ground of a card and of a field.
    pub card: Color32,
    /// Text.
    pub ink: Color32,
    /// Text that matters less.
    pub soft: Color32,
    /// Hints; never information.
    pub faint: Color32,
    /// Lines between panes, and around cards.
    pub hairline: Color32,
    /// The one accent.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// The ground of a selected row.
    pub selected: Color32,
    /// Needs you.
    pub needs_you: Color32,
    /// Risk to a person or to data.
    pub risk: Color32,
}

/// Paper and ink.
pub const LIGHT: Tokens = Tokens {
    page: Color32::from_rgb(0xFB, 0xF9, 0xF5),
    rail: Color32::from_rgb(0xF1, 0xED, 0xE5),
    list: Color32::from_rgb(0xF6, 0xF3, 0xEC),
    card: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    ink: Color32::from_rgb(0x1E, 0x22, 0x24),
    soft: Color32::from_rgb(0x47, 0x4D, 0x4F),
    faint: Color32::from_rgb(0x6B, 0x70, 0x70),
    hairline: Color32::from_rgb(0xE2, 0xDC, 0xD0),
    accent: Color32::from_rgb(0x0E, 0x4A, 0x52),
    on_accent: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    selected: Color32::from_rgb(0xE3, 0xEC, 0xEA),
    needs_you: Color32::from_rgb(0x6B, 0x3F, 0x00),
    risk: Color32::from_rgb(0x8C, 0x1D, 0x18),
};

/// Ink and paper.
pub const DARK: Tokens = Tokens {
    page: Color32::from_rgb(0x14, 0x18, 0x1B),
    rail: Color32::from_rgb(0x0F, 0x12, 0x14),
    list: Color32::from_rgb(0x12, 0x16, 0x1A),
    card: Color32::from_rgb(0x19, 0x1E, 0x22),
    ink: Color32::from_rgb(0xE9, 0xE6, 0xDF),
    soft: Color32::from_rgb(0xB4, 0xB9, 0xB8),
    faint: Color32::from_rgb(0x8E, 0x95, 0x97),
    hairline: Color32::from_rgb(0x26, 0x2C, 0x30),
    accent: Color32::from_rgb(0x7C, 0xCD, 0xD0),
    on_accent: Color32::from_rgb(0x0B, 0x1B, 0x1D),
    selected: Color32::from_rgb(0x1D, 0x2B, 0x2E),
    needs_you: Color32::from_rgb(0xE8, 0xB3, 0x5A),
    risk: Color32::from_rgb(0xFF, 0x9A, 0x92),
};

/// The colours of the look that is shown.
pub fn tokens(ui: &egui::Ui) -> Tokens {
    if ui.visuals().dark_mode { DARK } else { LIGHT }
}

/// Distances, in points, on a grid of 4.
pub mod space {
    /// Between things that belong closely together.
    pub const TIGHT: f32 = 4.0;
    /// Between lines of one thing.
    pub const SMALL: f32 = 8.0;
    /// Between things.
    pub const MEDIUM: f32 = 12.0;
    /// Between groups.
    pub const LARGE: f32 = 20.0;
    /// Between sections.
    pub const SECTION: f32 = 32.0;
    /// Around a page.
    pub const PAGE: f32 = 48.0;
    /// Inside a card.
    pub const CARD: f32 = 28.0;
    /// Inside a rail or a list.
    pub const PANE: f32 = 12.0;
}

/// Widths and heights, in points.
pub mod size {
    /// The rail.
    pub const RAIL: f32 = 168.0;
    /// The list of clients.
    pub const LIST: f32 = 264.0;
    /// The status bar.
    pub const STATUS: f32 = 36.0;
    /// What stands at the end of the status bar, at the least.
    pub const STATUS_END: f32 = 184.0;
    /// A row of the rail.
    pub const RAIL_ROW: f32 = 34.0;
    /// A row of the list of clients.
    pub const CLIENT_ROW: f32 = 54.0;
    /// A button, a field.
    pub const CONTROL: f32 = 34.0;
    /// A filled button is at least so wide.
    pub const BUTTON: f32 = 84.0;
    /// The widest text that reads well.
    pub const COLUMN: f32 = 752.0;
    /// A column of fields.
    pub const FORM: f32 = 440.0;
    /// A dialog.
    pub const DIALOG: f32 = 480.0;
    /// What stands in a dialog below its long words: a passphrase, what was wrong with it, the answer, and the window's edges.
    pub const ANSWER: f32 = 250.0;
    /// The palette.
    pub const PALETTE: f32 = 560.0;
    /// The button beside a field for a file.
    pub const CHOOSE: f32 = 92.0;
    /// A field for a date or a time.
    pub const SHORT_FIELD: f32 = 104.0;
    /// Date, start, length and template of a session, beside each other.
    pub const SESSION: f32 = 640.0;
    /// The parts of a client's page, and beside them what can be done with the record.
    pub const TABS: f32 = 740.0;
    /// The chart of a measure.
    pub const CHART: f32 = 180.0;
    /// A point in a chart, the caret.
    pub const MARK: f32 = 3.0;
    /// A bar that shows progress or strength.
    pub const BAR: f32 = 6.0;
    /// The start of text below the rail's name.
    pub const BRAND: f32 = 40.0;
    /// The list of commands is at most so high.
    pub const MENU: f32 = 360.0;
    /// Line height of interface text of several lines.
    pub const TEXT_LINE: f32 = 20.0;
    /// Line height of notes.
    pub const NOTE_LINE: f32 = 25.0;
    /// Underline of a tab, ring of the focus.
    pub const LINE: f32 = 2.0;
    /// A window narrower than this folds its rail.
    pub const NARROW: f32 = 900.0;
    /// The folded rail.
    pub const FOLDED_RAIL: f32 = 52.0;
    /// The window as it first opens.
    pub const WINDOW: [f32; 2] = [1280.0, 800.0];
    /// The smallest window.
    pub const SMALLEST: [f32; 2] = [720.0, 520.0];
}

/// Corners of everything that has some.
pub const CORNER: CornerRadius = CornerRadius::same(6);

/// The faces and sizes of text.
pub mod face {
    use crate::ui::theme::{FontFamily, FontId};

    /// Inter.
    pub const INTERFACE: &str = "inter";
    /// Inter 500.
    pub const MEDIUM: &str = "inter-medium";
    /// Inter 600.
    pub const SEMIBOLD: &str = "inter-semibold";
    /// Literata.
    pub const BOOK: &str = "literata";
    /// Literata 600.
    pub const BOOK_SEMIBOLD: &str = "literata-semibold";

    fn font(size: f32, face: &'static str) -> FontId {
        FontId::new(size, FontFamily::Name(face.into()))
    }

    /// Interface text.
    pub fn text() -> FontId {
        font(14.0, INTERFACE)
    }
    /// Interface text, a step smaller.
    pub fn small() -> FontId {
        font(13.0, INTERFACE)
    }
    /// Hints and dates.
    pub fn hint() -> FontId {
        font(12.0, INTERFACE)
    }
    /// Names in lists.
    pub fn name() -> FontId {
        font(14.0, MEDIUM)
    }
    /// Words that weigh more.
    pub fn strong() -> FontId {
        font(14.0, SEMIBOLD)
    }
    /// Buttons.
    pub fn button() -> FontId {
        font(13.0, SEMIBOLD)
    }
    /// The title of a pane.
    pub fn pane() -> FontId {
        font(16.0, SEMIBOLD)
    }
    /// The name on a page.
    pub fn title() -> FontId {
        font(28.0, BOOK_SEMIBOLD)
    }
    /// The program's own name.
    pub fn brand() -> FontId {
        font(20.0, BOOK_SEMIBOLD)
    }
    /// Icons, whose letters other faces use for something else.
    pub fn icon() -> FontId {
        font(16.0, super::ICONS)
    }
    /// A note.
    pub fn note() -> FontId {
        font(16.0, BOOK)
    }
    /// Headings and bold words in a note.
    pub fn note_strong() -> FontId {
        font(16.0, BOOK_SEMIBOLD)
    }
}

/// Puts the shipped fonts and both looks into a context.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts());
    ctx.options_mut(|options| options.fallback_theme = Theme::Light);
    ctx.set_style_of(Theme::Light, style(LIGHT, Theme::Light));
    ctx.set_style_of(Theme::Dark, style(DARK, Theme::Dark));
}

/// The shipped fonts; every face falls back to Inter. Icons stand alone: their letters mean something else in Inter.
fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let files: [(&str, &'static [u8]); 6] = [
        (face::INTERFACE, typefaces::INTER),
        (face::MEDIUM, typefaces::INTER_MEDIUM),
        (face::SEMIBOLD, typefaces::INTER_SEMIBOLD),
        (face::BOOK, typefaces::LITERATA),
        (face::BOOK_SEMIBOLD, typefaces::LITERATA_SEMIBOLD),
        (ICONS, egui_phosphor::Variant::Regular.font_bytes()),
    ];
    for (name, bytes) in files {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
        let order = [name, face::INTERFACE].map(str::to_owned).to_vec();
        fonts.families.insert(FontFamily::Name(name.into()), order);
    }
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        fonts.families.insert(family, vec![face::INTERFACE.to_owned()]);
    }
    fonts
}

const ICONS: &str = "phosphor";

fn style(tokens: Tokens, theme: Theme) -> Style {
    let mut style = Style { visuals: theme.default_visuals(), animation_time: 0.08, ..Style::default() };
    style.text_styles = [
        (TextStyle::Small, face::hint()),
        (TextStyle::Body, face::text()),
        (TextStyle::Button, face::small()),
        (TextStyle::Heading, face::title()),
        (TextStyle::Monospace, face::text()),
    ]
    .into();
    style.spacing.item_spacing = Vec2::new(space::SMALL, space::SMALL);
    style.spacing.button_padding = Vec2::new(space::MEDIUM, space::SMALL);
    style.spacing.interact_size.y = size::CONTROL;
    style.spacing.scroll.bar_width = space::SMALL;
    // A scroll bar says where one is, more quietly than any word.
    style.spacing.scroll.active_handle_opacity = 0.25;
    style.spacing.scroll.interact_handle_opacity = 0.45;
    style.spacing.scroll.interact_background_opacity = 0.0;
    style.spacing.menu_margin = egui::Margin::same(8);
    paint(&mut style.visuals, tokens);
    style
}

fn paint(visuals: &mut egui::Visuals, tokens: Tokens) {
    visuals.panel_fill = tokens.page;
    visuals.window_fill = tokens.card;
    visuals.window_stroke = Stroke::new(1.0, tokens.hairline);
    visuals.window_corner_radius = CORNER;
    visuals.menu_corner_radius = CORNER;
    visuals.extreme_bg_color = tokens.card;
    visuals.text_edit_bg_color = Some(tokens.card);
    visuals.faint_bg_color = tokens.list;
    visuals.code_bg_color = tokens.list;
    visuals.hyperlink_color = tokens.accent;
    visuals.warn_fg_color = tokens.needs_you;
    visuals.error_fg_color = tokens.risk;
    visuals.weak_text_color = Some(tokens.faint);
    visuals.selection.bg_fill = tokens.selected;
    visuals.selection.stroke = Stroke::new(1.0, tokens.accent);
    visuals.text_cursor.stroke = Stroke::new(size::LINE, tokens.accent);
    let widgets = &mut visuals.widgets;
    for widget in [
        &mut widgets.noninteractive,
        &mut widgets.inactive,
        &mut widgets.hovered,
        &mut widgets.active,
        &mut widgets.open,
    ] {
        widget.corner_radius = CORNER;
        widget.expansion = 0.0;
        widget.bg_fill = tokens.list;
        widget.weak_bg_fill = tokens.card;
        widget.bg_stroke = Stroke::new(1.0, tokens.hairline);
        widget.fg_stroke = Stroke::new(1.0, tokens.ink);
    }
    widgets.hovered.bg_stroke = Stroke::new(1.0, tokens.soft);
    widgets.active.bg_stroke = Stroke::new(1.0, tokens.accent);
    widgets.hovered.weak_bg_fill = tokens.selected;
    widgets.active.weak_bg_fill = tokens.selected;
    widgets.open.weak_bg_fill = tokens.selected;
}

#[cfg(test)]
mod tests {

    use super::*;

    fn luminance(color: Color32) -> f64 {
        let linear = |byte: u8| {
            let part = f64::from(byte) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
    }

    fn contrast(one: Color32, other: Color32) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn text_reaches_seven_to_one_on_every_ground() {
        for tokens in [LIGHT, DARK] {
            for ground in [tokens.page, tokens.rail, tokens.list, tokens.card, tokens.selected] {
                for text in [tokens.ink, tokens.soft, tokens.accent, tokens.needs_you, tokens.risk] {
                    assert!(contrast(text, ground) >= 7.0, "{text:?} on {ground:?}: {}", contrast(text, ground));
                }
                assert!(contrast(tokens.faint, ground) >= 4.0);
            }
            assert!(contrast(tokens.on_accent, tokens.accent) >= 7.0);
        }
    }

    #[test]
    fn the_computation_agrees_with_black_on_white() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-9);
    }

    /// Raw colours and sizes in a source text.
    fn raw_values(source: &str) -> Vec<String> {
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        let colour = |line: &&str| line.contains("Color32::") && !line.contains("Color32::TRANSPARENT");
        let number = |line: &str| {
            let words = line.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'));
            words.filter_map(|word| word.parse::<f32>().ok().filter(|_| word.contains('.'))).any(|n| n > 2.0)
        };
        code.filter(|line| colour(line) || number(line)).map(str::to_owned).collect()
    }

    #[test]
    fn no_screen_has_a_colour_or_a_size_of_its_own() {
        for (file, source) in crate::words::tests::screens() {
            assert_eq!(raw_values(&source), Vec::<String>::new(), "{}", file.display());
        }
    }

    #[test]
    fn the_search_for_raw_values_finds_them() {
        assert_eq!(
            raw_values("ui.add_space(17.0);\nlet c = Color32::RED;\n// 17.0\nui.add_space(space::SMALL);").len(),
            2
        );
    }
}
