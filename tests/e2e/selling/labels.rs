//! Labels of the store's own: what they say of price and weight, on the screen, on paper and in the books.

use onetill_local::Engine;
use onetill_printer_emulator::Emulator;
use onetill_tests::rest::Rest;
use onetill_tests::till::{ENTER, Till, Window};
use onetill_tests::{PATIENCE, Project, Result, staff, within};

use super::{amount, receipts, selling, stage};
use crate::steps::{cart_lines, picture, says};

/// 20, item 12345, 6.26, check digit.
const BY_PRICE: &str = "2012345006263";
/// 23, item 12345, 485 grams, check digit.
const BY_WEIGHT: &str = "2312345004857";

#[tokio::test(flavor = "multi_thread")]
async fn a_label_of_a_price_and_one_of_a_weight_come_to_the_same_and_a_wrong_digit_to_nothing() -> Result<()>
{
    let project = Project::selling(Engine::real())?;
    let rest = Rest::new(&project.backend);
    let till = Till::enrolled(&project.backend)?;
    let printer = Emulator::start(48)?;
    till.prints_on(printer.address())?;
    let window = selling(&till, staff("cashier")[0]).await?;
    // Counts every sound that the page makes.
    let listen = "globalThis.beeps = 0;
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (...at) { globalThis.beeps += 1; return start.apply(this, at); };";
    window.script(listen, vec![]).await?;
    let beeps = async || window.script("return globalThis.beeps", vec![]).await;

    // Misread: nothing is added, and somebody hears and sees it.
    for (at, wrong) in ["2012345006264", "2312345004858"].into_iter().enumerate() {
        window.scan(wrong).await?;
        says(&window, "missed-scans", wrong).await?;
        within(PATIENCE, "a sound", async || {
            let heard = beeps().await?.as_u64().unwrap_or_default();
            Ok(if heard > u64::try_from(at)? { Ok(()) } else { Err(heard.to_string()) })
        })
        .await?;
    }
    cart_lines(&window, &[]).await?;
    picture(&window, "labels-wrong").await?;
    window.click("missed-seen").await?;

    window.scan(BY_PRICE).await?;
    cart_lines(&window, &["6.26"]).await?;
    pay(&window, 1).await?;
    let paper = printer.wait_until(|paper| paper.receipts.len() == 1).map_err(|_paper| "no receipt")?;
    let text = paper.text(0);
    assert!(
        text.contains("Mountain ham 0.485 kg") && text.contains("6.26"),
        "the weight is derived:\n{text}"
    );

    window.scan(BY_WEIGHT).await?;
    cart_lines(&window, &["6.26"]).await?;
    picture(&window, "labels-weight").await?;
    pay(&window, 2).await?;
    let paper = printer.wait_until(|paper| paper.receipts.len() == 2).map_err(|_paper| "no receipt")?;
    let text = paper.text(1);
    assert!(text.contains("0.485 kg") && text.contains("12.90") && text.contains("6.26"), "{text}");

    let sales = receipts(&rest, "", 2).await?;
    assert_eq!([amount(&sales[0], "total"), amount(&sales[1], "total")], ["6.26", "6.26"]);
    let mut figures = Vec::new();
    for sale in &sales {
        let id = sale["id"].as_str().unwrap_or_default();
        let rows = rest.rows(&format!("/rest/v1/pos_sale_lines?sale_id=eq.{id}")).await?;
        assert_eq!(rows.len(), 1);
        let quantity = rows[0]["quantity"].to_string().trim_matches('"').parse::<rust_decimal::Decimal>()?;
        figures.push(format!(
            "{} × {} = {}",
            quantity.normalize(),
            amount(&rows[0], "unit_price"),
            amount(&rows[0], "net")
        ));
        assert_eq!(sale["flags"], serde_json::json!([]), "{sale}");
    }
    assert_eq!(figures, ["1 × 6.26 = 6.26", "0.485 × 12.90 = 6.26"]);
    window.close().await
}

/// Exact cash.
async fn pay(window: &Window, number: usize) -> Result<()> {
    window.keys([ENTER]).await?;
    stage(window, "paying").await?;
    window.keys([ENTER]).await?;
    says(window, "done", &format!("-A-{number:06}")).await
}
