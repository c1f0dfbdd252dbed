//! Real PostgreSQL with the register's schema in it, for the database tests, the soak and the benchmark.
//!
//! A [`Desk`] is one connection in the role of one caller, as PostgREST would make it: everything
//! said to the database through it passes the grants, the row level security and the functions.

pub mod check;
pub mod desk;
pub mod history;
pub mod plant;
pub mod ratio;
mod server;
pub mod soak;
pub mod till;

use std::time::Duration;

use uuid::Uuid;

pub use server::{Database, Server, migrations};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A test's helpers fail with a sentence; nothing here decides by the kind of an error.
pub type Result<T> = std::result::Result<T, Failure>;

/// How long a condition may take to come true on a slow and busy computer.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The vendor that the tests work for.
pub const VENDOR: Uuid = Uuid::from_u128(0x0000_00aa_0000_4000_8000_0000_0000_0001);
/// Its first location, in euros, with registers 1 to 8 active and 9 retired.
pub const MAIN: Uuid = Uuid::from_u128(0x0000_00bb_0000_4000_8000_0000_0000_0001);
/// Its second location, in yen, with register 21.
pub const SECOND: Uuid = Uuid::from_u128(0x0000_00bb_0000_4000_8000_0000_0000_0002);
/// The other vendor.
pub const STRANGERS: Uuid = Uuid::from_u128(0x0000_00aa_0000_4000_8000_0000_0000_0002);
/// The other vendor's location, with register 31.
pub const ELSEWHERE: Uuid = Uuid::from_u128(0x0000_00bb_0000_4000_8000_0000_0000_0003);

/// The register of that number in the tests' store.
#[must_use]
pub fn register(number: u32) -> Uuid {
    // The number is written in decimal digits into the hexadecimal id.
    let digits = u128::from(number / 10 * 16 + number % 10);
    Uuid::from_u128(0x0000_00dd_0000_4000_8000_0000_0000_0000 | digits)
}
