//! `cargo xtask screenshots`: every screen in pictures, and the ones that `cargo xtask test` compares with.

use crate::build::{self, cargo_here};
use crate::packages::Needs;
use crate::process::{Failure, Result, npm, run as run_program};
use crate::{say, setup};

/// Arguments of `cargo xtask screenshots`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Passed on: `--theme dark --language de --state pay-out`, `--road`, `--accept`; `--help` tells all
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(Arguments { arguments }: &Arguments) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Err(Failure::said(
            "The web view can be driven without a screen on Linux only; here, `npm run dev` in ui shows every state.",
        ));
    }
    setup::require(Needs { app: true, windows: true, ..Needs::default() })?;
    say::header("Building the gallery");
    run_program(npm("ui", &["run", "build:gallery"]))?;
    // The road needs the whole app; what asks for states does not walk it.
    if !arguments
        .iter()
        .any(|argument| ["--state", "--screen", "--accept", "--help"].contains(&argument.as_str()))
    {
        build::user_interface()?;
        build::app()?;
    }
    say::header("Building what takes the pictures");
    run_program(cargo_here(&["build", "-p", "onetill-tests", "--bin", "screenshots"]))?;
    say::header("Taking pictures");
    let mut program = std::process::Command::new(build::app_binary()?.with_file_name("screenshots"));
    program.args(arguments);
    run_program(program)
}
