//! The project's API, answer by answer.
//!
//! The till repeats and interprets; a tool that proves something must see what really came back. Invariant: each request
//! is sent once, and its whole answer is handed over.

use onetill_core::{Connection, DeviceId, UserId};
pub(crate) use onetill_supabase::http::{HttpClient, Request, Response, TransportError};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Beyond the database's own limits (8 s a statement, 10 s for a place), so that its verdict is heard.
const DEADLINE: Duration = Duration::from_secs(15);

/// One device: a connection of its own, an id of its own, and who is signed in at it.
#[derive(Clone)]
pub(crate) struct ApiClient {
    pub(crate) http: Arc<HttpClient>,
    token: Option<SecretString>,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) token: SecretString,
    pub(crate) user: UserId,
}

impl ApiClient {
    /// A device; nothing is sent yet.
    ///
    /// # Errors
    /// When this computer can make no TLS client.
    pub(crate) fn new(connection: Connection) -> Result<Self, String> {
        let version = concat!("onetillctl/", env!("CARGO_PKG_VERSION"));
        let http = HttpClient::new(connection, Some(DeviceId(Uuid::new_v4())), version);
        Ok(Self { http: Arc::new(http.map_err(|fault| fault.detail)?), token: None })
    }

    /// The same device, speaking for somebody.
    pub(crate) fn signed_in(self, login: &Login) -> Self {
        Self { token: Some(login.token.clone()), ..self }
    }

    /// Sends one request and reads its answer.
    ///
    /// # Errors
    /// Why nothing came back; every complete answer, also a refusal, is `Ok`.
    pub(crate) async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let request = match &self.token {
            Some(token) => request.bearer(token.clone()),
            None => request,
        };
        self.http.send(request, DEADLINE).await
    }

    /// Calls a function of the database.
    pub(crate) async fn rpc(&self, name: &str, arguments: &Value) -> Result<Response, TransportError> {
        self.send(Request::post(format!("rest/v1/rpc/{name}"), arguments)).await
    }

    /// Signs in with a password.
    ///
    /// # Errors
    /// A sentence that says why not.
    pub(crate) async fn sign_in(&self, email: &str, password: &SecretString) -> Result<Login, String> {
        let body = json!({"email": email, "password": password.expose_secret()});
        let request = Request::post("auth/v1/token", &body).query("grant_type", "password");
        let answer = self.send(request).await.map_err(|error| error.to_string())?;
        if !answer.worked() {
            return Err(answer.refusal());
        }
        let login = || {
            let body = answer.json()?;
            let user = body.pointer("/user/id")?.as_str()?.parse().ok()?;
            Some(Login { token: body.get("access_token")?.as_str()?.into(), user })
        };
        login().ok_or_else(|| "not what Auth answers".to_owned())
    }

    /// Ends this login, and no other one of the same person.
    pub(crate) async fn sign_out(&self) {
        let request = Request::post("auth/v1/logout", &json!({})).query("scope", "local");
        let _ends_by_itself = self.send(request).await;
    }
}
