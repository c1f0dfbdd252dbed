//! The project's HTTP endpoint, answer by answer.
//!
//! The till's own client repeats and interprets; a tool that proves something must see what really came back. So this
//! one sends each request once and hands over the whole answer. Invariant: every request has a deadline, no redirect is
//! followed, and no key, token or body reaches an error text.

use onetill_core::{Connection, UserId};
use onetill_supabase::Distrust;
use reqwest::{
    Client, Method,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue},
    redirect,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::{
    fmt,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Beyond the database's own limits (8 s a statement, 10 s for a place), so that its verdict is heard.
pub(crate) const DEADLINE: Duration = Duration::from_secs(15);
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// One device: a connection of its own and an id of its own.
#[derive(Clone)]
pub(crate) struct Caller {
    client: Client,
    connection: Connection,
    bearer: Option<SecretString>,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) token: SecretString,
    pub(crate) user: UserId,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body; `None` when it is no JSON.
    pub(crate) json: Option<Value>,
    pub(crate) took: Duration,
}

/// Nothing came back.
#[derive(Clone, Debug)]
pub(crate) enum Silence {
    /// No connection: no network, wrong address, server down.
    Connect(String),
    /// A connection, and no trust in who answered.
    Tls(String),
    /// The certificate's dates do not fit this computer's clock.
    TlsDates(String),
    /// No answer within the deadline, or one that broke off.
    Lost(String),
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(why) => write!(f, "no connection: {why}"),
            Self::Tls(why) | Self::TlsDates(why) => write!(f, "TLS: {why}"),
            Self::Lost(why) => write!(f, "no answer: {why}"),
        }
    }
}

impl Answer {
    pub(crate) fn worked(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A text in the JSON body.
    pub(crate) fn text(&self, pointer: &str) -> Option<&str> {
        self.json.as_ref()?.pointer(pointer)?.as_str()
    }

    /// The code of a refusal: PostgREST's or our own, or Auth's in its newer and older forms.
    pub(crate) fn code(&self) -> Option<&str> {
        let in_body = self.text("/code").or_else(|| self.text("/error_code")).or_else(|| self.text("/error"));
        in_body.or_else(|| self.header("x-sb-error-code"))
    }

    /// The refusal in one short line.
    pub(crate) fn refusal(&self) -> String {
        let message = self.text("/message").or_else(|| self.text("/msg")).unwrap_or_default();
        let code = self.code().unwrap_or("no code");
        let text: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
        format!("HTTP {} {code} {text}", self.status).trim_end().to_owned()
    }
}

impl Caller {
    /// A device; nothing is sent yet.
    ///
    /// # Errors
    /// When this computer can make no TLS client.
    pub(crate) fn new(connection: Connection) -> Result<Self, String> {
        // Only the first caller of the process installs it; later ones find it installed.
        let _already_there = rustls::crypto::ring::default_provider().install_default();
        let mut headers = HeaderMap::new();
        let mut key =
            HeaderValue::from_str(connection.key.header()).map_err(|_shows_it| "the key is no header")?;
        key.set_sensitive(true);
        headers.insert("apikey", key);
        headers.insert(
            "x-client-version",
            HeaderValue::from_static(concat!("onetillctl/", env!("CARGO_PKG_VERSION"))),
        );
        headers.insert("x-supabase-api-version", HeaderValue::from_static("2024-01-01"));
        let device = HeaderValue::from_str(&Uuid::new_v4().to_string()).map_err(|cause| cause.to_string())?;
        headers.insert("x-device-id", device);
        let mut client = Client::builder()
            .default_headers(headers)
            .user_agent(concat!("onetillctl/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(Duration::from_secs(5));
        if connection.url.endpoint("").scheme() == "http" {
            client = client.no_proxy(); // this very computer is reached without anybody's help
        }
        let client = client.build().map_err(|cause| causes(&cause))?;
        Ok(Self { client, connection, bearer: None })
    }

    /// The same device, speaking for somebody.
    pub(crate) fn signed_in(self, login: &Login) -> Self {
        Self { bearer: Some(login.token.clone()), ..self }
    }

    /// Sends one request and reads its answer.
    ///
    /// # Errors
    /// [`Silence`]; every complete answer, also a refusal, is `Ok`.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, String)],
        body: Option<&Value>,
    ) -> Result<Answer, Silence> {
        let began = Instant::now();
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url = self.connection.url.endpoint(path);
        url.set_query(query);
        let mut request = self.client.request(method, url).header(ACCEPT, "application/json");
        if let Some(token) = &self.bearer {
            let value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()));
            let mut value = value.map_err(|_shows_it| Silence::Lost("the token is no header".into()))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let read = async {
            let mut response = request.send().await.map_err(|cause| silence(&cause))?;
            let status = response.status().as_u16();
            let headers = std::mem::take(response.headers_mut());
            let mut bytes = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|cause| Silence::Lost(causes(&cause)))? {
                if bytes.len() + chunk.len() > LARGEST_BODY {
                    return Err(Silence::Lost("a body beyond any answer".into()));
                }
                bytes.extend_from_slice(&chunk);
            }
            let claims_json = headers
                .get(CONTENT_TYPE)
                .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.contains("json")));
            let json = if claims_json { serde_json::from_slice(&bytes).ok() } else { None };
            Ok(Answer { status, headers, json, took: began.elapsed() })
        };
        match tokio::time::timeout(DEADLINE, read).await {
            Ok(result) => result,
            Err(_elapsed) => Err(Silence::Lost(format!("nothing in {} s", DEADLINE.as_secs()))),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Silence> {
        self.send(Method::GET, path, &[], None).await
    }

    /// Calls a function of the database.
    pub(crate) async fn rpc(&self, name: &str, arguments: &Value) -> Result<Answer, Silence> {
        self.send(Method::POST, &format!("rest/v1/rpc/{name}"), &[], Some(arguments)).await
    }

    /// Signs in with a password.
    ///
    /// # Errors
    /// A sentence that says why not.
    pub(crate) async fn sign_in(&self, email: &str, password: &SecretString) -> Result<Login, String> {
        let body = json!({"email": email, "password": password.expose_secret()});
        let answer = self
            .send(Method::POST, "auth/v1/token?grant_type=password", &[], Some(&body))
            .await
            .map_err(|silence| silence.to_string())?;
        let login = || {
            let user = answer.text("/user/id")?.parse().ok()?;
            let token = answer.text("/access_token")?.to_owned();
            Some(Login { token: token.into(), user })
        };
        if answer.worked() {
            login().ok_or("not what Auth answers".to_owned())
        } else {
            Err(answer.refusal())
        }
    }

    /// Ends this login, and no other one of the same person.
    pub(crate) async fn sign_out(&self) {
        let _ends_by_itself = self.send(Method::POST, "auth/v1/logout?scope=local", &[], None).await;
    }
}

fn silence(error: &reqwest::Error) -> Silence {
    let why = causes(error);
    match Distrust::below(error) {
        Some(Distrust::Dates) => Silence::TlsDates(why),
        Some(Distrust::Other) => Silence::Tls(why),
        None if error.is_connect() => Silence::Connect(why),
        None => Silence::Lost(why),
    }
}

/// An error with its causes, without the address that it repeats each time.
fn causes(error: &reqwest::Error) -> String {
    let mut parts = Vec::new();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        parts.push(cause.to_string());
        next = cause.source();
    }
    parts.dedup();
    if parts.is_empty() { error.to_string() } else { parts.join(": ") }
}
