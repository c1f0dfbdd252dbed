//! Something comes back: by receipt and without one, asked first, with and without a manager, through lost answers,
//! silence and crashes.

use super::{
    selling::{add, finish, for_cash, press_offline, selling, view},
    *,
};
use crate::{
    Amount, Subject,
    sale::{ApprovalKind, TenderKind},
    selling_view::{ReceiptState, ReturningView},
};

fn press(till: &BenchTill, command: Command) -> Option<Code> {
    block_on(till.press(command))
}

fn returning(bench: &Bench) -> ReturningView {
    *view(bench).returning.expect("a receipt of which something comes back")
}

fn find(number: &str) -> Command {
    Command::FindReceipt { number: number.into() }
}

fn take(line: usize, quantity: &str) -> Command {
    Command::ReturnLine { line, quantity: quantity.into() }
}

fn ask() -> Command {
    Command::AskRefund { reason: "too small".into(), note: String::new() }
}

fn approve(subject: Subject, email: &str) -> Command {
    Command::ApproveSale { subject, email: email.into(), password: password(), note: String::new() }
}

/// A till that has sold three pieces of 3.33 at 7 % for cash; the server has it.
fn sold_three(bench: &Bench) -> BenchTill {
    let till = selling(bench);
    let three = Command::AddAmount { amount: "3.33".into(), quantity: "3".into(), key: None, code: None };
    for command in [three, Command::Pay, finish(""), Command::NextCustomer] {
        assert_eq!(press_offline(&till, command), None);
    }
    block_on(till.poll());
    till
}

fn kicks(bench: &Bench) -> usize {
    bench.set(|table| table.drawer_opened)
}

#[test]
fn one_piece_after_the_other_comes_back_to_the_cent_and_then_nothing_is_left() {
    let bench = Bench::default();
    let till = sold_three(&bench);
    let before = kicks(&bench);
    for (number, total) in (2..).zip(["3.56", "3.57", "3.56"]) {
        assert_eq!(press(&till, find(" reg-1-b-000001 ")), None);
        assert_eq!(press(&till, take(1, "1")), None);
        let shown = returning(&bench);
        assert_eq!(shown.sums.unwrap().total.to_string(), total);
        assert_eq!(shown.cash.unwrap().to_string(), total);
        assert_eq!(press(&till, ask()), None);
        let done = view(&bench).done.unwrap();
        assert_eq!(
            (done.number, done.cash_back.to_string()),
            (format!("REG-1-B-{number:06}"), total.to_owned())
        );
        assert!(
            view(&bench).to_print == Some(done.sale_id)
                && view(&bench).cart.is_none()
                && view(&bench).returning.is_none()
        );
        let receipt = &view(&bench).receipts[0];
        assert_eq!(receipt.state, ReceiptState::Recorded { late: false, is_flagged: false });
    }
    assert_eq!(kicks(&bench), before + 3);
    assert_eq!(press(&till, find("REG-1-B-000001")), None);
    let shown = returning(&bench);
    assert!(!shown.is_something_left && shown.earlier.len() == 3 && shown.lines[0].left.is_none());
    assert_eq!(press(&till, take(1, "1")), Some(Code::BadFigure));
    assert_eq!(press(&till, ask()), Some(Code::CartEmpty));
    let Screen::Register { expected_cash, .. } = bench.screen() else { panic!() };
    assert_eq!(expected_cash.unwrap().to_string(), "200.00", "as at the start");
    bench.set(|table| {
        for pair in table.shop.sales.windows(2) {
            assert_eq!(pair[0].receipt.hash, pair[1].receipt.prev_hash);
        }
    });
}

#[test]
fn a_lost_answer_is_asked_again_by_the_same_id_and_no_money_is_handed_out_before() {
    let bench = Bench::default();
    let till = sold_three(&bench);
    let before = kicks(&bench);
    for command in [find("REG-1-B-000001"), Command::ReturnAll] {
        assert_eq!(press(&till, command), None);
    }
    bench.set(|table| table.shop.answers.extend([Err(lost()), Err(unreachable())]));
    assert_eq!(press(&till, ask()), None);
    assert_eq!(kicks(&bench), before, "no money yet");
    assert_eq!(press_offline(&till, add("1.00")), Some(Code::NotNow), "its place in the chain is held");
    assert_eq!(press_offline(&till, Command::OpenChecklist), Some(Code::OutcomeUnknown));
    assert_eq!(press_offline(&till, Command::LeaveShift), Some(Code::OutcomeUnknown));
    let Screen::Register { expected_cash, .. } = bench.screen() else { panic!() };
    assert!(expected_cash.is_none_or(|cash| cash.to_string() == "210.69"), "{expected_cash:?}");
    assert_eq!(press(&till, ask()), None);
    assert!(view(&bench).done.is_none(), "silence says nothing of it");
    assert_eq!(press(&till, ask()), None);
    assert_eq!(view(&bench).done.unwrap().cash_back.to_string(), "10.69");
    assert_eq!(kicks(&bench), before + 1);
    bench.set(|table| assert_eq!(table.shop.sales.len(), 2, "once"));
    block_on(till.poll());
    let Screen::Register { expected_cash, .. } = bench.screen() else { panic!() };
    assert_eq!(expected_cash.unwrap().to_string(), "200.00");
}

#[test]
fn a_crash_in_the_middle_goes_on_by_itself() {
    let bench = Bench::default();
    let till = sold_three(&bench);
    for command in [find("REG-1-B-000001"), Command::ReturnAll] {
        assert_eq!(press(&till, command), None);
    }
    bench.set(|table| table.shop.answers.push_back(Err(lost())));
    assert_eq!(press(&till, ask()), None);
    let before = kicks(&bench);
    drop(till);
    bench.set(|table| {
        table.logins.push_back(Ok(Some(staff(4))));
        table.shop.answers.push_back(Err(unreachable()));
    });
    let again = bench.start();
    for _poll in 0..3 {
        block_on(again.poll());
    }
    assert_eq!(kicks(&bench), before + 1, "it opens once the server has said so");
    let done = view(&bench).done.unwrap();
    assert_eq!(view(&bench).to_print, Some(done.sale_id));
    let printed = block_on(again.till.press(Command::ReprintReceipt { sale_id: done.sale_id }));
    let Ok(Outcome::Receipt { slip }) = printed else { panic!("{printed:?}") };
    assert_eq!((slip.copy, slip.original_number.as_deref()), (false, Some("REG-1-B-000001")));
    let printed = block_on(again.till.press(Command::ReprintReceipt { sale_id: done.sale_id }));
    assert!(matches!(printed, Ok(Outcome::Receipt { slip }) if slip.copy));
    bench.set(|table| assert_eq!(table.shop.sales.len(), 2));
    for_cash(&again, "1.00", "");
    assert_eq!(view(&bench).done.unwrap().number, "REG-1-B-000003", "the chain goes on behind it");
}

#[test]
fn a_full_disk_at_the_answer_hands_out_nothing_until_it_is_written() {
    let bench = Bench::default();
    let till = sold_three(&bench);
    for command in [find("REG-1-B-000001"), Command::ReturnAll] {
        assert_eq!(press(&till, command), None);
    }
    bench.set(|table| table.shop.answers.push_back(Err(lost())));
    assert_eq!(press(&till, ask()), None);
    let before = kicks(&bench);
    bench.set(|table| table.disk_full = true);
    block_on(till.poll());
    assert_eq!((kicks(&bench), view(&bench).done), (before, None));
    bench.set(|table| {
        assert_eq!(table.shop.sales.len(), 2, "the server has it");
        table.disk_full = false;
        table.shop.answers.push_back(Err(unreachable()));
    });
    block_on(till.poll());
    assert_eq!(view(&bench).done, None, "it is not given up");
    block_on(till.poll());
    assert_eq!(kicks(&bench), before + 1);
    assert_eq!(view(&bench).done.unwrap().number, "REG-1-B-000002");
    bench.set(|table| assert_eq!(table.shop.sales.len(), 2, "once"));
}

#[test]
fn what_did_not_reach_the_server_says_why_and_sells_on() {
    let bench = Bench::default();
    let till = sold_three(&bench);
    for command in [find("REG-1-B-000001"), Command::ReturnAll] {
        assert_eq!(press(&till, command), None);
    }
    bench.set(|table| table.shop.answers.push_back(Err(unreachable())));
    assert_eq!(press(&till, ask()), None);
    let shown = returning(&bench);
    assert_eq!(shown.fault.map(|fault| fault.code), Some(Code::Unreachable));
    assert!(shown.sums.is_some(), "what was chosen stands there");
    bench.set(|table| assert!(table.file.selling.cart.is_none()));
    assert_eq!(press(&till, Command::StopReturn), None);
    for_cash(&till, "1.00", "");
    assert_eq!(view(&bench).done.unwrap().number, "REG-1-B-000002", "no number was used");
    // Something that was sold is not sent: neither is the refund.
    bench.set(|table| table.shop.reads.push_back(Err(unreachable())));
    assert_eq!(press(&till, find("REG-1-B-000001")), Some(Code::Unreachable));
    assert_eq!(press(&till, find("REG-1-B-000001")), None);
    assert_eq!(press(&till, Command::ReturnAll), None);
    bench.set(|table| table.shop.answers.push_back(Err(unreachable())));
    for_cash_is_refused(&till);
    assert_eq!(press(&till, ask()), None);
    assert_eq!(returning(&bench).fault.map(|fault| fault.code), Some(Code::Unreachable));
}

/// While a receipt is looked at, nothing else begins.
fn for_cash_is_refused(till: &BenchTill) {
    assert_eq!(press_offline(till, add("1.00")), Some(Code::NotNow));
}

#[test]
fn what_somebody_else_brought_back_meanwhile_is_read_anew() {
    let bench = Bench::default();
    let till = sold_three(&bench);
    for command in [find("REG-1-B-000001"), take(1, "2")] {
        assert_eq!(press(&till, command), None);
    }
    bench.set(|table| table.shop.answers.push_back(Err(Fault::new(Code::NothingLeft, "POS_NOTHING_LEFT"))));
    assert_eq!(press(&till, ask()), None);
    let shown = returning(&bench);
    assert_eq!((shown.fault.map(|fault| fault.code), shown.sums), (Some(Code::NothingLeft), None));
    bench.set(|table| assert_eq!(table.shop.sales.len(), 1));
    assert_eq!(press(&till, take(1, "1")), None);
    assert_eq!(returning(&bench).fault, None);
    assert_eq!(press(&till, ask()), None);
    assert_eq!(view(&bench).done.unwrap().number, "REG-1-B-000002");
}

#[test]
fn to_no_tender_goes_back_more_than_it_paid() {
    let bench = Bench::default();
    let till = selling(&bench);
    let paid = [
        add("20.00"),
        add("10.00"),
        Command::Pay,
        Command::CardApproved { amount: "12.10".into(), reference: String::new() },
        Command::TakeOther { label: "Voucher".into(), amount: "5.00".into(), reference: String::new() },
        finish(""),
        Command::NextCustomer,
    ];
    for command in paid {
        assert_eq!(press_offline(&till, command), None);
    }
    block_on(till.poll());
    assert_eq!(press(&till, find("REG-1-B-000001")), None);
    assert_eq!(press(&till, take(2, "1")), None);
    let back = |bench: &Bench| -> Vec<(TenderKind, String, String)> {
        let back = returning(bench).back.into_iter();
        back.map(|one| {
            let amount = one.amount.map(|amount| amount.to_string());
            (one.kind, one.left.to_string(), amount.unwrap_or_default())
        })
        .collect()
    };
    let row = |kind, left: &str, amount: &str| (kind, left.to_owned(), amount.to_owned());
    use TenderKind::{Card, Cash, Other};
    assert_eq!(
        back(&bench),
        [row(Card, "12.10", "10.70"), row(Other, "5.00", ""), row(Cash, "15.00", "")],
        "to the card first"
    );
    assert_eq!(press(&till, Command::ReturnFirst { tender: 1 }), None);
    assert_eq!(
        back(&bench),
        [row(Other, "5.00", "5.00"), row(Card, "12.10", "5.70"), row(Cash, "15.00", "")]
    );
    assert!(view(&bench).receipts[0].can_be_voided);
    assert_eq!(press(&till, ask()), None);
    assert!(!view(&bench).receipts[1].can_be_voided, "something of it came back");
    let done = view(&bench).done.unwrap();
    assert_eq!(
        (done.cash_back, done.other_back.map(|amount| amount.to_string())),
        (Amount::ZERO, Some("10.70".into()))
    );
    assert_eq!(press(&till, Command::NextCustomer), None);
    assert_eq!(press(&till, find("REG-1-B-000001")), None);
    assert_eq!(press(&till, Command::ReturnAll), None);
    assert_eq!(back(&bench), [row(Card, "6.40", "6.40"), row(Cash, "15.00", "15.00")]);
    assert_eq!(press(&till, ask()), None);
    bench.set(|table| {
        let sum = |of: fn(&crate::sale::SaleTotals) -> Amount| -> String {
            table
                .shop
                .sales
                .iter()
                .map(|sale| of(&sale.totals).decimal())
                .sum::<rust_decimal::Decimal>()
                .normalize()
                .to_string()
        };
        assert_eq!([sum(|it| it.net_cash), sum(|it| it.net_card), sum(|it| it.net_other)], ["0", "0", "0"]);
    });
}

#[test]
fn beyond_the_limit_a_manager_approves_this_refund_once() {
    let bench = Bench::default();
    let till = sold_three(&bench);
    bench.set(|table| {
        let shop = table.shop.settings.as_mut().unwrap();
        shop.rules.refund_limit = Some("5.00".parse().unwrap());
        table.shop.always_tells = true;
        table.now += 20;
    });
    block_on(till.poll());
    for command in [find("REG-1-B-000001"), take(1, "2")] {
        assert_eq!(press(&till, command), None);
    }
    assert_eq!(returning(&bench).needs, [ApprovalKind::Refund]);
    assert_eq!(press(&till, ask()), Some(Code::SaleNeedsApproval));
    assert_eq!(press(&till, approve(Subject::Refund, "ana@demo.example")), Some(Code::ManagerRequired));
    bench.set(|table| table.shop.reads.push_back(Err(unreachable())));
    assert_eq!(press(&till, approve(Subject::Refund, "mara@demo.example")), Some(Code::Unreachable));
    assert_eq!(returning(&bench).needs, [ApprovalKind::Refund], "offline the limit holds");
    assert_eq!(press(&till, approve(Subject::Refund, "mara@demo.example")), None);
    assert_eq!(returning(&bench).needs, []);
    bench.set(|table| {
        let [approved] = table.shop.approved.as_slice() else { panic!("{:?}", table.shop.approved) };
        assert_eq!((approved.kind, approved.limit), (ApprovalKind::Refund, "7.13".parse().ok()));
    });
    assert_eq!(press(&till, take(1, "3")), None);
    assert_eq!(returning(&bench).needs, [ApprovalKind::Refund], "of what was approved, no more");
    assert_eq!(press(&till, approve(Subject::Refund, "mara@demo.example")), None);
    assert_eq!(press(&till, ask()), None);
    assert_eq!(view(&bench).receipts[0].approved_by.as_deref(), Some("Mara"));
    bench.set(|table| {
        let (refund, approved) = (table.shop.sales.last().unwrap(), table.shop.approved.last().unwrap());
        assert_eq!((refund.approval_id, refund.id), (Some(approved.id), approved.sale_id));
    });
}

#[test]
fn goods_without_a_receipt_come_back_once_a_manager_has_approved_it() {
    let bench = Bench::default();
    let till = selling(&bench);
    let back = || Command::RefundCart { reason: "gift".into(), note: String::new() };
    assert_eq!(press(&till, add("20.00")), None);
    assert_eq!(press(&till, back()), Some(Code::SaleNeedsApproval));
    assert_eq!(press(&till, approve(Subject::CartRefund, "mara@demo.example")), None);
    assert_eq!(press(&till, add("1.00")), None);
    assert_eq!(press(&till, back()), Some(Code::SaleNeedsApproval), "of other goods");
    assert_eq!(press(&till, approve(Subject::CartRefund, "mara@demo.example")), None);
    assert_eq!(
        press(&till, Command::RefundCart { reason: " ".into(), note: String::new() }),
        Some(Code::ReasonRequired)
    );
    assert_eq!(press(&till, back()), None);
    let done = view(&bench).done.unwrap();
    assert_eq!((done.cash_back.to_string().as_str(), view(&bench).to_print), ("22.47", Some(done.sale_id)));
    bench.set(|table| assert_eq!(table.shop.sales[0].original_id, None));
}

#[test]
fn a_discount_a_price_and_a_large_sale_are_approved_together_and_both_names_are_kept() {
    let bench = Bench::default();
    let till = selling(&bench);
    let cheap = Command::SetPrice { line: 0, price: "30.00".into(), reason: "shelf".into() };
    let half = Command::DiscountLine { line: 0, discount: "50%".into(), reason: "scratch".into() };
    for command in [Command::Scan { code: "4006381333931".into() }, cheap, half.clone()] {
        assert_eq!(press(&till, command), None);
    }
    assert_eq!(press(&till, Command::Pay), Some(Code::SaleNeedsApproval));
    assert_eq!(press(&till, approve(Subject::Refund, "mara@demo.example")), Some(Code::NotNow));
    assert_eq!(press(&till, approve(Subject::Cart, "mara@demo.example")), None);
    bench.set(|table| {
        let kinds: Vec<_> = table.shop.approved.iter().map(|one| (one.kind, one.limit)).collect();
        assert_eq!(kinds, [(ApprovalKind::Discount, "15.00".parse().ok()), (ApprovalKind::Price, None)]);
        assert_ne!(table.shop.approved[0].id, table.shop.approved[1].id);
    });
    assert_eq!(press(&till, half), None);
    assert_eq!(press(&till, Command::Pay), Some(Code::SaleNeedsApproval), "an edit takes it back");
    assert_eq!(press(&till, approve(Subject::Cart, "mara@demo.example")), None);
    for command in [Command::Pay, finish("")] {
        assert_eq!(press(&till, command), None);
    }
    let receipt = view(&bench).receipts.remove(0);
    assert_eq!((receipt.by_name.as_str(), receipt.approved_by.as_deref()), ("Ana", Some("Mara")));
}

#[test]
fn a_void_beyond_the_limit_is_approved_for_that_receipt_alone() {
    let bench = Bench::default();
    let till = selling(&bench);
    for _sale in 0..2 {
        for_cash(&till, "80.00", "");
    }
    block_on(till.poll());
    let receipts = view(&bench).receipts;
    assert!(receipts[0].can_be_voided && receipts[0].void_needs_approval);
    let void = |at: usize| Command::VoidReceipt { sale_id: receipts[at].sale_id, reason: "mistyped".into() };
    assert_eq!(press(&till, Command::NextCustomer), None);
    assert_eq!(press(&till, void(0)), Some(Code::SaleNeedsApproval));
    let subject = Subject::Void { sale_id: receipts[1].sale_id };
    assert_eq!(press(&till, approve(subject, "mara@demo.example")), None);
    assert_eq!(press(&till, void(0)), Some(Code::SaleNeedsApproval), "another one");
    assert_eq!(press(&till, void(1)), None);
    bench.set(|table| {
        let (void, approved) = (table.shop.sales.last().unwrap(), table.shop.approved.last().unwrap());
        assert_eq!((void.id, void.approval_id), (approved.sale_id, Some(approved.id)));
    });
}

#[test]
fn the_receipt_that_a_scanner_reads_is_looked_for() {
    let bench = Bench::default();
    let till = sold_three(&bench);
    assert_eq!(press(&till, Command::Scan { code: "REG-1-B-000001".into() }), None);
    assert_eq!(returning(&bench).number, "REG-1-B-000001");
    assert_eq!(press(&till, find("REG-1-B-000009")), Some(Code::SaleNotFound));
    assert_eq!(press(&till, find("4006381333931")), Some(Code::SaleNotFound));
    assert_eq!(press(&till, Command::StopReturn), None);
    assert_eq!(press(&till, add("1.00")), None);
    assert_eq!(
        press(&till, Command::Scan { code: "REG-1-B-000001".into() }),
        Some(Code::UnknownItem),
        "a cart is open"
    );
}

#[test]
fn a_full_disk_asks_for_nothing_and_keeps_what_was_chosen() {
    let bench = Bench::default();
    let till = sold_three(&bench);
    for command in [find("REG-1-B-000001"), Command::ReturnAll] {
        assert_eq!(press(&till, command), None);
    }
    bench.set(|table| table.disk_full = true);
    assert_eq!(press(&till, ask()), Some(Code::StoreFailed));
    bench.set(|table| {
        assert_eq!(table.shop.sales.len(), 1);
        table.disk_full = false;
    });
    assert!(returning(&bench).sums.is_some());
    assert_eq!(press(&till, ask()), None);
    assert!(view(&bench).done.is_some());
}

fn exchange() -> Command {
    Command::Exchange { reason: "other size".into(), note: String::new() }
}

/// What the drawer and the card were left with by all entries of the server.
fn sums(bench: &Bench) -> [String; 2] {
    bench.set(|table| {
        let sum = |of: fn(&crate::sale::SaleTotals) -> Amount| {
            let all = table.shop.sales.iter().map(|sale| of(&sale.totals).decimal());
            all.sum::<rust_decimal::Decimal>().normalize().to_string()
        };
        [sum(|it| it.net_cash), sum(|it| it.net_card)]
    })
}

#[test]
fn an_exchange_is_a_refund_and_a_sale_settled_against_each_other() {
    let bench = Bench::default();
    let till = sold_three(&bench);
    for command in [find("REG-1-B-000001"), Command::ReturnAll, exchange(), add("20.00")] {
        assert_eq!(press(&till, command), None);
    }
    assert!(view(&bench).returning.unwrap().exchanging);
    // The answer is lost, and the power fails: what is paid waits with the refund.
    bench.set(|table| table.shop.answers.push_back(Err(lost())));
    assert_eq!(press(&till, Command::Pay), None);
    assert_eq!(press(&till, finish("")), Some(Code::NotNow), "not before the refund is on record");
    drop(till);
    bench.set(|table| table.logins.push_back(Ok(Some(staff(4)))));
    let again = bench.start();
    for _poll in 0..2 {
        block_on(again.poll());
    }
    let crate::sale::CartStage::Paying { due, credit, credit_back, .. } = view(&bench).cart.unwrap().stage
    else {
        panic!("{:?}", view(&bench).cart)
    };
    let credit = credit.unwrap();
    assert_eq!((credit.amount.to_string().as_str(), credit.number.as_str()), ("10.69", "REG-1-B-000002"));
    assert_eq!((due.to_string().as_str(), credit_back), ("10.71", None), "21.40 less 10.69");
    assert_eq!(press(&again, Command::BackToLines), Some(Code::MoneyTaken));
    assert_eq!(press(&again, Command::LeaveShift), Some(Code::MoneyTaken));
    assert_eq!(press(&again, finish("20.00")), None);
    let done = view(&bench).done.unwrap();
    assert_eq!((done.number.as_str(), done.cash_back.to_string().as_str()), ("REG-1-B-000003", "9.29"));
    block_on(again.poll());
    assert_eq!(sums(&bench), ["21.4", "0"], "the drawer has what the new goods cost");
    bench.set(|table| {
        assert_eq!(table.shop.sales.len(), 3);
        table.shop.sales.iter().for_each(|sale| {
            assert!(sale.kind == crate::SaleKind::Refund || crate::sale::check(sale).is_ok())
        });
    });
}

#[test]
fn of_dearer_goods_that_a_card_paid_the_rest_goes_back_to_the_card() {
    let bench = Bench::default();
    let till = selling(&bench);
    let card = Command::CardApproved { amount: String::new(), reference: String::new() };
    for command in [add("50.00"), Command::Pay, card, finish(""), Command::NextCustomer] {
        assert_eq!(press(&till, command), None);
    }
    for command in [find("REG-1-B-000001"), Command::ReturnAll, exchange(), add("20.00"), Command::Pay] {
        assert_eq!(press(&till, command), None);
    }
    assert_eq!(press(&till, finish("")), None);
    assert_eq!(view(&bench).done.unwrap().cash_back, Amount::ZERO);
    assert_eq!(sums(&bench), ["0", "21.4"], "53.50 by card, 32.10 back to it");
}

#[test]
fn an_exchange_that_comes_to_nothing_leaves_the_money_with_the_customer() {
    let bench = Bench::default();
    let till = sold_three(&bench);
    for command in [find("REG-1-B-000001"), Command::ReturnAll, exchange(), add("5.00")] {
        assert_eq!(press(&till, command), None);
    }
    // It was refused: the goods are in the cart as they were.
    bench.set(|table| table.shop.answers.push_back(Err(Fault::new(Code::NothingLeft, "POS_NOTHING_LEFT"))));
    assert_eq!(press(&till, Command::Pay), None);
    assert_eq!(view(&bench).cart.unwrap().lines.len(), 1);
    assert_eq!(view(&bench).returning.unwrap().fault.map(|fault| fault.code), Some(Code::NothingLeft));
    assert_eq!(press(&till, Command::Pay), None);
    let crate::sale::CartStage::Paying { due, credit_back, .. } = view(&bench).cart.unwrap().stage else {
        panic!()
    };
    assert_eq!((due, credit_back.unwrap().to_string().as_str()), (Amount::ZERO, "5.34"));
    // The customer has changed their mind: the money is handed out, and the cart is theirs to change.
    assert_eq!(press(&till, Command::GiveBack { tender: 0 }), None);
    assert_eq!(press(&till, Command::BackToLines), None);
    assert_eq!(press(&till, Command::DiscardCart { reason: String::new() }), None);
    assert_eq!(sums(&bench), ["0", "0"]);
    for command in [find("REG-1-B-000001"), Command::StopReturn] {
        assert_eq!(press(&till, command), None);
    }
    assert_eq!(press(&till, Command::StopReturn), Some(Code::NotNow));
}
