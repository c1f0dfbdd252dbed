//! The web view of somebody who has signed in: its memory is searched as a debugger would, for everything that went
//! over the wire and for what was typed.

use std::time::Duration;

use onetill_local::Engine;
use onetill_tests::memory::{count, descendants};
use onetill_tests::rest::Rest;
use onetill_tests::secrets::{Tap, secrets_in};
use onetill_tests::till::Till;
use onetill_tests::{PATIENCE, Project, Result, staff, within};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn no_token_and_no_key_is_in_the_memory_of_the_web_view() -> Result<()> {
    let project = Project::start(Engine::Pglite)?;
    let tap = Tap::on(&project.backend.url()).await?;
    let registers = Rest::new(&project.backend).active_registers().await?;
    let cashier = staff("cashier")[0];
    let mut till = Till::enrolled(&project.backend)?;
    till.set("ONETILL_SUPABASE_URL", tap.url());
    let window = till.open().await?;
    window.prepare(cashier, &registers[0].number).await?;
    window.click("start-shift").await?;
    window.screen(&["register"]).await?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;

    // The search finds what is there, in either of the forms in which a web view keeps text.
    let marks =
        [format!("planted-{}-narrow", window.pid()?), format!("planted-{}-wide-\u{17f}", window.pid()?)];
    window
        .script("globalThis.planted = [...arguments];", marks.iter().map(|mark| json!(mark)).collect())
        .await?;
    let pages = descendants(window.pid()?, "WebKitWebProcess")?;
    assert!(!pages.is_empty(), "the page has a process of its own");
    let mut planted = vec![0; marks.len()];
    for page in &pages {
        count(*page, &marks)?.into_iter().zip(&mut planted).for_each(|(found, sum)| *sum += found);
        let limits = std::fs::read_to_string(format!("/proc/{page}/limits"))?;
        let most = limits.lines().find_map(|line| line.strip_prefix("Max core file size"));
        let most: Vec<&str> = most.unwrap_or_default().split_whitespace().collect();
        assert!(matches!(most.as_slice(), ["0" | "1", "0" | "1", ..]), "it could leave an image: {most:?}");
    }
    assert!(planted.iter().all(|found| *found > 0), "the search is blind: {planted:?}");

    let secrets: Vec<String> =
        secrets_in(&tap.heard()).into_iter().filter(|secret| secret != cashier.password).collect();
    assert!(secrets.len() > 3, "only {} secrets were seen on the wire", secrets.len());
    for page in &pages {
        let found = count(*page, &secrets)?;
        for (secret, found) in secrets.iter().zip(found) {
            assert_eq!(found, 0, "a secret of {} letters is in the page's memory", secret.len());
        }
    }

    // What was typed goes in time: the field is gone, and the engine uses its memory again.
    let password = [cashier.password.to_owned()];
    let left = async || {
        let mut left = 0;
        for page in &pages {
            left += count(*page, &password)?[0];
        }
        Result::Ok(left)
    };
    println!("the password is there {} times", left().await?);
    within(Duration::from_secs(60), "the password to go", async || {
        let left = left().await?;
        println!("the password is there {left} times");
        Ok(if left == 0 { Ok(()) } else { Err(format!("{left} times there")) })
    })
    .await?;
    window.close().await
}
