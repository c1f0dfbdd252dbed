//! A sale as its customer reads it, line by line, before anybody knows how wide the paper is.
//!
//! Invariant: every figure is the entry's own, digit by digit. The one sum is that of the shares of a cart's discount,
//! which the entry keeps line by line.

use crate::{
    Amount, Sale, SaleKind, currency,
    report_lines::{ReportValue, ReportWeight, ReportWord, TaxLabel},
    sale::{Quantity, Rate, SaleLine, SaleTender, TenderKind},
};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Everything that a receipt says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct SaleSlip {
    /// The entry: a sale, a refund or a void.
    pub sale: Sale,
    /// The shop's name as customers know it.
    pub vendor_name: String,
    /// The store's name.
    pub location_name: String,
    /// What the store has printed above the lines; may be several lines.
    pub header: Option<String>,
    /// What it has printed below them.
    pub footer: Option<String>,
    /// Who served, where that is known.
    pub served_by: Option<String>,
    /// Of a refund or a void: the number of the receipt that it takes back; `None` where there was none.
    pub original_number: Option<String>,
    /// When it was sold, by the server's clock as far as this till knows it, UTC.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub sold_at: Timestamp,
    /// IANA name of the store's time zone.
    pub timezone: String,
    /// What the paper is worth.
    pub standing: Standing,
    /// It has been on paper before.
    pub copy: bool,
}

/// What a receipt is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It is a receipt.
    #[default]
    Receipt,
    /// The store sells where a certified register is demanded, and this is none.
    NotFiscal,
    /// Practice: nothing was sold.
    Practice,
}

/// One line of a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlipLine {
    /// The shop's name.
    Name(String),
    /// The store's own words.
    Text(String),
    /// What nobody may overlook.
    Mark(ReportWord),
    /// Between two parts.
    Rule,
    /// What it is about, and what that comes to.
    Row {
        /// What it is about.
        label: SlipLabel,
        /// What it comes to.
        value: ReportValue,
        /// How much it matters.
        weight: ReportWeight,
    },
    /// The total: the largest figure.
    Total {
        /// Of what.
        word: ReportWord,
        /// How much.
        amount: Amount,
    },
    /// A text that a scanner can read.
    Code(String),
}

/// What a line of a receipt is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlipLabel {
    /// A word of the catalogues.
    Word(ReportWord),
    /// The name of an item, or of a tender.
    Text(String),
    /// How many, at which price for one.
    Pieces {
        /// How many, or how much.
        quantity: Quantity,
        /// Its unit; `None` for pieces.
        unit: Option<String>,
        /// For one.
        price: Amount,
    },
    /// One component of the taxes.
    Tax(TaxLabel),
}

impl Rate {
    /// In per cent, with no zeros at the end.
    #[must_use]
    pub fn percent(self) -> Decimal {
        (self.decimal() * Decimal::ONE_HUNDRED).normalize()
    }
}

impl SaleSlip {
    /// Its lines, from the top of the paper to the bottom.
    #[must_use]
    pub fn draw(&self) -> Vec<SlipLine> {
        let mut lines = Lines { places: currency::places(&self.sale.totals.currency), lines: Vec::new() };
        self.draw_head(&mut lines);
        for line in &self.sale.lines {
            draw_line(line, &mut lines);
        }
        self.draw_total(&mut lines);
        self.draw_tenders(&mut lines);
        if self.sale.totals.prices_include_tax {
            lines.lines.push(SlipLine::Rule);
            self.draw_taxes(&mut lines);
        }
        self.draw_foot(&mut lines);
        lines.lines
    }

    fn draw_head(&self, lines: &mut Lines) {
        use ReportWord::{OriginalReceipt, Receipt, ServedBy, SoldAt};
        lines.own(&self.vendor_name, SlipLine::Name);
        lines.own(&self.location_name, SlipLine::Text);
        lines.own(self.header.as_deref().unwrap_or_default(), SlipLine::Text);
        let kind = match self.sale.kind {
            SaleKind::Sale | SaleKind::Discard => None,
            SaleKind::Refund => Some(ReportWord::Refund),
            SaleKind::Void => Some(ReportWord::Void),
        };
        let copy = self.copy.then_some(ReportWord::Copy);
        let marks = self.standing.marks().iter().copied().chain(kind).chain(copy);
        lines.lines.extend(marks.map(SlipLine::Mark));
        lines.lines.push(SlipLine::Rule);
        let text = |text: &Option<String>| text.clone().map(ReportValue::Text);
        for (word, value) in [
            (Receipt, text(&self.sale.receipt.number)),
            (OriginalReceipt, text(&self.original_number)),
            (SoldAt, Some(ReportValue::Moment(self.sold_at))),
            (ServedBy, text(&self.served_by)),
        ] {
            if let Some(value) = value {
                lines.put(word, value);
            }
        }
        lines.lines.push(SlipLine::Rule);
    }

    /// What leads from the lines to the total.
    fn draw_total(&self, lines: &mut Lines) {
        let (sale, totals) = (&self.sale, &self.sale.totals);
        lines.lines.push(SlipLine::Rule);
        let shares: Decimal = sale.lines.iter().map(|line| line.cart_discount.decimal()).sum();
        lines.change(ReportWord::CartDiscount, -shares);
        if !totals.prices_include_tax {
            self.draw_taxes(lines);
        }
        let word = match sale.kind {
            SaleKind::Sale | SaleKind::Discard => ReportWord::Total,
            SaleKind::Refund => ReportWord::TotalRefunded,
            SaleKind::Void => ReportWord::TotalVoided,
        };
        let amount = lines.padded(totals.total);
        lines.lines.push(SlipLine::Total { word, amount });
    }

    /// What it comes to without tax, and each tax; nothing where there is none.
    fn draw_taxes(&self, lines: &mut Lines) {
        let totals = &self.sale.totals;
        if !self.sale.taxes.is_empty() {
            lines.amount(ReportWord::WithoutTax, totals.net);
        }
        for tax in &self.sale.taxes {
            let label = TaxLabel {
                component: tax.component.clone(),
                rate: tax.rate,
                base: lines.padded(tax.base),
                included: totals.prices_include_tax,
            };
            let value = ReportValue::Amount(lines.padded(tax.tax));
            lines.push(SlipLabel::Tax(label), value, ReportWeight::Plain);
        }
    }

    fn draw_tenders(&self, lines: &mut Lines) {
        let sale = &self.sale;
        let rounding = sale.totals.cash_rounding.decimal();
        lines.change(ReportWord::Rounding, rounding);
        for tender in &sale.tenders {
            let (label, amount) = tender_line(tender, sale.kind);
            if tender.kind == TenderKind::Cash && tender.tendered.is_some() && !rounding.is_zero() {
                lines.amount(ReportWord::DueInCash, tender.amount);
            }
            let value = ReportValue::Amount(lines.padded(amount));
            lines.push(label, value, ReportWeight::Plain);
            if let Some(reference) = &tender.reference {
                let label = SlipLabel::Word(ReportWord::Reference);
                lines.push(label, ReportValue::Text(reference.clone()), ReportWeight::Detail);
            }
            if let Some(change) = tender.change.filter(|change| !change.decimal().is_zero()) {
                lines.amount(ReportWord::Change, change);
                lines.weigh(ReportWeight::Strong);
            }
        }
    }

    fn draw_foot(&self, lines: &mut Lines) {
        lines.lines.push(SlipLine::Rule);
        lines.lines.extend(self.standing.marks().iter().copied().map(SlipLine::Mark));
        lines.own(self.footer.as_deref().unwrap_or_default(), SlipLine::Text);
        // Goods come back for a sale only, and nothing comes back for what was practice.
        if self.sale.kind == SaleKind::Sale && self.standing != Standing::Practice {
            lines.lines.extend(self.sale.receipt.number.clone().map(SlipLine::Code));
        }
    }
}

impl Standing {
    fn marks(self) -> &'static [ReportWord] {
        match self {
            Self::Receipt => &[],
            Self::NotFiscal => &[ReportWord::NotFiscal],
            Self::Practice => &[ReportWord::Practice, ReportWord::NotFiscal],
        }
    }
}

fn draw_line(line: &SaleLine, lines: &mut Lines) {
    let name = line.name.clone().map_or(SlipLabel::Word(ReportWord::Item), SlipLabel::Text);
    let value = ReportValue::Amount(lines.padded(line.gross));
    lines.push(name, value, ReportWeight::Plain);
    if line.quantity != Quantity::ONE || line.unit.is_some() {
        let price = lines.padded(line.unit_price);
        let label = SlipLabel::Pieces { quantity: line.quantity, unit: line.unit.clone(), price };
        lines.push(label, ReportValue::Nothing, ReportWeight::Detail);
    }
    if lines.change(ReportWord::Discount, -line.discount.decimal()) {
        lines.weigh(ReportWeight::Detail);
    }
}

/// What a tender is called, and the figure beside it: of cash what the customer handed over, where that is known.
fn tender_line(tender: &SaleTender, kind: SaleKind) -> (SlipLabel, Amount) {
    let word = match (tender.kind, kind) {
        (TenderKind::Cash, SaleKind::Refund | SaleKind::Void) => ReportWord::PaidOut,
        (TenderKind::Cash, _) => ReportWord::Cash,
        (TenderKind::Card, _) => ReportWord::Card,
        (TenderKind::Other, _) => ReportWord::OtherTender,
    };
    let label = tender.label.clone().map_or(SlipLabel::Word(word), SlipLabel::Text);
    (label, tender.tendered.unwrap_or(tender.amount))
}

struct Lines {
    /// Decimal places of the currency.
    places: u32,
    lines: Vec<SlipLine>,
}

impl Lines {
    /// What people typed, each of its lines by itself.
    fn own(&mut self, text: &str, line: fn(String) -> SlipLine) {
        let typed = text.lines().map(str::trim).filter(|text| !text.is_empty());
        self.lines.extend(typed.map(|text| line(text.to_owned())));
    }

    fn push(&mut self, label: SlipLabel, value: ReportValue, weight: ReportWeight) {
        self.lines.push(SlipLine::Row { label, value, weight });
    }

    fn put(&mut self, word: ReportWord, value: ReportValue) {
        self.push(SlipLabel::Word(word), value, ReportWeight::Plain);
    }

    fn amount(&mut self, word: ReportWord, amount: Amount) {
        let value = ReportValue::Amount(self.padded(amount));
        self.put(word, value);
    }

    /// By how much something becomes more or less; no line where it does not, and then false.
    fn change(&mut self, word: ReportWord, by: Decimal) -> bool {
        if !by.is_zero() {
            let value = ReportValue::Change(self.padded(by.into()));
            self.put(word, value);
        }
        !by.is_zero()
    }

    /// Gives the line that was put last its weight.
    fn weigh(&mut self, heavier: ReportWeight) {
        if let Some(SlipLine::Row { weight, .. }) = self.lines.last_mut() {
            *weight = heavier;
        }
    }

    /// With as many places as the currency has; never with fewer than it came with.
    fn padded(&self, amount: Amount) -> Amount {
        let mut decimal = amount.decimal();
        if decimal.scale() < self.places {
            decimal.rescale(self.places);
        }
        decimal.into()
    }
}
