//! Every row of the tables, with bodies that genuine servers sent.

use super::*;
use proptest::prelude::*;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

const RECORDED: [(&str, &str); 3] = [
    ("12", include_str!("../../tests/recorded/postgrest-12.tsv")),
    ("14", include_str!("../../tests/recorded/postgrest-14.tsv")),
    ("16", include_str!("../../tests/recorded/postgrest-16.tsv")),
];

fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Response {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    Response { status, headers: map, body: body.into(), took: Duration::ZERO }
}

fn json_answer(status: u16, body: &str) -> Response {
    answer(status, &[("content-type", "application/json; charset=utf-8")], body)
}

/// What each code must become: the till's code, the rule for repeating, and how often at most.
#[rustfmt::skip]
const CODES: &[(&str, Code, Retry, u32)] = &[
    ("PGRST000", Code::Unavailable, Retry::DidNotRun, 10),
    ("PGRST001", Code::Unavailable, Retry::OutcomeUnknown, 10),
    ("PGRST002", Code::Unavailable, Retry::DidNotRun, 10),
    ("PGRST003", Code::Unavailable, Retry::DidNotRun, 2),
    ("PGRST100", Code::Internal, Retry::No, 0),
    ("PGRST101", Code::Internal, Retry::No, 0),
    ("PGRST102", Code::Internal, Retry::No, 0),
    ("PGRST103", Code::ServerMisconfigured, Retry::No, 0),
    ("PGRST106", Code::Internal, Retry::No, 0),
    ("PGRST107", Code::Internal, Retry::No, 0),
    ("PGRST116", Code::ServerMisconfigured, Retry::No, 0),
    ("PGRST121", Code::ServerMisconfigured, Retry::No, 0),
    ("PGRST202", Code::FunctionNotDeployed, Retry::SchemaStale, 1),
    ("PGRST203", Code::FunctionAmbiguous, Retry::No, 0),
    ("PGRST205", Code::ServerMisconfigured, Retry::No, 0),
    ("PGRST301", Code::SignedOut, Retry::AfterRefresh, 0),
    ("PGRST302", Code::SignedOut, Retry::No, 0),
    ("PGRST303", Code::SignedOut, Retry::AfterRefresh, 0),
    ("08006", Code::Unavailable, Retry::OutcomeUnknown, 10),
    ("22003", Code::ServerMisconfigured, Retry::No, 0),
    ("22023", Code::ServerMisconfigured, Retry::No, 0),
    ("22P02", Code::ServerMisconfigured, Retry::No, 0),
    ("23502", Code::ServerMisconfigured, Retry::No, 0),
    ("23503", Code::ServerMisconfigured, Retry::No, 0),
    ("23505", Code::RegisterBusy, Retry::DidNotRun, 1),
    ("23514", Code::ServerMisconfigured, Retry::No, 0),
    ("23P01", Code::ServerMisconfigured, Retry::No, 0),
    ("25006", Code::ServerMisconfigured, Retry::No, 0),
    ("28000", Code::Forbidden, Retry::No, 0),
    ("40001", Code::RegisterBusy, Retry::DidNotRun, 3),
    ("40P01", Code::RegisterBusy, Retry::DidNotRun, 3),
    ("42501", Code::Forbidden, Retry::No, 0),
    ("42703", Code::ServerMisconfigured, Retry::No, 0),
    ("42P01", Code::ServerMisconfigured, Retry::No, 0),
    ("42883", Code::ServerMisconfigured, Retry::No, 0),
    ("53300", Code::Unavailable, Retry::DidNotRun, 10),
    ("55000", Code::ServerMisconfigured, Retry::No, 0),
    ("55P03", Code::RegisterBusy, Retry::DidNotRun, 3),
    ("57014", Code::Unavailable, Retry::DidNotRun, 1),
    ("57P01", Code::Unavailable, Retry::OutcomeUnknown, 10),
    ("P0001", Code::ServerMisconfigured, Retry::No, 0),
    ("P0002", Code::ServerMisconfigured, Retry::No, 0),
    ("P0003", Code::ServerMisconfigured, Retry::No, 0),
    ("P0004", Code::ServerMisconfigured, Retry::No, 0),
    ("40003", Code::Unavailable, Retry::OutcomeUnknown, 10),
    ("53100", Code::Unavailable, Retry::DidNotRun, 10),
    ("58030", Code::ServerMisconfigured, Retry::No, 0),
    ("XX000", Code::ServerMisconfigured, Retry::No, 0),
    ("PT400", Code::ServerMisconfigured, Retry::No, 0),
    ("PT401", Code::ServerMisconfigured, Retry::No, 0),
    ("PT402", Code::ServerMisconfigured, Retry::No, 0),
    ("PT403", Code::Forbidden, Retry::No, 0),
    ("PT404", Code::ServerMisconfigured, Retry::No, 0),
    ("PT409", Code::ServerMisconfigured, Retry::No, 0),
    ("PT422", Code::ServerMisconfigured, Retry::No, 0),
    ("PT429", Code::ServerMisconfigured, Retry::No, 0),
    ("PT500", Code::ServerMisconfigured, Retry::No, 0),
    ("PT503", Code::ServerMisconfigured, Retry::No, 0),
    ("PTABC", Code::ServerMisconfigured, Retry::No, 0),
    ("123", Code::ServerMisconfigured, Retry::No, 0),
    ("SUP", Code::ServerMisconfigured, Retry::No, 0),
];

#[test]
fn every_recorded_refusal_is_classified_as_the_table_says() {
    for (version, lines) in RECORDED {
        let mut seen = 0;
        for line in lines.lines() {
            let [name, status, kind, retry_after, body] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("PostgREST {version}: a line without five columns: {line}");
            };
            let mut headers = vec![("content-type", kind)];
            if !retry_after.is_empty() {
                headers.push(("retry-after", retry_after));
            }
            let failure = rest(&answer(status.parse().unwrap(), &headers, body));
            let error: serde_json::Value = serde_json::from_str(body).unwrap();
            let code = error["code"].as_str().unwrap();
            let early = ["nbf in 1 h", "iat in 1 h"].contains(&name);
            let expected = if early {
                (Code::ServerClocks, Retry::TokenTooNew, 3)
            } else {
                let row = CODES.iter().find(|row| row.0 == code);
                let (_, code, retry, repeats) =
                    row.unwrap_or_else(|| panic!("{code} ({name}) is not in the table"));
                (*code, *retry, *repeats)
            };
            let got = (failure.fault.code, failure.fault.retry, failure.repeats);
            assert_eq!(got, expected, "PostgREST {version}, {name}: {body}");
            assert!(failure.fault.detail.contains(code), "support needs the code: {}", failure.fault.detail);
            if retry_after == "0" {
                assert_eq!(failure.pause, None, "Retry-After: 0 means our own back-off ({name})");
            }
            seen += 1;
        }
        assert!(seen > 80, "PostgREST {version}: only {seen} recorded answers were read");
    }
}

#[test]
fn codes_that_could_not_be_recorded_follow_the_table_too() {
    for (code, expected, retry, repeats) in CODES {
        let body = serde_json::json!({"code": code, "message": "m"}).to_string();
        let failure = rest(&json_answer(500, &body));
        assert_eq!((failure.fault.code, failure.fault.retry), (*expected, *retry), "{code}");
        assert_eq!(failure.repeats, *repeats, "{code}");
    }
}

#[test]
fn an_error_without_a_code_is_no_refusal_whatever_its_status() {
    // As a genuine PostgREST 14 answers when the backend dies during the commit: the session is in the records.
    let genuine = r#"{"code":"","details":null,"hint":null,"message":""}"#;
    let blank = r#"{"code":"  ","message":"m"}"#;
    for body in [genuine, blank] {
        for status in [400, 404, 409, 422, 500] {
            let failure = rest(&json_answer(status, body));
            let got = (failure.fault.code, failure.fault.retry);
            assert_eq!(got, (Code::Unavailable, Retry::OutcomeUnknown), "{status} {body}");
            assert!(!failure.fault.is_decision());
            assert_eq!(
                auth(&json_answer(status, body)).fault.retry,
                Retry::OutcomeUnknown,
                "{status} {body}"
            );
        }
    }
}

#[test]
fn our_own_codes_name_the_decision() {
    for (status, code, expected) in [
        (404, "POS_REGISTER_NOT_FOUND", Code::RegisterNotFound),
        (409, "POS_REGISTER_RETIRED", Code::RegisterRetired),
        (409, "POS_SCOPE_MISMATCH", Code::ScopeMismatch),
        (403, "POS_USER_MISMATCH", Code::UserMismatch),
        (400, "POS_BAD_OPENING_CASH", Code::BadOpeningCash),
        (422, "POS_KEY_REUSED", Code::KeyReused),
        (404, "POS_SESSION_NOT_FOUND", Code::SessionNotFound),
        (403, "POS_NOT_STAFF", Code::NotStaff),
        (403, "POS_MANAGER_REQUIRED", Code::ManagerRequired),
        (403, "POS_APPROVAL_REQUIRED", Code::ApprovalRequired),
        (422, "POS_REASON_REQUIRED", Code::ReasonRequired),
        (400, "POS_BAD_COUNT", Code::BadCount),
        (409, "POS_SESSION_NOT_EMPTY", Code::SessionNotEmpty),
        (403, "POS_OVER_LIMIT", Code::OverLimit),
        (409, "POS_NOT_CLOSED", Code::NotClosed),
        (403, "POS_NOT_ALLOWED_HERE", Code::Forbidden),
        (404, "POS_LOCATION_NOT_FOUND", Code::Forbidden),
        (403, "POS_SELLING_OFF", Code::SellingOff),
        (400, "POS_BAD_SALE", Code::BadSale),
        (400, "POS_BAD_TENDER", Code::BadTender),
        (400, "POS_BAD_RECEIPT", Code::BadReceipt),
        (404, "POS_SALE_NOT_FOUND", Code::SaleNotFound),
        (409, "POS_ALREADY_VOIDED", Code::AlreadyVoided),
        (409, "POS_NOTHING_LEFT", Code::NothingLeft),
    ] {
        // With other statuses than ours too: a gateway may change the status, the code stays.
        for status in [status, 400, 500] {
            let body = format!(r#"{{"code":"{code}","message":"m","details":null,"hint":null}}"#);
            let failure = rest(&json_answer(status, &body));
            assert_eq!(failure.fault.code, expected, "{code} with {status}");
            assert!(failure.fault.is_decision(), "{code} is final");
        }
    }
    let busy = r#"{"code":"POS_REGISTER_BUSY","message":"m","details":null,"hint":null}"#;
    let busy = rest(&answer(503, &[("content-type", "application/json"), ("retry-after", "1")], busy));
    assert_eq!((busy.fault.code, busy.fault.retry), (Code::RegisterBusy, Retry::DidNotRun));
    assert_eq!(busy.pause, Some(Duration::from_secs(1)));
}

/// Status, headers and body, and what they must become.
type InFront<'a> = (u16, &'a [(&'a str, &'a str)], &'a str, Code, Retry, u32);

#[test]
fn what_stands_in_front_of_the_database_leaves_the_outcome_open() {
    let html = ("content-type", "text/html; charset=UTF-8");
    let json = ("content-type", "application/json");
    let cloudflare =
        "<!DOCTYPE html><html><head><title>shop.example | 520: Web server is returning an unknown error";
    let portal = "<html><meta http-equiv=refresh content='0; url=http://login.hotel.example/'></html>";
    #[rustfmt::skip]
    let rows: &[InFront<'_>] = &[
        (401, &[json], r#"{"message":"No API key found in request"}"#, Code::WrongKey, Retry::No, 0),
        (401, &[json], r#"{"message":"Invalid API key","hint":"Double check"}"#, Code::WrongKey, Retry::No, 0),
        (401, &[], "", Code::WrongKey, Retry::No, 0),
        (401, &[html], portal, Code::NotSupabase, Retry::OutcomeUnknown, 10),
        (200, &[html], portal, Code::NotSupabase, Retry::OutcomeUnknown, 10),
        (302, &[html], "", Code::NotSupabase, Retry::OutcomeUnknown, 10),
        (404, &[html], "<h1>Not Found</h1>", Code::NotSupabase, Retry::OutcomeUnknown, 10),
        (404, &[json], r#"{"error":"no such route"}"#, Code::NotSupabase, Retry::OutcomeUnknown, 10),
        (402, &[json], r#"{"message":"restricted"}"#, Code::Unavailable, Retry::No, 0),
        (403, &[html], "<title>Attention Required! | Cloudflare</title>", Code::Unavailable, Retry::OutcomeUnknown, 10),
        (407, &[html], "", Code::Unreachable, Retry::No, 0),
        (429, &[html], "slow down", Code::TooManyAttempts, Retry::DidNotRun, 10),
        (429, &[json], r#"{"message":"too many"}"#, Code::TooManyAttempts, Retry::DidNotRun, 10),
        (500, &[html], "oops", Code::Unavailable, Retry::OutcomeUnknown, 10),
        (502, &[html], "<center>nginx</center>", Code::Unavailable, Retry::OutcomeUnknown, 10),
        (503, &[json], "{}", Code::Unavailable, Retry::OutcomeUnknown, 10),
        (504, &[], "", Code::Unavailable, Retry::OutcomeUnknown, 10),
        (520, &[html], cloudflare, Code::Unavailable, Retry::OutcomeUnknown, 10),
        (522, &[html], cloudflare, Code::Unavailable, Retry::OutcomeUnknown, 10),
        (530, &[html], cloudflare, Code::Unavailable, Retry::OutcomeUnknown, 10),
        (540, &[html], "", Code::Unavailable, Retry::No, 0),
        (544, &[json], r#"{"message":"gateway timeout"}"#, Code::Unavailable, Retry::OutcomeUnknown, 10),
    ];
    for (status, headers, body, code, retry, repeats) in rows {
        for failure in [rest(&answer(*status, headers, *body)), auth(&answer(*status, headers, *body))] {
            // Auth's own oldest form calls its code "error".
            if body.contains("\"error\"") && failure.fault.code == Code::ServerMisconfigured {
                continue;
            }
            let got = (failure.fault.code, failure.fault.retry, failure.repeats);
            assert_eq!(got, (*code, *retry, *repeats), "{status} {body}");
            assert!(failure.fault.detail.contains(&status.to_string()), "the status is kept");
        }
    }
}

#[test]
fn bodies_that_are_not_what_they_claim_are_not_believed() {
    let json = ("content-type", "application/json");
    let deep = "[".repeat(100_000);
    let deep_object = r#"{"code":"#.repeat(100_000);
    let wrong_type = answer(404, &[("content-type", "text/plain")], r#"{"code":"POS_REGISTER_NOT_FOUND"}"#);
    assert_eq!(rest(&wrong_type).fault.code, Code::NotSupabase, "PostgREST always says that it sends JSON");
    let cut = &br#"{"code":"POS_REGISTER_NOT_FOUND","mess"#[..];
    for body in
        [cut, &b"\xff\xfe\x00{"[..], deep.as_bytes(), deep_object.as_bytes(), &b"null"[..], &b"[]"[..]]
    {
        for status in [200, 400, 404, 500] {
            let failure = rest(&answer(status, &[json], body));
            assert_eq!(failure.fault.retry, Retry::OutcomeUnknown, "{status}: nothing is known");
            assert!(!failure.fault.is_decision());
            assert!(failure.fault.detail.len() < 1_000, "a detail stays readable");
        }
    }
}

#[test]
fn auth_speaks_in_three_forms_and_a_header() {
    #[rustfmt::skip]
    let rows: &[(u16, &str, Option<&str>, Code, Retry)] = &[
        (400, r#"{"code":"invalid_credentials","message":"Invalid login credentials"}"#, None, Code::WrongPassword, Retry::No),
        (400, r#"{"code":400,"error_code":"invalid_credentials","msg":"Invalid login credentials"}"#, None, Code::WrongPassword, Retry::No),
        (400, r#"{"error":"invalid_grant","error_description":"Invalid login credentials"}"#, None, Code::WrongPassword, Retry::No),
        (400, r#"{"code":"email_not_confirmed","message":"Email not confirmed"}"#, None, Code::EmailNotConfirmed, Retry::No),
        (400, r#"{"code":"refresh_token_not_found","message":"Invalid Refresh Token"}"#, None, Code::SignedOut, Retry::No),
        (400, r#"{"code":400,"error_code":"refresh_token_already_used","msg":"Already Used"}"#, None, Code::SignedOut, Retry::No),
        (400, "{}", Some("refresh_token_not_found"), Code::SignedOut, Retry::No),
        (403, r#"{"code":"session_not_found","message":"m"}"#, None, Code::SignedOut, Retry::No),
        (400, r#"{"code":"session_expired","message":"m"}"#, None, Code::SignedOut, Retry::No),
        (403, r#"{"code":"user_banned","message":"m"}"#, None, Code::SignedOut, Retry::No),
        (409, r#"{"code":"conflict","message":"m"}"#, None, Code::Unavailable, Retry::DidNotRun),
        (429, r#"{"code":"over_request_rate_limit","message":"m"}"#, None, Code::TooManyAttempts, Retry::DidNotRun),
        (429, r#"{"code":429,"error_code":"something_new","msg":"m"}"#, None, Code::TooManyAttempts, Retry::DidNotRun),
        (500, r#"{"code":"unexpected_failure","message":"m"}"#, None, Code::Unavailable, Retry::OutcomeUnknown),
        (504, r#"{"code":"request_timeout","message":"m"}"#, None, Code::Unavailable, Retry::OutcomeUnknown),
        (422, r#"{"code":"email_provider_disabled","message":"m"}"#, None, Code::ServerMisconfigured, Retry::No),
    ];
    for (status, body, header, code, retry) in rows {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(header.map(|value| ("x-sb-error-code", value)));
        let failure = auth(&answer(*status, &headers, *body));
        assert_eq!((failure.fault.code, failure.fault.retry), (*code, *retry), "{status} {body}");
    }
}

#[test]
fn only_the_definite_codes_end_a_login() {
    for name in
        ["conflict", "unexpected_failure", "over_request_rate_limit", "bad_jwt", "no_authorization", "new"]
    {
        for status in [400, 401, 403, 409, 429, 500] {
            let failure = auth(&json_answer(status, &format!(r#"{{"code":"{name}","message":"m"}}"#)));
            assert_ne!(failure.fault.code, Code::SignedOut, "{name} with {status} must not end a login");
        }
    }
}

#[test]
fn the_not_deployed_fault_says_the_words_that_runbooks_search_for() {
    let body = r#"{"code":"PGRST202","details":"d","hint":null,"message":"Could not find the function"}"#;
    let failure = rest(&json_answer(404, body));
    assert!(
        failure.fault.detail.contains("Atomic session function not deployed"),
        "{}",
        failure.fault.detail
    );
    assert!(failure.fault.detail.contains("supabase db push"), "{}", failure.fault.detail);
    assert_eq!(failure.pause, Some(Duration::from_secs(5)));
}

#[test]
fn an_error_page_that_echoes_what_it_was_sent_shows_no_secret() {
    let secrets =
        ["sb_publishable_1234567890abcdef", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "v1MRjcyMTZhN2"];
    for secret in secrets {
        let failure = rest(&answer(502, &[], format!("<pre>apikey: {secret}\r\nfoo</pre>")));
        assert!(!failure.fault.detail.contains(secret), "{}", failure.fault.detail);
        assert!(
            failure.fault.detail.contains("apikey"),
            "the rest is still readable: {}",
            failure.fault.detail
        );
    }
}

proptest! {
    #[test]
    fn no_answer_panics_and_none_grows_without_bound(
        status in 100_u16..1000, body in proptest::collection::vec(any::<u8>(), 0..2_000), as_json in any::<bool>()
    ) {
        let headers: &[(&str, &str)] = if as_json { &[("content-type", "application/json")] } else { &[] };
        let answer = answer(status, headers, body);
        for failure in [rest(&answer), auth(&answer), unreadable(&answer, "x")] {
            prop_assert!(failure.fault.detail.chars().count() < 1_500);
        }
    }

    #[test]
    fn whatever_the_error_object_holds_a_fault_comes_out(
        code in "\\PC{0,8}", message in "\\PC{0,400}", details in "\\PC{0,400}"
    ) {
        let body = serde_json::json!({"code": code, "message": message, "details": details}).to_string();
        prop_assert!(rest(&json_answer(500, &body)).fault.detail.chars().count() < 1_500);
        let _any = auth(&json_answer(400, &body));
    }
}
