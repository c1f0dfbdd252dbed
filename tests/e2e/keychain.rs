//! A computer without a keychain: people sign in at each start, are told so, and no file holds what would spare them it.

use std::path::Path;

use onetill_local::Engine;
use onetill_tests::rest::Rest;
use onetill_tests::secrets::{Tap, secrets_in};
use onetill_tests::till::Till;
use onetill_tests::{PATIENCE, Project, Result, staff};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_a_login_ends_with_the_program() -> Result<()> {
    let project = Project::start(Engine::Pglite)?;
    let tap = Tap::on(&project.backend.url()).await?;
    let registers = Rest::new(&project.backend).active_registers().await?;
    let [ana, ben] = [staff("cashier")[0], staff("cashier")[1]];
    let mut till = Till::enrolled_without_keychain(&project.backend)?;
    till.set("ONETILL_SUPABASE_URL", tap.url());

    let window = till.open().await?;
    assert!(!window.text("login-not-kept").await?.is_empty(), "it is said before anybody signs in");
    window.prepare(ana, &registers[0].number).await?;
    window.click("start-shift").await?;
    window.screen(&["register"]).await?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;
    let number = window.text("session-number").await?;
    window.crash()?;

    // The shift is there at the next start, and waits for somebody to sign in: here a colleague.
    let window = till.open().await?;
    window.screen(&["register"]).await?;
    assert_eq!(window.text("session-number").await?, number);
    window.click("sign-in-again").await?;
    window.fill("email", ben.email).await?;
    window.fill("password", ben.password).await?;
    window.click("sign-in").await?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;
    assert_eq!(window.text("session-number").await?, number, "it is the same shift under another name");
    assert!(window.text("opener").await?.contains(ana.name), "and still its opener's");

    let secrets = secrets_in(&tap.heard());
    assert!(secrets.len() > 3, "only {} secrets were seen on the wire", secrets.len());
    let mut read = 0;
    search(&till.data(), &secrets.into_iter().collect::<Vec<_>>(), &mut read)?;
    assert!(read > 10_000, "{read} bytes of files prove nothing");
    window.close().await
}

/// Fails with the first file below the folder that holds one of the secrets; counts the bytes that were read.
fn search(folder: &Path, secrets: &[String], read: &mut usize) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            search(&path, secrets, read)?;
            continue;
        }
        let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
        *read += text.len();
        if let Some(secret) = secrets.iter().find(|secret| text.contains(secret.as_str())) {
            return Err(format!("a secret of {} letters is in {}", secret.len(), path.display()).into());
        }
    }
    Ok(())
}
