//! The real clock, real chance, and the real window.

use jiff::Timestamp;
use onetill_core::{
    IntentKey, MovementId,
    ports::{Display, World},
    view::Snapshot,
};
use std::sync::atomic::{AtomicU64, Ordering};
use tauri::{AppHandle, Emitter};
use uuid::Uuid;

/// This computer's clock and its source of randomness.
pub(crate) struct Computer;

impl World for Computer {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn new_key(&self) -> IntentKey {
        IntentKey(Uuid::new_v4())
    }

    fn new_movement_id(&self) -> MovementId {
        MovementId(Uuid::new_v4())
    }

    fn next_serial(&self) -> u64 {
        // One count for the whole process: the set-up screen and one till after another share the window.
        static SERIAL: AtomicU64 = AtomicU64::new(1);
        SERIAL.fetch_add(1, Ordering::Relaxed)
    }
}

/// The window; it hears of every change by the event `snapshot`.
#[derive(Clone)]
pub(crate) struct Window(pub(crate) AppHandle);

impl Display for Window {
    fn show(&self, snapshot: Snapshot) {
        if let Err(cause) = self.0.emit("snapshot", &snapshot) {
            tracing::error!(%cause, "a snapshot did not reach the window");
        }
    }
}
