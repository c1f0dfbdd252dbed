//! A locked till in the real window: what a passer-by can see and do, and who gets in.

use onetill_core::CommandName;
use onetill_local::Engine;
use onetill_tests::rest::Rest;
use onetill_tests::till::{Till, Window};
use onetill_tests::{PATIENCE, Project, Result, staff, within};
use serde_json::{Value, json};

const FLOAT: &str = "187.65";

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_till_hides_everything_and_opens_for_its_people() -> Result<()> {
    let mut project = Project::start(Engine::Pglite)?;
    let rest = Rest::new(&project.backend);
    let registers = rest.active_registers().await?;
    let (ana, ben) = (staff("cashier")[0], staff("cashier")[1]);
    let till = Till::enrolled(&project.backend)?;
    let window = till.open().await?;
    window.prepare(ana, &registers[0].number).await?;
    window.fill("opening-cash", FLOAT).await?;
    window.click("start-shift").await?;
    window.screen(&["register"]).await?;
    assert!(window.all_text().await?.contains(FLOAT));

    window.click("lock").await?;
    window.screen(&["locked"]).await?;
    let shown = window.all_text().await?;
    assert!(shown.contains(ana.name) && !shown.contains(FLOAT), "no money, and whose till it is: {shown}");
    // Somebody who opens the developer's tools gets no further, whatever they send.
    let script = "return window.__TAURI_INTERNALS__.invoke('snapshot')";
    let snapshot = window.script(script, vec![]).await?;
    let holder = snapshot["screen"]["holder"]["user_id"].as_str().ok_or("nobody has locked it")?;
    let configured = std::fs::read_to_string(till.config_file()).unwrap_or_default();
    for name in CommandName::ALL {
        let command = anything(*name, staff("manager")[0].email, holder, &registers[0].id);
        let press = "return window.__TAURI_INTERNALS__.invoke('press', { command: arguments[0] })
            .then((outcome) => ({ outcome }), (why) => why)";
        let told = window.script(press, vec![command]).await?;
        let opens = matches!(name, CommandName::SignIn | CommandName::Unlock);
        let refusal = if opens { "WRONG_PASSWORD" } else { "NOT_NOW" };
        assert_eq!(told["code"], refusal, "{name:?} tells {told}");
        assert!(!told.to_string().contains(FLOAT), "{name:?} tells {told}");
    }
    let told = window.script(script, vec![]).await?.to_string();
    assert!(!told.contains(FLOAT) && !told.contains(&registers[0].id), "the snapshot tells {told}");
    let configured_now = std::fs::read_to_string(till.config_file()).unwrap_or_default();
    assert_eq!(configured_now, configured, "the project is another one");
    assert_eq!(window.screen(&["locked"]).await?, "locked");

    window.fill("unlock-password", "not it").await?;
    window.click("unlock").await?;
    window.wait_for(PATIENCE, "error", "data-code", &["WRONG_PASSWORD"]).await?;
    window.crash()?;

    // A power cut is no way in. The colleague is not known here yet, and signs in.
    let window = till.open().await?;
    window.screen(&["locked"]).await?;
    window.click("lock-somebody").await?;
    window.fill("email", ben.email).await?;
    window.fill("password", ben.password).await?;
    window.click("sign-in").await?;
    window.screen(&["register"]).await?;
    within(PATIENCE, "the colleague's name", async || {
        let shown = window
            .script("return document.querySelector('[data-testid=staff-name]').textContent", vec![])
            .await?
            .as_str()
            .unwrap_or_default()
            .to_owned();
        Ok(if shown == ben.name { Ok(()) } else { Err(shown) })
    })
    .await?;
    assert!(window.text("opener").await?.contains(ana.name), "it is still her shift");

    // Without the network: only who has locked it.
    project.backend.take_down();
    window.wait_for(PATIENCE, "connection", "data-connection", &["offline"]).await?;
    window.click("lock").await?;
    window.click("lock-other").await?;
    open_with(&window, ana.password).await?;
    window.wait_for(PATIENCE, "error", "data-code", &["UNREACHABLE", "NO_ANSWER"]).await?;
    window.click("lock-other").await?;
    open_with(&window, ben.password).await?;
    window.screen(&["register"]).await?;

    project.backend.bring_up()?;
    window.wait_for(PATIENCE * 2, "connection", "data-connection", &["confirmed"]).await?;
    let stored = rest.rows("/rest/v1/pos_cash_movements").await?;
    assert!(stored.is_empty(), "nothing was recorded under the lock: {stored:?}");
    window.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_that_nobody_touches_locks_by_itself() -> Result<()> {
    let project = Project::start(Engine::Pglite)?;
    let till = Till::enrolled(&project.backend)?;
    std::fs::write(till.config_file(), "[screen]\nlock_after_minutes = 3\n")?;
    let window = till.open().await?;
    window.sign_in(staff("cashier")[0]).await?;
    window.screen(&["choose-register"]).await?;
    // The page's clock goes on by so many minutes, as over a break.
    let pass = |minutes: u32| format!("const real = Date.now; Date.now = () => real() + {minutes} * 60_000;");
    window.script(&pass(2), vec![]).await?;
    window.click("settings").await?;
    window.script(&pass(2), vec![]).await?;
    window
        .script("setInterval(() => (globalThis.ticks = (globalThis.ticks ?? 0) + 1), 1000)", vec![])
        .await?;
    within(PATIENCE, "two ticks of the page's clock", async || {
        let ticks = window.script("return globalThis.ticks ?? 0", vec![]).await?.as_u64().unwrap_or_default();
        Ok(if ticks >= 2 { Ok(()) } else { Err(ticks.to_string()) })
    })
    .await?;
    assert_eq!(
        window.screen(&["choose-register"]).await?,
        "choose-register",
        "it was touched two minutes ago"
    );
    window.script(&pass(2), vec![]).await?;
    window.screen(&["locked"]).await?;
    open_with(&window, staff("cashier")[0].password).await?;
    window.screen(&["choose-register"]).await?;
    window.close().await
}

/// A command of this name, with whatever a command may take. The password is a wrong one.
fn anything(name: CommandName, email: &str, holder: &str, id: &str) -> Value {
    let change = json!({
        "country": "US", "selling_on": true, "prices_include_tax": false, "price_override": true,
        "no_receipt_refund": true, "other_tenders": [],
    });
    let of_the_catalogue = json!({
        "after": null, "version": 0, "file_name": "items.csv", "content": "", "tax_code": null, "which": "add", "from": 0,
        "page": 1, "keys": [], "is_removed": false,
        "tax": {"location_id": null, "code": "V", "name": "VAT", "valid_from": "2027-01-01", "components": []},
        "item": {
            "name": "Mug", "short_name": "", "sku": "", "unit": "", "price": "1.00", "price_is_open": false,
            "tax_code": "", "category": "", "age_limit": "", "is_active": true, "codes": [], "prices": [],
        },
    });
    let mut command = json!({
        "name": name,
        "url": "https://other.example", "key": "sb_publishable_other",
        "email": email, "password": "not it", "user_id": holder,
        "location_id": id, "register_id": id, "session_id": id, "movement_id": id,
        "request": {"kind": "pay_out", "amount": "5", "reason": "theft", "note": "", "reference": ""},
        "tally": {"by": "sum", "amount": "1.00"},
        "opening_cash": "1.00", "accept_earlier_day": true,
        "reason": "why", "note": "", "date": null,
        "entry_id": id, "sale_id": id, "item_id": id, "line": 0, "tender": 0, "change": change,
        "amount": "1.00", "quantity": "", "price": "", "discount": "", "code": "4006381333931",
        "flag": "late", "reference": "", "label": "theft", "handed": "", "text": "Mug",
        "number": "M1-A-000001", "subject": {"of": "cart"},
    });
    if let (Value::Object(all), Value::Object(more)) = (&mut command, of_the_catalogue) {
        all.extend(more);
    }
    command
}

async fn open_with(window: &Window, password: &str) -> Result<()> {
    window.fill("unlock-password", password).await?;
    window.click("unlock").await
}
