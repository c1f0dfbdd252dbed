//! Sales and cash without a network, over power cuts, and answers that are lost when it is back.

use onetill_local::Engine;
use onetill_tests::cable::Cable;
use onetill_tests::rest::Rest;
use onetill_tests::till::{ENTER, Till, Window, function_key};
use onetill_tests::{PATIENCE, Project, Result, staff};
use rust_decimal::Decimal;
use serde_json::json;

use super::{amount, receipts, sell, selling, stage, to_the_next_customer};
use crate::steps::{picture, record, says};

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_was_approved_survives_a_power_cut_and_an_outage() -> Result<()> {
    let mut project = Project::selling(Engine::real())?;
    let rest = Rest::new(&project.backend);
    let till = Till::enrolled(&project.backend)?;
    let window = selling(&till, staff("cashier")[0]).await?;
    project.backend.take_down();
    window.keys(['1', '2', '5', '0', ENTER, ENTER]).await?;
    stage(&window, "paying").await?;
    // Half by card, and the power goes before the cash.
    window.keys(['5', '0', '0']).await?;
    window.click("pay-card").await?;
    window.click("tender-taken").await?;
    says(&window, "pay-due", "7.50").await?;
    picture(&window, "selling-split").await?;
    window.crash()?;

    let window = till.open().await?;
    stage(&window, "paying").await?;
    says(&window, "taken", "5.00").await?;
    window.keys([ENTER]).await?;
    says(&window, "done", "-A-000001").await?;
    window.wait_for(PATIENCE, "unsent", "data-count", &["1"]).await?;

    // All of it by card, and the power goes after *Approved* and before *Done*, which no hand could hit.
    window.keys(['1', '2', '5', '0', ENTER, ENTER]).await?;
    stage(&window, "paying").await?;
    let approved = json!({"name": "card-approved", "amount": "", "reference": ""});
    let press = "return window.__TAURI_INTERNALS__.invoke('press', { command: arguments[0] })";
    window.script(press, vec![approved]).await?;
    window.crash()?;

    let window = till.open().await?;
    stage(&window, "paying").await?;
    says(&window, "taken", "12.50").await?;
    picture(&window, "selling-approved").await?;
    window.click("pay-finish").await?;
    says(&window, "done", "-A-000002").await?;
    project.backend.bring_up()?;
    let rows = receipts(&rest, "", 2).await?;
    let figures = |at: usize| ["net_card", "net_cash"].map(|name| amount(&rows[at], name));
    assert_eq!([figures(0), figures(1)], [["5.00", "7.50"], ["12.50", "0.00"]]);
    window.wait_for(PATIENCE, "unsent", "data-count", &["0"]).await?;
    window.close().await
}

/// Each sale costs as many as its number.
const SALES: usize = 25;
/// Paid out after these, 10.00 each.
const PAID_OUT: [usize; 3] = [5, 12, 20];

#[tokio::test(flavor = "multi_thread")]
async fn a_day_offline_with_two_power_cuts_and_lost_answers_is_in_the_books_once() -> Result<()> {
    let project = Project::selling(Engine::real())?;
    let rest = Rest::new(&project.backend);
    let mut cable = Cable::to(&project.backend).await?;
    let mut till = Till::enrolled(&project.backend)?;
    till.set("ONETILL_SUPABASE_URL", cable.url());
    // A manager sees the cash that should be in the drawer.
    let mut window = selling(&till, staff("manager")[0]).await?;
    expects(&window, 20_000).await?;
    cable.pull().await;
    let mut expected = 20_000;
    for number in 1..=SALES {
        let cents = number * 100;
        match number {
            9 => {
                // After the power cut nobody knows which of the sales have left: no figure is better than a wrong one.
                to_the_next_customer(&window).await?;
                expects(&window, expected).await?;
                window.keys(cents.to_string().chars().chain([ENTER, ENTER])).await?;
                stage(&window, "paying").await?;
                // In the middle of the last press: it was written, or it was not.
                window.keys([ENTER]).await?;
                window.crash()?;
                window = till.open().await?;
                window.sells().await?;
                if window.screen_attribute("data-selling").await? == "paying" {
                    window.keys([ENTER]).await?;
                }
                stage(&window, "empty").await?;
            }
            17 => {
                window.crash()?;
                window = till.open().await?;
                window.sells().await?;
                sell(&window, cents, number).await?;
            }
            _ => sell(&window, cents, number).await?,
        }
        expected += cents;
        if PAID_OUT.contains(&number) {
            to_the_next_customer(&window).await?;
            window.keys([function_key(8)]).await?;
            record(&window, "pay_out", "10.00").await?;
            expected -= 1_000;
        }
    }
    to_the_next_customer(&window).await?;
    window.click("void-last").await?;
    window.fill("void-reason", "wrong customer").await?;
    window.click("void-yes").await?;
    says(&window, "done", "-A-000026").await?;
    expected -= SALES * 100;
    window.wait_for(PATIENCE, "unsent", "data-count", &["29"]).await?;
    picture(&window, "selling-outage").await?;

    cable.lose_answers(10);
    cable.plug().await?;
    window.wait_for(PATIENCE * 4, "unsent", "data-count", &["0"]).await?;
    assert_eq!(cable.answers_to_lose(), 0, "answers were lost on the way");
    expects(&window, expected).await?;

    let rows = receipts(&rest, "", SALES + 1).await?;
    for (seq, row) in (1..).zip(&rows) {
        assert_eq!((&row["receipt_seq"], &row["flags"]), (&json!(seq), &json!([])), "{row}");
    }
    for pair in rows.windows(2) {
        assert_eq!(pair[0]["hash"], pair[1]["prev_hash"], "the chain is whole");
        assert!(pair[0]["created_at"].as_str() < pair[1]["created_at"].as_str(), "they came in order");
    }
    let kinds: Vec<&str> = rows.iter().filter_map(|row| row["kind"].as_str()).collect();
    assert_eq!(kinds, [["sale"; SALES].as_slice(), &["void"]].concat());
    let paid_out = rest.rows("/rest/v1/pos_cash_movements").await?;
    assert_eq!(paid_out.len(), PAID_OUT.len(), "each once: {paid_out:?}");
    let sessions = rest.rows("/rest/v1/pos_sessions").await?;
    let [session] = sessions.as_slice() else { return Err(format!("not one shift: {sessions:?}").into()) };
    // 1 to 24, each once; the last came back.
    assert_eq!(amount(session, "total_cash"), "300.00");
    assert_eq!(amount(session, "ledger_cash"), "300.00");
    assert_eq!(session["total_transactions"], SALES);
    window.close().await
}

/// The cash that should be in the drawer, as the sheet of the shift shows it.
async fn expects(window: &Window, cents: usize) -> Result<()> {
    window.click("open-shift").await?;
    says(window, "expected-cash", &Decimal::new(cents.try_into()?, 2).to_string()).await?;
    window.click("sheet-done").await?;
    window.gone("sheet-done").await
}
