//! The language and region that screens and reports begin with.

use serde::{
    Deserialize, Serialize,
    de::value::{self, StrDeserializer},
};
use std::{fmt, str::FromStr};

/// A language that the screens speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// Spanish.
    Es,
    /// French.
    Fr,
    /// German.
    De,
}

/// A language with the region whose dates and numbers go with it, as BCP 47 writes it: `de`, `de-CH`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Locale(String);

impl FromStr for Locale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let wrong = || {
            format!("{text:?} is no locale of Onetill: en, es, fr or de, with a region if wanted (\"de-CH\")")
        };
        let (language, region) = match text.split_once('-') {
            Some((language, region)) => (language, Some(region)),
            None => (text, None),
        };
        let name = language.to_ascii_lowercase();
        let _known =
            Language::deserialize(StrDeserializer::<value::Error>::new(&name)).map_err(|_no| wrong())?;
        let tag = match region {
            None => name,
            Some(region) if is_region(region) => format!("{name}-{}", region.to_ascii_uppercase()),
            Some(_) => return Err(wrong()),
        };
        Ok(Self(tag))
    }
}

/// Two letters, or the three digits of a larger region (`es-419`).
fn is_region(text: &str) -> bool {
    (text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_alphabetic()))
        || (text.len() == 3 && text.bytes().all(|digit| digit.is_ascii_digit()))
}

impl TryFrom<String> for Locale {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Locale> for String {
    fn from(locale: Locale) -> Self {
        locale.0
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_a_language_of_ours_with_a_region_if_any() {
        for (text, tag) in [("de", "de"), ("DE-ch", "de-CH"), (" fr ", "fr"), ("es-419", "es-419")] {
            assert_eq!(text.parse::<Locale>().unwrap().to_string(), tag);
        }
        for wrong in ["", "german", "de_CH", "it", "de-", "de-CHE", "de-CH-1996", "d\u{e9}"] {
            assert!(wrong.parse::<Locale>().is_err(), "{wrong}");
        }
    }
}
