//! The short run: every decoder, every honest example, and thousands of damaged ones, the same each time.

#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use onetill_fuzz::{TARGETS, Target, mutate::damaged};

const DAMAGED: usize = 20_000;
/// A slow target, such as one that works on files, does as many as it can, and these at least.
const LONGEST: Duration = Duration::from_secs(2);
const FEWEST: usize = 20;

fn survives(target: Target, data: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| (target.run)(data))).is_err() {
        panic!("{}: a mistake at {:?}", target.name, String::from_utf8_lossy(data));
    }
}

#[test]
fn no_decoder_is_confused_by_what_nobody_would_send() {
    for target in TARGETS {
        let examples = (target.seeds)();
        assert!(!examples.is_empty(), "{} has nothing to begin from", target.name);
        for example in &examples {
            survives(*target, example);
        }
        let mut random = fastrand::Rng::with_seed(7);
        let began = Instant::now();
        let mut done = 0;
        while done < FEWEST || (done < DAMAGED && began.elapsed() < LONGEST) {
            survives(*target, &damaged(&examples, &mut random));
            done += 1;
        }
    }
}

#[test]
fn a_mistake_would_be_found() {
    fn fragile(data: &[u8]) {
        assert!(!data.starts_with(b"nul"), "found");
    }
    let target = Target { name: "fragile", run: fragile, seeds: || vec![b"null and void".to_vec()] };
    assert!(catch_unwind(|| survives(target, b"null and void")).is_err());
}
