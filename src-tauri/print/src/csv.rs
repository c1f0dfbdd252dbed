//! A sheet as a table for a spreadsheet.
//!
//! Invariant: amounts are plain decimals, so that they can be added up.

use crate::{document::Document, sheet, table::Table, words::Language};
use onetill_core::report_lines::ReportValue;

/// The sheet as a file. The first column holds names that stay the same in every language.
#[must_use]
pub fn csv<'a>(of: impl Into<Document<'a>>, language: &Language) -> Vec<u8> {
    let document = of.into();
    let mut table = Table::new(&language.formats);
    table.names(&["item", "label", "count", "amount", "text"]);
    for line in document.lines.iter().filter(|line| !line.name.is_empty()) {
        table.text(&line.name);
        table.text(&sheet::label(&line.label, language));
        let number = match line.value {
            ReportValue::Number(number) => Some(number),
            _ => line.count.map(u64::from),
        };
        match number {
            Some(number) => table.number(&number.to_string()),
            None => table.nothing(),
        }
        match line.value {
            ReportValue::Amount(amount) | ReportValue::Change(amount) => table.amount(amount),
            _ => table.nothing(),
        }
        match &line.value {
            ReportValue::Date(date) => table.date(*date),
            ReportValue::Moment(at) => table.moment(*at, document.timezone),
            ReportValue::Text(text) => table.text(text),
            ReportValue::Word(word) => table.text(language.words.get(*word)),
            ReportValue::Nothing
            | ReportValue::Amount(_)
            | ReportValue::Change(_)
            | ReportValue::Number(_) => table.nothing(),
        }
        table.end_row();
    }
    table.finish()
}
