//! What several of the days in the real window have in common: the gestures of a cashier.

use std::path::PathBuf;

use onetill_local::{DemoAccount, repository};
use onetill_tests::till::Window;
use onetill_tests::{PATIENCE, Result, within};

/// Signs in and starts, or joins, a shift with this amount in the drawer.
pub(crate) async fn start_shift(
    window: &Window,
    who: &DemoAccount,
    register: &str,
    opening_cash: &str,
) -> Result<()> {
    window.prepare(who, register).await?;
    press_start(window, opening_cash).await
}

/// The same from the screen where only the amount is left to say.
pub(crate) async fn press_start(window: &Window, opening_cash: &str) -> Result<()> {
    window.screen(&["start-shift"]).await?;
    window.fill("opening-cash", opening_cash).await?;
    window.click("start-shift").await?;
    window.screen(&["register"]).await?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;
    Ok(())
}

/// Records one movement with the first reason of its list.
pub(crate) async fn record(window: &Window, kind: &str, amount: &str) -> Result<()> {
    window.click(&format!("action-{kind}")).await?;
    if kind != "no_sale" {
        window.fill("movement-amount", amount).await?;
    }
    window.click("movement-reason-0").await?;
    window.click("movement-record").await?;
    window.gone("movement-record").await
}

/// Waits for a step of the way out of a shift.
pub(crate) async fn step(window: &Window, step: &str) -> Result<()> {
    window.screen(&["closing"]).await?;
    let reached = within(PATIENCE, step, async || {
        let seen = window.screen_attribute("data-step").await?;
        Ok(if seen == step { Ok(()) } else { Err(seen) })
    })
    .await;
    match reached {
        Ok(()) => Ok(()),
        Err(error) => Err(format!("{error}\nthe window shows:\n{}", window.all_text().await?).into()),
    }
}

/// From the register screen to the count.
pub(crate) async fn begin_count(window: &Window) -> Result<()> {
    window.click("action-close").await?;
    step(window, "checklist").await?;
    window.click("begin-count").await?;
    step(window, "count").await
}

/// Types a count piece by piece, as (face value, how many), and hands it in.
pub(crate) async fn count_pieces(window: &Window, pieces: &[(&str, &str)]) -> Result<()> {
    for (value, many) in pieces {
        window.fill(&format!("count-{value}"), many).await?;
    }
    window.click("commit-count").await?;
    step(window, "result").await
}

/// Has a manager sign in beside whoever is signed in.
pub(crate) async fn sign_beside(window: &Window, manager: &DemoAccount) -> Result<()> {
    window.fill("email", manager.email).await?;
    window.fill("password", manager.password).await?;
    window.click("sign-in").await
}

/// All movements that the window lists, the newest first: kind, amount, and whether it is sent.
pub(crate) async fn movements(window: &Window) -> Result<Vec<String>> {
    let kinds = window.attributes("movement", "data-kind").await?;
    let amounts = window.attributes("movement", "data-amount").await?;
    let states = window.attributes("movement", "data-state").await?;
    Ok(kinds
        .iter()
        .zip(&amounts)
        .zip(&states)
        .map(|((kind, amount), state)| format!("{kind} {amount} {state}"))
        .collect())
}

/// Waits until the window lists exactly these.
pub(crate) async fn lists(window: &Window, expected: &[&str]) -> Result<()> {
    within(PATIENCE * 2, &format!("the list {expected:?}"), async || {
        let seen = movements(window).await?;
        Ok(if seen == expected { Ok(()) } else { Err(format!("{seen:?}")) })
    })
    .await
}

/// Waits until something that stands in the window contains these words.
pub(crate) async fn says(window: &Window, id: &str, words: &str) -> Result<()> {
    let said = within(PATIENCE, &format!("{id} to say {words:?}"), async || {
        // WebDriver takes what is kept to one line for hidden; the pictures show that it is not.
        let shown = window.property(id, "textContent").await?;
        Ok(if shown.contains(words) { Ok(()) } else { Err(shown) })
    })
    .await;
    match said {
        Ok(()) => Ok(()),
        Err(error) => Err(format!("{error}\nthe window shows:\n{}", window.all_text().await?).into()),
    }
}

/// Where the pictures of this run are, for whoever wants to see what the tests saw.
pub(crate) fn pictures() -> Result<PathBuf> {
    let folder = repository().join("target/e2e");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Leaves a picture of the window.
pub(crate) async fn picture(window: &Window, name: &str) -> Result<()> {
    window.picture(&pictures()?.join(format!("{name}.png"))).await
}

/// Waits until the cart has lines of these amounts.
pub(crate) async fn cart_lines(window: &Window, wanted: &[&str]) -> Result<()> {
    within(PATIENCE, &format!("lines of {wanted:?}"), async || {
        let seen = window.attributes("cart-line", "data-amount").await?;
        Ok(if seen == wanted { Ok(()) } else { Err(format!("{seen:?}")) })
    })
    .await
}
