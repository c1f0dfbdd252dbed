//! The command line.

use crate::{deploy, diagnostics, doctor, drill, enrol, error, output::Output, printer, storm};
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use std::process::ExitCode;

/// Deploy, prove and support Onetill, for whoever rolls it out.
///
/// A register has exactly one open shift, whatever devices, networks and people do. These commands put the database
/// part onto a project, prove on the live server that it holds, and find out what is wrong when something is.
#[derive(Debug, Parser)]
#[command(name = "onetillctl", version, disable_help_subcommand = true, after_help = error::EXIT_CODES, max_term_width = 100)]
struct Arguments {
    /// Print one JSON document for scripts instead of text
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Deploy(deploy::Arguments),
    Doctor(doctor::Arguments),
    Drill(drill::Arguments),
    Storm(storm::Arguments),
    Enroll(enrol::Arguments),
    EnrolmentKey(enrol::KeyArguments),
    EnrolmentLink(enrol::LinkArguments),
    Diagnostics(diagnostics::Arguments),
    PrinterTest(printer::Arguments),
    /// Print a completion script for a shell
    #[command(after_help = "\
Examples:
  onetillctl completions bash > /etc/bash_completion.d/onetillctl
  onetillctl completions powershell >> $PROFILE")]
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// Reads the command line and does what it says; the exit code tells a script how it ended.
#[must_use]
pub fn run() -> ExitCode {
    let Arguments { json, command } = Arguments::parse();
    let output = Output { json };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => return report(&error::CliError::failed(cause), output),
    };
    let done = runtime.block_on(async {
        match command {
            Command::Deploy(arguments) => deploy::run(&arguments, output).await,
            Command::Doctor(arguments) => doctor::run(&arguments, output).await,
            Command::Drill(arguments) => drill::run(&arguments, output).await,
            Command::Storm(arguments) => storm::run(&arguments, output).await,
            Command::Enroll(arguments) => enrol::run(&arguments, output).await,
            Command::EnrolmentKey(arguments) => enrol::make_key(&arguments, output),
            Command::EnrolmentLink(arguments) => enrol::make_link(&arguments, output),
            Command::PrinterTest(arguments) => printer::run(&arguments, output).await,
            Command::Diagnostics(arguments) => diagnostics::run(&arguments, output).await,
            Command::Completions { shell } => {
                let name = "onetillctl";
                clap_complete::generate(shell, &mut Arguments::command(), name, &mut std::io::stdout());
                Ok(())
            }
        }
    });
    // A keychain that waits for somebody to unlock it must not keep the program.
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(end) => report(&end, output),
    }
}

fn report(end: &error::CliError, output: Output) -> ExitCode {
    let text = end.to_string();
    if !text.is_empty() {
        eprintln!("onetillctl: {text}");
    }
    // Kept back where the command has printed its own document already.
    output.document(&serde_json::json!({"outcome": "not_done", "message": text}));
    end.code()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_explains_itself_with_an_example() {
        Arguments::command().debug_assert();
        for command in Arguments::command().get_subcommands() {
            let name = command.get_name();
            assert!(
                command.get_about().is_some_and(|about| !about.to_string().is_empty()),
                "{name} says what it does"
            );
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(after.contains(&format!("onetillctl {name}")), "{name} has an example");
        }
    }

    #[test]
    fn no_flag_takes_a_password() {
        for command in Arguments::command().get_subcommands() {
            for argument in command.get_arguments() {
                let takes_text = argument.get_action().takes_values();
                let name = argument.get_id().as_str();
                assert!(!(takes_text && name.contains("password")), "{}: --{name}", command.get_name());
            }
        }
    }
}
