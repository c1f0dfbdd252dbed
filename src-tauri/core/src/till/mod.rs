//! The till: what a person can ask of it, and what it does about it.
//!
//! `command.rs` says what there is to press, `allowed.rs` when it may be; `machine.rs` what follows from it; the files named after
//! parts of the work (shift, movements, counts, closing, …) are functions on the one state in `state.rs`; `driver.rs` is
//! the only place that waits for anything.

mod allowed;
mod approving;
mod board;
mod closing;
mod command;
mod counts;
mod driver;
mod effect;
mod expected_cash;
mod keeping;
mod keeping_state;
mod listed;
mod lock;
mod login;
mod machine;
mod movements;
mod poll;
mod practice;
mod receipts;
mod register;
mod returning;
mod selling;
mod selling_state;
mod settling;
mod shift;
mod situation;
mod snapshot;
mod state;
#[cfg(test)]
mod tests;

pub use allowed::allowed_at_set_up;
pub use command::{Command, CommandName, Outcome, Subject};
pub use driver::{Till, ask, carry_out, look_up, read_since, take_page};
pub use effect::{Answer, Busy, Call, CatalogueRead, LoadFor, Lookup, Moment, Wanted};
pub use machine::{Machine, Next, Request, Step};
pub use snapshot::Surroundings;
