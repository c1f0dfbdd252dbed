//! Counting tests in what test runners print.

/// How one test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Passed,
    Failed,
    Ignored,
}

/// One test that a runner named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) suite: String,
    pub(crate) name: String,
    pub(crate) ending: Ending,
}

/// What was counted in one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) cases: Vec<Case>,
    /// Why the step did not do what it is for on this system, in the program's own words.
    pub(crate) skipped: Option<String>,
}

/// Reads the output of `cargo test`. The sums come from the summary lines, because a test that
/// prints in the middle of its own line hides its ending there.
pub(crate) fn libtest(output: &str) -> Tally {
    let mut tally = Tally::default();
    let mut suite = String::new();
    for line in output.lines() {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("Running ") {
            // `unittests src/lib.rs (target/debug/deps/onetill_core-0a1b2c)`
            let binary = rest.rsplit(['/', '\\']).next().unwrap_or(rest).trim_end_matches(')');
            suite = binary.rsplit_once('-').map_or(binary, |(name, _hash)| name).to_owned();
        } else if let Some(package) = line.strip_prefix("Doc-tests ") {
            suite = format!("{package} (documentation)");
        } else if let Some(why) = line.strip_prefix("step skipped: ") {
            tally.skipped = Some(why.to_owned());
        } else if let Some(summary) = line.strip_prefix("test result: ") {
            tally.passed += number_before(summary, " passed");
            tally.failed += number_before(summary, " failed");
        } else if let Some((name, ending)) =
            line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... "))
        {
            let ending = match ending {
                "ok" => Ending::Passed,
                "FAILED" => Ending::Failed,
                ignored if ignored.starts_with("ignored") => Ending::Ignored,
                _ => continue,
            };
            tally.cases.push(Case { suite: suite.clone(), name: name.to_owned(), ending });
        }
    }
    tally
}

/// Reads the output of vitest: `Tests  1 failed | 12 passed (13)`, and each `✓`/`×` line.
pub(crate) fn vitest(output: &str) -> Tally {
    let mut tally = Tally::default();
    for line in output.lines() {
        let line = line.trim();
        if let Some(sums) = line.strip_prefix("Tests ") {
            tally.passed += number_before(sums, " passed");
            tally.failed += number_before(sums, " failed");
        }
        for (mark, ending) in [("✓ ", Ending::Passed), ("× ", Ending::Failed)] {
            if let Some(name) = line.strip_prefix(mark) {
                tally.cases.push(Case { suite: "ui".to_owned(), name: name.to_owned(), ending });
            }
        }
    }
    tally
}

/// The whole number that stands directly before `word`, or 0.
fn number_before(text: &str, word: &str) -> usize {
    let Some((before, _)) = text.split_once(word) else { return 0 };
    let digits = before.chars().rev().take_while(char::is_ascii_digit).count();
    before.get(before.len() - digits..).and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libtest_summaries_are_added_up() {
        let tally = libtest(
            "     Running unittests src/lib.rs (target/debug/deps/onetill_core-0a1b)\n\
             running 3 tests\n\
             test money::tests::adds ... ok\n\
             test money::tests::is_exact ... FAILED\n\
             test slow ... ignored, takes an hour\n\
             test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                Doc-tests onetill_core\n\
             test src/lib.rs - (line 3) ... ok\n\
             test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n",
        );
        assert_eq!((tally.passed, tally.failed), (13, 1));
        let endings: Vec<_> = tally.cases.iter().map(|case| (case.suite.as_str(), case.ending)).collect();
        assert_eq!(
            endings,
            [
                ("onetill_core", Ending::Passed),
                ("onetill_core", Ending::Failed),
                ("onetill_core", Ending::Ignored),
                ("onetill_core (documentation)", Ending::Passed),
            ]
        );
    }

    #[test]
    fn vitest_sums_are_read() {
        let tally = vitest(
            " ✓ src/money.test.ts (5 tests) 12ms\n\n Test Files  1 passed (1)\n      Tests  2 failed | 5 passed (7)\n",
        );
        assert_eq!((tally.passed, tally.failed), (5, 2));
        assert_eq!(tally.cases.len(), 1);
    }

    #[test]
    fn output_without_a_summary_counts_nothing() {
        assert_eq!(libtest("error: could not compile `x`"), Tally::default());
        assert_eq!(vitest("Error: no test files found"), Tally::default());
    }
}
