//! The till's printer: one job at a time, each with its deadlines, none of them on the till's path.
//!
//! Invariants: a job that is asked for again while it runs is the same job; it goes to the printer once, and everybody
//! who asked hears what became of it. The drawer waits for the bytes of the job under way at most, never for paper that
//! waits or for a printer to say that it is done.

use crate::{
    escpos::Job,
    outcome::Condition,
    queue,
    timeouts::Timeouts,
    wire::{self, Answers, Sent},
};
use onetill_core::printing::{Printed, Trouble};
use onetill_core::{PrinterKind, PrinterSettings};
use std::time::Duration;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{net::tcp::OwnedWriteHalf, sync::watch};

/// A printer as configured, and what is under way with it.
pub struct Printer {
    settings: PrinterSettings,
    timeouts: Timeouts,
    /// Printers take one connection at a time: it is here while a job only waits for its end, for the drawer to use.
    line: tokio::sync::Mutex<Option<OwnedWriteHalf>>,
    /// One job with paper waits for the line, the others wait here: so what opens the drawer is next.
    paper: tokio::sync::Mutex<()>,
    under_way: Mutex<HashMap<String, watch::Receiver<Option<Printed>>>>,
    /// Whether it says that a job is behind it, as the first job showed; some answer questions about their state, and never
    /// that one.
    tells_ends: Mutex<Option<bool>>,
}

impl Printer {
    /// The printer of these settings. Nothing is sent yet.
    #[must_use]
    pub fn new(settings: PrinterSettings, timeouts: Timeouts) -> Arc<Self> {
        Arc::new(Self {
            settings,
            timeouts,
            line: tokio::sync::Mutex::default(),
            paper: tokio::sync::Mutex::default(),
            under_way: Mutex::default(),
            tells_ends: Mutex::default(),
        })
    }

    /// The settings it was made with.
    #[must_use]
    pub fn settings(&self) -> &PrinterSettings {
        &self.settings
    }

    /// Prints a job, and says what became of it. `name` is the job's own: the same name asked for while that job runs
    /// prints nothing more. The job goes on when nobody waits for it any longer.
    pub async fn print(self: &Arc<Self>, name: &str, job: Job) -> Printed {
        if self.settings.kind == PrinterKind::None {
            return Printed::NotPrinted { why: Trouble::NoPrinter };
        }
        let mut result = self.started(name, job);
        let lost = Printed::Unsure { why: Trouble::ConnectionLost };
        let told = result.wait_for(Option::is_some).await;
        told.map(|told| told.unwrap_or(lost)).unwrap_or(lost)
    }

    /// Opens the cash drawer.
    pub async fn open_drawer(self: &Arc<Self>) -> Printed {
        match (self.settings.kind, self.settings.drawer) {
            (PrinterKind::None, _) => Printed::NotPrinted { why: Trouble::NoPrinter },
            (_, false) => Printed::NotPrinted { why: Trouble::NoDrawer },
            (_, true) => self.print("drawer", Job::drawer(&self.settings)).await,
        }
    }

    /// Asks the printer how it is, and prints nothing.
    pub async fn condition(&self) -> Condition {
        let _alone = self.line.lock().await;
        match self.settings.kind {
            PrinterKind::None => Condition::Not(Trouble::NoPrinter),
            PrinterKind::Network => wire::ask(&self.settings.endpoint(), self.timeouts).await,
            PrinterKind::Queue => queue::ask(&self.settings.queue, self.timeouts).await,
        }
    }

    /// The job of that name: the one under way, or a new one.
    fn started(self: &Arc<Self>, name: &str, job: Job) -> watch::Receiver<Option<Printed>> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(result) = under_way.get(name) {
            return result.clone();
        }
        let (tell, result) = watch::channel(None);
        under_way.insert(name.to_owned(), result.clone());
        drop(under_way);
        let (printer, name) = (Arc::clone(self), name.to_owned());
        tokio::spawn(async move {
            let printed = printer.send(&job).await;
            tracing::info!(job = name, ?printed, "a job for the printer");
            printer.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
            let _nobody_waits = tell.send(Some(printed));
        });
        result
    }

    async fn send(&self, job: &Job) -> Printed {
        let _next = if job.uses_paper() { Some(self.paper.lock().await) } else { None };
        let mut line = self.line.lock().await;
        let endpoint = self.settings.endpoint();
        let tells_ends = *self.tells_ends();
        match self.settings.kind {
            PrinterKind::None => Printed::NotPrinted { why: Trouble::NoPrinter },
            PrinterKind::Queue => queue::send(&self.settings.queue, job, self.timeouts).await,
            PrinterKind::Network if !job.uses_paper() => match line.as_mut() {
                Some(open) => wire::kick_over(open, job, self.timeouts).await,
                None => wire::kick(&endpoint, job, self.timeouts).await,
            },
            PrinterKind::Network => match wire::send(&endpoint, job, tells_ends, self.timeouts).await {
                Ok(Sent { answers, to, answers_at_all }) => {
                    *line = Some(to);
                    drop(line);
                    let printed = self.end_of(answers, answers_at_all, tells_ends).await;
                    *self.line.lock().await = None;
                    printed
                }
                Err(printed) => printed,
            },
        }
    }

    /// What became of a job that the printer has.
    async fn end_of(&self, mut answers: Answers, answers_at_all: bool, tells_ends: Option<bool>) -> Printed {
        if !answers_at_all {
            return match answers.late_trouble(self.timeouts).await {
                Some(why) => Printed::Unsure { why },
                None => Printed::HandedOver,
            };
        }
        let patience = match tells_ends {
            None => self.timeouts.first_end,
            Some(true) => self.timeouts.print,
            Some(false) => Duration::ZERO,
        };
        match answers.end(patience).await {
            Ok(true) => {
                *self.tells_ends() = Some(true);
                return Printed::Done;
            }
            Ok(false) => {}
            Err(cause) => {
                tracing::warn!(%cause, "the connection to the printer broke before the end of a job");
                return Printed::Unsure { why: Trouble::ConnectionLost };
            }
        }
        let mut line = self.line.lock().await;
        let Some(to) = line.as_mut() else { return Printed::Unsure { why: Trouble::Slow } };
        match wire::condition(&mut answers, to, self.timeouts).await {
            Condition::Not(why) => Printed::Unsure { why },
            // It is well, and never says when it has printed.
            Condition::Ready { .. } if tells_ends != Some(true) => {
                *self.tells_ends() = Some(false);
                Printed::HandedOver
            }
            Condition::Ready { .. } | Condition::Silent => Printed::Unsure { why: Trouble::Slow },
        }
    }

    fn tells_ends(&self) -> MutexGuard<'_, Option<bool>> {
        self.tells_ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
