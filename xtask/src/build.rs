//! Building the user interface and the app, in view of the developer.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::process::{Failure, Result, answer, cargo, npm, run};
use crate::say;

/// `cargo …` at the root of the repository.
pub(crate) fn cargo_here(arguments: &[&str]) -> Command {
    let mut command = cargo();
    command.current_dir(onetill_local::repository()).args(arguments);
    command
}

/// `cargo …` with every crate but the app as the selection: `chosen` says what of them. Cargo settles the features of
/// what crates share by the crates that are selected, so that commands with one selection build it once for all of them.
pub(crate) fn cargo_beside_app(subcommand: &str, chosen: &[&str]) -> Command {
    let mut command = cargo_here(&[subcommand, "--workspace", "--exclude", "onetill"]);
    command.args(chosen);
    command
}

/// Builds what the window shows.
pub(crate) fn user_interface() -> Result<()> {
    say::header("Building the user interface");
    run(npm("ui", &["run", "build"]))
}

/// Builds the app; the first time takes a few minutes.
pub(crate) fn app() -> Result<()> {
    say::header("Building the app (the first time takes some minutes)");
    run(cargo_here(&["build", "--package", "onetill"]))
}

/// Where cargo builds.
pub(crate) fn target() -> Result<PathBuf> {
    let metadata = answer(&mut cargo_here(&["metadata", "--format-version", "1", "--no-deps", "--offline"]))
        .and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let target = metadata.as_ref().and_then(|it| it.get("target_directory")?.as_str().map(PathBuf::from));
    target.ok_or_else(|| Failure::said("`cargo metadata` does not say where it builds"))
}

/// Where the app's debug build is.
pub(crate) fn app_binary() -> Result<PathBuf> {
    Ok(target()?.join("debug").join(format!("onetill{}", std::env::consts::EXE_SUFFIX)))
}
