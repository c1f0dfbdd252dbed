//! Whether people may use this till.
//!
//! Invariant: a locked till is opened by a person who has shown who they are, and by nothing else; a restart is no way
//! in. Each state is a type and each transition consumes it.

use crate::{Staff, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The lock of a till: one of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lock {
    /// People work.
    Open(Open),
    /// Nobody may see or do anything until somebody has shown who they are.
    Locked(Locked),
}

/// People work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open;

/// Locked. This is also on disk, so that a restart finds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locked {
    /// Who was signed in.
    pub by: Option<Person>,
    /// Their shop's name.
    pub shop: Option<String>,
    /// Device time.
    pub since: Timestamp,
}

/// Somebody whose password opens a locked till.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Person {
    /// Their login.
    pub user_id: UserId,
    /// Their name as colleagues know it.
    pub name: String,
}

impl Open {
    /// Locks, in the name of who is signed in.
    #[must_use]
    pub fn lock(self, staff: Option<&Staff>, now: Timestamp) -> Locked {
        Locked {
            by: staff.map(|staff| Person { user_id: staff.user_id, name: staff.display_name.clone() }),
            shop: staff.map(|staff| staff.vendor_name.clone()),
            since: now,
        }
    }
}

impl Locked {
    /// The password of who locked it was right, by what this computer knows.
    ///
    /// # Errors
    /// This very lock when it is of somebody else.
    pub fn confirmed(self, who: UserId) -> Result<Open, Self> {
        if self.by.as_ref().is_some_and(|by| by.user_id == who) { Ok(Open) } else { Err(self) }
    }

    /// Somebody has shown to the server who they are: whoever that is.
    #[must_use]
    pub fn signed_in(self, _who: &Staff) -> Open {
        Open
    }
}
