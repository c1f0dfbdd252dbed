//! The lines that `cargo xtask bench` gathers into `docs/benchmarks.md`.
//!
//! Invariant: a ratio is of two things that were measured in the same rounds of the same run, and one that is beyond
//! its limit says so. Numbers are hundredths, in whole units: nothing here needs a float.

use std::fmt;

/// What a ratio may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// No limit was set: it is told, not judged.
    None,
    /// So many hundredths or more.
    AtLeast(u64),
    /// So many hundredths or less.
    AtMost(u64),
}

/// What was measured, as a multiple of something else that was measured beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ratio {
    what: String,
    of: String,
    limit: Limit,
    /// In hundredths.
    value: u64,
    /// In hundredths, the least and the most of the rounds.
    spread: (u64, u64),
}

impl Ratio {
    /// From one pair a round, what is measured and what it is a multiple of: the median of the rounds.
    #[must_use]
    pub fn of_rounds(what: &str, of: &str, limit: Limit, rounds: &[(u64, u64)]) -> Self {
        let ratios: Vec<u64> = rounds.iter().copied().map(hundredths).collect();
        Self {
            what: what.to_owned(),
            of: of.to_owned(),
            limit,
            value: median(&ratios),
            spread: (
                ratios.iter().min().copied().unwrap_or_default(),
                ratios.iter().max().copied().unwrap_or_default(),
            ),
        }
    }

    /// The same, but of the whole run, where a round is too short to judge by.
    #[must_use]
    pub fn of_run(what: &str, of: &str, limit: Limit, run: (u64, u64), rounds: &[(u64, u64)]) -> Self {
        Self { value: hundredths(run), ..Self::of_rounds(what, of, limit, rounds) }
    }

    fn verdict(&self) -> &'static str {
        let holds = match self.limit {
            Limit::None => return "",
            Limit::AtLeast(least) => self.value >= least,
            Limit::AtMost(most) => self.value <= most,
        };
        if holds { "met" } else { "**missed**" }
    }
}

impl fmt::Display for Ratio {
    /// One line: a mark for who gathers them, and the row of the table as it will stand there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = match self.limit {
            Limit::None => String::new(),
            Limit::AtLeast(least) => format!("at least {}", decimal(least)),
            Limit::AtMost(most) => format!("at most {}", decimal(most)),
        };
        let (least, most) = self.spread;
        write!(
            f,
            "ratio: | {} | {} | {} | {limit} | {} to {} | {} |",
            self.what,
            decimal(self.value),
            self.of,
            decimal(least),
            decimal(most),
            self.verdict()
        )
    }
}

fn hundredths((measured, baseline): (u64, u64)) -> u64 {
    measured.saturating_mul(100) / baseline.max(1)
}

fn decimal(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The value in the middle; zero of none.
#[must_use]
pub fn median(values: &[u64]) -> u64 {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_median_the_spread_and_a_verdict() {
        let rounds = [(300, 100), (450, 100), (410, 100)];
        let ratio = Ratio::of_rounds("joins", "the one before", Limit::AtLeast(500), &rounds);
        assert_eq!(
            ratio.to_string(),
            "ratio: | joins | 4.10 | the one before | at least 5.00 | 3.00 to 4.50 | **missed** |"
        );
        let ratio = Ratio::of_rounds("joins", "the one before", Limit::AtMost(410), &rounds);
        assert!(ratio.to_string().ends_with("| met |"), "a limit is met where it is reached: {ratio}");
        let whole = Ratio::of_run("joins", "the one before", Limit::None, (500, 100), &rounds);
        assert_eq!(whole.to_string(), "ratio: | joins | 5.00 | the one before |  | 3.00 to 4.50 |  |");
        let told = Ratio::of_rounds("joins", "nothing", Limit::None, &[(7, 0)]);
        assert_eq!(told.to_string(), "ratio: | joins | 7.00 | nothing |  | 7.00 to 7.00 |  |");
    }
}
