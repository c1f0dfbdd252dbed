//! The client's side of the contract against a running local backend.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that indexes or unwraps wrongly fails, as it should"
)]

mod closing;
mod day;
mod race;
