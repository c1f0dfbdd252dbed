//! Projects whose database still has only the earlier `get_or_create_session`.
//!
//! Invariant: what such a server cannot tell is told as unknown, never guessed; where the till could not be right
//! without it, the fault is `OlderServer` and names what is missing.

use crate::{
    classify::NOT_DEPLOYED,
    http::Request,
    persist::RetryPolicy,
    rest::{Rest, decoded},
    wire::SessionRow,
};
use onetill_core::{
    Amount, Code, Fault, Location, LocationId, Register, RegisterId, RegisterStatus, Role, Session,
    SessionId, Staff, VendorId,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct UserRow {
    vendor_id: Option<VendorId>,
    first_name: Option<String>,
    last_name: Option<String>,
    role: Option<String>,
}

#[derive(Deserialize)]
struct VendorRow {
    store_name: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct LocationRow {
    id: LocationId,
    name: Option<String>,
    timezone: Option<String>,
    currency: Option<String>,
}

#[derive(Deserialize)]
struct RegisterRow {
    id: RegisterId,
    register_number: Option<String>,
    register_name: Option<String>,
    status: Option<RegisterStatus>,
}

/// Who is signed in, from the tables `users`, `vendors` and `locations`.
pub(crate) async fn staff(rest: &Rest, policy: RetryPolicy) -> Result<Staff, Fault> {
    let user_id =
        rest.login.user().ok_or_else(|| lacks("pos_whoami, and Auth did not say who is signed in"))?;
    let users = rows(rest, policy, "rest/v1/users", &[("id", user_id.to_string())]).await;
    let users: Vec<UserRow> = match users {
        // Neither today's functions nor the tables that the earlier one works on.
        Err(fault) if fault.code == Code::ServerMisconfigured => {
            return Err(Fault::new(Code::FunctionNotDeployed, format!("{NOT_DEPLOYED} {}", fault.detail)));
        }
        users => users?,
    };
    let user = users.into_iter().next().ok_or_else(|| lacks("pos_whoami, and no readable row in users"))?;
    let vendor_id =
        user.vendor_id.ok_or_else(|| Fault::new(Code::NotStaff, "this user belongs to no vendor"))?;
    let vendor = ("id", vendor_id.to_string());
    let vendors: Vec<VendorRow> = rows(rest, policy, "rest/v1/vendors", &[vendor]).await?;
    let of_vendor = ("vendor_id", vendor_id.to_string());
    let locations: Vec<LocationRow> = rows(rest, policy, "rest/v1/locations", &[of_vendor]).await?;
    if locations.is_empty() {
        return Err(lacks("pos_whoami, and no readable row in locations"));
    }
    let name = [user.first_name, user.last_name].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Ok(Staff {
        user_id,
        vendor_id,
        vendor_name: vendors.into_iter().find_map(|row| row.store_name.or(row.name)).unwrap_or_default(),
        display_name: name,
        role: role_of(user.role.as_deref().unwrap_or_default())?,
        locations: locations.into_iter().map(located).collect(),
    })
}

/// The role behind the words that such databases use; the migrations read them alike.
fn role_of(word: &str) -> Result<Role, Fault> {
    let word = word.to_lowercase();
    let has = |part: &str| word.contains(part);
    match word.as_str() {
        "customer" | "guest" | "client" => Err(Fault::new(Code::NotStaff, format!("this user is a {word}"))),
        _ if has("owner") => Ok(Role::Owner),
        _ if has("manager") || has("admin") => Ok(Role::Manager),
        _ => Ok(Role::Cashier),
    }
}

/// Every register of a location, with the session that holds it.
pub(crate) async fn registers(
    rest: &Rest,
    policy: RetryPolicy,
    of: LocationId,
) -> Result<Vec<Register>, Fault> {
    let here = ("location_id", of.to_string());
    let registers: Vec<RegisterRow> =
        rows(rest, policy, "rest/v1/pos_registers", std::slice::from_ref(&here)).await?;
    if registers.is_empty() {
        return Err(lacks("pos_registers, and no readable row in the table of that name"));
    }
    let open = [here, ("status", "open".to_owned())];
    let usual = "200.00".parse().unwrap_or(Amount::ZERO);
    let sessions: Vec<Box<RawValue>> = rows(rest, policy, "rest/v1/pos_sessions", &open).await?;
    // Nothing held earlier clients to fill in every column. The list does without such a row; who opens is told of it.
    let mut sessions: Vec<SessionRow> =
        sessions.iter().filter_map(|row| serde_json::from_str(row.get()).ok()).collect();
    Ok(registers
        .into_iter()
        .map(|row| {
            let holding = sessions.iter().position(|session| session.register_id() == row.id);
            Register {
                id: row.id,
                location_id: of,
                register_number: row.register_number.unwrap_or_default(),
                register_name: row.register_name.unwrap_or_default(),
                status: row.status.unwrap_or(RegisterStatus::Active),
                suggested_opening_cash: usual,
                open_session: holding.map(|at| sessions.swap_remove(at).into_session()),
            }
        })
        .collect())
}

/// One session's row.
pub(crate) async fn session(rest: &Rest, policy: RetryPolicy, id: SessionId) -> Result<Session, Fault> {
    let found: Vec<SessionRow> =
        rows(rest, policy, "rest/v1/pos_sessions", &[("id", id.to_string())]).await?;
    // An empty answer may also mean that the row is hidden, so it does not say that the session is gone.
    let row =
        found.into_iter().next().ok_or_else(|| lacks("pos_session, and no readable row in pos_sessions"))?;
    Ok(row.into_session())
}

async fn rows<T: DeserializeOwned>(
    rest: &Rest,
    policy: RetryPolicy,
    table: &'static str,
    filters: &[(&'static str, String)],
) -> Result<Vec<T>, Fault> {
    let request = || {
        let all = Request::get(table).query("select", "*");
        filters.iter().fold(all, |request, (column, value)| request.query(column, format!("eq.{value}")))
    };
    rest.call(policy, request, decoded).await
}

/// Every row that an older project's tables may answer.
#[cfg(feature = "fuzz")]
pub(crate) fn read_any_row(answer: &crate::http::Response) {
    let _any = (
        decoded::<Vec<UserRow>>(answer).is_ok(),
        decoded::<Vec<VendorRow>>(answer).is_ok(),
        decoded::<Vec<RegisterRow>>(answer).is_ok(),
        decoded::<Vec<LocationRow>>(answer)
            .map(|rows| rows.into_iter().map(located).collect::<Vec<_>>())
            .ok(),
    );
}

/// Where the store's zone is not recorded, the register's own computer stands in that store.
fn located(row: LocationRow) -> Location {
    let here = || jiff::tz::TimeZone::system().iana_name().unwrap_or("UTC").to_owned();
    Location {
        id: row.id,
        name: row.name.unwrap_or_default(),
        timezone: row.timezone.unwrap_or_else(here),
        currency: row.currency.unwrap_or_else(|| "USD".to_owned()),
        business_day_cutoff: "00:00".to_owned(),
        variance_tolerance: None,
        variance_limit: None,
        movement_limits: BTreeMap::new(),
        reasons: BTreeMap::new(),
        difference_reasons: None,
    }
}

fn lacks(what: &str) -> Fault {
    let detail = format!("this project lacks {what}. Apply supabase/migrations.");
    Fault::new(Code::OlderServer, detail)
}
