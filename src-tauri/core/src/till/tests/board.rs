//! What a manager does from the board: force-end, count, settle, and the end of the day; and what only managers may.

use super::{
    NOON,
    closing::{calls, code, step, sum, working},
    lost,
    office::Office,
    password,
    press::BenchTill,
    world::{Bench, location, register, session, staff},
};
use crate::{
    Code, Command, CommandName, Role, SessionStatus,
    report::Counted,
    sales_sheet::{FlaggedEntry, SaleFlag},
    view::{ClosingStep, Screen},
};
use pollster::block_on;

/// A manager before the board of a store where Ben's shift runs on register 1, and nothing at this computer.
fn at_the_board(bench: &Bench) -> BenchTill {
    let manager = crate::Staff { role: Role::Manager, ..staff(4) };
    bench.set(|table| {
        table.now = NOON;
        table.logins.push_back(Ok(Some(manager)));
        table.office = Office::opened("250.00");
    });
    let till = bench.start();
    block_on(till.sign_in("mara@demo.example", &password()));
    block_on(till.open_board(None));
    till
}

fn the_session() -> crate::SessionId {
    session(SessionStatus::Open, NOON, 1).id
}

#[test]
fn who_leaves_a_register_stays_in_its_store() {
    let bench = Bench::default();
    let near = location();
    let far = crate::Location {
        id: crate::LocationId(uuid::Uuid::from_u128(33)),
        name: "Harbor".into(),
        ..location()
    };
    // The far one comes first in the list.
    let manager =
        crate::Staff { role: Role::Manager, locations: vec![far.clone(), near.clone()], ..staff(4) };
    bench.set(|table| table.logins.push_back(Ok(Some(manager.clone()))));
    let till = bench.start();
    block_on(till.sign_in("mara@demo.example", &password()));
    let store = || match bench.screen() {
        Screen::ChooseRegister { location, .. } | Screen::Board { location, .. } => location.id,
        other => panic!("{other:?}"),
    };
    assert_eq!(store(), far.id);
    block_on(till.choose_location(near.id));
    block_on(till.choose_register(register(1, None).id));
    drop(till);

    bench.set(|table| table.logins.push_back(Ok(Some(manager))));
    let till = bench.start();
    block_on(till.change_register());
    assert_eq!(store(), near.id, "of the store where it stands, also after a restart");
    block_on(till.open_board(None));
    assert_eq!(store(), near.id);
}

#[test]
fn a_forgotten_shift_is_ended_and_counted_from_the_board() {
    let bench = Bench::default();
    let till = at_the_board(&bench);
    let Screen::Board { board: Some(board), shift_runs: false, .. } = bench.screen() else {
        panic!("no board")
    };
    assert_eq!(board.registers[0].state, crate::board::BoardState::Open);
    block_on(till.count_ended(the_session()));
    assert_eq!(code(&bench), Some(Code::NotNow), "an open shift is ended first");

    bench.set(|table| table.office.faults.push_back(Some(lost())));
    block_on(till.force_end(the_session(), "forgotten"));
    block_on(till.poll());
    let Screen::Board { board: Some(board), .. } = bench.screen() else { panic!("{:?}", bench.screen()) };
    assert_eq!(board.registers[0].state, crate::board::BoardState::EndedUncounted);
    assert_eq!(calls(&bench), ["end", "end"], "asked again with its key, and ended once");

    block_on(till.count_ended(the_session()));
    assert!(matches!(step(&bench), ClosingStep::Count { .. }));
    assert!(till.may(CommandName::SettleUncounted));
    block_on(till.commit_count(sum("249.00")));
    block_on(till.close_shift(""));
    assert!(matches!(step(&bench), ClosingStep::Closed { .. }));
    block_on(till.acknowledge_end());
    let Screen::Board { board: Some(board), .. } = bench.screen() else { panic!("{:?}", bench.screen()) };
    assert_eq!(board.registers[0].state, crate::board::BoardState::Free);
}

#[test]
fn a_shift_that_nobody_will_count_is_settled_as_not_counted_with_a_reason() {
    let bench = Bench::default();
    let till = at_the_board(&bench);
    block_on(till.force_end(the_session(), "forgotten"));
    block_on(till.count_ended(the_session()));
    block_on(till.settle_uncounted(" "));
    assert_eq!(code(&bench), Some(Code::ReasonRequired));
    block_on(till.settle_uncounted("the drawer was stolen"));
    let ClosingStep::Closed { report, .. } = step(&bench) else { panic!("{:?}", bench.screen()) };
    assert_eq!(report.tenders[0].counted, Counted::NotCounted, "never zero");
}

#[test]
fn what_a_manager_settles_is_not_for_whoever_comes_next() {
    let bench = Bench::default();
    let till = at_the_board(&bench);
    block_on(till.force_end(the_session(), "forgotten"));
    block_on(till.count_ended(the_session()));
    block_on(till.sign_out());
    assert!(matches!(bench.screen(), Screen::SignIn { .. }));
    bench.set(|table| table.logins.push_back(Ok(Some(staff(4)))));
    block_on(till.sign_in("ana@demo.example", &password()));
    assert!(matches!(bench.screen(), Screen::ChooseRegister { .. }), "{:?}", bench.screen());
    assert!(bench.set(|table| table.file.closing.is_none()));
}

#[test]
fn the_end_of_the_day_is_read_and_put_away() {
    let bench = Bench::default();
    let till = at_the_board(&bench);
    block_on(till.read_day(None));
    assert!(matches!(bench.screen(), Screen::Board { day: Some(_), .. }));
    till.close_day();
    assert!(matches!(bench.screen(), Screen::Board { day: None, .. }));
    block_on(till.close_board());
    assert!(matches!(bench.screen(), Screen::ChooseRegister { .. }));
}

#[test]
fn a_flag_is_settled_with_a_note_and_stays_on_the_day_with_both_names() {
    let bench = Bench::default();
    let till = at_the_board(&bench);
    let id = crate::SaleId(uuid::Uuid::from_u128(5));
    let entry = serde_json::json!({"id": id, "kind": "sale", "receipt_number": "REG-1-B-000001", "total": "12.00",
        "net_cash": "12.00", "by_name": "Ben", "recorded_at": "2024-10-04T12:00:00Z"});
    bench.set(|table| {
        table.office.flags = vec![FlaggedEntry {
            entry: serde_json::from_value(entry).unwrap(),
            flag: SaleFlag::Late,
            flagged_at: jiff::Timestamp::UNIX_EPOCH,
            settled: None,
        }];
    });
    block_on(till.open_board(None));
    block_on(till.read_day(None));
    let flags = || match bench.screen() {
        Screen::Board { board: Some(board), day: Some(day), .. } => {
            (board.registers[0].flags.len(), day.flags[0].settled.clone())
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(flags(), (1, None));
    let settle = |note: &str| {
        let (sale_id, flag) = (id, SaleFlag::Late);
        block_on(till.press(Command::SettleFlag { sale_id, flag, note: note.to_owned() }))
    };
    assert_eq!(settle("  "), Some(Code::ReasonRequired));
    assert_eq!(settle("4111 1111 1111 1111"), Some(Code::CardNumber));
    bench.set(|table| table.office.faults.push_back(Some(lost())));
    assert!(settle("Found in the bag").is_some(), "nothing is shown that is not known");
    assert_eq!(flags(), (1, None));
    assert_eq!(settle(" Found in the bag "), None);
    let (open, settled) = flags();
    let settled = settled.expect("it is kept");
    assert_eq!((open, &*settled.by_name, &*settled.note), (0, "Mara", "Found in the bag"));
}

#[test]
fn a_cashier_takes_over_only_the_count_of_their_own() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    let me = till.snapshot().staff.unwrap().user_id;
    for (whose, may) in
        [(None, false), (Some(crate::UserId(uuid::Uuid::from_u128(77))), false), (Some(me), true)]
    {
        bench.set(|table| {
            table.office.counted_elsewhere(Some("Ana"));
            table.office.change(|session| session.counting.as_mut().unwrap().by_id = whose);
        });
        block_on(till.open_checklist());
        assert_eq!(till.may(CommandName::TakeOverCount), may, "{whose:?}");
        block_on(till.begin_count(true));
        assert_eq!(matches!(step(&bench), ClosingStep::Count { .. }), may, "{whose:?}");
        block_on(till.stop_closing());
    }
}
