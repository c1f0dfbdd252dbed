//! What a receipt printer is sent: the common part of ESC/POS, which every maker's printers understand.
//!
//! Letters go out in Windows-1252 (page 16), which has the accents of western Europe and the euro. Invariant: a byte
//! that is no letter comes from this module and never from a report's text.

use crate::receipt::{Printed, byte, printable, set};
use crate::{sheet, words::Language};
use onetill_core::{PaperWidth, Report};

const ESC: u8 = 0x1b;
const GS: u8 = 0x1d;
const FS: u8 = 0x1c;

/// Back to how it was switched on; single-byte letters, page 16, and `#` and `$` as they are in the United States.
const BEGIN: &[u8] = &[ESC, b'@', FS, b'.', ESC, b't', 16, ESC, b'R', 0];
/// Up to the knife and a little more, then a cut; without a knife, far enough to tear.
const END: &[u8] = &[ESC, b'd', 3, GS, b'V', 66, 0];
/// Opens the drawer: the first connector, 50 ms on and 500 ms off.
const KICK: &[u8] = &[ESC, b'p', 0, 25, 250];

/// Bytes for the printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    bytes: Vec<u8>,
    uses_paper: bool,
}

impl Job {
    /// A report on paper of this width. `copy` marks it even where the report itself does not.
    #[must_use]
    pub fn report(report: &Report, language: &Language, width: PaperWidth, copy: bool) -> Self {
        Self::lines(&set(&sheet::lines(report, language, copy), width.columns()))
    }

    /// Plain lines: a page to try the printer with.
    #[must_use]
    pub fn page(text: &str, width: PaperWidth) -> Self {
        let lines: Vec<sheet::Line> = text.lines().map(|line| sheet::Line::Centre(line.to_owned())).collect();
        Self::lines(&set(&lines, width.columns()))
    }

    /// Opens the drawer, and prints nothing.
    #[must_use]
    pub fn drawer() -> Self {
        Self { bytes: KICK.to_vec(), uses_paper: false }
    }

    fn lines(lines: &[Printed]) -> Self {
        let mut bytes = BEGIN.to_vec();
        for line in lines {
            if line.bold {
                bytes.extend([ESC, b'E', 1]);
            }
            bytes.extend(printable(&line.text).chars().filter_map(byte));
            bytes.push(b'\n');
            if line.bold {
                bytes.extend([ESC, b'E', 0]);
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
