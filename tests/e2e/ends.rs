//! Shifts that end another way than by a count at the till: ended now and counted later, cancelled, forgotten and ended
//! by a manager, and a count whose device is gone.

use onetill_local::Engine;
use onetill_tests::rest::Rest;
use onetill_tests::till::Till;
use onetill_tests::{PATIENCE, Project, Result, staff};

use crate::steps::{begin_count, count_pieces, picture, press_start, record, says, start_shift, step};

/// The manager works at both stores; this is the cashiers'.
const THEIR_STORE: &str = "location-1";

#[tokio::test(flavor = "multi_thread")]
async fn ended_cancelled_and_forgotten_shifts_are_settled_by_the_manager() -> Result<()> {
    let project = Project::start(Engine::real())?;
    let rest = Rest::new(&project.backend);
    let number = &rest.active_registers().await?[0].number;
    let (cashier, manager) = (staff("cashier")[0], staff("manager")[0]);
    let (till, office) = (Till::enrolled(&project.backend)?, Till::enrolled(&project.backend)?);
    let (ana, mara) = tokio::try_join!(till.open(), office.open())?;
    mara.sign_in(manager).await?;
    mara.screen(&["choose-register"]).await?;
    mara.click(THEIR_STORE).await?;

    // In a hurry: the shift ends, the drawer is counted later.
    start_shift(&ana, cashier, number, "200.00").await?;
    record(&ana, "pay_out", "15.00").await?;
    ana.click("action-close").await?;
    step(&ana, "checklist").await?;
    ana.click("end-later").await?;
    ana.fill("later-reason", "the bus").await?;
    picture(&ana, "ends-01-later").await?;
    ana.click("later-yes").await?;
    step(&ana, "ended").await?;
    picture(&ana, "ends-02-ended").await?;
    ana.click("acknowledge-end").await?;

    // By mistake: cancelled, and no number of a Z is used up.
    press_start(&ana, "200.00").await?;
    ana.click("action-close").await?;
    step(&ana, "checklist").await?;
    ana.click("cancel-shift").await?;
    ana.fill("cancel-reason", "wrong register").await?;
    ana.click("cancel-yes").await?;
    step(&ana, "cancelled").await?;
    picture(&ana, "ends-03-cancelled").await?;
    ana.click("acknowledge-end").await?;

    // Forgotten: the manager sees it live on the board, ends it from her own computer, and the till is told by whom.
    press_start(&ana, "200.00").await?;
    let forgotten = ana.text("session-number").await?;
    mara.click("open-board").await?;
    mara.screen(&["board"]).await?;
    let card = format!("board-{number}");
    mara.wait_for(PATIENCE, &card, "data-state", &["open"]).await?;
    picture(&mara, "ends-04-board").await?;
    mara.click(&card).await?;
    mara.click("force-end").await?;
    mara.fill("force-end-reason", "forgotten overnight").await?;
    picture(&mara, "ends-05-force-end").await?;
    mara.click("force-end-yes").await?;
    ana.screen(&["fenced"]).await?;
    says(&ana, "ended-by", manager.name).await?;
    picture(&ana, "ends-06-fenced").await?;
    ana.click("acknowledge-end").await?;
    ana.screen(&["start-shift"]).await?;

    // What is owed stands on the board. One is counted, the other settled without a count, which is not zero.
    mara.wait_for(PATIENCE, &card, "data-state", &["ended-uncounted"]).await?;
    picture(&mara, "ends-08-owed").await?;
    mara.click("count-ended").await?;
    step(&mara, "count").await?;
    count_pieces(&mara, &[("100", "1"), ("20", "4"), ("5", "1")]).await?;
    mara.wait_for(PATIENCE, "count-result", "data-difference", &["exact", "short"]).await?;
    picture(&mara, "ends-09-counted").await?;
    if mara.attribute("count-result", "data-difference").await? == "short" {
        mara.click("close-reason-choice-0").await?;
    }
    mara.click("close-shift").await?;
    step(&mara, "closed").await?;
    mara.click("acknowledge-end").await?;
    mara.screen(&["board"]).await?;
    mara.click(&card).await?;
    mara.click("count-ended").await?;
    step(&mara, "count").await?;
    mara.click("skip-count").await?;
    mara.fill("skip-count-reason", "drawer was emptied by the owner").await?;
    picture(&mara, "ends-10-skip").await?;
    mara.click("skip-count-yes").await?;
    step(&mara, "closed").await?;
    picture(&mara, "ends-11-uncounted").await?;
    mara.click("acknowledge-end").await?;

    // The end of the day: two Z reports without a gap, nothing owed, and no trace of the cancelled one.
    mara.screen(&["board"]).await?;
    mara.wait_for(PATIENCE, &card, "data-state", &["free"]).await?;
    mara.click("read-day").await?;
    mara.text("day-total").await?;
    picture(&mara, "ends-12-day").await?;
    assert_eq!(mara.attributes("day-z", "data-testid").await?.len(), 2);
    let query = "/rest/v1/pos_sessions?order=opened_at&select=session_number,status,close_kind,was_counted,closing_cash,end_reason";
    let stored = rest.rows(query).await?;
    let told: Vec<_> =
        stored.iter().map(|row| (row["status"].as_str(), row["close_kind"].as_str())).collect();
    let expected = [("closed", "normal"), ("cancelled", "normal"), ("closed", "force")];
    assert_eq!(told, expected.map(|(status, kind)| (Some(status), Some(kind))), "{stored:?}");
    assert_eq!(stored[2]["session_number"].as_str(), Some(forgotten.as_str()));
    assert_eq!(stored[2]["end_reason"].as_str(), Some("forgotten overnight"));
    let uncounted: Vec<_> =
        stored.iter().filter(|row| row["was_counted"] == false && row["status"] == "closed").collect();
    assert_eq!(uncounted.len(), 1, "{stored:?}");
    assert!(
        uncounted.iter().all(|row| row["closing_cash"].is_null()),
        "not counted is not zero: {uncounted:?}"
    );
    let sheets = rest.rows("/rest/v1/pos_z_reports?order=z_number&select=z_number").await?;
    assert_eq!(sheets.iter().map(|row| row["z_number"].as_i64()).collect::<Vec<_>>(), [Some(1), Some(2)]);
    tokio::try_join!(ana.close(), mara.close())?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_takes_over_the_count_of_a_device_that_is_gone() -> Result<()> {
    let project = Project::start(Engine::real())?;
    let rest = Rest::new(&project.backend);
    let number = &rest.active_registers().await?[0].number;
    let (cashier, manager) = (staff("cashier")[0], staff("manager")[0]);
    let (till, other) = (Till::enrolled(&project.backend)?, Till::enrolled(&project.backend)?);
    let (ana, mara) = tokio::try_join!(till.open(), other.open())?;
    start_shift(&ana, cashier, number, "200.00").await?;
    mara.sign_in(manager).await?;
    mara.click(THEIR_STORE).await?;
    mara.click(&format!("register-{number}")).await?;
    press_start(&mara, "200.00").await?;
    begin_count(&ana).await?;
    ana.fill("count-100", "1").await?;
    says(&mara, "counted-elsewhere", cashier.name).await?;
    ana.crash()?;

    mara.click("action-close").await?;
    step(&mara, "checklist").await?;
    says(&mara, "check-counting", cashier.name).await?;
    assert!(!mara.enabled("begin-count").await?, "not beside another count");
    picture(&mara, "gone-01-take-over").await?;
    mara.click("take-over").await?;
    mara.click("take-over-yes").await?;
    step(&mara, "count").await?;

    // The device comes back: its count was taken over, and it says so instead of going on.
    let ana = till.open().await?;
    ana.screen(&["register"]).await?;
    says(&ana, "counted-elsewhere", manager.name).await?;
    picture(&ana, "gone-02-taken-over").await?;
    count_pieces(&mara, &[("100", "2")]).await?;
    mara.wait_for(PATIENCE, "count-result", "data-difference", &["exact"]).await?;
    mara.click("close-shift").await?;
    step(&mara, "closed").await?;
    ana.screen(&["fenced"]).await?;
    says(&ana, "ended-by", manager.name).await?;
    tokio::try_join!(ana.close(), mara.close())?;
    Ok(())
}
