//! A report as a table for a spreadsheet: RFC 4180, UTF-8 with the mark by which Excel knows it.
//!
//! Invariants: amounts are plain decimals, so that they can be added up; a free text is never a formula.

use crate::{sheet, words::Language};
use onetill_core::{Report, report_lines::ReportValue};

/// The report as a file. The first column holds names that stay the same in every language.
#[must_use]
pub fn csv(report: &Report, language: &Language) -> Vec<u8> {
    let mut table = String::from("\u{feff}");
    row(&mut table, ["item", "label", "count", "amount", "text"]);
    for line in report.draw().iter().filter(|line| !line.name.is_empty()) {
        let label = free(&sheet::label(&line.label, language));
        let count = line.count.map(|count| count.to_string()).unwrap_or_default();
        let (count, amount, text) = match &line.value {
            ReportValue::Nothing => (count, String::new(), String::new()),
            ReportValue::Amount(amount) | ReportValue::Change(amount) => {
                (count, amount.to_string(), String::new())
            }
            ReportValue::Number(number) => (number.to_string(), String::new(), String::new()),
            ReportValue::Date(date) => (count, String::new(), date.to_string()),
            ReportValue::Moment(at) => (count, String::new(), at.to_string()),
            ReportValue::Text(text) => (count, String::new(), free(text)),
            ReportValue::Word(word) => (count, String::new(), language.words.get(*word).to_owned()),
        };
        row(&mut table, [&line.name, &label, &count, &amount, &text]);
    }
    table.into_bytes()
}

fn row(table: &mut String, fields: [&str; 5]) {
    let quoted = fields.map(|field| format!("\"{}\"", field.replace('"', "\"\"")));
    table.push_str(&quoted.join(","));
    table.push_str("\r\n");
}

/// What people typed, so that no spreadsheet takes it for a formula.
fn free(text: &str) -> String {
    let begins = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n']);
    if begins { format!("'{text}") } else { text.to_owned() }
}
