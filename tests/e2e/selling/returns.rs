//! What comes back: a receipt in pieces, at two registers at once; and a void beside a web client that keeps totals of
//! its own.

use hyper::Method;
use onetill_local::{DemoAccount, Engine};
use onetill_tests::cable::Cable;
use onetill_tests::rest::Rest;
use onetill_tests::till::{ENTER, Till, Window, function_key};
use onetill_tests::{PATIENCE, Project, Result, staff, within};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{amount, choose, receipts, sell, stage, to_the_next_customer};
use crate::steps::{picture, press_start, says, sign_beside};

/// A till at a register of Market Street, in a shift with 200.00 in its drawer.
async fn at_register(till: &Till, who: &DemoAccount, register: &str) -> Result<Window> {
    let window = till.open().await?;
    window.sign_in(who).await?;
    window.screen(&["choose-register"]).await?;
    choose(&window, "Market Street", register).await?;
    press_start(&window, "200.00").await?;
    window.sells().await?;
    Ok(window)
}

/// Looks a receipt up by its number, and chooses one piece of its first line.
async fn find(window: &Window, number: &str) -> Result<()> {
    window.keys([function_key(7)]).await?;
    window.fill("receipts-find", number).await?;
    window.click("receipts-look").await?;
    stage(window, "returning").await
}

/// One piece of the first line comes back, for this much; the server is not asked yet.
async fn one_piece(window: &Window, total: &str) -> Result<()> {
    window.click("return-more-1").await?;
    says(window, "return-total", total).await?;
    window.click("return-reason-0").await
}

async fn refund_one(window: &Window, total: &str, number: &str) -> Result<()> {
    one_piece(window, total).await?;
    window.click("return-ask").await?;
    says(window, "done", number).await?;
    says(window, "done-change", total).await
}

#[tokio::test(flavor = "multi_thread")]
async fn three_pieces_come_back_one_at_a_time_and_the_last_one_once() -> Result<()> {
    let project = Project::selling(Engine::real())?;
    let rest = Rest::new(&project.backend);
    project
        .sql("update pos_taxes set components = '[{\"name\": \"Sales tax\", \"rate\": \"0.07\"}]' where code = 'SALES'")
        .await?;
    let (here, mut there) = (Till::enrolled(&project.backend)?, Till::enrolled(&project.backend)?);
    let cable = Cable::to(&project.backend).await?;
    there.set("ONETILL_SUPABASE_URL", cable.url());
    let one = at_register(&here, staff("manager")[0], "M1").await?;
    let other = at_register(&there, staff("cashier")[1], "M2").await?;

    one.keys("3*333".chars()).await?;
    one.click("key-2").await?;
    says(&one, "cart-total", "10.69").await?;
    one.keys([ENTER]).await?;
    stage(&one, "paying").await?;
    one.keys([ENTER]).await?;
    says(&one, "done", "M1-A-000001").await?;
    to_the_next_customer(&one).await?;
    receipts(&rest, "kind=eq.sale", 1).await?;

    find(&one, "m1-a-000001").await?;
    refund_one(&one, "3.56", "M1-A-000002").await?;
    picture(&one, "refund-done").await?;
    to_the_next_customer(&one).await?;

    // By its code, at the other register; the answer is lost on the way, and asked for again by itself.
    other.scan("M1-A-000001").await?;
    stage(&other, "returning").await?;
    cable.lose_answers(1);
    refund_one(&other, "3.57", "M2-A-000001").await?;
    assert_eq!(cable.answers_to_lose(), 0);
    to_the_next_customer(&other).await?;

    // Both ask for the last one at once.
    for window in [&one, &other] {
        find(window, "M1-A-000001").await?;
        one_piece(window, "3.56").await?;
    }
    picture(&other, "refund-chosen").await?;
    let (first, second) = tokio::join!(one.click("return-ask"), other.click("return-ask"));
    first.and(second)?;
    let came = async |window: &Window| {
        within(PATIENCE, "what came of the last one", async || {
            if !window.attributes("done", "data-kind").await?.is_empty() {
                return Ok(Ok("recorded".to_owned()));
            }
            let codes = window.attributes("error", "data-code").await?;
            Ok(codes.into_iter().next().ok_or_else(|| "no answer yet".to_owned()))
        })
        .await
    };
    let mut both = [came(&one).await?, came(&other).await?];
    let loser = if both[0] == "recorded" { &other } else { &one };
    both.sort();
    assert_eq!(both, ["NOTHING_LEFT", "recorded"]);
    // The fourth: nothing is left of it.
    says(loser, "return-nothing", "Nothing of this receipt is left").await?;
    picture(loser, "refund-nothing-left").await?;

    let rows = receipts(&rest, "kind=eq.refund", 3).await?;
    let mut figures: Vec<[String; 3]> =
        rows.iter().map(|row| ["total", "tax", "net_cash"].map(|name| amount(row, name))).collect();
    figures.sort();
    let back = |total: &str, tax: &str| [total.to_owned(), tax.to_owned(), format!("-{total}")];
    assert_eq!(figures, [back("3.56", "0.23"), back("3.56", "0.23"), back("3.57", "0.24")]);
    assert!(rows.iter().all(|row| row["flags"] == json!([])), "{rows:?}");
    let sessions = rest.rows("/rest/v1/pos_sessions").await?;
    let sum = |name: &str| -> Decimal {
        sessions.iter().map(|row| amount(row, name).parse::<Decimal>().unwrap_or(Decimal::MAX)).sum()
    };
    let names = ["total_cash", "ledger_cash", "total_sales", "ledger_sales", "total_refunds"];
    let sums: Vec<String> = names.map(|name| format!("{:.2}", sum(name))).into();
    assert_eq!(sums, ["0.00", "0.00", "0.00", "0.00", "10.69"], "the drawers are back at the start");
    other.close().await?;
    one.close().await
}

/// How a web client of the field adds up its own sales.
const WEB_CLIENT: &str = "create or replace function public.increment_session_payment(p_session_id uuid, p_payment_method text,
      p_amount numeric, p_transaction_type text) returns void language sql as $$
    update public.pos_sessions set total_sales = total_sales + p_amount, total_transactions = total_transactions + 1,
        total_card = total_card + case when p_payment_method = 'credit' then p_amount else 0 end,
        walk_in_sales = walk_in_sales + (p_transaction_type = 'walk_in_sale')::integer,
        pickup_orders_fulfilled = pickup_orders_fulfilled + (p_transaction_type = 'pickup_fulfillment')::integer
      where id = p_session_id $$";

#[tokio::test(flavor = "multi_thread")]
async fn a_void_leaves_what_a_web_client_added_to_the_cent() -> Result<()> {
    let project = Project::selling(Engine::real())?;
    let rest = Rest::new(&project.backend);
    project.sql(WEB_CLIENT).await?;
    project.sql("notify pgrst, 'reload schema'").await?;
    let till = Till::enrolled(&project.backend)?;
    let window = at_register(&till, staff("cashier")[0], "M1").await?;
    sell(&window, 5_350, 1).await?;
    receipts(&rest, "", 1).await?;
    let session = rest.rows("/rest/v1/pos_sessions").await?[0]["id"].clone();
    for (method, amount, kind) in
        [("credit", "107.00", "walk_in_sale"), ("prepaid_online", "125.00", "pickup_fulfillment")]
    {
        let key = [("apikey", project.backend.secret_key())];
        let body = json!({"p_session_id": session, "p_payment_method": method, "p_amount": amount,
            "p_transaction_type": kind});
        let path = "/rest/v1/rpc/increment_session_payment";
        let added = rest.send(Method::POST, path, &key, Some(&body)).await?;
        assert!(added.status.is_success(), "{added:?}");
    }

    // 53.50 is more than a cashier voids alone: a manager signs in beside them, for this one receipt.
    to_the_next_customer(&window).await?;
    window.click("void-last").await?;
    sign_beside(&window, staff("manager")[0]).await?;
    window.fill("void-reason", "wrong customer").await?;
    picture(&window, "void-approved").await?;
    window.click("void-yes").await?;
    says(&window, "done", "M1-A-000002").await?;
    let rows = receipts(&rest, "", 2).await?;
    assert_eq!((&rows[1]["kind"], &rows[1]["flags"]), (&json!("void"), &json!([])), "{rows:?}");
    let approvals = rest.rows("/rest/v1/pos_approvals").await?;
    let [approval] = approvals.as_slice() else { return Err(format!("{approvals:?}").into()) };
    assert_eq!(approval["used_by_sale"], rows[1]["id"], "used, and by this void");
    assert_ne!(approval["by_user"], rows[1]["user_id"], "both are on record");
    let sessions = rest.rows("/rest/v1/pos_sessions").await?;
    let row = &sessions[0];
    let figures = [
        "total_sales",
        "total_cash",
        "total_card",
        "ledger_sales",
        "ledger_cash",
        "ledger_card",
        "total_refunds",
    ];
    assert_eq!(
        figures.map(|name| amount(row, name)),
        ["232.00", "0.00", "107.00", "0.00", "0.00", "0.00", "53.50"],
        "{row}"
    );
    let counts = ["total_transactions", "pickup_orders_fulfilled", "ledger_transactions"];
    assert_eq!(counts.map(|name| row[name].as_i64()), [Some(3), Some(1), Some(1)], "{row}");

    to_the_next_customer(&window).await?;
    window.click("open-shift").await?;
    window.click("x-report").await?;
    window.wait_for(PATIENCE, "report", "data-sheet", &["x"]).await?;
    says(&window, "report", "By other clients").await?;
    says(&window, "report", "232.00").await?;
    picture(&window, "void-beside-web-client").await?;
    let manager = rest.sign_in(staff("manager")[0]).await?;
    let bearer = format!("Bearer {}", manager.access_token);
    let body = json!({"p_session_id": session});
    let told = rest
        .send_keyed(Method::POST, "/rest/v1/rpc/pos_x_report", &[("authorization", &bearer)], Some(&body))
        .await?;
    let others = &told.body["other_clients"];
    let expected: &Value = told.body.pointer("/expected_cash").unwrap_or(&Value::Null);
    assert_eq!(
        (amount(others, "total_sales"), amount(&told.body, "expected_cash")),
        ("232.00".to_owned(), "200.00".to_owned()),
        "{expected} in {}",
        told.body
    );
    window.close().await
}
