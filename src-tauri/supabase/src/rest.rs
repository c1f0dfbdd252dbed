//! A call for the signed-in person: token, request, one renewal if the token ran out, repeats.
//!
//! Invariants: a failure to get a token is told as a call that was not sent, whatever became of the renewal; a server
//! that calls a fresh token expired is not asked for one with every call.

use crate::{
    classify,
    failure::Failure,
    http::{HttpClient, Request, Response},
    login::Login,
    persist::{Circuit, RetryPolicy, Timing, persist},
};
use onetill_core::{Code, Fault, Retry};
use serde::de::DeserializeOwned;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

pub(crate) const OPEN_FUNCTION: &str = "rest/v1/rpc/get_or_create_session";

pub(crate) struct Rest {
    pub(crate) http: Arc<HttpClient>,
    pub(crate) login: Arc<Login>,
    pub(crate) circuit: Circuit,
    pub(crate) timing: Timing,
    /// Until when no token is renewed because the API calls it expired: it does so with fresh ones.
    no_renewal_until: Mutex<Option<Instant>>,
}

/// So long an API that refuses fresh tokens is only asked, and Auth is left alone.
const NO_RENEWAL: Duration = Duration::from_secs(300);

impl Rest {
    pub(crate) fn new(http: Arc<HttpClient>, login: Arc<Login>, timing: Timing) -> Self {
        Self { http, login, circuit: Circuit::default(), timing, no_renewal_until: Mutex::default() }
    }

    /// Makes a call as often as policy and fault allow, and reads what it answers.
    pub(crate) async fn call<T, B, R>(&self, policy: RetryPolicy, request: B, read: R) -> Result<T, Fault>
    where
        B: Fn() -> Request,
        R: Fn(&Response) -> Result<T, Failure>,
    {
        let (request, read) = (&request, &read);
        persist(policy, &self.circuit, &self.timing, |budget| async move {
            self.attempt(request, budget, policy.pressed).await.and_then(|answer| read(&answer))
        })
        .await
    }

    async fn attempt(
        &self,
        request: impl Fn() -> Request,
        budget: Duration,
        pressed: bool,
    ) -> Result<Response, Failure> {
        let access = self.login.access(pressed).await.map_err(not_sent)?;
        match self.once(request().bearer(access.token), budget).await {
            Err(failure) if failure.fault.retry == Retry::AfterRefresh => {
                if self.no_renewal_until().is_some_and(|until| Instant::now() < until) {
                    return Err(refused_again(failure));
                }
                let access = self.login.renewed_since(access.renewal, pressed).await.map_err(not_sent)?;
                self.once(request().bearer(access.token), budget).await.map_err(|failure| {
                    if failure.fault.retry == Retry::AfterRefresh {
                        *self.no_renewal_until() = Some(Instant::now() + NO_RENEWAL / self.timing.time_scale);
                    }
                    refused_again(failure)
                })
            }
            Ok(answer) => {
                *self.no_renewal_until() = None;
                Ok(answer)
            }
            other => other,
        }
    }

    fn no_renewal_until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.no_renewal_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn once(&self, request: Request, budget: Duration) -> Result<Response, Failure> {
        let opens = request.path() == OPEN_FUNCTION;
        let answer = self.http.send(request, budget).await?;
        match answer.worked() {
            true => Ok(answer),
            false if opens => Err(classify::rest(&answer)),
            false => Err(classify::classify_current(&answer)),
        }
    }
}

/// Reads a success.
pub(crate) fn decoded<T: DeserializeOwned>(answer: &Response) -> Result<T, Failure> {
    if !answer.claims_json() {
        return Err(classify::unreadable(answer, "it is not JSON"));
    }
    serde_json::from_slice(&answer.body).map_err(|why| classify::unreadable(answer, &why.to_string()))
}

/// The request stayed here, because there was no token to send it with.
fn not_sent(fault: Fault) -> Failure {
    let code = if fault.code == Code::NoAnswer { Code::Unreachable } else { fault.code };
    let retry = if fault.retry == Retry::No { Retry::No } else { Retry::DidNotRun };
    Failure::permanent(Fault { code, ..fault.with_retry(retry) })
}

/// Refreshing again would go round in circles.
fn refused_again(failure: Failure) -> Failure {
    if failure.fault.retry != Retry::AfterRefresh {
        return failure;
    }
    let why = format!("the API refuses a token that Auth has just issued: {}", failure.fault.detail);
    // Expired, by another clock; or signed with a key that the API does not know.
    let by_clock = failure.fault.detail.to_lowercase().contains("expired");
    let code = if by_clock { Code::ServerClocks } else { Code::ServerMisconfigured };
    Failure::permanent(Fault::new(code, why))
}
