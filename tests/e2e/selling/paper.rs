//! By keyboard and by touch, with a printer and a drawer beside the till: what comes on paper, and that neither a dead nor a
//! slow printer holds anybody up.

use std::net::SocketAddr;

use onetill_local::Engine;
use onetill_printer_emulator::{Emulator, Mood};
use onetill_tests::rest::Rest;
use onetill_tests::till::{ENTER, Till, Window};
use onetill_tests::{Project, Result, staff};

use super::{amount, receipts, sell, selling, stage};
use crate::steps::{picture, pictures, says};

#[tokio::test(flavor = "multi_thread")]
async fn three_fifty_in_cash_takes_six_keys_or_three_taps_and_paper_holds_nobody_up() -> Result<()> {
    let project = Project::selling(Engine::real())?;
    let rest = Rest::new(&project.backend);
    let till = Till::enrolled(&project.backend)?;
    let printer = Emulator::start(48)?;
    till.prints_on(printer.address())?;
    let window = selling(&till, staff("cashier")[0]).await?;
    picture(&window, "selling-empty").await?;

    // Groceries, the first key without a price, are free of tax.
    window.keys(['3', '5', '0', ENTER]).await?;
    says(&window, "cart-total", "3.50").await?;
    picture(&window, "selling-cart").await?;
    window.keys([ENTER]).await?;
    stage(&window, "paying").await?;
    picture(&window, "selling-paying").await?;
    window.keys([ENTER]).await?;
    says(&window, "done", "-A-000001").await?;
    picture(&window, "selling-done").await?;

    window.tap("key-3", 1).await?;
    window.tap("pay", 1).await?;
    stage(&window, "paying").await?;
    window.tap("pay-exact", 1).await?;
    says(&window, "done", "-A-000002").await?;

    let rows = receipts(&rest, "", 2).await?;
    let figures = |at: usize| ["tax", "total", "net_cash"].map(|name| amount(&rows[at], name));
    assert_eq!(figures(0), ["0.00", "3.50", "3.50"]);
    assert_eq!(figures(1), ["0.31", "3.81", "3.81"], "8.875 % of 3.50");

    on_paper(&window, &printer).await?;
    dead_or_slow(&till, window, &rest).await?.close().await
}

/// Cash opens the drawer, a card does not; what is printed once more is a copy.
async fn on_paper(window: &Window, printer: &Emulator) -> Result<()> {
    let printed = |receipts: usize, kicks: usize| {
        let paper = printer.wait_until(|paper| (paper.receipts.len(), paper.kicks) == (receipts, kicks));
        paper.map_err(|paper| format!("{} receipts, {} pulses", paper.receipts.len(), paper.kicks))
    };
    printed(2, 2)?;
    window.keys(['3', '5', '0', ENTER, ENTER]).await?;
    stage(window, "paying").await?;
    window.click("pay-card").await?;
    window.click("tender-taken").await?;
    says(window, "done", "-A-000003").await?;
    let paper = printed(3, 2)?;
    let card = paper.text(2);
    for words in ["-A-000003", "Card", "3.50", "Thank you!"] {
        assert!(card.contains(words), "{words} is on the paper:\n{card}");
    }
    window.click("reprint-done").await?;
    let paper = printed(4, 2)?;
    says(window, "selling-said", "Printed.").await?;
    let copies: Vec<bool> =
        (0..4).map(|receipt| paper.text(receipt).replace(' ', "").contains("COPY")).collect();
    assert_eq!(copies, [false, false, false, true]);
    assert!(paper.text(3).contains("-A-000003"), "{}", paper.text(3));
    assert_eq!(paper.faults, Vec::<String>::new(), "nothing that a printer would garble");
    paper.picture(&pictures()?.join("selling-paper.png"))
}

/// A printer that is off, and one that never ends a job: sales are begun, finished and sent all the same.
async fn dead_or_slow(till: &Till, window: Window, rest: &Rest) -> Result<Window> {
    let window = started_again(till, window, Emulator::switched_off()?).await?;
    sell(&window, 400, 4).await?;
    sell(&window, 500, 5).await?;
    receipts(rest, "", 5).await?;
    says(&window, "drawer-told", "Open it with its key").await?;
    says(&window, "selling-said", "Nothing was printed").await?;
    picture(&window, "selling-no-paper").await?;

    let slow = Emulator::start(48)?;
    slow.set(Mood::Stuck);
    let window = started_again(till, window, slow.address()).await?;
    sell(&window, 600, 6).await?;
    sell(&window, 700, 7).await?;
    receipts(rest, "", 7).await?;
    let paper = slow.paper();
    assert!(paper.receipts.len() + paper.kicks < 4, "they are done before their paper is: {paper:?}");
    Ok(window)
}

/// The program reads at its start where it prints.
async fn started_again(till: &Till, window: Window, printer: SocketAddr) -> Result<Window> {
    window.crash()?;
    till.prints_on(printer)?;
    let window = till.open().await?;
    window.sells().await?;
    Ok(window)
}
