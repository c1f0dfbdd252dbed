//! What the tests over real parts share: a local backend, its REST endpoint as any client sees it,
//! and computers with the app's real window on them.

pub mod authority;
pub mod cable;
pub mod computer;
pub mod desktop;
pub mod device;
#[cfg(target_os = "linux")]
pub mod frame;
pub mod gallery;
pub mod link;
pub mod memory;
pub mod package;
pub mod pictures;
pub mod rest;
#[cfg(unix)]
pub mod screen;
pub mod secrets;
pub mod stock;
pub mod till;
mod webdriver;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use onetill_db_harness as database;
pub use onetill_db_harness::{PATIENCE, Result};
use onetill_local::{Backend, DemoAccount, Engine, repository};
use tokio::time::Instant;

/// A local backend with its data in a directory of its own; both go when it is dropped.
pub struct Project {
    /// The running backend.
    pub backend: Backend,
    _directory: tempfile::TempDir,
}

impl Project {
    /// Starts a new, empty demo store.
    ///
    /// # Errors
    /// When the backend cannot be started.
    pub fn start(engine: Engine) -> Result<Self> {
        let directory = scratch()?;
        let backend = Backend::start(engine, directory.path())?;
        Ok(Self { backend, _directory: directory })
    }

    /// Starts a new demo store that sells.
    ///
    /// # Errors
    /// When the backend cannot be started.
    pub fn selling(engine: Engine) -> Result<Self> {
        let directory = scratch()?;
        let backend = Backend::start_selling(engine, directory.path())?;
        Ok(Self { backend, _directory: directory })
    }

    /// Starts a store whose database still has only an earlier part: its tables, and this file's
    /// `get_or_create_session`. The people are `mina@field.example` (a manager) and `kofi@field.example`; everybody's
    /// password is the demo store's.
    ///
    /// # Errors
    /// When the backend cannot be started.
    pub fn legacy(engine: Engine, function: &str) -> Result<Self> {
        Self::earlier(engine, &["tables.sql", "rules.sql", function], "people.sql")
    }

    /// Starts a store on the stricter schema of the field, over which today's database part was migrated. The people are
    /// `ana@strict.example` (a cashier) and `max@strict.example` (the owner); the password is the demo store's.
    ///
    /// # Errors
    /// When the backend cannot be started, or the migrations refuse.
    pub fn migrated_from_strict(engine: Engine) -> Result<Self> {
        let Self { backend, _directory } =
            Self::earlier(engine, &["tables_strict.sql", "function_setof.sql"], "strict_people.sql")?;
        drop(backend);
        let backend = Backend::start(engine, _directory.path())?;
        Ok(Self { backend, _directory })
    }

    /// A store made by these files of the legacy folder and no migration of ours.
    fn earlier(engine: Engine, files: &[&str], people: &str) -> Result<Self> {
        let legacy = repository().join("tests/database/legacy");
        let directory = scratch()?;
        let migrations = directory.path().join("earlier");
        std::fs::create_dir_all(&migrations)?;
        for (number, name) in files.iter().enumerate() {
            std::fs::copy(legacy.join(name), migrations.join(format!("2024010100000{number}_{name}")))?;
        }
        let backend = Backend::start_from(engine, directory.path(), &migrations, &[&legacy.join(people)])?;
        Ok(Self { backend, _directory: directory })
    }

    /// Does something to the database as its owner; says how many rows it touched.
    ///
    /// # Errors
    /// When it has no second door (`PGlite`), or refuses.
    pub async fn sql(&self, text: &str) -> Result<u64> {
        let address = self.backend.database_url().ok_or("a real database has an address")?;
        let (database, connection) = tokio_postgres::connect(&address, tokio_postgres::NoTls).await?;
        let connection = tokio::spawn(connection);
        let touched = database.execute(text, &[]).await?;
        drop(database);
        connection.await??;
        Ok(touched)
    }

    /// Stops the server in the middle of whatever it does: connections are taken, nothing answers.
    ///
    /// # Errors
    /// When it does not run.
    #[cfg(unix)]
    pub fn freeze(&self) -> Result<()> {
        self.signal(rustix::process::Signal::STOP)
    }

    /// Lets the server go on where it was stopped.
    ///
    /// # Errors
    /// When it does not run.
    #[cfg(unix)]
    pub fn thaw(&self) -> Result<()> {
        self.signal(rustix::process::Signal::CONT)
    }

    #[cfg(unix)]
    fn signal(&self, signal: rustix::process::Signal) -> Result<()> {
        let number = self.backend.server_pid().ok_or("the server is down")?;
        let pid = rustix::process::Pid::from_raw(number.try_into()?).ok_or("no process has the number 0")?;
        Ok(rustix::process::kill_process(pid, signal)?)
    }
}

/// The files of one computer, removed when the value is dropped.
///
/// A window's own helpers end a moment after it and write to the last, so one attempt is not enough.
pub(crate) struct Files {
    path: PathBuf,
}

impl Files {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { path: scratch()?.keep() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let deadline = std::time::Instant::now() + Duration::from_secs(5);
        while std::fs::remove_dir_all(&self.path).is_err() && self.path.exists() {
            if std::time::Instant::now() > deadline {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A directory for one test, which every account on this computer may enter (PostgreSQL runs
/// under its own).
///
/// # Errors
/// When it cannot be made.
pub fn scratch() -> Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("onetill-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755));
    Ok(builder.tempdir()?)
}

/// Asks `question` again and again until it has an answer.
///
/// # Errors
/// When `patience` is over, with `what` was waited for and the last thing that was seen.
pub async fn within<T>(
    patience: Duration,
    what: &str,
    mut question: impl AsyncFnMut() -> Result<std::result::Result<T, String>>,
) -> Result<T> {
    let deadline = Instant::now() + patience;
    loop {
        let seen = match question().await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(seen)) => seen,
            Err(error) => error.to_string(),
        };
        if Instant::now() > deadline {
            return Err(format!("waited {} s for {what}; last seen: {seen}", patience.as_secs()).into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The accounts of the demo store with this role.
#[must_use]
pub fn staff(role: &str) -> Vec<&'static DemoAccount> {
    onetill_local::DEMO_ACCOUNTS.iter().filter(|account| account.role == role).collect()
}

/// The demo store's first location, which sells.
pub const MARKET: onetill_core::LocationId =
    onetill_core::LocationId(uuid::Uuid::from_u128(0x0e71_1100_0000_4000_8000_0000_0000_00b1));

/// The debug build of the app, beside the running test.
///
/// # Errors
/// When it was not built.
pub fn app_binary() -> Result<PathBuf> {
    let itself = std::env::current_exe()?;
    let name = format!("onetill{}", std::env::consts::EXE_SUFFIX);
    let found = itself
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder: &Path| folder.join(&name))
        .find(|path| path.is_file());
    found.ok_or_else(|| "the app is not built: run `cargo build -p onetill` first".into())
}
