//! The drill tells a server that keeps the promise from one that does not, and leaves nothing behind.

use crate::ctl::{Call, Said};
use crate::field::Database;
use onetill_local::{Engine, PgVersion, repository};
use onetill_tests::{PATIENCE, Project, Result, staff, within};
use tokio::io::{AsyncBufReadExt, BufReader};

/// A call that knows the project, the database and a member of staff.
pub(crate) fn knowing(project: &Project, role: &str, arguments: &[&str]) -> Result<Call> {
    let person = staff(role)[0];
    let call = Call::new(arguments)?
        .env("ONETILL_SUPABASE_URL", project.backend.url())
        .env("ONETILL_SUPABASE_KEY", project.backend.publishable_key())
        .env("ONETILL_EMAIL", person.email)
        .env("ONETILL_PASSWORD", person.password);
    Ok(call)
}

fn url(project: &Project) -> Result<String> {
    Ok(project.backend.database_url().ok_or("a real PostgreSQL")?)
}

/// The four lines that runbooks know, as the end of what was said.
fn ends_with(said: &Said, lines: [&str; 4]) {
    let told = said.lines();
    let tail: Vec<&str> = told.iter().rev().take(4).rev().copied().collect();
    assert_eq!(tail, lines, "{said:?}");
}

async fn rows(database: &Database) -> Result<(i64, i64)> {
    let registers = database.number("select count(*) from pos_registers").await?;
    let open = database.number("select count(*) from pos_sessions where status = 'open'").await?;
    Ok((registers, open))
}

#[tokio::test(flavor = "multi_thread")]
async fn ours_passes_and_nothing_stays() -> Result<()> {
    let project = Project::start(Engine::Postgres(PgVersion::V15))?;
    let database = Database::open(&url(&project)?).await?;
    let before = rows(&database).await?;
    let sessions = "select count(*) from pos_sessions";

    let said =
        knowing(&project, "cashier", &["drill", "--database-url", &database.url])?.run().await?.expect(0);
    let pass =
        ["Successful: 10/10", "Failed: 0/10", "Unique sessions created: 1", "PASS - ATOMIC FUNCTION WORKING"];
    ends_with(&said, pass);
    assert_eq!(rows(&database).await?, before);
    assert_eq!(database.number(sessions).await?, 0, "not even the trial's own session stays");

    let many = ["drill", "--devices", "30", "--rounds", "4", "--json", "--database-url", &database.url];
    let said = knowing(&project, "owner", &many)?.run().await?.expect(0).json();
    assert_eq!((&said["outcome"], said["rounds"].as_array().unwrap().len()), (&"pass".into(), 4));
    for round in said["rounds"].as_array().unwrap() {
        assert_eq!(round["outcomes"], serde_json::json!({"created": 1, "joined": 29}));
    }
    assert_eq!(rows(&database).await?, before);

    // Without the database's address a register of the shop is borrowed, and given back free.
    let lent = ["drill", "--register", "M2", "--rounds", "2"];
    ends_with(&knowing(&project, "cashier", &lent)?.run().await?.expect(0), pass);
    assert_eq!(rows(&database).await?, before);
    let cancelled = database.number("select count(*) from pos_sessions where status = 'cancelled'").await?;
    assert_eq!((cancelled, database.number(sessions).await?), (2, 2), "its shifts were opened by mistake");

    for (arguments, code, words) in [
        (&["drill", "--register", "M3"][..], 3, "free one"),
        (&["drill", "--register", "X9"][..], 2, "no register X9"),
        (&["drill"][..], 2, "which register?"),
    ] {
        let said = knowing(&project, "cashier", arguments)?.run().await?.expect(code);
        assert!(said.err.contains(words), "{}", said.err);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_triggers_of_its_own_passes_and_nothing_stays() -> Result<()> {
    let project = Project::migrated_from_strict(Engine::Postgres(PgVersion::V15))?;
    let database = Database::open(&url(&project)?).await?;
    let before = rows(&database).await?;
    let movements = database.number("select count(*) from pos_cash_movements").await?;
    for (email, rounds) in [("ana@strict.example", "3"), ("max@strict.example", "1")] {
        let drill = ["drill", "--rounds", rounds, "--database-url", &database.url];
        let said = knowing(&project, "cashier", &drill)?.env("ONETILL_EMAIL", email).run().await?.expect(0);
        let pass = [
            "Successful: 10/10",
            "Failed: 0/10",
            "Unique sessions created: 1",
            "PASS - ATOMIC FUNCTION WORKING",
        ];
        ends_with(&said, pass);
    }
    assert_eq!(rows(&database).await?, before);
    let left = database.number("select count(*) from pos_cash_movements").await?;
    assert_eq!(left, movements, "what the shop's triggers wrote of the trial is gone, too");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_function_that_fails_is_failed() -> Result<()> {
    let project = Project::start(Engine::Postgres(PgVersion::V15))?;
    let database = Database::open(&url(&project)?).await?;
    // As much of an older database as these functions need.
    database
        .run(
            "alter table pos_sessions alter business_date drop not null, add column metadata jsonb default '{}',
               add column created_at timestamptz default now();
             drop index idx_one_open_session_per_register;
             alter table pos_sessions drop constraint if exists pos_sessions_number;
             drop index if exists pos_sessions_number",
        )
        .await?;
    let legacy = |name: &str| {
        let path = repository().join("tests/database/legacy").join(name);
        std::fs::read_to_string(path).map(|sql| sql.replace("create unique index if not exists", "-- "))
    };
    // The page that all of these replaced: look, then insert.
    let check_then_insert = legacy("function_setof.sql")?
        .replace("perform 1 from pos_registers r where r.id = p_register_id for update;", "")
        .replace(
            "if found_session.id is null then",
            "if found_session.id is null then perform pg_sleep(0.05);",
        );
    assert!(check_then_insert.contains("pg_sleep") && !check_then_insert.contains("for update"));
    let drill = ["drill", "--devices", "10", "--rounds", "3", "--database-url", &database.url];

    for (name, sql, words) in [
        ("check then insert", check_then_insert, "sessions were answered instead of one"),
        ("nowait", legacy("function_nowait.sql")?, "55P03"),
        ("table", legacy("function_table.sql")?, "expected one created"),
        ("setof", legacy("function_setof.sql")?, "expected one created"),
    ] {
        // Under a lock on the name: the server looks functions up anew for each call.
        database.run("drop function get_or_create_session(uuid, uuid, uuid, uuid, numeric)").await?;
        database.run(&sql).await?;
        let said = knowing(&project, "cashier", &drill)?.run().await?.expect(1);
        assert!(said.out.contains("FAIL - RACE CONDITION DETECTED"), "{name}: {}", said.out);
        assert!(said.out.contains(words), "{name}: {}", said.out);
        if name == "check then insert" {
            let ids = said.lines().iter().filter(|line| line.starts_with("  session ")).count();
            assert!(ids > 1, "the ids are told: {}", said.out);
        }
        let legacy = knowing(&project, "cashier", &drill)?.arg("--legacy").run().await?;
        let fails = matches!(name, "check then insert" | "nowait");
        if fails {
            assert_eq!(legacy.code, 1, "{name}: {}", legacy.out);
        }
        if name == "setof" {
            assert_eq!(legacy.code, 0, "it locks, and is let off what it cannot say: {}", legacy.out);
        }
        assert_eq!(rows(&database).await?, (4, 0), "{name}: nothing stays");
    }
    Ok(())
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_it_finds_everything_cleaned_up() -> Result<()> {
    let project = Project::start(Engine::Postgres(PgVersion::V15))?;
    let database = Database::open(&url(&project)?).await?;
    let before = rows(&database).await?;
    let long = ["drill", "--rounds", "1000", "--database-url", &database.url];
    let (mut child, _home) = knowing(&project, "cashier", &long)?.start()?;
    let mut progress = BufReader::new(child.stderr.take().ok_or("its progress")?).lines();
    while let Some(line) = progress.next_line().await? {
        if line.starts_with("Round 2/") {
            break;
        }
    }
    let pid =
        child.id().and_then(|id| rustix::process::Pid::from_raw(id.try_into().ok()?)).ok_or("it runs")?;
    rustix::process::kill_process(pid, rustix::process::Signal::INT)?;
    let drained = tokio::spawn(async move { while let Ok(Some(_)) = progress.next_line().await {} });
    let status = tokio::time::timeout(PATIENCE, child.wait()).await??;
    drained.await?;
    assert_eq!(status.code(), Some(130));
    assert_eq!(rows(&database).await?, before);
    assert_eq!(database.number("select count(*) from pos_sessions").await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_in_the_middle_leaves_nothing_either() -> Result<()> {
    let mut project = Project::start(Engine::Postgres(PgVersion::V15))?;
    let database = Database::open(&url(&project)?).await?;
    let before = rows(&database).await?;
    let drill = ["drill", "--rounds", "1000", "--database-url", &database.url];
    let call = tokio::spawn(knowing(&project, "cashier", &drill)?.run());
    let begun = "select count(*) from pos_registers where register_number like 'DRILL-%'";
    within(PATIENCE, "the scratch register", async || {
        let there = database.number(begun).await?;
        Ok(if there == 1 { Ok(()) } else { Err(format!("{there}")) })
    })
    .await?;
    project.backend.take_down();
    let said = call.await??;
    assert!(said.code == 1 || said.code == 3, "{said:?}");
    assert_eq!(rows(&database).await?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_opens_every_register_once_and_passes_over() -> Result<()> {
    let project = Project::start(Engine::Postgres(PgVersion::V15))?;
    let database = Database::open(&url(&project)?).await?;
    let before = rows(&database).await?;
    let storm =
        ["storm", "--registers", "60", "--devices", "3", "--at-once", "20", "--database-url", &database.url];
    let said = knowing(&project, "owner", &storm)?.run().await?.expect(0);
    assert!(said.out.contains("60 created, 120 joined"), "{}", said.out);
    assert!(said.out.contains("Capacity: about"), "{}", said.out);
    assert!(said.err.contains("/180 presses"), "a live picture: {}", said.err);
    assert_eq!(rows(&database).await?, before);
    assert_eq!(database.number("select count(*) from pos_sessions").await?, 0);

    let elsewhere = knowing(&project, "owner", &storm)?.env("ONETILL_SUPABASE_URL", "https://shop.example");
    let said = elsewhere.run().await?.expect(2);
    assert!(said.err.contains("--yes-this-is-a-test-server"), "{}", said.err);
    Ok(())
}
