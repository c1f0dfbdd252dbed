//! A scanner at a real window: what it reads lands in the cart or is refused, whatever has the focus.

use onetill_goods::Goods;
use onetill_local::Engine;
use onetill_tests::stock::stock;
use onetill_tests::till::{ENTER, Till, Window, function_key};
use onetill_tests::{MARKET, PATIENCE, Project, Result, staff};

use crate::steps::{cart_lines, picture, press_start, says};

/// Linen tea towel.
const TOWEL: &str = "4006381333931";
/// Pilsner 0.5 l.
const PILSNER: &str = "4012345678901";
/// A label of this store: 6.26 worth of what it sells as 12345.
const LABEL: &str = "2012345006263";

async fn holds(window: &Window, field: &str, wanted: &str) -> Result<()> {
    assert_eq!(window.property(field, "value").await?, wanted, "{field}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_scan_changes_a_field_or_is_lost_whatever_has_the_focus() -> Result<()> {
    let project = Project::selling(Engine::Pglite)?;
    let till = Till::enrolled(&project.backend)?;
    let window = till.open().await?;
    window.prepare(staff("cashier").first().ok_or("a cashier")?, "M1").await?;

    // At the start of a shift: eight digits that would pass for an amount.
    let opening = window.property("opening-cash", "value").await?;
    window.scan("01234565").await?;
    window.wait_for(PATIENCE, "scan-refused", "data-why", &["nothing-sold"]).await?;
    holds(&window, "opening-cash", &opening).await?;
    window.screen(&["start-shift"]).await?;
    picture(&window, "scan-at-start").await?;

    press_start(&window, "200.00").await?;
    window.sells().await?;
    // The input line, a button and a tab have the focus by turns.
    window.scan(TOWEL).await?;
    cart_lines(&window, &["12.00"]).await?;
    window.keys("12".chars()).await?;
    window.scan(LABEL).await?;
    cart_lines(&window, &["12.00", "6.26"]).await?;
    holds(&window, "selling-input", "12").await?;
    window.keys(['\u{E00C}']).await?;
    window.keys("gruy".chars()).await?;
    says(&window, "found-0", "Gruyère").await?;
    picture(&window, "search").await?;
    window.scan(PILSNER).await?;
    cart_lines(&window, &["12.00", "6.26", "3.20"]).await?;
    holds(&window, "selling-input", "gruy").await?;

    // A dialog: refused, and its field as it was.
    window.keys(['\u{E00C}', function_key(2)]).await?;
    let quantity = window.property("quantity-typed", "value").await?;
    window.scan(TOWEL).await?;
    window.wait_for(PATIENCE, "scan-refused", "data-why", &["dialog"]).await?;
    holds(&window, "quantity-typed", &quantity).await?;
    picture(&window, "scan-in-dialog").await?;
    window.keys(['\u{E00C}']).await?;

    // Two that come to nothing stay in sight, and the one behind them is sold.
    window.scan("4006381333932").await?;
    window.scan("4099999999990").await?;
    window.scan(TOWEL).await?;
    cart_lines(&window, &["12.00", "6.26", "3.20", "12.00"]).await?;
    says(&window, "missed-scans", "2").await?;
    picture(&window, "missed-scans").await?;
    window.click("missed-seen").await?;
    window.gone("missed-scans").await?;

    // A payment: refused, and what was handed over stays. Then the next scan is the next sale.
    window.click("pay").await?;
    window.click("age-yes").await?;
    window.wait_for(PATIENCE, "pay-handed", "data-testid", &["pay-handed"]).await?;
    window.keys("50".chars()).await?;
    window.scan(TOWEL).await?;
    window.wait_for(PATIENCE, "scan-refused", "data-why", &["paying"]).await?;
    holds(&window, "pay-handed", "50").await?;
    window.keys("00".chars().chain([ENTER])).await?;
    says(&window, "done", "-A-000001").await?;
    window.scan(TOWEL).await?;
    cart_lines(&window, &["12.00"]).await?;
    window.close().await
}

/// Items of the large catalogue that are scanned as one piece at one price.
fn scannable(goods: &Goods) -> impl Iterator<Item = (String, String)> {
    (0..100_000).step_by(1_777).map(|number| goods.item(number)).filter_map(|item| {
        let (price, code) =
            (item.price?, item.codes.into_iter().find(|code| code.factor.to_string() == "1")?);
        item.unit.is_none().then(|| (code.code, price.to_string()))
    })
}

/// Waits until this scan, too, is a line.
async fn grown(window: &Window, wanted: &[String], code: &str) -> Result<()> {
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    match cart_lines(window, &wanted).await {
        Ok(()) => Ok(()),
        Err(error) => Err(format!("{code}: {error}\nthe window shows:\n{}", window.all_text().await?).into()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_thousand_items_thirty_scans_are_lines_or_told_and_none_is_in_a_field() -> Result<()> {
    let project = Project::selling(Engine::Pglite)?;
    let till = Till::enrolled(&project.backend)?;
    let window = till.open().await?;
    window.prepare(staff("cashier").first().ok_or("a cashier")?, "M1").await?;
    press_start(&window, "200.00").await?;
    window.sells().await?;
    // It sells by its catalogue once that was read.
    window.scan(TOWEL).await?;
    cart_lines(&window, &["12.00"]).await?;
    window.close().await?;
    let goods = Goods::new(7);
    stock(&till.data(), MARKET, &goods, 100_000)?;

    let window = till.open().await?;
    window.sells().await?;
    let mut wanted = vec!["12.00".to_owned()];
    let mut told = 0;
    for (turn, (code, price)) in scannable(&goods).take(30).enumerate() {
        match turn % 3 {
            // The search field, with results under it.
            0 => {
                window.keys("gruy".chars()).await?;
                says(&window, "found-0", "Gruyère").await?;
                window.scan(&code).await?;
                wanted.push(price);
                grown(&window, &wanted, &code).await?;
                holds(&window, "selling-input", "gruy").await?;
            }
            // A dialog.
            1 => {
                window.keys([function_key(2)]).await?;
                let quantity = window.property("quantity-typed", "value").await?;
                window.scan(&code).await?;
                says(&window, "scan-refused", &code).await?;
                told += 1;
                holds(&window, "quantity-typed", &quantity).await?;
            }
            // A key of the keypad, with an amount half typed.
            _ => {
                window.click("tab-amount").await?;
                window.keys("12".chars()).await?;
                let focus = "document.querySelector('.pad .keypad button').focus()";
                window.script(focus, vec![]).await?;
                window.scan(&code).await?;
                wanted.push(price);
                grown(&window, &wanted, &code).await?;
                holds(&window, "selling-input", "12").await?;
            }
        }
        window.keys(['\u{E00C}']).await?;
    }
    assert_eq!((wanted.len() - 1, told), (20, 10), "of thirty scans");
    assert_eq!(window.attributes("cart-line", "data-amount").await?, wanted);
    assert_eq!(window.attributes("missed-scans", "class").await?, Vec::<String>::new(), "none is unknown");
    picture(&window, "scans-of-many").await?;
    window.close().await
}
