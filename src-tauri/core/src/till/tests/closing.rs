//! Counting and settling, through every step and every place where it can break off.

use super::{
    NOON, in_shift, lost,
    office::Office,
    password,
    press::BenchTill,
    unreachable,
    world::{Bench, session, staff},
};
use crate::{
    Amount, Code, CommandName, Entry, Fault, MovementKind, MovementRequest, Retry, Role, SessionStatus,
    Tally,
    board::Day,
    count::Needs,
    report::Counted,
    view::{ClosingStep, Screen},
};
use pollster::block_on;

pub(super) fn sum(amount: &str) -> Tally {
    Tally::Sum { amount: amount.parse().unwrap() }
}

/// A running shift whose drawer should hold this much.
pub(super) fn working(bench: &Bench, expected: &str) -> BenchTill {
    let till = in_shift(bench);
    bench.set(|table| table.office = Office::opened(expected));
    till
}

/// The drawer is counted and waits to be closed.
fn counted(bench: &Bench, expected: &str, found: &str) -> BenchTill {
    let till = working(bench, expected);
    block_on(till.open_checklist());
    block_on(till.begin_count(false));
    block_on(till.commit_count(sum(found)));
    till
}

pub(super) fn step(bench: &Bench) -> ClosingStep {
    match bench.screen() {
        Screen::Closing { step, .. } => step,
        other => panic!("no closing: {other:?}"),
    }
}

fn unanswered(bench: &Bench) -> bool {
    matches!(bench.screen(), Screen::Closing { unanswered: true, .. })
}

pub(super) fn calls(bench: &Bench) -> Vec<String> {
    bench.set(|table| table.office.calls.clone())
}

pub(super) fn code(bench: &Bench) -> Option<Code> {
    bench.fault().map(|fault| fault.code)
}

fn restart(bench: &Bench) -> BenchTill {
    bench.set(|table| table.logins.push_back(Ok(Some(staff(4)))));
    let till = bench.start();
    block_on(till.poll());
    till
}

fn pay_out() -> MovementRequest {
    MovementRequest {
        kind: MovementKind::PayOut,
        amount: "5.00".into(),
        reason: "supplies".into(),
        note: String::new(),
        reference: String::new(),
    }
}

fn queue(bench: &Bench) -> Vec<Entry> {
    bench.set(|table| table.file.queue.clone())
}

#[test]
fn a_whole_close_with_nothing_amiss() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    block_on(till.open_checklist());
    assert!(matches!(step(&bench), ClosingStep::Checklist { unsent: 0, .. }));
    assert!(till.may(CommandName::CancelShift));
    block_on(till.begin_count(false));
    assert!(matches!(step(&bench), ClosingStep::Count { total: None, .. }));
    assert!(!till.may(CommandName::SettleUncounted));
    block_on(till.commit_count(sum("251.00")));
    let ClosingStep::Result { cash, needs, next_float, .. } = step(&bench) else {
        panic!("{:?}", step(&bench))
    };
    let amount = |text: &str| -> Amount { text.parse().unwrap() };
    assert_eq!(needs, Needs::Nothing);
    assert_eq!(cash.expected, Some(amount("250.00")));
    let found = Counted::Counted { amount: amount("251.00"), difference: Some(amount("1.00").into()) };
    assert_eq!(cash.counted, found);
    assert_eq!((next_float.left, next_float.taken), (amount("200.00"), amount("51.00")));
    till.leave_in_drawer("150.00");
    let till = bench.start();
    bench.set(|table| table.logins.push_back(Ok(Some(staff(4)))));
    block_on(till.poll());
    let ClosingStep::Result { next_float, .. } = step(&bench) else { panic!("{:?}", step(&bench)) };
    assert_eq!(
        (next_float.left, next_float.taken),
        (amount("150.00"), amount("101.00")),
        "a restart finds it"
    );
    block_on(till.close_shift(""));
    assert!(
        matches!(step(&bench), ClosingStep::Closed { report, was_counted: true } if report.settlement().is_some())
    );
    bench.set(|table| table.lists.push_back(Err(super::unreachable())));
    block_on(till.acknowledge_end());
    let Screen::StartShift { register, .. } = bench.screen() else { panic!("{:?}", bench.screen()) };
    assert_eq!(register.suggested_opening_cash, amount("150.00"), "what was left, without asking anybody");
    bench.set(|table| assert!(table.file.active.is_none() && table.file.closing.is_none()));
    assert_eq!(calls(&bench), ["begin", "commit", "close"]);
}

#[test]
fn the_expected_cash_is_not_on_the_screen_before_the_count() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    block_on(till.open_checklist());
    block_on(till.begin_count(false));
    let Screen::Closing { session, .. } = bench.screen() else { panic!("no closing") };
    assert_eq!(session.expected_cash, None);
}

#[test]
fn every_lost_answer_is_resolved_with_the_same_key() {
    for lost_call in 0..3 {
        let bench = Bench::default();
        let till = working(&bench, "250.00");
        bench.set(|table| {
            table.office.faults = (0..3).map(|call| (call == lost_call).then(lost)).collect();
        });
        block_on(till.open_checklist());
        block_on(till.begin_count(false));
        block_on(till.poll());
        block_on(till.commit_count(sum("250.00")));
        block_on(till.poll());
        block_on(till.close_shift(""));
        block_on(till.poll());
        assert!(matches!(step(&bench), ClosingStep::Closed { .. }), "call {lost_call}: {:?}", bench.screen());
        bench.set(|table| {
            assert_eq!(table.office.counts.len(), 1, "call {lost_call}: one count");
            assert_eq!(table.office.calls.len(), 4, "call {lost_call}: one was asked twice");
        });
    }
}

#[test]
fn a_crash_after_every_request_resumes_where_it_was() {
    for lost_call in 0..3 {
        let bench = Bench::default();
        let mut till = working(&bench, "250.00");
        block_on(till.open_checklist());
        for call in 0..3 {
            if call == lost_call {
                // The answer, and every one of the looks that follow it, is lost with the power.
                bench.set(|table| table.office.faults.extend([Some(lost()), Some(lost())]));
            }
            match call {
                0 => block_on(till.begin_count(false)),
                1 => block_on(till.commit_count(sum("250.00"))),
                _ => block_on(till.close_shift("")),
            };
            if call == lost_call {
                assert!(unanswered(&bench));
                drop(till);
                bench.set(|table| table.office.faults.clear());
                till = restart(&bench);
                assert!(!unanswered(&bench), "call {call}: {:?}", bench.screen());
            }
        }
        assert!(matches!(step(&bench), ClosingStep::Closed { .. }), "call {lost_call}: {:?}", bench.screen());
        bench.set(|table| assert_eq!(table.office.counts.len(), 1));
    }
}

#[test]
fn what_was_typed_survives_a_power_cut() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    block_on(till.open_checklist());
    block_on(till.begin_count(false));
    till.keep_tally(sum("123.45"));
    drop(till);
    let _again = restart(&bench);
    let ClosingStep::Count { tally, total, .. } = step(&bench) else { panic!("{:?}", bench.screen()) };
    assert_eq!((tally, total), (sum("123.45"), Some("123.45".parse().unwrap())));
}

#[test]
fn a_full_disk_sends_nothing() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    block_on(till.open_checklist());
    bench.set(|table| table.disk_full = true);
    block_on(till.begin_count(false));
    assert_eq!(code(&bench), Some(Code::StoreFailed));
    assert!(calls(&bench).is_empty());
    assert!(matches!(step(&bench), ClosingStep::Checklist { .. }));
}

#[test]
fn what_surely_did_not_run_goes_back_one_step() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    block_on(till.open_checklist());
    bench.set(|table| table.office.faults.push_back(Some(unreachable())));
    block_on(till.begin_count(false));
    assert!(matches!(step(&bench), ClosingStep::Checklist { .. }));
    assert_eq!(code(&bench), Some(Code::Unreachable));
    assert!(
        bench.set(|table| table.file.closing.is_none()),
        "no count begins by itself when the network returns"
    );
}

#[test]
fn unsent_entries_hold_it_up_until_a_manager_lets_it_go_on() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    till.record(&pay_out());
    bench.set(|table| table.records.extend((0..20).map(|_| Err(unreachable()))));
    block_on(till.open_checklist());
    assert!(matches!(step(&bench), ClosingStep::Checklist { unsent: 1, .. }));
    assert!(!till.may(CommandName::CancelShift) && !till.may(CommandName::BeginCount));
    block_on(till.begin_count(false));
    assert_eq!(code(&bench), Some(Code::UnsentEntries));
    assert!(calls(&bench).is_empty());
    block_on(till.allow_unsent_as("ana@demo.example", &password()));
    assert_eq!(code(&bench), Some(Code::ManagerRequired), "a cashier cannot let it pass");
    block_on(till.allow_unsent_as("mara@demo.example", &password()));
    block_on(till.begin_count(false));
    block_on(till.commit_count(sum("250.00")));
    block_on(till.close_shift(""));
    assert!(matches!(step(&bench), ClosingStep::Closed { .. }), "{:?}", bench.fault());
    let reason = bench.set(|table| table.office.close.clone().unwrap().reason);
    assert!(reason.contains("1 entries not sent") && reason.contains("Mara"), "{reason}");
    assert_eq!(queue(&bench).len(), 1, "nothing is lost");
}

#[test]
fn a_difference_asks_for_a_reason_and_beyond_the_limit_for_a_manager() {
    let bench = Bench::default();
    let till = counted(&bench, "250.00", "240.00");
    assert!(matches!(step(&bench), ClosingStep::Result { needs: Needs::Reason, .. }));
    block_on(till.close_shift(" "));
    assert_eq!(code(&bench), Some(Code::ReasonRequired));
    till.count_again();
    block_on(till.commit_count(sum("200.00")));
    assert!(matches!(step(&bench), ClosingStep::Result { needs: Needs::Approval, .. }));
    block_on(till.close_shift("lost"));
    assert_eq!(code(&bench), Some(Code::ApprovalRequired));
    block_on(till.approve_count("ana@demo.example", &password(), ""));
    assert_eq!(code(&bench), Some(Code::ManagerRequired));
    block_on(till.approve_count("mara@demo.example", &password(), "seen"));
    let ClosingStep::Result { needs: Needs::Reason, approved_by, .. } = step(&bench) else { panic!() };
    assert_eq!(approved_by.as_deref(), Some("Mara"));
    block_on(till.close_shift("lost"));
    assert!(matches!(step(&bench), ClosingStep::Closed { .. }));
    bench.set(|table| assert_eq!(table.office.counts.len(), 2, "every attempt is kept"));
}

#[test]
fn figures_that_moved_after_the_count_ask_anew() {
    let bench = Bench::default();
    let till = counted(&bench, "250.00", "250.00");
    bench.set(|table| table.office.expected = Some("260.00".parse().unwrap()));
    block_on(till.close_shift(""));
    assert!(matches!(step(&bench), ClosingStep::Result { needs: Needs::Reason, .. }));
    assert_eq!(code(&bench), Some(Code::ReasonRequired));
    block_on(till.close_shift("a late pay-in"));
    assert!(matches!(step(&bench), ClosingStep::Closed { .. }));
}

#[test]
fn no_more_stays_in_the_drawer_than_was_counted() {
    let bench = Bench::default();
    let till = counted(&bench, "250.00", "250.00");
    for left in ["250.01", "-1", "x", "1.001"] {
        till.leave_in_drawer(left);
        assert_eq!(code(&bench), Some(Code::BadCount), "{left}");
    }
    assert_eq!(calls(&bench), ["begin", "commit"]);
}

#[test]
fn nothing_counted_is_not_handed_in() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    block_on(till.open_checklist());
    block_on(till.begin_count(false));
    block_on(till.commit_count(Tally::Nothing));
    assert_eq!(code(&bench), Some(Code::BadCount));
    block_on(till.commit_count(sum("0")));
    assert!(matches!(step(&bench), ClosingStep::Result { .. }), "an empty drawer that somebody looked into");
}

#[test]
fn a_count_that_is_given_up_lets_entries_in_again() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    block_on(till.open_checklist());
    block_on(till.begin_count(false));
    assert_eq!(till.record(&pay_out()), Some(Code::NotNow), "nothing enters while it is counted here");
    bench.set(|table| table.office.faults.extend([Some(lost()), Some(unreachable())]));
    block_on(till.stop_closing());
    assert!(matches!(bench.screen(), Screen::Register { .. }), "back at once, whatever the network does");
    till.record(&pay_out());
    assert_eq!(queue(&bench).len(), 1);
    drop(till);
    let till = restart(&bench);
    block_on(till.poll());
    block_on(till.poll());
    assert!(bench.set(|table| table.file.closing.is_none()), "given up after the restart");
    assert!(bench.set(|table| table.office.session.clone().unwrap().counting.is_none()));
}

#[test]
fn while_another_device_counts_nothing_new_is_recorded_and_nothing_is_lost() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    bench.set(|table| table.office.counted_elsewhere(Some("Ben")));
    block_on(till.poll());
    let Screen::Register { session, .. } = bench.screen() else { panic!() };
    assert_eq!(session.counting.unwrap().by_name, "Ben");
    till.record(&pay_out());
    assert_eq!(code(&bench), Some(Code::CountInProgress));
    assert!(queue(&bench).is_empty());
    block_on(till.open_checklist());
    block_on(till.begin_count(false));
    assert_eq!(code(&bench), Some(Code::CountInProgress));
    block_on(till.begin_count(true));
    assert_eq!(code(&bench), Some(Code::ManagerRequired), "a cashier does not take a count over");
    block_on(till.stop_closing());
    bench.set(|table| table.office.counted_elsewhere(None));
    block_on(till.poll());
    till.record(&pay_out());
    assert_eq!(queue(&bench).len(), 1);
}

#[test]
fn a_manager_takes_a_count_over_and_its_device_is_told() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    block_on(till.open_checklist());
    block_on(till.begin_count(false));
    bench.set(|table| table.office.counted_elsewhere(Some("Mara")));
    block_on(till.poll());
    assert!(matches!(bench.screen(), Screen::Register { .. }));
    assert_eq!(code(&bench), Some(Code::CountTakenOver));
    assert!(bench.set(|table| table.file.closing.is_none()));

    let manager = crate::Staff { role: Role::Manager, ..staff(4) };
    bench.set(|table| table.logins.push_back(Ok(Some(manager))));
    block_on(till.sign_out());
    block_on(till.sign_in("mara@demo.example", &password()));
    block_on(till.open_checklist());
    assert!(till.may(CommandName::TakeOverCount));
    block_on(till.begin_count(true));
    assert!(matches!(step(&bench), ClosingStep::Count { .. }), "{:?}", bench.fault());
}

#[test]
fn a_close_by_another_device_fences_this_one_in_the_middle_of_its_count() {
    let bench = Bench::default();
    let till = counted(&bench, "250.00", "250.00");
    bench.set(|table| {
        table.office.change(|session| session.status = SessionStatus::Closed);
        table.office.close = Some(crate::closing::CloseIntent {
            key: crate::IntentKey(uuid::Uuid::from_u128(77_777)),
            count_id: None,
            reason: String::new(),
            left_in_drawer: None,
        });
    });
    block_on(till.close_shift(""));
    assert!(matches!(bench.screen(), Screen::Fenced { .. }), "{:?}", bench.screen());
    assert!(bench.set(|table| table.file.closing.is_none()));
    block_on(till.show_z_report(session(SessionStatus::Closed, NOON, 1).id));
    assert!(bench.set(|table| table.shown.last().unwrap().report.is_some()), "its Z can be read here");
    till.dismiss_report();
    assert!(bench.set(|table| table.shown.last().unwrap().report.is_none()));
}

#[test]
fn an_outcome_that_nobody_has_read_is_not_left_by_going_back() {
    let bench = Bench::default();
    let till = counted(&bench, "250.00", "250.00");
    block_on(till.close_shift(""));
    block_on(till.stop_closing());
    assert!(matches!(step(&bench), ClosingStep::Closed { .. }), "{:?}", bench.screen());
}

#[test]
fn end_now_and_count_later_frees_the_register_and_says_so() {
    for lost_answer in [false, true] {
        let bench = Bench::default();
        let till = working(&bench, "250.00");
        block_on(till.open_checklist());
        if lost_answer {
            bench.set(|table| table.office.faults.extend([Some(lost()), Some(lost())]));
        }
        block_on(till.end_shift("closing time"));
        block_on(till.poll());
        block_on(till.poll());
        assert_eq!(step(&bench), ClosingStep::Ended);
        drop(till);
        let till = restart(&bench);
        assert_eq!(step(&bench), ClosingStep::Ended, "a restart does not swallow it");
        block_on(till.acknowledge_end());
        assert!(matches!(bench.screen(), Screen::StartShift { .. }));
    }
}

#[test]
fn an_unused_shift_is_cancelled() {
    let bench = Bench::default();
    let till = working(&bench, "200.00");
    block_on(till.open_checklist());
    block_on(till.cancel_shift("wrong register"));
    assert_eq!(step(&bench), ClosingStep::Cancelled);
    block_on(till.acknowledge_end());
    assert!(matches!(bench.screen(), Screen::StartShift { .. }));
}

#[test]
fn a_cashier_forces_nothing_and_sees_no_board() {
    let bench = Bench::default();
    let till = working(&bench, "200.00");
    block_on(till.open_board(None));
    assert_eq!(code(&bench), Some(Code::ManagerRequired));
    block_on(till.force_end(session(SessionStatus::Open, NOON, 1).id, ""));
    assert_eq!(code(&bench), Some(Code::ManagerRequired));
    assert!(calls(&bench).is_empty());
}

#[test]
fn a_spot_count_is_kept_through_a_crash_and_recorded_once() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    bench.set(|table| table.office.faults.extend([Some(lost()), Some(unreachable())]));
    till.spot_count(sum("240.00"));
    assert_eq!(bench.fault(), None);
    block_on(till.poll());
    drop(till);
    bench.set(|table| table.office.faults.clear());
    let _again = restart(&bench);
    bench.set(|table| {
        assert_eq!(table.office.counts.len(), 1);
        assert!(table.file.counts.is_empty(), "the server has it");
    });
}

#[test]
fn a_count_waits_while_somebody_of_another_shop_is_signed_in() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    till.spot_count(sum("240.00"));
    bench.set(|table| table.logins.push_back(Ok(Some(staff(77)))));
    block_on(till.sign_in("otto@other.example", &password()));
    block_on(till.poll());
    bench.set(|table| {
        assert!(table.office.counts.is_empty(), "the other shop's server knows no such session");
        assert_eq!(table.file.counts.len(), 1);
        table.logins.push_back(Ok(Some(staff(4))));
    });
    block_on(till.sign_in("ana@demo.example", &password()));
    block_on(till.poll());
    bench.set(|table| assert_eq!((table.office.counts.len(), table.file.counts.len()), (1, 0)));
}

#[test]
fn nobody_opens_a_checklist_in_place_of_the_count_that_waits_for_its_people() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    block_on(till.open_checklist());
    block_on(till.begin_count(false));
    till.keep_tally(sum("12.00"));
    // A restart that finds neither a person nor the count.
    drop(till);
    let closing = bench.set(|table| {
        table.file.staff = None;
        table.logins.push_back(Ok(None));
        table.file.closing.take()
    });
    let till = bench.start();
    block_on(till.poll());
    assert_eq!(block_on(till.open_checklist()), Some(Code::NotNow));
    bench.set(|table| {
        table.file.closing = closing;
        table.logins.push_back(Ok(Some(staff(4))));
    });
    block_on(till.sign_in("ana@demo.example", &password()));
    assert!(matches!(step(&bench), ClosingStep::Count { tally, .. } if tally == sum("12.00")));
}

#[test]
fn a_float_counted_in_pieces_is_kept_with_the_shift_it_opened() {
    let bench = Bench::default();
    let till = super::at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Ok(super::opened(crate::SessionOutcome::Created, NOON))));
    let pieces = vec![crate::count::Pieces { value: "50".parse().unwrap(), count: 4 }];
    block_on(till.start_shift_counted(Tally::Pieces { pieces: pieces.clone() }, false));
    bench.set(|table| {
        assert_eq!(table.asked[0].opening_cash, "200".parse().unwrap());
        let [count] = &table.office.counts[..] else { panic!("one count: {:?}", table.office.counts) };
        assert_eq!(count.kind, crate::report::CountKind::Opening);
        assert_eq!(count.tally, Tally::Pieces { pieces });
    });
}

#[test]
fn an_amount_beyond_the_stores_limit_takes_a_manager() {
    let bench = Bench::default();
    let till = super::at_start_screen(&bench);
    bench.set(|table| table.opens.push_back(Ok(super::opened(crate::SessionOutcome::Created, NOON))));
    block_on(till.start_shift("200.00", false));
    drop(till);
    bench.set(|table| {
        let place = table.file.assignment.as_mut().unwrap();
        place.location.movement_limits.insert(MovementKind::PayOut, "4.99".parse().unwrap());
    });
    let till = restart(&bench);
    till.record(&pay_out());
    assert_eq!(code(&bench), Some(Code::OverLimit));
    assert!(queue(&bench).is_empty());
    till.record(&MovementRequest { kind: MovementKind::PayIn, ..pay_out() });
    assert_eq!(queue(&bench).len(), 1, "another kind has no limit");
    bench.set(|table| {
        let place = table.file.assignment.as_mut().unwrap();
        place.location.movement_limits.insert(MovementKind::PayIn, "4.99".parse().unwrap());
    });
    let till = restart(&bench);
    let Screen::Register { movements, .. } = bench.screen() else { panic!("{:?}", bench.screen()) };
    assert_eq!(movements[0].beyond_limit, Some("4.99".parse().unwrap()), "the screen says so beforehand");
    till.take_back(movements[0].entry.movement.id, "mistyped");
    assert_eq!(code(&bench), Some(Code::OverLimit));
}

#[test]
fn somebody_of_another_shop_sees_nothing_of_a_count_and_it_is_there_again_afterwards() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    block_on(till.open_checklist());
    block_on(till.begin_count(false));
    till.keep_tally(sum("100.00"));
    bench.set(|table| table.logins.push_back(Ok(Some(staff(77)))));
    block_on(till.sign_out());
    let kept = bench.set(|table| table.file.closing.take());
    block_on(till.sign_in("otto@other.example", &password()));
    assert!(matches!(bench.screen(), Screen::ChooseRegister { .. }), "{:?}", bench.screen());
    bench.set(|table| {
        table.file.closing = kept;
        table.logins.push_back(Ok(Some(staff(4))));
    });
    block_on(till.sign_out());
    block_on(till.sign_in("ana@demo.example", &password()));
    let ClosingStep::Count { tally, .. } = step(&bench) else { panic!("{:?}", bench.screen()) };
    assert_eq!(tally, sum("100.00"));
}

#[test]
fn the_reports_of_a_day_are_added_up_and_what_was_not_counted_adds_no_difference() {
    let bench = Bench::default();
    let till = counted(&bench, "250.00", "248.50");
    block_on(till.close_shift("short"));
    let ClosingStep::Closed { report, .. } = step(&bench) else { panic!("{:?}", step(&bench)) };
    let mut not_counted = report.as_ref().clone();
    not_counted.totals.total_sales = "10.50".parse().unwrap();
    for line in &mut not_counted.tenders {
        line.counted = Counted::NotCounted;
    }
    let business_date = "2026-03-01".parse().unwrap();
    let z_reports = vec![*report, not_counted];
    let totals = Day {
        business_date,
        z_reports,
        uncounted: Vec::new(),
        open: Vec::new(),
        selling: None,
        flags: Vec::new(),
    }
    .totals();
    let amount = |text: &str| -> Amount { text.parse().unwrap() };
    assert_eq!((totals.sales, totals.difference), (amount("10.50"), amount("-1.50").into()));
}

/// Does what the screen asks for, until the register is free and the outcome was read.
fn finish(bench: &Bench, till: &BenchTill) {
    for _step in 0..30 {
        let _stood_in_the_way = match bench.screen() {
            Screen::StartShift { .. } => return,
            Screen::Register { .. } => block_on(till.open_checklist()),
            Screen::Closing { unanswered: true, .. } => {
                block_on(till.poll());
                None
            }
            Screen::Closing { step, .. } => match step {
                ClosingStep::Checklist { .. } => block_on(till.begin_count(false)),
                ClosingStep::Count { .. } => block_on(till.commit_count(sum("250.00"))),
                ClosingStep::Result { .. } => block_on(till.close_shift("")),
                _ => block_on(till.acknowledge_end()),
            },
            other => panic!("no way on from {other:?}"),
        };
    }
    panic!("it does not come to an end: {:?} {:?}", bench.screen(), bench.fault());
}

#[test]
fn a_count_that_cannot_be_given_up_does_not_hide_that_the_shift_is_over() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    bench.set(|table| table.office = Office::opened("250.00"));
    block_on(till.open_checklist());
    block_on(till.begin_count(false));
    let broken = || Some(Fault::new(Code::ServerMisconfigured, "an error inside the function"));
    bench.set(|table| table.office.faults.extend((0..5).map(|_call| broken())));
    block_on(till.stop_closing());
    assert!(matches!(bench.screen(), Screen::Register { .. }));
    bench.set(|table| table.office.change(|session| session.status = SessionStatus::Closed));
    block_on(till.poll());
    assert!(matches!(bench.screen(), Screen::Fenced { .. }), "{:?}", bench.screen());
}

#[test]
fn a_count_that_somebody_ended_while_its_answer_was_lost_is_not_begun_again() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    bench.set(|table| table.office = Office::opened("250.00"));
    block_on(till.open_checklist());
    bench.set(|table| {
        let lost = Fault::new(Code::NoAnswer, "lost").with_retry(Retry::OutcomeUnknown);
        table.office.faults.extend([Some(lost), Some(Fault::new(Code::Unreachable, "no network"))]);
    });
    block_on(till.begin_count(false));
    block_on(till.poll());
    assert!(matches!(bench.screen(), Screen::Closing { unanswered: true, .. }), "{:?}", bench.screen());
    // A manager takes it over, and gives it up.
    bench.set(|table| table.office.counted_elsewhere(Some("Mara")));
    bench.set(|table| table.office.counted_elsewhere(None));
    block_on(till.poll());
    assert_eq!(bench.fault().map(|fault| fault.code), Some(Code::CountTakenOver));
    let session = bench.set(|table| table.office.session.clone().unwrap());
    assert_eq!(session.counting, None, "nobody sits at a count");
    finish(&bench, &till);
    bench.set(|table| assert!(table.office.close.is_some(), "counting anew is a matter of a press"));
}
