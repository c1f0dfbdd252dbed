//! A cashier sells at a register with a printer and a drawer: lines, payment, change; and when each stood on the disk.

use std::path::Path;
use std::time::{Duration, Instant};

use onetill_printer_emulator::Emulator;
use onetill_tests::database::ratio::Ratio;
use onetill_tests::screen::Area;
use onetill_tests::till::Till;
use onetill_tests::{Project, Result, staff};

use crate::disk::Disk;
use crate::taps::{Tapped, Taps, heading, line};
use crate::{MOST, within};

/// Sales of a round.
const SALES: usize = 15;
/// What 95 of 100 may take from the last press of a sale until it is on the disk, its change painted and the drawer told.
const SALE: Duration = Duration::from_millis(80);
/// What 95 of 100 may take from the press of a key until its line is on the disk.
const ON_DISK: Duration = Duration::from_millis(30);

/// What was measured in one round.
#[derive(Default)]
struct Round {
    taps: Vec<Duration>,
    lines: Vec<Duration>,
    sales: Vec<Duration>,
}

/// Sells for so many rounds.
pub(crate) async fn measure(project: &Project, rounds: usize, folder: &Path) -> Result<Vec<Ratio>> {
    let cashier = *staff("cashier").first().ok_or("the demo store has no cashier")?;
    let printer = Emulator::start(48)?;
    let mut till = Till::enrolled(&project.backend)?;
    till.prints_on(printer.address())?;
    let on = Taps::open(&mut till, folder).await?;
    on.window.prepare(cashier, "M1").await?;
    on.window.click("start-shift").await?;
    on.window.sells().await?;
    let mut disk = Disk::watch(&till.data())?;
    let mut all = Vec::new();
    let mut parts: [Vec<Duration>; 3] = Default::default();
    for round in 1..=rounds {
        println!("   round {round} of {rounds}, sales");
        let mut measured = Round::default();
        for _ in 0..SALES {
            sell(&on, &mut disk, &printer, &mut measured, &mut parts).await?;
        }
        all.push(measured);
    }
    on.window.close().await?;
    let of = |figures: fn(&Round) -> &[Duration]| all.iter().map(figures).collect::<Vec<_>>();
    let (taps, lines, sales) = (of(|it| &it.taps), of(|it| &it.lines), of(|it| &it.sales));
    heading();
    let names = ["a sale: on the disk", "a sale: its change painted", "a sale: the drawer told"];
    for (name, times) in names.iter().zip(&parts) {
        line(name, times);
    }
    for (name, times) in [("a sale: all of it", &sales), ("a line: on the disk", &lines), ("taps", &taps)] {
        line(name, &times.concat());
    }
    Ok(vec![
        within(
            "95 of 100 sales are on the disk, their change painted and the drawer told within",
            SALE,
            &sales,
        ),
        within("95 of 100 lines of a cart are on the disk within", ON_DISK, &lines),
        within("95 of 100 taps at the selling screen are answered within", MOST, &taps),
    ])
}

/// One sale: two lines, the payment, exact cash, and on to the next customer.
async fn sell(
    on: &Taps,
    disk: &mut Disk,
    printer: &Emulator,
    measured: &mut Round,
    parts: &mut [Vec<Duration>; 3],
) -> Result<()> {
    for key in ["[data-testid=key-3]", "[data-testid=key-4]"] {
        let total = on.place("[data-testid=cart-total]", "").await?;
        let (tapped, written) = tap_and_write(on, disk, key, total).await?;
        measured.taps.push(tapped.painted);
        measured.lines.push(written);
    }
    let head = on.place("section.cart .head", "").await?;
    let (opened, _) = tap_and_write(on, disk, "[data-testid=pay]", head).await?;
    measured.taps.push(opened.painted);

    let due = on.place("[data-testid=pay-due]", "").await?;
    let kicks = printer.paper().kicks;
    let drawer = printer.clone();
    let told = std::thread::spawn(move || {
        let told = drawer.wait_until(|paper| paper.kicks > kicks);
        told.map(|_paper| Instant::now()).map_err(|paper| format!("the drawer stays shut: {paper:?}"))
    });
    let (paid, written) = tap_and_write(on, disk, "[data-testid=pay-exact]", due).await?;
    let told = told.join().map_err(|_panic| "nobody watched the drawer")??.duration_since(paid.began);
    measured.sales.push(written.max(paid.painted).max(told));
    for (times, time) in parts.iter_mut().zip([written, paid.painted, told]) {
        times.push(time);
    }

    let title = on.place("#done-title", "").await?;
    measured.taps.push(on.tap("[data-testid=next-customer]", "", title).await?);
    Ok(())
}

/// Taps what is written, and says after which time it was: by the time it is painted, or nobody may believe the screen.
async fn tap_and_write(
    on: &Taps,
    disk: &mut Disk,
    selector: &str,
    answer: Area,
) -> Result<(Tapped, Duration)> {
    let mut written = None;
    let tapped = on
        .tap_and(selector, "", answer, |began| {
            if written.is_none() && disk.has_changed()? {
                written = Some(began.elapsed());
            }
            Ok(())
        })
        .await?;
    match written {
        Some(written) => Ok((tapped, written)),
        None => Err(format!("the answer to {selector} was painted before it was on the disk").into()),
    }
}
