//! A whole day in the real windows: two devices, one of them without its network for a while, a receipt printer with a
//! cash drawer, and a manager who approves at the till.

use onetill_local::Engine;
use onetill_printer_emulator::{Emulator, Mood};
use onetill_tests::cable::Cable;
use onetill_tests::rest::Rest;
use onetill_tests::till::Till;
use onetill_tests::{PATIENCE, Project, Result, staff};

use crate::steps::{
    begin_count, count_pieces, lists, picture, pictures, press_start, record, says, sign_beside, start_shift,
    step,
};

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_and_a_manager_from_the_start_to_the_z() -> Result<()> {
    let project = Project::start(Engine::real())?;
    let rest = Rest::new(&project.backend);
    let number = &rest.active_registers().await?[0].number;
    let (cashiers, manager) = (staff("cashier"), staff("manager")[0]);
    let printer = Emulator::start(48)?;
    let left = Till::enrolled(&project.backend)?;
    left.prints_on(printer.address())?;
    let mut cable = Cable::to(&project.backend).await?;
    let mut right = Till::enrolled(&project.backend)?;
    right.set("ONETILL_SUPABASE_URL", cable.url());
    let (ana, ben) = tokio::try_join!(left.open(), right.open())?;

    // One starts, the other joins with another amount in mind, which is kept as his own.
    start_shift(&ana, cashiers[0], number, "200.00").await?;
    start_shift(&ben, cashiers[1], number, "175.50").await?;
    ben.wait_for(PATIENCE, "outcome", "data-outcome", &["joined"]).await?;
    says(&ben, "own-opening-cash", "175.50").await?;
    picture(&ben, "day-01-joined").await?;

    // Both record; the drawer of the one with a printer opens for cash and for no sale. Each sees what the other did.
    record(&ana, "pay_in", "30.00").await?;
    record(&ana, "no_sale", "").await?;
    record(&ana, "float_top_up", "20.00").await?;
    printer.wait_until(|paper| paper.kicks == 3).map_err(|paper| format!("the drawer: {paper:?}"))?;
    record(&ben, "pay_out", "20.00").await?;
    let all = [
        "pay_out 20.00 recorded",
        "float_top_up 20.00 recorded",
        "no_sale 0.00 recorded",
        "pay_in 30.00 recorded",
    ];
    lists(&ana, &all).await?;
    lists(&ben, &all).await?;

    // One is offline for a while and goes on; the other does not wait for him.
    cable.pull().await;
    ben.click("action-safe_drop").await?;
    ben.fill("movement-amount", "30.00").await?;
    ben.click("movement-reason-0").await?;
    ben.fill("movement-reference", "BAG-7").await?;
    ben.click("movement-record").await?;
    ben.gone("movement-record").await?;
    ben.wait_for(PATIENCE, "unsent", "data-count", &["1"]).await?;
    ben.wait_for(PATIENCE, "connection", "data-connection", &["offline"]).await?;
    picture(&ben, "day-02-offline").await?;
    record(&ana, "pay_in", "5.00").await?;
    lists(&ana, &[&["pay_in 5.00 recorded"], &all[..]].concat()).await?;
    // Her own mistake is taken back by an entry that points at it; nothing is edited.
    ana.click("take-back").await?;
    ana.click("take-back-choice-0").await?;
    ana.click("take-back-confirm").await?;
    ana.gone("take-back-confirm").await?;
    let taken_back = ["pay_in 5.00 recorded", "pay_in 5.00 recorded"];
    lists(&ana, &[&taken_back, &all[..]].concat()).await?;
    cable.plug().await?;
    ben.wait_for(PATIENCE * 2, "unsent", "data-count", &["0"]).await?;
    let all = [&["safe_drop 30.00 recorded"], &taken_back[..], &all[..]].concat();
    lists(&ana, &all).await?;
    lists(&ben, &all).await?;
    picture(&ana, "day-03-register").await?;

    // An X for the manager's eye, then the close: who else works here, and a drawer that opens for the count.
    ana.click("x-report").await?;
    ana.wait_for(PATIENCE, "report", "data-sheet", &["x"]).await?;
    picture(&ana, "day-04-x-report").await?;
    ana.click("dismiss-report").await?;
    ana.gone("report").await?;
    ana.click("action-close").await?;
    step(&ana, "checklist").await?;
    says(&ana, "check-others", cashiers[1].name).await?;
    picture(&ana, "day-05-checklist").await?;
    ana.click("begin-count").await?;
    step(&ana, "count").await?;
    let kicks = printer.paper().kicks;
    ana.click("open-drawer").await?;
    printer.wait_until(|paper| paper.kicks == kicks + 1).map_err(|paper| format!("the drawer: {paper:?}"))?;
    says(&ana, "drawer-told", "The drawer was told to open").await?;

    // Meanwhile the other device takes nothing new, and says who counts.
    says(&ben, "counted-elsewhere", cashiers[0].name).await?;
    for action in ["action-pay_in", "action-pay_out", "action-safe_drop", "spot-count"] {
        assert!(!ben.enabled(action).await?, "{action} waits until the drawer is counted");
    }
    picture(&ben, "day-06-counted-elsewhere").await?;

    // 100 + 3 × 20 + 5 + 2 × 0.25 = 165.50 of 200.00 (the float, 30 and 20 in, 20 and 30 out): beyond what a cashier may
    // settle alone.
    for (value, many) in [("100", "1"), ("20", "3"), ("5", "1")] {
        ana.fill(&format!("count-{value}"), many).await?;
    }
    let before = ana.all_text().await?;
    assert!(!before.contains("200.00"), "what should be there is not shown before the count: {before}");
    picture(&ana, "day-07-count").await?;
    count_pieces(&ana, &[("0.25", "2")]).await?;
    ana.wait_for(PATIENCE, "count-result", "data-difference", &["short"]).await?;
    says(&ana, "count-result", "34.50").await?;
    assert!(!ana.enabled("close-shift").await?, "not without a manager");
    picture(&ana, "day-08-short").await?;

    // A cashier cannot approve; a manager can, and the cashier stays signed in.
    ana.click("approve").await?;
    sign_beside(&ana, cashiers[1]).await?;
    ana.wait_for(PATIENCE, "error", "data-code", &["MANAGER_REQUIRED"]).await?;
    picture(&ana, "day-09-approve").await?;
    sign_beside(&ana, manager).await?;
    says(&ana, "approved-by", manager.name).await?;
    says(&ana, "staff-name", cashiers[0].name).await?;
    ana.click("close-shift").await?;
    step(&ana, "result").await?;
    ana.click("close-reason-choice-0").await?;
    ana.fill("close-reason", "two fifties stuck together").await?;
    ana.click("change-float").await?;
    ana.fill("left-amount", "100.00").await?;
    picture(&ana, "day-10-next-float").await?;
    ana.click("left-done").await?;
    says(&ana, "taken-out", "65.50").await?;
    picture(&ana, "day-11-result").await?;
    ana.click("close-shift").await?;
    step(&ana, "closed").await?;
    says(&ana, "z-number", "1").await?;

    // Paper: one without paper is told and loses nothing; then the sheet, and once more as a copy.
    printer.set(Mood::PaperOut);
    ana.click("print-report").await?;
    says(&ana, "paper-told", "out of paper").await?;
    printer.set(Mood::Ready);
    for copies in 1..=2 {
        ana.click("print-report").await?;
        printer.wait_until(|paper| paper.receipts.len() == copies).map_err(|paper| format!("{paper:?}"))?;
        says(&ana, "paper-told", "Printed").await?;
    }
    picture(&ana, "day-12-closed").await?;
    let paper = printer.paper();
    paper.picture(&pictures()?.join("day-paper.png"))?;
    assert_eq!(paper.faults, Vec::<String>::new(), "nothing that a printer would garble");
    let sheet = paper.text(0);
    for words in
        ["165.50", "200.00", "34.50", "100.00", "65.50", cashiers[0].name, cashiers[1].name, manager.name]
    {
        assert!(sheet.contains(words), "{words} is on the paper:\n{sheet}");
    }
    let top_up = sheet.lines().find(|line| line.contains("Float top-up")).unwrap_or_default();
    assert!(top_up.contains("20.00"), "what was brought from the safe is on the paper:\n{sheet}");
    assert!(!sheet.contains("COPY") && paper.text(1).to_uppercase().contains("COPY"), "{}", paper.text(1));
    for (button, ending) in [("save-pdf", ".pdf"), ("save-csv", ".csv")] {
        ana.click(button).await?;
        says(&ana, "paper-told", ending).await?;
        let told = ana.text("paper-told").await?;
        let path = told.split_once(": ").ok_or("no path")?.1;
        assert!(std::fs::metadata(path)?.len() > 500, "{told}");
    }

    // The other device is told who and when; the sheet can be read there too. The next shift begins with what was left.
    ben.screen(&["fenced"]).await?;
    says(&ben, "ended-by", cashiers[0].name).await?;
    picture(&ben, "day-13-fenced").await?;
    ben.click("read-z").await?;
    ben.wait_for(PATIENCE, "report", "data-sheet", &["z"]).await?;
    ben.text("report-copy").await?;
    ben.click("dismiss-report").await?;
    ben.click("acknowledge-end").await?;
    ana.click("acknowledge-end").await?;
    ana.screen(&["start-shift"]).await?;
    let proposed = ana.property("opening-cash", "value").await?;
    assert_eq!(proposed, "100.00", "what was left in the drawer");

    // The next day is exact, and gets the next number.
    press_start(&ana, &proposed).await?;
    begin_count(&ana).await?;
    ana.click("count-entry-1").await?;
    ana.fill("count-sum", "100.00").await?;
    count_pieces(&ana, &[]).await?;
    ana.wait_for(PATIENCE, "count-result", "data-difference", &["exact"]).await?;
    picture(&ana, "day-14-exact").await?;
    ana.click("close-shift").await?;
    step(&ana, "closed").await?;
    says(&ana, "z-number", "2").await?;
    let sheets = rest.rows("/rest/v1/pos_z_reports?order=z_number&select=z_number,expected:report-%3E%3Eexpected_cash,counted:report-%3E%3Ecounted_cash,approved:report-%3E%3Eapproved_by_name").await?;
    let told: Vec<_> = sheets
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap_or("null").to_owned();
            (row["z_number"].to_string(), text("expected"), text("counted"), text("approved"))
        })
        .collect();
    let as_told = |z: &str, expected: &str, counted: &str, approved: &str| {
        (z.to_owned(), expected.to_owned(), counted.to_owned(), approved.to_owned())
    };
    assert_eq!(
        told,
        [as_told("1", "200.00", "165.50", manager.name), as_told("2", "100.00", "100.00", "null")]
    );
    tokio::try_join!(ana.close(), ben.close())?;
    Ok(())
}
