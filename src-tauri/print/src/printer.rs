//! The till's printer: one job at a time, each with its deadlines, none of them on the till's path.
//!
//! Invariants: a job that is asked for again while it runs is the same job; it goes to the printer once, and everybody
//! who asked hears what became of it. The drawer waits for the job under way at most, never for paper that waits.

use crate::{escpos::Job, outcome::Condition, queue, timeouts::Timeouts, wire};
use onetill_core::printing::{Printed, Trouble};
use onetill_core::{PrinterKind, PrinterSettings};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::watch;

/// A printer as configured, and what is under way with it.
pub struct Printer {
    settings: PrinterSettings,
    timeouts: Timeouts,
    /// Printers take one connection at a time.
    line: tokio::sync::Mutex<()>,
    /// One job with paper waits for the line, the others wait here: so what opens the drawer is next.
    paper: tokio::sync::Mutex<()>,
    under_way: Mutex<HashMap<String, watch::Receiver<Option<Printed>>>>,
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
            (_, true) => self.print("drawer", Job::drawer()).await,
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
        let _alone = self.line.lock().await;
        match self.settings.kind {
            PrinterKind::None => Printed::NotPrinted { why: Trouble::NoPrinter },
            PrinterKind::Network => wire::send(&self.settings.endpoint(), job, self.timeouts).await,
            PrinterKind::Queue => queue::send(&self.settings.queue, job, self.timeouts).await,
        }
    }
}
