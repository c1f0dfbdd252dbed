//! Lets one register's device live through power cuts, days without network and wrong clocks, again and again:
//! `cargo run -p onetill-tests --bin soak-device -- --seconds 600`, or `--kills 1000` for so many power cuts and no
//! fewer.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use onetill_tests::Result;
use onetill_tests::device::day;
use onetill_tests::device::kills::survive;

/// Power cuts on one store; then a new one, so that its list of movements stays a shift's.
const KILLS_A_STORE: u32 = 50;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let (mut seconds, mut kills, mut seed) = (0, KILLS_A_STORE, fastrand::u64(..));
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or("a whole number must follow")?;
        match argument.as_str() {
            "--seconds" => seconds = value.parse()?,
            "--kills" => kills = value.parse()?,
            "--seed" => seed = value.parse()?,
            other => {
                return Err(
                    format!("unknown argument {other}: --seconds, --kills and --seed N are known").into()
                );
            }
        }
    }
    let script =
        std::env::current_exe()?.with_file_name(format!("scripted-shift{}", std::env::consts::EXE_SUFFIX));
    let began = Instant::now();
    let (mut survived, mut broken) = (0, 0);
    while survived < kills || began.elapsed() < Duration::from_secs(seconds) {
        let several = KILLS_A_STORE.min(kills.saturating_sub(survived).max(1));
        broken += Box::pin(round(&script, several, seed, began)).await;
        survived += several;
        seed = seed.wrapping_add(1);
    }
    println!(
        "{survived} power cuts. {}",
        if broken == 0 { "No promise was broken." } else { "Promises were broken." }
    );
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How many of the three broke a promise.
async fn round(script: &Path, kills: u32, seed: u64, began: Instant) -> u32 {
    let mut broken = 0;
    let mut told = |what: &str, result: std::result::Result<String, String>| {
        let after = began.elapsed().as_secs();
        match result {
            Ok(well) => println!("{after:>5} s  {what}: {well}"),
            Err(why) => {
                println!("{after:>5} s  {what}: BROKEN: {why}");
                broken += 1;
            }
        }
    };
    let survived = survive(script, kills, seed).await;
    told(
        &format!("power cuts, seed {seed}"),
        survived.map(|all| format!("{all:?}")).map_err(|why| why.to_string()),
    );
    let day = Box::pin(day::offline()).await;
    told("a day without network", day.map(|day| format!("{day:?}")).map_err(|why| why.to_string()));
    let clocks = Box::pin(day::two_clocks()).await;
    told("two clocks", clocks.map(|()| "one shift".to_owned()).map_err(|why| why.to_string()));
    broken
}
