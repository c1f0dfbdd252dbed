//! The stricter databases of the field: staff with keys of their own, checks on every word, triggers that write
//! movements and totals, signed amounts. And who becomes staff.

use crate::ctl::Call;
use crate::deploy::{ensure_healthy, history, versions};
use crate::field::{Field, difference};
use onetill_local::PgVersion;
use onetill_tests::Result;

/// Amounts of the shop's own: none of them may change.
const MONEY: &str = "
    select concat_ws(' ', 'session', id, opening_cash, closing_cash, total_sales, total_cash, total_card, total_transactions) from pos_sessions
    union all select concat_ws(' ', 'movement', id, session_id, movement_type, amount) from pos_cash_movements
    union all select concat_ws(' ', 'sale', id, total_amount) from pos_transactions order by 1";
/// Constraints that wait for the commit would keep one file's changes from the next one's tables.
const LATE: &str = "
    alter table pos_sessions add constraint late_place foreign key (location_id) references locations deferrable initially deferred;
    alter table pos_cash_movements add constraint late_shift foreign key (session_id) references pos_sessions deferrable initially deferred";

#[tokio::test(flavor = "multi_thread")]
async fn a_strict_database_is_changed_as_planned_and_works() -> Result<()> {
    for version in [PgVersion::V15, PgVersion::V18] {
        let field = Field::start(version)?;
        for function in ["function_table", "function_setof", "function_nowait"] {
            let file = format!("{function}.sql");
            let strict = std::fs::read_to_string(
                onetill_local::repository().join("tests/database/legacy").join(&file),
            )?;
            // The third one brings an index that two open shifts on one register would not let stand.
            let brings_index = strict.contains("create unique index");
            let database = field.project(function, &["tables_strict.sql"]).await?;
            if brings_index {
                database
                    .run("update pos_sessions set status = 'suspended' where session_number like '%202'")
                    .await?;
            }
            database.run(&strict).await?;
            if function == "function_table" {
                database.run(LATE).await?;
            }
            let money = database.texts(MONEY).await?;
            let before = database.picture().await?;
            let deploy = ["deploy", "--database-url", &database.url];

            let said =
                Call::new(&[&["--json"], &deploy[..], &["--dry-run"]].concat())?.run().await?.expect(0);
            let planned = said.json()["plan"]["changes"].as_array().unwrap().clone();
            for (subject, rule, statement) in [
                ("shape", "check_dropped", "drop constraint if exists pos_sessions_status_check"),
                ("shape", "check_widened", "onetill.widen_check"),
                ("shape", "column_may_be_empty", "alter column user_id drop not null"),
                ("shape", "search_path_pinned", "set search_path"),
                ("rows", "status_unknown", ""),
                ("replaced", "function_dropped", ""),
                ("staff", "staff_added", ""),
            ] {
                let found = planned.iter().any(|change| {
                    change["subject"] == subject
                        && change["rule"] == rule
                        && change["statement"].as_str().unwrap_or_default().contains(statement)
                        && change["sentence"].as_str().unwrap().len() > 20
                });
                assert!(found, "{function}: {rule} {statement}: {planned:#?}");
            }
            assert_eq!(difference(&before, &database.picture().await?), [""; 0], "{function}: a dry run");

            let said = Call::new(&deploy)?.run().await?.expect(0);
            let at = |words: &str| said.out.find(words).unwrap_or_else(|| panic!("{words}: {}", said.out));
            assert!(at("pos_sessions_status_check on public.pos_sessions refuses rows") < at("put right: "));
            assert!(
                at("Changes to the shop's own tables") < at("Rows put right")
                    && at("Staff:") < at("Deployed: ")
            );
            assert!(said.out.contains("Nobody active manages Strict Store"), "{}", said.out);
            assert_eq!(history(&database).await?, versions());
            ensure_healthy(&database).await?;
            let expected = database
                .texts("select onetill.expected_cash(s.id)::text from pos_sessions s where s.id = '00000000-0000-4000-8000-00000000d101'")
                .await?;
            assert_eq!(expected, ["248.50"], "{function}");
            assert_eq!(database.texts(MONEY).await?, money, "{function}: no amount changes");

            let said = Call::new(&deploy)?.run().await?.expect(0);
            assert!(said.out.contains("Nothing to do"), "{function}: {}", said.out);
            let before = database.picture().await?;
            let said = Call::new(&deploy)?.arg("--again").run().await?.expect(0);
            assert!(said.out.contains("nothing put right"), "{function}: {}", said.out);
            assert_eq!(difference(&before, &database.picture().await?), [""; 0], "{function}: --again");

            // Somebody has to be the owner; then nothing is wrong at all.
            let said = Call::new(&deploy)?.arg("--owner").arg("max@strict.example").run().await?.expect(0);
            assert!(said.out.contains("max@strict.example is an owner"), "{}", said.out);
            assert!(!said.out.contains("Nobody active manages"), "{}", said.out);
            let doctor = ["--json", "doctor", "--no-computer", "--database-url", &database.url];
            let page = Call::new(&doctor)?.run().await?.expect(0).json();
            let line =
                page["checks"].as_array().unwrap().iter().find(|check| check["id"] == "reconciled").unwrap();
            let found = line["found"].as_str().unwrap();
            assert!(found.contains("status_unknown") && found.contains("deploy --report"), "{found}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_right_is_read_back() -> Result<()> {
    let field = Field::start(PgVersion::V15)?;
    let database = field.project("read_back", &["tables_strict.sql", "function_table.sql"]).await?;
    let report = ["deploy", "--report", "--database-url", &database.url];
    let said = Call::new(&report)?.run().await?.expect(3);
    assert!(said.err.contains("was not deployed"), "{}", said.err);
    Call::new(&["deploy", "--database-url", &database.url])?.run().await?.expect(0);

    let said = Call::new(&report)?.run().await?.expect(0);
    let line = |words: &str| said.lines().iter().any(|line| line.contains(words));
    assert!(line("duplicate_open  pos_sessions 00000000-0000-4000-8000-00000000d202"), "{}", said.out);
    assert!(line("check_widened  pos_registers"), "{}", said.out);
    let json = Call::new(&[&["--json"], &report[..]].concat())?.run().await?.expect(0).json();
    let rows = database.number("select count(*) from onetill.reconciliations").await?;
    let listed = json["reconciled"].as_array().unwrap();
    assert_eq!(listed.len() as i64, rows);
    assert!(listed.iter().all(|entry| entry["at"].as_str().unwrap().ends_with('Z')), "{json}");
    Ok(())
}

const CUSTOMER: &str = "00000000-0000-4000-8000-0000000000f1";

#[tokio::test(flavor = "multi_thread")]
async fn who_wrote_themselves_into_users_gets_no_right() -> Result<()> {
    for version in [PgVersion::V15, PgVersion::V18] {
        let field = Field::start(version)?;
        // Signed-in callers may write `users` here, as in projects without row level security.
        let database = field.project("writable", &["tables.sql", "rows.sql", "function_table.sql"]).await?;
        let intrude = |id: &str| {
            format!(
                "insert into auth.users (id, email) values ('{id}', '{id}@x.example');
                 set role authenticated;
                 insert into public.users (id, vendor_id, first_name, email, role)
                   values ('{id}', '0000000a-0000-4000-8000-000000000001', 'Eve', '{id}@x.example', 'owner');
                 reset role"
            )
        };
        database.run("grant insert on public.users to authenticated").await?;
        database.run(&intrude(CUSTOMER)).await?;
        let deploy = ["deploy", "--database-url", &database.url];
        let said = Call::new(&deploy)?.run().await?.expect(0);
        assert!(said.out.contains("could have given themselves any role"), "{}", said.out);
        let active = "select count(*) from pos_staff where is_active";
        let rights = format!(
            "select count(*) from pos_staff where user_id = '{CUSTOMER}' and (is_active or role <> 'cashier')"
        );
        assert_eq!(database.number(active).await?, 0, "nobody gets a right");
        assert_eq!(database.number(&rights).await?, 0);

        // Neither does anybody by a second run, whenever they wrote themselves in.
        let later = "00000000-0000-4000-8000-0000000000f2";
        database.run(&intrude(later)).await?;
        database
            .run(&format!("update public.users set role = 'vendor_owner' where id = '{CUSTOMER}'"))
            .await?;
        Call::new(&deploy)?.arg("--again").run().await?.expect(0);
        assert_eq!(database.number(active).await?, 0);
        let known = format!("select count(*) from pos_staff where user_id = '{later}'");
        assert_eq!(database.number(&known).await?, 0, "staff is taken over once");

        // The owner is who the database's own login names.
        for (wrong, words) in [
            (&["--owner", "nobody@field.example"][..], "there is no account nobody@field.example"),
            (
                &["--owner", "cy@buyer.example", "--vendor", "00000000-0000-4000-8000-000000000009"],
                "nothing was changed",
            ),
        ] {
            let said = Call::new(&[&deploy[..], wrong].concat())?.run().await?.expect(3);
            assert!(said.err.contains(words), "{}", said.err);
            assert_eq!(database.number(active).await?, 0);
        }
        let named = ["--owner", "Otto@Far.example", "--vendor", "0000000a-0000-4000-8000-000000000002"];
        let said = Call::new(&[&deploy[..], &named].concat())?.run().await?.expect(0);
        assert!(said.out.contains("is an owner"), "{}", said.out);
        let owners = database.texts("select email from auth.users u join pos_staff s on s.user_id = u.id where s.is_active and s.role = 'owner'").await?;
        assert_eq!(owners, ["otto@far.example"]);
        assert!(said.out.contains("Nobody active manages Field Store"), "the other shop: {}", said.out);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn naming_an_owner_in_vain_takes_the_deployment_back() -> Result<()> {
    let field = Field::start(PgVersion::V15)?;
    let database = field.project("in_vain", &["tables_strict.sql"]).await?;
    let before = database.picture().await?;
    let call = Call::new(&["deploy", "--owner", "nobody@strict.example", "--database-url", &database.url])?;
    let said = call.run().await?.expect(3);
    assert!(said.out.contains("Then nobody@strict.example becomes an owner."), "{}", said.out);
    assert!(said.err.contains("nothing was changed: naming the owner: there is no account"), "{}", said.err);
    assert_eq!(difference(&before, &database.picture().await?), [""; 0]);
    Ok(())
}
