//! The durable queue through silence, crashes, lost answers and refusals.

use super::{
    closing::{code, working},
    in_shift,
    lock::manager,
    lost, password, unreachable,
    world::{Bench, staff},
};
use crate::{Code, Entry, EntryState, Fault, MovementKind, MovementRequest, view::Screen};
use pollster::block_on;

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
    bench.set(|table| table.file.queue.clone())
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
    block_on(till.poll());
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
    block_on(till.poll());
    assert_eq!(queue(&bench).len(), 3, "nothing is lost to silence");
    bench.set(|table| table.records.extend([Ok(()), Err(lost())]));
    block_on(till.poll());
    drop(till);
    bench.set(|table| table.logins.push_back(Ok(Some(staff(4)))));
    let again = bench.start();
    assert_eq!(again.snapshot().unsent, 2, "the lost one and the third are still there");
    block_on(again.poll());
    block_on(again.poll());
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
    block_on(till.poll());
    let left = queue(&bench);
    assert_eq!(left.len(), 1);
    assert!(matches!(&left[0].state, EntryState::Refused { code: Code::SessionOver, .. }));
    till.record_again(left[0].movement().unwrap().id);
    let renewed = queue(&bench);
    assert_eq!(renewed.len(), 1);
    assert_ne!(
        renewed[0].movement().unwrap().id,
        left[0].movement().unwrap().id,
        "a new entry with a new id"
    );
    block_on(till.poll());
    assert_eq!(bench.set(|table| table.ledger.len()), 2);
    assert!(queue(&bench).is_empty());
}

#[test]
fn what_wants_a_manager_waits_for_one_and_holds_nothing_up() {
    for wanted in [Code::OverLimit, Code::UserMismatch, Code::NotStaff, Code::ManagerRequired] {
        let bench = Bench::default();
        let till = in_shift(&bench);
        till.record(&pay_out("80.00"));
        till.record(&pay_out("2.00"));
        bench.set(|table| table.records.push_back(Err(Fault::new(wanted, "the server"))));
        block_on(till.poll());
        let [entry] = &queue(&bench)[..] else { panic!("{:?}", queue(&bench)) };
        assert_eq!(entry.state, EntryState::AwaitingManager { code: wanted });
        assert_eq!(bench.set(|table| table.ledger.len()), 1, "the one behind it went on");
        // It is not sent in vain again and again, and what reverses it does not overtake it.
        let id = entry.movement().unwrap().id;
        till.take_back(id, "wrong");
        block_on(till.poll());
        assert_eq!(queue(&bench).len(), 2);
        bench.set(|table| table.logins.push_back(Ok(Some(manager()))));
        block_on(till.sign_in("mia@demo.example", &password()));
        block_on(till.poll());
        assert!(queue(&bench).is_empty(), "{:?}", queue(&bench));
        let ledger = bench.set(|table| table.ledger.clone());
        assert_eq!(ledger[1].id, id);
        assert_eq!(ledger[2].reverses, Some(id), "in its order");
    }
}

#[test]
fn what_the_server_refuses_a_manager_too_is_refused() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    bench.set(|table| table.logins.push_back(Ok(Some(manager()))));
    block_on(till.sign_in("mia@demo.example", &password()));
    till.record(&pay_out("80.00"));
    bench.set(|table| table.records.push_back(Err(Fault::new(Code::OverLimit, "no"))));
    block_on(till.poll());
    assert!(matches!(queue(&bench)[0].state, EntryState::Refused { code: Code::OverLimit, .. }));
}

#[test]
fn an_entry_that_the_server_can_make_nothing_of_does_not_hold_up_the_others_for_ever() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.record(&pay_out("1.00"));
    till.record(&pay_out("2.00"));
    let error = || Err(Fault::new(Code::ServerMisconfigured, "22P05"));
    // Now and then the network fails in between, which says nothing about the entry.
    bench.set(|table| table.records.extend([error(), Err(unreachable())]));
    bench.set(|table| table.records.extend((0..60).map(|_| error())));
    let mut polls = 0;
    while queue(&bench).iter().filter(|entry| entry.state.is_pending()).count() == 2 {
        block_on(till.poll());
        polls += 1;
        assert!(polls < 100, "it waits for ever");
    }
    assert!(polls > 30, "a deployment that is under way is waited for: {polls}");
    block_on(till.poll());
    let [refused] = &queue(&bench)[..] else { panic!("{:?}", queue(&bench)) };
    assert!(matches!(refused.state, EntryState::Refused { code: Code::ServerMisconfigured, .. }));
    assert_eq!(till.dismiss_entry(refused.id()), None, "a person can settle it");
}

#[test]
fn what_no_keyboard_types_is_not_kept() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    let request = MovementRequest {
        reason: "sup\u{0}plies".into(),
        note: "a\tb\r\n".into(),
        reference: "\u{85}7\u{7f}".into(),
        ..pay_out("1.00")
    };
    till.record(&request);
    let movement = queue(&bench)[0].movement().unwrap().clone();
    assert_eq!([movement.reason, movement.note, movement.reference], ["sup plies", "a b", "7"]);
}

#[test]
fn a_waiting_entry_cannot_be_dismissed_but_a_refused_one_can() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.record(&pay_out("1.00"));
    let id = queue(&bench)[0].movement().unwrap().id;
    till.dismiss_entry(id);
    assert_eq!(queue(&bench).len(), 1, "it may be on its way");
    bench.set(|table| table.records.push_back(Err(session_over())));
    block_on(till.poll());
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
    assert_eq!(till.record(&pay_out("5.00")), Some(Code::NotNow), "without a shift nothing is recorded");
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
    block_on(till.poll());
    assert_eq!(bench.set(|table| (table.ledger.len(), table.file.queue.len())), (0, 1));
}

#[test]
fn a_movement_is_taken_back_once_and_by_an_entry_that_names_it() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.record(&pay_out("12.30"));
    block_on(till.poll());
    let id = bench.set(|table| table.ledger[0].id);
    till.take_back(id, "wrong amount");
    till.take_back(id, "pressed twice");
    assert_eq!(bench.fault().unwrap().code, Code::BadMovement);
    block_on(till.poll());
    let ledger = bench.set(|table| table.ledger.clone());
    assert_eq!(ledger.len(), 2);
    assert_eq!(ledger[1].reverses, Some(id));
    assert_eq!(ledger[0].effect() + ledger[1].effect(), rust_decimal::Decimal::ZERO);
}

#[test]
fn a_refused_reversal_that_is_recorded_again_still_takes_back() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    till.record(&pay_out("12.30"));
    block_on(till.poll());
    let original = bench.set(|table| table.ledger[0].clone());
    till.take_back(original.id, "wrong amount");
    bench.set(|table| table.records.push_back(Err(session_over())));
    block_on(till.poll());
    till.record_again(queue(&bench)[0].movement().unwrap().id);
    block_on(till.poll());
    let ledger = bench.set(|table| table.ledger.clone());
    assert_eq!(ledger.len(), 2);
    assert_eq!(ledger[0].effect() + ledger[1].effect(), rust_decimal::Decimal::ZERO);
}

#[test]
fn an_end_that_leaves_entries_out_is_on_record_with_the_manager_who_let_it() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    till.record(&pay_out("12.30"));
    bench.set(|table| table.records.extend((0..20).map(|_| Err(unreachable()))));
    block_on(till.open_checklist());
    block_on(till.end_shift("the bus"));
    assert_eq!(code(&bench), Some(Code::UnsentEntries));
    block_on(till.allow_unsent_as("mara@demo.example", &password()));
    block_on(till.end_shift("the bus"));
    let reason = bench.set(|table| table.office.end.clone().unwrap().reason);
    assert_eq!(reason, "the bus [1 entries not sent, allowed by Mara]");
}

#[test]
fn a_leave_that_was_not_needed_in_the_end_is_not_on_record() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    till.record(&pay_out("12.30"));
    block_on(till.open_checklist());
    block_on(till.allow_unsent_as("mara@demo.example", &password()));
    block_on(till.poll());
    assert!(queue(&bench).is_empty(), "it was sent after all");
    block_on(till.end_shift("the bus"));
    assert_eq!(bench.set(|table| table.office.end.clone().unwrap().reason), "the bus");
}
