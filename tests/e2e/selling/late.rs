//! One of two devices sells without a network while a manager counts and settles the shift at the other.

use onetill_local::Engine;
use onetill_tests::cable::Cable;
use onetill_tests::rest::Rest;
use onetill_tests::till::{ENTER, Till, Window};
use onetill_tests::{PATIENCE, Project, Result, staff};
use serde_json::{Value, json};

use super::{amount, receipts, sell, selling, to_the_next_customer};
use crate::steps::{begin_count, count_pieces, picture, press_start, says, step};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sold_offline_and_came_after_the_count_is_late_and_explains_the_difference() -> Result<()> {
    let project = Project::selling(Engine::real())?;
    let rest = Rest::new(&project.backend);
    let (here, mut there) = (Till::enrolled(&project.backend)?, Till::enrolled(&project.backend)?);
    let mut cable = Cable::to(&project.backend).await?;
    there.set("ONETILL_SUPABASE_URL", cable.url());
    let manager = selling(&here, staff("manager")[0]).await?;
    let cashier = selling(&there, staff("cashier")[1]).await?;
    cable.pull().await;
    sell(&manager, 5_000, 1).await?;
    receipts(&rest, "", 1).await?;
    for (place, cents) in [1_200, 800, 3_000].into_iter().enumerate() {
        cashier.keys(format!("{cents}").chars().chain([ENTER, ENTER, ENTER])).await?;
        says(&cashier, "done", &format!("-B-{:06}", place + 1)).await?;
    }

    // All of it lies in the drawer; 50.00 of it nobody here knows of.
    to_the_next_customer(&manager).await?;
    count(&manager, "300.00").await?;
    manager.wait_for(PATIENCE, "count-result", "data-difference", &["over"]).await?;
    says(&manager, "count-result", "50.00").await?;
    manager.click("close-reason-choice-0").await?;
    manager.click("close-shift").await?;
    step(&manager, "closed").await?;
    picture(&manager, "late-closed").await?;
    let before = settled(&rest).await?;
    let z = &before[1]["report"];
    let figures = ["expected_cash", "counted_cash"].map(|name| amount(z, name));
    assert_eq!(figures, ["250.00", "300.00"], "{z}");

    cable.plug().await?;
    cashier.screen(&["fenced"]).await?;
    says(&cashier, "late-receipts", "3").await?;
    picture(&cashier, "late-fenced").await?;
    let rows = receipts(&rest, "late=is.true", 3).await?;
    let cash: Vec<String> = rows.iter().map(|row| amount(row, "net_cash")).collect();
    assert_eq!(cash, ["12.00", "8.00", "30.00"]);
    assert!(rows.iter().all(|row| row["flags"] == json!(["late"])), "{rows:?}");
    assert_eq!(settled(&rest).await?, before, "neither the shift nor its Z report changed");
    assert_eq!(amount(&before[0], "total_cash"), "50.00");

    // The manager finds them on the board, and at the end of the day.
    manager.click("acknowledge-end").await?;
    manager.screen(&["start-shift"]).await?;
    manager.click("change-register").await?;
    manager.screen(&["choose-register"]).await?;
    manager.click("open-board").await?;
    manager.screen(&["board"]).await?;
    manager.click("board-M1").await?;
    for number in ["-B-000001", "-B-000002", "-B-000003"] {
        says(&manager, "flagged-receipts", number).await?;
    }
    picture(&manager, "late-board").await?;
    manager.click("close-register").await?;
    manager.click("read-day").await?;
    says(&manager, "day-selling", "-B-000003").await?;
    for _flag in 0..3 {
        manager.click("settle-flag").await?;
        manager.fill("settle-reason", "Sold while the network was down").await?;
        manager.click("settle-yes").await?;
    }
    let settled = "flag=eq.late&settled_at=not.is.null&select=settled_by,note";
    let flags = rest.rows(&format!("/rest/v1/pos_sale_flags?{settled}")).await?;
    assert_eq!(flags.len(), 3, "{flags:?}");
    for row in &flags {
        assert_eq!(row["note"], "Sold while the network was down");
        assert!(row["settled_by"].is_string(), "{row}");
    }
    says(&manager, "day-flags", "Sold while the network was down").await?;
    picture(&manager, "late-settled").await?;
    manager.click("day-save-csv").await?;
    says(&manager, "day-paper-told", "Day ").await?;
    manager.click("close-day").await?;
    manager.click("close-board").await?;
    manager.click("register-M1").await?;

    // And so does the next Z report of the register.
    press_start(&manager, "300.00").await?;
    count(&manager, "300.00").await?;
    manager.wait_for(PATIENCE, "count-result", "data-difference", &["exact"]).await?;
    manager.click("close-shift").await?;
    step(&manager, "closed").await?;
    for number in ["-B-000001", "-B-000002", "-B-000003"] {
        says(&manager, "report", number).await?;
    }
    picture(&manager, "late-addendum").await?;
    tokio::try_join!(manager.close(), cashier.close())?;
    Ok(())
}

/// Counts the drawer as one sum.
async fn count(window: &Window, sum: &str) -> Result<()> {
    begin_count(window).await?;
    window.click("count-entry-1").await?;
    window.fill("count-sum", sum).await?;
    count_pieces(window, &[]).await
}

/// The shift and its Z report as the server has them.
async fn settled(rest: &Rest) -> Result<[Value; 2]> {
    let mut rows = Vec::new();
    for table in ["pos_sessions", "pos_z_reports"] {
        rows.extend(rest.rows(&format!("/rest/v1/{table}")).await?);
    }
    rows.try_into().map_err(|rows| format!("not one shift and its report: {rows:?}").into())
}
