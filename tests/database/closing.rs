//! Money in the drawer from the first movement to the Z report.

use onetill_tests::Result;
use onetill_tests::database::desk::{Ask, Caller, Desk, Refusal};
use onetill_tests::database::{SECOND, Server, VENDOR, register};
use serde_json::{Value, json};
use uuid::Uuid;

crate::tests![
    a_movement_is_recorded_once_however_often_it_is_sent,
    movements_that_make_no_sense_are_refused,
    a_reversal_undoes_one_movement_once,
    a_cashier_counts_blind_and_closes,
    a_difference_needs_a_reason_and_then_a_manager,
    end_now_and_count_later,
    a_session_nobody_counted_is_settled_as_not_counted,
    only_an_unused_session_is_cancelled,
    twenty_closes_at_once_are_one_z_and_nineteen_replays,
    one_count_at_a_time,
    yesterdays_shift_and_force_need_a_manager,
    yen_have_no_cents,
];

fn code(answer: std::result::Result<Value, Refusal>) -> String {
    match answer {
        Ok(answer) => answer["outcome"].as_str().unwrap_or("answered").to_owned(),
        Err(refusal) => refusal.code,
    }
}

fn movement(session: Uuid, id: Uuid, kind: &str, amount: &str) -> Value {
    json!({"p_id": id, "p_session_id": session, "p_type": kind, "p_amount": amount, "p_reason": "test", "p_note": null})
}

async fn count(desk: &Desk, session: Uuid, amount: &str) -> Result<Uuid> {
    let id = Uuid::new_v4();
    desk.call(
        "pos_commit_count",
        &json!({"p_id": id, "p_session_id": session, "p_kind": "closing", "p_amount": amount}),
    )
    .await?;
    Ok(id)
}

fn close(session: Uuid, count: Option<Uuid>) -> Value {
    json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_count_id": count})
}

async fn expected(desk: &Desk, session: Uuid) -> Result<Value> {
    Ok(desk.call("pos_session", &json!({"p_session_id": session})).await?["session"]["expected_cash"].clone())
}

async fn a_movement_is_recorded_once_however_often_it_is_sent(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let session = ana.open(&Ask::on(1)).await?.session;
    let sent = movement(session, Uuid::new_v4(), "pay_out", "12.50");
    assert_eq!(code(ana.call("pos_record_movement", &sent).await), "recorded");
    assert_eq!(code(ana.call("pos_record_movement", &sent).await), "replayed");
    assert_eq!(expected(&mia, session).await?, "187.50");
    let mut other = sent.clone();
    other["p_amount"] = json!("12.51");
    assert_eq!(code(ana.call("pos_record_movement", &other).await), "POS_KEY_REUSED");
    ana.call("pos_end_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": session})).await?;
    assert_eq!(code(ana.call("pos_record_movement", &sent).await), "replayed", "even after the end");
    let late = movement(session, Uuid::new_v4(), "pay_in", "1");
    let Err(refusal) = ana.call("pos_record_movement", &late).await else {
        return Err("a late entry was taken".into());
    };
    assert_eq!((refusal.code.as_str(), refusal.status), ("POS_SESSION_OVER", Some(409)));
    Ok(())
}

async fn movements_that_make_no_sense_are_refused(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let ana = store.desk(Caller::ANA).await?;
    let session = ana.open(&Ask::on(1)).await?.session;
    for (kind, amount, expected) in [
        ("paid_out", "1", "POS_BAD_MOVEMENT"),
        ("theft", "1", "POS_BAD_MOVEMENT"),
        ("reversal", "1", "POS_BAD_MOVEMENT"),
        ("pay_in", "0", "POS_BAD_AMOUNT"),
        ("pay_in", "-1", "POS_BAD_AMOUNT"),
        ("pay_in", "NaN", "POS_BAD_AMOUNT"),
        ("pay_in", "Infinity", "POS_BAD_AMOUNT"),
        ("pay_in", "10000000", "POS_BAD_AMOUNT"),
        ("pay_in", "1.005", "POS_BAD_AMOUNT"),
        ("no_sale", "1", "POS_BAD_AMOUNT"),
        ("no_sale", "0", "recorded"),
        ("pay_in", "0.01", "recorded"),
    ] {
        let sent = movement(session, Uuid::new_v4(), kind, amount);
        assert_eq!(code(ana.call("pos_record_movement", &sent).await), expected, "{kind} {amount}");
    }
    let nowhere = movement(Uuid::new_v4(), Uuid::new_v4(), "pay_in", "1");
    assert_eq!(code(ana.call("pos_record_movement", &nowhere).await), "POS_SESSION_NOT_FOUND");
    Ok(())
}

async fn a_reversal_undoes_one_movement_once(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let mia = store.desk(Caller::MIA).await?;
    let session = mia.open(&Ask::on(1)).await?.session;
    let other = mia.open(&Ask::on(2)).await?.session;
    let wrong = Uuid::new_v4();
    mia.call("pos_record_movement", &movement(session, wrong, "safe_drop", "70")).await?;
    let reversal = |session: Uuid, reverses: Uuid| {
        let mut sent = movement(session, Uuid::new_v4(), "reversal", "0");
        sent["p_reverses"] = json!(reverses);
        sent
    };
    let elsewhere = reversal(other, wrong);
    assert_eq!(
        code(mia.call("pos_record_movement", &elsewhere).await),
        "POS_MOVEMENT_NOT_FOUND",
        "of another shift"
    );
    let undo = reversal(session, wrong);
    assert_eq!(code(mia.call("pos_record_movement", &undo).await), "recorded");
    assert_eq!(code(mia.call("pos_record_movement", &undo).await), "replayed");
    assert_eq!(expected(&mia, session).await?, "200.00");
    assert_eq!(
        code(mia.call("pos_record_movement", &reversal(session, wrong)).await),
        "POS_ALREADY_REVERSED"
    );
    let undone: Uuid = undo["p_id"].as_str().unwrap_or_default().parse()?;
    let again = reversal(session, undone);
    assert_eq!(
        code(mia.call("pos_record_movement", &again).await),
        "POS_MOVEMENT_NOT_FOUND",
        "a reversal is not reversed"
    );
    Ok(())
}

async fn a_cashier_counts_blind_and_closes(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let session = ana.open(&Ask::on(1)).await?.session;
    ana.call("pos_record_movement", &movement(session, Uuid::new_v4(), "pay_in", "50")).await?;
    assert!(expected(&ana, session).await?.is_null(), "the target is hidden before the count");
    assert!(ana.call("pos_x_report", &json!({"p_session_id": session})).await?["expected_cash"].is_null());
    assert_eq!(expected(&mia, session).await?, "250.00", "a manager may see it");

    let spot = json!({"p_id": Uuid::new_v4(), "p_session_id": session, "p_kind": "spot", "p_amount": "249"});
    assert!(
        ana.call("pos_commit_count", &spot).await?["count"]["expected_cash"].is_null(),
        "a spot count tells nothing"
    );
    let id = Uuid::new_v4();
    let mut closing = json!({"p_id": id, "p_session_id": session, "p_kind": "closing", "p_amount": "249.50",
        "p_denominations": {"50.00": 4, "20.00": 2, "0.50": 19}});
    let counted = ana.call("pos_commit_count", &closing).await?;
    assert_eq!(
        (counted["count"]["expected_cash"].as_str(), counted["count"]["cash_difference"].as_str()),
        (Some("250.00"), Some("-0.50"))
    );
    assert_eq!(code(ana.call("pos_commit_count", &closing).await), "replayed");
    closing["p_amount"] = json!("250");
    assert_eq!(
        code(ana.call("pos_commit_count", &closing).await),
        "POS_KEY_REUSED",
        "its id has another amount"
    );
    closing["p_id"] = json!(Uuid::new_v4());
    assert_eq!(
        code(ana.call("pos_commit_count", &closing).await),
        "POS_BAD_AMOUNT",
        "the pieces do not add up to it"
    );
    closing["p_id"] = json!(id);
    closing["p_denominations"] = Value::Null;
    assert_eq!(code(ana.call("pos_commit_count", &closing).await), "POS_KEY_REUSED");

    let mut closes = close(session, Some(id));
    closes["p_left_in_drawer"] = json!("300");
    assert_eq!(
        code(ana.call("pos_close_session", &closes).await),
        "POS_BAD_AMOUNT",
        "more left than there was"
    );
    closes["p_left_in_drawer"] = json!("120");
    let closed = ana.call("pos_close_session", &closes).await?;
    let z = &closed["z_report"];
    assert_eq!((z["z_number"].as_i64(), z["was_counted"].as_bool()), (Some(1), Some(true)));
    for (field, value) in [
        ("counted_cash", "249.50"),
        ("cash_difference", "-0.50"),
        ("left_in_drawer", "120.00"),
        ("taken_out", "129.50"),
        ("closed_by_name", "Ana"),
        ("close_kind", "normal"),
    ] {
        assert_eq!(z[field], value, "{field}");
    }
    // Each movement and each note and coin stands on it.
    let entry = |name: &str| z["entries"][0][name].as_str().unwrap_or_default();
    assert_eq!(["type", "amount", "effect", "by_name"].map(entry), ["pay_in", "50.00", "50.00", "Ana"]);
    assert_eq!(entry("reason"), "test");
    let pieces = json!({"50.00": 4, "20.00": 2, "0.50": 19});
    let counts = z["counts"].as_array().into_iter().flatten();
    let told: Vec<_> = counts.map(|one| (&one["kind"], &one["denominations"])).collect();
    assert_eq!(told, [(&json!("spot"), &Value::Null), (&json!("closing"), &pieces)]);
    let again = ana.call("pos_close_session", &closes).await?;
    assert_eq!((again["outcome"].as_str(), &again["z_report"]), (Some("replayed"), z));
    assert_eq!(&mia.call("pos_z_report", &json!({"p_session_id": session})).await?["z_report"], z);
    let registers =
        ana.call("pos_registers", &json!({"p_location_id": onetill_tests::database::MAIN})).await?;
    assert_eq!(
        registers["registers"][0]["suggested_opening_cash"], "120.00",
        "what was left is what the next starts with"
    );
    Ok(())
}

async fn a_difference_needs_a_reason_and_then_a_manager(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let session = ana.open(&Ask::on(1)).await?.session;
    let small = count(&ana, session, "190").await?;
    assert_eq!(
        code(ana.call("pos_close_session", &close(session, Some(small))).await),
        "POS_REASON_REQUIRED"
    );
    let large = count(&ana, session, "100").await?;
    let mut closes = close(session, Some(large));
    closes["p_reason"] = json!("no idea");
    let Err(refusal) = ana.call("pos_close_session", &closes).await else {
        return Err("closed without approval".into());
    };
    assert_eq!((refusal.code.as_str(), refusal.status), ("POS_APPROVAL_REQUIRED", Some(403)));
    let approve = json!({"p_count_id": large, "p_note": "seen"});
    assert_eq!(code(ana.call("pos_approve_count", &approve).await), "POS_MANAGER_REQUIRED");
    assert_eq!(code(mia.call("pos_approve_count", &approve).await), "approved");
    assert_eq!(code(mia.call("pos_approve_count", &approve).await), "replayed");
    let z = ana.call("pos_close_session", &closes).await?["z_report"].clone();
    assert_eq!(
        (z["approved_by_name"].as_str(), z["reason"].as_str(), z["count_attempts"].as_i64()),
        (Some("Mia"), Some("no idea"), Some(2))
    );
    let attempts: Vec<_> =
        z["counts"].as_array().into_iter().flatten().map(|count| &count["amount"]).collect();
    assert_eq!(attempts, ["190.00", "100.00"], "every attempt is on the report");
    Ok(())
}

async fn end_now_and_count_later(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let first = ana.open(&Ask::on(1)).await?.session;
    let end = json!({"p_key": Uuid::new_v4(), "p_session_id": first, "p_reason": "fire alarm"});
    assert_eq!(code(ana.call("pos_end_session", &end).await), "ended");
    assert_eq!(code(ana.call("pos_end_session", &end).await), "replayed");
    let other = json!({"p_key": Uuid::new_v4(), "p_session_id": first});
    assert_eq!(code(mia.call("pos_end_session", &other).await), "already_over");
    let next = ana.open(&Ask::on(1)).await?;
    assert_eq!(next.outcome, "created", "the register is free at once");

    let counted =
        json!({"p_id": Uuid::new_v4(), "p_session_id": first, "p_kind": "closing", "p_amount": "200"});
    assert_eq!(code(ana.call("pos_commit_count", &counted).await), "POS_MANAGER_REQUIRED");
    let board = mia.call("pos_board", &json!({"p_location_id": onetill_tests::database::MAIN})).await?;
    assert_eq!(board["registers"][0]["uncounted"][0]["id"], first.to_string());
    assert_eq!(board["registers"][0]["open_session"]["id"], next.session.to_string());
    let later = count(&mia, first, "200").await?;
    let z = mia.call("pos_close_session", &close(first, Some(later))).await?["z_report"].clone();
    assert_eq!(
        (z["ended_by_name"].as_str(), z["closed_by_name"].as_str(), z["end_reason"].as_str()),
        (Some("Ana"), Some("Mia"), Some("fire alarm"))
    );
    Ok(())
}

async fn a_session_nobody_counted_is_settled_as_not_counted(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let session = ana.open(&Ask::on(1)).await?.session;
    assert_eq!(code(mia.call("pos_close_session", &close(session, None)).await), "POS_COUNT_REQUIRED");
    ana.call("pos_end_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": session})).await?;
    assert_eq!(code(ana.call("pos_close_session", &close(session, None)).await), "POS_MANAGER_REQUIRED");
    assert_eq!(code(mia.call("pos_close_session", &close(session, None)).await), "POS_REASON_REQUIRED");
    let mut closes = close(session, None);
    closes["p_reason"] = json!("the drawer was emptied");
    let z = mia.call("pos_close_session", &closes).await?["z_report"].clone();
    assert_eq!(z["was_counted"], false);
    assert!(z["counted_cash"].is_null() && z["cash_difference"].is_null(), "not counted is not nothing: {z}");
    let stored: Option<String> =
        store.superuser().await?.query_one("select closing_cash::text from pos_sessions", &[]).await?.get(0);
    assert_eq!(stored, None);
    Ok(())
}

async fn only_an_unused_session_is_cancelled(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let ana = store.desk(Caller::ANA).await?;
    let unused = ana.open(&Ask::on(1)).await?.session;
    let cancel = json!({"p_key": Uuid::new_v4(), "p_session_id": unused, "p_reason": "wrong register"});
    assert_eq!(code(ana.call("pos_cancel_session", &cancel).await), "cancelled");
    assert_eq!(code(ana.call("pos_cancel_session", &cancel).await), "replayed");
    assert_eq!(code(ana.call("pos_close_session", &close(unused, None)).await), "POS_SESSION_OVER");
    let used = ana.open(&Ask::on(1)).await?.session;
    ana.call("pos_record_movement", &movement(used, Uuid::new_v4(), "no_sale", "0")).await?;
    let cancel = json!({"p_key": Uuid::new_v4(), "p_session_id": used});
    assert_eq!(code(ana.call("pos_cancel_session", &cancel).await), "POS_SESSION_NOT_EMPTY");
    let sold = ana.open(&Ask::on(2)).await?.session;
    store
        .superuser()
        .await?
        .batch_execute(&format!("update pos_sessions set total_transactions = 1 where id = '{sold}'"))
        .await?;
    let cancel = json!({"p_key": Uuid::new_v4(), "p_session_id": sold});
    assert_eq!(code(ana.call("pos_cancel_session", &cancel).await), "POS_SESSION_NOT_EMPTY");
    Ok(())
}

async fn twenty_closes_at_once_are_one_z_and_nineteen_replays(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let ana = store.desk(Caller::ANA).await?;
    let session = ana.open(&Ask::on(1)).await?.session;
    let count = Uuid::new_v4();
    let counted = json!({"p_id": count, "p_session_id": session, "p_kind": "closing", "p_amount": "200.00"});
    ana.call("pos_commit_count", &counted).await?;
    let close = json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_count_id": count});
    let everybody = std::sync::Arc::new(tokio::sync::Barrier::new(20));
    let mut closes = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (desk, close, everybody) = (store.desk(Caller::ANA).await?, close.clone(), everybody.clone());
        closes.spawn(async move {
            everybody.wait().await;
            desk.call("pos_close_session", &close).await
        });
    }
    let (mut outcomes, mut sheets) = (Vec::new(), Vec::new());
    while let Some(closed) = closes.join_next().await {
        let closed = closed??;
        outcomes.push(closed["outcome"].as_str().unwrap_or_default().to_owned());
        sheets.push(closed["z_report"].clone());
    }
    outcomes.sort();
    assert_eq!(outcomes, [vec!["closed"], vec!["replayed"; 19]].concat());
    assert!(sheets[0]["z_number"] == 1 && sheets.iter().all(|sheet| *sheet == sheets[0]), "{sheets:?}");
    let stored: i64 =
        store.superuser().await?.query_one("select count(*) from pos_z_reports", &[]).await?.get(0);
    assert_eq!(stored, 1);
    Ok(())
}

async fn one_count_at_a_time(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, ben) = (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?);
    let session = ana.open(&Ask::on(1)).await?.session;
    let mine = json!({"p_key": Uuid::new_v4(), "p_session_id": session});
    let other = json!({"p_key": Uuid::new_v4(), "p_session_id": session});
    assert_eq!(code(ana.call("pos_begin_count", &mine).await), "counting");
    assert_eq!(code(ana.call("pos_begin_count", &mine).await), "replayed");
    assert_eq!(code(ben.call("pos_begin_count", &other).await), "in_progress");
    assert_eq!(code(ben.call("pos_abandon_count", &other).await), "POS_COUNT_IN_PROGRESS");
    let seen = ben.call("pos_session", &json!({"p_session_id": session})).await?;
    assert_eq!(
        (seen["session"]["status"].as_str(), seen["session"]["counting"]["by_name"].as_str()),
        (Some("open"), Some("Ana"))
    );
    // A colleague's count is a manager's to take over; one's own goes along to another device.
    let take_over = || json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_take_over": true});
    let (colleagues, second_device, managers) = (take_over(), take_over(), take_over());
    assert_eq!(code(ben.call("pos_begin_count", &colleagues).await), "in_progress");
    assert_eq!(code(ana.call("pos_begin_count", &second_device).await), "counting");
    assert_eq!(
        code(ana.call("pos_abandon_count", &mine).await),
        "POS_COUNT_IN_PROGRESS",
        "the first device's"
    );
    let mia = store.desk(Caller::MIA).await?;
    assert_eq!(code(mia.call("pos_begin_count", &managers).await), "counting");
    assert_eq!(code(mia.call("pos_begin_count", &managers).await), "replayed");
    assert_eq!(code(ana.call("pos_begin_count", &second_device).await), "in_progress");
    assert_eq!(code(ana.call("pos_begin_count", &mine).await), "in_progress");
    let theirs = json!({"p_key": managers["p_key"], "p_session_id": session});
    assert_eq!(code(mia.call("pos_abandon_count", &theirs).await), "abandoned");
    assert_eq!(code(mia.call("pos_abandon_count", &theirs).await), "not_counting");
    // Duplicates that the network held back arrive now, of refused requests too: nobody sits at such a count, so none begins.
    for late in [&mine, &other, &colleagues, &second_device, &managers] {
        assert_eq!(code(mia.call("pos_begin_count", late).await), "POS_KEY_REUSED");
    }
    let seen = ben.call("pos_session", &json!({"p_session_id": session})).await?;
    assert!(seen["session"]["counting"].is_null(), "nobody counts: {seen}");
    assert_eq!(code(ben.call("pos_begin_count", &take_over()).await), "counting", "nobody's to take over");
    Ok(())
}

async fn yesterdays_shift_and_force_need_a_manager(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let session = ana.open(&Ask::on(1)).await?.session;
    let mut end = json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_force": true});
    assert_eq!(code(ana.call("pos_end_session", &end).await), "POS_MANAGER_REQUIRED");
    let superuser = store.superuser().await?;
    superuser.batch_execute("alter table pos_sessions disable trigger guard_session; update pos_sessions set business_date = business_date - 1; alter table pos_sessions enable trigger guard_session").await?;
    end["p_force"] = json!(false);
    assert_eq!(
        code(ana.call("pos_end_session", &end).await),
        "POS_MANAGER_REQUIRED",
        "of an earlier business date"
    );
    end["p_force"] = json!(true);
    let ended = mia.call("pos_end_session", &end).await?;
    assert_eq!(
        (ended["session"]["close_kind"].as_str(), ended["session"]["ended_by_name"].as_str()),
        (Some("force"), Some("Mia"))
    );
    Ok(())
}

async fn yen_have_no_cents(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let mia = store.desk(Caller::MIA).await?;
    let ask = Ask { place: (Some(register(21)), Some(SECOND), Some(VENDOR)), ..Ask::on(21).cash("20000.4") };
    let session = mia.open(&ask).await?.session;
    assert_eq!(expected(&mia, session).await?, "20000");
    let half = movement(session, Uuid::new_v4(), "pay_in", "0.5");
    assert_eq!(code(mia.call("pos_record_movement", &half).await), "POS_BAD_AMOUNT");
    Ok(())
}
