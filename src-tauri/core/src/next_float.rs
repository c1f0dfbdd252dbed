//! What stays in the drawer as the next float, and what goes to the safe.
//!
//! Invariant: what stays and what goes are together what was counted, piece by piece.

use crate::{Amount, Tally, count::Pieces};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};

/// A division of the counted drawer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct NextFloat {
    /// What stays.
    pub left: Amount,
    /// Which pieces stay; empty where the drawer was counted in one sum.
    pub left_pieces: Vec<Pieces>,
    /// What goes to the safe.
    pub taken: Amount,
    /// Which pieces go.
    pub taken_pieces: Vec<Pieces>,
}

/// The sums looked at, at most: two floats of 2 000.00 in cents, of 200 000 in yen.
const LARGEST: usize = 400_000;

/// What stays where a person has said how much: in the pieces that make exactly that, where there are such. `counted` is
/// what the tally comes to, and `left` no more than that.
#[must_use]
pub fn divide(tally: &Tally, counted: Amount, left: Amount) -> NextFloat {
    let nearest = propose(tally, counted, left);
    if nearest.left == left { nearest } else { whole(counted, left, Vec::new(), Vec::new()) }
}

/// Proposes to keep the usual float as exactly as the counted pieces allow (below it rather than as much above it),
/// and of all ways to do so the one in which the small pieces stay. `counted` is what the tally comes to.
#[must_use]
pub fn propose(tally: &Tally, counted: Amount, usual: Amount) -> NextFloat {
    let pieces = tally.pieces().unwrap_or_default();
    if counted <= usual {
        return whole(counted, counted, pieces.to_vec(), Vec::new());
    }
    match kept(pieces, usual) {
        Some(kept) => {
            let taken =
                pieces.iter().zip(&kept).map(|(all, kept)| Pieces { count: all.count - kept.count, ..*all });
            let left: Decimal = kept.iter().map(|one| one.value.decimal() * Decimal::from(one.count)).sum();
            let (kept, taken) = (some(kept.iter().copied()), some(taken));
            whole(counted, left.into(), kept, taken)
        }
        // Counted in one sum, or a float beyond all measure: the amount is proposed and a person picks the pieces.
        None => whole(counted, usual, Vec::new(), Vec::new()),
    }
}

fn whole(counted: Amount, left: Amount, left_pieces: Vec<Pieces>, taken_pieces: Vec<Pieces>) -> NextFloat {
    NextFloat { left, left_pieces, taken: Amount::from(counted.decimal() - left.decimal()), taken_pieces }
}

fn some(pieces: impl Iterator<Item = Pieces>) -> Vec<Pieces> {
    pieces.filter(|one| one.count > 0).collect()
}

/// How many of each piece stay, in the order given.
fn kept(pieces: &[Pieces], usual: Amount) -> Option<Vec<Pieces>> {
    if pieces.is_empty() {
        return None;
    }
    // In the largest unit that the float and every piece are a multiple of.
    let hundredths = |amount: Amount| (amount.decimal() * Decimal::ONE_HUNDRED).to_usize();
    let mut unit = hundredths(usual)?;
    for one in pieces {
        unit = common(unit, hundredths(one.value)?);
    }
    let units = |amount: Amount| hundredths(amount)?.checked_div(unit);
    let target = units(usual)?;
    let limit = target.checked_mul(2).filter(|limit| *limit <= LARGEST)?;

    // Largest first, so that the smallest, looked at last, is the first to be kept on the way back.
    let mut order: Vec<(usize, usize, usize)> = Vec::new();
    for (place, one) in pieces.iter().enumerate() {
        order.push((units(one.value)?, place, usize::try_from(one.count).ok()?));
    }
    order.sort_unstable_by(|a, b| b.cmp(a));

    // reached[n][sum]: whether the first n kinds can make the sum.
    let mut nothing = vec![false; limit + 1];
    *nothing.first_mut()? = true;
    let mut reached = vec![nothing];
    for (value, _place, count) in &order {
        let next = with(reached.last()?, *value, *count);
        reached.push(next);
    }
    let all = reached.last()?;
    let mut sum =
        (0..=limit).filter(|sum| all.get(*sum) == Some(&true)).min_by_key(|sum| sum.abs_diff(target))?;

    let mut kept: Vec<Pieces> = pieces.iter().map(|one| Pieces { count: 0, ..*one }).collect();
    for (before, (value, place, count)) in reached.iter().zip(&order).rev() {
        let most = (*count).min(sum / value);
        let stays = (0..=most).rev().find(|n| before.get(sum - n * value) == Some(&true))?;
        sum -= stays * value;
        kept.get_mut(*place)?.count = u32::try_from(stays).ok()?;
    }
    Some(kept)
}

/// The greatest common divisor.
fn common(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common(b, a % b) }
}

/// The sums that can be made with up to `count` more pieces of this value.
fn with(before: &[bool], value: usize, count: usize) -> Vec<bool> {
    let mut used = vec![usize::MAX; before.len()];
    for sum in 0..before.len() {
        let one_less = sum.checked_sub(value).and_then(|less| used.get(less)).copied().unwrap_or(usize::MAX);
        let needed = if before.get(sum) == Some(&true) { 0 } else { one_less.saturating_add(1) };
        if let Some(place) = used.get_mut(sum) {
            *place = if needed <= count { needed } else { usize::MAX };
        }
    }
    used.into_iter().map(|used| used != usize::MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::currency;
    use proptest::prelude::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn tally(counted: &[(&str, u32)]) -> Tally {
        let pieces = counted.iter().map(|(value, count)| Pieces { value: amount(value), count: *count });
        Tally::Pieces { pieces: pieces.collect() }
    }

    fn proposed(counted: &[(&str, u32)], usual: &str) -> (String, Vec<(String, u32)>) {
        let tally = tally(counted);
        let proposal = propose(&tally, tally.total("EUR").unwrap().unwrap(), amount(usual));
        let left = proposal.left_pieces.iter().map(|one| (one.value.to_string(), one.count)).collect();
        (proposal.left.decimal().normalize().to_string(), left)
    }

    #[test]
    fn the_usual_float_stays_in_small_pieces() {
        let (left, pieces) = proposed(&[("100", 2), ("50", 3), ("10", 12), ("5", 10), ("1", 40)], "200");
        assert_eq!(left, "200");
        let expected = [("10", 11), ("5", 10), ("1", 40)].map(|(value, count)| (value.to_owned(), count));
        assert_eq!(pieces, expected);
    }

    #[test]
    fn a_drawer_that_the_obvious_way_cannot_divide_is_divided_all_the_same() {
        // 60 is three twenties; whoever takes the fifty first is left without a ten.
        assert_eq!(proposed(&[("50", 1), ("20", 3)], "60").0, "60");
        assert_eq!(proposed(&[("50", 1), ("20", 4)], "50").0, "50");
    }

    #[test]
    fn what_cannot_be_made_exactly_is_made_as_nearly_as_can_be() {
        assert_eq!(proposed(&[("50", 4)], "120").0, "100");
        assert_eq!(proposed(&[("50", 4)], "130").0, "150", "20 above is nearer than 30 below");
        assert_eq!(proposed(&[("50", 4)], "125").0, "100", "as near: below");
        assert_eq!(proposed(&[("500", 1)], "200").0, "0");
    }

    #[test]
    fn less_than_the_float_stays_whole() {
        assert_eq!(proposed(&[("50", 2)], "200").0, "100");
    }

    #[test]
    fn a_drawer_counted_in_one_sum_keeps_the_usual_amount() {
        let proposal = propose(&Tally::Sum { amount: amount("512.30") }, amount("512.30"), amount("200"));
        assert_eq!((proposal.left, proposal.taken), (amount("200"), amount("312.30")));
        assert!(proposal.left_pieces.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn what_stays_and_what_goes_is_what_was_counted(
            counts in proptest::collection::vec(0_u32..30, 15), usual in 0_i64..30_000
        ) {
            let pieces: Vec<Pieces> = currency::pieces("EUR").iter().zip(&counts)
                .map(|(piece, count)| Pieces { value: piece.value, count: *count }).collect();
            let tally = Tally::Pieces { pieces: pieces.clone() };
            let counted = tally.total("EUR").unwrap().unwrap();
            let proposal = propose(&tally, counted, Decimal::new(usual, 2).into());
            prop_assert_eq!(proposal.left.decimal() + proposal.taken.decimal(), counted.decimal());
            for one in pieces {
                let of = |some: &[Pieces]| some.iter().filter(|p| p.value == one.value).map(|p| p.count).sum::<u32>();
                prop_assert_eq!(of(&proposal.left_pieces) + of(&proposal.taken_pieces), one.count);
            }
            // With a cent of every kind to hand, nothing is ever off.
            if counts.iter().all(|count| *count >= 5) && counted.decimal() >= Decimal::new(usual, 2) {
                prop_assert_eq!(proposal.left.decimal(), Decimal::new(usual, 2));
            }
        }
    }
}
