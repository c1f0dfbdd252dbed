//! The client's side of the contract against a running local backend.

#![allow(clippy::indexing_slicing, reason = "a test that indexes wrongly fails, as it should")]

mod race;
