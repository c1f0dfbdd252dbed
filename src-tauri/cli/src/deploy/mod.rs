//! `onetillctl deploy`: the database part onto a project, whatever is there already.
//!
//! Invariants: the plan is shown before anything runs; each file and its line in the history are one transaction, so a
//! failure leaves the files before it applied and nothing half-done; two installers cannot deploy at the same time;
//! the history is the Supabase CLI's own, so both agree about what is applied.

mod paste;
mod plan;

use crate::{
    database::{Database, DatabaseArguments, chain},
    end::{End, Result},
    say::Say,
};
use plan::{Plan, Step};
use serde::Serialize;
use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    time::Instant,
};

/// The one advisory lock of a deployment.
const LOCK: i64 = 0x6f6e_6574_696c_6c01;

/// The history table, as the Supabase CLI makes it.
const HISTORY: &str = "\
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
alter table supabase_migrations.schema_migrations add column if not exists statements text[];
alter table supabase_migrations.schema_migrations add column if not exists name text";

/// Apply the database part to a project: shows the plan first, safe to repeat.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  onetillctl deploy --database-url postgres://postgres@db.example.com:5432/postgres --dry-run
  PGPASSWORD=… onetillctl deploy --database-url 'postgres://postgres@db.example.com/postgres?sslmode=verify-full&sslrootcert=prod-ca.crt'
  onetillctl deploy --database-url … --rehearse     what would be put right, without keeping it
  onetillctl deploy --print-sql --out onetill.sql   one file to paste into the SQL editor")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: DatabaseArguments,
    /// Show the plan and stop: nothing is changed
    #[arg(long, conflicts_with_all = ["rehearse", "print_sql"])]
    dry_run: bool,
    /// Do everything in one transaction, report it, and take it back: holds the tables for a moment
    #[arg(long, conflicts_with = "print_sql")]
    rehearse: bool,
    /// Apply also the files that the history has, to bring back what somebody dropped
    #[arg(long)]
    again: bool,
    /// Do not ask before applying
    #[arg(long, short)]
    yes: bool,
    /// Write the whole deployment as one SQL file to paste into the SQL editor; needs no database
    #[arg(long)]
    print_sql: bool,
    /// Where --print-sql writes; standard output when absent
    #[arg(long, value_name = "FILE", requires = "print_sql")]
    out: Option<PathBuf>,
}

/// What a script reads.
#[derive(Serialize)]
struct Told<'a> {
    outcome: Outcome,
    database: &'a str,
    plan: &'a Plan,
    applied: Vec<&'static str>,
    reports: Vec<String>,
}

#[derive(Clone, Copy, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Planned,
    Rehearsed,
    Refused,
    Deployed,
    NothingToDo,
}

/// Runs the command.
pub(crate) async fn run(arguments: &Arguments, say: Say) -> Result<()> {
    if arguments.print_sql {
        return print_sql(arguments.out.as_deref(), say);
    }
    let address = arguments.database.required()?;
    let mut database = address.connect(say).await?;
    let plan = plan::make(&database, arguments.again).await?;
    show(&plan, &address.shown, say);
    let tell = |outcome, applied, reports| {
        say.document(&Told { outcome, database: &address.shown, plan: &plan, applied, reports });
    };

    if !plan.refused.is_empty() {
        tell(Outcome::Refused, vec![], vec![]);
        return Err(End::Undone("refused: nothing was changed".into()));
    }
    if plan.gone {
        tell(Outcome::Refused, vec![], vec![]);
        return Err(End::Found(
            "The history says that everything is applied, and what it made is not there: run `onetillctl deploy \
             --again`."
                .into(),
        ));
    }
    if arguments.dry_run {
        tell(Outcome::Planned, vec![], vec![]);
        say.line("Dry run: nothing was changed.");
        return Ok(());
    }
    if plan.pending().next().is_none() {
        tell(Outcome::NothingToDo, vec![], vec![]);
        say.line("Nothing to do: everything is applied.");
        return Ok(());
    }
    if !arguments.yes && !arguments.rehearse && !agreed(say)? {
        return Err(End::Undone("not agreed: nothing was changed".into()));
    }
    take_turn(&database).await?;
    if arguments.rehearse {
        let reports = rehearse(&mut database, &plan, say).await?;
        tell(Outcome::Rehearsed, vec![], reports);
        say.line("Rehearsed: it works, and nothing was kept.");
        return Ok(());
    }
    let (applied, reports) = apply(&mut database, &plan, say).await?;
    say.line(format!("Deployed: {} applied, {} put right.", files(applied.len()), rows(reports.len())));
    tell(Outcome::Deployed, applied, reports);
    Ok(())
}

fn print_sql(out: Option<&std::path::Path>, say: Say) -> Result<()> {
    let text = paste::text();
    let Some(path) = out else {
        // The text itself is the result, also for scripts.
        return std::io::stdout().write_all(text.as_bytes()).map_err(End::undone);
    };
    std::fs::write(path, &text).map_err(|cause| End::undone(format!("{}: {cause}", path.display())))?;
    say.line(format!("Written: {} ({} bytes)", path.display(), text.len()));
    say.document(&serde_json::json!({"written": path, "bytes": text.len()}));
    Ok(())
}

fn show(plan: &Plan, shown: &str, say: Say) {
    let found = match plan.found_version {
        Some(version) => format!("Onetill schema version {version}"),
        None => "no Onetill yet".to_owned(),
    };
    say.line(format!("Plan for {shown} (PostgreSQL {}, {found})", plan.server));
    for file in &plan.files {
        let step = match file.step {
            Step::Applied => "already applied",
            Step::Apply => "apply",
            Step::Again => "apply again",
        };
        say.line(format!("  {} {:<28} {step}", file.version, file.name));
    }
    if !plan.will_put_right.is_empty() && plan.pending().next().is_some() {
        say.line("Will be put right, row by row, with each row kept as it was in onetill.reconciliations:");
        for text in &plan.will_put_right {
            say.line(format!("  - {text}"));
        }
    }
    for text in &plan.refused {
        say.line(format!("REFUSED: {text}"));
    }
}

/// Somebody at a terminal is asked; a script has already decided.
fn agreed(say: Say) -> Result<bool> {
    if say.json || !std::io::stdin().is_terminal() {
        return Ok(true);
    }
    eprint!("Apply this now? [y/N] ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(End::undone)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

/// One deployment at a time, and none that makes a shop wait for long.
async fn take_turn(database: &Database) -> Result<()> {
    let failed = |cause: tokio_postgres::Error| End::undone(chain(&cause));
    let client = &database.client;
    client.batch_execute("set lock_timeout = '10s'; set statement_timeout = 0").await.map_err(failed)?;
    let row = client.query_one("select pg_try_advisory_lock($1)", &[&LOCK]).await.map_err(failed)?;
    if row.get(0) {
        Ok(())
    } else {
        Err(End::Undone("somebody else is deploying to this database right now: nothing was changed".into()))
    }
}

/// What is applied, for whoever only wants to know.
pub(crate) struct State {
    /// The schema version found.
    pub(crate) version: Option<i32>,
    /// The files that are not applied.
    pub(crate) pending: Vec<String>,
    /// The history says that everything is applied, and what it made is not there.
    pub(crate) gone: bool,
}

/// Looks without changing anything.
pub(crate) async fn state(database: &Database) -> Result<State> {
    let plan = plan::make(database, false).await?;
    let pending = plan.pending().map(|file| format!("{}_{}", file.version, file.name)).collect();
    Ok(State { version: plan.found_version, pending, gone: plan.gone })
}

async fn apply(database: &mut Database, plan: &Plan, say: Say) -> Result<(Vec<&'static str>, Vec<String>)> {
    let total = plan.pending().count();
    let (mut applied, mut reports) = (Vec::new(), Vec::new());
    database.client.batch_execute(HISTORY).await.map_err(|cause| End::undone(chain(&cause)))?;
    for (at, file) in plan.pending().enumerate() {
        let began = Instant::now();
        let done: std::result::Result<(), tokio_postgres::Error> = async {
            let step = database.client.transaction().await?;
            step.batch_execute(file.sql).await?;
            step.execute(
                "insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, $3)
                 on conflict (version) do update set name = excluded.name, statements = excluded.statements",
                &[&file.version, &file.name, &vec![file.sql]],
            )
            .await?;
            step.batch_execute("notify pgrst, 'reload schema'").await?;
            step.commit().await
        }
        .await;
        reports.extend(told(database, say));
        if let Err(cause) = done {
            return Err(stopped_at(file, &cause, applied.len()));
        }
        say.progress(format!(
            "  [{}/{total}] {} {:<28} {} ms",
            at + 1,
            file.version,
            file.name,
            began.elapsed().as_millis()
        ));
        applied.push(file.version);
    }
    Ok((applied, reports))
}

async fn rehearse(database: &mut Database, plan: &Plan, say: Say) -> Result<Vec<String>> {
    let begun = database.client.batch_execute("begin").await;
    begun.map_err(|cause| End::undone(chain(&cause)))?;
    for file in plan.pending() {
        if let Err(cause) = database.client.batch_execute(file.sql).await {
            return Err(stopped_at(file, &cause, 0));
        }
        say.progress(format!("  rehearsed {} {}", file.version, file.name));
    }
    let taken_back = database.client.batch_execute("rollback").await;
    taken_back.map_err(|cause| End::undone(chain(&cause)))?;
    Ok(told(database, say))
}

/// What the migrations reported; the rest of the database's remarks is progress.
fn told(database: &mut Database, say: Say) -> Vec<String> {
    let (reports, remarks): (Vec<_>, Vec<_>) =
        database.notices().into_iter().partition(|text| text.starts_with("onetill: "));
    for remark in remarks {
        say.progress(format!("  (database: {remark})"));
    }
    let reports: Vec<String> =
        reports.into_iter().map(|text| text.trim_start_matches("onetill: ").to_owned()).collect();
    for report in &reports {
        say.line(format!("  put right: {report}"));
    }
    reports
}

fn stopped_at(file: &plan::Planned, cause: &tokio_postgres::Error, before: usize) -> End {
    let busy = cause.code().is_some_and(|code| code.code() == "55P03");
    let advice = if busy { " The tables are in use: repeat it at a quieter hour." } else { "" };
    End::Undone(format!(
        "{}_{}.sql was not applied: {}.{advice} {} before it stay applied; repeating goes on from here.",
        file.version,
        file.name,
        chain(cause),
        files(before),
    ))
}

fn files(n: usize) -> String {
    if n == 1 { "1 file".to_owned() } else { format!("{n} files") }
}

fn rows(n: usize) -> String {
    if n == 1 { "1 thing".to_owned() } else { format!("{n} things") }
}
