//! Killed at every write of a scripted shift, the till forgets nothing that it showed and sends nothing twice.

use onetill_local::{Engine, PgVersion};
use onetill_tests::device::kills::survive;
use onetill_tests::device::{Script, amount, counted, ledger};
use onetill_tests::{Project, scratch};
use std::{collections::BTreeMap, path::Path, process::Output};

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
