//! The till over a world in which everything can fail at any step: whatever happens, what it shows is true.

mod agreement;
mod allowed;
mod board;
mod closing;
mod expected_cash;
mod keeping;
mod lock;
mod office;
mod order;
mod practice;
mod press;
mod queue;
mod returning;
mod selling;
mod shop;
mod world;

use super::{Command, CommandName, Outcome, state::Login};
use crate::{
    Code, Fault, Retry, SessionOutcome, SessionStatus,
    device::{ActiveSession, ConnectionState},
    ports::Seen,
    view::{ExitWarning, Screen, Snapshot},
};
use pollster::block_on;
use press::BenchTill;
use secrecy::SecretString;
use world::{Bench, opened, register, session, staff};

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
    bench.set(|table| table.opens.push_back(Ok(opened(SessionOutcome::Created, NOON))));
    block_on(till.start_shift("200.00", false));
    let Screen::Register { outcome, connection, .. } = bench.screen() else { panic!("{:?}", bench.screen()) };
    assert_eq!(outcome, SessionOutcome::Created);
    assert!(matches!(connection, ConnectionState::Confirmed { .. }));
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
    bench.set(|table| table.opens.push_back(Ok(opened(SessionOutcome::Replayed, NOON))));
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
        table.opens.push_back(Ok(opened(SessionOutcome::Replayed, NOON)));
    });
    let again = bench.start();
    block_on(again.poll());
    block_on(again.poll());
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
    block_on(till.poll());
    assert!(bench.set(|table| table.file.intent.is_some()), "still open: the first request may have run");
    block_on(till.poll());
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
    bench.set(|table| table.opens.push_back(Ok(opened(SessionOutcome::Replayed, NOON))));
    block_on(till.poll());
    assert!(
        matches!(bench.screen(), Screen::Register { .. }),
        "the shift that the cashier gave up on is open"
    );
}

#[test]
fn a_restart_shows_the_shift_before_the_server_is_asked_and_then_confirms_it() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Ok(opened(SessionOutcome::Created, NOON))));
    block_on(till.start_shift("200.00", false));
    drop(till);
    let again = bench.start();
    let Screen::Register { connection, sign_in_needed, .. } = again.snapshot().screen else {
        panic!("no shift")
    };
    assert!(matches!(connection, ConnectionState::Checking { .. }));
    assert!(!sign_in_needed);
    bench.set(|table| table.logins.extend([Err(unreachable()), Ok(Some(staff(4)))]));
    block_on(again.poll());
    let Screen::Register { connection, .. } = bench.screen() else { panic!("no shift") };
    assert!(matches!(connection, ConnectionState::Offline { .. }), "the network is down, the shift stays");
    assert_eq!(bench.fault(), None, "silence shows as age, not as an error");
    block_on(again.poll());
    let Screen::Register { connection, .. } = bench.screen() else { panic!("no shift") };
    assert!(matches!(connection, ConnectionState::Confirmed { .. }));
}

#[test]
fn an_end_elsewhere_fences_and_stays_on_screen_until_it_was_read() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| {
        table.opens.push_back(Ok(opened(SessionOutcome::Created, NOON)));
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
    block_on(again.poll());
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
        table.opens.push_back(Ok(opened(SessionOutcome::Created, NOON)));
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
    bench.set(|table| table.opens.push_back(Ok(opened(SessionOutcome::Joined, NOON - DAY))));
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
    bench.set(|table| table.opens.push_back(Ok(opened(SessionOutcome::Created, NOON))));
    block_on(till.start_shift("200.00", false));
    bench.set(|table| table.now += DAY);
    block_on(till.poll());
    assert!(matches!(bench.screen(), Screen::Register { .. }));
}

#[test]
fn a_till_is_at_rest_while_nothing_is_open_or_under_way_here() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    assert!(till.is_at_rest());
    bench.set(|table| table.opens.push_back(Err(lost())));
    block_on(till.start_shift("200.00", false));
    assert!(!till.is_at_rest(), "a shift may have been opened");
    bench.set(|table| table.opens.push_back(Ok(opened(SessionOutcome::Created, NOON))));
    block_on(till.poll());
    assert!(matches!(bench.screen(), Screen::Register { .. }));
    assert!(!till.is_at_rest(), "a shift is open");
    block_on(till.leave_shift());
    assert!(till.is_at_rest());
    let clock = till.store_clock().map(|(time, cutoff)| (time.to_string(), cutoff.to_string()));
    assert_eq!(clock, Some(("12:00:00".to_owned(), "04:00:00".to_owned())));
}

#[test]
fn leaving_detaches_this_device_only() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Ok(opened(SessionOutcome::Joined, NOON))));
    block_on(till.start_shift("200.00", false));
    block_on(till.leave_shift());
    assert!(matches!(bench.screen(), Screen::StartShift { .. }));
    assert!(bench.set(|table| table.file.active.is_none()));
}

#[test]
fn somebody_of_another_shop_does_not_get_this_shops_shift() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Ok(opened(SessionOutcome::Created, NOON))));
    block_on(till.start_shift("200.00", false));
    block_on(till.sign_out());
    bench.set(|table| table.logins.push_back(Ok(Some(staff(77)))));
    block_on(till.sign_in("otto@other.example", &password()));
    assert!(matches!(bench.screen(), Screen::ChooseRegister { .. }));
    assert!(bench.set(|table| table.file.active.is_some()), "the first shop's shift stays in the file");
    assert_eq!(
        bench.set(|table| table.file.assignment.clone()),
        None,
        "and a restart does not show it either"
    );
}

#[test]
fn a_till_that_was_unlocked_before_the_kept_login_was_asked_does_not_wait_for_it() {
    let bench = Bench::default();
    bench.set(|table| table.now = NOON);
    bench.set(|table| table.file.staff = Some(staff(4)));
    let till = bench.start();
    till.lock_screen();
    bench.set(|table| table.logins.push_back(Ok(Some(staff(4)))));
    block_on(till.sign_in("ana@demo.example", &password()));
    assert!(
        matches!(bench.screen(), Screen::ChooseRegister { registers: Some(_), .. }),
        "{:?}",
        bench.screen()
    );
    assert_eq!(till.snapshot().busy, None);
}

#[test]
fn that_the_login_could_not_be_saved_stays_on_the_screen() {
    let bench = Bench::default();
    bench.set(|table| {
        table.now = NOON;
        table.logins.push_back(Ok(Some(staff(4))));
        table.disk_full = true;
    });
    let till = bench.start();
    block_on(till.sign_in("ana@demo.example", &password()));
    assert_eq!(bench.fault().map(|fault| fault.code), Some(Code::StoreFailed));
    bench.set(|table| table.disk_full = false);
    block_on(till.choose_register(register(1, None).id));
    bench.set(|table| assert_eq!(table.file.staff, Some(staff(4)), "it is written with whatever comes next"));
}

#[test]
fn a_quiet_hour_of_polling_does_not_wear_out_the_disk() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Ok(opened(SessionOutcome::Created, NOON))));
    block_on(till.start_shift("200.00", false));
    let before = bench.set(|table| table.writes);
    for _poll in 0..1800 {
        bench.set(|table| table.now += 2);
        block_on(till.poll());
    }
    let writes = bench.set(|table| table.writes) - before;
    assert!((50..=61).contains(&writes), "about once a minute, so that the age survives a crash: {writes}");
}

#[test]
fn pace_follows_what_is_at_stake() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    assert_eq!(block_on(till.poll()).as_secs(), 5);
    bench.set(|table| table.opens.push_back(Ok(opened(SessionOutcome::Created, NOON))));
    block_on(till.start_shift("200.00", false));
    assert_eq!(block_on(till.poll()).as_secs(), 2, "another device's act shows within three seconds");
    block_on(till.sign_out());
    assert_eq!(block_on(till.poll()).as_secs(), 30);
}

#[test]
fn the_kept_session_is_whole() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Ok(opened(SessionOutcome::Joined, NOON))));
    block_on(till.start_shift("150.00", false));
    let kept: ActiveSession = bench.set(|table| table.file.active.clone()).unwrap();
    assert_eq!(kept.own_opening_cash, "150.00".parse().unwrap());
    assert_eq!(kept.outcome, SessionOutcome::Joined);
    assert_eq!(kept.session, session(SessionStatus::Open, NOON, 1));
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
    block_on(again.poll());
    assert!(matches!(bench.screen(), Screen::Register { .. }), "the server's clock decides");
    let shown = bench.set(|table| table.shown.last().unwrap().clock_behind_seconds);
    assert_eq!(shown, Some(-2 * DAY));
    bench.set(|table| table.ahead = Some(jiff::SignedDuration::from_secs(59)));
    block_on(again.poll());
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
        table.opens.push_back(Ok(opened(SessionOutcome::Created, NOON)));
    });
    block_on(till.start_shift("200.00", false));
    assert!(matches!(bench.screen(), Screen::Register { .. }));
    bench.set(|table| assert_eq!(table.file.active.as_ref().map(|active| active.session.revision), Some(1)));
}

#[test]
fn a_start_whose_wait_was_dropped_may_have_run() {
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
        table.opens.push_back(Err(unreachable()));
    });
    block_on(till.poll());
    bench.set(|table| assert!(table.file.intent.is_some(), "the first request may have arrived"));
}

fn in_shift(bench: &Bench) -> BenchTill {
    let till = at_start_screen(bench);
    bench.set(|table| table.opens.push_back(Ok(opened(SessionOutcome::Created, NOON))));
    block_on(till.start_shift("200.00", false));
    till
}

#[test]
fn a_file_that_was_set_aside_is_told_until_somebody_has_read_it() {
    let bench = Bench::default();
    let aside = crate::ports::SetAside {
        path: "/data/onetill.sqlite.set-aside-1".into(),
        rescued: 2,
        complete: true,
    };
    bench.set(|table| table.file.set_aside.push(aside.clone()));
    let till = at_start_screen(&bench);
    let told = |bench: &Bench| bench.set(|table| table.shown.last().unwrap().set_aside.clone());
    assert_eq!(told(&bench), std::slice::from_ref(&aside));

    bench.set(|table| table.disk_full = true);
    till.acknowledge_set_aside();
    assert_eq!(told(&bench), [aside], "what the file does not know as read is told again");
    assert_eq!(bench.fault().unwrap().code, Code::StoreFailed);

    bench.set(|table| table.disk_full = false);
    till.acknowledge_set_aside();
    assert!(told(&bench).is_empty());
    assert!(bench.start().snapshot().set_aside.is_empty(), "after a restart, too");
}

#[test]
fn the_program_ends_unasked_only_where_nothing_stays_behind() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    assert_eq!(till.exit_warning(), None);
    bench.set(|table| table.opens.push_back(Err(lost())));
    block_on(till.start_shift("200.00", false));
    assert!(till.exit_warning().unwrap().shift, "it may have been started");
    bench.set(|table| table.opens.push_back(Ok(opened(SessionOutcome::Replayed, NOON))));
    block_on(till.poll());
    till.lock_screen();
    assert_eq!(
        till.exit_warning(),
        Some(ExitWarning { shift: true, count: false, unsent: 0 }),
        "locked or not"
    );
    bench.set(|table| table.confirms.push_back(Ok(None)));
    block_on(till.unlock(staff(4).user_id, &password()));
    bench.set(|table| {
        let over = session(SessionStatus::Closed, NOON, 9);
        table.looks.push_back(Ok(Seen::Session(Box::new(over))));
    });
    block_on(till.poll());
    assert_eq!(till.exit_warning(), None, "a shift that is over");
}

#[test]
fn an_earlier_database_part_is_offered_no_close() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    bench.set(|table| table.older = true);
    block_on(till.open_checklist());
    assert!(till.snapshot().older_server, "the window is told not to offer it");
    assert!(matches!(bench.screen(), Screen::Register { .. }), "{:?}", bench.screen());
    assert_eq!(bench.fault().map(|fault| fault.code), Some(Code::OlderServer));
}
