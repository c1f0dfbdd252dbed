//! What the server was asked and answered, as the checker over tables wants to know it.

use onetill_core::{
    Amount, Code, EntryContent, SessionId, UserId,
    closing::{EndHow, Step},
    ports::Closed,
    session::Drawer,
    till::{Answer as Told, Call},
};
use onetill_tests::database::{
    desk::Caller,
    history::{Answer, Deed, Event, FinalMovement, FinalSale, FinalSession, History},
};
use uuid::Uuid;

use crate::{ledger::effect, server::Records, world::code};

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
        (Some(Code::BadSale), _) => Answer::Refused("POS_BAD_SALE".to_owned()),
        (Some(Code::BadTender), _) => Answer::Refused("POS_BAD_TENDER".to_owned()),
        (Some(Code::BadReceipt), _) => Answer::Refused("POS_BAD_RECEIPT".to_owned()),
        (Some(code), _) => Answer::Refused(format!("{code:?}")),
        (None, Told::SaleRecorded(Ok(sale))) => {
            let outcome = match (sale.replayed, sale.late) {
                (true, _) => "replayed",
                (false, true) => "late",
                (false, false) => "recorded",
            };
            Answer::Done { outcome: outcome.to_owned(), z_number: None }
        }
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
        Call::RecordEntry { entry, .. } => {
            let (session, id) = (entry.session_id().0, entry.id().0);
            Some(match &entry.content {
                EntryContent::Movement(movement) => Deed::Move { session, id, effect: movement.effect() },
                EntryContent::Sale(sale) => Deed::Sell { session, id, kind: sale.kind.name() },
            })
        }
        Call::AskRefund { sale, .. } => {
            Some(Deed::Sell { session: sale.session_id.0, id: sale.id.0, kind: sale.kind.name() })
        }
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
        let totals = session.totals;
        let [sales, cash, card] =
            [totals.total_sales, totals.total_cash, totals.total_card].map(Amount::decimal);
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
            ledger: [sales, cash, card, sales, cash, card],
            sales: (
                i64::from(session.totals.total_transactions),
                row.report.as_ref().map(|report| i64::from(report.totals.total_transactions)),
            ),
        });
    }
    for row in &records.sold.sales {
        let sale = &row.sale;
        let number = |count: u64| i64::try_from(count).expect("a small number");
        let effect = effect(sale);
        let lines = (1..).zip(&sale.lines).map(|(no, line)| {
            let no = line.original_line.map_or(no, |no| i16::try_from(no).expect("a small number"));
            (no, line.quantity.decimal(), line.net.decimal())
        });
        history.sales.push(FinalSale {
            id: sale.id.0,
            session: sale.session_id.0,
            kind: sale.kind.name().to_owned(),
            original: sale.original_id.map(|id| id.0),
            till: (row.register.0, i16::try_from(sale.receipt.till).expect("a small number")),
            numbers: (sale.receipt.seq.map(number), number(sale.receipt.chain_seq)),
            hashes: (sale.receipt.prev_hash.0.to_vec(), sale.receipt.hash.0.to_vec()),
            effects: [effect.total_sales, effect.total_cash, effect.total_card].map(Amount::decimal),
            late: row.late,
            flags: row.flags.clone(),
            lines: lines.collect(),
            recorded: row.recorded_at.as_microsecond(),
        });
    }
    history.movements.extend(records.ledger.iter().map(|row| FinalMovement {
        id: row.movement.id.0,
        session: row.movement.session_id.0,
        effect: row.movement.effect(),
        recorded: row.movement.recorded_at.as_microsecond(),
    }));
}
