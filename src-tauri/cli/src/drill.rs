//! `onetillctl drill`: many devices press *Start shift* on one register at the same moment, on the live server.
//!
//! Invariant: the verdict rests on what the server answered and on what it holds afterwards, never on what it should
//! have done; and the register is free again at the end, also after Ctrl-C or a failure.

use crate::{
    api::{ApiClient, Login, Request, Response, TransportError},
    database::{Database, DatabaseArguments},
    doctor,
    error::{CliError, Result},
    interrupt::Interrupt,
    output::Output,
    project::{ProjectArguments, SignInArguments},
    scratch::{self, Register},
    timing::Timing,
};
use onetill_core::Amount;
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::Barrier, task::JoinSet};
use uuid::Uuid;

/// Prove on the live server that simultaneous starts share one shift.
///
/// It needs a member of staff to sign in, and a register to try it on. With --database-url it makes a register and
/// removes it afterwards with everything on it. With --register it borrows a free register of the shop, and cancels the
/// empty shift that it opened there. The last lines tell of the worst round.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  onetillctl drill --email owner@shop.example --database-url postgres://postgres@db.example.com/postgres
  onetillctl drill --email mara@shop.example --register M2 --devices 20 --rounds 5
  onetillctl drill --legacy --email … --database-url …     what the function before the migration does

Exit code 0 only after PASS - ATOMIC FUNCTION WORKING.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    project: ProjectArguments,
    #[command(flatten)]
    sign_in: SignInArguments,
    #[command(flatten)]
    database: DatabaseArguments,
    /// How many devices press at the same moment
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(2..=500))]
    devices: u16,
    /// How many times
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
    /// A free register of the shop to borrow, by number or id
    #[arg(long, value_name = "REGISTER", conflicts_with = "legacy")]
    register: Option<String>,
    /// Opening cash that every device states
    #[arg(long, value_name = "AMOUNT", default_value = "200.00", value_parser = amount)]
    opening_cash: Amount,
    /// Try the function of a database from before the migrations: it cannot say who created and who joined
    #[arg(long)]
    legacy: bool,
}

fn amount(text: &str) -> std::result::Result<Amount, String> {
    Amount::for_drawer(text).map_err(|problem| problem.to_string())
}

/// What one round showed.
#[derive(Debug, Default, Serialize)]
struct Round {
    successful: usize,
    failed: usize,
    /// Each session that was answered, and to how many devices.
    sessions: BTreeMap<String, usize>,
    session_numbers: BTreeSet<String>,
    outcomes: BTreeMap<String, usize>,
    refusals: BTreeMap<String, usize>,
    /// Everything that should not be.
    wrong: Vec<String>,
    timing: Timing,
}

#[derive(Serialize)]
struct Summary<'a> {
    outcome: &'static str,
    devices: u16,
    register: &'a str,
    rounds: &'a [Round],
    wrong: &'a [String],
}

/// The register under trial and who stands at it.
struct Trial<'a> {
    arguments: &'a Arguments,
    login: Login,
    counter: ApiClient,
    database: Option<Database>,
    register: Register,
    interrupt: Interrupt,
    output: Output,
}

/// Runs the command.
pub(crate) async fn run(arguments: &Arguments, output: Output) -> Result<()> {
    let connection = arguments.project.connection()?;
    let address = arguments.database.address()?;
    if address.is_none() && arguments.register.is_none() {
        return Err(CliError::Usage(
            "which register? --database-url makes one and removes it afterwards; --register borrows a free one".into(),
        ));
    }
    let stranger = ApiClient::new(connection.clone()).map_err(CliError::failed)?;
    doctor::function_is_there(&stranger).await?;
    let login = arguments.sign_in.sign_in(&stranger).await?;
    // Only from here on: whoever still types the password stops it at once.
    let interrupt = Interrupt::listen();
    let counter = stranger.signed_in(&login);

    let begun = begin(arguments, address, &counter, &login, output).await;
    let result = match begun {
        Err(end) => Err(end),
        Ok((database, register)) => {
            let mut trial =
                Trial { arguments, login, counter: counter.clone(), database, register, interrupt, output };
            let mut rounds = Vec::new();
            let result = trial.all(&connection, &mut rounds).await;
            let cleaned = trial.leave().await.map_err(|end| {
                let number = &trial.register.number;
                CliError::Failed(format!(
                    "{end}. Look at register {number}: the drill's shift may still be open"
                ))
            });
            match (result, cleaned) {
                (Ok(()), Ok(())) => Ok((rounds, trial.register.number)),
                (Err(end), Ok(())) | (Ok(()), Err(end)) => Err(end),
                (Err(first), Err(then)) => Err(CliError::Failed(format!("{first}; then {then}"))),
            }
        }
    };
    counter.sign_out().await;
    let (rounds, register) = result?;
    verdict(arguments, &rounds, &register, output)
}

async fn begin(
    arguments: &Arguments,
    address: Option<crate::database::Address>,
    counter: &ApiClient,
    login: &Login,
    output: Output,
) -> Result<(Option<Database>, Register)> {
    if let Some(wanted) = &arguments.register {
        return Ok((None, scratch::lend(counter, wanted).await?));
    }
    let Some(address) = address else { return Err(CliError::Usage("this needs --database-url".into())) };
    let mut database = address.connect(output).await?;
    let made = scratch::make(&mut database, login, "DRILL", 1).await?;
    let register = made.into_iter().next().ok_or_else(|| CliError::Failed("no scratch register".into()))?;
    Ok((Some(database), register))
}

impl Trial<'_> {
    async fn all(&mut self, connection: &onetill_core::Connection, rounds: &mut Vec<Round>) -> Result<()> {
        let Arguments { devices, rounds: wanted, .. } = self.arguments;
        self.output.progress(format!("{devices} devices on register {}", self.register.number));
        let mut clients = Vec::new();
        for _ in 0..*devices {
            let client = ApiClient::new(connection.clone()).map_err(CliError::failed)?.signed_in(&self.login);
            clients.push(client);
        }
        for number in 1..=*wanted {
            let round = self.one(&clients).await?;
            self.output.progress(format!(
                "Round {number}/{wanted}: {} answered, {} failed, {} session(s); {}",
                round.successful,
                round.failed,
                round.sessions.len(),
                round.timing
            ));
            rounds.push(round);
        }
        Ok(())
    }

    /// One press by everybody at once, then the questions that only the quiet after it can answer.
    async fn one(&mut self, clients: &[ApiClient]) -> Result<Round> {
        let mut presses = JoinSet::new();
        let everybody = Arc::new(Barrier::new(clients.len()));
        let mut keys = Vec::new();
        for client in clients {
            let key = Uuid::new_v4();
            keys.push(key);
            let (client, login, register) = (client.clone(), self.login.clone(), self.register.clone());
            let (everybody, cash) = (Arc::clone(&everybody), self.arguments.opening_cash);
            presses.spawn(async move {
                // The connection is made before the race, as a till that has been running has one.
                let _only_warms = client.send(Request::get("auth/v1/health")).await;
                everybody.wait().await;
                (key, scratch::press(&client, &login, &register, cash, key).await)
            });
        }
        // Not cut short by Ctrl-C: what is on the way may still open a session, and must be known to be cleaned up.
        let mut answers = Vec::new();
        while let Some(joined) = presses.join_next().await {
            answers.push(joined.map_err(CliError::failed)?);
        }
        self.interrupt.check()?;
        let mut round = judge(&answers, self.arguments.legacy);
        self.look_afterwards(&mut round).await?;
        let creator = answers.iter().find_map(|(key, answer)| {
            let answer = answer.as_ref().ok()?;
            (answer.header("x-session-outcome") == Some("created")).then_some(*key)
        });
        if let (Some(key), false) = (creator, self.arguments.legacy) {
            self.again(key, &mut round, "the same request once more").await?;
            self.free().await?;
            self.again(key, &mut round, "the same request after the shift was over").await?;
        }
        self.free().await?;
        Ok(round)
    }

    /// What the database holds, whatever was answered.
    async fn look_afterwards(&self, round: &mut Round) -> Result<()> {
        let Some(database) = &self.database else { return Ok(()) };
        let held = scratch::sessions(database, &self.register).await?;
        let open = held.iter().filter(|(_, status)| status == "open").count();
        if open != 1 {
            round.wrong.push(format!("{open} sessions are open on the register"));
        }
        for (id, status) in held
            .iter()
            .filter(|(id, status)| status == "open" && !round.sessions.contains_key(&id.to_string()))
        {
            round.wrong.push(format!("session {id} ({status}) is there and was answered to nobody"));
        }
        Ok(())
    }

    /// A request that arrives a second time must find its own session and open none.
    async fn again(&self, key: Uuid, round: &mut Round, what: &str) -> Result<()> {
        let cash = self.arguments.opening_cash;
        let answer = scratch::press(&self.counter, &self.login, &self.register, cash, key).await;
        let answer = answer.map_err(|error| CliError::failed(format!("{what}: {error}")))?;
        let session = row(&answer);
        let session = session.get("id").and_then(Value::as_str).unwrap_or_default();
        if answer.header("x-session-outcome") != Some("replayed") || !round.sessions.contains_key(session) {
            round.wrong.push(format!(
                "{what} got {} {session}, not its own session",
                answer.header("x-session-outcome").map_or_else(|| answer.refusal(), str::to_owned)
            ));
        }
        Ok(())
    }

    async fn free(&self) -> Result<()> {
        match &self.database {
            Some(database) => scratch::free(database, std::slice::from_ref(&self.register)).await,
            None => scratch::cancel(&self.counter, &self.login, &self.register).await,
        }
    }

    async fn leave(&mut self) -> Result<()> {
        match &mut self.database {
            Some(database) => scratch::remove(database, std::slice::from_ref(&self.register)).await,
            None => scratch::cancel(&self.counter, &self.login, &self.register).await,
        }
    }
}

/// The session of an answer: the first row, or the only object; `null` where there is none.
fn row(answer: &Response) -> Value {
    match answer.json() {
        Some(Value::Array(rows)) => rows.into_iter().next().unwrap_or_default(),
        other => other.unwrap_or_default(),
    }
}

fn judge(answers: &[(Uuid, std::result::Result<Response, TransportError>)], legacy: bool) -> Round {
    let mut round = Round::default();
    let mut took: Vec<Duration> = Vec::new();
    for (_, answer) in answers {
        let refusal = match answer {
            Ok(answer) => {
                took.push(answer.took);
                let session = row(answer);
                let text = |name: &str| session.get(name).and_then(Value::as_str);
                match text("id") {
                    Some(id) if answer.worked() => {
                        round.successful += 1;
                        *round.sessions.entry(id.to_owned()).or_default() += 1;
                        round.session_numbers.extend(text("session_number").map(str::to_owned));
                        let outcome = answer.header("x-session-outcome").unwrap_or("not told");
                        *round.outcomes.entry(outcome.to_owned()).or_default() += 1;
                        continue;
                    }
                    _ => answer.refusal(),
                }
            }
            Err(error) => error.to_string(),
        };
        round.failed += 1;
        *round.refusals.entry(refusal).or_default() += 1;
    }
    round.timing = Timing::of(took);
    for (refusal, times) in &round.refusals {
        round.wrong.push(format!("{times} × {refusal}"));
    }
    if round.sessions.len() != 1 {
        round.wrong.push(format!("{} sessions were answered instead of one", round.sessions.len()));
    }
    let expected =
        BTreeMap::from([("created".to_owned(), 1), ("joined".to_owned(), answers.len().saturating_sub(1))]);
    if !legacy && round.outcomes != expected {
        let told: Vec<String> = round.outcomes.iter().map(|(what, n)| format!("{n} {what}")).collect();
        round.wrong.push(format!("expected one created and the others joined; told: {}", told.join(", ")));
    }
    round
}

fn verdict(arguments: &Arguments, rounds: &[Round], register: &str, output: Output) -> Result<()> {
    let mut wrong: Vec<String> = Vec::new();
    for (at, round) in rounds.iter().enumerate() {
        wrong.extend(round.wrong.iter().map(|text| format!("round {}: {text}", at + 1)));
    }
    // A number that two shifts share cannot be read aloud to anybody.
    let mut seen = BTreeMap::<&str, usize>::new();
    for number in rounds.iter().flat_map(|round| &round.session_numbers) {
        *seen.entry(number).or_default() += 1;
    }
    for (number, times) in seen.into_iter().filter(|(_, times)| *times > 1) {
        wrong.push(format!("session number {number} was given {times} times"));
    }
    let passed = wrong.is_empty();
    output.document(&Summary {
        outcome: if passed { "pass" } else { "fail" },
        devices: arguments.devices,
        register,
        rounds,
        wrong: &wrong,
    });
    for text in &wrong {
        output.line(format!("  {text}"));
    }
    let worst =
        rounds.iter().max_by_key(|round| (!round.wrong.is_empty(), round.failed, round.sessions.len()));
    let Some(worst) = worst else { return Err(CliError::Failed("no round was run".into())) };
    output.line(format!("Timings: {}", worst.timing));
    output.line(format!("Successful: {}/{}", worst.successful, arguments.devices));
    output.line(format!("Failed: {}/{}", worst.failed, arguments.devices));
    output.line(format!("Unique sessions created: {}", worst.sessions.len()));
    if passed {
        output.line("PASS - ATOMIC FUNCTION WORKING");
        return Ok(());
    }
    output.line("FAIL - RACE CONDITION DETECTED");
    for (id, devices) in &worst.sessions {
        output.line(format!("  session {id}: {devices} device(s)"));
    }
    Err(CliError::ProblemsFound("the drill failed".into()))
}
