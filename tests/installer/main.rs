//! `onetillctl` as an installer uses it: the real program, against real databases and the real local backend.

#![allow(clippy::indexing_slicing, reason = "a test that indexes wrongly fails, as it should")]

mod ctl;
mod deploy;
mod doctor;
mod drill;
mod enrol;
mod field;
mod front;
