//! A register where nothing is sold: amounts and counts before the shift, dialogs in it; beside them, in the same rounds, a
//! button in the same window that changes one word, so that a busy moment of the computer hits both alike.
//!
//! Not the pressed key is waited for but what it is pressed for: the digit in the amount, the dialog, the other tab.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use onetill_local::Engine;
use onetill_tests::database::ratio::{Limit, Ratio};
use onetill_tests::rest::Rest;
use onetill_tests::screen::Area;
use onetill_tests::till::Till;
use onetill_tests::{PATIENCE, Project, Result, staff};

use crate::taps::{Taps, heading, line, micros};
use crate::{MOST, within};

const BASELINE: &str = "a button that changes one word";

struct Bench {
    on: Taps,
    taps: BTreeMap<&'static str, Vec<Duration>>,
    /// Of each round: its own taps, and those on the plain button.
    rounds: Vec<[Vec<Duration>; 2]>,
}

/// Works at such a register for so many rounds.
pub(crate) async fn measure(rounds: usize, folder: &Path) -> Result<Vec<Ratio>> {
    let project = Project::start(Engine::Pglite)?;
    let registers = Rest::new(&project.backend).active_registers().await?;
    let register = registers.first().ok_or("the demo store has no register")?;
    let cashier = *staff("cashier").first().ok_or("the demo store has no cashier")?;
    let mut till = Till::enrolled(&project.backend)?;
    let on = Taps::open(&mut till, folder).await?;
    on.window.prepare(cashier, &register.number).await?;
    let mut bench = Bench { on, taps: BTreeMap::new(), rounds: Vec::new() };
    for round in 1..=rounds {
        println!("   round {round} of {rounds}, before the shift");
        bench.rounds.push(Default::default());
        bench.before_the_shift().await?;
        bench.baseline().await?;
    }
    bench.on.window.click("start-shift").await?;
    bench.on.window.wait_for(PATIENCE, "connection", "data-connection", &["confirmed"]).await?;
    for round in 1..=rounds {
        println!("   round {round} of {rounds}, in the shift");
        bench.rounds.push(Default::default());
        bench.in_the_shift().await?;
        bench.baseline().await?;
    }
    let ratios = bench.ratios();
    bench.on.window.close().await?;
    Ok(ratios)
}

impl Bench {
    async fn before_the_shift(&mut self) -> Result<()> {
        let amount = self.on.place("[data-testid=opening-cash]", "").await?;
        self.tap("clear an amount", ".keypad button", "Clear", amount).await?;
        for key in ["1", "7", "5", ".", "5", "0"] {
            self.tap("a digit of an amount", ".keypad button", key, amount).await?;
        }
        self.tap("the other tab", "label:has([data-testid=entry-1])", "", amount).await?;
        for (value, key) in [("100", "1"), ("20", "7"), ("5", "3"), ("1", "9")] {
            let line = self.on.place(&format!("label:has([data-testid=count-{value}])"), "").await?;
            self.tap("the line of a note or coin", &format!("[data-testid=count-{value}]"), "", line).await?;
            self.tap("how many notes or coins", ".keypad button", key, line).await?;
            self.tap("how many notes or coins", ".keypad button", "0", line).await?;
        }
        self.tap("the other tab", "label:has([data-testid=entry-0])", "", amount).await
    }

    async fn in_the_shift(&mut self) -> Result<()> {
        // A dialog darkens everything behind it, and there nothing else ever moves.
        let behind = self.on.place("header .shop", "").await?;
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
                let amount = self.on.place("[data-testid=movement-amount]", "").await?;
                for key in ["1", "2", "0"] {
                    self.tap("a digit of an amount", "dialog .keypad button", key, amount).await?;
                }
                let reason = self.on.place("label:has([data-testid=movement-reason-0])", "").await?;
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
        self.on.window.script(SET_UP, vec![]).await?;
        let button = self.on.place("#baseline", "").await?;
        // Only where its word stands: that it looks pressed is no answer.
        let (width, height) = (button.width / 2, button.height / 4);
        let word =
            Area { x: button.x + width / 2, y: button.y + (button.height - height) / 2, width, height };
        for _ in 0..10 {
            self.tap(BASELINE, "#baseline", "", word).await?;
        }
        self.on.window.script(TAKE_DOWN, vec![]).await?;
        Ok(())
    }

    async fn tap(&mut self, kind: &'static str, selector: &str, text: &str, answer: Area) -> Result<()> {
        let took = self.on.tap(selector, text, answer).await?;
        self.taps.entry(kind).or_default().push(took);
        if let Some([taps, plain]) = self.rounds.last_mut() {
            if kind == BASELINE { plain.push(took) } else { taps.push(took) }
        }
        Ok(())
    }

    /// Says what was measured.
    fn ratios(&self) -> Vec<Ratio> {
        let (baseline, taps): (Vec<_>, Vec<_>) = self.taps.iter().partition(|(kind, _)| **kind == BASELINE);
        let all: Vec<Duration> = taps.iter().flat_map(|(_, times)| times.iter().copied()).collect();
        heading();
        for (kind, times) in taps.iter().chain(&baseline) {
            line(kind, times);
        }
        line("all taps", &all);
        let plain: Vec<Duration> = baseline.iter().flat_map(|(_, times)| times.iter().copied()).collect();
        let beside = |part: usize, name: &str| {
            let rounds: Vec<_> =
                self.rounds.iter().map(|[taps, plain]| (micros(taps, part), micros(plain, part))).collect();
            let run = (micros(&all, part), micros(&plain, part));
            Ratio::of_run(&format!("{name} taps are answered within"), BASELINE, Limit::None, run, &rounds)
        };
        let of_rounds: Vec<&[Duration]> = self.rounds.iter().map(|[taps, _]| taps.as_slice()).collect();
        vec![
            beside(50, "half of all"),
            beside(95, "95 of 100"),
            within("95 of 100 taps are answered within", MOST, &of_rounds),
        ]
    }
}
