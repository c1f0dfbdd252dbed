//! A report as a table for a spreadsheet: RFC 4180, UTF-8 with the mark by which Excel knows it.
//!
//! Invariants: amounts are plain decimals, so that they can be added up; a free text is never a formula.

use crate::{sheet, words::Language};
use onetill_core::{
    Amount, Report,
    report::{CountKind, Counted, Sheet, SumKind, Tender},
};

/// The report as a file. The first column holds names that stay the same in every language.
#[must_use]
pub fn csv(report: &Report, language: &Language) -> Vec<u8> {
    let words = &language.words;
    let mut table = Table(String::from("\u{feff}"));
    table.row("item", "label", "count", "amount", "text");
    table.text("report", &sheet::title(report, words), if report.settlement().is_some() { "Z" } else { "X" });
    table.text("vendor", "", &report.vendor_name);
    table.text("location", "", &report.location_name);
    table.text("register", &words.register, &report.register_number);
    table.text("register_name", &words.register, &report.register_name);
    table.text("session", &words.shift, &report.session_number);
    table.text("currency", "", &report.currency);
    table.text("timezone", "", &report.timezone);
    table.text(
        "business_date",
        &words.business_date,
        &report.business_date.map(|date| date.to_string()).unwrap_or_default(),
    );
    table.text("opened_at", &words.opened, &report.opened_at.to_string());
    table.text("opened_by", &words.opened_by, report.opener_name.as_deref().unwrap_or_default());
    match &report.sheet {
        Sheet::X { read_at, .. } => table.text("read_at", &words.read_at, &read_at.to_string()),
        Sheet::Z(settlement) => {
            table.row("z_number", &words.z_report, &settlement.z_number.to_string(), "", "");
            table.text("closed_at", &words.closed, &settlement.closed_at.to_string());
            table.text(
                "closed_by",
                &words.closed_by,
                settlement.closed_by_name.as_deref().unwrap_or_default(),
            );
            table.text("ended_by", &words.ended_by, settlement.ended_by_name.as_deref().unwrap_or_default());
            table.text("end_reason", &words.end_reason, settlement.end_reason.as_deref().unwrap_or_default());
            table.text("reason", &words.reason, settlement.reason.as_deref().unwrap_or_default());
            table.text(
                "approved_by",
                &words.approved_by,
                settlement.approved_by_name.as_deref().unwrap_or_default(),
            );
            table.amount("left_in_drawer", &words.left_in_drawer, settlement.left_in_drawer);
            table.amount("to_safe", &words.to_safe, settlement.taken_out);
        }
    }
    table.amount("total_sales", &words.total_sales, Some(report.totals.total_sales));
    table.row("transactions", &words.transactions, &report.totals.total_transactions.to_string(), "", "");
    table.amount("opening_cash", &words.float, report.opening_cash);
    for line in &report.tenders {
        let (name, word) = match line.tender {
            Tender::Cash => ("cash", &words.cash),
            Tender::Card => ("card", &words.card),
        };
        table.amount(&format!("{name}.sales"), &format!("{word}: {}", words.sales), Some(line.sales));
        table.amount(&format!("{name}.expected"), &format!("{word}: {}", words.expected), line.expected);
        let counted = (format!("{name}.counted"), format!("{word}: {}", words.counted));
        match line.counted {
            Counted::NotCounted => table.text(&counted.0, &counted.1, &words.not_counted),
            Counted::Counted { amount, difference } => {
                table.amount(&counted.0, &counted.1, Some(amount));
                let label = format!("{word}: {} / {}", words.over, words.short);
                table.amount(&format!("{name}.difference"), &label, difference);
            }
        }
    }
    for movement in &report.movements {
        let (name, word) = match movement.kind {
            SumKind::PayIn => ("pay_in", &words.pay_in),
            SumKind::PayOut => ("pay_out", &words.pay_out),
            SumKind::SafeDrop => ("safe_drop", &words.safe_drop),
            SumKind::FloatTopUp => ("float_top_up", &words.float_top_up),
            SumKind::NoSale => ("no_sale", &words.no_sale),
            SumKind::Reversal => ("reversal", &words.reversal),
            SumKind::Other => ("other", &movement.word),
        };
        let amount = movement.effect.unwrap_or(movement.amount);
        table.row(
            &format!("movement.{name}"),
            &free(word),
            &movement.count.to_string(),
            &amount.to_string(),
            "",
        );
    }
    for person in &report.participants {
        table.text("participant", &person.joined_at.to_string(), &person.name);
    }
    for count in &report.counts {
        let (name, word) = match count.kind {
            CountKind::Opening => ("opening", &words.opening_count),
            CountKind::Spot => ("spot", &words.spot_count),
            CountKind::Closing => ("closing", &words.closing_count),
        };
        let by = format!("{} {}", count.by_name, count.counted_at);
        table.row(&format!("count.{name}"), word, "", &count.amount.to_string(), &free(&by));
    }
    table.0.into_bytes()
}

struct Table(String);

impl Table {
    fn text(&mut self, item: &str, label: &str, text: &str) {
        self.row(item, label, "", "", &free(text));
    }

    fn amount(&mut self, item: &str, label: &str, amount: Option<Amount>) {
        self.row(item, label, "", &amount.map(|amount| amount.to_string()).unwrap_or_default(), "");
    }

    fn row(&mut self, item: &str, label: &str, count: &str, amount: &str, text: &str) {
        for (at, field) in [item, label, count, amount, text].into_iter().enumerate() {
            if at > 0 {
                self.0.push(',');
            }
            self.0.push('"');
            self.0.push_str(&field.replace('"', "\"\""));
            self.0.push('"');
        }
        self.0.push_str("\r\n");
    }
}

/// What people typed, so that no spreadsheet takes it for a formula.
fn free(text: &str) -> String {
    let begins = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n']);
    if begins { format!("'{text}") } else { text.to_owned() }
}
