//! From lines and rates to sums, from sums and tenders to change.
//!
//! Invariant: prices come in, every other figure comes out; nothing here reads a figure that it should compute.

use super::{
    Broken, Half, MOST_LINES, MOST_TENDERS, Percent, Quantity, Rate, Rule, SaleKind, SaleTax, SaleTender,
    SaleTotals, TenderKind,
    exact::{amount, half_up, is_within_limit, scale, shares, to_step, units},
};
use crate::{Amount, currency};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Currency, and how a location deals with prices and cash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// ISO 4217.
    pub currency: String,
    /// Prices are with tax.
    pub prices_include_tax: bool,
    /// What cash is rounded to; `None` where there is cash for every amount.
    #[serde(default)]
    pub cash_step: Option<Amount>,
    /// Where a half goes.
    #[serde(default)]
    pub cash_half: Half,
}

impl Terms {
    /// Decimal places of the currency.
    #[must_use]
    pub fn places(&self) -> u32 {
        currency::places(&self.currency)
    }

    /// The step of cash in minor units.
    ///
    /// # Errors
    /// A7 for a step that is no amount above zero of this currency.
    pub(super) fn step(&self) -> Result<i128, Broken> {
        let Some(step) = self.cash_step else { return Ok(1) };
        units(step, self.places())
            .filter(|step| *step > 0)
            .ok_or_else(|| Broken::new(Rule::A7, "cash_step", "an amount above zero", step))
    }
}

/// A reduction of a line or of the whole cart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", content = "value", rename_all = "lowercase")]
pub enum Discount {
    /// No reduction.
    #[default]
    None,
    /// By an amount.
    Amount(Amount),
    /// By a part.
    Percent(Percent),
}

impl Discount {
    /// In minor units, of what it reduces.
    fn of(self, whole: i128, places: u32, rule: Rule, field: &'static str) -> Result<i128, Broken> {
        match self {
            Self::None => Ok(0),
            Self::Percent(percent) => Ok(half_up(whole * percent.parts(), 10_000)),
            Self::Amount(given) => units(given, places)
                .filter(|units| *units <= whole)
                .ok_or_else(|| Broken::new(rule, field, format!("0 to {}", amount(whole, places)), given)),
        }
    }
}

/// What a line is charged by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedLine {
    /// How many, or how much.
    pub quantity: Quantity,
    /// What one is charged.
    pub unit_price: Amount,
    /// Reduction of this line.
    pub discount: Discount,
    /// The tax code; `None` for an item without tax.
    pub tax_code: Option<String>,
}

/// One component of a tax code, as the location has it now. Components of a code are in the order in which they stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxRate {
    /// The code.
    pub tax_code: String,
    /// The component's name, once in its code.
    pub component: String,
    /// Its rate as a fraction.
    pub rate: Rate,
}

/// The figures of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineFigures {
    /// Before discounts.
    pub gross: Amount,
    /// Discount on this line.
    pub discount: Amount,
    /// Share of the discount on the whole cart.
    pub cart_discount: Amount,
    /// What is charged.
    pub net: Amount,
}

/// What the lines come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct Sums {
    /// Σ gross of the lines.
    pub gross: Amount,
    /// Σ discounts of lines and cart.
    #[serde(default)]
    pub discount: Amount,
    /// Without tax.
    pub net: Amount,
    /// Σ tax.
    pub tax: Amount,
    /// What is to be paid, before the rounding of cash.
    pub total: Amount,
}

/// All figures of a cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// By line.
    pub lines: Vec<LineFigures>,
    /// By tax code, in the order in which the codes come up, and component.
    pub taxes: Vec<SaleTax>,
    /// Together.
    pub sums: Sums,
}

/// What lines come to, with a discount on the whole and these rates.
///
/// # Errors
/// The first rule, by its number, that the lines break.
pub fn price(
    lines: &[PricedLine],
    cart_discount: Discount,
    rates: &[TaxRate],
    terms: &Terms,
) -> Result<Figures, Broken> {
    let places = terms.places();
    check_count(lines.len())?;
    let mut priced = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        let unit_price = units(line.unit_price, places)
            .ok_or_else(|| within_limit("unit_price", line.unit_price).at(index))?;
        let gross = gross(line.quantity, unit_price);
        if !is_within_limit(gross, places) {
            return Err(within_limit("gross", amount(gross, places)).at(index));
        }
        priced.push((gross, line.discount));
    }
    let mut reduced = Vec::with_capacity(lines.len());
    for (index, (gross, discount)) in priced.into_iter().enumerate() {
        let discount = discount.of(gross, places, Rule::A3, "discount").map_err(|broken| broken.at(index))?;
        reduced.push((gross, discount));
    }
    let before: Vec<i128> = reduced.iter().map(|(gross, discount)| gross - discount).collect();
    let cart = cart_discount.of(before.iter().sum(), places, Rule::A4, "cart_discount")?;
    let given = shares(cart, &before);
    let net: Vec<i128> = before.iter().zip(&given).map(|(before, share)| before - share).collect();

    let codes = lines.iter().map(|line| line.tax_code.as_deref());
    let taxes = taxes(codes.zip(net.iter().copied()), rates, terms)?;
    let gross: i128 = reduced.iter().map(|(gross, _discount)| gross).sum();
    let tax: i128 = taxes.iter().map(|(_row, tax)| tax).sum();
    let sums = sums(gross, net.iter().sum(), tax, terms)?;

    let figures = reduced.iter().zip(given).zip(net).map(|(((gross, discount), share), net)| LineFigures {
        gross: amount(*gross, places),
        discount: amount(*discount, places),
        cart_discount: amount(share, places),
        net: amount(net, places),
    });
    Ok(Figures { lines: figures.collect(), taxes: taxes.into_iter().map(|(row, _tax)| row).collect(), sums })
}

/// A1: how many lines a receipt has.
pub(super) fn check_count(lines: usize) -> Result<(), Broken> {
    if (1..=MOST_LINES).contains(&lines) {
        Ok(())
    } else {
        Err(Broken::new(Rule::A1, "lines", format!("1 to {MOST_LINES}"), lines))
    }
}

/// A1: an amount that is none, or too large.
pub(super) fn within_limit(field: &'static str, got: Amount) -> Broken {
    Broken::new(Rule::A1, field, "an amount from 0 to below 1000000000 with the places of the currency", got)
}

/// A2, in minor units.
pub(super) fn gross(quantity: Quantity, unit_price: i128) -> i128 {
    half_up(quantity.parts() * unit_price, 1_000)
}

/// A5: rows of tax, each with its tax in minor units.
pub(super) fn taxes<'a>(
    lines: impl Iterator<Item = (Option<&'a str>, i128)>,
    rates: &[TaxRate],
    terms: &Terms,
) -> Result<Vec<(SaleTax, i128)>, Broken> {
    let places = terms.places();
    let mut codes: Vec<&str> = Vec::new();
    let mut bases: BTreeMap<&str, i128> = BTreeMap::new();
    for (code, net) in lines {
        let Some(code) = code else { continue };
        if !bases.contains_key(code) {
            codes.push(code);
        }
        *bases.entry(code).or_default() += net;
    }
    let mut rows = Vec::new();
    for code in codes {
        let base = bases.get(code).copied().unwrap_or_default();
        let components: Vec<&TaxRate> = rates.iter().filter(|rate| rate.tax_code == code).collect();
        if components.is_empty() {
            return Err(Broken::new(Rule::A5, "tax_code", "a code with a rate", code));
        }
        let weights: Vec<i128> = components.iter().map(|one| one.rate.parts()).collect();
        let tax = tax(base, weights.iter().sum(), terms.prices_include_tax);
        for (component, share) in components.into_iter().zip(shares(tax, &weights)) {
            let row = SaleTax {
                tax_code: component.tax_code.clone(),
                component: component.component.clone(),
                rate: component.rate,
                base: amount(base, places),
                tax: amount(share, places),
            };
            rows.push((row, share));
        }
    }
    Ok(rows)
}

/// A5: the tax of one code, rate in hundred-thousandths.
fn tax(base: i128, rate: i128, prices_include_tax: bool) -> i128 {
    let whole = scale(5);
    if prices_include_tax { base - half_up(base * whole, whole + rate) } else { half_up(base * rate, whole) }
}

/// A6, from minor units.
pub(super) fn sums(gross: i128, lines: i128, tax: i128, terms: &Terms) -> Result<Sums, Broken> {
    let places = terms.places();
    let total = if terms.prices_include_tax { lines } else { lines + tax };
    for (field, units) in [("gross", gross), ("total", total)] {
        if !is_within_limit(units, places) {
            return Err(within_limit(field, amount(units, places)));
        }
    }
    Ok(Sums {
        gross: amount(gross, places),
        discount: amount(gross - lines, places),
        net: amount(total - tax, places),
        tax: amount(tax, places),
        total: amount(total, places),
    })
}

/// What is left for cash once other tenders are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CashDue {
    /// What the other tenders leave.
    pub open: Amount,
    /// The same as cash can pay it; zero where nothing is open or it is rounded away.
    pub due: Amount,
    /// `due` less `open`.
    pub rounding: Amount,
}

/// A7: what is due in cash when other tenders settled that much.
///
/// # Errors
/// A8 where other tenders are above the total; A7 for a step that is none.
pub fn cash_due(total: Amount, others: Amount, terms: &Terms) -> Result<CashDue, Broken> {
    let places = terms.places();
    let total_units = units(total, places).ok_or_else(|| within_limit("total", total))?;
    let others_units = units(others, places).ok_or_else(|| within_limit("tenders", others))?;
    let open = total_units - others_units;
    if open < 0 {
        return Err(Broken::new(Rule::A8, "tenders", format!("at most {total}"), others));
    }
    let due = to_step(open, terms.step()?, terms.cash_half);
    Ok(CashDue { open: amount(open, places), due: amount(due, places), rounding: amount(due - open, places) })
}

/// What a person hands over, or is handed back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payment {
    /// Notes and coins: of a sale what the customer handed over, of a refund whatever is due.
    Cash(Option<Amount>),
    /// On a card terminal.
    Card {
        /// How much.
        amount: Amount,
        /// A number of the terminal's slip.
        reference: Option<String>,
    },
    /// By what the store named so.
    Other {
        /// The store's name for it.
        label: String,
        /// How much.
        amount: Amount,
        /// A number of the voucher.
        reference: Option<String>,
    },
}

impl Sums {
    /// Settles the total: tenders with what each paid, change, rounding and effects.
    ///
    /// # Errors
    /// A1 for too many tenders, A7 and A8 where they do not settle it exactly.
    pub fn settle(
        self,
        kind: SaleKind,
        payments: &[Payment],
        terms: &Terms,
    ) -> Result<(Vec<SaleTender>, SaleTotals), Broken> {
        let places = terms.places();
        if payments.len() > MOST_TENDERS {
            return Err(Broken::new(Rule::A1, "tenders", format!("at most {MOST_TENDERS}"), payments.len()));
        }
        let mut tenders = Vec::with_capacity(payments.len());
        let (mut card, mut other) = (0, 0);
        for (index, payment) in payments.iter().enumerate() {
            let (kind, label, given, reference, sum) = match payment {
                Payment::Cash(_tendered) => continue,
                Payment::Card { amount, reference } => {
                    (TenderKind::Card, None, *amount, reference.clone(), &mut card)
                }
                Payment::Other { label, amount, reference } => {
                    (TenderKind::Other, Some(label.clone()), *amount, reference.clone(), &mut other)
                }
            };
            *sum += positive(given, places).map_err(|broken| broken.at(index))?;
            tenders.push(tender(kind, label, given, reference));
        }
        let cash = cash_due(self.total, amount(card + other, places), terms)?;
        let due = units(cash.due, places).unwrap_or_default();
        let mut cash_payments = payments.iter().enumerate().filter_map(|(index, payment)| match payment {
            Payment::Cash(tendered) => Some((index, *tendered)),
            _ => None,
        });
        match (cash_payments.next(), due) {
            (None, 0) => {}
            (None, _) => return Err(Broken::new(Rule::A8, "tendered", cash.due, "nothing")),
            (Some((index, _tendered)), 0) => {
                return Err(Broken::new(Rule::A7, "tenders", "no cash", "cash").at(index));
            }
            (Some((index, tendered)), _) => {
                let handed = if kind == SaleKind::Sale { tendered.unwrap_or(cash.due) } else { cash.due };
                let handed_units =
                    units(handed, places).filter(|handed| *handed >= due).ok_or_else(|| {
                        Broken::new(Rule::A8, "tendered", format!("at least {}", cash.due), handed).at(index)
                    })?;
                let mut row = tender(TenderKind::Cash, None, cash.due, None);
                if kind == SaleKind::Sale {
                    row.tendered = Some(amount(handed_units, places));
                    row.change = Some(amount(handed_units - due, places));
                }
                tenders.insert(index.min(tenders.len()), row);
            }
        }
        if let Some((index, _tendered)) = cash_payments.next() {
            return Err(Broken::new(Rule::A8, "tenders", "cash once", "cash twice").at(index));
        }
        let sign = kind.sign();
        let totals = SaleTotals {
            cash_rounding: cash.rounding,
            net_cash: amount(sign * due, places),
            net_card: amount(sign * card, places),
            net_other: amount(sign * other, places),
            ..SaleTotals::new(self, terms)
        };
        Ok((tenders, totals))
    }

    /// The totals of a cart that was thrown away: nobody paid anything.
    #[must_use]
    pub fn unpaid(self, terms: &Terms) -> SaleTotals {
        SaleTotals::new(self, terms)
    }
}

/// A8: a tender above zero, in minor units.
pub(super) fn positive(given: Amount, places: u32) -> Result<i128, Broken> {
    units(given, places)
        .filter(|units| *units > 0)
        .ok_or_else(|| Broken::new(Rule::A8, "amount", "an amount above zero", given))
}

fn tender(kind: TenderKind, label: Option<String>, amount: Amount, reference: Option<String>) -> SaleTender {
    SaleTender { kind, label, amount, tendered: None, change: None, reference }
}
