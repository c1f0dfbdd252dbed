//! The reports of a session over the wire: `pos_x_report`, `pos_z_report`, and the Z that a close answers with.
//!
//! Invariant: a Z is one sheet of JSON that never changes, so every sheet ever written must be readable: what an earlier
//! version of the database part did not write down is told as unknown.

use crate::{
    http::{Request, Response},
    persist::RetryPolicy,
    rest::decoded,
    server::SupabaseServer,
    wire::{Money, TotalsResponse},
};
use jiff::{Timestamp, civil};
use onetill_core::{
    Amount, Difference, Fault, RegisterId, Report, SessionId, SessionStatus,
    ports::Reports,
    report::{
        CountAttempt, CountKind, Counted, CountedPieces, MovementEntry, MovementSum, Participant, Settlement,
        Sheet, SumKind, Tender, TenderLine,
    },
    sales_sheet::SalesSheet,
    session::CloseKind,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, IgnoredAny},
};
use serde_json::{json, value::RawValue};
use std::{collections::BTreeMap, time::Duration};

/// Somebody has pressed for it and looks at the screen.
const SHOW: RetryPolicy = RetryPolicy {
    attempt: Duration::from_secs(8),
    total: Duration::from_secs(15),
    repeats: 2,
    harmless: true,
    pressed: true,
    await_schema: false,
};

/// What X and Z have in common: `onetill.figures`.
#[derive(Debug, Deserialize)]
struct Figures {
    session_id: SessionId,
    session_number: String,
    register_id: RegisterId,
    register_number: String,
    register_name: String,
    location_name: String,
    timezone: String,
    currency: String,
    vendor_name: Option<String>,
    business_date: Option<civil::Date>,
    opened_at: Timestamp,
    opener_name: Option<String>,
    opening_cash: Option<Money>,
    totals: TotalsResponse,
    movements: Vec<MovementSumResponse>,
    #[serde(default)]
    entries: Vec<MovementEntryResponse>,
    #[serde(default)]
    participants: Vec<Participant>,
    #[serde(default)]
    counts: Vec<CountResponse>,
}

#[derive(Debug, Deserialize)]
struct MovementSumResponse {
    #[serde(rename = "type")]
    word: String,
    count: u32,
    amount: Option<Money>,
    effect: Option<Money>,
}

#[derive(Debug, Deserialize)]
struct MovementEntryResponse {
    #[serde(rename = "type")]
    word: String,
    amount: Option<Money>,
    effect: Option<Money>,
    reason: Option<String>,
    note: Option<String>,
    by_name: String,
    at: Timestamp,
}

#[derive(Debug, Deserialize)]
struct CountResponse {
    kind: CountKind,
    amount: Money,
    /// How many of each note and coin, by its face value.
    #[serde(default)]
    denominations: Option<BTreeMap<Amount, u32>>,
    by_name: String,
    counted_at: Timestamp,
    approved_by_name: Option<String>,
}

/// What the ledger of sales adds to a sheet. A server without it, or from before it, has none of these fields.
#[derive(Debug, Default)]
pub(crate) struct SellingResponse(Option<Box<SalesSheet>>);

impl SellingResponse {
    /// Nothing is no part of a sheet.
    pub(crate) fn into_sheet(self) -> Option<Box<SalesSheet>> {
        self.0.filter(|sheet| !sheet.is_empty())
    }
}

impl<'de> Deserialize<'de> for SellingResponse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Known {
            sales: Option<IgnoredAny>,
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        match serde_json::from_str(raw.get()).map_err(D::Error::custom)? {
            Known { sales: None } => Ok(Self(None)),
            Known { sales: Some(_) } => {
                serde_json::from_str(raw.get()).map(|sheet| Self(Some(sheet))).map_err(D::Error::custom)
            }
        }
    }
}

/// A sheet: the figures, and beside them what is said of an X or of a Z only. Read by parts from the same text, because
/// a flattened structure would lose the digits of its amounts.
#[derive(Debug)]
pub(crate) struct SheetResponse<T> {
    figures: Figures,
    selling: SellingResponse,
    rest: T,
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for SheetResponse<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let figures = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        let selling = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        let rest = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        Ok(Self { figures, selling, rest })
    }
}

impl<T> SheetResponse<T> {
    pub(crate) fn session_id(&self) -> SessionId {
        self.figures.session_id
    }
}

/// `pos_x_report`.
#[derive(Debug, Deserialize)]
pub(crate) struct X {
    status: SessionStatus,
    expected_cash: Option<Money>,
    server_time: Timestamp,
}

/// The sheet that a close writes.
#[derive(Debug, Deserialize)]
pub(crate) struct Z {
    z_number: u64,
    closed_at: Timestamp,
    closed_by_name: Option<String>,
    ended_at: Option<Timestamp>,
    ended_by_name: Option<String>,
    end_reason: Option<String>,
    close_kind: CloseKind,
    was_counted: bool,
    expected_cash: Option<Money>,
    counted_cash: Option<Money>,
    cash_difference: Option<Money>,
    reason: Option<String>,
    approved_by_name: Option<String>,
    left_in_drawer: Option<Money>,
    taken_out: Option<Money>,
}

/// `pos_z_report`.
#[derive(Debug, Deserialize)]
struct ZReportResponse {
    z_report: SheetResponse<Z>,
}

impl SheetResponse<X> {
    pub(crate) fn into_report(self) -> Report {
        let Self { figures, selling, rest } = self;
        let sheet = Sheet::X { read_at: rest.server_time, status: rest.status };
        figures.into_report(sheet, selling, amount(rest.expected_cash), Counted::NotCounted)
    }
}

impl SheetResponse<Z> {
    /// `copy` is false for the answer to the close itself, and for a repeat of that same close.
    pub(crate) fn into_report(self, copy: bool) -> Report {
        let Self { figures, selling, rest } = self;
        let counted = match rest.counted_cash {
            Some(counted) if rest.was_counted => Counted::Counted {
                amount: counted.0,
                difference: amount(rest.cash_difference).map(Difference::from),
            },
            _ => Counted::NotCounted,
        };
        let settlement = Settlement {
            z_number: rest.z_number,
            copy,
            closed_at: rest.closed_at,
            closed_by_name: words(rest.closed_by_name),
            ended_at: rest.ended_at,
            ended_by_name: words(rest.ended_by_name),
            end_reason: words(rest.end_reason),
            close_kind: rest.close_kind,
            reason: words(rest.reason),
            approved_by_name: words(rest.approved_by_name),
            left_in_drawer: amount(rest.left_in_drawer),
            taken_out: amount(rest.taken_out),
        };
        let expected = amount(rest.expected_cash);
        figures.into_report(Sheet::Z(Box::new(settlement)), selling, expected, counted)
    }
}

impl Figures {
    fn into_report(
        self,
        sheet: Sheet,
        selling: SellingResponse,
        expected: Option<Amount>,
        counted: Counted,
    ) -> Report {
        let totals = self.totals.into_totals();
        let cash = TenderLine { tender: Tender::Cash, sales: totals.total_cash, expected, counted };
        // The terminal's own slip settles cards; here they are only told.
        let card = TenderLine {
            tender: Tender::Card,
            sales: totals.total_card,
            expected: Some(totals.total_card),
            counted: Counted::NotCounted,
        };
        let mut report = Report {
            sheet,
            session_id: self.session_id,
            session_number: self.session_number,
            register_id: self.register_id,
            register_number: self.register_number,
            register_name: self.register_name,
            location_name: self.location_name,
            vendor_name: self.vendor_name.unwrap_or_default(),
            timezone: self.timezone,
            currency: self.currency,
            business_date: self.business_date,
            opened_at: self.opened_at,
            opener_name: words(self.opener_name),
            opening_cash: amount(self.opening_cash),
            totals,
            selling: selling.into_sheet(),
            tenders: vec![cash, card],
            movements: self.movements.into_iter().map(MovementSum::from).collect(),
            entries: self.entries.into_iter().map(MovementEntry::from).collect(),
            participants: self.participants,
            counts: self.counts.into_iter().map(CountAttempt::from).collect(),
            lines: Vec::new(),
        };
        report.lines = report.draw();
        report
    }
}

fn kind_of(word: &str) -> SumKind {
    match word {
        "pay_in" => SumKind::PayIn,
        "pay_out" => SumKind::PayOut,
        "safe_drop" => SumKind::SafeDrop,
        "float_top_up" => SumKind::FloatTopUp,
        "no_sale" => SumKind::NoSale,
        "reversal" => SumKind::Reversal,
        _ => SumKind::Other,
    }
}

impl From<MovementEntryResponse> for MovementEntry {
    fn from(response: MovementEntryResponse) -> Self {
        Self {
            kind: kind_of(&response.word),
            word: response.word,
            amount: amount(response.amount).unwrap_or_default(),
            effect: amount(response.effect),
            reason: words(response.reason),
            note: words(response.note),
            by_name: response.by_name,
            at: response.at,
        }
    }
}

impl From<MovementSumResponse> for MovementSum {
    fn from(response: MovementSumResponse) -> Self {
        Self {
            kind: kind_of(&response.word),
            word: response.word,
            count: response.count,
            amount: amount(response.amount).unwrap_or_default(),
            effect: amount(response.effect),
        }
    }
}

impl From<CountResponse> for CountAttempt {
    fn from(response: CountResponse) -> Self {
        Self {
            kind: response.kind,
            amount: response.amount.0,
            pieces: response
                .denominations
                .unwrap_or_default()
                .into_iter()
                .rev()
                .filter(|(_, number)| *number > 0)
                .map(|(face, number)| CountedPieces { face, number })
                .collect(),
            by_name: response.by_name,
            counted_at: response.counted_at,
            approved_by_name: words(response.approved_by_name),
        }
    }
}

fn amount(money: Option<Money>) -> Option<Amount> {
    money.map(|money| money.0)
}

/// A blank is no name and no reason.
fn words(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

impl Reports for SupabaseServer {
    async fn x_report(&self, session: SessionId) -> Result<Report, Fault> {
        let body = json!({"p_session_id": session});
        let request = || Request::post("rest/v1/rpc/pos_x_report", &body);
        let read = |answer: &Response| {
            let response: SheetResponse<X> = decoded(answer)?;
            if response.session_id() != session {
                return Err(crate::classify::unreadable(answer, "it tells of another session"));
            }
            Ok(response.into_report())
        };
        self.rest.call(SHOW, request, read).await
    }

    async fn z_report(&self, session: SessionId) -> Result<Report, Fault> {
        let body = json!({"p_session_id": session});
        let request = || Request::post("rest/v1/rpc/pos_z_report", &body);
        let read = |answer: &Response| {
            let response: ZReportResponse = decoded(answer)?;
            if response.z_report.session_id() != session {
                return Err(crate::classify::unreadable(answer, "it tells of another session"));
            }
            Ok(response.z_report.into_report(true))
        };
        self.rest.call(SHOW, request, read).await
    }
}

#[cfg(test)]
mod tests;
