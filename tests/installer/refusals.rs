//! What cannot be deployed is refused with a sentence, and what fails on the way leaves nothing behind.

use crate::ctl::Call;
use crate::deploy::ensure_healthy;
use crate::field::{Database, Field, difference};
use onetill_local::PgVersion;
use onetill_tests::Result;

/// Databases that nobody can deploy to, each with words of the sentence that says why.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "numbers",
        "create table pos_sessions (id bigint primary key, status text)",
        "public.pos_sessions.id is bigint, and must be uuid",
    ),
    (
        "floats",
        "create table pos_sessions (id uuid primary key, opening_cash float8)",
        "opening_cash is double precision",
    ),
    (
        "cents",
        "create table pos_sessions (id uuid primary key, opening_cash bigint)",
        "nobody here can tell which",
    ),
    ("a_view", "create view pos_registers as select gen_random_uuid() as id", "is not an ordinary table"),
    (
        "parts",
        "create table pos_sessions (id uuid, status text) partition by list (status)",
        "public.pos_sessions is not an ordinary table: it is partitioned",
    ),
    (
        "taken",
        "create table pos_staff (id uuid primary key)",
        "public.pos_staff that this program did not make",
    ),
    ("stranger", "create schema onetill; create table onetill.something (x int)", "did not make: rename it"),
    ("a_domain", "create schema onetill; create domain onetill.caller as text", "did not make: rename it"),
    ("plain", "drop schema auth cascade", "not a Supabase project"),
    ("keyless", "create table vendors (id uuid)", "has no key"),
    (
        "newer",
        "create schema onetill; create function onetill.schema_version() returns int language sql as 'select 999'",
        "Use the newer onetillctl",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_is_refused_and_left_alone() -> Result<()> {
    for version in [PgVersion::V15, PgVersion::V18] {
        let field = Field::start(version)?;
        for (name, sql, words) in REFUSED {
            let database = field.project(name, &[]).await?;
            database.run(sql).await?;
            let before = database.picture().await?;
            for how in [&[][..], &["--dry-run"], &["--rehearse"]] {
                let said =
                    Call::new(&[&["deploy", "--database-url", &database.url], how].concat())?.run().await?;
                let said = said.expect(3);
                assert!(said.out.contains("REFUSED") && said.out.contains(words), "{name}: {}", said.out);
                assert!(said.err.contains("nothing was changed"), "{name}: {}", said.err);
            }
            let after = database.picture().await?;
            assert_eq!(difference(&before, &after), [""; 0], "{name}: nothing was changed");
        }
        // Every reason at once, also for a script.
        let database = field.project("several", &[]).await?;
        database
            .run("create table pos_sessions (id bigint primary key); create view pos_registers as select 1 as id")
            .await?;
        let call = Call::new(&["--json", "deploy", "--database-url", &database.url])?;
        let json = call.run().await?.expect(3).json();
        assert_eq!(json["outcome"], "refused");
        assert_eq!(json["plan"]["refused"].as_array().unwrap().len(), 2, "{json}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_the_roles_of_an_api_is_no_project() -> Result<()> {
    let field = Field::start(PgVersion::V15)?;
    let bare = Database::open(&field.url("postgres")).await?;
    let said = Call::new(&["deploy", "--database-url", &bare.url])?.run().await?.expect(3);
    assert!(said.out.contains("There is no role anon, authenticated, service_role"), "{}", said.out);
    Ok(())
}

/// `half` may create things, and owns only some of the tables.
const HALF: &str = "
    create role half login; grant create on database half_owned to half; grant create, usage on schema public to half;
    grant usage on schema auth to half; grant select on auth.users to half;
    alter table vendors owner to half; alter table locations owner to half";

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_does_not_own_everything_is_told_whose_login_it_takes() -> Result<()> {
    for version in [PgVersion::V15, PgVersion::V18] {
        let field = Field::start(version)?;
        let database = field.project("half_owned", &["tables_strict.sql", "function_table.sql"]).await?;
        database.run(HALF).await?;
        let before = database.picture().await?;
        let theirs = database.url.replace("postgres@", "half@");
        let said = Call::new(&["deploy", "--database-url", &theirs])?.run().await?.expect(3);
        for table in ["pos_sessions", "pos_registers", "pos_cash_movements", "get_or_create_session"] {
            let refused = said.lines().into_iter().any(|line| {
                line.starts_with("REFUSED: ")
                    && line.contains(table)
                    && line.contains("belongs to the role postgres")
            });
            assert!(refused, "{table}: {}", said.out);
        }
        assert!(!said.out.contains("public.vendors belongs"), "{}", said.out);
        assert_eq!(difference(&before, &database.picture().await?), [""; 0], "nothing was changed");

        // The same login on what another one deployed.
        Call::new(&["deploy", "--database-url", &database.url])?.run().await?.expect(0);
        let said = Call::new(&["deploy", "--database-url", &theirs])?.run().await?.expect(3);
        assert!(
            said.out.contains("REFUSED: The schema `onetill` belongs to the role postgres"),
            "{}",
            said.out
        );
        // And one that may not create anything.
        database.run("create role guest login").await?;
        let guest = database.url.replace("postgres@", "guest@");
        let said = Call::new(&["deploy", "--database-url", &guest])?.run().await?.expect(3);
        assert!(said.out.contains("The login guest may not create"), "{}", said.out);
    }
    Ok(())
}

/// The project's own `postgres` on a hosted project is no superuser.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_with_the_rights_of_a_hosted_project_is_enough() -> Result<()> {
    for version in [PgVersion::V15, PgVersion::V18] {
        let field = Field::start(version)?;
        let database = field.project("hosted", &[]).await?;
        database
            .run("create role host login createrole createdb bypassrls;
                  grant anon, authenticated, service_role to host with admin option;
                  alter database hosted owner to host; alter schema public owner to host;
                  grant usage on schema auth to host; grant select, insert on auth.users to host;
                  alter default privileges for role host in schema public grant all on tables to anon, authenticated, service_role")
            .await?;
        let url = database.url.replace("postgres@", "host@");
        let host = Database::open(&url).await?;
        let legacy = onetill_local::repository().join("tests/database/legacy");
        for file in ["tables_strict.sql", "function_nowait.sql"] {
            host.run(&std::fs::read_to_string(legacy.join(file))?).await?;
        }
        let deploy = ["deploy", "--database-url", &url];
        Call::new(&deploy)?.arg("--owner").arg("max@strict.example").run().await?.expect(0);
        let said = Call::new(&deploy)?.arg("--again").run().await?.expect(0);
        assert!(said.out.contains("nothing put right"), "{}", said.out);
        let said = Call::new(&["--json", "doctor", "--no-computer", "--database-url", &url])?.run().await?;
        said.expect(0);
    }
    Ok(())
}

/// Things of a shop's own that the preflight cannot know, and that stop a file in the middle or the last one.
const IN_THE_WAY: &[(&str, &str, &str, &str)] = &[
    (
        "policies",
        "create function no() returns event_trigger language plpgsql as $$ begin raise 'policies are made by hand here'; end $$;
         create event trigger no on ddl_command_start when tag in ('CREATE POLICY') execute function no()",
        "policies are made by hand here",
        "drop event trigger no",
    ),
    (
        "sundays",
        "create function no() returns trigger language plpgsql as $$ begin raise 'nobody sells on Sundays'; end $$;
         create trigger no before insert on pos_sessions for each row execute function no()",
        "a shift cannot be worked on this database; it fails at opening a shift",
        "drop trigger no on pos_sessions",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_anywhere_leaves_nothing_behind() -> Result<()> {
    for version in [PgVersion::V15, PgVersion::V18] {
        let field = Field::start(version)?;
        for (name, obstacle, words, out_of_the_way) in IN_THE_WAY {
            let database = field.project(name, &["tables_strict.sql", "function_setof.sql"]).await?;
            database.run(obstacle).await?;
            let before = database.picture().await?;
            let deploy = ["deploy", "--database-url", &database.url];
            for how in [&[][..], &["--rehearse"]] {
                let said = Call::new(&[&deploy[..], how].concat())?.run().await?.expect(3);
                let told = said.err.lines().find(|line| line.starts_with("onetillctl: ")).unwrap();
                assert!(
                    told.contains("nothing was changed") && told.contains(".sql") && told.contains(words),
                    "{name}: {told}"
                );
                assert!(said.err.contains("[3/"), "{name}: it was on the way: {}", said.err);
            }
            assert_eq!(difference(&before, &database.picture().await?), [""; 0], "{name}: nothing is left");
            database.run(out_of_the_way).await?;
            Call::new(&deploy)?.run().await?.expect(0);
            ensure_healthy(&database).await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_works_is_not_held_up_for_long() -> Result<()> {
    let field = Field::start(PgVersion::V15)?;
    let database = field.project("working", &["tables.sql", "rows.sql"]).await?;
    let before = database.picture().await?;
    let holder = Database::open(&database.url).await?;
    holder.run("begin; lock table pos_sessions in row exclusive mode").await?;
    let deploy = ["deploy", "--database-url", &database.url];
    let said = Call::new(&deploy)?.run().await?.expect(3);
    assert!(
        said.err.contains("nothing was changed") && said.err.contains("repeat it at a quieter hour"),
        "{}",
        said.err
    );
    assert_eq!(difference(&before, &database.picture().await?), [""; 0]);
    holder.run("rollback").await?;
    Call::new(&deploy)?.run().await?.expect(0);
    ensure_healthy(&database).await
}
