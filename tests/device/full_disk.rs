//! A disk that is full or cannot be written: said before anything is promised, and nothing that was promised is lost.
#![cfg(unix)]

use onetill_local::{Engine, PgVersion};
use onetill_tests::device::{Script, amount, counted, ledger};
use onetill_tests::{Project, scratch};
use std::{
    path::Path,
    process::{Command, Output},
};

use crate::crash::SCRIPT;

/// Runs the script below a shell that first does `before`, with the data folder as `$DATA`.
fn run_after(before: &str, script: &Script, data: &Path, first: u32, count: u32) -> Output {
    let run = script.run(data, first, count).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{before} exec \"$0\""), SCRIPT]).env("DATA", data);
    shell.envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.output().unwrap()
}

/// The same with a file system of its own in the data folder; it is gone when the script ends. `None` where this system
/// does not let a test mount one.
fn run_on_own_disk(mount: &str, script: &Script, first: u32) -> Option<Output> {
    let data = scratch().unwrap();
    let may = Command::new("unshare").args(["--map-root-user", "--mount", "true"]).output();
    if !may.is_ok_and(|tried| tried.status.success()) {
        println!("skipped: this system gives a test no disk of its own");
        return None;
    }
    let run = script.run(data.path(), first, 500).unwrap();
    let mut shell = Command::new("unshare");
    shell.args(["--map-root-user", "--mount", "sh", "-c", &format!("{mount} exec \"$0\""), SCRIPT]);
    shell.env("DATA", data.path()).envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Some(shell.output().unwrap())
}

fn numbers(output: &Output, what: &str) -> Vec<u32> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter_map(|line| line.strip_prefix(what)?.trim().parse().ok()).collect()
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_before_anything_is_promised() {
    let project = Project::start(Engine::Postgres(PgVersion::V18)).unwrap();
    let script = Script::new(Path::new(SCRIPT), &project);

    // No file may grow beyond 300 KiB: the queue takes some movements, then no more.
    let data = scratch().unwrap();
    let full = run_after("trap '' XFSZ; ulimit -f 600;", &script, data.path(), 1, 500);
    let (promised, refused) = (numbers(&full, "acknowledged"), numbers(&full, "refused"));
    assert!(!full.status.success() && refused.len() == 1, "{promised:?} {}", errors(&full));
    assert!(!promised.is_empty() && !promised.contains(&refused[0]));
    assert!(errors(&full).contains("StoreFailed"), "{}", errors(&full));
    // With room again everything that was promised is there, and the server gets it once.
    let next = refused[0] + 1;
    let again = run_after("", &script, data.path(), next, 1);
    assert!(again.status.success(), "{}", errors(&again));
    let (_, movements) = ledger(&project).await.unwrap();
    let mut expected: Vec<String> = promised.iter().map(|number| amount(*number)).collect();
    expected.push(amount(next));
    expected.sort();
    let counted = counted(&movements);
    let mut stored: Vec<String> = counted.keys().cloned().collect();
    stored.sort();
    assert_eq!(stored, expected, "what was promised and nothing else");
    assert!(counted.values().all(|times| *times == 1), "{counted:?}");

    // A disk that is really full.
    if let Some(full) = run_on_own_disk("mount -t tmpfs -o size=1m tmpfs \"$DATA\" &&", &script, 10_001) {
        let refused = numbers(&full, "refused");
        assert!(refused.len() == 1 && errors(&full).contains("StoreFailed"), "{}", errors(&full));
        let (_, movements) = ledger(&project).await.unwrap();
        assert!(movements.iter().all(|movement| movement.amount.to_string() != amount(refused[0])));
    }
    // A disk that cannot be written, and one on which not even a file can begin: no till, and why.
    for mount in [
        "mount -t tmpfs -o ro tmpfs \"$DATA\" &&",
        "mount -t tmpfs -o size=16k tmpfs \"$DATA\" && dd if=/dev/zero of=\"$DATA/fill\" bs=4k count=4 2>/dev/null;",
    ] {
        if let Some(output) = run_on_own_disk(mount, &script, 20_001) {
            assert!(!output.status.success() && numbers(&output, "acknowledged").is_empty());
            assert!(errors(&output).contains("StoreFailed"), "{}", errors(&output));
        }
    }
}
