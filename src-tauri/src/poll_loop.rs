//! Polls the server again and again, in the intervals that the till wants, with jitter so that forty
//! registers that boot together do not ask together.

use crate::app_state::AppState;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// Polls until the program ends. A call to [`AppState::poll_now`] brings the next poll forward.
pub(crate) async fn run(app_state: Arc<AppState>) {
    loop {
        let interval = match app_state.till() {
            Some(till) => till.poll().await,
            None => Duration::from_secs(60),
        };
        // Whichever comes first; both mean: poll.
        let _ = timeout(jittered(interval), app_state.poll_wanted()).await;
    }
}

/// Between four fifths and six fifths of it.
pub(crate) fn jittered(interval: Duration) -> Duration {
    let random = uuid::Uuid::new_v4().as_u128() % 1024;
    let share = u32::try_from(random).unwrap_or_default();
    interval * 4 / 5 + interval * 2 / 5 * share / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    /// While a shift runs the till wants to poll again after two seconds, as its own tests say.
    #[test]
    fn with_every_jitter_what_others_do_shows_within_three_seconds() {
        let paces: Vec<Duration> = (0..10_000).map(|_beat| jittered(Duration::from_secs(2))).collect();
        let (soonest, latest) = (paces.iter().min().unwrap(), paces.iter().max().unwrap());
        assert!(*latest <= Duration::from_millis(2400), "{latest:?} leaves no time to ask");
        assert!(*soonest >= Duration::from_millis(1600), "{soonest:?} asks too often");
        assert!(*latest - *soonest > Duration::from_millis(600), "they would ask together");
    }
}
