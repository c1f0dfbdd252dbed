//! Cash that leaves the drawer while there is no network, a power cut before there is one again, and a close that does
//! not wait for an entry.

use onetill_local::Engine;
use onetill_tests::rest::Rest;
use onetill_tests::till::{Till, Window};
use onetill_tests::{PATIENCE, Project, Result, staff, within};
use serde_json::Value;

use crate::steps::{count_pieces, picture, record, says, sign_beside, step};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_out_offline_is_sent_once_each_and_the_close_waits_for_it() -> Result<()> {
    const AMOUNTS: [&str; 3] = ["12.30", "4.00", "107.45"];
    let mut project = Project::start(Engine::real())?;
    let rest = Rest::new(&project.backend);
    let registers = rest.active_registers().await?;
    let till = Till::enrolled(&project.backend)?;
    let (cashier, manager) = (staff("cashier")[0], staff("manager")[0]);

    let window = till.open().await?;
    window.prepare(cashier, &registers[0].number).await?;
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
    held_up(&window, "3").await?;
    window.click("stop-closing").await?;
    window.screen(&["register"]).await?;
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

    // One that the ledger cannot take although everything else works. A manager beside the cashier lets the close go on.
    project
        .sql("alter table public.pos_cash_movements add constraint kept_out check (amount <> 9.99) not valid")
        .await?;
    record(&window, "pay_out", "9.99").await?;
    held_up(&window, "1").await?;
    window.click("allow-unsent").await?;
    sign_beside(&window, manager).await?;
    says(&window, "allowed-by", manager.name).await?;
    picture(&window, "offline-allowed").await?;
    window.click("begin-count").await?;
    step(&window, "count").await?;
    count_pieces(&window, &[("20", "3"), ("5", "3"), ("0.25", "5")]).await?;
    window.wait_for(PATIENCE, "count-result", "data-difference", &["exact"]).await?;
    window.click("close-shift").await?;
    step(&window, "closed").await?;

    // Both names are on record, and so is what the sheet leaves out.
    let sheets = rest.rows("/rest/v1/pos_z_reports?select=report").await?;
    let [sheet] = &*sheets else { return Err(format!("not one sheet: {sheets:?}").into()) };
    let sheet = &sheet["report"];
    assert_eq!((&sheet["closed_by_name"], &sheet["expected_cash"]), (&cashier.name.into(), &"76.25".into()));
    let reason = sheet["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("1 entries not sent") && reason.contains(manager.name), "{reason}");

    // The entry is not forgotten: it comes too late for its shift, and waits for somebody to settle it.
    project.sql("alter table public.pos_cash_movements drop constraint kept_out").await?;
    window.click("acknowledge-end").await?;
    window.screen(&["start-shift"]).await?;
    window.wait_for(PATIENCE, "refused-entry", "data-code", &["SESSION_OVER"]).await?;
    window.close().await
}

/// The close is refused, with the count of what was not sent.
async fn held_up(window: &Window, unsent: &str) -> Result<()> {
    window.click("action-close").await?;
    step(window, "checklist").await?;
    window.wait_for(PATIENCE, "check-unsent", "data-count", &[unsent]).await?;
    says(window, "check-unsent", unsent).await?;
    for way_out in ["begin-count", "end-later"] {
        assert!(!window.enabled(way_out).await?, "{way_out} waits for what was not sent");
    }
    Ok(())
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
