//! The window is asked to close, as by its frame's cross or by Alt+F4, and comes back where it was.

use onetill_local::Engine;
use onetill_tests::frame::Place;
use onetill_tests::rest::Rest;
use onetill_tests::till::Till;
use onetill_tests::{PATIENCE, Project, Result, staff, within};

const THERE: Place = Place { x: 120, y: 40, width: 1000, height: 700 };

#[tokio::test(flavor = "multi_thread")]
async fn an_open_shift_is_not_closed_by_accident_and_the_window_comes_back() -> Result<()> {
    let project = Project::start(Engine::Pglite)?;
    let rest = Rest::new(&project.backend);
    let registers = rest.active_registers().await?;
    let till = Till::enrolled(&project.backend)?;
    let window = till.open().await?;
    window.prepare(staff("cashier")[0], &registers[0].number).await?;
    window.click("start-shift").await?;
    window.screen(&["register"]).await?;
    till.frame().await?.put(THERE)?;
    within(PATIENCE, "its place to be written down", async || {
        let kept = std::fs::read_to_string(till.data().join("window.json")).unwrap_or_default();
        Ok(if kept.contains("\"x\":120") && kept.contains("\"width\":1000") {
            Ok(())
        } else {
            Err(format!("{kept} {:?}", till.frame().await?.place()?))
        })
    })
    .await?;

    // Twice in a row, as an impatient hand does: it asks, and goes on.
    till.frame().await?.ask_to_close()?;
    till.frame().await?.ask_to_close()?;
    let said = window.text("close-shift-stays").await?;
    assert!(said.contains("stays open"), "{said}");
    window.click("close-stay").await?;
    window.gone("close-stay").await?;
    assert!(!window.has_ended(), "it goes on");
    window.screen(&["register"]).await?;

    till.frame().await?.ask_to_close()?;
    window.click("close-quit").await.or_else(|gone| if window.has_ended() { Ok(()) } else { Err(gone) })?;
    window.ended().await?;
    let sessions = rest.rows("/rest/v1/pos_sessions?status=eq.open").await?;
    assert_eq!(sessions.len(), 1, "as it said, the shift stays open: {sessions:?}");

    let window = till.open().await?;
    window.screen(&["register"]).await?;
    assert_eq!(till.frame().await?.place()?, THERE);
    window.click("leave-shift").await?;
    window.click("confirm-leave").await?;
    window.screen(&["start-shift"]).await?;
    till.frame().await?.ask_to_close()?;
    window.ended().await
}
