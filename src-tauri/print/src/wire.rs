//! A printer on the network: raw bytes to a port, and the few it answers.
//!
//! Invariant: every wait has a deadline, and what was sent before a break is told as unsure.

use crate::{escpos::Job, outcome::Condition, timeouts::Timeouts};
use onetill_core::printing::{Printed, Trouble};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Answered at once, whatever the printer is doing: why it is offline, and how its paper is.
const WHY_OFFLINE: &[u8] = &[0x10, 0x04, 2];
const PAPER: &[u8] = &[0x10, 0x04, 4];
/// Answered when everything before it has been printed.
const WHEN_DONE: &[u8] = &[0x1d, b'r', 1];

/// Sends a job.
pub(crate) async fn send(endpoint: &str, job: &Job, timeouts: Timeouts) -> Printed {
    let mut stream = match connect(endpoint, timeouts).await {
        Ok(stream) => stream,
        Err(why) => return Printed::NotPrinted { why },
    };
    if !job.uses_paper() {
        // A drawer opens without paper too.
        return match timeout(timeouts.print, write(&mut stream, job.bytes())).await {
            Ok(Ok(())) => Printed::HandedOver,
            Ok(Err(_)) => Printed::Unsure { why: Trouble::ConnectionLost },
            Err(_) => Printed::Unsure { why: Trouble::Slow },
        };
    }
    let tells = match condition(&mut stream, timeouts).await {
        Condition::Ready { .. } => true,
        Condition::Silent => false,
        Condition::Not(why) => return Printed::NotPrinted { why },
    };
    match timeout(timeouts.print, finish(&mut stream, job, tells)).await {
        Ok(Ok(printed)) => printed,
        Ok(Err(cause)) => {
            tracing::warn!(%cause, "the connection to the printer broke within a job");
            Printed::Unsure { why: Trouble::ConnectionLost }
        }
        Err(_) => Printed::Unsure { why: why_not_done(endpoint, timeouts).await },
    }
}

/// How the printer is.
pub(crate) async fn ask(endpoint: &str, timeouts: Timeouts) -> Condition {
    match connect(endpoint, timeouts).await {
        Ok(mut stream) => condition(&mut stream, timeouts).await,
        Err(why) => Condition::Not(why),
    }
}

async fn connect(endpoint: &str, timeouts: Timeouts) -> Result<TcpStream, Trouble> {
    match timeout(timeouts.connect, TcpStream::connect(endpoint)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(cause)) => {
            tracing::info!(%cause, endpoint, "the printer cannot be reached");
            Err(Trouble::Unreachable)
        }
        Err(_) => Err(Trouble::Unreachable),
    }
}

/// Asks both questions. A printer that is silent on the first is not asked again.
async fn condition(stream: &mut TcpStream, timeouts: Timeouts) -> Condition {
    let offline = match answer(stream, WHY_OFFLINE, timeouts.answer).await {
        Ok(Some(status)) => status,
        Ok(None) => return Condition::Silent,
        Err(()) => return Condition::Not(Trouble::ConnectionLost),
    };
    let paper = match answer(stream, PAPER, timeouts.answer).await {
        Ok(status) => status.unwrap_or_default(),
        Err(()) => return Condition::Not(Trouble::ConnectionLost),
    };
    match trouble(offline, paper) {
        Some(why) => Condition::Not(why),
        None => Condition::Ready { paper_low: paper & 0b0000_1100 != 0 },
    }
}

/// What the two status bytes forbid. The end of the paper comes first: an empty roll also makes the printer offline.
fn trouble(offline: u8, paper: u8) -> Option<Trouble> {
    if paper & 0b0110_0000 != 0 || offline & 0b0010_0000 != 0 {
        Some(Trouble::PaperOut)
    } else if offline & 0b0000_0100 != 0 {
        Some(Trouble::CoverOpen)
    } else if offline & 0b0100_1000 != 0 {
        Some(Trouble::Offline)
    } else {
        None
    }
}

/// One status byte; `None` where none comes in time or what comes is none.
async fn answer(stream: &mut TcpStream, question: &[u8], timeouts: Duration) -> Result<Option<u8>, ()> {
    let asked = async {
        write(stream, question).await?;
        stream.read_u8().await
    };
    match timeout(timeouts, asked).await {
        // Every real-time status has these two bits set and these two clear.
        Ok(Ok(status)) => Ok((status & 0b1001_0011 == 0b0001_0010).then_some(status)),
        Ok(Err(cause)) => {
            tracing::info!(%cause, "the printer ended the connection");
            Err(())
        }
        Err(_) => Ok(None),
    }
}

async fn finish(stream: &mut TcpStream, job: &Job, tells: bool) -> std::io::Result<Printed> {
    write(stream, job.bytes()).await?;
    if !tells {
        // Closing in order lets the printer read to the end.
        stream.shutdown().await?;
        return Ok(Printed::HandedOver);
    }
    write(stream, WHEN_DONE).await?;
    stream.read_u8().await?;
    Ok(Printed::Done)
}

async fn write(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

/// The job did not end in time: the printer may know why, on a second connection where it allows one.
async fn why_not_done(endpoint: &str, timeouts: Timeouts) -> Trouble {
    match ask(endpoint, timeouts).await {
        Condition::Not(why @ (Trouble::PaperOut | Trouble::CoverOpen | Trouble::Offline)) => why,
        _ => Trouble::Slow,
    }
}
