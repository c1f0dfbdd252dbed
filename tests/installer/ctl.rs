//! Runs the program and keeps what it said.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use onetill_tests::Result;
use serde_json::Value;
use tokio::process::{Child, Command};

const PATIENCE: Duration = Duration::from_secs(180);

/// The program as it is now: a test of yesterday's build proves nothing.
fn program() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = std::process::Command::new(cargo)
            // The selection of `cargo xtask test`, which has built most of it.
            .args(["build", "--quiet", "--workspace", "--exclude", "onetill", "--bin", "onetillctl"])
            .current_dir(onetill_local::repository())
            .status();
        assert!(built.is_ok_and(|status| status.success()), "onetillctl does not build");
        let itself = std::env::current_exe().unwrap();
        let name = format!("onetillctl{}", std::env::consts::EXE_SUFFIX);
        itself.ancestors().map(|folder| folder.join(&name)).find(|path| path.is_file()).unwrap()
    })
}

/// One call of the program, with nothing of this computer's configuration in its way.
pub(crate) struct Call {
    command: Command,
    home: tempfile::TempDir,
}

/// What it said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// The one document that `--json` prints.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|cause| panic!("{cause}: {self:?}"))
    }

    pub(crate) fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }

    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\n--- out\n{}\n--- err\n{}", self.out, self.err);
        self
    }
}

impl Call {
    pub(crate) fn new(arguments: &[&str]) -> Result<Self> {
        let home = onetill_tests::scratch()?;
        let mut command = Command::new(program());
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            .env("ONETILL_CONFIG", home.path().join("config.toml"))
            .env("ONETILL_MACHINE_CONFIG", home.path().join("machine.toml"))
            .env("ONETILL_DATA_DIR", home.path().join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        Ok(Self { command, home })
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// The folder in which this call finds its configuration and its data.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) async fn run(mut self) -> Result<Said> {
        self.said().await
    }

    async fn said(&mut self) -> Result<Said> {
        let output = tokio::time::timeout(PATIENCE, self.command.output()).await??;
        Ok(Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout)?,
            err: String::from_utf8(output.stderr)?,
        })
    }

    /// Runs it, and reads this file before the folder goes.
    pub(crate) async fn run_and_read(mut self, file: &Path) -> Result<(Said, String)> {
        let said = self.said().await?;
        Ok((said, std::fs::read_to_string(file)?))
    }

    pub(crate) fn start(mut self) -> Result<(Child, tempfile::TempDir)> {
        Ok((self.command.spawn()?, self.home))
    }
}
