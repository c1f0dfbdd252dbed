//! How far a count is off what was expected.
//!
//! Invariant: over and short are counted less expected and nothing else; way, size and amount say the same.

use crate::Amount;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// Counted less expected, in the currency of the drawer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(from = "Kept")]
pub struct Difference {
    way: OverShort,
    size: Amount,
    amount: Amount,
}

/// On which side a count is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "kebab-case")]
pub enum OverShort {
    /// More was counted than expected.
    Over,
    /// Less was.
    Short,
    /// Neither.
    Exact,
}

/// How files have it: those of earlier versions hold the amount alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Plain(Amount),
    Whole { amount: Amount },
}

impl From<Kept> for Difference {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Plain(amount) | Kept::Whole { amount } => Self::from(amount),
        }
    }
}

impl From<Amount> for Difference {
    /// `amount` has its sign: above zero is over.
    fn from(amount: Amount) -> Self {
        let way = match amount.cmp(&Amount::ZERO) {
            Ordering::Greater => OverShort::Over,
            Ordering::Less => OverShort::Short,
            Ordering::Equal => OverShort::Exact,
        };
        Self { way, size: Amount::from(amount.decimal().abs()), amount }
    }
}

impl Difference {
    /// Of a count.
    #[must_use]
    pub fn of(counted: Amount, expected: Amount) -> Self {
        Self::from(Amount::from(counted.decimal() - expected.decimal()))
    }

    /// Of several counts together.
    #[must_use]
    pub fn sum(all: impl Iterator<Item = Self>) -> Self {
        Self::from(Amount::from(all.map(|one| one.amount.decimal()).sum::<Decimal>()))
    }

    /// Over, short or neither.
    #[must_use]
    pub fn way(self) -> OverShort {
        self.way
    }

    /// How much, zero or more.
    #[must_use]
    pub fn size(self) -> Amount {
        self.size
    }

    /// How much, below zero where short.
    #[must_use]
    pub fn amount(self) -> Amount {
        self.amount
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_an_earlier_version_wrote_is_read() {
        let short: Difference = serde_json::from_str(r#""-1.50""#).unwrap();
        assert_eq!((short.way, short.size.to_string()), (OverShort::Short, "1.50".to_owned()));
        let written = serde_json::to_string(&short).unwrap();
        assert_eq!(written, r#"{"way":"short","size":"1.50","amount":"-1.50"}"#);
        assert_eq!(serde_json::from_str::<Difference>(&written).unwrap(), short);
        // The amount decides, whatever else stands there.
        let odd: Difference = serde_json::from_str(r#"{"way":"over","size":"9","amount":"0.00"}"#).unwrap();
        assert_eq!(odd.way, OverShort::Exact);
        assert!(serde_json::from_str::<Difference>(r#"{"way":"over"}"#).is_err());
    }

    proptest! {
        #[test]
        fn over_and_short_are_counted_less_expected(counted in 0_i64..1_000_000, expected in -1_000_000_i64..1_000_000) {
            let (counted, expected) = (Decimal::new(counted, 2), Decimal::new(expected, 2));
            let difference = Difference::of(counted.into(), expected.into());
            prop_assert_eq!(difference.amount.decimal() + expected, counted);
            let signed = match difference.way {
                OverShort::Over => difference.size.decimal(),
                OverShort::Short => -difference.size.decimal(),
                OverShort::Exact => Decimal::ZERO,
            };
            prop_assert_eq!(signed, difference.amount.decimal());
        }
    }
}
