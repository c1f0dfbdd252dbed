//! How a device is configured: `config.toml`, overridden by the environment.
//!
//! Invariant: what cannot be understood is reported with its place, never guessed and never overwritten
//! unasked.

use onetill_core::{
    Code, Connection, Fault, KeyProblem, PrinterSettings, ProjectKey, ProjectUrl, UpdateSettings,
};
use serde::{Deserialize, Serialize};
use std::{fs, io, path::Path};

/// The file's content. Unknown keys are refused: a mistyped key that is silently ignored is the hardest fault to
/// find in forty stores.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The Supabase project.
    #[serde(default)]
    pub supabase: Supabase,
    /// The receipt printer.
    #[serde(default, skip_serializing_if = "PrinterSettings::is_none")]
    pub printer: PrinterSettings,
    /// How the program is kept up to date.
    #[serde(default, skip_serializing_if = "UpdateSettings::is_usual")]
    pub updates: UpdateSettings,
}

/// The Supabase project of a shop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supabase {
    /// Project URL.
    #[serde(default)]
    pub url: String,
    /// Publishable key.
    #[serde(default)]
    pub key: String,
}

impl Config {
    /// Reads the file; a missing one is an empty configuration.
    ///
    /// # Errors
    /// `BadConfig` with file, line and reason.
    pub fn load(path: &Path) -> Result<Self, Fault> {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map_err(|why| bad(path, &why)),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(cause) => Err(bad(path, &cause)),
        }
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// What is wrong with it, with the line, and without the value, which may be a key.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|cause| explain(text, &cause))
    }

    /// Puts the environment's `ONETILL_SUPABASE_URL` and `ONETILL_SUPABASE_KEY` over the file's values.
    #[must_use]
    pub fn with_environment(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        if let Some(url) = variable("ONETILL_SUPABASE_URL") {
            self.supabase.url = url;
        }
        if let Some(key) = variable("ONETILL_SUPABASE_KEY") {
            self.supabase.key = key;
        }
        self
    }

    /// Writes the file so that either the old or the new content is there, whatever happens.
    ///
    /// # Errors
    /// `StoreFailed` when it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Fault> {
        let text = toml::to_string_pretty(self).map_err(|cause| failed(path, &cause))?;
        let fresh = path.with_extension("toml.new");
        let write = || -> io::Result<()> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&fresh, text)?;
            fs::File::open(&fresh)?.sync_all()?;
            fs::rename(&fresh, path)
        };
        write().map_err(|cause| failed(path, &cause))
    }

    /// Whether nothing has been configured yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.supabase.url.trim().is_empty() && self.supabase.key.trim().is_empty()
    }

    /// The project to talk to.
    ///
    /// # Errors
    /// `BadUrl`, `WrongKey` or `SecretKey` when a value cannot be one.
    pub fn connection(&self) -> Result<Connection, Fault> {
        let url = ProjectUrl::parse(&self.supabase.url)
            .map_err(|problem| Fault::new(Code::BadUrl, problem.to_string()))?;
        let key = ProjectKey::parse(&self.supabase.key).map_err(|problem| {
            let code = match problem {
                KeyProblem::Secret => Code::SecretKey,
                KeyProblem::Malformed => Code::WrongKey,
            };
            Fault::new(code, problem.to_string())
        })?;
        Ok(Connection { url, key })
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
        let folder = tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, text).unwrap();
        Config::load(&path)
    }

    #[test]
    fn a_missing_file_is_an_empty_configuration() {
        let folder = tempdir().unwrap();
        assert!(Config::load(&folder.path().join("none.toml")).unwrap().is_empty());
    }

    #[test]
    fn mistakes_are_named_with_their_line_and_without_the_key() {
        for (text, line) in [
            ("[supabase]\nurl = \"https://x.example\nkey = \"sb_publishable_z\"", "line 2"),
            ("[supabase]\nurl = \"https://x.example\"\nkye = \"sb_publishable_z\"", "line 3"),
            ("[supabase]\nurl = 5", "line 2"),
            ("\n[other]\n", "line 2"),
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
        let config = Config { supabase, printer: PrinterSettings { drawer: true, ..printer }, updates };
        config.save(&path).unwrap();
        config.save(&path).expect("over an existing file, too");
        assert_eq!(Config::load(&path).unwrap(), config);
        assert_eq!(config.connection().unwrap().url.to_string(), "https://x.example");
    }

    #[test]
    fn a_printer_is_none_or_whole_and_its_paper_has_a_width_that_exists() {
        let printer =
            load("[printer]\nkind = \"network\"\naddress = \"10.0.0.9\"\nwidth = 58\ndrawer = true")
                .unwrap()
                .printer;
        assert_eq!((printer.width.columns(), printer.drawer), (32, true));
        assert!(load("").unwrap().printer.is_none());
        for wrong in ["width = 57", "kind = \"usb\"", "adress = \"10.0.0.9\""] {
            assert_eq!(load(&format!("[printer]\n{wrong}")).unwrap_err().code, Code::BadConfig, "{wrong}");
        }
    }

    #[test]
    fn updates_are_looked_for_unless_told_otherwise() {
        assert_eq!(load("").unwrap().updates, UpdateSettings::default());
        let updates = load("[updates]\nhour = \"04:00\"").unwrap().updates;
        assert_eq!((updates.check, updates.hour.unwrap().hour()), (true, 4));
        assert!(!load("[updates]\ncheck = false").unwrap().updates.check);
        for wrong in ["hour = 4", "hour = \"24:30\"", "chek = true"] {
            assert_eq!(load(&format!("[updates]\n{wrong}")).unwrap_err().code, Code::BadConfig, "{wrong}");
        }
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let config = load("[supabase]\nurl = \"https://file.example\"\nkey = \"k\"").unwrap();
        let config = config
            .with_environment(|name| (name == "ONETILL_SUPABASE_URL").then(|| "https://env.example".into()));
        assert_eq!(config.supabase.url, "https://env.example");
        assert_eq!(config.supabase.key, "k");
    }
}
