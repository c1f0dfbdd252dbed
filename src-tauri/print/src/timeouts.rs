//! How long each step with a printer may take.

use std::time::Duration;

/// How long a printer is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the answer to a question about its state; a printer that answers none in this time is one that never does.
    pub answer: Duration,
    /// For a whole job.
    pub print: Duration,
    /// For the first word of a printer that a job is behind it; one that does not say it is not asked again.
    pub first_end: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(4),
            answer: Duration::from_secs(1),
            print: Duration::from_secs(30),
            first_end: Duration::from_secs(10),
        }
    }
}
