//! Where this device keeps its files. One rule for the till and the installer's console.

use std::{
    env,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
    process::Command,
};

/// The folders and files of this device.
#[derive(Clone, Debug)]
pub struct Places {
    /// What the till writes: the store file, the lock, the logs.
    pub data: PathBuf,
    /// The person's configuration file, written by the first-run screen or by an installer.
    pub config: PathBuf,
    /// The whole computer's, which only its administrator writes.
    pub machine_config: PathBuf,
    pub(crate) data_is_given: bool,
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
        // A person could undo every lock by naming another file; only a development build lets them.
        let machine_config = given("ONETILL_MACHINE_CONFIG")
            .filter(|_named| cfg!(debug_assertions))
            .unwrap_or_else(|| machine_folder().join("config.toml"));
        Self { data, config, machine_config, data_is_given }
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

    /// Where the window was when it was last seen.
    #[must_use]
    pub fn window_file(&self) -> PathBuf {
        self.data.join("window.json")
    }

    /// The folder of the flight recorder's files.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.data.join("logs")
    }
}

/// Sees to it that only an administrator writes into the whole computer's folder. Windows lets everybody make files in a
/// new folder there; elsewhere its parent is the administrator's already.
///
/// # Errors
/// When the system refuses.
pub fn for_administrators_only(folder: &Path) -> io::Result<()> {
    if cfg!(windows) {
        // The system, the administrators, everybody else: by number, for the names follow the system's language.
        let rights = ["*S-1-5-18:(OI)(CI)F", "*S-1-5-32-544:(OI)(CI)F", "*S-1-5-32-545:(OI)(CI)RX"];
        let told =
            Command::new("icacls").arg(folder).args(["/inheritance:r", "/grant:r"]).args(rights).output()?;
        if !told.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&told.stdout).into_owned()));
        }
    }
    Ok(())
}

/// Where an administrator puts what holds for everybody at this computer.
#[cfg(windows)]
fn machine_folder() -> PathBuf {
    // From the system and not from the environment, which is the person's.
    known_folders::get_known_folder_path(known_folders::KnownFolder::ProgramData)
        .unwrap_or_else(|| PathBuf::from(r"C:\ProgramData"))
        .join("onetill")
}

#[cfg(target_os = "macos")]
fn machine_folder() -> PathBuf {
    PathBuf::from("/Library/Application Support/onetill")
}

#[cfg(not(any(windows, target_os = "macos")))]
fn machine_folder() -> PathBuf {
    PathBuf::from("/etc/onetill")
}
