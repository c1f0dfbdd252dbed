//! A printer of this computer: the job goes raw to the system's print queue, which keeps it and repeats it by itself.

use crate::{escpos::Job, outcome::Condition, timeouts::Timeouts};
use onetill_core::printing::{Printed, Trouble};

/// Hands a job over.
#[cfg(not(windows))]
pub(crate) async fn send(queue: &str, job: &Job, timeouts: Timeouts) -> Printed {
    use std::process::Stdio;
    use tokio::{io::AsyncWriteExt, process::Command};

    let mut command = Command::new("lp");
    command.args(["-s", "-o", "raw", "-d", queue]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let handed = async {
        let mut child = command.spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // `lp` refuses an unknown queue without reading; what it says counts, not the broken pipe.
            let _ = input.write_all(job.bytes()).await;
        }
        child.wait_with_output().await
    };
    match tokio::time::timeout(timeouts.print, handed).await {
        Ok(Ok(output)) if output.status.success() => Printed::HandedOver,
        Ok(Ok(output)) => {
            tracing::warn!(queue, said = %String::from_utf8_lossy(&output.stderr), "the print queue refuses the job");
            Printed::NotPrinted { why: Trouble::QueueRefused }
        }
        Ok(Err(cause)) => {
            tracing::warn!(queue, %cause, "this computer has no print system");
            Printed::NotPrinted { why: Trouble::QueueRefused }
        }
        Err(_) => Printed::Unsure { why: Trouble::Slow },
    }
}

/// Whether the queue takes jobs. How the printer behind it is, the queue does not tell.
#[cfg(not(windows))]
pub(crate) async fn ask(queue: &str, timeouts: Timeouts) -> Condition {
    let mut command = tokio::process::Command::new("lpstat");
    command.args(["-a", queue]).stdin(std::process::Stdio::null()).env("LC_ALL", "C").kill_on_drop(true);
    match tokio::time::timeout(timeouts.connect, command.output()).await {
        Ok(Ok(output)) if output.status.success() => {
            let refuses = String::from_utf8_lossy(&output.stdout).contains("not accepting");
            if refuses { Condition::Not(Trouble::QueueRefused) } else { Condition::Silent }
        }
        Ok(_) => Condition::Not(Trouble::QueueRefused),
        Err(_) => Condition::Not(Trouble::Slow),
    }
}

/// Hands a job over to the spooler.
#[cfg(windows)]
pub(crate) async fn send(queue: &str, job: &Job, timeouts: Timeouts) -> Printed {
    use printers::common::base::job::PrinterJobOptions;

    let (name, bytes) = (queue.to_owned(), job.bytes().to_vec());
    let handed = tokio::task::spawn_blocking(move || {
        let printer = printers::get_printer_by_name(&name).ok_or("there is no such queue".to_owned())?;
        printer.print(&bytes, PrinterJobOptions::none()).map_err(|cause| cause.message)
    });
    match tokio::time::timeout(timeouts.print, handed).await {
        Ok(Ok(Ok(_job))) => Printed::HandedOver,
        Ok(Ok(Err(cause))) => {
            tracing::warn!(queue, %cause, "the print queue refuses the job");
            Printed::NotPrinted { why: Trouble::QueueRefused }
        }
        Ok(Err(_)) | Err(_) => Printed::Unsure { why: Trouble::Slow },
    }
}

/// Whether the queue is there. How the printer behind it is, the queue does not tell.
#[cfg(windows)]
pub(crate) async fn ask(queue: &str, timeouts: Timeouts) -> Condition {
    let name = queue.to_owned();
    let found = tokio::task::spawn_blocking(move || printers::get_printer_by_name(&name).is_some());
    match tokio::time::timeout(timeouts.connect, found).await {
        Ok(Ok(true)) => Condition::Silent,
        Ok(_) => Condition::Not(Trouble::QueueRefused),
        Err(_) => Condition::Not(Trouble::Slow),
    }
}
