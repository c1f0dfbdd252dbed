//! Supabase Auth and PostgREST over HTTP, behind the ports of `onetill-core`.
//!
//! Invariant of this crate: every request has a deadline and ends in what the till may believe, be it an answer, a
//! refusal, "did not run" or "nobody knows"; and no token, password or key leaves it for a log or a message.

mod cash_up;
mod classify;
mod clock;
mod failure;
#[cfg(feature = "fuzz")]
pub mod fuzz;
pub mod http;
mod items;
pub mod keychain;
mod ledger;
mod legacy_schema;
mod login;
mod managing;
mod persist;
pub mod probe;
mod reports;
mod rest;
mod secret_keeper;
mod selling;
mod server;
mod tls_failure;
mod verifier;
mod wire;

pub use keychain::{KeychainVault, MemoryVault};
pub use probe::test_connection;
pub use server::SupabaseServer;
pub use tls_failure::TlsFailure;
