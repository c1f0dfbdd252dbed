//! The one entry point: which commands may run in which situation, and that a refused one changes nothing.

use super::{
    super::{
        allowed::allowed,
        keeping_state::ImportSituation,
        selling_state::CartState,
        situation::{Board, Obstacles, Person, Place, Settling, SettlingStep, Situation},
    },
    closing::{sum, working},
    lock::manager,
    *,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A command of this name, with whatever it takes. A new field needs a value here, a new command nothing.
pub(super) fn example(name: CommandName) -> Command {
    let id = "00000000-0000-0000-0000-000000000006";
    let change = json!({
        "country": "US",
        "selling_on": true,
        "prices_include_tax": false,
        "price_override": false,
        "no_receipt_refund": true,
        "other_tenders": [],
    });
    let of_the_catalogue = json!({
        "after": Value::Null,
        "version": 0,
        "item": {
            "name": "Mug", "short_name": "", "sku": "", "unit": "", "price": "1.00", "price_is_open": false,
            "tax_code": "", "category": "", "age_limit": "", "is_active": true, "codes": [], "prices": [],
        },
        "file_name": "items.csv",
        "content": "bmFtZSxwcmljZQpNdWcsMS4wMAo=",
        "tax_code": Value::Null,
        "which": "add",
        "from": 0,
        "number": "REG-1-B-000001",
        "subject": {"of": "cart"},
        "page": 1,
        "keys": [],
        "tax": {
            "location_id": Value::Null, "code": "V", "name": "VAT", "valid_from": "2027-01-01",
            "components": [{"name": "VAT", "percent": "19"}],
        },
        "is_removed": false,
    });
    let mut command = json!({
        "name": name,
        "url": "https://other.example",
        "key": "sb_publishable_other",
        "email": "m@demo.example",
        "password": "x",
        "user_id": "00000000-0000-0000-0000-000000000005",
        "location_id": "00000000-0000-0000-0000-000000000003",
        "register_id": "00000000-0000-0000-0000-000000000001",
        "session_id": id,
        "movement_id": id,
        "entry_id": id,
        "sale_id": id,
        "item_id": id,
        "amount": "1.00",
        "quantity": "",
        "price": "",
        "code": "4006381333931",
        "flag": "late",
        "text": "Mug",
        "line": 0,
        "tender": 0,
        "discount": "",
        "reference": "",
        "label": "Voucher",
        "handed": "",
        "request": {"kind": "pay_out", "amount": "5", "reason": "supplies", "note": "seen", "reference": ""},
        "tally": {"by": "sum", "amount": "1.00"},
        "opening_cash": "1.00",
        "accept_earlier_day": true,
        "reason": "why",
        "note": "",
        "date": Value::Null,
        "change": change,
    });
    if let (Value::Object(all), Value::Object(more)) = (&mut command, of_the_catalogue) {
        all.extend(more);
    }
    serde_json::from_value(command).unwrap_or_else(|cause| panic!("{name:?} takes more than that: {cause}"))
}

/// Every situation that there can be, and some that cannot.
fn situations() -> Vec<Situation> {
    let bools = [false, true];
    let mut steps = vec![
        SettlingStep::Asked,
        SettlingStep::Ending,
        SettlingStep::Leaving,
        SettlingStep::Done,
        SettlingStep::Counting { ended: false },
        SettlingStep::Counting { ended: true },
        SettlingStep::Counted { needs_approval: false },
        SettlingStep::Counted { needs_approval: true },
    ];
    for bits in 0..32_u8 {
        let [unsent, counted_elsewhere, may_take_over, earlier_day, used] =
            [0, 1, 2, 3, 4].map(|bit| bits & (1 << bit) != 0);
        let obstacles = Obstacles { unsent, counted_elsewhere, may_take_over, earlier_day, used };
        steps.push(SettlingStep::Checklist(obstacles));
    }
    let settlings: Vec<Option<Settling>> = std::iter::once(None)
        .chain(steps.into_iter().flat_map(|step| bools.map(|own| Some(Settling { own, step }))))
        .collect();
    let places = [
        Place::NoRegister,
        Place::Register,
        Place::Starting,
        Place::EarlierDay,
        Place::Shift { counted_elsewhere: false },
        Place::Shift { counted_elsewhere: true },
        Place::Fenced,
        Place::Practice,
    ];
    let carts = [
        None,
        Some(CartState::None),
        Some(CartState::Editing),
        Some(CartState::Paying { money_taken: false }),
        Some(CartState::Paying { money_taken: true }),
        Some(CartState::Returning),
        Some(CartState::AwaitingServer),
    ];
    let boards = [
        Board::Closed,
        Board::Registers,
        Board::Day,
        Board::SellingRules,
        Board::Catalogue(None),
        Board::Catalogue(Some(ImportSituation::Busy)),
        Board::Catalogue(Some(ImportSituation::Ready)),
        Board::Catalogue(Some(ImportSituation::Over)),
    ];
    let mut all = Vec::new();
    for locked in bools {
        for login in [Login::Unknown, Login::In, Login::Out] {
            for person in [Person::Nobody, Person::Cashier, Person::Manager, Person::Owner] {
                for older_server in bools {
                    for place in places {
                        for board in boards {
                            let sells = matches!(place, Place::Shift { .. } | Place::Practice);
                            for &cart in if sells { &carts[..] } else { &carts[..1] } {
                                all.extend(settlings.iter().map(|settling| Situation {
                                    locked,
                                    login,
                                    person,
                                    older_server,
                                    place,
                                    settling: *settling,
                                    board,
                                    cart,
                                }));
                            }
                        }
                    }
                }
            }
        }
    }
    all
}

/// The commands that some situation of these allows.
fn allowed_in_any(which: impl Fn(&Situation) -> bool) -> BTreeSet<CommandName> {
    let chosen: Vec<Situation> = situations().into_iter().filter(which).collect();
    assert!(!chosen.is_empty());
    let names = CommandName::ALL.iter().copied();
    names.filter(|name| chosen.iter().any(|one| allowed(Some(one), *name).is_ok())).collect()
}

#[test]
fn a_locked_till_lets_people_in_and_keeps_what_was_typed_and_nothing_else() {
    use CommandName as C;
    assert_eq!(allowed_in_any(|one| one.locked), BTreeSet::from([C::SignIn, C::Unlock, C::KeepTally]));
    let counts =
        |one: &Situation| matches!(one.settling, Some(Settling { step: SettlingStep::Counting { .. }, .. }));
    assert_eq!(allowed_in_any(|one| one.locked && !counts(one)), BTreeSet::from([C::SignIn, C::Unlock]));
}

#[test]
fn only_the_set_up_changes_the_project() {
    use CommandName as C;
    let at_set_up = CommandName::ALL.iter().copied().filter(|name| allowed(None, *name).is_ok());
    assert_eq!(at_set_up.collect::<Vec<_>>(), [C::TestConnection, C::SaveConnection]);
    let with_a_till = allowed_in_any(|_any| true);
    assert!(!with_a_till.contains(&C::SaveConnection) && !with_a_till.contains(&C::TestConnection));
    let works = |one: &Situation| one.person != Person::Nobody && one.login != Login::Out;
    assert!(!allowed_in_any(works).contains(&C::EditConnection), "who works has to sign out first");
    let attached = |one: &Situation| matches!(one.place, Place::Shift { .. } | Place::EarlierDay);
    assert!(!allowed_in_any(attached).contains(&C::EditConnection), "a shift runs");
    assert_eq!(
        CommandName::ALL.iter().copied().collect::<BTreeSet<_>>(),
        &with_a_till | &BTreeSet::from([C::SaveConnection, C::TestConnection]),
        "each command may run somewhere"
    );
}

#[test]
fn nothing_enters_a_drawer_that_is_fenced_counted_or_not_there() {
    use CommandName as C;
    let begins = [C::Record, C::TakeBack, C::RecordAgain, C::RecallCart, C::VoidReceipt];
    let goes_on = [
        C::AddAmount,
        C::AddItem,
        C::Scan,
        C::SetQuantity,
        C::SetPrice,
        C::DiscountLine,
        C::DiscountCart,
        C::RemoveLine,
        C::ConfirmAge,
        C::Pay,
        C::BackToLines,
        C::CardApproved,
        C::TakeOther,
        C::GiveBack,
        C::FinishSale,
        C::DiscardCart,
        C::ParkCart,
    ];
    let entries: BTreeSet<CommandName> = begins.into_iter().chain(goes_on).collect();
    let may_enter = |which: &dyn Fn(&Situation) -> bool| &allowed_in_any(which) & &entries;
    let shift_or_practice = |one: &Situation| matches!(one.place, Place::Shift { .. } | Place::Practice);
    assert!(may_enter(&|one| !shift_or_practice(one)).is_empty());
    assert!(may_enter(&|one| one.older_server).is_empty());
    assert!(may_enter(&|one| one.person == Person::Nobody).is_empty());
    assert!(
        may_enter(&|one| matches!(
            one.settling,
            Some(Settling {
                own: true,
                step: SettlingStep::Asked
                    | SettlingStep::Ending
                    | SettlingStep::Counting { .. }
                    | SettlingStep::Counted { .. }
                    | SettlingStep::Done
            })
        ))
        .is_empty()
    );
    let counted_elsewhere = |one: &Situation| {
        let leaving = one.settling.is_some_and(|settling| settling.step == SettlingStep::Leaving);
        one.place == Place::Shift { counted_elsewhere: true } && !leaving
    };
    // A cart that was begun before somebody counted is finished; nothing new begins.
    let running = |one: &Situation| matches!(one.cart, Some(CartState::Editing | CartState::Paying { .. }));
    assert!(may_enter(&|one| counted_elsewhere(one) && !running(one)).is_empty());
    assert!((&may_enter(&counted_elsewhere) & &BTreeSet::from(begins)).is_empty());
    assert!(may_enter(&counted_elsewhere).contains(&C::FinishSale));
}

#[test]
fn practice_sells_and_does_nothing_else_of_a_shift() {
    use CommandName as C;
    let practice = |one: &Situation| one.place == Place::Practice && !one.locked;
    let of_the_till = [
        C::SignIn,
        C::SignOut,
        C::LockScreen,
        C::CheckNow,
        C::DismissFault,
        C::AcknowledgeSetAside,
        C::DismissReport,
        C::EndPractice,
    ];
    let sells: BTreeSet<CommandName> = CommandName::ALL.iter().copied().filter(|name| name.sells()).collect();
    assert_eq!(allowed_in_any(practice), &sells | &BTreeSet::from(of_the_till));
    let with_a_cart = allowed_in_any(|one| one.cart.is_some());
    // What asks the server first is tried by nobody.
    let asks = [
        C::FindReceipt,
        C::ReturnLine,
        C::ReturnAll,
        C::ReturnFirst,
        C::AskRefund,
        C::Exchange,
        C::RefundCart,
        C::StopReturn,
        C::ApproveSale,
    ];
    assert_eq!(
        &with_a_cart - &allowed_in_any(|one| one.cart.is_none()),
        &sells | &BTreeSet::from(asks),
        "all that sells is practised"
    );
    let works = |one: &Situation| one.person != Person::Nobody && one.login != Login::Out;
    let begins = |one: &Situation| allowed(Some(one), C::StartPractice).is_ok();
    assert!(situations().iter().filter(|one| begins(one)).all(|one| {
        works(one) && one.place == Place::Register && one.settling.is_none() && one.board == Board::Closed
    }));
}

#[test]
fn nobody_leaves_a_checklist_for_whoever_signs_in_next() {
    use CommandName as C;
    let out = |one: &Situation| {
        (one.person == Person::Nobody || one.login == Login::Out)
            && matches!(one.settling, Some(Settling { step: SettlingStep::Checklist(_), .. }))
    };
    let leaving = BTreeSet::from([C::BeginCount, C::TakeOverCount, C::EndShift, C::CancelShift]);
    assert!((&allowed_in_any(out) & &leaving).is_empty());
}

#[test]
fn a_fenced_till_is_for_reading_and_for_going_on() {
    use CommandName as C;
    let fenced = |one: &Situation| one.place == Place::Fenced && one.settling.is_none() && !one.locked;
    assert_eq!(
        allowed_in_any(|one| fenced(one)
            && one.board == Board::Closed
            && !matches!(one.person, Person::Manager | Person::Owner)),
        BTreeSet::from([
            C::SignIn,
            C::SignOut,
            C::LockScreen,
            C::AcknowledgeEnd,
            C::CheckNow,
            C::DismissFault,
            C::AcknowledgeSetAside,
            C::DismissEntry,
            C::ShowZReport,
            C::DismissReport,
        ])
    );
}

#[test]
fn what_is_a_managers_is_refused_to_everybody_else() {
    use CommandName as C;
    let no_manager =
        |one: &Situation| !matches!(one.person, Person::Manager | Person::Owner) || one.login == Login::Out;
    for name in [
        C::AllowUnsent,
        C::ForceEnd,
        C::CountEnded,
        C::OpenBoard,
        C::OpenCatalogue,
        C::SaveItem,
        C::SaveQuickKeys,
        C::SaveTax,
        C::StartImport,
    ] {
        assert!(!allowed_in_any(no_manager).contains(&name), "{name:?}");
    }
    let earlier = |one: &Situation| matches!(one.settling, Some(Settling { step: SettlingStep::Checklist(obstacles), .. }) if obstacles.earlier_day);
    assert!(!allowed_in_any(|one| no_manager(one) && earlier(one)).contains(&C::EndShift));
}

#[test]
fn an_earlier_database_part_is_asked_for_nothing_that_it_lacks() {
    use CommandName as C;
    let older = allowed_in_any(|one| one.older_server && one.settling.is_none());
    let lacking = [
        C::Record,
        C::TakeBack,
        C::RecordAgain,
        C::SpotCount,
        C::OpenChecklist,
        C::OpenBoard,
        C::ShowXReport,
    ];
    for name in lacking {
        assert!(!older.contains(&name), "{name:?}");
    }
}

#[test]
fn a_refusal_says_why() {
    let situation = Situation {
        locked: false,
        login: Login::In,
        person: Person::Cashier,
        older_server: false,
        place: Place::Shift { counted_elsewhere: true },
        settling: None,
        board: Board::Closed,
        cart: None,
    };
    let code = |situation, name| allowed(Some(&situation), name).err().map(|fault| fault.code);
    assert_eq!(code(situation, CommandName::Record), Some(Code::CountInProgress));
    assert_eq!(code(situation, CommandName::OpenBoard), Some(Code::ManagerRequired));
    assert_eq!(code(situation, CommandName::GoOn), Some(Code::NotNow));
    let older = Situation { older_server: true, ..situation };
    assert_eq!(code(older, CommandName::OpenChecklist), Some(Code::OlderServer));
    let checklist = |obstacles| {
        let settling = Some(Settling { own: true, step: SettlingStep::Checklist(obstacles) });
        Situation { settling, ..situation }
    };
    let clear = Obstacles {
        unsent: false,
        counted_elsewhere: false,
        may_take_over: false,
        earlier_day: false,
        used: true,
    };
    assert_eq!(code(checklist(clear), CommandName::BeginCount), None);
    assert_eq!(code(checklist(clear), CommandName::CancelShift), Some(Code::SessionNotEmpty));
    let unsent = Obstacles { unsent: true, ..clear };
    assert_eq!(code(checklist(unsent), CommandName::BeginCount), Some(Code::UnsentEntries));
    let counted = Obstacles { counted_elsewhere: true, ..clear };
    assert_eq!(code(checklist(counted), CommandName::EndShift), Some(Code::CountInProgress));
    assert_eq!(code(checklist(counted), CommandName::TakeOverCount), Some(Code::ManagerRequired));
}

/// What a place is called, and how a till comes there.
pub(super) type Reached = (&'static str, fn(&Bench) -> BenchTill);

/// Real tills at their several places, each made anew for every command.
pub(super) fn places() -> Vec<Reached> {
    vec![
        ("signed out", |bench| {
            let till = bench.start();
            bench.set(|table| table.logins.push_back(Ok(None)));
            block_on(till.poll());
            till
        }),
        ("ready to start", at_start_screen),
        ("practice", super::practice::practising),
        ("a start is not answered", |bench| {
            let till = at_start_screen(bench);
            bench.set(|table| table.opens.push_back(Err(lost())));
            block_on(till.start_shift("200.00", false));
            till
        }),
        ("an earlier day", |bench| {
            let till = at_start_screen(bench);
            bench.set(|table| table.opens.push_back(Ok(opened(SessionOutcome::Joined, NOON - DAY))));
            block_on(till.start_shift("200.00", false));
            till
        }),
        ("a shift", |bench| working(bench, "250.00")),
        ("a shift on an earlier database part", |bench| {
            let till = working(bench, "250.00");
            bench.set(|table| table.older = true);
            till
        }),
        ("nothing sold yet", super::selling::selling),
        ("a cart", |bench| {
            let till = super::selling::selling(bench);
            block_on(till.press(example(CommandName::AddAmount)));
            till
        }),
        ("a cart being paid", |bench| {
            let till = super::selling::selling(bench);
            for name in [CommandName::AddAmount, CommandName::Pay] {
                block_on(till.press(example(name)));
            }
            till
        }),
        ("a checklist", |bench| {
            let till = working(bench, "250.00");
            block_on(till.open_checklist());
            till
        }),
        ("a count", counting),
        ("a count, locked", |bench| {
            let till = counting(bench);
            till.lock_screen();
            till
        }),
        ("a result", |bench| {
            let till = counting(bench);
            block_on(till.commit_count(sum("250.00")));
            till
        }),
        ("settled", |bench| {
            let till = counting(bench);
            block_on(till.commit_count(sum("250.00")));
            block_on(till.close_shift(""));
            till
        }),
        ("fenced", |bench| {
            let till = in_shift(bench);
            let over = session(SessionStatus::Closed, NOON, 9);
            bench.set(|table| table.looks.push_back(Ok(Seen::Session(Box::new(over)))));
            block_on(till.poll());
            till
        }),
        ("much to hide, locked", |bench| {
            let till = super::lock::with_much_to_hide(bench);
            till.lock_screen();
            till
        }),
        ("a manager", |bench| {
            let till = in_shift(bench);
            bench.set(|table| table.logins.push_back(Ok(Some(manager()))));
            block_on(till.sign_in("mia@demo.example", &password()));
            till
        }),
    ]
}

fn counting(bench: &Bench) -> BenchTill {
    let till = working(bench, "250.00");
    block_on(till.open_checklist());
    block_on(till.begin_count(false));
    till
}

#[test]
fn what_the_window_is_not_offered_is_refused_and_changes_nothing() {
    let mut refusals = 0;
    for (place, reach) in places() {
        for name in CommandName::ALL.iter().copied() {
            let bench = Bench::default();
            let till = reach(&bench);
            let before = till.snapshot();
            let world = |bench: &Bench| {
                bench.set(|table| (table.file.clone(), table.office.calls.clone(), table.asked.len()))
            };
            let untouched = world(&bench);
            if before.may.contains(&name) {
                assert_eq!(till.allowed(name), Ok(()), "{place}: {name:?}");
                continue;
            }
            let fault = block_on(till.till.press(example(name))).expect_err("it was not offered");
            refusals += 1;
            assert_eq!(world(&bench), untouched, "{place}: {name:?}");
            let after = till.snapshot();
            let told = if fault.code == Code::NotNow { before.fault.clone() } else { Some(fault) };
            assert_eq!(
                Snapshot { serial: after.serial, fault: told, ..before },
                after,
                "{place}: {name:?} changes what is shown"
            );
        }
    }
    assert!(refusals > CommandName::ALL.len() * places().len() / 3, "{refusals}");
}

#[test]
fn every_command_reads_what_the_window_sends() {
    for name in CommandName::ALL.iter().copied() {
        assert_eq!(example(name).name(), name);
    }
    let secret = format!("{:?}", Command::SignIn { email: "m".into(), password: "s3cret".into() });
    assert!(!secret.contains("s3cret"), "{secret}");
}

#[test]
fn an_answer_belongs_to_its_press() {
    let bench = Bench::default();
    let till = working(&bench, "250.00");
    let recorded = block_on(till.till.press(example(CommandName::Record)));
    let id = bench.set(|table| table.file.queue[0].movement().unwrap().id);
    assert_eq!(recorded, Ok(Outcome::Recorded { movement_id: id }));
    bench.set(|table| table.disk_full = true);
    let failed = block_on(till.till.press(example(CommandName::Record))).unwrap_err();
    assert_eq!(failed.code, Code::StoreFailed);
    assert_eq!(bench.fault(), Some(failed), "the same on the screen");
    bench.set(|table| table.disk_full = false);
    bench.set(|table| table.office.session = None);
    assert_eq!(block_on(till.till.press(Command::LockScreen)), Ok(Outcome::Done));
}
