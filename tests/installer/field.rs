//! Databases as they are in the field: empty projects, and projects that have been running for a while.

use onetill_local::{Cluster, PgVersion, repository};
use onetill_tests::{Result, scratch};
use tokio_postgres::{Client, NoTls};

/// A PostgreSQL of one version; dropping it stops it.
pub(crate) struct Field {
    cluster: Cluster,
    _directory: tempfile::TempDir,
}

impl Field {
    pub(crate) fn start(version: PgVersion) -> Result<Self> {
        Self::start_with(version, &[])
    }

    pub(crate) fn start_with(version: PgVersion, settings: &[(&str, &str)]) -> Result<Self> {
        let directory = scratch()?;
        let mut all = vec![("fsync", "off")];
        all.extend_from_slice(settings);
        let cluster = Cluster::start_with(version, &directory.path().join("data"), &all)?;
        Ok(Self { cluster, _directory: directory })
    }

    pub(crate) fn url(&self, database: &str) -> String {
        self.cluster.url(database)
    }

    /// A new database with what every Supabase project has, and then these files of `tests/database/legacy`.
    pub(crate) async fn project(&self, name: &str, files: &[&str]) -> Result<Database> {
        let server = connect(&self.url("postgres")).await?;
        server.batch_execute(&format!("create database {name}")).await?;
        let database = Database { url: self.url(name), client: connect(&self.url(name)).await? };
        for file in ["platform.sql"].iter().chain(files) {
            let path = repository().join("tests/database/legacy").join(file);
            database.run(&std::fs::read_to_string(path)?).await?;
        }
        Ok(database)
    }
}

/// One database and a way into it past every rule.
pub(crate) struct Database {
    pub(crate) url: String,
    client: Client,
}

impl Database {
    pub(crate) async fn open(url: &str) -> Result<Self> {
        Ok(Self { url: url.to_owned(), client: connect(url).await? })
    }

    pub(crate) async fn run(&self, sql: &str) -> Result<()> {
        self.client.batch_execute(sql).await.map_err(|cause| {
            let told = cause.as_db_error().map(|db| db.message().to_owned()).unwrap_or_default();
            format!("{cause} {told}: {}", sql.chars().take(200).collect::<String>()).into()
        })
    }

    pub(crate) async fn number(&self, sql: &str) -> Result<i64> {
        Ok(self.client.query_one(sql, &[]).await?.get(0))
    }

    pub(crate) async fn texts(&self, sql: &str) -> Result<Vec<String>> {
        Ok(self.client.query(sql, &[]).await?.iter().map(|row| row.get(0)).collect())
    }
}

async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
