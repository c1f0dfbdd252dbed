//! `cargo xtask bench` and `cargo xtask soak`: the long runs, optimized, with their own
//! arguments passed on.

use crate::build::{self, cargo_here};
use crate::packages::Needs;
use crate::process::{Result, run};
use crate::{say, setup};

/// Arguments of `cargo xtask bench`.
#[derive(clap::Args)]
pub(crate) struct Bench {
    what: Subject,
    /// Passed on, such as `--seconds 5 --rounds 3`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Subject {
    /// The database function, beside the one it replaces
    Backend,
    /// What the client adds to a bare call
    Client,
    /// From process start to the painted register screen, beside an empty window
    Start,
    /// From a tap to its painted answer in the real window, beside a button that changes one word
    Ui,
}

/// Arguments of `cargo xtask soak`.
#[derive(clap::Args)]
pub(crate) struct Soak {
    /// How long in all: half of it the database, half of it a device
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// The same seed makes the same choices; a random one when left out
    #[arg(long)]
    seed: Option<u64>,
    /// Instead: so many whole shifts over a network that fails, numbered from the seed on (from 1 when left out)
    #[arg(long, conflicts_with = "seconds")]
    histories: Option<u64>,
}

pub(crate) fn bench(arguments: &Bench) -> Result<()> {
    match arguments.what {
        Subject::Backend => forward("onetill-bench", "backend", &arguments.arguments),
        Subject::Client => forward("onetill-tests", "bench-client", &arguments.arguments),
        Subject::Start => {
            let both = ["--bin", "onetill", "--example", "empty-window"];
            window("bench-start", &both, &arguments.arguments)
        }
        Subject::Ui => window("bench-ui", &["--bin", "onetill"], &arguments.arguments),
    }
}

pub(crate) fn soak(arguments: &Soak) -> Result<()> {
    if let Some(count) = arguments.histories {
        return histories(count, arguments.seed.unwrap_or(1));
    }
    let mut passed_on = vec!["--seconds".to_owned(), (arguments.seconds / 2).to_string()];
    if let Some(seed) = arguments.seed {
        passed_on.extend(["--seed".to_owned(), seed.to_string()]);
    }
    let database = forward("onetill-bench", "soak", &passed_on);
    // The script that is killed is a program of its own.
    run(cargo_here(&[
        "build",
        "--profile",
        "bench",
        "--package",
        "onetill-tests",
        "--bin",
        "scripted-shift",
    ]))?;
    let device = forward("onetill-tests", "soak-device", &passed_on);
    database.and(device)
}

/// The very test that runs a few of them within `cargo xtask test`.
fn histories(count: u64, first: u64) -> Result<()> {
    setup::require(Needs { postgres: true, ..Needs::default() })?;
    say::header(&format!("{count} histories from number {first} on"));
    let mut command =
        cargo_here(&["test", "--profile", "bench", "--package", "onetill-tests", "--test", "faults"]);
    command.args([
        "--",
        "--exact",
        "history::whatever_the_network_does_what_was_told_is_true",
        "--nocapture",
    ]);
    command.env("ONETILL_FAULT_HISTORIES", count.to_string()).env("ONETILL_FAULT_SEED", first.to_string());
    run(command)
}

/// What is measured is built for release; what measures it need not be.
fn window(program: &str, measured: &[&str], arguments: &[String]) -> Result<()> {
    setup::require(Needs { app: true, windows: true, ..Needs::default() })?;
    build::user_interface()?;
    say::header("Building for release (the first time takes some minutes)");
    let mut command = cargo_here(&["build", "--release", "--package", "onetill"]);
    command.args(measured);
    run(command)?;
    let mut command = cargo_here(&["run", "--package", "onetill-tests", "--bin", program, "--"]);
    command.arg("--folder").arg(build::target()?.join("release")).args(arguments);
    run(command)
}

fn forward(package: &str, program: &str, arguments: &[String]) -> Result<()> {
    setup::require(Needs { postgres: true, ..Needs::default() })?;
    say::header("Building with optimization (the first time takes some minutes)");
    let mut command =
        cargo_here(&["run", "--profile", "bench", "--package", package, "--bin", program, "--"]);
    command.args(arguments);
    run(command)
}
