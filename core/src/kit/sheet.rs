//! A sheet of paper in the typefaces of the window: lines that are set and broken here, on a page that `krilla` writes.
//!
//! The page goes from its top down, in points. What sets and writes it frees its memory without wiping it: a line that is secret may
//! stay there, as it may where the window has drawn it.

use harfrust::{Feature, FontRef, ShapeOptions, ShaperData, Tag, UnicodeBuffer};
use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};

/// The bytes of the typefaces that a page is set in, TrueType or OpenType.
#[derive(Clone, Copy)]
pub struct Typefaces {
    /// Of the title.
    pub title: &'static [u8],
    /// Of what is read first.
    pub book: &'static [u8],
    /// Of what is done.
    pub text: &'static [u8],
    /// Of headings, and of letters that are copied.
    pub strong: &'static [u8],
}

/// A page could not be written: bytes that were given as a typeface are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "The page could not be set, because a typeface that came with the program cannot be read; save it as text instead"
)]
pub struct NotSet;

/// A4, in points.
pub(super) const SIZE: (f32, f32) = (595.28, 841.89);

/// A colour, as red, green and blue.
pub(super) type Ink = (u8, u8, u8);

/// A face in a size, with the distance from one line to the next.
#[derive(Clone, Copy)]
pub(super) struct Style<'f> {
    pub(super) face: &'f Face,
    pub(super) size: f32,
    pub(super) leading: f32,
    pub(super) ink: Ink,
}

/// One typeface.
pub(super) struct Face {
    font: Font,
    outlines: FontRef<'static>,
    shaping: ShaperData,
    /// A zero that is told from an O, and figures that stand below each other.
    is_copied: bool,
}

impl Face {
    pub(super) fn new(bytes: &'static [u8]) -> Result<Self, NotSet> {
        let outlines = FontRef::from_index(bytes, 0).map_err(|_| NotSet)?;
        let font = Font::new(bytes.into(), 0).ok_or(NotSet)?;
        Ok(Self { font, shaping: ShaperData::new(&outlines), outlines, is_copied: false })
    }

    /// For letters that somebody copies.
    pub(super) fn copied(self) -> Self {
        Self { is_copied: true, ..self }
    }

    /// The glyphs of a line, in parts of the size.
    fn set(&self, text: &str) -> Vec<KrillaGlyph> {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        let features = [b"zero", b"tnum"].map(|tag| Feature::new(Tag::new(tag), u32::from(self.is_copied), ..));
        let shaper = self.shaping.shaper(&self.outlines).build();
        let shaped = shaper.shape(buffer, ShapeOptions::new().features(&features));
        let (infos, places) = (shaped.glyph_infos(), shaped.glyph_positions());
        let part = |units: i32| units as f32 / self.font.units_per_em();
        let starts = || infos.iter().map(|info| usize::try_from(info.cluster).unwrap_or(text.len()));
        let ranges = starts().zip(starts().skip(1).chain([text.len()])).map(|(start, end)| start..end.max(start));
        let glyphs = infos.iter().zip(places).zip(ranges).map(|((info, place), range)| {
            let offset = (part(place.x_offset), part(place.y_offset));
            KrillaGlyph::new(GlyphId::new(info.glyph_id), part(place.x_advance), offset.0, offset.1, 0.0, range, None)
        });
        glyphs.collect()
    }
}

impl Style<'_> {
    /// How wide a text is on one line.
    pub(super) fn width(&self, text: &str) -> f32 {
        self.face.set(text).iter().map(|glyph| glyph.x_advance).sum::<f32>() * self.size
    }

    /// A text in lines of at most this width, broken between words.
    pub(super) fn lines(&self, text: &str, width: f32) -> Vec<String> {
        let space = self.width(" ");
        let (mut lines, mut room) = (Vec::<String>::new(), 0.0);
        for word in text.split(' ') {
            let wide = self.width(word);
            match lines.last_mut().filter(|_| space + wide <= room) {
                Some(line) => {
                    line.push(' ');
                    line.push_str(word);
                    room -= space + wide;
                }
                None => {
                    lines.push(word.to_owned());
                    room = width - wide;
                }
            }
        }
        lines
    }
}

/// What a page is drawn with.
pub(super) struct Pen<'p, 's> {
    surface: &'p mut Surface<'s>,
}

impl Pen<'_, '_> {
    /// One line, whose letters stand on this height.
    pub(super) fn line(&mut self, style: Style<'_>, (x, y): (f32, f32), text: &str) {
        self.surface.set_fill(Some(fill(style.ink)));
        let glyphs = style.face.set(text);
        self.surface.draw_glyphs(Point::from_xy(x, y), &glyphs, style.face.font.clone(), text, style.size, false);
    }

    /// A paragraph of this width, whose first line stands below this height; the height below its last.
    pub(super) fn paragraph(&mut self, style: Style<'_>, (x, y, width): (f32, f32, f32), text: &str) -> f32 {
        let mut y = y;
        for line in style.lines(text, width) {
            y += style.leading;
            self.line(style, (x, y), &line);
        }
        y
    }

    /// Squares and rules: left, top, width and height of each.
    pub(super) fn areas(&mut self, ink: Ink, areas: impl IntoIterator<Item = [f32; 4]>) {
        let mut path = PathBuilder::new();
        let areas = areas.into_iter().filter_map(|[x, y, width, height]| Rect::from_xywh(x, y, width, height));
        areas.for_each(|area| path.push_rect(area));
        if let Some(path) = path.finish() {
            self.surface.set_fill(Some(fill(ink)));
            self.surface.draw_path(&path);
        }
    }
}

fn fill((red, green, blue): Ink) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), rule: FillRule::NonZero, ..Fill::default() }
}

/// A document of one page, of this title.
pub(super) fn document(title: &str, draw: impl FnOnce(&mut Pen<'_, '_>)) -> Result<Vec<u8>, NotSet> {
    let settings = SerializeSettings { xmp_metadata: false, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    document.set_metadata(Metadata::new().title(title.to_owned()).language("en".to_owned()));
    let mut page = document.start_page_with(PageSettings::from_wh(SIZE.0, SIZE.1).ok_or(NotSet)?);
    let mut surface = page.surface();
    draw(&mut Pen { surface: &mut surface });
    surface.finish();
    page.finish();
    document.finish().map_err(|_| NotSet)
}
