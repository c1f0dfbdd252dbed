//! Ends a server whose owner died without ending it.
//!
//! A PostgreSQL server detaches itself from whoever starts it, so it outlives a test run that is
//! stopped with Ctrl-C. A guard holds the other end of a pipe to this process: when the pipe
//! closes, in whichever way this process came to its end, the guard runs one command.

use std::process::{Child, Command, Stdio};

/// Dropping it sends the guard away without running the command.
#[derive(Debug)]
pub(crate) struct Guard {
    process: Option<Child>,
}

impl Guard {
    /// From now on, the death of this process runs `command`, as the account that `account` sets.
    #[cfg(unix)]
    pub(crate) fn on_death(command: &Command, account: impl FnOnce(&mut Command)) -> Self {
        use std::os::unix::process::CommandExt;
        let mut shell = Command::new("sh");
        account(&mut shell);
        let process = shell
            .args(["-c", "read -r _; exec \"$@\"", "sh"])
            .arg(command.get_program())
            .args(command.get_args())
            .current_dir("/")
            // What ends the process group of a test run must not end the one who cleans up after it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self { process: process.ok() }
    }

    /// Nobody guards here: there is no shell to rely on.
    #[cfg(not(unix))]
    pub(crate) fn on_death(_command: &Command, _account: impl FnOnce(&mut Command)) -> Self {
        Self { process: None }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn touch(file: &std::path::Path) -> Command {
        let mut command = Command::new("touch");
        command.arg(file);
        command
    }

    #[test]
    fn a_closed_pipe_runs_the_command() {
        let dir = tempfile::tempdir().unwrap();
        let mark = dir.path().join("mark");
        let mut guard = Guard::on_death(&touch(&mark), |_| {});
        drop(guard.process.as_mut().unwrap().stdin.take());
        let deadline = Instant::now() + Duration::from_secs(10);
        while !mark.exists() {
            assert!(Instant::now() < deadline, "the guard did nothing");
            std::thread::yield_now();
        }
    }

    #[test]
    fn an_orderly_end_runs_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mark = dir.path().join("mark");
        drop(Guard::on_death(&touch(&mark), |_| {}));
        assert!(!mark.exists());
    }
}
