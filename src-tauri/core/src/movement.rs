//! Cash that enters and leaves the drawer during a session and is no sale.
//!
//! Invariants: a movement has an id made here, so that sending it twice records it once (I6); expected cash changes by
//! [`Movement::effect`] alone.

use crate::{Amount, SessionId, ids};
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
