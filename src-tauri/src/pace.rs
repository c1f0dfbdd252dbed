//! How often the window is drawn anew while what waited is being sent.
//!
//! Invariant: what the window shows last is the last snapshot; one that is held back is shown within [`PACE`], unless a
//! later one was shown before.

use onetill_core::view::Snapshot;
use std::time::{Duration, Instant};

/// After an outage each sale that arrives is news, several a second; drawn at this pace they leave the window to whoever
/// sells.
pub(crate) const PACE: Duration = Duration::from_millis(500);

/// What was shown last, and what is held back.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    shown_at: Option<Instant>,
    unsent: usize,
    held: Option<Snapshot>,
}

/// What becomes of a snapshot.
#[derive(Debug)]
pub(crate) enum Show {
    /// It is shown now.
    Now(Box<Snapshot>),
    /// It is held back, and [`Pace::release`] is called after this time.
    After(Duration),
    /// It takes the place of the one that was held back before.
    Later,
}

impl Pace {
    /// Takes a new snapshot. It can wait where entries were sent since the last one, and others are still to be.
    pub(crate) fn take(&mut self, snapshot: Snapshot, now: Instant) -> Show {
        let is_progress = (1..self.unsent).contains(&snapshot.unsent);
        let left = self.shown_at.map_or(Duration::ZERO, |at| PACE.saturating_sub(now.duration_since(at)));
        if is_progress && !left.is_zero() {
            return if self.held.replace(snapshot).is_some() { Show::Later } else { Show::After(left) };
        }
        self.held = None;
        self.shown(&snapshot, now);
        Show::Now(Box::new(snapshot))
    }

    /// What was held back, to be shown now; `None` where a later one was shown.
    pub(crate) fn release(&mut self, now: Instant) -> Option<Snapshot> {
        let held = self.held.take()?;
        self.shown(&held, now);
        Some(held)
    }

    fn shown(&mut self, snapshot: &Snapshot, now: Instant) {
        self.shown_at = Some(now);
        self.unsent = snapshot.unsent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use onetill_core::view::Screen;

    fn snapshot(unsent: usize) -> Snapshot {
        Snapshot {
            serial: 1,
            server: None,
            staff: None,
            screen: Screen::SignIn { login_is_kept: true },
            fault: None,
            busy: None,
            unsent,
            refused: Vec::new(),
            report: None,
            clock_behind_seconds: None,
            set_aside: Vec::new(),
            older_server: false,
            may: Vec::new(),
        }
    }

    #[test]
    fn what_is_sent_one_by_one_is_drawn_at_the_pace_and_the_last_at_once() {
        let began = Instant::now();
        let at = |millis| began + Duration::from_millis(millis);
        let mut pace = Pace::default();
        assert!(matches!(pace.take(snapshot(500), at(0)), Show::Now(_)));
        assert!(matches!(pace.take(snapshot(499), at(120)), Show::After(left) if left.as_millis() == 380));
        assert!(matches!(pace.take(snapshot(498), at(240)), Show::Later));
        assert_eq!(pace.release(at(500)).map(|shown| shown.unsent), Some(498));
        assert!(pace.release(at(501)).is_none(), "it was shown");
        assert!(matches!(pace.take(snapshot(497), at(600)), Show::After(_)));
        assert!(matches!(pace.take(snapshot(0), at(700)), Show::Now(_)), "all of them were sent");
        assert!(pace.release(at(1_000)).is_none(), "nothing older comes after it");
    }

    #[test]
    fn whatever_else_happens_is_drawn_at_once() {
        let began = Instant::now();
        let mut pace = Pace::default();
        for unsent in [3, 3, 4, 5, 0, 0, 1] {
            assert!(matches!(pace.take(snapshot(unsent), began), Show::Now(_)), "{unsent}");
        }
        assert!(matches!(pace.take(snapshot(2), began), Show::Now(_)));
        assert!(matches!(pace.take(snapshot(1), began + PACE), Show::Now(_)), "the last was long ago");
    }
}
