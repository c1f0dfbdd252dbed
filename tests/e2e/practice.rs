//! Somebody practises in a real window, before the store has switched selling on: all of the selling screen, and nothing of
//! it on the server, on the disk, in a number or in the drawer.

use std::path::Path;

use onetill_local::Engine;
use onetill_printer_emulator::Emulator;
use onetill_tests::rest::Rest;
use onetill_tests::till::{ENTER, Till, Window, function_key};
use onetill_tests::{PATIENCE, Project, Result, staff, within};

use crate::steps::{picture, says};

/// 3.50 in cash, by keys, to the change.
async fn sell(window: &Window, number: &str) -> Result<()> {
    window.keys(['3', '5', '0', ENTER]).await?;
    says(window, "cart-total", "3.50").await?;
    window.keys([ENTER]).await?;
    says(window, "pay-due", "3.50").await?;
    window.keys([ENTER]).await?;
    says(window, "done", number).await
}

/// The files of a folder in which these letters stand.
fn files_with(folder: &Path, letters: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        if path.is_dir() {
            found.extend(files_with(&path, letters)?);
        } else if std::fs::read(&path)?.windows(letters.len()).any(|part| part == letters.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    Ok(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn practice_sells_and_leaves_nothing() -> Result<()> {
    let project = Project::selling(Engine::real())?;
    project.sql("update pos_selling_rules set selling_on = false").await?;
    let rest = Rest::new(&project.backend);
    let printer = Emulator::start(48)?;
    let till = Till::enrolled(&project.backend)?;
    till.prints_on(printer.address())?;
    let window = till.open().await?;
    window.prepare(staff("cashier").first().ok_or("a cashier")?, "M1").await?;
    window.screen(&["start-shift"]).await?;

    window.click("start-practice").await?;
    window.screen(&["register"]).await?;
    says(&window, "practice", "PRACTICE").await?;
    sell(&window, "PRACTICE-000001").await?;
    window.click("reprint-done").await?;
    let printed =
        printer.wait_until(|paper| paper.receipts.len() == 2).map_err(|paper| format!("{paper:?}"))?;
    for receipt in &printed.receipts {
        let marks =
            |words: &str| receipt.iter().filter(|row| row.text.contains(words) && row.height > 1).count();
        assert_eq!(
            (marks("PRACTICE"), marks("NOT A FISCAL RECEIPT")),
            (2, 2),
            "above and below: {receipt:?}"
        );
        assert!(receipt.iter().all(|row| row.code.is_none()), "nothing comes back for practice");
    }

    // A cart that waits and one that is thrown away with practice itself.
    window.keys(['9', '9', ENTER]).await?;
    says(&window, "cart-total", "0.99").await?;
    window.keys([function_key(4)]).await?;
    window.click("park-yes").await?;
    window.gone("park-yes").await?;
    window.keys(['1', '2', '0', '0', ENTER]).await?;
    says(&window, "cart-total", "12.00").await?;
    picture(&window, "practice").await?;
    window.keys([function_key(10)]).await?;
    window.screen(&["start-shift"]).await?;

    for table in ["pos_sales", "pos_tills", "pos_sessions", "pos_cash_movements"] {
        let rows = rest.rows(&format!("/rest/v1/{table}")).await?;
        assert!(rows.is_empty(), "{table} has of practice: {rows:?}");
    }
    assert_eq!(printer.paper().kicks, 0, "the drawer stayed shut");

    // In earnest the numbers begin at the first, and nothing waits in the cart.
    project.sql("update pos_selling_rules set selling_on = true").await?;
    window.click("start-shift").await?;
    window.screen(&["register"]).await?;
    // What was read of the rules a moment ago is good for a while.
    within(PATIENCE * 2, "the selling screen", async || {
        let stage = window.screen_attribute("data-selling").await.unwrap_or_default();
        let waits = window.gone("not-ready").await.is_err();
        Ok(if stage == "empty" && !waits { Ok(()) } else { Err(format!("{stage:?}, not ready: {waits}")) })
    })
    .await?;
    sell(&window, "-A-000001").await?;
    printer.wait_until(|paper| paper.kicks == 1).map_err(|paper| format!("the drawer: {paper:?}"))?;
    window.close().await?;
    assert_eq!(files_with(&till.data(), "PRACTICE-0")?, Vec::<String>::new(), "on the disk");
    Ok(())
}
