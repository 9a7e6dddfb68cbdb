//! The page as a PDF: the same words as the text, in the typefaces of the window; the line in groups, and once more as a QR code.
//!
//! The file holds the line: it is to be printed and deleted. Until then it can be named where the line is asked for: a comment behind
//! the end of the document, which no reader of PDF shows, holds it as text.

use jiff::civil::Date;
use qrcodegen::{QrCode, QrCodeEcc};
use zeroize::Zeroizing;

use super::instructions::{INTRODUCTION, Item, SECTIONS, Section, WITHOUT};
use super::page::number_of;
use super::sheet::{self, Face, Ink, NotSet, Pen, Style, Typefaces};
use super::{groups, identity_text};
use crate::secret::{Key, RecoveryRole};

const MARGIN: f32 = 52.0;
/// Between two columns.
const GAP: f32 = 28.0;
const WHOLE: f32 = sheet::SIZE.0 - 2.0 * MARGIN;
const HALF: f32 = (WHOLE - GAP) / 2.0;
/// Sections in the left one of two columns.
const LEFT: usize = 2;
/// The column beside the one that says what to do without this program.
const NARROW: f32 = 150.0;
const QR: f32 = 118.0;
/// Where the letters of the line begin, and how far it is from one group to the next.
const LETTERS: f32 = MARGIN + 118.0;
const COLUMNS: [f32; 4] = [0.0, 94.0, 188.0, 282.0];
const RULE: f32 = 0.6;

const INK: Ink = (0x1E, 0x22, 0x24);
const SOFT: Ink = (0x47, 0x4D, 0x4F);
const ACCENT: Ink = (0x0E, 0x4A, 0x52);
const HAIRLINE: Ink = (0xC9, 0xC2, 0xB4);
/// The code is read by machines.
const BLACK: Ink = (0, 0, 0);

/// The recovery kit as one page: for which practice, of which day, the line, and what to do with it.
///
/// `practice` is an id, never a name: the page may be found by a stranger.
///
/// # Errors
/// [`NotSet`].
pub fn kit_pdf(
    seed: &Key<RecoveryRole>,
    practice: &str,
    date: Date,
    typefaces: &Typefaces,
) -> Result<Zeroizing<Vec<u8>>, NotSet> {
    let line = identity_text(seed);
    let faces = Faces::new(typefaces)?;
    let about = [("Practice", practice), ("Made on", &*date.to_string()), ("Kit number", &*number_of(seed))];
    let document = sheet::document("Recovery kit", |pen| {
        draw(pen, &faces.styles(), &about, &line);
    });
    Ok(with_line(&Zeroizing::new(document?), &line))
}

/// How the comment begins that holds the line.
const COMMENT: &str = "\n%Subrosa recovery kit ";
/// Bytes at the end of a file in which the comment is looked for: itself, and what a transfer may have done to the ends of lines.
const TAIL: usize = 256;

/// Whether a file is a PDF, this one or another.
pub fn is_pdf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF-")
}

/// The recovery line out of a PDF that [`kit_pdf`] made, or `None` out of any other: it is not drawn out of the page, which another program may have
/// set anew.
pub fn line_in_pdf(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let tail = is_pdf(bytes).then(|| bytes.get(bytes.len().saturating_sub(TAIL)..))??;
    let at = tail.windows(COMMENT.len()).rposition(|window| window == COMMENT.as_bytes())?;
    let line = tail.get(at + COMMENT.len()..)?;
    let end = line.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(line.len());
    let (line, rest) = line.split_at_checked(end)?;
    let is_last = rest.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
    let text = std::str::from_utf8(line).ok().filter(|_| is_last)?;
    Some(Zeroizing::new(text.to_owned()))
}

/// The document, and behind its end the line as a comment.
fn with_line(document: &[u8], line: &str) -> Zeroizing<Vec<u8>> {
    let parts = [document, COMMENT.as_bytes(), line.as_bytes(), b"\n"];
    let mut file = Zeroizing::new(Vec::with_capacity(parts.iter().map(|part| part.len()).sum()));
    parts.into_iter().for_each(|part| file.extend_from_slice(part));
    file
}

struct Faces {
    title: Face,
    book: Face,
    text: Face,
    strong: Face,
    copied: Face,
}

struct Styles<'f> {
    title: Style<'f>,
    book: Style<'f>,
    heading: Style<'f>,
    text: Style<'f>,
    command: Style<'f>,
    label: Style<'f>,
    number: Style<'f>,
    group: Style<'f>,
}

impl Faces {
    fn new(of: &Typefaces) -> Result<Self, NotSet> {
        Ok(Self {
            title: Face::new(of.title)?,
            book: Face::new(of.book)?,
            text: Face::new(of.text)?,
            strong: Face::new(of.strong)?,
            copied: Face::new(of.strong)?.copied(),
        })
    }

    fn styles(&self) -> Styles<'_> {
        let style = |face, size, leading, ink| Style { face, size, leading, ink };
        Styles {
            title: style(&self.title, 26.0, 30.0, INK),
            book: style(&self.book, 10.5, 16.0, INK),
            heading: style(&self.strong, 10.0, 14.5, ACCENT),
            text: style(&self.text, 8.8, 13.2, INK),
            command: style(&self.text, 8.8, 13.2, ACCENT),
            label: style(&self.text, 8.0, 12.0, SOFT),
            number: style(&self.text, 7.0, 9.0, SOFT),
            group: style(&self.copied, 12.0, 16.0, INK),
        }
    }
}

/// The whole page; the height at which it ends.
fn draw(pen: &mut Pen<'_, '_>, styles: &Styles<'_>, about: &[(&str, &str)], line: &str) -> f32 {
    qr(pen, line, (sheet::SIZE.0 - MARGIN - QR, MARGIN));
    let top = MARGIN + styles.title.size * 0.8;
    pen.line(styles.title, (MARGIN, top), "Recovery kit");
    let mut y = pen.paragraph(styles.book, (MARGIN, top + 8.0, WHOLE - QR - GAP), INTRODUCTION) + 10.0;
    for (label, value) in about {
        y += styles.label.leading;
        pen.line(styles.label, (MARGIN, y), label);
        pen.line(Style { ink: INK, ..styles.label }, (MARGIN + 60.0, y), value);
    }
    y = rule(pen, y.max(MARGIN + QR) + 18.0);
    y = letters(pen, styles, line, y + 8.0) + 14.0;
    y = rule(pen, y);
    let columns = [MARGIN, MARGIN + HALF + GAP].into_iter().zip([SECTIONS.get(..LEFT), SECTIONS.get(LEFT..)]);
    let ends = columns.map(|(x, sections)| {
        let sections = sections.unwrap_or_default().iter();
        sections.fold(y, |y, part| section(pen, styles, part, (x, y, HALF)))
    });
    y = ends.fold(y, f32::max);
    y = rule(pen, y + 12.0);
    let [command_line, program] = &WITHOUT;
    let one = section(pen, styles, command_line, (MARGIN, y, NARROW));
    one.max(section(pen, styles, program, (MARGIN + NARROW + GAP, y, WHOLE - NARROW - GAP)))
}

fn rule(pen: &mut Pen<'_, '_>, y: f32) -> f32 {
    pen.areas(HAIRLINE, [[MARGIN, y, WHOLE, RULE]]);
    y
}

/// How the line begins, then four groups a row, each under its number.
fn letters(pen: &mut Pen<'_, '_>, styles: &Styles<'_>, line: &str, y: f32) -> f32 {
    let groups = groups(line);
    let Some((head, groups)) = groups.split_first() else { return y };
    let mut y = y + styles.heading.leading;
    pen.line(styles.heading, (MARGIN, y), "The recovery line");
    pen.line(styles.group, (LETTERS, y), head);
    y += 6.0;
    let mut number = 0_u8;
    for row in groups.chunks(COLUMNS.len()) {
        y += styles.number.leading + 6.0;
        for (group, column) in row.iter().zip(COLUMNS) {
            number += 1;
            pen.line(styles.number, (LETTERS + column, y), &number.to_string());
            pen.line(styles.group, (LETTERS + column, y + styles.group.leading - 1.0), group);
        }
        y += styles.group.leading;
    }
    y
}

fn section(pen: &mut Pen<'_, '_>, styles: &Styles<'_>, section: &Section, (x, y, width): (f32, f32, f32)) -> f32 {
    let y = pen.paragraph(styles.heading, (x, y + 8.0, width), section.heading) + 1.0;
    section.items.iter().fold(y, |y, item| match item {
        Item::Say(words) => pen.paragraph(styles.text, (x, y + 2.0, width), words),
        Item::Run(command) => pen.paragraph(styles.command, (x + 10.0, y + 1.0, width - 10.0), command),
    })
}

/// The code with its upper left corner there. A line that no code can hold, and there is none, has none.
fn qr(pen: &mut Pen<'_, '_>, line: &str, (x, y): (f32, f32)) {
    let Ok(code) = QrCode::encode_text(line, QrCodeEcc::Quartile) else { return };
    let modules = i16::try_from(code.size()).unwrap_or(1);
    let side = QR / f32::from(modules);
    let places = (0..modules).flat_map(|row| (0..modules).map(move |column| (row, column)));
    let dark = places.filter(|(row, column)| code.get_module(i32::from(*column), i32::from(*row)));
    pen.areas(BLACK, dark.map(|(row, column)| [x + f32::from(column) * side, y + f32::from(row) * side, side, side]));
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TYPEFACES: Typefaces = Typefaces {
        title: include_bytes!("../../../app/fonts/literata/Literata-SemiBold.ttf"),
        book: include_bytes!("../../../app/fonts/literata/Literata-Regular.ttf"),
        text: include_bytes!("../../../app/fonts/inter/Inter-Regular.ttf"),
        strong: include_bytes!("../../../app/fonts/inter/Inter-SemiBold.ttf"),
    };

    fn kit() -> Key<RecoveryRole> {
        Key::take(&mut [7; 32])
    }

    fn page() -> Zeroizing<Vec<u8>> {
        kit_pdf(&kit(), "00ff", date(2026, 11, 22), &TYPEFACES).unwrap()
    }

    #[test]
    fn the_page_is_one_pdf_in_the_typefaces_of_the_window() {
        let pdf = page();
        let shown = String::from_utf8_lossy(&pdf).into_owned();
        assert!(is_pdf(&pdf) && shown.contains("\n%%EOF\n") && shown.contains("/Count 1"));
        for face in ["Literata-SemiBold", "Literata-Regular", "Inter-Regular", "Inter-SemiBold"] {
            assert!(shown.contains(face), "{face}");
        }
        assert!(!shown.contains("Courier") && pdf.len() < 100_000, "{}", pdf.len());
    }

    #[test]
    fn everything_stays_on_the_page() {
        let faces = Faces::new(&TYPEFACES).unwrap();
        let styles = faces.styles();
        let mut bottom = 0.0;
        let line = identity_text(&kit());
        sheet::document("Page", |pen| {
            bottom =
                draw(pen, &styles, &[("Practice", "00ff"), ("Made on", "2026-11-22"), ("Kit number", "1a")], &line);
        })
        .unwrap();
        assert!((600.0..=sheet::SIZE.1 - MARGIN).contains(&bottom), "{bottom}");
        let widest = groups(&line)[1..].iter().map(|group| styles.group.width(group)).fold(0.0, f32::max);
        assert!(widest < COLUMNS[1] - 4.0 && LETTERS + COLUMNS[3] + widest <= MARGIN + WHOLE, "{widest}");
        assert!(styles.group.width("MMMMMMMM") < COLUMNS[1], "the widest letters");
        let commands = WITHOUT.iter().flat_map(|part| part.items).filter_map(|item| match item {
            Item::Run(command) => Some(*command),
            Item::Say(_) => None,
        });
        assert!(commands.clone().count() == 5, "a command stands on one line");
        assert!(commands.into_iter().all(|command| styles.command.width(command) < WHOLE - NARROW - GAP - 10.0));
    }

    #[test]
    fn what_is_no_typeface_is_an_error_and_no_page_without_letters() {
        let broken = Typefaces { text: b"no typeface", ..TYPEFACES };
        assert_eq!(kit_pdf(&kit(), "00ff", date(2026, 11, 22), &broken).err(), Some(NotSet));
    }

    #[test]
    fn the_file_gives_the_line_back_and_one_that_was_changed_or_is_another_gives_none() {
        let (pdf, line) = (page(), identity_text(&kit()));
        assert_eq!(line_in_pdf(&pdf).as_deref(), Some(&*line));
        let text_mode = [&pdf[..pdf.len() - 1], b"\r\n".as_slice()].concat();
        assert!(line_in_pdf(&text_mode).is_some_and(|read| read == line), "as a transfer in text mode leaves it");
        let appended = [pdf.as_slice(), b"1 0 obj\n<<>>\nendobj\n"].concat();
        let end = pdf.windows(5).rposition(|window| window == b"%%EOF").unwrap();
        for other in [&pdf[..end + 5], &pdf[5..], &appended, b"%PDF-", b"%PDF-1.7\n%%EOF", b"", line.as_bytes()] {
            assert!(line_in_pdf(other).is_none());
        }
    }

    #[test]
    fn the_code_holds_the_line() {
        let code = QrCode::encode_text(&identity_text(&kit()), QrCodeEcc::Quartile).unwrap();
        // Capitals, digits and hyphens: the dense form, which fits where bytes would not.
        assert!(code.size() <= 41, "{}", code.size());
    }
}
