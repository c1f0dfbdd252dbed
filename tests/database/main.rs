//! The SQL on real PostgreSQL, the oldest and the newest: what it answers, what it refuses, what it
//! does when several callers meet at one moment, and how it migrates databases already in the field.
//!
//! Every test gets a database of its own, so they run side by side; both servers stop at the end.

#![allow(clippy::indexing_slicing, reason = "JSON indexed by name gives null where there is nothing")]

mod cases;
mod catalogue;
mod closing;
mod fields;
mod histories;
mod interleavings;
mod ledger;
mod lint;
mod matrix;
mod migrating;
mod mutations;
mod owner;
mod picture;
mod receipts;
mod replays;
mod selling;
mod upgrade;
mod vectors;
mod web_client;

use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use onetill_local::PgVersion;
use onetill_tests::Result;
use onetill_tests::database::Server;
use tokio::runtime::Runtime;

/// A test under way on one server.
type Run<'s> = Pin<Box<dyn Future<Output = Result<()>> + 's>>;

/// One test, to be run on every server.
#[derive(Clone, Copy)]
struct Test {
    name: &'static str,
    body: for<'s> fn(&'s Server) -> Run<'s>,
}

/// Lists a module's tests under their names.
macro_rules! tests {
    ($($name:ident),* $(,)?) => {
        pub(crate) fn tests() -> Vec<crate::Test> {
            vec![$(crate::Test {
                name: concat!(module_path!(), "::", stringify!($name)),
                body: |server| Box::pin($name(server)),
            }),*]
        }
    };
}
pub(crate) use tests;

fn main() -> Result<ExitCode> {
    let arguments = Arguments::from_args();
    if arguments.list {
        return Ok(libtest_mimic::run(&arguments, trials(&[], &Arc::new(Runtime::new()?))).exit_code());
    }
    let servers = [("pg15", PgVersion::V15), ("pg18", PgVersion::V18)]
        .into_iter()
        .map(|(name, version)| Ok((name, Arc::new(Server::start(version)?))))
        .collect::<Result<Vec<_>>>()?;
    let runtime = Arc::new(Runtime::new()?);
    let conclusion = libtest_mimic::run(&arguments, trials(&servers, &runtime));
    drop(servers);
    Ok(conclusion.exit_code())
}

fn trials(servers: &[(&'static str, Arc<Server>)], runtime: &Arc<Runtime>) -> Vec<Trial> {
    let mut trials = Vec::new();
    for (server_name, server) in servers {
        let all = [
            upgrade::tests(),
            histories::tests(),
            cases::tests(),
            catalogue::tests(),
            closing::tests(),
            fields::tests(),
            interleavings::tests(),
            ledger::tests(),
            lint::tests(),
            matrix::tests(),
            migrating::tests(),
            mutations::tests(),
            owner::tests(),
            receipts::tests(),
            replays::tests(),
            selling::tests(),
            vectors::tests(),
            web_client::tests(),
        ];
        for test in all.into_iter().flatten() {
            trials.push(trial(server_name, test, server, runtime));
        }
        // The same promises where the schema was the field's own: its checks, foreign keys and triggers go on.
        let strict = Arc::new(server.over_strict());
        let again = [
            histories::over_any_store(),
            cases::tests(),
            closing::tests(),
            interleavings::tests(),
            ledger::tests(),
            selling::over_any_store(),
        ];
        for test in again.into_iter().flatten() {
            trials.push(trial(&format!("{server_name}::strict"), test, &strict, runtime));
        }
    }
    trials
}

fn trial(place: &str, test: Test, server: &Arc<Server>, runtime: &Arc<Runtime>) -> Trial {
    let (server, runtime) = (Arc::clone(server), Arc::clone(runtime));
    let name = test.name.trim_start_matches("database::");
    Trial::test(format!("{place}::{name}"), move || {
        runtime.block_on((test.body)(&server)).map_err(|error| Failed::from(error.to_string()))
    })
}
