//! `cargo xtask test`: every check and every test.
//!
//! Invariant: a failed step never hides another one; the summary and the exit code cover all of them.
//!
//! The steps stand in two rounds of two lanes. The steps of a lane run one after the other, the two lanes of a round side
//! by side: most steps keep one processor busy, or wait. The first round asks for processors only; what watches a clock
//! or a window comes after it.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use onetill_local::repository;
use serde_json::Value;

use crate::build::{cargo_beside_app, cargo_here};
use crate::packages::Needs;
use crate::process::{Failure, Result, answer, npm, run_logged, shown};
use crate::report::{self, Ended, StepResult};
use crate::tally::{self, Tally};
use crate::{say, setup};

/// Arguments of `cargo xtask test`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Run only one part
    #[arg(long)]
    only: Option<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Formatting, lints, generated types and the unit tests of every crate
    Unit,
    /// The database functions on real PostgreSQL
    Sql,
    /// The client's calls against a local backend
    Client,
    /// The user interface
    Ui,
    /// The app's real windows
    E2e,
}

/// How to count what a step printed.
#[derive(Debug, Clone, Copy)]
enum Counts {
    OneCheck,
    Libtest,
    Vitest,
}

/// Which steps a step runs beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    /// First round: what cargo checks, and the tests that need no network and no window.
    Rust,
    /// First round: what npm runs.
    Npm,
    /// Second round: the client over real parts.
    Client,
    /// Second round: what needs a screen.
    Window,
}

const ROUNDS: [[Lane; 2]; 2] = [[Lane::Rust, Lane::Npm], [Lane::Client, Lane::Window]];

struct Step {
    lane: Lane,
    parts: &'static [Part],
    name: String,
    counts: Counts,
    command: Command,
    /// Set where this system cannot run the step.
    impossible: Option<&'static str>,
}

fn step(lane: Lane, parts: &'static [Part], name: &str, counts: Counts, command: Command) -> Step {
    Step { lane, parts, name: name.to_owned(), counts, command, impossible: None }
}

fn steps() -> Result<Vec<Step>> {
    use Counts::{Libtest, OneCheck, Vitest};
    use Lane::{Npm, Rust};
    use Part::{E2e, Ui, Unit};
    let itself = std::env::current_exe().map_err(Failure::said)?;
    let mut bindings = Command::new(&itself);
    bindings.args(["bindings", "--check"]);
    let mut workflows = Command::new(itself);
    workflows.arg("workflows");
    // The app needs more than a compiler, and the suites real parts: they have steps of their own.
    let mut unit_tests = cargo_beside_app("test", &["--no-fail-fast", "--lib"]);
    unit_tests.args(small_tests()?);
    let mut steps = vec![
        // The app embeds the built user interface, so even checking its code needs it.
        step(Rust, &[Unit, Ui, E2e], "user interface: build", OneCheck, npm("ui", &["run", "build"])),
        step(Rust, &[Unit], "formatting", OneCheck, cargo_here(&["fmt", "--all", "--check"])),
        step(
            Rust,
            &[Unit],
            "lints",
            OneCheck,
            cargo_here(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]),
        ),
        step(Rust, &[Unit], "unit tests", Libtest, unit_tests),
        step(Rust, &[Unit], "generated types", OneCheck, bindings),
        step(Rust, &[Unit], "workflows", OneCheck, workflows),
        step(Npm, &[Ui], "user interface: formatting", OneCheck, npm("ui", &["run", "format:check"])),
        step(Npm, &[Ui], "user interface: types", OneCheck, npm("ui", &["run", "check"])),
        step(Npm, &[Ui], "user interface: lints", OneCheck, npm("ui", &["run", "lint"])),
        step(Npm, &[Ui], "user interface: tests", Vitest, npm("ui", &["test"])),
        step(Npm, &[Ui], "user interface: every screen drawn", Vitest, npm("ui", &["run", "test:browser"])),
    ];
    for suite in suites()? {
        steps.extend(over_real_parts(&suite));
    }
    Ok(steps)
}

/// The binaries with unit tests or small tests: those of every package but the app's and `onetill-tests`. Each as
/// cargo is asked for it.
fn small_tests() -> Result<Vec<String>> {
    let mut asked = cargo_here(&["metadata", "--format-version", "1", "--no-deps", "--offline"]);
    let told = answer(&mut asked).ok_or_else(|| Failure::said("`cargo metadata` failed"))?;
    let told: Value = serde_json::from_str(&told).map_err(Failure::said)?;
    let list =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut chosen = Vec::new();
    for package in list(&told, "packages") {
        if package.get("name").is_some_and(|name| name == "onetill" || name == "onetill-tests") {
            continue;
        }
        for target in list(&package, "targets") {
            // What stands behind a feature is not built here.
            if !list(&target, "required-features").is_empty() {
                continue;
            }
            let kind = list(&target, "kind").iter().find_map(|kind| match kind.as_str() {
                Some("bin") => Some("--bin"),
                Some("test") => Some("--test"),
                _ => None,
            });
            if let (Some(kind), Some(name)) = (kind, target.get("name").and_then(Value::as_str)) {
                chosen.push(format!("{kind}={name}"));
            }
        }
    }
    Ok(chosen)
}

/// The test binaries of the package `onetill-tests`. They are read from its manifest: a new one
/// cannot be forgotten here.
fn suites() -> Result<Vec<String>> {
    let manifest = repository().join("tests/Cargo.toml");
    let text = std::fs::read_to_string(&manifest).map_err(Failure::said)?;
    let name = |section: &str| Some(section.split_once("name = \"")?.1.split_once('"')?.0.to_owned());
    Ok(text.split("[[test]]").skip(1).filter_map(name).collect())
}

/// The steps for one test binary that runs against real parts.
fn over_real_parts(suite: &str) -> Vec<Step> {
    use Lane::{Client, Rust, Window};
    let command = cargo_beside_app("test", &["--test", suite]);
    let impossible =
        (!cfg!(target_os = "linux")).then_some("The web view can be driven without a screen on Linux only.");
    match suite {
        "database" => vec![step(Rust, &[Part::Sql], "database functions", Counts::Libtest, command)],
        "pictures" => {
            let gallery = npm("ui", &["run", "build:gallery"]);
            vec![
                step(Window, &[Part::Ui], "user interface: gallery", Counts::OneCheck, gallery),
                Step {
                    impossible,
                    ..step(Window, &[Part::Ui], "user interface: pictures", Counts::Libtest, command)
                },
            ]
        }
        "e2e" => vec![
            step(
                Window,
                &[Part::E2e],
                "app: build",
                Counts::OneCheck,
                cargo_here(&["build", "-p", "onetill"]),
            ),
            Step { impossible, ..step(Window, &[Part::E2e], "real windows", Counts::Libtest, command) },
        ],
        // Built once for both.
        "packages" => {
            let impossible = (!cfg!(target_os = "linux")).then_some("deb and rpm are packages of Linux.");
            let mut build = cargo_here(&["run", "--quiet", "--package", "xtask", "--"]);
            build.args(["test-packages", "--quick", "--only-build"]);
            vec![
                Step {
                    impossible,
                    ..step(Window, &[Part::E2e], "packages: two versions", Counts::OneCheck, build)
                },
                Step { impossible, ..step(Window, &[Part::E2e], "packages", Counts::Libtest, command) },
            ]
        }
        "updates" => {
            let impossible =
                (!cfg!(target_os = "linux")).then_some("The versions that it needs are built on Linux.");
            vec![Step { impossible, ..step(Window, &[Part::E2e], "updates", Counts::Libtest, command) }]
        }
        other => {
            vec![step(Client, &[Part::Client], &format!("real parts: {other}"), Counts::Libtest, command)]
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let part = arguments.only;
    let runs = |wanted: Part| part.is_none_or(|only| only == wanted);
    setup::require(Needs {
        app: runs(Part::Unit) || runs(Part::Ui) || runs(Part::E2e),
        windows: runs(Part::Ui) || runs(Part::E2e),
        checks: runs(Part::Unit),
        // The unit tests include the ones that start a PostgreSQL.
        postgres: runs(Part::Unit) || runs(Part::Sql) || runs(Part::Client) || runs(Part::E2e),
        browser: runs(Part::Ui),
        bundles: runs(Part::E2e),
        cross: false,
    })?;
    if runs(Part::Unit) {
        setup::rust_components()?;
    }
    let folder = repository().join("target/test-report");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(Failure::said)?;
    }
    let logs = folder.join("logs");
    std::fs::create_dir_all(&logs).map_err(Failure::said)?;

    let chosen: Vec<Step> =
        steps()?.into_iter().filter(|step| part.is_none_or(|only| step.parts.contains(&only))).collect();
    let total = chosen.len();
    let mut lanes: Vec<(Lane, Vec<(usize, Step)>)> =
        ROUNDS.into_iter().flatten().map(|lane| (lane, Vec::new())).collect();
    for (index, step) in chosen.into_iter().enumerate() {
        let lane = lanes.iter_mut().find(|(lane, _)| *lane == step.lane);
        lane.ok_or_else(|| Failure::said("a step of no round"))?.1.push((index + 1, step));
    }
    let mut results = Vec::with_capacity(total);
    let mut lanes = lanes.into_iter().map(|(_, steps)| steps);
    while let (Some(one), Some(other)) = (lanes.next(), lanes.next()) {
        let alone = one.is_empty() || other.is_empty();
        let (one, other) = thread::scope(|scope| {
            let beside = scope.spawn(|| take_each(other, total, &logs, alone));
            let one = take_each(one, total, &logs, alone);
            let broke_off = |_| Err(Failure::said("a lane of steps broke off"));
            (one, beside.join().unwrap_or_else(broke_off))
        });
        results.extend(one?);
        results.extend(other?);
    }

    results.sort_by_key(|(number, _)| *number);
    let results: Vec<StepResult> = results.into_iter().map(|(_, result)| result).collect();
    let page = report::write(&folder, &results)?;
    say::header("Summary");
    print!("{}", report::table(&results));
    say::note(&format!("Report: {}", page.display()));
    println!("\n{}", report::sums(&results));
    let failed = results.iter().filter(|step| matches!(step.ended, Ended::Badly(_))).count();
    match failed {
        0 => Ok(()),
        1 => Err(Failure::said("one step failed")),
        several => Err(Failure::said(format!("{several} steps failed"))),
    }
}

/// Runs the steps of one lane in turn. `alone` where no other lane writes to the same terminal.
fn take_each(
    steps: Vec<(usize, Step)>,
    total: usize,
    logs: &Path,
    alone: bool,
) -> Result<Vec<(usize, StepResult)>> {
    let mut results = Vec::with_capacity(steps.len());
    for (number, step) in steps {
        say::header(&format!("{number}/{total} {}", step.name));
        let prefix = if alone { String::new() } else { format!("{} | ", step.name) };
        let result = take(step, number, logs, &prefix)?;
        let took = say::duration(result.took);
        match &result.ended {
            Ended::Well => say::good(&format!("{}: ok, {took}", result.name)),
            Ended::Badly(why) => say::bad(&format!("{}: {why}, {took}", result.name)),
            Ended::Skipped(why) => say::note(&format!("{}: skipped. {why}", result.name)),
        }
        results.push((number, result));
    }
    Ok(results)
}

fn take(step: Step, number: usize, logs: &Path, prefix: &str) -> Result<StepResult> {
    let Step { name, counts, command, impossible, .. } = step;
    let shown = shown(&command);
    if let Some(why) = impossible {
        let ended = Ended::Skipped(why.to_owned());
        let took = Duration::ZERO;
        return Ok(StepResult {
            name,
            command: shown,
            ended,
            passed: 0,
            failed: 0,
            cases: vec![],
            took,
            log: None,
        });
    }
    say::note(&shown);
    let file: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let log = logs.join(format!("{number:02}-{file}.log"));
    let began = Instant::now();
    let (success, output) = run_logged(command, &log, prefix)?;
    let (ended, Tally { passed, failed, cases, .. }) = judge(counts, success, &output);
    Ok(StepResult {
        name,
        command: shown,
        ended,
        passed,
        failed,
        cases,
        took: began.elapsed(),
        log: Some(log),
    })
}

/// Success is what the program says *and* what can be counted: a run without a single test is none.
fn judge(counts: Counts, success: bool, output: &str) -> (Ended, Tally) {
    let mut tally = match counts {
        Counts::OneCheck => Tally { passed: usize::from(success), ..Tally::default() },
        Counts::Libtest => tally::libtest(output),
        Counts::Vitest => tally::vitest(output),
    };
    let why = match (success, tally.passed, tally.failed) {
        (true, 1.., 0) => {
            let ended = tally.skipped.clone().map_or(Ended::Well, Ended::Skipped);
            return (ended, tally);
        }
        (true, 0, 0) => "no test ran".to_owned(),
        (_, _, 0) => "failed".to_owned(),
        (_, _, 1) => "1 test failed".to_owned(),
        (_, _, several) => format!("{several} tests failed"),
    };
    tally.failed = tally.failed.max(1);
    (Ended::Badly(why), tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_not_success() {
        let (ended, tally) = judge(Counts::Libtest, true, "nothing at all");
        assert_eq!(ended, Ended::Badly("no test ran".to_owned()));
        assert_eq!((tally.passed, tally.failed), (0, 1));
    }

    #[test]
    fn a_crash_after_passing_tests_is_a_failure() {
        let (ended, tally) = judge(Counts::Libtest, false, "test result: ok. 5 passed; 0 failed; 0 ignored");
        assert_eq!(ended, Ended::Badly("failed".to_owned()));
        assert_eq!((tally.passed, tally.failed), (5, 1));
    }

    #[test]
    fn a_step_that_says_so_was_skipped_unless_it_failed() {
        let told = |result: &str| format!("step skipped: not here\ntest result: {result}; 9 ignored");
        let (ended, tally) = judge(Counts::Libtest, true, &told("ok. 1 passed; 0 failed"));
        assert_eq!((ended, tally.passed), (Ended::Skipped("not here".to_owned()), 1));
        let (ended, _) = judge(Counts::Libtest, false, &told("FAILED. 0 passed; 1 failed"));
        assert_eq!(ended, Ended::Badly("1 test failed".to_owned()));
    }

    #[test]
    fn every_suite_of_the_manifest_is_a_step() {
        let suites = suites().unwrap();
        for known in ["database", "client", "e2e"] {
            assert!(suites.iter().any(|suite| suite == known), "{known} is not among {suites:?}");
        }
        let commands: Vec<String> = steps().unwrap().iter().map(|step| shown(&step.command)).collect();
        for suite in suites {
            let runs = format!("--test {suite}");
            assert!(commands.iter().any(|command| command.ends_with(&runs)), "no step runs {suite}");
        }
    }

    #[test]
    fn the_unit_tests_leave_no_package_out() {
        let small = small_tests().unwrap();
        for known in ["--test=agree", "--test=short", "--bin=xtask", "--bin=onetillctl"] {
            assert!(small.iter().any(|target| target == known), "{known} is not among {small:?}");
        }
        assert!(!small.iter().any(|target| target == "--bin=fuzz"), "it wants a feature that is off");
        let both = |suite: &String| small.contains(&format!("--test={suite}"));
        assert!(!suites().unwrap().iter().any(both), "two tests of one name: a step would run both");
    }

    /// No step runs them: an example in the documentation would be one that nobody tries.
    #[test]
    fn no_example_stands_in_the_documentation() {
        let mut folders =
            vec![repository().join("src-tauri"), repository().join("tests"), repository().join("xtask")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && path.file_name().is_some_and(|name| name != "node_modules") {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let example =
                        |line: &str| line.trim_start().starts_with("/// ```") || line.starts_with("//! ```");
                    assert!(!text.lines().any(example), "{} has an example", path.display());
                }
            }
        }
    }

    #[test]
    fn every_step_has_its_lane() {
        let lanes: Vec<Lane> = steps().unwrap().iter().map(|step| step.lane).collect();
        for lane in ROUNDS.into_iter().flatten() {
            assert!(lanes.contains(&lane), "no step in {lane:?}");
        }
    }

    #[test]
    fn a_check_counts_once() {
        assert_eq!(judge(Counts::OneCheck, true, "").1.passed, 1);
        assert_eq!(judge(Counts::OneCheck, false, "").1.failed, 1);
    }
}
