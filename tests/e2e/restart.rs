//! A power cut during a shift, and a server that is slow or gone when the computer is back.

use onetill_local::Engine;
use onetill_tests::rest::Rest;
use onetill_tests::till::Till;
use onetill_tests::{PATIENCE, Project, Result, staff};

#[tokio::test(flavor = "multi_thread")]
async fn the_shift_is_back_before_the_server_is() -> Result<()> {
    let mut project = Project::start(Engine::Pglite)?;
    let rest = Rest::new(&project.backend);
    let registers = rest.active_registers().await?;
    let cashier = staff("cashier")[0];
    let till = Till::enrolled(&project.backend)?;

    let window = till.open().await?;
    window.prepare(cashier, &registers[0].number).await?;
    window.click("start-shift").await?;
    during("the start", window.screen(&["register"]).await)?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;
    let number = window.text("session-number").await?;
    window.crash()?;

    // The server takes the connection and says nothing: the shift is there, and being checked.
    project.freeze()?;
    let window = till.open().await?;
    during("the silence", window.screen(&["register"]).await)?;
    assert_eq!(window.text("session-number").await?, number, "from this computer's own memory");
    let state = window.attribute("connection", "data-connection").await?;
    assert_ne!(state, "confirmed", "nobody can have confirmed it");
    project.thaw()?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;
    window.crash()?;

    // No server at all: the shift is there, and said to be offline until the server is back.
    project.backend.take_down();
    let window = till.open().await?;
    during("the outage", window.screen(&["register"]).await)?;
    assert_eq!(window.text("session-number").await?, number);
    window.wait_for(PATIENCE, "connection", "data-connection", &["offline"]).await?;
    project.backend.bring_up()?;
    window.wait_for(PATIENCE * 2, "connection", "data-connection", &["confirmed"]).await?;

    let stored = rest.rows(&format!("/rest/v1/pos_sessions?register_id=eq.{}", registers[0].id)).await?;
    assert_eq!(stored.len(), 1, "two power cuts later it is still one session: {stored:?}");
    window.close().await
}

fn during<T>(stage: &str, result: Result<T>) -> Result<T> {
    result.map_err(|error| format!("during {stage}: {error}").into())
}
