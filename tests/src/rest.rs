//! The project's REST endpoint as any client sees it: plain HTTP and JSON, no client code of ours.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use onetill_local::{Backend, DemoAccount};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Result;

/// One answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; `Null` when it was empty.
    pub body: Value,
}

impl Answer {
    /// One header as text, or nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Person {
    /// Of the project's Auth.
    pub user_id: Uuid,
    /// What proves it.
    pub access_token: String,
}

/// A register of the demo store.
#[derive(Debug, Clone)]
pub struct RegisterRow {
    /// Its id.
    pub id: String,
    /// As people call it.
    pub number: String,
    /// Where it stands.
    pub location_id: String,
    /// Whose it is.
    pub vendor_id: String,
}

/// A caller. Every call opens a connection of its own, as different devices would.
#[derive(Debug, Clone)]
pub struct Rest {
    base: String,
    publishable_key: String,
    secret_key: String,
    http: Client<HttpConnector, Full<Bytes>>,
}

impl Rest {
    /// A caller of this backend.
    #[must_use]
    pub fn new(backend: &Backend) -> Self {
        let http = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        Self {
            base: backend.url(),
            publishable_key: backend.publishable_key().to_owned(),
            secret_key: backend.secret_key().to_owned(),
            http,
        }
    }

    /// Sends one request.
    ///
    /// # Errors
    /// When no answer comes, or one that is not JSON. An error status is an answer.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = request.header("content-type", "application/json").body(Full::from(body))?;
        let (parts, body) = self.http.request(request).await?.into_parts();
        let bytes = body.collect().await?.to_bytes();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes)? };
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }

    /// Sends one request with the key that everybody has.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_keyed(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer> {
        let headers = [&[("apikey", self.publishable_key.as_str())], headers].concat();
        self.send(method, path, &headers, body).await
    }

    /// Signs in with e-mail and password.
    ///
    /// # Errors
    /// When that is refused.
    pub async fn sign_in(&self, account: &DemoAccount) -> Result<Person> {
        let body = json!({"email": account.email, "password": account.password});
        let key = [("apikey", self.publishable_key.as_str())];
        let answer = self.send(Method::POST, "/auth/v1/token?grant_type=password", &key, Some(&body)).await?;
        let text = |pointer: &str| answer.body.pointer(pointer).and_then(Value::as_str);
        match (text("/user/id"), text("/access_token")) {
            (Some(id), Some(token)) => Ok(Person { user_id: id.parse()?, access_token: token.to_owned() }),
            _ => Err(format!("{} cannot sign in: {} {}", account.email, answer.status, answer.body).into()),
        }
    }

    /// `get_or_create_session`, as this person, for one press of the button.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn get_or_create_session(
        &self,
        person: &Person,
        register: &RegisterRow,
        press: Uuid,
    ) -> Result<Answer> {
        let bearer = format!("Bearer {}", person.access_token);
        let key = press.to_string();
        let headers = [
            ("apikey", self.publishable_key.as_str()),
            ("authorization", bearer.as_str()),
            ("idempotency-key", key.as_str()),
            ("accept", "application/vnd.pgrst.object+json"),
        ];
        let body = json!({
            "p_register_id": register.id,
            "p_location_id": register.location_id,
            "p_vendor_id": register.vendor_id,
            "p_user_id": person.user_id,
            "p_opening_cash": "200.00",
        });
        self.send(Method::POST, "/rest/v1/rpc/get_or_create_session", &headers, Some(&body)).await
    }

    /// Reads rows past every access rule: what is really in the database.
    ///
    /// # Errors
    /// When the query fails.
    pub async fn rows(&self, query: &str) -> Result<Vec<Value>> {
        let answer = self.as_owner_of_the_project(Method::GET, query, None).await?;
        match answer.body {
            Value::Array(rows) if answer.status.is_success() => Ok(rows),
            body => Err(format!("{query}: {} {body}", answer.status).into()),
        }
    }

    /// The registers of the demo store that are in service; first the ones of the first location.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn active_registers(&self) -> Result<Vec<RegisterRow>> {
        let rows =
            self.rows("/rest/v1/pos_registers?status=eq.active&order=location_id,register_number").await?;
        let register = |row: &Value| {
            let field = |name: &str| Some(row.get(name)?.as_str()?.to_owned());
            Some(RegisterRow {
                id: field("id")?,
                number: field("register_number")?,
                location_id: field("location_id")?,
                vendor_id: field("vendor_id")?,
            })
        };
        rows.iter()
            .map(register)
            .collect::<Option<_>>()
            .ok_or_else(|| format!("not registers: {rows:?}").into())
    }

    /// Puts one more register beside the first one of the demo store.
    ///
    /// # Errors
    /// When it cannot be added.
    pub async fn another_register(&self) -> Result<RegisterRow> {
        let existing = self.active_registers().await?;
        let beside = existing.first().ok_or("the demo store has no register")?;
        let id = Uuid::new_v4();
        let register = RegisterRow { id: id.to_string(), number: id.simple().to_string(), ..beside.clone() };
        let row = json!({
            "id": register.id,
            "location_id": register.location_id,
            "vendor_id": register.vendor_id,
            "register_number": register.number,
            "register_name": "One more",
            "status": "active",
        });
        let answer = self.as_owner_of_the_project(Method::POST, "/rest/v1/pos_registers", Some(&row)).await?;
        if answer.status.is_success() {
            return Ok(register);
        }
        Err(format!("adding a register: {} {}", answer.status, answer.body).into())
    }

    async fn as_owner_of_the_project(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer> {
        self.send(method, path, &[("apikey", self.secret_key.as_str())], body).await
    }
}
