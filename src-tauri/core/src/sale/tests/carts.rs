//! From the first line to the last entry of the chain.

use super::*;
use crate::{Code, Fault, Retry, Role};

const STAMP: Stamp = Stamp {
    session_id: SessionId(Uuid::from_u128(7)),
    by: UserId(Uuid::from_u128(8)),
    now: Timestamp::UNIX_EPOCH,
};

fn id(number: u128) -> SaleId {
    SaleId(Uuid::from_u128(number))
}

fn head() -> ChainHead {
    ChainHead {
        prefix: "REG-1".into(),
        till: 2,
        last_receipt: 41,
        last_entry: 60,
        last_hash: Digest([9; 32]),
    }
}

fn rules() -> SellingRules {
    SellingRules {
        selling_on: true,
        country: None,
        needs_certificate: false,
        prices_include_tax: true,
        cash_step: Some(amount("0.05")),
        cash_half: Half::Up,
        discount_percent_limit: "10".parse().ok(),
        sale_limit: Some(amount("500.00")),
        refund_limit: Some(amount("50.00")),
        void_limit: Some(amount("50.00")),
        price_override: false,
        no_receipt_refund: true,
        other_tenders: vec!["Voucher".into()],
        receipt_header: None,
        receipt_footer: None,
        code_rules: vec![],
    }
}

fn vat() -> Vec<TaxRate> {
    rates(&[("A", 8_100), ("B", 2_600)])
}

fn key() -> AmountKey {
    AmountKey { name: "Bread".into(), tax_code: Some("B".into()) }
}

fn item(price: Option<&str>) -> Item {
    Item {
        id: ItemId(Uuid::from_u128(50)),
        name: "Tea".into(),
        unit: None,
        price: price.map(amount),
        price_is_open: false,
        tax_code: Some("A".into()),
        age_limit: None,
    }
}

fn quantity(text: &str) -> Quantity {
    text.parse().unwrap()
}

fn empty(number: u128) -> Editing {
    Editing::new(id(number), rules().terms("CHF"))
}

/// A cart with tea at this price.
fn tea(number: u128, price: &str) -> Editing {
    empty(number).add_item(&item(Some(price)), Quantity::ONE, Some("4711"), None, &vat()).unwrap()
}

fn paid(number: u128, price: &str, head: &ChainHead) -> Sealed {
    tea(number, price).pay(Role::Cashier, &rules()).unwrap().done(None, head, STAMP).unwrap()
}

/// As it is after a crash: written to disk and read again.
fn reloaded<T: Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

#[test]
fn an_amount_on_a_key_is_sold_in_three_steps() {
    let cart = empty(1).add_amount(amount("3.50"), Quantity::ONE, &key(), None, &vat()).unwrap();
    let sealed = cart.pay(Role::Cashier, &rules()).unwrap().done(None, &head(), STAMP).unwrap();
    let sale = &sealed.sale;
    assert_eq!(check(sale), Ok(()));
    assert_eq!((sale.id, sale.kind, sale.totals.total), (id(1), SaleKind::Sale, amount("3.50")));
    assert_eq!(sale.receipt.number.as_deref(), Some("REG-1-B-000042"));
    assert_eq!((sale.receipt.seq, sale.receipt.chain_seq), (Some(42), 61));
    assert_eq!((sale.receipt.prev_hash, sale.receipt.hash), (Digest([9; 32]), seal(sale)));
    let next = ChainHead { last_receipt: 42, last_entry: 61, last_hash: sale.receipt.hash, ..head() };
    assert_eq!(sealed.head, next);
    let tender = &sale.tenders[0];
    assert_eq!((tender.amount, tender.change), (amount("3.50"), Some(amount("0.00"))));
    assert!(
        empty(2).add_amount(amount("0.00"), Quantity::ONE, &key(), None, &vat()).is_err(),
        "nothing is no sale"
    );
}

#[test]
fn a_cart_keeps_its_prices_and_rates_whatever_becomes_of_the_catalogue() {
    let cart = tea(1, "10.00");
    let risen = rates(&[("A", 25_000)]);
    let cart = cart.add_item(&item(Some("11.00")), quantity("2"), None, None, &risen).unwrap();
    let figures = cart.figures().unwrap().unwrap();
    assert_eq!(figures.taxes.len(), 1);
    assert_eq!(figures.taxes[0].rate.to_string(), "0.081");
    assert_eq!(figures.sums.total, amount("32.00"));
}

#[test]
fn lines_are_changed_and_taken_out() {
    let cart = tea(1, "10.00").add_amount(amount("4.00"), Quantity::ONE, &key(), None, &vat()).unwrap();
    let cart = cart.set_quantity(0, quantity("1.5")).unwrap();
    let cart = cart.discount_line(0, Discount::Amount(amount("1.00")), "last day").unwrap();
    let cart = cart.discount_cart(Discount::Amount(amount("3.00")), "friend").unwrap();
    let sums = cart.figures().unwrap().unwrap().sums;
    assert_eq!((sums.gross, sums.discount, sums.total), (amount("19.00"), amount("4.00"), amount("15.00")));
    assert_eq!(cart.clone().remove(2), Err(CartProblem::NoSuchLine));
    let refused = cart.clone().discount_line(1, Discount::Amount(amount("4.01")), "").unwrap_err();
    assert!(matches!(refused, CartProblem::Figures(Broken { rule: Rule::A3, no: Some(2), .. })), "{refused}");
    let refused = cart.clone().set_quantity(0, quantity("0.05")).unwrap_err();
    assert!(matches!(refused, CartProblem::Figures(Broken { rule: Rule::A3, .. })), "{refused}");
    let left = cart.remove(0).unwrap();
    assert_eq!(left.figures().unwrap().unwrap().sums.total, amount("1.00"));
    let left = left.remove(0).unwrap();
    assert_eq!((left.figures().unwrap(), left.cart_discount()), (None, Discount::None));
    assert_eq!(left.pay(Role::Owner, &rules()).unwrap_err(), CartProblem::Empty);
}

#[test]
fn a_card_number_is_taken_in_no_text() {
    let text = "4111 1111 1111 1111";
    let card = CartProblem::Text(TextProblem::CardNumber);
    let cart = tea(1, "10.00");
    assert_eq!(cart.clone().discount_line(0, Discount::None, text), Err(card.clone()));
    assert_eq!(cart.clone().discount_cart(Discount::None, text), Err(card.clone()));
    assert_eq!(cart.clone().set_price(0, amount("9.00"), text), Err(card.clone()));
    assert_eq!(cart.clone().discard(text, &head(), STAMP), Err(card.clone()));
    let paying = cart.clone().pay(Role::Cashier, &rules()).unwrap();
    assert_eq!(paying.card_approved(amount("10.00"), text), Err(card.clone()));
    assert_eq!(Cart::Editing(cart).park(vec![], "Ana".into(), STAMP.now, text), Err(card.clone()));
    let sale = paid(1, "10.00", &head());
    let voided = void(&sale.sale, id(2), text, &[], (Role::Cashier, &rules()), &sale.head, STAMP);
    assert_eq!(voided.unwrap_err(), card);
}

#[test]
fn what_is_beyond_a_limit_takes_a_manager_and_an_edit_asks_again() {
    let cart = tea(1, "20.00").discount_line(0, Discount::Percent("15".parse().unwrap()), "").unwrap();
    let needed = |cart: &Editing| cart.needs(Role::Cashier, &rules()).unwrap();
    assert_eq!(needed(&cart), [ApprovalKind::Discount]);
    assert_eq!(cart.needs(Role::Manager, &rules()).unwrap(), []);
    let asked = CartProblem::ApprovalNeeded(vec![ApprovalKind::Discount]);
    assert_eq!(cart.clone().pay(Role::Cashier, &rules()).unwrap_err(), asked);
    let approval =
        Approval { id: ApprovalId(Uuid::from_u128(70)), kind: ApprovalKind::Discount, by_name: "Mia".into() };
    let cart = cart.approved(approval.clone());
    assert_eq!(needed(&cart), []);
    let more = cart.clone().discount_line(0, Discount::Percent("50".parse().unwrap()), "").unwrap();
    assert_eq!(needed(&more), [ApprovalKind::Discount]);
    let sale = cart.pay(Role::Cashier, &rules()).unwrap().done(None, &head(), STAMP).unwrap().sale;
    assert_eq!(sale.approval_id, Some(approval.id));

    let dearer = tea(2, "20.00").set_price(0, amount("25.00"), "damaged").unwrap();
    assert_eq!(needed(&dearer), [ApprovalKind::Price]);
    assert_eq!(dearer.needs(Role::Cashier, &SellingRules { price_override: true, ..rules() }).unwrap(), []);
    let much = tea(3, "500.05");
    assert_eq!(needed(&much), [ApprovalKind::Amount]);
    // Together with the line's own reduction, a discount on the cart is beyond the limit.
    let both = tea(4, "20.00").discount_line(0, Discount::Percent("10".parse().unwrap()), "").unwrap();
    assert_eq!(needed(&both), []);
    let both = both.discount_cart(Discount::Amount(amount("0.05")), "").unwrap();
    assert_eq!(needed(&both), [ApprovalKind::Discount]);
    // Cents that were rounded up line by line are nobody's excess.
    let small = (0..5).fold(empty(6), |cart, line| {
        let cart = cart.add_item(&item(Some("0.25")), Quantity::ONE, None, None, &vat()).unwrap();
        cart.discount_line(line, Discount::Percent("10".parse().unwrap()), "").unwrap()
    });
    assert_eq!(small.figures().unwrap().unwrap().sums.discount, amount("0.15"));
    assert_eq!(needed(&small), []);
    let off = SellingRules { selling_on: false, ..rules() };
    assert_eq!(tea(5, "1.00").pay(Role::Owner, &off).unwrap_err(), CartProblem::NotAllowed);
}

#[test]
fn the_question_of_age_names_the_goods_that_need_it() {
    let beer = Item { name: "Beer".into(), age_limit: Some(16), ..item(Some("3.00")) };
    let rum = Item { name: "Rum".into(), age_limit: Some(18), ..item(Some("30.00")) };
    let mut cart = empty(1);
    for one in [&beer, &item(Some("1.00")), &rum] {
        cart = cart.add_item(one, Quantity::ONE, None, None, &vat()).unwrap();
    }
    let seen = |cart: &Editing| {
        let view = Cart::Editing(cart.clone()).view(Role::Cashier, &rules()).unwrap();
        let CartStage::Editing { age_to_check, .. } = view.stage else { panic!("{:?}", view.stage) };
        (age_to_check, view.lines.iter().map(|line| line.age_limit).collect::<Vec<_>>())
    };
    assert_eq!(
        seen(&cart),
        (Some(18), vec![Some(16), None, Some(18)]),
        "the oldest age, and each of its own"
    );
    // Without the rum the customer has to be younger; once somebody has looked, the goods still say it.
    let without = cart.remove(2).unwrap();
    assert_eq!(seen(&without), (Some(16), vec![Some(16), None]));
    assert_eq!(seen(&without.age_was_checked()), (None, vec![Some(16), None]));
}

#[test]
fn the_age_is_asked_once() {
    let beer = Item { age_limit: Some(16), ..item(Some("3.00")) };
    let rum = Item { age_limit: Some(18), ..item(Some("30.00")) };
    let cart = empty(1).add_item(&beer, Quantity::ONE, None, None, &vat()).unwrap();
    let cart = cart.add_item(&rum, Quantity::ONE, None, None, &vat()).unwrap();
    assert_eq!(cart.clone().pay(Role::Owner, &rules()).unwrap_err(), CartProblem::AgeToCheck(18));
    let cart = cart.age_was_checked().add_item(&beer, Quantity::ONE, None, None, &vat()).unwrap();
    let sale = cart.pay(Role::Cashier, &rules()).unwrap().done(None, &head(), STAMP).unwrap().sale;
    assert!(sale.age_checked);
}

#[test]
fn an_open_price_is_typed_and_a_label_says_its_own() {
    let open = item(None);
    let refused = empty(1).add_item(&open, Quantity::ONE, None, None, &vat());
    assert_eq!(refused, Err(CartProblem::PriceNeeded));
    let typed = empty(1).add_item(&open, Quantity::ONE, None, Some(amount("7.00")), &vat()).unwrap();
    assert_eq!((typed.lines()[0].unit_price, typed.lines()[0].list_price), (amount("7.00"), None));
    let suggested = Item { price_is_open: true, ..item(Some("5.00")) };
    for (item, typed, unit_price, list_price) in [
        (&suggested, Some("7.00"), "7.00", None),
        (&suggested, None, "5.00", Some("5.00")),
        (&item(Some("5.00")), Some("7.00"), "5.00", Some("5.00")),
    ] {
        let cart = empty(1).add_item(item, Quantity::ONE, None, typed.map(amount), &vat()).unwrap();
        let line = &cart.lines()[0];
        assert_eq!((line.unit_price, line.list_price), (amount(unit_price), list_price.map(amount)));
    }
    // Scenario: 6.26 on the label of something at 12.90 a kilogram.
    let apples = Item { unit: Some("kg".into()), ..item(Some("12.90")) };
    let labelled = empty(1).add_labelled(&apples, amount("6.26"), "2012345006263", &vat()).unwrap();
    assert_eq!(labelled.lines()[0].name.as_deref(), Some("Tea 0.485 kg"));
    assert_eq!(labelled.needs(Role::Cashier, &rules()).unwrap(), [], "the label's price is no override");
    let weighed = empty(1).add_item(&apples, quantity("0.485"), None, None, &vat()).unwrap();
    for cart in [labelled, weighed] {
        assert_eq!(cart.figures().unwrap().unwrap().sums.total, amount("6.26"));
    }
}

#[test]
fn an_approved_card_survives_a_crash_and_is_never_asked_again() {
    let paying = tea(1, "12.50").pay(Role::Cashier, &rules()).unwrap();
    let paying = paying.card_approved(amount("12.50"), "slip 17").unwrap();
    let Cart::Paying(paying) = reloaded(&Cart::Paying(paying)) else { panic!("paying") };
    assert_eq!(paying.due().unwrap().due, Amount::ZERO);
    assert_eq!(paying.clone().back(), Err(CartProblem::MoneyTaken));
    assert!(paying.clone().card_approved(amount("0.01"), "").is_err(), "nothing is open");
    let sale = paying.done(None, &head(), STAMP).unwrap().sale;
    assert_eq!((sale.totals.net_card, sale.totals.net_cash), (amount("12.50"), amount("0.00")));
    assert_eq!(sale.tenders[0].reference.as_deref(), Some("slip 17"));
    assert_eq!(check(&sale), Ok(()));
}

#[test]
fn tenders_are_split_and_given_back() {
    let paying = tea(1, "16.63").pay(Role::Cashier, &rules()).unwrap();
    assert_eq!(paying.due().unwrap().due, amount("16.65"));
    let refused = paying.clone().other("Gold", amount("5.00"), "", &rules().other_tenders);
    assert_eq!(refused, Err(CartProblem::NotAllowed));
    let paying = paying.other("Voucher", amount("5.00"), "G-1", &rules().other_tenders).unwrap();
    let paying = paying.card_approved(amount("5.00"), "").unwrap();
    assert_eq!(paying.due().unwrap().due, amount("6.65"));
    assert!(paying.clone().card_approved(amount("6.64"), "").is_err(), "more than is open");
    let refused = paying.clone().done(Some(amount("6.60")), &head(), STAMP).unwrap_err();
    assert!(matches!(refused, CartProblem::Figures(Broken { rule: Rule::A8, .. })), "{refused}");
    let sale = paying.clone().done(Some(amount("10.00")), &head(), STAMP).unwrap().sale;
    assert_eq!(check(&sale), Ok(()));
    assert_eq!(sale.tenders[2].change, Some(amount("3.35")));
    assert_eq!((sale.totals.net_other, sale.totals.cash_rounding), (amount("5.00"), amount("0.02")));
    assert_eq!(paying.clone().give_back(2), Err(CartProblem::NoSuchLine));
    let back = paying.give_back(0).unwrap().give_back(0).unwrap().back().unwrap();
    assert_eq!(back.id(), id(1), "the same sale");
}

#[test]
fn next_notes_are_those_that_people_hand_over() {
    for (due, currency, notes) in [
        ("16.65", "CHF", vec!["20", "50", "100"]),
        ("3.50", "USD", vec!["4", "5", "10"]),
        ("53.50", "EUR", vec!["55", "60", "100"]),
        ("20.00", "EUR", vec!["50", "100", "200"]),
        ("491", "JPY", vec!["1000", "2000", "5000"]),
        ("612.00", "EUR", vec!["615", "620", "650"]),
        ("1.00", "XYZ", vec![]),
    ] {
        let shown: Vec<String> = next_notes(amount(due), currency).iter().map(ToString::to_string).collect();
        assert_eq!(shown, notes, "{due} {currency}");
    }
}

#[test]
fn carts_are_parked_up_to_fifty_and_come_back_as_they_were() {
    let mut parked = Vec::new();
    for number in 0..50 {
        let cart = Cart::Editing(tea(number, "1.00"));
        parked = cart.park(parked, "Ana".into(), STAMP.now, "blue hat").unwrap();
    }
    let full = Cart::Editing(tea(99, "1.00")).park(parked.clone(), "Ana".into(), STAMP.now, "");
    assert_eq!(full, Err(CartProblem::ParkedFull));
    let (cart, left) = recall(reloaded(&parked), id(7)).unwrap();
    assert_eq!((cart, left.len()), (Cart::Editing(tea(7, "1.00")), 49));
    assert_eq!(recall(left.clone(), id(7)).unwrap_err(), CartProblem::NoSuchLine);
    let none = Cart::Editing(empty(1)).park(vec![], "Ana".into(), STAMP.now, "");
    assert_eq!(none, Err(CartProblem::Empty));
    // A shift that ended while money was taken leaves the cart with its tenders.
    let paying = tea(100, "5.00").pay(Role::Cashier, &rules()).unwrap();
    let paying = Cart::Paying(paying.card_approved(amount("5.00"), "").unwrap());
    let parked = paying.clone().park(left, "Ana".into(), STAMP.now, "").unwrap();
    assert_eq!(recall(parked, id(100)).unwrap().0, paying);
}

#[test]
fn a_cart_thrown_away_is_an_entry_without_a_number() {
    let sealed = tea(1, "8.00").discard("changed their mind", &head(), STAMP).unwrap().unwrap();
    assert_eq!(check(&sealed.sale), Ok(()));
    assert_eq!((sealed.sale.receipt.seq, sealed.sale.receipt.number.clone()), (None, None));
    assert_eq!((sealed.head.last_receipt, sealed.head.last_entry), (41, 61));
    assert_eq!(empty(2).discard("", &head(), STAMP), Ok(None));
}

fn approval(kind: ApprovalKind) -> Approval {
    Approval { id: ApprovalId(Uuid::from_u128(5)), kind, by_name: "Mia".into() }
}

#[test]
fn the_last_receipt_is_voided_as_it_was_paid() {
    let sold = paid(1, "16.63", &head());
    let by = |role| (role, rules());
    let try_void = |sale: &Sale, (role, rules): (Role, SellingRules), stamp: Stamp| {
        void(sale, id(2), "wrong item", &[], (role, &rules), &sold.head, stamp)
    };
    let voided = try_void(&sold.sale, by(Role::Cashier), STAMP).unwrap();
    assert_eq!(check_void(&voided.sale, &sold.sale), Ok(()));
    assert_eq!(voided.sale.totals.net_cash, amount("-16.65"));
    assert_eq!((voided.sale.receipt.seq, voided.sale.receipt.prev_hash), (Some(43), sold.sale.receipt.hash));
    assert_eq!(try_void(&voided.sale, by(Role::Owner), STAMP), Err(CartProblem::CannotVoid));
    let other = Stamp { session_id: SessionId(Uuid::from_u128(70)), ..STAMP };
    assert_eq!(try_void(&sold.sale, by(Role::Owner), other), Err(CartProblem::CannotVoid));
    let mut foreign = sold.sale.clone();
    foreign.receipt.till = 3;
    assert_eq!(try_void(&foreign, by(Role::Owner), STAMP), Err(CartProblem::CannotVoid));
    let strict = SellingRules { void_limit: Some(amount("16.62")), ..rules() };
    let refused = try_void(&sold.sale, (Role::Cashier, strict.clone()), STAMP);
    assert_eq!(refused, Err(CartProblem::ApprovalNeeded(vec![ApprovalKind::Refund])));
    let approvals = [approval(ApprovalKind::Refund)];
    let approved =
        void(&sold.sale, id(2), "", &approvals, (Role::Cashier, &strict), &sold.head, STAMP).unwrap();
    assert_eq!(approved.sale.approval_id, Some(approvals[0].id));
    let other = [approval(ApprovalKind::Discount)];
    let refused = void(&sold.sale, id(2), "", &other, (Role::Cashier, &strict), &sold.head, STAMP);
    assert_eq!(refused, Err(CartProblem::ApprovalNeeded(vec![ApprovalKind::Refund])), "of its own kind");
}

#[test]
fn a_refund_waits_for_the_server_and_takes_its_place_only_then() {
    let sold = paid(1, "40.00", &head());
    let original = Original { sale: sold.sale.clone(), returned: Returned::default() };
    let asked =
        RefundRequest { lines: vec![(1, Quantity::ONE)], reason: "too small".into(), ..Default::default() };
    let try_refund = |asked: &RefundRequest, rules: &SellingRules| {
        original.refund(id(3), asked, (Role::Cashier, rules), &sold.head, STAMP)
    };
    let awaiting = try_refund(&asked, &rules()).unwrap();
    assert_eq!(check_refund(awaiting.entry(), &sold.sale, &original.returned), Ok(()));
    assert_eq!(awaiting.entry().totals.net_cash, amount("-40.00"));
    let parked = Cart::AwaitingServer(awaiting.clone()).park(vec![], "Ana".into(), STAMP.now, "");
    assert_eq!(parked, Err(CartProblem::OutcomeUnknown));

    let silent = Fault::new(Code::Unreachable, "").with_retry(Retry::DidNotRun);
    let lost = Fault::new(Code::NoAnswer, "").with_retry(Retry::OutcomeUnknown);
    let never_sent = awaiting.clone().failed(&silent).unwrap();
    assert_eq!(never_sent.give_up(), Ok(()));
    let sent = awaiting.clone().failed(&lost).unwrap().failed(&silent).unwrap();
    assert_eq!(sent.clone().give_up(), Err(CartProblem::OutcomeUnknown));
    assert_eq!(
        reloaded(&awaiting).give_up(),
        Err(CartProblem::OutcomeUnknown),
        "after a restart nobody knows"
    );
    assert_eq!(sent.entry(), awaiting.entry(), "the same is asked again");
    assert_eq!(sent.failed(&Fault::new(Code::Forbidden, "")), None);
    let recorded = awaiting.recorded();
    assert_eq!((recorded.head.last_receipt, recorded.sale.receipt.seq), (43, Some(43)));

    let strict = SellingRules { refund_limit: Some(amount("39.99")), ..rules() };
    let refused = try_refund(&asked, &strict).unwrap_err();
    assert_eq!(refused, CartProblem::ApprovalNeeded(vec![ApprovalKind::Refund]));
    let approved = RefundRequest { approvals: vec![approval(ApprovalKind::Refund)], ..asked.clone() };
    assert!(try_refund(&approved, &strict).is_ok());
    let by_francs = SellingRules { cash_step: Some(amount("1.00")), ..rules() };
    let tea = paid(4, "10.45", &head());
    let tea = Original { sale: tea.sale, returned: Returned::default() };
    let today = tea.refund(id(5), &asked, (Role::Owner, &by_francs), &head(), STAMP).unwrap();
    assert_eq!(today.entry().totals.net_cash, amount("-10.00"), "cash is rounded as today");
    assert_eq!(check_refund(today.entry(), &tea.sale, &tea.returned), Ok(()));
    let twice = RefundRequest { lines: vec![(1, quantity("1.001"))], ..asked };
    let refused = try_refund(&twice, &rules()).unwrap_err();
    assert!(matches!(refused, CartProblem::Figures(Broken { rule: Rule::A9, .. })), "{refused}");
}

#[test]
fn what_the_server_says_is_left_is_what_comes_back() {
    let cart = empty(1).add_item(&item(Some("3.33")), quantity("3"), None, None, &vat()).unwrap();
    let cart = cart.add_amount(amount("5.55"), quantity("2"), &key(), None, &vat()).unwrap();
    let cart = cart.discount_cart(Discount::Percent("5".parse().unwrap()), "").unwrap();
    let sale = cart.pay(Role::Cashier, &rules()).unwrap().done(None, &head(), STAMP).unwrap().sale;
    let first = Original { sale: sale.clone(), returned: Returned::default() };
    let asked = RefundRequest { lines: vec![(1, Quantity::ONE), (2, quantity("0.5"))], ..Default::default() };
    let refund =
        first.refund(id(2), &asked, (Role::Owner, &rules()), &head(), STAMP).unwrap().recorded().sale;
    let returned = Returned::of([&refund]);
    let left = what_is_left(&sale, &returned);
    let back = |row: &SaleTax| {
        let given = refund.taxes.iter().find(|one| one.tax_code == row.tax_code).unwrap().tax;
        (row.tax_code.clone(), row.component.clone(), Amount::from(row.tax.decimal() - given.decimal()))
    };
    let taxes: Vec<_> = sale.taxes.iter().map(back).collect();
    let told = Original::from_left(sale, &left, &taxes);
    assert_eq!(told.returned, returned);
    assert_eq!(told.left(), left);
    assert_eq!(left[1].quantity, Some(quantity("1.5")));
}

#[test]
fn goods_without_a_receipt_come_back_with_a_manager() {
    let cart = tea(1, "10.00");
    let asked = RefundRequest { by_card: Some(amount("4.00")), ..Default::default() };
    let by = |asked: &RefundRequest, role| {
        cart.clone().refund_without_receipt(asked, (role, &rules()), &head(), STAMP)
    };
    let refused = by(&asked, Role::Cashier).unwrap_err();
    assert_eq!(refused, CartProblem::ApprovalNeeded(vec![ApprovalKind::NoReceipt]));
    let awaiting = by(&asked, Role::Manager).unwrap();
    assert_eq!(check(awaiting.entry()), Ok(()));
    let totals = &awaiting.entry().totals;
    assert_eq!((totals.net_card, totals.net_cash), (amount("-4.00"), amount("-6.00")));
    let voucher = RefundRequest { by_other: vec![("Voucher".into(), amount("10.00"))], ..Default::default() };
    assert_eq!(by(&voucher, Role::Owner).unwrap().entry().totals.net_other, amount("-10.00"));
}

#[test]
fn the_window_is_told_every_figure() {
    let cart = tea(1, "12.43").add_amount(amount("4.20"), Quantity::ONE, &key(), None, &vat()).unwrap();
    let cart = cart.discount_line(0, Discount::Percent("10".parse().unwrap()), "").unwrap();
    let cart = cart.discount_cart(Discount::Amount(amount("1.00")), "").unwrap();
    let shown = Cart::Editing(cart.clone()).view(Role::Cashier, &rules()).unwrap();
    let lines: Vec<_> = shown.lines.iter().map(|line| (line.gross, line.discount, line.amount)).collect();
    assert_eq!(lines[0], (amount("12.43"), Some(amount("-1.24")), amount("11.19")));
    assert_eq!(shown.lines[0].discount_percent, Some("10".parse().unwrap()));
    assert_eq!((shown.cart_discount, shown.sums.unwrap().total), (Some(amount("-1.00")), amount("14.39")));
    assert_eq!(shown.taxes.iter().map(|row| row.percent.as_str()).collect::<Vec<_>>(), ["8.1", "2.6"]);
    let needs = vec![ApprovalKind::Discount];
    assert_eq!(
        shown.stage,
        CartStage::Editing { needs, age_to_check: None, refund_needs: Some(vec![ApprovalKind::NoReceipt]) }
    );

    let paying = cart.pay(Role::Manager, &rules()).unwrap().card_approved(amount("4.00"), "").unwrap();
    let shown = Cart::Paying(paying).view(Role::Manager, &rules()).unwrap();
    let CartStage::Paying { taken, open, due, rounding, next_notes, .. } = shown.stage else {
        panic!("paying")
    };
    assert_eq!(
        (taken.len(), open, due, rounding),
        (1, amount("10.39"), amount("10.40"), Some(amount("0.01")))
    );
    assert_eq!(next_notes, [amount("20"), amount("50"), amount("100")]);

    let nothing = Cart::Editing(empty(2)).view(Role::Cashier, &rules()).unwrap();
    assert_eq!((nothing.sums, nothing.lines.len()), (None, 0));
    let asked = RefundRequest::default();
    let refund =
        tea(3, "8.00").refund_without_receipt(&asked, (Role::Owner, &rules()), &head(), STAMP).unwrap();
    let shown = Cart::AwaitingServer(refund).view(Role::Owner, &rules()).unwrap();
    assert_eq!(shown.stage, CartStage::AwaitingServer { cash: amount("8.00"), may_have_run: false });
}

/// What somebody in a hurry may press.
#[derive(Clone, Debug)]
enum Press {
    Amount(i64),
    Item(i64, i64),
    Quantity(usize, i64),
    Price(usize, i64),
    LinePercent(usize, i64),
    CartAmount(i64),
    Remove(usize),
    Pay,
    Card(i64),
    Voucher(i64),
    GiveBack(usize),
    Back,
    Done(Option<i64>),
    Discard,
    Park,
    Recall,
    VoidLast,
    Crash,
}

fn presses() -> impl Strategy<Value = Vec<Press>> {
    let line = || 0_usize..4;
    let press = prop_oneof![
        4 => (0_i64..5_000).prop_map(Press::Amount),
        4 => ((0_i64..5_000), (1_i64..3_000)).prop_map(|(price, much)| Press::Item(price, much)),
        1 => (line(), 0_i64..5_000).prop_map(|(index, much)| Press::Quantity(index, much)),
        1 => (line(), 0_i64..5_000).prop_map(|(index, price)| Press::Price(index, price)),
        1 => (line(), 0_i64..12_000).prop_map(|(index, part)| Press::LinePercent(index, part)),
        1 => (0_i64..2_000).prop_map(Press::CartAmount),
        1 => line().prop_map(Press::Remove),
        4 => Just(Press::Pay),
        2 => (0_i64..5_000).prop_map(Press::Card),
        1 => (0_i64..5_000).prop_map(Press::Voucher),
        1 => line().prop_map(Press::GiveBack),
        1 => Just(Press::Back),
        6 => proptest::option::of(0_i64..20_000).prop_map(Press::Done),
        1 => Just(Press::Discard),
        1 => Just(Press::Park),
        1 => Just(Press::Recall),
        1 => Just(Press::VoidLast),
        1 => Just(Press::Crash),
    ];
    proptest::collection::vec(press, 1..60)
}

/// A till as a device keeps it: whatever is refused leaves everything as it was.
struct FakeTill {
    cart: Cart,
    parked: Vec<Parked>,
    head: ChainHead,
    book: Vec<Sale>,
    ids: u128,
}

impl FakeTill {
    fn new_id(&mut self) -> SaleId {
        self.ids += 1;
        id(self.ids)
    }

    fn record(&mut self, sealed: Sealed) {
        self.head = sealed.head;
        self.book.push(sealed.sale);
        let next = self.new_id();
        self.cart = Cart::Editing(Editing::new(next, rules().terms("CHF")));
    }

    fn press(&mut self, press: Press) -> Result<(), CartProblem> {
        let cents = |cents: i64| Amount::from(Decimal::new(cents, 2));
        let much = |parts: i64| Quantity::from_parts(i128::from(parts)).unwrap_or(Quantity::ONE);
        let role = Role::Manager;
        let changed = match (self.cart.clone(), press) {
            (Cart::Editing(cart), press) => match press {
                Press::Amount(price) => cart.add_amount(cents(price), Quantity::ONE, &key(), None, &vat())?,
                Press::Item(price, parts) => {
                    let tea = Item { price: Some(cents(price)), ..item(None) };
                    cart.add_item(&tea, much(parts), None, None, &vat())?
                }
                Press::Quantity(index, parts) => cart.set_quantity(index, much(parts))?,
                Press::Price(index, price) => cart.set_price(index, cents(price), "")?,
                Press::LinePercent(index, part) => {
                    let Ok(percent) = Decimal::new(part, 2).to_string().parse() else { return Ok(()) };
                    cart.discount_line(index, Discount::Percent(percent), "")?
                }
                Press::CartAmount(off) => cart.discount_cart(Discount::Amount(cents(off)), "")?,
                Press::Remove(index) => cart.remove(index)?,
                Press::Pay => {
                    self.cart = Cart::Paying(cart.pay(role, &rules())?);
                    return Ok(());
                }
                Press::Discard => {
                    if let Some(sealed) = cart.discard("", &self.head, STAMP)? {
                        self.record(sealed);
                    }
                    return Ok(());
                }
                Press::Park => {
                    self.parked =
                        Cart::Editing(cart).park(self.parked.clone(), "Ana".into(), STAMP.now, "")?;
                    let next = self.new_id();
                    Editing::new(next, rules().terms("CHF"))
                }
                Press::Recall if cart.lines().is_empty() => {
                    let Some(one) = self.parked.first().map(|one| one.cart.id()) else { return Ok(()) };
                    let (cart, left) = recall(self.parked.clone(), one)?;
                    self.parked = left;
                    self.cart = cart;
                    return Ok(());
                }
                Press::VoidLast => {
                    let Some(last) = self.book.last() else { return Ok(()) };
                    let next = SaleId(Uuid::from_u128(1_000_000 + self.ids));
                    let sealed = void(last, next, "", &[], (role, &rules()), &self.head, STAMP)?;
                    self.record(sealed);
                    return Ok(());
                }
                _ => return Ok(()),
            },
            (Cart::Paying(paying), press) => {
                self.cart = match press {
                    Press::Card(sum) => Cart::Paying(paying.card_approved(cents(sum), "")?),
                    Press::Voucher(sum) => {
                        Cart::Paying(paying.other("Voucher", cents(sum), "", &rules().other_tenders)?)
                    }
                    Press::GiveBack(index) => Cart::Paying(paying.give_back(index)?),
                    Press::Back => Cart::Editing(paying.back()?),
                    Press::Done(handed) => {
                        let sealed = paying.done(handed.map(cents), &self.head, STAMP)?;
                        self.record(sealed);
                        return Ok(());
                    }
                    Press::Crash => reloaded(&Cart::Paying(paying)),
                    _ => return Ok(()),
                };
                return Ok(());
            }
            (Cart::AwaitingServer(_), _) => return Ok(()),
        };
        self.cart = Cart::Editing(changed);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is pressed: every entry is true, receipts are numbered without gaps, hashes follow from one another, no
    /// id comes twice, and what is on the screen always has figures and survives a crash.
    #[test]
    fn whatever_is_pressed_the_book_is_right(presses in presses()) {
        let first = Editing::new(id(1), rules().terms("CHF"));
        let mut till = FakeTill { cart: Cart::Editing(first), parked: vec![], head: head(), book: vec![], ids: 1 };
        for press in presses {
            let before = till.cart.clone();
            if till.press(press).is_err() {
                prop_assert_eq!(&till.cart, &before);
            }
            match &till.cart {
                Cart::Editing(cart) => prop_assert!(cart.figures().is_ok()),
                Cart::Paying(paying) => prop_assert!(paying.due().is_ok()),
                Cart::AwaitingServer(_) => {}
            }
            prop_assert_eq!(&reloaded(&till.cart), &till.cart);
        }
        let (mut hash, mut entry, mut receipt) = (head().last_hash, 60, 41);
        let mut ids = std::collections::BTreeSet::new();
        for sale in &till.book {
            entry += 1;
            prop_assert_eq!(sale.receipt.prev_hash, hash);
            prop_assert_eq!(sale.receipt.chain_seq, entry);
            prop_assert_eq!(seal(sale), sale.receipt.hash);
            hash = sale.receipt.hash;
            if sale.kind != SaleKind::Discard {
                receipt += 1;
                prop_assert_eq!(sale.receipt.seq, Some(receipt));
            }
            prop_assert!(ids.insert(sale.id));
            match till.book.iter().find(|one| Some(one.id) == sale.original_id) {
                Some(original) => prop_assert_eq!(check_void(sale, original), Ok(())),
                None => prop_assert_eq!(check(sale), Ok(())),
            }
        }
        prop_assert_eq!((till.head.last_receipt, till.head.last_entry, till.head.last_hash), (receipt, entry, hash));
    }
}
