//! What is needed when something is wrong with the computer: the file for support, the device's file that could not be
//! used, and a start at once after a kill.

use std::time::Duration;

use onetill_local::Engine;
use onetill_store::StoreFile;
use onetill_tests::rest::Rest;
use onetill_tests::till::Till;
use onetill_tests::{PATIENCE, Project, Result, staff, within};

use crate::steps::record;

#[tokio::test(flavor = "multi_thread")]
async fn diagnostics_are_one_file_without_a_secret() -> Result<()> {
    let project = Project::start(Engine::Pglite)?;
    let registers = Rest::new(&project.backend).active_registers().await?;
    let cashier = staff("cashier")[0];
    let till = Till::enrolled(&project.backend)?;
    let window = till.open().await?;
    window.prepare(cashier, &registers[0].number).await?;
    window.click("start-shift").await?;
    window.screen(&["register"]).await?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;
    let number = window.text("session-number").await?;

    window.click("settings").await?;
    window.click("save-diagnostics").await?;
    let path = window.text("diagnostics-path").await?;
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    for expected in [
        "==== versions ====",
        concat!("onetill ", env!("CARGO_PKG_VERSION")),
        "==== the till's file ====",
        "whole, version",
        "device ",
        "==== on the screen ====",
        "register session=",
        "==== log onetill.log ====",
        "get_or_create_session",
    ] {
        assert!(text.contains(expected), "{expected} is not in:\n{text}");
    }
    for secret in [cashier.password, project.backend.publishable_key(), project.backend.secret_key(), "eyJ"] {
        assert!(!text.contains(secret), "a secret is in it: {secret}");
    }
    assert!(!text.contains(cashier.email) && !text.contains(&number), "nor who, nor which shift's number");
    assert!(text.len() < 3 * 1024 * 1024, "it can be sent by e-mail");
    window.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_in_a_file_that_cannot_be_used_is_told_and_sent() -> Result<()> {
    let mut project = Project::start(Engine::Pglite)?;
    let rest = Rest::new(&project.backend);
    let registers = rest.active_registers().await?;
    let till = Till::enrolled(&project.backend)?;
    let window = till.open().await?;
    window.prepare(staff("cashier")[0], &registers[0].number).await?;
    window.click("start-shift").await?;
    window.screen(&["register"]).await?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;
    project.backend.take_down();
    record(&window, "pay_out", "12.30").await?;
    window.wait_for(PATIENCE, "unsent", "data-count", &["1"]).await?;
    window.crash()?;
    of_a_newer_version(&till)?;

    let window = till.open().await?;
    let found = window.attribute("set-aside-found", "data-count").await?;
    assert_eq!(
        (found.as_str(), window.attribute("set-aside-found", "data-complete").await?.as_str()),
        ("1", "true")
    );
    let path = window.text("set-aside-path").await?;
    assert!(std::path::Path::new(&path).is_file(), "it is where the screen says: {path}");
    window.wait_for(PATIENCE, "unsent", "data-count", &["1"]).await?;
    window.click("set-aside-read").await?;
    window.gone("set-aside").await?;
    window.crash()?;

    project.backend.bring_up()?;
    let window = till.open().await?;
    assert!(window.attributes("set-aside", "role").await?.is_empty(), "it was read");
    window.sign_in(staff("cashier")[0]).await?;
    window.wait_for(PATIENCE, "unsent", "data-count", &["0"]).await?;
    let rows = rest.rows("/rest/v1/pos_cash_movements").await?;
    assert_eq!(rows.len(), 1, "sent once: {rows:?}");
    window.close().await
}

/// Makes the device's file look as if a later version of the program had written it.
fn of_a_newer_version(till: &Till) -> Result<()> {
    let path = till.data().join("onetill.sqlite");
    // Closing it brings everything into the one file.
    drop(StoreFile::open(&path)?);
    let mut bytes = std::fs::read(&path)?;
    // Where SQLite keeps the user version: https://www.sqlite.org/fileformat.html
    bytes.get_mut(60..64).ok_or("no header")?.copy_from_slice(&9999_u32.to_be_bytes());
    Ok(std::fs::write(path, bytes)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_at_once_after_a_kill_is_a_start() -> Result<()> {
    let till = Till::new()?;
    let lock = till.data().join("onetill.lock");
    let owner = || std::fs::read_to_string(&lock).unwrap_or_default().trim().to_owned();
    let mut before: Option<std::process::Child> = None;
    for round in 0..8 {
        let mut program = till.launch()?;
        // The one before was told to die, and nobody waited for that.
        if let Some(mut before) = before.take() {
            before.wait()?;
        }
        within(PATIENCE, "the new one to own the folder", async || {
            if let Some(ended) = program.try_wait()? {
                let printed = std::fs::read_to_string(till.printed())?;
                return Ok(Err(format!("start {round} ended: {ended}, and printed: {printed}")));
            }
            let owner = owner();
            Ok(if owner == program.id().to_string() { Ok(()) } else { Err(format!("{owner} owns it")) })
        })
        .await?;
        if round == 4 {
            // A second one beside it gives way, and the first one stays.
            let mut second = till.launch()?;
            within(PATIENCE, "the second one to end", async || {
                Ok(second.try_wait()?.map(|_ended| ()).ok_or_else(|| "it runs".to_owned()))
            })
            .await?;
            assert_eq!(owner(), program.id().to_string());
            assert!(program.try_wait()?.is_none(), "the first one goes on");
        }
        // At another moment of the start each time.
        tokio::time::sleep(Duration::from_millis(round * 60)).await;
        program.kill()?;
        before = Some(program);
    }
    if let Some(mut last) = before {
        last.wait()?;
    }
    Ok(())
}
