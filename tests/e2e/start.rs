//! Two computers at one register press *Start shift* at the same moment.

use onetill_local::{DemoAccount, Engine};
use onetill_tests::rest::Rest;
use onetill_tests::till::{Till, Window};
use onetill_tests::{PATIENCE, Project, Result, staff};

const OUTCOMES: &[&str] = &["created", "joined", "replayed"];

#[tokio::test(flavor = "multi_thread")]
async fn one_starts_and_the_other_joins() -> Result<()> {
    let project = Project::start(Engine::real())?;
    let rest = Rest::new(&project.backend);
    let registers = rest.active_registers().await?;
    let register = &registers[0];
    let cashiers = staff("cashier");
    let (left, right) = (Till::enrolled(&project.backend)?, Till::enrolled(&project.backend)?);
    let (left, right) = tokio::try_join!(left.open(), right.open())?;
    tokio::try_join!(
        stand_ready(&left, cashiers[0], &register.number, "150.00"),
        stand_ready(&right, cashiers[1], &register.number, "175.50"),
    )?;

    tokio::try_join!(left.click("start-shift"), right.click("start-shift"))?;

    let seen = tokio::try_join!(
        left.wait_for(PATIENCE, "outcome", "data-outcome", OUTCOMES),
        right.wait_for(PATIENCE, "outcome", "data-outcome", OUTCOMES),
    )?;
    let mut outcomes = [seen.0.as_str(), seen.1.as_str()];
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["created", "joined"], "one starts, the other joins");

    tokio::try_join!(left.screen(&["register"]), right.screen(&["register"]))?;
    let stored = rest.rows(&format!("/rest/v1/pos_sessions?register_id=eq.{}", register.id)).await?;
    assert_eq!(stored.len(), 1, "one session in the database: {stored:?}");
    let number = stored[0]["session_number"].as_str().unwrap_or_default();
    for window in [&left, &right] {
        let shown = window.text("session-number").await?;
        assert!(!number.is_empty() && shown.contains(number), "{shown:?} shows {number:?}");
        window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;
    }

    // Both see whose shift it is and its float: the starter's.
    let starter = if seen.0 == "created" { (cashiers[0], "150.00") } else { (cashiers[1], "175.50") };
    for window in [&left, &right] {
        assert!(window.text("opening-cash-value").await?.contains(starter.1));
        assert!(window.text("opener").await?.contains(starter.0.name));
    }
    tokio::try_join!(left.close(), right.close())?;
    Ok(())
}

async fn stand_ready(window: &Window, who: &DemoAccount, register: &str, opening_cash: &str) -> Result<()> {
    window.prepare(who, register).await?;
    window.fill("opening-cash", opening_cash).await
}
