//! What the ledger of sales adds to a sheet, line by line.
//!
//! Invariant: as for every sheet, a figure is named once, here, and is the server's own.

use crate::{
    Amount, SaleKind,
    report_drawing::Lines,
    report_lines::{ReportLabel, ReportSection, ReportValue, ReportWeight, ReportWord, TaxLabel},
    sale::TenderKind,
    sales_sheet::{OtherClients, SalesSheet, SheetEntry, TaxSum, TenderSum, TillReceipts},
};

impl SalesSheet {
    pub(crate) fn draw(&self, lines: &mut Lines) {
        lines.section = ReportSection::OtherClients;
        if let Some(others) = &self.other_clients {
            draw_other_clients("", others, ReportWeight::Plain, lines);
        }
        if !self.ledger_agrees {
            lines.put("ledger_agrees", ReportWord::LedgerChanged, ReportValue::Nothing);
            lines.weigh(ReportWeight::Strong);
        }
        self.draw_sold(lines);
        lines.section = ReportSection::Taxes;
        self.taxes.iter().for_each(|tax| draw_tax(tax, lines));
        lines.section = ReportSection::Tenders;
        self.tenders.iter().for_each(|tender| draw_tender(tender, lines));
        lines.section = ReportSection::Receipts;
        self.receipts.iter().for_each(|till| draw_receipts(till, lines));
        lines.section = ReportSection::Late;
        self.late.iter().for_each(|entry| draw_entry("late", entry, lines));
        lines.section = ReportSection::Addendum;
        self.addendum.iter().for_each(|entry| draw_entry("addendum", entry, lines));
    }

    fn draw_sold(&self, lines: &mut Lines) {
        use ReportWord::{Discards, Discounts, Gross, Refunds, Rounding, Tax, Total, Voids, WithoutTax};
        lines.section = ReportSection::Sold;
        let sales = &self.sales;
        lines.put("sold.gross", Gross, ReportValue::Amount(sales.gross));
        lines.count(sales.count);
        change("sold.discount", Discounts, negative(sales.discount), lines);
        lines.put("sold.net", WithoutTax, ReportValue::Amount(sales.net));
        lines.put("sold.tax", Tax, ReportValue::Amount(sales.tax));
        lines.put("sold.total", Total, ReportValue::Amount(sales.total));
        lines.weigh(ReportWeight::Strong);
        for (name, word, sum) in [("refunds", Refunds, &self.refunds), ("voids", Voids, &self.voids)] {
            if sum.count > 0 {
                lines.put(name, word, ReportValue::Change(negative(sum.amount)));
                lines.count(sum.count);
            }
        }
        change("cash_rounding", Rounding, self.cash_rounding, lines);
        if self.discards.count > 0 {
            lines.put("discards", Discards, ReportValue::Amount(self.discards.amount));
            lines.count(self.discards.count);
        }
    }

    /// What only a table for spreadsheets has: from what each tax was computed.
    pub(crate) fn draw_for_table(&self, lines: &mut Lines) {
        for tax in &self.taxes {
            let label = ReportLabel::Text(tax.component.clone());
            lines.push(&format!("{}.base", tax_name(tax)), label, ReportValue::Amount(tax.base));
        }
    }
}

/// What other clients added, each line under a name that begins so.
pub(crate) fn draw_other_clients(
    whose: &str,
    others: &OtherClients,
    weight: ReportWeight,
    lines: &mut Lines,
) {
    use ReportWord::{Card, Cash, TotalSales, Transactions};
    let number = ReportValue::Text(others.total_transactions.to_string());
    for (name, word, value) in [
        ("cash.sales", Cash, ReportValue::Amount(others.total_cash)),
        ("card.sales", Card, ReportValue::Amount(others.total_card)),
        ("total_sales", TotalSales, ReportValue::Amount(others.total_sales)),
        ("transactions", Transactions, number),
    ] {
        lines.put(&format!("{whose}other_clients.{name}"), word, value);
        lines.weigh(weight);
    }
}

/// By how much something became more or less; no line where it did not.
fn change(name: &str, word: ReportWord, by: Amount, lines: &mut Lines) {
    if !by.decimal().is_zero() {
        lines.put(name, word, ReportValue::Change(by));
    }
}

fn negative(amount: Amount) -> Amount {
    (-amount.decimal()).into()
}

fn tax_name(tax: &TaxSum) -> String {
    format!("tax.{}.{}.{}", tax.tax_code, tax.component, tax.rate)
}

fn draw_tax(tax: &TaxSum, lines: &mut Lines) {
    let label =
        TaxLabel { component: tax.component.clone(), rate: tax.rate, base: tax.base, included: false };
    lines.push(&tax_name(tax), ReportLabel::Tax(label), ReportValue::Amount(tax.tax));
}

fn draw_tender(tender: &TenderSum, lines: &mut Lines) {
    let (name, word) = match tender.kind {
        TenderKind::Cash => ("cash", ReportWord::Cash),
        TenderKind::Card => ("card", ReportWord::Card),
        TenderKind::Other => ("other", ReportWord::OtherTender),
    };
    let (name, label) = match &tender.label {
        Some(label) => (format!("tender.{name}.{label}"), ReportLabel::Text(label.clone())),
        None => (format!("tender.{name}"), ReportLabel::Word(word)),
    };
    lines.push(&name, label, ReportValue::Amount(tender.amount));
    lines.count(tender.count);
}

fn draw_receipts(till: &TillReceipts, lines: &mut Lines) {
    let name = format!("receipts.{}", till.prefix);
    let label = || ReportLabel::Text(till.prefix.clone());
    match (&till.first, &till.last) {
        (Some(first), Some(last)) => {
            let ends = if first == last { first.clone() } else { format!("{first} – {last}") };
            lines.push(&name, label(), ReportValue::Text(ends));
            lines.count(till.count);
        }
        _ => lines.push(&name, label(), ReportValue::Nothing),
    }
    draw_missing(till, ReportLabel::Word(ReportWord::NotYetHere), lines);
}

/// What a till has issued and is not here yet.
pub(crate) fn draw_missing(till: &TillReceipts, label: ReportLabel, lines: &mut Lines) {
    if till.missing == 0 {
        return;
    }
    let name = format!("receipts.{}.missing", till.prefix);
    lines.push(&name, label, ReportValue::Number(till.missing.into()));
    lines.weigh(ReportWeight::Strong);
    if !till.missing_numbers.is_empty() {
        let more = if till.missing as usize > till.missing_numbers.len() { ", …" } else { "" };
        let label = ReportLabel::Text(till.missing_numbers.join(", ") + more);
        lines.push(&format!("{name}_numbers"), label, ReportValue::Nothing);
        lines.weigh(ReportWeight::Detail);
    }
}

/// What an entry comes to, with the sign of its kind.
pub(crate) fn signed_total(entry: &SheetEntry) -> Amount {
    match entry.kind {
        SaleKind::Sale | SaleKind::Discard => entry.total,
        SaleKind::Refund | SaleKind::Void => negative(entry.total),
    }
}

/// An entry beside the figures, and what it did to the drawer.
fn draw_entry(list: &str, entry: &SheetEntry, lines: &mut Lines) {
    let number = entry.receipt_number.clone().unwrap_or_else(|| entry.id.to_string());
    let name = format!("{list}.{number}");
    lines.push(&name, ReportLabel::Text(number), ReportValue::Change(signed_total(entry)));
    lines.put(&format!("{name}.cash"), ReportWord::Cash, ReportValue::Change(entry.net_cash));
    lines.weigh(ReportWeight::Detail);
    let whose = [entry.session_number.as_deref().unwrap_or_default(), entry.by_name.as_str()];
    let whose = whose.join(" ").trim().to_owned();
    lines.push(&format!("{name}.by"), ReportLabel::Text(whose), ReportValue::Moment(entry.recorded_at));
    lines.weigh(ReportWeight::Detail);
}
