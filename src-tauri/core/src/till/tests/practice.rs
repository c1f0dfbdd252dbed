//! Practice is selling as in earnest, and leaves no trace: nothing on disk, nothing on the server, no number, no drawer.

use super::{
    allowed::example,
    lock::manager,
    selling::{add, finish, for_cash, press_offline, selling, view},
    shop::{item, key, settings},
    *,
};
use crate::{
    SaleSlip, UserId,
    sale::Quantity,
    sale_receipt::Standing,
    selling::ShopSettings,
    selling_view::ReceiptState,
    till::{Answer, CatalogueRead, Next},
};
use uuid::Uuid;

/// What the store sells; selling itself is off.
fn sold_here() -> ShopSettings {
    let (mug, bread) = (item(71, "Mug", Some("50.00")), item(72, "Bread", None));
    let mut shop = settings();
    shop.rules.selling_on = false;
    shop.keys = vec![key(&mug), key(&bread)];
    for (key, item) in shop.keys.iter_mut().zip([mug, bread]) {
        key.item = Some(item);
    }
    shop
}

/// A till at its start screen that knows what its store sells.
fn at_start(bench: &Bench) -> BenchTill {
    bench.set(|table| {
        let shop = sold_here();
        table.file.selling.shop = Some(ShopSettings { read_at: Some(1), ..shop.clone() });
        table.shop.items = vec![
            (item(71, "Mug", Some("50.00")), "4006381333931".into()),
            (item(72, "Bread", None), "20".into()),
        ];
        table.shop.settings = Some(shop);
    });
    at_start_screen(bench)
}

/// A till in practice, whose catalogue was read.
pub(super) fn practising(bench: &Bench) -> BenchTill {
    let till = at_start(bench);
    assert_eq!(block_on(till.press(Command::StartPractice)), None);
    till
}

fn is_practice(bench: &Bench) -> bool {
    matches!(bench.screen(), Screen::Register { practice: true, .. })
}

fn printed(till: &BenchTill, command: Command) -> SaleSlip {
    match block_on(till.till.press(command)) {
        Ok(Outcome::Receipt { slip }) => *slip,
        other => panic!("no receipt: {other:?}"),
    }
}

fn number(slip: &SaleSlip) -> &str {
    slip.sale.receipt.number.as_deref().unwrap_or_default()
}

#[test]
fn everything_of_the_selling_screen_can_be_tried_and_nothing_stays() {
    let bench = Bench::default();
    let till = practising(&bench);
    assert!(is_practice(&bench));
    let before = bench.set(|table| (table.file.clone(), table.writes));

    for command in [add("50.00"), Command::Pay] {
        assert_eq!(press_offline(&till, command), None);
    }
    let sold = printed(&till, finish("60.00"));
    assert_eq!((number(&sold), sold.standing, sold.copy), ("PRACTICE-000001", Standing::Practice, false));
    let done = view(&bench).done.unwrap();
    assert_eq!([done.total, done.cash_back].map(|sum| sum.to_string()), ["53.50", "6.50"]);

    // A key, a scan, a discount, a cart that waits, a card and a voucher: by the rules of the store.
    let scan = Command::Scan { code: "4006381333931".into() };
    let mug = Command::AddItem { item_id: item(71, "", None).id, quantity: "2".into(), price: String::new() };
    for command in [mug, scan, Command::ParkCart { label: "blue jacket".into() }] {
        assert_eq!(press_offline(&till, command), None);
    }
    let parked = view(&bench).parked[0].clone();
    assert_eq!((parked.label.as_str(), parked.lines), ("blue jacket", 2));
    assert_eq!(press_offline(&till, Command::RecallCart { sale_id: parked.sale_id }), None);
    let much = Command::DiscountCart { discount: "50%".into(), reason: String::new() };
    assert_eq!(press_offline(&till, much), None);
    assert_eq!(press_offline(&till, Command::Pay), Some(Code::SaleNeedsApproval));
    assert_eq!(
        bench.fault().map(|fault| fault.code),
        Some(Code::SaleNeedsApproval),
        "the limits are the store's"
    );
    let card = Command::CardApproved { amount: "100.00".into(), reference: String::new() };
    let voucher =
        Command::TakeOther { label: "Voucher".into(), amount: "5.00".into(), reference: String::new() };
    let little = Command::DiscountCart { discount: String::new(), reason: String::new() };
    for command in [little, Command::Pay, card, voucher] {
        assert_eq!(press_offline(&till, command), None);
    }
    let split = printed(&till, finish(""));
    assert_eq!(number(&split), "PRACTICE-000002");
    assert_eq!(split.sale.totals.total.to_string(), "160.50");

    let copy = printed(&till, Command::ReprintReceipt { sale_id: split.sale.id });
    assert_eq!((copy.copy, copy.standing), (true, Standing::Practice));
    let small = printed_sale(&till, "10.00");
    let void = printed(&till, Command::VoidReceipt { sale_id: small.sale.id, reason: "mistyped".into() });
    assert_eq!((number(&void), void.original_number.as_deref()), ("PRACTICE-000004", Some(number(&small))));
    assert_eq!(press_offline(&till, add("1.00")), None);
    assert_eq!(press_offline(&till, Command::DiscardCart { reason: String::new() }), None);
    let receipts = view(&bench).receipts;
    assert_eq!(receipts.len(), 4);
    assert!(receipts.iter().all(|receipt| receipt.state == ReceiptState::Practice), "{receipts:?}");

    block_on(till.poll());
    bench.set(|table| {
        assert_eq!((table.file.clone(), table.writes), before, "nothing on the disk");
        assert!(table.shop.sales.is_empty() && table.shop.told.is_none(), "nothing on the server");
        assert_eq!(table.drawer_opened, 0, "practice is no way to open the drawer");
    });
    assert_eq!(till.exit_warning(), None);
    assert_eq!(press_offline(&till, Command::EndPractice), None);
    assert!(matches!(bench.screen(), Screen::StartShift { .. }));
    assert_eq!(press_offline(&till, Command::StartPractice), None);
    assert!(view(&bench).receipts.is_empty(), "and the next practice begins anew");
}

fn printed_sale(till: &BenchTill, amount: &str) -> SaleSlip {
    for command in [add(amount), Command::Pay] {
        assert_eq!(press_offline(till, command), None);
    }
    printed(till, finish(""))
}

#[test]
fn a_real_cart_parked_carts_receipts_and_numbers_are_untouched_by_it() {
    let bench = Bench::default();
    let till = selling(&bench);
    for_cash(&till, "50.00", "");
    for command in [add("8.00"), Command::ParkCart { label: "real".into() }, add("9.00")] {
        assert_eq!(press_offline(&till, command), None);
    }
    // The server is silent from here on: the sale waits.
    assert_eq!(press_offline(&till, Command::LeaveShift), None);
    let kept = |bench: &Bench| bench.set(|table| (table.file.selling.clone(), table.file.queue.clone()));
    let before = kept(&bench);
    assert_eq!(press_offline(&till, Command::StartPractice), None);
    let shown = view(&bench);
    assert!(shown.cart.is_none() && shown.parked.is_empty() && shown.receipts.is_empty(), "{shown:?}");
    let slip = printed_sale(&till, "3.50");
    assert_eq!(number(&slip), "PRACTICE-000001");
    assert_eq!(press_offline(&till, add("1.00")), None);
    assert_eq!(till.snapshot().unsent, 1, "what really waits is told");
    assert_eq!(press_offline(&till, Command::EndPractice), None);
    assert_eq!(kept(&bench), before);

    bench.set(|table| table.opens.push_back(Ok(opened(SessionOutcome::Joined, NOON))));
    block_on(till.start_shift("200.00", false));
    for _poll in 0..2 {
        block_on(till.poll());
    }
    let shown = view(&bench);
    assert_eq!((shown.parked.len(), shown.receipts.len()), (2, 1));
    assert_eq!(number(&printed_sale(&till, "1.00")), "REG-1-B-000002");
    bench.set(|table| assert_eq!(table.drawer_opened, 2, "for the two that are in earnest"));
}

#[test]
fn what_belongs_to_a_shift_is_refused_in_words_of_its_own() {
    let bench = Bench::default();
    let till = practising(&bench);
    for name in [
        CommandName::Record,
        CommandName::SpotCount,
        CommandName::OpenDrawer,
        CommandName::OpenChecklist,
        CommandName::ShowXReport,
        CommandName::OpenBoard,
        CommandName::StartShift,
        CommandName::ChangeRegister,
    ] {
        assert_eq!(press_offline(&till, example(name)), Some(Code::Practising), "{name:?}");
        assert_eq!(bench.fault().map(|fault| fault.code), Some(Code::Practising), "{name:?}");
        assert_eq!(press_offline(&till, Command::DismissFault), None);
        assert_eq!(bench.fault(), None);
    }
    assert_eq!(press_offline(&till, Command::StartPractice), Some(Code::NotNow), "a second press");
    assert!(is_practice(&bench));
}

#[test]
fn a_store_that_this_computer_never_heard_of_is_asked_for_what_it_sells() {
    let bench = Bench::default();
    let till = at_start_screen(&bench);
    let (mut machine, at) = till.machine();
    let ask = |next: Next| match next {
        Next::Ask(request) => request,
        other => panic!("{other:?}"),
    };
    let first = ask(machine.press(Command::StartPractice, &at).next);
    let page = |more, settings| Answer::Catalogue(Ok(CatalogueRead { cursor: 1, more, settings }));
    let second = ask(machine.answered(first, page(true, None), &at).next);
    let last = machine.answered(second, page(false, Some(sold_here())), &at);
    assert!(matches!(last.next, Next::Answer(Ok(_))), "{:?}", last.next);
    assert!(matches!(shown(&machine, &at).screen, Screen::Register { practice: true, .. }));

    // Whoever signed out meanwhile practises nothing.
    let (mut machine, at) = till.machine();
    let asked = ask(machine.press(Command::StartPractice, &at).next);
    machine.press(Command::SignOut, &at);
    let late = machine.answered(asked, page(false, Some(sold_here())), &at);
    assert!(matches!(late.next, Next::Answer(Err(_))), "{:?}", late.next);
    assert!(matches!(shown(&machine, &at).screen, Screen::SignIn { .. }));

    // And without the network it is said why not.
    let (mut machine, at) = till.machine();
    let asked = ask(machine.press(Command::StartPractice, &at).next);
    machine.answered(asked, Answer::Catalogue(Err(unreachable())), &at);
    let shown = shown(&machine, &at);
    assert_eq!(shown.fault.map(|fault| fault.code), Some(Code::Unreachable));
    assert!(matches!(shown.screen, Screen::StartShift { .. }));
}

fn shown(machine: &crate::till::Machine, at: &crate::till::Moment) -> Snapshot {
    let surroundings = crate::till::Surroundings { serial: 0, people: Vec::new(), login_is_kept: true };
    machine.snapshot(surroundings, at)
}

#[test]
fn polls_bring_new_prices_and_disturb_nothing() {
    let bench = Bench::default();
    let till = practising(&bench);
    assert_eq!(press_offline(&till, add("1.00")), None);
    bench.set(|table| table.lists.push_back(Err(unreachable())));
    block_on(till.poll());
    assert_eq!(bench.fault(), None, "silence is not a fault in practice");
    assert_eq!(view(&bench).cart.unwrap().lines.len(), 1);
    bench.set(|table| {
        // The office switches a tender on; a till whose file is new hears all of it.
        table.shop.settings.as_mut().unwrap().rules.other_tenders.push("Transfer".into());
        table.shop.always_tells = true;
        table.now += 60;
    });
    block_on(till.poll());
    assert_eq!(view(&bench).other_tenders, ["Voucher", "Transfer"]);
    assert_eq!(view(&bench).cart.unwrap().lines.len(), 1);
}

#[test]
fn it_is_over_for_whoever_comes_next() {
    let bench = Bench::default();
    let till = practising(&bench);
    assert_eq!(press_offline(&till, add("1.00")), None);
    assert!(!till.is_at_rest());
    // Locked, and opened again by who practised.
    till.lock_screen();
    assert!(matches!(bench.screen(), Screen::Locked { shift_runs: false, .. }));
    assert!(till.is_at_rest(), "a newer version may be installed at night");
    bench.set(|table| table.confirms.push_back(Ok(Some(staff(4)))));
    block_on(till.unlock(staff(4).user_id, &password()));
    assert!(is_practice(&bench));
    assert_eq!(view(&bench).cart.unwrap().lines.len(), 1);
    // By a colleague.
    till.lock_screen();
    let ben = crate::Staff { user_id: UserId(Uuid::from_u128(55)), ..staff(4) };
    bench.set(|table| table.logins.push_back(Ok(Some(ben))));
    block_on(till.sign_in("ben@demo.example", &password()));
    assert!(matches!(bench.screen(), Screen::StartShift { .. }));

    // A manager who signs in over it, a login that ended, a sign-out.
    assert_eq!(press_offline(&till, Command::StartPractice), None);
    bench.set(|table| table.logins.push_back(Ok(Some(manager()))));
    block_on(till.sign_in("mia@demo.example", &password()));
    assert!(matches!(bench.screen(), Screen::StartShift { .. }));
    assert_eq!(press_offline(&till, Command::StartPractice), None);
    bench.set(|table| table.lists.push_back(Err(Fault::new(Code::SignedOut, "refresh_token_not_found"))));
    block_on(till.poll());
    assert!(matches!(bench.screen(), Screen::SignIn { .. }));
    bench.set(|table| table.logins.push_back(Ok(Some(manager()))));
    block_on(till.sign_in("mia@demo.example", &password()));
    assert_eq!(press_offline(&till, Command::StartPractice), None);
    assert!(is_practice(&bench));
    block_on(till.sign_out());
    assert!(matches!(bench.screen(), Screen::SignIn { .. }));
}

#[test]
fn a_restart_finds_nothing_of_it() {
    let bench = Bench::default();
    let till = practising(&bench);
    assert_eq!(press_offline(&till, add("1.00")), None);
    drop(till);
    bench.set(|table| table.logins.push_back(Ok(Some(staff(4)))));
    let again = bench.start();
    block_on(again.poll());
    assert!(matches!(bench.screen(), Screen::StartShift { .. }));
}

#[test]
fn what_was_scanned_in_practice_is_in_no_real_cart() {
    let bench = Bench::default();
    let till = practising(&bench);
    let (mut machine, at) = till.machine();
    let scan = machine.press(Command::Scan { code: "4006381333931".into() }, &at);
    let Next::Ask(asked) = scan.next else { panic!("{:?}", scan.next) };
    machine.press(Command::EndPractice, &at);
    let Next::Ask(start) = machine.press(example(CommandName::StartShift), &at).next else { panic!() };
    machine.answered(start, Answer::Opened(Ok(opened(SessionOutcome::Created, NOON))), &at);
    let mug = item(71, "Mug", Some("50.00"));
    let step = machine.answered(asked, Answer::Item(Ok(Some((mug, Quantity::ONE)))), &at);
    assert!(step.save.is_empty(), "{:?}", step.save);
    assert!(matches!(shown(&machine, &at).screen, Screen::Register { practice: false, .. }));
}

#[test]
fn where_a_certified_register_is_demanded_paper_says_that_this_is_none() {
    let bench = Bench::default();
    let till = selling(&bench);
    assert_eq!(printed_sale(&till, "1.00").standing, Standing::Receipt);
    // The store's own server lets it sell all the same.
    bench.set(|table| {
        table.shop.settings.as_mut().unwrap().rules.needs_certificate = true;
        table.shop.always_tells = true;
        table.now += 60;
    });
    block_on(till.poll());
    assert_eq!(printed_sale(&till, "1.00").standing, Standing::NotFiscal);
}
