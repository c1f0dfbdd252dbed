//! A session (cashiers say shift) as the server returns it.

use crate::{Amount, Difference, LocationId, RegisterId, SessionId, UserId, VendorId};
use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

/// Where a session stands. Only `open` holds the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "lowercase")]
pub enum SessionStatus {
    /// Holds its register.
    Open,
    /// Register freed, count outstanding.
    Ended,
    /// Counted and final.
    Closed,
    /// Opened by mistake and never used.
    Cancelled,
}

impl SessionStatus {
    /// Whether the register is held by a session in this status.
    #[must_use]
    pub fn holds_register(self) -> bool {
        self == Self::Open
    }
}

/// How a session came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "lowercase")]
pub enum CloseKind {
    /// By the people who worked in it.
    Normal,
    /// By a manager, because it was forgotten.
    Force,
    /// By the store's own server.
    Automatic,
}

/// One drawer accountability period on one register. Fields that an older server does not return are `None`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The number people read aloud; unique and increasing per register.
    pub session_number: String,
    /// The register it holds.
    pub register_id: RegisterId,
    /// The register's store.
    pub location_id: LocationId,
    /// The shop.
    pub vendor_id: VendorId,
    /// Who opened it; `None` in rows from before staff were recorded.
    pub opener_id: Option<UserId>,
    /// The opener's name.
    pub opener_name: Option<String>,
    /// Where it stands.
    pub status: SessionStatus,
    /// Cash in the drawer when it was opened, in the location's currency.
    pub opening_cash: Amount,
    /// When it was opened, server time, UTC.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub opened_at: Timestamp,
    /// The business date it belongs to, in the store's zone.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub business_date: Option<civil::Date>,
    /// Grows with every change; a reader who knows it gets "unchanged". 0: the server does not count.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub revision: i64,
    /// Sales so far, as the session row carries them.
    pub totals: Totals,
    /// Cash that should be in the drawer; only returned to roles that may see it before the count.
    pub expected_cash: Option<Amount>,
    /// Who ended it, once it is over.
    pub ended_by_name: Option<String>,
    /// When it stopped being open, server time, UTC.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub closed_at: Option<Timestamp>,
    /// Somebody is counting its drawer: nothing new may be recorded.
    #[serde(default)]
    pub counting: Option<CountingBy>,
    /// What is known of its drawer.
    #[serde(default)]
    pub drawer: Drawer,
    /// How it came to its end, once it is over.
    #[serde(default)]
    pub close_kind: Option<CloseKind>,
    /// Why it was ended, in free words.
    #[serde(default)]
    pub end_reason: Option<String>,
    /// Who works in it and where, as far as the last full reading said; the times in it are as old as that.
    #[serde(default)]
    pub devices: Vec<AttachedDevice>,
}

/// A device that takes part in an open shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct AttachedDevice {
    /// Who works there.
    pub by_name: String,
    /// When it was last heard of, server time, UTC; `None` where it never reported.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub last_seen: Option<Timestamp>,
    /// It is this very computer.
    pub is_here: bool,
}

/// Who is counting a drawer, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct CountingBy {
    /// Their login; `None` where the server does not say.
    #[serde(default)]
    pub by_id: Option<UserId>,
    /// Their name.
    pub by_name: String,
    /// Since when, server time, UTC.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub since: Timestamp,
}

/// What is known of a session's drawer. Not counted is a result of its own, never zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum Drawer {
    /// The session is not settled: it is open, or its count is owed.
    #[default]
    Outstanding,
    /// It was settled without a count.
    NotCounted,
    /// It was counted.
    Counted {
        /// What was found.
        amount: Amount,
        /// Over or short; `None` where the float was never known.
        difference: Option<Difference>,
    },
}

/// Sales of a session, kept on its row by the shop's selling software.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Totals {
    /// Everything sold.
    pub total_sales: Amount,
    /// How many sales.
    pub total_transactions: u32,
    /// Paid in cash.
    pub total_cash: Amount,
    /// Paid by card.
    pub total_card: Amount,
}
