//! The port against a mock project: what each answer makes the till believe.

mod switching;

use super::*;
use crate::keychain::MemoryVault;
use onetill_core::{IntentKey, ProjectKey, ProjectUrl, RegisterId, SessionStatus, UserId, VendorId};
use serde_json::Value;
use uuid::Uuid;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, path, query_param},
};

const OPENER: &str = "00000000-0000-4000-8000-0000000000c1";
const SESSION: &str = "0198b2de-0000-7000-8000-000000000001";

fn project(server: &MockServer) -> SupabaseServer {
    let connection = Connection {
        url: ProjectUrl::parse(&server.uri()).unwrap(),
        key: ProjectKey::parse("sb_publishable_test").unwrap(),
    };
    let vault = Arc::new(MemoryVault::default());
    let timing = Timing { jitter: Arc::new(|_up_to| 0), time_scale: 1 };
    SupabaseServer::with_timing(connection, DeviceId(Uuid::nil()), "test", vault, timing).unwrap()
}

fn id(last: &str) -> Uuid {
    format!("00000000-0000-4000-8000-0000000000{last}").parse().unwrap()
}

fn intent() -> OpenIntent {
    OpenIntent {
        key: IntentKey(Uuid::from_u128(42)),
        register_id: RegisterId(id("d1")),
        location_id: LocationId(id("b1")),
        vendor_id: VendorId(id("a1")),
        user_id: UserId(id("c1")),
        opening_cash: "150.50".parse().unwrap(),
        tally: onetill_core::Tally::Nothing,
        pressed_at: jiff::Timestamp::UNIX_EPOCH,
    }
}

fn row(opener: &str, status: &str) -> Value {
    json!({"id": SESSION, "session_number": "REG-1-000001", "register_id": id("d1"), "location_id": id("b1"),
        "vendor_id": id("a1"), "user_id": opener, "status": status, "opening_cash": "150.50", "total_sales": "0.00",
        "total_transactions": 0, "total_cash": "0.00", "total_card": "0.00", "walk_in_sales": 0,
        "pickup_orders_fulfilled": 0, "opened_at": "2026-01-02T08:00:00.5+00:00", "last_transaction_at": null})
}

fn session_body(opener: &str, status: &str) -> Value {
    json!({"id": SESSION, "session_number": "REG-1-000001", "register_id": id("d1"), "location_id": id("b1"),
        "vendor_id": id("a1"), "opener_id": opener, "opener_name": "Otto Opener", "status": status,
        "opening_cash": "150.50", "opened_at": "2026-01-02T08:00:00.5+00:00", "business_date": "2026-01-02",
        "revision": 3, "participants": 2, "counting": null, "closed_at": null, "ended_by_name": null,
        "totals": {"total_sales": "0.00", "total_transactions": 0, "total_cash": "0.00", "total_card": "0.00"},
        "expected_cash": null})
}

fn opened(outcome: Option<&str>, row: &Value) -> ResponseTemplate {
    let answer = ResponseTemplate::new(200).set_body_json(row);
    outcome.map_or(answer.clone(), |outcome| answer.insert_header("X-Session-Outcome", outcome))
}

fn refusal(status: u16, code: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .set_body_json(json!({"code": code, "message": "m", "details": null, "hint": null}))
}

async fn on(server: &MockServer, function: &str, answer: ResponseTemplate) {
    Mock::given(path(format!("/rest/v1/rpc/{function}"))).respond_with(answer).mount(server).await;
}

/// A project that lets somebody in, and whose database part says that it is of this version.
async fn of_version(version: u32) -> MockServer {
    let server = MockServer::start().await;
    let tokens = json!({"access_token": "access", "refresh_token": "refresh", "expires_in": 3600,
        "user": {"id": OPENER}});
    Mock::given(path("/auth/v1/token"))
        .respond_with(ResponseTemplate::new(200).set_body_json(tokens))
        .mount(&server)
        .await;
    let whoami = json!({"user_id": OPENER, "vendor_id": id("a1"), "vendor_name": "Shop", "display_name": "Mia",
        "role": "cashier", "schema_version": version, "server_time": "2026-01-02T08:00:00Z", "what_comes_later": {},
        "locations": [{"id": id("b1"), "name": "Main", "timezone": "Europe/Berlin", "currency": "EUR",
        "business_day_cutoff": "04:00", "what_comes_later": []}]});
    on(&server, "pos_whoami", ResponseTemplate::new(200).set_body_json(whoami)).await;
    server
}

/// A project where somebody is signed in.
async fn signed_in() -> (MockServer, SupabaseServer) {
    let server = of_version(1).await;
    let till = project(&server);
    let staff = till.sign_in("mia@shop.example", &"pw".into()).await.unwrap();
    assert_eq!((staff.display_name.as_str(), staff.locations.len()), ("Mia", 1));
    (server, till)
}

async fn calls(server: &MockServer, function: &str) -> usize {
    let all = server.received_requests().await.unwrap();
    all.iter().filter(|request| request.url.path().ends_with(function)).count()
}

#[tokio::test]
async fn a_created_session_takes_one_request_and_names_its_opener() {
    let (server, till) = signed_in().await;
    Mock::given(path("/rest/v1/rpc/get_or_create_session"))
        .and(header("Idempotency-Key", intent().key.to_string()))
        .and(header("Authorization", "Bearer access"))
        .respond_with(opened(Some("created"), &row(OPENER, "open")))
        .mount(&server)
        .await;
    let before = server.received_requests().await.unwrap().len();
    let opened = till.open_session(&intent()).await.unwrap();
    assert_eq!(opened.outcome, SessionOutcome::Created);
    assert_eq!(opened.session.opener_name.as_deref(), Some("Mia"));
    assert_eq!(opened.session.revision, 0, "the next look reads the rest");
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len() - before, 1);
    let sent: Value = requests.last().unwrap().body_json().unwrap();
    assert_eq!(sent["p_opening_cash"], "150.50", "money leaves as a string");
    assert_eq!(sent.as_object().unwrap().len(), 5);
}

#[tokio::test]
async fn a_joiner_is_told_whose_session_it_is() {
    let (server, till) = signed_in().await;
    let other = id("c9").to_string();
    on(&server, "get_or_create_session", opened(Some("joined"), &row(&other, "open"))).await;
    let look = json!({"unchanged": false, "session": session_body(&other, "open")});
    on(&server, "pos_session", ResponseTemplate::new(200).set_body_json(look)).await;
    let opened = till.open_session(&intent()).await.unwrap();
    assert_eq!((opened.outcome, opened.session.revision), (SessionOutcome::Joined, 3));
    assert_eq!(opened.session.opener_name.as_deref(), Some("Otto Opener"));
}

#[tokio::test]
async fn a_join_stands_even_when_the_second_read_fails() {
    let (server, till) = signed_in().await;
    on(&server, "get_or_create_session", opened(Some("joined"), &row(&id("c9").to_string(), "open"))).await;
    on(&server, "pos_session", ResponseTemplate::new(503)).await;
    let opened = till.open_session(&intent()).await.unwrap();
    assert_eq!((opened.outcome, opened.session.opener_name), (SessionOutcome::Joined, None));
    assert_eq!(opened.session.opener_id, Some(UserId(id("c9"))));
}

/// The rows that bear the intent's key: its own session, or none when the key joined.
async fn on_key(server: &MockServer, answer: ResponseTemplate) {
    Mock::given(path("/rest/v1/pos_sessions"))
        .and(query_param("idempotency_key", format!("eq.{}", intent().key)))
        .respond_with(answer)
        .mount(server)
        .await;
}

#[tokio::test]
async fn an_answer_without_its_own_word_is_understood_by_the_key() {
    for header in [None, Some("replayed"), Some("joined"), Some("something-new")] {
        for (rows, outcome) in
            [(json!([{"id": SESSION}]), SessionOutcome::Created), (json!([]), SessionOutcome::Joined)]
        {
            let (server, till) = signed_in().await;
            on(&server, "get_or_create_session", opened(header, &row(OPENER, "open"))).await;
            on_key(&server, ResponseTemplate::new(200).set_body_json(rows)).await;
            let look = json!({"unchanged": false, "session": session_body(OPENER, "open")});
            on(&server, "pos_session", ResponseTemplate::new(200).set_body_json(look)).await;
            assert_eq!(till.open_session(&intent()).await.unwrap().outcome, outcome, "{header:?}");
        }
    }
}

#[tokio::test]
async fn a_session_of_somebody_else_was_joined_whatever_the_header_says() {
    for header in [None, Some("replayed"), Some("joined")] {
        let (server, till) = signed_in().await;
        on(&server, "get_or_create_session", opened(header, &row(&id("c9").to_string(), "open"))).await;
        // What this intent did is on record as a join: it opened no session.
        on_key(&server, ResponseTemplate::new(200).set_body_json(json!([]))).await;
        assert_eq!(till.open_session(&intent()).await.unwrap().outcome, SessionOutcome::Joined, "{header:?}");
    }
}

#[tokio::test]
async fn where_the_key_cannot_be_read_the_outcome_is_told_as_it_came() {
    for (header, outcome) in [(None, SessionOutcome::Unknown), (Some("replayed"), SessionOutcome::Replayed)] {
        let (server, till) = signed_in().await;
        on(&server, "get_or_create_session", opened(header, &row(OPENER, "open"))).await;
        // An older table has no such column.
        on_key(&server, refusal(400, "42703")).await;
        assert_eq!(till.open_session(&intent()).await.unwrap().outcome, outcome);
    }
}

#[tokio::test]
async fn a_replay_of_a_session_that_is_over_says_that_it_is_over() {
    let (server, till) = signed_in().await;
    on_key(&server, ResponseTemplate::new(200).set_body_json(json!([{"id": SESSION}]))).await;
    on(&server, "get_or_create_session", opened(Some("replayed"), &row(OPENER, "closed"))).await;
    let look = json!({"unchanged": false, "session": session_body(OPENER, "closed")});
    on(&server, "pos_session", ResponseTemplate::new(200).set_body_json(look)).await;
    let opened = till.open_session(&intent()).await.unwrap();
    assert_eq!((opened.outcome, opened.session.status), (SessionOutcome::Created, SessionStatus::Closed));
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_with_the_same_key() {
    let (server, till) = signed_in().await;
    Mock::given(path("/rest/v1/rpc/get_or_create_session"))
        .respond_with(ResponseTemplate::new(520).set_body_raw("<html>", "text/html"))
        .up_to_n_times(2)
        .mount(&server)
        .await;
    on(&server, "get_or_create_session", opened(Some("replayed"), &row(OPENER, "open"))).await;
    on_key(&server, ResponseTemplate::new(200).set_body_json(json!([{"id": SESSION}]))).await;
    assert_eq!(till.open_session(&intent()).await.unwrap().outcome, SessionOutcome::Created);
    let keys: Vec<_> = server
        .received_requests()
        .await
        .unwrap()
        .iter()
        .filter_map(|request| request.headers.get("idempotency-key").cloned())
        .collect();
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|key| *key == keys[0]));
}

#[tokio::test]
async fn an_answer_about_another_register_or_session_is_not_believed() {
    let (server, till) = signed_in().await;
    let mut foreign = row(OPENER, "open");
    foreign["register_id"] = json!(id("d2"));
    on(&server, "get_or_create_session", opened(Some("created"), &foreign)).await;
    let fault = till.open_session(&intent()).await.unwrap_err();
    assert_eq!(fault.code, Code::ServerMisconfigured);
    assert!(!fault.is_decision(), "something may be open");

    let look = json!({"unchanged": false, "session": session_body(OPENER, "open")});
    on(&server, "pos_session", ResponseTemplate::new(200).set_body_json(look)).await;
    assert!(till.session(SessionId(id("ff")), 1, None).await.is_err());
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_and_the_call_goes_on() {
    let (server, till) = signed_in().await;
    Mock::given(path("/rest/v1/rpc/pos_session"))
        .respond_with(refusal(401, "PGRST303"))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    let unchanged = json!({"unchanged": true, "revision": 3});
    on(&server, "pos_session", ResponseTemplate::new(200).set_body_json(unchanged)).await;
    assert_eq!(till.session(SESSION.parse().unwrap(), 3, None).await, Ok(Seen::Unchanged));
    assert_eq!(calls(&server, "auth/v1/token").await, 2, "the sign-in and one renewal");
}

#[tokio::test]
async fn a_token_refused_again_after_renewal_is_no_loop_and_no_sign_out() {
    let (server, till) = signed_in().await;
    on(&server, "pos_session", refusal(401, "PGRST301")).await;
    let fault = till.session(SESSION.parse().unwrap(), 3, None).await.unwrap_err();
    assert_eq!(fault.code, Code::ServerMisconfigured);
    assert_eq!(calls(&server, "auth/v1/token").await, 2);
}

#[tokio::test]
async fn a_server_whose_clocks_disagree_is_not_asked_for_a_token_with_every_call() {
    let (server, till) = signed_in().await;
    let expired = json!({"code": "PGRST303", "message": "JWT expired", "details": null, "hint": null});
    on(&server, "pos_session", ResponseTemplate::new(401).set_body_json(expired)).await;
    for _ in 0..10 {
        let fault = till.session(SESSION.parse().unwrap(), 3, None).await.unwrap_err();
        assert_eq!(fault.code, Code::ServerClocks, "{fault}");
        assert!(!fault.is_decision());
    }
    assert_eq!(calls(&server, "auth/v1/token").await, 2, "the sign-in and one renewal");
    server.reset().await;
    let unchanged = json!({"unchanged": true, "revision": 3});
    on(&server, "pos_session", ResponseTemplate::new(200).set_body_json(unchanged)).await;
    assert_eq!(
        till.session(SESSION.parse().unwrap(), 3, None).await,
        Ok(Seen::Unchanged),
        "nobody was signed out"
    );
}

#[tokio::test]
async fn somebody_who_is_no_staff_is_not_left_signed_in() {
    let server = MockServer::start().await;
    let tokens = json!({"access_token": "access", "refresh_token": "refresh", "expires_in": 3600});
    Mock::given(path("/auth/v1/token"))
        .respond_with(ResponseTemplate::new(200).set_body_json(tokens))
        .mount(&server)
        .await;
    on(&server, "pos_whoami", refusal(403, "POS_NOT_STAFF")).await;
    Mock::given(path("/auth/v1/logout"))
        .and(query_param("scope", "local"))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&server)
        .await;
    let till = project(&server);
    assert_eq!(till.sign_in("x@shop.example", &"pw".into()).await.unwrap_err().code, Code::NotStaff);
    assert_eq!(till.resume_login().await, Ok(None));
}

#[tokio::test]
async fn an_older_database_lists_registers_from_its_tables() {
    let (server, till) = signed_in().await;
    on(&server, "pos_registers", refusal(404, "PGRST202")).await;
    on(&server, "pos_session", refusal(404, "PGRST202")).await;
    let registers = json!([{"id": id("d1"), "register_number": "REG-1", "register_name": "Front", "status": "active"},
        {"id": id("d2"), "register_number": "REG-2", "register_name": null, "status": "retired"}]);
    Mock::given(path("/rest/v1/pos_registers"))
        .and(query_param("location_id", format!("eq.{}", id("b1"))))
        .respond_with(ResponseTemplate::new(200).set_body_json(registers))
        .mount(&server)
        .await;
    Mock::given(path("/rest/v1/pos_sessions"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!([row(OPENER, "open")])))
        .mount(&server)
        .await;
    let list = till.registers(LocationId(id("b1"))).await.unwrap();
    assert_eq!(list.len(), 2);
    assert!(list[0].open_session.is_some() && list[1].open_session.is_none());
    let seen = till.session(SESSION.parse().unwrap(), 0, None).await.unwrap();
    assert!(matches!(seen, Seen::Session(session) if session.revision == 0));
}

#[tokio::test]
async fn an_older_database_that_hides_its_rows_is_named_not_guessed_about() {
    let (server, till) = signed_in().await;
    on(&server, "pos_session", refusal(404, "PGRST202")).await;
    Mock::given(path("/rest/v1/pos_sessions"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!([])))
        .mount(&server)
        .await;
    let fault = till.session(SESSION.parse().unwrap(), 0, None).await.unwrap_err();
    assert_eq!(fault.code, Code::OlderServer, "a hidden row does not mean that the session is gone");
    assert!(fault.detail.contains("pos_session"), "{}", fault.detail);
}

/// The shop's own rows may name people by keys of their own: what this intent opened is this person's all the same.
#[tokio::test]
async fn a_row_that_names_its_opener_otherwise_is_not_another_persons() {
    let (server, till) = signed_in().await;
    let key_of_the_shop = id("e1").to_string();
    on(&server, "get_or_create_session", opened(Some("created"), &row(&key_of_the_shop, "open"))).await;
    let created = till.open_session(&intent()).await.unwrap();
    assert_eq!(created.outcome, SessionOutcome::Created);
    assert_eq!(created.session.opener_name.as_deref(), Some("Mia"), "who opened it is who asked");

    // The reply was lost, and the intent was asked again: its key is on the session's row.
    let (server, till) = signed_in().await;
    on(&server, "get_or_create_session", opened(Some("replayed"), &row(&key_of_the_shop, "open"))).await;
    on_key(&server, ResponseTemplate::new(200).set_body_json(json!([{"id": SESSION}]))).await;
    assert_eq!(till.open_session(&intent()).await.unwrap().outcome, SessionOutcome::Created);
}

#[tokio::test]
async fn a_database_part_that_is_too_old_is_named_and_a_newer_one_is_worked_with() {
    for (version, fits) in [(0, false), (1, true), (99, true)] {
        let server = of_version(version).await;
        let answer = project(&server).sign_in("mia@shop.example", &"pw".into()).await;
        match (fits, answer) {
            (true, Ok(staff)) => assert_eq!(staff.display_name, "Mia"),
            (false, Err(fault)) => {
                assert_eq!(fault.code, Code::OlderServer);
                assert!(fault.detail.contains("version 0"), "{}", fault.detail);
            }
            (_, answer) => panic!("version {version}: {answer:?}"),
        }
    }
}
