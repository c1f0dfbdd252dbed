//! One press of *Pay* is one sale: from the first line to the receipt on the server, through lost answers, full disks,
//! crashes and counts.

use super::{
    lock::manager,
    shop::{item, key, settings},
    *,
};
use crate::{
    Amount, EntryState, SaleKind, Session,
    sale::check,
    selling_view::{ReceiptState, RefusedContent, SellingView},
};

/// A till in a shift that sells, its letter known; the float is 200.00.
pub(super) fn selling(bench: &Bench) -> BenchTill {
    bench.set(|table| {
        table.tells_expected = Some("200.00".parse().unwrap());
        let mut shop = settings();
        let (mug, open) = (item(71, "Mug", Some("50.00")), item(72, "Bread", None));
        shop.keys = vec![key(&mug), key(&open)];
        table.shop.items = vec![(mug, "4006381333931".into()), (open, "20".into())];
        table.shop.settings = Some(shop);
    });
    let till = in_shift(bench);
    for _poll in 0..2 {
        block_on(till.poll());
    }
    assert!(view(bench).is_ready, "the rules and the letter are known after two polls");
    till
}

pub(super) fn view(bench: &Bench) -> SellingView {
    match bench.screen() {
        Screen::Register { selling: Some(selling), .. } => *selling,
        other => panic!("nothing is sold here: {other:?}"),
    }
}

fn expected(bench: &Bench) -> Option<String> {
    match bench.screen() {
        Screen::Register { expected_cash, .. } => expected_cash.map(|amount| amount.to_string()),
        other => panic!("{other:?}"),
    }
}

fn press(till: &BenchTill, command: Command) -> Option<Code> {
    block_on(till.press(command))
}

/// A press after which the server is not asked.
pub(super) fn press_offline(till: &BenchTill, command: Command) -> Option<Code> {
    block_on(till.till.press(command)).err().map(|fault| fault.code)
}

pub(super) fn add(amount: &str) -> Command {
    Command::AddAmount { amount: amount.into(), quantity: String::new(), key: None, code: None }
}

pub(super) fn finish(handed: &str) -> Command {
    Command::FinishSale { handed: handed.into() }
}

/// The presses of a sale of an amount for cash.
pub(super) fn for_cash(till: &BenchTill, amount: &str, handed: &str) {
    for command in [add(amount), Command::Pay, finish(handed)] {
        assert_eq!(press_offline(till, command), None);
    }
}

fn numbers(bench: &Bench) -> Vec<String> {
    bench.set(|table| table.shop.sales.iter().filter_map(|sale| sale.receipt.number.clone()).collect())
}

#[test]
fn a_sale_for_cash_is_on_disk_with_its_number_and_reaches_the_server_once() {
    let bench = Bench::default();
    let till = selling(&bench);
    assert_eq!(press(&till, add("50.00")), None);
    assert_eq!(view(&bench).cart.unwrap().sums.unwrap().total.to_string(), "53.50");
    assert_eq!(press(&till, Command::Pay), None);
    let Ok(Outcome::Receipt { slip }) = block_on(till.till.press(finish("60.00"))) else {
        panic!("no receipt")
    };
    assert_eq!((slip.sale.receipt.number.as_deref(), slip.copy), (Some("REG-1-B-000001"), false));

    let done = view(&bench).done.unwrap();
    assert_eq!((done.number.as_str(), done.cash_back.to_string().as_str()), ("REG-1-B-000001", "6.50"));
    assert_eq!(view(&bench).cart, None);
    bench.set(|table| {
        assert_eq!(table.drawer_opened, 1);
        assert_eq!(table.file.selling.cart, None);
        assert_eq!(table.file.selling.chain.as_ref().unwrap().last_receipt, 1);
        assert_eq!(table.file.queue.len(), 1);
    });
    assert_eq!(expected(&bench).as_deref(), Some("253.50"), "what waits counts");
    block_on(till.poll());
    assert_eq!(expected(&bench).as_deref(), Some("253.50"), "and so does what the server has");
    bench.set(|table| {
        assert_eq!(table.shop.sales.len(), 1);
        check(&table.shop.sales[0]).unwrap();
        assert!(table.file.queue.is_empty());
        assert_eq!(table.shop.told, Some(1));
    });
    let receipt = view(&bench).receipts.remove(0);
    assert_eq!(receipt.state, ReceiptState::Recorded { late: false, is_flagged: false });
}

#[test]
fn a_lost_answer_is_sent_again_with_the_same_id_and_the_figure_is_never_wrong() {
    let bench = Bench::default();
    let till = selling(&bench);
    for_cash(&till, "50.00", "");
    bench.set(|table| table.shop.answers.push_back(Err(lost())));
    block_on(till.poll());
    assert!(
        expected(&bench).is_none_or(|figure| figure == "253.50"),
        "the server may have counted it already: no figure, or the right one"
    );
    block_on(till.poll());
    bench.set(|table| assert_eq!((table.shop.sales.len(), table.file.queue.len()), (1, 0)));
    block_on(till.poll());
    assert_eq!(expected(&bench).as_deref(), Some("253.50"));
}

#[test]
fn a_restart_right_after_an_answer_shows_what_is_in_the_drawer() {
    let bench = Bench::default();
    let till = selling(&bench);
    for_cash(&till, "50.00", "");
    // The answer is heard, and nothing after it.
    bench.set(|table| {
        table.looks.push_back(Err(unreachable()));
    });
    block_on(till.poll());
    bench.set(|table| assert!(table.file.queue.is_empty()));
    drop(till);
    bench.start().show();
    assert_eq!(expected(&bench).as_deref(), Some("253.50"));
}

#[test]
fn a_full_disk_at_pay_leaves_the_cart_and_no_number() {
    let bench = Bench::default();
    let till = selling(&bench);
    for command in [add("50.00"), Command::Pay] {
        press(&till, command);
    }
    bench.set(|table| table.disk_full = true);
    assert_eq!(press_offline(&till, finish("60.00")), Some(Code::StoreFailed));
    assert!(view(&bench).cart.is_some() && view(&bench).done.is_none());
    bench.set(|table| {
        assert_eq!(table.drawer_opened, 0, "nothing opens for what did not happen");
        table.disk_full = false;
    });
    assert_eq!(press_offline(&till, finish("60.00")), None);
    assert_eq!(view(&bench).done.unwrap().number, "REG-1-B-000001");
}

#[test]
fn a_card_that_was_approved_is_there_after_a_power_cut_and_one_press_finishes() {
    let bench = Bench::default();
    let till = selling(&bench);
    for command in
        [add("12.50"), Command::Pay, Command::CardApproved { amount: String::new(), reference: "A17".into() }]
    {
        assert_eq!(press_offline(&till, command), None);
    }
    assert_eq!(press_offline(&till, Command::BackToLines), Some(Code::MoneyTaken));
    assert_eq!(press_offline(&till, Command::OpenChecklist), Some(Code::MoneyTaken));
    drop(till);
    bench.set(|table| table.logins.push_back(Ok(Some(staff(4)))));
    let again = bench.start();
    block_on(again.poll());
    assert_eq!(press(&again, finish("")), None);
    bench.set(|table| {
        let [sale] = table.shop.sales.as_slice() else { panic!("{:?}", table.shop.sales) };
        assert_eq!((sale.totals.net_card, sale.totals.net_cash), (sale.totals.total, Amount::ZERO));
    });
    assert_eq!(press(&again, finish("")), Some(Code::NotNow), "it is done");
}

#[test]
fn offline_sales_and_a_void_arrive_in_order_without_a_gap() {
    let bench = Bench::default();
    let till = selling(&bench);
    for number in 1..=5 {
        for_cash(&till, &format!("{number}.00"), "");
    }
    let last = view(&bench).receipts[0].clone();
    assert!(last.can_be_voided);
    let void = Command::VoidReceipt { sale_id: last.sale_id, reason: "wrong item".into() };
    assert_eq!(press_offline(&till, void.clone()), None);
    assert_eq!(press_offline(&till, void), Some(Code::CannotVoid), "once");
    assert_eq!(view(&bench).receipts[1].voided_by.as_deref(), Some("REG-1-B-000006"));
    assert_eq!(expected(&bench).as_deref(), Some("210.70"), "1 + 2 + 3 + 4 and their tax");
    for _answer in 0..3 {
        bench.set(|table| table.shop.answers.push_back(Err(lost())));
        block_on(till.poll());
    }
    for _poll in 0..3 {
        block_on(till.poll());
    }
    assert_eq!(numbers(&bench), (1..=6).map(|number| format!("REG-1-B-{number:06}")).collect::<Vec<_>>());
    bench.set(|table| {
        for pair in table.shop.sales.windows(2) {
            assert_eq!(pair[0].receipt.hash, pair[1].receipt.prev_hash);
        }
        assert_eq!(table.shop.sales[5].kind, SaleKind::Void);
    });
    assert_eq!(expected(&bench).as_deref(), Some("210.70"));
}

#[test]
fn a_refused_sale_stays_in_sight_and_only_a_manager_takes_it_away() {
    let bench = Bench::default();
    let till = selling(&bench);
    for_cash(&till, "50.00", "");
    let refusal = Fault::new(Code::BadSale, "POS_BAD_SALE");
    bench.set(|table| table.shop.answers.push_back(Err(refusal)));
    block_on(till.poll());
    let refused = bench.set(|table| table.shown.last().unwrap().refused.clone());
    let [entry] = refused.as_slice() else { panic!("{refused:?}") };
    assert!(matches!(entry.content, RefusedContent::Sale { .. }) && !entry.can_be_dismissed);
    assert_eq!(view(&bench).receipts[0].state, ReceiptState::Refused { code: Code::BadSale });
    assert!(!view(&bench).receipts[0].can_be_voided);
    let dismiss = Command::DismissEntry { entry_id: entry.entry_id };
    assert_eq!(press_offline(&till, dismiss.clone()), Some(Code::ManagerRequired));
    bench.set(|table| {
        assert!(matches!(table.file.queue[0].state, EntryState::Refused { .. }));
        table.logins.push_back(Ok(Some(manager())));
    });
    block_on(till.sign_in("mia@demo.example", &password()));
    assert_eq!(press_offline(&till, dismiss), None);
    bench.set(|table| assert!(table.file.queue.is_empty()));
}

#[test]
fn a_cart_waits_while_somebody_counts_elsewhere_and_no_new_one_begins() {
    let bench = Bench::default();
    let till = selling(&bench);
    press(&till, add("3.00"));
    let counting =
        crate::session::CountingBy { by_name: "Ben".into(), by_id: None, since: jiff::Timestamp::UNIX_EPOCH };
    bench.set(|table| {
        let session = Session { counting: Some(counting), ..session(SessionStatus::Open, NOON, 9) };
        table.looks.push_back(Ok(Seen::Session(Box::new(session))));
    });
    block_on(till.poll());
    assert_eq!(press_offline(&till, add("2.00")), None, "the customer is served");
    for command in [Command::Pay, finish("")] {
        assert_eq!(press_offline(&till, command), None);
    }
    assert_eq!(press_offline(&till, add("1.00")), Some(Code::CountInProgress));
}

#[test]
fn what_came_after_the_shift_was_settled_is_said_where_it_is_over() {
    let bench = Bench::default();
    let till = selling(&bench);
    for command in [add("3.00"), Command::Pay, finish(""), add("2.00"), Command::Pay, finish("")] {
        assert_eq!(press_offline(&till, command), None);
    }
    bench.set(|table| {
        table.shop.late = true;
        let over = session(SessionStatus::Closed, NOON, 99);
        table.looks.push_back(Ok(Seen::Session(Box::new(over))));
    });
    block_on(till.poll());
    assert!(matches!(bench.screen(), Screen::Fenced { late_receipts: 2, .. }), "{:?}", bench.screen());
}

#[test]
fn a_parked_cart_comes_back_as_it_was_and_outlives_the_shift() {
    let bench = Bench::default();
    let till = selling(&bench);
    press(&till, add("3.00"));
    let parked = view(&bench).cart;
    assert_eq!(press(&till, Command::ParkCart { label: "blue hat".into() }), None);
    assert_eq!((view(&bench).cart, view(&bench).parked.len()), (None, 1));
    press(&till, add("9.00"));
    let over = session(SessionStatus::Closed, NOON, 99);
    bench.set(|table| table.looks.push_back(Ok(Seen::Session(Box::new(over)))));
    block_on(till.poll());
    assert!(matches!(bench.screen(), Screen::Fenced { .. }));
    press_offline(&till, Command::AcknowledgeEnd);
    bench.set(|table| {
        assert_eq!(table.file.selling.cart, None);
        assert_eq!(table.file.selling.parked.len(), 2, "the open cart waits, too");
        table.opens.push_back(Ok(opened(SessionOutcome::Created, NOON)));
    });
    block_on(till.start_shift("200.00", false));
    let first = view(&bench).parked[0].clone();
    assert_eq!(first.label, "blue hat");
    assert_eq!(press_offline(&till, Command::RecallCart { sale_id: first.sale_id }), None);
    assert_eq!(view(&bench).cart, parked);
    assert_eq!(view(&bench).parked.len(), 1);
}

#[test]
fn what_is_thrown_away_is_on_record_without_a_receipt() {
    let bench = Bench::default();
    let till = selling(&bench);
    press(&till, add("3.00"));
    assert_eq!(press(&till, Command::DiscardCart { reason: "changed mind".into() }), None);
    assert!(view(&bench).done.is_none() && view(&bench).receipts.is_empty());
    bench.set(|table| {
        let [discard] = table.shop.sales.as_slice() else { panic!("{:?}", table.shop.sales) };
        assert_eq!((discard.kind, discard.receipt.seq), (SaleKind::Discard, None));
        assert_eq!(table.drawer_opened, 0);
    });
}

#[test]
fn items_come_by_key_and_by_scan_and_what_is_unknown_says_so() {
    let bench = Bench::default();
    let till = selling(&bench);
    let keys = view(&bench).keys;
    assert_eq!(keys.iter().map(|key| key.label.as_str()).collect::<Vec<_>>(), ["Mug", "Bread"]);
    let add_key = Command::AddItem { item_id: keys[0].item_id, quantity: "2".into(), price: String::new() };
    assert_eq!(press_offline(&till, add_key), None);
    assert_eq!(press_offline(&till, Command::Scan { code: "4006381333931".into() }), None);
    let open = Command::AddItem { item_id: keys[1].item_id, quantity: String::new(), price: String::new() };
    assert_eq!(press_offline(&till, open), Some(Code::PriceNeeded));
    let scan = |code: &str| press_offline(&till, Command::Scan { code: code.into() });
    assert_eq!(scan("4006381333932"), Some(Code::BadScan), "its check digit does not fit");
    assert_eq!(scan("4006381333955"), Some(Code::UnknownItem));
    let cart = view(&bench).cart.unwrap();
    assert_eq!(cart.lines.len(), 2, "what was refused added nothing");
    assert_eq!(cart.sums.unwrap().net.to_string(), "150.00");
    assert_eq!(press_offline(&till, add("1.00")), None);
    assert_eq!(view(&bench).cart.unwrap().lines[2].name, "Bread", "the store's key without a price");
}

#[test]
fn a_discount_beyond_the_limit_is_not_paid_without_a_manager() {
    let bench = Bench::default();
    let till = selling(&bench);
    press(&till, add("20.00"));
    let discount = |discount: &str| Command::DiscountLine {
        line: 0,
        discount: discount.into(),
        reason: "scratch".into(),
    };
    assert_eq!(press_offline(&till, discount("50%")), None);
    assert_eq!(press_offline(&till, Command::Pay), Some(Code::SaleNeedsApproval));
    assert_eq!(press_offline(&till, discount("10%")), None);
    assert_eq!(press_offline(&till, Command::Pay), None);
    assert_eq!(press_offline(&till, finish("1.00")), Some(Code::BadFigure), "too little");
    assert_eq!(press_offline(&till, finish("")), None);
}

#[test]
fn late_sales_are_told_and_change_no_figure() {
    let bench = Bench::default();
    let till = selling(&bench);
    for_cash(&till, "50.00", "");
    bench.set(|table| table.shop.late = true);
    block_on(till.poll());
    assert_eq!(view(&bench).receipts[0].state, ReceiptState::Recorded { late: true, is_flagged: false });
}

#[test]
fn a_file_that_is_an_older_copy_goes_on_after_what_the_server_has() {
    let bench = Bench::default();
    let till = selling(&bench);
    for_cash(&till, "1.00", "");
    block_on(till.poll());
    let older = bench.set(|table| table.file.clone());
    for_cash(&till, "2.00", "");
    block_on(till.poll());
    drop(till);
    bench.set(|table| {
        table.file = older;
        table.logins.push_back(Ok(Some(staff(4))));
    });
    let again = bench.start();
    for _poll in 0..3 {
        block_on(again.poll());
    }
    for_cash(&again, "3.00", "");
    block_on(again.poll());
    assert_eq!(numbers(&bench), ["REG-1-B-000001", "REG-1-B-000002", "REG-1-B-000003"]);
}

#[test]
fn a_code_that_the_catalogue_does_not_know_stays_with_the_amount_that_is_sold_for_it() {
    let sold_for = |code: &str| {
        let bench = Bench::default();
        let till = selling(&bench);
        let (amount, quantity) = ("3.50".to_owned(), String::new());
        let command = Command::AddAmount { amount, quantity, key: None, code: Some(code.to_owned()) };
        assert_eq!(press(&till, command), None);
        for_cash(&till, "1.00", "");
        block_on(till.poll());
        bench.set(|table| table.shop.sales[0].lines[0].code.clone())
    };
    assert_eq!(sold_for("5901234123457").as_deref(), Some("5901234123457"));
    assert_eq!(sold_for("4111111111111111"), None, "a card that was drawn through a reader");
}

#[test]
fn a_scan_that_comes_to_nothing_leaves_the_cart_as_it_was() {
    let bench = Bench::default();
    let till = selling(&bench);
    assert_eq!(press_offline(&till, add("3.00")), None);
    let before = view(&bench).cart;
    assert_eq!(press_offline(&till, Command::Scan { code: "20".into() }), Some(Code::PriceNeeded));
    assert_eq!(view(&bench).cart, before);
    assert!(before.is_some());
}

#[test]
fn a_file_that_is_behind_the_catalogue_hears_again_how_the_store_sells() {
    let bench = Bench::default();
    drop(selling(&bench));
    bench.set(|table| {
        table.file.selling.shop = None;
        table.logins.push_back(Ok(Some(staff(4))));
    });
    let again = bench.start();
    for _poll in 0..3 {
        block_on(again.poll());
    }
    assert!(view(&bench).is_ready);
}

#[test]
fn what_was_thrown_away_is_not_taken_for_what_somebody_else_recorded() {
    let bench = Bench::default();
    let till = selling(&bench);
    for command in [add("3.00"), Command::DiscardCart { reason: String::new() }] {
        assert_eq!(press_offline(&till, command), None);
    }
    bench.set(|table| {
        let elsewhere = crate::Movement {
            id: crate::MovementId(uuid::Uuid::from_u128(0xe15e)),
            session_id: session(SessionStatus::Open, NOON, 1).id,
            kind: crate::MovementKind::PayIn,
            amount: "300.00".parse().unwrap(),
            reason: String::new(),
            note: String::new(),
            reference: String::new(),
            reverses: None,
            by_name: "Ben".into(),
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
            sent_at: None,
        };
        table.ledger.push(elsewhere);
    });
    block_on(till.poll());
    block_on(till.poll());
    assert_eq!(expected(&bench).as_deref(), Some("500.00"));
}

#[test]
fn a_till_that_starts_again_hears_that_selling_was_switched_off() {
    let bench = Bench::default();
    drop(selling(&bench));
    bench.set(|table| {
        table.file.selling.shop.as_mut().unwrap().read_at = None;
        table.shop.settings.as_mut().unwrap().rules.selling_on = false;
        table.logins.push_back(Ok(Some(staff(4))));
    });
    let again = bench.start();
    for _poll in 0..2 {
        block_on(again.poll());
    }
    let Screen::Register { selling, .. } = bench.screen() else { panic!() };
    assert_eq!(selling, None);
}

#[test]
fn where_selling_is_off_nothing_is_offered() {
    let bench = Bench::default();
    let till = in_shift(&bench);
    block_on(till.poll());
    let Screen::Register { selling, .. } = bench.screen() else { panic!() };
    assert_eq!(selling, None);
    assert_eq!(press_offline(&till, add("1.00")), Some(Code::NotNow));
}

#[test]
fn a_till_hurries_for_the_next_page_only_while_it_reads_pages() {
    let bench = Bench::default();
    let till = selling(&bench);
    bench.set(|table| {
        table.shop.more = true;
        table.now += 60;
    });
    assert!(block_on(till.poll()) < std::time::Duration::from_secs(1), "the next page at once");
    press_offline(&till, Command::LeaveShift);
    assert!(block_on(till.poll()) >= std::time::Duration::from_secs(1), "nobody reads pages between shifts");
}

#[test]
fn an_earlier_database_part_is_not_asked_for_a_catalogue() {
    let bench = Bench::default();
    bench.set(|table| table.older = true);
    let till = in_shift(&bench);
    for _poll in 0..3 {
        block_on(till.poll());
    }
    assert_eq!(bench.set(|table| table.shop.pages_asked), 0);
}
