//! What people get wrong, and what stands in the way. Each has its own sentence and says what to
//! do; none leaves the window blank.

use std::collections::BTreeSet;

use onetill_local::{DemoAccount, Engine};
use onetill_tests::till::{Till, Window};
use onetill_tests::{PATIENCE, Project, Result, staff};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_has_its_own_sentence() -> Result<()> {
    let project = Project::start(Engine::Pglite)?;
    let (url, key) = (project.backend.url(), project.backend.publishable_key());
    let secret = project.backend.secret_key();
    let nobody = format!("http://127.0.0.1:{}", closed_port().await?);
    let hotel = captive_portal().await?;

    let till = Till::new()?;
    let window = till.open().await?;
    window.screen(&["setup"]).await?;
    let mut sentences = BTreeSet::new();
    for (mistake, url, key, check, code) in [
        ("not an address", "shop floor", key, "settings", "BAD_URL"),
        ("a secret key", url.as_str(), secret, "settings", "SECRET_KEY"),
        ("nobody there", nobody.as_str(), key, "reach", "UNREACHABLE"),
        ("a web page there", hotel.as_str(), key, "reach", "NOT_SUPABASE"),
        ("a wrong key", url.as_str(), "sb_publishable_of_another_shop", "key", "WRONG_KEY"),
    ] {
        window.fill("url", url).await?;
        window.fill("key", key).await?;
        window.click("test-connection").await?;
        let failed = window.wait_for(PATIENCE, &format!("check-{check}"), "data-result", &["failed"]).await;
        failed.map_err(|error| format!("{mistake}: {error}"))?;
        explains(&window, mistake, code, &mut sentences).await?;
    }

    window.fill("url", &url).await?;
    window.fill("key", key).await?;
    window.click("test-connection").await?;
    for check in ["settings", "reach", "key", "function"] {
        window.wait_for(PATIENCE, &format!("check-{check}"), "data-result", &["passed"]).await?;
    }
    window.gone("limitation-guard").await?;
    window.click("save-connection").await?;

    let cashier = staff("cashier")[0];
    window.sign_in(&DemoAccount { password: "not my password", ..*cashier }).await?;
    explains(&window, "a wrong password", "WRONG_PASSWORD", &mut sentences).await?;
    window.sign_in(cashier).await?;
    window.screen(&["choose-register"]).await?;
    window.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_configuration_file_is_named_with_its_line() -> Result<()> {
    let till = Till::new()?;
    std::fs::write(till.config_file(), "[supabase]\nurl = \"https://shop.example\n")?;
    let window = till.open().await?;
    window.screen(&["setup"]).await?;
    explains(&window, "a broken configuration file", "BAD_CONFIG", &mut BTreeSet::new()).await?;
    let shown = window.all_text().await?;
    assert!(shown.contains("line 2"), "it says where: {shown}");
    assert!(shown.contains(&till.config_file().display().to_string()), "and in which file: {shown}");
    window.close().await
}

/// The window shows this fault, in words that no other one has, with something to do.
async fn explains(
    window: &Window,
    mistake: &str,
    code: &str,
    sentences: &mut BTreeSet<String>,
) -> Result<()> {
    let shown = window.wait_for(PATIENCE, "error", "data-code", &[code]).await;
    shown.map_err(|error| format!("{mistake}: {error}"))?;
    let title = window.text("error-title").await?;
    let action = window.text("error-action").await?;
    assert!(!title.trim().is_empty(), "{mistake} is named");
    assert!(!action.trim().is_empty(), "{mistake}: something can be done");
    assert!(!title.contains('<'), "{mistake}: no web page reaches the screen: {title}");
    assert!(sentences.insert(title.clone()), "{mistake} has a sentence of its own, not {title:?}");
    Ok(())
}

/// A port on which nothing listens.
async fn closed_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port())
}

/// Answers everything with a friendly web page, as the network of a hotel does.
async fn captive_portal() -> Result<String> {
    const PAGE: &str = "<!doctype html><title>Welcome</title><h1>Please accept our terms</h1>";
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut guest, _)) = listener.accept().await {
            tokio::spawn(async move {
                // One read is enough: whatever was asked, the answer is the page.
                let _asked = guest.read(&mut [0; 4096]).await;
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{PAGE}",
                    PAGE.len()
                );
                let _sent = guest.write_all(answer.as_bytes()).await;
            });
        }
    });
    Ok(format!("http://{address}"))
}
