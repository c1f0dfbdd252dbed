//! A computer at a register, with the app's real window on it, worked as a cashier works it.
//!
//! The window is driven through WebKitWebDriver: real clicks and real keys. What a test can ask is
//! what a person can see, named by the `data-testid` of the user interface.

mod process;
mod window;

pub use window::{ENTER, TAB, Window, function_key};

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;

use onetill_local::Backend;
use serde_json::json;

use crate::desktop::Desktop;
use crate::webdriver::Driver;
use crate::{Files, PATIENCE, Result, app_binary, within};
use process::Process;

/// One computer: its desktop session, its files and its settings. The app may come and go.
pub struct Till {
    desktop: Desktop,
    files: Files,
    settings: Vec<(&'static str, String)>,
    /// Another build of the app than the debug one beside the running test.
    other: Option<PathBuf>,
}

impl Till {
    /// A computer on which nothing was ever configured.
    ///
    /// # Errors
    /// When the desktop session cannot be started.
    pub fn new() -> Result<Self> {
        Self::on(Desktop::start()?)
    }

    fn on(desktop: Desktop) -> Result<Self> {
        let mut till = Self { desktop, files: Files::new()?, settings: Vec::new(), other: None };
        till.set("ONETILL_DATA_DIR", till.data().display().to_string());
        till.set("ONETILL_CONFIG", till.config_file().display().to_string());
        // The computer that runs the tests may be set up for something else.
        till.set("ONETILL_MACHINE_CONFIG", till.machine_config_file().display().to_string());
        Ok(till)
    }

    /// A computer that was enrolled with this backend.
    ///
    /// # Errors
    /// As [`Till::new`].
    pub fn enrolled(backend: &Backend) -> Result<Self> {
        Self::new()?.enrolled_with(backend)
    }

    /// The same on a computer that has no keychain.
    ///
    /// # Errors
    /// As [`Till::new`].
    pub fn enrolled_without_keychain(backend: &Backend) -> Result<Self> {
        Self::on(Desktop::without_keychain()?)?.enrolled_with(backend)
    }

    fn enrolled_with(self, backend: &Backend) -> Result<Self> {
        let mut till = self;
        till.set("ONETILL_SUPABASE_URL", backend.url());
        till.set("ONETILL_SUPABASE_KEY", backend.publishable_key().to_owned());
        Ok(till)
    }

    /// Opens this build of the app from now on.
    pub fn runs(&mut self, binary: PathBuf) {
        self.other = Some(binary);
    }

    /// Sets up a receipt printer on 80 mm with a cash drawer, also while the app runs.
    ///
    /// # Errors
    /// When the configuration cannot be written.
    pub fn prints_on(&self, printer: SocketAddr) -> Result<()> {
        let text =
            format!("[printer]\nkind = \"network\"\naddress = \"{printer}\"\nwidth = 80\ndrawer = true\n");
        Ok(std::fs::write(self.config_file(), text)?)
    }

    /// Its desktop session.
    #[must_use]
    pub fn desktop(&self) -> &Desktop {
        &self.desktop
    }

    fn binary(&self) -> Result<PathBuf> {
        self.other.clone().map_or_else(app_binary, Ok)
    }

    /// Sets an environment variable for the app's next start.
    pub fn set(&mut self, name: &'static str, value: String) {
        self.settings.retain(|(known, _)| *known != name);
        self.settings.push((name, value));
    }

    /// Where the app keeps its own files.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.files.path().join("data")
    }

    /// The configuration file; not there unless a test writes it.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.files.path().join("config.toml")
    }

    /// The whole computer's configuration file; not there unless a test writes it.
    #[must_use]
    pub fn machine_config_file(&self) -> PathBuf {
        self.files.path().join("machine.toml")
    }

    /// The frame around the app's window, once there is one.
    ///
    /// # Errors
    /// When none appears.
    #[cfg(target_os = "linux")]
    pub async fn frame(&self) -> Result<crate::frame::Frame> {
        within(PATIENCE, "the window's frame", async || {
            Ok(crate::frame::Frame::find(self.desktop.display())?.ok_or_else(|| "none".to_owned()))
        })
        .await
    }

    /// Starts the app as a double click does, and does not wait for it.
    ///
    /// # Errors
    /// When it was not built.
    pub fn launch(&self) -> Result<Child> {
        let mut app = Command::new(self.binary()?);
        self.desktop.host(&mut app);
        app.envs(self.settings.iter().map(|(name, value)| (*name, value.as_str())));
        Ok(app.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(self.printed())?).spawn()?)
    }

    /// What the app printed since its last start.
    #[must_use]
    pub fn printed(&self) -> PathBuf {
        self.files.path().join("printed.log")
    }

    /// Starts the app and returns once its window says that it is ready.
    ///
    /// # Errors
    /// When it does not get ready; with what the app printed.
    pub async fn open(&self) -> Result<Window> {
        let printed = self.printed();
        match self.open_window(&printed).await {
            Ok(window) => Ok(window),
            Err(error) => {
                let text = std::fs::read_to_string(&printed).unwrap_or_default();
                Err(format!("the window did not open: {error}\nthe app printed:\n{text}").into())
            }
        }
    }

    async fn open_window(&self, printed: &Path) -> Result<Window> {
        let binary = self.binary()?;
        let driver = Driver::start(&self.desktop, &self.settings, printed).await?;
        // The process exists before the session does: from here on it ends with the window.
        let process = Process { lock: self.data().join("onetill.lock"), binary };
        let client = driver.open(Some(&process.binary)).await?;
        let window = Window { client, process, _driver: driver, was_filled: AtomicBool::new(false) };
        within(PATIENCE * 2, "the app's ready mark", async || {
            let script = "return document.documentElement.dataset.ready ?? null";
            let mark = window.client.execute(script, Vec::new()).await?;
            Ok(if mark == json!("true") { Ok(()) } else { Err(mark.to_string()) })
        })
        .await?;
        Ok(window)
    }
}
