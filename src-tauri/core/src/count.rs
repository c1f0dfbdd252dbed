//! Counting a drawer: what was tallied, and what became of it.
//!
//! Invariants: nothing counted is not a count of nothing; a count is committed under an id made here, so that sending
//! it twice keeps one attempt.

use crate::{Amount, Code, Fault, SessionId, VendorId, currency, ids};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use crate::report::CountKind;
pub use ids::CountId;

/// So many pieces of one face value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Pieces {
    /// The face value.
    pub value: Amount,
    /// How many.
    pub count: u32,
}

/// What somebody has counted so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Tally {
    /// Nothing yet.
    #[default]
    Nothing,
    /// Notes and coins, each face value at most once; those left out were not counted.
    Pieces {
        /// They.
        pieces: Vec<Pieces>,
    },
    /// One sum.
    Sum {
        /// The sum, in the location's currency.
        amount: Amount,
    },
}

impl Tally {
    /// What it comes to; `None` while nothing was counted.
    ///
    /// # Errors
    /// `BadCount` where a piece is not one of this currency or is there twice, or the sum is none that a drawer of it
    /// can hold.
    pub fn total(&self, currency: &str) -> Result<Option<Amount>, Fault> {
        let bad = |why: String| Fault::new(Code::BadCount, why);
        let total = match self {
            Self::Nothing => return Ok(None),
            Self::Pieces { pieces } if pieces.is_empty() => return Ok(None),
            Self::Sum { amount } => amount.decimal(),
            Self::Pieces { pieces } => {
                let known = currency::pieces(currency);
                let mut sum = Decimal::ZERO;
                for (place, one) in pieces.iter().enumerate() {
                    let twice = pieces.iter().take(place).any(|other| other.value == one.value);
                    if twice || !known.iter().any(|piece| piece.value == one.value) {
                        return Err(bad(format!("{} is no piece of {currency}, or there twice", one.value)));
                    }
                    sum += one.value.decimal() * Decimal::from(one.count);
                }
                sum
            }
        };
        let total = Amount::for_drawer(&total.to_string()).map_err(|problem| bad(problem.to_string()))?;
        if total.decimal().normalize().scale() > currency::places(currency) {
            return Err(bad(format!("{currency} has no such small amount")));
        }
        Ok(Some(total))
    }

    /// The pieces, where they were counted.
    #[must_use]
    pub fn pieces(&self) -> Option<&[Pieces]> {
        match self {
            Self::Pieces { pieces } if !pieces.is_empty() => Some(pieces),
            _ => None,
        }
    }
}

/// A count that is to be committed; on disk before its request leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountIntent {
    /// The count's id; also its idempotency key.
    pub id: CountId,
    /// The session whose drawer it is.
    pub session_id: SessionId,
    /// The shop; a count is sent only while somebody of this shop is signed in. `None` in files from before it was kept.
    #[serde(default)]
    pub vendor_id: Option<VendorId>,
    /// At which occasion.
    pub kind: CountKind,
    /// What was counted.
    pub tally: Tally,
    /// What that comes to.
    pub amount: Amount,
    /// Device time of the press; for people, never for decisions.
    pub counted_at: Timestamp,
}

/// A count as the server committed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Its id.
    pub id: CountId,
    /// What was counted.
    pub amount: Amount,
    /// What should have been there; `None` for who may not see it, and where the float was never known.
    pub expected: Option<Amount>,
    /// What it takes to close with it.
    pub needs: Needs,
    /// The manager who accepted its difference.
    pub approved_by: Option<String>,
}

/// What it takes to close with a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    /// Nothing more.
    Nothing,
    /// A reason: the difference is beyond the store's tolerance.
    Reason,
    /// A manager's approval, and a reason: it is beyond the store's limit.
    Approval,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn pieces(counted: &[(&str, u32)]) -> Tally {
        let pieces = counted.iter().map(|(value, count)| Pieces { value: amount(value), count: *count });
        Tally::Pieces { pieces: pieces.collect() }
    }

    #[test]
    fn nothing_counted_is_not_zero() {
        assert_eq!(Tally::Nothing.total("EUR").unwrap(), None);
        assert_eq!(pieces(&[]).total("EUR").unwrap(), None);
        assert_eq!(pieces(&[("20", 0)]).total("EUR").unwrap(), Some(Amount::ZERO), "somebody looked: none");
    }

    #[test]
    fn pieces_add_up_exactly_however_their_value_is_written() {
        let tally = pieces(&[("20.00", 3), ("0.5", 3), ("0.01", 7)]);
        assert_eq!(tally.total("EUR").unwrap(), Some(amount("61.57")));
    }

    #[test]
    fn what_is_no_piece_or_no_amount_of_the_currency_is_refused() {
        for (tally, currency) in [
            (pieces(&[("25", 1)]), "EUR"),
            (pieces(&[("20", 1), ("20.00", 1)]), "EUR"),
            (pieces(&[("0.01", 1)]), "SEK"),
            (pieces(&[("100", u32::MAX)]), "EUR"),
            (Tally::Sum { amount: amount("100.5") }, "JPY"),
            (Tally::Sum { amount: amount("-1") }, "EUR"),
            (Tally::Sum { amount: amount("1.005") }, "EUR"),
        ] {
            assert_eq!(tally.total(currency).unwrap_err().code, Code::BadCount, "{tally:?}");
        }
        assert_eq!(Tally::Sum { amount: amount("100.00") }.total("JPY").unwrap(), Some(amount("100")));
    }

    proptest! {
        #[test]
        fn a_tally_of_real_pieces_has_a_total(counts in proptest::collection::vec(0_u32..200, 15)) {
            let known = currency::pieces("EUR");
            let tally = known.iter().zip(&counts).map(|(piece, count)| Pieces { value: piece.value, count: *count });
            let sum: Decimal = known.iter().zip(&counts).map(|(piece, count)| piece.value.decimal() * Decimal::from(*count)).sum();
            let total = Tally::Pieces { pieces: tally.collect() }.total("EUR").unwrap();
            prop_assert_eq!(total, Some(sum.into()));
        }
    }
}
