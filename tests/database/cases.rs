//! `get_or_create_session`, case by case.

use onetill_tests::Result;
use onetill_tests::database::desk::{Ask, Caller, Desk, Refusal};
use onetill_tests::database::{ELSEWHERE, MAIN, SECOND, STRANGERS, Server, VENDOR, register};
use uuid::Uuid;

crate::tests![
    a_free_register_gives_a_new_session,
    an_open_register_is_joined_and_the_join_is_recorded,
    the_same_key_gives_the_same_session_even_after_the_close,
    a_late_duplicate_of_a_join_opens_nothing,
    a_key_belongs_to_one_register,
    every_refusal_has_its_code_and_status,
    null_and_absent_cash_mean_the_default,
    the_answer_has_the_sixteen_columns_of_the_contract,
    numbers_rise_and_never_collide,
    the_secret_key_opens_in_the_name_of_a_user,
    garbage_in_the_headers_is_refused_or_ignored,
    the_business_day_ends_at_the_cutoff,
];

fn code(answer: std::result::Result<impl std::fmt::Debug, Refusal>) -> (String, Option<u64>) {
    match answer {
        Ok(answer) => (format!("answered {answer:?}"), None),
        Err(refusal) => (refusal.code, refusal.status),
    }
}

async fn a_free_register_gives_a_new_session(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let ana = store.desk(Caller::ANA).await?;
    let opened = ana.open(&Ask::on(1).cash("150.10")).await?;
    assert_eq!(opened.outcome, "created");
    assert_eq!(opened.column("session_number"), "R1-000001");
    assert_eq!(opened.column("opening_cash"), "150.10");
    assert_eq!(opened.column("status"), "open");
    assert_eq!(opened.column("user_id"), Caller::ANA.id().unwrap_or_default().to_string());
    let other = ana.open(&Ask::on(2)).await?;
    assert_ne!(other.session, opened.session, "each register has a session of its own");
    Ok(())
}

async fn an_open_register_is_joined_and_the_join_is_recorded(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, ben) = (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?);
    let device = Uuid::new_v4();
    let first = ana.open(&Ask::on(1)).await?;
    for _ in 0..3 {
        let joined = ben.open(&Ask::on(1).cash("180").device(device)).await?;
        assert_eq!((joined.session, joined.outcome.as_str()), (first.session, "joined"));
        assert_eq!(joined.column("opening_cash"), "200.00", "the opener's float stands");
    }
    let superuser = store.superuser().await?;
    let row = superuser
        .query_one(
            "select count(*), min(user_id::text), min(device::text), min(opening_cash)::text from pos_session_participants",
            &[],
        )
        .await?;
    assert_eq!(row.get::<_, i64>(0), 1, "joining again is not another join");
    assert_eq!(row.get::<_, &str>(1), Caller::BEN.id().unwrap_or_default().to_string());
    assert_eq!(row.get::<_, &str>(2), device.to_string());
    assert_eq!(row.get::<_, &str>(3), "180.00");
    let spot = superuser.query_one("select kind, amount::text from pos_counts", &[]).await?;
    assert_eq!((spot.get::<_, &str>(0), spot.get::<_, &str>(1)), ("spot", "180.00"));
    Ok(())
}

/// Ends the session without a count; the register is free.
async fn end(desk: &Desk, session: Uuid) -> Result<()> {
    desk.call("pos_end_session", &serde_json::json!({"p_key": Uuid::new_v4(), "p_session_id": session}))
        .await?;
    Ok(())
}

async fn the_same_key_gives_the_same_session_even_after_the_close(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let ana = store.desk(Caller::ANA).await?;
    let key = Uuid::new_v4();
    let first = ana.open(&Ask::on(1).key(key)).await?;
    let again = ana.open(&Ask::on(1).key(key)).await?;
    assert_eq!((again.session, again.outcome.as_str()), (first.session, "replayed"));
    end(&ana, first.session).await?;
    let late = ana.open(&Ask::on(1).key(key)).await?;
    assert_eq!((late.session, late.outcome.as_str()), (first.session, "replayed"));
    assert_eq!(late.column("status"), "ended");
    let next = ana.open(&Ask::on(1).key(Uuid::new_v4())).await?;
    assert_eq!(next.outcome, "created");
    let later = ana.open(&Ask::on(1).key(key)).await?;
    assert_eq!(
        later.session, first.session,
        "an open session of somebody else does not answer an old intent"
    );
    let found = ana.call("pos_session_by_key", &serde_json::json!({"p_key": key})).await?;
    assert_eq!(found["session"]["id"], first.session.to_string());
    assert_eq!(found["session"]["idempotency_key_matches"], true);
    let unknown = ana.call("pos_session_by_key", &serde_json::json!({"p_key": Uuid::new_v4()})).await?;
    assert!(unknown["session"].is_null());
    Ok(())
}

async fn a_late_duplicate_of_a_join_opens_nothing(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, ben) = (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?);
    let key = Uuid::new_v4();
    let first = ana.open(&Ask::on(1)).await?;
    assert_eq!(ben.open(&Ask::on(1).key(key)).await?.outcome, "joined");
    end(&ana, first.session).await?;
    let late = ben.open(&Ask::on(1).key(key)).await?;
    assert_eq!((late.session, late.outcome.as_str()), (first.session, "replayed"));
    let open: i64 = store
        .superuser()
        .await?
        .query_one("select count(*) from pos_sessions where status = 'open'", &[])
        .await?
        .get(0);
    assert_eq!(open, 0);
    Ok(())
}

async fn a_key_belongs_to_one_register(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let ana = store.desk(Caller::ANA).await?;
    let (opening, joining) = (Uuid::new_v4(), Uuid::new_v4());
    ana.open(&Ask::on(1).key(opening)).await?;
    ana.open(&Ask::on(1).key(joining)).await?;
    for key in [opening, joining] {
        assert_eq!(
            code(ana.open(&Ask::on(2).key(key)).await),
            ("POS_KEY_REUSED".into(), Some(422)),
            "on a free register"
        );
    }
    ana.open(&Ask::on(2)).await?;
    for key in [opening, joining] {
        assert_eq!(
            code(ana.open(&Ask::on(2).key(key)).await),
            ("POS_KEY_REUSED".into(), Some(422)),
            "on an open one"
        );
    }
    Ok(())
}

async fn every_refusal_has_its_code_and_status(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let place = |r: Option<Uuid>, l: Uuid, v: Uuid| Ask { place: (r, Some(l), Some(v)), ..Ask::on(1) };
    let as_user = |user: Caller| Ask { user: user.id(), ..Ask::on(1) };
    let cases: Vec<(&str, Caller, Ask, &str, Option<u64>)> = vec![
        (
            "unknown register",
            Caller::ANA,
            place(Some(register(77)), MAIN, VENDOR),
            "POS_REGISTER_NOT_FOUND",
            Some(404),
        ),
        ("no register", Caller::ANA, place(None, MAIN, VENDOR), "POS_REGISTER_NOT_FOUND", Some(404)),
        (
            "a stranger's",
            Caller::ANA,
            place(Some(register(31)), ELSEWHERE, STRANGERS),
            "POS_REGISTER_NOT_FOUND",
            Some(404),
        ),
        (
            "a stranger's, as ours",
            Caller::ANA,
            place(Some(register(31)), MAIN, VENDOR),
            "POS_REGISTER_NOT_FOUND",
            Some(404),
        ),
        ("retired", Caller::ANA, Ask::on(9), "POS_REGISTER_RETIRED", Some(409)),
        (
            "other location",
            Caller::ANA,
            place(Some(register(1)), SECOND, VENDOR),
            "POS_SCOPE_MISMATCH",
            Some(409),
        ),
        (
            "other vendor",
            Caller::ANA,
            place(Some(register(1)), MAIN, STRANGERS),
            "POS_SCOPE_MISMATCH",
            Some(409),
        ),
        (
            "no location",
            Caller::ANA,
            Ask { place: (Some(register(1)), None, Some(VENDOR)), ..Ask::on(1) },
            "POS_SCOPE_MISMATCH",
            Some(409),
        ),
        ("somebody else's name", Caller::ANA, as_user(Caller::BEN), "POS_USER_MISMATCH", Some(403)),
        ("works elsewhere", Caller::HAL, Ask::on(1), "POS_NOT_ALLOWED_HERE", Some(403)),
        ("left the store", Caller::LEFT, Ask::on(1), "POS_NOT_STAFF", Some(403)),
        ("nobody's staff", Caller::VISITOR, Ask::on(1), "POS_NOT_STAFF", Some(403)),
        (
            "a visitor learns nothing",
            Caller::VISITOR,
            place(Some(register(77)), MAIN, VENDOR),
            "POS_NOT_STAFF",
            Some(403),
        ),
        ("anonymous", Caller::Anonymous, Ask::on(1), "42501", None),
        ("negative", Caller::ANA, Ask::on(1).cash("-0.01"), "POS_BAD_OPENING_CASH", Some(400)),
        ("not a number", Caller::ANA, Ask::on(1).cash("'NaN'"), "POS_BAD_OPENING_CASH", Some(400)),
        ("infinite", Caller::ANA, Ask::on(1).cash("'Infinity'"), "POS_BAD_OPENING_CASH", Some(400)),
        ("minus infinite", Caller::ANA, Ask::on(1).cash("'-Infinity'"), "POS_BAD_OPENING_CASH", Some(400)),
        ("over the limit", Caller::ANA, Ask::on(1).cash("10000000"), "POS_BAD_OPENING_CASH", Some(400)),
        (
            "the secret key and no such register",
            Caller::Service,
            place(Some(register(77)), MAIN, VENDOR),
            "POS_REGISTER_NOT_FOUND",
            Some(404),
        ),
    ];
    for (what, caller, ask, expected, status) in cases {
        let desk = store.desk(caller).await?;
        assert_eq!(code(desk.open(&ask).await), (expected.into(), status), "{what}");
    }
    let sessions: i64 =
        store.superuser().await?.query_one("select count(*) from pos_sessions", &[]).await?.get(0);
    assert_eq!(sessions, 0, "a refusal leaves nothing behind");
    // Joining is refused as opening is.
    store.desk(Caller::MIA).await?.open(&Ask::on(1)).await?;
    assert_eq!(code(store.desk(Caller::HAL).await?.open(&Ask::on(1)).await).0, "POS_NOT_ALLOWED_HERE");
    assert_eq!(code(store.desk(Caller::ZED).await?.open(&Ask::on(1)).await).0, "POS_REGISTER_NOT_FOUND");
    Ok(())
}

async fn null_and_absent_cash_mean_the_default(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let ana = store.desk(Caller::ANA).await?;
    assert_eq!(ana.open(&Ask::on(1).cash("null")).await?.column("opening_cash"), "200.00");
    assert_eq!(ana.open(&Ask { cash: None, ..Ask::on(2) }).await?.column("opening_cash"), "200.00");
    assert_eq!(
        ana.open(&Ask::on(3).cash("0")).await?.column("opening_cash"),
        "0.00",
        "nothing is an amount too"
    );
    assert_eq!(ana.open(&Ask::on(4).cash("'12.30'")).await?.column("opening_cash"), "12.30");
    Ok(())
}

async fn the_answer_has_the_sixteen_columns_of_the_contract(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let opened = store.desk(Caller::ANA).await?.open(&Ask::on(1)).await?;
    let names: Vec<&str> = opened.columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "id",
            "session_number",
            "register_id",
            "location_id",
            "vendor_id",
            "user_id",
            "status",
            "opening_cash",
            "total_sales",
            "total_transactions",
            "total_cash",
            "total_card",
            "walk_in_sales",
            "pickup_orders_fulfilled",
            "opened_at",
            "last_transaction_at"
        ]
    );
    Ok(())
}

async fn numbers_rise_and_never_collide(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    // Somebody's import used numbers of this shape already.
    store
        .superuser()
        .await?
        .batch_execute(
            "insert into pos_sessions (register_id, location_id, vendor_id, session_number, status, business_date)
             select id, location_id, vendor_id, 'R1-000003', 'closed', '2025-01-01' from pos_registers where register_number = 'R2'",
        )
        .await?;
    let mut numbers = Vec::new();
    for _ in 0..4 {
        let opened = ana.open(&Ask::on(1)).await?;
        numbers.push(opened.column("session_number").to_owned());
        end(&ana, opened.session).await?;
    }
    assert_eq!(numbers, ["R1-000001", "R1-000002", "R1-000004", "R1-000005"]);
    let twin = Ask { place: (Some(register(21)), Some(SECOND), Some(VENDOR)), ..Ask::on(21) };
    assert_eq!(
        mia.open(&twin).await?.column("session_number"),
        "R1-2-000001",
        "two registers of one number differ"
    );
    store
        .superuser()
        .await?
        .batch_execute("update pos_registers set last_session_number = 999999 where register_number = 'R3'")
        .await?;
    assert_eq!(
        ana.open(&Ask::on(3)).await?.column("session_number"),
        "R3-1000000",
        "a seventh digit is not cut off"
    );
    Ok(())
}

async fn the_secret_key_opens_in_the_name_of_a_user(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let service = store.desk(Caller::Service).await?;
    let opened = service.open(&Ask { user: Caller::BEN.id(), ..Ask::on(1) }).await?;
    assert_eq!(opened.outcome, "created");
    assert_eq!(opened.column("user_id"), Caller::BEN.id().unwrap_or_default().to_string());
    assert_eq!(service.open(&Ask::on(1)).await?.outcome, "joined");
    assert_eq!(service.open(&Ask::on(2)).await?.column("user_id"), "", "naming nobody is allowed as before");
    Ok(())
}

async fn garbage_in_the_headers_is_refused_or_ignored(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let ana = store.desk(Caller::ANA).await?;
    let call = |headers: &str| {
        format!(
            "select set_config('request.headers', '{headers}', true); \
             select id from get_or_create_session('{}', '{MAIN}', '{VENDOR}', null)",
            register(1)
        )
    };
    let bad_key = ana.run(&call(r#"{"idempotency-key": "press-1"}"#)).await.err();
    assert_eq!(bad_key.map(|refusal| refusal.code).unwrap_or_default(), "POS_BAD_KEY");
    // A connection that served another call before has an empty setting, not none.
    for headers in ["", "{}", r#"{"x-device-id": "till-7"}"#] {
        ana.run(&call(headers)).await?;
    }
    Ok(())
}

async fn the_business_day_ends_at_the_cutoff(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let superuser = store.superuser().await?;
    for (location, at, expected) in [
        // Berlin, cut-off 04:00: half past one at night in summer is still yesterday.
        (MAIN, "2026-07-10 23:30+00", "2026-07-10"),
        (MAIN, "2026-07-11 02:30+00", "2026-07-11"),
        // The night the clocks go back: 03:59 winter time, then 04:00.
        (MAIN, "2026-10-25 02:59+00", "2026-10-24"),
        (MAIN, "2026-10-25 03:00+00", "2026-10-25"),
        // Tokyo is a day ahead.
        (SECOND, "2026-07-10 20:00+00", "2026-07-11"),
    ] {
        let date: String = superuser
            .query_one(&format!("select onetill.business_date('{location}', '{at}')::text"), &[])
            .await?
            .get(0);
        assert_eq!(date, expected, "{at}");
    }
    let zone = superuser.batch_execute("update locations set timezone = 'Mars/Olympus'").await;
    assert!(zone.is_err(), "an unknown time zone is refused when it is entered");
    Ok(())
}
