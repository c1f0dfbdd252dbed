//! The letters that a printer has, and what stands on paper for those that it lacks.
//!
//! Invariant: what comes out of [`Alphabet::printable`] has only letters of the alphabet, each one column wide, and no
//! controls: no name of a person or of goods gives a printer a command.

use ab_glyph::{Font, FontRef};
use encoding_rs::Encoding;
use oem_cp::code_table::ENCODING_TABLE_CP_MAP;
use onetill_core::printing::Letters;
use unicode_normalization::UnicodeNormalization;

/// The letters of one printer.
#[derive(Clone, Copy)]
pub(crate) enum Alphabet {
    /// One byte a letter, as one of the code pages of the web has it.
    Web(&'static Encoding),
    /// One byte a letter, as one of the older pages has it.
    Oem(&'static oem_cp::OEMCPHashMap<char, u8>),
    /// Letters without accents.
    Ascii,
    /// What a font can draw.
    Drawn,
}

impl Alphabet {
    pub(crate) fn of(letters: Letters) -> Self {
        match letters {
            Letters::Ascii => Self::Ascii,
            Letters::Drawn => Self::Drawn,
            Letters::Page { code_page, .. } => {
                if let Some(table) = ENCODING_TABLE_CP_MAP.get(&code_page) {
                    return Self::Oem(table);
                }
                web(code_page).map_or(Self::Ascii, Self::Web)
            }
        }
    }

    /// The byte of a letter; `None` for one that this alphabet lacks, and where letters are no bytes.
    pub(crate) fn byte(self, letter: char) -> Option<u8> {
        if letter.is_ascii() {
            return u8::try_from(letter).ok();
        }
        match self {
            Self::Ascii | Self::Drawn => None,
            Self::Oem(table) => oem_cp::encode_char_checked(letter, table),
            // The bytes that these pages leave open are controls, and no letters.
            Self::Web(_) if letter.is_control() => None,
            Self::Web(encoding) => {
                let mut buffer = [0; 4];
                let (bytes, _, unmappable) = encoding.encode(letter.encode_utf8(&mut buffer));
                match (unmappable, bytes.as_ref()) {
                    (false, [byte]) => Some(*byte),
                    _ => None,
                }
            }
        }
    }

    fn has(self, letter: char) -> bool {
        match self {
            Self::Drawn => letter == ' ' || drawn(letter),
            _ => self.byte(letter).is_some(),
        }
    }

    /// The text in letters of this alphabet. What it lacks is written in others where people do so (`EUR`, `oe`), loses
    /// its accents, and is a question mark where nothing is left of it.
    pub(crate) fn printable(self, text: &str) -> String {
        let mut printable = String::with_capacity(text.len());
        for letter in text.nfc() {
            let letter = match letter {
                // The blanks that languages put into amounts; some printers have no such letter.
                '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}' => ' ',
                '\u{2212}' => '-',
                '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
                    continue;
                }
                other if other.is_control() => ' ',
                other => other,
            };
            if self.has(letter) {
                printable.push(letter);
                continue;
            }
            if let Some(written) = written(letter) {
                printable.push_str(&self.printable(written));
                continue;
            }
            let plain: String = letter.nfkd().filter(|part| self.has(*part) && !part.is_control()).collect();
            printable.push_str(if plain.is_empty() { "?" } else { &plain });
        }
        printable
    }
}

/// The pages that the web knows, by the numbers of Windows.
fn web(code_page: u16) -> Option<&'static Encoding> {
    Some(match code_page {
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        1252 => encoding_rs::WINDOWS_1252,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        1255 => encoding_rs::WINDOWS_1255,
        1256 => encoding_rs::WINDOWS_1256,
        1257 => encoding_rs::WINDOWS_1257,
        1258 => encoding_rs::WINDOWS_1258,
        28592 => encoding_rs::ISO_8859_2,
        28597 => encoding_rs::ISO_8859_7,
        28605 => encoding_rs::ISO_8859_15,
        _ => return None,
    })
}

/// How people write a letter that they do not have.
fn written(letter: char) -> Option<&'static str> {
    Some(match letter {
        '€' => "EUR",
        '£' => "GBP",
        '¥' => "JPY",
        'Ł' => "L",
        'ł' => "l",
        'Đ' => "D",
        'đ' => "d",
        'ı' => "i",
        'Œ' => "OE",
        'œ' => "oe",
        'Æ' => "AE",
        'æ' => "ae",
        'Ø' => "O",
        'ø' => "o",
        'ß' => "ss",
        '–' | '—' => "-",
        '‘' | '’' | '‚' => "'",
        '“' | '”' | '„' | '«' | '»' => "\"",
        '·' | '•' => "*",
        '×' => "x",
        _ => return None,
    })
}

/// Whether the font of drawn letters has this one.
fn drawn(letter: char) -> bool {
    let font = FontRef::try_from_slice(dejavu::sans_mono::regular());
    font.is_ok_and(|font| font.glyph_id(letter).0 != 0)
}
