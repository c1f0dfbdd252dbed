//! How a computer is set up: what an installer decides, and what a person there may not change.
//!
//! Invariant: a setting is declared once, as a row of the table below. Its key and its field in the configuration file,
//! its layers and its lock, its flag of `onetillctl enroll`, its line in doctor, diagnostics and docs/fleets.md follow
//! from that row.

use crate::{
    Code, Connection, Fault, KeyProblem, Locale, PrinterSettings, ProjectKey, ProjectUrl, ScreenSettings,
    SettingValue, UpdateSettings,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What the documents and the command line say of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingRow {
    /// The setting.
    pub key: SettingKey,
    /// Its name in the configuration file and in `locked`.
    pub name: &'static str,
    /// Its flag of `onetillctl enroll`, without the hyphens.
    pub flag: &'static str,
    /// The values that the flag takes.
    pub values: &'static str,
    /// What holds where no layer sets it.
    pub default: &'static str,
    /// What it decides.
    pub about: &'static str,
}

/// Declares the settings: the two of the project, which are a table of the file, and after them all others, each a field
/// of [`Config`].
macro_rules! settings {
    (
        project {
            $( $project:ident $project_name:literal, --$project_flag:literal $project_values:literal,
                $project_default:literal, $project_about:literal; )*
        }
        $( $key:ident $name:literal, $field:ident: $type:ty, --$flag:literal $values:literal,
            $default:literal, $about:literal; )*
    ) => {
        /// A setting, by its key in the configuration file.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
        pub enum SettingKey {
            $( #[doc = $project_about] #[serde(rename = $project_name)] $project, )*
            $( #[doc = $about] #[serde(rename = $name)] $key, )*
        }

        impl SettingKey {
            /// Every setting, in the order in which people read them.
            pub const ALL: &[Self] = &[$( Self::$project, )* $( Self::$key, )*];

            /// What the documents and the command line say of it.
            #[must_use]
            pub fn row(self) -> SettingRow {
                match self {
                    $( Self::$project => SettingRow {
                        key: self,
                        name: $project_name,
                        flag: $project_flag,
                        values: $project_values,
                        default: $project_default,
                        about: $project_about,
                    }, )*
                    $( Self::$key => SettingRow {
                        key: self,
                        name: $name,
                        flag: $flag,
                        values: $values,
                        default: $default,
                        about: $about,
                    }, )*
                }
            }
        }

        /// What a configuration file says. Unknown keys are refused: a mistyped key that is silently ignored is the
        /// hardest fault to find in forty stores. What a file does not set, the one below it decides.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Config {
            /// Of the whole computer's file only: settings that no person's file may change.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub locked: Vec<SettingKey>,
            /// The Supabase project.
            #[serde(default, skip_serializing_if = "Project::is_empty")]
            pub supabase: Project,
            $(
                #[doc = $about]
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $field: Option<$type>,
            )*
        }

        impl Config {
            /// Whether this file says anything on a setting.
            #[must_use]
            pub fn sets(&self, key: SettingKey) -> bool {
                match key {
                    SettingKey::Url => !self.supabase.url.trim().is_empty(),
                    SettingKey::Key => !self.supabase.key.trim().is_empty(),
                    $( SettingKey::$key => self.$field.is_some(), )*
                }
            }

            /// Puts another's value in the place of this one's.
            pub fn take(&mut self, key: SettingKey, other: &Self) {
                match key {
                    SettingKey::Url => self.supabase.url.clone_from(&other.supabase.url),
                    SettingKey::Key => self.supabase.key.clone_from(&other.supabase.key),
                    $( SettingKey::$key => self.$field.clone_from(&other.$field), )*
                }
            }

            /// Sets a setting as an installer writes it behind its flag of `enroll`.
            ///
            /// # Errors
            /// What is wrong with the text, in words for an installer.
            pub fn set_from_flag(&mut self, key: SettingKey, text: &str) -> Result<(), String> {
                match key {
                    SettingKey::Url => text.clone_into(&mut self.supabase.url),
                    SettingKey::Key => text.clone_into(&mut self.supabase.key),
                    $( SettingKey::$key => self.$field = Some(SettingValue::from_flag(text)?), )*
                }
                Ok(())
            }

            /// A setting's value in a line for an installer; `None` where it is not set, or is the project's key.
            #[must_use]
            pub fn describe(&self, key: SettingKey) -> Option<String> {
                match key {
                    SettingKey::Url => self.sets(key).then(|| self.supabase.url.clone()),
                    SettingKey::Key => None,
                    $( SettingKey::$key => self.$field.as_ref().map(SettingValue::describe), )*
                }
            }

            /// What the window shows of a setting; `None` for nothing set up, and for the project's key, which is not
            /// shown.
            #[must_use]
            pub fn for_window(&self, key: SettingKey) -> Option<String> {
                match key {
                    SettingKey::Url | SettingKey::Key => self.describe(key),
                    $( SettingKey::$key => self.$field.as_ref().and_then(SettingValue::for_window), )*
                }
            }
        }
    };
}

settings! {
    project {
        Url "supabase.url", --"url" "an address", "the set-up screen asks",
        "Address of the Supabase project.";
        Key "supabase.key", --"key" "`sb_publishable_…`", "the set-up screen asks",
        "Publishable key of the project.";
    }
    Printer "printer", printer: PrinterSettings, --"printer" "`none`, `tcp://HOST[:PORT]` or `queue:NAME`", "none",
        "The receipt printer and its cash drawer, as a whole: a layer that has it decides every key of it.";
    Locale "locale", locale: Locale, --"locale" "`en`, `es`, `fr` or `de`, with a region if wanted (`de-CH`)",
        "as the computer has it", "The language to begin with.";
    Autostart "autostart", autostart: bool, --"autostart" "`on` or `off`", "nothing is touched",
        "Whether the till starts when somebody logs in to the computer.";
    Receipts "receipts", receipts: bool, --"receipts" "`on` or `off`", "on",
        "Whether the receipt of a sale is printed by itself, where there is a printer; else when somebody asks for it.";
    Updates "updates", updates: UpdateSettings, --"updates" "`on`, `off`, or `on` with an hour (`on@04:00`)",
        "on, at the hour in which the business day turns",
        "Whether, from where and when newer versions are installed, as a whole.";
    Screen "screen", screen: ScreenSettings, --"screen" "`window` or `full`, with the minutes to the lock (`full@5`; 0 is never)",
        "a window, locked after 15 minutes", "The window, and when it locks, as a whole.";
}

impl Config {
    /// Whether both say the same on a setting.
    #[must_use]
    pub fn agrees(&self, key: SettingKey, other: &Self) -> bool {
        let mut same = self.clone();
        same.take(key, other);
        same == *self
    }

    /// Puts the values that the whole computer's file locks in the place of this one's.
    pub fn obey(&mut self, machine: &Self) {
        for key in &machine.locked {
            self.take(*key, machine);
        }
    }
}

impl fmt::Display for SettingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().name)
    }
}

impl FromStr for SettingKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|key| key.row().name == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|key| key.row().name).collect();
            format!("{text:?} is no setting: {}", known.join(", "))
        })
    }
}

/// The Supabase project of a shop, as it was written and not yet judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Project URL.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// Publishable key.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
}

impl Project {
    /// Whether neither is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.url.trim().is_empty() && self.key.trim().is_empty()
    }

    /// The project to talk to.
    ///
    /// # Errors
    /// `BadUrl`, `WrongKey` or `SecretKey` when a value cannot be one.
    pub fn connection(&self) -> Result<Connection, Fault> {
        let url =
            ProjectUrl::parse(&self.url).map_err(|problem| Fault::new(Code::BadUrl, problem.to_string()))?;
        let key = ProjectKey::parse(&self.key).map_err(|problem| {
            let code = match problem {
                KeyProblem::Secret => Code::SecretKey,
                KeyProblem::Malformed => Code::WrongKey,
            };
            Fault::new(code, problem.to_string())
        })?;
        Ok(Connection { url, key })
    }
}

/// A setting that nobody at this computer may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ManagedSetting {
    /// The setting.
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
    /// Receipts are printed by themselves: there is a printer, and nobody has said otherwise.
    pub prints_receipts: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_has_the_name_that_it_has_in_the_file() {
        for key in SettingKey::ALL {
            assert_eq!(key.to_string().parse::<SettingKey>(), Ok(*key));
            assert_eq!(serde_json::to_value(key).unwrap(), key.row().name);
        }
        assert!("supabase".parse::<SettingKey>().unwrap_err().contains("supabase.url, supabase.key"));
    }

    #[test]
    fn a_flag_sets_its_own_setting_and_no_other() {
        let examples = [
            (SettingKey::Url, "https://shop.example", Some("https://shop.example")),
            (SettingKey::Key, "sb_publishable_z", None),
            (SettingKey::Printer, "tcp://10.0.0.9", Some("tcp://10.0.0.9, 80 mm")),
            (SettingKey::Locale, "de-ch", Some("de-CH")),
            (SettingKey::Autostart, "off", Some("false")),
            (SettingKey::Receipts, "off", Some("false")),
            (SettingKey::Updates, "on@04:00", Some("on, at 04:00:00")),
            (SettingKey::Screen, "full@5", Some("full screen, locks after 5 minutes")),
        ];
        assert!(examples.iter().map(|(key, ..)| key).eq(SettingKey::ALL), "each setting has an example");
        for (key, text, described) in examples {
            let mut config = Config::default();
            config.set_from_flag(key, text).unwrap();
            assert_eq!(config.describe(key).as_deref(), described);
            for other in SettingKey::ALL {
                assert_eq!(config.sets(*other), *other == key, "{key} and {other}");
            }
            let mut copy = Config::default();
            copy.take(key, &config);
            assert_eq!(copy, config);
            assert!(copy.agrees(key, &config) && !copy.agrees(key, &Config::default()), "{key}");
            let mut obedient = Config::default();
            obedient.obey(&config);
            assert_eq!(obedient, Config::default(), "what is not locked is advice");
            obedient.obey(&Config { locked: vec![key], ..config.clone() });
            assert!(obedient.agrees(key, &config), "{key}");
        }
        for (key, wrong) in [
            (SettingKey::Printer, "usb"),
            (SettingKey::Locale, "german"),
            (SettingKey::Autostart, "maybe"),
            (SettingKey::Updates, "on@25:00"),
            (SettingKey::Updates, "off@04:00"),
            (SettingKey::Screen, "full@1441"),
            (SettingKey::Screen, "small"),
        ] {
            assert!(Config::default().set_from_flag(key, wrong).is_err(), "{key} {wrong}");
        }
    }
}
