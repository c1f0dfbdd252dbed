//! The web view of somebody who has signed in: its memory is searched as a debugger would, for every token and key that
//! went over the wire. The password was typed into it, and nobody can promise when an engine overwrites that.

use onetill_local::Engine;
use onetill_tests::memory::{count, descendants};
use onetill_tests::rest::Rest;
use onetill_tests::secrets::{Tap, secrets_in};
use onetill_tests::till::Till;
use onetill_tests::{PATIENCE, Project, Result, staff};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn no_token_and_no_key_is_in_the_memory_of_the_web_view() -> Result<()> {
    let project = Project::start(Engine::Pglite)?;
    let tap = Tap::on(&project.backend.url()).await?;
    let registers = Rest::new(&project.backend).active_registers().await?;
    let cashier = staff("cashier")[0];
    // As enrolled: what stands in the environment is inherited by every process, the page's too.
    let till = Till::new()?;
    let (url, key) = (tap.url(), project.backend.publishable_key());
    std::fs::write(till.config_file(), format!("[supabase]\nurl = \"{url}\"\nkey = \"{key}\"\n"))?;
    let window = till.open().await?;
    window.prepare(cashier, &registers[0].number).await?;
    window.click("start-shift").await?;
    window.screen(&["register"]).await?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;

    let secrets: Vec<String> =
        secrets_in(&tap.heard()).into_iter().filter(|secret| secret != cashier.password).collect();
    assert!(secrets.len() > 3, "only {} secrets were seen on the wire", secrets.len());
    // The search finds what is there, in either of the forms in which a web view keeps text.
    let marks =
        [format!("planted-{}-narrow", window.pid()?), format!("planted-{}-wide-\u{17f}", window.pid()?)];
    window
        .script("globalThis.planted = [...arguments];", marks.iter().map(|mark| json!(mark)).collect())
        .await?;
    let sought: Vec<String> = marks.iter().chain(&secrets).cloned().collect();
    let pages = descendants(window.pid()?, "WebKitWebProcess")?;
    assert!(!pages.is_empty(), "the page has a process of its own");
    let mut found = vec![0; sought.len()];
    for page in &pages {
        count(*page, &sought)?.into_iter().zip(&mut found).for_each(|(more, sum)| *sum += more);
        let limits = std::fs::read_to_string(format!("/proc/{page}/limits"))?;
        let most = limits.lines().find_map(|line| line.strip_prefix("Max core file size"));
        let most: Vec<&str> = most.unwrap_or_default().split_whitespace().collect();
        assert!(matches!(most.as_slice(), ["0" | "1", "0" | "1", ..]), "it could leave an image: {most:?}");
    }
    let (planted, found) = found.split_at(marks.len());
    assert!(planted.iter().all(|times| *times > 0), "the search is blind: {planted:?}");
    for (secret, times) in secrets.iter().zip(found) {
        assert_eq!(*times, 0, "a secret of {} letters is in the page's memory", secret.len());
    }
    window.close().await
}
