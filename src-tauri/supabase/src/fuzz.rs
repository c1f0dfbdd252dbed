//! The decoders of this crate, opened to the fuzzer and to nobody else.
//!
//! Each door takes bytes as a network may bring them and holds what came of them against what the till relies on. A
//! door that panics has found a mistake.

use crate::{
    cash_up::{CloseResponse, CommitResponse, OutcomeResponse},
    classify,
    clock::ServerClock,
    failure::Failure,
    http::Response,
    items::{ImportResponse, ItemsResponse, SavedResponse},
    ledger, legacy_schema, login,
    managing::{BoardResponse, DayResponse, SettleResponse},
    probe, reports,
    rest::decoded,
    selling::{CatalogueResponse, RecordResponse, SaleResponse, SalesResponse, TillResponse},
    server,
    wire::{LookResponse, Money, RegistersResponse, RowId, SessionRow, WhoamiResponse},
};
use jiff::Timestamp;
use onetill_core::{Amount, Code, DeviceId, Movement, Retry, Staff, items::settings::KeptSettings};
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use serde::Deserialize;

/// What a fault's detail may be long at most: it goes to a log and onto a screen.
const LONGEST_DETAIL: usize = 4_096;

/// An answer made of fuzzed bytes: a line `status TAB content-type TAB outcome TAB retry-after`, then the body.
/// Nothing of it has to be there.
fn answer(data: &[u8]) -> Response {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (line, body) = data.split_at(end);
    let mut fields = line.split(|byte| *byte == b'\t');
    let status = fields.next().and_then(|text| std::str::from_utf8(text).ok()?.parse().ok()).unwrap_or(200);
    let mut headers = HeaderMap::new();
    let names = [
        CONTENT_TYPE.as_str(),
        "x-session-outcome",
        RETRY_AFTER.as_str(),
        "sb-request-id",
        "x-sb-error-code",
    ];
    for (name, value) in names.into_iter().zip(fields) {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    }
    Response {
        status,
        headers,
        body: body.get(1..).unwrap_or_default().to_vec(),
        took: std::time::Duration::ZERO,
    }
}

/// The least that a refusal by the database says.
#[derive(Deserialize)]
struct Coded {
    #[serde(rename = "code")]
    _code: String,
}

/// What every failure owes to the till, whatever led to it.
fn sound(failure: &Failure, answer: &Response) {
    let fault = &failure.fault;
    assert!(fault.detail.len() <= LONGEST_DETAIL, "a detail of {} bytes", fault.detail.len());
    assert!(!fault.detail.chars().any(char::is_control), "a detail with control characters: {fault:?}");
    let by_the_database = answer.claims_json() && serde_json::from_slice::<Coded>(&answer.body).is_ok();
    assert!(by_the_database || !fault.is_decision(), "nobody decided this: {fault:?} of {:?}", answer.status);
    assert!(failure.repeats == 0 || fault.retry != Retry::No, "a repeat without a reason: {failure:?}");
}

/// A refusal by PostgREST or by what stands in front of it.
pub fn refusal(data: &[u8]) {
    let answer = answer(data);
    sound(&classify::rest(&answer), &answer);
    if let Err(failure) = probe::deployed(&answer) {
        sound(&failure, &answer);
    }
    let _any = (server::told_outcome(&answer), answer.retry_after(), answer.trace());
}

/// A refusal by Auth. It never decides about a session.
pub fn auth_refusal(data: &[u8]) {
    let answer = answer(data);
    let failure = classify::auth(&answer);
    assert!(!failure.fault.is_decision(), "Auth decided about a session: {:?}", failure.fault);
    assert!(failure.fault.code != Code::SignedOut || answer.status >= 300 || !answer.body.is_empty());
    assert!(failure.fault.detail.len() <= LONGEST_DETAIL);
    assert!(!failure.fault.detail.chars().any(char::is_control), "{:?}", failure.fault);
    let _said = probe::is_auth(&answer);
}

/// A success, read as each thing that a success can be.
pub fn success(data: &[u8]) {
    fn read<T: serde::de::DeserializeOwned>(answer: &Response) -> Option<T> {
        decoded::<T>(answer).map_err(|failure| sound(&failure, answer)).ok()
    }
    let (answer, here) = (answer(data), DeviceId(uuid::Uuid::nil()));
    if let Some(row) = read::<SessionRow>(&answer) {
        let session = row.into_session();
        assert_eq!(session.opening_cash.to_string().parse(), Ok(session.opening_cash));
    }
    let _sessions =
        read::<LookResponse>(&answer).map(|look| look.session.map(|response| response.into_session(here)));
    let _registers = read::<RegistersResponse>(&answer).map(|response| {
        let at = response.location_id;
        response.registers.into_iter().map(|register| register.into_register(at, here)).collect::<Vec<_>>()
    });
    let _staff = read::<WhoamiResponse>(&answer).map(Staff::from);
    let _rows = read::<Vec<RowId>>(&answer);
    let _recorded =
        read::<ledger::RecordedResponse>(&answer).map(|response| Movement::from(response.movement));
    let _ledger = read::<ledger::MovementsResponse>(&answer)
        .map(|list| list.movements.into_iter().map(Movement::from).collect::<Vec<_>>());
    let _settled = read::<OutcomeResponse>(&answer).map(|response| response.session.into_session(here));
    let _count = read::<CommitResponse>(&answer).map(|response| response.count.id);
    let _board = read::<BoardResponse>(&answer).map(|response| response.into_board(here));
    let _day = read::<DayResponse>(&answer).map(|response| response.into_day(here));
    let _flag = read::<SettleResponse>(&answer).is_some();
    let _till = read::<TillResponse>(&answer).map(TillResponse::into_head);
    let _entry = read::<RecordResponse>(&answer).is_some();
    let _page = read::<CatalogueResponse>(&answer).map(CatalogueResponse::into_page);
    let _entries = read::<SalesResponse>(&answer).is_some();
    if let Some(found) = read::<SaleResponse>(&answer).map(SaleResponse::into_sale) {
        assert_eq!(found.original.left().len(), found.original.sale.lines.len());
    }
    let _items = read::<ItemsResponse>(&answer).is_some();
    let _settings = read::<KeptSettings>(&answer).is_some();
    let _saved = read::<SavedResponse>(&answer).is_some();
    let _imported = read::<ImportResponse>(&answer).map(|told| told.into_refused(3));
    legacy_schema::read_any_row(&answer);
    let x = read::<reports::SheetResponse<reports::X>>(&answer)
        .map(reports::SheetResponse::<reports::X>::into_report);
    let z = read::<reports::SheetResponse<reports::Z>>(&answer).map(|response| response.into_report(false));
    let closed =
        read::<CloseResponse>(&answer).and_then(|response| Some(response.z_report?.into_report(false)));
    for report in [x, z, closed].into_iter().flatten() {
        let kept = serde_json::to_string(&report).ok().and_then(|text| serde_json::from_str(&text).ok());
        assert_eq!(kept.as_ref(), Some(&report), "the window could not hand it back");
    }
    // What holds tokens may not show any of them when it cannot be read.
    if let Err(failure) = login::read_tokens(&answer) {
        sound(&failure, &answer);
    }
}

/// Money, as a JSON number or a string: read exactly, or not at all.
pub fn money(data: &[u8]) {
    let Ok(Money(amount)) = serde_json::from_slice::<Money>(data) else { return };
    let text = std::str::from_utf8(data).unwrap_or_default().trim();
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    // An escaped string has other digits than its value; a plain one has the very same.
    if !text.contains('\\') {
        assert_eq!(
            digits(text).trim_start_matches('0'),
            digits(&amount.to_string()).trim_start_matches('0'),
            "{text} became {amount}"
        );
    }
    let again: Result<Amount, _> = amount.to_string().parse();
    assert_eq!(again, Ok(amount), "{amount} does not come back");
}

/// The server's clock.
pub fn date(data: &[u8]) {
    let clock = ServerClock::default();
    clock.hear(&String::from_utf8_lossy(data), Timestamp::UNIX_EPOCH);
    let _skew = clock.skew();
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(data) {
        headers.insert(DATE, value);
    }
    let answer = Response { status: 200, headers, body: Vec::new(), took: std::time::Duration::ZERO };
    let _told = answer.header(DATE.as_str());
}
