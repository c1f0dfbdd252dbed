//! A cashier sells in a real window against a real PostgreSQL.

#![allow(clippy::indexing_slicing, reason = "of JSON: a field that is missing is null")]

mod figures;
mod labels;
mod late;
mod outage;
mod paper;
mod returns;

use onetill_local::DemoAccount;
use onetill_tests::rest::Rest;
use onetill_tests::till::{ENTER, Till, Window};
use onetill_tests::{PATIENCE, Result, within};
use serde_json::Value;

use crate::steps::{press_start, says};

/// Opens the till, signs in and starts a shift, or joins one, that sells at register M1, with 200.00 in the drawer.
async fn selling(till: &Till, who: &DemoAccount) -> Result<Window> {
    let window = till.open().await?;
    window.sign_in(who).await?;
    window.screen(&["choose-register"]).await?;
    choose(&window, "Market Street", "M1").await?;
    press_start(&window, "200.00").await?;
    window.sells().await?;
    Ok(window)
}

/// Chooses a register of this store, once the list has it. Somebody who sees only one store has none to choose.
async fn choose(window: &Window, store: &str, register: &str) -> Result<()> {
    let id = format!("register-{register}");
    within(PATIENCE, &id, async || {
        if !window.attributes(&id, "class").await?.is_empty() {
            return Ok(Ok(()));
        }
        // One that is pressed while the list of another store is being read is not heard.
        if !window.attributes("location-0", "class").await?.is_empty() {
            press(window, "[data-testid^=location-]", store).await?;
        }
        Ok(Err("it is not in the list".to_owned()))
    })
    .await?;
    window.click(&id).await
}

/// Presses the one of these whose words contain that.
async fn press(window: &Window, selector: &str, words: &str) -> Result<()> {
    const FIND: &str = "const [selector, words] = arguments;
        const found = [...document.querySelectorAll(selector)].find((it) => it.textContent.includes(words));
        return found?.dataset.testid ?? null;";
    let id = within(PATIENCE, words, async || {
        let arguments = vec![Value::from(selector), Value::from(words)];
        let found = window.script(FIND, arguments).await?;
        Ok(found.as_str().map(str::to_owned).ok_or_else(|| "not there".to_owned()))
    })
    .await?;
    window.click(&id).await
}

async fn stage(window: &Window, wanted: &str) -> Result<()> {
    within(PATIENCE, wanted, async || {
        let stage = window.screen_attribute("data-selling").await?;
        Ok(if stage == wanted { Ok(()) } else { Err(stage) })
    })
    .await
}

/// Sells so many cents without tax for exact cash, and waits for the receipt of this number.
async fn sell(window: &Window, cents: usize, number: usize) -> Result<()> {
    window.keys(cents.to_string().chars().chain([ENTER, ENTER, ENTER])).await?;
    says(window, "done", &format!("-A-{number:06}")).await
}

/// The change was read.
async fn to_the_next_customer(window: &Window) -> Result<()> {
    within(PATIENCE, "the next customer", async || {
        if window.attributes("done", "data-kind").await?.is_empty() {
            return Ok(Ok(()));
        }
        // One that comes at once is taken for one of hands that were on their way.
        window.click("next-customer").await?;
        Ok(Err("the change stands there".to_owned()))
    })
    .await
}

/// The receipts on the server that match, by number, once there are so many.
async fn receipts(rest: &Rest, filter: &str, count: usize) -> Result<Vec<Value>> {
    let query = format!("/rest/v1/pos_sales?{filter}&order=receipt_seq");
    within(PATIENCE * 2, "the receipts on the server", async || {
        let rows = rest.rows(&query).await?;
        Ok(if rows.len() == count { Ok(()) } else { Err(format!("{} of {count}", rows.len())) })
    })
    .await?;
    rest.rows(&query).await
}

/// An amount of a row, as it would be printed.
fn amount(row: &Value, column: &str) -> String {
    let text = row[column].to_string();
    text.trim_matches('"').parse().map_or(text, |amount: rust_decimal::Decimal| format!("{amount:.2}"))
}
