//! Where this device keeps its files.

use std::{
    env,
    hash::{DefaultHasher, Hash, Hasher},
    path::PathBuf,
};

/// The folders and files of this device.
#[derive(Clone, Debug)]
pub(crate) struct Paths {
    /// The data folder was named by whoever started this till.
    data_is_given: bool,
    /// What the till writes: the store file, the lock, the log.
    pub(crate) data: PathBuf,
    /// The configuration file, written by the first-run screen or by an installer.
    pub(crate) config: PathBuf,
}

impl Paths {
    /// The platform's usual folders; `ONETILL_DATA_DIR` and `ONETILL_CONFIG` name others.
    pub(crate) fn from_environment() -> Self {
        let given = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = dirs::home_dir().unwrap_or_default();
        let given_data = given("ONETILL_DATA_DIR");
        let data_is_given = given_data.is_some();
        let data = given_data
            .unwrap_or_else(|| dirs::data_local_dir().unwrap_or_else(|| home.clone()).join("onetill"));
        let config = given("ONETILL_CONFIG")
            .unwrap_or_else(|| dirs::config_dir().unwrap_or(home).join("onetill").join("config.toml"));
        Self { data_is_given, data, config }
    }

    /// A name for the till of a data folder of its own, the same at every start; `None` for the usual folder.
    pub(crate) fn own_identity(&self) -> Option<String> {
        self.data_is_given.then(|| {
            let mut hasher = DefaultHasher::new();
            self.data.hash(&mut hasher);
            format!("at{:016x}", hasher.finish())
        })
    }

    pub(crate) fn store_file(&self) -> PathBuf {
        self.data.join("onetill.sqlite")
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.data.join("logs")
    }
}
