//! The process behind a window. Invariant: nothing but the app itself is ever killed.

use std::path::PathBuf;
#[cfg(target_os = "linux")]
use std::time::Duration;

#[cfg(target_os = "linux")]
use crate::PATIENCE;
use crate::Result;

/// The app's process, known by the file in which it writes its number.
pub(super) struct Process {
    pub(super) lock: PathBuf,
    pub(super) binary: PathBuf,
}

impl Process {
    /// The app's number. Only ever the app itself: it must belong to a process that runs the app's binary.
    #[cfg(target_os = "linux")]
    pub(super) fn number(&self) -> Result<i32> {
        let text = std::fs::read_to_string(&self.lock)?;
        let number: i32 = text.lines().next().unwrap_or_default().trim().parse()?;
        let runs = std::fs::read_link(format!("/proc/{number}/exe"))?.display().to_string();
        // A build during the test replaces the file; the process keeps the old one.
        if runs.trim_end_matches(" (deleted)") != self.binary.display().to_string() {
            return Err(format!("process {number} is {runs}, not the app").into());
        }
        Ok(number)
    }

    /// Kills it at once, as a power cut does, and returns when it is gone.
    #[cfg(target_os = "linux")]
    pub(super) fn kill(&self) -> Result<()> {
        let number = self.number()?;
        let pid = rustix::process::Pid::from_raw(number).ok_or("no process has the number 0")?;
        rustix::process::kill_process(pid, rustix::process::Signal::KILL)?;
        let deadline = std::time::Instant::now() + PATIENCE;
        while is_alive(number) {
            if std::time::Instant::now() > deadline {
                return Err(format!("process {number} survived being killed").into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn kill(&self) -> Result<()> {
        Err(format!("{} and {} need /proc", self.lock.display(), self.binary.display()).into())
    }
}

/// Gone is a process when its last thread is; its number may stay until the driver takes note of it.
#[cfg(target_os = "linux")]
pub(super) fn is_alive(number: i32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{number}/task")).into_iter().flatten().flatten();
    let mut states =
        threads.map(|thread| std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default());
    states.any(|state| !state.contains(") Z ") && !state.is_empty())
}

impl Drop for Process {
    fn drop(&mut self) {
        // After an orderly close there is nothing left to kill.
        let _ = self.kill();
    }
}
