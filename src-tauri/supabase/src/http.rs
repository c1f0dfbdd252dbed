//! One request and its answer: the only place that touches the network.
//!
//! Invariants: a request that surely did not leave is told apart from one that may have run; a body is read up to a
//! bound and no further; a redirect is never followed; no key, token or body reaches a log.

use crate::{clock::ServerClock, failure::Failure, tls_failure::TlsFailure};
use jiff::{SignedDuration, Timestamp};
use onetill_core::{Code, Connection, DeviceId, Fault, IntentKey, Retry};
use reqwest::{
    Client, Method,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, RETRY_AFTER},
    redirect,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::{
    borrow::Cow,
    fmt::{self, Write as _},
    time::Duration,
};
use tokio::time::Instant;
use uuid::Uuid;

/// Far above what any call answers; a body beyond it is no answer of ours.
const LARGEST_BODY: usize = 2 * 1024 * 1024;

/// One row or none, and the transaction is rolled back when there would be two.
const ONE_OBJECT: &str = "application/vnd.pgrst.object+json";

/// The connection pool of one device to one project.
pub struct HttpClient {
    client: Client,
    connection: Connection,
    pub(crate) clock: ServerClock,
}

/// What to send.
pub struct Request {
    method: Method,
    path: Cow<'static, str>,
    query: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
    bearer: Option<SecretString>,
    idempotency_key: Option<IntentKey>,
    last_receipt: Option<u64>,
    accept: &'static str,
}

/// What came back, whole.
pub struct Response {
    /// HTTP status.
    pub status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// From the sending to the last byte.
    pub took: Duration,
}

/// Why nothing whole came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// No connection: no network, wrong address, server down. The request did not run.
    Unreachable(String),
    /// A connection, and no trust in who answered. The request did not run.
    Untrusted(TlsFailure, String),
    /// No answer within the deadline, or one that broke off. The request may have run.
    NoAnswer(String),
    /// An answer that no server of ours gives: a body beyond any bound. The request may have run.
    TooLarge(String),
    /// The token cannot stand in a header. Nothing was sent.
    BadToken,
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "no connection: {why}"),
            Self::Untrusted(_, why) => write!(f, "TLS: {why}"),
            Self::NoAnswer(why) | Self::TooLarge(why) => write!(f, "no answer: {why}"),
            Self::BadToken => f.write_str("the token is no header"),
        }
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Unreachable(why) | TransportError::Untrusted(TlsFailure::Other, why) => {
                Self::not_sent(Code::Unreachable, why)
            }
            // Every certificate looks expired, or not valid yet, to a computer that has the date wrong.
            TransportError::Untrusted(TlsFailure::Dates, why) => {
                Self::permanent(Fault::new(Code::ClockSkew, why).with_retry(Retry::DidNotRun))
            }
            TransportError::NoAnswer(why) => Self::ambiguous(Code::NoAnswer, why),
            TransportError::TooLarge(why) => Self::ambiguous(Code::NotSupabase, why),
            TransportError::BadToken => {
                Self::permanent(Fault::new(Code::Internal, "token is no header value"))
            }
        }
    }
}

impl Request {
    /// Reads something.
    #[must_use]
    pub fn get(path: impl Into<Cow<'static, str>>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            query: Vec::new(),
            body: None,
            bearer: None,
            idempotency_key: None,
            last_receipt: None,
            accept: "application/json",
        }
    }

    /// Sends JSON.
    #[must_use]
    pub fn post(path: impl Into<Cow<'static, str>>, body: &Value) -> Self {
        Self { method: Method::POST, body: Some(body.to_string().into_bytes()), ..Self::get(path) }
    }

    /// Where it goes, below the project's address.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Speaks for a signed-in person.
    #[must_use]
    pub fn bearer(mut self, token: SecretString) -> Self {
        self.bearer = Some(token);
        self
    }

    /// Makes repeating harmless.
    #[must_use]
    pub fn keyed(mut self, key: IntentKey) -> Self {
        self.idempotency_key = Some(key);
        self
    }

    /// Tells the highest receipt that this till has given out.
    pub(crate) fn last_receipt(mut self, last: Option<u64>) -> Self {
        self.last_receipt = last;
        self
    }

    /// Asks for exactly one row.
    pub(crate) fn one_object(mut self) -> Self {
        self.accept = ONE_OBJECT;
        self
    }
}

impl Response {
    /// Whether the server says that it worked.
    #[must_use]
    pub fn worked(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header's value, when it is readable text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the body claims to be JSON.
    pub(crate) fn claims_json(&self) -> bool {
        self.header(CONTENT_TYPE.as_str()).is_some_and(|kind| kind.to_ascii_lowercase().contains("json"))
    }

    /// The body, if it claims to be JSON and is.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        if self.claims_json() { serde_json::from_slice(&self.body).ok() } else { None }
    }

    /// The code of a refusal: PostgREST's or a function's own, or Auth's in each of its forms.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        let body = self.json();
        let said = |text: &str| (!text.trim().is_empty()).then(|| text.to_owned());
        let named = |name: &str| said(body.as_ref()?.get(name)?.as_str()?);
        // Auth's oldest form has its HTTP status for a code, a number, and OAuth's own word for the error.
        let header = || self.header("x-sb-error-code").map(str::to_owned);
        named("code").or_else(|| named("error_code")).or_else(header).or_else(|| named("error"))
    }

    /// The message of a refusal, cut to what support reads; empty where there is none.
    #[must_use]
    pub fn message(&self) -> String {
        let body = self.json();
        let names = ["message", "msg", "error_description"];
        let found = names.iter().find_map(|name| body.as_ref()?.get(name)?.as_str());
        short(found.unwrap_or_default())
    }

    /// A refusal in one short line.
    #[must_use]
    pub fn refusal(&self) -> String {
        let code = self.code().unwrap_or_else(|| "no code".to_owned());
        format!("HTTP {} {} {}", self.status, short(&code), self.message()).trim_end().to_owned()
    }

    /// How long the server asks to wait; a zero means no more than our own back-off.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let seconds: u64 = self.header(RETRY_AFTER.as_str())?.trim().parse().ok()?;
        (seconds > 0).then(|| Duration::from_secs(seconds))
    }

    /// Where it came from, for support: the status and the ids that the provider's own logs are searched by.
    pub(crate) fn trace(&self) -> String {
        let mut text = format!("HTTP {}", self.status);
        for name in ["sb-request-id", "cf-ray"] {
            if let Some(id) = self.header(name) {
                let short: String = id.chars().take(64).collect();
                let _infallible = write!(text, " {name}={short}");
            }
        }
        text
    }
}

impl HttpClient {
    /// A client that tells the server its device and its program's version; nothing is sent yet.
    ///
    /// # Errors
    /// `Internal` when no TLS client can be built on this computer.
    pub fn new(connection: Connection, device: Option<DeviceId>, version: &str) -> Result<Self, Fault> {
        // Only the first caller of the process installs it; later ones find it installed, which is just as well.
        let _already_there = rustls::crypto::ring::default_provider().install_default();
        let mut headers = HeaderMap::new();
        let mut own = |name: &'static str, value: &str, secret: bool| -> Result<(), Fault> {
            let mut value = HeaderValue::from_str(value)
                .map_err(|e| Fault::new(Code::Internal, format!("header {name}: {e}")))?;
            value.set_sensitive(secret);
            headers.insert(name, value);
            Ok(())
        };
        own("apikey", connection.key.header(), true)?;
        own("x-client-version", version, false)?;
        own("x-supabase-api-version", "2024-01-01", false)?;
        if let Some(device) = device {
            own("x-device-id", &device.to_string(), false)?;
        }
        let mut client = Client::builder()
            .default_headers(headers)
            .user_agent(if version.contains('/') { version.to_owned() } else { format!("onetill/{version}") })
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(Duration::from_secs(5))
            .tcp_keepalive(Duration::from_secs(30))
            .pool_idle_timeout(Duration::from_secs(300))
            // Finds a connection that a sleeping laptop or a forgetful router has lost, before a cashier does.
            .http2_keep_alive_interval(Duration::from_secs(30))
            .http2_keep_alive_timeout(Duration::from_secs(10))
            .http2_keep_alive_while_idle(true);
        if connection.url.endpoint("").scheme() == "http" {
            // This very computer is reached without anybody's help, and without certificates, which take time to read.
            client = client.no_proxy().tls_certs_only([]);
        }
        let client =
            client.build().map_err(|e| Fault::new(Code::Internal, format!("TLS client: {}", chain(&e))))?;
        Ok(Self { client, connection, clock: ServerClock::default() })
    }

    /// By how much the server's clock is ahead of this computer's, to the second; `None` until it was heard.
    #[must_use]
    pub fn clock_skew(&self) -> Option<SignedDuration> {
        self.clock.skew()
    }

    /// Sends one request and reads its whole answer, both within `budget`.
    ///
    /// # Errors
    /// Why nothing whole came back. Any complete answer, also a refusal, is `Ok`.
    pub async fn send(&self, request: Request, budget: Duration) -> Result<Response, TransportError> {
        let Request { method, path, query, body, bearer, idempotency_key, last_receipt, accept } = request;
        let id = Uuid::new_v4();
        let mut url = self.connection.url.endpoint(&path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut built =
            self.client.request(method, url).header(ACCEPT, accept).header("x-request-id", id.to_string());
        if let Some(token) = bearer {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
                .map_err(|_shows_the_token| TransportError::BadToken)?;
            value.set_sensitive(true);
            built = built.header(AUTHORIZATION, value);
        }
        if let Some(key) = idempotency_key {
            built = built.header("idempotency-key", key.to_string());
        }
        if let Some(last) = last_receipt {
            built = built.header("x-last-receipt", last.to_string());
        }
        if let Some(body) = body {
            built = built.header(CONTENT_TYPE, "application/json").body(body);
        }
        let started = Instant::now();
        let result = match tokio::time::timeout(budget, read(built, started)).await {
            Ok(result) => result,
            Err(_elapsed) => {
                Err(TransportError::NoAnswer(format!("{path}: no answer in {} ms", budget.as_millis())))
            }
        };
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &result {
            Ok(answer) => {
                if answer.worked()
                    && answer.claims_json()
                    && let Some(date) = answer.header(DATE.as_str())
                {
                    self.clock.hear(date, Timestamp::now());
                }
                tracing::debug!(%path, %id, ms, answer = answer.trace(), "answered");
            }
            Err(error) => tracing::warn!(%path, %id, ms, %error, "no answer"),
        }
        result
    }
}

async fn read(request: reqwest::RequestBuilder, started: Instant) -> Result<Response, TransportError> {
    let mut response = request.send().await.map_err(|error| unanswered(&error))?;
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= LARGEST_BODY => body.extend_from_slice(&chunk),
            Ok(Some(_too_much)) => {
                return Err(TransportError::TooLarge(format!("HTTP {status}: a body beyond any answer")));
            }
            Ok(None) => return Ok(Response { status, headers, body, took: started.elapsed() }),
            Err(error) => {
                let why = format!("HTTP {status}: the body broke off: {}", chain(&error));
                return Err(TransportError::NoAnswer(why));
            }
        }
    }
}

/// A request that got no answer at all.
fn unanswered(error: &reqwest::Error) -> TransportError {
    let why = chain(error);
    match TlsFailure::below(error) {
        _ if !error.is_connect() => TransportError::NoAnswer(why),
        Some(failure) => TransportError::Untrusted(failure, why),
        None => TransportError::Unreachable(why),
    }
}

/// The server's words, cut to what support reads.
pub(crate) fn short(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}

/// An error with its causes, in one line. reqwest's own errors carry the URL, which holds no secret here.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let _infallible = write!(text, ": {cause}");
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
