//! What the server was asked and answered, as the checker over tables wants to know it.

use onetill_core::{
    Amount, SessionId, UserId,
    closing::{EndHow, Step},
    ports::Closed,
    session::Drawer,
    till::{Answer as Told, Call},
};
use onetill_tests::database::{
    desk::Caller,
    history::{Answer, Deed, Event, FinalMovement, FinalSession, History},
};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{server::Records, world::code};

/// The key that a press of *Start shift* was asked with.
pub(crate) fn key(event: &Event) -> Option<Uuid> {
    match event.deed {
        Deed::Open { key, .. } => key,
        _ => None,
    }
}

/// Writes a call and its answer down, if the checker asks for it.
pub(crate) fn learn(events: &mut Vec<Event>, who: UserId, call: &Call, told: &Told) {
    let Some(deed) = deed(call) else { return };
    let answer = match (code(told), told) {
        (Some(code), _) => Answer::Refused(format!("{code:?}")),
        (None, Told::Opened(Ok(opened))) => {
            let Deed::Open { key: asked, .. } = deed else { return };
            let again = events
                .iter()
                .any(|event| key(event) == asked && matches!(event.answer, Answer::Session { .. }));
            let outcome = format!("{:?}", opened.outcome).to_lowercase();
            let outcome = if again { "replayed".to_owned() } else { outcome };
            Answer::Session { id: opened.session.id.0, outcome }
        }
        (None, Told::Closed(Ok(Closed::Here(report)))) => {
            let again =
                events.iter().any(|event| event.deed == deed && matches!(event.answer, Answer::Done { .. }));
            let z_number = report.settlement().and_then(|settled| i64::try_from(settled.z_number).ok());
            Answer::Done { outcome: if again { "replayed" } else { "closed" }.to_owned(), z_number }
        }
        // Somebody else's close, whose number is not told.
        (None, Told::Closed(_)) => return,
        _ => Answer::Done { outcome: String::new(), z_number: None },
    };
    let sent = 2 * events.len() as u64;
    events.push(Event { caller: Caller::User(who.0), deed, sent, answered: sent + 1, answer });
}

/// Writes down that the store's own server ended a session.
pub(crate) fn end_by_store(events: &mut Vec<Event>, session: SessionId) {
    let sent = 2 * events.len() as u64;
    events.push(Event {
        caller: Caller::Service,
        deed: Deed::End { session: session.0 },
        sent,
        answered: sent + 1,
        answer: Answer::Done { outcome: String::new(), z_number: None },
    });
}

fn deed(call: &Call) -> Option<Deed> {
    match call {
        Call::OpenSession { intent, .. } => {
            Some(Deed::Open { register: intent.register_id.0, key: Some(intent.key.0) })
        }
        Call::RecordMovement { entry } => Some(Deed::Move {
            session: entry.movement.session_id.0,
            id: entry.movement.id.0,
            effect: entry.movement.effect(),
        }),
        Call::Settle { closing } => {
            let session = closing.session.id.0;
            match &closing.step {
                Step::Settling(_) => Some(Deed::Close { session }),
                Step::Ending(asked) if asked.what.how == EndHow::Cancel => Some(Deed::Cancel { session }),
                Step::Ending(_) => Some(Deed::End { session }),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The model's tables.
pub(crate) fn read(records: &Records, history: &mut History) {
    for row in &records.sessions {
        let session = &row.session;
        let counted = match session.drawer {
            Drawer::Counted { amount, .. } => Some(amount.decimal()),
            Drawer::NotCounted | Drawer::Outstanding => None,
        };
        let expected = row.report.as_ref().and_then(|report| report.tenders.first()?.expected);
        let settled =
            row.report.as_ref().and_then(|report| i64::try_from(report.settlement()?.z_number).ok());
        let opener = session.opener_id.map(|who| records.member(who).staff.vendor_id.0);
        history.sessions.push(FinalSession {
            id: session.id.0,
            place: (session.register_id.0, session.vendor_id.0),
            number: session.session_number.clone(),
            status: format!("{:?}", session.status).to_lowercase(),
            key: Some(row.key.0),
            opener_vendor: opener,
            opened: session.opened_at.as_microsecond(),
            over: row.over_at.map(|at| at.as_microsecond()),
            cash: [
                Some(session.opening_cash.decimal()),
                Some(session.totals.total_cash.decimal()),
                counted,
                expected.map(Amount::decimal),
            ],
            counted: row.report.is_some().then_some(counted.is_some()),
            z_numbers: settled.into_iter().collect(),
            ledger: [Decimal::ZERO; 6],
            sales: (0, settled.map(|_| 0)),
        });
    }
    history.movements.extend(records.ledger.iter().map(|row| FinalMovement {
        id: row.movement.id.0,
        session: row.movement.session_id.0,
        effect: row.movement.effect(),
        recorded: row.movement.recorded_at.as_microsecond(),
    }));
}
