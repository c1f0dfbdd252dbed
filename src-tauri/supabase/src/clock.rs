//! How far this computer's clock is off, told by the server's answers.
//!
//! Invariant: only an answer that is Supabase's own is believed; a captive portal's clock is nobody's.

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use std::sync::atomic::{AtomicI64, Ordering};

/// The server's clock, as last heard.
pub(crate) struct ServerClock {
    /// Seconds by which the server is ahead of this computer; [`UNHEARD`] until one was heard.
    skew_seconds: AtomicI64,
}

const UNHEARD: i64 = i64::MIN;

impl Default for ServerClock {
    fn default() -> Self {
        Self { skew_seconds: AtomicI64::new(UNHEARD) }
    }
}

impl ServerClock {
    /// Takes note of an answer's `Date` header (RFC 9110), heard at this device time.
    pub(crate) fn hear(&self, date: &str, heard_at: Timestamp) {
        if let Ok(server_time) = rfc2822::DateTimeParser::new().parse_timestamp(date) {
            self.skew_seconds.store(server_time.duration_since(heard_at).as_secs(), Ordering::Relaxed);
        }
    }

    /// By how much the server is ahead of this computer; to the second, give or take the way of one answer.
    pub(crate) fn skew(&self) -> Option<SignedDuration> {
        let seconds = self.skew_seconds.load(Ordering::Relaxed);
        (seconds != UNHEARD).then(|| SignedDuration::from_secs(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hears_dates_and_ignores_what_is_none() {
        let clock = ServerClock::default();
        let here: Timestamp = "2026-11-23T18:00:00Z".parse().unwrap();
        clock.hear("yesterday", here);
        assert_eq!(clock.skew(), None);
        clock.hear("Mon, 23 Nov 2026 18:02:30 GMT", here);
        assert_eq!(clock.skew(), Some(SignedDuration::from_secs(150)));
        clock.hear("Sun, 22 Nov 2026 18:00:00 GMT", here);
        assert_eq!(clock.skew(), Some(SignedDuration::from_secs(-86_400)));
        clock.hear("", here);
        assert_eq!(clock.skew(), Some(SignedDuration::from_secs(-86_400)), "the last good one stands");
    }
}
