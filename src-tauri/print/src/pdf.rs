//! A sheet as a PDF, on A4 or Letter, with its letters embedded: Noto Sans, whose digits are all of one width.
//!
//! Positions are whole hundredths of a point; one matrix per page brings them to points, so that nothing here
//! calculates with fractions. Invariant: a letter that the font lacks shows as a question mark, never as a gap.

use crate::{
    sheet::{self, Line},
    words::Language,
};
use miniz_oxide::deflate::compress_to_vec_zlib;
use onetill_core::{Report, report_lines::ReportWord};
use pdf_writer::{
    Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr,
    types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap},
};
use std::collections::BTreeMap;
use ttf_parser::Face;
use unicode_normalization::UnicodeNormalization;

const REGULAR: &[u8] = include_bytes!("../fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../fonts/NotoSans-Bold.ttf");

const A4: Page = Page { width: 595, height: 842 };
const LETTER: Page = Page { width: 612, height: 792 };
/// Hundredths of a point.
const MARGIN: i32 = 56_00;
const LEADING: i32 = 15_00;
const SMALL: i32 = 10_00;
const LARGE: i32 = 16_00;

#[derive(Clone, Copy)]
struct Page {
    width: i16,
    height: i16,
}

/// The report as a PDF file. `copy` marks it even where the report itself does not.
///
/// # Errors
/// What is wrong with the fonts that are built in; never because of the report.
pub fn pdf(report: &Report, language: &Language, copy: bool) -> Result<Vec<u8>, String> {
    let page = if language.formats.letter_paper { LETTER } else { A4 };
    let mut setter =
        Setter { page, fonts: [Font::read(REGULAR)?, Font::read(BOLD)?], pages: Vec::new(), at: 0 };
    setter.turn();
    for line in sheet::lines(report, language, copy) {
        setter.put(&line);
    }
    let title = format!("{} {}", sheet::title(report, language), report.register_number);
    setter.feet(language.words.get(ReportWord::Page), &title);
    Ok(setter.finish(&title))
}

/// One weight, with the letters that were used.
struct Font {
    bytes: &'static [u8],
    face: Face<'static>,
    used: BTreeMap<u16, char>,
}

impl Font {
    fn read(bytes: &'static [u8]) -> Result<Self, String> {
        let face = Face::parse(bytes, 0).map_err(|cause| cause.to_string())?;
        Ok(Self { bytes, face, used: BTreeMap::new() })
    }

    /// The letter numbers of a text, and its width in thousandths of its size.
    fn glyphs(&mut self, text: &str) -> (Vec<u16>, i32) {
        let (mut glyphs, mut width) = (Vec::new(), 0);
        for letter in text.nfc() {
            let letter = if letter.is_whitespace() { ' ' } else { letter };
            if letter.is_control() {
                continue;
            }
            let (letter, glyph) = match self.face.glyph_index(letter) {
                Some(glyph) => (letter, glyph),
                None => ('?', self.face.glyph_index('?').unwrap_or_default()),
            };
            self.used.insert(glyph.0, letter);
            width += self.advance(glyph.0);
            glyphs.push(glyph.0);
        }
        (glyphs, width)
    }

    /// In thousandths of the size.
    fn advance(&self, glyph: u16) -> i32 {
        let units = i32::from(self.face.units_per_em()).max(1);
        self.per_mille(
            i32::from(self.face.glyph_hor_advance(ttf_parser::GlyphId(glyph)).unwrap_or_default()),
            units,
        )
    }

    fn per_mille(&self, value: i32, units: i32) -> i32 {
        value * 1000 / units
    }
}

struct Setter {
    page: Page,
    fonts: [Font; 2],
    pages: Vec<Content>,
    /// Where the next line stands, from the bottom.
    at: i32,
}

impl Setter {
    fn left(&self) -> i32 {
        MARGIN
    }

    fn right(&self) -> i32 {
        i32::from(self.page.width) * 100 - MARGIN
    }

    /// A new page.
    fn turn(&mut self) {
        let mut content = Content::new();
        content.transform([0.01, 0.0, 0.0, 0.01, 0.0, 0.0]);
        self.pages.push(content);
        self.at = i32::from(self.page.height) * 100 - MARGIN;
    }

    /// Goes down to the next line, on the next page where this one is full. Two lines are left for the foot.
    fn advance(&mut self, by: i32) {
        self.at -= by;
        if self.at < MARGIN + 2 * LEADING {
            self.turn();
            self.at -= by;
        }
    }

    fn put(&mut self, line: &Line) {
        match line {
            Line::Title(text) => self.centred(text, LARGE, true),
            Line::Centre(text) => self.centred(text, SMALL, false),
            Line::Heading(text) => {
                self.advance(LEADING * 3 / 2);
                self.rule();
                if !text.is_empty() {
                    self.advance(LEADING);
                    self.show(text, self.left(), SMALL, true);
                }
            }
            Line::Row { label, value, strong } => self.row(label, value, *strong),
            Line::Signature(text) => {
                self.advance(LEADING * 4);
                self.rule();
                self.advance(LEADING);
                self.show(text, self.left(), SMALL, false);
            }
        }
    }

    fn row(&mut self, label: &str, value: &str, strong: bool) {
        self.advance(LEADING);
        let room = self.right() - self.left();
        let (label_wide, value_wide) = (self.wide(label, SMALL, strong), self.wide(value, SMALL, strong));
        if label_wide + value_wide + SMALL <= room {
            self.show(label, self.left(), SMALL, strong);
            self.show(value, self.right() - value_wide, SMALL, strong);
            return;
        }
        let mut parts = self.wrapped(label, SMALL, strong).into_iter();
        if let Some(first) = parts.next() {
            self.show(&first, self.left(), SMALL, strong);
        }
        for part in parts {
            self.advance(LEADING);
            self.show(&part, self.left(), SMALL, strong);
        }
        for part in self.wrapped(value, SMALL, strong) {
            self.advance(LEADING);
            let wide = self.wide(&part, SMALL, strong);
            self.show(&part, self.right() - wide, SMALL, strong);
        }
    }

    fn centred(&mut self, text: &str, size: i32, bold: bool) {
        for part in self.wrapped(text, size, bold) {
            self.advance(size * 3 / 2);
            let wide = self.wide(&part, size, bold);
            self.show(&part, (self.left() + self.right() - wide) / 2, size, bold);
        }
    }

    /// Breaks at blanks, and inside a word where that is wider than the page.
    fn wrapped(&mut self, text: &str, size: i32, bold: bool) -> Vec<String> {
        let room = self.right() - self.left();
        let (mut lines, mut line) = (Vec::new(), String::new());
        for word in text.split_whitespace() {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.wide(&longer, size, bold) <= room {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                line.push(letter);
                if self.wide(&line, size, bold) > room {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, letter.to_string()));
                }
            }
        }
        lines.push(line);
        lines
    }

    /// In hundredths of a point.
    fn wide(&mut self, text: &str, size: i32, bold: bool) -> i32 {
        let [regular, strong] = &mut self.fonts;
        let font = if bold { strong } else { regular };
        font.glyphs(text).1 * size / 1000
    }

    fn show(&mut self, text: &str, x: i32, size: i32, bold: bool) {
        let y = self.at;
        let [regular, strong] = &mut self.fonts;
        let (font, name) = if bold { (strong, Name(b"B")) } else { (regular, Name(b"R")) };
        let bytes: Vec<u8> = font.glyphs(text).0.into_iter().flat_map(u16::to_be_bytes).collect();
        if let Some(content) = self.pages.last_mut() {
            content.begin_text().set_font(name, number(size)).next_line(number(x), number(y));
            content.show(Str(&bytes)).end_text();
        }
    }

    fn rule(&mut self) {
        let (left, right, y) = (number(self.left()), number(self.right()), number(self.at));
        if let Some(content) = self.pages.last_mut() {
            content.set_line_width(50.0).move_to(left, y).line_to(right, y).stroke();
        }
    }

    /// Each page says what it belongs to and which it is.
    fn feet(&mut self, words: &str, title: &str) {
        let all = self.pages.len();
        let pages = std::mem::take(&mut self.pages);
        for (at, page) in pages.into_iter().enumerate() {
            self.pages.push(page);
            self.at = MARGIN;
            let number = words.replace("{pages}", &all.to_string()).replace("{page}", &(at + 1).to_string());
            self.show(title, self.left(), SMALL, false);
            let wide = self.wide(&number, SMALL, false);
            self.show(&number, self.right() - wide, SMALL, false);
        }
    }

    fn finish(self, title: &str) -> Vec<u8> {
        let mut pdf = Pdf::new();
        let (catalog, tree, info) = (Ref::new(1), Ref::new(2), Ref::new(3));
        let fonts = [Ref::new(10), Ref::new(20)];
        pdf.catalog(catalog).pages(tree);
        pdf.document_info(info).title(TextStr(title)).producer(TextStr("Onetill"));
        for (font, id) in self.fonts.iter().zip(fonts) {
            font.write(&mut pdf, id);
        }
        let media = Rect::new(0.0, 0.0, number(self.page.width.into()), number(self.page.height.into()));
        let mut kids = Vec::new();
        for (content, number) in self.pages.into_iter().zip(15..) {
            let (page, stream) = (Ref::new(number * 2), Ref::new(number * 2 + 1));
            kids.push(page);
            let mut written = pdf.page(page);
            written.media_box(media).parent(tree).contents(stream);
            let mut resources = written.resources();
            let mut named = resources.fonts();
            named.pair(Name(b"R"), fonts[0]).pair(Name(b"B"), fonts[1]);
            named.finish();
            resources.finish();
            written.finish();
            let packed = compress_to_vec_zlib(content.finish().as_slice(), 6);
            pdf.stream(stream, &packed).filter(Filter::FlateDecode);
        }
        pdf.pages(tree).count(i32::try_from(kids.len()).unwrap_or(i32::MAX)).kids(kids);
        pdf.finish()
    }
}

impl Font {
    /// Writes the font under `id` and the four numbers after it.
    fn write(&self, pdf: &mut Pdf, id: Ref) {
        let after = |by: i32| Ref::new(id.get() + by);
        let (cid, descriptor, file, cmap) = (after(1), after(2), after(3), after(4));
        let weight: &[u8] = if self.face.is_bold() { b"NotoSans-Bold" } else { b"NotoSans-Regular" };
        let name = Name(weight);
        let system = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
        pdf.type0_font(id)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(cmap);
        let mut font = pdf.cid_font(cid);
        font.subtype(CidFontType::Type2).base_font(name).system_info(system).font_descriptor(descriptor);
        font.default_width(0.0).cid_to_gid_map_predefined(Name(b"Identity"));
        let mut widths = font.widths();
        for glyph in self.used.keys() {
            widths.consecutive(*glyph, [number(self.advance(*glyph))]);
        }
        widths.finish();
        font.finish();
        let units = i32::from(self.face.units_per_em()).max(1);
        let scaled = |value: i16| number(self.per_mille(i32::from(value), units));
        let bounds = self.face.global_bounding_box();
        pdf.font_descriptor(descriptor)
            .name(name)
            .flags(FontFlags::NON_SYMBOLIC)
            .bbox(Rect::new(
                scaled(bounds.x_min),
                scaled(bounds.y_min),
                scaled(bounds.x_max),
                scaled(bounds.y_max),
            ))
            .italic_angle(0.0)
            .ascent(scaled(self.face.ascender()))
            .descent(scaled(self.face.descender()))
            .cap_height(scaled(self.face.capital_height().unwrap_or_default()))
            .stem_v(80.0)
            .font_file2(file);
        let packed = compress_to_vec_zlib(self.bytes, 6);
        let mut stream = pdf.stream(file, &packed);
        stream.filter(Filter::FlateDecode);
        stream.pair(Name(b"Length1"), i32::try_from(self.bytes.len()).unwrap_or(i32::MAX));
        stream.finish();
        let mut map = UnicodeCmap::new(Name(b"Onetill"), system);
        for (glyph, letter) in &self.used {
            map.pair(*glyph, *letter);
        }
        pdf.cmap(cmap, map.finish().as_slice());
    }
}

/// Hundredths of a point and font units are far within what an f32 holds exactly.
#[expect(clippy::cast_precision_loss, clippy::disallowed_types, reason = "positions on a page, below 2^24")]
fn number(value: i32) -> f32 {
    value as f32
}
