//! Notes: Markdown styled where it stands, in the editor and on the page.
//!
//! Nothing is hidden or moved: the marks stay, paler, so that the caret stands where the eye says it does, and what is stored is
//! what is seen.

use std::sync::Arc;

use egui::text::{CCursor, CCursorRange, LayoutJob, TextFormat};
use egui::util::undoer::Undoer;
use egui::{Context, Frame, Galley, Id, Margin, RichText, TextBuffer, TextEdit, Ui};

use crate::ui::theme::{Tokens, face, size, tokens};
use crate::values::note_ref::NoteRef;
use crate::values::resume::Earlier;
use crate::words;

/// The id under which the editor keeps the caret and the undo steps of one note. Each note has its own: undoing in one must
/// never bring back the text of another.
pub fn editor_id(note: NoteRef) -> Id {
    Id::unique(("note", note))
}

/// What happened in the editor.
pub struct Edited {
    /// The text was changed.
    pub changed: bool,
    /// Where the caret stands, in characters.
    pub caret: Option<usize>,
}

/// Forgets the steps of undo: undoing past what another device wrote would take its words away.
pub fn forget_undo(ctx: &Context, id: Id) {
    if let Some(mut state) = TextEdit::load_state(ctx, id) {
        state.clear_undoer();
        TextEdit::store_state(ctx, id, state);
    }
}

/// What undo goes back to from here, the newest first.
pub fn undo_steps(ctx: &Context, id: Id, text: &str) -> Vec<Earlier> {
    let Some(state) = TextEdit::load_state(ctx, id) else { return Vec::new() };
    let mut undoer = state.undoer();
    let mut now = (state.cursor.char_range().unwrap_or_default(), text.to_owned());
    let mut steps = Vec::new();
    while let Some(earlier) = undoer.undo(&now).cloned() {
        let (range, text) = &earlier;
        steps.push(Earlier { text: text.clone(), caret: (range.primary.index.0, range.secondary.index.0) });
        now = earlier;
    }
    steps
}

/// Puts a caret and steps of undo back, as they were when the note was left.
pub fn restore(ui: &Ui, id: Id, text: &str, caret: usize, earlier: &[Earlier]) {
    let at = |(primary, secondary): (usize, usize)| CCursorRange {
        primary: CCursor::new(primary),
        secondary: CCursor::new(secondary),
        ..CCursorRange::default()
    };
    let mut undoer = Undoer::default();
    for state in earlier.iter().rev() {
        undoer.add_undo(&(at(state.caret), state.text.clone()));
    }
    let here = CCursorRange::one(CCursor::new(caret));
    undoer.add_undo(&(here, text.to_owned()));
    let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
    state.cursor.set_char_range(Some(here));
    state.set_undoer(undoer);
    TextEdit::store_state(ui.ctx(), id, state);
}

/// The text of a note, being written. `select` selects from one character to another, with the caret behind it, `focus` gives it
/// the keyboard.
pub fn editor(ui: &mut Ui, id: Id, text: &mut String, select: Option<(usize, usize)>, focus: bool) -> Edited {
    let t = tokens(ui);
    let mut layouter = |ui: &Ui, text: &dyn TextBuffer, width: f32| galley(ui, text.as_str(), width, t);
    let hint = RichText::new(words::NOTE_HINT).font(face::note()).color(t.faint);
    let edit = TextEdit::multiline(text)
        .id(id)
        .frame(Frame::NONE)
        .margin(Margin::ZERO)
        .hint_text(hint)
        .desired_rows(10)
        .desired_width(f32::INFINITY)
        .layouter(&mut layouter);
    let mut output = edit.show(ui);
    if let Some((from, to)) = select {
        output.state.cursor.set_char_range(Some(CCursorRange::two(CCursor::new(from), CCursor::new(to))));
        output.state.store(ui.ctx(), id);
    }
    let response = output.response.response.accessible_name(words::NOTE_LABEL);
    if focus {
        response.request_focus();
    }
    Edited { changed: response.changed(), caret: output.cursor_range.map(|range| range.primary.index.0) }
}

/// The text of a note, to read.
pub fn reading(ui: &mut Ui, text: &str) {
    let t = tokens(ui);
    let job = markdown(text, ui.available_width(), t);
    ui.label(job);
}

fn galley(ui: &Ui, text: &str, width: f32, t: Tokens) -> Arc<Galley> {
    let job = markdown(text, width, t);
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

/// Styles a note: headings in the accent, bold words, list marks.
fn markdown(text: &str, width: f32, t: Tokens) -> LayoutJob {
    let mut job = LayoutJob { keep_trailing_whitespace: true, ..LayoutJob::default() };
    job.wrap.max_width = width;
    for line in text.split_inclusive('\n') {
        let level = line.chars().take_while(|c| *c == '#').count();
        let (mark, rest) = line.split_at(mark_len(line));
        if (1..=6).contains(&level) && !mark.is_empty() {
            job.append(mark, 0.0, format(face::note_strong(), t.faint));
            job.append(rest, 0.0, format(face::note_strong(), t.accent));
        } else {
            job.append(mark, 0.0, format(face::note_strong(), t.accent));
            bold(&mut job, rest, t);
        }
    }
    job
}

/// Bytes of the mark that a line begins with: `## `, `- `, `1. `, after any indentation.
fn mark_len(line: &str) -> usize {
    let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
    let body = line.trim_start_matches([' ', '\t']);
    let run = |c: fn(char) -> bool| body.len() - body.trim_start_matches(c).len();
    let hashes = run(|c| c == '#');
    let digits = run(|c| c.is_ascii_digit());
    let after = |at: usize, mark: &str| body.get(at..).is_some_and(|rest| rest.starts_with(mark));
    match () {
        () if indent == 0 && (1..=6).contains(&hashes) && after(hashes, " ") => hashes + 1,
        () if after(0, "- ") || after(0, "* ") => indent + 2,
        () if (1..=3).contains(&digits) && after(digits, ". ") => indent + digits + 2,
        () => 0,
    }
}

/// Sets what stands between two `**` on one line in the heavier face.
fn bold(job: &mut LayoutJob, line: &str, t: Tokens) {
    let pieces: Vec<&str> = line.split("**").collect();
    let closed = if pieces.len() % 2 == 1 { pieces.len() } else { pieces.len() - 1 };
    for (place, piece) in pieces.iter().enumerate() {
        if place > 0 {
            job.append("**", 0.0, format(face::note_strong(), t.faint));
        }
        let heavy = place % 2 == 1 && place < closed;
        job.append(piece, 0.0, format(if heavy { face::note_strong() } else { face::note() }, t.ink));
    }
}

fn format(font_id: egui::FontId, color: egui::Color32) -> TextFormat {
    TextFormat { font_id, color, line_height: Some(size::NOTE_LINE), ..TextFormat::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::LIGHT;

    /// The pieces of a text with whether they are heavy, and whether they are in the accent.
    fn pieces(text: &str) -> Vec<(String, bool, bool)> {
        let job = markdown(text, 400.0, LIGHT);
        let piece = |section: &egui::text::LayoutSection| {
            let range = section.byte_range.clone();
            let text = job.text[range.start.0..range.end.0].to_owned();
            (text, section.format.font_id == face::note_strong(), section.format.color == LIGHT.accent)
        };
        job.sections.iter().map(piece).filter(|(text, ..)| !text.is_empty()).collect()
    }

    #[test]
    fn styling_changes_no_character() {
        for text in ["", "## Plan\n- **sleep** diary\n", "**open", "#no heading", "1. one\n  - two\n\n", "«ä» **ö** ##"]
        {
            assert_eq!(markdown(text, 400.0, LIGHT).text, text);
        }
    }

    #[test]
    fn a_heading_stands_in_the_accent_and_a_hash_tag_does_not() {
        assert!(pieces("## Plan").contains(&("Plan".into(), true, true)));
        assert_eq!(pieces("#tag"), [("#tag".into(), false, false)]);
    }

    #[test]
    fn bold_needs_both_its_marks() {
        assert!(pieces("a **b** c").contains(&("b".into(), true, false)));
        assert!(pieces("a **b c").contains(&("b c".into(), false, false)));
    }
}
