//! What an answer that is no success means.
//!
//! Invariants: the decision follows the `code` that the server names, not the HTTP status and not the text, save
//! where only the text tells two cases apart (tokens that are not valid yet). A definite *no* needs a definite word:
//! what carries no code, or one that the database says of a broken connection, leaves the outcome open, whatever its
//! status; what did not come from the database or from Auth keeps its status and is shown to nobody.

use crate::{
    failure::Failure,
    http::{Response, short},
};
use onetill_core::{Code, Fault, Retry};
use serde::Deserialize;
use std::time::Duration;

/// The words that runbooks search for, and what to do about it.
pub(crate) const NOT_DEPLOYED: &str = "Atomic session function not deployed: get_or_create_session is not in this project's API. \
    Apply supabase/migrations (`supabase db push`, or paste the files into the SQL editor in order).";

/// PostgREST rereads the schema on a signal that may be late.
const STALE_SCHEMA: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct RestError {
    code: Option<String>,
    message: Option<String>,
    details: Option<serde_json::Value>,
}

/// A refusal by PostgREST, by the functions behind it, or by something in front of it.
pub(crate) fn rest(answer: &Response) -> Failure {
    let error: Option<RestError> = json(answer);
    let Some(RestError { code: Some(code), message, details }) = error else { return uncoded(answer) };
    let message = message.unwrap_or_default();
    if code.trim().is_empty() {
        // PostgREST answers so, with status 400, when the connection breaks during the commit: it may be in the records.
        let detail = format!("{}: an error without a code {}", answer.trace(), short(&message));
        return Failure::ambiguous(Code::Unavailable, detail).after(answer.retry_after());
    }
    let mut detail = format!("{}: {} {}", answer.trace(), short(&code), short(&message));
    if let Some(serde_json::Value::String(more)) = &details {
        detail = format!("{detail} ({})", short(more));
    }
    let field = field(details.as_ref());
    let permanent =
        |code: Code| Failure::permanent(Fault { field: field.clone(), ..Fault::new(code, detail.clone()) });
    let again = |code: Code| Failure::not_sent(code, detail.clone()).after(answer.retry_after());
    let unknown = |code: Code| Failure::ambiguous(code, detail.clone()).after(answer.retry_after());

    match code.as_str() {
        "POS_REGISTER_NOT_FOUND" => permanent(Code::RegisterNotFound),
        "POS_REGISTER_RETIRED" => permanent(Code::RegisterRetired),
        "POS_REGISTER_BUSY" => again(Code::RegisterBusy),
        "POS_SCOPE_MISMATCH" => permanent(Code::ScopeMismatch),
        "POS_USER_MISMATCH" => permanent(Code::UserMismatch),
        "POS_BAD_OPENING_CASH" => permanent(Code::BadOpeningCash),
        "POS_KEY_REUSED" => permanent(Code::KeyReused),
        "POS_SESSION_NOT_FOUND" => permanent(Code::SessionNotFound),
        "POS_NOT_STAFF" => permanent(Code::NotStaff),
        "POS_SESSION_OVER" => permanent(Code::SessionOver),
        // The entry waits: a count that is abandoned lets it in again.
        "POS_COUNT_IN_PROGRESS" => permanent(Code::CountInProgress),
        "POS_BAD_COUNT" | "POS_COUNT_NOT_FOUND" => permanent(Code::BadCount),
        "POS_REASON_REQUIRED" => permanent(Code::ReasonRequired),
        "POS_APPROVAL_REQUIRED" => permanent(Code::ApprovalRequired),
        "POS_MANAGER_REQUIRED" => permanent(Code::ManagerRequired),
        "POS_OWNER_REQUIRED" => permanent(Code::OwnerRequired),
        "POS_BAD_CATALOGUE" => permanent(Code::BadCatalogue),
        "POS_CODE_TAKEN" => permanent(Code::CodeTaken),
        "POS_ITEM_CHANGED" => permanent(Code::ItemChanged),
        "POS_ITEM_NOT_FOUND" => permanent(Code::UnknownItem),
        "POS_SESSION_NOT_EMPTY" => permanent(Code::SessionNotEmpty),
        "POS_OVER_LIMIT" => permanent(Code::OverLimit),
        "POS_NOT_CLOSED" => permanent(Code::NotClosed),
        "POS_BAD_AMOUNT" | "POS_BAD_MOVEMENT" | "POS_MOVEMENT_NOT_FOUND" | "POS_ALREADY_REVERSED" => {
            permanent(Code::BadMovement)
        }
        "POS_SELLING_OFF" => permanent(Code::SellingOff),
        "POS_BAD_SALE" => permanent(Code::BadSale),
        "POS_BAD_TENDER" => permanent(Code::BadTender),
        "POS_BAD_RECEIPT" => permanent(Code::BadReceipt),
        "POS_SALE_NOT_FOUND" => permanent(Code::SaleNotFound),
        "POS_ALREADY_VOIDED" => permanent(Code::AlreadyVoided),
        "POS_NOTHING_LEFT" => permanent(Code::NothingLeft),
        "POS_NOT_ALLOWED_HERE" | "POS_LOCATION_NOT_FOUND" => permanent(Code::Forbidden),
        "POS_BAD_KEY" | "POS_BAD_APPROVAL" => permanent(Code::Internal),

        "PGRST000" | "PGRST002" | "53300" => again(Code::Unavailable),
        "PGRST003" => again(Code::Unavailable).at_most(2),
        "PGRST001" => unknown(Code::Unavailable),
        "PGRST202" => Failure {
            fault: Fault::new(Code::FunctionNotDeployed, format!("{NOT_DEPLOYED} {detail}"))
                .with_retry(Retry::SchemaStale),
            repeats: 1,
            pause: Some(STALE_SCHEMA),
        },
        "PGRST203" => permanent(Code::FunctionAmbiguous),
        "PGRST301" | "PGRST303" if is_early(&message) => Failure {
            fault: Fault::new(Code::ServerClocks, detail).with_retry(Retry::TokenTooNew),
            repeats: 3,
            pause: Some(Duration::from_secs(3)),
        },
        "PGRST301" | "PGRST303" => {
            Failure::permanent(Fault::new(Code::SignedOut, detail).with_retry(Retry::AfterRefresh))
        }
        "PGRST302" => permanent(Code::SignedOut),
        "42501" | "28000" | "PT403" => permanent(Code::Forbidden),

        // Lost a race that the next attempt sees decided.
        "23505" => again(Code::RegisterBusy).at_most(1),
        "40001" | "40P01" | "55P03" => again(Code::RegisterBusy).at_most(3),
        "57014" => again(Code::Unavailable).at_most(1),
        // The connection broke, or the server does not know itself whether the statement was completed.
        "40003" => unknown(Code::Unavailable),
        other if other.starts_with("08") || other.starts_with("57P0") => unknown(Code::Unavailable),
        // Out of disk, memory or connections: rolled back, and it may pass.
        other if other.starts_with("53") => again(Code::Unavailable),

        // Requests that PostgREST cannot read are mistakes of this program; the rest is for the installer.
        "PGRST100" | "PGRST101" | "PGRST102" | "PGRST106" | "PGRST107" | "PGRST108" | "PGRST122" => {
            permanent(Code::Internal)
        }
        // Any other code is an error inside the function or the schema, and PostgREST has rolled it back.
        _ => permanent(Code::ServerMisconfigured),
    }
}

/// The field of a form that a refusal names in its details.
fn field(details: Option<&serde_json::Value>) -> Option<String> {
    #[derive(Deserialize)]
    struct Details {
        field: String,
    }
    let details: Details = serde_json::from_str(details?.as_str()?).ok()?;
    let is_name = |one: char| one.is_ascii_lowercase() || one == '_';
    (details.field.len() <= 40 && details.field.chars().all(is_name)).then_some(details.field)
}

/// The same for a call of what only the current database part has.
pub(crate) fn classify_current(answer: &Response) -> Failure {
    let failure = rest(answer);
    if failure.fault.code != Code::FunctionNotDeployed {
        return failure;
    }
    let detail = failure.fault.detail.trim_start_matches(NOT_DEPLOYED).trim_start().to_owned();
    Failure { fault: Fault { code: Code::OlderServer, detail, ..failure.fault }, ..failure }
}

/// A refusal by Auth. The codes that end a login become `SignedOut`; nothing else does.
pub(crate) fn auth(answer: &Response) -> Failure {
    let Some(name) = answer.code() else { return uncoded(answer) };
    let detail = format!("{}: {} {}", answer.trace(), short(&name), answer.message());
    let permanent = |code: Code| Failure::permanent(Fault::new(code, detail.clone()));
    let again = |code: Code| Failure::not_sent(code, detail.clone()).after(answer.retry_after());

    match name.as_str() {
        "invalid_credentials" | "invalid_grant" | "validation_failed" => permanent(Code::WrongPassword),
        "email_not_confirmed" | "provider_email_needs_verification" => permanent(Code::EmailNotConfirmed),
        "refresh_token_not_found"
        | "refresh_token_already_used"
        | "session_not_found"
        | "session_expired"
        | "user_banned" => permanent(Code::SignedOut),
        "over_request_rate_limit" | "over_email_send_rate_limit" => again(Code::TooManyAttempts),
        "conflict" => again(Code::Unavailable),
        "request_timeout" | "hook_timeout" | "hook_timeout_after_retry" => {
            Failure::ambiguous(Code::Unavailable, detail).after(answer.retry_after())
        }
        _ if answer.status == 429 => again(Code::TooManyAttempts),
        _ if answer.status >= 500 => {
            Failure::ambiguous(Code::Unavailable, detail).after(answer.retry_after())
        }
        _ => permanent(Code::ServerMisconfigured),
    }
}

/// A success whose body is not what the call answers. It may well have run.
pub(crate) fn unreadable(answer: &Response, why: &str) -> Failure {
    if answer.claims_json() && serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body).is_ok() {
        let detail = format!("{}: not the promised shape: {}", answer.trace(), short(why));
        return Failure::ambiguous(Code::ServerMisconfigured, detail).at_most(0);
    }
    uncoded(answer)
}

/// An answer without a code: a gateway, a proxy, a captive portal, another service.
fn uncoded(answer: &Response) -> Failure {
    let detail = format!("{}: {}", answer.trace(), excerpt(answer));
    let json_or_empty =
        answer.body.is_empty() || (answer.claims_json() && json::<RestError>(answer).is_some());
    match answer.status {
        401 if json_or_empty => Failure::permanent(Fault::new(Code::WrongKey, detail)),
        402 => {
            Failure::permanent(Fault::new(Code::Unavailable, format!("the project is restricted: {detail}")))
        }
        407 => {
            Failure::permanent(Fault::new(Code::Unreachable, format!("the proxy asks for a login: {detail}")))
        }
        429 => Failure::not_sent(Code::TooManyAttempts, detail).after(answer.retry_after()),
        540 => Failure::permanent(Fault::new(Code::Unavailable, format!("the project is paused: {detail}"))),
        403 | 500.. => Failure::ambiguous(Code::Unavailable, detail).after(answer.retry_after()),
        _ => Failure::ambiguous(Code::NotSupabase, detail),
    }
}

fn json<T: for<'de> Deserialize<'de>>(answer: &Response) -> Option<T> {
    if answer.claims_json() { serde_json::from_slice(&answer.body).ok() } else { None }
}

/// "issued at future" and "not yet valid", in the words of PostgREST 12 (without blanks) and later.
fn is_early(message: &str) -> bool {
    let squeezed: String =
        message.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).take(80).collect();
    squeezed.contains("issuedatfuture") || squeezed.contains("notyetvalid")
}

/// The beginning of a body that is no answer of ours, with everything masked that could be a token: a proxy's error
/// page may repeat what it was sent.
fn excerpt(answer: &Response) -> String {
    let start = answer.body.get(..200).unwrap_or(&answer.body);
    let text = short(&String::from_utf8_lossy(start));
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '/' | '=');
    let mut masked = String::new();
    for piece in text.split_inclusive(|c| !is_part(c)) {
        let word = piece.trim_end_matches(|c| !is_part(c));
        if word.len() >= 12 && word.bytes().any(|b| b.is_ascii_digit()) {
            masked.push('…');
            masked.extend(piece.get(word.len()..));
        } else {
            masked.push_str(piece);
        }
    }
    masked
}

#[cfg(test)]
mod tests;
