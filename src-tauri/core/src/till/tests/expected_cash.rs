//! What people see of the drawer, wherever the queue stands.

use super::world::session as session_of;
use crate::{
    Amount, Code, Entry, EntryContent, EntryState, Movement, MovementId, MovementKind, RegisterId, Session,
    SessionId, SessionStatus, UserId, VendorId, ports::PersistedState, till::state::State,
};
use jiff::Timestamp;
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

const KINDS: [MovementKind; 5] = [
    MovementKind::PayIn,
    MovementKind::PayOut,
    MovementKind::SafeDrop,
    MovementKind::FloatTopUp,
    MovementKind::NoSale,
];

fn movement(number: u128, kind: MovementKind, cents: i64, reverses: Option<MovementId>) -> Movement {
    Movement {
        id: MovementId(Uuid::from_u128(number)),
        session_id: SessionId(Uuid::from_u128(1)),
        kind,
        amount: Decimal::new(cents, 2).into(),
        reason: String::new(),
        note: String::new(),
        reference: String::new(),
        reverses,
        by_name: "Ana".into(),
        recorded_at: Timestamp::UNIX_EPOCH,
        sent_at: None,
    }
}

fn entry(movement: Movement) -> Entry {
    Entry {
        content: EntryContent::Movement(movement),
        register_id: RegisterId(Uuid::from_u128(2)),
        session_number: "R1-1".into(),
        vendor_id: VendorId(Uuid::from_u128(3)),
        recorded_by: UserId(Uuid::from_u128(4)),
        state: EntryState::Waiting,
    }
}

/// What is shown where the server's figure and list were read together.
fn shown(of_server: Amount, movements: Vec<Movement>, queue: Vec<Entry>) -> Option<Amount> {
    let persisted = PersistedState { movements, queue, ..PersistedState::default() };
    let mut state = State::new(persisted, Timestamp::UNIX_EPOCH);
    let session = Session {
        id: SessionId(Uuid::from_u128(1)),
        expected_cash: Some(of_server),
        ..session_of(SessionStatus::Open, 0, 7)
    };
    state.movements_at = Some(session.revision);
    state.expected_cash(&session)
}

#[test]
fn a_refused_entry_and_another_sessions_entry_do_not_count() {
    let mut refused = entry(movement(1, MovementKind::PayIn, 500, None));
    refused.state = EntryState::Refused { code: Code::SessionOver, detail: String::new() };
    let elsewhere = Movement {
        session_id: SessionId(Uuid::from_u128(99)),
        ..movement(2, MovementKind::PayIn, 500, None)
    };
    let of_server: Amount = "100.00".parse().unwrap();
    assert_eq!(shown(of_server, Vec::new(), vec![refused, entry(elsewhere)]), Some(of_server));
}

proptest! {
    /// However far the sending has come, and whether or not an answer was lost, the drawer's expected cash as
    /// shown here is the same: the float and what each movement does that was not taken back, once.
    #[test]
    fn expected_cash_does_not_depend_on_how_far_the_queue_was_sent(
        steps in proptest::collection::vec((0_usize..5, 0_i64..100_000, proptest::bool::weighted(0.3)), 0..20),
        recorded in 0_usize..21,
        lost_answer in any::<bool>(),
    ) {
        const SIGNS: [i64; 5] = [1, -1, -1, 1, 0];
        let mut entries: Vec<Entry> = Vec::new();
        let mut standing: Vec<(usize, i64, MovementId)> = Vec::new();
        for (number, (kind, cents, takes_back)) in (10_u128..).zip(steps) {
            if takes_back && let Some((kind, cents, taken_back)) = standing.pop() {
                entries.push(entry(movement(number, KINDS[kind], cents, Some(taken_back))));
            } else {
                entries.push(entry(movement(number, KINDS[kind], cents, None)));
                standing.push((kind, cents, MovementId(Uuid::from_u128(number))));
            }
        }
        let recorded = recorded.min(entries.len());
        let float = Decimal::new(20_000, 2);
        let stands = standing.iter().map(|(kind, cents, _id)| SIGNS[*kind] * cents).sum::<i64>();
        let all = float + Decimal::new(stands, 2);
        let on_server: Vec<Movement> = entries[..recorded].iter().filter_map(Entry::movement).cloned().collect();
        let of_server = float + on_server.iter().map(Movement::effect).sum::<Decimal>();
        // With a lost answer the last recorded one still waits here, too.
        let sent = if lost_answer { recorded.saturating_sub(1) } else { recorded };
        let shown = shown(of_server.into(), on_server, entries.split_off(sent));
        prop_assert_eq!(shown, Some(all.into()));
    }
}

#[test]
fn a_reversal_takes_back_exactly_what_it_reverses() {
    for kind in KINDS {
        let original = movement(1, kind, 1250, None);
        let reversal = movement(2, kind, 1250, Some(original.id));
        assert_eq!(original.effect() + reversal.effect(), Decimal::ZERO, "{kind:?}");
        let counter_entry = movement(3, kind.opposite(), 1250, None);
        assert_eq!(
            counter_entry.effect(),
            reversal.effect(),
            "{kind:?}: out of reach, the opposite does the same"
        );
    }
}
