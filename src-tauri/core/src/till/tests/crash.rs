//! A close cut off at every place: whoever comes back finishes the same one.

use super::{
    closing::sum,
    in_shift,
    office::Office,
    press::BenchTill,
    world::{Bench, staff},
};
use crate::{
    Code, Fault, Retry, SessionStatus,
    view::{ClosingStep, Screen},
};
use pollster::block_on;
use std::panic::{AssertUnwindSafe, catch_unwind};

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
                ClosingStep::Result { .. } => block_on(till.close_shift("", "200.00")),
                _ => block_on(till.acknowledge_end()),
            },
            other => panic!("no way on from {other:?}"),
        };
    }
    panic!("it does not come to an end: {:?} {:?}", bench.screen(), bench.fault());
}

#[test]
fn a_power_cut_after_any_write_leaves_one_count_and_one_close() {
    let mut cuts = 0;
    for write in 1.. {
        let bench = Bench::default();
        let till = in_shift(&bench);
        bench.set(|table| {
            table.office = Office::opened("250.00");
            table.power_fails_after = Some(table.writes + write);
        });
        let survived = catch_unwind(AssertUnwindSafe(|| finish(&bench, &till))).is_ok();
        drop(till);
        if survived {
            break;
        }
        cuts += 1;
        bench.set(|table| {
            table.power_fails_after = None;
            table.logins.push_back(Ok(Some(staff(4))));
        });
        let again = bench.start();
        again.show();
        block_on(again.poll());
        finish(&bench, &again);
        bench.set(|table| {
            assert_eq!(table.office.counts.len(), 1, "after write {write}: one count");
            assert!(table.office.close.is_some(), "after write {write}: closed");
            assert!(table.file.closing.is_none() && table.file.active.is_none(), "and nothing left behind");
        });
    }
    assert!(cuts >= 6, "begin, count, commit, result, close, outcome: {cuts}");
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
