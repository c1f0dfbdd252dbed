//! Installs what a command needs, and nothing that is already there.
//!
//! Invariant: every change to the machine is announced with its reason before it is made, and
//! system packages come only from the system's own package tool.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::packages::{self, Needs, Package};
use crate::process::{Failure, Result, answer, cargo, check_interrupt, npm, run, shown};
use crate::say;

/// A folder with a `package.json`.
const UI: &str = "ui";
const LOCAL: &str = "tests/local";

/// `cargo xtask setup`.
pub(crate) fn everything() -> Result<()> {
    require(Needs::EVERYTHING)?;
    say::good("Everything is installed. Next: `cargo xtask demo` or `cargo xtask test`.");
    Ok(())
}

/// Brings the machine to where `needs` can be met.
pub(crate) fn require(needs: Needs) -> Result<()> {
    say::header("Setup");
    node()?;
    system_packages(needs)?;
    npm_packages(LOCAL, "the local backend")?;
    if needs.app || needs.cross {
        npm_packages(UI, "the user interface")?;
    }
    Ok(())
}

/// The Rust tools that only the checks use; a minimal toolchain comes without them.
pub(crate) fn rust_components() -> Result<()> {
    for (tool, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if answer(cargo().args([tool, "--version"])).is_none() {
            say::note(&format!("Adding {component} to the Rust toolchain, for the checks."));
            let mut command = Command::new("rustup");
            command.args(["component", "add", component]);
            run(command)?;
        }
    }
    Ok(())
}

/// The oldest Node.js that the user interface's build runs on.
const OLDEST_NODE: (u32, u32) = (20, 19);

fn node() -> Result<()> {
    let wanted = format!("{}.{}", OLDEST_NODE.0, OLDEST_NODE.1);
    let told = answer(Command::new("node").arg("--version"));
    let version = told.as_deref().and_then(|text| {
        let mut numbers = text.trim().trim_start_matches('v').split('.').map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    });
    match version {
        Some(found) if found >= OLDEST_NODE => Ok(()),
        Some((major, minor)) => Err(Failure::said(format!(
            "Node.js {major}.{minor} is too old: install version {wanted} or newer."
        ))),
        None => Err(Failure::said(format!(
            "Node.js is missing: install version {wanted} or newer (it brings npm)."
        ))),
    }
}

fn system_packages(needs: Needs) -> Result<()> {
    let wanted = packages::debian(needs);
    if wanted.is_empty() {
        return Ok(());
    }
    if cfg!(target_os = "linux") && answer(Command::new("dpkg-query").arg("--version")).is_some() {
        return apt(&wanted);
    }
    let missing: Vec<_> = packages::elsewhere(needs)
        .into_iter()
        .filter(|program| answer(Command::new(program.name).args(program.arguments)).is_none())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    say::note("This system has no apt, so nothing is installed by itself. Missing:");
    for program in &missing {
        say::bad(program.how);
    }
    Err(Failure::said("Install the above with the system's package tool, then run this again."))
}

fn apt(wanted: &[Package]) -> Result<()> {
    let missing = not_installed(wanted);
    if missing.is_empty() {
        say::note("System packages: all there.");
        return Ok(());
    }
    say::note("These system packages will be installed with apt-get:");
    for package in &missing {
        say::note(&format!("  {:32} {}", package.name, package.why));
    }
    as_root(&["apt-get", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300", "update"], &missing)?;
    let (available, unknown): (Vec<Package>, Vec<Package>) = missing.into_iter().partition(|package| {
        !package.optional || answer(Command::new("apt-cache").args(["show", package.name])).is_some()
    });
    for package in unknown {
        say::bad(&format!("This distribution has no {}: tests that use it will say so.", package.name));
    }
    if available.is_empty() {
        return Ok(());
    }
    let no_cluster = KeepClustersAway::before(&available)?;
    let mut install = vec!["apt-get", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300"];
    install.extend(["install", "--yes", "--no-install-recommends"]);
    install.extend(available.iter().map(|package| package.name));
    let installed = as_root(&install, &available);
    no_cluster.finish()?;
    installed
}

fn not_installed(wanted: &[Package]) -> Vec<Package> {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat", "${db:Status-Status} ${Package}\n"]);
    query.args(wanted.iter().map(|package| package.name));
    // It fails when it knows one of the names not at all, and still lists the others.
    let listed =
        query.output().map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let is_installed = |package: &&Package| {
        listed.lines().any(|line| line.strip_prefix("installed ").is_some_and(|name| name == package.name))
    };
    wanted.iter().filter(|package| !is_installed(package)).copied().collect()
}

/// Debian starts a server for the whole machine when PostgreSQL is installed. The tests run their
/// own, so a fresh machine is spared that one; a machine with a setting of its own keeps it.
struct KeepClustersAway {
    written: bool,
}

impl KeepClustersAway {
    const SETTING: &'static str = "/etc/postgresql-common/createcluster.conf";

    fn before(packages: &[Package]) -> Result<Self> {
        let wanted = packages.iter().any(|package| package.name.starts_with("postgresql-"));
        let written = wanted && !Path::new("/etc/postgresql-common").exists();
        if written {
            say::note("(For the installation only, Debian is told not to start a PostgreSQL of its own.)");
            let write = format!(
                "mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' > {}",
                Self::SETTING
            );
            as_root(&["sh", "-c", &write], &[])?;
        }
        Ok(Self { written })
    }

    fn finish(self) -> Result<()> {
        if !self.written {
            return Ok(());
        }
        // Debian has put its own version of the file beside ours.
        let restore =
            format!("rm -f {0} && if [ -e {0}.ucf-dist ]; then mv {0}.ucf-dist {0}; fi", Self::SETTING);
        as_root(&["sh", "-c", &restore], &[])
    }
}

/// Runs a command as root: directly, or through sudo, which may ask for the password.
fn as_root(words: &[&str], packages: &[Package]) -> Result<()> {
    let is_root = answer(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    let mut command = Command::new(if is_root { "env" } else { "sudo" });
    if !is_root {
        command.arg("env");
    }
    command.arg("DEBIAN_FRONTEND=noninteractive").args(words);
    say::note(&shown(&command));
    // Not in a group of its own: sudo asks on the terminal, and only the foreground may.
    let status = command.status();
    check_interrupt()?;
    if matches!(&status, Ok(status) if status.success()) {
        return Ok(());
    }
    let names: Vec<_> = packages.iter().map(|package| package.name).collect();
    let by_hand = if names.is_empty() {
        words.join(" ")
    } else {
        format!("apt-get install --no-install-recommends {}", names.join(" "))
    };
    Err(Failure::said(match status {
        Ok(status) => {
            format!("That ended with {status}. Run this as root by hand, then try again:\n  {by_hand}")
        }
        Err(error) => format!("Cannot run that ({error}). Run this as root, then try again:\n  {by_hand}"),
    }))
}

fn npm_packages(folder: &str, purpose: &str) -> Result<()> {
    let folder_path = onetill_local::repository().join(folder);
    let read = |file: &str| -> Option<Value> {
        serde_json::from_slice(&std::fs::read(folder_path.join(file)).ok()?).ok()
    };
    let lock = read("package-lock.json")
        .ok_or_else(|| Failure::said(format!("{folder}/package-lock.json is missing or not readable.")))?;
    if read("node_modules/.package-lock.json").is_some_and(|installed| same_packages(&lock, &installed)) {
        say::note(&format!("npm packages of {purpose}: up to date."));
        return Ok(());
    }
    say::note(&format!("Installing the npm packages of {purpose} into {folder}/node_modules."));
    let mut last = Ok(());
    for _attempt in 0..3 {
        last = run(npm(folder, &["ci", "--no-audit", "--no-fund"]));
        if !matches!(last, Err(Failure::Said(_))) {
            break;
        }
    }
    last
}

/// Whether the packages npm noted as installed are the ones of the lock file. Packages for other
/// platforms are in the lock file only.
fn same_packages(lock: &Value, installed: &Value) -> bool {
    let packages =
        |file: &Value| file.get("packages").and_then(Value::as_object).cloned().unwrap_or_default();
    let (wanted, present) = (packages(lock), packages(installed));
    let same = |one: &Value, other: &Value| {
        ["version", "integrity"].iter().all(|field| one.get(field) == other.get(field))
    };
    let may_be_absent = |entry: &Value| {
        ["optional", "devOptional"].iter().any(|mark| entry.get(mark) == Some(&Value::Bool(true)))
    };
    let nothing_missing = wanted.iter().filter(|(path, _)| !path.is_empty()).all(|(path, entry)| {
        present.get(path).map_or_else(|| may_be_absent(entry), |there| same(entry, there))
    });
    nothing_missing && present.keys().all(|path| wanted.contains_key(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_changed_added_or_removed_package_is_noticed() {
        let lock = json!({"packages": {
            "": {"name": "us"},
            "node_modules/a": {"version": "1.0.0", "integrity": "x"},
            "node_modules/mac-only": {"version": "1.0.0", "integrity": "y", "optional": true},
        }});
        let same = json!({"packages": {"node_modules/a": {"version": "1.0.0", "integrity": "x"}}});
        let older = json!({"packages": {"node_modules/a": {"version": "0.9.0", "integrity": "w"}}});
        let more = json!({"packages": {
            "node_modules/a": {"version": "1.0.0", "integrity": "x"},
            "node_modules/b": {"version": "1.0.0", "integrity": "z"},
        }});
        assert!(same_packages(&lock, &same));
        assert!(!same_packages(&lock, &older));
        assert!(!same_packages(&lock, &more), "a package that the lock file dropped must go");
        assert!(!same_packages(&lock, &json!({"packages": {}})));
    }

    #[test]
    fn packages_that_are_there_are_not_asked_for_again() {
        if answer(Command::new("dpkg-query").arg("--version")).is_none() {
            return;
        }
        let there = Package { name: "dpkg", why: "", optional: false };
        let not_there = Package { name: "no-such-package-at-all", why: "", optional: false };
        assert_eq!(not_installed(&[there, not_there]), [not_there]);
    }
}
