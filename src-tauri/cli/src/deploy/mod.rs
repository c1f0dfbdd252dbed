//! `onetillctl deploy`: the database part onto a project, whatever is there already.
//!
//! Invariants: the plan is shown before anything runs; everything that is applied is one transaction, so a failure
//! leaves nothing behind; two installers cannot deploy at the same time; the history is our own, in
//! `onetill.migrations`, and the shop's `supabase_migrations` is never touched.

mod apply;
mod paste;
mod plan;
mod report;

use crate::{
    database::{Database, DatabaseArguments, chain},
    error::{CliError, Result},
    output::Output,
};
use apply::Owner;
use paste::LOCK;
use plan::{Plan, Step, Subject};
use report::Summary;
use serde::Serialize;
use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
};
use tokio_postgres::{Error, error::SqlState};
use uuid::Uuid;

/// Apply the database part to a project: shows the plan first, safe to repeat.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  onetillctl deploy --database-url postgres://postgres@db.example.com:5432/postgres --dry-run
  PGPASSWORD=… onetillctl deploy --database-url 'postgres://postgres@db.example.com/postgres?sslmode=verify-full&sslrootcert=prod-ca.crt'
  onetillctl deploy --database-url … --rehearse              the whole deployment, and then taken back
  onetillctl deploy --database-url … --owner max@shop.example   and make this account the owner
  onetillctl deploy --database-url … --report                what was put right so far
  onetillctl deploy --print-sql --out onetill.sql            one file to paste into the SQL editor")]
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
    /// Make the account with this e-mail an owner, in the same transaction
    #[arg(long, value_name = "EMAIL", conflicts_with = "print_sql")]
    owner: Option<String>,
    /// The shop (the `id` in `vendors`) that the owner is of; needed where there is not exactly one
    #[arg(long, value_name = "ID", requires = "owner")]
    vendor: Option<Uuid>,
    /// Print what earlier deployments put right, and stop
    #[arg(long, conflicts_with_all = ["dry_run", "rehearse", "again", "owner", "print_sql"])]
    report: bool,
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
struct Response<'a> {
    outcome: Outcome,
    database: &'a str,
    plan: &'a Plan,
    #[serde(flatten)]
    done: Done,
}

/// What was done, and what is still to do.
#[derive(Default, Serialize)]
struct Done {
    applied: Vec<&'static str>,
    reconciled: Vec<Summary>,
    /// What the database said about the owner that `--owner` named.
    owner: Option<String>,
    /// Who lacks an active manager or owner: shops by name.
    nobody_manages: Vec<String>,
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
///
/// # Errors
/// `Found` when something that was applied is gone; `Undone` when it was refused or failed, and then nothing was changed.
pub(crate) async fn run(arguments: &Arguments, output: Output) -> Result<()> {
    if arguments.print_sql {
        return print_sql(arguments.out.as_deref(), output);
    }
    let address = arguments.database.required()?;
    let mut database = address.connect(output).await?;
    if arguments.report {
        return report::print(&database, &address, output).await;
    }
    let owner = arguments.owner.clone().map(|email| Owner { email, vendor: arguments.vendor });
    let mut plan = Plan::make(&database, arguments.again).await?;
    let is_pending = plan.pending().next().is_some();
    if plan.refused.is_empty() && plan.gone.is_empty() && (is_pending || owner.is_some()) {
        take_turn(&database).await?;
        if is_pending {
            plan.foresee(&database).await?;
        }
    }
    show(&plan, owner.as_ref(), &address.shown, output);
    let respond = |outcome, done| {
        output.document(&Response { outcome, database: &address.shown, plan: &plan, done });
    };

    if !plan.refused.is_empty() {
        respond(Outcome::Refused, Done::default());
        return Err(CliError::Failed("refused: nothing was changed".into()));
    }
    if !plan.gone.is_empty() {
        respond(Outcome::Refused, Done::default());
        return Err(CliError::ProblemsFound(
            "Something that was applied is gone, and nothing was changed: `onetillctl deploy --again` brings it back."
                .into(),
        ));
    }
    if arguments.dry_run {
        respond(Outcome::Planned, Done::default());
        output.line("Dry run: nothing was changed.");
        return Ok(());
    }
    if !is_pending && owner.is_none() {
        output.line("Nothing to do: everything is applied, and it is still there.");
        let nobody_manages = unmanaged(&database, output).await?;
        respond(Outcome::NothingToDo, Done { nobody_manages, ..Done::default() });
        return Ok(());
    }
    if !arguments.yes && !arguments.rehearse && !agreed(output)? {
        return Err(CliError::Failed("not agreed: nothing was changed".into()));
    }
    let applied = apply::run(&mut database, &plan, owner.as_ref(), !arguments.rehearse, output).await?;
    for summary in &applied.reconciled {
        output.line(format!("  put right: {}", summary.line()));
    }
    if let Some(named) = &applied.owner {
        output.line(format!("  {named}"));
    }
    let mut done = Done {
        applied: applied.versions,
        reconciled: applied.reconciled,
        owner: applied.owner,
        nobody_manages: Vec::new(),
    };
    if arguments.rehearse {
        respond(Outcome::Rehearsed, done);
        output.line("Rehearsed: it works, and nothing was kept.");
        return Ok(());
    }
    let list =
        if done.reconciled.is_empty() { "" } else { " (`onetillctl deploy --report` lists every row)" };
    output.line(format!(
        "Deployed: {} applied, {} put right{list}.",
        files(done.applied.len()),
        report::things(done.reconciled.len())
    ));
    done.nobody_manages = unmanaged(&database, output).await?;
    respond(Outcome::Deployed, done);
    Ok(())
}

fn print_sql(out: Option<&std::path::Path>, output: Output) -> Result<()> {
    let text = paste::text();
    let Some(path) = out else {
        // The text itself is the result, also for scripts.
        return std::io::stdout().write_all(text.as_bytes()).map_err(CliError::failed);
    };
    std::fs::write(path, &text).map_err(|cause| CliError::failed(format!("{}: {cause}", path.display())))?;
    output.line(format!("Written: {} ({} bytes)", path.display(), text.len()));
    output.document(&serde_json::json!({"written": path, "bytes": text.len()}));
    Ok(())
}

fn show(plan: &Plan, owner: Option<&Owner>, shown: &str, output: Output) {
    let found = match plan.found_version {
        Some(version) => format!("Onetill schema version {version}"),
        None => "no Onetill yet".to_owned(),
    };
    output.line(format!("Plan for {shown} (PostgreSQL {}, {found})", plan.server));
    for file in &plan.files {
        let step = match file.step {
            Step::Applied => "already applied",
            Step::New => "apply",
            Step::Changed => "changed since: apply again",
            Step::Again => "apply again",
        };
        output.line(format!("  {:<46} {step}", file.migration.file()));
    }
    for subject in Subject::ALL {
        let mut changes = plan.changes.iter().filter(|change| change.subject == subject).peekable();
        if changes.peek().is_some() {
            output.line(subject.heading());
        }
        for change in changes {
            output.line(format!("  - {}", change.sentence));
        }
    }
    if let Some(owner) = owner {
        output.line(format!("Then {} becomes an owner.", owner.email));
    }
    for text in &plan.gone {
        output.line(format!("GONE: {text}"));
    }
    for text in &plan.refused {
        output.line(format!("REFUSED: {text}"));
    }
}

/// Somebody at a terminal is asked; a script has already decided.
fn agreed(output: Output) -> Result<bool> {
    if output.json || !std::io::stdin().is_terminal() {
        return Ok(true);
    }
    eprint!("Apply this now? [y/N] ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(CliError::failed)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

/// So often the first statement is tried that a database's default ends too soon.
const MOST_TRIES: u32 = 50;

/// One deployment at a time, from the plan on, and none that makes a shop wait for long.
async fn take_turn(database: &Database) -> Result<()> {
    let failed = |cause: Error| CliError::failed(chain(&cause));
    let client = &database.client;
    let mut tries = 0;
    // What the database grants a statement by default may be less than this very one takes on a busy day.
    while let Err(cause) = client.batch_execute("set statement_timeout = 0; set lock_timeout = '10s'").await {
        tries += 1;
        if cause.code() != Some(&SqlState::QUERY_CANCELED) || tries >= MOST_TRIES {
            return Err(failed(cause));
        }
    }
    // The session of a deployment that has just ended may hold it a moment longer.
    match client.execute("select pg_advisory_lock($1)", &[&LOCK]).await {
        Ok(_) => Ok(()),
        Err(cause) if cause.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => Err(CliError::Failed(
            "somebody else is deploying to this database right now: nothing was changed".into(),
        )),
        Err(cause) => Err(failed(cause)),
    }
}

/// Says which shops nobody could approve or settle anything in, and how that is put right.
async fn unmanaged(database: &Database, output: Output) -> Result<Vec<String>> {
    const UNMANAGED: &str = "
        with managed as (select st.vendor_id from public.pos_staff st where st.is_active and st.role in ('manager', 'owner')),
          used as (select v.id, v.store_name::text as name from public.vendors v
            where exists (select from public.pos_registers r where r.vendor_id = v.id and r.status = 'active'))
        select coalesce(nullif(u.name, ''), u.id::text) from used u where u.id not in (select vendor_id from managed)
        union all select 'this project' where not exists (select from managed) and not exists (select from used)
        order by 1";
    let rows =
        database.client.query(UNMANAGED, &[]).await.map_err(|cause| CliError::failed(chain(&cause)))?;
    let shops: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    if !shops.is_empty() {
        output.line(format!(
            "Nobody active manages {}: name the owner with `onetillctl deploy --owner EMAIL --database-url …`.",
            shops.join(", ")
        ));
    }
    Ok(shops)
}

/// What is applied, for whoever only wants to know.
pub(crate) struct State {
    /// The schema version found.
    pub(crate) version: Option<i32>,
    /// The files that are not applied, or not as this program has them.
    pub(crate) pending: Vec<String>,
    /// What was applied and is not there any more.
    pub(crate) gone: Vec<String>,
    /// Why nothing could be deployed here now.
    pub(crate) refused: Vec<String>,
}

/// Looks without changing anything.
///
/// # Errors
/// `Undone` when the database cannot be looked at.
pub(crate) async fn state(database: &Database) -> Result<State> {
    let plan = Plan::make(database, false).await?;
    let pending = plan.pending().map(|file| file.migration.file()).collect();
    Ok(State { version: plan.found_version, pending, gone: plan.gone, refused: plan.refused })
}

fn files(n: usize) -> String {
    if n == 1 { "1 file".to_owned() } else { format!("{n} files") }
}
