//! The movements of the running shift as people read them.
//!
//! Invariants: what the server has and what waits here make one list in which nothing stands twice; a movement and what
//! takes it back stay together.

use super::state::State;
use crate::{
    Amount, EntryState, Movement, MovementId, SessionId,
    view::{ListedEntry, ListedMovement, ListedState},
};
use std::collections::HashSet;

impl State {
    /// The movements of this session, what happened last first.
    pub(super) fn listed_movements(&self, session: SessionId) -> Vec<ListedMovement> {
        let recorded: HashSet<MovementId> = self.movements.iter().map(|movement| movement.id).collect();
        // The server may have recorded what waits here although its answer was lost.
        let of_session =
            |movement: &Movement| movement.session_id == session && !recorded.contains(&movement.id);
        let here = self.queue.iter().filter_map(|entry| {
            let movement = entry.movement().filter(|movement| of_session(movement))?;
            let state = match &entry.state {
                EntryState::Waiting => ListedState::Waiting,
                EntryState::AwaitingManager { code } => ListedState::AwaitingManager { code: *code },
                EntryState::Refused { code, .. } => ListedState::Refused { code: *code },
            };
            Some(listed(movement, state))
        });
        let mut list: Vec<ListedMovement> = Vec::new();
        for entry in self.movements.iter().map(|movement| listed(movement, ListedState::Recorded)).chain(here)
        {
            let original = entry.movement.reverses;
            let original = original.and_then(|id| list.iter().position(|one| one.entry.movement.id == id));
            match original {
                // What is touched goes to where the reversal stands.
                Some(place) => {
                    let mut whole = list.remove(place);
                    whole.reversals.insert(0, entry);
                    list.push(whole);
                }
                None => list.push(ListedMovement {
                    entry,
                    reversals: Vec::new(),
                    is_taken_back: false,
                    can_be_taken_back: false,
                    beyond_limit: None,
                }),
            }
        }
        for one in &mut list {
            let counts = |entry: &ListedEntry| !matches!(entry.state, ListedState::Refused { .. });
            one.is_taken_back = one.reversals.iter().any(counts);
            one.can_be_taken_back =
                counts(&one.entry) && one.entry.movement.reverses.is_none() && !one.is_taken_back;
            one.beyond_limit = self.beyond_limit(one.entry.movement.kind, one.entry.movement.amount);
        }
        list.reverse();
        list
    }
}

fn listed(movement: &Movement, state: ListedState) -> ListedEntry {
    ListedEntry { movement: movement.clone(), effect: Amount::from(movement.effect()), state }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Code, Entry, EntryContent, MovementKind, RegisterId, UserId, VendorId, ports::PersistedState,
    };
    use jiff::Timestamp;
    use uuid::Uuid;

    const SESSION: SessionId = SessionId(Uuid::from_u128(6));

    fn movement(id: u128, kind: MovementKind, amount: &str, reverses: Option<u128>) -> Movement {
        Movement {
            id: MovementId(Uuid::from_u128(id)),
            session_id: SESSION,
            kind,
            amount: amount.parse().unwrap(),
            reason: String::new(),
            note: String::new(),
            reference: String::new(),
            reverses: reverses.map(|id| MovementId(Uuid::from_u128(id))),
            by_name: "Ana".into(),
            recorded_at: Timestamp::UNIX_EPOCH,
            sent_at: None,
        }
    }

    fn entry(movement: Movement, refused: Option<Code>) -> Entry {
        let refused = refused.map(|code| EntryState::Refused { code, detail: String::new() });
        Entry {
            content: EntryContent::Movement(movement),
            register_id: RegisterId(Uuid::nil()),
            session_number: "REG-1-1".into(),
            vendor_id: VendorId(Uuid::nil()),
            recorded_by: UserId(Uuid::nil()),
            state: refused.unwrap_or(EntryState::Waiting),
        }
    }

    fn list(movements: Vec<Movement>, queue: Vec<Entry>) -> Vec<ListedMovement> {
        let persisted = PersistedState { movements, queue, ..PersistedState::default() };
        State::new(persisted, Timestamp::UNIX_EPOCH).listed_movements(SESSION)
    }

    #[test]
    fn what_the_server_has_and_what_waits_is_one_list_newest_first_and_nothing_twice() {
        let lost = movement(3, MovementKind::PayIn, "1.00", None);
        let elsewhere = SessionId(Uuid::from_u128(7));
        let list = list(
            vec![movement(1, MovementKind::PayIn, "5.00", None), lost.clone()],
            vec![
                entry(lost, None),
                entry(movement(4, MovementKind::PayOut, "2.00", None), None),
                entry(
                    Movement { session_id: elsewhere, ..movement(5, MovementKind::PayIn, "9.00", None) },
                    None,
                ),
            ],
        );
        let shown =
            list.iter().map(|one| (one.entry.effect.to_string(), one.entry.state)).collect::<Vec<_>>();
        assert_eq!(
            shown,
            [
                ("-2.00".to_owned(), ListedState::Waiting),
                ("1.00".to_owned(), ListedState::Recorded),
                ("5.00".to_owned(), ListedState::Recorded),
            ]
        );
    }

    #[test]
    fn a_movement_and_its_reversal_stay_together_where_the_reversal_stands() {
        let list = list(
            vec![
                movement(1, MovementKind::PayOut, "5.00", None),
                movement(2, MovementKind::PayIn, "9.00", None),
            ],
            vec![entry(movement(3, MovementKind::PayOut, "5.00", Some(1)), None)],
        );
        let [pair, other] = list.as_slice() else { panic!("{list:?}") };
        assert_eq!(pair.entry.movement.id, MovementId(Uuid::from_u128(1)));
        assert_eq!(pair.reversals.len(), 1);
        assert_eq!(pair.reversals[0].effect, "5.00".parse().unwrap(), "it puts back what was taken");
        assert!(pair.is_taken_back && !pair.can_be_taken_back);
        assert!(!other.is_taken_back && other.can_be_taken_back);
    }

    #[test]
    fn what_the_server_refused_to_take_back_is_not_taken_back() {
        let back = movement(2, MovementKind::PayOut, "5.00", Some(1));
        let list = list(
            vec![movement(1, MovementKind::PayOut, "5.00", None)],
            vec![entry(back, Some(Code::BadMovement))],
        );
        let [pair] = list.as_slice() else { panic!("{list:?}") };
        assert!(!pair.is_taken_back && pair.can_be_taken_back);
        assert_eq!(pair.reversals[0].state, ListedState::Refused { code: Code::BadMovement });
    }

    #[test]
    fn a_reversal_cannot_be_taken_back_itself() {
        let list = list(vec![movement(2, MovementKind::PayOut, "5.00", Some(77))], Vec::new());
        assert!(!list[0].can_be_taken_back);
    }
}
