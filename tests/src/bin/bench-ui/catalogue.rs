//! A register whose catalogue is large: from the last key of a scan to its line, from a key of the search to its results, and
//! what memory it takes.
//!
//! The keys are the display server's own, and what is waited for is what it shows.

use std::path::Path;
use std::time::Duration;

use onetill_goods::Goods;
use onetill_local::Engine;
use onetill_tests::database::ratio::{Limit, Ratio};
use onetill_tests::memory::{family, proportional_kibibytes};
use onetill_tests::screen::Keyboard;
use onetill_tests::stock::stock;
use onetill_tests::till::Till;
use onetill_tests::{MARKET, Project, Result, staff};
use serde_json::{Value, json};

use crate::taps::{Taps, heading, line};
use crate::{MOST, within};

/// How many items most limits are about.
pub(crate) const LARGE: u32 = 100_000;
/// What 95 of 100 keys of a search may take where there are a million.
const OF_A_MILLION: Duration = Duration::from_millis(100);
/// How much more memory a large catalogue may take, in KiB.
const MORE_MEMORY: u64 = 15 * 1024;
/// So many rows of results are looked at.
const SEEN: u32 = 6;
/// Scans of a round.
const SCANS: u32 = 20;
/// What is looked for, key by key: in six languages, beginnings, words in any order, parts of words.
const SOUGHT: [&str; 6] = ["brot", "mansi", "queso", "cheddar f", "jam straw", "korbik"];

/// Works at such a register for so many rounds, with so many items at last.
pub(crate) async fn measure(rounds: usize, most: u32, folder: &Path) -> Result<Vec<Ratio>> {
    let project = Project::selling(Engine::real())?;
    let goods = Goods::new(7);
    let mut till = Till::enrolled(&project.backend)?;
    let on = Taps::open(&mut till, folder).await?;
    on.window.prepare(*staff("cashier").first().ok_or("the demo store has no cashier")?, "M1").await?;
    on.window.click("start-shift").await?;
    on.window.sells().await?;
    on.window.wait_for(onetill_tests::PATIENCE, "key-3", "data-testid", &["key-3"]).await?;
    on.window.close().await?;
    let mut bench = Bench { rounds, goods, heading: false };
    let small = bench.search(&mut till, folder).await?;
    stock(&till.data(), MARKET, &bench.goods, LARGE)?;
    let large = bench.search(&mut till, folder).await?;
    let scans = bench.scan(&mut till, folder).await?;
    let mut ratios = vec![
        within("95 of 100 scans among 100,000 items are painted within", MOST, &of(&scans)),
        within(
            "95 of 100 keys of a search among 100,000 items have their results painted within",
            MOST,
            &of(&large.keys),
        ),
        Ratio::of_rounds(
            "memory with 100,000 items, beyond that with 200",
            "the 15 MB that it may be",
            Limit::AtMost(100),
            &[(large.kibibytes.saturating_sub(small.kibibytes), MORE_MEMORY)],
        ),
    ];
    if most > LARGE {
        stock(&till.data(), MARKET, &bench.goods, most)?;
        let largest = bench.search(&mut till, folder).await?;
        ratios.push(within(
            &format!("95 of 100 keys of a search among {most} items have their results painted within"),
            OF_A_MILLION,
            &of(&largest.keys),
        ));
    }
    Ok(ratios)
}

fn of(rounds: &[Vec<Duration>]) -> Vec<&[Duration]> {
    rounds.iter().map(Vec::as_slice).collect()
}

struct Bench {
    rounds: usize,
    goods: Goods,
    heading: bool,
}

/// What was found out at one size of the catalogue.
struct Searched {
    /// Of each round.
    keys: Vec<Vec<Duration>>,
    /// Of all processes, after it.
    kibibytes: u64,
}

impl Bench {
    async fn search(&mut self, till: &mut Till, folder: &Path) -> Result<Searched> {
        let on = open(till, folder).await?;
        // Where the results stand, with a page of them.
        on.window.keys("cr".chars()).await?;
        on.window.text("found-0").await?;
        let results = on.place("[data-testid=found-0]", "").await?;
        let results = onetill_tests::screen::Area { height: results.height * SEEN, ..results };
        on.window.keys(['\u{E00C}']).await?;
        let mut keys = Vec::new();
        for _ in 0..self.rounds {
            let mut times = Vec::new();
            for sought in SOUGHT {
                for sign in sought.chars() {
                    let before = found(&on).await?;
                    let painted = on.press(u32::from(sign), results).await?;
                    // The same results as before are not painted anew.
                    if found(&on).await? != before {
                        times.push(painted.ok_or_else(|| format!("{sign} of {sought} was never painted"))?);
                    }
                }
                on.keyboard.press(Keyboard::ESCAPE)?;
                on.window.gone("found-0").await?;
            }
            keys.push(times);
        }
        let kibibytes = family(on.window.pid()?)?.into_iter().map(proportional_kibibytes).sum();
        on.window.close().await?;
        self.tell("a key of a search", &keys);
        Ok(Searched { keys, kibibytes })
    }

    async fn scan(&mut self, till: &mut Till, folder: &Path) -> Result<Vec<Vec<Duration>>> {
        let on = open(till, folder).await?;
        let goods = self.goods.clone();
        let mut codes = (0..LARGE).step_by(97).map(|number| goods.item(number)).filter_map(|item| {
            let code = item.codes.into_iter().next()?;
            (item.unit.is_none() && item.price.is_some()).then_some(code.code)
        });
        let mut all = Vec::new();
        for _ in 0..self.rounds {
            let mut times = Vec::new();
            for _ in 0..SCANS {
                let code = codes.next().ok_or("too few items")?;
                let total = on.place("[data-testid=cart-total]", "").await?;
                times.push(on.scan(&code, total).await?.ok_or_else(|| format!("{code} came to nothing"))?);
            }
            all.push(times);
        }
        on.window.close().await?;
        self.tell("a scan", &all);
        Ok(all)
    }

    fn tell(&mut self, what: &str, rounds: &[Vec<Duration>]) {
        if !std::mem::replace(&mut self.heading, true) {
            heading();
        }
        line(what, &rounds.concat());
    }
}

/// The window, selling.
async fn open(till: &mut Till, folder: &Path) -> Result<Taps> {
    let on = Taps::open(till, folder).await?;
    on.window.sells().await?;
    Ok(on)
}

/// What the search shows in the place that is looked at.
async fn found(on: &Taps) -> Result<Value> {
    let script = "return [...document.querySelectorAll('[data-testid^=found-]')].slice(0, arguments[0]).map((it) => it.textContent)";
    on.window.script(script, vec![json!(SEEN)]).await
}
