//! What the program has while it runs: the configuration and, once that is usable, the till itself.
//!
//! Invariant: there is at most one till, and it belongs to the configured project.

use crate::platform::{Computer, Window, summary};
use onetill_core::{
    Code, Command, CommandName, ComputerSettings, Config, Connection, Fault, Outcome, Project,
    ScreenSettings, SettingKey, Till,
    connection::{Check, CheckName, ConnectionReport},
    ports::{Shell, World},
    saved_file::SavedFile,
    view::{Screen, Snapshot},
};
use onetill_store::{
    Places, ProjectStore, Settings, StoreFile,
    autostart::{self, Kept},
    config, diagnostics,
};
use onetill_supabase::{KeychainVault, SupabaseServer};
use std::{
    env,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A development build keeps its logins apart from those of the released program on the same computer.
const CHANNEL: &str = if cfg!(debug_assertions) { "dev" } else { "" };

/// A till with everything real behind it.
pub(crate) type RealTill = Till<SupabaseServer, ProjectStore, Computer, Window>;

/// Configuration, and the till that works with it.
pub(crate) struct AppState {
    places: Places,
    /// This program's version, told to the server with every request.
    version: String,
    window: Window,
    file: Result<StoreFile, Fault>,
    /// As they were read at the start, or after a person wrote them here; empty where they could not be.
    settings: Mutex<Settings>,
    stage: Mutex<Stage>,
}

/// Where the set-up stands.
enum Stage {
    /// It needs a person: nothing configured, something wrong with it, or somebody wants to change it.
    Setup { url: String, fault: Option<Fault> },
    /// A till is at work.
    Running(Arc<RealTill>),
}

impl AppState {
    /// Starts the till, if the configuration is usable.
    pub(crate) fn new(
        places: Places,
        settings: Result<Settings, Fault>,
        file: Result<StoreFile, Fault>,
        version: String,
        window: Window,
    ) -> Self {
        let state = Self {
            places,
            version,
            window,
            file,
            settings: Mutex::new(settings.clone().unwrap_or_default()),
            stage: Mutex::new(Stage::Setup { url: String::new(), fault: None }),
        };
        let (url, fault) = match settings {
            Ok(settings) => {
                tracing::info!(settings = ?settings.describe(), "configured");
                state.keep_autostart(settings.values().autostart);
                let fault = if settings.values().supabase.is_empty() {
                    state.file.as_ref().err().cloned()
                } else {
                    let connection = settings.values().supabase.connection();
                    connection.and_then(|connection| state.start_till(connection).map(drop)).err()
                };
                (settings.values().supabase.url.clone(), fault)
            }
            Err(fault) => (String::new(), Some(fault)),
        };
        if let stage @ Stage::Setup { .. } = &mut *state.lock() {
            *stage = Stage::Setup { url, fault };
        }
        state
    }

    /// The till, once there is one.
    pub(crate) fn till(&self) -> Option<Arc<RealTill>> {
        match &*self.lock() {
            Stage::Running(till) => Some(Arc::clone(till)),
            Stage::Setup { .. } => None,
        }
    }

    /// This computer's id; `None` when its file cannot be used.
    #[cfg(feature = "updater")]
    pub(crate) fn device_id(&self) -> Option<onetill_core::DeviceId> {
        self.file.as_ref().ok().map(StoreFile::device_id)
    }

    /// What to show now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let (url, fault) = match &*self.lock() {
            Stage::Setup { url, fault } => (url.clone(), fault.clone()),
            Stage::Running(till) => return till.snapshot(),
        };
        let screen = Screen::Setup { url, config_path: self.places.config.display().to_string() };
        Snapshot {
            serial: Computer.next_serial(),
            server: None,
            staff: None,
            screen,
            fault,
            busy: None,
            unsent: 0,
            refused: Vec::new(),
            report: None,
            clock_behind_seconds: None,
            // Said by the till, as soon as there is one.
            set_aside: Vec::new(),
            older_server: false,
            may: onetill_core::till::allowed_at_set_up(),
        }
    }

    /// Does what a person pressed, except for the drawer: that is for who has the printer.
    pub(crate) async fn press(&self, command: Command) -> Result<Outcome, Fault> {
        self.allowed(command.name())?;
        match command {
            Command::TestConnection { url, key } => {
                Ok(Outcome::Checked { report: self.test_connection(&url, &key).await })
            }
            Command::SaveConnection { url, key } => {
                Ok(Outcome::Checked { report: self.save_connection(&url, &key).await })
            }
            Command::EditConnection => {
                self.edit_connection();
                Ok(Outcome::Done)
            }
            command => match self.till() {
                Some(till) => till.press(command).await,
                None => Err(Fault::new(Code::NotNow, "there is no till yet")),
            },
        }
    }

    /// Whether a command may run now.
    pub(crate) fn allowed(&self, command: CommandName) -> Result<(), Fault> {
        match self.till() {
            Some(till) => till.allowed(command),
            None if onetill_core::till::allowed_at_set_up().contains(&command) => Ok(()),
            None => Err(Fault::new(Code::NotNow, "there is no till yet")),
        }
    }

    /// Looks items up in the catalogue on this computer.
    pub(crate) fn search(&self, text: &str) -> Result<Outcome, Fault> {
        let till = self.till().ok_or_else(|| Fault::new(Code::NotNow, "there is no till yet"))?;
        till.search(text)
    }

    /// Asks for a poll at once.
    pub(crate) fn poll_now(&self) {
        self.window.poll_now();
    }

    /// Resolves when somebody asked for a poll.
    pub(crate) fn poll_wanted(&self) -> impl Future<Output = ()> + '_ {
        self.window.poll_wanted()
    }

    /// How this computer is set up. A configuration that cannot be read is told by the set-up screen.
    pub(crate) fn settings(&self) -> ComputerSettings {
        self.configured().for_window()
    }

    /// Tries a project without changing anything.
    async fn test_connection(&self, url: &str, key: &str) -> ConnectionReport {
        // What is wrong with the computer's file is told when something is to be written.
        let managed = config::load_machine(&self.places.machine_config).unwrap_or_default();
        let Project { url, key } = as_allowed(url, key, &managed);
        onetill_supabase::test_connection(&url, &key, &self.version).await
    }

    /// Lets the till start at login, or not, as it is configured.
    fn keep_autostart(&self, wanted: Option<bool>) {
        let kept = env::current_exe().and_then(|program| autostart::keep(&self.places, wanted, &program));
        match kept {
            Ok(Kept::Untouched) => {}
            Ok(kept) => tracing::info!(?kept, "start at login"),
            Err(cause) => tracing::error!(%cause, "the start at login is not as it is configured"),
        }
    }

    /// Keeps a project as the configuration if a till could sign in to it, and goes to work. A missing database
    /// function does not stand in the way: it may be deployed later, and every start says so until then.
    async fn save_connection(&self, url: &str, key: &str) -> ConnectionReport {
        let mut report = self.test_connection(url, key).await;
        let usable =
            |check: &Check| (check.was_run && check.fault.is_none()) || check.name == CheckName::Function;
        if report.checks.iter().all(usable)
            && let Err(fault) = self.adopt(url, key)
            && let Some(settings) = report.checks.iter_mut().find(|check| check.name == CheckName::Settings)
        {
            settings.fault = Some(fault);
        }
        report
    }

    /// Writes one file for support.
    pub(crate) fn save_diagnostics(&self) -> SavedFile {
        let now = summary(&self.snapshot());
        let text =
            diagnostics::text(&self.places, &format!("onetill {}", self.version), &[("on the screen", now)]);
        match diagnostics::save(&self.places, &text) {
            Ok(path) => SavedFile { path: Some(path.display().to_string()), fault: None },
            Err(fault) => SavedFile { path: None, fault: Some(fault) },
        }
    }

    /// How the window behaves here. A configuration that cannot be read says nothing; the set-up screen tells why.
    pub(crate) fn screen_settings(&self) -> ScreenSettings {
        self.configured().values().screen.unwrap_or_default()
    }

    /// How newer versions come to this computer.
    #[cfg(feature = "updater")]
    pub(crate) fn update_settings(&self) -> onetill_core::UpdateSettings {
        self.configured().values().updates.clone().unwrap_or_default()
    }

    fn configured(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes back to the set-up. What the till has recorded stays in the file.
    fn edit_connection(&self) {
        let url = self.configured().values().supabase.url.clone();
        *self.lock() = Stage::Setup { url, fault: None };
        self.window.taken_over().show(self.snapshot());
    }

    fn adopt(&self, url: &str, key: &str) -> Result<(), Fault> {
        // A press that was made before may have started a till while this one waited for its checks.
        self.allowed(CommandName::SaveConnection)?;
        // Written anew is only the person's file: what is wrong with the computer's, its administrator mends.
        let managed = config::load_machine(&self.places.machine_config)?;
        // A file that cannot be read is written anew: that is what the person at the set-up screen asked for.
        let mut config = config::load(&self.places.config).unwrap_or_default();
        config.supabase = as_allowed(url, key, &managed);
        let connection = config.supabase.connection()?;
        // What is locked stays where it is decided.
        for key in [SettingKey::Url, SettingKey::Key].into_iter().filter(|key| managed.locked.contains(key)) {
            config.take(key, &Config::default());
        }
        config::save(&config, &self.places.config)?;
        *self.configured() = Settings::load(&self.places)?;
        self.start_till(connection)?.show();
        self.poll_now();
        Ok(())
    }

    fn start_till(&self, connection: Connection) -> Result<Arc<RealTill>, Fault> {
        let file = self.file.clone()?;
        let server_url = connection.url.to_string();
        let host = connection.url.host();
        let vault = KeychainVault::new(CHANNEL, &connection.url, file.device_id());
        let verifier = KeychainVault::for_verifier(CHANNEL, &connection.url, file.device_id());
        let server = SupabaseServer::new(connection, file.device_id(), &self.version, Arc::new(vault))?
            .with_verifier_in(Arc::new(verifier));
        let store = ProjectStore::new(file, server_url);
        let till = Arc::new(Till::open(&host, server, store, Computer, self.window.taken_over())?);
        *self.lock() = Stage::Running(Arc::clone(&till));
        Ok(till)
    }

    fn lock(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was typed, except where this computer's administrator has decided.
fn as_allowed(url: &str, key: &str, managed: &Config) -> Project {
    let supabase = Project { url: url.to_owned(), key: key.to_owned() };
    let mut typed = Config { supabase, ..Config::default() };
    typed.obey(managed);
    typed.supabase
}
