//! A call for the signed-in person: token, request, one renewal if the token ran out, repeats.
//!
//! Invariant: a failure to get a token is told as a call that was not sent, whatever became of the renewal.

use crate::{
    classify,
    failure::Failure,
    http::{Answer, Http, Request},
    login::Login,
    persist::{Circuit, Pace, Patience, persist},
    server::OPEN_FUNCTION,
};
use onetill_core::{Code, Fault, Retry};
use serde::de::DeserializeOwned;
use std::{sync::Arc, time::Duration};

pub(crate) struct Rest {
    pub(crate) http: Arc<Http>,
    pub(crate) login: Arc<Login>,
    pub(crate) circuit: Circuit,
    pub(crate) pace: Pace,
}

impl Rest {
    /// Makes a call as often as patience and fault allow, and reads what it answers.
    pub(crate) async fn call<T, B, R>(&self, patience: Patience, request: B, read: R) -> Result<T, Fault>
    where
        B: Fn() -> Request,
        R: Fn(&Answer) -> Result<T, Failure>,
    {
        let (request, read) = (&request, &read);
        persist(patience, &self.circuit, &self.pace, |budget| async move {
            self.attempt(request, budget, patience.pressed).await.and_then(|answer| read(&answer))
        })
        .await
    }

    async fn attempt(
        &self,
        request: impl Fn() -> Request,
        budget: Duration,
        pressed: bool,
    ) -> Result<Answer, Failure> {
        let access = self.login.access(pressed).await.map_err(not_sent)?;
        match self.once(request().bearer(access.token), budget).await {
            Err(failure) if failure.fault.retry == Retry::AfterRefresh => {
                let access = self.login.renewed_since(access.renewal, pressed).await.map_err(not_sent)?;
                self.once(request().bearer(access.token), budget).await.map_err(refused_again)
            }
            other => other,
        }
    }

    async fn once(&self, request: Request, budget: Duration) -> Result<Answer, Failure> {
        let opens = request.path() == OPEN_FUNCTION;
        let answer = self.http.send(request, budget).await?;
        match answer.worked() {
            true => Ok(answer),
            false if opens => Err(classify::rest(&answer)),
            false => Err(classify::rest_of_today(&answer)),
        }
    }
}

/// Reads a success.
pub(crate) fn decoded<T: DeserializeOwned>(answer: &Answer) -> Result<T, Failure> {
    if !answer.claims_json() {
        return Err(classify::unreadable(answer, "it is not JSON"));
    }
    serde_json::from_slice(&answer.body).map_err(|why| classify::unreadable(answer, &why.to_string()))
}

/// The request stayed here, because there was no token to send it with.
fn not_sent(fault: Fault) -> Failure {
    let code = if fault.code == Code::NoAnswer { Code::Unreachable } else { fault.code };
    let retry = if fault.retry == Retry::No { Retry::No } else { Retry::DidNotRun };
    Failure::last(Fault { code, ..fault.with_retry(retry) })
}

/// Refreshing again would go round in circles.
fn refused_again(failure: Failure) -> Failure {
    if failure.fault.retry != Retry::AfterRefresh {
        return failure;
    }
    let why = format!("the API refuses a token that Auth has just issued: {}", failure.fault.detail);
    Failure::last(Fault::new(Code::ServerMisconfigured, why))
}
