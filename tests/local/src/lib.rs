//! A whole Supabase project on this computer, without Docker and without an account.
//!
//! The demo, the tests and the developer all need the same three things that a hosted project
//! offers: a database, the REST endpoint before it and the sign-in. [`Backend`] starts them from
//! the migrations in `supabase/` and keeps two promises: what it started it also ends, and it
//! never touches anything it did not start.

mod backend;
mod demo;
mod guard;
mod instance;
mod postgres;
mod server;

pub use backend::{Backend, Engine};
pub use demo::{DEMO_ACCOUNTS, DemoAccount};
pub use postgres::{Cluster, PgVersion};

use std::path::{Path, PathBuf};

/// Why the local backend could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The npm packages of the local backend are not there.
    #[error("the local backend is not installed in {0}: run `cargo xtask setup`")]
    NotInstalled(PathBuf),
    /// Node.js itself could not be started.
    #[error("cannot start `node` (Node.js 20 or newer must be on the PATH)")]
    Node(#[source] std::io::Error),
    /// Another process runs a backend in the same directory.
    #[error("another process already uses the backend in {0}")]
    InUse(PathBuf),
    /// A file or directory of the backend could not be read or written.
    #[error("{what}: {path}")]
    File {
        /// What was being done.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the operating system answered.
        #[source]
        source: std::io::Error,
    },
    /// Applying the migrations or the seed failed.
    #[error("{step} failed:\n{output}")]
    Prepare {
        /// `migration` or `seed`.
        step: &'static str,
        /// What the tool printed.
        output: String,
    },
    /// The server ended, or did not answer in time.
    #[error("the server does not answer on {address}; the end of its log:\n{log}")]
    NotAnswering {
        /// Where it was asked.
        address: String,
        /// The last lines it wrote.
        log: String,
    },
    /// No port, or another failure below HTTP.
    #[error("no free port on this computer")]
    Port(#[source] std::io::Error),
    /// PostgreSQL could not be started.
    #[error("PostgreSQL: {0}")]
    Postgres(String),
}

impl LocalError {
    fn file(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { what, path, source }
    }
}

/// The root of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}
