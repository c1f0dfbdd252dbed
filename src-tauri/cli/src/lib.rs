//! `onetillctl`: what an installer needs to roll Onetill out to many stores without a developer.
//!
//! Invariants: no secret is taken from a flag or written to any output; a command that changes something can be
//! repeated; the exit code alone tells a script what happened (see [`error::CliError`]).

mod api;
mod arguments;
mod database;
mod deploy;
mod diagnostics;
mod doctor;
mod drill;
mod enrol;
mod error;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod interrupt;
mod migrations;
mod output;
mod printer;
mod project;
mod scratch;
mod secrets;
mod storm;
mod timing;
mod tls;

pub use arguments::run;
