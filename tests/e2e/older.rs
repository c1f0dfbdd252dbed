//! A project with an earlier database part: it can be set up and worked with, and the window says what it lacks.

use onetill_local::{DemoAccount, Engine};
use onetill_tests::till::Till;
use onetill_tests::{PATIENCE, Project, Result, staff};

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_database_part_works_and_is_named() -> Result<()> {
    let project = Project::legacy(Engine::real(), "function_table.sql")?;
    let till = Till::new()?;
    let window = till.open().await?;
    window.screen(&["setup"]).await?;
    window.fill("url", &project.backend.url()).await?;
    window.fill("key", project.backend.publishable_key()).await?;
    window.click("test-connection").await?;
    for check in ["settings", "reach", "key", "function"] {
        window.wait_for(PATIENCE, &format!("check-{check}"), "data-result", &["passed"]).await?;
    }
    for (limitation, words) in [("current-part", "does not tell which"), ("guard", "without signing in")] {
        let told = window.text(&format!("limitation-{limitation}")).await?;
        assert!(told.contains(words) && told.contains("supabase/migrations"), "{limitation}: {told}");
    }
    window.click("save-connection").await?;

    window.sign_in(&DemoAccount { email: "mina@field.example", ..*staff("manager")[0] }).await?;
    window.screen(&["choose-register"]).await?;
    window.text("limitation-current-part").await?;
    window.click("register-REG-1").await?;
    window.screen(&["start-shift"]).await?;
    window.click("start-shift").await?;
    window.screen(&["register"]).await?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;
    assert!(window.text("opener").await?.contains("Mina Field"));

    // What it cannot keep or settle is not offered.
    window.text("limitation-current-part").await?;
    for action in ["action-pay_out", "spot-count", "x-report", "action-close", "open-board"] {
        window.gone(action).await?;
    }
    window.close().await
}
