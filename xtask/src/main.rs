//! The developer's commands: `cargo xtask <command>`.
//!
//! Everything that this repository needs done to it is a command here, in Rust, so that it works
//! the same on Linux, macOS and Windows. Each command may be the first one run in a clean clone:
//! it installs what it needs and says so.

mod backend;
mod benchmarks;
mod bindings;
mod build;
mod bundle;
mod demo;
mod fuzz;
mod measure;
mod packages;
mod process;
mod report;
mod say;
mod screenshots;
mod setup;
mod tally;
mod test;
mod update_list;
mod windows;
mod workflows;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Onetill's developer commands", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what building and testing need (the other commands do this by themselves)
    Setup,
    /// Run only the local backend, until Ctrl-C
    Backend(backend::Arguments),
    /// Build everything and open the app on a demo store
    Demo(demo::Arguments),
    /// Run every check and every test
    Test(test::Arguments),
    /// Generate the TypeScript types of the user interface from the Rust ones
    Bindings(bindings::Arguments),
    /// Check what runs on the build service
    Workflows,
    /// Take pictures of every screen, in target/screenshots
    Screenshots(screenshots::Arguments),
    /// Build the packages that a Linux computer installs
    Bundle,
    /// Build packages of two versions; install, upgrade, update and remove them
    TestPackages(bundle::Arguments),
    /// Write the list of versions that installed programs read (the release workflow does this)
    UpdateList(update_list::Arguments),
    /// Feed every decoder what nobody would send, for as long as you like
    Fuzz(fuzz::Arguments),
    /// Build app, console and installer for Windows on Debian, and try them under Wine
    Windows(windows::Arguments),
    /// Measure how fast everything is, or one part
    Bench(measure::Bench),
    /// Let many devices loose on the registers for as long as you like, and check every promise
    Soak(measure::Soak),
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    let done = process::catch_interrupts().and_then(|()| match command {
        Command::Setup => setup::everything(),
        Command::Backend(arguments) => backend::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Bindings(arguments) => bindings::run(&arguments),
        Command::Workflows => workflows::lint(),
        Command::Screenshots(arguments) => screenshots::run(&arguments),
        Command::Bundle => bundle::bundle(),
        Command::TestPackages(arguments) => bundle::test(&arguments),
        Command::UpdateList(arguments) => update_list::write(&arguments),
        Command::Fuzz(arguments) => fuzz::run_all(&arguments),
        Command::Windows(arguments) => windows::run_all(&arguments),
        Command::Bench(arguments) => measure::bench(&arguments),
        Command::Soak(arguments) => measure::soak(&arguments),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(process::Failure::Interrupted) => {
            say::note("Stopped; everything that was started here has ended.");
            ExitCode::from(130)
        }
        Err(process::Failure::Said(message)) => {
            say::error(&message);
            ExitCode::FAILURE
        }
    }
}
