//! A table for spreadsheets, as those of the reader's country open it: RFC 4180 with their separator, UTF-8 with the mark by
//! which Excel knows it.
//!
//! Invariants: numbers and dates stand in the form of the country and can be reckoned with; what people typed is never a
//! formula, a number or a date.

use crate::words::Formats;
use jiff::{Timestamp, civil};
use onetill_core::Amount;

/// A table that is being written, row by row.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    formats: &'a Formats,
    text: String,
    begun: bool,
}

impl<'a> Table<'a> {
    /// An empty one in the form of a country.
    #[must_use]
    pub fn new(formats: &'a Formats) -> Self {
        Self { formats, text: String::from("\u{feff}"), begun: false }
    }

    /// The file.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    /// The row is over.
    pub fn end_row(&mut self) {
        self.text.push_str("\r\n");
        self.begun = false;
    }

    /// A row of names that are ours.
    pub fn names(&mut self, names: &[&str]) {
        names.iter().for_each(|name| self.quoted(name));
        self.end_row();
    }

    /// A cell with nothing in it.
    pub fn nothing(&mut self) {
        self.cell("");
    }

    /// Money, without its sign of a currency and without groups.
    pub fn amount(&mut self, amount: Amount) {
        self.number(&amount.to_string());
    }

    /// A decimal number by its digits.
    pub fn number(&mut self, digits: &str) {
        let number = digits.replacen('.', &self.formats.decimal_mark, 1);
        self.cell(&number);
    }

    /// A calendar date.
    pub fn date(&mut self, date: civil::Date) {
        self.cell(&self.formats.date(date));
    }

    /// An instant on the clock of its store.
    pub fn moment(&mut self, at: Timestamp, timezone: &str) {
        // No spreadsheet knows a time by the narrow blank that languages write into it.
        self.cell(&self.formats.moment(at, timezone).replace(['\u{a0}', '\u{202f}'], " "));
    }

    /// What people typed, or a name.
    pub fn text(&mut self, text: &str) {
        if is_formula(text) || is_value(text) {
            self.quoted(&format!("'{text}"));
        } else {
            self.quoted(text);
        }
    }

    /// What people typed where that may be nothing.
    pub fn maybe_text(&mut self, text: Option<&str>) {
        self.text(text.unwrap_or_default());
    }

    fn quoted(&mut self, text: &str) {
        self.separate();
        self.text.push('"');
        self.text.push_str(&text.replace('"', "\"\""));
        self.text.push('"');
    }

    fn cell(&mut self, value: &str) {
        if value.contains([',', ';', '"', '\n', '\r']) && value.contains(self.formats.list_mark.as_str()) {
            return self.quoted(value);
        }
        self.separate();
        self.text.push_str(value);
    }

    fn separate(&mut self) {
        if self.begun {
            self.text.push_str(&self.formats.list_mark);
        }
        self.begun = true;
    }
}

/// Whether a spreadsheet would compute it.
fn is_formula(text: &str) -> bool {
    text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n'])
}

/// Whether a spreadsheet would take it for a number, a date or a time and show something else than stands there: `007`, `1/2`,
/// `3-4`, `12E5`, a number of more digits than it keeps.
fn is_value(text: &str) -> bool {
    let text = text.trim();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let of_figures = |letter: char| {
        letter.is_ascii_digit() || matches!(letter, ' ' | '.' | ',' | ':' | '/' | '-' | '+' | '%' | 'e' | 'E')
    };
    let plain = digits == text.len() && digits <= 15 && (digits == 1 || !text.starts_with('0'));
    text.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.')
        && text.chars().all(of_figures)
        && !plain
}
