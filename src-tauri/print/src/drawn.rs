//! Letters and QR codes as pictures of dots, for printers whose own letters are not those of the receipt.
//!
//! Invariant: every letter stands in a cell as large as the printer's own letter, so that columns line up as they do with
//! those; a picture is never wider than the line of letters that it stands for.
#![expect(clippy::disallowed_types, clippy::float_arithmetic, reason = "outlines of letters, no money")]

use crate::receipt::Style;
use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use qrcode::{Color, EcLevel, QrCode};

/// A letter of the printer's usual size, in dots.
const CELL: (usize, usize) = (12, 24);
/// What stays white below a line.
const GAP: usize = 6;
/// One module of a QR code.
const MODULE: usize = 6;
/// The most lines of dots in one command: what every printer's memory holds.
const BAND: usize = 240;

/// Dots, line by line, each of whole bytes; a bit that is set is black.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Bytes in a line.
    width: usize,
    dots: Vec<u8>,
}

impl Picture {
    /// Nothing yet, as wide as a line of so many letters.
    pub(crate) fn of_columns(columns: usize) -> Self {
        Self { width: (columns * CELL.0).div_ceil(8), dots: Vec::new() }
    }

    /// Adds a line of letters.
    pub(crate) fn letters(&mut self, text: &str, style: Style) {
        let (wide, high) = match style {
            Style::Plain | Style::Bold => (1, 1),
            Style::Tall => (1, 2),
            Style::Large => (2, 2),
        };
        let (left, top) = (CELL.0 * wide, self.height());
        self.dots.resize((top + CELL.1 * high + GAP) * self.width, 0);
        let face =
            if style == Style::Plain { dejavu::sans_mono::regular() } else { dejavu::sans_mono::bold() };
        let Ok(font) = FontRef::try_from_slice(face) else { return };
        // As large as fits into the cell: every letter of this font is as wide as the next.
        let per_dot = font.as_scaled(PxScale::from(1.0)).h_advance(font.glyph_id('0'));
        let usual = dots(CELL.0) / per_dot;
        let scale = PxScale { x: usual * dots(wide), y: usual * dots(high) };
        let baseline = font.as_scaled(scale).ascent();
        for (place, letter) in text.chars().enumerate() {
            let at = point(dots(place * left), dots(top) + baseline);
            let Some(outline) = font.outline_glyph(font.glyph_id(letter).with_scale_and_position(scale, at))
            else {
                continue;
            };
            let bounds = outline.px_bounds();
            outline.draw(|x, y, covered| {
                if covered >= 0.45 {
                    self.ink(place_of(bounds.min.x, x), place_of(bounds.min.y, y));
                }
            });
        }
    }

    /// Adds a QR code in the middle, with the white around it that scanners need; nothing where the text is too long for
    /// the width.
    pub(crate) fn code(&mut self, text: &str) {
        let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return };
        let (modules, top) = (code.width(), self.height());
        let Some(left) = (self.width * 8).checked_sub(modules * MODULE).map(|room| room / 2) else { return };
        self.dots.resize((top + (modules + 8) * MODULE) * self.width, 0);
        for (place, colour) in code.to_colors().into_iter().enumerate() {
            if colour == Color::Dark {
                let (x, y) = (left + place % modules * MODULE, top + (place / modules + 4) * MODULE);
                for dot in 0..MODULE * MODULE {
                    self.ink(Some(x + dot % MODULE), Some(y + dot / MODULE));
                }
            }
        }
    }

    /// What prints it (`GS v 0`), and starts anew.
    pub(crate) fn print(&mut self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.dots.len() + 64);
        let of = |count: usize| u16::try_from(count).unwrap_or_default().to_le_bytes();
        for band in self.dots.chunks(BAND * self.width) {
            bytes.extend([0x1d, b'v', b'0', 0]);
            bytes.extend(of(self.width));
            bytes.extend(of(band.len() / self.width));
            bytes.extend(band);
        }
        self.dots.clear();
        bytes
    }

    fn height(&self) -> usize {
        self.dots.len() / self.width
    }

    /// Blackens a dot; what would lie beside the paper is left out.
    fn ink(&mut self, x: Option<usize>, y: Option<usize>) {
        let (Some(x), Some(y)) = (x, y) else { return };
        if x / 8 >= self.width {
            return;
        }
        if let Some(byte) = self.dots.get_mut(y * self.width + x / 8) {
            *byte |= 0x80 >> (x % 8);
        }
    }
}

fn dots(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

/// Where a dot of an outline lies.
#[expect(clippy::cast_possible_truncation, reason = "places of dots on paper")]
fn place_of(from: f32, dot: u32) -> Option<usize> {
    usize::try_from(from as i64 + i64::from(dot)).ok()
}
