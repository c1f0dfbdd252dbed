//! Running other programs.
//!
//! Invariant: whatever a command starts has ended when the command ends, and nothing else has.
//! Every program gets a process group of its own (a job object on Windows); ending the group
//! ends the program with all it started, and cannot reach anything older.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use process_wrap::std::{ChildWrapper, CommandWrap};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
const POLL: Duration = Duration::from_millis(50);
const GRACE: Duration = Duration::from_secs(10);

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Ctrl-C, or the terminal was closed.
    Interrupted,
    /// Anything else, in a sentence for the developer.
    Said(String),
}

pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn said(message: impl fmt::Display) -> Self {
        Self::Said(message.to_string())
    }
}

/// From now on Ctrl-C asks every wait in this module to end.
pub(crate) fn catch_interrupts() -> Result<()> {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed)).map_err(Failure::said)
}

/// Fails once Ctrl-C was pressed.
pub(crate) fn check_interrupt() -> Result<()> {
    if INTERRUPTED.load(Ordering::Relaxed) { Err(Failure::Interrupted) } else { Ok(()) }
}

/// Waits for Ctrl-C and nothing else.
pub(crate) fn until_interrupted(mut still_well: impl FnMut() -> Result<()>) -> Result<()> {
    loop {
        check_interrupt()?;
        still_well()?;
        thread::sleep(POLL);
    }
}

/// A program that was started, with everything it starts.
pub(crate) struct Running {
    child: Box<dyn ChildWrapper>,
}

impl Running {
    pub(crate) fn start(command: Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut wrap = CommandWrap::from(command);
        #[cfg(unix)]
        wrap.wrap(process_wrap::std::ProcessGroup::leader());
        #[cfg(windows)]
        wrap.wrap(process_wrap::std::JobObject);
        let child = wrap.spawn().map_err(|error| Failure::said(format!("cannot start `{name}`: {error}")))?;
        Ok(Self { child })
    }

    /// Waits for the program; on Ctrl-C ends it and all it started.
    pub(crate) fn wait(mut self) -> Result<ExitStatus> {
        loop {
            check_interrupt()?;
            if let Some(status) = self.child.try_wait().map_err(Failure::said)? {
                return Ok(status);
            }
            thread::sleep(POLL);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            #[cfg(unix)]
            {
                const SIGTERM: i32 = 15;
                let _ = self.child.signal(SIGTERM);
                let deadline = Instant::now() + GRACE;
                while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
                    thread::sleep(POLL);
                }
            }
        }
        // Also what the program left behind: the group is ours as long as anyone is in it.
        let _ = self.child.start_kill();
        let _ = self.child.try_wait();
    }
}

/// `cargo` as this was started with it.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What `cargo run` told this program about itself would make packages that look at such
    // variables (ring does) build anew at every change between here and the developer's shell.
    for (name, _) in std::env::vars_os() {
        let about_us = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        if name.to_str().is_some_and(|name| about_us.iter().any(|prefix| name.starts_with(prefix))) {
            command.env_remove(name);
        }
    }
    command
}

/// `npm`, in one of the repository's folders.
pub(crate) fn npm(folder: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(onetill_local::repository().join(folder)).args(arguments);
    command
}

/// Runs a program in view of the developer; anything but success is a failure.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let shown = shown(&command);
    command.stdin(Stdio::null());
    let status = Running::start(command)?.wait()?;
    if status.success() { Ok(()) } else { Err(Failure::said(format!("`{shown}` ended with {status}"))) }
}

/// Runs a program in view of the developer, each line behind `prefix`, and keeps what it prints in `log` as well.
/// Returns whether it succeeded, and its output without colours.
pub(crate) fn run_logged(mut command: Command, log: &Path, prefix: &str) -> Result<(bool, String)> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = Running::start(command)?;
    let (lines, received) = mpsc::channel();
    if let Some(out) = running.child.stdout().take() {
        forward(out, lines.clone());
    }
    if let Some(err) = running.child.stderr().take() {
        forward(err, lines.clone());
    }
    drop(lines);
    let mut file = File::create(log).map_err(|error| Failure::said(format!("{}: {error}", log.display())))?;
    let mut output = String::new();
    let mut ended: Option<(ExitStatus, Instant)> = None;
    loop {
        check_interrupt()?;
        match received.recv_timeout(POLL) {
            Ok(line) => {
                println!("{prefix}{line}");
                let plain = without_colours(&line);
                writeln!(file, "{plain}").map_err(Failure::said)?;
                output.push_str(&plain);
                output.push('\n');
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                // Something it left running may hold the pipe open for ever.
                match ended {
                    Some((_, since)) if since.elapsed() > GRACE => break,
                    Some(_) => {}
                    None => {
                        ended = running.child.try_wait().map_err(Failure::said)?.map(|s| (s, Instant::now()))
                    }
                }
            }
        }
    }
    let status = match ended {
        Some((status, _)) => status,
        None => running.wait()?,
    };
    Ok((status.success(), output))
}

fn forward(pipe: impl Read + Send + 'static, lines: mpsc::Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n') {
            let Ok(line) = line else { return };
            let line = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
            if lines.send(line).is_err() {
                return;
            }
        }
    });
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut text = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

/// What a program prints when asked something, or `None` when it is not there or fails.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\x1b' && characters.next_if_eq(&'[').is_some() {
            // A control sequence ends with its first letter.
            for inner in characters.by_ref() {
                if inner.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_out() {
        assert_eq!(without_colours("\x1b[1m\x1b[32mok\x1b[0m. 3 passed"), "ok. 3 passed");
        assert_eq!(without_colours("plain [text]"), "plain [text]");
    }

    #[cfg(unix)]
    #[test]
    fn what_a_program_left_running_ends_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let pid_file = dir.path().join("pid");
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("sleep 300 & echo $! > '{}'", pid_file.display()));
        run(command).unwrap();
        let pid = std::fs::read_to_string(&pid_file).unwrap().trim().to_owned();
        let deadline = Instant::now() + Duration::from_secs(10);
        let alive = || {
            let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            !state.is_empty() && !state.contains(") Z")
        };
        while cfg!(target_os = "linux") && alive() {
            assert!(Instant::now() < deadline, "process {pid} was left running");
            thread::yield_now();
        }
    }
}
