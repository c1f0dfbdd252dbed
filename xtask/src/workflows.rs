//! Checks what runs on the build service, before it runs there: `.github` holds the keys to every register.

use std::path::PathBuf;
use std::process::Command;

use onetill_local::repository;

use crate::process::{Failure, Result, answer, run};
use crate::say;

const REQUIREMENTS: &str = "xtask/workflows/requirements.txt";

/// `cargo xtask workflows`: installs the linter into `target/tools` and lets it read `.github`.
pub(crate) fn lint() -> Result<()> {
    let mut linter = Command::new(installed()?.join("zizmor"));
    linter.args(["--offline", "--pedantic", "--no-progress"]).arg(repository().join(".github"));
    run(linter)
}

/// The folder of the linter's programs: a Python environment of its own, with pinned sums.
fn installed() -> Result<PathBuf> {
    let wanted = std::fs::read_to_string(repository().join(REQUIREMENTS)).map_err(Failure::said)?;
    let home = repository().join("target/tools/workflows");
    let programs = home.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let mark = home.join("installed.txt");
    if std::fs::read_to_string(&mark).is_ok_and(|found| found == wanted) {
        return Ok(programs);
    }
    let python = ["python3", "python"]
        .into_iter()
        .find(|name| answer(Command::new(name).arg("--version")).is_some())
        .ok_or_else(|| Failure::said("Python 3 is missing: the linter of .github is installed with it."))?;
    say::note("Installing the linter of .github into target/tools.");
    let mut environment = Command::new(python);
    environment.args(["-m", "venv", "--clear"]).arg(&home);
    run(environment)?;
    let mut install = Command::new(programs.join("python"));
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--no-deps",
        "-r",
    ]);
    install.arg(repository().join(REQUIREMENTS));
    run(install)?;
    std::fs::write(mark, wanted).map_err(Failure::said)?;
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_runs_on_the_system_of_the_kept_pictures() {
        let read = |file: &str| std::fs::read_to_string(repository().join(file)).unwrap();
        assert_eq!(read("tests/pictures/kept/taken-on").trim(), "debian 12", "move the job `pictures`, too");
        let workflow = read(".github/workflows/ci.yml");
        let rust = workflow.split_once("RUST: \"").and_then(|(_, rest)| rest.split_once('"')).unwrap().0;
        let image = format!("image: rust:{rust}-bookworm@sha256:");
        assert!(workflow.contains(&image), "the job `pictures` does not run in {image}");
    }
}
