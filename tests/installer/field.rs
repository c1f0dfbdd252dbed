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

    /// Every definition, right and row outside the system's own schemas: equal pictures mean that nothing was changed.
    pub(crate) async fn picture(&self) -> Result<Vec<String>> {
        const DEFINITIONS: &str = "
            with mine as (select oid, nspname from pg_namespace
              where nspname not like 'pg\\_%' and nspname not in ('information_schema', 'supabase_migrations'))
            select 'schema ' || nspname from mine
            union all select 'relation ' || c.oid::regclass || c.relkind::text || c.relrowsecurity || c.relforcerowsecurity || coalesce((select string_agg(a::text, ' ' order by a::text) from unnest(c.relacl) a), '')
              from pg_class c join mine on mine.oid = c.relnamespace
            union all select 'column ' || a.attrelid::regclass || a.attname || format_type(a.atttypid, a.atttypmod) || a.attnotnull || a.attgenerated::text
              || coalesce(pg_get_expr(d.adbin, d.adrelid), '') from pg_attribute a join pg_class c on c.oid = a.attrelid join mine on mine.oid = c.relnamespace
              left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum where a.attnum > 0 and not a.attisdropped
            union all select 'constraint ' || k.conrelid::regclass || k.conname || pg_get_constraintdef(k.oid)
              from pg_constraint k join mine on mine.oid = k.connamespace where k.conrelid <> 0
            union all select 'index ' || indexdef from pg_indexes where schemaname in (select nspname from mine)
            union all select 'policy ' || tablename || policyname || cmd || roles::text || coalesce(qual, '') from pg_policies
            union all select 'trigger ' || pg_get_triggerdef(t.oid) || t.tgenabled::text from pg_trigger t where not t.tgisinternal
            union all select 'function ' || pg_get_functiondef(p.oid) || coalesce((select string_agg(a::text, ' ' order by a::text) from unnest(p.proacl) a), '') from pg_proc p
              join mine on mine.oid = p.pronamespace where p.prokind = 'f'
            order by 1";
        const TABLES: &str = "
            select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
              where c.relkind = 'r' and n.nspname in ('public', 'auth', 'onetill') and c.relname <> 'migrations' order by 1";
        let mut picture = self.texts(DEFINITIONS).await?;
        for table in self.texts(TABLES).await? {
            let rows = format!("select '{table} ' || to_jsonb(x)::text from {table} x order by 1");
            picture.extend(self.texts(&rows).await?);
        }
        Ok(picture)
    }
}

/// The lines that only one of two pictures has.
pub(crate) fn difference(before: &[String], after: &[String]) -> Vec<String> {
    let gone = before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {line}"));
    let new = after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(new).collect()
}

async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
