//! What an installer wants to know of a project before anybody signs in: the window's connection test, and the doctor.
//!
//! Invariant: nothing is written by it. The function is called with an argument that is no UUID, so that the database
//! refuses the call, either for want of the right to make it or for its argument, before the function begins; and where
//! that leaves the right in doubt, by GET, which can write nothing.

use crate::{
    classify,
    failure::Failure,
    http::{HttpClient, Request, Response, TransportError},
};
use onetill_core::{
    Code, Fault, Project,
    connection::{Check, CheckName, ConnectionReport, Limitation},
};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const EACH: Duration = Duration::from_secs(8);

/// What a project answers to somebody who has nothing but its address and publishable key. Each finding is there if the
/// one before it was good.
pub struct Findings {
    /// The first answer of whoever is at the address.
    pub reach: Result<Response, TransportError>,
    /// Whether that is Supabase's Auth; its refusal of the key shows that, too.
    pub supabase: Option<Result<(), Fault>>,
    /// Whether the project knows the key.
    pub key: Option<Result<(), Fault>>,
    /// Whether the function is there that opens sessions, and who may call it.
    pub function: Option<Result<Strangers, Fault>>,
    /// Whether the rest of today's database part is there, as far as anybody can tell.
    pub is_current: Option<bool>,
}

/// Whether somebody who is not signed in may call the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strangers {
    /// The database refuses them.
    Refused,
    /// Whoever has the publishable key may call it.
    Allowed,
}

/// Asks one question after another until one is answered badly; at most about 25 seconds.
pub async fn examine(http: &HttpClient) -> Findings {
    let reach = http.send(Request::get("auth/v1/health"), EACH).await;
    let mut findings = Findings { reach, supabase: None, key: None, function: None, is_current: None };
    let Ok(first) = &findings.reach else { return findings };
    let supabase = match auth(first) {
        Err(failure) if failure.fault.code != Code::WrongKey => Err(failure.fault),
        _ => Ok(()),
    };
    if findings.supabase.insert(supabase).is_err() {
        return findings;
    }
    let settings = http.send(Request::get("auth/v1/settings"), EACH).await;
    let key = settings.map_err(Failure::from).and_then(|answer| auth(&answer)).map_err(|it| it.fault);
    if findings.key.insert(key).is_err() {
        return findings;
    }
    match function(http).await {
        Err(fault) if fault.code == Code::WrongKey => findings.key = Some(Err(fault)),
        function => {
            findings.is_current = if function.is_ok() { Some(!lacks_current_part(http).await) } else { None };
            findings.function = Some(function);
        }
    }
    findings
}

/// Tests address and key as typed, for the window.
pub async fn test_connection(url: &str, key: &str, client_version: &str) -> ConnectionReport {
    let mut report = ConnectionReport { checks: Vec::new(), limitations: Vec::new() };
    let mut check = |name, outcome: Option<Result<(), Fault>>| {
        let was_run = outcome.is_some();
        report.checks.push(Check { name, was_run, fault: outcome.and_then(Result::err) });
    };
    let written = Project { url: url.to_owned(), key: key.to_owned() };
    let client = written.connection().and_then(|it| HttpClient::new(it, None, client_version));
    check(CheckName::Settings, Some(client.as_ref().map(drop).map_err(Clone::clone)));
    let findings = match &client {
        Ok(http) => Some(examine(http).await),
        Err(_unusable) => None,
    };
    let reach = findings.as_ref().map(|findings| match (&findings.reach, &findings.supabase) {
        (Err(error), _) => Err(Failure::from(error.clone()).fault),
        (Ok(_answer), supabase) => supabase.clone().unwrap_or(Ok(())),
    });
    let function = findings.as_ref().and_then(|it| it.function.clone());
    check(CheckName::Reach, reach);
    check(CheckName::Key, findings.as_ref().and_then(|it| it.key.clone()));
    check(CheckName::Function, function.clone().map(|it| it.map(drop)));
    if findings.is_some_and(|findings| findings.is_current == Some(false)) {
        report.limitations.push(Limitation::CurrentPart);
    }
    if function == Some(Ok(Strangers::Allowed)) {
        tracing::warn!("get_or_create_session may be called by anybody who has the publishable key");
        report.limitations.push(Limitation::Guard);
    }
    report
}

fn auth(answer: &Response) -> Result<(), Failure> {
    if !answer.worked() {
        return Err(classify::auth(answer));
    }
    if is_auth(answer) {
        return Ok(());
    }
    let detail = format!("{}: not what Auth answers", answer.trace());
    Err(Failure::permanent(Fault::new(Code::NotSupabase, detail)))
}

/// Auth tells of itself in a JSON object.
pub(crate) fn is_auth(answer: &Response) -> bool {
    answer.claims_json()
        && serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&answer.body).is_ok()
}

/// Whether the function that opens sessions is there, and who may call it.
///
/// # Errors
/// `FunctionNotDeployed`, `FunctionAmbiguous`, `WrongKey`, or what else stands in the way.
pub async fn function(http: &HttpClient) -> Result<Strangers, Fault> {
    let nobody = json!({
        "p_register_id": "not-a-register",
        "p_location_id": null,
        "p_vendor_id": null,
        "p_user_id": null,
        "p_opening_cash": null,
    });
    let request = Request::post("rest/v1/rpc/get_or_create_session", &nobody);
    let answer = http.send(request, EACH).await.map_err(|error| Failure::from(error).fault)?;
    match deployed(&answer).map_err(|failure| failure.fault)? {
        Some(strangers) => Ok(strangers),
        None if strangers_are_refused(http).await => Ok(Strangers::Refused),
        None => Ok(Strangers::Allowed),
    }
}

/// By GET the call may run and can write nothing; all that counts is whether it is refused at the door.
async fn strangers_are_refused(http: &HttpClient) -> bool {
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
async fn lacks_current_part(http: &HttpClient) -> bool {
    match http.send(Request::post("rest/v1/rpc/pos_whoami", &json!({})), EACH).await {
        Ok(answer) if !answer.worked() => classify::classify_current(&answer).fault.code == Code::OlderServer,
        _ => false,
    }
}

/// Who may call the function, as far as a call that names no register shows: `None` where it was refused for its
/// argument, which differs between servers in whether it is looked at before or after the right.
pub(crate) fn deployed(answer: &Response) -> Result<Option<Strangers>, Failure> {
    if answer.worked() {
        return Err(classify::unreadable(answer, "a call that cannot work has worked"));
    }
    let failure = classify::rest(answer);
    match failure.fault.code {
        // The right answer: it is there, and strangers may not call it. PGRST302 says so before it looks.
        Code::Forbidden | Code::SignedOut => Ok(Some(Strangers::Refused)),
        Code::ServerMisconfigured if failure.fault.detail.contains(" 22P02 ") => Ok(None),
        _ => Err(failure),
    }
}

#[cfg(test)]
mod tests;
