mod carts;

use super::*;
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn terms(prices_include_tax: bool, cash_step: &str) -> Terms {
    Terms {
        currency: "CHF".into(),
        prices_include_tax,
        cash_step: Some(amount(cash_step)),
        cash_half: Half::Up,
    }
}

fn rates(parts: &[(&str, i64)]) -> Vec<TaxRate> {
    let rate = |(index, (code, rate)): (usize, &(&str, i64))| TaxRate {
        tax_code: (*code).into(),
        component: format!("component {index}"),
        rate: Decimal::new(*rate, 5).to_string().parse().unwrap(),
    };
    parts.iter().enumerate().map(rate).collect()
}

/// An entry with these figures; what no figure depends on is made up.
fn entry(
    kind: SaleKind,
    lines: &[PricedLine],
    figures: &Figures,
    payments: &[Payment],
    terms: &Terms,
) -> Sale {
    let (tenders, totals) = figures.sums.settle(kind, payments, terms).unwrap();
    Sale {
        id: SaleId(Uuid::from_u128(1)),
        session_id: SessionId(Uuid::from_u128(2)),
        kind,
        receipt: Receipt {
            till: 1,
            seq: Some(1),
            number: Some("R1-A-000001".into()),
            chain_seq: 1,
            prev_hash: Digest::default(),
            hash: Digest::default(),
        },
        lines: lines
            .iter()
            .zip(&figures.lines)
            .map(|(line, figures)| SaleLine {
                item_id: None,
                name: None,
                code: None,
                unit: None,
                quantity: line.quantity,
                unit_price: line.unit_price,
                gross: figures.gross,
                discount: figures.discount,
                cart_discount: figures.cart_discount,
                net: figures.net,
                tax_code: line.tax_code.clone(),
                original_line: None,
                list_price: None,
                discount_reason: None,
            })
            .collect(),
        taxes: figures.taxes.clone(),
        tenders,
        totals,
        original_id: None,
        reason: None,
        note: None,
        approval_id: None,
        age_checked: false,
        device_time: Timestamp::UNIX_EPOCH,
        recorded_by: UserId(Uuid::from_u128(3)),
    }
}

fn sum(amounts: impl Iterator<Item = Amount>) -> Decimal {
    amounts.map(Amount::decimal).sum()
}

fn line_strategy() -> impl Strategy<Value = PricedLine> {
    (1_i64..5_000, 0_i64..50_000, 0_i64..=10_000, 0_usize..4, any::<bool>()).prop_map(
        |(quantity, price, percent, code, whole)| PricedLine {
            quantity: Decimal::new(if whole { (quantity % 9 + 1) * 1_000 } else { quantity }, 3)
                .to_string()
                .parse()
                .unwrap(),
            unit_price: Decimal::new(price, 2).into(),
            discount: if percent % 3 == 0 {
                Discount::Percent(Decimal::new(percent, 2).to_string().parse().unwrap())
            } else {
                Discount::None
            },
            tax_code: ["A", "B", "C"].get(code).map(|code| (*code).to_owned()),
        },
    )
}

fn all_rates() -> impl Strategy<Value = Vec<TaxRate>> {
    (0_i64..30_000, 0_i64..30_000, 0_i64..30_000, 0_i64..30_000)
        .prop_map(|(a, b, b2, c)| rates(&[("A", a), ("B", b), ("B", b2), ("C", c)]))
}

/// Every figure of an entry, one of which can be moved by a cent.
fn figures_of(sale: &mut Sale) -> Vec<&mut Amount> {
    let lines = sale.lines.iter_mut().flat_map(|line| {
        [&mut line.unit_price, &mut line.gross, &mut line.discount, &mut line.cart_discount, &mut line.net]
    });
    let taxes = sale.taxes.iter_mut().flat_map(|row| [&mut row.base, &mut row.tax]);
    let tenders = sale.tenders.iter_mut().flat_map(|tender| {
        let handed = tender.tendered.iter_mut().chain(tender.change.iter_mut());
        std::iter::once(&mut tender.amount).chain(handed)
    });
    let totals = &mut sale.totals;
    let totals = [
        &mut totals.gross,
        &mut totals.discount,
        &mut totals.net,
        &mut totals.tax,
        &mut totals.total,
        &mut totals.cash_rounding,
        &mut totals.net_cash,
        &mut totals.net_card,
        &mut totals.net_other,
    ];
    lines.chain(taxes).chain(tenders).chain(totals).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// What a receipt shows adds up, its checker agrees, and rounded cash is no part of sales or tax.
    #[test]
    fn a_receipt_adds_up(
        lines in proptest::collection::vec(line_strategy(), 1..12),
        percent in 0_i64..=10_000,
        rates in all_rates(),
        included in any::<bool>(),
        step in prop_oneof![Just("0.01"), Just("0.05"), Just("0.10"), Just("1.00")],
        handed in 0_i64..10_000,
        card in 0_i64..100,
    ) {
        let terms = terms(included, step);
        let off = Discount::Percent(Decimal::new(percent, 2).to_string().parse().unwrap());
        let figures = price(&lines, off, &rates, &terms).unwrap();
        let Sums { gross, discount, net, tax, total } = figures.sums;
        prop_assert_eq!(net.decimal() + tax.decimal(), total.decimal());
        prop_assert_eq!(sum(figures.taxes.iter().map(|row| row.tax)), tax.decimal());
        let before = sum(figures.lines.iter().map(|line| Amount::from(line.gross.decimal() - line.discount.decimal())));
        let shares = sum(figures.lines.iter().map(|line| line.cart_discount));
        let expected = (before * Decimal::new(percent, 4))
            .round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
        prop_assert_eq!(shares, expected, "the shares are the discount");
        prop_assert_eq!(gross.decimal() - discount.decimal(), sum(figures.lines.iter().map(|line| line.net)));
        prop_assert!(figures.lines.iter().all(|line| line.net >= Amount::ZERO));

        let by_card = Amount::from((total.decimal() * Decimal::new(card, 2)).trunc_with_scale(2));
        let due = cash_due(total, by_card, &terms).unwrap();
        let mut payments = Vec::new();
        if by_card > Amount::ZERO {
            payments.push(Payment::Card { amount: by_card, reference: None });
        }
        if due.due > Amount::ZERO {
            payments.push(Payment::Cash(Some(Amount::from(due.due.decimal() + Decimal::new(handed, 2)))));
        }
        let sale = entry(SaleKind::Sale, &lines, &figures, &payments, &terms);
        prop_assert_eq!(check(&sale), Ok(()));
        let settled = sum(sale.tenders.iter().map(|tender| tender.amount));
        prop_assert_eq!(settled, total.decimal() + sale.totals.cash_rounding.decimal());
        let half_a_step = terms.cash_step.unwrap().decimal() / Decimal::TWO;
        prop_assert!(sale.totals.cash_rounding.decimal().abs() <= half_a_step);
        for tender in &sale.tenders {
            if let (Some(tendered), Some(change)) = (tender.tendered, tender.change) {
                prop_assert_eq!(tendered.decimal() - change.decimal(), tender.amount.decimal());
            }
        }
        // Neither how it is paid nor how cash is rounded changes what was sold.
        let other_terms = Terms { cash_step: None, ..terms };
        prop_assert_eq!(price(&lines, off, &rates, &other_terms).unwrap().sums, sale.totals.sums());
    }

    /// No figure can be moved by a cent.
    #[test]
    fn a_figure_that_is_a_cent_off_is_refused(
        lines in proptest::collection::vec(line_strategy(), 1..4),
        rates in all_rates(),
        included in any::<bool>(),
        place in any::<prop::sample::Index>(),
        up in any::<bool>(),
    ) {
        let terms = terms(included, "0.05");
        let figures = price(&lines, Discount::None, &rates, &terms).unwrap();
        let due = cash_due(figures.sums.total, Amount::ZERO, &terms).unwrap().due;
        prop_assume!(due > Amount::ZERO);
        let mut sale = entry(SaleKind::Sale, &lines, &figures, &[Payment::Cash(Some(due))], &terms);
        let mut all = figures_of(&mut sale);
        let figure = place.index(all.len());
        let cent = Decimal::new(if up { 1 } else { -1 }, 2);
        let before = *all[figure];
        *all[figure] = Amount::from(before.decimal() + cent);
        let unit_price = figure < 5 * lines.len() && figure % 5 == 0;
        // A price of which there is little may come to the same.
        prop_assume!(!unit_price);
        prop_assert!(check(&sale).is_err(), "figure {} from {}", figure, before);
    }

    /// However a sale comes back, the refunds are the original, and no part of one is below zero.
    #[test]
    fn refunds_are_the_original(
        lines in proptest::collection::vec(line_strategy(), 1..5),
        percent in 0_i64..=10_000,
        rates in all_rates(),
        included in any::<bool>(),
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 1_i128..3_000), 0..12),
    ) {
        let terms = terms(included, "0.05");
        let off = Discount::Percent(Decimal::new(percent, 2).to_string().parse().unwrap());
        let figures = price(&lines, off, &rates, &terms).unwrap();
        let due = cash_due(figures.sums.total, Amount::ZERO, &terms).unwrap().due;
        let payments: Vec<Payment> = (due > Amount::ZERO).then_some(Payment::Cash(None)).into_iter().collect();
        let original = entry(SaleKind::Sale, &lines, &figures, &payments, &terms);
        let mut refunds: Vec<Sale> = Vec::new();
        let mut give_back = |wanted: &[(u32, Quantity)]| -> Result<(), TestCaseError> {
            let returned = Returned::of(&refunds);
            let (lines, taxes, sums) = refund(&original, &returned, wanted).unwrap();
            let due = cash_due(sums.total, Amount::ZERO, &terms).unwrap().due;
            let payments: Vec<Payment> = (due > Amount::ZERO).then_some(Payment::Cash(None)).into_iter().collect();
            let (tenders, totals) = sums.settle(SaleKind::Refund, &payments, &terms).unwrap();
            let refund = Sale { kind: SaleKind::Refund, lines, taxes, tenders, totals, ..original.clone() };
            prop_assert_eq!(check_refund(&refund, &original, &returned), Ok(()));
            prop_assert!(refund.lines.iter().all(|line| line.net >= Amount::ZERO));
            prop_assert!(refund.taxes.iter().all(|row| row.tax >= Amount::ZERO));
            prop_assert!(refund.totals.net_cash <= Amount::ZERO);
            refunds.push(refund);
            Ok(())
        };
        let mut left: Vec<i128> = lines.iter().map(|line| line.quantity.parts()).collect();
        for (line, some) in cuts {
            let index = line.index(left.len());
            let some = some.min(left[index]);
            if let Some(quantity) = Quantity::from_parts(some) {
                left[index] -= some;
                give_back(&[(u32::try_from(index + 1).unwrap(), quantity)])?;
            }
        }
        let rest: Vec<(u32, Quantity)> =
            (1..).zip(&left).filter_map(|(no, left)| Some((no, Quantity::from_parts(*left)?))).collect();
        if !rest.is_empty() {
            give_back(&rest)?;
        }
        let all = |of: fn(&SaleTotals) -> Amount| sum(refunds.iter().map(|refund| of(&refund.totals)));
        prop_assert_eq!(all(|totals| totals.total), original.totals.total.decimal());
        prop_assert_eq!(all(|totals| totals.tax), original.totals.tax.decimal());
        prop_assert_eq!(all(|totals| totals.net), original.totals.net.decimal());
        let nothing = |line: &LeftOfLine| line.quantity.is_none() && line.net == Amount::ZERO;
        prop_assert!(what_is_left(&original, &Returned::of(&refunds)).iter().all(nothing));
    }
}

#[test]
fn a_receipt_has_one_to_five_hundred_lines() {
    let line = PricedLine {
        quantity: Quantity::ONE,
        unit_price: amount("1.00"),
        discount: Discount::None,
        tax_code: None,
    };
    let terms = terms(true, "0.05");
    for (count, fine) in [(0, false), (1, true), (500, true), (501, false)] {
        let priced = price(&vec![line.clone(); count], Discount::None, &[], &terms);
        assert_eq!(priced.is_ok(), fine, "{count}");
    }
}

#[test]
fn what_a_person_types_is_refused_by_its_rule() {
    let line = |price: &str, discount| PricedLine {
        quantity: Quantity::ONE,
        unit_price: amount(price),
        discount,
        tax_code: Some("A".into()),
    };
    let terms = terms(true, "0.05");
    let rates = rates(&[("A", 8_100)]);
    let rule = |lines: &[PricedLine], off| price(lines, off, &rates, &terms).unwrap_err().rule;
    assert_eq!(rule(&[line("1000000000", Discount::None)], Discount::None), Rule::A1);
    assert_eq!(rule(&[line("0.001", Discount::None)], Discount::None), Rule::A1);
    let half = line("999999999.99", Discount::None);
    assert_eq!(rule(&[half.clone(), half], Discount::None), Rule::A1, "the total is bounded, too");
    assert_eq!(rule(&[line("1.00", Discount::Amount(amount("1.01")))], Discount::None), Rule::A3);
    assert_eq!(rule(&[line("1.00", Discount::Amount(amount("-0.01")))], Discount::None), Rule::A3);
    assert_eq!(rule(&[line("1.00", Discount::None)], Discount::Amount(amount("1.01"))), Rule::A4);
    let unknown = PricedLine { tax_code: Some("B".into()), ..line("1.00", Discount::None) };
    assert_eq!(rule(&[unknown], Discount::None), Rule::A5);

    let sums = price(&[line("10.02", Discount::None)], Discount::None, &rates, &terms).unwrap().sums;
    let card = |text: &str| Payment::Card { amount: amount(text), reference: None };
    let cash = |text: &str| Payment::Cash(Some(amount(text)));
    for (payments, rule) in [
        (vec![], Rule::A8),
        (vec![cash("9.99")], Rule::A8),
        (vec![card("10.03")], Rule::A8),
        (vec![card("0.00"), cash("20.00")], Rule::A8),
        (vec![cash("5.00"), cash("5.00")], Rule::A8),
        (vec![card("10.02"), cash("5.00")], Rule::A7),
        (vec![card("10.00"), cash("0.05")], Rule::A7),
        (vec![card("1.00"); 9], Rule::A1),
    ] {
        let refused = sums.settle(SaleKind::Sale, &payments, &terms).unwrap_err();
        assert_eq!(refused.rule, rule, "{payments:?}: {refused}");
    }
    let (tenders, totals) = sums.settle(SaleKind::Sale, &[card("10.00")], &terms).unwrap();
    assert_eq!((tenders.len(), totals.cash_rounding), (1, amount("-0.02")), "two cents are rounded away");
}

#[test]
fn another_tender_has_the_stores_name_of_it() {
    let line = PricedLine {
        quantity: Quantity::ONE,
        unit_price: amount("5.00"),
        discount: Discount::None,
        tax_code: None,
    };
    let terms = terms(true, "0.05");
    let figures = price(std::slice::from_ref(&line), Discount::None, &[], &terms).unwrap();
    for (label, fine) in [("Voucher", true), ("", false), (" ", false)] {
        let payment = Payment::Other { label: label.into(), amount: amount("5.00"), reference: None };
        let sale = entry(SaleKind::Sale, std::slice::from_ref(&line), &figures, &[payment], &terms);
        let checked = check(&sale).map_err(|broken| (broken.rule, broken.field));
        assert_eq!(checked, if fine { Ok(()) } else { Err((Rule::A8, "label")) }, "{label:?}");
    }
}
