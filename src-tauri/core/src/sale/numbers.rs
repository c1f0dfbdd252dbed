//! The numbers of a sale that are no money: how many, how many per cent, at which rate.
//!
//! Invariant: a value of these types is within its bounds and has no more places than the database keeps.

use super::{Broken, Rule, exact};
use crate::Amount;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $rule:expr, $field:literal, $places:literal, $least:literal ..= $most:literal, $bounds:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, type = "string"))]
        pub struct $name(Decimal);

        impl $name {
            /// As a whole number of its smallest parts.
            pub(super) fn parts(self) -> i128 {
                exact::parts(self.0, $places).unwrap_or(0)
            }

            /// The decimal itself.
            #[must_use]
            pub fn decimal(self) -> Decimal {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = Broken;
            fn from_str(text: &str) -> Result<Self, Broken> {
                let broken = || Broken {
                    rule: $rule,
                    field: $field,
                    no: None,
                    expected: $bounds.into(),
                    got: text.chars().take(40).collect(),
                };
                let decimal = text.parse::<Amount>().map_err(|_problem| broken())?.decimal();
                let parts = exact::parts(decimal, $places).ok_or_else(broken)?;
                let bounds = $least..=$most;
                if bounds.contains(&parts) { Ok(Self(decimal.normalize())) } else { Err(broken()) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

number!(
    /// How many pieces, or how much by weight or length: more than nothing, at most 99,999, at most three places.
    Quantity, Rule::A1, "quantity", 3, 1 ..= 99_999_000, "0.001 to 99999, three places"
);
number!(
    /// A discount in per cent: 0 to 100, at most two places.
    Percent, Rule::A3, "discount_percent", 2, 0 ..= 10_000, "0 to 100, two places"
);
number!(
    /// A tax rate as a fraction, 0.0725 for 7.25 %: below 100, at most five places.
    Rate, Rule::A5, "rate", 5, 0 ..= 9_999_999, "0 to 99.99999, five places"
);

impl Quantity {
    /// One piece.
    pub const ONE: Self = Self(Decimal::ONE);

    /// How much costs this at a price of one, to three places; `None` where that is no quantity.
    pub(super) fn bought(price: Amount, of_one: Amount, places: u32) -> Option<Self> {
        let (price, of_one) = (exact::units(price, places)?, exact::units(of_one, places)?);
        Self::from_parts(exact::half_up(price * 1_000, of_one))
    }

    /// So many thousandths; `None` where that is no quantity.
    pub(super) fn from_parts(thousandths: i128) -> Option<Self> {
        let decimal = Decimal::try_from_i128_with_scale(thousandths, 3).ok()?;
        (1..=99_999_000).contains(&thousandths).then(|| Self(decimal.normalize()))
    }
}
