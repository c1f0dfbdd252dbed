//! What the owner and the managers arrange, and what the register makes of it: staff, registers, the
//! rules for movements, and the manager's view of the day.

use onetill_tests::Result;
use onetill_tests::database::desk::{Ask, Caller, Desk, Refusal};
use onetill_tests::database::{ELSEWHERE, MAIN, SECOND, Server, register};
use serde_json::{Value, json};
use uuid::Uuid;

crate::tests![
    a_cashier_keeps_to_the_stores_limits,
    the_stores_rules_reach_every_client,
    rules_that_make_no_sense_are_refused,
    the_stores_reasons_for_a_difference_reach_every_client,
    an_entry_is_recorded_for_who_works_on_the_shift_only,
    the_board_tells_who_was_heard_of_when,
    a_poll_is_noted_once_a_minute,
    the_day_is_its_reports_and_what_is_outstanding,
    z_numbers_have_no_gaps_and_a_reprint_is_the_report,
    the_owner_keeps_the_staff,
    two_owners_cannot_send_each_other_away,
    the_owner_keeps_the_registers,
];

fn code(answer: std::result::Result<Value, Refusal>) -> String {
    match answer {
        Ok(answer) => answer["outcome"].as_str().unwrap_or("answered").to_owned(),
        Err(refusal) => refusal.code,
    }
}

fn movement(session: Uuid, kind: &str, amount: &str) -> Value {
    json!({"p_id": Uuid::new_v4(), "p_session_id": session, "p_type": kind, "p_amount": amount, "p_reason": "test", "p_note": null})
}

fn with(mut object: Value, name: &str, value: impl Into<Value>) -> Value {
    object[name] = value.into();
    object
}

fn rule(location: Option<Uuid>, kind: &str, limit: Option<&str>, reasons: Value) -> Value {
    with(json!({"p_location_id": location, "p_type": kind, "p_cashier_limit": limit}), "p_reasons", reasons)
}

async fn save_rule(desk: &Desk, rule: &Value) -> String {
    code(desk.call("pos_save_movement_rule", rule).await)
}

async fn record(desk: &Desk, movement: &Value) -> String {
    code(desk.call("pos_record_movement", movement).await)
}

async fn count_and_close(desk: &Desk, session: Uuid, amount: &str) -> Result<Value> {
    let count = Uuid::new_v4();
    let counted = json!({"p_id": count, "p_session_id": session, "p_kind": "closing", "p_amount": amount});
    desk.call("pos_commit_count", &counted).await?;
    let close =
        json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_count_id": count, "p_reason": "test"});
    Ok(desk.call("pos_close_session", &close).await?["z_report"].clone())
}

async fn a_cashier_keeps_to_the_stores_limits(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let session = ana.open(&Ask::on(1)).await?.session;
    assert_eq!(record(&ana, &movement(session, "pay_out", "5000")).await, "recorded", "no rule, no limit");
    assert_eq!(save_rule(&mia, &rule(None, "pay_out", Some("50"), Value::Null)).await, "saved");
    let at_limit = movement(session, "pay_out", "50");
    assert_eq!(record(&ana, &at_limit).await, "recorded");
    let Err(refusal) = ana.call("pos_record_movement", &movement(session, "pay_out", "50.01")).await else {
        return Err("a cashier went over the limit".into());
    };
    assert_eq!((refusal.code.as_str(), refusal.status), ("POS_OVER_LIMIT", Some(403)));
    assert_eq!(refusal.details, json!({"kind": "pay_out", "limit": "50.00"}));
    // A manager's own sign-in is the approval; naming a manager is none.
    let over = movement(session, "pay_out", "80");
    mia.open(&Ask::on(1)).await?;
    assert_eq!(
        record(&ana, &with(over.clone(), "p_recorded_by", Caller::MIA.id().map(|id| id.to_string()))).await,
        "POS_OVER_LIMIT"
    );
    assert_eq!(record(&mia, &over).await, "recorded");
    // The location's own rule goes before the store's, and what is on record stays so.
    assert_eq!(save_rule(&mia, &rule(Some(MAIN), "pay_out", Some("10"), Value::Null)).await, "saved");
    assert_eq!(record(&ana, &movement(session, "pay_out", "10.01")).await, "POS_OVER_LIMIT");
    assert_eq!(record(&ana, &at_limit).await, "replayed");
    assert_eq!(record(&ana, &movement(session, "pay_in", "900")).await, "recorded", "each kind for itself");
    // Undoing it is as large as doing it.
    let undo = with(movement(session, "reversal", "0"), "p_reverses", over["p_id"].clone());
    assert_eq!(record(&ana, &undo).await, "POS_OVER_LIMIT");
    assert_eq!(record(&mia, &undo).await, "recorded");
    // A rule without limit and without reasons is gone.
    assert_eq!(save_rule(&mia, &rule(Some(MAIN), "pay_out", None, Value::Null)).await, "saved");
    assert_eq!(record(&ana, &movement(session, "pay_out", "50")).await, "recorded", "the store's again");
    Ok(())
}

async fn the_stores_rules_reach_every_client(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, ola) = (store.desk(Caller::ANA).await?, store.desk(Caller::OLA).await?);
    let places = async |desk: &Desk| -> Result<Value> {
        let mut places = serde_json::Map::new();
        let me = desk.call("pos_whoami", &json!({})).await?;
        for place in me["locations"].as_array().into_iter().flatten() {
            let id = place["id"].as_str().unwrap_or_default().to_owned();
            places.insert(id, json!([place["movement_limits"], place["reasons"]]));
        }
        Ok(Value::Object(places))
    };
    assert_eq!(places(&ana).await?, json!({MAIN.to_string(): [{}, {}]}));
    let words = json!(["Window cleaner", " Stamps "]);
    assert_eq!(save_rule(&ola, &rule(None, "pay_out", Some("50"), words)).await, "saved");
    assert_eq!(save_rule(&ola, &rule(None, "pay_in", None, json!(["Change"]))).await, "saved");
    assert_eq!(save_rule(&ola, &rule(Some(SECOND), "pay_out", Some("9000"), json!([]))).await, "saved");
    assert_eq!(
        places(&ola).await?,
        json!({
            MAIN.to_string(): [{"pay_out": "50.00"}, {"pay_out": ["Window cleaner", "Stamps"], "pay_in": ["Change"]}],
            SECOND.to_string(): [{"pay_out": "9000"}, {"pay_in": ["Change"]}],
        })
    );
    Ok(())
}

async fn the_stores_reasons_for_a_difference_reach_every_client(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, mia, ola) =
        (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?, store.desk(Caller::OLA).await?);
    let save = async |desk: &Desk, place: Option<Uuid>, reasons: Value| {
        let arguments = with(json!({"p_location_id": place}), "p_reasons", reasons);
        code(desk.call("pos_save_difference_reasons", &arguments).await)
    };
    let told = async || -> Result<Vec<Value>> {
        let me = ola.call("pos_whoami", &json!({})).await?;
        let mut places = me["locations"].as_array().cloned().unwrap_or_default();
        places.sort_by_key(|place| place["id"] != MAIN.to_string());
        Ok(places.iter().map(|place| place["difference_reasons"].clone()).collect())
    };
    assert_eq!(told().await?, [Value::Null, Value::Null], "the usual ones");
    assert_eq!(save(&ola, None, json!(["Till fell", " Coin roll "])).await, "saved");
    assert_eq!(told().await?, [json!(["Till fell", "Coin roll"]), json!(["Till fell", "Coin roll"])]);
    assert_eq!(save(&mia, Some(MAIN), json!([])).await, "saved");
    assert_eq!(told().await?, [json!([]), json!(["Till fell", "Coin roll"])], "none is not the usual ones");
    assert_eq!(save(&mia, Some(MAIN), Value::Null).await, "saved");
    assert_eq!(told().await?[0], Value::Null);
    let cashier = ana.call("pos_whoami", &json!({})).await?;
    assert_eq!(cashier["locations"][0]["difference_reasons"], Value::Null, "{cashier}");

    for (desk, place, reasons, expected) in [
        (&ana, Some(MAIN), json!(["x"]), "POS_MANAGER_REQUIRED"),
        (&mia, Some(ELSEWHERE), json!(["x"]), "POS_LOCATION_NOT_FOUND"),
        (&mia, Some(MAIN), json!({"a": 1}), "POS_BAD_REASONS"),
        (&mia, Some(MAIN), json!([" "]), "POS_BAD_REASONS"),
        (&mia, Some(MAIN), json!([null]), "POS_BAD_REASONS"),
        (&mia, Some(MAIN), json!(["x".repeat(81)]), "POS_BAD_REASONS"),
        (&mia, Some(MAIN), json!(vec!["x"; 31]), "POS_BAD_REASONS"),
    ] {
        assert_eq!(save(desk, place, reasons.clone()).await, expected, "{reasons}");
    }
    // A list is an offer: a close takes any reason.
    assert_eq!(save(&mia, Some(MAIN), json!(["Till fell"])).await, "saved");
    let session = ana.open(&Ask::on(1)).await?.session;
    assert_eq!(count_and_close(&ana, session, "190").await?["reason"], "test");
    Ok(())
}

async fn rules_that_make_no_sense_are_refused(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let cases = [
        (&ana, rule(Some(MAIN), "pay_in", Some("1"), Value::Null), "POS_MANAGER_REQUIRED"),
        (&mia, rule(Some(ELSEWHERE), "pay_in", Some("1"), Value::Null), "POS_LOCATION_NOT_FOUND"),
        (&mia, rule(Some(MAIN), "reversal", Some("1"), Value::Null), "POS_BAD_MOVEMENT"),
        (&mia, rule(Some(MAIN), "paid_in", Some("1"), Value::Null), "POS_BAD_MOVEMENT"),
        (&mia, rule(Some(MAIN), "no_sale", Some("1"), Value::Null), "POS_BAD_AMOUNT"),
        (&mia, rule(Some(MAIN), "pay_in", Some("-1"), Value::Null), "POS_BAD_AMOUNT"),
        (&mia, rule(Some(MAIN), "pay_in", Some("NaN"), Value::Null), "POS_BAD_AMOUNT"),
        (&mia, rule(Some(SECOND), "pay_in", Some("1.50"), Value::Null), "POS_BAD_AMOUNT"),
        (&mia, rule(Some(MAIN), "pay_in", None, json!({"a": 1})), "POS_BAD_REASONS"),
        (&mia, rule(Some(MAIN), "pay_in", None, json!([" "])), "POS_BAD_REASONS"),
        (&mia, rule(Some(MAIN), "pay_in", None, json!([null])), "POS_BAD_REASONS"),
        (&mia, rule(Some(MAIN), "pay_in", None, json!(["x".repeat(81)])), "POS_BAD_REASONS"),
        (&mia, rule(Some(MAIN), "pay_in", None, json!(vec!["x"; 31])), "POS_BAD_REASONS"),
    ];
    for (desk, rule, expected) in cases {
        assert_eq!(save_rule(desk, &rule).await, expected, "{:?} {rule}", desk.caller());
    }
    // A manager of one location keeps that one's rules, and not everybody's.
    let bound = format!(
        "update pos_staff set location_id = '{MAIN}' where user_id = '{}'",
        Caller::MIA.id().unwrap_or_default()
    );
    store.superuser().await?.batch_execute(&bound).await?;
    assert_eq!(save_rule(&mia, &rule(None, "pay_in", Some("1"), Value::Null)).await, "POS_NOT_ALLOWED_HERE");
    assert_eq!(
        save_rule(&mia, &rule(Some(SECOND), "pay_in", Some("1"), Value::Null)).await,
        "POS_NOT_ALLOWED_HERE"
    );
    assert_eq!(save_rule(&mia, &rule(Some(MAIN), "pay_in", Some("1"), Value::Null)).await, "saved");
    let service = store.desk(Caller::Service).await?;
    assert_eq!(save_rule(&service, &rule(Some(MAIN), "pay_in", Some("2"), Value::Null)).await, "saved");
    assert_eq!(
        save_rule(&service, &rule(None, "pay_in", Some("2"), Value::Null)).await,
        "POS_NOT_ALLOWED_HERE"
    );
    Ok(())
}

async fn an_entry_is_recorded_for_who_works_on_the_shift_only(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, ben, mia) =
        (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?, store.desk(Caller::MIA).await?);
    let session = ana.open(&Ask::on(1)).await?.session;
    let in_the_name_of = |caller: Caller| {
        with(movement(session, "pay_in", "5"), "p_recorded_by", caller.id().map(|id| id.to_string()))
    };
    for stranger in [Caller::BEN, Caller::MIA, Caller::LEFT, Caller::HAL, Caller::ZED, Caller::VISITOR] {
        assert_eq!(record(&ana, &in_the_name_of(stranger)).await, "POS_USER_MISMATCH", "{stranger:?}");
    }
    // Ben signs in on the register where Ana's shift runs: his poll is how the server hears of him.
    let headers =
        format!("select set_config('request.headers', '{{\"x-device-id\": \"{}\"}}', false)", Uuid::new_v4());
    ben.run(&headers).await?;
    ben.call("pos_session", &json!({"p_session_id": session})).await?;
    mia.open(&Ask::on(1)).await?;
    for colleague in [Caller::BEN, Caller::MIA] {
        let answer = ana.call("pos_record_movement", &in_the_name_of(colleague)).await?;
        let name = if colleague == Caller::BEN { "Ben" } else { "Mia" };
        assert_eq!(
            (answer["movement"]["by_name"].as_str(), answer["movement"]["sent_by_name"].as_str()),
            (Some(name), Some("Ana")),
            "whose entry it is, and who sent it"
        );
    }
    let own = ana.call("pos_record_movement", &in_the_name_of(Caller::ANA)).await?;
    assert!(own["movement"]["sent_by_name"].is_null());
    // Who left since cannot be named any more.
    let leave = format!(
        "update pos_staff set is_active = false where user_id = '{}'",
        Caller::BEN.id().unwrap_or_default()
    );
    store.superuser().await?.batch_execute(&leave).await?;
    assert_eq!(record(&ana, &in_the_name_of(Caller::BEN)).await, "POS_USER_MISMATCH");
    Ok(())
}

async fn the_board_tells_who_was_heard_of_when(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, ben, mia) =
        (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?, store.desk(Caller::MIA).await?);
    let (till, tablet) = (Uuid::new_v4(), Uuid::new_v4());
    let session = ana.open(&Ask::on(1).device(till)).await?.session;
    ben.open(&Ask::on(1).device(tablet)).await?;
    ben.run(&format!("select set_config('request.headers', '{{\"x-device-id\": \"{tablet}\"}}', false)"))
        .await?;
    ben.call("pos_session", &json!({"p_session_id": session})).await?;
    ben.call("pos_begin_count", &json!({"p_key": Uuid::new_v4(), "p_session_id": session})).await?;
    let board = mia.call("pos_board", &json!({"p_location_id": MAIN})).await?;
    let open = &board["registers"][0]["open_session"];
    assert_eq!((open["counting"]["by_name"].as_str(), open["participants"].as_i64()), (Some("Ben"), Some(2)));
    assert!(
        open["opened_at"].is_string()
            && open["opening_cash"] == "200.00"
            && open["expected_cash"] == "200.00"
    );
    let devices = open["devices"].as_array().cloned().unwrap_or_default();
    let told: Vec<_> = devices
        .iter()
        .map(|it| (it["device"].as_str(), it["by_name"].as_str(), it["last_seen"].is_string()))
        .collect();
    let (till, tablet) = (till.to_string(), tablet.to_string());
    assert_eq!(told, [(Some(tablet.as_str()), Some("Ben"), true), (Some(till.as_str()), Some("Ana"), false)]);
    mia.call("pos_end_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_force": true}))
        .await?;
    ben.call("pos_session", &json!({"p_session_id": session})).await?;
    let kept: i64 =
        store.superuser().await?.query_one("select count(*) from onetill.seen", &[]).await?.get(0);
    assert_eq!(kept, 0, "nothing is kept of a shift that is over");
    Ok(())
}

async fn a_poll_is_noted_once_a_minute(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, superuser) = (store.desk(Caller::ANA).await?, store.superuser().await?);
    let session = ana.open(&Ask::on(1)).await?.session;
    let device =
        format!("select set_config('request.headers', '{{\"x-device-id\": \"{}\"}}', false)", Uuid::new_v4());
    ana.run(&device).await?;
    let noted = async || -> Result<String> {
        ana.call("pos_session", &json!({"p_session_id": session})).await?;
        Ok(superuser.query_one("select xmin::text from onetill.seen", &[]).await?.get(0))
    };
    let first = noted().await?;
    assert_eq!(noted().await?, first, "a second poll writes nothing");
    superuser.batch_execute("update onetill.seen set at = at - interval '61 seconds'").await?;
    let aged: String = superuser.query_one("select xmin::text from onetill.seen", &[]).await?.get(0);
    assert_ne!(noted().await?, aged, "after a minute it is noted again");
    Ok(())
}

async fn the_day_is_its_reports_and_what_is_outstanding(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let refusal = ana.call("pos_day", &json!({"p_location_id": MAIN})).await;
    assert_eq!(code(refusal), "POS_MANAGER_REQUIRED");
    let closed = ana.open(&Ask::on(1)).await?.session;
    let report = count_and_close(&ana, closed, "200").await?;
    let ended = ana.open(&Ask::on(2)).await?.session;
    mia.call("pos_end_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": ended})).await?;
    let open = ana.open(&Ask::on(3)).await?.session;
    let day = mia.call("pos_day", &json!({"p_location_id": MAIN})).await?;
    assert_eq!(day["z_reports"], json!([report]));
    let ids = |list: &Value| -> Vec<String> {
        list.as_array().into_iter().flatten().filter_map(|it| it["id"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(
        (ids(&day["uncounted"]), ids(&day["open"])),
        (vec![ended.to_string()], vec![open.to_string()])
    );
    let other = mia.call("pos_day", &json!({"p_location_id": MAIN, "p_business_date": "2020-02-02"})).await?;
    assert_eq!(
        (&other["business_date"], &other["z_reports"], &other["uncounted"], &other["open"]),
        (&json!("2020-02-02"), &json!([]), &json!([]), &json!([]))
    );
    Ok(())
}

async fn z_numbers_have_no_gaps_and_a_reprint_is_the_report(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let mut numbers = Vec::new();
    for round in 0..4 {
        let session = ana.open(&Ask::on(1)).await?.session;
        let cancelled = round == 1;
        if cancelled {
            ana.call("pos_cancel_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": session}))
                .await?;
            continue;
        }
        // A close that is rolled back takes its number back with it.
        let count = Uuid::new_v4();
        let counted = json!({"p_id": count, "p_session_id": session, "p_kind": "closing", "p_amount": "200"});
        ana.call("pos_commit_count", &counted).await?;
        let close = json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_count_id": count});
        ana.run("begin").await?;
        ana.call("pos_close_session", &close).await?;
        ana.run("rollback").await?;
        let report = ana.call("pos_close_session", &close).await?["z_report"].clone();
        numbers.push(report["z_number"].as_i64().unwrap_or_default());
        // Whatever changes afterwards: a reprint is what was written.
        store
            .superuser()
            .await?
            .batch_execute("update pos_registers set register_name = register_name || ' x'; update pos_staff set display_name = display_name || ' x'")
            .await?;
        let reprint = mia.call("pos_z_report", &json!({"p_session_id": session})).await?["z_report"].clone();
        assert_eq!(reprint, report);
    }
    assert_eq!(numbers, [1, 2, 3]);
    let edit = store.superuser().await?.batch_execute("update pos_z_reports set z_number = 9").await.err();
    assert_eq!(edit.map(|error| Refusal::from(error).code), Some("POS_WRITTEN_ONCE".into()));
    Ok(())
}

async fn the_owner_keeps_the_staff(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, mia, ola) =
        (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?, store.desk(Caller::OLA).await?);
    let person = |number: u32, role: &str, location: Option<Uuid>, active: bool| {
        json!({"p_email": format!("User{number}@test.example"), "p_role": role, "p_location_id": location,
            "p_display_name": "Somebody", "p_is_active": active})
    };
    let save = async |desk: &Desk, person: Value| code(desk.call("pos_save_staff", &person).await);
    for desk in [&ana, &mia] {
        assert_eq!(save(desk, person(8, "cashier", None, true)).await, "POS_OWNER_REQUIRED");
        assert_eq!(code(desk.call("pos_staff_list", &json!({})).await), "POS_OWNER_REQUIRED");
    }
    assert_eq!(
        code(store.desk(Caller::Service).await?.call("pos_staff_list", &json!({})).await),
        "POS_OWNER_REQUIRED"
    );
    assert_eq!(save(&ola, person(8, "boss", None, true)).await, "POS_BAD_STAFF");
    assert_eq!(save(&ola, person(8, "owner", Some(MAIN), true)).await, "POS_BAD_STAFF");
    assert_eq!(
        save(&ola, with(person(8, "cashier", None, true), "p_display_name", " ")).await,
        "POS_BAD_STAFF"
    );
    assert_eq!(save(&ola, person(8, "cashier", Some(ELSEWHERE), true)).await, "POS_LOCATION_NOT_FOUND");
    // Nobody by that address, and somebody of another store: the same answer.
    assert_eq!(save(&ola, person(77, "cashier", None, true)).await, "POS_ACCOUNT_NOT_FOUND");
    assert_eq!(save(&ola, person(7, "cashier", None, true)).await, "POS_ACCOUNT_NOT_FOUND");
    let visitor = store.desk(Caller::VISITOR).await?;
    assert_eq!(code(visitor.call("pos_whoami", &json!({})).await), "POS_NOT_STAFF");
    for _ in 0..2 {
        assert_eq!(save(&ola, person(8, "cashier", Some(MAIN), true)).await, "saved", "twice is once");
    }
    assert_eq!(visitor.call("pos_whoami", &json!({})).await?["role"], "cashier");
    assert_eq!(save(&ola, person(8, "cashier", Some(MAIN), false)).await, "saved");
    assert_eq!(code(visitor.call("pos_whoami", &json!({})).await), "POS_NOT_STAFF", "at once");
    let list = ola.call("pos_staff_list", &json!({})).await?["staff"].clone();
    let of_the_store = list.as_array().map(Vec::len);
    assert_eq!(of_the_store, Some(7), "six and the new one; nobody of another store: {list}");
    let listed =
        list.as_array().into_iter().flatten().find(|it| it["email"] == "user8@test.example").cloned();
    assert_eq!(
        listed,
        Some(json!({"user_id": Caller::VISITOR.id(), "email": "user8@test.example", "role": "cashier",
            "location_id": MAIN, "display_name": "Somebody", "is_active": false}))
    );
    assert_eq!(save(&ola, person(4, "manager", None, true)).await, "POS_LAST_OWNER");
    assert_eq!(save(&ola, person(4, "owner", None, false)).await, "POS_LAST_OWNER");
    Ok(())
}

async fn two_owners_cannot_send_each_other_away(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let promote = format!(
        "update pos_staff set role = 'owner' where user_id = '{}'",
        Caller::MIA.id().unwrap_or_default()
    );
    store.superuser().await?.batch_execute(&promote).await?;
    let (mia, ola) = (store.desk(Caller::MIA).await?, store.desk(Caller::OLA).await?);
    let away = |number: u32| json!({"p_email": format!("user{number}@test.example"), "p_role": "cashier", "p_location_id": null, "p_display_name": "Gone"});
    ola.run("begin").await?;
    assert_eq!(code(ola.call("pos_save_staff", &away(3)).await), "saved");
    let sends_back = away(4);
    let (answer, _) = tokio::join!(mia.call("pos_save_staff", &sends_back), async {
        let waited = store.until_blocked(mia.process()).await;
        ola.run("commit").await.map(|_| waited)
    });
    assert_eq!(code(answer), "POS_LAST_OWNER");
    Ok(())
}

async fn the_owner_keeps_the_registers(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (mia, ola) = (store.desk(Caller::MIA).await?, store.desk(Caller::OLA).await?);
    let id = Uuid::new_v4();
    let till = |id: Uuid, location: Uuid, number: &str, status: &str| json!({"p_id": id, "p_location_id": location, "p_register_number": number, "p_register_name": "New", "p_status": status});
    let save = async |desk: &Desk, till: Value| code(desk.call("pos_save_register", &till).await);
    assert_eq!(save(&mia, till(id, MAIN, "N1", "active")).await, "POS_OWNER_REQUIRED");
    assert_eq!(save(&ola, till(id, MAIN, " ", "active")).await, "POS_BAD_REGISTER");
    assert_eq!(save(&ola, till(id, MAIN, "N1", "broken")).await, "POS_BAD_REGISTER");
    assert_eq!(save(&ola, till(id, MAIN, "r1", "active")).await, "POS_NUMBER_TAKEN");
    assert_eq!(save(&ola, till(register(31), MAIN, "N1", "active")).await, "POS_REGISTER_NOT_FOUND");
    assert_eq!(save(&ola, till(register(1), SECOND, "N1", "active")).await, "POS_SCOPE_MISMATCH");
    for _ in 0..2 {
        assert_eq!(save(&ola, till(id, MAIN, "N1", "active")).await, "saved", "twice is once");
    }
    let there = Ask { place: (Some(id), Some(MAIN), Ask::on(1).place.2), ..Ask::on(1) };
    let opened = mia.open(&there).await?;
    assert!(opened.column("session_number").starts_with("N1-"), "its shifts are numbered after it");
    assert_eq!(save(&ola, till(id, MAIN, "N1", "retired")).await, "POS_REGISTER_IN_USE");
    mia.call("pos_cancel_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": opened.session})).await?;
    assert_eq!(save(&ola, till(id, MAIN, "N1", "retired")).await, "saved");
    assert_eq!(mia.open(&there).await.err().map(|it| it.code), Some("POS_REGISTER_RETIRED".into()));
    // An open that holds the register goes first, and then it cannot be retired.
    assert_eq!(save(&ola, till(id, MAIN, "N2", "active")).await, "saved");
    mia.run("begin").await?;
    mia.open(&there).await?;
    let retire = till(id, MAIN, "N2", "retired");
    let (answer, _) = tokio::join!(save(&ola, retire), async {
        let waited = store.until_blocked(ola.process()).await;
        mia.run("commit").await.map(|_| waited)
    });
    assert_eq!(answer, "POS_REGISTER_IN_USE");
    Ok(())
}
