//! `cargo xtask bench` and `cargo xtask soak`: the long runs, optimized, with their own
//! arguments passed on.

use std::process::Command;
use std::time::Instant;

use crate::benchmarks::{self, Measured, Subject};
use crate::build::{self, cargo_here};
use crate::packages::Needs;
use crate::process::{Failure, Result, run, run_logged};
use crate::{say, setup};

/// Arguments of `cargo xtask bench`.
#[derive(clap::Args)]
pub(crate) struct Bench {
    /// All of them when left out, each as short as can be, into docs/benchmarks.md
    what: Option<Subject>,
    /// Passed on, such as `--seconds 5 --rounds 3`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Subject {
    fn has_window(self) -> bool {
        matches!(self, Self::Start | Self::Ui)
    }

    /// Builds what it measures and what measures it, and returns the command that does.
    fn build(self) -> Result<Command> {
        let package = match self {
            Self::Backend | Self::Scale => "onetill-db-harness",
            Self::Client | Self::Start | Self::Ui => "onetill-tests",
        };
        // What is measured is built for release; what only looks at a window need not be. That one fills a catalogue, too.
        let profile = if self == Self::Start { "dev" } else { "bench" };
        let mut program = vec!["--profile", profile, "--package", package, "--bin", self.program().1];
        if self.has_window() {
            setup::require(Needs {
                app: true,
                windows: true,
                postgres: self == Self::Ui,
                ..Needs::default()
            })?;
            build::user_interface()?;
            say::header("Building for release (the first time takes some minutes)");
            let mut measured = vec!["build", "--release", "--package", "onetill", "--bin", "onetill"];
            if self == Self::Start {
                measured.extend(["--example", "empty-window"]);
            }
            run(cargo_here(&measured))?;
        } else {
            setup::require(Needs { postgres: true, ..Needs::default() })?;
            say::header("Building with optimization (the first time takes some minutes)");
        }
        let mut building = cargo_here(&["build"]);
        building.args(&program);
        run(building)?;
        program.insert(0, "run");
        program.push("--");
        let mut command = cargo_here(&program);
        if self.has_window() {
            command.arg("--folder").arg(build::target()?.join("release"));
        }
        Ok(command)
    }
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
    /// Instead: so many simulated histories in memory, and a hundredth of them on a real PostgreSQL, numbered from the
    /// seed on (from 1 when left out)
    #[arg(long, conflicts_with = "seconds")]
    histories: Option<u64>,
}

pub(crate) fn bench(arguments: &Bench) -> Result<()> {
    let Some(subject) = arguments.what else { return everything() };
    let mut command = subject.build()?;
    command.args(&arguments.arguments);
    benchmarks::judge(&[measure(subject, command)?])
}

/// Every benchmark, and the page that says what they measured. One beyond its limits does not keep the others from
/// being measured.
fn everything() -> Result<()> {
    let mut commands = Vec::new();
    for subject in Subject::ALL {
        commands.push((subject, subject.build()?));
    }
    let load = benchmarks::load();
    let began = Instant::now();
    let mut all = Vec::new();
    for (subject, mut command) in commands {
        let (name, _, arguments) = subject.program();
        say::header(&format!("cargo xtask bench {name} {}", arguments.join(" ")));
        command.args(arguments);
        all.push(measure(subject, command)?);
    }
    benchmarks::write(&all, &load, began.elapsed())?;
    benchmarks::judge(&all)
}

fn measure(subject: Subject, command: Command) -> Result<Measured> {
    let logs = build::target()?.join("bench");
    std::fs::create_dir_all(&logs).map_err(Failure::said)?;
    let (well, output) = run_logged(command, &logs.join(format!("{}.log", subject.program().0)), "")?;
    Ok(Measured::from_output(subject, well, &output))
}

pub(crate) fn soak(arguments: &Soak) -> Result<()> {
    if let Some(count) = arguments.histories {
        return histories(count, arguments.seed.unwrap_or(1));
    }
    let mut passed_on = vec!["--seconds".to_owned(), (arguments.seconds / 2).to_string()];
    if let Some(seed) = arguments.seed {
        passed_on.extend(["--seed".to_owned(), seed.to_string()]);
    }
    let database = forward("onetill-db-harness", "soak", &passed_on);
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

/// The very tests that run a few of them within `cargo xtask test`.
fn histories(count: u64, first: u64) -> Result<()> {
    setup::require(Needs { postgres: true, ..Needs::default() })?;
    say::header(&format!("{count} histories from number {first} on"));
    let mut command =
        cargo_here(&["test", "--profile", "bench", "--package", "onetill-tests", "--test", "simulator"]);
    command.args(["--", "whatever_happens", "the_database_answers", "--nocapture"]);
    command.env("ONETILL_SIM_HISTORIES", count.to_string()).env("ONETILL_SIM_SEED", first.to_string());
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
