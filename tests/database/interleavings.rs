//! Two callers at one moment, in every order that matters, made deterministic: the first holds its
//! transaction open until the second is seen waiting. Under both isolation levels a role may default to.

use onetill_tests::Result;
use onetill_tests::database::desk::{Ask, Caller, Desk, Opened, Refusal};
use onetill_tests::database::till::{Cart, Line, Till, refund, void};
use onetill_tests::database::{Database, Server};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::selling::{receipt, shift, shop};

crate::tests![
    open_meets_open,
    open_meets_an_open_that_rolls_back,
    open_waits_behind_a_killed_backend,
    open_gives_up_after_the_lock_timeout,
    open_meets_close,
    join_meets_close,
    the_same_intent_meets_itself,
    movement_meets_close,
    close_meets_movement,
    an_old_snapshot_closes_and_cancels_nothing,
    close_meets_close,
    a_movement_sent_twice_meets_the_close_between,
    a_join_does_not_hold_up_a_row_that_names_the_register,
    the_last_piece_comes_back_at_two_registers_at_once,
    a_void_meets_a_refund,
    a_sale_meets_a_close,
    one_sale_sent_twice_at_once_is_one,
    an_old_snapshot_sells_nothing,
    sales_movements_and_web_sales_of_one_shift_wait_for_each_other,
    a_sale_holds_up_neither_joins_nor_opens_nor_polls,
    a_late_receipt_meets_the_next_close,
    two_devices_ask_for_a_letter_at_once,
];

const ISOLATIONS: [&str; 2] = ["read committed", "repeatable read"];

/// A store whose connections start at this isolation level, and two cashiers in it.
async fn set<'s>(server: &'s Server, isolation: &str) -> Result<(Database<'s>, Desk, Desk)> {
    let store = server.store().await?;
    let statement = format!(
        "do $$ begin execute format('alter database %I set default_transaction_isolation = ''{isolation}''', current_database()); end $$"
    );
    store.superuser().await?.batch_execute(&statement).await?;
    let (ana, ben) = (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?);
    Ok((store, ana, ben))
}

/// Asks once more where the answer was to ask again: what a client does.
async fn settled(desk: &Desk, ask: &Ask, isolation: &str) -> std::result::Result<Opened, Refusal> {
    match desk.open(ask).await {
        Err(refusal) if refusal.code == "POS_REGISTER_BUSY" && isolation == "repeatable read" => {
            desk.open(ask).await
        }
        answer => answer,
    }
}

async fn called(
    desk: &Desk,
    function: &str,
    arguments: &Value,
    isolation: &str,
) -> std::result::Result<Value, Refusal> {
    match desk.call(function, arguments).await {
        Err(refusal) if refusal.code == "POS_REGISTER_BUSY" && isolation == "repeatable read" => {
            desk.call(function, arguments).await
        }
        answer => answer,
    }
}

/// Runs `second` until it waits for a lock, then ends the first one's transaction; gives the second's answer.
async fn behind<T>(
    store: &Database<'_>,
    first: &Desk,
    ending: &str,
    second: &Desk,
    answer: impl Future<Output = T>,
) -> Result<T> {
    let (answer, released) = tokio::join!(answer, async {
        store.until_blocked(second.process()).await?;
        first.run(ending).await?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
    });
    released?;
    Ok(answer)
}

async fn open_sessions(store: &Database<'_>) -> Result<i64> {
    let count = "select count(*) from pos_sessions where status = 'open'";
    Ok(store.superuser().await?.query_one(count, &[]).await?.get(0))
}

async fn open_meets_open(server: &Server) -> Result<()> {
    for isolation in ISOLATIONS {
        let (store, ana, ben) = set(server, isolation).await?;
        ana.run("begin").await?;
        let won = ana.open(&Ask::on(1)).await?;
        let ask = Ask::on(1).key(Uuid::new_v4());
        let lost = behind(&store, &ana, "commit", &ben, settled(&ben, &ask, isolation)).await??;
        assert_eq!((won.outcome.as_str(), lost.outcome.as_str()), ("created", "joined"), "{isolation}");
        assert_eq!(lost.session, won.session);
        assert_eq!(open_sessions(&store).await?, 1);
    }
    Ok(())
}

async fn open_meets_an_open_that_rolls_back(server: &Server) -> Result<()> {
    for isolation in ISOLATIONS {
        let (store, ana, ben) = set(server, isolation).await?;
        ana.run("begin").await?;
        let undone = ana.open(&Ask::on(1)).await?;
        let created = behind(&store, &ana, "rollback", &ben, settled(&ben, &Ask::on(1), isolation)).await??;
        assert_eq!(created.outcome, "created", "{isolation}: what was rolled back never was");
        assert_ne!(created.session, undone.session);
        assert_eq!(created.column("session_number"), "R1-000001", "no number is lost either");
    }
    Ok(())
}

async fn open_waits_behind_a_killed_backend(server: &Server) -> Result<()> {
    for isolation in ISOLATIONS {
        let (store, ana, ben) = set(server, isolation).await?;
        let superuser = store.superuser().await?;
        let ask = Ask::on(1);
        ana.run("begin").await?;
        ana.open(&Ask::on(1)).await?;
        let (created, killed) = tokio::join!(settled(&ben, &ask, isolation), async {
            store.until_blocked(ben.process()).await?;
            let kill = "select pg_terminate_backend($1)";
            Ok::<bool, Box<dyn std::error::Error + Send + Sync>>(
                superuser.query_one(kill, &[&ana.process()]).await?.get(0),
            )
        });
        assert!(killed?);
        assert_eq!(created?.outcome, "created", "{isolation}: a dead register does not hold the shift");
        assert_eq!(open_sessions(&store).await?, 1);
    }
    Ok(())
}

async fn open_gives_up_after_the_lock_timeout(server: &Server) -> Result<()> {
    let (store, ana, ben) = set(server, "read committed").await?;
    ana.run("begin").await?;
    ana.open(&Ask::on(1)).await?;
    let began = std::time::Instant::now();
    let Err(refusal) = ben.open(&Ask::on(1)).await else { return Err("it did not wait".into()) };
    let waited = began.elapsed();
    assert_eq!((refusal.code.as_str(), refusal.status), ("POS_REGISTER_BUSY", Some(503)));
    assert_eq!(refusal.headers["Retry-After"], "1");
    assert!(waited >= std::time::Duration::from_millis(1900), "it waits its two seconds: {waited:?}");
    ana.run("commit").await?;
    assert_eq!(ben.open(&Ask::on(1)).await?.outcome, "joined", "and asking again is right");
    assert_eq!(open_sessions(&store).await?, 1);
    Ok(())
}

async fn open_meets_close(server: &Server) -> Result<()> {
    for isolation in ISOLATIONS {
        let (store, ana, ben) = set(server, isolation).await?;
        let first = ana.open(&Ask::on(1)).await?;
        ana.run("begin").await?;
        ana.call("pos_end_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": first.session})).await?;
        // With a key of its own a join must be written down, so it meets the one who ends.
        let ask = Ask::on(1).key(Uuid::new_v4());
        let next = behind(&store, &ana, "commit", &ben, settled(&ben, &ask, isolation)).await??;
        assert_eq!(next.outcome, "created", "{isolation}");
        assert_ne!(next.session, first.session);
        assert_eq!(open_sessions(&store).await?, 1);
    }
    Ok(())
}

async fn join_meets_close(server: &Server) -> Result<()> {
    for isolation in ISOLATIONS {
        let (store, ana, ben) = set(server, isolation).await?;
        let first = ana.open(&Ask::on(1)).await?;
        let key = Uuid::new_v4();
        ben.run("begin").await?;
        assert_eq!(ben.open(&Ask::on(1).key(key)).await?.outcome, "joined");
        let end = json!({"p_key": Uuid::new_v4(), "p_session_id": first.session});
        let ended =
            behind(&store, &ben, "commit", &ana, called(&ana, "pos_end_session", &end, isolation)).await??;
        assert_eq!(ended["outcome"], "ended", "{isolation}");
        let late = ben.open(&Ask::on(1).key(key)).await?;
        assert_eq!(
            (late.session, late.outcome.as_str()),
            (first.session, "replayed"),
            "the join was on record before the end"
        );
        assert_eq!(open_sessions(&store).await?, 0);
    }
    Ok(())
}

async fn the_same_intent_meets_itself(server: &Server) -> Result<()> {
    for isolation in ISOLATIONS {
        let (store, ana, _) = set(server, isolation).await?;
        let again = store.desk(Caller::ANA).await?;
        let ask = Ask::on(1).key(Uuid::new_v4());
        ana.run("begin").await?;
        let first = ana.open(&ask).await?;
        let retry = behind(&store, &ana, "commit", &again, settled(&again, &ask, isolation)).await??;
        assert_eq!((retry.session, retry.outcome.as_str()), (first.session, "replayed"), "{isolation}");
    }
    Ok(())
}

fn pay_out(session: Uuid, id: Uuid) -> Value {
    json!({"p_id": id, "p_session_id": session, "p_type": "pay_out", "p_amount": "10.00", "p_reason": "ice", "p_note": null})
}

async fn movement_meets_close(server: &Server) -> Result<()> {
    for isolation in ISOLATIONS {
        let (store, ana, ben) = set(server, isolation).await?;
        let session = ana.open(&Ask::on(1)).await?.session;
        ana.run("begin").await?;
        ana.call("pos_end_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": session})).await?;
        let movement = pay_out(session, Uuid::new_v4());
        let late =
            behind(&store, &ana, "commit", &ben, called(&ben, "pos_record_movement", &movement, isolation))
                .await?;
        assert_eq!(
            late.err().map(|refusal| refusal.code).unwrap_or_default(),
            "POS_SESSION_OVER",
            "{isolation}"
        );
    }
    Ok(())
}

async fn close_meets_movement(server: &Server) -> Result<()> {
    let (store, ana, ben) = set(server, "read committed").await?;
    let session = ana.open(&Ask::on(1)).await?.session;
    let count = Uuid::new_v4();
    let counted = json!({"p_id": count, "p_session_id": session, "p_kind": "closing", "p_amount": "190", "p_note": null});
    ana.call("pos_commit_count", &counted).await?;
    ben.run("begin").await?;
    ben.call("pos_record_movement", &pay_out(session, Uuid::new_v4())).await?;
    let close = json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_count_id": count});
    let z = behind(&store, &ben, "commit", &ana, ana.call("pos_close_session", &close)).await??;
    assert_eq!(z["z_report"]["expected_cash"], "190.00", "the close waited for the movement");
    assert_eq!(z["z_report"]["cash_difference"], "0.00");
    Ok(())
}

async fn an_old_snapshot_closes_and_cancels_nothing(server: &Server) -> Result<()> {
    // Behind a lock an old snapshot misses exactly the movement that held the lock.
    let (store, ana, ben) = set(server, "repeatable read").await?;
    let session = ana.open(&Ask::on(1)).await?.session;
    let count = Uuid::new_v4();
    ana.call(
        "pos_commit_count",
        &json!({"p_id": count, "p_session_id": session, "p_kind": "closing", "p_amount": "190"}),
    )
    .await?;
    ben.call("pos_record_movement", &pay_out(session, Uuid::new_v4())).await?;
    let close = json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_count_id": count});
    let cancel = json!({"p_key": Uuid::new_v4(), "p_session_id": session});
    for (function, arguments) in [("pos_close_session", &close), ("pos_cancel_session", &cancel)] {
        let refusal =
            ana.call(function, arguments).await.err().map(|refusal| refusal.code).unwrap_or_default();
        assert_eq!(refusal, "POS_BAD_ISOLATION", "{function}");
    }
    // As the REST endpoint starts it, because the function pins it.
    ana.run("begin isolation level read committed").await?;
    assert_eq!(ana.call("pos_close_session", &close).await?["outcome"], "closed");
    ana.run("commit").await?;
    assert_eq!(open_sessions(&store).await?, 0);
    Ok(())
}

async fn close_meets_close(server: &Server) -> Result<()> {
    let (store, ana, ben) = set(server, "read committed").await?;
    let session = ana.open(&Ask::on(1)).await?.session;
    let mut closes = Vec::new();
    for (desk, amount) in [(&ana, "200"), (&ben, "199")] {
        let count = Uuid::new_v4();
        let arguments =
            json!({"p_id": count, "p_session_id": session, "p_kind": "closing", "p_amount": amount});
        desk.call("pos_commit_count", &arguments).await?;
        closes.push(json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_count_id": count}));
    }
    let [first, second] = closes.as_slice() else { return Err("two closes".into()) };
    ana.run("begin").await?;
    let z = ana.call("pos_close_session", first).await?;
    let again = behind(&store, &ana, "commit", &ben, ben.call("pos_close_session", second)).await??;
    assert_eq!((z["outcome"].as_str(), again["outcome"].as_str()), (Some("closed"), Some("already_closed")));
    assert_eq!(z["z_report"], again["z_report"], "there is one Z report");
    assert_eq!(ana.call("pos_close_session", first).await?["outcome"], "replayed");
    Ok(())
}

async fn a_movement_sent_twice_meets_the_close_between(server: &Server) -> Result<()> {
    // The first sending is under way, a close waits for it, and the second sending arrives behind both.
    let (store, ana, ben) = set(server, "read committed").await?;
    let closer = store.desk(Caller::MIA).await?;
    let session = ana.open(&Ask::on(1)).await?.session;
    let movement = pay_out(session, Uuid::new_v4());
    ana.run("begin").await?;
    ana.call("pos_record_movement", &movement).await?;
    let end = json!({"p_key": Uuid::new_v4(), "p_session_id": session});
    let (ended, again, released) = tokio::join!(
        closer.call("pos_end_session", &end),
        async {
            store.until_blocked(closer.process()).await?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(
                ben.call("pos_record_movement", &movement).await,
            )
        },
        async {
            store.until_blocked(closer.process()).await?;
            store.until_blocked(ben.process()).await?;
            ana.run("commit").await?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        }
    );
    released?;
    assert_eq!(ended?["outcome"], "ended");
    assert_eq!(
        again??["outcome"], "replayed",
        "what was recorded is not refused because the shift ended since"
    );
    Ok(())
}

async fn a_join_does_not_hold_up_a_row_that_names_the_register(server: &Server) -> Result<()> {
    let (store, ana, ben) = set(server, "read committed").await?;
    ana.open(&Ask::on(1)).await?;
    let superuser = store.superuser().await?;
    superuser.batch_execute("create table receipts (register_id uuid references pos_registers (id)); set lock_timeout = '1ms'").await?;
    // A plain join, a join that is written down, and even an open: none blocks an insert that names the register.
    let asks = [Ask::on(1), Ask::on(1).key(Uuid::new_v4()), Ask::on(2)];
    for ask in asks {
        ben.run("begin").await?;
        ben.open(&ask).await?;
        let insert =
            "insert into receipts select id from pos_registers where register_number in ('R1', 'R2')";
        superuser.batch_execute(insert).await?;
        ben.run("rollback").await?;
    }
    Ok(())
}

/// A sale of this much without tax, in cash.
fn sale(cents: i64) -> Value {
    Cart::of(&[Line::of(1, cents).taxed(None)]).arguments()
}

async fn the_last_piece_comes_back_at_two_registers_at_once(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (ana, ben) = (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?);
    let (mut here, there) = (shift(&ana, 1).await?, shift(&ben, 2).await?);
    let sold = here.press(&ana, Cart::of(&[Line::of(3, 333)]).arguments()).await?["sale"]["id"].clone();
    here.press(&ana, refund(&receipt(&ana, &sold).await?, &[(1, 2_000)], false)).await?;
    let last = refund(&receipt(&ana, &sold).await?, &[(1, 1_000)], false);
    for void_too in [false, true] {
        let (first, second) = (here.clone().seal(last.clone()), there.clone().seal(last.clone()));
        ana.run("begin").await?;
        assert_eq!(here.send(&ana, &first).await?["outcome"], "recorded");
        let ending = if void_too { "commit" } else { "rollback" };
        let answer = behind(&store, &ana, ending, &ben, there.send(&ben, &second)).await?;
        if void_too {
            assert_eq!(answer.err().map(|refusal| refusal.code).as_deref(), Some("POS_NOTHING_LEFT"));
        } else {
            // The first was taken back: then the second is the one. It is taken back, too, for the other turn.
            assert_eq!(answer?["outcome"], "recorded");
            let undo = format!(
                "begin; set local session_replication_role = replica; delete from pos_sale_lines where sale_id = '{0}'; delete from pos_sale_taxes where sale_id = '{0}';
                 delete from pos_sale_tenders where sale_id = '{0}'; delete from pos_sales where id = '{0}'; commit",
                second["p_id"].as_str().unwrap_or_default()
            );
            store.superuser().await?.batch_execute(&undo).await?;
        }
    }
    Ok(())
}

async fn a_void_meets_a_refund(server: &Server) -> Result<()> {
    for void_first in [true, false] {
        let store = shop(server).await?;
        let (ana, ben) = (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?);
        let (mut here, mut there) = (shift(&ana, 1).await?, shift(&ben, 2).await?);
        let sold = here.press(&ana, sale(1_000)).await?["sale"]["id"].clone();
        let told = receipt(&ana, &sold).await?;
        let voided = here.seal(void(&told));
        let returned = there.seal(refund(&told, &[(1, 1_000)], false));
        let expected = if void_first { "POS_ALREADY_VOIDED" } else { "POS_NOTHING_LEFT" };
        let lost = if void_first {
            ana.run("begin").await?;
            here.send(&ana, &voided).await?;
            behind(&store, &ana, "commit", &ben, there.send(&ben, &returned)).await?
        } else {
            ben.run("begin").await?;
            there.send(&ben, &returned).await?;
            behind(&store, &ben, "commit", &ana, here.send(&ana, &voided)).await?
        };
        assert_eq!(lost.err().map(|refusal| refusal.code).as_deref(), Some(expected));
    }
    Ok(())
}

async fn a_sale_meets_a_close(server: &Server) -> Result<()> {
    for sale_first in [true, false] {
        let store = shop(server).await?;
        let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
        let mut till = shift(&ana, 1).await?;
        let count = Uuid::new_v4();
        let counted =
            json!({"p_id": count, "p_session_id": till.session, "p_kind": "closing", "p_amount": "210"});
        mia.call("pos_commit_count", &counted).await?;
        let close = json!({"p_key": Uuid::new_v4(), "p_session_id": till.session, "p_count_id": count, "p_reason": "as counted"});
        if sale_first {
            ana.run("begin").await?;
            till.press(&ana, sale(1_000)).await?;
            let z = behind(&store, &ana, "commit", &mia, mia.call("pos_close_session", &close)).await??["z_report"].clone();
            assert_eq!(
                (&z["expected_cash"], &z["sales"]["count"]),
                (&json!("210.00"), &json!(1)),
                "the close waited for the sale"
            );
        } else {
            mia.run("begin").await?;
            let z = mia.call("pos_close_session", &close).await?["z_report"].clone();
            let late = behind(&store, &mia, "commit", &ana, till.press(&ana, sale(1_000))).await??;
            assert_eq!(
                (&z["expected_cash"], &late["outcome"]),
                (&json!("200.00"), &json!("late")),
                "the sale waited for the close"
            );
        }
    }
    Ok(())
}

async fn one_sale_sent_twice_at_once_is_one(server: &Server) -> Result<()> {
    for isolation in ISOLATIONS {
        let (store, ana, ben) = set_shop(server, isolation).await?;
        // A direct caller outside READ COMMITTED is told so; as the endpoint starts it, each waits for the other.
        let begin = "begin isolation level read committed";
        ana.run(begin).await?;
        let mut till = shift(&ana, 1).await?;
        ana.run("commit").await?;
        let sealed = till.seal(sale(100));
        ana.run(begin).await?;
        assert_eq!(till.send(&ana, &sealed).await?["outcome"], "recorded", "{isolation}");
        ben.run(begin).await?;
        let again = behind(&store, &ana, "commit", &ben, till.send(&ben, &sealed)).await??;
        ben.run("commit").await?;
        assert_eq!(again["outcome"], "replayed", "{isolation}");
    }
    Ok(())
}

/// The same store, with connections that start at this isolation level.
async fn set_shop<'s>(server: &'s Server, isolation: &str) -> Result<(Database<'s>, Desk, Desk)> {
    let store = shop(server).await?;
    let statement = format!(
        "do $$ begin execute format('alter database %I set default_transaction_isolation = ''{isolation}''', current_database()); end $$"
    );
    store.superuser().await?.batch_execute(&statement).await?;
    let (ana, ben) = (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?);
    Ok((store, ana, ben))
}

async fn an_old_snapshot_sells_nothing(server: &Server) -> Result<()> {
    let (_store, ana, _) = set_shop(server, "repeatable read").await?;
    ana.run("begin isolation level read committed").await?;
    let mut till = shift(&ana, 1).await?;
    ana.run("commit").await?;
    // Behind a lock it would miss exactly the refund that held the lock.
    let refusal = till.press(&ana, sale(100)).await.err().map(|refusal| refusal.code);
    assert_eq!(refusal.as_deref(), Some("POS_BAD_ISOLATION"));
    Ok(())
}

async fn sales_movements_and_web_sales_of_one_shift_wait_for_each_other(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (ana, ben, service) =
        (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?, store.desk(Caller::Service).await?);
    let mut here = shift(&ana, 1).await?;
    let mut there = Till::take(&ben, here.session, Uuid::new_v4()).await?;
    let session = here.session;
    let web = format!(
        "update pos_sessions set total_sales = total_sales + 1, total_cash = total_cash + 1 where id = '{session}'"
    );
    // Each order of two of them, with the first still under way.
    ana.run("begin").await?;
    here.press(&ana, sale(100)).await?;
    behind(&store, &ana, "commit", &ben, there.press(&ben, sale(200))).await??;
    ana.run("begin").await?;
    here.press(&ana, sale(300)).await?;
    behind(&store, &ana, "commit", &ben, ben.call("pos_record_movement", &pay_out(session, Uuid::new_v4())))
        .await??;
    ben.run("begin").await?;
    ben.call("pos_record_movement", &pay_out(session, Uuid::new_v4())).await?;
    behind(&store, &ben, "commit", &ana, here.press(&ana, sale(400))).await??;
    service.run("begin").await?;
    service.run(&web).await?;
    behind(&store, &service, "commit", &ana, here.press(&ana, sale(500))).await??;
    ana.run("begin").await?;
    here.press(&ana, sale(600)).await?;
    behind(&store, &ana, "commit", &service, service.run(&web)).await??;
    let mia = store.desk(Caller::MIA).await?;
    let x = mia.call("pos_x_report", &json!({"p_session_id": session})).await?;
    assert_eq!(
        (&x["totals"]["total_cash"], &x["expected_cash"], &x["other_clients"]["total_cash"]),
        (&json!("23.00"), &json!("203.00"), &json!("2.00"))
    );
    Ok(())
}

async fn a_sale_holds_up_neither_joins_nor_opens_nor_polls(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (ana, ben) = (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?);
    let mut till = shift(&ana, 1).await?;
    ben.open(&Ask::on(1)).await?;
    ana.run("begin").await?;
    till.press(&ana, sale(100)).await?;
    // A lock that they waited for would be refused after a moment, or never be given.
    ben.run("set lock_timeout = '1ms'").await?;
    assert_eq!(ben.open(&Ask::on(1)).await?.outcome, "joined");
    assert_eq!(ben.open(&Ask::on(2)).await?.outcome, "created");
    let poll = json!({"p_session_id": till.session});
    ben.call_from(&json!({"x-device-id": till.device, "x-last-receipt": "9"}), "pos_session", &poll).await?;
    ben.call("pos_x_report", &poll).await?;
    ana.run("commit").await?;
    // What the poll told while the sale was under way, the next one tells again.
    ben.call_from(&json!({"x-device-id": till.device, "x-last-receipt": "9"}), "pos_session", &poll).await?;
    let x = ben.call("pos_x_report", &poll).await?;
    assert_eq!(x["receipts"][0]["missing"], 8);
    Ok(())
}

async fn a_late_receipt_meets_the_next_close(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let mut till = shift(&ana, 1).await?;
    let close = async |session: Uuid| -> Result<Value> {
        mia.call("pos_end_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": session})).await?;
        let close = json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_reason": "Nobody counted"});
        Ok(mia.call("pos_close_session", &close).await?["z_report"]["addendum"].clone())
    };
    close(till.session).await?;
    let next = mia.open(&Ask::on(1)).await?.session;
    // It comes in while the next shift is closed, and is not seen yet: then the one after tells of it.
    ana.run("begin").await?;
    assert_eq!(till.press(&ana, sale(100)).await?["outcome"], "late");
    assert_eq!(close(next).await?, json!([]), "and the close does not wait for it");
    ana.run("commit").await?;
    let after = mia.open(&Ask::on(1)).await?.session;
    assert_eq!(close(after).await?.as_array().map(Vec::len), Some(1));
    let last = mia.open(&Ask::on(1)).await?.session;
    assert_eq!(close(last).await?, json!([]), "once");
    Ok(())
}

async fn two_devices_ask_for_a_letter_at_once(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (ana, ben) = (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?);
    let session = ana.open(&Ask::on(1)).await?.session;
    ana.run("begin").await?;
    let first = Till::take(&ana, session, Uuid::from_u128(1)).await?;
    let second =
        behind(&store, &ana, "commit", &ben, Till::take(&ben, session, Uuid::from_u128(2))).await??;
    assert_eq!((first.number, second.number), (1, 2));
    Ok(())
}
