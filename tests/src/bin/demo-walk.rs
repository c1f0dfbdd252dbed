//! The demo without a screen: two computers at one register of the demo store, one starts the
//! shift and the other joins it. Leaves a picture of every screen in the folder it is given.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use onetill_local::{DEMO_ACCOUNTS, Engine};
use onetill_tests::rest::Rest;
use onetill_tests::till::{Till, Window};
use onetill_tests::{PATIENCE, Project, Result, staff};

#[tokio::main]
async fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: demo-walk <folder for the screenshots>");
        return ExitCode::FAILURE;
    };
    match walk(&folder).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The walk through the demo stopped: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn walk(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let project = Project::start(Engine::Pglite)?;
    let registers = Rest::new(&project.backend).active_registers().await?;
    let register = registers.first().ok_or("the demo store has no register")?;
    let [first, second, ..] = staff("cashier")[..] else {
        return Err("the demo store has fewer than two cashiers".into());
    };
    let accounts = serde_json::to_string(DEMO_ACCOUNTS)?;

    let mut left = Till::enrolled(&project.backend)?;
    left.set("ONETILL_DEMO_ACCOUNTS", accounts.clone());
    let window = left.open().await?;
    window.screen(&["sign-in"]).await?;
    picture(&window, folder, "1-sign-in.png").await?;
    window.sign_in(first).await?;
    window.screen(&["choose-register"]).await?;
    window.text(&format!("register-{}", register.number)).await?;
    picture(&window, folder, "2-choose-register.png").await?;
    window.click(&format!("register-{}", register.number)).await?;
    window.screen(&["start-shift"]).await?;
    picture(&window, folder, "3-start-shift.png").await?;
    window.click("start-shift").await?;
    window.wait_for(PATIENCE, "outcome", "data-outcome", &["created"]).await?;
    picture(&window, folder, "4-shift-started.png").await?;
    println!("   {} started the shift {}.", first.name, window.text("session-number").await?);

    let mut right = Till::enrolled(&project.backend)?;
    right.set("ONETILL_DEMO_ACCOUNTS", accounts);
    let joiner = right.open().await?;
    joiner.prepare(second, &register.number).await?;
    picture(&joiner, folder, "5-a-shift-is-open.png").await?;
    joiner.click("start-shift").await?;
    joiner.wait_for(PATIENCE, "outcome", "data-outcome", &["joined"]).await?;
    picture(&joiner, folder, "6-joined.png").await?;
    println!("   {} joined it: {}", second.name, joiner.text("outcome").await?.replace('\n', " "));

    joiner.close().await?;
    window.close().await?;
    Ok(())
}

async fn picture(window: &Window, folder: &Path, name: &str) -> Result<()> {
    let file = folder.join(name);
    window.picture(&file).await?;
    println!("   {}", file.display());
    Ok(())
}
