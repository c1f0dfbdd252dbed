//! Where this device keeps its files. One rule for the till and the installer's console.

use std::{
    env,
    hash::{DefaultHasher, Hash, Hasher},
    path::PathBuf,
};

/// The folders and files of this device.
#[derive(Clone, Debug)]
pub struct Places {
    /// What the till writes: the store file, the lock, the logs.
    pub data: PathBuf,
    /// The configuration file, written by the first-run screen or by an installer.
    pub config: PathBuf,
    data_is_given: bool,
}

impl Places {
    /// The platform's usual folders, unless `ONETILL_DATA_DIR` and `ONETILL_CONFIG` name others.
    #[must_use]
    pub fn from_environment() -> Self {
        let given = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = dirs::home_dir().unwrap_or_default();
        let given_data = given("ONETILL_DATA_DIR");
        let data_is_given = given_data.is_some();
        let data = given_data
            .unwrap_or_else(|| dirs::data_local_dir().unwrap_or_else(|| home.clone()).join("onetill"));
        let config = given("ONETILL_CONFIG")
            .unwrap_or_else(|| dirs::config_dir().unwrap_or(home).join("onetill").join("config.toml"));
        Self { data, config, data_is_given }
    }

    /// The same, with another configuration file where one was named.
    #[must_use]
    pub fn with_config(self, config: Option<PathBuf>) -> Self {
        let config = config.unwrap_or(self.config);
        Self { config, ..self }
    }

    /// A name for the till of a data folder of its own, the same at every start; `None` for the usual folder.
    #[must_use]
    pub fn own_identity(&self) -> Option<String> {
        self.data_is_given.then(|| {
            let mut hasher = DefaultHasher::new();
            self.data.hash(&mut hasher);
            format!("at{:016x}", hasher.finish())
        })
    }

    /// The device's SQLite file.
    #[must_use]
    pub fn store_file(&self) -> PathBuf {
        self.data.join("onetill.sqlite")
    }

    /// The folder of the flight recorder's files.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.data.join("logs")
    }
}
