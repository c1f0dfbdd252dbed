//! A Debian or RPM computer that is nothing but a folder: packages are installed into it by the system's own tools.
//!
//! Invariant: nothing of this machine is changed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use onetill_local::repository;

use crate::{Files, Result};

/// Which of the two packages that `cargo xtask` built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// An older version, built without optimization.
    Old,
    /// The version of this repository.
    New,
}

/// The two kinds of packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Debian, Ubuntu and their relatives.
    Deb,
    /// Fedora, openSUSE and their relatives.
    Rpm,
}

impl Kind {
    /// The ending of a file's name.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Rpm => "rpm",
        }
    }
}

/// What `cargo xtask` built for these tests.
///
/// # Errors
/// When it was not built.
pub fn built(age: Age, name: &str) -> Result<PathBuf> {
    let folder = match age {
        Age::Old => "old",
        Age::New => "new",
    };
    let path = repository().join("target/packages").join(folder).join(name);
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!("{} is not built: run `cargo xtask test-packages --quick`", path.display()).into())
    }
}

/// Whether the newer version is one for release. Such a one keeps its logins apart from those of the older version,
/// which is a development build: after the change somebody has to sign in again.
///
/// # Errors
/// When it was not built.
pub fn is_release() -> Result<bool> {
    Ok(std::fs::read_to_string(built(Age::New, "profile")?)? == "release")
}

/// A computer into which packages can be installed.
pub struct Computer {
    files: Files,
    kind: Kind,
}

impl Computer {
    /// One with nothing on it. To the Debian one, what is installed on this machine counts as installed, so that
    /// what a package depends on is checked for real; an RPM one is not asked, because this machine has no RPMs.
    ///
    /// # Errors
    /// When its folders cannot be made.
    pub fn new(kind: Kind) -> Result<Self> {
        let computer = Self { files: Files::new()?, kind };
        std::fs::create_dir(computer.root())?;
        if kind == Kind::Deb {
            done(Command::new("cp").args(["--archive", "/var/lib/dpkg"]).arg(computer.database()))?;
        }
        Ok(computer)
    }

    /// Where its files are.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.files.path().join("root")
    }

    /// The installed app.
    #[must_use]
    pub fn app(&self) -> PathBuf {
        self.root().join("usr/bin/onetill")
    }

    /// Installs or upgrades, with the words that people would use.
    ///
    /// # Errors
    /// When the tool refuses, with its words.
    pub fn install(&self, package: &Path) -> Result<()> {
        done(self.tool(&self.install_words()).arg(package)).map(drop)
    }

    /// The command that installs the package whose path is put behind it.
    #[must_use]
    pub fn install_command(&self) -> String {
        let command = self.tool(&self.install_words());
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        words.map(|word| format!("'{}'", word.to_string_lossy())).collect::<Vec<_>>().join(" ")
    }

    /// Removes the app as far as its package tool goes.
    ///
    /// # Errors
    /// When the tool refuses, with its words.
    pub fn remove(&self) -> Result<()> {
        let words: &[&str] = match self.kind {
            Kind::Deb => &["--purge", "onetill"],
            Kind::Rpm => &["--erase", "onetill"],
        };
        done(&mut self.tool(words)).map(drop)
    }

    /// The version that the package tool believes to be installed.
    ///
    /// # Errors
    /// When it knows of none.
    pub fn version(&self) -> Result<String> {
        let output = match self.kind {
            Kind::Deb => {
                let mut query = Command::new("dpkg-query");
                query.arg(format!("--admindir={}", self.database().display()));
                done(query.args(["--show", "--showformat", "${Version}", "onetill"]))?
            }
            Kind::Rpm => done(&mut self.tool(&["--query", "--queryformat", "%{VERSION}", "onetill"]))?,
        };
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Every file that was installed, relative to the root.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn installed_files(&self) -> Result<Vec<PathBuf>> {
        let (root, mut found) = (self.root(), Vec::new());
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    folders.push(entry.path());
                } else {
                    found.push(entry.path().strip_prefix(&root)?.to_owned());
                }
            }
        }
        // The tool's own notes are not the package's.
        found.retain(|path| !path.starts_with("var/lib/rpm"));
        found.sort();
        Ok(found)
    }

    fn install_words(&self) -> Vec<&'static str> {
        match self.kind {
            Kind::Deb => vec!["--install"],
            Kind::Rpm => vec!["--nodeps", "--upgrade"],
        }
    }

    fn tool(&self, words: &[&str]) -> Command {
        let mut command = Command::new(if is_root() { "env" } else { "sudo" });
        if !is_root() {
            command.args(["-n", "env"]);
        }
        match self.kind {
            Kind::Deb => {
                command.args(["LC_ALL=C", "dpkg"]);
                command.arg(format!("--admindir={}", self.database().display()));
                command.arg(format!("--instdir={}", self.root().display()));
                command.arg(format!("--log={}", self.files.path().join("dpkg.log").display()));
                // The triggers are of programs that are not in the folder.
                command.arg("--no-triggers");
            }
            Kind::Rpm => {
                // Debian's rpm keeps its notes at the caller's home unless it is told otherwise.
                command.args(["LC_ALL=C", "rpm", "--dbpath", "/var/lib/rpm", "--root"]).arg(self.root());
            }
        }
        command.args(words);
        command
    }

    fn database(&self) -> PathBuf {
        self.files.path().join("dpkg")
    }
}

fn is_root() -> bool {
    cfg!(unix) && done(Command::new("id").arg("-u")).is_ok_and(|id| id.stdout.starts_with(b"0"))
}

/// Runs a command to its end.
///
/// # Errors
/// When it cannot be run or fails, with what it said.
pub fn done(command: &mut Command) -> Result<Output> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    Err(format!("{command:?} ended with {}:\n{}", output.status, said.concat()).into())
}
