//! The packages that a Linux computer installs: `cargo xtask bundle` builds them, `cargo xtask test-packages` builds an
//! older version beside them and tries both.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use onetill_local::repository;
use serde_json::{Value, json};

use crate::build::{self, cargo_here};
use crate::packages::Needs;
use crate::process::{Failure, Result, run};
use crate::{say, setup};

/// Older than every version that was ever released.
const OLDER: &str = "0.0.1";

/// Arguments of `cargo xtask test-packages`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Without optimization, so without looking at the size
    #[arg(long)]
    quick: bool,
    /// Leave the tests to somebody else
    #[arg(long, hide = true)]
    only_build: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Profile {
    Debug,
    Release,
}

impl Profile {
    fn folder(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }

    /// What makes Tauri or cargo take this profile.
    fn flag(self, for_this: &'static str, for_that: &'static str) -> Option<&'static str> {
        Some(if self == Self::Debug { for_this } else { for_that }).filter(|flag| !flag.is_empty())
    }
}

/// `cargo xtask bundle`: what the release workflow builds, without its keys.
pub(crate) fn bundle() -> Result<()> {
    setup::require(Needs { app: true, ..Needs::default() })?;
    build::user_interface()?;
    let config = json!({});
    app(Profile::Release, &config)?;
    say::header("Packages");
    for package in packages(Profile::Release, &config, None)? {
        say::good(&package.display().to_string());
    }
    Ok(())
}

/// `cargo xtask test-packages`.
pub(crate) fn test(arguments: &Arguments) -> Result<()> {
    setup::require(Needs { app: true, windows: true, bundles: true, ..Needs::default() })?;
    build::user_interface()?;
    let newer = if arguments.quick { Profile::Debug } else { Profile::Release };
    two_versions(newer)?;
    if arguments.only_build {
        return Ok(());
    }
    say::header("Trying the packages");
    let mut tests = cargo_here(&["test", "--no-fail-fast", "-p", "onetill-tests"]);
    tests.args(["--test", "packages", "--test", "updates"]);
    if newer == Profile::Release {
        tests.args(["--", "--include-ignored"]);
    }
    run(tests)
}

/// Builds an older version and this one into `target/packages`, both trusting one key that was made for that.
fn two_versions(newer: Profile) -> Result<()> {
    let folder = repository().join("target/packages");
    fs::create_dir_all(&folder).map_err(Failure::said)?;
    let key = folder.join("key");
    if !key.exists() {
        let mut generate = tauri(&["signer", "generate", "--ci", "--password", "", "--write-keys"]);
        generate.arg(&key);
        run(generate)?;
    }
    let public = fs::read_to_string(key.with_extension("pub")).map_err(Failure::said)?;
    let trusting = json!({
        "bundle": { "createUpdaterArtifacts": true },
        "plugins": { "updater": {
            "pubkey": public.trim(),
            "endpoints": ["https://updates.invalid/latest.json"],
            "requireSignedVersion": true,
        } },
    });
    let mut older = trusting.clone();
    if let Some(older) = older.as_object_mut() {
        older.insert("version".to_owned(), OLDER.into());
    }
    version(&folder.join("old"), Profile::Debug, &older, &key)?;
    version(&folder.join("new"), newer, &trusting, &key)
}

/// Builds one version: the bare program, and the packages with their signatures.
fn version(folder: &Path, profile: Profile, config: &Value, key: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(Failure::said)?;
    app(profile, config)?;
    fs::write(folder.join("profile"), profile.folder()).map_err(Failure::said)?;
    let program = build::target()?.join(profile.folder()).join("onetill");
    fs::copy(program, folder.join("onetill")).map_err(Failure::said)?;
    for package in packages(profile, config, Some(key))? {
        let ending = package.extension().unwrap_or_default().to_string_lossy().into_owned();
        let signature = package.with_extension(format!("{ending}.sig"));
        for (file, ending) in [(&package, ending.clone()), (&signature, format!("{ending}.sig"))] {
            fs::copy(file, folder.join(format!("onetill.{ending}")))
                .map_err(|error| Failure::said(format!("{}: {error}", file.display())))?;
        }
    }
    Ok(())
}

/// Builds the app. As Tauri builds it, but for the user interface, which is built already.
fn app(profile: Profile, config: &Value) -> Result<()> {
    say::header(&format!("Building the app ({})", profile.folder()));
    let mut command = cargo_here(&["build", "--package", "onetill", "--features", "updater"]);
    command.args(profile.flag("", "--release")).env("TAURI_CONFIG", config.to_string());
    // What Tauri adds for a release.
    command.args(profile.flag("", "--features=tauri/custom-protocol"));
    run(command)
}

/// Puts the app that was built last into packages, and signs them for the updater where there is a key.
fn packages(profile: Profile, config: &Value, key: Option<&Path>) -> Result<Vec<PathBuf>> {
    say::header(&format!("Putting it into packages ({})", profile.folder()));
    let folder = build::target()?.join(profile.folder()).join("bundle");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Failure::said)?;
    }
    let mut command = tauri(&["bundle", "--ci", "--bundles", "deb,rpm"]);
    command.args(profile.flag("--debug", ""));
    command.args(["--config", &config.to_string()]);
    if let Some(key) = key {
        let key = fs::read_to_string(key).map_err(Failure::said)?;
        command.env("TAURI_SIGNING_PRIVATE_KEY", key.trim()).env("TAURI_SIGNING_PRIVATE_KEY_PASSWORD", "");
    }
    run(command)?;
    ["deb", "rpm"].into_iter().map(|kind| one_file(&folder.join(kind), kind)).collect()
}

/// Tauri's own tool, as the user interface's packages bring it.
fn tauri(arguments: &[&str]) -> Command {
    let mut command = Command::new("node");
    command.current_dir(repository()).arg("ui/node_modules/@tauri-apps/cli/tauri.js").args(arguments);
    command
}

/// The one file with this ending in a folder.
fn one_file(folder: &Path, ending: &str) -> Result<PathBuf> {
    let mut found = fs::read_dir(folder)
        .map_err(|error| Failure::said(format!("{}: {error}", folder.display())))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|it| it == ending));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(Failure::said(format!("no {ending} in {}", folder.display()))),
        (Some(_), Some(_)) => Err(Failure::said(format!("more than one {ending} in {}", folder.display()))),
    }
}
