//! `onetillctl` as an installer uses it: the real program, against real databases and the real local backend.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that is wrong fails, as it should"
)]

mod ctl;
mod deploy;
mod doctor;
mod drill;
mod enrol;
mod field;
mod fleet;
mod front;
mod printer;
mod refusals;
mod strict;
mod supabase_cli;
