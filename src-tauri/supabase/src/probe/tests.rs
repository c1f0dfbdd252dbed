//! What an installer is told about projects in every state.

use super::*;
use serde_json::Value;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

const KEY: &str = "sb_publishable_test";

fn ok(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

fn refusal(status: u16, code: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"code": code, "message": "m"}))
}

async fn report(
    health: ResponseTemplate,
    settings: ResponseTemplate,
    function: ResponseTemplate,
) -> ConnectionReport {
    report_with(health, settings, function, refusal(401, "42501")).await
}

async fn report_with(
    health: ResponseTemplate,
    settings: ResponseTemplate,
    function: ResponseTemplate,
    whoami: ResponseTemplate,
) -> ConnectionReport {
    let server = MockServer::start().await;
    for (at, answer) in [
        ("/auth/v1/health", health),
        ("/auth/v1/settings", settings),
        ("/rest/v1/rpc/get_or_create_session", function),
        ("/rest/v1/rpc/pos_whoami", whoami),
    ] {
        Mock::given(path(at)).respond_with(answer).mount(&server).await;
    }
    test_connection(&server.uri(), KEY, "test").await
}

/// The check that failed, its code, and how many checks were run.
fn failed(report: &ConnectionReport) -> Option<(CheckName, Code, usize)> {
    let check = report.checks.iter().find(|check| check.fault.is_some())?;
    let run = report.checks.iter().filter(|check| check.was_run).count();
    Some((check.name, check.fault.as_ref().unwrap().code, run))
}

#[tokio::test]
async fn a_project_that_is_ready_passes_every_check() {
    for function in [refusal(401, "42501"), refusal(401, "PGRST302"), refusal(400, "22P02")] {
        let report = report(ok(json!({"name": "GoTrue"})), ok(json!({"external": {}})), function).await;
        assert!(report.passed(), "{report:?}");
    }
}

#[tokio::test]
async fn what_a_till_can_work_without_is_told_beside_the_checks() {
    let (guarded, open) = (|| refusal(401, "42501"), || refusal(400, "22P02"));
    let missing = || refusal(404, "PGRST202");
    for (function, whoami, limitations) in [
        (guarded(), guarded(), vec![]),
        (open(), guarded(), vec![Limitation::Guard]),
        (guarded(), missing(), vec![Limitation::CurrentPart]),
        (open(), missing(), vec![Limitation::CurrentPart, Limitation::Guard]),
        // Nobody knows, so nothing is claimed.
        (guarded(), ResponseTemplate::new(502), vec![]),
    ] {
        let report = report_with(ok(json!({"name": "GoTrue"})), ok(json!({})), function, whoami).await;
        assert!(report.passed(), "{report:?}");
        assert_eq!(report.limitations, limitations);
    }
}

#[tokio::test]
async fn a_server_that_reads_the_argument_first_is_asked_once_more_who_may_call() {
    for (message, limitations) in [
        ("permission denied for function get_or_create_session", vec![]),
        ("permission denied for table pos_sessions", vec![Limitation::Guard]),
    ] {
        let server = MockServer::start().await;
        let refused = ResponseTemplate::new(401).set_body_json(json!({"code": "42501", "message": message}));
        for (verb, at, answer) in [
            ("GET", "/auth/v1/health", ok(json!({"name": "GoTrue"}))),
            ("GET", "/auth/v1/settings", ok(json!({}))),
            ("POST", "/rest/v1/rpc/get_or_create_session", refusal(400, "22P02")),
            ("GET", "/rest/v1/rpc/get_or_create_session", refused),
            ("POST", "/rest/v1/rpc/pos_whoami", refusal(401, "42501")),
        ] {
            Mock::given(method(verb)).and(path(at)).respond_with(answer).mount(&server).await;
        }
        let report = test_connection(&server.uri(), KEY, "test").await;
        assert!(report.passed(), "{report:?}");
        assert_eq!(report.limitations, limitations, "{message}");
    }
}

#[tokio::test]
async fn each_failure_is_found_by_its_own_check() {
    let healthy = || ok(json!({"name": "GoTrue"}));
    let settings = || ok(json!({"external": {}}));
    let page = || ResponseTemplate::new(200).set_body_raw("<html>hotel</html>", "text/html");
    let no_key = || ResponseTemplate::new(401).set_body_json(json!({"message": "Invalid API key"}));
    let function = || refusal(401, "42501");
    for (answers, expected) in [
        ((page(), page(), page()), (CheckName::Reach, Code::NotSupabase, 2)),
        ((ok(json!([])), settings(), function()), (CheckName::Reach, Code::NotSupabase, 2)),
        ((ResponseTemplate::new(540), settings(), function()), (CheckName::Reach, Code::Unavailable, 2)),
        ((no_key(), no_key(), no_key()), (CheckName::Key, Code::WrongKey, 3)),
        ((healthy(), settings(), no_key()), (CheckName::Key, Code::WrongKey, 3)),
        (
            (healthy(), settings(), refusal(404, "PGRST202")),
            (CheckName::Function, Code::FunctionNotDeployed, 4),
        ),
        (
            (healthy(), settings(), refusal(300, "PGRST203")),
            (CheckName::Function, Code::FunctionAmbiguous, 4),
        ),
        ((healthy(), settings(), refusal(503, "PGRST002")), (CheckName::Function, Code::Unavailable, 4)),
        ((healthy(), settings(), refusal(404, "42883")), (CheckName::Function, Code::ServerMisconfigured, 4)),
    ] {
        let report = report(answers.0, answers.1, answers.2).await;
        assert_eq!(failed(&report), Some(expected), "{report:?}");
        assert_eq!(report.checks.len(), 4, "every check is listed, made or not");
    }
}

#[tokio::test]
async fn settings_are_judged_before_anything_is_sent() {
    for (url, key, code) in [
        ("http://shop.example", KEY, Code::BadUrl),
        ("", KEY, Code::BadUrl),
        ("https://shop.example", "", Code::WrongKey),
        ("https://shop.example", "sb_secret_x", Code::SecretKey),
    ] {
        let report = test_connection(url, key, "test").await;
        assert_eq!(failed(&report), Some((CheckName::Settings, code, 1)), "{url} {key}");
    }
}

#[tokio::test]
async fn nobody_listening_fails_the_reach_check() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let report = test_connection(&format!("http://{address}"), KEY, "test").await;
    assert_eq!(failed(&report), Some((CheckName::Reach, Code::Unreachable, 2)));
}

#[tokio::test]
async fn the_test_names_no_register_that_could_exist() {
    let server = MockServer::start().await;
    for (at, answer) in [
        ("/auth/v1/health", ok(json!({}))),
        ("/auth/v1/settings", ok(json!({}))),
        ("/rest/v1/rpc/get_or_create_session", refusal(401, "42501")),
    ] {
        Mock::given(path(at)).respond_with(answer).mount(&server).await;
    }
    test_connection(&server.uri(), KEY, "test").await;
    let requests = server.received_requests().await.unwrap();
    let asked = requests.iter().find(|request| request.url.path().ends_with("get_or_create_session"));
    let sent: Value = asked.unwrap().body_json().unwrap();
    let names: Vec<_> = sent.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names.len(), 5);
    assert!(
        sent["p_register_id"].as_str().unwrap().parse::<uuid::Uuid>().is_err(),
        "no function can begin with it"
    );
}
