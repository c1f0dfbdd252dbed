mod world;

use super::*;
use crate::{
    Entry, EntryState, MovementKind, MovementRequest, SessionStatus,
    device::ActiveSession,
    view::{Link, Screen},
};
use pollster::block_on;
use secrecy::SecretString;
use world::{Bench, BenchTill, opened, register, session, staff};

const DAY: i64 = 86_400;
const NOON: i64 = 20_000 * DAY + DAY / 2;

fn password() -> SecretString {
    SecretString::from("x")
}

/// A till whose cashier is signed in and has chosen register 1.
fn at_start_screen(bench: &Bench) -> BenchTill {
    bench.set(|table| {
        table.now = NOON;
        table.logins.push_back(Ok(Some(staff(4))));
    });
    let till = bench.start();
    block_on(till.sign_in("ana@demo.example", &password()));
    block_on(till.choose_register(register(1, None).id));
    assert!(matches!(bench.screen(), Screen::StartShift { .. }));
    till
}

fn lost() -> Fault {
    Fault::new(Code::NoAnswer, "timed out").with_retry(Retry::OutcomeUnknown)
}

fn refused() -> Fault {
    Fault::new(Code::RegisterRetired, "POS_REGISTER_RETIRED")
}

fn unreachable() -> Fault {
    Fault::new(Code::Unreachable, "connection refused").with_retry(Retry::DidNotRun)
}

#[test]
fn from_nobody_to_a_running_shift() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Ok(opened(Outcome::Created, NOON))));
    block_on(till.start_shift("200.00", false));
    let Screen::Register { outcome, connection, .. } = bench.screen() else { panic!("{:?}", bench.screen()) };
    assert_eq!(outcome, Outcome::Created);
    assert!(matches!(connection, Link::Confirmed { .. }));
    bench.set(|table| {
        assert!(table.file.active.is_some(), "the session is in the file");
        assert!(table.file.intent.is_none(), "and the intent no longer");
    });
}

#[test]
fn nothing_is_sent_when_the_intent_cannot_be_kept() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.disk_full = true);
    block_on(till.start_shift("200.00", false));
    assert_eq!(bench.fault().unwrap().code, Code::StoreFailed);
    assert!(bench.set(|table| table.asked.is_empty()));
}

#[test]
fn an_amount_that_is_none_is_refused_before_anything_happens() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    block_on(till.start_shift("12,00", false));
    assert_eq!(bench.fault().unwrap().code, Code::BadOpeningCash);
    assert!(bench.set(|table| table.file.intent.is_none()));
}

#[test]
fn a_lost_answer_is_asked_again_with_the_same_key_and_amount() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Err(lost())));
    block_on(till.start_shift("150.00", false));
    assert!(matches!(bench.screen(), Screen::StartShift { unanswered: true, .. }));
    bench.set(|table| table.opens.push_back(Ok(opened(Outcome::Replayed, NOON))));
    // The cashier types another amount and presses again: it is still the first intent.
    block_on(till.start_shift("999.00", false));
    assert!(matches!(bench.screen(), Screen::Register { .. }));
    bench.set(|table| {
        assert_eq!(table.asked.len(), 2);
        assert_eq!(table.asked[0], table.asked[1]);
    });
}

#[test]
fn a_crash_in_the_middle_asks_again_with_the_same_key() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Err(lost())));
    block_on(till.start_shift("150.00", false));
    drop(till);
    bench.set(|table| {
        table.logins.push_back(Ok(Some(staff(4))));
        table.opens.push_back(Ok(opened(Outcome::Replayed, NOON)));
    });
    let again = bench.start();
    block_on(again.look());
    block_on(again.look());
    assert!(matches!(bench.screen(), Screen::Register { .. }));
    bench.set(|table| assert_eq!(table.asked[0].key, table.asked[1].key));
}

#[test]
fn what_surely_did_not_run_leaves_no_intent_behind() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Err(unreachable())));
    block_on(till.start_shift("150.00", false));
    assert_eq!(bench.fault().unwrap().code, Code::Unreachable);
    assert!(matches!(bench.screen(), Screen::StartShift { unanswered: false, .. }));
    assert!(
        bench.set(|table| table.file.intent.is_none()),
        "no shift starts by itself when the network returns"
    );
}

#[test]
fn silence_after_a_lost_answer_does_not_settle_it_but_a_decision_does() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.extend([Err(lost()), Err(unreachable()), Err(refused())]));
    block_on(till.start_shift("150.00", false));
    block_on(till.look());
    assert!(bench.set(|table| table.file.intent.is_some()), "still open: the first request may have run");
    block_on(till.look());
    assert!(matches!(bench.screen(), Screen::StartShift { unanswered: false, .. }));
    assert!(bench.set(|table| table.file.intent.is_none()));
}

#[test]
fn a_cancelled_start_that_ran_is_shown() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Err(lost())));
    block_on(till.start_shift("150.00", false));
    till.cancel_start();
    bench.set(|table| table.opens.push_back(Ok(opened(Outcome::Replayed, NOON))));
    block_on(till.look());
    assert!(
        matches!(bench.screen(), Screen::Register { .. }),
        "the shift that the cashier gave up on is open"
    );
}

#[test]
fn a_restart_shows_the_shift_before_the_server_is_asked_and_then_confirms_it() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Ok(opened(Outcome::Created, NOON))));
    block_on(till.start_shift("200.00", false));
    drop(till);
    let again = bench.start();
    let Screen::Register { connection, sign_in_needed, .. } = again.snapshot().screen else {
        panic!("no shift")
    };
    assert!(matches!(connection, Link::Checking { .. }));
    assert!(!sign_in_needed);
    bench.set(|table| table.logins.extend([Err(unreachable()), Ok(Some(staff(4)))]));
    block_on(again.look());
    let Screen::Register { connection, .. } = bench.screen() else { panic!("no shift") };
    assert!(matches!(connection, Link::Offline { .. }), "the network is down, the shift stays");
    assert_eq!(bench.fault(), None, "silence shows as age, not as an error");
    block_on(again.look());
    let Screen::Register { connection, .. } = bench.screen() else { panic!("no shift") };
    assert!(matches!(connection, Link::Confirmed { .. }));
}

#[test]
fn an_end_elsewhere_fences_and_stays_on_screen_until_it_was_read() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| {
        table.opens.push_back(Ok(opened(Outcome::Created, NOON)));
        table.looks.push_back(Ok(Seen::Session(Box::new(session(SessionStatus::Closed, NOON, 9)))));
    });
    block_on(till.start_shift("200.00", false));
    assert!(matches!(bench.screen(), Screen::Fenced { .. }));
    drop(till);
    let again = bench.start();
    bench.set(|table| {
        table.logins.push_back(Ok(Some(staff(4))));
        table.looks.push_back(Ok(Seen::Session(Box::new(session(SessionStatus::Closed, NOON, 9)))));
    });
    block_on(again.look());
    assert!(matches!(bench.screen(), Screen::Fenced { .. }), "a restart does not swallow the notice");
    block_on(again.acknowledge_end());
    assert!(matches!(bench.screen(), Screen::StartShift { .. }));
    assert!(bench.set(|table| table.file.active.is_none()));
}

#[test]
fn a_login_that_ended_keeps_the_shift_and_asks_to_sign_in() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| {
        table.opens.push_back(Ok(opened(Outcome::Created, NOON)));
        table.looks.push_back(Err(Fault::new(Code::SignedOut, "refresh_token_not_found")));
    });
    block_on(till.start_shift("200.00", false));
    assert!(matches!(bench.screen(), Screen::Register { sign_in_needed: true, .. }));
    bench.set(|table| table.logins.push_back(Ok(Some(staff(4)))));
    block_on(till.sign_in("ana@demo.example", &password()));
    assert!(matches!(bench.screen(), Screen::Register { sign_in_needed: false, .. }));
}

#[test]
fn a_session_of_an_earlier_day_is_put_to_the_cashier() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Ok(opened(Outcome::Joined, NOON - DAY))));
    block_on(till.start_shift("200.00", false));
    assert!(matches!(bench.screen(), Screen::EarlierDay { .. }));
    block_on(till.go_on());
    assert!(matches!(bench.screen(), Screen::Register { .. }));
    drop(till);
    assert!(
        matches!(bench.start().snapshot().screen, Screen::Register { .. }),
        "asked once a day, not at every start"
    );
    bench.set(|table| table.now += DAY);
    assert!(matches!(bench.start().snapshot().screen, Screen::EarlierDay { .. }), "but again the next day");
}

#[test]
fn a_running_shift_is_not_interrupted_when_the_day_turns() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Ok(opened(Outcome::Created, NOON))));
    block_on(till.start_shift("200.00", false));
    bench.set(|table| table.now += DAY);
    block_on(till.look());
    assert!(matches!(bench.screen(), Screen::Register { .. }));
}

#[test]
fn leaving_detaches_this_device_only() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Ok(opened(Outcome::Joined, NOON))));
    block_on(till.start_shift("200.00", false));
    block_on(till.leave_shift());
    assert!(matches!(bench.screen(), Screen::StartShift { .. }));
    assert!(bench.set(|table| table.file.active.is_none()));
}

#[test]
fn somebody_of_another_shop_does_not_get_this_shops_shift() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Ok(opened(Outcome::Created, NOON))));
    block_on(till.start_shift("200.00", false));
    block_on(till.sign_out());
    bench.set(|table| table.logins.push_back(Ok(Some(staff(77)))));
    block_on(till.sign_in("otto@other.example", &password()));
    assert!(matches!(bench.screen(), Screen::ChooseRegister { .. }));
    assert!(bench.set(|table| table.file.active.is_some()), "the first shop's shift stays in the file");
}

#[test]
fn a_quiet_hour_of_polling_does_not_wear_out_the_disk() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Ok(opened(Outcome::Created, NOON))));
    block_on(till.start_shift("200.00", false));
    let before = bench.set(|table| table.writes);
    for _poll in 0..1800 {
        bench.set(|table| table.now += 2);
        block_on(till.look());
    }
    let writes = bench.set(|table| table.writes) - before;
    assert!((50..=61).contains(&writes), "about once a minute, so that the age survives a crash: {writes}");
}

#[test]
fn pace_follows_what_is_at_stake() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    assert_eq!(block_on(till.look()).as_secs(), 5);
    bench.set(|table| table.opens.push_back(Ok(opened(Outcome::Created, NOON))));
    block_on(till.start_shift("200.00", false));
    assert_eq!(block_on(till.look()).as_secs(), 2, "another device's act shows within three seconds");
    block_on(till.sign_out());
    assert_eq!(block_on(till.look()).as_secs(), 30);
}

#[test]
fn the_kept_session_is_whole() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Ok(opened(Outcome::Joined, NOON))));
    block_on(till.start_shift("150.00", false));
    let kept: ActiveSession = bench.set(|table| table.file.active.clone()).unwrap();
    assert_eq!(kept.own_opening_cash, "150.00".parse().unwrap());
    assert_eq!(kept.outcome, Outcome::Joined);
    assert_eq!(kept.session, session(SessionStatus::Open, NOON, 1));
}

fn in_shift(bench: &Bench) -> BenchTill {
    let till = at_start_screen(bench);
    bench.set(|table| table.opens.push_back(Ok(opened(Outcome::Created, NOON))));
    block_on(till.start_shift("200.00", false));
    till
}

fn pay_out(amount: &str) -> MovementRequest {
    MovementRequest {
        kind: MovementKind::PayOut,
        amount: amount.into(),
        reason: "supplies".into(),
        note: String::new(),
        reference: String::new(),
    }
}

fn queue(bench: &Bench) -> Vec<Entry> {
    bench.set(|table| table.shown.last().unwrap().queue.clone())
}

fn session_over() -> Fault {
    Fault::new(Code::SessionOver, "POS_SESSION_OVER")
}

#[test]
fn an_entry_is_on_disk_before_it_shows_and_is_sent_with_the_next_look() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.record(&pay_out("12.30"));
    assert_eq!(queue(&bench).len(), 1);
    assert_eq!(bench.set(|table| table.file.queue.len()), 1);
    block_on(till.look());
    assert!(queue(&bench).is_empty());
    assert_eq!(bench.set(|table| (table.ledger.len(), table.file.queue.len())), (1, 0));
    let Screen::Register { movements, .. } = bench.screen() else { panic!() };
    assert_eq!(movements.len(), 1, "what was sent is in the list at once");
}

#[test]
fn a_full_disk_promises_nothing() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    bench.set(|table| table.disk_full = true);
    till.record(&pay_out("12.30"));
    assert_eq!(bench.fault().unwrap().code, Code::StoreFailed);
    assert!(queue(&bench).is_empty());
}

#[test]
fn amounts_that_are_none_are_refused() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    for amount in ["0", "0.00", "-5", "1,50", "", "1.234"] {
        till.record(&pay_out(amount));
        assert_eq!(bench.fault().unwrap().code, Code::BadMovement, "{amount:?}");
    }
    till.record(&MovementRequest { kind: MovementKind::NoSale, ..pay_out("") });
    assert_eq!(bench.fault(), None, "a no-sale has no amount");
    assert_eq!(queue(&bench).len(), 1);
}

#[test]
fn three_entries_over_silence_a_crash_and_a_lost_answer_arrive_once_each_and_in_order() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    for amount in ["1.00", "2.00", "3.00"] {
        till.record(&pay_out(amount));
    }
    bench.set(|table| table.records.push_back(Err(unreachable())));
    block_on(till.look());
    assert_eq!(queue(&bench).len(), 3, "nothing is lost to silence");
    bench.set(|table| table.records.extend([Ok(()), Err(lost())]));
    block_on(till.look());
    drop(till);
    bench.set(|table| table.logins.push_back(Ok(Some(staff(4)))));
    let again = bench.start();
    assert_eq!(again.snapshot().queue.len(), 2, "the lost one and the third are still there");
    block_on(again.look());
    block_on(again.look());
    assert!(queue(&bench).is_empty());
    let sent: Vec<String> =
        bench.set(|table| table.ledger.iter().map(|movement| movement.amount.to_string()).collect());
    assert_eq!(sent, ["1.00", "2.00", "3.00"]);
}

#[test]
fn a_refused_entry_stays_visible_and_does_not_hold_up_the_next() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.record(&pay_out("1.00"));
    till.record(&pay_out("2.00"));
    bench.set(|table| table.records.extend([Err(session_over()), Ok(())]));
    block_on(till.look());
    let left = queue(&bench);
    assert_eq!(left.len(), 1);
    assert!(matches!(&left[0].state, EntryState::Refused { code: Code::SessionOver, .. }));
    till.record_again(left[0].movement.id);
    let renewed = queue(&bench);
    assert_eq!(renewed.len(), 1);
    assert_ne!(renewed[0].movement.id, left[0].movement.id, "a new entry with a new id");
    block_on(till.look());
    assert_eq!(bench.set(|table| table.ledger.len()), 2);
    assert!(queue(&bench).is_empty());
}

#[test]
fn a_waiting_entry_cannot_be_dismissed_but_a_refused_one_can() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.record(&pay_out("1.00"));
    let id = queue(&bench)[0].movement.id;
    till.dismiss_entry(id);
    assert_eq!(queue(&bench).len(), 1, "it may be on its way");
    bench.set(|table| table.records.push_back(Err(session_over())));
    block_on(till.look());
    till.dismiss_entry(id);
    assert!(queue(&bench).is_empty());
}

#[test]
fn what_waits_outlives_the_shift_and_is_not_sent_under_another_shop() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.record(&pay_out("1.00"));
    block_on(till.leave_shift());
    block_on(till.sign_out());
    bench.set(|table| table.ledger.clear());
    till.record(&pay_out("5.00"));
    assert_eq!(bench.fault().unwrap().code, Code::NotNow, "without a shift nothing is recorded");
    // Entries of the first shop, while somebody of the second is signed in.
    let bench = Bench::default();
    let till = in_shift(&bench);
    block_on(till.sign_out());
    bench.set(|table| table.logins.push_back(Ok(Some(staff(4)))));
    block_on(till.sign_in("ana@demo.example", &password()));
    till.record(&pay_out("1.00"));
    bench.set(|table| table.logins.push_back(Ok(Some(staff(77)))));
    block_on(till.sign_out());
    block_on(till.sign_in("otto@other.example", &password()));
    block_on(till.look());
    assert_eq!(bench.set(|table| (table.ledger.len(), table.file.queue.len())), (0, 1));
}

#[test]
fn a_movement_is_taken_back_once_and_by_an_entry_that_names_it() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.record(&pay_out("12.30"));
    block_on(till.look());
    let id = bench.set(|table| table.ledger[0].id);
    till.take_back(id, "wrong amount");
    till.take_back(id, "pressed twice");
    assert_eq!(bench.fault().unwrap().code, Code::BadMovement);
    block_on(till.look());
    let ledger = bench.set(|table| table.ledger.clone());
    assert_eq!(ledger.len(), 2);
    assert_eq!(ledger[1].reverses, Some(id));
    assert_eq!(ledger[0].effect() + ledger[1].effect(), rust_decimal::Decimal::ZERO);
}

#[test]
fn a_wrong_device_clock_is_told_and_does_not_turn_the_day() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    drop(till);
    // Overnight the battery died: the computer believes that it is two days later.
    bench.set(|table| {
        table.now += 2 * DAY;
        table.logins.push_back(Ok(Some(staff(4))));
    });
    let again = bench.start();
    assert!(matches!(again.snapshot().screen, Screen::EarlierDay { .. }), "as far as this computer can tell");
    bench.set(|table| table.ahead = Some(jiff::SignedDuration::from_secs(-2 * DAY)));
    block_on(again.look());
    assert!(matches!(bench.screen(), Screen::Register { .. }), "the server's clock decides");
    let shown = bench.set(|table| table.shown.last().unwrap().clock_behind_seconds);
    assert_eq!(shown, Some(-2 * DAY));
    bench.set(|table| table.ahead = Some(jiff::SignedDuration::from_secs(59)));
    block_on(again.look());
    assert_eq!(bench.set(|table| table.shown.last().unwrap().clock_behind_seconds), None);
}

#[test]
fn a_start_whose_wait_was_dropped_can_be_asked_again() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.silent = true);
    {
        let mut start = std::pin::pin!(till.start_shift("200.00", false));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(start.as_mut().poll(&mut context).is_pending(), "the server says nothing");
    }
    bench.set(|table| {
        table.silent = false;
        table.opens.push_back(Ok(opened(Outcome::Created, NOON)));
    });
    block_on(till.start_shift("200.00", false));
    assert!(matches!(bench.screen(), Screen::Register { .. }));
    bench.set(|table| assert_eq!(table.file.active.as_ref().map(|active| active.session.revision), Some(1)));
}

#[test]
fn a_refused_reversal_that_is_recorded_again_still_takes_back() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.record(&pay_out("12.30"));
    block_on(till.look());
    let original = bench.set(|table| table.ledger[0].clone());
    till.take_back(original.id, "wrong amount");
    bench.set(|table| table.records.push_back(Err(session_over())));
    block_on(till.look());
    till.record_again(queue(&bench)[0].movement.id);
    block_on(till.look());
    let ledger = bench.set(|table| table.ledger.clone());
    assert_eq!(ledger.len(), 2);
    assert_eq!(ledger[0].effect() + ledger[1].effect(), rust_decimal::Decimal::ZERO);
}
