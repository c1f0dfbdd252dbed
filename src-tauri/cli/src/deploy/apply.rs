//! Carries out a plan.
//!
//! Invariant: everything is one transaction. A failure anywhere, in a file, in naming the owner or at the commit, leaves
//! the database as it was.

use super::{
    plan::{Plan, Planned, advice, refusal},
    report::{self, Summary},
};
use crate::{
    database::{Database, chain},
    error::{CliError, Result},
    migrations,
    output::Output,
};
use std::time::Instant;
use tokio_postgres::Error;
use uuid::Uuid;

/// Who is to become an owner.
pub(super) struct Owner {
    pub(super) email: String,
    pub(super) vendor: Option<Uuid>,
}

/// Whatever the login's defaults are: the register's functions work in no other isolation, and the last file tries them.
const BEGIN: &str = "begin isolation level read committed read write";

/// Nothing else may make a shop wait for long, and nothing cuts the deployment itself off. Constraints are checked at
/// once: one of the shop's own that waits for the commit would keep the next file from changing its table.
const SETTINGS: &str = "
    set local lock_timeout = '10s';
    set local statement_timeout = 0;
    set local idle_in_transaction_session_timeout = 0;
    set constraints all immediate";

/// What was done.
pub(super) struct Applied {
    /// The versions of the files, in order.
    pub(super) versions: Vec<&'static str>,
    /// What was put right on the way.
    pub(super) reconciled: Vec<Summary>,
    /// What the database said about the owner who was to be named.
    pub(super) owner: Option<String>,
}

/// Applies what is pending and names the owner. Without `keep` it is all taken back at the end.
///
/// # Errors
/// `Undone`, with the file and the reason; nothing was changed then.
pub(super) async fn run(
    database: &mut Database,
    plan: &Plan,
    owner: Option<&Owner>,
    keep: bool,
    output: Output,
) -> Result<Applied> {
    let begun = database.client.batch_execute(BEGIN).await;
    begun.map_err(|cause| unchanged("begin", &cause, None))?;
    let done = steps(database, plan, owner, output).await;
    let reconciled = done.as_ref().map_or(&[][..], |applied| &applied.reconciled);
    for notice in database.notices() {
        // "… already exists, skipping" is the normal case.
        if !notice.ends_with(", skipping") && !reconciled.iter().any(|summary| summary.repeats(&notice)) {
            output.progress(format!("  (database: {notice})"));
        }
    }
    if done.is_err() || !keep {
        // After a lost connection the server does the same by itself.
        let _taken_back = database.client.batch_execute("rollback").await;
        return done;
    }
    match database.client.batch_execute("commit").await {
        Ok(()) => done,
        Err(cause) if cause.as_db_error().is_none() => Err(CliError::Failed(format!(
            "the connection was lost while everything was being kept: {}. Repeat it: it says what is applied.",
            chain(&cause)
        ))),
        Err(cause) => Err(unchanged("at the end", &cause, None)),
    }
}

async fn steps(database: &Database, plan: &Plan, owner: Option<&Owner>, output: Output) -> Result<Applied> {
    let prepared =
        database.client.batch_execute(&format!("{SETTINGS}; {}", migrations::announcement())).await;
    prepared.map_err(|cause| unchanged("begin", &cause, None))?;
    let total = plan.pending().count();
    let mut versions = Vec::with_capacity(total);
    for (at, file) in plan.pending().enumerate() {
        let began = Instant::now();
        let done = one_file(database, file).await;
        let name = file.migration.file();
        done.map_err(|cause| unchanged(&name, &cause, None))?;
        output.progress(format!("  [{}/{total}] {name:<46} {} ms", at + 1, began.elapsed().as_millis()));
        versions.push(file.migration.version);
    }
    let named = match owner {
        None => None,
        Some(owner) => {
            const HELP: &str = "`--owner` takes the e-mail of an account in the project's Auth; `--vendor ID` names the \
                                shop where there is not exactly one.";
            let asked = "select onetill.appoint_owner($1, $2)";
            let row = database.client.query_one(asked, &[&owner.email, &owner.vendor]).await;
            Some(row.map_err(|cause| unchanged("naming the owner", &cause, Some(HELP)))?.get(0))
        }
    };
    let reconciled = report::of_this_transaction(&database.client).await?;
    Ok(Applied { versions, reconciled, owner: named })
}

async fn one_file(database: &Database, file: &Planned) -> std::result::Result<(), Error> {
    database.client.batch_execute(file.migration.sql).await?;
    database
        .client
        .execute(
            "insert into onetill.migrations (version, name, hash) values ($1, $2, $3)
             on conflict (version) do update set name = excluded.name, hash = excluded.hash, applied_at = excluded.applied_at",
            &[&file.migration.version, &file.migration.name, &file.migration.hash()],
        )
        .await?;
    Ok(())
}

fn unchanged(at: &str, cause: &Error, help: Option<&str>) -> CliError {
    let sentence = match refusal(cause) {
        Some(sentences) => {
            let hint = cause.as_db_error().and_then(|db| db.hint()).map(|hint| format!(" {hint}"));
            format!("{}.{}", sentences.join(" ").trim_end_matches('.'), hint.unwrap_or_default())
        }
        None => format!("{}.", chain(cause)),
    };
    let help = help.or_else(|| advice(cause)).map(|text| format!(" {text}")).unwrap_or_default();
    CliError::Failed(format!("nothing was changed: {at}: {sentence}{help}"))
}
