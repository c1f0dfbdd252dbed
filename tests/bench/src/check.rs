//! Decides from a history and the final tables whether the register's promises held.
//!
//! It knows nothing of how the functions work: it computes expected cash itself, and reasons about
//! time only where one call was answered before another was sent.

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::history::{Answer, Deed, Event, FinalSession, History};

/// One broken promise: which, and what shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// `I1` to `I7`.
    pub promise: &'static str,
    /// What shows it.
    pub evidence: String,
}

/// Every broken promise of a history.
#[must_use]
pub fn broken(history: &History) -> Vec<Broken> {
    let mut found = Vec::new();
    one_open_session(history, &mut found);
    one_session_per_intent(history, &mut found);
    numbers(history, &mut found);
    strangers(history, &mut found);
    ledger(history, &mut found);
    closes(history, &mut found);
    found
}

fn report(found: &mut Vec<Broken>, promise: &'static str, evidence: String) {
    found.push(Broken { promise, evidence });
}

fn by_register(history: &History) -> HashMap<Uuid, Vec<&FinalSession>> {
    let mut registers: HashMap<Uuid, Vec<&FinalSession>> = HashMap::new();
    for session in &history.sessions {
        registers.entry(session.place.0).or_default().push(session);
    }
    for sessions in registers.values_mut() {
        sessions.sort_by_key(|session| session.opened);
    }
    registers
}

/// I1, from the tables: no two sessions of a register overlap. From the history: whoever asks while
/// one session is known to be open is given that one, and nobody is given one known to be over.
fn one_open_session(history: &History, found: &mut Vec<Broken>) {
    for sessions in by_register(history).values() {
        for pair in sessions.windows(2) {
            let [earlier, later] = pair else { continue };
            if earlier.over.is_none_or(|over| over > later.opened) {
                report(
                    found,
                    "I1",
                    format!("{} was still open when {} was opened", earlier.number, later.number),
                );
            }
        }
    }
    let opens = opens(history);
    let mut known_open: HashMap<Uuid, u64> = HashMap::new();
    let mut first_end_sent: HashMap<Uuid, u64> = HashMap::new();
    let mut known_over: HashMap<Uuid, u64> = HashMap::new();
    for (event, _, id, outcome) in &opens {
        if *outcome != "replayed" {
            let since = known_open.entry(*id).or_insert(event.answered);
            *since = (*since).min(event.answered);
        }
    }
    for event in &history.events {
        let (Deed::Close { session } | Deed::End { session } | Deed::Cancel { session }) = event.deed else {
            continue;
        };
        let sent = first_end_sent.entry(session).or_insert(event.sent);
        *sent = (*sent).min(event.sent);
        if matches!(event.answer, Answer::Done { .. }) {
            let over = known_over.entry(session).or_insert(event.answered);
            *over = (*over).min(event.answered);
        }
    }
    let register_of: HashMap<Uuid, Uuid> =
        history.sessions.iter().map(|session| (session.id, session.place.0)).collect();
    let mut open_spans: HashMap<Uuid, Vec<(Uuid, u64, u64)>> = HashMap::new();
    for (session, since) in &known_open {
        let Some(register) = register_of.get(session) else {
            report(found, "I1", format!("session {session} was given out and is not in the table"));
            continue;
        };
        let until = first_end_sent.get(session).copied().unwrap_or(u64::MAX);
        open_spans.entry(*register).or_default().push((*session, *since, until));
    }
    for (event, register, id, outcome) in &opens {
        if *outcome == "replayed" {
            continue;
        }
        if known_over.get(id).is_some_and(|over| *over < event.sent) {
            report(found, "I1", format!("session {id} was given out as {outcome} after it was over"));
        }
        for (session, since, until) in open_spans.get(register).into_iter().flatten() {
            if session != id && *since < event.sent && event.answered < *until {
                report(found, "I1", format!("{id} was given out as {outcome} while {session} was open"));
            }
        }
    }
}

/// The answered opens: event, register, session, outcome.
fn opens(history: &History) -> Vec<(&Event, Uuid, Uuid, &str)> {
    history
        .events
        .iter()
        .filter_map(|event| match (&event.deed, &event.answer) {
            (Deed::Open { register, .. }, Answer::Session { id, outcome }) => {
                Some((event, *register, *id, outcome.as_str()))
            }
            _ => None,
        })
        .collect()
}

/// I2 and I3: whatever was sent again, in whatever order it arrived, one key means one session.
fn one_session_per_intent(history: &History, found: &mut Vec<Broken>) {
    let mut session_of: HashMap<Uuid, Uuid> = HashMap::new();
    let mut created = HashSet::new();
    for (event, _, id, outcome) in opens(history) {
        let Deed::Open { key: Some(key), .. } = event.deed else { continue };
        let first = *session_of.entry(key).or_insert(id);
        if first != id {
            report(found, "I3", format!("intent {key} was answered with {first} and with {id}"));
        }
        if outcome == "created" && !created.insert(key) {
            report(found, "I2", format!("intent {key} created twice"));
        }
    }
    let mut keys = HashSet::new();
    for session in &history.sessions {
        if session.key.is_some_and(|key| !keys.insert(key)) {
            report(found, "I2", format!("session {} has the key of another", session.number));
        }
    }
}

/// I4: unique within the vendor, rising on each register.
fn numbers(history: &History, found: &mut Vec<Broken>) {
    let mut seen = HashSet::new();
    for session in &history.sessions {
        if !seen.insert((session.place.1, session.number.as_str())) {
            report(found, "I4", format!("number {} twice", session.number));
        }
    }
    for sessions in by_register(history).values() {
        for pair in sessions.windows(2) {
            let [earlier, later] = pair else { continue };
            if earlier.number >= later.number {
                report(found, "I4", format!("{} was followed by {}", earlier.number, later.number));
            }
        }
    }
}

/// I5: whoever reached for what is not theirs was refused, and left nothing there.
fn strangers(history: &History, found: &mut Vec<Broken>) {
    for event in &history.events {
        if event.deed == Deed::Trespass && !matches!(event.answer, Answer::Refused(_) | Answer::Unknown) {
            report(found, "I5", format!("{:?} was let in: {:?}", event.caller, event.answer));
        }
    }
    for session in &history.sessions {
        if session.opener_vendor.is_some_and(|vendor| vendor != session.place.1) {
            report(found, "I5", format!("{} was opened by another vendor's staff", session.number));
        }
    }
}

/// I6: every movement once, in its session, while that was open; expected cash is what they add up to.
fn ledger(history: &History, found: &mut Vec<Broken>) {
    let sessions: HashMap<Uuid, &FinalSession> =
        history.sessions.iter().map(|session| (session.id, session)).collect();
    let mut asked: HashMap<Uuid, (Uuid, Decimal)> = HashMap::new();
    let mut recorded = HashSet::new();
    let mut possible = HashSet::new();
    for event in &history.events {
        let Deed::Move { session, id, effect } = event.deed else { continue };
        asked.insert(id, (session, effect));
        match event.answer {
            Answer::Done { .. } => {
                recorded.insert(id);
            }
            Answer::Unknown => {
                possible.insert(id);
            }
            _ => {}
        }
    }
    let mut present = HashSet::new();
    let mut sums: HashMap<Uuid, Decimal> = HashMap::new();
    for movement in &history.movements {
        *sums.entry(movement.session).or_default() += movement.effect;
        if !present.insert(movement.id) {
            report(found, "I6", format!("movement {} twice", movement.id));
        }
        if asked.get(&movement.id) != Some(&(movement.session, movement.effect)) {
            report(found, "I6", format!("movement {} is not what was asked", movement.id));
        }
        if !recorded.contains(&movement.id) && !possible.contains(&movement.id) {
            report(found, "I6", format!("movement {} was refused and is there", movement.id));
        }
        let over = sessions.get(&movement.session).and_then(|session| session.over);
        if over.is_some_and(|over| over < movement.recorded) {
            report(found, "I6", format!("movement {} entered a session that was over", movement.id));
        }
    }
    for id in recorded.difference(&present) {
        report(found, "I6", format!("movement {id} was confirmed and is gone"));
    }
    for session in history.sessions.iter().filter(|session| session.status == "closed") {
        let [float, sales, _, expected] = session.cash;
        let ledger = float.unwrap_or_default()
            + sales.unwrap_or_default()
            + sums.get(&session.id).copied().unwrap_or_default();
        if expected != Some(ledger) {
            report(found, "I6", format!("{} expects {expected:?}, its ledger says {ledger}", session.number));
        }
    }
}

/// I7: one close, one Z report, and no count where nobody counted.
fn closes(history: &History, found: &mut Vec<Broken>) {
    let mut closed = HashSet::new();
    let mut z_of: HashMap<Uuid, i64> = HashMap::new();
    for event in &history.events {
        let (Deed::Close { session }, Answer::Done { outcome, z_number }) = (&event.deed, &event.answer)
        else {
            continue;
        };
        if outcome == "closed" && !closed.insert(*session) {
            report(found, "I7", format!("session {session} was closed twice"));
        }
        match z_number {
            Some(z) if *z_of.entry(*session).or_insert(*z) == *z => {}
            other => report(found, "I7", format!("session {session} answered with Z {other:?}")),
        }
    }
    let mut z_by_register: HashMap<Uuid, Vec<i64>> = HashMap::new();
    for session in &history.sessions {
        z_by_register.entry(session.place.0).or_default().extend(&session.z_numbers);
        let z_reports = usize::from(session.status == "closed");
        if session.z_numbers.len() != z_reports {
            report(
                found,
                "I7",
                format!(
                    "{} is {} with {} Z reports",
                    session.number,
                    session.status,
                    session.z_numbers.len()
                ),
            );
        }
        if session.counted != Some(true) && session.cash[2].is_some() {
            report(found, "I7", format!("{} was not counted and has a count", session.number));
        }
    }
    for (register, mut numbers) in z_by_register {
        numbers.sort_unstable();
        if !numbers.iter().copied().eq(1..=numbers.len() as i64) {
            report(found, "I7", format!("Z numbers of {register}: {numbers:?}"));
        }
    }
}
