//! The doctor finds what was broken on purpose, each thing under its own name, and nothing on what is healthy.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::ctl::{Call, Said};
use crate::drill::knowing;
use crate::field::{Database, Field};
use crate::front::{Change, Front};
use onetill_local::{Engine, PgVersion, repository};
use onetill_tests::{Project, Result};
use tokio_rustls::rustls::ServerConfig;

/// The ids of the checks that failed.
fn failed(said: &Said) -> Vec<String> {
    let checks = said.json()["checks"].as_array().unwrap().clone();
    let failed = checks.iter().filter(|check| check["status"] == "failed");
    failed.map(|check| check["id"].as_str().unwrap().to_owned()).collect()
}

/// The checks that failed, with what was found.
fn failures(said: &Said) -> Vec<String> {
    let checks = said.json()["checks"].as_array().unwrap().clone();
    let failed = checks.iter().filter(|check| check["status"] == "failed");
    failed.map(|check| format!("{}: {}", check["id"], check["found"])).collect()
}

/// The check of this id, which failed and says what was found and what to do.
fn finds(said: &Said, fault: &str, id: &str, words: &str) {
    assert_eq!(said.code, 1, "{fault}: {said:?}");
    let json = said.json();
    let check = json["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).unwrap();
    assert_eq!(check["status"], "failed", "{fault}: {check}; what failed is {:#?}", failures(said));
    let told = format!("{} {}", check["found"], check["todo"]);
    assert!(told.contains(words), "{fault}: {told}");
    assert!(check["todo"].as_str().is_some_and(|todo| todo.len() > 10), "{fault}: {check}");
}

const DATABASE_FAULTS: &[(&str, &str, &str, &str)] = &[
    ("no index", "drop index idx_one_open_session_per_register", "one_open_index", "missing"),
    (
        "an invalid index",
        "update pg_index set indisvalid = false where indexrelid = 'idx_one_open_session_per_register'::regclass",
        "one_open_index",
        "INVALID",
    ),
    (
        "an index that is not unique",
        "drop index idx_one_open_session_per_register;
         create index idx_one_open_session_per_register on pos_sessions (register_id) where status = 'open'",
        "one_open_index",
        "two devices can open two shifts",
    ),
    (
        "an index of another condition",
        "drop index idx_one_open_session_per_register;
         create unique index idx_one_open_session_per_register on pos_sessions (register_id) where status = 'opened'",
        "one_open_index",
        "opened",
    ),
    (
        "two open shifts",
        "drop index idx_one_open_session_per_register;
         insert into pos_sessions (session_number, register_id, location_id, vendor_id, opening_cash, business_date)
           select 'X' || n, r.id, r.location_id, r.vendor_id, 0, current_date
             from (select * from pos_registers limit 1) r, generate_series(1, 2) n",
        "no_duplicates",
        "money on it stays",
    ),
    ("no function", "drop function get_or_create_session(uuid, uuid, uuid, uuid, numeric)", "functions", "get_or_create_session 0 times"),
    (
        "two functions",
        "create function get_or_create_session(p_register_id uuid) returns int language sql as 'select 1'",
        "functions",
        "get_or_create_session 2 times",
    ),
    (
        "another shape",
        "drop function get_or_create_session(uuid, uuid, uuid, uuid, numeric); \\function_nowait",
        "open_function_shape",
        "Another shape",
    ),
    ("strangers may call", "grant execute on function get_or_create_session to anon", "function_grants", "for anon"),
    ("staff may not call", "revoke execute on function get_or_create_session from authenticated", "function_grants", "for authenticated"),
    ("strangers may read", "grant select on pos_sessions to anon", "table_grants", "anon select pos_sessions"),
    ("clients may insert", "grant insert on pos_sessions to authenticated", "table_grants", "authenticated insert pos_sessions"),
    ("no row level security", "alter table pos_sessions disable row level security", "row_level_security", "pos_sessions"),
    ("no register table", "drop table pos_registers cascade", "tables", "register's tables are missing: pos_registers"),
    (
        "a policy in the way of the lock",
        "alter function get_or_create_session security invoker",
        "lock_policy",
        "Row level security hides the register",
    ),
    ("a guard switched off", "alter table pos_sessions disable trigger guard_session", "guards", "guard_session"),
    ("shifts without a register", "alter table pos_sessions alter register_id drop not null", "no_gaps", "register_id"),
    ("an open search path", "alter function get_or_create_session reset search_path", "function_settings", "get_or_create_session"),
    (
        "an older database part",
        "create or replace function onetill.schema_version() returns int language sql immutable as 'select 0'",
        "schema_version",
        "onetillctl deploy",
    ),
    (
        "a migration left out",
        "delete from onetill.migrations where version = (select max(version) from onetill.migrations)",
        "history",
        "not applied",
    ),
    (
        "a migration of another text",
        "update onetill.migrations set hash = 'x' where version = (select max(version) from onetill.migrations)",
        "history",
        "not applied",
    ),
    ("what was made is gone", "drop function pos_board(uuid)", "history", "gone since: function public.pos_board(uuid)"),
    ("everything is gone", "drop schema onetill cascade", "history", "not applied"),
    (
        "a check of the shop's own that refuses a shift",
        "alter table pos_sessions add constraint sundays check (opening_cash = 1)",
        "whole_shift",
        "opening a shift",
    ),
    ("a function of another text", "create or replace function onetill.my_id() returns uuid language sql stable as 'select null::uuid'", "as_installed", "onetill.my_id"),
    ("calls cut short", "alter role authenticated in database planted set statement_timeout = '1s'", "timeouts", "statement_timeout"),
    ("nobody manages", "update pos_staff set role = 'cashier'", "managers", "deploy --owner"),
    ("vendors may mix", "alter table pos_sessions drop constraint pos_sessions_register", "one_vendor", "pos_sessions_register"),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_in_the_database_is_found_and_nothing_in_a_healthy_one() -> Result<()> {
    for version in [PgVersion::V15, PgVersion::V18] {
        let field = Field::start(version)?;
        let base = field.project("base", &[]).await?;
        Call::new(&["deploy", "--database-url", &base.url])?.run().await?.expect(0);
        base.run(&std::fs::read_to_string(repository().join("supabase/seed.sql"))?).await?;
        let said = Call::new(&["--json", "doctor", "--database-url", &base.url])?.run().await?;
        assert_eq!(failures(&said), [""; 0], "healthy");
        assert!(said.json()["passed"].as_u64().unwrap() >= 20, "and it looked: {}", said.out);
        drop(base);

        let server = Database::open(&field.url("postgres")).await?;
        for (fault, sql, id, words) in DATABASE_FAULTS {
            server.run("drop database if exists planted with (force)").await?;
            server.run("create database planted template base").await?;
            let planted = Database::open(&field.url("planted")).await?;
            let sql = match sql.split_once('\\') {
                Some((before, file)) => {
                    let path = repository().join("tests/database/legacy").join(file).with_extension("sql");
                    format!("{before}; {}", std::fs::read_to_string(path)?)
                }
                None => (*sql).to_owned(),
            };
            planted.run(&sql).await?;
            let said = Call::new(&["--json", "doctor", "--database-url", &planted.url])?.run().await?;
            finds(&said, fault, id, words);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_from_before_is_told_what_it_lacks() -> Result<()> {
    let field = Field::start(PgVersion::V15)?;
    let old = field.project("old", &["tables.sql", "rows.sql"]).await?;
    let said = Call::new(&["--json", "doctor", "--database-url", &old.url])?.run().await?;
    for (id, words) in [
        ("functions", "Atomic session function not deployed"),
        ("history", "not applied"),
        ("tables", "pos_staff"),
        ("one_open_index", "missing"),
        ("no_duplicates", "2 registers"),
        ("no_gaps", "2 shifts"),
        ("row_level_security", "pos_sessions"),
    ] {
        finds(&said, "an old database", id, words);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_on_the_way_to_the_server_is_found() -> Result<()> {
    let project = Project::start(Engine::Postgres(PgVersion::V15))?;
    let database = Database::open(&project.backend.database_url().ok_or("a real PostgreSQL")?).await?;
    let doctor = ["--json", "doctor"];
    // At its first call the local server gives its roles more than a hosted one does; what the migrations say holds
    // once they are applied after that.
    let again = ["deploy", "--again", "--database-url", &database.url];
    knowing(&project, "cashier", &doctor)?.run().await?;
    Call::new(&again)?.run().await?.expect(0);

    for role in ["cashier", "owner"] {
        let said = knowing(&project, role, &doctor)?.run().await?;
        assert_eq!(failures(&said), [""; 0], "healthy, with a sign-in");
        assert!(said.json()["passed"].as_u64().unwrap() >= 25, "and it looked: {}", said.out);
    }
    let said = knowing(&project, "owner", &doctor)?.arg("--database-url").arg(&database.url).run().await?;
    assert_eq!(failures(&said), [""; 0], "healthy, with everything");
    let page = knowing(&project, "owner", &["doctor"])?.run().await?.expect(0);
    let widest = page.lines().iter().map(|line| line.chars().count()).max().unwrap_or_default();
    assert!(page.lines().len() <= 65 && widest <= 100, "one page: {}", page.out);

    let call = || knowing(&project, "cashier", &doctor);
    let url = "ONETILL_SUPABASE_URL";
    let key = "ONETILL_SUPABASE_KEY";
    let upstream = project.backend.url().trim_start_matches("http://").parse()?;
    let front = async |change| Front::start(upstream, change).await;

    finds(&call()?.env(url, "http://shop.example").run().await?, "no encryption", "settings", "https");
    finds(&call()?.env(key, "sb_secret_x").run().await?, "a secret key", "key_kind", "revoke");
    finds(&call()?.env(url, "http://127.0.0.1:9").run().await?, "nothing there", "reach", "address");
    let page = front(Change::Page).await?;
    finds(&call()?.env(url, page.url()).run().await?, "a hotel", "supabase", "log-in page");
    let slow = front(Change::Late(Duration::from_millis(1200))).await?;
    finds(&call()?.env(url, slow.url()).run().await?, "a slow line", "latency", "network");
    let dated = front(Change::Date("Mon, 01 Jan 2024 08:00:00 GMT")).await?;
    finds(&call()?.env(url, dated.url()).run().await?, "a wrong clock", "clock", "automatic time");
    let stranger = front(Change::Tls(certificate(false)?)).await?;
    let said = call()?.env(url, format!("https://localhost:{}", stranger.port())).run().await?;
    finds(&said, "an unknown certificate", "tls", "virus scanner");
    finds(
        &call()?.env(key, "sb_publishable_other").run().await?,
        "another project's key",
        "key",
        "publishable key",
    );
    finds(&call()?.env("ONETILL_PASSWORD", "wrong").run().await?, "a wrong password", "sign_in", "password");

    database.run("update pos_staff set is_active = false").await?;
    finds(&call()?.run().await?, "nobody's staff", "staff", "pos_staff");
    database.run("update pos_staff set is_active = true").await?;
    database.run("drop index idx_one_open_session_per_register").await?;
    finds(&call()?.run().await?, "no index, seen by a cashier", "one_open_index", "two devices");
    database.run("alter function get_or_create_session security invoker").await?;
    finds(&call()?.run().await?, "a policy in the way", "open_path", "deploy --again");
    database.run("grant execute on function get_or_create_session to anon").await?;
    finds(&call()?.run().await?, "open to strangers", "strangers", "anybody");
    let said = Call::new(&again)?.run().await?.expect(0);
    assert!(said.out.contains("Deployed"), "{}", said.out);
    assert_eq!(failures(&call()?.run().await?), [""; 0], "what the doctor said to do has helped");

    database.run("alter table pos_registers rename to pos_registers_old").await?;
    finds(&call()?.run().await?, "no register table", "open_path", "table of the register is missing");
    database.run("alter table pos_registers_old rename to pos_registers").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_is_missing_or_double_is_named_as_runbooks_do() -> Result<()> {
    let mut project = Project::start(Engine::Postgres(PgVersion::V15))?;
    let database = Database::open(&project.backend.database_url().ok_or("a real PostgreSQL")?).await?;
    let doctor = ["--json", "doctor"];
    let drop = "drop function get_or_create_session(uuid, uuid, uuid, uuid, numeric)";
    database.run(drop).await?;
    project.backend.take_down();
    project.backend.bring_up()?;
    let said = knowing(&project, "cashier", &doctor)?.run().await?;
    finds(&said, "no function", "function", "Atomic session function not deployed");
    let drill = knowing(&project, "cashier", &["drill", "--register", "M1"])?.run().await?.expect(3);
    assert!(drill.err.contains("Atomic session function not deployed"), "{}", drill.err);
    Ok(())
}

/// A certificate that nobody on this computer vouches for.
fn certificate(expired: bool) -> Result<Arc<ServerConfig>> {
    let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()])?;
    if expired {
        parameters.not_after = rcgen::date_time_ymd(2020, 1, 1);
    }
    let pair = rcgen::KeyPair::generate()?;
    let own = parameters.self_signed(&pair)?;
    let key = tokio_rustls::rustls::pki_types::PrivateKeyDer::try_from(pair.serialize_der())?;
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], key)?;
    Ok(Arc::new(config))
}

/// A register's computer with a configuration and a data folder.
fn enrolled(call: &Call, config: &str) -> Result<()> {
    std::fs::write(call.home().join("config.toml"), config)?;
    std::fs::create_dir_all(call.home().join("data"))?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_the_computer_is_found() -> Result<()> {
    let good = "[supabase]\nurl = \"http://127.0.0.1:9\"\nkey = \"sb_publishable_x\"\n";
    let doctor = || Call::new(&["--json", "doctor"]);

    let call = doctor()?;
    enrolled(&call, good)?;
    let said = call.run().await?;
    assert_eq!(failed(&said), ["reach"], "the computer itself is healthy: {}", said.out);

    let call = doctor()?;
    enrolled(&call, "[supabase]\nurl = \"https://x.example\nkey = \"sb_publishable_hidden\"")?;
    let said = call.run().await?;
    finds(&said, "a torn configuration", "config", "line 2");
    assert!(!said.out.contains("hidden"), "{}", said.out);

    let call = doctor()?;
    enrolled(&call, &good.replace("publishable", "secret"))?;
    finds(&call.run().await?, "a secret key on the register", "config", "revoke");

    let call = doctor()?;
    std::fs::write(call.home().join("data"), "in the way")?;
    finds(&call.run().await?, "no data folder", "data_folder", "right to write");

    let call = doctor()?;
    enrolled(&call, good)?;
    let torn = "this was a database once, but somebody opened it in an editor and saved it";
    std::fs::write(call.home().join("data/onetill.sqlite"), torn)?;
    let file = call.home().join("data/onetill.sqlite");
    let (said, after) = (call.run_and_read(&file).await?, torn);
    finds(&said.0, "a damaged file", "store", "sets the file aside");
    assert_eq!(said.1, after, "and it was left as it is");

    if cfg!(target_os = "linux") {
        let call = doctor()?;
        enrolled(&call, good)?;
        let call = call.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
        finds(&call.run().await?, "no keychain", "keychain", "sign in at every start");
    }
    #[cfg(unix)]
    {
        let call = doctor()?;
        enrolled(&call, good)?;
        let tools = call.home().join("tools");
        print_system(&tools, "printer receipts disabled since Monday -")?;
        let path = format!("{}:{}", tools.display(), std::env::var("PATH")?);
        finds(&call.env("PATH", path).run().await?, "a stopped printer", "printer", "paper");
        let call = doctor()?;
        enrolled(&call, good)?;
        let tools = call.home().join("tools");
        print_system(&tools, "printer receipts is idle.  enabled since Monday")?;
        let path = format!("{}:{}", tools.display(), std::env::var("PATH")?);
        assert_eq!(failed(&call.env("PATH", path).run().await?), ["reach"], "a printer that is ready");
    }
    Ok(())
}

/// CUPS as it would answer.
#[cfg(unix)]
fn print_system(folder: &Path, state: &str) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(folder)?;
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = -d ]; then echo 'system default destination: receipts'; else echo '{state}'; fi\n"
    );
    std::fs::write(folder.join("lpstat"), script)?;
    std::fs::set_permissions(folder.join("lpstat"), std::fs::Permissions::from_mode(0o755))?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_ran_out_points_at_the_clock() -> Result<()> {
    let nowhere = "127.0.0.1:9".parse()?;
    let front = Front::start(nowhere, Change::Tls(certificate(true)?)).await?;
    let call = Call::new(&["--json", "doctor", "--key", "sb_publishable_x", "--url"])?;
    let said = call.arg(format!("https://localhost:{}", front.port())).run().await?;
    finds(&said, "an expired certificate", "tls", "date, time and time zone");
    Ok(())
}
