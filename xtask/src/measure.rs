//! `cargo xtask bench` and `cargo xtask soak`: the long runs, in release builds, with their own
//! arguments passed on.

use crate::build::cargo_here;
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
}

/// Arguments of `cargo xtask soak`.
#[derive(clap::Args)]
pub(crate) struct Soak {
    /// Passed on, such as `--seconds 600 --seed 7`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn bench(arguments: &Bench) -> Result<()> {
    match arguments.what {
        Subject::Backend => forward(&["bench", "--bench", "backend"], &arguments.arguments),
        Subject::Client => forward(&["run", "--release", "--bin", "bench-client"], &arguments.arguments),
    }
}

pub(crate) fn soak(arguments: &Soak) -> Result<()> {
    forward(&["run", "--release", "--bin", "soak"], &arguments.arguments)
}

fn forward(command: &[&str], arguments: &[String]) -> Result<()> {
    setup::require(Needs { postgres: true, ..Needs::default() })?;
    say::header("Building for release (the first time takes some minutes)");
    let mut command = cargo_here(command);
    command.args(["--package", "onetill-tests", "--"]).args(arguments);
    run(command)
}
