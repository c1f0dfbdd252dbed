//! Money as an exact decimal. Invariant: an [`Amount`] went in as digits and comes out as the same digits; no
//! binary floating point is ever between.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// An amount in the currency of its location. Written and read as a decimal string such as `"200.00"`; the
/// scale that came in is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, type = "string"))]
pub struct Amount(Decimal);

/// No sum of amounts below this overflows, however many a wire or a file may hold.
const LARGEST: Decimal = Decimal::from_parts(0xA764_0000, 0x0DE0_B6B3, 0, false, 0);

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountProblem {
    /// Not a plain decimal number (`NaN`, `Infinity`, an exponent, letters, nothing at all).
    #[error("not a decimal amount")]
    NotANumber,
    /// Below zero where only zero or more makes sense.
    #[error("an amount below zero")]
    Negative,
    /// More than a drawer can hold; the same limit as the database's, 9 999 999.99.
    #[error("an amount beyond 9999999.99")]
    TooLarge,
    /// More than two digits after the point.
    #[error("more than two decimal places")]
    TooPrecise,
}

impl Amount {
    /// Nothing in the drawer.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// The decimal itself, for arithmetic.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// Reads an amount that a person puts into a drawer: zero or more, at most two places, at most
    /// 9 999 999.99.
    ///
    /// # Errors
    /// [`AmountProblem`] names the first rule that the text breaks.
    pub fn for_drawer(text: &str) -> Result<Self, AmountProblem> {
        let amount: Self = text.parse()?;
        if amount.0.is_sign_negative() && !amount.0.is_zero() {
            Err(AmountProblem::Negative)
        } else if amount.0.normalize().scale() > 2 {
            Err(AmountProblem::TooPrecise)
        } else if amount.0 > Decimal::new(999_999_999, 2) {
            Err(AmountProblem::TooLarge)
        } else {
            Ok(amount)
        }
    }
}

impl From<Decimal> for Amount {
    fn from(decimal: Decimal) -> Self {
        Self(decimal)
    }
}

impl FromStr for Amount {
    type Err = AmountProblem;

    /// Accepts `[-]digits[.digits]` only, at most 28 significant digits, 18 of them before the point.
    fn from_str(text: &str) -> Result<Self, AmountProblem> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let mut parts = digits.split('.');
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let whole = parts.next().is_some_and(all_digits);
        let fraction = parts.next().is_none_or(all_digits);
        if !whole || !fraction || parts.next().is_some() {
            return Err(AmountProblem::NotANumber);
        }
        let amount = Decimal::from_str_exact(text).map_err(|_too_many_digits| AmountProblem::TooLarge)?;
        if amount.abs() < LARGEST { Ok(Self(amount)) } else { Err(AmountProblem::TooLarge) }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_what_is_not_plain_decimal() {
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "1e3",
            "NaN",
            "Infinity",
            "-Infinity",
            "1,5",
            "0x10",
            " 1",
            "1.2.3",
            "+1",
        ] {
            assert_eq!(text.parse::<Amount>(), Err(AmountProblem::NotANumber), "{text:?}");
        }
        assert_eq!("9".repeat(40).parse::<Amount>(), Err(AmountProblem::TooLarge));
    }

    #[test]
    fn no_sum_of_amounts_can_overflow() {
        let most: Amount = "-999999999999999999.99".parse().unwrap();
        let sum: Decimal = std::iter::repeat_n(most.decimal(), 100_000).sum();
        assert_eq!(sum.to_string(), "-99999999999999999999000.00");
        assert_eq!("1000000000000000000".parse::<Amount>(), Err(AmountProblem::TooLarge));
    }

    #[test]
    fn the_drawer_takes_only_what_it_can_hold() {
        assert_eq!(Amount::for_drawer("-0.01"), Err(AmountProblem::Negative));
        assert_eq!(Amount::for_drawer("0.001"), Err(AmountProblem::TooPrecise));
        assert_eq!(Amount::for_drawer("10000000.00"), Err(AmountProblem::TooLarge));
        for fine in ["0", "0.00", "200.00", "9999999.99", "5.5000"] {
            assert!(Amount::for_drawer(fine).is_ok(), "{fine} fits a drawer");
        }
    }

    /// No room that money passes through knows a floating-point type. (Only `print` has one, for places on paper.)
    #[test]
    fn no_float_type_touches_money() {
        let rooms = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut folders: Vec<_> =
            ["core", "supabase", "store", "src", "cli"].map(|room| rooms.join(room)).into();
        let mut read = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "rs") {
                    read += 1;
                    let source = std::fs::read_to_string(&path).unwrap();
                    let mut words = source.split(|c: char| !c.is_alphanumeric() && c != '_');
                    let float = words.find(|word| {
                        ["32", "64"].map(|bits| format!("f{bits}")).contains(&(*word).to_owned())
                    });
                    assert_eq!(float, None, "{}", path.display());
                }
            }
        }
        assert!(read > 60, "the sources are where this test looks: {read}");
    }

    proptest! {
        #[test]
        fn digits_survive_the_round_trip(cents in 0_u64..10_000_000_000) {
            let text = format!("{}.{:02}", cents / 100, cents % 100);
            let amount: Amount = text.parse().unwrap();
            prop_assert_eq!(&amount.to_string(), &text);
            let json = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(&json, &format!("\"{text}\""));
            prop_assert_eq!(serde_json::from_str::<Amount>(&json).unwrap(), amount);
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = text.parse::<Amount>();
            let _ = Amount::for_drawer(&text);
        }
    }
}
