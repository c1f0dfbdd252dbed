//! Exact sums in whole minor units (cents, yen, thousandths of a dinar).
//!
//! Invariant: every rounding of a sale is one of these functions, on integers; nothing is rounded twice.

use crate::Amount;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What an amount in the middle between two steps of cash is rounded to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "lowercase")]
pub enum Half {
    /// To the higher one.
    #[default]
    Up,
    /// To the lower one.
    Down,
}

/// Every amount of a receipt is below this many whole units of its currency.
const LIMIT: i128 = 1_000_000_000;

/// Ten to the power of a number of decimal places.
pub(super) fn scale(places: u32) -> i128 {
    10_i128.pow(places.min(28))
}

/// A decimal as a whole number of `places`-th parts; `None` where it has more decimal places.
pub(super) fn parts(decimal: Decimal, places: u32) -> Option<i128> {
    let decimal = decimal.normalize();
    let missing = places.checked_sub(decimal.scale())?;
    decimal.mantissa().checked_mul(scale(missing))
}

/// An amount in minor units, where it is zero or more, below the limit, and has no more places than its currency.
pub(super) fn units(amount: Amount, places: u32) -> Option<i128> {
    let units = parts(amount.decimal(), places)?;
    (0..LIMIT * scale(places)).contains(&units).then_some(units)
}

/// Minor units as an amount with all places of its currency.
pub(super) fn amount(units: i128, places: u32) -> Amount {
    // A receipt has at most 500 lines below the limit, far from what a decimal holds.
    Amount::from(Decimal::try_from_i128_with_scale(units, places).unwrap_or_default())
}

/// Whether so many minor units are an amount that a receipt may show.
pub(super) fn is_within_limit(units: i128, places: u32) -> bool {
    units.abs() < LIMIT * scale(places)
}

/// `numerator / denominator`, rounded half up; zero for a denominator of zero. Neither is negative.
pub(super) fn half_up(numerator: i128, denominator: i128) -> i128 {
    (2 * numerator + denominator).checked_div(2 * denominator).unwrap_or(0)
}

/// Divides `total` in proportion to the weights: each share rounded down, the missing units to the largest remainders,
/// equal ones in order. Weights of zero together get nothing.
pub(super) fn shares(total: i128, weights: &[i128]) -> Vec<i128> {
    let whole: i128 = weights.iter().sum();
    if whole == 0 {
        return vec![0; weights.len()];
    }
    let mut shares: Vec<i128> = weights.iter().map(|weight| total * weight / whole).collect();
    let missing = total - shares.iter().sum::<i128>();
    let mut by_remainder: Vec<(usize, i128)> =
        weights.iter().map(|weight| total * weight % whole).enumerate().collect();
    by_remainder.sort_by_key(|(_place, remainder)| std::cmp::Reverse(*remainder));
    for (place, _remainder) in by_remainder.into_iter().take(usize::try_from(missing).unwrap_or(0)) {
        if let Some(share) = shares.get_mut(place) {
            *share += 1;
        }
    }
    shares
}

/// The nearest multiple of `step`; `half` decides between two that are equally near.
pub(super) fn to_step(units: i128, step: i128, half: Half) -> i128 {
    let Some(beyond) = units.checked_rem(step) else { return units };
    let up = match half {
        Half::Up => 2 * beyond >= step,
        Half::Down => 2 * beyond > step,
    };
    units - beyond + if up { step } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_half_is_rounded_up_and_less_is_not() {
        assert_eq!([half_up(5, 10), half_up(4, 10), half_up(15, 10), half_up(14, 10)], [1, 0, 2, 1]);
    }

    #[test]
    fn steps_round_to_the_nearest_and_a_half_as_the_store_says() {
        for (units, step, up, down) in [
            (1881, 5, 1880, 1880),
            (1883, 5, 1885, 1885),
            (1885, 10, 1890, 1880),
            (2, 5, 0, 0),
            (150, 100, 200, 100),
        ] {
            assert_eq!(
                (to_step(units, step, Half::Up), to_step(units, step, Half::Down)),
                (up, down),
                "{units}"
            );
        }
    }

    #[test]
    fn missing_units_go_to_the_largest_remainders_in_order() {
        assert_eq!(shares(500, &[1000, 667, 333]), [250, 167, 83]);
        assert_eq!(shares(2, &[1, 1, 1]), [1, 1, 0]);
        assert_eq!(shares(0, &[0, 0]), [0, 0]);
    }

    proptest! {
        #[test]
        fn shares_are_the_whole_and_none_is_a_unit_off(
            weights in proptest::collection::vec(0_i128..1_000_000, 1..20), part in 0_i128..1_000_000
        ) {
            let whole: i128 = weights.iter().sum();
            prop_assume!(whole > 0);
            let total = part % (whole + 1);
            let shares = shares(total, &weights);
            prop_assert_eq!(shares.iter().sum::<i128>(), total);
            for (share, weight) in shares.iter().zip(&weights) {
                prop_assert!((share * whole - total * weight).abs() < whole);
                prop_assert!((0..=*weight).contains(share));
            }
        }
    }
}
