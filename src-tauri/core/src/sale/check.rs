//! Whether the figures of an entry can be true.
//!
//! Invariant: rules are tried in their order and each figure is compared with what earlier ones give, so that the first
//! figure that is wrong is the one that is named.

use super::{
    Broken, MOST_TENDERS, Rule, Sale, SaleKind, SaleTender, TaxRate, TenderKind,
    exact::{amount, shares, units},
    figures::{cash_due, check_count, gross, positive, sums, taxes, within_limit},
};
use crate::Amount;
use std::collections::BTreeSet;

/// Checks everything that an entry says by itself: A1 to A8 and A10. A refund with an original and a void are checked
/// against it, by [`super::check_refund`] and [`super::check_void`].
///
/// # Errors
/// The first rule that it breaks.
pub fn check(sale: &Sale) -> Result<(), Broken> {
    let terms = sale.totals.terms();
    let places = terms.places();
    check_bounds(sale)?;
    let mut prices = Vec::with_capacity(sale.lines.len());
    for (index, line) in sale.lines.iter().enumerate() {
        let price = units(line.unit_price, places)
            .ok_or_else(|| within_limit("unit_price", line.unit_price).at(index))?;
        units(line.gross, places).ok_or_else(|| within_limit("gross", line.gross).at(index))?;
        prices.push(price);
    }
    let mut grosses = Vec::with_capacity(sale.lines.len());
    for (index, (line, price)) in sale.lines.iter().zip(prices).enumerate() {
        let gross = gross(line.quantity, price);
        same(Rule::A2, "gross", amount(gross, places), line.gross).map_err(|broken| broken.at(index))?;
        grosses.push(gross);
    }
    let mut before = Vec::with_capacity(sale.lines.len());
    for (index, (line, gross)) in sale.lines.iter().zip(&grosses).enumerate() {
        let discount = units(line.discount, places).filter(|discount| discount <= gross);
        let discount = discount.ok_or_else(|| {
            Broken::new(Rule::A3, "discount", format!("0 to {}", line.gross), line.discount).at(index)
        })?;
        before.push(gross - discount);
    }
    let nets = check_cart_discount(sale, &before)?;
    let tax = check_taxes(sale, &nets)?;
    let expected = sums(grosses.iter().sum(), nets.iter().sum(), tax, &terms)?;
    check_sums(sale, expected)?;
    check_tenders(sale)
}

/// A1: how many lines and tenders there are, and what its texts hold.
pub(super) fn check_bounds(sale: &Sale) -> Result<(), Broken> {
    check_count(sale.lines.len())?;
    if sale.tenders.len() > MOST_TENDERS {
        let most = format!("at most {MOST_TENDERS}");
        return Err(Broken::new(Rule::A1, "tenders", most, sale.tenders.len()));
    }
    check_text("reason", sale.reason.as_deref(), 200)?;
    check_text("note", sale.note.as_deref(), 500)?;
    check_text("number", sale.receipt.number.as_deref(), 200)?;
    for (index, line) in sale.lines.iter().enumerate() {
        for (field, text) in [
            ("name", &line.name),
            ("code", &line.code),
            ("unit", &line.unit),
            ("tax_code", &line.tax_code),
            ("discount_reason", &line.discount_reason),
        ] {
            check_text(field, text.as_deref(), 200).map_err(|broken| broken.at(index))?;
        }
    }
    for (index, row) in sale.taxes.iter().enumerate() {
        for (field, text) in [("tax_code", &row.tax_code), ("component", &row.component)] {
            check_text(field, Some(text), 200).map_err(|broken| broken.at(index))?;
        }
    }
    for (index, tender) in sale.tenders.iter().enumerate() {
        for (field, text) in [("label", &tender.label), ("reference", &tender.reference)] {
            check_text(field, text.as_deref(), 200).map_err(|broken| broken.at(index))?;
        }
    }
    Ok(())
}

/// A1: the canonical content separates its fields by control characters, which therefore stand in no text.
fn check_text(field: &'static str, text: Option<&str>, most: usize) -> Result<(), Broken> {
    let text = text.unwrap_or_default();
    if text.chars().any(is_control) {
        Err(Broken::new(Rule::A1, field, "no control characters", "a control character"))
    } else if text.chars().count() > most {
        Err(Broken::new(Rule::A1, field, format!("at most {most} characters"), text.chars().count()))
    } else {
        Ok(())
    }
}

/// U+0000 to U+001F, and U+007F.
pub(super) fn is_control(character: char) -> bool {
    character.is_ascii_control()
}

/// A4: the shares of the cart's discount, and the net of each line in minor units.
fn check_cart_discount(sale: &Sale, before: &[i128]) -> Result<Vec<i128>, Broken> {
    let places = sale.totals.places();
    let mut given = Vec::with_capacity(before.len());
    for (index, line) in sale.lines.iter().enumerate() {
        let share = units(line.cart_discount, places).ok_or_else(|| {
            Broken::new(Rule::A4, "cart_discount", "zero or more", line.cart_discount).at(index)
        })?;
        given.push(share);
    }
    let (whole, cart): (i128, i128) = (before.iter().sum(), given.iter().sum());
    if cart > whole {
        let bounds = format!("together at most {}", amount(whole, places));
        return Err(Broken::new(Rule::A4, "cart_discount", bounds, amount(cart, places)));
    }
    let mut nets = Vec::with_capacity(before.len());
    for (index, ((line, before), share)) in
        sale.lines.iter().zip(before).zip(shares(cart, before)).enumerate()
    {
        let at = |broken: Broken| broken.at(index);
        same(Rule::A4, "cart_discount", amount(share, places), line.cart_discount).map_err(at)?;
        same(Rule::A4, "net", amount(before - share, places), line.net).map_err(at)?;
        nets.push(before - share);
    }
    Ok(nets)
}

/// A5: exactly the rows of the codes that the lines have. Returns the sum of tax in minor units.
fn check_taxes(sale: &Sale, nets: &[i128]) -> Result<i128, Broken> {
    let mut seen = BTreeSet::new();
    for (index, row) in sale.taxes.iter().enumerate() {
        let code = row.tax_code.as_str();
        if !seen.insert((code, row.component.as_str())) {
            return Err(Broken::new(Rule::A5, "component", "each once", &row.component).at(index));
        }
        if !sale.lines.iter().any(|line| line.tax_code.as_deref() == Some(code)) {
            return Err(Broken::new(Rule::A5, "tax_code", "a code of a line", code).at(index));
        }
    }
    let rates: Vec<TaxRate> = sale
        .taxes
        .iter()
        .map(|row| TaxRate {
            tax_code: row.tax_code.clone(),
            component: row.component.clone(),
            rate: row.rate,
        })
        .collect();
    let codes = sale.lines.iter().map(|line| line.tax_code.as_deref());
    let expected = taxes(codes.zip(nets.iter().copied()), &rates, &sale.totals.terms())?;
    let mut sum = 0;
    for (index, row) in sale.taxes.iter().enumerate() {
        let at = |broken: Broken| broken.at(index);
        let same_row = |(one, _tax): &&_| is_row_of(one, &row.tax_code, &row.component);
        if let Some((expected, tax)) = expected.iter().find(same_row) {
            same(Rule::A5, "base", expected.base, row.base).map_err(at)?;
            same(Rule::A5, "tax", expected.tax, row.tax).map_err(at)?;
            sum += tax;
        }
    }
    Ok(sum)
}

fn is_row_of(row: &super::SaleTax, code: &str, component: &str) -> bool {
    row.tax_code == code && row.component == component
}

/// A6.
pub(super) fn check_sums(sale: &Sale, expected: super::Sums) -> Result<(), Broken> {
    let got = sale.totals.sums();
    same(Rule::A6, "gross", expected.gross, got.gross)?;
    same(Rule::A6, "discount", expected.discount, got.discount)?;
    same(Rule::A6, "net", expected.net, got.net)?;
    same(Rule::A6, "tax", expected.tax, got.tax)?;
    same(Rule::A6, "total", expected.total, got.total)
}

/// A7, A8 and A10; the sums are known to be right.
pub(super) fn check_tenders(sale: &Sale) -> Result<(), Broken> {
    let totals = &sale.totals;
    let places = totals.places();
    if sale.kind == SaleKind::Discard {
        if let Some(tender) = sale.tenders.first() {
            return Err(Broken::new(Rule::A8, "tenders", "none", tender.kind.name()).at(0));
        }
        same(Rule::A7, "cash_rounding", Amount::ZERO, totals.cash_rounding)?;
        return check_effects(sale, 0, 0, 0);
    }
    let (mut card, mut other, mut cash) = (0, 0, None);
    for (index, tender) in sale.tenders.iter().enumerate() {
        let settled = positive(tender.amount, places).map_err(|broken| broken.at(index))?;
        match tender.kind {
            TenderKind::Card => card += settled,
            TenderKind::Other => other += settled,
            TenderKind::Cash if cash.is_some() => {
                return Err(Broken::new(Rule::A8, "tenders", "cash once", "cash twice").at(index));
            }
            TenderKind::Cash => cash = Some((index, tender)),
        }
        if tender.kind == TenderKind::Other && tender.label.as_deref().unwrap_or_default().trim().is_empty() {
            return Err(Broken::new(Rule::A8, "label", "the store's name of it", "nothing").at(index));
        }
        let may_change = tender.kind == TenderKind::Cash && sale.kind == SaleKind::Sale;
        if let Some(got) = tender.tendered.or(tender.change).filter(|_given| !may_change) {
            return Err(Broken::new(Rule::A8, "change", "nothing", got).at(index));
        }
    }
    let expected = cash_due(totals.total, amount(card + other, places), &totals.terms())?;
    let got = cash.map_or(amount(0, places), |(_index, tender)| tender.amount);
    same(Rule::A7, "amount", expected.due, got)?;
    same(Rule::A7, "cash_rounding", expected.rounding, totals.cash_rounding)?;
    if let Some((index, tender)) = cash.filter(|_cash| sale.kind == SaleKind::Sale) {
        check_change(tender, places).map_err(|broken| broken.at(index))?;
    }
    check_effects(sale, units(expected.due, places).unwrap_or_default(), card, other)
}

/// A8: what the customer handed over and got back.
fn check_change(tender: &SaleTender, places: u32) -> Result<(), Broken> {
    let due = units(tender.amount, places).unwrap_or_default();
    let tendered = tender.tendered.and_then(|tendered| units(tendered, places));
    let tendered = tendered.filter(|tendered| *tendered >= due).ok_or_else(|| {
        let got = tender.tendered.map_or_else(|| "nothing".into(), |got| got.to_string());
        Broken::new(Rule::A8, "tendered", format!("at least {}", tender.amount), got)
    })?;
    match tender.change {
        Some(change) => same(Rule::A8, "change", amount(tendered - due, places), change),
        None => Err(Broken::new(Rule::A8, "change", amount(tendered - due, places), "nothing")),
    }
}

/// A10, from minor units.
fn check_effects(sale: &Sale, cash: i128, card: i128, other: i128) -> Result<(), Broken> {
    let places = sale.totals.places();
    let effect = |units: i128| amount(sale.kind.sign() * units, places);
    same(Rule::A10, "net_cash", effect(cash), sale.totals.net_cash)?;
    same(Rule::A10, "net_card", effect(card), sale.totals.net_card)?;
    same(Rule::A10, "net_other", effect(other), sale.totals.net_other)
}

/// Whether two amounts are the same money.
pub(super) fn same(rule: Rule, field: &'static str, expected: Amount, got: Amount) -> Result<(), Broken> {
    if expected == got { Ok(()) } else { Err(Broken::new(rule, field, expected, got)) }
}
