//! A register as its location's list shows it.

use crate::{Amount, Location, LocationId, RegisterId, Session};
use serde::{Deserialize, Serialize};

/// Whether a register is in use at all. Statuses of older databases that this client does not know count as
/// active: the server decides, and refuses a retired one by its own rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "lowercase")]
pub enum RegisterStatus {
    /// Taken out of service: no session can be opened on it.
    Retired,
    /// In service.
    #[serde(other)]
    Active,
}

/// A trading point of a location, with the session that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Register {
    /// Its id.
    pub id: RegisterId,
    /// The store it stands in.
    pub location_id: LocationId,
    /// Its short number, such as `REG-1`.
    pub register_number: String,
    /// Its name, such as `Front counter`.
    pub register_name: String,
    /// In service or retired.
    pub status: RegisterStatus,
    /// Opening cash to propose: what was left in the drawer at the last close, else 200.00.
    pub suggested_opening_cash: Amount,
    /// The session that holds it now, if any.
    pub open_session: Option<Session>,
}

/// The trading point that this computer serves: chosen once, kept until somebody chooses another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterAssignment {
    /// The register as last read.
    pub register: Register,
    /// Its store.
    pub location: Location,
}
