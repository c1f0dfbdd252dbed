//! What is on record is answered from the record, before any right is asked: whatever became since of who asks, of who
//! recorded it, of the register and of the day. And one key is one intent, also when two requests carry it at one moment.

use onetill_tests::Result;
use onetill_tests::database::desk::{Ask, Caller, Desk};
use onetill_tests::database::{Database, Server, register};
use serde_json::{Value, json};
use uuid::Uuid;

crate::tests![
    a_movement_is_answered_whatever_became_of_who_recorded_it,
    an_end_is_answered_after_the_day_turned,
    a_close_a_cancel_and_a_count_are_answered_to_whom_they_are_not_allowed_any_more,
    an_approval_is_answered_to_who_gave_it,
    an_open_is_answered_after_its_register_went_out_of_use,
    a_strangers_record_is_not_answered,
    one_key_on_two_open_registers_at_once_joins_one,
    one_key_on_a_free_and_an_open_register_at_once_is_one_intent,
    two_copies_of_one_join_are_a_join_and_a_replay,
];

async fn superuser(store: &Database<'_>, sql: &str) -> Result<()> {
    Ok(store.superuser().await?.batch_execute(sql).await?)
}

async fn outcome(desk: &Desk, function: &str, arguments: &Value) -> String {
    match desk.call(function, arguments).await {
        Ok(answer) => answer["outcome"].as_str().unwrap_or("answered").to_owned(),
        Err(refusal) => refusal.code,
    }
}

async fn opened(desk: &Desk, ask: &Ask) -> String {
    match desk.open(ask).await {
        Ok(opened) => opened.outcome,
        Err(refusal) => refusal.code,
    }
}

async fn a_movement_is_answered_whatever_became_of_who_recorded_it(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, ben) = (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?);
    let session = ana.open(&Ask::on(1)).await?.session;
    ben.open(&Ask::on(1)).await?;
    let movement = json!({"p_id": Uuid::new_v4(), "p_session_id": session, "p_type": "pay_out", "p_amount": "60",
        "p_reason": "Stamps", "p_note": null, "p_recorded_by": Caller::ANA.id()});
    assert_eq!(outcome(&ben, "pos_record_movement", &movement).await, "recorded");
    // She leaves, he is moved, and a limit comes that this entry is beyond.
    superuser(
        &store,
        "update pos_staff set is_active = false where display_name = 'Ana';
         insert into pos_movement_rules (vendor_id, movement_type, cashier_limit) select id, 'pay_out', 10 from vendors where store_name = 'Tested Store';
         update pos_staff set location_id = '000000bb-0000-4000-8000-000000000002' where display_name = 'Ben'",
    )
    .await?;
    assert_eq!(outcome(&ben, "pos_record_movement", &movement).await, "replayed");
    let mut other = movement.clone();
    other["p_amount"] = "61".into();
    assert_eq!(
        outcome(&ben, "pos_record_movement", &other).await,
        "POS_KEY_REUSED",
        "and not with another amount"
    );
    Ok(())
}

async fn an_end_is_answered_after_the_day_turned(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let ana = store.desk(Caller::ANA).await?;
    let session = ana.open(&Ask::on(1)).await?.session;
    let end = json!({"p_key": Uuid::new_v4(), "p_session_id": session});
    assert_eq!(outcome(&ana, "pos_end_session", &end).await, "ended");
    superuser(
        &store,
        "alter table pos_sessions disable trigger guard_session; update pos_sessions set business_date = business_date - 3;
         alter table pos_sessions enable trigger guard_session",
    )
    .await?;
    assert_eq!(
        outcome(&ana, "pos_end_session", &end).await,
        "replayed",
        "she ended it when it was hers to end"
    );
    let another = json!({"p_key": Uuid::new_v4(), "p_session_id": session});
    assert_eq!(outcome(&ana, "pos_end_session", &another).await, "POS_MANAGER_REQUIRED");
    Ok(())
}

async fn a_close_a_cancel_and_a_count_are_answered_to_whom_they_are_not_allowed_any_more(
    server: &Server,
) -> Result<()> {
    let store = server.store().await?;
    let mia = store.desk(Caller::MIA).await?;
    let (first, second) = (mia.open(&Ask::on(1)).await?.session, mia.open(&Ask::on(2)).await?.session);
    let id = Uuid::new_v4();
    let count = json!({"p_id": id, "p_session_id": first, "p_kind": "closing", "p_amount": 150});
    let close = json!({"p_key": Uuid::new_v4(), "p_session_id": first, "p_count_id": id, "p_kind": "force", "p_reason": "Short"});
    let cancel = json!({"p_key": Uuid::new_v4(), "p_session_id": second});
    assert_eq!(outcome(&mia, "pos_commit_count", &count).await, "counted");
    assert_eq!(outcome(&mia, "pos_close_session", &close).await, "closed");
    assert_eq!(outcome(&mia, "pos_cancel_session", &cancel).await, "cancelled");
    superuser(
        &store,
        "update pos_staff set role = 'cashier', location_id = '000000bb-0000-4000-8000-000000000002' where display_name = 'Mia'",
    )
    .await?;
    for (function, arguments) in
        [("pos_commit_count", &count), ("pos_close_session", &close), ("pos_cancel_session", &cancel)]
    {
        assert_eq!(outcome(&mia, function, arguments).await, "replayed", "{function}");
    }
    let other = json!({"p_key": Uuid::new_v4(), "p_session_id": first, "p_count_id": id});
    assert_eq!(
        outcome(&mia, "pos_close_session", &other).await,
        "POS_NOT_ALLOWED_HERE",
        "another intent asks for its right"
    );
    Ok(())
}

async fn an_approval_is_answered_to_who_gave_it(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let session = ana.open(&Ask::on(1)).await?.session;
    let id = Uuid::new_v4();
    ana.call(
        "pos_commit_count",
        &json!({"p_id": id, "p_session_id": session, "p_kind": "closing", "p_amount": 100}),
    )
    .await?;
    let approve = json!({"p_count_id": id});
    assert_eq!(outcome(&mia, "pos_approve_count", &approve).await, "approved");
    superuser(&store, "update pos_staff set role = 'cashier' where display_name = 'Mia'").await?;
    assert_eq!(outcome(&mia, "pos_approve_count", &approve).await, "replayed");
    assert_eq!(outcome(&ana, "pos_approve_count", &approve).await, "POS_MANAGER_REQUIRED");
    Ok(())
}

async fn an_open_is_answered_after_its_register_went_out_of_use(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let ana = store.desk(Caller::ANA).await?;
    let ask = Ask::on(1).key(Uuid::new_v4());
    let session = ana.open(&ask).await?.session;
    ana.call("pos_end_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": session})).await?;
    superuser(
        &store,
        &format!(
            "update pos_registers set status = 'retired' where id = '{}';
             update pos_staff set location_id = '000000bb-0000-4000-8000-000000000002' where display_name = 'Ana'",
            register(1)
        ),
    )
    .await?;
    let again = ana.open(&ask).await?;
    assert_eq!((again.session, again.outcome.as_str()), (session, "replayed"));
    assert_eq!(opened(&ana, &Ask::on(1).key(Uuid::new_v4())).await, "POS_NOT_ALLOWED_HERE");
    Ok(())
}

async fn a_strangers_record_is_not_answered(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, zed, visitor) =
        (store.desk(Caller::ANA).await?, store.desk(Caller::ZED).await?, store.desk(Caller::VISITOR).await?);
    let key = Uuid::new_v4();
    let session = ana.open(&Ask::on(1).key(key)).await?.session;
    assert_eq!(opened(&zed, &Ask::on(1).key(key)).await, "POS_REGISTER_NOT_FOUND");
    assert_eq!(opened(&visitor, &Ask::on(1).key(key)).await, "POS_NOT_STAFF");
    let movement = json!({"p_id": Uuid::new_v4(), "p_session_id": session, "p_type": "pay_in", "p_amount": "5", "p_reason": null, "p_note": null});
    let count =
        json!({"p_id": Uuid::new_v4(), "p_session_id": session, "p_kind": "closing", "p_amount": 205});
    let end = json!({"p_key": Uuid::new_v4(), "p_session_id": session});
    for (function, arguments) in
        [("pos_record_movement", &movement), ("pos_commit_count", &count), ("pos_end_session", &end)]
    {
        ana.call(function, arguments).await?;
        assert_eq!(outcome(&zed, function, arguments).await, "POS_SESSION_NOT_FOUND", "{function}");
    }
    Ok(())
}

/// Sends both while the first is not committed; what the second is told when it is.
async fn at_once(
    store: &Database<'_>,
    first: (&Desk, Ask),
    second: (&Desk, Ask),
) -> Result<(String, String)> {
    first.0.run("begin").await?;
    let told_first = opened(first.0, &first.1).await;
    let (told_second, committed) = tokio::join!(opened(second.0, &second.1), async {
        store.until_blocked(second.0.process()).await?;
        first.0.run("commit").await?;
        Result::Ok(())
    });
    committed?;
    Ok((told_first, told_second))
}

async fn one_key_on_two_open_registers_at_once_joins_one(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, ben, again) =
        (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?, store.desk(Caller::BEN).await?);
    ana.open(&Ask::on(1)).await?;
    ana.open(&Ask::on(2)).await?;
    let key = Uuid::new_v4();
    let told = at_once(&store, (&ben, Ask::on(1).key(key)), (&again, Ask::on(2).key(key))).await?;
    assert_eq!(told, ("joined".into(), "POS_KEY_REUSED".into()));
    Ok(())
}

async fn one_key_on_a_free_and_an_open_register_at_once_is_one_intent(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, ben, again) =
        (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?, store.desk(Caller::BEN).await?);
    ana.open(&Ask::on(2)).await?;
    for (first, second) in [(1, 2), (2, 3)] {
        let key = Uuid::new_v4();
        let (told, refused) =
            at_once(&store, (&ben, Ask::on(first).key(key)), (&again, Ask::on(second).key(key))).await?;
        assert!(["created", "joined"].contains(&told.as_str()), "{told}");
        assert_eq!(refused, "POS_KEY_REUSED", "{first} then {second}");
    }
    Ok(())
}

async fn two_copies_of_one_join_are_a_join_and_a_replay(server: &Server) -> Result<()> {
    let store = server.store().await?;
    let (ana, ben, again) =
        (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?, store.desk(Caller::BEN).await?);
    ana.open(&Ask::on(1)).await?;
    let key = Uuid::new_v4();
    let told = at_once(&store, (&ben, Ask::on(1).key(key)), (&again, Ask::on(1).key(key))).await?;
    assert_eq!(told, ("joined".into(), "replayed".into()));
    Ok(())
}
