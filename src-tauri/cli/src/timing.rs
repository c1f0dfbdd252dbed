//! How long things took, told as people compare them.

use serde::Serialize;
use std::{fmt, time::Duration};

/// Milliseconds that half, 95 and 99 of 100, and all of the calls stayed within.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Timing {
    pub(crate) p50_ms: u64,
    pub(crate) p95_ms: u64,
    pub(crate) p99_ms: u64,
    pub(crate) max_ms: u64,
}

impl Timing {
    pub(crate) fn of(mut took: Vec<Duration>) -> Self {
        took.sort_unstable();
        let within = |percent: usize| {
            let place = (took.len() * percent).div_ceil(100).saturating_sub(1);
            took.get(place).map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
        };
        Self { p50_ms: within(50), p95_ms: within(95), p99_ms: within(99), max_ms: within(100) }
    }
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50_ms, p95_ms, p99_ms, max_ms } = self;
        write!(
            f,
            "half within {p50_ms} ms, 95 % within {p95_ms} ms, 99 % within {p99_ms} ms, slowest {max_ms} ms"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_time_that_was_measured() {
        let took = (1..=200).rev().map(Duration::from_millis).collect();
        assert_eq!(Timing::of(took), Timing { p50_ms: 100, p95_ms: 190, p99_ms: 198, max_ms: 200 });
        let one = Timing::of(vec![Duration::from_millis(7)]);
        assert_eq!(one, Timing { p50_ms: 7, p95_ms: 7, p99_ms: 7, max_ms: 7 });
        assert_eq!(Timing::of(vec![]), Timing::default());
    }
}
