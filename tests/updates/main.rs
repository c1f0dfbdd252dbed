//! The program keeps itself up to date: an older version sees this one, fetches it over TLS, and starts again as it,
//! with its data. Never during a shift, never what is older or not signed, never before its turn.
#![cfg(target_os = "linux")]
#![allow(clippy::indexing_slicing, reason = "the demo store is known; a missing row fails the test")]
#![allow(clippy::unwrap_used, reason = "a poisoned lock fails the test, as it should")]

mod server;

use std::path::{Path, PathBuf};
use std::time::Duration;

use onetill_local::Engine;
use onetill_tests::package::{Age, Computer, Kind, built, is_release};
use onetill_tests::rest::Rest;
use onetill_tests::till::{Till, Window};
use onetill_tests::{PATIENCE, Project, Result, scratch, staff, within};
use server::{UpdateServer, sign};

const OLD: &str = "0.0.1";
const NEW: &str = env!("CARGO_PKG_VERSION");

/// Installing a build without optimization takes a while: it is large, and its signature is checked twice.
const LONG: Duration = Duration::from_secs(120);

/// A computer with the older version of the program, which looks for newer ones all the time.
struct Register {
    project: Project,
    server: UpdateServer,
    till: Till,
    program: PathBuf,
    _folder: tempfile::TempDir,
}

impl Register {
    /// With the bare program, as an AppImage is: one file that belongs to who runs it.
    async fn new() -> Result<Self> {
        let folder = scratch()?;
        let program = folder.path().join("onetill");
        std::fs::copy(built(Age::Old, "onetill")?, &program)?;
        Self::with(program, folder).await
    }

    async fn with(program: PathBuf, folder: tempfile::TempDir) -> Result<Self> {
        let project = Project::start(Engine::Pglite)?;
        let server = UpdateServer::start().await?;
        let mut till = Till::enrolled(&project.backend)?;
        till.runs(program.clone());
        till.set("ONETILL_UPDATE_PACE_MS", "300".to_owned());
        till.set("SSL_CERT_FILE", server.certificate().display().to_string());
        let register = Self { project, server, till, program, _folder: folder };
        register.hour_began(12 * 60)?;
        Ok(register)
    }

    /// Configures the server, and the store's hour as one that began so many minutes ago.
    fn hour_began(&self, minutes_ago: i64) -> Result<()> {
        // Where the demo store is, says its seed.
        let now = jiff::Timestamp::now().in_tz("America/New_York")?;
        let hour = now.checked_sub(jiff::Span::new().minutes(minutes_ago))?.strftime("%H:%M").to_string();
        let text = format!("[updates]\nserver = \"{}\"\nhour = \"{hour}\"\n", self.server.list());
        Ok(std::fs::write(self.till.config_file(), text)?)
    }

    /// The newer version lies on the server, with this signature.
    fn publish(&self, package: &Path, signature: &str) -> Result<()> {
        self.server.store(Some(std::fs::read(package)?));
        self.server.offer(NEW, 100, signature);
        Ok(())
    }

    /// The newer version as a bare program, properly signed.
    fn publish_program(&self) -> Result<()> {
        let program = built(Age::New, "onetill")?;
        self.publish(&program, &sign(&program, NEW)?)
    }

    /// Opens the window and stands before *Start shift*.
    async fn open(&self) -> Result<Window> {
        let registers = Rest::new(&self.project.backend).active_registers().await?;
        let window = self.till.open().await?;
        window.prepare(staff("cashier")[0], &registers[0].number).await?;
        Ok(window)
    }

    /// Waits until the program has started again by itself as the newer version; ends that, and opens it anew.
    async fn reopened_as_new(&self, before: Window) -> Result<Window> {
        let log = self.till.data().join("logs/onetill.log");
        let started = format!("\"message\":\"started\",\"version\":\"{NEW}\"");
        within(LONG, "the program to start again as the newer version", async || {
            let log = std::fs::read_to_string(&log)?;
            Ok(if log.contains(&started) {
                Ok(())
            } else {
                Err(log.lines().rev().take(8).collect::<Vec<_>>().join("\n"))
            })
        })
        .await?;
        assert!(self.runs_new()?, "the newer program lies in the old one's place");
        before.crash()?;
        let window = self.till.open().await?;
        window.click("settings").await?;
        assert_eq!(window.attribute("program-version", "data-version").await?, NEW);
        window.click("settings-done").await?;
        if is_release()? {
            window.sign_in(staff("cashier")[0]).await?;
        }
        Ok(window)
    }

    fn runs_new(&self) -> Result<bool> {
        Ok(std::fs::read(&self.program)? != std::fs::read(built(Age::Old, "onetill")?)?)
    }
}

/// Waits until the notice is at this stage.
async fn stage(window: &Window, stage: &str) -> Result<()> {
    window.wait_for(LONG, "update", "data-stage", &[stage]).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_installs_it_and_the_program_goes_on_as_the_newer_one() -> Result<()> {
    let register = Register::new().await?;
    register.publish_program()?;
    let window = register.open().await?;
    stage(&window, "ready").await?;
    assert!(window.text("update").await?.contains(NEW), "it says which");
    window.click("update-install").await?;

    let window = register.reopened_as_new(window).await?;
    // Who is signed in and which register this is was kept: a shift can be started at once.
    window.screen(&["start-shift"]).await?;
    window.click("start-shift").await?;
    window.screen(&["register"]).await?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;
    assert!(window.attributes("update", "data-stage").await?.is_empty(), "there is nothing newer any more");
    window.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_shift_goes_first_and_afterwards_the_stores_hour_is_enough() -> Result<()> {
    let register = Register::new().await?;
    // It is the store's hour: without the shift it would be installed at once.
    register.hour_began(5)?;
    let window = register.open().await?;
    window.click("start-shift").await?;
    window.screen(&["register"]).await?;
    window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;
    let number = window.text("session-number").await?;

    register.publish_program()?;
    register.server.was_read().await?;
    window.click("settings").await?;
    stage(&window, "after-shift").await?;
    assert!(window.attributes("update-install", "type").await?.is_empty(), "nobody can press it now");
    register.server.was_read().await?;
    assert_eq!(register.server.asked_for("/package"), 0, "nothing was fetched");
    window.click("settings-done").await?;
    assert_eq!(window.text("session-number").await?, number, "the shift goes on");
    assert!(window.attributes("update", "data-stage").await?.is_empty(), "and is not disturbed");

    window.click("leave-shift").await?;
    window.click("confirm-leave").await?;
    let window = register.reopened_as_new(window).await?;
    window.screen(&["start-shift"]).await?;
    window.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_forged_or_not_for_this_device_is_refused() -> Result<()> {
    let register = Register::new().await?;
    let server = &register.server;
    let package = built(Age::New, "onetill")?;
    let good = sign(&package, NEW)?;
    server.store(Some(std::fs::read(&package)?));
    let window = register.open().await?;
    let nothing = async |why: &str| {
        server.was_read().await?;
        assert!(window.attributes("update", "data-stage").await?.is_empty(), "{why} is not offered");
        Result::Ok(())
    };
    server.offer("0.0.0", 100, &sign(&package, "0.0.0")?);
    nothing("an older version").await?;
    server.offer(OLD, 100, &sign(&package, OLD)?);
    nothing("what runs already").await?;
    server.offer(NEW, 0, &good);
    nothing("a rollout that was stopped").await?;

    // Signed, but as another version: an older program under a new number.
    server.offer("9.9.9", 100, &good);
    stage(&window, "ready").await?;
    window.click("update-install").await?;
    stage(&window, "not-genuine").await?;

    // Signed for something else than what is fetched.
    let mut other = std::fs::read(&package)?;
    *other.last_mut().ok_or("an empty package")? ^= 1;
    server.store(Some(other));
    server.offer(NEW, 100, &good);
    stage(&window, "ready").await?;
    window.click("update-install").await?;
    stage(&window, "not-genuine").await?;

    // Not there.
    server.store(None);
    server.offer("0.8.0", 100, &good);
    stage(&window, "ready").await?;
    window.click("update-install").await?;
    stage(&window, "not-fetched").await?;

    // A rollout that is stopped takes the notice back.
    server.offer("0.8.0", 0, &good);
    window.gone("update").await?;
    assert!(!register.runs_new()?, "the program was not touched");
    window.screen(&["start-shift"]).await?;
    window.close().await
}

/// The password of an administrator is the one thing that nobody can type here: a script stands in for the dialog and
/// hands the package to the real tool.
#[tokio::test(flavor = "multi_thread")]
async fn packages_are_installed_by_the_systems_own_tool_after_its_password() -> Result<()> {
    for kind in [Kind::Deb, Kind::Rpm] {
        let name = format!("onetill.{}", kind.ending());
        let computer = Computer::new(kind)?;
        computer.install(&built(Age::Old, &name)?)?;
        let folder = scratch()?;
        let dialog = folder.path().join("pkexec");
        let script = format!("#!/bin/sh\nexec {} \"$3\"\n", computer.install_command());
        std::fs::write(&dialog, script)?;
        std::fs::set_permissions(&dialog, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH")?);
        let mut register = Register::with(computer.app(), folder).await?;
        register.till.set("PATH", path);
        // With a password in the way, the store's hour alone does nothing.
        register.hour_began(5)?;
        // Signed as packages are that are released: while they were made.
        let signature = std::fs::read_to_string(built(Age::New, &format!("{name}.sig"))?)?;
        register.publish(&built(Age::New, &name)?, signature.trim())?;

        let window = register.open().await?;
        stage(&window, "ready").await?;
        register.server.was_read().await?;
        assert_eq!((computer.version()?.as_str(), register.server.asked_for("/package")), (OLD, 0));
        window.click("update-install").await?;
        let window = register.reopened_as_new(window).await?;
        assert_eq!(computer.version()?, NEW, "the package tool knows of it");
        window.screen(&["start-shift"]).await?;
        window.close().await?;
    }
    Ok(())
}
