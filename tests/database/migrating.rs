//! What a migration promises the shop whose database it meets: its stricter schema works on, nobody gains a right by it,
//! what the owner tightened stays, and names outlive logins.

use onetill_tests::Result;
use onetill_tests::database::desk::{Ask, Caller};
use onetill_tests::database::{Database, MAIN, Server, migrations, register};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::picture::{NOTHING, changed, picture};

crate::tests![
    the_stricter_schema_with_each_function,
    the_stricter_schema_cut_off_between_any_two_files,
    nobody_gives_themselves_a_role,
    staff_are_taken_over_once,
    what_the_owner_tightened_stays_and_what_was_loosened_is_closed,
    a_deleted_login_keeps_its_name,
    a_changed_signature_leaves_one_function,
    an_older_file_does_not_go_over_a_newer_database,
    thousands_of_rows_are_put_right_at_once,
    checks_of_ours_follow_their_text,
    staff_whom_the_shops_table_does_not_know_work_all_the_same,
    triggers_that_a_cut_off_run_left_resting_wake,
];

/// The stricter schema's rows by their last digits.
fn strict(last: u128) -> Uuid {
    Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_0000 | last)
}

const ANA: u128 = 0xc1;
const MAX: u128 = 0xc2;

async fn texts(database: &Database<'_>, sql: &str) -> Result<Vec<String>> {
    Ok(database.superuser().await?.query(sql, &[]).await?.iter().map(|row| row.get(0)).collect())
}

async fn run(database: &Database<'_>, sql: &str) -> Result<()> {
    Ok(database.superuser().await?.batch_execute(sql).await?)
}

/// What every migration of the stricter schema leaves behind.
async fn strict_is_right(database: &Database<'_>, function: &str) -> Result<()> {
    let wrong =
        texts(database, "select check_name || ': ' || detail from onetill.health_checks(null) where not ok")
            .await?;
    assert!(wrong.is_empty(), "{function}: {wrong:?}");
    let tried = texts(database, "select tried::text from onetill.try_shift()").await?;
    assert_eq!(tried, ["true"], "{function}: a whole shift was tried");
    assert_eq!(
        texts(database, &format!("select onetill.expected_cash('{}')::text", strict(0xd101))).await?,
        ["248.50"],
        "{function}: float 200.00, cash 53.50, in 10.00, out 15.00 below zero"
    );
    assert_eq!(
        texts(
            database,
            "select display_name || ', ' || role || case when is_active then '' else ', inactive' end from pos_staff order by 1"
        )
        .await?,
        ["Ana Field, cashier", "Left Long Ago, cashier, inactive", "Max Boss, owner"],
        "{function}: by login; who has none keeps the name"
    );
    let ana = database.desk(Caller::User(strict(ANA))).await?;
    let place = (Some(strict(0x1001)), Some(strict(0xb1)), Some(strict(0xa1)));
    // By her login, by the shop's own key for her, and by nobody: it is always her.
    for user in [Some(strict(ANA)), Some(strict(0xe1)), None] {
        let joined = ana.open(&Ask { place, user, ..Ask::on(1) }).await?;
        assert_eq!((joined.session, joined.outcome.as_str()), (strict(0xd101), "joined"), "{function}");
        assert_eq!(
            joined.column("user_id"),
            strict(0xe1).to_string(),
            "{function}: as the shop's rows name her"
        );
    }
    let refused = ana.open(&Ask { place, user: Some(strict(0xe2)), ..Ask::on(1) }).await.err();
    assert_eq!(
        refused.map(|refusal| refusal.code),
        Some("POS_USER_MISMATCH".into()),
        "{function}: not as Max"
    );
    let session = ana.call("pos_session", &json!({"p_session_id": strict(0xd101)})).await?["session"].clone();
    assert_eq!(
        (session["opener_id"].as_str(), session["opener_name"].as_str()),
        (Some(strict(ANA).to_string().as_str()), Some("Ana Field")),
        "{function}: a client knows the opener by login"
    );
    let old = database.desk(Caller::User(strict(MAX))).await?;
    let old = old.call("pos_session", &json!({"p_session_id": strict(0xd302)})).await?["session"].clone();
    assert_eq!(
        (old["status"].as_str(), old["opener_name"].as_str()),
        (Some("ended"), Some("Left Long Ago")),
        "{function}: somebody without a login stays the opener by name"
    );
    Ok(())
}

async fn the_stricter_schema_with_each_function(server: &Server) -> Result<()> {
    for function in ["function_table", "function_setof", "function_nowait"] {
        let database = server.strict_field(Some(function)).await?;
        database.migrate().await?;
        let once = picture(&database).await?;
        database.migrate().await?;
        assert_eq!(changed(&once, &picture(&database).await?), NOTHING, "{function}: by the second run");
        strict_is_right(&database, function).await?;
        let rules = texts(&database, "select distinct rule from onetill.reconciliations order by 1").await?;
        for rule in [
            "amounts_signed",
            "check_dropped",
            "check_widened",
            "column_may_be_empty",
            "search_path_pinned",
            "staff_added",
        ] {
            assert!(rules.iter().any(|known| known == rule), "{function}: {rule} in {rules:?}");
        }
        assert_eq!(
            texts(&database, "select conname::text from pg_constraint where contype = 'f' and conrelid = 'pos_sessions'::regclass and confrelid = 'users'::regclass").await?,
            ["pos_sessions_user_id_fkey"],
            "{function}: the shop's own key to its people stays"
        );
    }
    Ok(())
}

async fn the_stricter_schema_cut_off_between_any_two_files(server: &Server) -> Result<()> {
    let files = migrations()?;
    for done in 1..files.len() {
        let database = server.strict_field(Some("function_setof")).await?;
        for file in files.iter().take(done) {
            database.run_file(file).await?;
        }
        database.migrate().await?;
        strict_is_right(&database, &format!("cut off after {done} files")).await?;
    }
    Ok(())
}

/// A signed-in customer who writes themselves into the shop's people, as owner.
const INTRUDER: &str = "
    insert into auth.users (id, email) values ('00000000-0000-4000-8000-0000000000c9', 'eve@strict.example');
    insert into users (id, auth_user_id, vendor_id, first_name, role)
      values ('00000000-0000-4000-8000-0000000000e9', '00000000-0000-4000-8000-0000000000c9', '00000000-0000-4000-8000-0000000000a1', 'Eve', 'vendor_owner')";

async fn nobody_gives_themselves_a_role(server: &Server) -> Result<()> {
    // With the table open to the API, by a grant and no row level security or by a policy.
    for open in [
        "grant insert on users to authenticated",
        "grant update (role) on users to authenticated",
        "grant insert, select on users to authenticated; alter table users enable row level security;
         create policy own on users for insert to authenticated with check (auth_user_id = auth.uid())",
    ] {
        let database = server.strict_field(None).await?;
        run(&database, open).await?;
        run(&database, INTRUDER).await?;
        database.migrate().await?;
        database.migrate().await?;
        assert_eq!(
            texts(&database, "select distinct role || ' ' || is_active from pos_staff").await?,
            ["cashier false"],
            "«{open}»: nobody has a right by a table that anybody may write"
        );
        // The project's own login says who the owner is, and the owner says the rest.
        run(&database, "select onetill.appoint_owner('Max@strict.example')").await?;
        run(&database, "select onetill.appoint_owner('max@strict.example')").await?;
        let max = database.desk(Caller::User(strict(MAX))).await?;
        let ana = json!({"p_email": "ana@strict.example", "p_role": "cashier", "p_location_id": null, "p_display_name": "Ana Field"});
        max.call("pos_save_staff", &ana).await?;
        strict_is_right_for_opening(&database).await?;
        let eve = database.desk(Caller::User(strict(0xc9))).await?.call("pos_whoami", &json!({})).await.err();
        assert_eq!(eve.map(|refusal| refusal.code), Some("POS_NOT_STAFF".into()), "«{open}»");
    }
    Ok(())
}

async fn strict_is_right_for_opening(database: &Database<'_>) -> Result<()> {
    let ana = database.desk(Caller::User(strict(ANA))).await?;
    let place = (Some(strict(0x1003)), Some(strict(0xb1)), Some(strict(0xa1)));
    let opened = ana.open(&Ask { place, ..Ask::on(3) }).await?;
    assert_eq!(opened.column("user_id"), strict(0xe1).to_string(), "as the shop's rows name her");
    Ok(())
}

async fn staff_are_taken_over_once(server: &Server) -> Result<()> {
    let database = server.strict_field(None).await?;
    run(
        &database,
        "insert into auth.users (id, email) select ('00000000-0000-4000-8000-0000000000c' || i)::uuid, 'u' || i || '@strict.example' from generate_series(3, 6) i;
         insert into users (id, auth_user_id, vendor_id, first_name, role) values
           (gen_random_uuid(), '00000000-0000-4000-8000-0000000000c3', '00000000-0000-4000-8000-0000000000a1', 'Web customer', null),
           (gen_random_uuid(), '00000000-0000-4000-8000-0000000000c4', '00000000-0000-4000-8000-0000000000a1', 'Homeowner', 'homeowner_customer'),
           ('00000000-0000-4000-8000-0000000000e5', '00000000-0000-4000-8000-0000000000c5', '00000000-0000-4000-8000-0000000000a1', 'Mina', 'store_manager');
         insert into user_locations (user_id, location_id) values ('00000000-0000-4000-8000-0000000000e5', '00000000-0000-4000-8000-0000000000b1')",
    )
    .await?;
    database.migrate().await?;
    let staff = "select display_name || ', ' || role || ', ' || is_active || ', ' || coalesce(location_id::text, 'all') from pos_staff order by 1";
    let once = texts(&database, staff).await?;
    assert_eq!(
        once,
        [
            "Ana Field, cashier, true, all".to_owned(),
            "Homeowner, cashier, false, all".into(),
            "Left Long Ago, cashier, false, all".into(),
            "Max Boss, owner, true, all".into(),
            format!("Mina, manager, true, {}", strict(0xb1)),
        ],
        "a role is a word, not a part of one; somebody without one is a customer; one location stays the only one"
    );
    run(&database, INTRUDER).await?;
    run(&database, "update users set role = 'vendor_owner'").await?;
    database.migrate().await?;
    assert_eq!(texts(&database, staff).await?, once, "a second run takes nobody over and changes nobody");
    Ok(())
}

async fn what_the_owner_tightened_stays_and_what_was_loosened_is_closed(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let tightened = "
        revoke select on pos_sessions, pos_cash_movements from authenticated;
        revoke insert on pos_cash_movements from service_role;
        revoke execute on function pos_save_register(uuid, uuid, text, text, text) from authenticated;
        alter table locations enable row level security;
        create policy by_day on locations as restrictive for select to authenticated using (extract(isodow from now()) < 8);
        create policy theirs on locations for select to authenticated using (name <> 'Hidden');
        create policy narrow on pos_sessions as restrictive for select to authenticated using (total_sales < 1000)";
    run(&store, tightened).await?;
    let before = picture(&store).await?;
    store.migrate().await?;
    assert_eq!(
        changed(&before, &picture(&store).await?),
        NOTHING,
        "what is tighter than ours is the owner's word"
    );

    let loosened = "
        grant all on pos_sessions, pos_staff to anon; grant insert on pos_counts to authenticated;
        grant execute on function pos_board(uuid) to public, anon;
        create policy everything on pos_sessions for all using (true);
        create view all_sessions as select * from pos_sessions; create view through_another as select * from all_sessions;
        grant select on all_sessions, through_another to anon;
        alter policy pos_counts_read on pos_counts using (true)";
    run(&store, loosened).await?;
    let ill = store.desk(Caller::MIA).await?.call("pos_health", &json!({})).await?;
    assert_eq!(ill["healthy"], false, "health sees it");
    store.migrate().await?;
    let well = store.desk(Caller::MIA).await?.call("pos_health", &json!({})).await?;
    let wrong: Vec<&Value> =
        well["checks"].as_array().into_iter().flatten().filter(|check| check["ok"] == false).collect();
    // The owner took pos_save_register away from everybody, and health goes on saying so.
    assert!(wrong.iter().all(|check| check["check"] == "function_grants"), "{wrong:#?}");
    assert_eq!(
        texts(&store, "select table_name || ' ' || privilege_type from information_schema.role_table_grants where grantee in ('anon', 'PUBLIC') and table_schema = 'public' and table_name like any (array['pos\\_%', 'all\\_%', 'through\\_%'])").await?,
        NOTHING,
        "anonymous callers reach nothing"
    );
    assert_eq!(
        texts(&store, "select coalesce(reloptions::text, '') || has_table_privilege('authenticated', oid, 'insert') from pg_class where relname = 'all_sessions'").await?,
        ["{security_invoker=true}false"],
        "a view keeps to the rules of its reader, and nothing is written through it"
    );
    assert_eq!(
        texts(&store, "select policyname::text from pg_policies where tablename in ('pos_sessions', 'locations') order by 1").await?,
        ["by_day", "locations_read", "narrow", "pos_sessions_read", "theirs"]
    );
    Ok(())
}

async fn a_deleted_login_keeps_its_name(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let session = ana.open(&Ask::on(1)).await?.session;
    let movement = json!({"p_id": Uuid::new_v4(), "p_session_id": session, "p_type": "pay_out", "p_amount": "5", "p_reason": "Stamps", "p_note": null});
    ana.call("pos_record_movement", &movement).await?;
    run(&store, "delete from auth.users where email in ('user1@test.example', 'user4@test.example')").await?;
    let board = mia.call("pos_board", &json!({"p_location_id": MAIN})).await?;
    assert_eq!(board["registers"][0]["open_session"]["opener_name"], "Ana");
    let movements = mia.call("pos_movements", &json!({"p_session_id": session})).await?;
    assert_eq!(movements["movements"][0]["by_name"], "Ana");
    let count = Uuid::new_v4();
    mia.call(
        "pos_commit_count",
        &json!({"p_id": count, "p_session_id": session, "p_kind": "closing", "p_amount": 195}),
    )
    .await?;
    let closed = mia
        .call(
            "pos_close_session",
            &json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_count_id": count}),
        )
        .await?;
    assert_eq!(
        closed["z_report"]["opener_name"], "Ana",
        "a Z report names who worked, whatever became of the account"
    );
    let owners =
        texts(&store, "select display_name from pos_staff where role = 'owner' and is_active").await?;
    assert_eq!(owners, ["Ola"], "the store keeps its owner on record");
    Ok(())
}

async fn a_changed_signature_leaves_one_function(server: &Server) -> Result<()> {
    let store = server.store().await?;
    // As it would look with one more argument added by `create or replace`: a second function, open to everybody.
    run(
        &store,
        "create function pos_session(p_session_id uuid, p_known_revision bigint default null, p_more text default null) returns jsonb
           language sql security definer as $$ select '{}'::jsonb $$",
    )
    .await?;
    store.migrate().await?;
    assert_eq!(
        texts(&store, "select oid::regprocedure::text from pg_proc where proname = 'pos_session' and pronamespace = 'public'::regnamespace").await?,
        ["pos_session(uuid,bigint)"]
    );
    let ana = store.desk(Caller::ANA).await?;
    let session = ana.open(&Ask::on(1)).await?.session;
    assert_eq!(ana.call("pos_session", &json!({"p_session_id": session})).await?["unchanged"], false);
    // The way to change one: the new one is published, the old one goes, calls by name go on.
    run(
        &store,
        "create function pos_movements(p_session_id uuid, p_limit integer default 100) returns jsonb
           language sql security definer set search_path = '' as $$ select jsonb_build_object('limit', p_limit) $$;
         select onetill.publish('public.pos_movements(uuid, integer)')",
    )
    .await?;
    assert_eq!(ana.call("pos_movements", &json!({"p_session_id": session})).await?["limit"], 100);
    let anon =
        store.desk(Caller::Anonymous).await?.call("pos_movements", &json!({"p_session_id": session})).await;
    assert_eq!(anon.err().map(|refusal| refusal.code), Some("42501".into()));
    Ok(())
}

async fn an_older_file_does_not_go_over_a_newer_database(server: &Server) -> Result<()> {
    let store = server.store().await?;
    run(
        &store,
        "create or replace function onetill.schema_version() returns integer language sql immutable set search_path = '' as 'select 99'",
    )
    .await?;
    let before = picture(&store).await?;
    let Err(refused) = store.migrate().await else { return Err("an older file was applied".into()) };
    let refused = refused.to_string();
    assert!(refused.contains("schema version 99") && refused.contains("Use the newer ones"), "{refused}");
    assert_eq!(changed(&before, &picture(&store).await?), NOTHING);
    Ok(())
}

async fn thousands_of_rows_are_put_right_at_once(server: &Server) -> Result<()> {
    let database = server.field(Some("function_table")).await?;
    run(
        &database,
        "insert into pos_sessions (register_id, location_id, vendor_id, user_id, status, opening_cash, opened_at, closed_at)
           select r.id, null, null, '0000000c-0000-4000-8000-000000000001', 'closed', 200, now() - i * interval '1 hour', now()
             from pos_registers r, generate_series(1, 600) i where r.register_number in ('REG-2', 'REG-3', 'REG-4', 'REG-5');
         insert into pos_cash_movements (session_id, movement_type, amount)
           select s.id, 'paid_in', 1 from pos_sessions s, generate_series(1, 5) where s.session_number is null and s.location_id is null",
    )
    .await?;
    database.migrate().await?;
    let rules = texts(
        &database,
        "select rule || ' ' || count(*) from onetill.reconciliations where rule in ('number_repeated', 'place_corrected') and (before ->> 'user_id' = '0000000c-0000-4000-8000-000000000001' or table_name = 'pos_cash_movements') group by rule order by 1",
    )
    .await?;
    assert_eq!(rules[0], "number_repeated 2400", "each row as it was");
    let unlike = texts(
        &database,
        "select count(distinct session_number)::text || ' of ' || count(*) from pos_sessions",
    )
    .await?;
    let count = texts(&database, "select count(*)::text from pos_sessions").await?;
    assert_eq!(unlike, [format!("{0} of {0}", count[0])]);
    assert_eq!(
        texts(&database, "select count(*)::text from pos_cash_movements m join pos_sessions s on s.id = m.session_id where m.register_id is distinct from s.register_id").await?,
        ["0"]
    );
    Ok(())
}

async fn checks_of_ours_follow_their_text(server: &Server) -> Result<()> {
    let store = server.store().await?;
    // An earlier text of the same check, as an earlier version would have left it.
    run(
        &store,
        "alter table pos_sessions drop constraint pos_sessions_close_kind, add constraint pos_sessions_close_kind check (close_kind = 'normal') not valid;
         comment on constraint pos_sessions_close_kind on pos_sessions is 'onetill of an earlier text'",
    )
    .await?;
    store.migrate().await?;
    let mia = store.desk(Caller::MIA).await?;
    let session = mia
        .open(&Ask {
            place: (Some(register(1)), Some(MAIN), Some(onetill_tests::database::VENDOR)),
            ..Ask::on(1)
        })
        .await?
        .session;
    let ended = mia
        .call("pos_end_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_force": true}))
        .await?;
    assert_eq!(ended["session"]["close_kind"], "force");
    Ok(())
}

async fn staff_whom_the_shops_table_does_not_know_work_all_the_same(server: &Server) -> Result<()> {
    let database = server.strict_field(None).await?;
    database.migrate().await?;
    run(&database, "insert into auth.users (id, email) values ('00000000-0000-4000-8000-0000000000c7', 'new@strict.example')").await?;
    let max = database.desk(Caller::User(strict(MAX))).await?;
    let new = json!({"p_email": "new@strict.example", "p_role": "cashier", "p_location_id": null, "p_display_name": "Neu"});
    max.call("pos_save_staff", &new).await?;
    let (neu, service) =
        (database.desk(Caller::User(strict(0xc7))).await?, database.desk(Caller::Service).await?);
    let place = (Some(strict(0x1003)), Some(strict(0xb1)), Some(strict(0xa1)));
    let session = neu.open(&Ask { place, ..Ask::on(3) }).await?;
    assert_eq!(
        (session.outcome.as_str(), session.column("user_id")),
        ("created", ""),
        "the shop has no name for them"
    );
    let again = service.open(&Ask { place, user: Some(strict(0xc7)), ..Ask::on(3) }).await?;
    assert_eq!((again.session, again.outcome.as_str()), (session.session, "joined"));
    let movement = json!({"p_id": Uuid::new_v4(), "p_session_id": session.session, "p_type": "pay_in", "p_amount": "5", "p_reason": null, "p_note": null});
    let recorded = neu.call("pos_record_movement", &movement).await?;
    assert_eq!(recorded["movement"]["by_name"], "Neu", "we have");
    let seen = max.call("pos_session", &json!({"p_session_id": session.session})).await?["session"].clone();
    assert_eq!((seen["opener_name"].as_str(), seen["expected_cash"].as_str()), (Some("Neu"), Some("205.00")));
    // Somebody whom nobody knows is refused in words.
    neu.call("pos_end_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": session.session})).await?;
    let nobody = service.open(&Ask { place, user: Some(Uuid::new_v4()), ..Ask::on(3) }).await.err();
    assert_eq!(nobody.map(|refusal| refusal.code), Some("POS_USER_MISMATCH".into()));
    // Once the shop writes them down, its rows name them.
    run(
        &database,
        "insert into users (id, auth_user_id, vendor_id, first_name) values ('00000000-0000-4000-8000-0000000000e7', '00000000-0000-4000-8000-0000000000c7', '00000000-0000-4000-8000-0000000000a1', 'Neu')",
    )
    .await?;
    max.call("pos_save_staff", &new).await?;
    let named = neu.open(&Ask { place, ..Ask::on(3) }).await?;
    assert_eq!(named.column("user_id"), strict(0xe7).to_string());
    Ok(())
}

async fn triggers_that_a_cut_off_run_left_resting_wake(server: &Server) -> Result<()> {
    let database = server.strict_field(Some("function_setof")).await?;
    let files = migrations()?;
    for file in files.iter().take(4) {
        database.run_file(file).await?;
    }
    // What the fifth file does first, where nothing around it takes it back.
    run(
        &database,
        "create table onetill.resting (resume text primary key, pause text not null);
         insert into onetill.resting values
           ('alter table pos_sessions enable trigger log_session_movements_trigger', ''),
           ('alter table pos_sessions add constraint pos_sessions_user_id_fkey foreign key (user_id) references users (id)', '');
         alter table pos_sessions disable trigger log_session_movements_trigger",
    )
    .await?;
    database.migrate().await?;
    let asleep =
        texts(&database, "select tgname::text from pg_trigger where not tgisinternal and tgenabled = 'D'")
            .await?;
    assert!(asleep.is_empty(), "{asleep:?} would never write a line again");
    strict_is_right(&database, "cut off within the fifth file").await
}
