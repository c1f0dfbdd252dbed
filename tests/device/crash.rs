//! Killed at random moments of a scripted shift, on a real file and a real server, the till forgets nothing that it showed
//! and sends nothing twice. Every moment and every order is the simulator's; this shows that its disk is an honest one.

use onetill_tests::device::kills::survive;
use std::path::Path;

pub(crate) const SCRIPT: &str = env!("CARGO_BIN_EXE_scripted-shift");
const KILLS: u32 = 12;

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_nothing_is_lost_and_nothing_is_doubled() {
    let seed = fastrand::u64(..);
    let survived = survive(Path::new(SCRIPT), KILLS, seed)
        .await
        .unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
    println!("{survived:?}");
    assert_eq!(survived.kills, KILLS);
    assert!(survived.acknowledged > 4, "it was killed in the middle of its work: {survived:?}");
}
