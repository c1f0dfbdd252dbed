//! A sheet as a PDF, a report on A4 or Letter, a receipt on a roll of 80 mm, with its letters embedded: Noto Sans, whose
//! digits are all of one width.
//!
//! Positions are whole hundredths of a point; one matrix per page brings them to points, so that nothing here
//! calculates with fractions. Invariant: a letter that the font lacks shows as a question mark, never as a gap.

use crate::{
    document::Document,
    sheet::{self, Line},
    words::Language,
};
use miniz_oxide::deflate::compress_to_vec_zlib;
use onetill_core::{SaleSlip, report_lines::ReportWord};
use pdf_writer::{
    Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr,
    types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap},
};
use qrcode::{Color, EcLevel, QrCode};
use std::collections::BTreeMap;
use ttf_parser::Face;
use unicode_normalization::UnicodeNormalization;

const REGULAR: &[u8] = include_bytes!("../fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../fonts/NotoSans-Bold.ttf");

const A4: Page = Page { width: 595, height: 842, ..SHEET };
const LETTER: Page = Page { width: 612, height: 792, ..SHEET };
const SHEET: Page = Page { width: 0, height: 0, margin: 56_00, leading: 15_00, small: 10_00, large: 16_00 };
/// 80 mm wide, and as long as a page of a PDF may be; what stays empty is cut off.
const ROLL: Page =
    Page { width: 227, height: 14_000, margin: 14_00, leading: 12_00, small: 8_00, large: 14_00 };
/// One square of a QR code.
const MODULE: i32 = 2_50;

/// Width and height in points, the rest in hundredths of a point.
#[derive(Clone, Copy)]
struct Page {
    width: i16,
    height: i16,
    margin: i32,
    leading: i32,
    small: i32,
    large: i32,
}

/// The sheet as a PDF file. `copy` marks it even where it does not itself.
///
/// # Errors
/// What is wrong with the fonts that are built in; never because of the sheet.
pub fn pdf<'a>(sheet: impl Into<Document<'a>>, language: &Language, copy: bool) -> Result<Vec<u8>, String> {
    let document = sheet.into();
    let page = if language.formats.letter_paper { LETTER } else { A4 };
    let mut setter = Setter::new(page, &sheet::lines(&document, language, copy))?;
    let title = format!("{} {}", document.title(language), document.whose);
    setter.feet(language.words.get(ReportWord::Page), &title);
    Ok(setter.finish(&title, 0))
}

/// The receipt of a sale, a refund or a void as a PDF file, one page as long as it is. `copy` marks it even where the
/// slip itself does not.
///
/// # Errors
/// What is wrong with the fonts that are built in; never because of the receipt.
pub fn receipt_pdf(slip: &SaleSlip, language: &Language, copy: bool) -> Result<Vec<u8>, String> {
    let setter = Setter::new(ROLL, &sheet::slip(slip, language, copy))?;
    let number = slip.sale.receipt.number.as_deref().unwrap_or_default();
    let title = format!("{} {number}", language.words.get(ReportWord::Receipt));
    let empty = if setter.pages.len() == 1 { setter.at - ROLL.margin } else { 0 };
    Ok(setter.finish(title.trim_end(), empty))
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
    /// Sets the lines, page by page.
    fn new(page: Page, lines: &[Line]) -> Result<Self, String> {
        let fonts = [Font::read(REGULAR)?, Font::read(BOLD)?];
        let mut setter = Self { page, fonts, pages: Vec::new(), at: 0 };
        setter.turn();
        for line in lines {
            setter.put(line);
        }
        Ok(setter)
    }

    fn left(&self) -> i32 {
        self.page.margin
    }

    fn right(&self) -> i32 {
        i32::from(self.page.width) * 100 - self.page.margin
    }

    /// A new page.
    fn turn(&mut self) {
        let mut content = Content::new();
        content.transform([0.01, 0.0, 0.0, 0.01, 0.0, 0.0]);
        self.pages.push(content);
        self.at = i32::from(self.page.height) * 100 - self.page.margin;
    }

    /// Goes down to the next line, on the next page where this one is full. Two lines are left for the foot.
    fn advance(&mut self, by: i32) {
        self.at -= by;
        if self.at < self.page.margin + 2 * self.page.leading {
            self.turn();
            self.at -= by;
        }
    }

    fn put(&mut self, line: &Line) {
        let Page { leading, small, large, .. } = self.page;
        match line {
            Line::Title(text) | Line::Mark(text) => self.centred(text, large, true),
            Line::Centre(text) => self.centred(text, small, false),
            Line::Heading(text) if text.is_empty() => {
                self.advance(leading * 3 / 4);
                self.rule();
            }
            Line::Heading(text) => {
                self.advance(leading * 3 / 2);
                self.rule();
                self.advance(leading);
                self.show(text, self.left(), small, true);
            }
            Line::Row { label, value, strong } => self.row(label, value, small, *strong),
            Line::Total { label, value } => {
                self.advance(large - small);
                self.row(label, value, large, true);
            }
            Line::Signature(text) => {
                self.advance(leading * 4);
                self.rule();
                self.advance(leading);
                self.show(text, self.left(), small, false);
            }
            Line::Code(text) => self.code(text),
        }
    }

    fn row(&mut self, label: &str, value: &str, size: i32, strong: bool) {
        let leading = self.page.leading;
        self.advance(leading);
        let room = self.right() - self.left();
        let value_wide = self.wide(value, size, strong);
        let whole = self.wide(label, size, strong) <= room;
        let parts = if whole { vec![label.to_owned()] } else { self.wrapped(label, size, strong) };
        let mut last_wide = 0;
        for (no, part) in parts.into_iter().enumerate() {
            if no > 0 {
                self.advance(leading.max(size));
            }
            last_wide = self.wide(&part, size, strong);
            self.show(&part, self.left(), size, strong);
        }
        if last_wide + value_wide + size <= room {
            self.show(value, self.right() - value_wide, size, strong);
            return;
        }
        for part in self.wrapped(value, size, strong).into_iter().filter(|part| !part.is_empty()) {
            self.advance(leading.max(size));
            let wide = self.wide(&part, size, strong);
            self.show(&part, self.right() - wide, size, strong);
        }
    }

    /// A QR code in the middle; nothing where the text is too long for one.
    fn code(&mut self, text: &str) {
        let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return };
        let across = i32::try_from(code.width()).unwrap_or_default();
        self.advance(self.page.leading + across * MODULE);
        let (left, top) = ((self.left() + self.right() - across * MODULE) / 2, self.at + across * MODULE);
        let Some(content) = self.pages.last_mut() else { return };
        for (place, colour) in (0..).zip(code.to_colors()) {
            if colour == Color::Dark {
                let (x, y) = (left + place % across * MODULE, top - (place / across + 1) * MODULE);
                content.rect(number(x), number(y), number(MODULE), number(MODULE));
            }
        }
        content.fill_nonzero();
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
        let small = self.page.small;
        for (at, page) in pages.into_iter().enumerate() {
            self.pages.push(page);
            self.at = self.page.margin;
            let number = words.replace("{pages}", &all.to_string()).replace("{page}", &(at + 1).to_string());
            self.show(title, self.left(), small, false);
            let wide = self.wide(&number, small, false);
            self.show(&number, self.right() - wide, small, false);
        }
    }

    /// The file. `empty` is how much of the pages' foot is cut off, in hundredths of a point.
    fn finish(self, title: &str, empty: i32) -> Vec<u8> {
        let mut pdf = Pdf::new();
        let (catalog, tree, info) = (Ref::new(1), Ref::new(2), Ref::new(3));
        let fonts = [Ref::new(10), Ref::new(20)];
        pdf.catalog(catalog).pages(tree);
        pdf.document_info(info).title(TextStr(title)).producer(TextStr("Onetill"));
        for (font, id) in self.fonts.iter().zip(fonts) {
            font.write(&mut pdf, id);
        }
        let (width, height) = (number(self.page.width.into()), number(self.page.height.into()));
        let media = Rect::new(0.0, number(empty / 100), width, height);
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
