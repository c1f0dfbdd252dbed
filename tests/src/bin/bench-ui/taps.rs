//! A finger on the app's real window, and how long it waits for an answer.
//!
//! Invariant: answered is what the display itself shows differently, at the place where a person looks for the answer.

use std::path::Path;
use std::time::{Duration, Instant};

use onetill_tests::screen::{Area, Finger, Keyboard, Screen};
use onetill_tests::till::{Till, Window};
use onetill_tests::{PATIENCE, Result};
use serde_json::json;
use tokio::time::sleep;

/// A picture that has not changed for so long has come to rest.
const REST: Duration = Duration::from_millis(120);
/// A second tap that soon would be taken for an impatient repeat of the first.
const APART: Duration = Duration::from_millis(420);
/// Between two keys of a scanner.
const PACE: Duration = Duration::from_millis(6);
/// What looks the same for so long stays the same.
const UNCHANGED: Duration = Duration::from_secs(2);
/// Leaves the processor to what is measured.
const BREATH: Duration = Duration::from_micros(250);

/// The window, and the finger above it.
pub(crate) struct Taps {
    pub(crate) window: Window,
    screen: Screen,
    finger: Finger,
    pub(crate) keyboard: Keyboard,
    /// Where the window stands on the screen.
    at: Area,
}

/// A tap that was answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tapped {
    /// When the finger came down.
    pub(crate) began: Instant,
    /// After which time its answer was painted.
    pub(crate) painted: Duration,
}

impl Taps {
    /// Opens the release build in `folder` on this till.
    pub(crate) async fn open(till: &mut Till, folder: &Path) -> Result<Self> {
        till.runs(folder.join("onetill").canonicalize()?);
        till.desktop().still_cursor()?;
        let window = till.open().await?;
        let finger = Finger::new(till.desktop())?;
        let size = window.script("return [innerWidth, innerHeight]", vec![]).await?;
        let (width, height): (u32, u32) = serde_json::from_value(size)?;
        let at = finger.window(width, height)?;
        let keyboard = Keyboard::new(till.desktop(), width, height)?;
        Ok(Self { window, screen: Screen::open(till.desktop())?, finger, keyboard, at })
    }

    /// Where the first element stands that matches and has this text, if any is wanted, on the screen.
    pub(crate) async fn place(&self, selector: &str, text: &str) -> Result<Area> {
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
    pub(crate) async fn tap(&self, selector: &str, text: &str, answer: Area) -> Result<Duration> {
        Ok(self.tap_and(selector, text, answer, |_began| Ok(())).await?.painted)
    }

    /// The same; `meanwhile` is done again and again until the answer is there, and once more when it is.
    pub(crate) async fn tap_and(
        &self,
        selector: &str,
        text: &str,
        answer: Area,
        mut meanwhile: impl FnMut(Instant) -> Result<()>,
    ) -> Result<Tapped> {
        let target = self.place(selector, text).await?;
        self.finger.hover(target.x + target.width / 2, target.y + target.height / 2)?;
        sleep(APART).await;
        let before = self.at_rest(answer).await?;
        let began = Instant::now();
        self.finger.tap()?;
        loop {
            meanwhile(began)?;
            if self.screen.read(answer)? != before {
                break;
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("nothing answered a tap on {selector} {text:?}").into());
            }
            std::thread::sleep(BREATH);
        }
        let painted = began.elapsed();
        meanwhile(began)?;
        self.at_rest(answer).await?;
        Ok(Tapped { began, painted })
    }

    /// Presses a key once the place of the answer has come to rest, and says after which time it looked different; `None`
    /// where it did not.
    pub(crate) async fn press(&self, sign: u32, answer: Area) -> Result<Option<Duration>> {
        let before = self.at_rest(answer).await?;
        self.answered(sign, answer, &before)
    }

    /// Types a code as a scanner does, and says after which time from its Enter on the place of the answer looked different.
    pub(crate) async fn scan(&self, code: &str, answer: Area) -> Result<Option<Duration>> {
        let before = self.at_rest(answer).await?;
        for sign in code.chars() {
            self.keyboard.press(u32::from(sign))?;
            sleep(PACE).await;
        }
        self.answered(Keyboard::ENTER, answer, &before)
    }

    fn answered(&self, sign: u32, answer: Area, before: &[u8]) -> Result<Option<Duration>> {
        let began = Instant::now();
        self.keyboard.press(sign)?;
        while self.screen.read(answer)? == before {
            if began.elapsed() > UNCHANGED {
                return Ok(None);
            }
            std::thread::sleep(BREATH);
        }
        Ok(Some(began.elapsed()))
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
}

/// Prints how long something took.
pub(crate) fn line(kind: &str, times: &[Duration]) {
    let [half, most, nearly_all] = [50, 95, 99].map(|part| {
        let tenths = micros(times, part) / 100;
        format!("{}.{}", tenths / 10, tenths % 10)
    });
    println!("{kind:<34} {:>5} {half:>8} {most:>8} {nearly_all:>8}", times.len());
}

/// Prints what the columns of [`line`] are.
pub(crate) fn heading() {
    println!("{:<34} {:>5} {:>8} {:>8} {:>8}", "", "times", "p50 ms", "p95 ms", "p99 ms");
}

/// In microseconds, the time within which so many of a hundred were over.
pub(crate) fn micros(times: &[Duration], part: usize) -> u64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    let place = (times.len() * part).div_ceil(100).saturating_sub(1);
    let time = times.get(place).copied().unwrap_or_default();
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
