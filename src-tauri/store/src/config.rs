//! The configuration file, `config.toml`: a person's, or one for the whole computer.
//!
//! Invariant: what cannot be understood is reported with its place, never guessed and never overwritten
//! unasked.

use crate::replace::replace;
use onetill_core::{Code, Config, Fault};
use std::{fs, io, path::Path};

/// Reads a person's file; a missing one is an empty configuration.
///
/// # Errors
/// `BadConfig` with file, line and reason.
pub fn load(path: &Path) -> Result<Config, Fault> {
    let config = read(path)?;
    if !config.locked.is_empty() {
        return Err(bad(path, &"`locked` belongs into the file of the whole computer"));
    }
    Ok(config)
}

/// Reads the whole computer's file; a missing one is an empty configuration.
///
/// # Errors
/// `BadConfig` with file, line and reason; also where a setting is locked that the file does not set.
pub fn load_machine(path: &Path) -> Result<Config, Fault> {
    let config = read(path)?;
    match config.locked.iter().find(|key| !config.sets(**key)) {
        Some(key) => Err(bad(path, &format!("{key} is locked and not set"))),
        None => Ok(config),
    }
}

fn read(path: &Path) -> Result<Config, Fault> {
    match fs::read_to_string(path) {
        Ok(text) => parse(&text).map_err(|why| bad(path, &why)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Config::default()),
        Err(cause) => Err(bad(path, &cause)),
    }
}

/// Reads a file's text.
///
/// # Errors
/// What is wrong with it, with the line, and without the value, which may be a key.
pub fn parse(text: &str) -> Result<Config, String> {
    toml::from_str(text).map_err(|cause| explain(text, &cause))
}

/// Writes the file so that either the old or the new content is there, whatever happens.
///
/// # Errors
/// `StoreFailed` when it cannot be written.
pub fn save(config: &Config, path: &Path) -> Result<(), Fault> {
    let text = toml::to_string_pretty(config).map_err(|cause| failed(path, &cause))?;
    replace(path, &text).map_err(|cause| failed(path, &cause))
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
    use onetill_core::{PrinterSettings, Project, ScreenSettings, SettingKey, SettingValue, UpdateSettings};
    use tempfile::tempdir;

    fn person(text: &str) -> Result<Config, Fault> {
        written(text, super::load)
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
        assert_eq!(super::load(&none).unwrap(), Config::default());
        assert_eq!(load_machine(&none).unwrap(), Config::default());
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
            let fault = person(text).unwrap_err();
            assert_eq!(fault.code, Code::BadConfig);
            assert!(fault.detail.contains(line), "{}", fault.detail);
            assert!(!fault.detail.contains("publishable"), "{}", fault.detail);
        }
    }

    #[test]
    fn what_was_saved_is_loaded() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("deeper/config.toml");
        let supabase = Project { url: "https://x.example".into(), key: "sb_publishable_z".into() };
        let printer = PrinterSettings::from_flag("tcp://10.0.0.9").unwrap();
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
            receipts: Some(false),
            updates: Some(updates),
            screen: Some(screen),
            ..Config::default()
        };
        save(&config, &path).unwrap();
        save(&config, &path).expect("over an existing file, too");
        assert_eq!(super::load(&path).unwrap(), config);
        assert_eq!(config.supabase.connection().unwrap().url.to_string(), "https://x.example");
        let managed = Config { locked: SettingKey::ALL.to_vec(), ..config };
        save(&managed, &path).unwrap();
        assert_eq!(load_machine(&path).unwrap(), managed);
    }

    #[test]
    fn a_printer_is_none_or_whole_and_its_paper_has_a_width_that_exists() {
        let printer =
            person("[printer]\nkind = \"network\"\naddress = \"10.0.0.9\"\nwidth = 58\ndrawer = true")
                .unwrap()
                .printer
                .unwrap();
        assert_eq!((printer.columns(), printer.drawer), (32, true));
        assert!(person("").unwrap().printer.is_none());
        let own = "profile = \"epson-42\"\ncolumns = 44\nletters = \"858@19\"\ndrawer_pin = 5\ndrawer_pulse_ms = 120";
        let printer = person(&format!("[printer]\n{own}")).unwrap().printer.unwrap();
        assert_eq!(printer.describe(), "none");
        assert_eq!((printer.columns(), printer.profile.name), (44, "epson-42"));
        for wrong in [
            "width = 57",
            "kind = \"usb\"",
            "adress = \"10.0.0.9\"",
            "profile = \"epson\"",
            "columns = 12",
            "letters = \"utf-8\"",
            "drawer_pin = 3",
            "drawer_pulse_ms = 5000",
        ] {
            assert_eq!(person(&format!("[printer]\n{wrong}")).unwrap_err().code, Code::BadConfig, "{wrong}");
        }
    }

    #[test]
    fn updates_are_looked_for_unless_told_otherwise() {
        assert_eq!(person("").unwrap().updates, None);
        let updates = person("[updates]\nhour = \"04:00\"").unwrap().updates.unwrap();
        assert_eq!((updates.check, updates.hour.unwrap().hour()), (true, 4));
        assert!(!person("[updates]\ncheck = false").unwrap().updates.unwrap().check);
        for wrong in ["hour = 4", "hour = \"24:30\"", "chek = true"] {
            assert_eq!(person(&format!("[updates]\n{wrong}")).unwrap_err().code, Code::BadConfig, "{wrong}");
        }
    }

    #[test]
    fn a_till_locks_after_a_quarter_of_an_hour_unless_it_is_told_otherwise() {
        let minutes =
            |text: &str| u16::from(person(text).unwrap().screen.unwrap_or_default().lock_after_minutes);
        assert_eq!(minutes(""), 15);
        assert_eq!(minutes("[screen]\nfull_screen = true"), 15);
        assert_eq!(minutes("[screen]\nlock_after_minutes = 0"), 0, "never");
        for wrong in
            ["lock_after_minutes = -1", "lock_after_minutes = 1441", "lock_after = 5", "full_screen = 1"]
        {
            let fault = person(&format!("[screen]\n{wrong}")).unwrap_err();
            assert!(fault.detail.contains("line 2"), "{wrong}: {}", fault.detail);
        }
    }

    #[test]
    fn locks_are_the_whole_computers_and_lock_what_it_sets() {
        let locked = "locked = [\"locale\"]\nlocale = \"fr\"";
        assert!(person(locked).unwrap_err().detail.contains("whole computer"));
        assert_eq!(written(locked, load_machine).unwrap().locked, [SettingKey::Locale]);
        for key in SettingKey::ALL {
            let alone = format!("locked = [\"{key}\"]");
            let fault = written(&alone, load_machine).unwrap_err();
            assert!(fault.detail.contains("locked and not set"), "{}", fault.detail);
        }
    }
}
