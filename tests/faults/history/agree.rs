//! What everybody was told, held against what is on record.

use onetill_core::view::{ClosingStep, Screen};
use onetill_core::{IntentKey, SessionOutcome};
use onetill_tests::Result;
use serde_json::Value;
use std::sync::atomic::Ordering;

use super::computer::Computer;
use super::{Tally, text};
use crate::shop::Shop;
use onetill_core::RegisterId;

/// What is on record of a register.
struct Records {
    sessions: Vec<Value>,
    joins: Vec<Value>,
    ledger: Vec<String>,
}

/// Fails with the first thing that somebody was told and that is not so, or that is on record and that nobody did.
/// `ended`: the sessions that somebody else ended.
pub(super) async fn agree(
    shop: &Shop,
    computers: &[Computer<'_>],
    register: RegisterId,
    ended: &[String],
    tally: &Tally,
) -> Result<()> {
    let keys: Vec<String> =
        computers.iter().flat_map(Computer::keys).map(|key: IntentKey| key.to_string()).collect();
    let records = sound(shop, register, &keys, ended, tally).await?;
    for computer in computers {
        told_the_truth(&records, computer, tally)?;
    }
    let mut made = 0;
    for computer in computers {
        let queue = computer.till.snapshot().queue;
        for id in computer.movements() {
            made += 1;
            let there = records.ledger.iter().filter(|row| **row == id.to_string()).count();
            let waiting = queue.iter().filter(|entry| entry.movement.id == id).count();
            tally.refused.fetch_add(waiting, Ordering::Relaxed);
            if there + waiting != 1 {
                return Err(format!("movement {id}: {there} times on record, {waiting} in the queue").into());
            }
        }
    }
    if records.ledger.len() > made {
        return Err(format!("{} movements on record, {made} were made", records.ledger.len()).into());
    }
    Ok(())
}

/// The records by themselves: each thing in them was done by somebody, and once.
async fn sound(
    shop: &Shop,
    register: RegisterId,
    keys: &[String],
    ended: &[String],
    tally: &Tally,
) -> Result<Records> {
    let sessions = shop.sessions(register).await?;
    tally.sessions.fetch_add(sessions.len(), Ordering::Relaxed);
    let of_somebody = |row: &Value, column: &str| keys.iter().any(|key| row[column] == key.as_str());
    let mut ledger = Vec::new();
    let mut joins = Vec::new();
    let mut open = 0;
    for session in &sessions {
        let (id, status) = (text(session, "id"), text(session, "status"));
        if !of_somebody(session, "idempotency_key") {
            return Err(format!("nobody pressed for this session: {session}").into());
        }
        let settled = match status {
            "open" => {
                open += 1;
                joins = shop.joins(id).await?;
                true
            }
            "closed" => of_somebody(session, "close_key"),
            _ => of_somebody(session, "end_key") || ended.iter().any(|other| other == id),
        };
        if !settled {
            return Err(format!("nobody ended this session: {session}").into());
        }
        let z_reports = shop.rest.rows(&format!("/rest/v1/pos_z_reports?session_id=eq.{id}")).await?;
        if z_reports.len() != usize::from(status == "closed") {
            return Err(format!("{} Z reports of {session}", z_reports.len()).into());
        }
        tally.closed.fetch_add(z_reports.len(), Ordering::Relaxed);
        let movements = shop.movements(id).await?;
        if status == "cancelled" && !movements.is_empty() {
            return Err(format!("a shift with entries was cancelled: {session}").into());
        }
        ledger.extend(movements.iter().map(|row| text(row, "id").to_owned()));
    }
    tally.movements.fetch_add(ledger.len(), Ordering::Relaxed);
    if open > 1 {
        return Err(format!("{open} open sessions: {sessions:#?}").into());
    }
    Ok(Records { sessions, joins, ledger })
}

/// One computer's screen.
fn told_the_truth(records: &Records, computer: &Computer<'_>, tally: &Tally) -> Result<()> {
    let open = records.sessions.iter().find(|row| row["status"] == "open");
    let key = computer.pressed.map(|key| key.to_string()).unwrap_or_default();
    let opened = open.is_some_and(|open| open["idempotency_key"] == key);
    let joined = records.joins.iter().any(|join| join["idempotency_key"] == key);
    let is_own = |row: &Value, column: &str| computer.keys().iter().any(|key| row[column] == key.to_string());
    let holds = open.is_some_and(|open| is_own(open, "counting_key") && !open["counting_since"].is_null());
    let snapshot = computer.till.snapshot();
    let story = || format!("key {key}: {:#?} {:#?}", records.sessions, records.joins);
    match &snapshot.screen {
        Screen::Register { session, outcome, .. } => {
            if open.is_none_or(|open| open["id"] != session.id.to_string()) {
                return Err(format!("shown as open and is over: {session:?} {}", story()).into());
            }
            let right = match outcome {
                SessionOutcome::Created => opened,
                SessionOutcome::Joined => !opened && joined,
                SessionOutcome::Replayed | SessionOutcome::Unknown => {
                    tally.outcome_unknown.fetch_add(1, Ordering::Relaxed);
                    opened || joined
                }
            };
            if !right {
                return Err(format!("told {outcome:?}, {}", story()).into());
            }
            if holds {
                return Err(format!("nobody counts here, and the others are kept off: {}", story()).into());
            }
        }
        Screen::Closing { session, step, .. } => {
            let row = records.sessions.iter().find(|row| row["id"] == session.id.to_string());
            let status = row.map(|row| text(row, "status")).unwrap_or_default();
            let right = match step {
                ClosingStep::Checklist { .. } => status == "open" && !holds,
                ClosingStep::Count { .. } | ClosingStep::Result { .. } => status == "open" && holds,
                ClosingStep::Closed { .. } => status == "closed",
                // It stays true when a manager elsewhere has counted it since.
                ClosingStep::Ended => {
                    status == "ended" || (status == "closed" && row.is_some_and(|row| is_own(row, "end_key")))
                }
                ClosingStep::Cancelled => status == "cancelled",
                ClosingStep::Ending { .. } => false,
            };
            if !right {
                return Err(format!("the closing shows {step:?}, {}", story()).into());
            }
        }
        other if (opened || joined) && !computer.left => {
            return Err(format!("an open session was forgotten, on {other:?}, {}", story()).into());
        }
        _ => {}
    }
    Ok(())
}
