//! The till's pulse: it asks the server again and again, at the pace the till wants, with jitter so that forty
//! registers that boot together do not ask together.

use crate::desk::Desk;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// Beats until the program ends. A call to [`Desk::look_now`] brings the next beat forward.
pub(crate) async fn beat(desk: Arc<Desk>) {
    loop {
        let pace = match desk.till() {
            Some(till) => till.look().await,
            None => Duration::from_secs(60),
        };
        // Whichever comes first; both mean: look again.
        let _ = timeout(jittered(pace), desk.wanted()).await;
    }
}

/// Between four fifths and six fifths of it.
pub(crate) fn jittered(pace: Duration) -> Duration {
    let random = uuid::Uuid::new_v4().as_u128() % 1024;
    let share = u32::try_from(random).unwrap_or_default();
    pace * 4 / 5 + pace * 2 / 5 * share / 1024
}
