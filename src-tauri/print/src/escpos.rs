//! What a receipt printer is sent: the common part of ESC/POS, which every maker's printers understand, with what differs
//! from one family to the next as the settings of the till say.
//!
//! Invariant: a byte that is no letter comes from this module and never from the text of a report or a receipt.

use crate::receipt::{Printed, Style, set};
use crate::{alphabet::Alphabet, document::Document, drawn::Picture, sheet, words::Language};
use onetill_core::printing::{DrawerPin, Letters};
use onetill_core::{PaperWidth, PrinterSettings, SaleSlip};

const ESC: u8 = 0x1b;
const GS: u8 = 0x1d;
const FS: u8 = 0x1c;

/// Back to how it was switched on; single-byte letters, and `#` and `$` as they are in the United States.
const BEGIN: &[u8] = &[ESC, b'@', FS, b'.', ESC, b'R', 0];
/// Up to the knife and a little more, then a cut; without a knife, far enough to tear.
const END: &[u8] = &[ESC, b'd', 3, GS, b'V', 66, 0];
/// After a pulse the drawer gets none for 500 ms, in steps of 2.
const PULSE_OFF: u8 = 250;

/// The usual letter, and the narrower one.
const FONT_A: u8 = 0;
const FONT_B: u8 = 1;
/// Of needles: so many of the usual letters fit into a line.
const WIDEST_A: usize = 35;

/// Tables of letters as printers number them: those of the families, and what else is common.
const KNOWN_TABLES: &[(u16, u8)] = &[
    (1252, 16),
    (1252, 9),
    (1252, 11),
    (1252, 6),
    (1252, 32),
    (858, 19),
    (850, 2),
    (437, 0),
    (28605, 40),
    (852, 18),
    (737, 14),
    (866, 17),
];
/// Letters that tell the tables apart.
const SAMPLE: &str = "ÄÖÜäöüßéèñ¿£€ŁőΓάМяж";

/// Bytes for the printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    bytes: Vec<u8>,
    uses_paper: bool,
}

impl Job {
    /// A sheet as this printer prints it. `copy` marks it even where it does not itself.
    #[must_use]
    pub fn report<'a>(
        sheet: impl Into<Document<'a>>,
        language: &Language,
        printer: &PrinterSettings,
        copy: bool,
    ) -> Self {
        Self::lines(&sheet::lines(&sheet.into(), language, copy), printer)
    }

    /// The receipt of a sale, a refund or a void. `copy` marks it even where the slip itself does not.
    #[must_use]
    pub fn receipt(slip: &SaleSlip, language: &Language, printer: &PrinterSettings, copy: bool) -> Self {
        Self::lines(&sheet::slip(slip, language, copy), printer)
    }

    /// Plain lines: a page to try the printer with.
    #[must_use]
    pub fn page(text: &str, printer: &PrinterSettings) -> Self {
        let lines: Vec<sheet::Line> = text.lines().map(|line| sheet::Line::Centre(line.to_owned())).collect();
        Self::lines(&lines, printer)
    }

    /// A line in each of the tables of letters that printers have, with the name of the table before it.
    #[must_use]
    pub fn letters(printer: &PrinterSettings) -> Self {
        let mut bytes = begun(printer);
        for &(code_page, number) in KNOWN_TABLES {
            let letters = Letters::Page { code_page, number };
            let alphabet = Alphabet::of(letters);
            bytes.extend([ESC, b't', number]);
            bytes.extend(letters.to_string().bytes().chain(*b": "));
            // What the table lacks is left out: a line must not say more than it can.
            bytes.extend(SAMPLE.chars().filter_map(|letter| alphabet.byte(letter)).take(20));
            bytes.push(b'\n');
        }
        bytes.extend(END);
        Self { bytes, uses_paper: true }
    }

    /// Opens the drawer, and prints nothing.
    #[must_use]
    pub fn drawer(printer: &PrinterSettings) -> Self {
        let pin = match printer.drawer_pin.unwrap_or_default() {
            DrawerPin::Two => 0,
            DrawerPin::Five => 1,
        };
        let on = u8::try_from(u16::from(printer.drawer_pulse_ms.unwrap_or_default()) / 2).unwrap_or(u8::MAX);
        Self { bytes: vec![ESC, b'p', pin, on, PULSE_OFF], uses_paper: false }
    }

    fn lines(lines: &[sheet::Line], printer: &PrinterSettings) -> Self {
        let (letters, columns) = (printer.letters(), printer.columns());
        let (alphabet, font) = (Alphabet::of(letters), font(printer));
        let needles = printer.width == PaperWidth::Impact;
        let mut bytes = begun(printer);
        if let Letters::Page { number, .. } = letters {
            bytes.extend([ESC, b't', number]);
        }
        let mut picture = Picture::of_columns(columns);
        for line in set(lines, columns, alphabet) {
            match line {
                Printed::Letters { text, style } if letters == Letters::Drawn => {
                    picture.letters(&text, style)
                }
                Printed::Letters { text, style } => {
                    let (before, after) = turned(style, font);
                    bytes.extend(picture.print());
                    bytes.extend(before);
                    bytes.extend(text.chars().filter_map(|letter| alphabet.byte(letter)));
                    bytes.push(b'\n');
                    bytes.extend(after);
                }
                // Needles draw no squares; the number stands on the paper in letters, too.
                Printed::Code(_) if needles => {}
                Printed::Code(code) if printer.makes_codes() => {
                    bytes.extend(picture.print());
                    bytes.extend(square(&code));
                }
                Printed::Code(code) => picture.code(&code),
            }
        }
        bytes.extend(picture.print());
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

fn begun(printer: &PrinterSettings) -> Vec<u8> {
    let mut bytes = BEGIN.to_vec();
    bytes.extend([ESC, b'M', font(printer)]);
    bytes
}

fn font(printer: &PrinterSettings) -> u8 {
    let needles = printer.width == PaperWidth::Impact;
    if needles && printer.columns() > WIDEST_A { FONT_B } else { FONT_A }
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
