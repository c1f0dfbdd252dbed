//! A whole shift in the real window with the keyboard alone, and with a finger alone, as impatient as people are; and
//! what the server holds afterwards.

use onetill_local::Engine;
use onetill_tests::rest::Rest;
use onetill_tests::till::{TAB, Till, Window, function_key};
use onetill_tests::{PATIENCE, Project, Result, staff, within};
use serde_json::Value;

/// What is counted is the float less the pay-out.
const FLOAT: &str = "1234567.00";
const PAID_OUT: &str = "12.30";
const COUNTED: &str = "1234554.70";

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_by_the_keyboard_alone() -> Result<()> {
    let project = Project::start(Engine::Pglite)?;
    let rest = Rest::new(&project.backend);
    let register = &rest.active_registers().await?[0];
    let ana = staff("cashier")[0];
    let till = Till::enrolled(&project.backend)?;
    let window = till.open().await?;

    window.screen(&["sign-in"]).await?;
    window.tab_to("email").await?;
    window.keys(ana.email.chars()).await?;
    window.tab_to("password").await?;
    window.keys(ana.password.chars()).await?;
    window.enter(1).await?;
    window.screen(&["choose-register"]).await?;
    window.attribute(&format!("register-{}", register.number), "data-testid").await?;
    window.tab_to(&format!("register-{}", register.number)).await?;
    window.enter(1).await?;

    // The proposed amount stands selected: a scanner's burst replaces it, and loses no key.
    window.screen(&["start-shift"]).await?;
    window.tab_to("opening-cash").await?;
    let burst = "400638133393140063813339";
    window.keys(burst.chars()).await?;
    within(PATIENCE, "every key of the burst", async || {
        let value = window
            .script("return document.querySelector('[data-testid=opening-cash]').value", vec![])
            .await?;
        Ok(if value == burst { Ok(()) } else { Err(value.to_string()) })
    })
    .await?;
    // Back in the field, it stands selected once more.
    window.keys([TAB]).await?;
    window.tab_to("opening-cash").await?;
    window.keys(FLOAT.chars()).await?;
    window.enter(2).await?;
    window.screen(&["register"]).await?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;

    window.keys([function_key(3)]).await?;
    window.attribute("movement-amount", "data-testid").await?;
    window.tab_to("movement-amount").await?;
    window.keys(PAID_OUT.chars()).await?;
    window.tab_to("movement-reason-0").await?;
    window.keys([' ']).await?;
    window.enter(2).await?;
    window.gone("movement-record").await?;
    window.wait_for(PATIENCE, "unsent", "data-count", &["0"]).await?;

    window.keys([function_key(9)]).await?;
    window.screen(&["locked"]).await?;
    window.tab_to("unlock-password").await?;
    window.keys(ana.password.chars()).await?;
    window.enter(2).await?;
    window.screen(&["register"]).await?;

    window.keys([function_key(10)]).await?;
    window.screen(&["closing"]).await?;
    window.attribute("begin-count", "data-testid").await?;
    window.tab_to("begin-count").await?;
    window.enter(1).await?;
    // From the tray, piece by piece: a number and Enter for each, and Enter hands it in.
    window.attribute("commit-count", "data-testid").await?;
    let pieces = pieces(&window).await?;
    for (id, number) in &pieces {
        window.tab_to(id).await?;
        window.keys(number.to_string().chars()).await?;
        window.enter(1).await?;
    }
    window.tab_to("commit-count").await?;
    window.enter(1).await?;
    window.wait_for(PATIENCE, "count-result", "data-difference", &["exact"]).await?;
    window.tab_to("close-shift").await?;
    window.enter(2).await?;
    window.attribute("closing-over", "data-testid").await?;
    assert!(!window.attributes("acknowledge-end", "data-testid").await?.is_empty(), "the Z is on the screen");
    window.tab_to("acknowledge-end").await?;
    window.enter(1).await?;
    window.screen(&["start-shift"]).await?;

    settled_once(&rest).await?;
    window.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_by_touch_alone() -> Result<()> {
    let project = Project::start(Engine::Pglite)?;
    let rest = Rest::new(&project.backend);
    let register = &rest.active_registers().await?[0];
    let ana = staff("cashier")[0];
    let till = Till::enrolled(&project.backend)?;
    let window = till.open().await?;

    // What is written in letters comes from the system's own keyboard on the screen.
    window.screen(&["sign-in"]).await?;
    window.fill("email", ana.email).await?;
    window.fill("password", ana.password).await?;
    window.tap("sign-in", 2).await?;
    window.screen(&["choose-register"]).await?;
    window.tap(&format!("register-{}", register.number), 2).await?;
    window.screen(&["start-shift"]).await?;
    keypad(&window, FLOAT).await?;
    window.tap("start-shift", 2).await?;
    window.screen(&["register"]).await?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;

    window.tap("action-pay_out", 2).await?;
    window.attribute("movement-amount", "data-testid").await?;
    keypad(&window, PAID_OUT).await?;
    window.tap("movement-reason-0", 1).await?;
    window.tap("movement-record", 2).await?;
    window.gone("movement-record").await?;
    window.wait_for(PATIENCE, "unsent", "data-count", &["0"]).await?;

    window.tap("lock", 2).await?;
    window.screen(&["locked"]).await?;
    window.fill("unlock-password", ana.password).await?;
    window.tap("unlock", 2).await?;
    window.screen(&["register"]).await?;

    window.tap("action-close", 2).await?;
    window.screen(&["closing"]).await?;
    window.tap("begin-count", 2).await?;
    window.attribute("commit-count", "data-testid").await?;
    for (id, number) in pieces(&window).await? {
        if number > 0 {
            window.tap(&id, 1).await?;
            keypad(&window, &number.to_string()).await?;
        }
    }
    window.tap("commit-count", 2).await?;
    window.wait_for(PATIENCE, "count-result", "data-difference", &["exact"]).await?;
    window.tap("close-shift", 2).await?;
    window.attribute("closing-over", "data-testid").await?;
    window.tap("acknowledge-end", 2).await?;
    window.screen(&["start-shift"]).await?;

    settled_once(&rest).await?;
    window.close().await
}

/// Types on the keys of the screen.
async fn keypad(window: &Window, text: &str) -> Result<()> {
    for key in text.chars() {
        let find = format!(
            "const keys = [...document.querySelectorAll('dialog[open] .digits button, .digits button')];
             const key = keys.find((key) => key.textContent.trim() === '{key}');
             document.querySelectorAll('[data-key]').forEach((it) => delete it.dataset.key);
             key.dataset.key = ''; return null"
        );
        window.script(&find, vec![]).await?;
        window.tap_at("[data-key]", 1).await?;
    }
    Ok(())
}

/// How many of each piece make the counted sum, largest first, by the test id of its field.
async fn pieces(window: &Window) -> Result<Vec<(String, u64)>> {
    let ids = window
        .script("return [...document.querySelectorAll('input[data-testid^=count-]:not([type=radio])')].map((it) => it.dataset.testid)", vec![])
        .await?;
    let mut left = cents(COUNTED)?;
    let mut pieces = Vec::new();
    for id in ids.as_array().into_iter().flatten().filter_map(Value::as_str) {
        let worth = cents(id.trim_start_matches("count-"))?;
        pieces.push((id.to_owned(), left / worth));
        left %= worth;
    }
    if left == 0 { Ok(pieces) } else { Err(format!("{left} cents are left over from {ids}").into()) }
}

fn cents(amount: &str) -> Result<u64> {
    let (whole, part) = amount.split_once('.').unwrap_or((amount, "00"));
    Ok(whole.parse::<u64>()? * 100 + format!("{part:0<2}").parse::<u64>()?)
}

/// One session, one pay-out, one count and one Z report, however often somebody pressed.
async fn settled_once(rest: &Rest) -> Result<()> {
    let sessions = rest.rows("/rest/v1/pos_sessions").await?;
    let [session] = sessions.as_slice() else { return Err(format!("one session: {sessions:?}").into()) };
    assert_eq!(session["status"], "closed");
    for (column, amount) in [
        ("opening_cash", FLOAT),
        ("closing_cash", COUNTED),
        ("expected_cash", COUNTED),
        ("cash_difference", "0.00"),
    ] {
        assert_eq!(money(&session[column]), amount, "{column} of {session}");
    }
    let movements = rest.rows("/rest/v1/pos_cash_movements").await?;
    let [movement] = movements.as_slice() else { return Err(format!("one pay-out: {movements:?}").into()) };
    assert_eq!(money(&movement["amount"]).trim_start_matches('-'), PAID_OUT);
    // Who opened it has not joined it.
    for (table, expected) in [("pos_session_participants", 0), ("pos_counts", 1), ("pos_z_reports", 1)] {
        let rows = rest.rows(&format!("/rest/v1/{table}")).await?;
        assert_eq!(rows.len(), expected, "{table}: {rows:?}");
    }
    Ok(())
}

/// Money as the server tells it: a number or a text.
fn money(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
