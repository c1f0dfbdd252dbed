//! What a till without a window stands on: the computer's clock and chance, and who looks at it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use onetill_core::ports::{Backend, DeviceStore, Shell, World};
use onetill_core::selling::Catalogue;
use onetill_core::view::Snapshot;
use onetill_core::{Command, Fault, Outcome, Till};
use uuid::Uuid;

/// Presses something and then polls once. The app polls only where the press leaves something to be asked; for who drives
/// a till without a window, once more does no harm.
///
/// # Errors
/// What stood in the way of the press.
pub async fn press<S, D, W, V>(till: &Till<S, D, W, V>, command: Command) -> Result<Outcome, Fault>
where
    S: Backend,
    D: DeviceStore + Catalogue,
    W: World,
    V: Shell,
{
    let answer = till.press(command).await;
    till.poll().await;
    answer
}

/// A computer as the app has it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Computer;

impl World for Computer {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    fn new_id(&self) -> Uuid {
        Uuid::new_v4()
    }

    fn next_serial(&self) -> u64 {
        static SERIAL: AtomicU64 = AtomicU64::new(1);
        SERIAL.fetch_add(1, Ordering::Relaxed)
    }
}

/// Nobody looks: who drives the till asks it for snapshots.
#[derive(Debug, Clone, Copy, Default)]
pub struct NobodyWatches;

impl Shell for NobodyWatches {
    fn show(&self, _snapshot: Snapshot) {}
    fn open_drawer(&self) {}
    fn poll_now(&self) {}
}

/// What the person at the till saw last.
#[derive(Debug, Clone, Default)]
pub struct Eyes(Arc<Mutex<Option<Snapshot>>>);

impl Shell for Eyes {
    fn show(&self, snapshot: Snapshot) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(snapshot);
    }
    fn open_drawer(&self) {}
    fn poll_now(&self) {}
}

impl Eyes {
    /// The last snapshot that was shown, if one was.
    #[must_use]
    pub fn last(&self) -> Option<Snapshot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
