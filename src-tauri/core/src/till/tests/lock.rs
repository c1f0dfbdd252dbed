//! A locked till: what it hides, what it refuses, what runs on behind it, and who opens it.

use super::{
    NOON, at_start_screen,
    closing::{step, sum},
    in_shift,
    office::Office,
    password,
    press::BenchTill,
    unreachable,
    world::{Bench, session, staff},
};
use crate::{
    Amount, Code, Fault, IntentKey, MovementKind, MovementRequest, Role, SessionOutcome, SessionStatus,
    Staff, Tally, UserId,
    closing::CloseIntent,
    lock::Person,
    ports::Seen,
    view::{ClosingStep, Screen, Snapshot},
};
use pollster::block_on;
use uuid::Uuid;

fn ben() -> Staff {
    Staff { user_id: UserId(Uuid::from_u128(50)), display_name: "Ben".into(), ..staff(4) }
}

pub(super) fn manager() -> Staff {
    Staff { role: Role::Manager, ..staff(4) }
}

fn wrong() -> Fault {
    Fault::new(Code::WrongPassword, "400 invalid_credentials")
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

fn shown(bench: &Bench) -> Snapshot {
    bench.set(|table| table.shown.last().unwrap().clone())
}

fn unlock(bench: &Bench, till: &BenchTill, answer: Result<Option<Staff>, Fault>) {
    bench.set(|table| table.confirms.push_back(answer));
    block_on(till.unlock(staff(4).user_id, &password()));
}

fn is_locked(bench: &Bench) -> bool {
    matches!(bench.screen(), Screen::Locked { .. })
}

/// A manager's shift with an entry that waits, a report on the screen and cash that they may see.
pub(super) fn with_much_to_hide(bench: &Bench) -> BenchTill {
    let till = in_shift(bench);
    bench.set(|table| {
        table.logins.push_back(Ok(Some(manager())));
        table.office = Office::opened("4321.00");
        table.office.change(|session| session.expected_cash = Some("4321.00".parse().unwrap()));
        table.office.close = Some(CloseIntent {
            key: IntentKey(Uuid::nil()),
            count_id: None,
            reason: "supplies".into(),
            left_in_drawer: Some("200.00".parse().unwrap()),
        });
        table.records.push_back(Err(unreachable()));
        table.file.set_aside.clear();
    });
    block_on(till.sign_in("mara@demo.example", &password()));
    till.record(&pay_out("12.30"));
    block_on(till.poll());
    block_on(till.show_z_report(session(SessionStatus::Open, NOON, 1).id));
    assert!(shown(bench).report.is_some(), "a report is on the screen");
    assert_eq!(shown(bench).unsent, 1, "an entry waits");
    till
}

#[test]
fn a_locked_till_shows_no_money_and_everything_is_back_when_it_opens() {
    let bench = Bench::default();
    let till = with_much_to_hide(&bench);
    let before = shown(&bench);
    till.lock_screen();

    let locked = shown(&bench);
    let Screen::Locked { holder, shift_runs, unsent, needs_email, ref register, .. } = locked.screen.clone()
    else {
        panic!("{:?}", locked.screen)
    };
    assert_eq!(holder.map(|holder| holder.name).as_deref(), Some("Ana"));
    assert_eq!((shift_runs, unsent, needs_email), (true, 1, false));
    assert_eq!(register.as_ref().map(|label| label.number.as_str()), Some("REG-1"));
    let told = format!("{locked:?}");
    for secret in ["4321", "12.30", "200.00", "Amount", "supplies", "REG-1-000001", "Manager"] {
        assert!(!told.contains(secret), "{secret} is told by {told}");
    }
    assert_eq!(told.matches("register").count(), 1, "the check above would find it");

    bench.set(|table| table.records.push_back(Err(unreachable())));
    unlock(&bench, &till, Ok(Some(manager())));
    let after = shown(&bench);
    assert_eq!((after.screen, after.unsent, after.report), (before.screen, before.unsent, before.report));
}

#[test]
fn the_queue_is_sent_and_the_shift_is_watched_while_it_is_locked() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.record(&pay_out("12.30"));
    till.lock_screen();
    assert_eq!(block_on(till.poll()).as_secs(), 2, "as often as ever");
    assert_eq!(bench.set(|table| (table.ledger.len(), table.file.queue.len())), (1, 0));
    assert!(matches!(bench.screen(), Screen::Locked { unsent: 0, shift_runs: true, offline: false, .. }));

    bench.set(|table| table.looks.push_back(Err(unreachable())));
    block_on(till.poll());
    assert!(matches!(bench.screen(), Screen::Locked { offline: true, .. }));

    let over = session(SessionStatus::Closed, NOON, 9);
    bench.set(|table| table.looks.push_back(Ok(Seen::Session(Box::new(over)))));
    block_on(till.poll());
    assert!(matches!(bench.screen(), Screen::Locked { shift_runs: false, .. }));
    unlock(&bench, &till, Ok(Some(staff(4))));
    assert!(matches!(bench.screen(), Screen::Fenced { .. }), "who opens it is told what happened");
}

#[test]
fn a_restart_finds_it_locked_until_somebody_has_opened_it() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.lock_screen();
    drop(till);
    let again = bench.start();
    assert!(matches!(again.snapshot().screen, Screen::Locked { .. }), "before the server is asked");
    bench.set(|table| table.logins.push_back(Ok(Some(staff(4)))));
    block_on(again.poll());
    assert!(is_locked(&bench), "the kept login resumes and opens nothing");
    unlock(&bench, &again, Ok(Some(staff(4))));
    assert!(matches!(bench.screen(), Screen::Register { .. }));
    drop(again);
    assert!(matches!(bench.start().snapshot().screen, Screen::Register { .. }));
}

#[test]
fn a_wrong_password_opens_nothing_and_hides_no_earlier_fault() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.record(&pay_out("0"));
    let told = bench.fault();
    assert!(told.is_some());
    till.lock_screen();
    assert_eq!(bench.fault(), None, "what went wrong before may tell an amount");
    unlock(&bench, &till, Err(wrong()));
    assert!(is_locked(&bench));
    assert_eq!(bench.fault().unwrap().code, Code::WrongPassword);
    unlock(&bench, &till, Ok(Some(ben())));
    assert!(is_locked(&bench), "the right password of another person is none");
    unlock(&bench, &till, Ok(None));
    assert!(matches!(bench.screen(), Screen::Register { .. }), "without the server, by its last word");
    assert!(bench.set(|table| table.file.lock.is_none()));
}

#[test]
fn what_went_wrong_before_is_told_again_to_who_comes_back() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Err(super::refused())));
    block_on(till.start_shift("200.00", false));
    let told = bench.fault();
    till.lock_screen();
    bench.set(|table| table.confirms.push_back(Ok(Some(staff(4)))));
    let shows = bench.set(|table| table.shown.len());
    block_on(till.unlock(staff(4).user_id, &password()));
    let opened =
        bench.set(|table| table.shown[shows..].iter().find(|it| it.busy.is_none()).cloned()).unwrap();
    assert!(matches!(opened.screen, Screen::StartShift { .. }));
    assert_eq!(opened.fault, told);
}

#[test]
fn a_colleague_takes_over_and_sees_nothing_that_was_not_theirs() {
    let bench = Bench::default();
    let till = with_much_to_hide(&bench);
    assert!(matches!(bench.screen(), Screen::Register { expected_cash: Some(_), .. }));
    till.lock_screen();
    bench.set(|table| {
        table.logins.push_back(Ok(Some(ben())));
        table.office.change(|session| session.expected_cash = None);
    });
    block_on(till.sign_in("ben@demo.example", &password()));
    let now = shown(&bench);
    assert_eq!(now.staff.unwrap().display_name, "Ben");
    assert_eq!(now.report, None, "the report was the manager's");
    assert!(matches!(now.screen, Screen::Register { expected_cash: None, .. }));
    bench.set(|table| {
        assert_eq!(table.file.staff.as_ref().unwrap().display_name, "Ben");
        assert_eq!(table.ledger.len(), 1, "what waited under the lock is sent by who came");
        let opened = table.shown.iter().filter(|it| matches!(it.screen, Screen::Register { .. }));
        let bens = opened.filter(|it| it.staff.as_ref().is_some_and(|staff| staff.display_name == "Ben"));
        for snapshot in bens {
            let expects = matches!(&snapshot.screen, Screen::Register { session, .. } if session.expected_cash.is_some());
            assert!(!expects, "not for one moment");
        }
    });
}

#[test]
fn a_colleague_who_was_here_lately_needs_only_their_password() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    let person = |staff: Staff| Person { user_id: staff.user_id, name: staff.display_name };
    bench.set(|table| table.people = vec![person(staff(4)), person(ben())]);
    till.lock_screen();
    let Screen::Locked { holder, others, .. } = bench.screen() else { panic!() };
    assert_eq!((holder, others), (Some(person(staff(4))), vec![person(ben())]));

    bench.set(|table| table.confirms.push_back(Ok(None)));
    block_on(till.unlock(ben().user_id, &password()));
    assert!(is_locked(&bench), "without the server nobody but who locked it gets in");
    bench.set(|table| table.confirms.push_back(Ok(Some(ben()))));
    block_on(till.unlock(ben().user_id, &password()));
    assert!(matches!(bench.screen(), Screen::Register { .. }));
    assert_eq!(shown(&bench).staff.unwrap().display_name, "Ben");
}

#[test]
fn a_colleague_who_cannot_sign_in_leaves_the_one_before_signed_in() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.lock_screen();
    for fault in [wrong(), unreachable(), Fault::new(Code::NotStaff, "no staff")] {
        let code = fault.code;
        bench.set(|table| table.logins.push_back(Err(fault)));
        block_on(till.sign_in("ben@demo.example", &password()));
        assert!(is_locked(&bench));
        assert_eq!(bench.fault().unwrap().code, code);
    }
    till.record(&pay_out("1.00"));
    assert_eq!(block_on(till.poll()).as_secs(), 2, "still watched under the first login");
    unlock(&bench, &till, Ok(Some(staff(4))));
    assert!(matches!(bench.screen(), Screen::Register { sign_in_needed: false, .. }));
}

#[test]
fn somebody_of_another_shop_opens_no_shift_of_this_one() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.lock_screen();
    bench.set(|table| table.logins.push_back(Ok(Some(staff(77)))));
    block_on(till.sign_in("otto@other.example", &password()));
    assert!(matches!(bench.screen(), Screen::ChooseRegister { .. }));
}

#[test]
fn a_running_count_outlives_the_lock_a_restart_and_a_change_of_cashier() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    bench.set(|table| table.office = Office::opened("250.00"));
    block_on(till.open_checklist());
    block_on(till.begin_count(false));
    till.keep_tally(sum("123.45"));
    till.lock_screen();
    // The last digit was on its way when the lock fell.
    till.keep_tally(sum("123.46"));
    assert!(matches!(bench.screen(), Screen::Locked { count_waits: true, .. }));
    assert!(till.exit_warning().unwrap().count);
    assert!(!format!("{:?}", shown(&bench)).contains("123.4"));
    drop(till);

    let again = bench.start();
    bench.set(|table| table.logins.push_back(Ok(Some(staff(4)))));
    block_on(again.poll());
    bench.set(|table| table.logins.push_back(Ok(Some(ben()))));
    block_on(again.sign_in("ben@demo.example", &password()));
    let ClosingStep::Count { tally, .. } = step(&bench) else { panic!("{:?}", bench.screen()) };
    assert_eq!(tally, Tally::Sum { amount: "123.46".parse::<Amount>().unwrap() });
    block_on(again.commit_count(tally));
    assert!(matches!(step(&bench), ClosingStep::Result { .. }));
}

#[test]
fn an_answer_that_comes_under_the_lock_is_taken() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Err(super::lost())));
    block_on(till.start_shift("150.00", false));
    till.lock_screen();
    bench.set(|table| table.opens.push_back(Ok(super::opened(SessionOutcome::Replayed, NOON))));
    block_on(till.poll());
    assert!(matches!(bench.screen(), Screen::Locked { shift_runs: true, .. }));
    unlock(&bench, &till, Ok(Some(staff(4))));
    assert!(matches!(bench.screen(), Screen::Register { .. }));
}

#[test]
fn there_is_nothing_to_lock_before_somebody_signs_in() {
    let bench = Bench::default();
    let till = bench.start();
    bench.set(|table| table.logins.push_back(Ok(None)));
    block_on(till.poll());
    till.lock_screen();
    assert!(matches!(bench.screen(), Screen::SignIn { .. }));
    assert!(bench.set(|table| table.file.lock.is_none()));
}

#[test]
fn a_shift_that_runs_with_nobody_signed_in_is_locked_and_opened_by_a_sign_in() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    block_on(till.sign_out());
    till.lock_screen();
    assert!(matches!(bench.screen(), Screen::Locked { holder: None, needs_email: true, .. }));
    unlock(&bench, &till, Ok(None));
    assert!(is_locked(&bench), "nobody has locked it, so nobody's password opens it without the server");
    bench.set(|table| table.logins.push_back(Ok(Some(ben()))));
    block_on(till.sign_in("ben@demo.example", &password()));
    assert!(matches!(bench.screen(), Screen::Register { sign_in_needed: false, .. }));
}

#[test]
fn a_disk_that_cannot_keep_it_locks_and_opens_all_the_same() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    bench.set(|table| table.disk_full = true);
    till.lock_screen();
    assert!(is_locked(&bench));
    assert_eq!(bench.fault().unwrap().code, Code::StoreFailed, "a restart would not find it locked");
    unlock(&bench, &till, Ok(None));
    assert!(matches!(bench.screen(), Screen::Register { .. }));
}

#[test]
fn impatient_tries_ask_once_and_a_dropped_one_can_be_made_again() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.lock_screen();
    bench.set(|table| table.silent = true);
    {
        let secret = password();
        let mut first = std::pin::pin!(till.unlock(staff(4).user_id, &secret));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(first.as_mut().poll(&mut context).is_pending());
        assert_eq!(shown(&bench).busy, Some(crate::till::Busy::Unlocking));
        // No answer is scripted for it: asked, it would panic.
        block_on(till.unlock(staff(4).user_id, &secret));
        block_on(till.sign_in("ben@demo.example", &secret));
    }
    bench.set(|table| table.silent = false);
    unlock(&bench, &till, Ok(Some(staff(4))));
    assert!(matches!(bench.screen(), Screen::Register { .. }));
}

#[test]
fn where_the_address_is_not_known_the_whole_sign_in_is_asked_for() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.lock_screen();
    unlock(&bench, &till, Err(Fault::new(Code::SignedOut, "no address is known")));
    assert!(matches!(bench.screen(), Screen::Locked { holder: Some(_), needs_email: true, .. }));
    unlock(&bench, &till, Err(wrong()));
    assert!(matches!(bench.screen(), Screen::Locked { needs_email: true, .. }), "it stays so");
}

#[test]
fn a_login_that_ended_under_the_lock_is_renewed_by_the_password() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.lock_screen();
    let ended = Fault::new(Code::SignedOut, "refresh_token_not_found");
    bench.set(|table| table.looks.push_back(Err(ended)));
    block_on(till.poll());
    assert!(is_locked(&bench));
    unlock(&bench, &till, Ok(Some(staff(4))));
    assert!(matches!(bench.screen(), Screen::Register { sign_in_needed: false, .. }));
}
