//! Opening a session: the intent that is on disk before a byte is sent, and what became of it.
//!
//! Invariant I2: one press of *Start shift* is one [`OpenIntent`] with one key; it is repeated, after a lost
//! reply or a crash, with that same key, and so creates at most one session.

use crate::{Amount, IntentKey, LocationId, RegisterId, Session, Tally, UserId, VendorId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One press of *Start shift*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenIntent {
    /// The idempotency key of every request made for this intent.
    pub key: IntentKey,
    /// The register to open or join.
    pub register_id: RegisterId,
    /// The register's store.
    pub location_id: LocationId,
    /// The shop.
    pub vendor_id: VendorId,
    /// Who pressed.
    pub user_id: UserId,
    /// What they counted into the drawer, in the location's currency.
    pub opening_cash: Amount,
    /// Piece by piece, where they counted so.
    #[serde(default)]
    pub tally: Tally,
    /// Device time of the press; for people, never for decisions.
    pub pressed_at: Timestamp,
}

/// What the server says it did, from `X-Session-Outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "lowercase")]
pub enum SessionOutcome {
    /// This intent opened the session.
    Created,
    /// Somebody else's session was open, and this device is now part of it.
    Joined,
    /// An answer to this very intent, given again.
    Replayed,
    /// The server has no word for it (an older function): a session is open, who opened it is not known.
    Unknown,
}

/// The answer to an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The session that now holds the register; for [`SessionOutcome::Replayed`] it may be over.
    pub session: Session,
    /// How it came about.
    pub outcome: SessionOutcome,
}
