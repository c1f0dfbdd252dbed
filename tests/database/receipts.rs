//! Receipts as a chain: which have not arrived, which were changed or came out of order, which came late, and what the
//! sheets say of all that.

use onetill_tests::Result;
use onetill_tests::database::desk::{Ask, Caller, Desk};
use onetill_tests::database::till::{Cart, Line, Till, void};
use onetill_tests::database::{Database, MAIN, Server, VENDOR, register};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::selling::{code, expected, receipt, rules, shift, shop, totals};

crate::tests![
    what_has_not_arrived_is_said,
    a_repeated_number_and_a_broken_chain_are_flagged,
    what_was_changed_behind_the_functions_is_found,
    late_receipts_stand_beside_the_settled_shift,
    late_receipts_of_every_end_of_a_shift,
    the_sheets_add_up_what_was_sold,
    receipts_are_listed_page_by_page,
    old_months_are_taken_away_only_when_the_shop_said_so,
];

fn cart(cents: i64) -> Value {
    Cart::of(&[Line::of(1, cents).taxed(None)]).arguments()
}

async fn poll(desk: &Desk, till: &Till) -> Result<()> {
    desk.call_from(&till.headers(), "pos_session", &json!({"p_session_id": till.session})).await?;
    Ok(())
}

/// What X, board and day say of the receipts of register 1, which must be the same.
async fn missing(mia: &Desk, session: Uuid) -> Result<(i64, Vec<String>)> {
    let x = mia.call("pos_x_report", &json!({"p_session_id": session})).await?["receipts"][0].clone();
    let board = mia.call("pos_board", &json!({"p_location_id": MAIN})).await?;
    let day = mia.call("pos_day", &json!({"p_location_id": MAIN})).await?;
    let told = |of: &Value| {
        let numbers = of["missing_numbers"].as_array().into_iter().flatten();
        (
            of["missing"].as_i64().unwrap_or_default(),
            numbers.map(|number| number.as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>(),
        )
    };
    let first = board["registers"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|one| one["register_number"] == "R1")
        .cloned()
        .unwrap_or_default();
    assert_eq!(told(&first["receipts"][0]), told(&x), "board and X");
    assert_eq!(told(&day["receipts"][0]), told(&x), "day and X");
    Ok(told(&x))
}

async fn what_has_not_arrived_is_said(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (ana, mia) = (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?);
    let mut till = shift(&ana, 1).await?;
    till.press(&ana, cart(100)).await?;
    let none = || (0, Vec::new());
    assert_eq!(missing(&mia, till.session).await?, none());
    // Four are made while the network is bad; a poll gets through.
    let waiting: Vec<Value> = (0..4).map(|_| till.seal(cart(100))).collect();
    poll(&ana, &till).await?;
    let numbers = |of: &[u32]| of.iter().map(|number| format!("R1-A-{number:06}")).collect::<Vec<_>>();
    assert_eq!(missing(&mia, till.session).await?, (4, numbers(&[2, 3, 4, 5])));
    // They arrive in any order, and none is asked for twice.
    for (index, left) in [(2, vec![2, 3, 5]), (0, vec![3, 5]), (3, vec![3]), (1, vec![])] {
        let answer = till.send(&ana, &waiting[index]).await?;
        assert_eq!(
            (&answer["outcome"], &answer["sale"]["flags"]),
            (&json!("recorded"), &json!([])),
            "{index}"
        );
        let told = missing(&mia, till.session).await?;
        assert_eq!(told, (i64::try_from(left.len())?, numbers(&left)), "after {index}");
    }
    // A sale tells of later ones, too; what somebody else tells in its name does not count, nor does nonsense.
    let (first, second) = (till.seal(cart(100)), till.seal(cart(100)));
    till.send(&ana, &first).await?;
    assert_eq!(missing(&mia, till.session).await?, (1, numbers(&[7])));
    for (device, number) in
        [(till.device, "-1"), (till.device, "1e9"), (Uuid::new_v4(), "900"), (till.device, "3")]
    {
        let headers = json!({"x-device-id": device, "x-last-receipt": number});
        ana.call_from(&headers, "pos_session", &json!({"p_session_id": till.session})).await?;
    }
    assert_eq!(missing(&mia, till.session).await?, (1, numbers(&[7])));
    // The Z says it, and keeps saying what was so when it was written.
    let z = close(&ana, till.session, "206.00").await?;
    assert_eq!(
        (&z["receipts"][0]["missing"], &z["receipts"][0]["missing_numbers"]),
        (&json!(1), &json!(numbers(&[7])))
    );
    assert_eq!(
        (&z["receipts"][0]["first"], &z["receipts"][0]["last"]),
        (&json!("R1-A-000001"), &json!("R1-A-000006"))
    );
    assert_eq!(code(&till.send(&ana, &second).await), "late");
    let again = mia.call("pos_z_report", &json!({"p_session_id": till.session})).await?["z_report"].clone();
    assert_eq!(again, z);
    let health = mia.call("pos_health", &json!({})).await?;
    assert_eq!(health["healthy"], true, "{health}");
    Ok(())
}

/// Counts and closes; the Z report.
async fn close(desk: &Desk, session: Uuid, amount: &str) -> Result<Value> {
    let count = Uuid::new_v4();
    desk.call(
        "pos_commit_count",
        &json!({"p_id": count, "p_session_id": session, "p_kind": "closing", "p_amount": amount}),
    )
    .await?;
    let close = json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_count_id": count, "p_reason": "as counted"});
    Ok(desk.call("pos_close_session", &close).await?["z_report"].clone())
}

async fn a_repeated_number_and_a_broken_chain_are_flagged(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let ana = store.desk(Caller::ANA).await?;
    let mut till = shift(&ana, 1).await?;
    till.press(&ana, cart(100)).await?;
    // A disk was cloned: both go on from here under one device.
    let mut twin = till.clone();
    till.press(&ana, cart(200)).await?;
    let flags = async |till: &mut Till, cart: Value| -> Result<Value> {
        Ok(till.press(&ana, cart).await?["sale"]["flags"].clone())
    };
    assert_eq!(flags(&mut twin, cart(300)).await?, json!(["number_repeated", "chain_broken"]));
    assert_eq!(flags(&mut till, cart(400)).await?, json!([]), "the one whose chain goes on is right");
    // A hash that does not follow, and one whose content is another.
    let mut sealed = till.clone().seal(cart(500));
    sealed["p_receipt"]["prev_hash"] = json!("11".repeat(32));
    assert_eq!(till.send(&ana, &sealed).await?["sale"]["flags"], json!(["chain_broken"]));
    let mut other = shift(&ana, 2).await?;
    let mut sealed = other.seal(cart(500));
    sealed["p_receipt"]["hash"] = json!("11".repeat(32));
    assert_eq!(other.send(&ana, &sealed).await?["sale"]["flags"], json!(["chain_broken"]));
    let mut third = shift(&ana, 3).await?;
    let mut sealed = third.seal(cart(500));
    sealed["p_receipt"]["prev_hash"] = json!("11".repeat(32));
    assert_eq!(
        third.send(&ana, &sealed).await?["sale"]["flags"],
        json!(["chain_broken"]),
        "the first follows from nothing"
    );
    // One that comes after its successor must fit before it.
    let mut fourth = shift(&ana, 4).await?;
    let first = fourth.seal(cart(100));
    let mut lie = first.clone();
    lie["p_lines"][0]["name"] = json!("Something else");
    let second = fourth.seal(cart(200));
    assert_eq!(fourth.send(&ana, &second).await?["sale"]["flags"], json!([]));
    assert_eq!(fourth.send(&ana, &lie).await?["sale"]["flags"], json!(["chain_broken"]));
    Ok(())
}

async fn what_was_changed_behind_the_functions_is_found(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let mia = store.desk(Caller::MIA).await?;
    let mut till = shift(&mia, 1).await?;
    let mut ids = Vec::new();
    for cents in [100, 200, 300, 400] {
        let mut sale = Cart::of(&[Line::of(1, cents)]).card(50).arguments();
        if cents == 300 {
            sale["p_recorded_by"] = json!(Caller::MIA.id());
            sale["p_note"] = json!("Two bags");
            sale["p_device_time"] = json!("2026-11-30T12:00:00.123456Z");
        }
        ids.push(till.press(&mia, sale).await?["sale"]["id"].clone());
    }
    let superuser = store.superuser().await?;
    let problems = async || -> Result<Vec<String>> {
        let rows = superuser
            .query("select number || ': ' || problem from onetill.audit('2000-01-01') order by 1", &[])
            .await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    };
    assert_eq!(problems().await?, Vec::<String>::new());
    let past = |sql: &str| format!("begin; set local session_replication_role = replica; {sql}; commit");
    let id = |index: usize| ids.get(index).and_then(Value::as_str).unwrap_or_default().to_owned();
    for (sql, undo, found) in [
        (
            format!("update pos_sale_lines set name = 'Coffee' where sale_id = '{}'", id(1)),
            format!("update pos_sale_lines set name = 'Tea' where sale_id = '{}'", id(1)),
            vec!["R1-A-000002: changed since it was recorded"],
        ),
        (
            format!("update pos_sales set note = null where id = '{}'", id(2)),
            format!("update pos_sales set note = 'Two bags' where id = '{}'", id(2)),
            vec!["R1-A-000003: changed since it was recorded"],
        ),
        (
            format!(
                "update pos_sessions set ledger_cash = ledger_cash - 1, total_cash = total_cash - 1 where id = '{}'",
                till.session
            ),
            format!(
                "update pos_sessions set ledger_cash = ledger_cash + 1, total_cash = total_cash + 1 where id = '{}'",
                till.session
            ),
            vec!["R1-000001: the ledger of this shift does not add up"],
        ),
    ] {
        superuser.batch_execute(&past(&sql)).await?;
        assert_eq!(problems().await?, found, "{sql}");
        superuser.batch_execute(&past(&undo)).await?;
        assert_eq!(problems().await?, Vec::<String>::new());
    }
    let healthy =
        async || -> Result<bool> { Ok(mia.call("pos_health", &json!({})).await?["healthy"] == true) };
    assert!(healthy().await?);
    superuser.batch_execute(&past(&format!("delete from pos_sale_lines where sale_id = '{0}'; delete from pos_sale_taxes where sale_id = '{0}'; delete from pos_sale_tenders where sale_id = '{0}'; delete from pos_sales where id = '{0}'", id(1)))).await?;
    assert_eq!(
        problems().await?,
        [
            "R1-000001: the ledger of this shift does not add up",
            "R1-A-000003: the entry before it is not here"
        ]
    );
    assert!(!healthy().await?, "health sees that the ledger of an open shift does not add up");
    let x = mia.call("pos_x_report", &json!({"p_session_id": till.session})).await?;
    assert_eq!(x["ledger_agrees"], false);
    Ok(())
}

/// Two devices on one drawer; one sells offline, a manager counts and closes, and the other one comes back.
async fn late_receipts_stand_beside_the_settled_shift(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (ana, ben, mia) =
        (store.desk(Caller::ANA).await?, store.desk(Caller::BEN).await?, store.desk(Caller::MIA).await?);
    let mut here = shift(&ana, 1).await?;
    let session = here.session;
    ben.open(&Ask::on(1).device(Uuid::from_u128(2))).await?;
    let mut away = Till::take(&ben, session, Uuid::from_u128(2)).await?;
    here.press(&ana, cart(5_000)).await?;
    let waiting: Vec<Value> = [1_200, 800, 3_000].into_iter().map(|cents| away.seal(cart(cents))).collect();
    mia.call("pos_end_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": session, "p_force": true}))
        .await?;
    let z = close(&mia, session, "300.00").await?;
    let seen = |z: &Value| {
        (
            z["expected_cash"].clone(),
            z["counted_cash"].clone(),
            z["cash_difference"].clone(),
            z["approved_by_name"].clone(),
        )
    };
    assert_eq!(seen(&z), (json!("250.00"), json!("300.00"), json!("50.00"), json!("Mia")));
    let settled: Value = row(&store, session).await?;
    for sealed in &waiting {
        let answer = away.send(&ben, sealed).await?;
        assert_eq!(
            (&answer["outcome"], &answer["sale"]["late"], &answer["sale"]["flags"]),
            (&json!("late"), &json!(true), &json!(["late"]))
        );
        assert_eq!(code(&away.send(&ben, sealed).await), "replayed");
    }
    assert_eq!(row(&store, session).await?, settled, "the settled row holds still");
    assert_eq!(
        mia.call("pos_z_report", &json!({"p_session_id": session})).await?["z_report"],
        z,
        "and so does its Z"
    );
    assert_eq!(
        totals(&store, session).await?,
        "50.00 50.00 0.00 1/1 refunds 0.00; ledger 50.00 50.00 0.00 1"
    );
    // On the day and on the board.
    let cash = |late: &Value| {
        late.as_array()
            .into_iter()
            .flatten()
            .map(|one| one["net_cash"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    let day = mia.call("pos_day", &json!({"p_location_id": MAIN})).await?;
    assert_eq!(cash(&day["late"]), ["12.00", "8.00", "30.00"]);
    assert_eq!(
        (&day["sales"]["count"], &day["sales"]["total"]),
        (&json!(1), &json!("50.00")),
        "beside what came in time"
    );
    let x = mia.call("pos_x_report", &json!({"p_session_id": session})).await?;
    assert_eq!(
        (cash(&x["late"]), &x["ledger_agrees"]),
        (vec!["12.00".into(), "8.00".into(), "30.00".into()], &json!(true))
    );
    let board = async || -> Result<Vec<String>> {
        let board = mia.call("pos_board", &json!({"p_location_id": MAIN})).await?;
        let first = board["registers"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|one| one["id"] == json!(register(1)))
            .cloned()
            .unwrap_or_default();
        Ok(first["flags"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| {
                format!(
                    "{} {}",
                    one["flag"].as_str().unwrap_or_default(),
                    one["net_cash"].as_str().unwrap_or_default()
                )
            })
            .collect())
    };
    assert_eq!(board().await?, ["late 12.00", "late 8.00", "late 30.00"]);
    // In the next Z of the register, once.
    for (float, told) in [("300.00", vec!["12.00", "8.00", "30.00"]), ("300.00", vec![])] {
        let next = ana.open(&Ask::on(1).cash(float)).await?.session;
        let z = close(&ana, next, float).await?;
        assert_eq!(cash(&z["addendum"]), told);
        assert_eq!((&z["sales"]["count"], &z["late"]), (&json!(0), &json!([])));
    }
    // Until a manager has settled each; who settled it is answered again, whatever they may do by now.
    let id = |index: usize| waiting.get(index).map(|sealed| sealed["p_id"].clone()).unwrap_or_default();
    let settle =
        |index: usize| json!({"p_sale_id": id(index), "p_flag": "late", "p_note": "Found in the bag"});
    assert_eq!(code(&ana.call("pos_settle_flag", &settle(0)).await), "POS_MANAGER_REQUIRED");
    assert_eq!(code(&mia.call("pos_settle_flag", &settle(0)).await), "settled");
    assert_eq!(code(&mia.call("pos_settle_flag", &settle(0)).await), "replayed");
    assert_eq!(
        code(
            &mia.call("pos_settle_flag", &json!({"p_sale_id": id(1), "p_flag": "clock_off", "p_note": null}))
                .await
        ),
        "POS_SALE_NOT_FOUND"
    );
    assert_eq!(board().await?, ["late 8.00", "late 30.00"]);
    mia.call("pos_settle_flag", &settle(1)).await?;
    mia.call("pos_settle_flag", &settle(2)).await?;
    assert_eq!(board().await?, Vec::<String>::new());
    let day = mia.call("pos_day", &json!({"p_location_id": MAIN})).await?;
    assert_eq!(cash(&day["late"]).len(), 3, "the day keeps them");
    let flags: Vec<[&str; 3]> = (day["flags"].as_array().into_iter().flatten())
        .map(|one| ["by_name", "settled_by_name", "note"].map(|name| one[name].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(flags, [["Ben", "Mia", "Found in the bag"]; 3], "with both names");
    Ok(())
}

async fn row(store: &Database<'_>, session: Uuid) -> Result<Value> {
    Ok(store
        .superuser()
        .await?
        .query_one("select to_jsonb(s) from pos_sessions s where id = $1", &[&session])
        .await?
        .get(0))
}

async fn late_receipts_of_every_end_of_a_shift(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (ana, mia, service) =
        (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?, store.desk(Caller::Service).await?);
    // While somebody counts a cart may be finished, and after an end without a count the totals still move.
    let mut till = shift(&ana, 1).await?;
    mia.call("pos_begin_count", &json!({"p_key": Uuid::new_v4(), "p_session_id": till.session})).await?;
    assert_eq!(code(&till.press(&ana, cart(100)).await), "recorded");
    mia.call("pos_end_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": till.session})).await?;
    assert_eq!(code(&till.press(&ana, cart(100)).await), "recorded");
    assert_eq!(expected(&mia, till.session).await?, "202.00");
    mia.call(
        "pos_close_session",
        &json!({"p_key": Uuid::new_v4(), "p_session_id": till.session, "p_reason": "Nobody counted"}),
    )
    .await?;
    let sold = till.press(&ana, cart(100)).await?;
    assert_eq!(sold["outcome"], "late");
    // A late void of a late receipt stands beside, too.
    assert_eq!(code(&till.press(&ana, void(&receipt(&ana, &sold["sale"]["id"]).await?)).await), "late");
    // Cancelled, because nothing had arrived.
    let mut till = shift(&ana, 2).await?;
    let waiting = till.seal(cart(100));
    mia.call("pos_cancel_session", &json!({"p_key": Uuid::new_v4(), "p_session_id": till.session})).await?;
    assert_eq!(code(&till.send(&ana, &waiting).await), "late");
    // Closed by a web client, which updates the row.
    let mut till = shift(&ana, 3).await?;
    till.press(&ana, cart(100)).await?;
    service.run(&format!("update pos_sessions set status = 'closed', closing_cash = 201, closed_at = now() where id = '{}'", till.session)).await?;
    assert_eq!(code(&till.press(&ana, cart(100)).await), "late");
    let next = ana.open(&Ask::on(3)).await?.session;
    service.run(&format!("update pos_sessions set status = 'closed', closing_cash = 200, closed_at = now() where id = '{next}'")).await?;
    let z = mia.call("pos_z_report", &json!({"p_session_id": next})).await?["z_report"].clone();
    assert_eq!(z["addendum"].as_array().map(Vec::len), Some(1), "told in the next Z, whoever closes: {z}");
    Ok(())
}

async fn the_sheets_add_up_what_was_sold(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (ana, mia, owner) =
        (store.desk(Caller::ANA).await?, store.desk(Caller::MIA).await?, store.desk(Caller::OLA).await?);
    rules(&owner, json!({"cash_step": "0.05", "other_tenders": ["Voucher"]})).await?;
    let mut till = shift(&ana, 1).await?;
    let rates = [("A", "state", 4_750), ("A", "county", 2_500), ("B", "state", 10_000)];
    let mixed = |cart: Cart| cart.rates(&rates).step(5);
    let first = mixed(Cart::of(&[Line::of(3, 333).less(99), Line::of(1, 1000).taxed(Some("B"))])).card(500);
    let sold = till.press(&ana, first.arguments()).await?["sale"]["id"].clone();
    let second = Cart { other: 300, ..mixed(Cart::of(&[Line::of(1, 1995)])) };
    till.press(&ana, second.arguments()).await?;
    till.press(&ana, Cart::of(&[Line::of(1, 700)]).kind("discard").arguments()).await?;
    let told = receipt(&ana, &sold).await?;
    till.press(&mia, onetill_tests::database::till::refund(&told, &[(2, 1_000)], true)).await?;
    let third =
        till.press(&ana, Cart::of(&[Line::of(1, 250).taxed(None)]).arguments()).await?["sale"]["id"].clone();
    till.press(&ana, void(&receipt(&ana, &third).await?)).await?;
    let x = mia.call("pos_x_report", &json!({"p_session_id": till.session})).await?;
    assert_eq!(
        x["sales"],
        json!({"count": 3, "gross": "42.44", "discount": "0.99", "net": "41.45", "tax": "3.10", "total": "44.55"})
    );
    assert_eq!(
        (&x["refunds"], &x["voids"]),
        (&json!({"count": 1, "amount": "11.00"}), &json!({"count": 1, "amount": "2.50"}))
    );
    assert_eq!(x["discards"], json!({"count": 1, "amount": "7.49"}));
    let tax = |code: &str, component: &str, rate: &str, base: &str, tax: &str| json!({"tax_code": code, "component": component, "rate": rate, "base": base, "tax": tax});
    assert_eq!(
        x["taxes"],
        json!([
            tax("A", "county", "0.025", "28.95", "0.72"),
            tax("A", "state", "0.0475", "28.95", "1.38"),
            tax("B", "state", "0.1", "0.00", "0.00")
        ])
    );
    let tender = |kind: &str, label: Value, count: i64, amount: &str| json!({"kind": kind, "label": label, "count": count, "amount": amount});
    assert_eq!(
        x["tenders"],
        json!([
            tender("card", Value::Null, 2, "-6.00"),
            tender("cash", Value::Null, 4, "34.05"),
            tender("other", json!("Voucher"), 1, "3.00")
        ])
    );
    assert_eq!(x["cash_rounding"], "0.00");
    assert_eq!(
        (&x["totals"]["total_sales"], &x["totals"]["total_cash"], &x["totals"]["total_card"]),
        (&json!("31.05"), &json!("34.05"), &json!("-6.00"))
    );
    assert_eq!(x["expected_cash"], "234.05");
    let receipts = &x["receipts"][0];
    assert_eq!(
        (&receipts["first"], &receipts["last"], &receipts["count"]),
        (&json!("R1-A-000001"), &json!("R1-A-000005"), &json!(5))
    );
    // The Z is the X of that moment, and the day is the sum of its shifts.
    let z = close(&ana, till.session, "234.05").await?;
    for figure in [
        "sales",
        "refunds",
        "voids",
        "discards",
        "taxes",
        "tenders",
        "cash_rounding",
        "receipts",
        "ledger_agrees",
        "other_clients",
    ] {
        assert_eq!(z[figure], x[figure], "{figure}");
    }
    let mut other = shift(&mia, 2).await?;
    other.press(&mia, cart(1_000)).await?;
    let day = mia.call("pos_day", &json!({"p_location_id": MAIN})).await?;
    assert_eq!(
        (&day["sales"]["count"], &day["sales"]["total"], &day["refunds"]["amount"]),
        (&json!(4), &json!("54.55"), &json!("11.00"))
    );
    Ok(())
}

async fn receipts_are_listed_page_by_page(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let ana = store.desk(Caller::ANA).await?;
    let mut till = shift(&ana, 1).await?;
    for cents in 1..=7 {
        till.press(&ana, cart(cents * 100)).await?;
    }
    let (mut seen, mut before) = (Vec::new(), Value::Null);
    loop {
        let page = ana
            .call("pos_sales", &json!({"p_session_id": till.session, "p_before": before, "p_limit": 3}))
            .await?;
        let rows = page["sales"].as_array().cloned().unwrap_or_default();
        seen.extend(rows.iter().map(|row| row["total"].as_str().unwrap_or_default().to_owned()));
        let Some(last) = rows.last().filter(|_| page["more"] == true) else { break };
        assert_eq!(last["tenders"].as_array().map(Vec::len), Some(1));
        before = last["id"].clone();
    }
    assert_eq!(seen, ["7.00", "6.00", "5.00", "4.00", "3.00", "2.00", "1.00"]);
    let unknown = json!({"p_session_id": till.session, "p_before": Uuid::new_v4()});
    assert_eq!(code(&ana.call("pos_sales", &unknown).await), "POS_SALE_NOT_FOUND");
    Ok(())
}

async fn old_months_are_taken_away_only_when_the_shop_said_so(server: &Server) -> Result<()> {
    let store = shop(server).await?;
    let (mia, superuser) = (store.desk(Caller::MIA).await?, store.superuser().await?);
    let mut till = shift(&mia, 1).await?;
    let mut sold = Vec::new();
    for cents in [100, 200, 300] {
        sold.push(till.press(&mia, Cart::of(&[Line::of(2, cents)]).arguments()).await?["sale"]["id"].clone());
    }
    // The second came back in part in the same old shift; the third comes back in a new one.
    till.press(
        &mia,
        onetill_tests::database::till::refund(&receipt(&mia, &sold[1]).await?, &[(1, 1_000)], false),
    )
    .await?;
    close(&mia, till.session, "206.00").await?;
    till.press(&mia, cart(50)).await?;
    let old = till.session;
    let past = "begin; set local session_replication_role = replica;
        update pos_sessions set business_date = business_date - 800, opened_at = opened_at - interval '800 days';
        update pos_sales set business_date = business_date - 800; commit";
    superuser.batch_execute(past).await?;
    let mut next = Till::take(&mia, mia.open(&Ask::on(1)).await?.session, till.device).await?;
    next.press(
        &mia,
        onetill_tests::database::till::refund(&receipt(&mia, &sold[2]).await?, &[(1, 1_000)], false),
    )
    .await?;
    let entries = async || -> Result<i64> {
        Ok(superuser.query_one("select count(*) from pos_sales", &[]).await?.get(0))
    };
    let retire = async || -> Result<Vec<(i64, i64)>> {
        let rows = superuser.query("select retired, kept from onetill.retire_sales()", &[]).await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    };
    assert_eq!((retire().await?, entries().await?), (vec![], 6), "off by default");
    assert!(
        superuser
            .batch_execute(&format!("insert into onetill.sales_keeping values ('{VENDOR}', 3)"))
            .await
            .is_err(),
        "no law is content with three months"
    );
    superuser.batch_execute(&format!("insert into onetill.sales_keeping values ('{VENDOR}', 36)")).await?;
    assert_eq!((retire().await?, entries().await?), (vec![], 6), "not that old");
    superuser.batch_execute("update onetill.sales_keeping set keep_months = 24").await?;
    // What a kept refund refers to stays, and so does what nobody settled.
    assert_eq!((retire().await?, entries().await?), (vec![(3, 2)], 3));
    assert_eq!(retire().await?, vec![]);
    let archived: (i64, i64) = {
        let row = superuser
            .query_one(
                "select count(*), sum(jsonb_array_length(entry -> 'lines'))::int8 from onetill.sales_archive",
                &[],
            )
            .await?;
        (row.get(0), row.get(1))
    };
    assert_eq!(archived, (3, 3));
    mia.call("pos_settle_flag", &json!({"p_sale_id": superuser.query_one("select sale_id::text from pos_sale_flags", &[]).await?.get::<_, String>(0), "p_flag": "late", "p_note": null})).await?;
    superuser.batch_execute("update onetill.sales_keeping set into_archive = false").await?;
    assert_eq!((retire().await?, entries().await?), (vec![(1, 1)], 2));
    assert_eq!(
        superuser.query_one("select count(*) from onetill.sales_archive", &[]).await?.get::<_, i64>(0),
        3,
        "dropped, not archived"
    );
    // The till goes on, nothing is missing, the audit does not take it for a hole, and Z reports are as they were.
    assert_eq!(code(&next.press(&mia, cart(100)).await), "recorded");
    let problems =
        superuser.query("select number || problem from onetill.audit(current_date - 10)", &[]).await?;
    assert!(
        problems.is_empty(),
        "{:?}",
        problems.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>()
    );
    let x = mia.call("pos_x_report", &json!({"p_session_id": next.session})).await?;
    assert_eq!((&x["receipts"][0]["missing"], &x["ledger_agrees"]), (&json!(0), &json!(true)));
    assert_eq!(
        mia.call("pos_z_report", &json!({"p_session_id": old})).await?["z_report"]["sales"]["count"],
        3
    );
    // Nobody of the API can.
    let denied = mia.run("select onetill.retire_sales()").await.err().map(|refusal| refusal.code);
    assert_eq!(denied.as_deref(), Some("42501"));
    superuser.batch_execute("set onetill.retiring = '1'").await?;
    assert!(superuser.batch_execute("delete from pos_sale_lines").await.is_err(), "only within a run");
    Ok(())
}
