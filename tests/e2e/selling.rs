//! A cashier sells in a real window against a real PostgreSQL: by keyboard, by touch, by card over a power cut, offline.

use onetill_local::Engine;
use onetill_tests::rest::Rest;
use onetill_tests::till::{Till, Window};
use onetill_tests::{PATIENCE, Project, Result, staff, within};
use serde_json::Value;

use crate::steps::picture;

/// A till that sells at register M1.
async fn selling(till: &Till) -> Result<Window> {
    let window = till.open().await?;
    window.prepare(staff("cashier").first().ok_or("a cashier")?, "M1").await?;
    window.click("start-shift").await?;
    ready(&window).await?;
    Ok(window)
}

async fn ready(window: &Window) -> Result<()> {
    within(PATIENCE, "the selling screen", async || {
        let stage = window.screen_attribute("data-selling").await.unwrap_or_default();
        let waits = window.gone("not-ready").await.is_err();
        Ok(if !stage.is_empty() && !waits { Ok(()) } else { Err(format!("{stage:?}, not ready: {waits}")) })
    })
    .await
}

async fn stage(window: &Window, wanted: &str) -> Result<()> {
    within(PATIENCE, wanted, async || {
        let stage = window.screen_attribute("data-selling").await?;
        Ok(if stage == wanted { Ok(()) } else { Err(stage) })
    })
    .await
}

async fn shows(window: &Window, id: &str, words: &str) -> Result<()> {
    within(PATIENCE, words, async || {
        let text = window.text(id).await.unwrap_or_default();
        Ok(if text.contains(words) { Ok(()) } else { Err(format!("{id}: {text:?}")) })
    })
    .await
}

/// The receipts on the server, by number, once there are so many.
async fn receipts(rest: &Rest, count: usize) -> Result<Vec<Value>> {
    let query = "/rest/v1/pos_sales?order=receipt_seq";
    within(PATIENCE * 2, "the receipts on the server", async || {
        let rows = rest.rows(query).await?;
        Ok(if rows.len() == count { Ok(()) } else { Err(format!("{} of {count}", rows.len())) })
    })
    .await?;
    rest.rows(query).await
}

const ENTER: char = '\u{E007}';

#[tokio::test(flavor = "multi_thread")]
async fn three_fifty_in_cash_takes_six_keys_or_three_taps() -> Result<()> {
    let project = Project::selling(Engine::real())?;
    let rest = Rest::new(&project.backend);
    let till = Till::enrolled(&project.backend)?;
    let window = selling(&till).await?;
    picture(&window, "selling-empty").await?;

    // Groceries, the first key without a price, are free of tax.
    window.keys(['3', '5', '0', ENTER]).await?;
    shows(&window, "cart-total", "3.50").await?;
    picture(&window, "selling-cart").await?;
    window.keys([ENTER]).await?;
    stage(&window, "paying").await?;
    picture(&window, "selling-paying").await?;
    window.keys([ENTER]).await?;
    shows(&window, "done", "-A-000001").await?;
    picture(&window, "selling-done").await?;

    window.tap("key-3", 1).await?;
    window.tap("pay", 1).await?;
    stage(&window, "paying").await?;
    window.tap("pay-exact", 1).await?;
    shows(&window, "done", "-A-000002").await?;

    let rows = receipts(&rest, 2).await?;
    let figures = |row: &Value| {
        ["tax", "total", "net_cash"].map(|name| row[name].to_string().trim_matches('"').to_owned())
    };
    assert_eq!(figures(&rows[0]), ["0.00", "3.50", "3.50"]);
    assert_eq!(figures(&rows[1]), ["0.31", "3.81", "3.81"], "8.875 % of 3.50");
    window.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_was_approved_survives_a_power_cut_and_an_outage() -> Result<()> {
    let mut project = Project::selling(Engine::real())?;
    let rest = Rest::new(&project.backend);
    let till = Till::enrolled(&project.backend)?;
    let window = selling(&till).await?;
    project.backend.take_down();
    window.keys(['1', '2', '5', '0', ENTER, ENTER]).await?;
    stage(&window, "paying").await?;
    // Half by card, and the power goes before the cash.
    window.keys(['5', '0', '0']).await?;
    window.click("pay-card").await?;
    window.click("tender-taken").await?;
    shows(&window, "pay-due", "7.50").await?;
    picture(&window, "selling-split").await?;
    window.crash()?;

    let window = till.open().await?;
    stage(&window, "paying").await?;
    shows(&window, "taken", "5.00").await?;
    window.keys([ENTER]).await?;
    shows(&window, "done", "-A-000001").await?;
    window.wait_for(PATIENCE, "unsent", "data-count", &["1"]).await?;
    project.backend.bring_up()?;
    let rows = receipts(&rest, 1).await?;
    assert_eq!(rows[0]["net_card"].to_string().trim_matches('"'), "5.00");
    assert_eq!(rows[0]["net_cash"].to_string().trim_matches('"'), "7.50");
    window.wait_for(PATIENCE, "unsent", "data-count", &["0"]).await?;
    window.close().await
}
