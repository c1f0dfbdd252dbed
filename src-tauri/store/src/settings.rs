//! What a computer works by: the whole computer's file, over it the person's, over it the environment.
//!
//! Invariant: a locked setting has the whole computer's value, whatever stands above it; and of every value it is known
//! where it comes from.

use crate::{Places, config};
use onetill_core::{ComputerSettings, Config, Fault, ManagedSetting, PrinterKind, SettingKey};
use std::{collections::BTreeMap, env, fmt};

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The file of the whole computer.
    Machine,
    /// The person's file.
    Person,
    /// A variable of the environment.
    Environment,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Machine => "whole computer",
            Self::Person => "this person",
            Self::Environment => "environment",
        })
    }
}

/// The settings of this computer.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    values: Config,
    sources: BTreeMap<SettingKey, Source>,
    /// What a person's file or the environment says against a lock.
    overruled: BTreeMap<SettingKey, Source>,
}

impl Settings {
    /// Reads both files and the environment.
    ///
    /// # Errors
    /// `BadConfig` with file, line and reason.
    pub fn load(places: &Places) -> Result<Self, Fault> {
        Self::with_variables(places, |name| env::var(name).ok())
    }

    /// The same without the environment.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn of_files(places: &Places) -> Result<Self, Fault> {
        Self::with_variables(places, |_| None)
    }

    fn with_variables(places: &Places, variable: impl Fn(&str) -> Option<String>) -> Result<Self, Fault> {
        let machine = config::load_machine(&places.machine_config)?;
        let person = config::load(&places.config)?;
        let mut environment = Config::default();
        environment.supabase.url = variable("ONETILL_SUPABASE_URL").unwrap_or_default();
        environment.supabase.key = variable("ONETILL_SUPABASE_KEY").unwrap_or_default();
        let mut settings = Self::default();
        let layers =
            [(Source::Machine, &machine), (Source::Person, &person), (Source::Environment, &environment)];
        for &key in SettingKey::ALL {
            let locked = machine.locked.contains(&key);
            for (source, layer) in layers {
                if !layer.sets(key) {
                    continue;
                }
                if source == Source::Machine || !locked {
                    settings.values.take(key, layer);
                    settings.sources.insert(key, source);
                } else if !layer.agrees(key, &machine) {
                    settings.overruled.insert(key, source);
                }
            }
        }
        settings.values.locked = machine.locked;
        Ok(settings)
    }

    /// Every value.
    #[must_use]
    pub fn values(&self) -> &Config {
        &self.values
    }

    /// Whether nobody here may change it.
    #[must_use]
    pub fn is_locked(&self, key: SettingKey) -> bool {
        self.values.locked.contains(&key)
    }

    /// Every setting that is set: its value, where that comes from, whether it is locked, and what was set against the
    /// lock. Of the project's key only that it is set.
    #[must_use]
    pub fn describe(&self) -> Vec<String> {
        let line = |key: &SettingKey| {
            let source = self.sources.get(key)?;
            let value = self.values.describe(*key).unwrap_or_else(|| "set".into());
            let locked = if self.is_locked(*key) { ", locked" } else { "" };
            let ignored = |by| format!("; ignored from {by}: this setting is locked");
            let against = self.overruled.get(key).map(ignored);
            Some(format!("{key} = {value} ({source}{locked}{})", against.unwrap_or_default()))
        };
        SettingKey::ALL.iter().filter_map(line).collect()
    }

    /// What the window shows of it.
    #[must_use]
    pub fn for_window(&self) -> ComputerSettings {
        let managed = |key: &SettingKey| ManagedSetting { key: *key, value: self.values.for_window(*key) };
        let locked = SettingKey::ALL.iter().filter(|key| self.is_locked(**key));
        let has_printer =
            self.values.printer.as_ref().is_some_and(|printer| printer.kind != PrinterKind::None);
        ComputerSettings {
            locale: self.values.locale.clone(),
            managed: locked.map(managed).collect(),
            prints_receipts: has_printer && self.values.receipts.unwrap_or(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::{TempDir, tempdir};

    fn places(machine: &str, person: &str) -> (TempDir, Places) {
        let folder = tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("machine.toml"), machine).unwrap();
        fs::write(at("config.toml"), person).unwrap();
        let places = Places {
            data: at("data"),
            config: at("config.toml"),
            machine_config: at("machine.toml"),
            data_is_given: true,
        };
        (folder, places)
    }

    const MACHINE: &str = "locked = [\"supabase.url\", \"locale\"]\nlocale = \"de\"\nautostart = true\n\
        [supabase]\nurl = \"https://shop.example\"\nkey = \"sb_publishable_a\"\n\
        [printer]\nkind = \"network\"\naddress = \"10.0.0.9\"\n";

    #[test]
    fn the_person_is_above_the_computer_and_the_environment_above_both() {
        let (_folder, places) = places(MACHINE, "autostart = false\n[supabase]\nkey = \"sb_publishable_b\"");
        let set = |name: &str| (name == "ONETILL_SUPABASE_KEY").then(|| "sb_publishable_c".to_owned());
        let settings = Settings::with_variables(&places, set).unwrap();
        assert_eq!(settings.values().supabase.key, "sb_publishable_c");
        assert_eq!(Settings::of_files(&places).unwrap().values().supabase.key, "sb_publishable_b");
        assert_eq!(settings.values().autostart, Some(false));
        assert_eq!(settings.values().printer.as_ref().unwrap().address, "10.0.0.9");
        let told = settings.describe().join("\n");
        for line in [
            "supabase.url = https://shop.example (whole computer, locked)",
            "supabase.key = set (environment)",
            "printer = tcp://10.0.0.9, 80 mm (whole computer)",
            "locale = de (whole computer, locked)",
            "autostart = false (this person)",
        ] {
            assert!(told.contains(line), "{line}: {told}");
        }
        assert!(!told.contains("publishable"), "{told}");
    }

    #[test]
    fn nothing_stands_above_a_lock_and_what_tries_to_is_told() {
        let (_folder, places) =
            places(MACHINE, "locale = \"fr\"\n[supabase]\nurl = \"https://shop.example\"");
        let elsewhere =
            |name: &str| (name == "ONETILL_SUPABASE_URL").then(|| "https://thief.example".to_owned());
        let settings = Settings::with_variables(&places, elsewhere).unwrap();
        assert_eq!(settings.values().supabase.url, "https://shop.example");
        assert_eq!(settings.values().locale.as_ref().unwrap().to_string(), "de");
        let told = settings.describe().join("\n");
        assert!(
            told.contains("https://shop.example (whole computer, locked; ignored from environment"),
            "{told}"
        );
        assert!(
            told.contains(
                "locale = de (whole computer, locked; ignored from this person: this setting is locked)"
            ),
            "{told}"
        );
        let shown = settings.for_window();
        assert_eq!(shown.managed.len(), 2, "{shown:?}");
        assert_eq!(shown.managed[0].value.as_deref(), Some("https://shop.example"));
    }

    #[test]
    fn a_printer_of_the_computers_can_be_taken_away_by_a_person() {
        let (_folder, places) = places(MACHINE, "[printer]\nkind = \"none\"");
        assert!(Settings::of_files(&places).unwrap().values().printer.as_ref().unwrap().is_none());
    }

    #[test]
    fn either_file_may_be_the_broken_one() {
        for (machine, person, name) in
            [("locale = 5", "", "machine.toml"), (MACHINE, "locked = [\"locale\"]", "config.toml")]
        {
            let (_folder, places) = places(machine, person);
            let fault = Settings::of_files(&places).unwrap_err();
            assert!(fault.detail.contains(name), "{}", fault.detail);
        }
    }
}
