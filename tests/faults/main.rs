//! The client between a network that fails in every way and a real backend on a real PostgreSQL.

#![allow(clippy::indexing_slicing, reason = "a test that indexes wrongly fails, as it should")]

mod every;
mod history;
mod proxy;
mod shop;
