//! What people read and what scripts read.
//!
//! Invariant: with `--json`, standard output holds exactly one JSON document and nothing else. Progress goes to
//! standard error, so that a report can be redirected to a file or a printer.

use serde::Serialize;
use std::{
    io::{IsTerminal, Write},
    sync::atomic::{AtomicBool, Ordering},
};

/// Whether the one document has been printed.
static TOLD: AtomicBool = AtomicBool::new(false);

/// Where words go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// A script is reading.
    pub(crate) json: bool,
}

impl Output {
    /// A line of the result, for people.
    pub(crate) fn line(self, text: impl AsRef<str>) {
        if !self.json {
            put(&mut std::io::stdout(), text.as_ref());
        }
    }

    /// What is being done now.
    pub(crate) fn progress(self, text: impl AsRef<str>) {
        if !self.json {
            put(&mut std::io::stderr(), text.as_ref());
        }
    }

    /// The same, on one line that is written over again where somebody watches.
    pub(crate) fn live(self, text: impl AsRef<str>) {
        if self.json {
            return;
        }
        let mut err = std::io::stderr();
        if err.is_terminal() {
            let _nobody_reads = write!(err, "\r\x1b[K{}", text.as_ref());
            let _nobody_reads = err.flush();
        } else {
            put(&mut err, text.as_ref());
        }
    }

    /// Ends a live line.
    pub(crate) fn settle(self) {
        if !self.json && std::io::stderr().is_terminal() {
            put(&mut std::io::stderr(), "");
        }
    }

    /// The whole result, for scripts. Only the first one of a run is printed.
    pub(crate) fn document(self, value: &impl Serialize) {
        if self.json && !TOLD.swap(true, Ordering::Relaxed) {
            let text = serde_json::to_string_pretty(value)
                .unwrap_or_else(|cause| format!("{{\"error\": \"{cause}\"}}"));
            put(&mut std::io::stdout(), &text);
        }
    }
}

/// A reader that went away (`| head`) is no reason to fail.
fn put(to: &mut impl Write, text: &str) {
    let _reader_gone = writeln!(to, "{text}");
}
