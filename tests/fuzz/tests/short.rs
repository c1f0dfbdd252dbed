//! The short run: every decoder, every honest example, everything that a long run ever stumbled over, and thousands of
//! damaged examples, the same each time.

#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
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
fn what_was_found_once_stays_mended() {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("found");
    for folder in std::fs::read_dir(&found).expect("the folder is there").flatten() {
        let name = folder.file_name().to_string_lossy().into_owned();
        if !folder.path().is_dir() {
            continue;
        }
        let target = TARGETS.iter().find(|target| target.name == name);
        let target = target.unwrap_or_else(|| panic!("{name} is no decoder; rename its folder with it"));
        for input in std::fs::read_dir(folder.path()).expect("it can be read").flatten() {
            survives(*target, &std::fs::read(input.path()).expect("it can be read"));
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
