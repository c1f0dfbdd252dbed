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
use jiff::Timestamp;
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
pub(crate) struct Told {
    pub(crate) movement: MovementTold,
    revision: i64,
}

#[derive(Deserialize)]
pub(crate) struct List {
    pub(crate) movements: Vec<MovementTold>,
}

/// A movement as the functions tell it. Kinds that only older databases wrote are told by their words of today.
#[derive(Deserialize)]
pub(crate) struct MovementTold {
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
}

impl From<MovementTold> for Movement {
    fn from(told: MovementTold) -> Self {
        Self {
            id: told.id,
            session_id: told.session_id,
            kind: told.kind,
            amount: told.amount.0,
            reason: told.reason.unwrap_or_default(),
            note: told.note.unwrap_or_default(),
            reference: told.reference.unwrap_or_default(),
            reverses: told.reverses,
            by_name: told.by_name.unwrap_or_default(),
            recorded_at: told.recorded_at,
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
            let told: Told = decoded(answer)?;
            if told.movement.id != movement.id {
                return Err(crate::classify::unreadable(answer, "it tells of another movement"));
            }
            Ok(Recorded { movement: told.movement.into(), revision: told.revision })
        };
        self.rest.call(SEND, request, read).await
    }

    async fn movements(&self, session: SessionId) -> Result<Vec<Movement>, Fault> {
        let body = json!({"p_session_id": session});
        let request = || Request::post("rest/v1/rpc/pos_movements", &body);
        match self.rest.call(SEND, request, decoded::<List>).await {
            // An older database has no ledger to read.
            Err(fault) if fault.code == Code::OlderServer => Ok(Vec::new()),
            // The server tells the newest first.
            told => told.map(|list| list.movements.into_iter().rev().map(Movement::from).collect()),
        }
    }
}
