//! What the reading functions answer, field by field, because clients are written against the fields.

use onetill_tests::Result;
use onetill_tests::database::desk::{Ask, Caller};
use onetill_tests::database::{MAIN, Server};
use serde_json::{Value, json};
use uuid::Uuid;

crate::tests![
    whoami_tells_the_place_and_the_rules,
    registers_show_who_has_them_open,
    a_known_revision_gets_an_empty_answer_and_every_change_a_new_one,
    the_board_is_for_managers,
    health_names_what_is_wrong,
];

fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = object.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys
}

async fn whoami_tells_the_place_and_the_rules(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let me = store.desk(Caller::ANA).await?.call("pos_whoami", &json!({})).await?;
    assert_eq!(me["user_id"], Caller::ANA.id().unwrap_or_default().to_string());
    assert_eq!(
        (me["role"].as_str(), me["display_name"].as_str(), me["vendor_name"].as_str()),
        (Some("cashier"), Some("Ana"), Some("Tested Store"))
    );
    assert!(me["schema_version"].is_i64());
    assert_eq!(me["locations"].as_array().map(Vec::len), Some(1), "a cashier sees the own location only");
    let place = &me["locations"][0];
    assert_eq!(
        (
            place["id"].as_str(),
            place["timezone"].as_str(),
            place["currency"].as_str(),
            place["business_day_cutoff"].as_str()
        ),
        (Some(MAIN.to_string().as_str()), Some("Europe/Berlin"), Some("EUR"), Some("04:00"))
    );
    let boss = store.desk(Caller::OLA).await?.call("pos_whoami", &json!({})).await?;
    assert_eq!(boss["locations"].as_array().map(Vec::len), Some(2));
    let stamp = me["server_time"].as_str().unwrap_or_default();
    assert!(stamp.len() == 27 && stamp.ends_with('Z') && stamp.contains('T'), "RFC 3339 in UTC: {stamp}");
    Ok(())
}

async fn registers_show_who_has_them_open(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, ben) = (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?);
    let opened = ana.open(&Ask::on(2).cash("99.90")).await?;
    ben.open(&Ask::on(2)).await?;
    let answer = ben.call("pos_registers", &json!({"p_location_id": MAIN})).await?;
    let registers = answer["registers"].as_array().cloned().unwrap_or_default();
    assert_eq!(registers.len(), 9);
    let statuses: Vec<&str> = registers.iter().filter_map(|register| register["status"].as_str()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == "retired").count(), 1);
    let free =
        registers.iter().find(|register| register["register_number"] == "R1").cloned().unwrap_or_default();
    assert!(free["open_session"].is_null());
    assert_eq!(free["suggested_opening_cash"], "200.00");
    let open =
        registers.iter().find(|register| register["register_number"] == "R2").cloned().unwrap_or_default();
    let session = &open["open_session"];
    assert_eq!(session["id"], opened.session.to_string());
    assert_eq!(
        (session["opener_name"].as_str(), session["opening_cash"].as_str(), session["participants"].as_i64()),
        (Some("Ana"), Some("99.90"), Some(2))
    );
    assert_eq!(
        keys(session),
        [
            "business_date",
            "counting",
            "id",
            "location_id",
            "opened_at",
            "opener_id",
            "opener_name",
            "opening_cash",
            "participants",
            "register_id",
            "revision",
            "session_number",
            "status",
            "vendor_id"
        ]
    );
    Ok(())
}

async fn a_known_revision_gets_an_empty_answer_and_every_change_a_new_one(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let session = ana.open(&Ask::on(1)).await?.session;
    let mut known = 0;
    let count = Uuid::new_v4();
    let counted = json!({"p_id": count, "p_session_id": session, "p_kind": "closing", "p_amount": "150"});
    let sale = format!("update pos_sessions set total_cash = 5 where id = '{session}'");
    let pay = json!({"p_id": Uuid::new_v4(), "p_session_id": session, "p_type": "pay_in", "p_amount": "5", "p_reason": null, "p_note": null});
    for step in 0..8 {
        match step {
            0 => {}
            1 => drop(mia.open(&Ask::on(1)).await?),
            2 => store.superuser().await?.batch_execute(&sale).await?,
            3 => drop(ana.call("pos_record_movement", &pay).await?),
            4 => drop(
                ana.call("pos_begin_count", &json!({"p_key": Uuid::new_v4(), "p_session_id": session}))
                    .await?,
            ),
            5 => drop(ana.call("pos_commit_count", &counted).await?),
            6 => drop(mia.call("pos_approve_count", &json!({"p_count_id": count})).await?),
            _ => drop(
                mia.call("pos_end_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": session}))
                    .await?,
            ),
        }
        let news =
            ana.call("pos_session", &json!({"p_session_id": session, "p_known_revision": known})).await?;
        assert_eq!(news["unchanged"], false, "step {step} is a change");
        let revision = news["session"]["revision"].as_i64().unwrap_or_default();
        assert!(revision > known, "step {step}: {known} then {revision}");
        known = revision;
        let nothing =
            ana.call("pos_session", &json!({"p_session_id": session, "p_known_revision": known})).await?;
        assert_eq!((nothing["unchanged"].as_bool(), nothing["revision"].as_i64()), (Some(true), Some(known)));
        assert_eq!(keys(&nothing), ["revision", "server_time", "unchanged"]);
    }
    let last = ana.call("pos_session", &json!({"p_session_id": session})).await?["session"].clone();
    assert_eq!(
        (last["status"].as_str(), last["ended_by_name"].as_str()),
        (Some("ended"), Some("Mia")),
        "who ended it, for the fence"
    );
    assert!(last["ended_at"].is_string());
    Ok(())
}

async fn the_board_is_for_managers(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let refusal =
        store.desk(Caller::ANA).await?.call("pos_board", &json!({"p_location_id": MAIN})).await.err();
    assert_eq!(
        refusal.map(|refusal| (refusal.code, refusal.status)),
        Some(("POS_MANAGER_REQUIRED".into(), Some(403)))
    );
    let mia = store.desk(Caller::MIA).await?;
    mia.open(&Ask::on(1).cash("80")).await?;
    let board = mia.call("pos_board", &json!({"p_location_id": MAIN})).await?;
    assert_eq!(board["registers"][0]["open_session"]["expected_cash"], "80.00");
    Ok(())
}

async fn health_names_what_is_wrong(server: &Server) -> Result<()> {
    let faults = [
        ("one_open_index", "drop index idx_one_open_session_per_register"),
        ("one_open_index", "drop index idx_one_open_session_per_register; create unique index idx_one_open_session_per_register on pos_sessions (register_id) where status = 'ended'"),
        ("no_duplicates", "drop index idx_one_open_session_per_register; insert into pos_sessions (register_id, location_id, vendor_id, session_number, business_date)
            select id, location_id, vendor_id, 'D' || i, '2026-01-01' from pos_registers, generate_series(1, 2) i where register_number = 'R2'"),
        ("functions", "create function get_or_create_session(uuid) returns uuid language sql as 'select $1'"),
        ("functions", "drop function pos_z_report"),
        ("open_function_shape", "drop function get_or_create_session; create function get_or_create_session(p_register_id uuid) returns uuid language sql as 'select $1'"),
        ("function_settings", "alter function onetill.open_or_join reset lock_timeout"),
        ("function_settings", "alter function get_or_create_session reset default_transaction_isolation"),
        ("function_settings", "alter function pos_close_session reset lock_timeout"),
        ("function_grants", "grant execute on function get_or_create_session to public"),
        ("function_grants", "revoke execute on function pos_session from authenticated"),
        ("row_level_security", "alter table pos_counts disable row level security"),
        ("table_grants", "grant insert on pos_sessions to authenticated"),
        ("one_vendor", "alter table pos_sessions drop constraint pos_sessions_register"),
        ("no_gaps", "alter table pos_sessions alter register_id drop not null"),
        ("guards", "alter table pos_cash_movements disable trigger guard_movement"),
        ("movement_types", "insert into pos_cash_movements (session_id, vendor_id, movement_type, amount) select id, vendor_id, 'tip', 1 from pos_sessions"),
        ("as_installed", "create policy everything on pos_sessions for all using (true)"),
        ("as_installed", "alter policy pos_z_reports_read on pos_z_reports using (true)"),
        ("as_installed", "alter table pos_sessions drop constraint pos_sessions_status"),
        ("as_installed", "drop trigger name_person on pos_staff"),
        ("as_installed", "create or replace function onetill.is_amount(p_amount numeric) returns boolean language plpgsql immutable set search_path = '' as 'begin return true; end'"),
        ("whole_shift", "alter table pos_cash_movements add constraint theirs check (movement_type <> 'pay_in') not valid"),
        ("whole_shift", "alter table pos_sessions add column branch text not null default 'x'; alter table pos_sessions alter branch drop default"),
        ("whole_shift", "create function theirs() returns trigger language plpgsql as $$ begin raise 'not today'; end $$;
            create constraint trigger theirs after update on pos_sessions initially deferred for each row when (new.status = 'closed') execute function theirs()"),
        ("managers", "update pos_staff set is_active = false where role <> 'cashier'"),
    ];
    let store = server.store().await?;
    let ana = store.desk(Caller::ANA).await?;
    ana.open(&Ask::on(1)).await?;
    let wrong = async || -> Result<Vec<String>> {
        let health = ana.call("pos_health", &json!({})).await?;
        let checks = health["checks"].as_array().cloned().unwrap_or_default();
        let wrong: Vec<String> = checks
            .iter()
            .filter(|check| check["ok"] == false)
            .filter_map(|check| check["check"].as_str().map(str::to_owned))
            .collect();
        assert_eq!(health["healthy"], wrong.is_empty());
        Ok(wrong)
    };
    assert_eq!(wrong().await?, Vec::<String>::new());
    for (check, fault) in faults {
        // Each fault in a store of its own: some cannot be taken back.
        let store = server.store().await?;
        let ana = store.desk(Caller::ANA).await?;
        ana.open(&Ask::on(1)).await?;
        store.superuser().await?.batch_execute(fault).await?;
        let health = ana.call("pos_health", &json!({})).await?;
        let found = health["checks"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|known| known["check"] == check && known["ok"] == false && known["remedy"].is_string());
        assert!(found && health["healthy"] == false, "{check} after «{fault}»: {health:#}");
    }
    let wrong_clock = ana.call("pos_health", &json!({"p_client_time": "2020-01-01T00:00:00Z"})).await?;
    let clock = wrong_clock["checks"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|check| check["check"] == "clock")
        .cloned()
        .unwrap_or_default();
    assert_eq!(clock["ok"], false);
    Ok(())
}
