//! A printer on the network: raw bytes to a port, and the few it answers.
//!
//! Invariants: every wait has a deadline; what was sent before a break is told as unsure; and a byte that the printer sends
//! by itself, or too late, is never taken for the answer to a question of another kind.

use crate::{escpos::Job, outcome::Condition, timeouts::Timeouts};
use onetill_core::printing::{Printed, Trouble};
use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::timeout,
};

/// Answered at once, whatever the printer is doing: why it is offline, and how its paper is.
const WHY_OFFLINE: &[u8] = &[0x10, 0x04, 2];
const PAPER: &[u8] = &[0x10, 0x04, 4];
/// Answered when everything before it has been printed.
const WHEN_DONE: &[u8] = &[0x1d, b'r', 1];

/// What a printer sends to a till.
enum Answer {
    /// How it is, right now.
    Status(u8),
    /// What came before has been printed.
    End,
}

/// What comes from the printer.
pub(crate) struct Answers {
    from: OwnedReadHalf,
    /// Bytes still to come of a message that nobody asked for.
    skipped: u8,
}

/// A job that the printer has, and that is not yet known to be on paper.
pub(crate) struct Sent {
    pub(crate) answers: Answers,
    /// To the printer. Closing it in order lets the printer read to the end.
    pub(crate) to: OwnedWriteHalf,
    /// It answers questions about its state.
    pub(crate) answers_at_all: bool,
}

/// Sends a job with paper, unless the printer cannot print. `tells_ends`: whether it says that a job is behind it, where that
/// is known; one that does not is not asked.
pub(crate) async fn send(
    endpoint: &str,
    job: &Job,
    tells_ends: Option<bool>,
    timeouts: Timeouts,
) -> Result<Sent, Printed> {
    let not_printed = |why| Printed::NotPrinted { why };
    let (mut answers, mut to) = connect(endpoint, timeouts).await.map_err(not_printed)?;
    let answers_at_all = match condition(&mut answers, &mut to, timeouts).await {
        Condition::Ready { .. } => true,
        Condition::Silent => false,
        Condition::Not(why) => return Err(not_printed(why)),
    };
    // One that is only slow to answer says then how it is.
    let question = match (answers_at_all, tells_ends) {
        (false, _) => WHY_OFFLINE,
        (true, Some(false)) => &[],
        (true, _) => WHEN_DONE,
    };
    let sent = async {
        write(&mut to, job.bytes()).await?;
        write(&mut to, question).await
    };
    match timeout(timeouts.print, sent).await {
        Ok(Ok(())) => Ok(Sent { answers, to, answers_at_all }),
        Ok(Err(cause)) => {
            tracing::warn!(%cause, "the connection to the printer broke within a job");
            Err(Printed::Unsure { why: Trouble::ConnectionLost })
        }
        Err(_) => Err(Printed::Unsure { why: Trouble::Slow }),
    }
}

/// Opens the drawer: a drawer opens without paper, too.
pub(crate) async fn kick(endpoint: &str, job: &Job, timeouts: Timeouts) -> Printed {
    match connect(endpoint, timeouts).await {
        Ok((_answers, mut to)) => kick_over(&mut to, job, timeouts).await,
        Err(why) => Printed::NotPrinted { why },
    }
}

/// The same over a connection that is open.
pub(crate) async fn kick_over(to: &mut OwnedWriteHalf, job: &Job, timeouts: Timeouts) -> Printed {
    match timeout(timeouts.print, write(to, job.bytes())).await {
        Ok(Ok(())) => Printed::HandedOver,
        Ok(Err(_)) => Printed::Unsure { why: Trouble::ConnectionLost },
        Err(_) => Printed::Unsure { why: Trouble::Slow },
    }
}

/// How the printer is.
pub(crate) async fn ask(endpoint: &str, timeouts: Timeouts) -> Condition {
    match connect(endpoint, timeouts).await {
        Ok((mut answers, mut to)) => condition(&mut answers, &mut to, timeouts).await,
        Err(why) => Condition::Not(why),
    }
}

async fn connect(endpoint: &str, timeouts: Timeouts) -> Result<(Answers, OwnedWriteHalf), Trouble> {
    match timeout(timeouts.connect, TcpStream::connect(endpoint)).await {
        Ok(Ok(stream)) => {
            let (from, to) = stream.into_split();
            Ok((Answers { from, skipped: 0 }, to))
        }
        Ok(Err(cause)) => {
            tracing::info!(%cause, endpoint, "the printer cannot be reached");
            Err(Trouble::Unreachable)
        }
        Err(_) => Err(Trouble::Unreachable),
    }
}

impl Answers {
    /// The next answer to any question. It can be given up at any time without losing its place.
    async fn next(&mut self) -> io::Result<Answer> {
        loop {
            let byte = self.from.read_u8().await?;
            if self.skipped > 0 {
                self.skipped -= 1;
                continue;
            }
            match byte & 0b1001_0011 {
                0b0001_0010 => return Ok(Answer::Status(byte)),
                // What a printer tells by itself when something changes: this one and three more.
                0b0001_0000 => self.skipped = 3,
                _ if byte & 0b1001_0000 == 0 => return Ok(Answer::End),
                _ => {}
            }
        }
    }

    /// The next status byte.
    async fn status(&mut self) -> io::Result<u8> {
        loop {
            if let Answer::Status(status) = self.next().await? {
                return Ok(status);
            }
        }
    }

    /// Waits until the job is behind the printer; whether it said so in time.
    ///
    /// # Errors
    /// When the connection broke.
    pub(crate) async fn end(&mut self, patience: std::time::Duration) -> io::Result<bool> {
        let end = async {
            loop {
                if matches!(self.next().await?, Answer::End) {
                    return Ok(true);
                }
            }
        };
        timeout(patience, end).await.unwrap_or(Ok(false))
    }

    /// What a printer that did not answer before its job has said since: the last of it counts.
    pub(crate) async fn late_trouble(&mut self, timeouts: Timeouts) -> Option<Trouble> {
        let mut said = None;
        let listened = async {
            while let Ok(status) = self.status().await {
                said = trouble(status, 0);
            }
        };
        // A printer that ends the connection has nothing more to say.
        let _ = timeout(timeouts.answer, listened).await;
        said
    }
}

/// Asks both questions. A printer that is silent on the first is not asked again.
pub(crate) async fn condition(
    answers: &mut Answers,
    to: &mut OwnedWriteHalf,
    timeouts: Timeouts,
) -> Condition {
    let ended = Condition::Not(Trouble::ConnectionLost);
    let offline = match answer(answers, to, WHY_OFFLINE, timeouts).await {
        Ok(Some(status)) => status,
        Ok(None) => return Condition::Silent,
        Err(_ended) => return ended,
    };
    let Ok(paper) = answer(answers, to, PAPER, timeouts).await.map(Option::unwrap_or_default) else {
        return ended;
    };
    match trouble(offline, paper) {
        Some(why) => Condition::Not(why),
        None => Condition::Ready { paper_low: paper & 0b0000_1100 != 0 },
    }
}

/// The answer to one question; `None` where none comes in time.
async fn answer(
    answers: &mut Answers,
    to: &mut OwnedWriteHalf,
    question: &[u8],
    timeouts: Timeouts,
) -> io::Result<Option<u8>> {
    let asked = async {
        write(to, question).await?;
        answers.status().await
    };
    match timeout(timeouts.answer, asked).await {
        Ok(answered) => {
            answered.map(Some).inspect_err(|cause| tracing::info!(%cause, "the printer ended the connection"))
        }
        Err(_) => Ok(None),
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

async fn write(to: &mut OwnedWriteHalf, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes).await?;
    to.flush().await
}
