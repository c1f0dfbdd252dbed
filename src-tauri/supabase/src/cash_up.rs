//! Counting and settling a session over the wire.
//!
//! Invariant: every call carries the key or the id that the till has on disk, so a repeat does nothing more and is told
//! the same; a Z report is read from the close's own answer, never put together here.

use crate::{
    classify,
    failure::Failure,
    http::{Request, Response},
    persist::RetryPolicy,
    reports::{SheetResponse, Z},
    rest::decoded,
    server::SupabaseServer,
    wire::{Money, SessionResponse},
};
use onetill_core::{
    Code, CountId, Fault, IntentKey, Session, SessionId,
    closing::{CloseIntent, EndHow, EndIntent},
    count::{Count, CountIntent, Needs},
    ports::{CashUp, Closed, Ended},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Somebody stands at the drawer and waits. One attempt outlasts the database's own limits, so that its verdict is
/// heard.
pub(crate) const PRESSED: RetryPolicy = RetryPolicy {
    attempt: Duration::from_secs(12),
    total: Duration::from_secs(25),
    repeats: 3,
    harmless: true,
    pressed: true,
    await_schema: false,
};

#[derive(Deserialize)]
pub(crate) struct OutcomeResponse {
    #[serde(default)]
    outcome: String,
    pub(crate) session: SessionResponse,
}

#[derive(Deserialize)]
pub(crate) struct CommitResponse {
    pub(crate) count: CountResponse,
}

#[derive(Deserialize)]
pub(crate) struct CountResponse {
    pub(crate) id: CountId,
    session_id: SessionId,
    amount: Money,
    expected_cash: Option<Money>,
    needs: Option<NeedsResponse>,
    pub(crate) approved_by_name: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NeedsResponse {
    Reason,
    Approval,
}

#[derive(Deserialize)]
pub(crate) struct CloseResponse {
    outcome: String,
    session_id: SessionId,
    pub(crate) z_report: Option<SheetResponse<Z>>,
}

impl SupabaseServer {
    async fn of_session(
        &self,
        function: &'static str,
        session: SessionId,
        body: &Value,
    ) -> Result<(String, Session), Fault> {
        let request = || Request::post(function, body);
        let read = |answer: &Response| {
            let response: OutcomeResponse = decoded(answer)?;
            if response.session.id() != session {
                return Err(classify::unreadable(answer, "it tells of another session"));
            }
            Ok((response.outcome, response.session.into_session(self.device)))
        };
        self.rest.call(PRESSED, request, read).await
    }
}

impl CashUp for SupabaseServer {
    async fn begin_count(
        &self,
        key: IntentKey,
        session: SessionId,
        take_over: bool,
    ) -> Result<Session, Fault> {
        let body = json!({"p_key": key, "p_session_id": session, "p_take_over": take_over});
        let (outcome, response) = self.of_session("rest/v1/rpc/pos_begin_count", session, &body).await?;
        // A refusal that the server remembers: an error would have taken its memory of this key back.
        if outcome == "in_progress" {
            return Err(Fault::new(Code::CountInProgress, "pos_begin_count: in_progress"));
        }
        Ok(response)
    }

    async fn abandon_count(&self, key: IntentKey, session: SessionId) -> Result<Session, Fault> {
        let body = json!({"p_key": key, "p_session_id": session});
        Ok(self.of_session("rest/v1/rpc/pos_abandon_count", session, &body).await?.1)
    }

    async fn commit_count(&self, count: &CountIntent) -> Result<Count, Fault> {
        let pieces = count.tally.pieces().map(|pieces| {
            let by_value = pieces.iter().map(|one| (one.value.to_string(), json!(one.count)));
            by_value.collect::<Map<String, Value>>()
        });
        let body = json!({
            "p_id": count.id,
            "p_session_id": count.session_id,
            "p_kind": count.kind,
            "p_amount": count.amount,
            "p_denominations": pieces,
            "p_device_time": count.counted_at.to_string(),
        });
        let request = || Request::post("rest/v1/rpc/pos_commit_count", &body);
        let read = |answer: &Response| {
            let response: CommitResponse = decoded(answer)?;
            response.count.into_count(answer, count)
        };
        self.rest.call(PRESSED, request, read).await
    }

    async fn close_session(&self, session: SessionId, close: &CloseIntent) -> Result<Closed, Fault> {
        let body = json!({
            "p_key": close.key,
            "p_session_id": session,
            "p_count_id": close.count_id,
            "p_reason": optional(&close.reason),
            "p_left_in_drawer": close.left_in_drawer,
        });
        let request = || Request::post("rest/v1/rpc/pos_close_session", &body);
        let read = |answer: &Response| {
            let response: CloseResponse = decoded(answer)?;
            match response.z_report {
                Some(sheet) if response.session_id == session && sheet.session_id() == session => {
                    Ok(if response.outcome == "already_closed" {
                        Closed::Elsewhere
                    } else {
                        Closed::Here(Box::new(sheet.into_report(false)))
                    })
                }
                _ => Err(classify::unreadable(answer, "no Z report of this session in it")),
            }
        };
        self.rest.call(PRESSED, request, read).await
    }

    async fn end_session(&self, session: SessionId, end: &EndIntent) -> Result<Ended, Fault> {
        let (key, reason) = (end.key, optional(&end.reason));
        let (function, body) = match end.how {
            EndHow::Cancel => (
                "rest/v1/rpc/pos_cancel_session",
                json!({"p_key": key, "p_session_id": session, "p_reason": reason}),
            ),
            EndHow::CountLater | EndHow::Force => (
                "rest/v1/rpc/pos_end_session",
                json!({
                    "p_key": key,
                    "p_session_id": session,
                    "p_reason": reason,
                    "p_force": end.how == EndHow::Force,
                }),
            ),
        };
        let (outcome, session) = self.of_session(function, session, &body).await?;
        Ok(Ended { here: outcome != "already_over", session })
    }

    async fn whole_session(&self, session: SessionId) -> Result<Session, Fault> {
        // A revision that no session has: everything is told.
        let body = json!({"p_session_id": session, "p_known_revision": -1});
        Ok(self.of_session("rest/v1/rpc/pos_session", session, &body).await?.1)
    }
}

impl CountResponse {
    pub(crate) fn into_count(self, answer: &Response, asked: &CountIntent) -> Result<Count, Failure> {
        if self.id != asked.id || self.session_id != asked.session_id {
            return Err(classify::unreadable(answer, "it tells of another count"));
        }
        Ok(Count {
            id: self.id,
            amount: self.amount.0,
            expected: self.expected_cash.map(|money| money.0),
            needs: match self.needs {
                None => Needs::Nothing,
                Some(NeedsResponse::Reason) => Needs::Reason,
                Some(NeedsResponse::Approval) => Needs::Approval,
            },
            approved_by: self.approved_by_name.filter(|name| !name.trim().is_empty()),
        })
    }
}

fn optional(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { json!(text) }
}
