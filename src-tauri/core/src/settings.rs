//! How a computer is set up, beside its project and its printer: what an installer decides, and what a person there may
//! not change.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A language that the screens speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
pub struct Locale {
    language: Language,
    tag: String,
}

impl Locale {
    /// The language that the screens speak.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }
}

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
        let language = match language.to_ascii_lowercase().as_str() {
            "en" => Language::En,
            "es" => Language::Es,
            "fr" => Language::Fr,
            "de" => Language::De,
            _ => return Err(wrong()),
        };
        let name = format!("{language:?}").to_ascii_lowercase();
        let tag = match region {
            None => name,
            Some(region) if is_region(region) => format!("{name}-{}", region.to_ascii_uppercase()),
            Some(_) => return Err(wrong()),
        };
        Ok(Self { language, tag })
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
        locale.tag
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tag)
    }
}

/// A setting, by its key in the configuration file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub enum SettingKey {
    /// Address of the project.
    #[serde(rename = "supabase.url")]
    Url,
    /// Publishable key of the project.
    #[serde(rename = "supabase.key")]
    Key,
    /// The receipt printer, as a whole.
    #[serde(rename = "printer")]
    Printer,
    /// The language to begin with.
    #[serde(rename = "locale")]
    Locale,
    /// Whether the till starts when somebody logs in to the computer.
    #[serde(rename = "autostart")]
    Autostart,
    /// How the program is kept up to date, as a whole.
    #[serde(rename = "updates")]
    Updates,
    /// The window, and when it locks, as a whole.
    #[serde(rename = "screen")]
    Screen,
}

impl SettingKey {
    /// Every setting, in the order in which people read them.
    pub const ALL: [Self; 7] =
        [Self::Url, Self::Key, Self::Printer, Self::Locale, Self::Autostart, Self::Updates, Self::Screen];

    /// The key as it stands in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Url => "supabase.url",
            Self::Key => "supabase.key",
            Self::Printer => "printer",
            Self::Locale => "locale",
            Self::Autostart => "autostart",
            Self::Updates => "updates",
            Self::Screen => "screen",
        }
    }
}

impl fmt::Display for SettingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for SettingKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|key| key.name() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            format!("{text:?} is no setting: {known}")
        })
    }
}

/// A setting that nobody at this computer may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ManagedSetting {
    /// Which one.
    pub key: SettingKey,
    /// What it is set to; of a printer its address or queue. `None` for no printer, and for the project's key, which is
    /// not shown.
    pub value: Option<String>,
}

/// How this computer is set up, as far as the window shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ComputerSettings {
    /// The locale to begin with; `None` to follow the computer's.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub locale: Option<Locale>,
    /// What nobody here may change.
    pub managed: Vec<ManagedSetting>,
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
        assert_eq!("es-MX".parse::<Locale>().unwrap().language(), Language::Es);
    }

    #[test]
    fn a_setting_is_told_by_the_name_that_it_has_in_the_file() {
        for key in SettingKey::ALL {
            assert_eq!(key.name().parse::<SettingKey>(), Ok(key));
            assert_eq!(serde_json::to_value(key).unwrap(), key.name());
        }
        assert!("supabase".parse::<SettingKey>().unwrap_err().contains("supabase.url, supabase.key"));
    }
}
