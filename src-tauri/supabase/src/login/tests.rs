//! The login against a mock of Auth that counts what it is asked.

use super::*;
use crate::keychain::MemoryVault;
use onetill_core::{Connection, ProjectKey, ProjectUrl};
use serde_json::Value;
use std::sync::Mutex as StdMutex;
use wiremock::{
    Match, Mock, MockServer, ResponseTemplate,
    matchers::{method, path, query_param},
};

fn login(server: &MockServer, vault: Arc<dyn Vault>) -> Arc<Login> {
    let connection = Connection {
        url: ProjectUrl::parse(&server.uri()).unwrap(),
        key: ProjectKey::parse("sb_publishable_test").unwrap(),
    };
    let http = Arc::new(HttpClient::new(connection, None, "test").unwrap());
    Arc::new(Login::new(http, vault, Timing { jitter: Arc::new(|_up_to| 1), time_scale: 1 }))
}

fn tokens(number: u32, expires_in: u64) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "access_token": format!("access-{number}"), "refresh_token": format!("refresh-{number}"),
        "token_type": "bearer", "expires_in": expires_in, "user": {"id": "00000000-0000-4000-8000-0000000000c1"},
    }))
}

fn refusal(status: u16, code: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"code": code, "message": "m"}))
}

/// Only this refresh token is answered.
struct Refreshes(&'static str);

impl Match for Refreshes {
    fn matches(&self, request: &wiremock::Request) -> bool {
        let body: Value = request.body_json().unwrap_or_default();
        body["refresh_token"] == self.0
    }
}

async fn on_refresh(server: &MockServer, token: &'static str, answer: ResponseTemplate, times: u64) {
    Mock::given(method("POST"))
        .and(path("/auth/v1/token"))
        .and(query_param("grant_type", "refresh_token"))
        .and(Refreshes(token))
        .respond_with(answer)
        .up_to_n_times(times)
        .expect(times)
        .mount(server)
        .await;
}

async fn on_sign_in(server: &MockServer, answer: ResponseTemplate) {
    Mock::given(path("/auth/v1/token"))
        .and(query_param("grant_type", "password"))
        .respond_with(answer)
        .mount(server)
        .await;
}

fn kept(vault: &MemoryVault) -> Option<String> {
    vault.load().unwrap().map(|secret| secret.expose_secret().to_owned())
}

fn vault_with(secret: &str) -> Arc<MemoryVault> {
    let vault = Arc::new(MemoryVault::default());
    vault.keep(&secret.into()).unwrap();
    vault
}

#[tokio::test]
async fn a_sign_in_keeps_its_refresh_token_and_speaks_with_the_access_token() {
    let server = MockServer::start().await;
    on_sign_in(&server, tokens(1, 3600)).await;
    let vault = Arc::new(MemoryVault::default());
    let login = login(&server, vault.clone());
    assert_eq!(login.access(true).await.map(|_| ()).unwrap_err().code, Code::SignedOut);
    login.sign_in(" mia@shop.example ", &"pw".into(), SIGN_IN).await.unwrap();
    assert_eq!(login.access(true).await.unwrap().token.expose_secret(), "access-1");
    assert_eq!(kept(&vault).as_deref(), Some("refresh-1"));
    let asked: Value = server.received_requests().await.unwrap()[0].body_json().unwrap();
    assert_eq!(asked["email"], "mia@shop.example", "blanks around an address are nobody's intention");
}

#[tokio::test]
async fn many_callers_at_once_cause_one_refresh() {
    let server = MockServer::start().await;
    on_refresh(&server, "refresh-0", tokens(1, 3600).set_delay(Duration::from_millis(100)), 1).await;
    let login = login(&server, vault_with("refresh-0"));
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let login = Arc::clone(&login);
        callers.spawn(async move {
            assert!(login.resume().await.unwrap());
            login.access(true).await.unwrap().token.expose_secret().to_owned()
        });
    }
    for token in callers.join_all().await {
        assert_eq!(token, "access-1");
    }
}

#[tokio::test]
async fn two_answers_of_expired_cause_one_refresh() {
    let server = MockServer::start().await;
    on_refresh(&server, "refresh-0", tokens(1, 3600), 1).await;
    on_refresh(&server, "refresh-1", tokens(2, 3600), 1).await;
    let login = login(&server, vault_with("refresh-0"));
    login.resume().await.unwrap();
    let used = login.access(true).await.unwrap();
    let (one, two) =
        tokio::join!(login.renewed_since(used.renewal, true), login.renewed_since(used.renewal, true));
    assert_eq!(one.unwrap().token.expose_secret(), "access-2");
    assert_eq!(two.unwrap().token.expose_secret(), "access-2");
}

/// Says what the vault held at the moment when each token was asked for.
struct Witness {
    vault: Arc<MemoryVault>,
    saw: Arc<StdMutex<Vec<Option<String>>>>,
}

impl wiremock::Respond for Witness {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        self.saw.lock().unwrap().push(kept(&self.vault));
        let body: Value = request.body_json().unwrap();
        let number: u32 =
            body["refresh_token"].as_str().unwrap().trim_start_matches("refresh-").parse().unwrap();
        tokens(number + 1, 3600)
    }
}

#[tokio::test]
async fn a_new_refresh_token_is_in_the_vault_before_it_is_used() {
    let server = MockServer::start().await;
    let vault = vault_with("refresh-0");
    let saw = Arc::new(StdMutex::new(Vec::new()));
    let witness = Witness { vault: vault.clone(), saw: Arc::clone(&saw) };
    Mock::given(path("/auth/v1/token")).respond_with(witness).mount(&server).await;
    let login = login(&server, vault);
    login.resume().await.unwrap();
    for _ in 0..3 {
        let access = login.access(true).await.unwrap();
        login.renewed_since(access.renewal, true).await.unwrap();
    }
    let saw: Vec<_> = saw.lock().unwrap().iter().flatten().cloned().collect();
    assert_eq!(saw, ["refresh-0", "refresh-1", "refresh-2", "refresh-3"]);
}

#[tokio::test]
async fn a_refresh_goes_on_when_its_caller_has_left() {
    let server = MockServer::start().await;
    on_refresh(&server, "refresh-0", tokens(1, 3600).set_delay(Duration::from_millis(150)), 1).await;
    let vault = vault_with("refresh-0");
    let login = login(&server, vault.clone());
    tokio::time::timeout(Duration::from_millis(40), login.resume()).await.unwrap_err();
    assert_eq!(login.access(true).await.unwrap().token.expose_secret(), "access-1");
    assert_eq!(kept(&vault).as_deref(), Some("refresh-1"), "the answer was not lost with its caller");
}

#[tokio::test]
async fn an_unreachable_or_ailing_auth_does_not_end_the_login() {
    for answer in [
        ResponseTemplate::new(500),
        ResponseTemplate::new(520).set_body_raw("<html>", "text/html"),
        ResponseTemplate::new(200).set_body_raw("<html>captive portal</html>", "text/html"),
        refusal(429, "over_request_rate_limit"),
        refusal(409, "conflict"),
        refusal(500, "unexpected_failure"),
        ResponseTemplate::new(401).set_body_json(json!({"message": "Invalid API key"})),
    ] {
        let server = MockServer::start().await;
        Mock::given(path("/auth/v1/token")).respond_with(answer).mount(&server).await;
        let vault = vault_with("refresh-0");
        let login = login(&server, vault.clone());
        let fault = login.resume().await.unwrap_err();
        assert_ne!(fault.code, Code::SignedOut, "{fault}");
        assert_eq!(kept(&vault).as_deref(), Some("refresh-0"), "{fault}");

        server.reset().await;
        on_refresh(&server, "refresh-0", tokens(1, 3600), 1).await;
        assert!(login.access(true).await.is_ok(), "and when it recovers, the login goes on");
    }
}

#[tokio::test]
async fn a_definite_code_ends_the_login_here_and_in_the_vault() {
    for code in [
        "refresh_token_not_found",
        "refresh_token_already_used",
        "session_not_found",
        "session_expired",
        "user_banned",
    ] {
        let server = MockServer::start().await;
        on_refresh(&server, "refresh-0", refusal(400, code), 1).await;
        let vault = vault_with("refresh-0");
        let login = login(&server, vault.clone());
        assert_eq!(login.resume().await.unwrap_err().code, Code::SignedOut, "{code}");
        assert_eq!(kept(&vault), None, "{code}");
        assert_eq!(
            login.access(true).await.map(|_| ()).unwrap_err().code,
            Code::SignedOut,
            "and asks no more"
        );
    }
}

#[tokio::test]
async fn a_token_that_is_due_is_renewed_beside_the_call_not_before_it() {
    let server = MockServer::start().await;
    // Two seconds of life: due after one.
    on_refresh(&server, "refresh-0", tokens(1, 2), 1).await;
    on_refresh(&server, "refresh-1", tokens(2, 3600).set_delay(Duration::from_millis(300)), 1).await;
    let login = login(&server, vault_with("refresh-0"));
    login.resume().await.unwrap();
    let due = login.current.read().unwrap().as_ref().unwrap().renew_from;
    tokio::time::sleep_until(due).await;
    let before = Instant::now();
    assert_eq!(login.access(true).await.unwrap().token.expose_secret(), "access-1");
    assert!(before.elapsed() < Duration::from_millis(200), "nobody waited for the renewal");
    let renewed = login.renewed_since(1, true).await.unwrap();
    assert_eq!(renewed.token.expose_secret(), "access-2");
}

#[tokio::test]
async fn signing_out_is_local_and_forgets_even_when_nobody_answers() {
    let server = MockServer::start().await;
    on_sign_in(&server, tokens(1, 3600)).await;
    Mock::given(path("/auth/v1/logout"))
        .and(query_param("scope", "local"))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&server)
        .await;
    let vault = Arc::new(MemoryVault::default());
    let login = login(&server, vault.clone());
    login.sign_in("mia@shop.example", &"pw".into(), SIGN_IN).await.unwrap();
    login.sign_out().await;
    assert_eq!(kept(&vault), None);

    login.sign_in("mia@shop.example", &"pw".into(), SIGN_IN).await.unwrap();
    server.verify().await;
    drop(server);
    login.sign_out().await;
    assert_eq!(kept(&vault), None);
    assert!(!login.resume().await.unwrap(), "nothing is left to resume");
}

/// A computer without a keychain.
struct NoVault;

impl Vault for NoVault {
    fn load(&self) -> Result<Option<SecretString>, Fault> {
        Err(Fault::new(Code::KeychainUnavailable, "none"))
    }
    fn keep(&self, _secret: &SecretString) -> Result<(), Fault> {
        Err(Fault::new(Code::KeychainUnavailable, "none"))
    }
    fn forget(&self) -> Result<(), Fault> {
        Ok(())
    }
}

#[tokio::test]
async fn without_a_keychain_the_login_lives_in_memory_and_says_so() {
    let server = MockServer::start().await;
    on_sign_in(&server, tokens(1, 3600)).await;
    let login = login(&server, Arc::new(NoVault));
    assert!(!login.resume().await.unwrap());
    assert!(!login.is_kept(), "the sign-in screen tells that the login will end with the program");
    login.sign_in("mia@shop.example", &"pw".into(), SIGN_IN).await.unwrap();
    assert!(login.access(true).await.is_ok());
    assert!(!login.is_kept());
}

#[tokio::test]
async fn a_sign_in_whose_answer_was_lost_is_not_sent_twice() {
    let server = MockServer::start().await;
    Mock::given(path("/auth/v1/token"))
        .respond_with(ResponseTemplate::new(502))
        .expect(1)
        .mount(&server)
        .await;
    let login = login(&server, Arc::new(MemoryVault::default()));
    let fault = login.sign_in("mia@shop.example", &"pw".into(), SIGN_IN).await.unwrap_err();
    assert_eq!(fault.code, Code::Unavailable);
}

#[tokio::test]
async fn tokens_and_passwords_never_stand_in_a_fault() {
    let server = MockServer::start().await;
    let garbled =
        json!({"access_token": "eyJsecret.eyJsecret.x", "refresh_token": 7, "expires_in": "pw-secret"});
    on_sign_in(&server, ResponseTemplate::new(200).set_body_json(garbled)).await;
    let login = login(&server, Arc::new(MemoryVault::default()));
    let fault = login.sign_in("mia@shop.example", &"pw-secret".into(), SIGN_IN).await.unwrap_err();
    assert!(!fault.to_string().contains("secret"), "{fault}");
    assert!(!format!("{fault:?}").contains("secret"), "{fault:?}");
}

/// A keychain that never answers, as a locked one behind the window: whoever asks waits until the test is over.
struct Hung(StdMutex<std::sync::mpsc::Receiver<()>>);

impl Hung {
    fn wait(&self) {
        let _over = self.0.lock().unwrap().recv();
    }
}

impl Vault for Hung {
    fn load(&self) -> Result<Option<SecretString>, Fault> {
        self.wait();
        Ok(None)
    }
    fn keep(&self, _secret: &SecretString) -> Result<(), Fault> {
        self.wait();
        Ok(())
    }
    fn forget(&self) -> Result<(), Fault> {
        self.wait();
        Ok(())
    }
}

#[tokio::test]
async fn nobody_waits_for_a_keychain_that_hangs() {
    let server = MockServer::start().await;
    on_sign_in(&server, tokens(1, 3600)).await;
    let (over, hung) = std::sync::mpsc::channel();
    let login = login(&server, Arc::new(Hung(StdMutex::new(hung))));
    let resuming = tokio::spawn({
        let login = Arc::clone(&login);
        async move { login.resume().await }
    });
    let password = "pw".into();
    let signed_in = login.sign_in("mia@shop.example", &password, SIGN_IN);
    tokio::time::timeout(KEYCHAIN_WAIT / 2, signed_in).await.expect("it was waited for").unwrap();
    assert!(login.access(true).await.is_ok());
    assert!(!login.is_kept(), "and the window says that the login ends with the program");
    assert!(!resuming.is_finished(), "the start still waits for it");
    tokio::time::timeout(KEYCHAIN_WAIT / 2, login.sign_out()).await.expect("it was waited for");
    drop(over);
}
