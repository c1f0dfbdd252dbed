//! The configuration file, `config.toml`: a person's, or one for the whole computer.
//!
//! Invariant: what cannot be understood is reported with its place, never guessed and never overwritten
//! unasked.

use crate::replace::replace;
use onetill_core::{
    Code, Connection, Fault, KeyProblem, Locale, PrinterSettings, ProjectKey, ProjectUrl, ScreenSettings,
    SettingKey, UpdateSettings,
};
use serde::{Deserialize, Serialize};
use std::{fs, io, path::Path};

/// A file's content. Unknown keys are refused: a mistyped key that is silently ignored is the hardest fault to
/// find in forty stores. What a file does not set, the one below it decides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Of the whole computer's file only: settings that no person's file may change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locked: Vec<SettingKey>,
    /// The language to begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// Whether the till starts when somebody logs in to the computer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autostart: Option<bool>,
    /// The Supabase project.
    #[serde(default, skip_serializing_if = "Supabase::is_empty")]
    pub supabase: Supabase,
    /// The receipt printer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub printer: Option<PrinterSettings>,
    /// How the program is kept up to date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updates: Option<UpdateSettings>,
    /// The window, and when it locks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screen: Option<ScreenSettings>,
}

/// The Supabase project of a shop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supabase {
    /// Project URL.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// Publishable key.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
}

impl Supabase {
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

impl Config {
    /// Reads a person's file; a missing one is an empty configuration.
    ///
    /// # Errors
    /// `BadConfig` with file, line and reason.
    pub fn load(path: &Path) -> Result<Self, Fault> {
        let config = Self::read(path)?;
        if !config.locked.is_empty() {
            return Err(bad(path, &"`locked` belongs into the file of the whole computer"));
        }
        Ok(config)
    }

    /// Reads the whole computer's file; a missing one is an empty configuration.
    ///
    /// # Errors
    /// `BadConfig` with file, line and reason; also where a setting is locked that the file does not set.
    pub fn load_machine(path: &Path) -> Result<Self, Fault> {
        let config = Self::read(path)?;
        match config.locked.iter().find(|key| !config.sets(**key)) {
            Some(key) => Err(bad(path, &format!("{key} is locked and not set"))),
            None => Ok(config),
        }
    }

    fn read(path: &Path) -> Result<Self, Fault> {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map_err(|why| bad(path, &why)),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(cause) => Err(bad(path, &cause)),
        }
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// What is wrong with it, with the line, and without the value, which may be a key.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|cause| explain(text, &cause))
    }

    /// Whether this file says anything on a setting.
    #[must_use]
    pub fn sets(&self, key: SettingKey) -> bool {
        match key {
            SettingKey::Url => !self.supabase.url.trim().is_empty(),
            SettingKey::Key => !self.supabase.key.trim().is_empty(),
            SettingKey::Printer => self.printer.is_some(),
            SettingKey::Locale => self.locale.is_some(),
            SettingKey::Autostart => self.autostart.is_some(),
            SettingKey::Updates => self.updates.is_some(),
            SettingKey::Screen => self.screen.is_some(),
        }
    }

    /// Puts another's value in the place of this one's.
    pub fn take(&mut self, key: SettingKey, other: &Self) {
        match key {
            SettingKey::Url => self.supabase.url.clone_from(&other.supabase.url),
            SettingKey::Key => self.supabase.key.clone_from(&other.supabase.key),
            SettingKey::Printer => self.printer.clone_from(&other.printer),
            SettingKey::Locale => self.locale.clone_from(&other.locale),
            SettingKey::Autostart => self.autostart = other.autostart,
            SettingKey::Updates => self.updates.clone_from(&other.updates),
            SettingKey::Screen => self.screen = other.screen,
        }
    }

    /// Whether both say the same on a setting.
    #[must_use]
    pub fn agrees(&self, key: SettingKey, other: &Self) -> bool {
        match key {
            SettingKey::Url => self.supabase.url == other.supabase.url,
            SettingKey::Key => self.supabase.key == other.supabase.key,
            SettingKey::Printer => self.printer == other.printer,
            SettingKey::Locale => self.locale == other.locale,
            SettingKey::Autostart => self.autostart == other.autostart,
            SettingKey::Updates => self.updates == other.updates,
            SettingKey::Screen => self.screen == other.screen,
        }
    }

    /// A setting's value in words for people; `None` where it is not set, or is the project's key.
    #[must_use]
    pub fn told(&self, key: SettingKey) -> Option<String> {
        match key {
            SettingKey::Url => self.sets(key).then(|| self.supabase.url.clone()),
            SettingKey::Key => None,
            SettingKey::Printer => self.printer.as_ref().map(PrinterSettings::told),
            SettingKey::Locale => self.locale.as_ref().map(ToString::to_string),
            SettingKey::Autostart => self.autostart.map(|on| on.to_string()),
            SettingKey::Updates => self.updates.as_ref().map(UpdateSettings::told),
            SettingKey::Screen => self.screen.map(ScreenSettings::told),
        }
    }

    /// Writes the file so that either the old or the new content is there, whatever happens.
    ///
    /// # Errors
    /// `StoreFailed` when it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Fault> {
        let text = toml::to_string_pretty(self).map_err(|cause| failed(path, &cause))?;
        replace(path, &text).map_err(|cause| failed(path, &cause))
    }
}

/// The parser's reason with its line. Its own display would quote the offending line, which may hold a key.
fn explain(text: &str, cause: &toml::de::Error) -> String {
    let line = cause.span().map(|span| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1);
    match line {
        Some(line) => format!("line {line}: {}", cause.message()),
        None => cause.message().to_owned(),
    }
}

fn bad(path: &Path, cause: &dyn std::fmt::Display) -> Fault {
    Fault::new(Code::BadConfig, format!("{}: {cause}", path.display()))
}

fn failed(path: &Path, cause: &dyn std::fmt::Display) -> Fault {
    crate::file::failed_at(path, cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::tempdir;

    fn load(text: &str) -> Result<Config, Fault> {
        written(text, Config::load)
    }

    fn written(text: &str, read: fn(&Path) -> Result<Config, Fault>) -> Result<Config, Fault> {
        let folder = tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn a_missing_file_is_an_empty_configuration() {
        let folder = tempdir().unwrap();
        let none = folder.path().join("none.toml");
        assert_eq!(Config::load(&none).unwrap(), Config::default());
        assert_eq!(Config::load_machine(&none).unwrap(), Config::default());
    }

    #[test]
    fn mistakes_are_named_with_their_line_and_without_the_key() {
        for (text, line) in [
            ("[supabase]\nurl = \"https://x.example\nkey = \"sb_publishable_z\"", "line 2"),
            ("[supabase]\nurl = \"https://x.example\"\nkye = \"sb_publishable_z\"", "line 3"),
            ("[supabase]\nurl = 5", "line 2"),
            ("\n[other]\n", "line 2"),
            ("locale = \"german\"", "line 1"),
            ("autostart = \"yes\"", "line 1"),
            ("\nlocked = [\"supabase\"]", "line 2"),
        ] {
            let fault = load(text).unwrap_err();
            assert_eq!(fault.code, Code::BadConfig);
            assert!(fault.detail.contains(line), "{}", fault.detail);
            assert!(!fault.detail.contains("publishable"), "{}", fault.detail);
        }
    }

    #[test]
    fn what_was_saved_is_loaded() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("deeper/config.toml");
        let supabase = Supabase { url: "https://x.example".into(), key: "sb_publishable_z".into() };
        let printer = PrinterSettings::reached_by("tcp://10.0.0.9").unwrap();
        let updates = UpdateSettings {
            check: false,
            server: "https://updates.shop.example/latest.json".into(),
            hour: Some("03:30".parse().unwrap()),
        };
        let screen = ScreenSettings { full_screen: true, lock_after_minutes: 5.try_into().unwrap() };
        let config = Config {
            supabase,
            printer: Some(PrinterSettings { drawer: true, ..printer }),
            locale: Some("de-CH".parse().unwrap()),
            autostart: Some(true),
            updates: Some(updates),
            screen: Some(screen),
            ..Config::default()
        };
        config.save(&path).unwrap();
        config.save(&path).expect("over an existing file, too");
        assert_eq!(Config::load(&path).unwrap(), config);
        assert_eq!(config.supabase.connection().unwrap().url.to_string(), "https://x.example");
        let managed = Config { locked: SettingKey::ALL.to_vec(), ..config };
        managed.save(&path).unwrap();
        assert_eq!(Config::load_machine(&path).unwrap(), managed);
    }

    #[test]
    fn a_printer_is_none_or_whole_and_its_paper_has_a_width_that_exists() {
        let printer =
            load("[printer]\nkind = \"network\"\naddress = \"10.0.0.9\"\nwidth = 58\ndrawer = true")
                .unwrap()
                .printer
                .unwrap();
        assert_eq!((printer.width.columns(), printer.drawer), (32, true));
        assert!(load("").unwrap().printer.is_none());
        for wrong in ["width = 57", "kind = \"usb\"", "adress = \"10.0.0.9\""] {
            assert_eq!(load(&format!("[printer]\n{wrong}")).unwrap_err().code, Code::BadConfig, "{wrong}");
        }
    }

    #[test]
    fn updates_are_looked_for_unless_told_otherwise() {
        assert_eq!(load("").unwrap().updates, None);
        let updates = load("[updates]\nhour = \"04:00\"").unwrap().updates.unwrap();
        assert_eq!((updates.check, updates.hour.unwrap().hour()), (true, 4));
        assert!(!load("[updates]\ncheck = false").unwrap().updates.unwrap().check);
        for wrong in ["hour = 4", "hour = \"24:30\"", "chek = true"] {
            assert_eq!(load(&format!("[updates]\n{wrong}")).unwrap_err().code, Code::BadConfig, "{wrong}");
        }
    }

    #[test]
    fn a_till_locks_after_a_quarter_of_an_hour_unless_it_is_told_otherwise() {
        let minutes =
            |text: &str| u16::from(load(text).unwrap().screen.unwrap_or_default().lock_after_minutes);
        assert_eq!(minutes(""), 15);
        assert_eq!(minutes("[screen]\nfull_screen = true"), 15);
        assert_eq!(minutes("[screen]\nlock_after_minutes = 0"), 0, "never");
        for wrong in
            ["lock_after_minutes = -1", "lock_after_minutes = 1441", "lock_after = 5", "full_screen = 1"]
        {
            let fault = load(&format!("[screen]\n{wrong}")).unwrap_err();
            assert!(fault.detail.contains("line 2"), "{wrong}: {}", fault.detail);
        }
    }

    #[test]
    fn locks_are_the_whole_computers_and_lock_what_it_sets() {
        let locked = "locked = [\"locale\"]\nlocale = \"fr\"";
        assert!(load(locked).unwrap_err().detail.contains("whole computer"));
        assert_eq!(written(locked, Config::load_machine).unwrap().locked, [SettingKey::Locale]);
        for key in SettingKey::ALL {
            let alone = format!("locked = [\"{key}\"]");
            let fault = written(&alone, Config::load_machine).unwrap_err();
            assert!(fault.detail.contains("locked and not set"), "{}", fault.detail);
        }
    }
}
