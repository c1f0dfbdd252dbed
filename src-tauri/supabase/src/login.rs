//! The login of this device: who may speak, and with which token.
//!
//! Invariants: a refresh token is used once, by one refresh at a time, and its successor is in the vault before
//! anything is done with it, where the vault answers (nobody waits for one that does not); a login is forgotten only when the person signs out or Auth says that it is over, never
//! because something could not be reached. Expiry is counted on the monotonic clock, so a wrong date does not matter;
//! where that clock stops (a sleeping laptop), the server's "expired" leads to the same refresh.

use crate::{
    classify,
    failure::Failure,
    http::{HttpClient, Request, Response},
    persist::{Circuit, RetryPolicy, Timing, persist},
    secret_keeper::SecretKeeper,
};
use onetill_core::{Code, Fault, UserId, ports::Vault};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::Instant,
};

/// So long before its end a token is renewed.
const RENEW_BEFORE: Duration = Duration::from_secs(90);
/// A renewal that failed is not tried again sooner while the token still holds.
const RENEW_AGAIN: Duration = Duration::from_secs(10);
/// A keychain may be waiting for a person to unlock it at the start, but not for ever.
const KEYCHAIN_WAIT: Duration = Duration::from_secs(30);

/// A sign-in is not repeated when its outcome is unknown: it would leave a second login behind, and every one counts
/// against the store's limit.
pub(crate) const SIGN_IN: RetryPolicy = RetryPolicy {
    attempt: Duration::from_secs(10),
    total: Duration::from_secs(20),
    repeats: 2,
    harmless: false,
    pressed: true,
    await_schema: false,
};
/// The same refresh may be sent again: Auth tolerates the immediate parent of the newest token.
const REFRESH: RetryPolicy = RetryPolicy {
    attempt: Duration::from_secs(8),
    total: Duration::from_secs(20),
    repeats: 3,
    harmless: true,
    pressed: false,
    await_schema: false,
};
const SIGN_OUT: Duration = Duration::from_secs(4);

pub(crate) struct Login {
    http: Arc<HttpClient>,
    keeper: Arc<SecretKeeper>,
    timing: Timing,
    circuit: Circuit,
    current: RwLock<Option<Tokens>>,
    /// Held while tokens are replaced.
    flight: Arc<Mutex<()>>,
}

/// A token to speak with, and which renewal it came from.
#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) token: SecretString,
    pub(crate) renewal: u64,
}

struct Tokens {
    refresh: SecretString,
    access: Option<SecretString>,
    /// Whose they are, where Auth says so.
    user: Option<TokenUser>,
    renewal: u64,
    renew_from: Instant,
    expires: Instant,
}

#[derive(Deserialize)]
pub(crate) struct TokenResponse {
    access_token: SecretString,
    refresh_token: SecretString,
    expires_in: u64,
    user: Option<TokenUser>,
}

#[derive(Clone, Deserialize)]
struct TokenUser {
    id: UserId,
    email: Option<String>,
}

impl Login {
    pub(crate) fn new(http: Arc<HttpClient>, vault: Arc<dyn Vault>, timing: Timing) -> Self {
        Self {
            http,
            keeper: Arc::new(SecretKeeper::new(vault)),
            timing,
            circuit: Circuit::default(),
            current: RwLock::new(None),
            flight: Arc::new(Mutex::new(())),
        }
    }

    /// Whether the login outlives the process, as far as is known.
    pub(crate) fn is_kept(&self) -> bool {
        self.keeper.works()
    }

    pub(crate) async fn sign_in(
        self: &Arc<Self>,
        email: &str,
        password: &SecretString,
        policy: RetryPolicy,
    ) -> Result<(), Fault> {
        let body = json!({"email": email.trim(), "password": password.expose_secret()});
        let flight = Arc::clone(&self.flight).lock_owned().await;
        // A task of its own, so that a cancelled wait does not lose tokens that are on their way.
        self.in_flight(flight, async move |login| {
            let (reply, asked_at) = login.ask_tokens("password", &body, policy).await?;
            login.take(reply, asked_at).await;
            Ok(())
        })
        .await
    }

    /// Reads the vault and renews what it holds; `false` when it holds nothing.
    pub(crate) async fn resume(self: &Arc<Self>) -> Result<bool, Fault> {
        if self.renewal().is_none() {
            // Before anybody else is held up: who types a password meanwhile does not wait for the keychain.
            let kept = self.keeper.load(KEYCHAIN_WAIT).await.flatten();
            let _flight = self.flight.lock().await;
            if self.renewal().is_none() {
                let Some(refresh) = kept else { return Ok(false) };
                let now = Instant::now();
                self.set(Some(Tokens {
                    refresh,
                    access: None,
                    user: None,
                    renewal: 0,
                    renew_from: now,
                    expires: now,
                }));
            }
        }
        self.access(false).await.map(|_fresh| true)
    }

    /// A token to speak with, renewed if need be. `pressed`: a person waits for it.
    pub(crate) async fn access(self: &Arc<Self>, pressed: bool) -> Result<Access, Fault> {
        let now = Instant::now();
        let (held, due) = {
            let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
            let tokens = current.as_ref().ok_or_else(nobody)?;
            let token = tokens.access.clone().filter(|_token| now < tokens.expires);
            (token.map(|token| Access { token, renewal: tokens.renewal }), now >= tokens.renew_from)
        };
        match held {
            Some(access) if due => {
                // Still good: whoever asks now does not wait for the next one.
                if let Ok(flight) = Arc::clone(&self.flight).try_lock_owned() {
                    self.spawn(flight, async move |login| login.renew(access.renewal, false).await);
                }
                self.held().ok_or_else(nobody)
            }
            Some(access) => Ok(access),
            None => self.renewed_since(self.renewal().unwrap_or_default(), pressed).await,
        }
    }

    /// A token newer than the one that the server has just called expired.
    pub(crate) async fn renewed_since(
        self: &Arc<Self>,
        renewal: u64,
        pressed: bool,
    ) -> Result<Access, Fault> {
        let flight = Arc::clone(&self.flight).lock_owned().await;
        self.in_flight(flight, async move |login| login.renew(renewal, pressed).await).await?;
        self.held().ok_or_else(nobody)
    }

    /// Whether somebody is signed in, as far as this device knows.
    pub(crate) fn is_in(&self) -> bool {
        self.renewal().is_some()
    }

    /// Goes on with a login that was made beside this one; the one before is ended on the server.
    pub(crate) async fn go_on_with(self: &Arc<Self>, other: &Self) -> Result<(), Fault> {
        let Some(tokens) = other.current.write().unwrap_or_else(PoisonError::into_inner).take() else {
            return Err(nobody());
        };
        let flight = Arc::clone(&self.flight).lock_owned().await;
        // A task of its own, so that a cancelled wait does not lose the tokens.
        self.in_flight(flight, async move |login| {
            let before = login.held();
            login.remember(tokens.refresh.clone()).await;
            let renewal = login.renewal().unwrap_or_default() + 1;
            login.set(Some(Tokens { renewal, ..tokens }));
            if let Some(before) = before {
                // Nobody waits for it.
                tokio::spawn(async move { login.end(before).await });
            }
            Ok(())
        })
        .await
    }

    /// Forgets the login here, and tells Auth if it can be told.
    pub(crate) async fn sign_out(self: &Arc<Self>) {
        let _flight = self.flight.lock().await;
        let held = self.held();
        self.set(None);
        self.forget().await;
        if let Some(access) = held {
            self.end(access).await;
        }
    }

    /// Tells Auth that a login is over.
    async fn end(&self, access: Access) {
        // Local: the default would end every register's login of this person.
        let request =
            Request::post("auth/v1/logout", &json!({})).query("scope", "local").bearer(access.token);
        if let Err(error) = self.http.send(request, SIGN_OUT / self.timing.time_scale).await {
            tracing::info!(%error, "signed out here; the server could not be told");
        }
    }

    /// Replaces the tokens, unless somebody else has done so since `renewal`.
    async fn renew(&self, renewal: u64, pressed: bool) -> Result<(), Fault> {
        let refresh = {
            let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
            let tokens = current.as_mut().ok_or_else(nobody)?;
            if tokens.renewal != renewal {
                return Ok(());
            }
            tokens.renew_from = Instant::now() + RENEW_AGAIN;
            tokens.refresh.clone()
        };
        let body = json!({"refresh_token": refresh.expose_secret()});
        match self.ask_tokens("refresh_token", &body, RetryPolicy { pressed, ..REFRESH }).await {
            Ok((reply, asked_at)) => {
                self.take(reply, asked_at).await;
                Ok(())
            }
            Err(fault) => {
                if fault.code == Code::SignedOut {
                    tracing::warn!(%fault, "the server has ended this login");
                    self.set(None);
                    self.forget().await;
                }
                Err(fault)
            }
        }
    }

    async fn ask_tokens(
        &self,
        grant: &'static str,
        body: &serde_json::Value,
        policy: RetryPolicy,
    ) -> Result<(TokenResponse, Instant), Fault> {
        persist(policy, &self.circuit, &self.timing, |budget| async move {
            let asked_at = Instant::now();
            let request = Request::post("auth/v1/token", body).query("grant_type", grant);
            let answer = self.http.send(request, budget).await?;
            if !answer.worked() {
                return Err(classify::auth(&answer));
            }
            Ok((read_tokens(&answer)?, asked_at))
        })
        .await
    }

    /// Keeps new tokens: in the vault first, then for use.
    async fn take(&self, reply: TokenResponse, asked_at: Instant) {
        self.remember(reply.refresh_token.clone()).await;
        let life = Duration::from_secs(reply.expires_in);
        let renew_after = if life > RENEW_BEFORE * 2 { life - RENEW_BEFORE } else { life / 2 };
        let renewal = self.renewal().unwrap_or_default() + 1;
        tracing::info!(renewal, "tokens renewed");
        self.set(Some(Tokens {
            refresh: reply.refresh_token,
            access: Some(reply.access_token),
            user: reply.user,
            renewal,
            renew_from: asked_at + renew_after,
            expires: asked_at + life,
        }));
    }

    /// Whose login it is, where Auth has said so.
    pub(crate) fn user(&self) -> Option<UserId> {
        self.owner().map(|user| user.id)
    }

    /// Their e-mail address, where Auth has said so.
    pub(crate) fn email_of(&self, who: UserId) -> Option<String> {
        self.owner().filter(|user| user.id == who)?.email
    }

    fn owner(&self) -> Option<TokenUser> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().and_then(|tokens| tokens.user.clone())
    }

    fn held(&self) -> Option<Access> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let tokens = current.as_ref()?;
        Some(Access { token: tokens.access.clone()?, renewal: tokens.renewal })
    }

    fn renewal(&self) -> Option<u64> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|tokens| tokens.renewal)
    }

    fn set(&self, tokens: Option<Tokens>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = tokens;
    }

    /// Runs to its end whatever becomes of the caller, and lets the next one in only then.
    fn spawn<F, Fut>(
        self: &Arc<Self>,
        flight: OwnedMutexGuard<()>,
        work: F,
    ) -> tokio::task::JoinHandle<Result<(), Fault>>
    where
        F: FnOnce(Arc<Self>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), Fault>> + Send,
    {
        let login = Arc::clone(self);
        tokio::spawn(async move {
            let result = work(login).await;
            drop(flight);
            result
        })
    }

    async fn in_flight<F, Fut>(self: &Arc<Self>, flight: OwnedMutexGuard<()>, work: F) -> Result<(), Fault>
    where
        F: FnOnce(Arc<Self>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), Fault>> + Send,
    {
        match self.spawn(flight, work).await {
            Ok(result) => result,
            Err(stopped) => Err(Fault::new(Code::Internal, format!("the login's task stopped: {stopped}"))),
        }
    }

    async fn remember(&self, refresh: SecretString) {
        self.keeper.keep(Some(refresh)).await;
    }

    async fn forget(&self) {
        self.keeper.keep(None).await;
    }
}

fn nobody() -> Fault {
    Fault::new(Code::SignedOut, "nobody is signed in on this device")
}

pub(crate) fn read_tokens(answer: &Response) -> Result<TokenResponse, Failure> {
    // The parser's own words may quote the body, which holds the tokens.
    serde_json::from_slice(&answer.body)
        .map_err(|_may_quote_tokens| classify::unreadable(answer, "no tokens in it"))
}

#[cfg(test)]
mod tests;
