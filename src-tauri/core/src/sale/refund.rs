//! What comes back of an earlier sale.
//!
//! Invariant: however a sale is returned in pieces, what was given back so far is what is due for all that came back so
//! far; when everything is back, the refunds are the original to the last minor unit.

use super::{
    Broken, Quantity, Rule, Sale, SaleKind, SaleLine, SaleTax, SaleTender, Sums,
    check::{check_bounds, check_sums, check_tenders, same},
    exact::{amount, half_up, units},
    figures::{check_count, sums},
};
use crate::Amount;
use std::collections::BTreeMap;

/// What came back of a sale so far, in thousandths of quantity and in minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    lines: BTreeMap<u32, (i128, i128)>,
    taxes: BTreeMap<(String, String), (i128, i128)>,
}

impl Returned {
    /// What these refunds gave back together.
    pub fn of<'a>(refunds: impl IntoIterator<Item = &'a Sale>) -> Self {
        let mut returned = Self::default();
        for refund in refunds {
            let places = refund.totals.places();
            for line in &refund.lines {
                let no = line.original_line.unwrap_or_default();
                returned.add_line(no, line.quantity, line.net, places);
            }
            for row in &refund.taxes {
                returned.add_tax(row.tax_code.clone(), row.component.clone(), row.base, row.tax, places);
            }
        }
        returned
    }

    /// Adds what came back of a line of the original.
    pub fn add_line(&mut self, no: u32, quantity: Quantity, net: Amount, places: u32) {
        self.add_line_parts(no, quantity.parts(), units(net, places).unwrap_or_default());
    }

    /// The same in thousandths and minor units.
    pub(super) fn add_line_parts(&mut self, no: u32, quantity: i128, net: i128) {
        let (quantities, nets) = self.lines.entry(no).or_default();
        *quantities += quantity;
        *nets += net;
    }

    /// Adds what came back of a row of tax.
    pub fn add_tax(&mut self, tax_code: String, component: String, base: Amount, tax: Amount, places: u32) {
        let (base, tax) = (units(base, places), units(tax, places));
        self.add_tax_parts(tax_code, component, base.unwrap_or_default(), tax.unwrap_or_default());
    }

    /// The same in minor units.
    pub(super) fn add_tax_parts(&mut self, tax_code: String, component: String, base: i128, tax: i128) {
        let (bases, taxes) = self.taxes.entry((tax_code, component)).or_default();
        *bases += base;
        *taxes += tax;
    }
}

/// What can still come back of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOfLine {
    /// Its number in the original.
    pub no: u32,
    /// How much; `None` for nothing.
    pub quantity: Option<Quantity>,
    /// For how much.
    pub net: Amount,
}

/// What can still come back of a sale, line by line.
#[must_use]
pub fn what_is_left(original: &Sale, returned: &Returned) -> Vec<LeftOfLine> {
    let places = original.totals.places();
    let left = |(no, line): (u32, &SaleLine)| {
        let (quantity, net) = returned.lines.get(&no).copied().unwrap_or_default();
        LeftOfLine {
            no,
            quantity: Quantity::from_parts(line.quantity.parts() - quantity),
            net: amount(units(line.net, places).unwrap_or_default() - net, places),
        }
    };
    (1..).zip(&original.lines).map(left).collect()
}

/// Lines, taxes and sums of a refund of so much of these lines of the original.
///
/// # Errors
/// A1 for no line or too many, A9 for a line that the original does not have, that is named twice, or of which less is
/// left.
pub fn refund(
    original: &Sale,
    returned: &Returned,
    wanted: &[(u32, Quantity)],
) -> Result<(Vec<SaleLine>, Vec<SaleTax>, Sums), Broken> {
    check_count(wanted.len())?;
    let terms = original.totals.terms();
    let places = terms.places();
    let mut lines: Vec<SaleLine> = Vec::with_capacity(wanted.len());
    let mut bases: BTreeMap<&str, i128> = BTreeMap::new();
    let mut all = 0;
    for (index, (no, quantity)) in wanted.iter().enumerate() {
        let net = refund_of_line(original, returned, *no, *quantity, places).and_then(|(line, net)| {
            if lines.iter().any(|other| other.original_line == Some(*no)) {
                return Err(Broken::new(Rule::A9, "original_line", "each once", no));
            }
            lines.push(SaleLine {
                quantity: *quantity,
                gross: amount(net, places),
                discount: amount(0, places),
                cart_discount: amount(0, places),
                net: amount(net, places),
                original_line: Some(*no),
                ..line.clone()
            });
            if let Some(code) = line.tax_code.as_deref() {
                *bases.entry(code).or_default() += net;
            }
            Ok(net)
        });
        all += net.map_err(|broken| broken.at(index))?;
    }
    let mut rows = Vec::new();
    let mut tax = 0;
    for row in &original.taxes {
        if let Some(base) = bases.get(row.tax_code.as_str()) {
            let back = refund_of_tax(row, returned, *base, places);
            tax += back;
            rows.push(SaleTax { base: amount(*base, places), tax: amount(back, places), ..row.clone() });
        }
    }
    Ok((lines, rows, sums(all, all, tax, &terms)?))
}

/// A9: a line of the original, and what is due for this much more of it, in minor units.
fn refund_of_line<'a>(
    original: &'a Sale,
    returned: &Returned,
    no: u32,
    quantity: Quantity,
    places: u32,
) -> Result<(&'a SaleLine, i128), Broken> {
    let line = usize::try_from(no).ok().and_then(|no| original.lines.get(no.checked_sub(1)?));
    let line = line.ok_or_else(|| Broken::new(Rule::A9, "original_line", "a line of the original", no))?;
    let (before, given) = returned.lines.get(&no).copied().unwrap_or_default();
    let (so_far, whole) = (before + quantity.parts(), line.quantity.parts());
    if so_far > whole {
        let left = amount(whole - before, 3).decimal().normalize();
        return Err(Broken::new(Rule::A9, "quantity", format!("at most {left}"), quantity));
    }
    let net = units(line.net, places).unwrap_or_default();
    Ok((line, half_up(net * so_far, whole) - given))
}

/// A9 for a row of tax, in minor units.
fn refund_of_tax(row: &SaleTax, returned: &Returned, base: i128, places: u32) -> i128 {
    let key = (row.tax_code.clone(), row.component.clone());
    let (before, given) = returned.taxes.get(&key).copied().unwrap_or_default();
    let tax = units(row.tax, places).unwrap_or_default();
    let whole = units(row.base, places).unwrap_or_default();
    half_up(tax * (before + base), whole) - given
}

/// Checks a refund against its original and what came back before.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_refund(refund_entry: &Sale, original: &Sale, returned: &Returned) -> Result<(), Broken> {
    check_bounds(refund_entry)?;
    check_origin(refund_entry, original)?;
    let mut wanted = Vec::with_capacity(refund_entry.lines.len());
    for (index, line) in refund_entry.lines.iter().enumerate() {
        let no = line.original_line.ok_or_else(|| {
            Broken::new(Rule::A9, "original_line", "a line of the original", "nothing").at(index)
        })?;
        wanted.push((no, line.quantity));
    }
    let (lines, taxes, sums) = refund(original, returned, &wanted)?;
    same_lines(&refund_entry.lines, &lines)?;
    same_taxes(&refund_entry.taxes, &taxes)?;
    check_sums(refund_entry, sums)?;
    check_tenders(refund_entry)
}

/// Checks a void against its original, of which nothing may have come back.
///
/// # Errors
/// A9 where it is not the original, whole; A7, A8 and A10 for its tenders.
pub fn check_void(void: &Sale, original: &Sale) -> Result<(), Broken> {
    check_bounds(void)?;
    check_origin(void, original)?;
    same_lines(&void.lines, &lines_of_void(original))?;
    same_taxes(&void.taxes, &original.taxes)?;
    check_sums(void, original.totals.sums())?;
    check_tenders(void)?;
    let paid_back = tenders_of_void(original);
    let paid = |tender: &SaleTender| (tender.kind, tender.label.clone(), tender.amount);
    for (index, (got, expected)) in void.tenders.iter().zip(&paid_back).enumerate() {
        if paid(got) != paid(expected) {
            let text = |tender: &SaleTender| format!("{} {}", tender.kind.name(), tender.amount);
            return Err(Broken::new(Rule::A9, "tenders", text(expected), text(got)).at(index));
        }
    }
    if void.tenders.len() == paid_back.len() {
        Ok(())
    } else {
        Err(Broken::new(Rule::A9, "tenders", paid_back.len(), void.tenders.len()))
    }
}

/// The lines of a receipt once more, each pointing at itself.
pub(super) fn lines_of_void(original: &Sale) -> Vec<SaleLine> {
    let lines = (1..).zip(&original.lines);
    lines.map(|(no, line)| SaleLine { original_line: Some(no), ..line.clone() }).collect()
}

/// What is paid back when a receipt never was: as it was paid.
pub(super) fn tenders_of_void(original: &Sale) -> Vec<SaleTender> {
    let tenders = original.tenders.iter();
    tenders.map(|tender| SaleTender { tendered: None, change: None, ..tender.clone() }).collect()
}

fn check_origin(entry: &Sale, original: &Sale) -> Result<(), Broken> {
    if original.kind != SaleKind::Sale {
        return Err(Broken::new(Rule::A9, "original_id", "a sale", original.kind.name()));
    }
    let (expected, got) = (&original.totals, &entry.totals);
    if expected.currency != got.currency {
        return Err(Broken::new(Rule::A9, "currency", &expected.currency, &got.currency));
    }
    if expected.prices_include_tax != got.prices_include_tax {
        return Err(Broken::new(
            Rule::A9,
            "prices_include_tax",
            expected.prices_include_tax,
            got.prices_include_tax,
        ));
    }
    Ok(())
}

fn same_lines(got: &[SaleLine], expected: &[SaleLine]) -> Result<(), Broken> {
    if got.len() != expected.len() {
        return Err(Broken::new(Rule::A9, "lines", expected.len(), got.len()));
    }
    for (index, (got, expected)) in got.iter().zip(expected).enumerate() {
        let at = |broken: Broken| broken.at(index);
        if got.original_line != expected.original_line || got.quantity != expected.quantity {
            return Err(at(Broken::new(Rule::A9, "quantity", expected.quantity, got.quantity)));
        }
        if got.tax_code != expected.tax_code {
            let text = |code: &Option<String>| code.clone().unwrap_or_default();
            return Err(at(Broken::new(Rule::A9, "tax_code", text(&expected.tax_code), text(&got.tax_code))));
        }
        same(Rule::A9, "unit_price", expected.unit_price, got.unit_price).map_err(at)?;
        same(Rule::A9, "gross", expected.gross, got.gross).map_err(at)?;
        same(Rule::A9, "discount", expected.discount, got.discount).map_err(at)?;
        same(Rule::A9, "cart_discount", expected.cart_discount, got.cart_discount).map_err(at)?;
        same(Rule::A9, "net", expected.net, got.net).map_err(at)?;
    }
    Ok(())
}

/// Rows may stand in any order.
fn same_taxes(got: &[SaleTax], expected: &[SaleTax]) -> Result<(), Broken> {
    if got.len() != expected.len() {
        return Err(Broken::new(Rule::A9, "taxes", expected.len(), got.len()));
    }
    for (index, row) in got.iter().enumerate() {
        let at = |broken: Broken| broken.at(index);
        let twin = |one: &&SaleTax| {
            (&one.tax_code, &one.component, one.rate) == (&row.tax_code, &row.component, row.rate)
        };
        let twice = got.iter().take(index).any(|other| twin(&other));
        let expected = expected.iter().find(twin).filter(|_row| !twice).ok_or_else(|| {
            at(Broken::new(Rule::A9, "component", "a row of the original, once", &row.component))
        })?;
        same(Rule::A9, "base", expected.base, row.base).map_err(at)?;
        same(Rule::A9, "tax", expected.tax, row.tax).map_err(at)?;
    }
    Ok(())
}
