//! `cargo xtask backend`: a local Supabase project to develop against.

use std::path::Path;

use onetill_local::{Backend, DEMO_ACCOUNTS, Engine, repository};

use crate::packages::Needs;
use crate::process::{Failure, Result, check_interrupt, until_interrupted};
use crate::{say, setup};

/// Arguments of `cargo xtask backend`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Use a real PostgreSQL instead of the embedded one
    #[arg(long)]
    postgres: bool,
    /// Forget what was stored and start with the demo store as new
    #[arg(long)]
    reset: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    setup::require(Needs { postgres: arguments.postgres, ..Needs::default() })?;
    let (engine, name) =
        if arguments.postgres { (Engine::real(), "postgres") } else { (Engine::Pglite, "pglite") };
    let directory = repository().join("target/backend").join(name);
    if arguments.reset {
        reset(&directory)?;
    }
    let backend = start(engine, &directory)?;
    say::note(&format!("Project URL      {}", backend.url()));
    say::note(&format!("Publishable key  {}", backend.publishable_key()));
    if let Some(url) = backend.database_url() {
        say::note(&format!("Database         {url}"));
    }
    show_accounts();
    say::note(&format!("Data             {}", directory.display()));
    say::good("Running. Ctrl-C ends it; the data stays for the next time.");
    until_interrupted(|| Ok(()))
}

/// Starts a backend in view of the developer.
pub(crate) fn start(engine: Engine, directory: &Path) -> Result<Backend> {
    say::header("Starting the local backend");
    if !directory.exists() {
        say::note("The first start prepares the database and takes some seconds.");
    }
    let started = Backend::start_selling(engine, directory);
    // Ctrl-C reaches the programs it runs as well; their failing is then not the news.
    check_interrupt()?;
    started.map_err(Failure::said)
}

/// Removes a backend's directory, and refuses to pull it away under a running one.
pub(crate) fn reset(directory: &Path) -> Result<()> {
    onetill_local::Backend::erase(directory).map_err(Failure::said)
}

/// Who can sign in.
pub(crate) fn show_accounts() {
    say::note("Demo accounts:");
    for account in DEMO_ACCOUNTS {
        say::note(&format!(
            "  {:14} {:9} {:28} {}",
            account.name, account.role, account.email, account.password
        ));
    }
}
