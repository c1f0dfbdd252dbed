//! What became of a job.

use serde::{Deserialize, Serialize};

/// How a job went. Only the first two mean paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum Printed {
    /// The printer has it behind it, and says so.
    Done,
    /// The printer or its queue took it and tells nothing more.
    HandedOver,
    /// Nothing of it reached the paper: asking again prints it once.
    NotPrinted {
        /// Why.
        why: Trouble,
    },
    /// It, or a part of it, may be on paper: look first. Asking again prints a copy.
    Unsure {
        /// Why.
        why: Trouble,
    },
}

/// Why a job is not known to be on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// This till has no printer.
    NoPrinter,
    /// No drawer hangs on it.
    NoDrawer,
    /// Nothing answers at its address: switched off, unplugged, another address.
    Unreachable,
    /// The roll is at its end.
    PaperOut,
    /// Its cover is open.
    CoverOpen,
    /// It says that it cannot print now: an error lamp, a knife that is stuck, the feed button held.
    Offline,
    /// It took too long.
    Slow,
    /// The connection broke.
    ConnectionLost,
    /// This computer has no such queue, or the queue refuses jobs.
    QueueRefused,
}

/// What a printer says of itself when it is only asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It can print; `paper_low` when the roll is near its end.
    Ready {
        /// Near the end of the roll.
        paper_low: bool,
    },
    /// It is there and does not tell how it is.
    Silent,
    /// It cannot print.
    Not(Trouble),
}

impl Printed {
    /// Whether some of it may be on paper.
    #[must_use]
    pub fn may_be_on_paper(self) -> bool {
        !matches!(self, Self::NotPrinted { .. })
    }
}
