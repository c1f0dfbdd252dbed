//! How receipt printers differ, by families of models.
//!
//! Invariant: a family answers everything that a job has to know; what the settings of a till say goes before it. Letters
//! in a line on 80 mm, tables of letters and what makes codes are those of the public *escpos-printer-db*; on 58 mm, where that
//! says nothing, as many as 384 dots hold (360 of `epson-42`).

use super::{PaperWidth, PrinterSettings};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A family of printers.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// How settings call it.
    pub name: &'static str,
    /// Which printers belong to it, for an installer.
    pub models: &'static str,
    /// Letters in a line, on paper of 80 and of 58 mm.
    wide: u8,
    narrow: u8,
    letters: Letters,
    /// A QR code is made by the printer, from its text.
    makes_codes: bool,
}

/// What is meant where none is named.
const STANDARD: Profile = Profile {
    name: "standard",
    models: "Epson TM-T20, TM-m30, TM-L90; Bixolon SRP; most printers with 48 letters in a line",
    wide: 48,
    narrow: 32,
    letters: Letters::Page { code_page: 1252, number: 16 },
    makes_codes: true,
};

/// Every family.
pub const PROFILES: &[Profile] = &[
    STANDARD,
    Profile {
        name: "epson-42",
        models: "Epson TM-T88, TM-T70, TM-P80; Rongta; others with 42 letters in a line",
        wide: 42,
        narrow: 30,
        letters: Letters::Page { code_page: 1252, number: 16 },
        makes_codes: true,
    },
    Profile {
        name: "citizen",
        models: "Citizen CT-S",
        wide: 48,
        narrow: 32,
        letters: Letters::Page { code_page: 1252, number: 9 },
        makes_codes: true,
    },
    Profile {
        name: "seiko",
        models: "Seiko RP-F10",
        wide: 48,
        narrow: 36,
        letters: Letters::Page { code_page: 1252, number: 16 },
        makes_codes: true,
    },
    Profile {
        name: "kefar",
        models: "Kefar KR-306 and its likes",
        wide: 48,
        narrow: 32,
        letters: Letters::Page { code_page: 1252, number: 11 },
        makes_codes: true,
    },
    Profile {
        name: "munbyn",
        models: "Munbyn ITPP047 and its likes",
        wide: 42,
        narrow: 32,
        letters: Letters::Page { code_page: 1252, number: 6 },
        makes_codes: true,
    },
    Profile {
        name: "metapace",
        models: "Metapace T-1; others with page 858 and without 1252",
        wide: 42,
        narrow: 32,
        letters: Letters::Page { code_page: 858, number: 19 },
        makes_codes: true,
    },
    Profile {
        name: "compact",
        models: "ZJ-58, NT-5890K, POS-58 and other small printers that make no QR codes",
        wide: 48,
        narrow: 32,
        letters: Letters::Page { code_page: 1252, number: 16 },
        makes_codes: false,
    },
    Profile {
        name: "plain",
        models: "printers with only the letters they were born with (page 437)",
        wide: 42,
        narrow: 32,
        letters: Letters::Page { code_page: 437, number: 0 },
        makes_codes: false,
    },
    Profile {
        name: "drawn",
        models: "any printer that prints pictures: letters of other scripts, or a page nobody knows",
        wide: 48,
        narrow: 32,
        letters: Letters::Drawn,
        makes_codes: false,
    },
];

impl Profile {
    /// The family that is meant where none is named.
    #[must_use]
    pub fn standard() -> &'static Self {
        &STANDARD
    }

    /// Reads the name of a family.
    ///
    /// # Errors
    /// Which names there are.
    pub fn named(name: &str) -> Result<&'static Self, String> {
        PROFILES.iter().find(|profile| profile.name == name).ok_or_else(|| {
            let known: Vec<&str> = PROFILES.iter().map(|profile| profile.name).collect();
            format!("there is no printer profile {name:?}: {}", known.join(", "))
        })
    }
}

/// How letters reach the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Letters {
    /// In the printer's own type, from one of its tables of letters.
    Page {
        /// The code page, by the number under which Windows knows it: 1252, 858, 437, 28605 (Latin 9) …
        code_page: u16,
        /// The number under which this printer has it (`ESC t`).
        number: u8,
    },
    /// In the printer's own type, without accents.
    Ascii,
    /// As pictures that this program draws.
    Drawn,
}

/// Code pages of one byte a letter that printers have.
pub const CODE_PAGES: &[u16] = &[
    437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 865, 866, 869, 1250, 1251, 1252, 1253,
    1254, 1255, 1256, 1257, 1258, 28592, 28597, 28605,
];

impl FromStr for Letters {
    type Err = String;

    /// `ascii`, `drawn`, or a code page and its number on this printer: `1252@16`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "ascii" => return Ok(Self::Ascii),
            "drawn" => return Ok(Self::Drawn),
            _ => {}
        }
        let page =
            text.split_once('@').and_then(|(page, number)| Some((page.parse().ok()?, number.parse().ok()?)));
        match page.filter(|(code_page, _)| CODE_PAGES.contains(code_page)) {
            Some((code_page, number)) => Ok(Self::Page { code_page, number }),
            None => Err(format!(
                "{text:?} are no letters: ascii, drawn, or PAGE@NUMBER such as 1252@16 or 858@19"
            )),
        }
    }
}

impl fmt::Display for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page { code_page, number } => write!(f, "{code_page}@{number}"),
            Self::Ascii => f.write_str("ascii"),
            Self::Drawn => f.write_str("drawn"),
        }
    }
}

impl TryFrom<String> for Letters {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Letters> for String {
    fn from(letters: Letters) -> Self {
        letters.to_string()
    }
}

/// To which wires of the drawer's connector the pulse goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum DrawerPin {
    /// Pin 2, to which nearly every drawer is wired.
    #[default]
    Two,
    /// Pin 5, of a second drawer and of some makes.
    Five,
}

impl TryFrom<u8> for DrawerPin {
    type Error = String;

    fn try_from(pin: u8) -> Result<Self, String> {
        match pin {
            2 => Ok(Self::Two),
            5 => Ok(Self::Five),
            other => Err(format!("a drawer at pin {other}: 2 or 5")),
        }
    }
}

impl From<DrawerPin> for u8 {
    fn from(pin: DrawerPin) -> Self {
        match pin {
            DrawerPin::Two => 2,
            DrawerPin::Five => 5,
        }
    }
}

/// Letters in a line, as a ruler on the printer's own paper shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Columns(u8);

impl TryFrom<u8> for Columns {
    type Error = String;

    fn try_from(columns: u8) -> Result<Self, String> {
        if (24..=64).contains(&columns) {
            Ok(Self(columns))
        } else {
            Err(format!("{columns} letters in a line: 24 to 64"))
        }
    }
}

impl From<Columns> for u8 {
    fn from(columns: Columns) -> Self {
        columns.0
    }
}

/// How long the pulse for a drawer is, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Pulse(u16);

impl TryFrom<u16> for Pulse {
    type Error = String;

    fn try_from(milliseconds: u16) -> Result<Self, String> {
        if (10..=500).contains(&milliseconds) {
            Ok(Self(milliseconds))
        } else {
            Err(format!("a pulse of {milliseconds} ms: 10 to 500"))
        }
    }
}

impl From<Pulse> for u16 {
    fn from(pulse: Pulse) -> Self {
        pulse.0
    }
}

impl Default for Pulse {
    fn default() -> Self {
        Self(50)
    }
}

impl PrinterSettings {
    /// Letters in a line.
    #[must_use]
    pub fn columns(&self) -> usize {
        let of_family = match self.width {
            PaperWidth::Narrow => self.profile.narrow,
            PaperWidth::Impact => 40,
            PaperWidth::Wide => self.profile.wide,
        };
        usize::from(self.columns.map_or(of_family, u8::from))
    }

    /// How letters reach the paper. Needles draw no pictures.
    #[must_use]
    pub fn letters(&self) -> Letters {
        match self.letters.unwrap_or(self.profile.letters) {
            Letters::Drawn if self.width == PaperWidth::Impact => Letters::Ascii,
            letters => letters,
        }
    }

    /// Whether the printer makes a QR code of its text; else it is drawn for it.
    #[must_use]
    pub fn makes_codes(&self) -> bool {
        self.profile.makes_codes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_says_something_that_can_be() {
        for profile in PROFILES {
            assert_eq!(Profile::named(profile.name), Ok(profile));
            for columns in [profile.wide, profile.narrow] {
                assert!(Columns::try_from(columns).is_ok(), "{profile:?}");
            }
            assert_eq!(profile.letters.to_string().parse(), Ok(profile.letters), "{profile:?}");
        }
        let unknown = Profile::named("epson").unwrap_err();
        assert!(unknown.contains("epson-42"), "{unknown}");
    }

    #[test]
    fn what_a_till_says_goes_before_its_family() {
        let epson =
            PrinterSettings { profile: Profile::named("epson-42").unwrap(), ..PrinterSettings::default() };
        assert_eq!((epson.columns(), epson.letters().to_string()), (42, "1252@16".to_owned()));
        let own =
            PrinterSettings { columns: Columns::try_from(44).ok(), letters: Some(Letters::Ascii), ..epson };
        assert_eq!((own.columns(), own.letters()), (44, Letters::Ascii));
        let needles = PrinterSettings { width: PaperWidth::Impact, letters: Some(Letters::Drawn), ..own };
        assert_eq!(needles.letters(), Letters::Ascii);
    }

    #[test]
    fn what_no_printer_has_is_refused() {
        for wrong in ["", "1252", "1252@", "@16", "1252@256", "932@1", "page", "1252@16@1"] {
            assert!(wrong.parse::<Letters>().is_err(), "{wrong:?}");
        }
        assert!([0, 23, 65, 255].iter().all(|columns| Columns::try_from(*columns).is_err()));
        assert!([0, 9, 501].iter().all(|pulse| Pulse::try_from(*pulse).is_err()));
        assert!([0, 1, 3, 4, 6].iter().all(|pin| DrawerPin::try_from(*pin).is_err()));
    }
}
