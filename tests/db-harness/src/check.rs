//! Decides from a history and the final tables whether the register's promises held.
//!
//! It knows nothing of how the functions work: it computes expected cash itself, and reasons about
//! time only where one call was answered before another was sent.

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::history::{Answer, Deed, Event, FinalSale, FinalSession, History};

/// One broken promise: which, and what shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// `I1` to `I7`, and of selling `S1` to `S10`.
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
    sales_once(history, &mut found);
    sales_totals(history, &mut found);
    returns(history, &mut found);
    chains(history, &mut found);
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

/// S1: what was confirmed is there once, what was refused is not. S7: what is right is not refused as wrong.
fn sales_once(history: &History, found: &mut Vec<Broken>) {
    let mut asked: HashMap<Uuid, (Uuid, &str)> = HashMap::new();
    let mut confirmed = HashSet::new();
    let mut possible = HashSet::new();
    let mut recorded = HashSet::new();
    for event in &history.events {
        let Deed::Sell { session, id, kind } = event.deed else { continue };
        asked.insert(id, (session, kind));
        match &event.answer {
            Answer::Done { outcome, .. } => {
                confirmed.insert(id);
                if outcome != "replayed" && !recorded.insert(id) {
                    report(found, "S1", format!("entry {id} was recorded twice"));
                }
            }
            Answer::Unknown => {
                possible.insert(id);
            }
            Answer::Refused(code)
                if ["sale", "discard"].contains(&kind)
                    && ["POS_BAD_SALE", "POS_BAD_TENDER", "POS_BAD_RECEIPT", "POS_KEY_REUSED"]
                        .contains(&code.as_str()) =>
            {
                report(found, "S7", format!("a right {kind} was refused with {code}"));
            }
            _ => {}
        }
    }
    let mut present = HashSet::new();
    for sale in &history.sales {
        if !present.insert(sale.id) {
            report(found, "S1", format!("entry {} twice", sale.id));
        }
        if asked.get(&sale.id) != Some(&(sale.session, sale.kind.as_str())) {
            report(found, "S1", format!("entry {} is not what was asked", sale.id));
        }
        if !confirmed.contains(&sale.id) && !possible.contains(&sale.id) {
            report(found, "S1", format!("entry {} was refused and is there", sale.id));
        }
    }
    for id in confirmed.difference(&present) {
        report(found, "S1", format!("entry {id} was confirmed and is gone"));
    }
}

/// S3: what the ledger added to a session is the sum of its entries that are not late, and nobody else added anything here.
/// S9: the Z report tells of as many sales as there were.
fn sales_totals(history: &History, found: &mut Vec<Broken>) {
    let mut sums: HashMap<Uuid, ([Decimal; 3], i64)> = HashMap::new();
    for sale in history.sales.iter().filter(|sale| !sale.late) {
        let (sum, count) = sums.entry(sale.session).or_default();
        for (sum, effect) in sum.iter_mut().zip(sale.effects) {
            *sum += effect;
        }
        *count += i64::from(sale.kind == "sale");
    }
    for session in &history.sessions {
        let (sum, count) = sums.get(&session.id).copied().unwrap_or_default();
        let [sales, cash, card, all @ ..] = session.ledger;
        if ([sales, cash, card], session.sales.0) != (sum, count) {
            let added = format!("{sales} {cash} {card} of {} sales", session.sales.0);
            report(
                found,
                "S3",
                format!("{} was added {added}, its entries sum to {sum:?} of {count}", session.number),
            );
        }
        if all != sum {
            report(
                found,
                "S3",
                format!("{} has totals of {all:?}, and its entries sum to {sum:?}", session.number),
            );
        }
        if session.status == "closed" && session.sales.1 != Some(count) {
            report(
                found,
                "S9",
                format!(
                    "the Z of {} tells of {:?} sales, there are {count}",
                    session.number, session.sales.1
                ),
            );
        }
    }
}

/// S5: no more comes back of a line than was sold, and all of it for what it was sold for. S6: a receipt is voided once and
/// never beside a refund, and then its effects sum to nothing.
fn returns(history: &History, found: &mut Vec<Broken>) {
    let mut back: HashMap<Uuid, Vec<&FinalSale>> = HashMap::new();
    for sale in &history.sales {
        if let Some(original) = sale.original {
            back.entry(original).or_default().push(sale);
        }
    }
    for sale in history.sales.iter().filter(|sale| sale.kind == "sale") {
        let Some(back) = back.get(&sale.id) else { continue };
        let voids: Vec<_> = back.iter().filter(|entry| entry.kind == "void").collect();
        if voids.len() > 1 || (!voids.is_empty() && back.len() > 1) {
            report(
                found,
                "S6",
                format!("{} has {} voids among {} entries", sale.id, voids.len(), back.len()),
            );
        }
        if let [void] = voids.as_slice()
            && (0..3).any(|at| {
                void.effects.get(at).copied().unwrap_or_default()
                    != -sale.effects.get(at).copied().unwrap_or_default()
            })
        {
            report(found, "S6", format!("the void of {} is not the opposite of it", sale.id));
        }
        for (no, quantity, net) in &sale.lines {
            let of = |entry: &&FinalSale| {
                entry
                    .lines
                    .iter()
                    .filter(|line| line.0 == *no)
                    .map(|line| (line.1, line.2))
                    .collect::<Vec<_>>()
            };
            let lines: Vec<(Decimal, Decimal)> = back.iter().flat_map(of).collect();
            let (quantity_back, net_back) = lines
                .iter()
                .fold((Decimal::ZERO, Decimal::ZERO), |sum, line| (sum.0 + line.0, sum.1 + line.1));
            if quantity_back > *quantity
                || net_back > *net
                || (quantity_back == *quantity && net_back != *net)
            {
                report(
                    found,
                    "S5",
                    format!(
                        "of {quantity} for {net} {quantity_back} came back for {net_back}, line {no} of {}",
                        sale.id
                    ),
                );
            }
        }
    }
}

/// S8: the receipts of a till are 1, 2, 3 …, and each hash follows from the one before. S10: they came in this order.
fn chains(history: &History, found: &mut Vec<Broken>) {
    let mut tills: HashMap<(Uuid, i16), Vec<&FinalSale>> = HashMap::new();
    for sale in &history.sales {
        tills.entry(sale.till).or_default().push(sale);
        if sale.flags.iter().any(|flag| flag == "chain_broken" || flag == "number_repeated") {
            report(
                found,
                "S8",
                format!("entry {} of till {:?} has the flags {:?}", sale.id, sale.till, sale.flags),
            );
        }
        if sale.late != sale.flags.iter().any(|flag| flag == "late") {
            report(
                found,
                "S9",
                format!("entry {} is late without its flag, or the other way round", sale.id),
            );
        }
    }
    for (till, mut sales) in tills {
        sales.sort_by_key(|sale| sale.numbers.1);
        let numbers: Vec<i64> = sales.iter().filter_map(|sale| sale.numbers.0).collect();
        if !numbers.iter().copied().eq(1..=numbers.len() as i64) {
            report(found, "S8", format!("receipts of till {till:?}: {numbers:?}"));
        }
        let mut before = vec![0; 32];
        for (sale, link) in sales.iter().zip(1..) {
            if sale.numbers.1 != link || sale.hashes.0 != before {
                report(found, "S8", format!("link {link} of till {till:?} is {}", sale.numbers.1));
            }
            before.clone_from(&sale.hashes.1);
        }
        if !sales.is_sorted_by_key(|sale| sale.recorded) {
            report(found, "S10", format!("the entries of till {till:?} came in another order"));
        }
    }
}
