//! Cash that leaves the drawer while there is no network, and a power cut before there is one again.

use onetill_local::Engine;
use onetill_tests::rest::Rest;
use onetill_tests::till::Till;
use onetill_tests::{PATIENCE, Project, Result, staff, within};
use serde_json::Value;

use crate::steps::record;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_out_offline_is_sent_once_each_and_in_order() -> Result<()> {
    const AMOUNTS: [&str; 3] = ["12.30", "4.00", "107.45"];
    let mut project = Project::start(Engine::Pglite)?;
    let rest = Rest::new(&project.backend);
    let registers = rest.active_registers().await?;
    let till = Till::enrolled(&project.backend)?;

    let window = till.open().await?;
    window.prepare(staff("cashier")[0], &registers[0].number).await?;
    window.click("start-shift").await?;
    window.screen(&["register"]).await?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;

    project.backend.take_down();
    for (recorded, amount) in AMOUNTS.iter().enumerate() {
        record(&window, "pay_out", amount).await?;
        let count = (recorded + 1).to_string();
        window.wait_for(PATIENCE, "unsent", "data-count", &[&count]).await?;
    }
    window.wait_for(PATIENCE, "connection", "data-connection", &["offline"]).await?;
    assert_eq!(window.attributes("movement", "data-state").await?, ["waiting"; 3]);
    window.crash()?;

    let window = till.open().await?;
    window.screen(&["register"]).await?;
    window.wait_for(PATIENCE, "unsent", "data-count", &["3"]).await?;
    assert_eq!(window.attributes("movement", "data-state").await?, ["waiting"; 3], "nothing is lost");
    let mut listed = window.attributes("movement", "data-amount").await?;
    listed.reverse();
    assert_eq!(listed, AMOUNTS, "the newest stands first");

    project.backend.bring_up()?;
    window.wait_for(PATIENCE * 2, "unsent", "data-count", &["0"]).await?;
    within(PATIENCE, "three recorded entries", async || {
        let states = window.attributes("movement", "data-state").await?;
        Ok(if states == ["recorded"; 3] { Ok(()) } else { Err(format!("{states:?}")) })
    })
    .await?;

    let rows = rest.rows("/rest/v1/pos_cash_movements?order=created_at").await?;
    let mut stored = Vec::new();
    for row in &rows {
        assert_eq!(row["movement_type"], "pay_out", "{row}");
        stored.push(cents(&row["amount"])?);
    }
    assert_eq!(stored, ["1230", "400", "10745"], "each once, in the order of the counter: {rows:?}");
    window.close().await
}

/// An amount with two places in hundredths, as text; the wire writes it as a number or as a string.
fn cents(amount: &Value) -> Result<String> {
    let text = amount.as_str().map_or_else(|| amount.to_string(), str::to_owned);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    if fraction.len() > 2 {
        return Err(format!("not hundredths: {text}").into());
    }
    Ok(format!("{whole}{fraction:0<2}"))
}
