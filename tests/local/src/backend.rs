//! One local Supabase project: its directory, its database and its server.
//!
//! Invariants: two processes never open the same directory; the seed is applied exactly once,
//! migrations every time there are new ones; a restart keeps address, keys and data.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::instance::Instance;
use crate::postgres::{Cluster, PgVersion};
use crate::server::{Server, Tool};
use crate::{LocalError, demo, repository};

/// Which database stands behind the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL compiled to WebAssembly, inside the server process: nothing to install, one
    /// statement at a time.
    Pglite,
    /// A real PostgreSQL cluster with real locks, ten connections at a time.
    Postgres(PgVersion),
}

impl Engine {
    /// The real PostgreSQL of this computer: Debian's where it is installed, else the one npm brought.
    #[must_use]
    pub fn real() -> Self {
        let debian = Path::new("/usr/lib/postgresql/15/bin/postgres").exists();
        Self::Postgres(if debian { PgVersion::V15 } else { PgVersion::V18 })
    }
}

/// A running local Supabase project. Dropping it ends what it started.
pub struct Backend {
    // The order matters: the server is ended before the database it uses.
    server: Option<Server>,
    cluster: Option<Cluster>,
    instance: Instance,
    tool: Tool,
    _lock: File,
}

impl Backend {
    /// Starts the project kept in `directory`, or makes a new one there from the migrations and
    /// the seed of this repository. Returns once it answers.
    ///
    /// # Errors
    /// When something needed is not installed, the directory is in use, or a migration fails.
    pub fn start(engine: Engine, directory: &Path) -> Result<Self, LocalError> {
        let supabase = repository().join("supabase");
        Self::start_from(engine, directory, &supabase.join("migrations"), &[&supabase.join("seed.sql")])
    }

    /// The same with a store that sells.
    ///
    /// # Errors
    /// As [`Backend::start`].
    pub fn start_selling(engine: Engine, directory: &Path) -> Result<Self, LocalError> {
        let supabase = repository().join("supabase");
        let seeds = [&*supabase.join("seed.sql"), &*supabase.join("selling_seed.sql")];
        let mut seeds = read(&seeds)?;
        seeds.extend(demo::goods());
        Self::start_with(engine, directory, &supabase.join("migrations"), &seeds)
    }

    /// The same with a database of other migrations and other seeds, as a project in the field may have it.
    ///
    /// # Errors
    /// As [`Backend::start`].
    pub fn start_from(
        engine: Engine,
        directory: &Path,
        migrations: &Path,
        seeds: &[&Path],
    ) -> Result<Self, LocalError> {
        Self::start_with(engine, directory, migrations, &read(seeds)?)
    }

    fn start_with(
        engine: Engine,
        directory: &Path,
        migrations: &Path,
        seeds: &[String],
    ) -> Result<Self, LocalError> {
        std::fs::create_dir_all(directory).map_err(LocalError::file("cannot create", directory))?;
        let directory = directory.canonicalize().map_err(LocalError::file("cannot open", directory))?;
        let tool = Tool::new(&directory)?;
        let lock = lock(&directory)?;

        let kept = directory.join("instance.json");
        let mut instance = Instance::load(&kept)?;
        let data = directory.join(&instance.data);
        let cluster = match engine {
            Engine::Pglite => None,
            Engine::Postgres(version) => Some(Cluster::start(version, &data)?),
        };
        let config = match &cluster {
            None => instance.config_toml("pglite", &format!("./{}", instance.data)),
            Some(cluster) => instance.config_toml("postgres", &cluster.url("postgres")),
        };
        let project = directory.join("supabase");
        copy_migrations(migrations, &project.join("migrations"))?;
        write(&project.join("config.toml"), &config)?;

        tool.run("applying the migrations", &["migration", "up"], "")?;
        if !instance.seeded {
            for seed in seeds {
                tool.run("filling in the demo store", &["db", "query"], seed)?;
            }
            instance.seeded = true;
        }
        // Only now: a preparation that was cut short is forgotten, and the next one starts on an
        // empty database of its own.
        instance.save(&kept)?;
        let server = Some(tool.serve(instance.port)?);
        Ok(Self { server, cluster, instance, tool, _lock: lock })
    }

    /// Removes the project kept in `directory`, if there is one.
    ///
    /// # Errors
    /// When it is running, or cannot be removed.
    pub fn erase(directory: &Path) -> Result<(), LocalError> {
        if !directory.exists() {
            return Ok(());
        }
        drop(lock(directory)?);
        std::fs::remove_dir_all(directory).map_err(LocalError::file("cannot remove", directory))
    }

    /// The project URL, as a client wants it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.instance.port)
    }

    /// The key that clients carry.
    #[must_use]
    pub fn publishable_key(&self) -> &str {
        &self.instance.publishable_key
    }

    /// The key that bypasses row level security; for test set-up only.
    #[must_use]
    pub fn secret_key(&self) -> &str {
        &self.instance.secret_key
    }

    /// Where the database itself can be asked in SQL; `None` for PGlite, which has no second door.
    #[must_use]
    pub fn database_url(&self) -> Option<String> {
        self.cluster.as_ref().map(|cluster| cluster.url("postgres"))
    }

    /// The server's process, while it runs.
    #[must_use]
    pub fn server_pid(&self) -> Option<u32> {
        self.server.as_ref().map(Server::pid)
    }

    /// Ends the server and keeps the database, as a network or server outage does.
    pub fn take_down(&mut self) {
        self.server = None;
    }

    /// Starts the server again at the same address.
    ///
    /// # Errors
    /// When it does not answer in time.
    pub fn bring_up(&mut self) -> Result<(), LocalError> {
        if self.server.is_none() {
            self.server = Some(self.tool.serve(self.instance.port)?);
        }
        Ok(())
    }
}

/// A process that is just being started holds what this one had open, until it becomes its own program.
const LONGEST_START: Duration = Duration::from_secs(5);

/// Holds the directory for this process; the operating system lets go of it when the process ends.
fn lock(directory: &Path) -> Result<File, LocalError> {
    let path = directory.join("in-use.lock");
    let file = File::create(&path).map_err(LocalError::file("cannot write", &path))?;
    let deadline = Instant::now() + LONGEST_START;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(std::fs::TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(std::fs::TryLockError::WouldBlock) => return Err(LocalError::InUse(directory.to_owned())),
            Err(std::fs::TryLockError::Error(error)) => {
                return Err(LocalError::file("cannot lock", &path)(error));
            }
        }
    }
}

/// The server looks for migrations beside its configuration; applied ones are skipped by version.
fn copy_migrations(from: &Path, to: &Path) -> Result<(), LocalError> {
    std::fs::create_dir_all(to).map_err(LocalError::file("cannot create", to))?;
    for entry in std::fs::read_dir(from).map_err(LocalError::file("cannot read", from))? {
        let source: PathBuf = entry.map_err(LocalError::file("cannot read", from))?.path();
        if let (Some(name), Some("sql")) = (source.file_name(), source.extension().and_then(|e| e.to_str())) {
            std::fs::copy(&source, to.join(name)).map_err(LocalError::file("cannot copy", &source))?;
        }
    }
    Ok(())
}

fn read(files: &[&Path]) -> Result<Vec<String>, LocalError> {
    let text = |file: &&Path| std::fs::read_to_string(file).map_err(LocalError::file("cannot read", file));
    files.iter().map(text).collect()
}

fn write(file: &Path, text: &str) -> Result<(), LocalError> {
    std::fs::write(file, text).map_err(LocalError::file("cannot write", file))
}
