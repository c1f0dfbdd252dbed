//! What a manager asks: the board, the end of a day, and one act beside the cashier who is signed in.
//!
//! Invariant: a manager who signs in beside the cashier leaves nothing behind: their tokens live in memory for that one
//! act and are ended on the server with it, and the login of this device and its keychain entry are not touched.

use crate::{
    cash_up::{CommitResponse, PRESSED},
    classify,
    http::{Request, Response},
    login::SIGN_IN,
    persist::RetryPolicy,
    reports::{SellingResponse, SheetResponse, Z},
    rest::{Rest, decoded},
    server::{SupabaseServer, who},
    wire::{Money, SessionResponse},
};
use jiff::{SignedDuration, Timestamp, civil};
use onetill_core::{
    CountId, DeviceId, Fault, LocationId, RegisterId, RegisterStatus, SaleId, Session, SessionId, Staff,
    board::{Board, BoardRegister, Day, LastClose, state_of},
    ports::Managing,
    sales_sheet::{FlaggedEntry, OtherClients, SaleFlag, SettledFlag, TillReceipts},
};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{json, value::RawValue};
use std::time::Duration;

/// A board that is read on a timer; the next reading comes soon anyway.
const GLANCE: RetryPolicy = RetryPolicy {
    attempt: Duration::from_secs(8),
    total: Duration::from_secs(12),
    repeats: 1,
    harmless: true,
    pressed: false,
    await_schema: false,
};

/// A till that works is heard of every minute; one that was not for longer than this is taken for offline.
const SILENT: SignedDuration = SignedDuration::from_secs(150);

#[derive(Deserialize)]
pub(crate) struct BoardResponse {
    business_date: Option<civil::Date>,
    registers: Vec<RegisterResponse>,
    server_time: Timestamp,
}

#[derive(Deserialize)]
struct RegisterResponse {
    id: RegisterId,
    register_number: String,
    register_name: String,
    status: RegisterStatus,
    open_session: Option<SessionResponse>,
    uncounted: Vec<SessionResponse>,
    last_close: Option<LastCloseResponse>,
    #[serde(default)]
    receipts: Vec<TillReceipts>,
    #[serde(default)]
    flags: Vec<FlagResponse>,
    #[serde(default)]
    other_clients: Option<OtherClients>,
}

/// An entry and its flag. Read by parts, as a sheet is.
struct FlagResponse(FlaggedEntry);

impl<'de> Deserialize<'de> for FlagResponse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Flag {
            flag: SaleFlag,
            flagged_at: Timestamp,
            settled_at: Option<Timestamp>,
            settled_by_name: Option<String>,
            note: Option<String>,
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let entry = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        let Flag { flag, flagged_at, settled_at, settled_by_name, note } =
            serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        let settled = settled_at.map(|at| SettledFlag {
            by_name: settled_by_name.unwrap_or_default(),
            at,
            note: note.unwrap_or_default(),
        });
        Ok(Self(FlaggedEntry { entry, flag, flagged_at, settled }))
    }
}

/// `pos_settle_flag`.
#[derive(Deserialize)]
pub(crate) struct SettleResponse {
    flag: SettledResponse,
}

#[derive(Deserialize)]
struct SettledResponse {
    sale_id: SaleId,
    flag: SaleFlag,
    settled_by_name: Option<String>,
    settled_at: Timestamp,
    note: Option<String>,
}

#[derive(Deserialize)]
struct LastCloseResponse {
    session_id: SessionId,
    z_number: u64,
    closed_at: Timestamp,
    cash_difference: Option<Money>,
}

pub(crate) struct DayResponse {
    shifts: DayShifts,
    selling: SellingResponse,
}

#[derive(Deserialize)]
struct DayShifts {
    business_date: civil::Date,
    z_reports: Vec<SheetResponse<Z>>,
    uncounted: Vec<SessionResponse>,
    open: Vec<SessionResponse>,
    #[serde(default)]
    flags: Vec<FlagResponse>,
}

impl<'de> Deserialize<'de> for DayResponse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let shifts = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        let selling = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        Ok(Self { shifts, selling })
    }
}

impl BoardResponse {
    pub(crate) fn into_board(self, here: DeviceId) -> Board {
        let now = self.server_time;
        let registers = self.registers.into_iter().map(|one| one.into_register(here, now));
        Board { business_date: self.business_date, registers: registers.collect() }
    }
}

impl DayResponse {
    pub(crate) fn into_day(self, here: DeviceId) -> Day {
        let sessions = |response: Vec<SessionResponse>| -> Vec<Session> {
            response.into_iter().map(|one| one.into_session(here)).collect()
        };
        let (shifts, selling) = (self.shifts, self.selling.into_sheet());
        Day {
            business_date: shifts.business_date,
            z_reports: shifts.z_reports.into_iter().map(|sheet| sheet.into_report(true)).collect(),
            uncounted: sessions(shifts.uncounted),
            open: sessions(shifts.open),
            selling,
            flags: shifts.flags.into_iter().map(|response| response.0).collect(),
        }
    }
}

impl RegisterResponse {
    fn into_register(self, here: DeviceId, now: Timestamp) -> BoardRegister {
        let open = self.open_session.map(|response| response.into_session(here));
        let uncounted: Vec<Session> =
            self.uncounted.into_iter().map(|response| response.into_session(here)).collect();
        let heard = open.as_ref().and_then(|open| open.devices.iter().filter_map(|one| one.last_seen).max());
        BoardRegister {
            id: self.id,
            register_number: self.register_number,
            register_name: self.register_name,
            status: self.status,
            state: state_of(self.status, open.as_ref(), &uncounted),
            offline_since: heard.filter(|at| now.duration_since(*at) > SILENT),
            open_seconds: open.as_ref().map(|open| now.duration_since(open.opened_at).as_secs()),
            open_session: open,
            uncounted,
            last_close: self.last_close.map(|response| LastClose {
                session_id: response.session_id,
                z_number: response.z_number,
                closed_at: response.closed_at,
                cash_difference: response.cash_difference.map(|money| money.0.into()),
            }),
            receipts: self.receipts,
            flags: self.flags.into_iter().map(|response| response.0).collect(),
            other_clients: self.other_clients,
        }
    }
}

impl SupabaseServer {
    /// Signs a person in beside the one who works here, lets them do one thing, and signs them out.
    pub(crate) async fn beside<T>(
        &self,
        email: &str,
        password: &SecretString,
        act: impl AsyncFnOnce(&Rest) -> Result<T, Fault>,
    ) -> Result<(Staff, T), Fault> {
        let rest = self.login_beside(email, password, SIGN_IN).await?;
        let done = match who(&rest).await {
            Ok((staff, _older)) => act(&rest).await.map(|done| (staff, done)),
            Err(fault) => Err(fault),
        };
        // Whatever came of it: nobody stays signed in beside the cashier.
        rest.login.sign_out().await;
        done
    }
}

impl Managing for SupabaseServer {
    async fn board(&self, location: LocationId) -> Result<Board, Fault> {
        let body = json!({"p_location_id": location});
        let request = || Request::post("rest/v1/rpc/pos_board", &body);
        Ok(self.rest.call(GLANCE, request, decoded::<BoardResponse>).await?.into_board(self.device))
    }

    async fn day(&self, location: LocationId, date: Option<civil::Date>) -> Result<Day, Fault> {
        let body = json!({"p_location_id": location, "p_business_date": date});
        let request = || Request::post("rest/v1/rpc/pos_day", &body);
        Ok(self.rest.call(PRESSED, request, decoded::<DayResponse>).await?.into_day(self.device))
    }

    async fn settle_flag(&self, sale_id: SaleId, flag: SaleFlag, note: &str) -> Result<SettledFlag, Fault> {
        let body = json!({"p_sale_id": sale_id, "p_flag": flag.name(), "p_note": note});
        let request = || Request::post("rest/v1/rpc/pos_settle_flag", &body);
        let read = |answer: &Response| {
            let SettledResponse { sale_id: of, flag: settled, settled_by_name, settled_at, note } =
                decoded::<SettleResponse>(answer)?.flag;
            if (of, settled) != (sale_id, flag) {
                return Err(classify::unreadable(answer, "it tells of another flag"));
            }
            let (by_name, note) = (settled_by_name.unwrap_or_default(), note.unwrap_or_default());
            Ok(SettledFlag { by_name, at: settled_at, note })
        };
        self.rest.call(PRESSED, request, read).await
    }

    async fn verify_manager(&self, email: &str, password: &SecretString) -> Result<Staff, Fault> {
        let (staff, ()) = self.beside(email, password, async |_rest| Ok(())).await?;
        Ok(staff)
    }

    async fn approve_count(
        &self,
        email: &str,
        password: &SecretString,
        count: CountId,
        note: &str,
    ) -> Result<Staff, Fault> {
        let note = if note.is_empty() { None } else { Some(note) };
        let body = json!({"p_count_id": count, "p_note": note});
        let approve = async |rest: &Rest| {
            let request = || Request::post("rest/v1/rpc/pos_approve_count", &body);
            let read = |answer: &Response| {
                let response: CommitResponse = decoded(answer)?;
                if response.count.id != count || response.count.approved_by_name.is_none() {
                    return Err(classify::unreadable(answer, "no approval of this count in it"));
                }
                Ok(())
            };
            rest.call(PRESSED, request, read).await
        };
        let (staff, ()) = self.beside(email, password, approve).await?;
        Ok(staff)
    }
}
