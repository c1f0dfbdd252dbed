//! Where the till on this computer keeps its files. The same rule as the till's own: the platform's usual folders,
//! unless `ONETILL_DATA_DIR` and `ONETILL_CONFIG` name others.

use std::{env, path::PathBuf};

/// The till's folders and files.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// The store file, the lock, the logs.
    pub(crate) data: PathBuf,
    /// The configuration file.
    pub(crate) config: PathBuf,
}

impl Places {
    pub(crate) fn find(config: Option<PathBuf>) -> Self {
        let given = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = dirs::home_dir().unwrap_or_default();
        let data = given("ONETILL_DATA_DIR")
            .unwrap_or_else(|| dirs::data_local_dir().unwrap_or_else(|| home.clone()).join("onetill"));
        let config = config
            .or_else(|| given("ONETILL_CONFIG"))
            .unwrap_or_else(|| dirs::config_dir().unwrap_or(home).join("onetill").join("config.toml"));
        Self { data, config }
    }

    pub(crate) fn store_file(&self) -> PathBuf {
        self.data.join("onetill.sqlite")
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.data.join("logs")
    }
}
