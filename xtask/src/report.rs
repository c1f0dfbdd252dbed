//! What `cargo xtask test` leaves behind: a table on the terminal, a page to read and a file for
//! machines. All three are drawn from the same results.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::process::{Failure, Result, answer};
use crate::say;
use crate::tally::{Case, Ending};

/// How one step went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    Well,
    Badly(String),
    /// Not possible on this system, or not all of it, and why.
    Skipped(String),
}

/// The result of one step. A step without tests of its own counts as one check.
#[derive(Debug, Clone)]
pub(crate) struct StepResult {
    pub(crate) name: String,
    pub(crate) command: String,
    pub(crate) ended: Ended,
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) cases: Vec<Case>,
    pub(crate) took: Duration,
    pub(crate) log: Option<PathBuf>,
}

/// `N passed, N failed` over all steps.
pub(crate) fn sums(results: &[StepResult]) -> String {
    let passed: usize = results.iter().map(|step| step.passed).sum();
    let failed: usize = results.iter().map(|step| step.failed).sum();
    format!("{passed} passed, {failed} failed")
}

/// The table, without decoration.
pub(crate) fn table(results: &[StepResult]) -> String {
    let mut text =
        format!("   {:34} {:9} {:>7} {:>7}  {:>12}\n", "step", "result", "passed", "failed", "time");
    for step in results {
        let _infallible = writeln!(
            text,
            "   {:34} {:9} {:>7} {:>7}  {:>12}",
            step.name,
            word(&step.ended),
            step.passed,
            step.failed,
            say::duration(step.took)
        );
    }
    text
}

/// Writes `report.md` and `junit.xml` into `folder`.
pub(crate) fn write(folder: &Path, results: &[StepResult]) -> Result<PathBuf> {
    let page = folder.join("report.md");
    for (file, text) in [(&page, markdown(results)), (&folder.join("junit.xml"), junit(results))] {
        std::fs::write(file, text).map_err(|error| Failure::said(format!("{}: {error}", file.display())))?;
    }
    Ok(page)
}

fn word(ended: &Ended) -> &'static str {
    match ended {
        Ended::Well => "ok",
        Ended::Badly(_) => "FAILED",
        Ended::Skipped(_) => "skipped",
    }
}

fn markdown(results: &[StepResult]) -> String {
    let mut text = format!("# Test report\n\n**{}**\n\n", sums(results));
    for (what, mut question) in [
        ("System", command("uname", &["-srm"])),
        ("Rust", command("rustc", &["--version"])),
        ("Node.js", command("node", &["--version"])),
        ("Commit", command("git", &["describe", "--always", "--dirty"])),
    ] {
        if let Some(found) = answer(question.current_dir(onetill_local::repository())) {
            let _infallible = writeln!(text, "- {what}: {}", found.trim());
        }
    }
    text.push_str("\n| step | result | passed | failed | time | log |\n|---|---|--:|--:|--:|---|\n");
    for step in results {
        let log = step
            .log
            .as_ref()
            .and_then(|log| log.file_name())
            .map_or_else(String::new, |name| format!("[log](logs/{})", name.to_string_lossy()));
        let _infallible = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {log} |",
            step.name,
            word(&step.ended),
            step.passed,
            step.failed,
            say::duration(step.took)
        );
    }
    for step in results {
        match &step.ended {
            Ended::Well => {}
            Ended::Skipped(why) => {
                let _infallible = write!(text, "\n## {} was skipped\n\n{why}\n", step.name);
            }
            Ended::Badly(why) => {
                let _infallible =
                    write!(text, "\n## {} failed\n\n{why}\n\n`{}`\n\n", step.name, step.command);
                for case in step.cases.iter().filter(|case| case.ending == Ending::Failed) {
                    let _infallible = writeln!(text, "- {} · {}", case.suite, case.name);
                }
            }
        }
    }
    text
}

fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

fn junit(results: &[StepResult]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for step in results {
        let seconds = step.took.as_millis();
        let _infallible = writeln!(
            text,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" time=\"{}.{:03}\">",
            escaped(&step.name),
            step.passed + step.failed,
            step.failed,
            seconds / 1000,
            seconds % 1000
        );
        for case in &step.cases {
            let inner = match case.ending {
                Ending::Passed => "",
                Ending::Failed => "<failure/>",
                Ending::Ignored => "<skipped/>",
            };
            let _infallible = writeln!(
                text,
                "    <testcase classname=\"{}\" name=\"{}\">{inner}</testcase>",
                escaped(&case.suite),
                escaped(&case.name)
            );
        }
        if step.cases.is_empty() {
            let inner = match &step.ended {
                Ended::Well => String::new(),
                Ended::Badly(why) => format!("<failure message=\"{}\"/>", escaped(why)),
                Ended::Skipped(why) => format!("<skipped message=\"{}\"/>", escaped(why)),
            };
            let name = escaped(&step.command);
            let _infallible =
                writeln!(text, "    <testcase classname=\"check\" name=\"{name}\">{inner}</testcase>");
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str, ended: Ended, passed: usize, failed: usize) -> StepResult {
        StepResult {
            name: name.to_owned(),
            command: "cargo test \"x\" <y>".to_owned(),
            ended,
            passed,
            failed,
            cases: Vec::new(),
            took: Duration::from_millis(1500),
            log: None,
        }
    }

    #[test]
    fn every_page_tells_the_same() {
        let results = [
            step("formatting", Ended::Well, 1, 0),
            step("unit tests", Ended::Badly("2 tests failed".to_owned()), 40, 2),
            step("windows", Ended::Skipped("only on Linux".to_owned()), 0, 0),
        ];
        assert_eq!(sums(&results), "41 passed, 2 failed");
        let page = markdown(&results);
        assert!(page.contains("**41 passed, 2 failed**"), "{page}");
        assert!(page.contains("unit tests failed\n\n2 tests failed"), "{page}");
        assert!(page.contains("windows was skipped\n\nonly on Linux"), "{page}");
        let xml = junit(&results);
        assert!(xml.contains("cargo test &quot;x&quot; &lt;y&gt;"), "{xml}");
        assert!(xml.contains("time=\"1.500\""), "{xml}");
        assert!(table(&results).contains("FAILED"));
    }
}
