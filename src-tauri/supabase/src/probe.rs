//! "Test connection": what an installer wants to know before anybody signs in.
//!
//! Invariant: nothing is written by it. The function is called with an argument that is no UUID, so that the database
//! refuses the call, either for want of the right to make it or for its argument, before the function begins; and where
//! that leaves the right in doubt, by GET, which can write nothing.

use crate::{
    classify,
    failure::Failure,
    http::{Answer, Http, Request},
};
use onetill_core::{
    Code, Connection, Fault, KeyProblem, ProjectKey, ProjectUrl,
    view::{Check, CheckName, ConnectionReport, Lack},
};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const EACH: Duration = Duration::from_secs(8);
const ORDER: [CheckName; 4] = [CheckName::Settings, CheckName::Reach, CheckName::Key, CheckName::Function];

/// Tests address and key as typed, check after check, until one fails; at most about 25 seconds.
pub async fn test_connection(url: &str, key: &str, client_version: &str) -> ConnectionReport {
    let (mut passed, mut lacks) = (Vec::new(), Vec::new());
    let fault = run(url, key, client_version, &mut passed, &mut lacks).await.err();
    let mut failed = fault.into_iter();
    let checks = ORDER
        .into_iter()
        .map(|name| {
            let fault = if passed.contains(&name) { None } else { failed.next() };
            Check { name, made: passed.contains(&name) || fault.is_some(), fault }
        })
        .collect();
    ConnectionReport { checks, lacks }
}

async fn run(
    url: &str,
    key: &str,
    version: &str,
    passed: &mut Vec<CheckName>,
    lacks: &mut Vec<Lack>,
) -> Result<(), Fault> {
    let url = ProjectUrl::parse(url).map_err(|why| Fault::new(Code::BadUrl, why.to_string()))?;
    let key = ProjectKey::parse(key).map_err(|why| {
        let code = if why == KeyProblem::Secret { Code::SecretKey } else { Code::WrongKey };
        Fault::new(code, why.to_string())
    })?;
    let http = Http::new(Connection { url, key }, None, version)?;
    passed.push(CheckName::Settings);

    // Whatever Auth answers, and the gateway's refusal of a key, show that Supabase is there.
    let health = Request::get("auth/v1/health");
    told(auth(&http, health).await, &[Code::WrongKey])?;
    passed.push(CheckName::Reach);

    told(auth(&http, Request::get("auth/v1/settings")).await, &[])?;
    let called = function(&http).await;
    if let Err(Failure { fault, .. }) = &called
        && fault.code == Code::WrongKey
    {
        return Err(fault.clone());
    }
    passed.push(CheckName::Key);

    if called.map_err(|failure| failure.fault)? == Door::InDoubt && !strangers_are_refused(&http).await {
        tracing::warn!("get_or_create_session may be called by anybody who has the publishable key");
        lacks.push(Lack::Guard);
    }
    passed.push(CheckName::Function);
    if is_earlier(&http).await {
        lacks.insert(0, Lack::CurrentPart);
    }
    Ok(())
}

/// Passes over the faults that this check does not ask about.
fn told(result: Result<(), Failure>, expected: &[Code]) -> Result<(), Fault> {
    match result {
        Err(failure) if !expected.contains(&failure.fault.code) => Err(failure.fault),
        _ => Ok(()),
    }
}

async fn auth(http: &Http, request: Request) -> Result<(), Failure> {
    let answer = http.send(request, EACH).await?;
    if !answer.worked() {
        return Err(classify::auth(&answer));
    }
    if is_auth(&answer) {
        return Ok(());
    }
    Err(Failure::last(Fault::new(Code::NotSupabase, format!("{}: not what Auth answers", answer.trace()))))
}

/// Auth tells of itself in a JSON object.
pub(crate) fn is_auth(answer: &Answer) -> bool {
    answer.claims_json()
        && serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&answer.body).is_ok()
}

async fn function(http: &Http) -> Result<Door, Failure> {
    let nobody = json!({
        "p_register_id": "not-a-register",
        "p_location_id": null,
        "p_vendor_id": null,
        "p_user_id": null,
        "p_opening_cash": null,
    });
    let answer = http.send(Request::post("rest/v1/rpc/get_or_create_session", &nobody), EACH).await?;
    deployed(&answer)
}

/// Whether strangers may call the function, as far as a call that names no register shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Shut,
    /// Refused for its argument: whether before or after the question who calls, differs between servers.
    InDoubt,
}

/// By GET the call may run and can write nothing; all that counts is whether it is refused at the door.
async fn strangers_are_refused(http: &Http) -> bool {
    let nobody = Uuid::nil().to_string();
    let request = ["p_register_id", "p_location_id", "p_vendor_id", "p_user_id"].into_iter().fold(
        Request::get("rest/v1/rpc/get_or_create_session").query("p_opening_cash", "0"),
        |request, name| request.query(name, &nobody),
    );
    let Ok(answer) = http.send(request, EACH).await else { return false };
    let failure = classify::rest(&answer);
    match failure.fault.code {
        // Any other object that is refused was met inside.
        Code::Forbidden => failure.fault.detail.contains("for function"),
        Code::SignedOut => true,
        _ => false,
    }
}

/// Whether what today's database part has besides the function is missing. Whoever may not call it is told so, and not
/// that it is not there.
async fn is_earlier(http: &Http) -> bool {
    match http.send(Request::post("rest/v1/rpc/pos_whoami", &json!({})), EACH).await {
        Ok(answer) if !answer.worked() => classify::rest_of_today(&answer).fault.code == Code::OlderServer,
        _ => false,
    }
}

pub(crate) fn deployed(answer: &Answer) -> Result<Door, Failure> {
    if answer.worked() {
        return Err(classify::unreadable(answer, "a call that cannot work has worked"));
    }
    let failure = classify::rest(answer);
    match failure.fault.code {
        // The right answer: it is there, and strangers may not call it. PGRST302 says so before it looks.
        Code::Forbidden | Code::SignedOut => Ok(Door::Shut),
        Code::ServerMisconfigured if failure.fault.detail.contains(" 22P02 ") => Ok(Door::InDoubt),
        _ => Err(failure),
    }
}

#[cfg(test)]
mod tests;
