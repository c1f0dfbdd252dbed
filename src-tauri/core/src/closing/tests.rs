use super::*;
use crate::count::Pieces;
use uuid::Uuid;

fn key(n: u128) -> IntentKey {
    IntentKey(Uuid::from_u128(n))
}

fn lost() -> Fault {
    Fault::new(Code::NoAnswer, "timed out").with_retry(Retry::OutcomeUnknown)
}

fn unreachable() -> Fault {
    Fault::new(Code::Unreachable, "no network").with_retry(Retry::DidNotRun)
}

#[test]
fn what_surely_did_not_run_goes_back_and_what_may_have_run_stays_open() {
    assert_eq!(Checklist.begin(key(1), false).failed(&unreachable()), Failed::Back(Checklist));
    let Failed::Open(open) = Checklist.begin(key(1), false).failed(&lost()) else { panic!("lost is open") };
    assert!(open.may_have_run);
    let Failed::Open(open) = open.failed(&unreachable()) else { panic!("the first one may have run") };
    let decided = Fault::new(Code::CountInProgress, "POS_COUNT_IN_PROGRESS");
    assert_eq!(open.failed(&decided), Failed::Back(Checklist), "a decision settles it");
}

#[test]
fn after_a_restart_nobody_knows_whether_it_ran() {
    let text = serde_json::to_string(&Step::Beginning(Checklist.begin(key(1), false))).unwrap();
    let Step::Beginning(asked) = serde_json::from_str(&text).unwrap() else { panic!("{text}") };
    assert!(asked.may_have_run);
    assert_eq!(asked.what, Begin { key: key(1), take_over: false });
}

#[test]
fn a_tally_survives_the_file() {
    let pieces = vec![Pieces { value: "0.25".parse().unwrap(), count: 3 }];
    let counting = Counting { hold: None, tally: Tally::Pieces { pieces } };
    let text = serde_json::to_string(&Step::Counting(counting.clone())).unwrap();
    assert_eq!(serde_json::from_str::<Step>(&text).unwrap(), Step::Counting(counting));
}

#[test]
fn an_approval_still_asks_for_the_reason() {
    let count = Count {
        id: CountId(Uuid::from_u128(9)),
        amount: "150.00".parse().unwrap(),
        expected: Some("200.00".parse().unwrap()),
        needs: Needs::Approval,
        approved_by: None,
    };
    let counted = Counted { hold: None, tally: Tally::Nothing, count, left: None }.approved("Mara".into());
    assert_eq!(counted.count.needs, Needs::Reason);
    assert_eq!(counted.count.approved_by.as_deref(), Some("Mara"));
    assert_eq!(counted.refused(Code::ApprovalRequired).count.needs, Needs::Approval);
}
