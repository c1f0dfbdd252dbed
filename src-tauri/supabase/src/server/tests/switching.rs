//! Opening a locked till, and changing who is signed in: what becomes of the login that was there before.

use super::*;
use secrecy::ExposeSecret;

const BEN: &str = "00000000-0000-4000-8000-0000000000c2";

/// Auth and `pos_whoami` for Mia and Ben; a password is right when it is "right".
struct Desk {
    server: MockServer,
    till: SupabaseServer,
    vault: Arc<MemoryVault>,
    verifier: Arc<MemoryVault>,
}

/// Which person an access token speaks for: the mock's are `access-<id>-<number>`.
struct Speaks;

impl wiremock::Respond for Speaks {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let bearer =
            request.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (who, name) = if bearer.contains(BEN) { (BEN, "Ben") } else { (OPENER, "Mia") };
        ResponseTemplate::new(200).set_body_json(json!({"user_id": who, "vendor_id": id("a1"), "vendor_name": "Shop",
            "display_name": name, "role": "cashier", "schema_version": 1, "server_time": "2026-01-02T08:00:00Z",
            "locations": []}))
    }
}

struct Auth(std::sync::atomic::AtomicU32);

impl wiremock::Respond for Auth {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let asked: Value = request.body_json().unwrap();
        if asked["password"] != "right" {
            return refusal(400, "invalid_credentials");
        }
        let who = if asked["email"] == "ben@shop.example" { BEN } else { OPENER };
        let number = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        ResponseTemplate::new(200).set_body_json(json!({"access_token": format!("access-{who}-{number}"),
            "refresh_token": format!("refresh-{number}"), "expires_in": 3600, "user": {"id": who}}))
    }
}

impl Desk {
    /// Mia is signed in.
    async fn new() -> Self {
        let server = MockServer::start().await;
        let verifier = Arc::new(MemoryVault::default());
        let (till, vault) = Self::open(&server.uri(), verifier.clone());
        Mock::given(path("/auth/v1/token")).respond_with(Auth(0.into())).mount(&server).await;
        Mock::given(path("/rest/v1/rpc/pos_whoami")).respond_with(Speaks).mount(&server).await;
        Mock::given(path("/auth/v1/logout"))
            .and(query_param("scope", "local"))
            .respond_with(ResponseTemplate::new(204))
            .mount(&server)
            .await;
        till.sign_in("mia@shop.example", &"right".into()).await.unwrap();
        Self { server, till, vault, verifier }
    }

    fn open(url: &str, verifier: Arc<MemoryVault>) -> (SupabaseServer, Arc<MemoryVault>) {
        let connection = Connection {
            url: ProjectUrl::parse(url).unwrap(),
            key: ProjectKey::parse("sb_publishable_test").unwrap(),
        };
        let vault = Arc::new(MemoryVault::default());
        let timing = Timing { jitter: Arc::new(|_up_to| 0), time_scale: 1 };
        let till =
            SupabaseServer::with_timing(connection, DeviceId(Uuid::nil()), "test", vault.clone(), timing)
                .unwrap();
        (till.with_verifier_in(verifier), vault)
    }

    async fn confirm(&self, who: &str, password: &str) -> Result<Option<String>, Code> {
        let answer = self.till.confirm(UserId(who.parse().unwrap()), &password.into()).await;
        answer.map(|staff| staff.map(|staff| staff.display_name)).map_err(|fault| fault.code)
    }

    /// With whose token the till speaks now, and which refresh token it keeps.
    async fn login(&self) -> (String, String) {
        let token = self.till.rest.login.access(true).await.unwrap().token;
        let kept = self.vault.load().unwrap().unwrap();
        (token.expose_secret().to_owned(), kept.expose_secret().to_owned())
    }

    /// The tokens whose logins were ended, once there are so many.
    async fn ended(&self, count: usize) -> Vec<String> {
        loop {
            let all = self.server.received_requests().await.unwrap();
            let ended = all.iter().filter(|request| request.url.path() == "/auth/v1/logout");
            let token =
                |request: &wiremock::Request| request.headers["authorization"].to_str().unwrap().to_owned();
            let ended: Vec<String> = ended.map(token).collect();
            if ended.len() >= count {
                return ended;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn the_password_is_judged_by_the_server_and_the_login_renewed() {
    let desk = Desk::new().await;
    assert_eq!(desk.confirm(OPENER, "wrong").await, Err(Code::WrongPassword));
    assert_eq!(desk.login().await, (format!("access-{OPENER}-0"), "refresh-0".into()), "nothing has changed");
    assert_eq!(desk.confirm(OPENER, "right").await, Ok(Some("Mia".into())));
    assert_eq!(desk.login().await, (format!("access-{OPENER}-1"), "refresh-1".into()));
    assert_eq!(desk.ended(1).await, [format!("Bearer access-{OPENER}-0")], "no login is left behind");
}

#[tokio::test]
async fn a_colleague_replaces_who_was_signed_in_and_is_known_from_then_on() {
    let desk = Desk::new().await;
    assert_eq!(desk.confirm(BEN, "right").await, Err(Code::SignedOut), "his address is not known yet");
    desk.till.sign_in("ben@shop.example", &"right".into()).await.unwrap();
    assert_eq!(desk.login().await, (format!("access-{BEN}-1"), "refresh-1".into()));
    assert_eq!(desk.ended(1).await, [format!("Bearer access-{OPENER}-0")]);
    let names: Vec<String> = desk.till.people().into_iter().map(|person| person.name).collect();
    assert_eq!(names, ["Ben", "Mia"]);
    assert_eq!(desk.confirm(OPENER, "right").await, Ok(Some("Mia".into())), "and back with a password alone");
    assert_eq!(desk.login().await.0, format!("access-{OPENER}-2"));
}

#[tokio::test]
async fn a_colleague_who_is_refused_leaves_the_login_as_it_was() {
    let desk = Desk::new().await;
    let wrong = desk.till.sign_in("ben@shop.example", &"wrong".into()).await;
    assert_eq!(wrong.unwrap_err().code, Code::WrongPassword);
    desk.server.reset().await;
    Mock::given(path("/auth/v1/token")).respond_with(Auth(7.into())).mount(&desk.server).await;
    on(&desk.server, "pos_whoami", refusal(403, "POS_NOT_STAFF")).await;
    let stranger = desk.till.sign_in("ben@shop.example", &"right".into()).await;
    assert_eq!(stranger.unwrap_err().code, Code::NotStaff);
    assert_eq!(desk.login().await, (format!("access-{OPENER}-0"), "refresh-0".into()));
    assert_eq!(desk.ended(1).await, [format!("Bearer access-{BEN}-7")], "the stranger's own login is ended");
}

#[tokio::test]
async fn without_the_server_the_last_sign_in_is_asked_and_gives_no_token() {
    let desk = Desk::new().await;
    let who = UserId(OPENER.parse().unwrap());
    // The next start, with no network: nobody listens there.
    let (till, vault) = Desk::open("http://127.0.0.1:1", desk.verifier.clone());
    assert_eq!(till.confirm(who, &"right".into()).await, Ok(None));
    assert_eq!(till.confirm(who, &"wrong".into()).await.unwrap_err().code, Code::WrongPassword);
    assert!(vault.load().unwrap().is_none() && !till.rest.login.is_in());
    till.sign_out().await;
    assert!(till.confirm(who, &"right".into()).await.is_err(), "who signed out is not known any more");
}

#[tokio::test]
async fn a_shop_that_is_told_to_wait_is_not_locked_out() {
    let desk = Desk::new().await;
    desk.server.reset().await;
    Mock::given(path("/auth/v1/token"))
        .respond_with(ResponseTemplate::new(429).set_body_json(json!({"code": "over_request_rate_limit"})))
        .mount(&desk.server)
        .await;
    assert_eq!(desk.confirm(OPENER, "right").await, Ok(None));
    assert_eq!(desk.confirm(OPENER, "wrong").await, Err(Code::WrongPassword));
}

#[tokio::test]
async fn the_servers_no_is_not_overruled_by_what_this_computer_knows() {
    let desk = Desk::new().await;
    desk.server.reset().await;
    // The password was changed elsewhere, or its owner was locked out.
    for (refused, code) in [("invalid_credentials", Code::WrongPassword), ("user_banned", Code::SignedOut)] {
        desk.server.reset().await;
        Mock::given(path("/auth/v1/token")).respond_with(refusal(400, refused)).mount(&desk.server).await;
        assert_eq!(desk.confirm(OPENER, "right").await, Err(code));
    }
}
