//! The desk at which a till is set up: it holds the configuration and, once that is usable, the till itself.
//!
//! Invariant: there is at most one till, and it belongs to the configured project.

use crate::world::{Computer, Window, summary};
use onetill_core::{
    Connection, Fault, Till,
    ports::{Display, World},
    view::{Check, CheckName, ConnectionReport, SavedFile, Screen, Snapshot},
};
use onetill_store::{
    Places, ProjectStore, StoreFile,
    config::{Config, Supabase},
    diagnostics,
};
use onetill_supabase::{KeychainVault, SupabaseServer};
use std::{
    env,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// A development build keeps its logins apart from those of the released program on the same computer.
const CHANNEL: &str = if cfg!(debug_assertions) { "dev" } else { "" };

/// A till with everything real behind it.
pub(crate) type RealTill = Till<SupabaseServer, ProjectStore, Computer, Window>;

/// Configuration, and the till that works with it.
pub(crate) struct Desk {
    places: Places,
    /// This program's version, told to the server with every request.
    version: String,
    window: Window,
    file: Result<StoreFile, Fault>,
    wanted: Notify,
    place: Mutex<Place>,
}

/// Where the set-up stands.
enum Place {
    /// It needs a person: nothing configured, something wrong with it, or somebody wants to change it.
    SetUp { url: String, fault: Option<Fault> },
    /// A till is at work.
    AtWork(Arc<RealTill>),
}

impl Desk {
    /// Reads the configuration and, if it is usable, puts a till to work.
    pub(crate) fn new(
        places: Places,
        file: Result<StoreFile, Fault>,
        version: String,
        window: Window,
    ) -> Self {
        let desk = Self {
            places,
            version,
            window,
            file,
            wanted: Notify::new(),
            place: Mutex::new(Place::SetUp { url: String::new(), fault: None }),
        };
        let config = Config::load(&desk.places.config).map(|config| {
            config.with_environment(|name| env::var(name).ok().filter(|value| !value.is_empty()))
        });
        let (url, fault) = match config {
            Ok(config) if config.is_empty() => (String::new(), desk.file.as_ref().err().cloned()),
            Ok(config) => {
                let fault =
                    config.connection().and_then(|connection| desk.put_to_work(connection).map(drop)).err();
                (config.supabase.url, fault)
            }
            Err(fault) => (String::new(), Some(fault)),
        };
        if let place @ Place::SetUp { .. } = &mut *desk.lock() {
            *place = Place::SetUp { url, fault };
        }
        desk
    }

    /// The till, once there is one.
    pub(crate) fn till(&self) -> Option<Arc<RealTill>> {
        match &*self.lock() {
            Place::AtWork(till) => Some(Arc::clone(till)),
            Place::SetUp { .. } => None,
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
            Place::SetUp { url, fault } => (url.clone(), fault.clone()),
            Place::AtWork(till) => return till.snapshot(),
        };
        let screen = Screen::Setup { url, config_path: self.places.config.display().to_string() };
        Snapshot {
            serial: Computer.next_serial(),
            server: None,
            staff: None,
            screen,
            fault,
            busy: None,
            queue: Vec::new(),
            report: None,
            clock_behind_seconds: None,
            // Said by the till, as soon as there is one.
            set_aside: Vec::new(),
            older_server: false,
        }
    }

    /// Asks for a look at the server at once.
    pub(crate) fn look_now(&self) {
        self.wanted.notify_one();
    }

    /// Resolves when somebody asked for a look.
    pub(crate) fn wanted(&self) -> impl Future<Output = ()> + '_ {
        self.wanted.notified()
    }

    /// Tries a project without changing anything.
    pub(crate) async fn test_connection(&self, url: &str, key: &str) -> ConnectionReport {
        onetill_supabase::test_connection(url, key, &self.version).await
    }

    /// Keeps a project as the configuration if a till could sign in to it, and goes to work. A missing database
    /// function does not stand in the way: it may be deployed later, and every start says so until then.
    pub(crate) async fn save_connection(&self, url: String, key: String) -> ConnectionReport {
        let mut report = self.test_connection(&url, &key).await;
        let usable =
            |check: &Check| (check.made && check.fault.is_none()) || check.name == CheckName::Function;
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

    /// Goes back to the set-up. What the till has recorded stays in the file.
    pub(crate) fn edit_connection(&self) {
        let url = Config::load(&self.places.config).map(|config| config.supabase.url).unwrap_or_default();
        *self.lock() = Place::SetUp { url, fault: None };
        self.window.taken_over().show(self.snapshot());
    }

    fn adopt(&self, url: String, key: String) -> Result<(), Fault> {
        // A file that cannot be read is written anew: that is what the person at the set-up screen asked for.
        let mut config = Config::load(&self.places.config).unwrap_or_default();
        config.supabase = Supabase { url, key };
        let connection = config.connection()?;
        config.save(&self.places.config)?;
        self.put_to_work(connection)?.show();
        self.look_now();
        Ok(())
    }

    fn put_to_work(&self, connection: Connection) -> Result<Arc<RealTill>, Fault> {
        let file = self.file.clone()?;
        let server_url = connection.url.to_string();
        let host = connection.url.host();
        let vault = KeychainVault::new(CHANNEL, &connection.url, file.device_id());
        let server = SupabaseServer::new(connection, file.device_id(), &self.version, Arc::new(vault))?;
        let store = ProjectStore::new(file, server_url);
        let till = Arc::new(Till::open(&host, server, store, Computer, self.window.taken_over())?);
        *self.lock() = Place::AtWork(Arc::clone(&till));
        Ok(till)
    }

    fn lock(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
