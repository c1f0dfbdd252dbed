//! The database part arrives whole, once, on whatever is there.

use crate::ctl::Call;
use crate::field::{Database, Field};
use onetill_local::{PgVersion, repository};
use onetill_tests::Result;
use std::path::PathBuf;

/// What the Supabase CLI would apply.
fn versions() -> Vec<String> {
    let folder = repository().join("supabase/migrations");
    let mut versions: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().split('_').next().unwrap().to_owned())
        .collect();
    versions.sort();
    versions
}

async fn history(database: &Database) -> Result<Vec<String>> {
    database.texts("select version from supabase_migrations.schema_migrations order by version").await
}

async fn is_promised(database: &Database) -> Result<()> {
    let wrong = database
        .texts("select check_name || ': ' || detail from onetill.health_checks(null) where not ok and check_name <> 'managers'")
        .await?;
    assert!(wrong.is_empty(), "{wrong:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_project_gets_everything_once() -> Result<()> {
    for version in [PgVersion::V15, PgVersion::V18] {
        let field = Field::start(version)?;
        let database = field.project("fresh", &[]).await?;
        let deploy = ["deploy", "--database-url", &database.url];

        let said = Call::new(&deploy)?.arg("--dry-run").run().await?.expect(0);
        assert!(said.out.contains("Plan for 127.0.0.1"), "{}", said.out);
        assert_eq!(said.out.matches(" apply\n").count(), versions().len(), "{}", said.out);
        let there = database.number("select count(*) from pg_class where relname like 'pos_%'").await?;
        assert_eq!(there, 0, "a dry run changes nothing");

        let said = Call::new(&deploy)?.run().await?.expect(0);
        let plan = said.out.find("Plan for").unwrap();
        assert!(plan < said.out.find("Deployed:").unwrap(), "the plan comes first");
        assert!(said.err.contains(&format!("[{0}/{0}]", versions().len())), "progress: {}", said.err);
        assert_eq!(history(&database).await?, versions());
        is_promised(&database).await?;

        let said = Call::new(&deploy)?.run().await?.expect(0);
        assert!(said.out.contains("Nothing to do"), "{}", said.out);
        let said = Call::new(&["--json"])?;
        let said = deploy
            .iter()
            .fold(said, |call, argument| call.arg(argument))
            .arg("--again")
            .run()
            .await?
            .expect(0);
        assert_eq!(said.json()["outcome"], "deployed");
        assert_eq!(said.json()["applied"].as_array().unwrap().len(), versions().len());
        is_promised(&database).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_the_field_keeps_its_money_and_loses_its_duplicates() -> Result<()> {
    for version in [PgVersion::V15, PgVersion::V18] {
        let field = Field::start(version)?;
        for function in ["function_table", "function_setof", "function_nowait"] {
            let file = format!("{function}.sql");
            // The third variant brings an index that duplicates would not let stand.
            let files = if function == "function_nowait" {
                vec!["tables.sql", &file]
            } else {
                vec!["tables.sql", "rows.sql", &file]
            };
            let database = field.project(function, &files).await?;
            let money = "select (coalesce(sum(total_sales), 0) * 100)::bigint from pos_sessions";
            let (before, rows) =
                (database.number(money).await?, database.number("select count(*) from pos_sessions").await?);
            let deploy = ["deploy", "--database-url", &database.url];

            let said = Call::new(&deploy)?.arg("--dry-run").run().await?.expect(0);
            assert!(said.out.contains("an earlier function, replaced"), "{function}: {}", said.out);
            let has_rows = function != "function_nowait";
            assert_eq!(
                said.out.contains("open shifts beside another one"),
                has_rows,
                "{function}: {}",
                said.out
            );

            let said = Call::new(&deploy)?.arg("--rehearse").run().await?.expect(0);
            assert_eq!(said.out.contains("put right: duplicate_open"), has_rows, "{function}: {}", said.out);
            let kept = database.number("select count(*) from pg_class where relname = 'pos_staff'").await?;
            assert_eq!(kept, 0, "{function}: a rehearsal keeps nothing");

            let said = Call::new(&deploy)?.run().await?.expect(0);
            assert_eq!(said.out.contains("put right: duplicate_open"), has_rows, "{function}: {}", said.out);
            assert_eq!(database.number(money).await?, before, "{function}: no amount changes");
            assert_eq!(
                database.number("select count(*) from pos_sessions").await?,
                rows,
                "{function}: no row goes"
            );
            is_promised(&database).await?;
            assert_eq!(history(&database).await?, versions());
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_to_paste_does_the_same_and_both_ways_agree() -> Result<()> {
    for version in [PgVersion::V15, PgVersion::V18] {
        let field = Field::start(version)?;
        for (name, files) in
            [("fresh", &[][..]), ("old", &["tables.sql", "rows.sql", "function_table.sql"][..])]
        {
            let database = field.project(name, files).await?;
            let call = Call::new(&["deploy", "--print-sql"])?;
            let path: PathBuf = call.home().join("onetill.sql");
            let home = call.arg("--out").arg(&path);
            let (mut child, kept) = home.start()?;
            assert!(child.wait().await?.success());
            let sql = std::fs::read_to_string(&path)?;
            drop(kept);
            database.run(&sql).await?;
            is_promised(&database).await?;
            database.run(&sql).await?;
            is_promised(&database).await?;
            assert_eq!(history(&database).await?, versions());
            let said = Call::new(&["deploy", "--database-url", &database.url])?.run().await?.expect(0);
            assert!(said.out.contains("Nothing to do"), "{name}: {}", said.out);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_is_refused_and_left_alone() -> Result<()> {
    let field = Field::start(PgVersion::V15)?;
    let newer = "create schema onetill; create function onetill.schema_version() returns int language sql as 'select 999';
                 create function get_or_create_session() returns int language sql as 'select 1'";
    for (name, sql, word) in [
        (
            "numbers",
            "create table pos_sessions (id bigint primary key, status text)",
            "public.pos_sessions.id is bigint",
        ),
        (
            "floats",
            "create table pos_sessions (id uuid primary key, opening_cash float8)",
            "opening_cash is double precision",
        ),
        ("a_view", "create view pos_registers as select gen_random_uuid() as id", "is not an ordinary table"),
        ("stranger", "create schema onetill; create table onetill.something (x int)", "did not make"),
        ("newer", newer, "Use the newer onetillctl"),
        ("plain", "drop schema auth cascade", "not a Supabase project"),
        ("keyless", "create table vendors (id uuid)", "has no key"),
    ] {
        let database = field.project(name, &[]).await?;
        database.run(sql).await?;
        let said = Call::new(&["deploy", "--database-url", &database.url])?.run().await?.expect(3);
        assert!(said.out.contains("REFUSED") && said.out.contains(word), "{name}: {}", said.out);
        let touched = database
            .number("select count(*) from pg_namespace where nspname = 'supabase_migrations'")
            .await?;
        assert_eq!(touched, 0, "{name}: nothing was changed");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_in_the_middle_leaves_whole_steps_and_repeating_goes_on() -> Result<()> {
    let field = Field::start(PgVersion::V15)?;
    let database = field.project("middle", &[]).await?;
    // Something of the shop's own has a name that a later file needs.
    database.run("create table public.pos_sessions_by_register (x int)").await?;
    database.run("create schema onetill; create domain onetill.caller as text").await?;
    let deploy = ["deploy", "--database-url", &database.url];
    let said = Call::new(&deploy)?.run().await?.expect(3);
    assert!(said.err.contains("was not applied"), "{}", said.err);
    let applied = history(&database).await?;
    assert!(!applied.is_empty() && applied.len() < versions().len(), "{applied:?}");
    database.run("drop domain onetill.caller").await?;
    database.run("drop table public.pos_sessions_by_register").await?;
    Call::new(&deploy)?.run().await?.expect(0);
    is_promised(&database).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_installers_do_not_deploy_at_once() -> Result<()> {
    let field = Field::start(PgVersion::V15)?;
    let database = field.project("busy", &[]).await?;
    let deploy = ["deploy", "--database-url", &database.url];
    let first = Call::new(&deploy)?.run();
    let second = Call::new(&deploy)?.run();
    let (first, second) = tokio::join!(first, second);
    let (first, second) = (first?, second?);
    // They may have come one after the other; then the later one had nothing to do.
    for said in [&first, &second] {
        let turned_away = said.code == 3 && said.err.contains("somebody else is deploying");
        assert!(said.code == 0 || turned_away, "{said:?}");
    }
    assert!(first.code == 0 || second.code == 0);
    is_promised(&database).await?;

    // While somebody holds the turn for sure.
    let holder = Database::open(&database.url).await?;
    holder.number("select 1::bigint from pg_advisory_lock(8029466736307497985)").await?;
    let said = Call::new(&deploy)?.arg("--again").run().await?.expect(3);
    assert!(said.err.contains("somebody else is deploying"), "{}", said.err);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wish_for_encryption_is_kept() -> Result<()> {
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let folder = onetill_tests::scratch()?;
    let (certificate, key) = (folder.path().join("server.crt"), folder.path().join("server.key"));
    std::fs::write(&certificate, own.cert.pem())?;
    std::fs::write(&key, own.signing_key.serialize_pem())?;
    readable_by_the_server(&key)?;
    let (crt, pem) = (certificate.display().to_string(), key.display().to_string());
    let settings = [("ssl", "on"), ("ssl_cert_file", crt.as_str()), ("ssl_key_file", pem.as_str())];
    let field = Field::start_with(PgVersion::V15, &settings)?;
    let database = field.project("cipher", &[]).await?;
    // Only encrypted connections to this one.
    let plain = field.url("cipher");
    let named = plain.replace("127.0.0.1", "localhost");
    let said =
        |url: String| async move { Call::new(&["deploy", "--dry-run", "--database-url", &url])?.run().await };

    for (url, works) in [
        (format!("{plain}?sslmode=disable"), true),
        (format!("{plain}?sslmode=require"), true),
        (format!("{named}?sslmode=verify-full&sslrootcert={crt}"), true),
        (format!("{plain}?sslmode=verify-full&sslrootcert={crt}"), false),
        (format!("{plain}?sslmode=verify-ca&sslrootcert={crt}"), true),
        (format!("{named}?sslmode=verify-full&sslrootcert=system"), false),
        (format!("{named}?sslmode=verify-ca"), false),
    ] {
        let said = said(url.clone()).await?;
        assert_eq!(said.code == 0, works, "{url}: {}", said.err);
    }
    drop(database);
    // A server without TLS is not spoken to in plain where TLS was asked for.
    let bare = Field::start(PgVersion::V15)?;
    let database = bare.project("plain", &[]).await?;
    assert_eq!(said(format!("{}?sslmode=require", database.url)).await?.code, 3);
    assert_eq!(said(format!("{}?sslmode=prefer", database.url)).await?.code, 0);
    Ok(())
}

/// PostgreSQL wants its key to belong to its own account, or to root with group access.
#[cfg(unix)]
fn readable_by_the_server(key: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let mode = if std::fs::metadata(key)?.uid() == 0 { 0o640 } else { 0o600 };
    std::fs::set_permissions(key, std::fs::Permissions::from_mode(mode))?;
    if mode == 0o640 {
        let groups = std::fs::read_to_string("/etc/group")?;
        let line = groups.lines().find(|line| line.starts_with("postgres:"));
        let group = line.and_then(|line| line.split(':').nth(2)).ok_or("no group postgres")?.parse()?;
        std::os::unix::fs::chown(key, None, Some(group))?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_taken_from_anywhere_but_a_flag() -> Result<()> {
    let typed = "postgres://postgres:s3cret@127.0.0.1:1/x";
    let said = Call::new(&["deploy", "--dry-run", "--database-url", typed])?.run().await?.expect(2);
    assert!(said.err.contains("PGPASSWORD") && !said.err.contains("s3cret"), "{}", said.err);
    let said = Call::new(&["deploy", "--dry-run"])?.env("ONETILL_DATABASE_URL", typed).run().await?.expect(3);
    assert!(!format!("{said:?}").contains("s3cret"), "{said:?}");
    Ok(())
}
