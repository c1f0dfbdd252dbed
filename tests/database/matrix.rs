//! Who may do what: every role on every table with every verb, in the own vendor's rows and in a
//! stranger's, and every role on every function. Default privileges grant everything beforehand, as
//! older projects do, so that a missing REVOKE shows.

use onetill_tests::Result;
use onetill_tests::database::desk::{Ask, Caller};
use onetill_tests::database::till::{Cart, Line, Till};
use onetill_tests::database::{ELSEWHERE, MAIN, SECOND, STRANGERS, Server, VENDOR, register};
use serde_json::json;
use uuid::Uuid;

crate::tests![
    every_role_on_every_table_with_every_verb,
    rows_of_a_stranger_are_not_there,
    every_role_on_every_function,
    nothing_is_granted_to_everybody,
    no_function_shows_or_changes_a_strangers_session,
    even_the_secret_key_keeps_the_ledger,
];

const TABLES: [&str; 23] = [
    "vendors",
    "locations",
    "pos_registers",
    "pos_sessions",
    "pos_cash_movements",
    "pos_staff",
    "pos_session_participants",
    "pos_counts",
    "pos_z_reports",
    "pos_movement_rules",
    "pos_tills",
    "pos_sales",
    "pos_sale_lines",
    "pos_sale_taxes",
    "pos_sale_tenders",
    "pos_sale_flags",
    "pos_approvals",
    "pos_items",
    "pos_item_codes",
    "pos_item_prices",
    "pos_taxes",
    "pos_quick_keys",
    "pos_selling_rules",
];
const VERBS: [&str; 7] = ["select", "insert", "update", "delete", "truncate", "references", "trigger"];

/// What the secret key may do; nobody else may do more than read.
fn service_may(table: &str, verb: &str) -> bool {
    matches!(
        (table, verb),
        (_, "select")
            | (
                "vendors" | "locations" | "pos_registers" | "pos_movement_rules" | "pos_item_codes" | "pos_item_prices"
                    | "pos_taxes" | "pos_quick_keys" | "pos_selling_rules",
                "insert" | "update" | "delete"
            )
            // An item out of use is told to the registers; one that is gone would stay on them.
            | ("pos_items", "insert" | "update")
            // Who left is inactive: nobody is removed.
            | ("pos_staff", "insert" | "update")
            | ("pos_sessions", "update")
            | ("pos_cash_movements", "insert")
    )
}

async fn every_role_on_every_table_with_every_verb(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let superuser = store.superuser().await?;
    for table in TABLES {
        for verb in VERBS {
            for role in ["anon", "authenticated", "service_role", "public"] {
                let expected = match role {
                    "service_role" => service_may(table, verb),
                    "authenticated" => verb == "select",
                    _ => false,
                };
                let may: bool = superuser
                    .query_one("select has_table_privilege($1, 'public.' || $2, $3)", &[&role, &table, &verb])
                    .await?
                    .get(0);
                assert_eq!(may, expected, "{role} {verb} {table}");
            }
        }
        let secured: bool = superuser
            .query_one(
                "select relrowsecurity from pg_class where oid = ('public.' || $1::text)::regclass",
                &[&table],
            )
            .await?
            .get(0);
        assert!(secured, "row level security on {table}");
    }
    Ok(())
}

async fn rows_of_a_stranger_are_not_there(server: &Server) -> Result<()> {
    let store = server.store().await?;
    // Something in every table, for both vendors.
    let rules = format!(
        "insert into pos_movement_rules (vendor_id, movement_type) values ('{VENDOR}', 'pay_in'), ('{STRANGERS}', 'pay_in')"
    );
    store.superuser().await?.batch_execute(&rules).await?;
    let (mia, zed) = (store.desk(Caller::MIA).await?, store.desk(Caller::ZED).await?);
    let theirs = Ask { place: (Some(register(31)), Some(ELSEWHERE), Some(STRANGERS)), ..Ask::on(31) };
    let selling = format!(
        "update locations set country = 'NL', currency = 'EUR';
         insert into pos_selling_rules (vendor_id, selling_on) values ('{VENDOR}', true), ('{STRANGERS}', true);
         insert into pos_taxes (vendor_id, code, name, components, valid_from) select id, 'A', 'VAT', '[]', '2020-01-01' from vendors"
    );
    store.superuser().await?.batch_execute(&selling).await?;
    for (desk, ask) in [(&mia, Ask::on(1)), (&zed, theirs)] {
        let session = desk.open(&ask).await?.session;
        let location = ask.place.1;
        let item = Uuid::new_v4();
        let saved = json!({"name": "Tea", "price": "1", "codes": [{"code": "1"}], "prices": [{"location_id": location, "price": "1"}]});
        desk.call("pos_save_item", &json!({"p_id": item, "p_item": saved})).await?;
        let keys = json!({"p_location_id": location, "p_page": 1, "p_keys": [{"place": 1, "item_id": item}]});
        desk.call("pos_save_quick_keys", &keys).await?;
        let mut till = Till::take(desk, session, Uuid::new_v4()).await?;
        // At a rate that is not in force: flagged, so that there is a flag.
        till.press(desk, Cart::of(&[Line::of(1, 100)]).arguments()).await?;
        let subject = json!({"sale_id": Uuid::new_v4(), "session_id": session, "limit": "1"});
        desk.call("pos_approve", &json!({"p_id": Uuid::new_v4(), "p_kind": "amount", "p_subject": subject}))
            .await?;
        desk.open(&ask.key(Uuid::new_v4()).cash("201")).await?;
        let movement = json!({"p_id": Uuid::new_v4(), "p_session_id": session, "p_type": "no_sale", "p_amount": 0, "p_reason": null, "p_note": null});
        desk.call("pos_record_movement", &movement).await?;
        let count = Uuid::new_v4();
        desk.call(
            "pos_commit_count",
            &json!({"p_id": count, "p_session_id": session, "p_kind": "closing", "p_amount": 200}),
        )
        .await?;
        desk.call(
            "pos_close_session",
            &json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_count_id": count}),
        )
        .await?;
    }
    for caller in [Caller::ANA, Caller::MIA, Caller::ZED, Caller::LEFT, Caller::VISITOR] {
        let desk = store.desk(caller).await?;
        let own = match caller {
            Caller::ANA | Caller::MIA => Some(VENDOR),
            Caller::ZED => Some(STRANGERS),
            _ => None,
        };
        for table in TABLES {
            let vendor = if table == "vendors" { "id" } else { "vendor_id" };
            let rows =
                desk.client().query(&format!("select distinct {vendor} from public.{table}"), &[]).await?;
            let seen: Vec<Uuid> = rows.iter().map(|row| row.get(0)).collect();
            // Counts, Z reports and all of selling are a manager's to read; of the staff a cashier sees themselves.
            let managers = TABLES.iter().position(|name| *name == "pos_tills").unwrap_or(TABLES.len());
            let of_managers =
                ["pos_counts", "pos_z_reports"].contains(&table) || TABLES[managers..].contains(&table);
            let hidden = caller == Caller::ANA && of_managers;
            let expected: Vec<Uuid> = own.into_iter().filter(|_| !hidden).collect();
            let left = caller == Caller::LEFT && table == "pos_staff";
            assert!(seen == expected || (left && seen == [VENDOR]), "{caller:?} sees {seen:?} in {table}");
        }
    }
    let me: i64 = store
        .desk(Caller::ANA)
        .await?
        .client()
        .query_one("select count(*) from pos_staff", &[])
        .await?
        .get(0);
    assert_eq!(me, 1, "a cashier sees nobody else's role");
    // A manager of one location reads what was sold there, and nothing of another's.
    let (ours, superuser) = (store.desk(Caller::MIA).await?, store.superuser().await?);
    for (place, sees) in [(SECOND, false), (MAIN, true)] {
        superuser
            .batch_execute(&format!(
                "update pos_staff set location_id = '{place}' where display_name = 'Mia'"
            ))
            .await?;
        for table in [
            "pos_tills",
            "pos_sales",
            "pos_sale_lines",
            "pos_sale_taxes",
            "pos_sale_tenders",
            "pos_sale_flags",
            "pos_approvals",
        ] {
            let some: bool =
                ours.client().query_one(&format!("select count(*) > 0 from {table}"), &[]).await?.get(0);
            assert_eq!(some, sees, "{table} from {place}");
        }
    }
    Ok(())
}

async fn every_role_on_every_function(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let superuser = store.superuser().await?;
    let functions = superuser
        .query(
            "select p.oid::regprocedure::text, n.nspname::text, p.proname::text, p.prosecdef from pg_proc p join pg_namespace n on n.oid = p.pronamespace
             where n.nspname in ('public', 'onetill') and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
             order by 1",
            &[],
        )
        .await?;
    let mut public = 0;
    for function in &functions {
        let (signature, schema, name, definer): (&str, &str, &str, bool) =
            (function.get(0), function.get(1), function.get(2), function.get(3));
        let exposed = schema == "public";
        public += usize::from(exposed);
        // Row level security asks these in the caller's name.
        let for_policies =
            schema == "onetill" && ["my_vendor", "my_id", "my_location", "i_manage"].contains(&name);
        for (role, expected) in [
            ("anon", false),
            ("public", false),
            ("authenticated", exposed || for_policies),
            ("service_role", exposed || for_policies),
        ] {
            let may: bool = superuser
                .query_one("select has_function_privilege($1, $2, 'execute')", &[&role, &signature])
                .await?
                .get(0);
            assert_eq!(may, expected, "{role} on {signature}");
        }
        assert!(!exposed || definer, "{signature} runs with its owner's rights, or it could not write");
    }
    assert_eq!(public, 40, "one get_or_create_session and the pos_ functions, each once");
    Ok(())
}

async fn nothing_is_granted_to_everybody(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let rows = store
        .superuser()
        .await?
        .query(
            "select c.oid::regclass::text from pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
               where c.relnamespace in ('public'::regnamespace, 'onetill'::regnamespace) and c.relkind = 'r'
                 and (a.grantee = 0 or a.grantee = 'anon'::regrole)
             union all
             select nspname::text from pg_namespace n, aclexplode(n.nspacl) a
               where nspname = 'onetill' and (a.grantee = 0 or a.grantee = 'anon'::regrole)
             union all
             select c.oid::regclass::text from pg_class c
               where c.relnamespace = 'onetill'::regnamespace and c.relkind = 'r'
                 and has_table_privilege('authenticated', c.oid, 'select')",
            &[],
        )
        .await?;
    let found: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert!(found.is_empty(), "{found:?}");
    Ok(())
}

async fn no_function_shows_or_changes_a_strangers_session(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let mia = store.desk(Caller::MIA).await?;
    let session = mia.open(&Ask::on(1)).await?.session;
    let count = Uuid::new_v4();
    mia.call(
        "pos_commit_count",
        &json!({"p_id": count, "p_session_id": session, "p_kind": "closing", "p_amount": 200}),
    )
    .await?;
    let key = Uuid::new_v4();
    let calls = [
        ("pos_session", json!({"p_session_id": session}), "POS_SESSION_NOT_FOUND"),
        ("pos_movements", json!({"p_session_id": session}), "POS_SESSION_NOT_FOUND"),
        ("pos_x_report", json!({"p_session_id": session}), "POS_SESSION_NOT_FOUND"),
        ("pos_z_report", json!({"p_session_id": session}), "POS_SESSION_NOT_FOUND"),
        ("pos_begin_count", json!({"p_session_id": session, "p_key": key}), "POS_SESSION_NOT_FOUND"),
        ("pos_abandon_count", json!({"p_session_id": session, "p_key": key}), "POS_SESSION_NOT_FOUND"),
        (
            "pos_commit_count",
            json!({"p_session_id": session, "p_id": key, "p_kind": "spot", "p_amount": 1}),
            "POS_SESSION_NOT_FOUND",
        ),
        ("pos_approve_count", json!({"p_count_id": count}), "POS_COUNT_NOT_FOUND"),
        (
            "pos_close_session",
            json!({"p_session_id": session, "p_key": key, "p_count_id": count}),
            "POS_SESSION_NOT_FOUND",
        ),
        (
            "pos_end_session",
            json!({"p_session_id": session, "p_key": key, "p_force": true}),
            "POS_SESSION_NOT_FOUND",
        ),
        ("pos_cancel_session", json!({"p_session_id": session, "p_key": key}), "POS_SESSION_NOT_FOUND"),
        (
            "pos_record_movement",
            json!({"p_id": key, "p_session_id": session, "p_type": "pay_in", "p_amount": 5, "p_reason": null, "p_note": null}),
            "POS_SESSION_NOT_FOUND",
        ),
        ("pos_registers", json!({"p_location_id": onetill_tests::database::MAIN}), "POS_LOCATION_NOT_FOUND"),
        ("pos_board", json!({"p_location_id": onetill_tests::database::MAIN}), "POS_LOCATION_NOT_FOUND"),
        ("pos_day", json!({"p_location_id": onetill_tests::database::MAIN}), "POS_LOCATION_NOT_FOUND"),
        (
            "pos_save_movement_rule",
            json!({"p_location_id": onetill_tests::database::MAIN, "p_type": "pay_in", "p_cashier_limit": 1, "p_reasons": null}),
            "POS_LOCATION_NOT_FOUND",
        ),
        (
            "pos_save_difference_reasons",
            json!({"p_location_id": onetill_tests::database::MAIN, "p_reasons": []}),
            "POS_LOCATION_NOT_FOUND",
        ),
    ];
    let before = mia.call("pos_session", &json!({"p_session_id": session})).await?["session"].clone();
    for (caller, own) in
        [(Caller::ZED, None), (Caller::VISITOR, Some("POS_NOT_STAFF")), (Caller::Anonymous, Some("42501"))]
    {
        let desk = store.desk(caller).await?;
        for (function, arguments, expected) in &calls {
            let refusal =
                desk.call(function, arguments).await.err().map(|refusal| refusal.code).unwrap_or_default();
            assert_eq!(refusal, own.unwrap_or(expected), "{caller:?} {function}");
        }
    }
    let after = mia.call("pos_session", &json!({"p_session_id": session})).await?["session"].clone();
    assert_eq!(before, after, "nothing they tried left a trace");
    // A cashier of another location is told so: they know the store anyway.
    let hal = store.desk(Caller::HAL).await?;
    for (function, arguments, _) in calls.iter().filter(|(name, ..)| {
        ![
            "pos_approve_count",
            "pos_board",
            "pos_day",
            "pos_save_movement_rule",
            "pos_save_difference_reasons",
        ]
        .contains(name)
    }) {
        let refusal =
            hal.call(function, arguments).await.err().map(|refusal| refusal.code).unwrap_or_default();
        assert_eq!(refusal, "POS_NOT_ALLOWED_HERE", "{function}");
    }
    Ok(())
}

async fn even_the_secret_key_keeps_the_ledger(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (mia, service) = (store.desk(Caller::MIA).await?, store.desk(Caller::Service).await?);
    let session = mia.open(&Ask::on(1)).await?.session;
    let other = mia.open(&Ask::on(2)).await?.session;
    let superuser = store.superuser().await?;
    let code = async |sql: String| match service.run(&sql).await {
        Ok(_) => "done".to_owned(),
        Err(refusal) => refusal.code,
    };
    assert_eq!(
        code(format!("update pos_sessions set total_cash = 10 where id = '{session}'")).await,
        "done",
        "the store's sales"
    );
    let insert = |id: Uuid, session: Uuid| {
        format!(
            "insert into pos_cash_movements (id, session_id, vendor_id, movement_type, amount) values ('{id}', '{session}', '{VENDOR}', 'paid_out', 3)"
        )
    };
    let movement = Uuid::new_v4();
    assert_eq!(code(insert(movement, session)).await, "done", "the store's own server may record as before");
    assert_eq!(
        code(format!("update pos_cash_movements set amount = 1 where id = '{movement}'")).await,
        "42501"
    );
    assert_eq!(
        code(format!("insert into pos_sessions (register_id) values ('{}')", register(3))).await,
        "42501"
    );
    // Even past the grants, the tables refuse.
    let refused = async |sql: String| {
        let error = superuser.batch_execute(&sql).await.err();
        error
            .map(|error| onetill_tests::database::desk::Refusal::from(error).code)
            .unwrap_or_else(|| "done".into())
    };
    assert_eq!(
        refused(format!("update pos_cash_movements set amount = 1 where id = '{movement}'")).await,
        "POS_WRITTEN_ONCE"
    );
    assert_eq!(
        refused(format!("delete from pos_cash_movements where id = '{movement}'")).await,
        "POS_WRITTEN_ONCE"
    );
    assert_eq!(
        refused(format!("update pos_sessions set register_id = '{}' where id = '{session}'", register(3)))
            .await,
        "POS_BAD_TRANSITION"
    );
    mia.call("pos_end_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": session})).await?;
    assert_eq!(code(insert(Uuid::new_v4(), session)).await, "POS_SESSION_OVER");
    assert_eq!(
        code(format!("update pos_sessions set status = 'open' where id = '{session}'")).await,
        "POS_BAD_TRANSITION"
    );
    let stranger =
        format!("update pos_registers set location_id = '{ELSEWHERE}' where id = '{}'", register(1));
    assert_eq!(code(stranger).await, "23503", "a register cannot stand at a stranger's");
    let mixed = format!(
        "insert into pos_cash_movements (id, session_id, vendor_id, movement_type, amount) values (gen_random_uuid(), '{other}', '{STRANGERS}', 'paid_in', 3)"
    );
    assert_eq!(code(mixed).await, "23503", "a movement cannot be of another vendor than its shift");
    Ok(())
}
