//! Runs the history checker for as long as asked, on PostgreSQL 15 and 18 in turn:
//! `cargo run -p onetill-db-harness --bin soak -- --seconds 600`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use onetill_db_harness::soak::{Plan, run};
use onetill_db_harness::{Result, Server, check};
use onetill_local::PgVersion;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let mut seconds = 600;
    let mut seed = fastrand::u64(..);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let number =
            arguments.next().and_then(|text| text.parse().ok()).ok_or("a whole number must follow")?;
        match argument.as_str() {
            "--seconds" => seconds = number,
            "--seed" => seed = number,
            other => {
                return Err(format!("unknown argument {other}: --seconds N and --seed N are known").into());
            }
        }
    }
    let mut found = 0;
    for version in [PgVersion::V15, PgVersion::V18] {
        found += soak(version, Duration::from_secs(seconds / 2), seed).await?;
    }
    println!("{}", if found == 0 { "No promise was broken." } else { "Promises were broken." });
    Ok(if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs for this long; how many broken promises were found.
async fn soak(version: PgVersion, duration: Duration, seed: u64) -> Result<usize> {
    let server = Server::start(version)?;
    let began = Instant::now();
    let mut round = seed;
    let mut found = 0;
    // In rounds: each starts with a new store, so that a history stays small enough to be read.
    while began.elapsed() < duration {
        let left = duration.saturating_sub(began.elapsed()).min(Duration::from_secs(30));
        let store = server.store().await?;
        let plan = Plan {
            clients: 24,
            registers: 4,
            duration: left,
            kill_every: Duration::from_millis(25),
            seed: round,
        };
        let history = run(&store, plan).await?;
        let broken = check::broken(&history);
        println!(
            "{version:?} seed {round}: {} calls, {} sessions, {} movements, {} broken promises",
            history.events.len(),
            history.sessions.len(),
            history.movements.len(),
            broken.len()
        );
        for broken in &broken {
            println!("  {} {}", broken.promise, broken.evidence);
        }
        found += broken.len();
        round = round.wrapping_add(1);
    }
    Ok(found)
}
