//! `cargo xtask demo`: from a clean clone to a shop that is open.

use std::path::{Path, PathBuf};
use std::process::Command;

use onetill_local::{Backend, DEMO_ACCOUNTS, Engine, repository};

use crate::build::{self, cargo_here};
use crate::packages::Needs;
use crate::process::{Failure, Result, Running, run as run_program};
use crate::{backend, say, setup};

/// Arguments of `cargo xtask demo`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Without a screen: two windows start and join a shift, and leave screenshots in target/demo
    #[arg(long)]
    headless: bool,
    /// Forget what the last demo stored
    #[arg(long)]
    reset: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.headless {
        return headless();
    }
    if cfg!(target_os = "linux")
        && ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .all(|name| std::env::var_os(name).is_none_or(|it| it.is_empty()))
    {
        return Err(Failure::said(
            "There is no display here. `cargo xtask demo --headless` shows the same without one, in screenshots.",
        ));
    }
    setup::require(Needs { app: true, ..Needs::default() })?;
    build::user_interface()?;
    build::app()?;
    let folder = demo_folder();
    let (project, device) = (folder.join("backend"), folder.join("data"));
    if arguments.reset {
        backend::reset(&project)?;
        if device.exists() {
            std::fs::remove_dir_all(&device).map_err(Failure::said)?;
        }
    }
    let backend = backend::start(Engine::Pglite, &project)?;
    say::header("Opening the window");
    backend::show_accounts();
    say::note("Close the window or press Ctrl-C to end the demo.");
    let status = Running::start(app(&backend, &device)?)?.wait()?;
    if status.success() { Ok(()) } else { Err(Failure::said(format!("the app ended with {status}"))) }
}

/// The app on the demo store, with a device of its own beside the developer's real one.
fn app(backend: &Backend, device: &Path) -> Result<Command> {
    let accounts = serde_json::to_string(DEMO_ACCOUNTS).map_err(Failure::said)?;
    let mut command = Command::new(build::app_binary()?);
    command
        .env("ONETILL_SUPABASE_URL", backend.url())
        .env("ONETILL_SUPABASE_KEY", backend.publishable_key())
        .env("ONETILL_DATA_DIR", device)
        .env("ONETILL_CONFIG", device.join("config.toml"))
        .env("ONETILL_DEMO_ACCOUNTS", accounts);
    Ok(command)
}

fn headless() -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Err(Failure::said("--headless works on Linux only; here, run `cargo xtask demo`."));
    }
    setup::require(Needs { app: true, windows: true, ..Needs::default() })?;
    build::user_interface()?;
    build::app()?;
    say::header("Building the walk through the demo");
    run_program(cargo_here(&["build", "-p", "onetill-tests", "--bin", "demo-walk"]))?;
    say::header("Two windows, two cashiers, one register");
    let folder = demo_folder();
    let mut walk = Command::new(build::app_binary()?.with_file_name("demo-walk"));
    walk.arg(&folder);
    run_program(walk)?;
    say::good(&format!("The screenshots are in {}", folder.display()));
    Ok(())
}

fn demo_folder() -> PathBuf {
    repository().join("target/demo")
}
