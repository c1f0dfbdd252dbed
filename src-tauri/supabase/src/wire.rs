//! What the functions answer, as it comes over the wire.
//!
//! Invariant: money is read from the digits that were sent, be they a JSON number or a string, and never passes
//! through binary floating point.

use jiff::{Timestamp, civil};
use onetill_core::{
    Amount, Code, DeviceId, Fault, Location, LocationId, Register, RegisterId, RegisterStatus, Role, Session,
    SessionId, SessionStatus, Staff, UserId, VendorId,
    session::{AttachedDevice, CloseKind, CountingBy, Drawer, Totals},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::value::RawValue;
use std::{fmt, str::FromStr};

/// An amount as a JSON number or a string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Money(pub(crate) Amount);

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        digits(deserializer).map(Self)
    }
}

/// A decimal by its digits, be it a JSON number or a string.
pub(crate) fn digits<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: fmt::Display>,
    D: Deserializer<'de>,
{
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let text = raw.get();
    let unquoted = if text.starts_with('"') {
        serde_json::from_str::<String>(text).map_err(D::Error::custom)?
    } else {
        text.to_owned()
    };
    unquoted.parse().map_err(D::Error::custom)
}

/// Two structures read from one object, where a flattened one would pass its amounts through other numbers.
#[derive(Debug)]
pub(crate) struct Both<A, B>(pub(crate) A, pub(crate) B);

impl<'de, A: DeserializeOwned, B: DeserializeOwned> Deserialize<'de> for Both<A, B> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let first = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        let second = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        Ok(Self(first, second))
    }
}

/// The sixteen columns of `get_or_create_session`, which are also what a session's row holds on older servers.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct SessionRow {
    id: SessionId,
    session_number: String,
    register_id: RegisterId,
    location_id: LocationId,
    vendor_id: VendorId,
    user_id: Option<UserId>,
    status: SessionStatus,
    opening_cash: Option<Money>,
    total_sales: Option<Money>,
    total_transactions: Option<u32>,
    total_cash: Option<Money>,
    total_card: Option<Money>,
    opened_at: Timestamp,
    // The last columns of the older functions and of the table; the function in force does not answer them.
    closed_at: Option<Timestamp>,
    expected_cash: Option<Money>,
}

impl SessionRow {
    pub(crate) fn register_id(&self) -> RegisterId {
        self.register_id
    }

    /// The session as far as the row tells it.
    pub(crate) fn into_session(self) -> Session {
        Session {
            id: self.id,
            session_number: self.session_number,
            register_id: self.register_id,
            location_id: self.location_id,
            vendor_id: self.vendor_id,
            opener_id: self.user_id,
            opener_name: None,
            status: self.status,
            opening_cash: amount(self.opening_cash),
            opened_at: self.opened_at,
            business_date: None,
            revision: 0,
            totals: Totals {
                total_sales: amount(self.total_sales),
                total_transactions: self.total_transactions.unwrap_or_default(),
                total_cash: amount(self.total_cash),
                total_card: amount(self.total_card),
            },
            expected_cash: self.expected_cash.map(|money| money.0),
            ended_by_name: None,
            closed_at: self.closed_at,
            counting: None,
            drawer: Drawer::Outstanding,
            close_kind: None,
            end_reason: None,
            devices: Vec::new(),
        }
    }
}

fn amount(money: Option<Money>) -> Amount {
    money.unwrap_or_default().0
}

/// A session as our own functions tell it.
#[derive(Debug, Deserialize)]
pub(crate) struct SessionResponse {
    id: SessionId,
    session_number: String,
    register_id: RegisterId,
    location_id: LocationId,
    vendor_id: VendorId,
    opener_id: Option<UserId>,
    opener_name: Option<String>,
    status: SessionStatus,
    opening_cash: Option<Money>,
    opened_at: Timestamp,
    business_date: Option<civil::Date>,
    revision: i64,
    totals: Option<TotalsResponse>,
    expected_cash: Option<Money>,
    ended_by_name: Option<String>,
    closed_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    end_reason: Option<String>,
    close_kind: Option<CloseKind>,
    was_counted: Option<bool>,
    closing_cash: Option<Money>,
    cash_difference: Option<Money>,
    counting: Option<CountingResponse>,
    devices: Option<Vec<DeviceResponse>>,
}

#[derive(Debug, Deserialize)]
struct CountingResponse {
    by_id: Option<UserId>,
    by_name: Option<String>,
    since: Timestamp,
}

#[derive(Debug, Deserialize)]
struct DeviceResponse {
    device: Option<DeviceId>,
    by_name: Option<String>,
    last_seen: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct TotalsResponse {
    total_sales: Option<Money>,
    total_transactions: Option<u32>,
    total_cash: Option<Money>,
    total_card: Option<Money>,
}

impl TotalsResponse {
    pub(crate) fn into_totals(self) -> Totals {
        Totals {
            total_sales: amount(self.total_sales),
            total_transactions: self.total_transactions.unwrap_or_default(),
            total_cash: amount(self.total_cash),
            total_card: amount(self.total_card),
        }
    }
}

impl SessionResponse {
    pub(crate) fn id(&self) -> SessionId {
        self.id
    }

    /// The session as `here`, this computer, is told it.
    pub(crate) fn into_session(self, here: DeviceId) -> Session {
        let drawer = match (self.was_counted, self.closing_cash) {
            (Some(true), Some(counted)) => Drawer::Counted {
                amount: counted.0,
                difference: self.cash_difference.map(|money| money.0.into()),
            },
            // An ended session says so, too, until it is settled.
            (Some(false), _) if self.status != SessionStatus::Ended => Drawer::NotCounted,
            _ => Drawer::Outstanding,
        };
        Session {
            id: self.id,
            session_number: self.session_number,
            register_id: self.register_id,
            location_id: self.location_id,
            vendor_id: self.vendor_id,
            opener_id: self.opener_id,
            opener_name: self.opener_name.filter(|name| !name.trim().is_empty()),
            status: self.status,
            opening_cash: amount(self.opening_cash),
            opened_at: self.opened_at,
            business_date: self.business_date,
            revision: self.revision,
            totals: self.totals.map(TotalsResponse::into_totals).unwrap_or_default(),
            expected_cash: self.expected_cash.map(|money| money.0),
            ended_by_name: self.ended_by_name,
            closed_at: self.closed_at.or(self.ended_at),
            counting: self.counting.map(|response| CountingBy {
                by_id: response.by_id,
                by_name: response.by_name.unwrap_or_default(),
                since: response.since,
            }),
            drawer,
            close_kind: self.close_kind,
            end_reason: self.end_reason.filter(|reason| !reason.trim().is_empty()),
            devices: self
                .devices
                .unwrap_or_default()
                .into_iter()
                .map(|response| response.into_device(here))
                .collect(),
        }
    }
}

impl DeviceResponse {
    fn into_device(self, here: DeviceId) -> AttachedDevice {
        AttachedDevice {
            by_name: self.by_name.unwrap_or_default(),
            last_seen: self.last_seen,
            is_here: self.device == Some(here),
        }
    }
}

/// The oldest version of the database part that this program works with. A newer one answers every call that it knows.
const OLDEST_SCHEMA: u32 = 1;

/// `pos_whoami`.
#[derive(Debug, Deserialize)]
pub(crate) struct WhoamiResponse {
    schema_version: Option<u32>,
    user_id: UserId,
    vendor_id: VendorId,
    vendor_name: Option<String>,
    display_name: Option<String>,
    role: Role,
    locations: Vec<Location>,
}

impl WhoamiResponse {
    /// # Errors
    /// `OlderServer` where the database part says that it is older than this program can work with.
    pub(crate) fn fits(&self) -> Result<(), Fault> {
        match self.schema_version {
            Some(version) if version < OLDEST_SCHEMA => {
                let detail = format!(
                    "the database part has version {version}, and this program needs {OLDEST_SCHEMA}. Apply supabase/migrations."
                );
                Err(Fault::new(Code::OlderServer, detail))
            }
            _ => Ok(()),
        }
    }
}

impl From<WhoamiResponse> for Staff {
    fn from(response: WhoamiResponse) -> Self {
        Self {
            user_id: response.user_id,
            vendor_id: response.vendor_id,
            vendor_name: response.vendor_name.unwrap_or_default(),
            display_name: response.display_name.unwrap_or_default(),
            role: response.role,
            locations: response.locations,
        }
    }
}

/// `pos_registers`.
#[derive(Debug, Deserialize)]
pub(crate) struct RegistersResponse {
    pub(crate) location_id: LocationId,
    pub(crate) registers: Vec<RegisterResponse>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct RegisterResponse {
    id: RegisterId,
    register_number: String,
    register_name: String,
    status: RegisterStatus,
    suggested_opening_cash: Money,
    open_session: Option<SessionResponse>,
}

impl RegisterResponse {
    pub(crate) fn into_register(self, location_id: LocationId, here: DeviceId) -> Register {
        Register {
            id: self.id,
            location_id,
            register_number: self.register_number,
            register_name: self.register_name,
            status: self.status,
            suggested_opening_cash: self.suggested_opening_cash.0,
            open_session: self.open_session.map(|response| response.into_session(here)),
        }
    }
}

/// `pos_session`.
#[derive(Debug, Deserialize)]
pub(crate) struct LookResponse {
    pub(crate) unchanged: bool,
    pub(crate) session: Option<SessionResponse>,
}

/// A session's row when only its id was asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct RowId {
    pub(crate) id: SessionId,
}

#[cfg(test)]
mod tests;
