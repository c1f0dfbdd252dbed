//! What a receipt printer is sent: the common part of ESC/POS, which every maker's printers understand.
//!
//! Letters go out in Windows-1252 (page 16), which has the accents of western Europe and the euro. Invariant: a byte
//! that is no letter comes from this module and never from the text of a report or a receipt.

use crate::receipt::{Printed, Style, byte, printable, set};
use crate::{document::Document, sheet, words::Language};
use onetill_core::{PaperWidth, SaleSlip};

const ESC: u8 = 0x1b;
const GS: u8 = 0x1d;
const FS: u8 = 0x1c;

/// Back to how it was switched on; single-byte letters, page 16, and `#` and `$` as they are in the United States.
const BEGIN: &[u8] = &[ESC, b'@', FS, b'.', ESC, b't', 16, ESC, b'R', 0];
/// Up to the knife and a little more, then a cut; without a knife, far enough to tear.
const END: &[u8] = &[ESC, b'd', 3, GS, b'V', 66, 0];
/// Opens the drawer: the first connector, 50 ms on and 500 ms off.
const KICK: &[u8] = &[ESC, b'p', 0, 25, 250];

/// The usual letter, and the narrower one.
const FONT_A: u8 = 0;
const FONT_B: u8 = 1;

/// Bytes for the printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    bytes: Vec<u8>,
    uses_paper: bool,
}

impl Job {
    /// A sheet on paper of this width. `copy` marks it even where it does not itself.
    #[must_use]
    pub fn report<'a>(
        sheet: impl Into<Document<'a>>,
        language: &Language,
        width: PaperWidth,
        copy: bool,
    ) -> Self {
        Self::lines(&sheet::lines(&sheet.into(), language, copy), width)
    }

    /// The receipt of a sale, a refund or a void. `copy` marks it even where the slip itself does not.
    #[must_use]
    pub fn receipt(slip: &SaleSlip, language: &Language, width: PaperWidth, copy: bool) -> Self {
        Self::lines(&sheet::slip(slip, language, copy), width)
    }

    /// Plain lines: a page to try the printer with.
    #[must_use]
    pub fn page(text: &str, width: PaperWidth) -> Self {
        let lines: Vec<sheet::Line> = text.lines().map(|line| sheet::Line::Centre(line.to_owned())).collect();
        Self::lines(&lines, width)
    }

    /// Opens the drawer, and prints nothing.
    #[must_use]
    pub fn drawer() -> Self {
        Self { bytes: KICK.to_vec(), uses_paper: false }
    }

    fn lines(lines: &[sheet::Line], width: PaperWidth) -> Self {
        let mut bytes = BEGIN.to_vec();
        let font = match width {
            PaperWidth::Impact => FONT_B,
            PaperWidth::Narrow | PaperWidth::Wide => FONT_A,
        };
        bytes.extend([ESC, b'M', font]);
        for line in set(lines, width.columns()) {
            match line {
                Printed::Letters { text, style } => {
                    let (before, after) = turned(style, font);
                    bytes.extend(before);
                    bytes.extend(printable(&text).chars().filter_map(byte));
                    bytes.push(b'\n');
                    bytes.extend(after);
                }
                // Needles draw no squares; the number stands on the paper in letters, too.
                Printed::Code(_) if width == PaperWidth::Impact => {}
                Printed::Code(code) => bytes.extend(square(&code)),
            }
        }
        bytes.extend(END);
        Self { bytes, uses_paper: true }
    }

    /// What is sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn uses_paper(&self) -> bool {
        self.uses_paper
    }
}

/// What makes letters look like this, and what ends it.
fn turned(style: Style, font: u8) -> (Vec<u8>, Vec<u8>) {
    // Of the bits of `ESC !`: bold, twice as high, twice as wide. Printers with needles know no other way.
    let look = match style {
        Style::Plain => return (Vec::new(), Vec::new()),
        Style::Bold => return (vec![ESC, b'E', 1], vec![ESC, b'E', 0]),
        Style::Tall => 0b0001_1000,
        Style::Large => 0b0011_1000,
    };
    (vec![ESC, b'!', look | font], vec![ESC, b'!', font])
}

/// A QR code in the middle of the paper: model 2, six dots a module, a seventh of it may be lost. The text is the number
/// of a receipt; what is longer than the printer's shortest form of the command takes is left out.
fn square(text: &str) -> Vec<u8> {
    let letters: Vec<u8> = text.bytes().filter(|byte| byte.is_ascii_graphic()).collect();
    let Ok(length) = u8::try_from(letters.len() + 3) else { return Vec::new() };
    let mut bytes = vec![ESC, b'a', 1];
    let mut told = |parameters: &[u8], length: u8| {
        bytes.extend([GS, b'(', b'k', length, 0, b'1']);
        bytes.extend(parameters);
    };
    told(b"A2\0", 4);
    told(b"C\x06", 3);
    told(b"E1", 3);
    told(&[b"P0".as_slice(), &letters].concat(), length);
    told(b"Q0", 3);
    bytes.extend([ESC, b'a', 0]);
    bytes
}
