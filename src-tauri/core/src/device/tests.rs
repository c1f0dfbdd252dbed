//! A device goes from state to state as the server and people say, and no other way.

use super::*;
use crate::{IntentKey, LocationId, RegisterId, SessionId, SessionStatus, UserId, VendorId, session::Totals};
use proptest::prelude::*;
use uuid::Uuid;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn intent() -> OpenIntent {
    OpenIntent {
        key: IntentKey(Uuid::from_u128(1)),
        register_id: RegisterId(Uuid::from_u128(2)),
        location_id: LocationId(Uuid::from_u128(3)),
        vendor_id: VendorId(Uuid::from_u128(4)),
        user_id: UserId(Uuid::from_u128(5)),
        opening_cash: "150.00".parse().unwrap(),
        tally: crate::Tally::Nothing,
        pressed_at: at(0),
    }
}

fn session(status: SessionStatus, revision: i64) -> Session {
    Session {
        id: SessionId(Uuid::from_u128(6)),
        session_number: "R1-000001".into(),
        register_id: intent().register_id,
        location_id: intent().location_id,
        vendor_id: intent().vendor_id,
        opener_id: None,
        opener_name: None,
        status,
        opening_cash: "200.00".parse().unwrap(),
        opened_at: at(0),
        business_date: None,
        revision,
        totals: Totals::default(),
        expected_cash: None,
        ended_by_name: None,
        closed_at: None,
        counting: None,
        drawer: crate::session::Drawer::Outstanding,
        close_kind: None,
        end_reason: None,
        devices: Vec::new(),
    }
}

fn attached(now: i64) -> Attached {
    let opened = Opened { session: session(SessionStatus::Open, 3), outcome: SessionOutcome::Joined };
    Detached.begin(intent()).answered(opened, None, false, at(now)).unwrap()
}

#[test]
fn an_answer_attaches_and_keeps_the_own_count() {
    let attached = attached(10);
    assert_eq!(attached.connection, ConnectionState::Confirmed { heard_at: at(10) });
    assert_eq!(attached.active.own_opening_cash, "150.00".parse().unwrap(), "the joiner's own count is kept");
    assert_eq!(attached.active.session.opening_cash, "200.00".parse().unwrap(), "the float is the opener's");
}

#[test]
fn a_replay_of_a_closed_session_does_not_attach() {
    for over in [SessionStatus::Ended, SessionStatus::Closed, SessionStatus::Cancelled] {
        let opened = Opened { session: session(over, 9), outcome: SessionOutcome::Replayed };
        let fenced = Detached.begin(intent()).answered(opened, None, false, at(10)).unwrap_err();
        assert_eq!(fenced.session.status, over);
    }
}

#[test]
fn an_older_answer_does_not_turn_back_what_is_known() {
    let mut older = session(SessionStatus::Open, 2);
    older.opening_cash = "1.00".parse().unwrap();
    let attached = attached(10).updated(older, at(20)).unwrap();
    assert_eq!(attached.active.session.revision, 3);
    assert_eq!(attached.connection, ConnectionState::Confirmed { heard_at: at(20) }, "it was still heard");
}

#[test]
fn the_end_fences_even_when_the_revision_is_older() {
    // A server restored from a backup counts lower; "over" is still over.
    assert!(attached(10).updated(session(SessionStatus::Closed, 1), at(20)).is_err());
}

#[test]
fn offline_age_counts_from_when_the_server_was_last_heard() {
    let offline = attached(10).unchanged(at(15)).unheard().unheard();
    assert_eq!(offline.connection, ConnectionState::Offline { since: at(15) });
    let resumed = Detached.resume(offline.active, false);
    assert_eq!(resumed.connection, ConnectionState::Checking { heard_at: at(15) });
    assert_eq!(
        resumed.unheard().connection,
        ConnectionState::Offline { since: at(15) },
        "a restart does not make the age younger"
    );
}

#[derive(Clone, Debug)]
enum Event {
    Returned(SessionStatus, i64),
    Unchanged,
    Unheard,
}

fn event() -> impl Strategy<Value = Event> {
    let status = prop_oneof![
        8 => Just(SessionStatus::Open),
        1 => Just(SessionStatus::Ended),
        1 => Just(SessionStatus::Closed),
        1 => Just(SessionStatus::Cancelled)
    ];
    prop_oneof![
        (status, 0_i64..20).prop_map(|(status, revision)| Event::Returned(status, revision)),
        Just(Event::Unchanged),
        Just(Event::Unheard),
    ]
}

proptest! {
    /// For any sequence of news, the device is attached exactly as long as it was never told of the end, its
    /// revision never falls, and its contact says whether the last attempt was heard.
    #[test]
    fn attached_until_told_otherwise(events in proptest::collection::vec(event(), 0..40)) {
        let mut state = Ok(attached(0));
        for (step, event) in events.iter().enumerate() {
            let Ok(before) = state else { break };
            let revision = before.active.session.revision;
            let now = at(i64::try_from(step).unwrap());
            state = match event {
                Event::Returned(status, revision) => before.updated(session(*status, *revision), now),
                Event::Unchanged => Ok(before.unchanged(now)),
                Event::Unheard => Ok(before.unheard()),
            };
            match (event, &state) {
                (Event::Returned(status, _), state) if !status.holds_register() => prop_assert!(state.is_err()),
                (Event::Unheard, Ok(after)) => {
                    let is_offline = matches!(after.connection, ConnectionState::Offline { .. });
                    prop_assert!(is_offline);
                }
                (_, Ok(after)) => {
                    prop_assert_eq!(after.connection, ConnectionState::Confirmed { heard_at: now });
                    prop_assert!(after.active.session.revision >= revision);
                }
                (_, Err(_)) => prop_assert!(false, "fenced without being told"),
            }
        }
    }
}
