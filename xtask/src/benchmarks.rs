//! `docs/benchmarks.md`: what `cargo xtask bench` measured.
//!
//! Invariant: nothing stands on the page that this run did not measure, and what it measured stands there, missed limits
//! and benchmarks that broke included. The form is always the same; a test of the documents reads it.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::time::Duration;

use clap::ValueEnum;
use onetill_local::{PgVersion, repository};

use crate::process::{Failure, Result, answer};
use crate::say;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Subject {
    /// The database function, beside the one it replaces
    Backend,
    /// What the client adds to a bare call
    Client,
    /// From process start to the painted register screen, also with sales that wait, beside an empty window as Tauri makes it
    Start,
    /// From a tap to its painted answer in the real window, beside a button that changes one word; what is sold, on the disk; what waited for the network; and a large catalogue: scans, searches, memory, how long it takes to come
    Ui,
    /// A day's calls among few and among many shifts, registers, devices and movements
    Scale,
}

impl Subject {
    pub(crate) const ALL: [Self; 5] = [Self::Backend, Self::Client, Self::Start, Self::Ui, Self::Scale];

    /// The name it is called by, what of it is run, and the arguments with which all of them are measured in twenty
    /// minutes.
    pub(crate) fn program(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::Backend => ("backend", "backend", &["--seconds", "2", "--rounds", "3"]),
            Self::Client => ("client", "bench-client", &["--rounds", "4"]),
            Self::Start => ("start", "bench-start", &["--rounds", "9"]),
            Self::Ui => ("ui", "bench-ui", &["--rounds", "3"]),
            Self::Scale => ("scale", "scale", &["--rounds", "5", "--sessions", "1000000"]),
        }
    }
}

/// What one benchmark found.
pub(crate) struct Measured {
    subject: Subject,
    /// Rows of the table, as the benchmark printed them.
    rows: Vec<String>,
    /// It ended before it had measured all of it.
    broke: bool,
}

impl Measured {
    pub(crate) fn from_output(subject: Subject, well: bool, output: &str) -> Self {
        let rows: Vec<String> = output
            .lines()
            .filter_map(|line| line.trim().strip_prefix("ratio: "))
            .map(str::to_owned)
            .collect();
        Self { subject, broke: !well || rows.is_empty(), rows }
    }

    fn missed(&self) -> impl Iterator<Item = &String> {
        self.rows.iter().filter(|row| row.contains("**missed**"))
    }
}

/// How busy the computer was in the last minute.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// Writes the page.
pub(crate) fn write(all: &[Measured], load: &str, took: Duration) -> Result<()> {
    let file = repository().join("docs/benchmarks.md");
    let text = page(all, &machine(load, took));
    fs::write(&file, text).map_err(|error| Failure::said(format!("{}: {error}", file.display())))?;
    say::note(&format!("{} after {}", file.display(), say::duration(took)));
    Ok(())
}

/// Fails when something broke or is beyond its limit: the limits are part of the product.
pub(crate) fn judge(all: &[Measured]) -> Result<()> {
    let broke = all.iter().filter(|measured| measured.broke).count();
    let missed: Vec<&String> = all.iter().flat_map(Measured::missed).collect();
    for row in &missed {
        say::bad(row);
    }
    match (missed.len(), broke) {
        (0, 0) => {
            say::good("every limit is met");
            Ok(())
        }
        (missed, broke) => Err(Failure::said(format!("{missed} limits missed, {broke} benchmarks broke"))),
    }
}

fn page(all: &[Measured], machine: &[(&str, String)]) -> String {
    let mut text = String::from(
        "# Benchmarks\n\n\
         Written by `cargo xtask bench`; not edited. A ratio is of two things that were measured in turn in the same rounds of \
         the same run:\nits median, or that of the whole run, and from the least to the most of the rounds. `of` is what it is a \
         multiple of. What grows\nwith a shop, and where that ends, is explained in [capacity.md](capacity.md).\n\n\
         | | |\n|---|---|\n",
    );
    for (name, value) in machine {
        let _infallible = writeln!(text, "| {name} | {value} |");
    }
    for Measured { subject, rows, broke } in all {
        let (name, _, arguments) = subject.program();
        let about = subject.to_possible_value().and_then(|value| value.get_help().map(ToString::to_string));
        let _infallible = write!(
            text,
            "\n## {name}\n\n{}: `cargo xtask bench {name} {}`\n",
            about.unwrap_or_default(),
            arguments.join(" ")
        );
        if *broke {
            text.push_str("\n**It broke; what follows is all that was measured.**\n");
        }
        text.push_str("\n| what | ratio | of | limit | spread | |\n|---|--:|---|---|---|---|\n");
        for row in rows {
            let _infallible = writeln!(text, "{row}");
        }
    }
    text
}

/// On what, and with what.
fn machine(load: &str, took: Duration) -> Vec<(&'static str, String)> {
    let said = |program: &str, arguments: &[&str]| {
        answer(Command::new(program).args(arguments)).unwrap_or_default().trim().to_owned()
    };
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let value = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        value.trim_matches(|c: char| c.is_whitespace() || "=:\"".contains(c)).to_owned()
    };
    let postgres = [PgVersion::V15, PgVersion::V18].map(|version| version.release().unwrap_or_default());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let gibibytes =
        field("/proc/meminfo", "MemTotal").trim_end_matches(" kB").parse::<u64>().unwrap_or_default();
    vec![
        ("date", said("date", &["-u", "+%F"])),
        ("command", "`cargo xtask bench`".to_owned()),
        ("took", format!("{}, builds not counted", say::duration(took))),
        (
            "machine",
            format!(
                "{cores} cores of {}, {} GiB, {}",
                field("/proc/cpuinfo", "model name"),
                gibibytes / 1024 / 1024,
                field("/etc/os-release", "PRETTY_NAME")
            ),
        ),
        ("load before", load.to_owned()),
        ("rustc", said("rustc", &["--version"]).trim_start_matches("rustc ").to_owned()),
        ("PostgreSQL", postgres.join(", ")),
        ("node", said("node", &["--version"])),
        ("WebKitGTK", said("pkg-config", &["--modversion", "webkit2gtk-4.1"])),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const MET: &str = "ratio: | joins | 5.10 | the old one | at least 5.00 | 5.00 to 5.20 | met |";
    const MISSED: &str =
        "  ratio: | opens | 0.50 | the old one | at least 1.00 | 0.40 to 0.60 | **missed** |";

    #[test]
    fn a_missed_limit_stands_there_and_is_told() {
        let output = format!("chatter\n{MET}\n{MISSED}\n");
        let measured = Measured::from_output(Subject::Backend, true, &output);
        let page = page(std::slice::from_ref(&measured), &[("date", "2026-01-01".to_owned())]);
        for row in [MET, MISSED].map(|row| row.trim().trim_start_matches("ratio: ")) {
            assert!(page.lines().any(|line| line == row), "{page}");
        }
        assert!(!page.contains("It broke"), "{page}");
        assert!(judge(&[measured]).is_err());
        assert!(judge(&[Measured::from_output(Subject::Ui, true, MET)]).is_ok());
    }

    #[test]
    fn a_benchmark_that_broke_says_so() {
        for (well, output) in [(true, ""), (false, MET), (false, "")] {
            let measured = Measured::from_output(Subject::Ui, well, output);
            assert!(page(std::slice::from_ref(&measured), &[]).contains("It broke"), "{output:?}");
            assert!(judge(&[measured]).is_err(), "{output:?}");
        }
    }
}
