//! The device's half over real parts: a whole client that is killed, and the real server it comes back to.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test's helpers fail as the test itself does"
)]

mod clocks;
mod crash;
mod full_disk;
