//! What stands on a report, line by line, before anybody knows how wide the paper is.
//!
//! Invariant: paper and file show the same lines, and every figure is written from the report's own digits.

use crate::words::{Language, Words};
use jiff::Timestamp;
use onetill_core::{
    Amount, Report,
    report::{CountKind, Counted, Settlement, Sheet, SumKind, Tender, TenderLine},
    session::CloseKind,
};
use std::cmp::Ordering;

/// A line of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// The largest; in the middle.
    Title(String),
    /// In the middle.
    Centre(String),
    /// Begins a part.
    Heading(String),
    /// A label and its value.
    Row { label: String, value: String, strong: bool },
    /// Where somebody signs.
    Signature(String),
}

/// The sheet's lines. `copy` marks it even where the report itself does not.
pub(crate) fn lines(report: &Report, language: &Language, copy: bool) -> Vec<Line> {
    let mut sheet = Drawn { report, language, lines: Vec::new() };
    sheet.head(copy);
    sheet.sales();
    sheet.drawer();
    sheet.people();
    sheet.counts();
    if let Some(settlement) = report.settlement() {
        sheet.foot(settlement);
    }
    sheet.lines
}

/// The title as people say it.
pub(crate) fn title(report: &Report, words: &Words) -> String {
    match &report.sheet {
        Sheet::X { .. } => words.x_report.clone(),
        Sheet::Z(settlement) => format!("{} {}", words.z_report, settlement.z_number),
    }
}

struct Drawn<'a> {
    report: &'a Report,
    language: &'a Language,
    lines: Vec<Line>,
}

impl Drawn<'_> {
    fn head(&mut self, copy: bool) {
        let (report, words) = (self.report, &self.language.words);
        for name in [&report.vendor_name, &report.location_name] {
            if !name.trim().is_empty() {
                self.lines.push(Line::Centre(name.clone()));
            }
        }
        self.lines.push(Line::Title(title(report, words)));
        if copy || report.settlement().is_some_and(|settlement| settlement.copy) {
            self.lines.push(Line::Title(words.copy.clone()));
        }
        let register = format!("{} {}", report.register_number, report.register_name);
        self.row(&words.register, register.trim());
        self.row(&words.shift, &report.session_number);
        if let Some(date) = report.business_date {
            self.row(&words.business_date, &self.language.formats.date(date));
        }
        self.row(&words.opened, &self.moment(report.opened_at));
        self.row(&words.opened_by, report.opener_name.as_deref().unwrap_or(&words.unknown));
        match &report.sheet {
            Sheet::X { read_at, .. } => self.row(&words.read_at, &self.moment(*read_at)),
            Sheet::Z(settlement) => self.end(settlement),
        }
    }

    fn end(&mut self, settlement: &Settlement) {
        let words = &self.language.words;
        if let Some(ended_at) = settlement.ended_at.filter(|ended_at| *ended_at != settlement.closed_at) {
            self.row(&words.ended, &self.moment(ended_at));
            self.row(&words.ended_by, settlement.ended_by_name.as_deref().unwrap_or(&words.unknown));
        }
        if let Some(reason) = &settlement.end_reason {
            self.row(&words.end_reason, reason);
        }
        match settlement.close_kind {
            CloseKind::Normal => {}
            CloseKind::Force => self.lines.push(Line::Centre(words.forced.clone())),
            CloseKind::Automatic => self.lines.push(Line::Centre(words.automatic.clone())),
        }
        self.row(&words.closed, &self.moment(settlement.closed_at));
        self.row(&words.closed_by, settlement.closed_by_name.as_deref().unwrap_or(&words.unknown));
    }

    fn sales(&mut self) {
        let (totals, words) = (self.report.totals, &self.language.words);
        self.lines.push(Line::Heading(words.sales.clone()));
        for tender in &self.report.tenders {
            self.row(tender_word(tender, words), &self.amount(tender.sales));
        }
        self.strong(&words.total_sales, &self.amount(totals.total_sales));
        self.row(&words.transactions, &totals.total_transactions.to_string());
    }

    fn drawer(&mut self) {
        let (report, words) = (self.report, &self.language.words);
        self.lines.push(Line::Heading(words.drawer.clone()));
        self.row(&words.float, &self.known(report.opening_cash));
        for tender in report.tenders.iter().filter(|tender| tender.tender == Tender::Cash) {
            self.row(&words.sales, &self.amount(tender.sales));
        }
        for movement in &report.movements {
            let word = match movement.kind {
                SumKind::PayIn => &words.pay_in,
                SumKind::PayOut => &words.pay_out,
                SumKind::SafeDrop => &words.safe_drop,
                SumKind::FloatTopUp => &words.float_top_up,
                SumKind::NoSale => &words.no_sale,
                SumKind::Reversal => &words.reversal,
                SumKind::Other => &movement.word,
            };
            let label = format!("{word} ({}×)", movement.count);
            let value = match (movement.kind, movement.effect) {
                (SumKind::NoSale, _) => String::new(),
                (_, Some(effect)) => self.amount(effect),
                (_, None) => self.amount(movement.amount),
            };
            self.row(&label, &value);
        }
        for tender in report.tenders.iter().filter(|tender| tender.tender == Tender::Cash) {
            self.outcome(tender);
        }
    }

    /// Expected, counted, over or short.
    fn outcome(&mut self, tender: &TenderLine) {
        let words = &self.language.words;
        let expected = match tender.expected {
            Some(expected) => self.amount(expected),
            None if self.report.opening_cash.is_none() || self.report.settlement().is_some() => {
                words.unknown.clone()
            }
            None => words.withheld.clone(),
        };
        self.strong(&words.expected, &expected);
        let Counted::Counted { amount, difference } = tender.counted else {
            self.strong(&words.counted, &words.not_counted);
            return;
        };
        self.strong(&words.counted, &self.amount(amount));
        if let Some(difference) = difference {
            let word = match difference.cmp(&Amount::ZERO) {
                Ordering::Greater => &words.over,
                Ordering::Less => &words.short,
                Ordering::Equal => &words.exact,
            };
            self.strong(word, &self.amount(difference));
        }
    }

    fn people(&mut self) {
        if self.report.participants.is_empty() {
            return;
        }
        self.lines.push(Line::Heading(self.language.words.people.clone()));
        for person in &self.report.participants {
            let name =
                if person.name.trim().is_empty() { &self.language.words.unknown } else { &person.name };
            self.row(name, &self.moment(person.joined_at));
        }
    }

    fn counts(&mut self) {
        if self.report.counts.is_empty() {
            return;
        }
        let words = &self.language.words;
        self.lines.push(Line::Heading(words.counts.clone()));
        for count in &self.report.counts {
            let word = match count.kind {
                CountKind::Opening => &words.opening_count,
                CountKind::Spot => &words.spot_count,
                CountKind::Closing => &words.closing_count,
            };
            self.row(word, &self.amount(count.amount));
            self.row(&format!("  {}", count.by_name), &self.moment(count.counted_at));
            if let Some(manager) = &count.approved_by_name {
                self.row(&format!("  {}", words.approved_by), manager);
            }
        }
    }

    fn foot(&mut self, settlement: &Settlement) {
        let words = &self.language.words;
        let has_more = settlement.reason.is_some()
            || settlement.approved_by_name.is_some()
            || settlement.left_in_drawer.is_some()
            || settlement.taken_out.is_some();
        if has_more {
            self.lines.push(Line::Heading(String::new()));
        }
        for (label, amount) in
            [(&words.left_in_drawer, settlement.left_in_drawer), (&words.to_safe, settlement.taken_out)]
        {
            if let Some(amount) = amount {
                self.row(label, &self.amount(amount));
            }
        }
        for (label, text) in
            [(&words.reason, &settlement.reason), (&words.approved_by, &settlement.approved_by_name)]
        {
            if let Some(text) = text {
                self.row(label, text);
            }
        }
        self.lines.push(Line::Signature(words.signature.clone()));
    }

    fn row(&mut self, label: &str, value: &str) {
        self.push_row(label, value, false);
    }

    fn strong(&mut self, label: &str, value: &str) {
        self.push_row(label, value, true);
    }

    fn push_row(&mut self, label: &str, value: &str, strong: bool) {
        self.lines.push(Line::Row { label: label.to_owned(), value: value.to_owned(), strong });
    }

    fn amount(&self, amount: Amount) -> String {
        self.language.formats.amount(amount)
    }

    fn known(&self, amount: Option<Amount>) -> String {
        amount.map_or_else(|| self.language.words.unknown.clone(), |amount| self.amount(amount))
    }

    fn moment(&self, at: Timestamp) -> String {
        self.language.formats.moment(at, &self.report.timezone)
    }
}

fn tender_word<'a>(line: &TenderLine, words: &'a Words) -> &'a str {
    match line.tender {
        Tender::Cash => &words.cash,
        Tender::Card => &words.card,
    }
}
