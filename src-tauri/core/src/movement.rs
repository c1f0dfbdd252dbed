//! Cash that enters and leaves the drawer during a session, and the durable queue in which it waits.
//!
//! Invariants: a movement has an id made here, so that sending it twice records it once (I6); an [`Entry`] leaves
//! the queue only by the server's acceptance or a person's decision, never because it was refused (I8); expected
//! cash changes by [`Movement::effect`] alone.

use crate::{Amount, Code, RegisterId, SessionId, UserId, VendorId, ids};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use ids::MovementId;

/// What a movement is. The words are those of `pos_record_movement`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// Cash put in that is no sale.
    PayIn,
    /// Cash taken out for an expense.
    PayOut,
    /// Cash taken to the safe.
    SafeDrop,
    /// Change brought from the safe.
    FloatTopUp,
    /// The drawer was opened and no cash moved.
    NoSale,
}

impl MovementKind {
    /// Whether it needs an amount; a no-sale has none.
    #[must_use]
    pub fn has_amount(self) -> bool {
        self != Self::NoSale
    }

    /// The kind that undoes it when the original is out of reach.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::PayIn => Self::PayOut,
            Self::PayOut => Self::PayIn,
            Self::SafeDrop => Self::FloatTopUp,
            Self::FloatTopUp => Self::SafeDrop,
            Self::NoSale => Self::NoSale,
        }
    }

    /// What an amount of this kind does to the cash that should be in the drawer.
    #[must_use]
    pub fn effect(self, amount: Amount) -> Decimal {
        match self {
            Self::PayIn | Self::FloatTopUp => amount.decimal(),
            Self::PayOut | Self::SafeDrop => -amount.decimal(),
            Self::NoSale => Decimal::ZERO,
        }
    }
}

/// A movement as this device recorded it, or as the server returns it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Movement {
    /// Made by the device that recorded it.
    pub id: MovementId,
    /// The session it belongs to.
    pub session_id: SessionId,
    /// What it is; of a reversal, what the reversed one was.
    pub kind: MovementKind,
    /// Zero or more, in the location's currency.
    pub amount: Amount,
    /// Why, from the store's short list.
    pub reason: String,
    /// Why, in free words.
    pub note: String,
    /// The number of a safe bag, or another outside reference.
    pub reference: String,
    /// The movement that this one takes back.
    pub reverses: Option<MovementId>,
    /// Who recorded it.
    pub by_name: String,
    /// When somebody recorded it, UTC: by the server's clock as far as their device knew it.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub recorded_at: Timestamp,
    /// When the server got it, server time, UTC, where it waited for more than a minute on its way.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    #[serde(default)]
    pub sent_at: Option<Timestamp>,
}

impl Movement {
    /// What it does to the cash that should be in the drawer.
    #[must_use]
    pub fn effect(&self) -> Decimal {
        let effect = self.kind.effect(self.amount);
        if self.reverses.is_some() { -effect } else { effect }
    }
}

/// A movement in this device's queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Entry {
    /// What was recorded.
    pub movement: Movement,
    /// The register it was recorded on.
    pub register_id: RegisterId,
    /// The number of its session, as people say it.
    pub session_number: String,
    /// The shop; an entry is sent only while somebody of this shop is signed in.
    pub vendor_id: VendorId,
    /// Who recorded it; somebody else may be signed in when it is sent.
    pub recorded_by: UserId,
    /// Where it stands.
    pub state: EntryState,
}

/// Where an entry of the queue stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum EntryState {
    /// It will be sent.
    Waiting,
    /// The server wants a manager for it: it is sent again when one is signed in here.
    AwaitingManager {
        /// What the server said.
        code: Code,
    },
    /// The server decided against it; a person has to say what becomes of it.
    Refused {
        /// Why the server refused it.
        code: Code,
        /// More, for support.
        detail: String,
    },
}

impl EntryState {
    /// Whether it is still to be sent: its money moved, and nobody has decided against it.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        !matches!(self, Self::Refused { .. })
    }
}

/// What somebody at the till asks to record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct MovementRequest {
    /// What it is.
    pub kind: MovementKind,
    /// As typed, `digits[.digits]`; ignored for a no-sale.
    pub amount: String,
    /// Why, from the store's short list.
    pub reason: String,
    /// Why, in free words; may be empty.
    pub note: String,
    /// Bag number or another reference; may be empty.
    pub reference: String,
}

/// The cash that should be in the drawer as this device sees it: the server's figure, and what waits here and the
/// server has not counted yet.
#[must_use]
pub fn expected_with_waiting(
    of_server: Amount,
    session: SessionId,
    recorded: &[MovementId],
    queue: &[Entry],
) -> Amount {
    let waiting = queue
        .iter()
        .filter(|entry| entry.state.is_pending() && entry.movement.session_id == session)
        // The server may have recorded it although its answer was lost.
        .filter(|entry| !recorded.contains(&entry.movement.id))
        .map(|entry| entry.movement.effect());
    Amount::from(of_server.decimal() + waiting.sum::<Decimal>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    const KINDS: [MovementKind; 5] = [
        MovementKind::PayIn,
        MovementKind::PayOut,
        MovementKind::SafeDrop,
        MovementKind::FloatTopUp,
        MovementKind::NoSale,
    ];

    fn entry(number: u128, kind: MovementKind, cents: i64, reverses: Option<MovementId>) -> Entry {
        Entry {
            movement: Movement {
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
            },
            register_id: RegisterId(Uuid::from_u128(2)),
            session_number: "R1-1".into(),
            vendor_id: VendorId(Uuid::from_u128(3)),
            recorded_by: UserId(Uuid::from_u128(4)),
            state: EntryState::Waiting,
        }
    }

    #[test]
    fn a_reversal_takes_back_exactly_what_it_reverses() {
        for kind in KINDS {
            let original = entry(1, kind, 1250, None).movement;
            let reversal = entry(2, kind, 1250, Some(original.id)).movement;
            assert_eq!(original.effect() + reversal.effect(), Decimal::ZERO, "{kind:?}");
            let counter_entry = entry(3, kind.opposite(), 1250, None).movement;
            assert_eq!(
                counter_entry.effect(),
                reversal.effect(),
                "{kind:?}: out of reach, the opposite does the same"
            );
        }
    }

    #[test]
    fn a_refused_entry_and_another_sessions_entry_do_not_count() {
        let mut refused = entry(1, MovementKind::PayIn, 500, None);
        refused.state = EntryState::Refused { code: Code::SessionOver, detail: String::new() };
        let mut elsewhere = entry(2, MovementKind::PayIn, 500, None);
        elsewhere.movement.session_id = SessionId(Uuid::from_u128(99));
        let of_server: Amount = "100.00".parse().unwrap();
        assert_eq!(
            expected_with_waiting(of_server, SessionId(Uuid::from_u128(1)), &[], &[refused, elsewhere]),
            of_server
        );
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
                    entries.push(entry(number, KINDS[kind], cents, Some(taken_back)));
                } else {
                    entries.push(entry(number, KINDS[kind], cents, None));
                    standing.push((kind, cents, MovementId(Uuid::from_u128(number))));
                }
            }
            let recorded = recorded.min(entries.len());
            let float = Decimal::new(20_000, 2);
            let stands = standing.iter().map(|(kind, cents, _id)| SIGNS[*kind] * cents).sum::<i64>();
            let all = float + Decimal::new(stands, 2);
            let on_server = &entries[..recorded];
            let of_server: Amount = (float + on_server.iter().map(|entry| entry.movement.effect()).sum::<Decimal>()).into();
            let known: Vec<MovementId> = on_server.iter().map(|entry| entry.movement.id).collect();
            // With a lost answer the last recorded one still waits here, too.
            let sent = if lost_answer { recorded.saturating_sub(1) } else { recorded };
            let shown = expected_with_waiting(of_server, SessionId(Uuid::from_u128(1)), &known, &entries[sent..]);
            prop_assert_eq!(shown.decimal(), all);
        }
    }
}
