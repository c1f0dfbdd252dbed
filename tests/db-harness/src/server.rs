//! Servers with the register's schema in them, and the stores of tests, each a database of its own.

use std::path::PathBuf;
use std::sync::Arc;

use onetill_local::{Cluster, PgVersion, repository};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::desk::{Caller, Desk, connect};
use crate::{Failure, PATIENCE, Result};

/// What the tests' store was migrated from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// An empty project.
    Empty,
    /// The stricter schema of the field, whose checks, foreign keys and triggers go on.
    Strict,
}

/// Where servers live whose files are to outlast a crash.
const DISK: &str = "/var/tmp";
/// A folder in memory, as every Linux has it.
const MEMORY: &str = "/dev/shm";
/// What the servers of a whole run take, several times over: a database goes when its test does.
#[cfg(target_os = "linux")]
const ROOM: u64 = 2 << 30;

/// Whether the folder in memory can take a server and leaves the computer enough of it.
#[cfg(target_os = "linux")]
fn room_in_memory() -> bool {
    let free_memory = || {
        let told = std::fs::read_to_string("/proc/meminfo").ok()?;
        let line = told.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
    };
    let free_folder = || rustix::fs::statvfs(MEMORY).ok().map(|folder| folder.f_bavail * folder.f_frsize);
    let enough = |free: Option<u64>| free.is_some_and(|free| free >= ROOM);
    enough(free_memory()) && enough(free_folder())
}

#[cfg(not(target_os = "linux"))]
fn room_in_memory() -> bool {
    false
}

/// A PostgreSQL server of its own, with templates to copy databases from.
pub struct Server {
    cluster: Arc<Cluster>,
    version: PgVersion,
    origin: Origin,
    platform: Arc<OnceCell<()>>,
    ours: OnceCell<()>,
    _directory: Arc<TempDir>,
}

impl Server {
    /// Starts a server that forgets everything on a crash, which makes tests quick: it lives in memory where there is
    /// room for it. For what asks what a crash leaves behind, or how fast a disk is, there is [`Server::start_with`].
    ///
    /// # Errors
    /// When this version is not installed or does not start.
    pub fn start(version: PgVersion) -> Result<Self> {
        let settings =
            [("fsync", "off"), ("full_page_writes", "off"), ("autovacuum", "off"), ("max_wal_size", "256MB")];
        Self::start_in(if room_in_memory() { MEMORY } else { DISK }, version, &settings)
    }

    /// Starts a server with these settings, on disk.
    ///
    /// # Errors
    /// When this version is not installed or does not start.
    pub fn start_with(version: PgVersion, settings: &[(&str, &str)]) -> Result<Self> {
        Self::start_in(DISK, version, settings)
    }

    fn start_in(place: &str, version: PgVersion, settings: &[(&str, &str)]) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("onetill-database-").tempdir_in(place)?;
        let cluster = Cluster::start_with(version, &directory.path().join("data"), settings)?;
        Ok(Self {
            cluster: Arc::new(cluster),
            version,
            origin: Origin::Empty,
            platform: Arc::default(),
            ours: OnceCell::new(),
            _directory: Arc::new(directory),
        })
    }

    /// The same server; the store there was migrated from the stricter schema of the field.
    #[must_use]
    pub fn over_strict(&self) -> Self {
        Self {
            cluster: Arc::clone(&self.cluster),
            version: self.version,
            origin: Origin::Strict,
            platform: Arc::clone(&self.platform),
            ours: OnceCell::new(),
            _directory: Arc::clone(&self._directory),
        }
    }

    /// Whether the store here was migrated from the stricter schema of the field.
    #[must_use]
    pub fn is_over_strict(&self) -> bool {
        self.origin == Origin::Strict
    }

    /// Which PostgreSQL this is.
    #[must_use]
    pub fn version(&self) -> PgVersion {
        self.version
    }

    /// A database with what a Supabase project brings along, and nothing of ours.
    ///
    /// # Errors
    /// When the database cannot be created.
    pub async fn bare(&self) -> Result<Database<'_>> {
        self.platform
            .get_or_try_init(async || {
                let database = self.create("template1").await?;
                database.run_file("tests/database/legacy/platform.sql").await?;
                database.become_template("platform").await
            })
            .await?;
        self.create("platform").await
    }

    /// A database as it is in the field: the old tables and rows, and one of the old functions, or none.
    ///
    /// # Errors
    /// When the database cannot be created.
    pub async fn field(&self, function: Option<&str>) -> Result<Database<'_>> {
        let database = self.bare().await?;
        for file in ["tables", "rows"].into_iter().chain(function) {
            database.run_file(&format!("tests/database/legacy/{file}.sql")).await?;
        }
        Ok(database)
    }

    /// The stricter schema of the field with its rows, and one of the old functions, or none.
    ///
    /// # Errors
    /// When the database cannot be created.
    pub async fn strict_field(&self, function: Option<&str>) -> Result<Database<'_>> {
        let database = self.bare().await?;
        database.run_file("tests/database/legacy/tables_strict.sql").await?;
        // That shop lets nobody but its own server write its people; the platform would let everybody.
        database.superuser().await?.batch_execute("revoke all on users from anon, authenticated").await?;
        if let Some(function) = function {
            if function == "function_nowait" {
                // It came with an index that two open shifts on one register would have refused.
                let one = "update pos_sessions set status = 'closed', closed_at = now() where session_number like '%-202'";
                database.superuser().await?.batch_execute(one).await?;
            }
            database.run_file(&format!("tests/database/legacy/{function}.sql")).await?;
        }
        Ok(database)
    }

    /// A database with our schema and the tests' store.
    ///
    /// # Errors
    /// When the database cannot be created.
    pub async fn store(&self) -> Result<Database<'_>> {
        let template = match self.origin {
            Origin::Empty => "ours",
            Origin::Strict => "ours_over_strict",
        };
        self.ours
            .get_or_try_init(async || {
                let database = match self.origin {
                    Origin::Empty => self.bare().await?,
                    Origin::Strict => self.strict_field(Some("function_setof")).await?,
                };
                database.migrate().await?;
                if self.origin == Origin::Strict {
                    database.run_file("tests/database/legacy/strict_emptied.sql").await?;
                }
                database.run_file("tests/database/store.sql").await?;
                database.become_template(template).await
            })
            .await?;
        self.create(template).await
    }

    async fn create(&self, template: &str) -> Result<Database<'_>> {
        let name = format!("d{}", Uuid::new_v4().simple());
        let (client, _) = connect(&self.cluster.url("postgres")).await?;
        client.batch_execute(&format!("create database {name} template {template}")).await?;
        Ok(Database { server: self, name })
    }
}

/// One database of a server; dropping it removes it, with whoever is still connected.
pub struct Database<'s> {
    server: &'s Server,
    /// Empty once it is gone or has become a template.
    name: String,
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // The server removes all of them where nobody is left to ask it.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.name.is_empty() {
            return;
        }
        let (server, gone) = (self.server.cluster.url("postgres"), removal(&self.name));
        runtime.spawn(async move {
            if let Ok((client, _)) = connect(&server).await {
                let _gone_with_the_server_otherwise = client.batch_execute(&gone).await;
            }
        });
    }
}

fn removal(name: &str) -> String {
    format!("drop database {name} with (force)")
}

impl Database<'_> {
    /// The server it is on.
    #[must_use]
    pub fn server(&self) -> &Server {
        self.server
    }

    async fn become_template(mut self, name: &str) -> Result<()> {
        let (client, _) = connect(&self.server.cluster.url("postgres")).await?;
        // The last connection may still be on its way out.
        let gone = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1";
        client.query(gone, &[&self.name]).await?;
        client.batch_execute(&format!("alter database {} rename to {name}", self.name)).await?;
        self.name.clear();
        Ok(())
    }

    /// Removes it, and returns when it is gone: for what is measured next.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn remove(mut self) -> Result<()> {
        let (client, _) = connect(&self.server.cluster.url("postgres")).await?;
        client.batch_execute(&removal(&self.name)).await?;
        self.name.clear();
        Ok(())
    }

    /// A superuser's connection, past every rule: to prepare and to look.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn superuser(&self) -> Result<Client> {
        Ok(connect(&self.url()).await?.0)
    }

    /// Its connection URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.cluster.url(&self.name)
    }

    /// A connection in the role of one caller.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn desk(&self, caller: Caller) -> Result<Desk> {
        Desk::sit(&self.url(), caller).await
    }

    /// Returns once this server process waits for a lock.
    ///
    /// # Errors
    /// When it does not come to wait in a reasonable time.
    pub async fn until_blocked(&self, process: i32) -> Result<()> {
        let observer = self.superuser().await?;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let waits = "select cardinality(pg_blocking_pids($1)) > 0";
            if observer.query_one(waits, &[&process]).await?.get(0) {
                return Ok(());
            }
        }
        Err(format!("process {process} never came to wait for a lock").into())
    }

    /// Runs a file of this repository, whole, as the SQL editor would.
    ///
    /// # Errors
    /// When the file is missing, or with what PostgreSQL refused.
    pub async fn run_file(&self, path: &str) -> Result<()> {
        let sql = std::fs::read_to_string(repository().join(path))?;
        self.superuser().await?.batch_execute(&sql).await.map_err(|error| explain(path, &error))
    }

    /// Applies every migration in order.
    ///
    /// # Errors
    /// With the file and what PostgreSQL refused.
    pub async fn migrate(&self) -> Result<()> {
        for file in migrations()? {
            self.run_file(&file).await?;
        }
        Ok(())
    }
}

/// The migrations of this repository, in the order in which they are applied.
///
/// # Errors
/// When the directory cannot be read.
pub fn migrations() -> Result<Vec<String>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(repository().join("supabase/migrations"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    files.sort();
    Ok(files
        .iter()
        .filter_map(|file| file.file_name())
        .map(|name| format!("supabase/migrations/{}", name.to_string_lossy()))
        .collect())
}

fn explain(what: &str, error: &tokio_postgres::Error) -> Failure {
    let said = error.as_db_error().map_or_else(
        || error.to_string(),
        |said| format!("{} {} {}", said.code().code(), said.message(), said.where_().unwrap_or_default()),
    );
    format!("{what}: {said}").into()
}
