//! The one process that answers HTTP, and the one-off runs of the same tool.
//!
//! Invariant: the child ends with the value that holds it, and also when this process dies
//! without running any destructor (see `exit-with-parent.cjs`).

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::LocalError;

const START_DEADLINE: Duration = Duration::from_secs(60);
const STOP_DEADLINE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(30);

/// The `lite` command line tool, run in the directory of one instance.
pub(crate) struct Tool {
    script: PathBuf,
    preload: PathBuf,
    directory: PathBuf,
}

impl Tool {
    pub(crate) fn new(directory: &Path) -> Result<Self, LocalError> {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let script = package.join("node_modules/@supabase/lite/dist/cli/index.js");
        if !script.is_file() {
            return Err(LocalError::NotInstalled(package.to_owned()));
        }
        Ok(Self { script, preload: package.join("exit-with-parent.cjs"), directory: directory.to_owned() })
    }

    fn command(&self, node_options: &[&Path], arguments: &[&str]) -> Command {
        let mut command = Command::new("node");
        command
            .args(node_options)
            .arg(&self.script)
            .args(arguments)
            .args(["--config", "supabase/config.toml"])
            .current_dir(&self.directory)
            .env("DO_NOT_TRACK", "1")
            .env("NO_COLOR", "1");
        command
    }

    /// Runs one command to its end, with `input` as its standard input.
    pub(crate) fn run(&self, step: &'static str, arguments: &[&str], input: &str) -> Result<(), LocalError> {
        let mut child = self
            .command(&[], arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(LocalError::Node)?;
        if let Some(mut stdin) = child.stdin.take() {
            // A tool that has already failed no longer reads; its own message says why.
            let _ = stdin.write_all(input.as_bytes());
        }
        let Output { status, stdout, stderr } = child.wait_with_output().map_err(LocalError::Node)?;
        if status.success() {
            return Ok(());
        }
        let output = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        Err(LocalError::Prepare { step, output })
    }

    /// Starts the server and returns once it answers on `port`.
    pub(crate) fn serve(&self, port: u16) -> Result<Server, LocalError> {
        let log = self.directory.join("server.log");
        let out = File::create(&log).map_err(LocalError::file("cannot write", &log))?;
        let err = out.try_clone().map_err(LocalError::file("cannot write", &log))?;
        let child = self
            .command(&[Path::new("--require"), &self.preload], &["start", "--no-admin"])
            .stdin(Stdio::piped())
            .stdout(out)
            .stderr(err)
            .spawn()
            .map_err(LocalError::Node)?;
        let mut server = Server { child };
        let deadline = Instant::now() + START_DEADLINE;
        while !answers(port) {
            let ended = matches!(server.child.try_wait(), Ok(Some(_)) | Err(_));
            if ended || Instant::now() > deadline {
                return Err(LocalError::NotAnswering {
                    address: format!("127.0.0.1:{port}"),
                    log: last_lines(&log),
                });
            }
            std::thread::sleep(POLL);
        }
        Ok(server)
    }
}

/// A running server; dropping it ends the process.
pub(crate) struct Server {
    child: Child,
}

impl Server {
    /// The operating system's number of the server process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Closing its standard input asks the server to finish; it then closes its database.
        drop(self.child.stdin.take());
        let deadline = Instant::now() + STOP_DEADLINE;
        while let Ok(None) = self.child.try_wait() {
            if Instant::now() > deadline {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            std::thread::sleep(POLL);
        }
    }
}

/// Whether an HTTP server on `port` says that sign-in is healthy.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"GET /auth/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut status_line = [0; 12];
        stream.read_exact(&mut status_line)?;
        // 401 also proves that the server is up: it wants a key.
        Ok(matches!(&status_line, b"HTTP/1.1 200" | b"HTTP/1.1 401"))
    };
    ask().unwrap_or(false)
}

fn last_lines(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
}
