//! The real Supabase CLI, in every way in which a shop may use it beside or instead of `onetillctl`.
//!
//! What is tested is that nobody's history gets in the way of anybody else's.

use crate::ctl::{Call, Said};
use crate::deploy::{ensure_healthy, file_to_paste, history, versions};
use crate::field::{Database, Field};
use onetill_local::{PgVersion, repository};
use onetill_tests::{Result, scratch};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

const PATIENCE: Duration = Duration::from_secs(120);
const BOTH: [PgVersion; 2] = [PgVersion::V15, PgVersion::V18];

/// Somebody's folder with migrations, and the CLI in it.
struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    fn new() -> Result<Self> {
        let folder = scratch()?;
        std::fs::create_dir_all(folder.path().join("supabase/migrations"))?;
        Ok(Self { folder })
    }

    /// The shop's own, with its first migration.
    fn of_the_shop() -> Result<Self> {
        Self::new()?.with(
            "20250101000000_first.sql",
            "create table shop_first (x int); insert into shop_first values (1);",
        )
    }

    fn with(self, name: &str, sql: &str) -> Result<Self> {
        std::fs::write(self.folder.path().join("supabase/migrations").join(name), sql)?;
        Ok(self)
    }

    fn without(self, name: &str) -> Result<Self> {
        std::fs::remove_file(self.folder.path().join("supabase/migrations").join(name))?;
        Ok(self)
    }

    /// Copies ours into it.
    fn with_ours(self) -> Result<Self> {
        for entry in std::fs::read_dir(repository().join("supabase/migrations"))? {
            let path = entry?.path();
            let name = path.file_name().ok_or("a file without a name")?;
            std::fs::copy(&path, self.folder.path().join("supabase/migrations").join(name))?;
        }
        Ok(self)
    }

    async fn push(&self, database: &Database) -> Result<Said> {
        self.run(&["db", "push", "--yes"], database).await
    }

    async fn run(&self, arguments: &[&str], database: &Database) -> Result<Said> {
        let program = repository().join("tests/local/node_modules/.bin/supabase");
        let mut command = Command::new(program);
        command
            .args(arguments)
            .args(["--db-url", &format!("{}?sslmode=disable", database.url)])
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            // Nothing of a test leaves this computer.
            .envs([
                ("DO_NOT_TRACK", "1"),
                ("SUPABASE_TELEMETRY_DISABLED", "1"),
                ("SUPABASE_NO_UPDATE_NOTIFIER", "1"),
            ])
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = tokio::time::timeout(PATIENCE, command.output()).await??;
        Ok(Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout)?,
            err: String::from_utf8(output.stderr)?,
        })
    }
}

/// What the CLI's own history has.
async fn their_history(database: &Database) -> Result<Vec<String>> {
    database.texts("select version from supabase_migrations.schema_migrations order by version").await
}

async fn deploy(database: &Database) -> Result<Said> {
    Call::new(&["deploy", "--database-url", &database.url])?.run().await
}

#[tokio::test(flavor = "multi_thread")]
async fn our_folder_is_pushed_onto_a_project_without_a_history() -> Result<()> {
    for version in BOTH {
        let field = Field::start(version)?;
        let database = field.project("empty", &[]).await?;
        let ours = Folder::new()?.with_ours()?;
        ours.push(&database).await?.expect(0);
        ensure_healthy(&database).await?;
        assert_eq!(their_history(&database).await?, versions());
        let said = ours.push(&database).await?.expect(0);
        assert!(said.err.contains("up to date") || said.out.contains("up to date"), "{said:?}");

        // What another way applied is not in our history, and applying it again changes nothing.
        assert_eq!(history(&database).await?, [""; 0]);
        let before = database.picture().await?;
        let said = deploy(&database).await?.expect(0);
        assert!(said.out.contains("nothing put right"), "{}", said.out);
        assert_eq!(crate::field::difference(&before, &database.picture().await?), [""; 0]);
        let said = deploy(&database).await?.expect(0);
        assert!(said.out.contains("Nothing to do"), "{}", said.out);
        ours.push(&database).await?.expect(0);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn our_files_are_pushed_from_the_shops_own_folder() -> Result<()> {
    for version in BOTH {
        let field = Field::start(version)?;
        let database = field.project("own_folder", &[]).await?;
        let strict = std::fs::read_to_string(repository().join("tests/database/legacy/tables_strict.sql"))?;
        let shop = Folder::of_the_shop()?.with("20250102000000_register.sql", &strict)?;
        shop.push(&database).await?.expect(0);

        // Our folder alone does not know the shop's migrations, and the CLI changes nothing then.
        let said = Folder::new()?.with_ours()?.push(&database).await?.expect(1);
        assert!(said.err.contains("not found in local migrations directory"), "{said:?}");
        assert_eq!(database.number("select count(*) from pg_namespace where nspname = 'onetill'").await?, 0);

        let shop = shop.with_ours()?;
        shop.push(&database).await?.expect(0);
        ensure_healthy(&database).await?;
        let expected = database
            .texts("select onetill.expected_cash(s.id)::text from pos_sessions s where s.session_number like '%-101'")
            .await?;
        assert_eq!(expected, ["248.50"]);
        let shop = shop.with("20991231000000_later.sql", "create table shop_later (x int);")?;
        shop.push(&database).await?.expect(0);
        assert_eq!(database.number("select count(*) from shop_later").await?, 0);
        // And after that with ours.
        deploy(&database).await?.expect(0);
        ensure_healthy(&database).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_with_newer_migrations_includes_ours() -> Result<()> {
    let field = Field::start(PgVersion::V15)?;
    let database = field.project("newer_ones", &[]).await?;
    let shop = Folder::new()?.with("20991231000000_newest.sql", "create table shop_newest (x int);")?;
    shop.push(&database).await?.expect(0);
    let shop = shop.with_ours()?;
    let said = shop.push(&database).await?.expect(1);
    assert!(said.err.contains("--include-all"), "{said:?}");
    shop.run(&["db", "push", "--yes", "--include-all"], &database).await?.expect(0);
    ensure_healthy(&database).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_goes_on_pushing_after_our_deployment() -> Result<()> {
    let paste = file_to_paste().await?;
    for version in BOTH {
        let field = Field::start(version)?;
        for (name, is_pasted) in [("deployed", false), ("pasted", true)] {
            let database = field.project(name, &[]).await?;
            let shop = Folder::of_the_shop()?;
            shop.push(&database).await?.expect(0);
            if is_pasted {
                database.run(&paste).await?;
            } else {
                deploy(&database).await?.expect(0);
            }
            assert_eq!(history(&database).await?, versions());
            let shop = shop.with("20250102000000_second.sql", "create table shop_second (x int);")?;
            shop.push(&database).await?.expect(0);
            assert_eq!(database.number("select count(*) from shop_second").await?, 0, "{name}");
            assert_eq!(
                their_history(&database).await?,
                ["20250101000000", "20250102000000"],
                "{name}: only theirs"
            );
            let listed = shop.run(&["migration", "list"], &database).await?.expect(0);
            assert!(listed.out.contains("20250102000000"), "{listed:?}");
            assert!(versions().iter().all(|version| !listed.out.contains(version)), "{name}: {listed:?}");
            ensure_healthy(&database).await?;
            let said = deploy(&database).await?.expect(0);
            assert!(said.out.contains("Nothing to do"), "{name}: {}", said.out);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_file_is_a_transaction_of_its_own_there() -> Result<()> {
    let field = Field::start(PgVersion::V15)?;
    let database = field.project("steps", &[]).await?;
    let shop = Folder::of_the_shop()?
        .with("20250102000000_half.sql", "create table shop_half (x int);\nselect 1 / 0;")?;
    let said = shop.push(&database).await?.expect(1);
    assert!(said.err.contains("division by zero"), "{said:?}");
    let left =
        database.texts("select relname::text from pg_class where relname like 'shop_%' order by 1").await?;
    assert_eq!(left, ["shop_first"], "the file before it stays, of the failed one nothing does");

    // What the first of ours refuses is refused there, too, before anything of the shop's is changed.
    let shop = shop.without("20250102000000_half.sql")?.with_ours()?;
    database.run("create table pos_sessions (id bigint primary key); create table vendors (id uuid)").await?;
    let before = database.picture().await?;
    let said = shop.push(&database).await?.expect(1);
    assert!(said.err.contains("public.pos_sessions.id is bigint"), "{said:?}");
    assert!(said.err.contains("public.vendors has no key"), "every reason at once: {said:?}");
    assert_eq!(crate::field::difference(&before, &database.picture().await?), [""; 0]);
    database.run("drop table pos_sessions, vendors").await?;
    shop.push(&database).await?.expect(0);
    ensure_healthy(&database).await
}

#[tokio::test(flavor = "multi_thread")]
async fn its_linter_finds_no_error_in_ours() -> Result<()> {
    // PostgreSQL 15 of the system has plpgsql_check, which the linter is.
    let field = Field::start(PgVersion::V15)?;
    let database = field.project("linted", &["tables_strict.sql", "function_table.sql"]).await?;
    deploy(&database).await?.expect(0);
    let folder = Folder::new()?;
    let lint = ["db", "lint", "--schema", "onetill,public", "--level", "error", "--fail-on", "error"];
    folder.run(&lint, &database).await?.expect(0);
    // It would find one.
    database.run("create function broken() returns int language plpgsql as $$ begin perform x from nowhere; return 1; end $$").await?;
    let said = folder.run(&lint, &database).await?.expect(1);
    assert!(said.out.contains("public.broken"), "{said:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn psql_applies_all_files_in_one_transaction() -> Result<()> {
    let field = Field::start(PgVersion::V15)?;
    let mut files: Vec<_> = std::fs::read_dir(repository().join("supabase/migrations"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    files.sort();
    let psql = async |database: &Database| -> Result<Said> {
        let mut command = Command::new("psql");
        command.args(["-X", "-1", "-v", "ON_ERROR_STOP=1", "-c", "set constraints all immediate"]);
        for file in &files {
            command.arg("-f").arg(Path::new(file));
        }
        let output = tokio::time::timeout(PATIENCE, command.arg(&database.url).output()).await??;
        let text = |bytes| String::from_utf8(bytes);
        Ok(Said {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout)?,
            err: text(output.stderr)?,
        })
    };
    let database = field.project("by_psql", &["tables_strict.sql", "function_setof.sql"]).await?;
    psql(&database).await?.expect(0);
    ensure_healthy(&database).await?;
    // And nothing where it fails.
    let database = field.project("stopped", &["tables_strict.sql"]).await?;
    database
        .run(
            "create function no() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
                  create trigger no before insert on pos_sessions for each row execute function no()",
        )
        .await?;
    let before = database.picture().await?;
    psql(&database).await?.expect(3);
    assert_eq!(crate::field::difference(&before, &database.picture().await?), [""; 0]);
    Ok(())
}
