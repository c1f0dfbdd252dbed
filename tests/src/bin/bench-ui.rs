//! From a tap to its painted answer, in the app's real window with a real backend behind it.
//!
//! The display server is told of the tap and asked for its own picture until the place of the answer looks different:
//! input, the window's work, layout and painting are all in the figure. Not the pressed key is waited for but what it
//! is pressed for: the digit in the amount, the dialog, the other tab. The baseline is a button in the same window that
//! changes one word, tapped in the same rounds, so that a busy moment of the computer hits both alike.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use onetill_local::Engine;
use onetill_tests::database::ratio::{Limit, Ratio};
use onetill_tests::rest::Rest;
use onetill_tests::screen::{Area, Finger, Screen};
use onetill_tests::till::{Till, Window};
use onetill_tests::{PATIENCE, Project, Result, staff};
use serde_json::json;
use tokio::time::sleep;

/// What 95 of 100 taps may take.
const MOST: Duration = Duration::from_millis(50);
/// A picture that has not changed for so long has come to rest.
const REST: Duration = Duration::from_millis(120);
/// A second tap that soon would be taken for an impatient repeat of the first.
const APART: Duration = Duration::from_millis(420);
const BASELINE: &str = "a button that changes one word";

struct Bench {
    window: Window,
    screen: Screen,
    finger: Finger,
    /// Where the window stands on the screen.
    at: Area,
    taps: BTreeMap<&'static str, Vec<Duration>>,
    /// Of each round: its own taps, and those on the plain button.
    rounds: Vec<[Vec<Duration>; 2]>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut rounds = 6;
    let mut folder = PathBuf::from("target/release");
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or("a value must follow")?;
        match argument.as_str() {
            "--rounds" => rounds = value.parse()?,
            "--folder" => folder = value.into(),
            other => {
                let known = "--rounds N and --folder PATH are known";
                return Err(format!("unknown argument {other}: {known}").into());
            }
        }
    }
    let project = Project::start(Engine::Pglite)?;
    let registers = Rest::new(&project.backend).active_registers().await?;
    let register = registers.first().ok_or("the demo store has no register")?;
    let cashier = *staff("cashier").first().ok_or("the demo store has no cashier")?;
    let mut till = Till::enrolled(&project.backend)?;
    till.runs(folder.join("onetill").canonicalize()?);
    till.desktop().still_cursor()?;
    let window = till.open().await?;
    window.prepare(cashier, &register.number).await?;

    let finger = Finger::new(till.desktop())?;
    let size = window.script("return [innerWidth, innerHeight]", vec![]).await?;
    let (width, height): (u32, u32) = serde_json::from_value(size)?;
    let at = finger.window(width, height)?;
    let screen = Screen::open(till.desktop())?;
    let mut bench = Bench { window, screen, finger, at, taps: BTreeMap::new(), rounds: Vec::new() };
    for round in 1..=rounds {
        println!("   round {round} of {rounds}, before the shift");
        bench.rounds.push(Default::default());
        bench.before_the_shift().await?;
        bench.baseline().await?;
    }
    bench.window.click("start-shift").await?;
    bench.window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;
    for round in 1..=rounds {
        println!("   round {round} of {rounds}, in the shift");
        bench.rounds.push(Default::default());
        bench.in_the_shift().await?;
        bench.baseline().await?;
    }
    bench.report();
    bench.window.close().await
}

impl Bench {
    async fn before_the_shift(&mut self) -> Result<()> {
        let amount = self.place("[data-testid=opening-cash]", "").await?;
        self.tap("clear an amount", ".keypad button", "Clear", amount).await?;
        for key in ["1", "7", "5", ".", "5", "0"] {
            self.tap("a digit of an amount", ".keypad button", key, amount).await?;
        }
        self.tap("the other tab", "label:has([data-testid=entry-1])", "", amount).await?;
        for (value, key) in [("100", "1"), ("20", "7"), ("5", "3"), ("1", "9")] {
            let line = self.place(&format!("label:has([data-testid=count-{value}])"), "").await?;
            self.tap("the line of a note or coin", &format!("[data-testid=count-{value}]"), "", line).await?;
            self.tap("how many notes or coins", ".keypad button", key, line).await?;
            self.tap("how many notes or coins", ".keypad button", "0", line).await?;
        }
        self.tap("the other tab", "label:has([data-testid=entry-0])", "", amount).await
    }

    async fn in_the_shift(&mut self) -> Result<()> {
        // A dialog darkens everything behind it, and there nothing else ever moves.
        let behind = self.place("header .shop", "").await?;
        for (opener, closer) in [
            ("action-pay_in", "movement-cancel"),
            ("action-pay_out", "movement-cancel"),
            ("action-safe_drop", "movement-cancel"),
            ("action-no_sale", "movement-cancel"),
            ("spot-count", "spot-cancel"),
            ("settings", "settings-done"),
        ] {
            self.tap("open a dialog", &format!("[data-testid={opener}]"), "", behind).await?;
            if opener == "action-pay_out" {
                let amount = self.place("[data-testid=movement-amount]", "").await?;
                for key in ["1", "2", "0"] {
                    self.tap("a digit of an amount", "dialog .keypad button", key, amount).await?;
                }
                let reason = self.place("label:has([data-testid=movement-reason-0])", "").await?;
                self.tap("a reason", "label:has([data-testid=movement-reason-0])", "", reason).await?;
            }
            if opener == "settings" {
                self.tap("another appearance", "label:has([data-testid=appearance-2])", "", behind).await?;
                self.tap("another appearance", "label:has([data-testid=appearance-1])", "", behind).await?;
            }
            self.tap("close a dialog", &format!("[data-testid={closer}]"), "", behind).await?;
        }
        Ok(())
    }

    /// The least that a window can be asked: the app steps aside for one button.
    async fn baseline(&mut self) -> Result<()> {
        const SET_UP: &str = "document.querySelector('.shell').style.display = 'none';
            const button = document.createElement('button');
            button.id = 'baseline';
            button.textContent = 'one';
            button.style = 'width: 20rem; height: 20rem; font-size: 4rem';
            button.onclick = () => (button.firstChild.data = button.firstChild.data === 'one' ? 'two' : 'one');
            document.body.append(button);";
        const TAKE_DOWN: &str = "document.querySelector('#baseline').remove();
            document.querySelector('.shell').style.display = '';";
        self.window.script(SET_UP, vec![]).await?;
        let button = self.place("#baseline", "").await?;
        // Only where its word stands: that it looks pressed is no answer.
        let (width, height) = (button.width / 2, button.height / 4);
        let word =
            Area { x: button.x + width / 2, y: button.y + (button.height - height) / 2, width, height };
        for _ in 0..10 {
            self.tap(BASELINE, "#baseline", "", word).await?;
        }
        self.window.script(TAKE_DOWN, vec![]).await?;
        Ok(())
    }

    /// Where the first element stands that matches and has this text, if any is wanted, on the screen.
    async fn place(&self, selector: &str, text: &str) -> Result<Area> {
        const PLACE: &str = "const [selector, text] = arguments;
            const found = [...document.querySelectorAll(selector)].find((it) => !text || it.textContent.trim() === text);
            if (!found) return null;
            found.scrollIntoView({ block: 'nearest' });
            const { x, y, width, height } = found.getBoundingClientRect();
            return [x, y, width, height].map(Math.round);";
        let found = self.window.script(PLACE, vec![json!(selector), json!(text)]).await?;
        let found: Option<(u32, u32, u32, u32)> = serde_json::from_value(found)?;
        let (x, y, width, height) = found.ok_or_else(|| format!("{selector} {text:?} is not there"))?;
        Ok(Area { x: self.at.x + x, y: self.at.y + y, width, height })
    }

    /// Taps it, and waits until `answer` looks different.
    async fn tap(&mut self, kind: &'static str, selector: &str, text: &str, answer: Area) -> Result<()> {
        let target = self.place(selector, text).await?;
        self.finger.hover(target.x + target.width / 2, target.y + target.height / 2)?;
        sleep(APART).await;
        let before = self.at_rest(answer).await?;
        let began = Instant::now();
        self.finger.tap()?;
        while self.screen.read(answer)? == before {
            if began.elapsed() > PATIENCE {
                return Err(format!("nothing answered a tap on {selector} {text:?}").into());
            }
            // Leaves the processor to what is measured.
            std::thread::sleep(Duration::from_micros(250));
        }
        let took = began.elapsed();
        self.taps.entry(kind).or_default().push(took);
        if let Some([taps, plain]) = self.rounds.last_mut() {
            if kind == BASELINE { plain.push(took) } else { taps.push(took) }
        }
        self.at_rest(answer).await?;
        Ok(())
    }

    /// What stands there once nothing has moved for a while.
    async fn at_rest(&self, area: Area) -> Result<Vec<u8>> {
        let (mut seen, mut since) = (self.screen.read(area)?, Instant::now());
        let deadline = since + PATIENCE;
        while since.elapsed() < REST {
            sleep(Duration::from_millis(10)).await;
            let now = self.screen.read(area)?;
            if now != seen {
                (seen, since) = (now, Instant::now());
            }
            if Instant::now() > deadline {
                return Err("the screen does not come to rest".into());
            }
        }
        Ok(seen)
    }

    /// Says what was measured.
    fn report(&self) {
        let (baseline, taps): (Vec<_>, Vec<_>) = self.taps.iter().partition(|(kind, _)| **kind == BASELINE);
        let all: Vec<Duration> = taps.iter().flat_map(|(_, times)| times.iter().copied()).collect();
        println!("{:<34} {:>5} {:>8} {:>8} {:>8}", "", "taps", "p50 ms", "p95 ms", "p99 ms");
        for (kind, times) in taps.iter().chain(&baseline) {
            line(kind, times);
        }
        line("all taps", &all);
        let micros =
            |times: &[Duration], part| u64::try_from(at(times, part).as_micros()).unwrap_or(u64::MAX);
        let plain: Vec<Duration> = baseline.iter().flat_map(|(_, times)| times.iter().copied()).collect();
        let beside = |part: usize, name: &str| {
            let rounds: Vec<_> =
                self.rounds.iter().map(|[taps, plain]| (micros(taps, part), micros(plain, part))).collect();
            let run = (micros(&all, part), micros(&plain, part));
            Ratio::of_run(&format!("{name} taps are answered within"), BASELINE, Limit::None, run, &rounds)
        };
        let limit = u64::try_from(MOST.as_micros()).unwrap_or(u64::MAX);
        let rounds: Vec<_> = self.rounds.iter().map(|[taps, _]| (micros(taps, 95), limit)).collect();
        let may_take = format!("the {} ms they may take", MOST.as_millis());
        let ratios = [
            beside(50, "half of all"),
            beside(95, "95 of 100"),
            Ratio::of_run(
                "95 of 100 taps are answered within",
                &may_take,
                Limit::AtMost(100),
                (micros(&all, 95), limit),
                &rounds,
            ),
        ];
        for ratio in &ratios {
            println!("{ratio}");
        }
    }
}

fn line(kind: &str, times: &[Duration]) {
    let [half, most, nearly_all] = [50, 95, 99].map(|part| milliseconds(at(times, part)));
    println!("{kind:<34} {:>5} {half:>8} {most:>8} {nearly_all:>8}", times.len());
}

/// The time within which so many of a hundred were answered.
fn at(times: &[Duration], part: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    let place = (times.len() * part).div_ceil(100).saturating_sub(1);
    times.get(place).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> String {
    let tenths = time.as_micros() / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}
