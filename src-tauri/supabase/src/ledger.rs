//! Movements of a session over the wire: `pos_record_movement` and `pos_movements`.
//!
//! Invariant: the client-made id makes every repeat harmless, so a lost answer is simply asked again.

use crate::{
    http::{Request, Response},
    persist::RetryPolicy,
    rest::decoded,
    server::SupabaseServer,
    wire::Money,
};
use jiff::{SignedDuration, Timestamp};
use onetill_core::{
    Code, Fault, Movement, MovementId, MovementKind, SessionId, UserId,
    ports::{Ledger, Recorded},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Nobody waits for it: the entry is on disk, and the queue comes back to it.
const SEND: RetryPolicy = RetryPolicy {
    attempt: Duration::from_secs(8),
    total: Duration::from_secs(12),
    repeats: 1,
    harmless: true,
    pressed: false,
    await_schema: false,
};

#[derive(Deserialize)]
pub(crate) struct RecordedResponse {
    pub(crate) movement: MovementResponse,
    revision: i64,
}

#[derive(Deserialize)]
pub(crate) struct MovementsResponse {
    pub(crate) movements: Vec<MovementResponse>,
}

/// A movement as the functions tell it. Kinds that only older databases wrote are told by their words of today.
#[derive(Deserialize)]
pub(crate) struct MovementResponse {
    id: MovementId,
    session_id: SessionId,
    kind: MovementKind,
    amount: Money,
    reason: Option<String>,
    note: Option<String>,
    reference: Option<String>,
    reverses: Option<MovementId>,
    by_name: Option<String>,
    recorded_at: Timestamp,
    device_time: Option<Timestamp>,
}

/// What took no longer than this was not waiting.
const PROMPT: SignedDuration = SignedDuration::from_secs(60);
/// A device whose clock says that an entry waited longer than this has a wrong clock.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24 * 31);

/// When it was recorded, and when the server got it where that was later.
fn times(of_server: Timestamp, of_device: Option<Timestamp>) -> (Timestamp, Option<Timestamp>) {
    let waited = |device: &Timestamp| (PROMPT..LONGEST_WAIT).contains(&of_server.duration_since(*device));
    match of_device.filter(waited) {
        Some(device) => (device, Some(of_server)),
        None => (of_server, None),
    }
}

impl From<MovementResponse> for Movement {
    fn from(response: MovementResponse) -> Self {
        let (recorded_at, sent_at) = times(response.recorded_at, response.device_time);
        Self {
            id: response.id,
            session_id: response.session_id,
            kind: response.kind,
            amount: response.amount.0,
            reason: response.reason.unwrap_or_default(),
            note: response.note.unwrap_or_default(),
            reference: response.reference.unwrap_or_default(),
            reverses: response.reverses,
            by_name: response.by_name.unwrap_or_default(),
            recorded_at,
            sent_at,
        }
    }
}

impl Ledger for SupabaseServer {
    async fn record_movement(&self, movement: &Movement, recorded_by: UserId) -> Result<Recorded, Fault> {
        let kind = if movement.reverses.is_some() { json!("reversal") } else { json!(movement.kind) };
        let optional = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
        let body = json!({
            "p_id": movement.id,
            "p_session_id": movement.session_id,
            "p_type": kind,
            "p_amount": movement.amount,
            "p_reason": optional(&movement.reason),
            "p_note": optional(&movement.note),
            "p_reverses": movement.reverses,
            "p_device_time": movement.recorded_at.to_string(),
            "p_reference": optional(&movement.reference),
            "p_recorded_by": recorded_by,
        });
        let request = || Request::post("rest/v1/rpc/pos_record_movement", &body);
        let read = |answer: &Response| {
            let response: RecordedResponse = decoded(answer)?;
            if response.movement.id != movement.id {
                return Err(crate::classify::unreadable(answer, "it tells of another movement"));
            }
            Ok(Recorded { movement: response.movement.into(), revision: response.revision })
        };
        self.rest.call(SEND, request, read).await
    }

    async fn movements(&self, session: SessionId) -> Result<Vec<Movement>, Fault> {
        let body = json!({"p_session_id": session});
        let request = || Request::post("rest/v1/rpc/pos_movements", &body);
        match self.rest.call(SEND, request, decoded::<MovementsResponse>).await {
            // An older database has no ledger to read.
            Err(fault) if fault.code == Code::OlderServer => Ok(Vec::new()),
            // The server tells the newest first.
            response => response.map(|list| list.movements.into_iter().rev().map(Movement::from).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_waited_shows_when_it_was_made_and_when_it_arrived() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let server = at("2026-11-30T18:20:00Z");
        let made = at("2026-11-30T14:03:00Z");
        assert_eq!(times(server, Some(made)), (made, Some(server)));
        for prompt_or_wrong in [
            Some(at("2026-11-30T18:19:30Z")),
            // Ahead of the server, or so far behind that nothing can have waited so long.
            Some(at("2026-11-30T19:00:00Z")),
            Some(at("1970-01-01T00:00:00Z")),
            Some(Timestamp::MIN),
            Some(Timestamp::MAX),
            None,
        ] {
            assert_eq!(times(server, prompt_or_wrong), (server, None), "{prompt_or_wrong:?}");
        }
    }
}
