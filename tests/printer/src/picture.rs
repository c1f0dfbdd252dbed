//! The paper as a person would hold it: what was printed, dot by dot, as a PNG.
//!
//! Invariant: every letter stands in the cell in which the printer's own letter would stand, so that what does not line
//! up here would not line up on paper.
#![expect(clippy::disallowed_types, clippy::float_arithmetic, reason = "outlines of letters, no money")]

use crate::{Drawn, Paper, Row};
use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};
use qrcode::{Color, EcLevel, QrCode};
use std::{error::Error, fs::File, io::BufWriter, path::Path};

/// A letter of font A, in dots; 8 of them are a millimetre.
const CELL: (u32, u32) = (12, 24);
/// From one line to the next.
const LINE: u32 = 30;
/// What stays white at each side, above and below.
const MARGIN: u32 = 32;
/// One module of a QR code.
const MODULE: u32 = 6;
/// The cut between two receipts.
const CUT: u32 = 24;
const WHITE: u8 = 0xff;
const TABLE: u8 = 0xb0;

impl Paper {
    /// Writes a picture of all receipts, one below the other.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn picture(&self, file: &Path) -> Result<(), Box<dyn Error + Send + Sync>> {
        let regular = FontRef::try_from_slice(dejavu::sans_mono::regular())?;
        let bold = FontRef::try_from_slice(dejavu::sans_mono::bold())?;
        let columns = u32::try_from(self.columns())?;
        let mut sheet = Sheet { width: columns * CELL.0 + 2 * MARGIN, dots: Vec::new() };
        for (number, receipt) in self.receipts.iter().enumerate() {
            if number > 0 {
                sheet.band(CUT, TABLE);
            }
            sheet.band(MARGIN, WHITE);
            for row in receipt {
                match (&row.code, &row.drawn) {
                    (Some(code), _) => sheet.code(code)?,
                    (None, Some(drawn)) => sheet.drawn(drawn),
                    (None, None) => sheet.line(row, if row.bold { &bold } else { &regular }),
                }
            }
            sheet.band(MARGIN, WHITE);
        }
        sheet.save(file)
    }
}

struct Sheet {
    width: u32,
    dots: Vec<u8>,
}

impl Sheet {
    fn band(&mut self, height: u32, shade: u8) {
        let dots = usize::try_from(self.width * height).unwrap_or_default();
        self.dots.resize(self.dots.len() + dots, shade);
    }

    fn line(&mut self, row: &Row, font: &FontRef<'_>) {
        let top = self.dots.len();
        let (high, wide) = (row.height.max(1), row.width.max(1));
        let bottom = LINE + CELL.1 * (u32::from(high) - 1);
        self.band(bottom, WHITE);
        let cell = f32::from(u16::try_from(CELL.0).unwrap_or_default());
        // As large as fits into the cell: every letter of this font is as wide as the next.
        let per_dot = font.as_scaled(PxScale::from(1.0)).h_advance(font.glyph_id('0'));
        let usual = cell / per_dot;
        let scale = PxScale { x: usual * f32::from(wide), y: usual * f32::from(high) };
        let cell = cell * f32::from(wide);
        let baseline = font.as_scaled(scale).ascent();
        let mut left = f32::from(u16::try_from(MARGIN).unwrap_or_default());
        for letter in row.text.chars() {
            let glyph: Glyph = font.glyph_id(letter).with_scale_and_position(scale, point(left, baseline));
            if let Some(outline) = font.outline_glyph(glyph) {
                let bounds = outline.px_bounds();
                outline.draw(|x, y, covered| {
                    self.ink((top, bottom), (bounds.min.x, x), (bounds.min.y, y), covered)
                });
            }
            left += cell;
        }
    }

    fn drawn(&mut self, drawn: &Drawn) {
        let top = self.dots.len();
        let (across, margin) = (self.width, MARGIN);
        self.band(u32::try_from(drawn.dots.len() / drawn.width.max(1)).unwrap_or_default(), WHITE);
        for (place, byte) in (0_u32..).zip(&drawn.dots) {
            let in_a_line = u32::try_from(drawn.width).unwrap_or(1).max(1);
            let (x, y) = (place % in_a_line * 8, place / in_a_line);
            for bit in (0..8).filter(|bit| byte & (0x80 >> bit) != 0) {
                let dot = usize::try_from(y * across + margin + x + bit).unwrap_or_default();
                if let Some(dot) = self.dots.get_mut(top + dot) {
                    *dot = 0;
                }
            }
        }
    }

    /// A QR code in the middle, with the white around it that scanners need.
    fn code(&mut self, text: &str) -> Result<(), qrcode::types::QrError> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
        let top = self.dots.len();
        let modules = u32::try_from(code.width()).unwrap_or_default();
        self.band((modules + 8) * MODULE, WHITE);
        let left = self.width.saturating_sub(modules * MODULE) / 2;
        for (place, colour) in (0..).zip(code.to_colors()) {
            let (column, line) = (place % modules, place / modules + 4);
            for dot in (0..MODULE * MODULE).filter(|_| colour == Color::Dark) {
                let (x, y) = (left + column * MODULE + dot % MODULE, line * MODULE + dot / MODULE);
                let place = usize::try_from(y * self.width + x).unwrap_or_default();
                if let Some(dot) = self.dots.get_mut(top + place) {
                    *dot = 0;
                }
            }
        }
        Ok(())
    }

    /// Darkens one dot, as far as the letter covers it; what would lie beside the paper is cut off, as on paper.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shades and places of dots")]
    fn ink(
        &mut self,
        (top, bottom): (usize, u32),
        (left, x): (f32, u32),
        (above, y): (f32, u32),
        covered: f32,
    ) {
        let across = i64::from(x) + left as i64;
        let down = i64::from(y) + above as i64;
        if !(0..i64::from(self.width)).contains(&across) || !(0..i64::from(bottom)).contains(&down) {
            return;
        }
        let place = usize::try_from(down * i64::from(self.width) + across).unwrap_or_default();
        if let Some(dot) = self.dots.get_mut(top + place) {
            *dot = dot.saturating_sub((covered.clamp(0.0, 1.0) * 255.0) as u8);
        }
    }

    fn save(&self, file: &Path) -> Result<(), Box<dyn Error + Send + Sync>> {
        let height = u32::try_from(self.dots.len())? / self.width;
        let mut encoder = png::Encoder::new(BufWriter::new(File::create(file)?), self.width, height);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.dots)?;
        Ok(writer.finish()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_as_wide_as_the_paper_and_shows_ink_where_letters_stand() {
        let paper = Paper::of(b"\x1b@\nHi\n\x1dVB\0", 32);
        assert_eq!(paper.faults, Vec::<String>::new());
        let file = std::env::temp_dir().join(format!("onetill-paper-{}.png", std::process::id()));
        paper.picture(&file).unwrap();
        let picture = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
        let mut dots = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut dots).unwrap();
        assert_eq!((info.width, info.height), (32 * 12 + 64, 2 * LINE + 2 * MARGIN));
        let width = usize::try_from(info.width).unwrap();
        let dark = |line: u32, column: u32| {
            let (top, left) = (MARGIN + line * LINE, MARGIN + column * CELL.0);
            (top..top + LINE).any(|y| {
                (left..left + CELL.0)
                    .any(|x| dots[usize::try_from(y).unwrap() * width + usize::try_from(x).unwrap()] < 0x40)
            })
        };
        assert_eq!([dark(0, 0), dark(1, 0), dark(1, 1), dark(1, 2)], [false, true, true, false]);
    }
}
