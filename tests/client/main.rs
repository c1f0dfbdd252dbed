//! The client's side of the contract against a running local backend.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that is wrong fails, as it should"
)]

mod closing;
mod databases;
mod day;
mod encrypted;
mod importing;
mod legacy;
mod race;
mod sales;
mod selling;
mod till_sells;
