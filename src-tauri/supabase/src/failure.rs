//! A fault on its way to the retry loop.
//!
//! Invariant: what is repeated follows from [`Retry`] alone; this type only adds how often and how late.

use onetill_core::{Code, Fault, Retry};
use std::time::Duration;

/// How often the generic repeatable failures may be repeated, the caller's own limit aside.
const OFTEN: u32 = 10;

/// A fault with what the retry loop needs besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) fault: Fault,
    /// At most so many repeats after it.
    pub(crate) repeats: u32,
    /// The server's own wish, or what is known to help; else back-off.
    pub(crate) pause: Option<Duration>,
}

impl Failure {
    /// Not to be repeated.
    pub(crate) fn permanent(fault: Fault) -> Self {
        Self { fault, repeats: 0, pause: None }
    }

    /// Surely did not run.
    pub(crate) fn not_sent(code: Code, detail: impl Into<String>) -> Self {
        Self { fault: Fault::new(code, detail).with_retry(Retry::DidNotRun), repeats: OFTEN, pause: None }
    }

    /// May have run.
    pub(crate) fn ambiguous(code: Code, detail: impl Into<String>) -> Self {
        Self {
            fault: Fault::new(code, detail).with_retry(Retry::OutcomeUnknown),
            repeats: OFTEN,
            pause: None,
        }
    }

    /// At most so many repeats.
    pub(crate) fn at_most(self, repeats: u32) -> Self {
        Self { repeats, ..self }
    }

    /// Not before this long.
    pub(crate) fn after(self, pause: Option<Duration>) -> Self {
        Self { pause, ..self }
    }
}
