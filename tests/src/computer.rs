//! What a till without a window stands on: the computer's clock and chance, and who looks at it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use onetill_core::ports::{Backend, DeviceStore, Display, World};
use onetill_core::view::Snapshot;
use onetill_core::{Command, Fault, IntentKey, MovementId, Outcome, Till};
use uuid::Uuid;

/// Presses something and, as the app does, asks the server once for what that leaves to be asked.
///
/// # Errors
/// What stood in the way of the press.
pub async fn press<S, D, W, V>(till: &Till<S, D, W, V>, command: Command) -> Result<Outcome, Fault>
where
    S: Backend,
    D: DeviceStore,
    W: World,
    V: Display,
{
    let name = command.name();
    let answer = till.press(command).await;
    if name.is_followed_by_poll(&answer) {
        till.poll().await;
    }
    answer
}

/// A computer as the app has it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Computer;

impl World for Computer {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    fn new_key(&self) -> IntentKey {
        IntentKey(Uuid::new_v4())
    }

    fn new_movement_id(&self) -> MovementId {
        MovementId(Uuid::new_v4())
    }

    fn next_serial(&self) -> u64 {
        static SERIAL: AtomicU64 = AtomicU64::new(1);
        SERIAL.fetch_add(1, Ordering::Relaxed)
    }
}

/// Nobody looks: who drives the till asks it for snapshots.
#[derive(Debug, Clone, Copy, Default)]
pub struct NobodyWatches;

impl Display for NobodyWatches {
    fn show(&self, _snapshot: Snapshot) {}
}

/// What the person at the till saw last.
#[derive(Debug, Clone, Default)]
pub struct Eyes(Arc<Mutex<Option<Snapshot>>>);

impl Display for Eyes {
    fn show(&self, snapshot: Snapshot) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(snapshot);
    }
}

impl Eyes {
    /// The last snapshot that was shown, if one was.
    #[must_use]
    pub fn last(&self) -> Option<Snapshot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
