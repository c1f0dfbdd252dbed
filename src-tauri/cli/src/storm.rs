//! `onetillctl storm`: a morning's opening of many stores at once, against a test server.
//!
//! Invariant: it never runs against a server that somebody else may depend on unless that is said aloud, and the registers
//! that it made are gone at the end.

use crate::{
    api::{ApiClient, Login},
    database::{Database, DatabaseArguments, chain},
    doctor,
    error::{CliError, Result},
    interrupt::Interrupt,
    output::Output,
    project::{ProjectArguments, SignInArguments},
    scratch::{self, Register},
    timing::Timing,
};
use onetill_core::{Amount, Connection};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;
use uuid::Uuid;

/// How often the picture is drawn anew.
const PICTURE: Duration = Duration::from_millis(500);
/// So long a morning's opening lasts in the estimate.
const MORNING_S: u64 = 300;

/// Open many registers at once on a test server, with a live picture and a capacity estimate.
///
/// It makes the registers with the database's own login and removes them afterwards. Other than a server on this computer
/// it refuses, unless told that it is a test server: a storm on a live one keeps real cashiers waiting.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  onetillctl storm --email olivia@demo.onetill.example --database-url postgres://postgres@127.0.0.1:5432/postgres
  onetillctl storm --registers 200 --devices 3 --at-once 100 --yes-this-is-a-test-server --email … --database-url …")]
pub(crate) struct Arguments {
    #[command(flatten)]
    project: ProjectArguments,
    #[command(flatten)]
    sign_in: SignInArguments,
    #[command(flatten)]
    database: DatabaseArguments,
    /// How many registers open
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    registers: u32,
    /// How many devices start each of them
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=20))]
    devices: u32,
    /// How many connections at a time
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    at_once: u32,
    /// The server is not on this computer, and nobody depends on it
    #[arg(long)]
    yes_this_is_a_test_server: bool,
}

/// What the presses came to so far.
#[derive(Default)]
struct Tally {
    took: Vec<Duration>,
    outcomes: BTreeMap<String, usize>,
    refusals: BTreeMap<String, usize>,
}

#[derive(Serialize)]
struct Summary {
    outcome: &'static str,
    presses: usize,
    answered: usize,
    outcomes: BTreeMap<String, usize>,
    refusals: BTreeMap<String, usize>,
    elapsed_ms: u64,
    per_second: u64,
    timing: Timing,
    registers_in_five_minutes: u64,
    wrong: Vec<String>,
}

/// Runs the command.
pub(crate) async fn run(arguments: &Arguments, output: Output) -> Result<()> {
    let connection = arguments.project.connection()?;
    let address = arguments.database.required()?;
    let here = connection.url.endpoint("").scheme() == "http" && address.is_on_this_computer();
    if !here && !arguments.yes_this_is_a_test_server {
        return Err(CliError::Usage(format!(
            "{} is not on this computer: a storm keeps real cashiers waiting. If nobody depends on it, say \
             --yes-this-is-a-test-server",
            connection.url.host()
        )));
    }
    let client = ApiClient::new(connection.clone()).map_err(CliError::failed)?;
    doctor::function_is_there(&client).await?;
    let login = arguments.sign_in.sign_in(&client).await?;
    let interrupt = Interrupt::listen();
    let mut database = address.connect(output).await?;
    let count = usize::try_from(arguments.registers).unwrap_or(usize::MAX);
    let registers = scratch::make(&mut database, &login, "STORM", count).await?;
    output.progress(format!("{count} registers made at {}", address.shown));

    let result = run_load(arguments, &connection, &login, &registers, &interrupt, output).await;
    let held = check(&database, &registers).await;
    let cleaned = scratch::remove(&mut database, &registers).await;
    client.signed_in(&login).sign_out().await;
    let (tally, elapsed) = result?;
    let mut wrong = held?;
    cleaned?;
    interrupt.check()?;
    wrong.extend(tally.refusals.iter().map(|(refusal, times)| format!("{times} × {refusal}")));
    tell(arguments, tally, elapsed, wrong, output)
}

async fn run_load(
    arguments: &Arguments,
    connection: &Connection,
    login: &Login,
    registers: &[Register],
    interrupt: &Interrupt,
    output: Output,
) -> Result<(Tally, Duration)> {
    let devices = usize::try_from(arguments.devices).unwrap_or(1);
    let total = registers.len() * devices;
    let cash: Amount = "200.00".parse().map_err(CliError::failed)?;
    let (next, tally) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Tally::default())));
    let registers: Arc<[Register]> = registers.into();
    let mut workers = JoinSet::new();
    let began = Instant::now();
    for _ in 0..arguments.at_once {
        let client = ApiClient::new(connection.clone()).map_err(CliError::failed)?.signed_in(login);
        let (next, tally, registers) = (Arc::clone(&next), Arc::clone(&tally), Arc::clone(&registers));
        let (login, interrupt) = (login.clone(), interrupt.clone());
        workers.spawn(async move {
            while !interrupt.is_set() {
                // Neighbours in the count press the same register, at about the same moment.
                let press = next.fetch_add(1, Ordering::Relaxed);
                let Some(register) = registers.get(press / devices) else { return };
                let answer = scratch::press(&client, &login, register, cash, Uuid::new_v4()).await;
                let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                match answer {
                    Ok(answer) if answer.worked() => {
                        tally.took.push(answer.took);
                        let outcome = answer.header("x-session-outcome").unwrap_or("not told").to_owned();
                        *tally.outcomes.entry(outcome).or_default() += 1;
                    }
                    Ok(answer) => *tally.refusals.entry(answer.refusal()).or_default() += 1,
                    Err(error) => *tally.refusals.entry(error.to_string()).or_default() += 1,
                }
            }
        });
    }
    let mut picture = tokio::time::interval(PICTURE);
    loop {
        tokio::select! {
            joined = workers.join_next() => match joined {
                None => break,
                Some(ended) => ended.map_err(CliError::failed)?,
            },
            _ = picture.tick() => output.live(drawn(&tally, total, began.elapsed())),
        }
    }
    let elapsed = began.elapsed();
    output.live(drawn(&tally, total, elapsed));
    output.settle();
    let tally = std::mem::take(&mut *tally.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((tally, elapsed))
}

fn drawn(tally: &Mutex<Tally>, total: usize, elapsed: Duration) -> String {
    let (took, refused) = {
        let tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
        (tally.took.clone(), tally.refusals.values().sum::<usize>())
    };
    let done = took.len() + refused;
    let timing = Timing::of(took);
    format!(
        "{done}/{total} presses, {} a second, 50 % within {} ms, 95 % within {} ms, {refused} refused",
        per_second(done, elapsed),
        timing.p50_ms,
        timing.p95_ms
    )
}

fn per_second(done: usize, elapsed: Duration) -> u64 {
    let ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    u64::try_from(done).unwrap_or(u64::MAX).saturating_mul(1000) / ms
}

/// What the database holds: each register with one open session, and none without.
async fn check(database: &Database, registers: &[Register]) -> Result<Vec<String>> {
    let ids: Vec<Uuid> = registers.iter().map(|register| register.id).collect();
    let sql = "select count(*) filter (where n = 1), count(*) filter (where n > 1), count(*) filter (where n = 0) from (
                 select (select count(*) from public.pos_sessions s where s.register_id = r.id) n
                   from unnest($1::uuid[]) r(id)) x";
    let row =
        database.client.query_one(sql, &[&ids]).await.map_err(|cause| CliError::failed(chain(&cause)))?;
    let (several, none): (i64, i64) = (row.get(1), row.get(2));
    let mut wrong = Vec::new();
    if several > 0 {
        wrong.push(format!("{several} registers have more than one session"));
    }
    if none > 0 {
        wrong.push(format!("{none} registers have no session"));
    }
    Ok(wrong)
}

fn tell(
    arguments: &Arguments,
    tally: Tally,
    elapsed: Duration,
    wrong: Vec<String>,
    output: Output,
) -> Result<()> {
    let answered = tally.took.len();
    let rate = per_second(answered, elapsed);
    let summary = Summary {
        outcome: if wrong.is_empty() { "pass" } else { "fail" },
        presses: answered + tally.refusals.values().sum::<usize>(),
        answered,
        outcomes: tally.outcomes,
        refusals: tally.refusals,
        elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        per_second: rate,
        timing: Timing::of(tally.took),
        registers_in_five_minutes: rate * MORNING_S / u64::from(arguments.devices),
        wrong,
    };
    output.document(&summary);
    let outcomes: Vec<String> =
        summary.outcomes.iter().map(|(outcome, n)| format!("{n} {outcome}")).collect();
    output.line(format!(
        "{} of {} presses answered in {} ms: {}",
        summary.answered,
        summary.presses,
        summary.elapsed_ms,
        outcomes.join(", ")
    ));
    output
        .line(format!("Throughput: {} a second with {} connections", summary.per_second, arguments.at_once));
    output.line(format!("Latency: {}", summary.timing));
    output.line(format!(
        "Capacity: about {} registers with {} device(s) each open within five minutes at this pace; plan for a third of it, \
         so that selling goes on meanwhile.",
        summary.registers_in_five_minutes, arguments.devices
    ));
    for text in &summary.wrong {
        output.line(format!("  {text}"));
    }
    if summary.wrong.is_empty() {
        output.line("PASS - EVERY REGISTER HAS ONE SESSION");
        Ok(())
    } else {
        output.line("FAIL");
        Err(CliError::ProblemsFound("the storm found something wrong".into()))
    }
}
