//! Migrating: an empty project and databases already in the field, twice in a row, and cut off
//! between any two files. No row and no cent is lost, and what was changed is on record.

use onetill_tests::Result;
use onetill_tests::database::desk::{Ask, Caller};
use onetill_tests::database::till::{Cart, Line, Till};
use onetill_tests::database::{Database, Server, migrations};
use serde_json::json;
use uuid::Uuid;

use crate::picture::{NOTHING, changed, picture};

crate::tests![
    on_an_empty_project_twice,
    on_the_first_function,
    on_the_second_function,
    on_the_third_function,
    on_no_function_at_all,
    on_an_overload_and_an_invalid_index,
    cut_off_between_any_two_files,
    earlier_clients_go_on_working,
    a_register_that_works_gets_selling,
    names_of_selling_that_somebody_else_has_are_refused,
];

fn id(block: u32, number: u32) -> Uuid {
    Uuid::from_u128(
        (u128::from(block) << 96) | 0x0000_0000_0000_4000_8000_0000_0000_0000 | u128::from(number),
    )
}

fn vendor() -> Uuid {
    id(0xa, 1)
}

/// Everything that must not change: how many rows there are, and every amount on them.
async fn treasure(database: &Database<'_>) -> Result<Vec<String>> {
    let rows = database
        .superuser()
        .await?
        .query(
            "select format('session %s %s %s %s %s %s %s', id, opening_cash, total_sales, total_cash, total_card, total_transactions, closing_cash)
               from pos_sessions where opened_at < '2026-01-01'
             union all select format('movement %s %s %s %s', id, session_id, movement_type, amount) from pos_cash_movements
             union all select format('register %s %s', id, register_number) from pos_registers where register_number <> 'UNASSIGNED'
             order by 1",
            &[],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

async fn healthy(database: &Database<'_>, manager: Caller) -> Result<()> {
    let health = database.desk(manager).await?.call("pos_health", &json!({})).await?;
    let ill: Vec<&serde_json::Value> =
        health["checks"].as_array().into_iter().flatten().filter(|check| check["ok"] != true).collect();
    // The old movement that names no session keeps its type; nothing else may be out of order.
    assert!(ill.is_empty() && health["healthy"] == true, "{ill:#?}");
    Ok(())
}

async fn on_an_empty_project_twice(server: &Server) -> Result<()> {
    let database = server.bare().await?;
    database.migrate().await?;
    let first = picture(&database).await?;
    database.migrate().await?;
    assert_eq!(changed(&first, &picture(&database).await?), NOTHING, "by the second run");
    database.run_file("supabase/seed.sql").await?;
    database.run_file("supabase/seed.sql").await?;
    let mara = Caller::User(Uuid::from_u128(0x0e71_1100_0000_4000_8000_0000_0000_00c2));
    healthy(&database, mara).await?;
    let me = database.desk(mara).await?.call("pos_whoami", &json!({})).await?;
    assert_eq!(me["role"], "manager");
    assert_eq!(me["locations"].as_array().map(Vec::len), Some(2), "the demo store has two locations");
    Ok(())
}

/// Migrates a database of the field and looks at everything that migrating promises.
async fn migrates(database: &Database<'_>) -> Result<()> {
    let before = treasure(database).await?;
    database.migrate().await?;
    assert_eq!(before, treasure(database).await?, "no row and no cent is lost");
    let after_once = picture(database).await?;
    database.migrate().await?;
    assert_eq!(changed(&after_once, &picture(database).await?), NOTHING, "by the second run");
    migrated(database).await
}

/// What every migration leaves behind, however it went.
async fn migrated(database: &Database<'_>) -> Result<()> {
    let superuser = database.superuser().await?;
    let manager = Caller::User(id(0xc, 1));
    healthy(database, manager).await?;

    let status = async |number: u32| -> Result<(String, String)> {
        let row = superuser
            .query_one(
                "select status, coalesce(end_reason, '') from pos_sessions where id = $1",
                &[&id(0xe, number)],
            )
            .await?;
        Ok((row.get(0), row.get(1)))
    };
    assert_eq!(status(0x102).await?.0, "open", "of three the one with money stays");
    assert_eq!(
        status(0x101).await?,
        ("ended".into(), format!("Another shift was open on the same register: {}", id(0xe, 0x102)))
    );
    assert_eq!(status(0x103).await?.0, "ended");
    assert_eq!(status(0x202).await?.0, "open", "of two empty ones the one with a movement stays");
    assert_eq!(status(0x201).await?.0, "ended");
    assert_eq!(status(0x301).await?.0, "open", "a clean one is left alone");
    assert_eq!(status(0x401).await?.0, "ended", "an unknown status is an outstanding count");
    assert_eq!(status(0x402).await?.0, "closed");
    assert_eq!(status(0x901).await?.0, "ended", "without a register nobody can close it");
    assert_eq!(status(0x902).await?.0, "closed");

    let uncounted: i64 = superuser
        .query_one(
            "select count(*) from pos_sessions where status <> 'open' and closing_cash is not null",
            &[],
        )
        .await?
        .get(0);
    assert_eq!(uncounted, 0, "nobody counted, so no count is written down");
    let repeated: i64 = superuser
        .query_one("select count(*) from (select 1 from pos_sessions group by vendor_id, session_number having count(*) > 1) r", &[])
        .await?
        .get(0);
    assert_eq!(repeated, 0);

    let staff = superuser.query("select role || ' ' || display_name from pos_staff order by 1", &[]).await?;
    let staff: Vec<String> = staff.iter().map(|row| row.get(0)).collect();
    assert_eq!(
        staff,
        ["cashier Kofi Field", "manager Mina Field", "owner Otto Far"],
        "no customer, and nobody without a login"
    );

    let rules = superuser
        .query("select rule || ' ' || count(*) from onetill.reconciliations group by rule order by 1", &[])
        .await?;
    let rules: Vec<String> = rules.iter().map(|row| row.get(0)).collect();
    for rule in [
        "duplicate_open 3",
        "register_missing 2",
        "staff_added 3",
        "status_unknown 1",
        "register_misplaced 2",
    ] {
        assert!(rules.contains(&rule.to_owned()), "{rule} in {rules:?}");
    }
    let kept: i64 = superuser
        .query_one("select count(*) from onetill.reconciliations where table_name = 'pos_sessions' and row_id is not null and before is null", &[])
        .await?
        .get(0);
    assert_eq!(kept, 0, "every change keeps the row as it was");

    // The ledger of the past counts: 15.00 left the drawer of a session whose float nobody knows.
    let expected: Option<String> =
        superuser.query_one("select onetill.expected_cash($1)::text", &[&id(0xe, 0x202)]).await?.get(0);
    assert_eq!(expected, None, "an unknown float is not a float of nothing");
    superuser.execute("update pos_sessions set opening_cash = 100 where id = $1", &[&id(0xe, 0x202)]).await?;
    let expected: String =
        superuser.query_one("select onetill.expected_cash($1)::text", &[&id(0xe, 0x202)]).await?.get(0);
    assert_eq!(expected, "85.00", "the old word paid_out counts");
    superuser
        .execute("update pos_sessions set opening_cash = null where id = $1", &[&id(0xe, 0x202)])
        .await?;
    Ok(())
}

async fn on_the_first_function(server: &Server) -> Result<()> {
    migrates(&server.field(Some("function_table")).await?).await
}

async fn on_the_second_function(server: &Server) -> Result<()> {
    migrates(&server.field(Some("function_setof")).await?).await
}

async fn on_the_third_function(server: &Server) -> Result<()> {
    let database = server.field(Some("function_nowait")).await?;
    // It came with an index of its own, which the duplicates of this database would have refused: a cleaner one has it.
    database.superuser().await?.batch_execute("create index idx_pos_sessions_one_open_per_register on pos_sessions (register_id) where status = 'open'").await?;
    migrates(&database).await
}

async fn on_no_function_at_all(server: &Server) -> Result<()> {
    migrates(&server.field(None).await?).await
}

async fn on_an_overload_and_an_invalid_index(server: &Server) -> Result<()> {
    let database = server.field(Some("function_table")).await?;
    let superuser = database.superuser().await?;
    superuser
        .batch_execute("create function get_or_create_session(p_register_id uuid) returns uuid language sql as 'select p_register_id'")
        .await?;
    // Fails on the duplicates, and leaves an index of the right name that guards nothing.
    let concurrently = "create unique index concurrently idx_one_open_session_per_register on pos_sessions (register_id) where status = 'open'";
    assert!(superuser.batch_execute(concurrently).await.is_err());
    // A policy of an earlier client that shows everything to everybody.
    superuser
        .batch_execute("alter table pos_sessions enable row level security; create policy everything on pos_sessions for all using (true)")
        .await?;
    migrates(&database).await?;
    let notes: i64 = superuser
        .query_one("select count(*) from onetill.reconciliations where rule in ('index_replaced', 'function_dropped', 'policy_dropped')", &[])
        .await?
        .get(0);
    assert_eq!(notes, 3, "what was taken away is on record");
    Ok(())
}

async fn cut_off_between_any_two_files(server: &Server) -> Result<()> {
    let files = migrations()?;
    for done in 1..files.len() {
        let database = server.field(Some("function_setof")).await?;
        let before = treasure(&database).await?;
        for file in files.iter().take(done) {
            database.run_file(file).await?;
        }
        assert_eq!(before, treasure(&database).await?, "cut off after {done} files");
        database.migrate().await?;
        assert_eq!(before, treasure(&database).await?, "resumed after {done} files");
        migrated(&database).await?;
    }
    Ok(())
}

async fn earlier_clients_go_on_working(server: &Server) -> Result<()> {
    let database = server.field(Some("function_nowait")).await?;
    database.migrate().await?;
    let (kofi, service) =
        (database.desk(Caller::User(id(0xc, 2))).await?, database.desk(Caller::Service).await?);
    let place = |number: u32| (Some(id(0xd, number)), Some(id(0xb, 1)), Some(vendor()));
    // As the web clients call it: five arguments, no header of ours; with the user's token, and with the secret key.
    let joined = kofi.open(&Ask { place: place(1), user: Some(id(0xc, 2)), ..Ask::on(1) }).await?;
    assert_eq!((joined.session, joined.outcome.as_str()), (id(0xe, 0x102), "joined"));
    assert_eq!(joined.column("total_sales"), "512.35");
    let created = service.open(&Ask { place: place(5), user: Some(id(0xc, 2)), ..Ask::on(1) }).await?;
    assert_eq!(created.outcome, "created");
    assert_eq!(created.column("session_number"), "REG-5-000001");
    assert_eq!(created.columns.len(), 16);
    // What their server does with the secret key: sales on the row, movements under the old words.
    let sale = format!(
        "update pos_sessions set total_sales = 9.90, total_cash = 9.90, total_transactions = 1 where id = '{}'",
        created.session
    );
    service.run(&sale).await?;
    let movement = format!(
        "insert into pos_cash_movements (session_id, register_id, location_id, vendor_id, movement_type, amount) \
         select id, register_id, location_id, vendor_id, 'paid_in', 5 from pos_sessions where id = '{}'",
        created.session
    );
    service.run(&movement).await?;
    let manager = database.desk(Caller::User(id(0xc, 1))).await?;
    let x = manager.call("pos_x_report", &json!({"p_session_id": created.session})).await?;
    assert_eq!(x["expected_cash"], "214.90");
    // Their way of closing keeps to the one road as well.
    let close = format!(
        "update pos_sessions set status = 'closed', closing_cash = 214.90, closed_at = now() where id = '{}'",
        created.session
    );
    service.run(&close).await?;
    assert_eq!(kofi.open(&Ask { place: place(5), ..Ask::on(1) }).await?.outcome, "created");
    Ok(())
}

/// How many of the files there were before selling.
const BEFORE_SELLING: usize = 16;

/// A database that stands before selling, with shifts of every kind in it: nothing of them changes, and selling works on the open one.
async fn a_register_that_works_gets_selling(server: &Server) -> Result<()> {
    let files = migrations()?;
    let database = server.bare().await?;
    for file in files.iter().take(BEFORE_SELLING) {
        database.run_file(file).await?;
    }
    database.run_file("tests/database/store.sql").await?;
    let (ana, mia) = (database.desk(Caller::ANA).await?, database.desk(Caller::MIA).await?);
    let pay_in = |session: Uuid| json!({"p_id": Uuid::new_v4(), "p_session_id": session, "p_type": "pay_in", "p_amount": "5.00", "p_reason": null, "p_note": null});
    let (open, closed, ended) = (
        ana.open(&Ask::on(1)).await?.session,
        ana.open(&Ask::on(2)).await?.session,
        ana.open(&Ask::on(3)).await?.session,
    );
    for session in [open, closed, ended] {
        ana.call("pos_record_movement", &pay_in(session)).await?;
    }
    let web = format!(
        "update pos_sessions set total_sales = 12.00, total_cash = 7.00, total_card = 5.00, total_transactions = 2 where id = '{open}'"
    );
    database.desk(Caller::Service).await?.run(&web).await?;
    let count = Uuid::new_v4();
    ana.call(
        "pos_commit_count",
        &json!({"p_id": count, "p_session_id": closed, "p_kind": "closing", "p_amount": "205.00"}),
    )
    .await?;
    ana.call(
        "pos_close_session",
        &json!({"p_key": Uuid::new_v4(), "p_session_id": closed, "p_count_id": count}),
    )
    .await?;
    ana.call("pos_end_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": ended})).await?;
    let x = async |session: Uuid| mia.call("pos_x_report", &json!({"p_session_id": session})).await;
    let day = async || mia.call("pos_day", &json!({"p_location_id": onetill_tests::database::MAIN})).await;
    let before = (x(open).await?, x(ended).await?, day().await?["z_reports"].clone());
    assert_eq!((&before.0["expected_cash"], &before.0["sales"]), (&json!("212.00"), &json!(null)));
    assert_eq!(mia.call("pos_whoami", &json!({})).await?["schema_version"], 1);

    for file in files.iter().skip(BEFORE_SELLING) {
        // Each file leaves a working register, and the poll of a client that knows nothing of selling goes on.
        database.run_file(file).await?;
        ana.call("pos_session", &json!({"p_session_id": open})).await?;
        x(open).await?;
        ana.call("pos_record_movement", &json!({"p_id": Uuid::new_v4(), "p_session_id": open, "p_type": "no_sale", "p_amount": 0, "p_reason": null, "p_note": null})).await?;
    }
    assert_eq!(mia.call("pos_whoami", &json!({})).await?["schema_version"], 2);
    let after = (x(open).await?, x(ended).await?, day().await?["z_reports"].clone());
    assert_eq!(before.2, after.2, "a Z report is as it was written");
    for figure in ["opening_cash", "totals", "expected_cash"] {
        assert_eq!((&before.0[figure], &before.1[figure]), (&after.0[figure], &after.1[figure]), "{figure}");
    }
    assert_eq!(
        after.0["other_clients"]["total_sales"], "12.00",
        "what was sold before is other clients' part"
    );
    healthy(&database, Caller::MIA).await?;
    let once = picture(&database).await?;
    database.migrate().await?;
    assert_eq!(changed(&once, &picture(&database).await?), NOTHING, "by all files once more");

    let owner = database.desk(Caller::OLA).await?;
    let rules = json!({"p_location_id": onetill_tests::database::MAIN, "p_rules": {"country": "NL", "selling_on": true}});
    owner.call("pos_save_selling_rules", &rules).await?;
    let mut till = Till::take(&ana, open, Uuid::new_v4()).await?;
    till.press(&ana, Cart::of(&[Line::of(1, 1_000).taxed(None)]).arguments()).await?;
    assert_eq!(x(open).await?["expected_cash"], "222.00");
    // Files of before, over this database: their first one says no, and the version does not go down.
    let superuser = database.superuser().await?;
    let older = std::fs::read_to_string(onetill_local::repository().join(&files[0]))?;
    let refusal =
        superuser.batch_execute(&format!("begin; set local onetill.brings = '1'; {older}")).await.err();
    superuser.batch_execute("rollback").await?;
    assert!(refusal.is_some_and(|error| {
        error.as_db_error().is_some_and(|said| said.message().contains("schema version 2"))
    }));
    database.run_file(&files[2]).await?;
    let version: i32 = superuser.query_one("select onetill.schema_version()", &[]).await?.get(0);
    assert_eq!(version, 2);
    // Selling comes after the files that make room for it.
    superuser.batch_execute("drop function onetill.sales_of_shift(public.pos_sessions)").await?;
    let refusal = database.run_file(&files[BEFORE_SELLING]).await.err().map(|error| error.to_string());
    assert!(refusal.is_some_and(|said| said.contains("apply all of them again")));
    database.migrate().await?;
    healthy(&database, Caller::MIA).await
}

async fn names_of_selling_that_somebody_else_has_are_refused(server: &Server) -> Result<()> {
    for (theirs, word) in [
        ("create table pos_sales (id uuid primary key)", "public.pos_sales"),
        ("create view pos_items as select 1 as id", "public.pos_items"),
        (
            "create function pos_catalogue(p_location_id uuid) returns jsonb language sql as 'select null::jsonb'",
            "pos_catalogue",
        ),
    ] {
        for installed in [false, true] {
            let database = server.bare().await?;
            if installed {
                for file in migrations()?.iter().take(BEFORE_SELLING) {
                    database.run_file(file).await?;
                }
            }
            database.superuser().await?.batch_execute(theirs).await?;
            let before = picture(&database).await?;
            let refusal = database
                .superuser()
                .await?
                .batch_execute(&format!("begin; {}", crate::web_client::all_migrations()?))
                .await
                .err();
            let said = refusal
                .and_then(|error| error.as_db_error().map(|said| said.message().to_owned()))
                .unwrap_or_default();
            assert!(
                said.contains(word) && said.contains("rename it"),
                "{theirs}, installed {installed}: {said}"
            );
            assert_eq!(changed(&before, &picture(&database).await?), NOTHING, "{theirs}");
        }
    }
    Ok(())
}
