//! The client between a network that fails in every way and a real backend on a real PostgreSQL.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that indexes or unwraps wrongly fails, as it should"
)]

mod every;
mod proxy;
mod secrets;
mod shop;
