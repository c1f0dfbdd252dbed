//! The road through a shift: the real app, a real backend, real clicks. What stands in the way is a failure.

use std::path::{Path, PathBuf};

use onetill_local::Engine;
use onetill_tests::rest::Rest;
use onetill_tests::till::{Till, Window};
use onetill_tests::{PATIENCE, Project, Result, staff};

use super::page::Shot;

/// The languages of the app, in the order of its settings.
pub(crate) const LANGUAGES: [&str; 4] = ["en", "es", "fr", "de"];
/// The appearances in the order of its settings, where the first one is the system's.
const APPEARANCES: [&str; 4] = ["system", "light", "dark", "contrast"];

struct Camera<'a> {
    folder: &'a Path,
    language: &'a str,
    theme: &'a str,
    shots: Vec<Shot>,
}

impl Camera<'_> {
    async fn take(&mut self, window: &Window, name: &str) -> Result<()> {
        let name = format!("{:02}-{name}", self.shots.len() + 1);
        let file = PathBuf::from(format!("road/{}-{}/{name}.png", self.theme, self.language));
        let path = self.folder.join(&file);
        std::fs::create_dir_all(path.parent().unwrap_or(self.folder))?;
        window.picture(&path).await?;
        let (theme, language) = (self.theme.to_owned(), self.language.to_owned());
        self.shots.push(Shot { group: "road", name, theme, language, screen: "1024x768", file });
        Ok(())
    }

    /// Chooses language and appearance as a person does.
    async fn settle(&self, window: &Window) -> Result<()> {
        let place = |list: &[&str], wanted| list.iter().position(|one| *one == wanted);
        let language = place(&LANGUAGES, self.language).ok_or("no such language")? + 1;
        let appearance = place(&APPEARANCES, self.theme).ok_or("no such appearance")?;
        window.click("settings").await?;
        window.click(&format!("language-{language}")).await?;
        window.click(&format!("appearance-{appearance}")).await?;
        window.click("settings-done").await?;
        window.gone("settings-done").await
    }
}

/// Walks it once and takes a picture at every stop.
pub(crate) async fn walk(folder: &Path, language: &str, theme: &str) -> Result<Vec<Shot>> {
    let mut camera = Camera { folder, language, theme, shots: Vec::new() };
    match every_stop(&mut camera).await {
        Ok(()) => Ok(camera.shots),
        Err(error) => {
            let last = camera.shots.last().map_or("the start", |shot| shot.name.as_str());
            Err(format!("the road ended after {last}: {error}").into())
        }
    }
}

async fn every_stop(camera: &mut Camera<'_>) -> Result<()> {
    let mut project = Project::start(Engine::Pglite)?;
    let registers = Rest::new(&project.backend).active_registers().await?;
    let register = registers.first().ok_or("the demo store has no register")?;
    let [ana, ben, ..] = staff("cashier")[..] else { return Err("fewer than two cashiers".into()) };
    let manager = *staff("manager").first().ok_or("no manager")?;

    let bare = Till::new()?;
    let window = bare.open().await?;
    camera.settle(&window).await?;
    window.screen(&["setup"]).await?;
    camera.take(&window, "first-run").await?;
    window.fill("url", &project.backend.url()).await?;
    window.fill("key", project.backend.publishable_key()).await?;
    window.click("test-connection").await?;
    window.wait_for(PATIENCE, "check-function", "data-result", &["passed"]).await?;
    camera.take(&window, "connection-tested").await?;
    window.close().await?;

    let left = Till::enrolled(&project.backend)?;
    let window = left.open().await?;
    camera.settle(&window).await?;
    window.screen(&["sign-in"]).await?;
    camera.take(&window, "sign-in").await?;
    window.sign_in(ana).await?;
    window.screen(&["choose-register"]).await?;
    window.text(&format!("register-{}", register.number)).await?;
    camera.take(&window, "choose-a-register").await?;
    window.click(&format!("register-{}", register.number)).await?;
    window.screen(&["start-shift"]).await?;
    camera.take(&window, "start-shift").await?;
    window.click("entry-1").await?;
    window.fill("count-20", "10").await?;
    camera.take(&window, "start-counted").await?;
    window.click("start-shift").await?;
    window.wait_for(PATIENCE, "outcome", "data-outcome", &["created"]).await?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;
    camera.take(&window, "shift-started").await?;

    window.click("action-pay_out").await?;
    window.fill("movement-amount", "12.30").await?;
    window.click("movement-reason-0").await?;
    camera.take(&window, "pay-out").await?;
    window.click("movement-record").await?;
    window.gone("movement-record").await?;
    window.wait_for(PATIENCE, "unsent", "data-count", &["0"]).await?;
    camera.take(&window, "paid-out").await?;
    window.click("x-report").await?;
    window.text("report").await?;
    camera.take(&window, "x-report").await?;
    window.click("dismiss-report").await?;
    window.gone("report").await?;

    let right = Till::enrolled(&project.backend)?;
    let joiner = right.open().await?;
    camera.settle(&joiner).await?;
    joiner.prepare(ben, &register.number).await?;
    camera.take(&joiner, "a-shift-is-open").await?;
    joiner.fill("opening-cash", "175.50").await?;
    joiner.click("start-shift").await?;
    joiner.wait_for(PATIENCE, "outcome", "data-outcome", &["joined"]).await?;
    camera.take(&joiner, "joined").await?;

    project.backend.take_down();
    joiner.click("action-safe_drop").await?;
    joiner.fill("movement-amount", "100").await?;
    joiner.click("movement-reason-0").await?;
    joiner.click("movement-record").await?;
    joiner.wait_for(PATIENCE, "unsent", "data-count", &["1"]).await?;
    joiner.wait_for(PATIENCE, "connection", "data-connection", &["offline"]).await?;
    camera.take(&joiner, "offline").await?;
    project.backend.bring_up()?;
    joiner.wait_for(PATIENCE * 2, "unsent", "data-count", &["0"]).await?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;

    window.click("action-close").await?;
    window.text("begin-count").await?;
    camera.take(&window, "before-the-count").await?;
    window.click("begin-count").await?;
    window.fill("count-20", "4").await?;
    camera.take(&window, "blind-count").await?;
    window.click("commit-count").await?;
    shown(&window, "count-result").await?;
    window.click("close-reason-choice-0").await?;
    camera.take(&window, "counted").await?;
    window.click("close-shift").await?;
    window.text("z-number").await?;
    camera.take(&window, "closed").await?;
    joiner.screen(&["fenced"]).await?;
    camera.take(&joiner, "ended-elsewhere").await?;
    joiner.click("acknowledge-end").await?;
    joiner.close().await?;

    window.click("acknowledge-end").await?;
    window.screen(&["choose-register", "start-shift"]).await?;
    window.click("sign-out").await?;
    window.sign_in(manager).await?;
    // The choice of the register is remembered for this computer.
    window.screen(&["start-shift"]).await?;
    window.click("change-register").await?;
    window.screen(&["choose-register"]).await?;
    window.click("open-board").await?;
    shown(&window, &format!("board-{}", register.number)).await?;
    camera.take(&window, "board").await?;
    window.click("read-day").await?;
    shown(&window, "day-total").await?;
    camera.take(&window, "end-of-day").await?;
    window.close().await?;
    Ok(())
}

/// Waits for it; what stands there instead is said.
async fn shown(window: &Window, id: &str) -> Result<()> {
    match window.text(id).await {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("{error}; the window shows:\n{}", window.all_text().await?).into()),
    }
}
