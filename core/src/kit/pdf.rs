//! The page as a PDF: the same words as the text, the line in groups, and the line once more as a QR code.
//!
//! With the fonts that every PDF reader has. The file holds the line: it is to be printed and deleted. Until then it can be named
//! where the line is asked for: a comment behind the end of the document, which no reader of PDF shows, holds it as text.

use jiff::civil::Date;
use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str};
use qrcodegen::{QrCode, QrCodeEcc};
use zeroize::Zeroizing;

use super::page::{HEAD, INSTRUCTIONS, number_of};
use super::{groups, identity_text};
use crate::secret::{Key, RecoveryRole};

/// A4, in points.
const PAGE: (f32, f32) = (595.0, 842.0);
const MARGIN: f32 = 56.0;
const TEXT: f32 = 9.0;
const LEADING: f32 = 11.4;
const LINE: f32 = 14.0;
/// From one group of the line to the next, and the number above each.
const GROUP: f32 = 90.0;
const NUMBER: f32 = 7.0;
const QR: f32 = 132.0;

/// The recovery kit as one page: for which practice, of which day, the line, and what to do with it.
///
/// `practice` is an id, never a name: the page may be found by a stranger.
pub fn kit_pdf(seed: &Key<RecoveryRole>, practice: &str, date: Date) -> Zeroizing<Vec<u8>> {
    let line = identity_text(seed);
    let mut pen = Pen { content: Content::new(), y: PAGE.1 - MARGIN };
    pen.lines(b"B", TEXT, LEADING, HEAD.lines());
    pen.lines(b"T", TEXT, LEADING, [format!("Practice   {practice}").as_str()]);
    pen.lines(b"T", TEXT, LEADING, [format!("Made on    {date}").as_str()]);
    pen.lines(b"T", TEXT, LEADING, [format!("Kit number {}", number_of(seed)).as_str(), "", "The recovery line:", ""]);
    let beside_qr = pen.y;
    pen.y -= LINE;
    pen.groups(&line);
    pen.qr(&line, PAGE.0 - MARGIN - QR, beside_qr + LEADING - QR);
    pen.y = pen.y.min(beside_qr - QR) - LEADING;
    pen.lines(b"T", TEXT, LEADING, INSTRUCTIONS.trim().lines());
    with_line(&document(pen.content), &line)
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

struct Pen {
    content: Content,
    y: f32,
}

impl Pen {
    fn lines<'a>(&mut self, font: &[u8], size: f32, leading: f32, lines: impl IntoIterator<Item = &'a str>) {
        for line in lines {
            self.text(font, size, (MARGIN, self.y), line);
            self.y -= leading;
        }
    }

    fn text(&mut self, font: &[u8], size: f32, (x, y): (f32, f32), text: &str) {
        self.content.begin_text().set_font(Name(font), size).next_line(x, y);
        self.content.show(Str(text.as_bytes())).end_text();
    }

    /// How the line begins, then three groups a row, each under its number.
    fn groups(&mut self, line: &str) {
        let groups = groups(line);
        let Some((head, letters)) = groups.split_first() else { return };
        self.lines(b"B", LINE, LINE * 2.0, [*head]);
        let mut number = 0_u8;
        for row in letters.chunks(3) {
            for (group, left) in row.iter().zip([0.0, GROUP, 2.0 * GROUP]) {
                number += 1;
                self.text(b"T", NUMBER, (MARGIN + left, self.y + LINE * 0.8), &number.to_string());
                self.text(b"B", LINE, (MARGIN + left, self.y), group);
            }
            self.y -= LINE * 2.0;
        }
    }

    /// The code with its lower left corner there. A line that no code can hold, and there is none, has none.
    fn qr(&mut self, line: &str, x: f32, y: f32) {
        let Ok(code) = QrCode::encode_text(line, QrCodeEcc::Quartile) else { return };
        let modules = i16::try_from(code.size()).unwrap_or(1);
        let side = QR / f32::from(modules);
        for row in 0..modules {
            for column in 0..modules {
                if code.get_module(i32::from(column), i32::from(row)) {
                    let (left, top) = (f32::from(column) * side, f32::from(row + 1) * side);
                    self.content.rect(x + left, y + QR - top, side, side);
                }
            }
        }
        self.content.fill_nonzero();
    }
}

fn document(content: Content) -> Zeroizing<Vec<u8>> {
    let [catalog, pages, page, plain, bold, text] = [1, 2, 3, 4, 5, 6].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(pages);
    pdf.pages(pages).kids([page]).count(1);
    let mut sheet = pdf.page(page);
    sheet.parent(pages).media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1)).contents(text);
    sheet.resources().fonts().pair(Name(b"T"), plain).pair(Name(b"B"), bold);
    sheet.finish();
    pdf.type1_font(plain).base_font(Name(b"Courier"));
    pdf.type1_font(bold).base_font(Name(b"Courier-Bold"));
    let drawn = Zeroizing::new(content.finish().to_vec());
    pdf.stream(text, &drawn);
    Zeroizing::new(pdf.finish())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_page_is_one_pdf_that_shows_every_group_and_a_code() {
        let kit = Key::take(&mut [7; 32]);
        let pdf = kit_pdf(&kit, "00ff", date(2026, 11, 22));
        assert!(is_pdf(&pdf) && pdf.windows(7).any(|window| window == b"\n%%EOF\n"));
        let shown = String::from_utf8_lossy(&pdf).into_owned();
        let line = identity_text(&kit);
        assert!(groups(&line).iter().all(|group| shown.contains(group)));
        assert!((1..=8).all(|number| shown.contains(&format!("({number}) Tj"))), "each group has its number");
        assert!(shown.contains("2026-11-22") && shown.contains("00ff") && shown.contains("RECOVERY KIT"));
        assert!(shown.matches(" re").count() > 200, "a code has hundreds of squares");
    }

    #[test]
    fn everything_stays_on_the_page_and_is_plain_ascii() {
        let longest = HEAD.lines().chain(INSTRUCTIONS.lines()).map(|line| line.chars().count()).max().unwrap();
        let width = f32::from(u16::try_from(longest).unwrap()) * TEXT * 0.6;
        assert!(MARGIN + width <= PAGE.0 - MARGIN / 2.0, "{width}");
        assert!(HEAD.is_ascii() && INSTRUCTIONS.is_ascii());
        let lines = u16::try_from(HEAD.lines().count() + INSTRUCTIONS.trim().lines().count() + 8).unwrap();
        assert!(f32::from(lines) * LEADING + QR + LINE <= PAGE.1 - 1.5 * MARGIN, "{lines} lines");
    }

    #[test]
    fn the_file_gives_the_line_back_and_one_that_was_changed_or_is_another_gives_none() {
        let kit = Key::take(&mut [7; 32]);
        let pdf = kit_pdf(&kit, "00ff", date(2026, 11, 22));
        let line = identity_text(&kit);
        assert_eq!(line_in_pdf(&pdf).as_deref(), Some(&*line));
        let text_mode: Vec<u8> = String::from_utf8_lossy(&pdf).replace('\n', "\r\n").into_bytes();
        let text_mode = text_mode.strip_suffix(b"\n").unwrap();
        assert!(line_in_pdf(text_mode).is_some_and(|read| read == line), "as a transfer in text mode leaves it");
        let appended = [pdf.as_slice(), b"1 0 obj\n<<>>\nendobj\n"].concat();
        let end = pdf.windows(5).position(|window| window == b"%%EOF").unwrap();
        for other in [&pdf[..end + 5], &pdf[5..], &appended, b"%PDF-", b"%PDF-1.7\n%%EOF", b"", line.as_bytes()] {
            assert!(line_in_pdf(other).is_none());
        }
    }

    #[test]
    fn the_code_holds_the_line() {
        let line = identity_text(&Key::<RecoveryRole>::take(&mut [7; 32]));
        let code = QrCode::encode_text(&line, QrCodeEcc::Quartile).unwrap();
        // Capitals, digits and hyphens: the dense form, which fits where bytes would not.
        assert!(code.size() <= 41, "{}", code.size());
    }
}
