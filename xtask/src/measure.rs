//! `cargo xtask bench` and `cargo xtask soak`: the long runs, optimized, with their own
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
        Subject::Backend => forward("onetill-bench", "backend", &arguments.arguments),
        Subject::Client => forward("onetill-tests", "bench-client", &arguments.arguments),
    }
}

pub(crate) fn soak(arguments: &Soak) -> Result<()> {
    forward("onetill-bench", "soak", &arguments.arguments)
}

fn forward(package: &str, program: &str, arguments: &[String]) -> Result<()> {
    setup::require(Needs { postgres: true, ..Needs::default() })?;
    say::header("Building with optimization (the first time takes some minutes)");
    let mut command =
        cargo_here(&["run", "--profile", "bench", "--package", package, "--bin", program, "--"]);
    command.args(arguments);
    run(command)
}
