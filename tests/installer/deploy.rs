//! The database part arrives whole, once, on whatever is there.

use crate::ctl::Call;
use crate::field::{Database, Field, difference};
use onetill_local::{PgVersion, repository};
use onetill_tests::Result;
use std::path::PathBuf;

/// The versions of the files, in order.
pub(crate) fn versions() -> Vec<String> {
    let folder = repository().join("supabase/migrations");
    let mut versions: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().split('_').next().unwrap().to_owned())
        .collect();
    versions.sort();
    versions
}

/// What our own history has.
pub(crate) async fn history(database: &Database) -> Result<Vec<String>> {
    database.texts("select version from onetill.migrations order by version").await
}

/// Everything that health looks at is right; who manages is asked for where somebody does.
pub(crate) async fn ensure_healthy(database: &Database) -> Result<()> {
    let wrong = database
        .texts("select check_name || ': ' || detail from onetill.health_checks(null) where not ok and check_name <> 'managers'")
        .await?;
    assert!(wrong.is_empty(), "{wrong:?}");
    Ok(())
}

/// A database on which nothing of ours is.
async fn ensure_untouched(database: &Database, name: &str) -> Result<()> {
    let ours =
        "select count(*) from pg_class where relname in ('migrations', 'pos_staff', 'reconciliations')";
    assert_eq!(database.number(ours).await?, 0, "{name}: nothing was changed");
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
        ensure_untouched(&database, "a dry run").await?;
        Call::new(&deploy)?.arg("--rehearse").run().await?.expect(0);
        ensure_untouched(&database, "a rehearsal").await?;

        let said = Call::new(&deploy)?.run().await?.expect(0);
        let plan = said.out.find("Plan for").unwrap();
        assert!(plan < said.out.find("Deployed:").unwrap(), "the plan comes first");
        assert!(said.err.contains(&format!("[{0}/{0}]", versions().len())), "progress: {}", said.err);
        assert!(said.out.contains("--owner"), "nobody manages yet: {}", said.out);
        assert_eq!(history(&database).await?, versions());
        let theirs = "select count(*) from pg_namespace where nspname = 'supabase_migrations'";
        assert_eq!(database.number(theirs).await?, 0, "the shop's history is the shop's");
        ensure_healthy(&database).await?;

        let said = Call::new(&deploy)?.run().await?.expect(0);
        assert!(said.out.contains("Nothing to do"), "{}", said.out);
        let before = database.picture().await?;
        let said = Call::new(&[&["--json"], &deploy[..], &["--again"]].concat())?.run().await?.expect(0);
        assert_eq!(said.json()["outcome"], "deployed");
        assert_eq!(said.json()["applied"].as_array().unwrap().len(), versions().len());
        assert_eq!(difference(&before, &database.picture().await?), [""; 0], "and nothing is different");
        ensure_healthy(&database).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_since_is_applied_again_and_what_is_gone_is_told() -> Result<()> {
    let field = Field::start(PgVersion::V15)?;
    let database = field.project("since", &[]).await?;
    let deploy = ["deploy", "--database-url", &database.url];
    Call::new(&deploy)?.run().await?.expect(0);

    // Another text of one file: it and what follows are applied, what is before it is not.
    let all = versions();
    let changed = &all[2];
    database
        .run(&format!("update onetill.migrations set hash = 'another', applied_at = '2026-01-01' where version = '{changed}'"))
        .await?;
    let said = Call::new(&[&["--json"], &deploy[..]].concat())?.run().await?.expect(0).json();
    let steps: Vec<_> =
        said["plan"]["files"].as_array().unwrap().iter().map(|file| file["step"].clone()).collect();
    assert_eq!(steps[..4], ["applied", "applied", "changed", "again"], "{said}");
    assert_eq!(said["applied"].as_array().unwrap().len(), all.len() - 2);
    let said = Call::new(&deploy)?.run().await?.expect(0);
    assert!(said.out.contains("Nothing to do"), "{}", said.out);

    for (gone, sql) in [
        ("function public.pos_board(uuid)", "drop function pos_board(uuid)"),
        ("trigger public.pos_sessions guard_session", "drop trigger guard_session on pos_sessions"),
        ("table public.locations", "alter table locations rename to places"),
        ("onetill.definitions() does not exist", "drop function onetill.definitions()"),
    ] {
        database.run(sql).await?;
        let before = database.picture().await?;
        let said = Call::new(&deploy)?.run().await?.expect(1);
        assert!(said.out.contains("GONE") && said.out.contains(gone), "{gone}: {}", said.out);
        assert!(said.err.contains("--again"), "{gone}: {}", said.err);
        assert_eq!(difference(&before, &database.picture().await?), [""; 0], "{gone}: nothing was changed");
        if gone.contains("locations") {
            database.run("alter table places rename to locations").await?;
        } else {
            Call::new(&deploy)?.arg("--again").run().await?.expect(0);
        }
        Call::new(&deploy)?.run().await?.expect(0);
        ensure_healthy(&database).await?;
    }
    // With the schema the history goes, too: everything is applied.
    database.run("drop schema onetill cascade").await?;
    let said = Call::new(&deploy)?.run().await?.expect(0);
    assert!(said.out.contains(&format!("Deployed: {} files", all.len())), "{}", said.out);
    ensure_healthy(&database).await
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
            assert!(said.out.contains("An earlier function, replaced"), "{function}: {}", said.out);
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
            ensure_healthy(&database).await?;
            assert_eq!(history(&database).await?, versions());
        }
    }
    Ok(())
}

/// The file for the SQL editor.
pub(crate) async fn file_to_paste() -> Result<String> {
    let call = Call::new(&["deploy", "--print-sql"])?;
    let path: PathBuf = call.home().join("onetill.sql");
    let (said, sql) = call.arg("--out").arg(&path).run_and_read(&path).await?;
    said.expect(0);
    Ok(sql)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_to_paste_does_the_same_and_both_ways_agree() -> Result<()> {
    let sql = file_to_paste().await?;
    assert!(
        sql.trim_end()
            .ends_with("select at, rule, table_name, row_id, note from onetill.reconciliations order by id;")
    );
    for version in [PgVersion::V15, PgVersion::V18] {
        let field = Field::start(version)?;
        for (name, files) in
            [("fresh", &[][..]), ("old", &["tables.sql", "rows.sql", "function_table.sql"][..])]
        {
            let database = field.project(name, files).await?;
            database.run(&sql).await?;
            ensure_healthy(&database).await?;
            let before = database.picture().await?;
            database.run(&sql).await?;
            assert_eq!(difference(&before, &database.picture().await?), [""; 0], "{name}: pasted twice");
            assert_eq!(history(&database).await?, versions());
            let said = Call::new(&["deploy", "--database-url", &database.url])?.run().await?.expect(0);
            assert!(said.out.contains("Nothing to do"), "{name}: {}", said.out);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_paste_over_a_newer_database_is_refused() -> Result<()> {
    let sql = file_to_paste().await?;
    let field = Field::start(PgVersion::V15)?;
    let database = field.project("newer", &[]).await?;
    let deploy = ["deploy", "--database-url", &database.url];
    Call::new(&deploy)?.run().await?.expect(0);
    database.run("create or replace function onetill.schema_version() returns integer language sql immutable set search_path = '' as 'select 999'").await?;
    let before = database.picture().await?;
    let refused = database.run(&sql).await.unwrap_err().to_string();
    assert!(refused.contains("schema version 999"), "{refused}");
    database.run("rollback").await?;
    for again in [&[][..], &["--again"], &["--rehearse"]] {
        let said = Call::new(&[&deploy[..], again].concat())?.run().await?.expect(3);
        assert!(said.out.contains("Use the newer onetillctl"), "{again:?}: {}", said.out);
    }
    assert_eq!(difference(&before, &database.picture().await?), [""; 0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_defaults_of_a_login_do_not_matter() -> Result<()> {
    let field = Field::start(PgVersion::V18)?;
    let database = field.project("defaults", &["tables.sql", "rows.sql", "function_table.sql"]).await?;
    database
        .run(
            "alter database defaults set default_transaction_isolation = 'serializable';
             alter database defaults set search_path = 'pg_catalog';
             alter database defaults set statement_timeout = '20ms'; alter database defaults set datestyle = 'German'",
        )
        .await?;
    Call::new(&["deploy", "--database-url", &database.url])?.run().await?.expect(0);
    ensure_healthy(&database).await
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
    ensure_healthy(&database).await?;

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
