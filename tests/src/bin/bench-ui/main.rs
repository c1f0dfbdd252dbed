//! From a tap to its painted answer, in the app's real window with a real backend behind it: at a register where nothing is
//! sold, at one that sells, while the sales of an outage are sent, and where the
//! catalogue is large; and how long such a catalogue takes to come.
//!
//! The display server is told of the tap and asked for its own picture until the place of the answer looks different:
//! input, the window's work, layout and painting are all in the figure.

mod catalogue;
mod disk;
mod feed;
mod outage;
mod sales;
mod shift;
mod taps;

use std::path::PathBuf;
use std::time::Duration;

use onetill_local::Engine;
use onetill_tests::database::ratio::{Limit, Ratio};
use onetill_tests::{Project, Result};

/// What 95 of 100 taps may take.
const MOST: Duration = Duration::from_millis(50);

#[tokio::main]
async fn main() -> Result<()> {
    let mut rounds = 6;
    let mut waiting = 500_u32;
    // As many as the largest catalogue has.
    let mut most = 1_000_000_u32;
    // Of the parts `shift`, `sales`, `outage`, `catalogue` and `feed`.
    let mut only: Option<String> = None;
    let mut folder = PathBuf::from("target/release");
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or("a value must follow")?;
        match argument.as_str() {
            "--only" => only = Some(value),
            "--items" => most = value.parse()?,
            "--rounds" => rounds = value.parse()?,
            "--waiting" => waiting = value.parse()?,
            "--folder" => folder = value.into(),
            other => {
                let known = "--rounds N, --waiting N, --items N, --only PART and --folder PATH are known";
                return Err(format!("unknown argument {other}: {known}").into());
            }
        }
    }
    let wanted = |part: &str| only.as_deref().is_none_or(|only| only == part);
    let mut ratios = Vec::new();
    if wanted("shift") {
        ratios.extend(shift::measure(rounds, &folder).await?);
    }
    let project = Project::selling(Engine::real())?;
    if wanted("sales") {
        ratios.extend(sales::measure(&project, rounds, &folder).await?);
    }
    if wanted("outage") {
        ratios.extend(outage::measure(&project, waiting, &folder).await?);
    }
    if wanted("catalogue") {
        ratios.extend(catalogue::measure(rounds, most, &folder).await?);
    }
    if wanted("feed") {
        ratios.extend(feed::measure().await?);
    }
    for ratio in &ratios {
        println!("{ratio}");
    }
    Ok(())
}

/// 95 of 100 of all that was measured, as a multiple of what they may take.
fn within(what: &str, most: Duration, rounds: &[&[Duration]]) -> Ratio {
    let limit = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
    let of_rounds: Vec<_> = rounds.iter().map(|times| (taps::micros(times, 95), limit)).collect();
    let of = format!("the {} ms they may take", most.as_millis());
    let run = (taps::micros(&rounds.concat(), 95), limit);
    Ratio::of_run(what, &of, Limit::AtMost(100), run, &of_rounds)
}
