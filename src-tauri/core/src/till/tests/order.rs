//! The order of a step: written, then shown, then asked; and what becomes of one that could not be written.

use super::{
    Command, CommandName,
    allowed::{example, places},
    world::{Bench, location, opened, register, staff},
};
use crate::{
    Code, Fault, RegisterAssignment, SessionOutcome,
    closing::Step as ClosingStep,
    ports::{PersistedState, Seen},
    till::{Answer, Call, Machine, Moment, Next, Outcome, Step, Surroundings},
    view::{Screen, Snapshot},
};
use pollster::block_on;

/// Every command that may be pressed at some place, with the machine that stands there and what its file holds.
fn presses() -> impl Iterator<Item = (String, CommandName, Machine, Moment, PersistedState)> {
    places().into_iter().flat_map(|(place, reach)| {
        let bench = Bench::default();
        let till = reach(&bench);
        let (machine, at) = till.machine();
        let file = bench.set(|table| table.file.clone());
        let names = CommandName::ALL.iter().copied();
        let allowed: Vec<CommandName> = names.filter(|name| machine.allowed(*name, &at).is_ok()).collect();
        allowed
            .into_iter()
            .map(move |name| (format!("{place}: {name:?}"), name, machine.clone(), at, file.clone()))
    })
}

fn shown(machine: &Machine, at: &Moment) -> Snapshot {
    machine.snapshot(Surroundings { serial: 0, people: Vec::new(), login_is_kept: true }, at)
}

fn disk_full() -> Fault {
    Fault::new(Code::StoreFailed, "disk full")
}

/// Whether the file holds what a restart needs to ask this again.
fn can_be_asked_again(call: &Call, file: &PersistedState) -> bool {
    match call {
        Call::OpenSession { intent, .. } => file.intent.as_ref() == Some(intent),
        Call::RecordEntry { entry, .. } => file.queue.contains(entry),
        Call::CommitCount { count } => file.counts.contains(count),
        Call::Settle { closing } => {
            file.closing.as_ref().is_some_and(|kept| match (&kept.step, &closing.step) {
                (ClosingStep::Checklist(_), _) => false,
                (kept, asked) => kept == asked,
            })
        }
        // These change nothing on the server, or are a person's to press again.
        _ => true,
    }
}

#[test]
fn what_is_asked_with_a_key_is_in_the_file_before_it_leaves() {
    let mut with_a_key = 0;
    for (what, name, mut machine, at, mut file) in presses() {
        let step = machine.press(example(name), &at);
        for write in &step.save {
            file.apply(write);
        }
        if let Next::Ask(request) = &step.next {
            assert!(can_be_asked_again(&request.call, &file), "{what} asks {:?}", request.call);
            with_a_key += usize::from(!step.save.is_empty());
        }
    }
    assert!(with_a_key >= 6, "start, count, commit, close, end and cancel at least: {with_a_key}");
}

#[test]
fn a_press_that_cannot_be_written_did_not_happen_and_says_so() {
    let (mut undone, mut kept) = (0, 0);
    for (what, name, mut machine, at, _file) in presses() {
        let before = shown(&machine, &at);
        let step = machine.press(example(name), &at);
        if step.save.is_empty() {
            continue;
        }
        let follows = machine.unsaved(step, disk_full(), &at);
        assert!(follows.save.is_empty() && !follows.open_drawer, "{what}");
        let after = shown(&machine, &at);
        // Whoever signs out or locks the till is not left signed in for a full disk.
        if matches!(name, CommandName::SignOut | CommandName::LockScreen) {
            kept += 1;
            assert_eq!(after.fault, Some(disk_full()), "{what}");
            assert_eq!(after.staff, None, "{what}");
            continue;
        }
        undone += 1;
        let Step { next: Next::Answer(answer), .. } = follows else { panic!("{what} goes on") };
        assert_eq!(answer, Err(disk_full()), "{what}");
        // At a locked till it is read by who unlocks it.
        let is_locked = matches!(before.screen, Screen::Locked { .. });
        let fault = Some(disk_full()).filter(|_| !is_locked);
        assert_eq!(after, Snapshot { fault, ..before }, "{what}");
    }
    assert!(undone >= 20 && kept >= 2, "{undone} and {kept}");
}

#[test]
fn no_call_leaves_where_the_disk_is_full() {
    for (place, reach) in places() {
        for name in CommandName::ALL.iter().copied() {
            let bench = Bench::default();
            let till = reach(&bench);
            let (mut machine, at) = till.machine();
            let step = machine.press(example(name), &at);
            let writes_first = !step.save.is_empty() && name != CommandName::SignOut;
            if !writes_first {
                continue;
            }
            bench.set(|table| table.disk_full = true);
            let asked = |bench: &Bench| bench.set(|table| (table.asked.len(), table.office.calls.clone()));
            let before = asked(&bench);
            let answer = block_on(till.till.press(example(name)));
            assert_eq!(answer.map_err(|fault| fault.code), Err(Code::StoreFailed), "{place}: {name:?}");
            assert_eq!(asked(&bench), before, "{place}: {name:?}");
        }
    }
}

#[test]
fn a_poll_that_changes_nothing_shows_nothing() {
    let bench = Bench::default();
    let till = super::in_shift(&bench);
    bench.set(|table| table.looks.extend([(); 3].map(|()| Ok(Seen::Unchanged))));
    block_on(till.poll());
    let shown = || bench.set(|table| table.shown.len());
    let before = shown();
    block_on(till.poll());
    assert_eq!(shown(), before);
    bench.set(|table| table.now += 1);
    block_on(till.poll());
    assert_eq!(shown(), before + 1, "the age of the connection, once");
}

#[test]
fn a_drawer_opens_for_an_entry_that_is_on_disk_and_for_no_other() {
    let bench = Bench::default();
    let till = super::in_shift(&bench);
    let record = || block_on(till.till.press(example(CommandName::Record)));
    let opened = || bench.set(|table| table.drawer_opened);
    bench.set(|table| table.disk_full = true);
    assert!(record().is_err());
    assert_eq!(opened(), 0);
    bench.set(|table| table.disk_full = false);
    assert!(matches!(record(), Ok(Outcome::Recorded { .. })));
    assert_eq!(opened(), 1);
}

#[test]
fn a_late_start_of_one_shop_is_not_the_answer_to_the_next_ones() {
    let bench = Bench::default();
    let till = super::at_start_screen(&bench);
    let (mut machine, at) = till.machine();
    let ask = |step: Step| match step.next {
        Next::Ask(request) => request,
        other => panic!("{other:?}"),
    };
    let first = ask(machine.press(example(CommandName::StartShift), &at));
    // Nobody waits for it any more, but it is under way.
    machine.press(Command::CancelStart, &at);
    let sign_in = ask(machine.press(example(CommandName::SignIn), &at));
    // The store is the same by its id, which keeps this short; the shop is another.
    let loads = ask(machine.answered(sign_in, Answer::Staff(Ok(Some(staff(77)))), &at));
    machine.answered(loads, Answer::Loaded(Ok(Box::default())), &at);
    let list = ask(machine.poll(&at));
    machine.answered(list, Answer::Registers(Ok(vec![register(1, None)])), &at);
    let assignment = RegisterAssignment { register: register(1, None), location: location() };
    let loads = ask(machine.press(Command::ChooseRegister { register_id: assignment.register.id }, &at));
    let file = PersistedState { assignment: Some(assignment), ..PersistedState::default() };
    machine.answered(loads, Answer::Loaded(Ok(Box::new(file))), &at);
    let at = Moment { id: uuid::Uuid::from_u128(99), ..at };
    machine.press(example(CommandName::StartShift), &at);
    machine.answered(first, Answer::Opened(Ok(opened(SessionOutcome::Created, super::NOON))), &at);
    let screen = shown(&machine, &at).screen;
    assert!(matches!(screen, Screen::StartShift { .. }), "{screen:?}");
}

#[test]
fn a_call_whose_answer_nobody_waits_for_can_be_asked_again() {
    let bench = Bench::default();
    let till = super::at_start_screen(&bench);
    let (mut machine, at) = till.machine();
    let ask = |step: Step| match step.next {
        Next::Ask(request) => request,
        other => panic!("{other:?}"),
    };
    let first = ask(machine.press(example(CommandName::StartShift), &at));
    let meanwhile = ask(machine.poll(&at));
    assert!(matches!(*meanwhile.call, Call::Warm), "it is being asked already: {meanwhile:?}");
    machine.abandoned(&first.call);
    let again = ask(machine.poll(&at));
    let (Call::OpenSession { intent: first, .. }, Call::OpenSession { intent: again, .. }) =
        (*first.call, *again.call)
    else {
        panic!("another call")
    };
    assert_eq!(first, again, "with the same key");
}
