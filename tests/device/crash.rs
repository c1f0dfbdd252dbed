//! Killed at every write of a scripted shift, the till forgets nothing that it showed and sends nothing twice.

use onetill_local::{Engine, PgVersion};
use onetill_tests::device::kills::survive;
use onetill_tests::device::{Script, amount, counted, ledger};
use onetill_tests::{Project, rest::Rest, scratch};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Output,
};

pub(crate) const SCRIPT: &str = env!("CARGO_BIN_EXE_scripted-shift");
/// Movements of one scripted shift.
const COUNT: u32 = 4;

fn run(script: &Script, data: &Path, first: u32, fails_at: Option<&str>) -> Output {
    let mut run = script.run(data, first, COUNT).unwrap();
    if let Some(at) = fails_at {
        run.env("SCRIPT_FAILS_AT", at);
    }
    run.output().expect("the script starts")
}

/// One run that records a movement and closes the shift.
fn run_to_the_z(script: &Script, data: &Path, number: u32, fails_at: Option<&str>) -> Output {
    let mut run = script.run(data, number, 1).unwrap();
    run.env("SCRIPT_CLOSES", "yes");
    if let Some(at) = fails_at {
        run.env("SCRIPT_FAILS_AT", at);
    }
    run.output().expect("the script starts")
}

fn lines(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_nothing_is_lost_and_nothing_is_doubled() {
    let seed = fastrand::u64(..);
    let survived =
        survive(Path::new(SCRIPT), 30, seed).await.unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
    println!("{survived:?}");
    assert_eq!(survived.kills, 30);
    assert!(survived.acknowledged > 10, "it was killed in the middle of its work: {survived:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_write_nothing_is_lost_and_nothing_is_doubled() {
    let project = Project::start(Engine::Postgres(PgVersion::V18)).unwrap();
    let script = Script::new(Path::new(SCRIPT), &project);
    let mut expected = BTreeMap::new();
    let mut session = None;
    let mut kills = 0;
    for when in ["before", "after"] {
        for write in 1.. {
            let data = scratch().unwrap();
            let first = 1 + (if when == "before" { 0 } else { 10_000 }) + write * COUNT;
            let killed = run(&script, data.path(), first, Some(&format!("{when}:{write}")));
            let finished = killed.status.success();
            let again = run(&script, data.path(), first, None);
            assert!(
                again.status.success(),
                "killed {when} write {write}, the next start fails: {}",
                String::from_utf8_lossy(&again.stderr)
            );
            let shown = lines(&again);
            for acknowledged in lines(&killed).iter().filter(|line| line.starts_with("acknowledged")) {
                assert!(
                    shown.contains(acknowledged),
                    "{acknowledged} was shown, then lost ({when} write {write})"
                );
            }
            for number in first..first + COUNT {
                expected.insert(amount(number), 1);
            }
            let (now, movements) = ledger(&project).await.unwrap();
            assert_eq!(counted(&movements), expected, "each once, killed {when} write {write}");
            assert_eq!(*session.get_or_insert(now.id), now.id, "still the one session");
            if finished {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills > 20, "the script reached its writes: {kills}");
}

/// Whatever write of a close the power fails at, the next start finishes it: every shift has one count and one Z, and
/// the numbers have no gap.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_write_of_a_close_there_is_one_z() {
    let project = Project::start(Engine::Postgres(PgVersion::V18)).unwrap();
    let rest = Rest::new(&project.backend);
    let script = Script::new(Path::new(SCRIPT), &project);
    let (mut kills, mut closed) = (0, BTreeSet::new());
    let mut number = 0;
    for when in ["before", "after"] {
        for write in 1.. {
            let data = scratch().unwrap();
            number += 1;
            let killed = run_to_the_z(&script, data.path(), number, Some(&format!("{when}:{write}")));
            let finished = killed.status.success();
            let again = run_to_the_z(&script, data.path(), number, None);
            assert!(
                again.status.success(),
                "killed {when} write {write}, the next start fails: {}",
                String::from_utf8_lossy(&again.stderr)
            );
            let told = [lines(&killed), lines(&again)].concat();
            closed.extend(told.into_iter().filter(|line| line.starts_with("closed ")));
            if finished {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills > 30, "the script reached its writes: {kills}");
    let sessions = rest.rows("/rest/v1/pos_sessions?select=id,status,closing_cash").await.unwrap();
    let sheets = rest.rows("/rest/v1/pos_z_reports?order=z_number&select=session_id,z_number").await.unwrap();
    let counts = rest.rows("/rest/v1/pos_counts?kind=eq.closing&select=session_id").await.unwrap();
    assert!(sessions.iter().all(|session| session["status"] == "closed"), "{sessions:?}");
    let of = |rows: &[Value]| rows.iter().map(|row| row["session_id"].to_string()).collect::<BTreeSet<_>>();
    assert_eq!((sheets.len(), of(&sheets).len()), (sessions.len(), sessions.len()), "one Z each");
    assert_eq!((counts.len(), of(&counts).len()), (sessions.len(), sessions.len()), "one count each");
    let numbers: Vec<_> = sheets.iter().filter_map(|sheet| sheet["z_number"].as_u64()).collect();
    assert_eq!(numbers, (1..=sheets.len() as u64).collect::<Vec<_>>(), "without a gap");
    let told: Vec<_> = sheets
        .iter()
        .map(|sheet| format!("closed {} as {}", sheet["session_id"].as_str().unwrap(), sheet["z_number"]))
        .collect();
    assert!(closed.iter().all(|line| told.contains(line)), "what was told is what is stored");
}
