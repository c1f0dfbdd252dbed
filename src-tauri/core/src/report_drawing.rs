//! A report line by line.
//!
//! Invariant: a figure is named once, here. The screen, the receipt, the PDF and the table for spreadsheets draw these
//! lines and add none of their own.

use crate::{
    Amount, Difference, OverShort, Report,
    report::{CountKind, Counted, Settlement, Sheet, SumKind, Tender, TenderLine},
    report_lines::{ReportLabel, ReportLine, ReportSection, ReportValue, ReportWeight, ReportWord},
    session::CloseKind,
};

impl Report {
    /// Its lines, in the order of their sections.
    #[must_use]
    pub fn draw(&self) -> Vec<ReportLine> {
        let mut lines = Lines::default();
        self.draw_head(&mut lines);
        self.draw_sales(&mut lines);
        if let Some(selling) = &self.selling {
            selling.draw(&mut lines);
        }
        self.draw_drawer(&mut lines);
        self.draw_people(&mut lines);
        self.draw_counts(&mut lines);
        if let Some(settlement) = self.settlement() {
            settlement.draw_foot(&mut lines);
        }
        self.draw_for_table(&mut lines);
        lines.lines
    }

    fn draw_head(&self, lines: &mut Lines) {
        use ReportWord::{BusinessDate, Opened, OpenedBy, ReadAt, Register, Shift};
        let register = format!("{} {}", self.register_number, self.register_name);
        lines.put("", Register, ReportValue::Text(register.trim().to_owned()));
        lines.put("session", Shift, ReportValue::Text(self.session_number.clone()));
        if let Some(date) = self.business_date {
            lines.put("business_date", BusinessDate, ReportValue::Date(date));
        }
        lines.put("opened_at", Opened, ReportValue::Moment(self.opened_at));
        lines.put("opened_by", OpenedBy, name_or_unknown(self.opener_name.as_deref()));
        match &self.sheet {
            Sheet::X { read_at, .. } => lines.put("read_at", ReadAt, ReportValue::Moment(*read_at)),
            Sheet::Z(settlement) => settlement.draw_end(lines),
        }
    }

    fn draw_sales(&self, lines: &mut Lines) {
        lines.section = ReportSection::Sales;
        for tender in &self.tenders {
            let (name, word) = tender_names(tender);
            lines.put(&format!("{name}.sales"), word, ReportValue::Amount(tender.sales));
        }
        lines.put("total_sales", ReportWord::TotalSales, ReportValue::Amount(self.totals.total_sales));
        lines.weigh(ReportWeight::Strong);
        let number = u64::from(self.totals.total_transactions);
        lines.put("transactions", ReportWord::Transactions, ReportValue::Number(number));
    }

    fn draw_drawer(&self, lines: &mut Lines) {
        lines.section = ReportSection::Drawer;
        let float = self.opening_cash.map_or(ReportValue::Word(ReportWord::Unknown), ReportValue::Amount);
        lines.put("opening_cash", ReportWord::Float, float);
        let cash = self.cash();
        if let Some(cash) = cash {
            lines.put("", ReportWord::Sales, ReportValue::Amount(cash.sales));
        }
        for movement in &self.movements {
            let (name, word) = match movement.kind {
                SumKind::PayIn => ("pay_in", Some(ReportWord::PayIn)),
                SumKind::PayOut => ("pay_out", Some(ReportWord::PayOut)),
                SumKind::SafeDrop => ("safe_drop", Some(ReportWord::SafeDrop)),
                SumKind::FloatTopUp => ("float_top_up", Some(ReportWord::FloatTopUp)),
                SumKind::NoSale => ("no_sale", Some(ReportWord::NoSale)),
                SumKind::Reversal => ("reversal", Some(ReportWord::Reversal)),
                SumKind::Other => ("other", None),
            };
            let label = word.map_or_else(|| ReportLabel::Text(movement.word.clone()), ReportLabel::Word);
            let value = match (movement.kind, movement.effect) {
                (SumKind::NoSale, _) => ReportValue::Nothing,
                (_, Some(effect)) => ReportValue::Change(effect),
                (_, None) => ReportValue::Amount(movement.amount),
            };
            lines.push(&format!("movement.{name}"), label, value);
            lines.count(movement.count);
        }
        if let Some(cash) = cash {
            let expected = match cash.expected {
                Some(expected) => ReportValue::Amount(expected),
                None if self.opening_cash.is_none() || self.settlement().is_some() => {
                    ReportValue::Word(ReportWord::Unknown)
                }
                None => ReportValue::Word(ReportWord::Withheld),
            };
            lines.put("cash.expected", ReportWord::Expected, expected);
            lines.weigh(ReportWeight::Strong);
            draw_count("cash", cash.counted, lines);
        }
    }

    fn draw_people(&self, lines: &mut Lines) {
        lines.section = ReportSection::People;
        for person in &self.participants {
            let label = match person.name.trim() {
                "" => ReportLabel::Word(ReportWord::Unknown),
                _ => ReportLabel::Text(person.name.clone()),
            };
            lines.push("participant", label, ReportValue::Moment(person.joined_at));
        }
    }

    fn draw_counts(&self, lines: &mut Lines) {
        lines.section = ReportSection::Counts;
        for count in &self.counts {
            let (name, word) = match count.kind {
                CountKind::Opening => ("opening", ReportWord::OpeningCount),
                CountKind::Spot => ("spot", ReportWord::SpotCount),
                CountKind::Closing => ("closing", ReportWord::ClosingCount),
            };
            lines.put(&format!("count.{name}"), word, ReportValue::Amount(count.amount));
            let by = ReportLabel::Text(count.by_name.clone());
            let at = ReportValue::Moment(count.counted_at);
            lines.push(&format!("count.{name}.by"), by, at);
            lines.weigh(ReportWeight::Detail);
            if let Some(manager) = &count.approved_by_name {
                let (name, manager) =
                    (format!("count.{name}.approved_by"), ReportValue::Text(manager.clone()));
                lines.put(&name, ReportWord::ApprovedBy, manager);
                lines.weigh(ReportWeight::Detail);
            }
        }
    }

    /// What is no line for people: another currency or zone than the sheet's own has none on it.
    fn draw_for_table(&self, lines: &mut Lines) {
        lines.section = ReportSection::Table;
        let sheet = if self.settlement().is_some() { "Z" } else { "X" };
        let z_number = self.settlement().map(|settlement| settlement.z_number.to_string());
        let facts = [
            ("report", sheet),
            ("z_number", z_number.as_deref().unwrap_or_default()),
            ("vendor", &self.vendor_name),
            ("location", &self.location_name),
            ("register", &self.register_number),
            ("register_name", &self.register_name),
            ("currency", &self.currency),
            ("timezone", &self.timezone),
        ];
        for (name, text) in facts {
            lines.push(name, ReportLabel::Text(String::new()), ReportValue::Text(text.to_owned()));
        }
        for tender in self.tenders.iter().filter(|tender| tender.tender != Tender::Cash) {
            let (name, _word) = tender_names(tender);
            if let Some(expected) = tender.expected {
                lines.put(&format!("{name}.expected"), ReportWord::Expected, ReportValue::Amount(expected));
            }
            draw_count(name, tender.counted, lines);
        }
        if let Some(selling) = &self.selling {
            selling.draw_for_table(lines);
        }
    }
}

impl Settlement {
    fn draw_end(&self, lines: &mut Lines) {
        use ReportWord::{Automatic, Closed, ClosedBy, EndReason, Ended, EndedBy, Forced};
        if let Some(ended_at) = self.ended_at.filter(|ended_at| *ended_at != self.closed_at) {
            lines.put("ended_at", Ended, ReportValue::Moment(ended_at));
            lines.put("ended_by", EndedBy, name_or_unknown(self.ended_by_name.as_deref()));
        }
        let kind = match self.close_kind {
            CloseKind::Normal => None,
            CloseKind::Force => Some(Forced),
            CloseKind::Automatic => Some(Automatic),
        };
        if let Some(kind) = kind {
            lines.put("close_kind", Ended, ReportValue::Word(kind));
        }
        if let Some(reason) = &self.end_reason {
            lines.put("end_reason", EndReason, ReportValue::Text(reason.clone()));
        }
        lines.put("closed_at", Closed, ReportValue::Moment(self.closed_at));
        lines.put("closed_by", ClosedBy, name_or_unknown(self.closed_by_name.as_deref()));
    }

    fn draw_foot(&self, lines: &mut Lines) {
        lines.section = ReportSection::Foot;
        let amount = |amount: Option<Amount>| amount.map(ReportValue::Amount);
        let text = |text: &Option<String>| text.clone().map(ReportValue::Text);
        for (name, word, value) in [
            ("left_in_drawer", ReportWord::LeftInDrawer, amount(self.left_in_drawer)),
            ("to_safe", ReportWord::ToSafe, amount(self.taken_out)),
            ("reason", ReportWord::Reason, text(&self.reason)),
            ("approved_by", ReportWord::ApprovedBy, text(&self.approved_by_name)),
        ] {
            if let Some(value) = value {
                lines.put(name, word, value);
            }
        }
    }
}

/// Counted, and over or short.
fn draw_count(name: &str, counted: Counted, lines: &mut Lines) {
    let Counted::Counted { amount, difference } = counted else {
        let value = ReportValue::Word(ReportWord::NotCounted);
        lines.put(&format!("{name}.counted"), ReportWord::Counted, value);
        lines.weigh(ReportWeight::Strong);
        return;
    };
    let value = ReportValue::Amount(amount);
    lines.put(&format!("{name}.counted"), ReportWord::Counted, value);
    lines.weigh(ReportWeight::Strong);
    if let Some(difference) = difference {
        draw_difference(&format!("{name}.difference"), difference, lines);
        lines.weigh(ReportWeight::Strong);
    }
}

/// Over, short or neither.
pub(crate) fn draw_difference(name: &str, difference: Difference, lines: &mut Lines) {
    let word = match difference.way() {
        OverShort::Over => ReportWord::Over,
        OverShort::Short => ReportWord::Short,
        OverShort::Exact => ReportWord::Exact,
    };
    lines.put(name, word, ReportValue::Change(difference.amount()));
}

fn tender_names(line: &TenderLine) -> (&'static str, ReportWord) {
    match line.tender {
        Tender::Cash => ("cash", ReportWord::Cash),
        Tender::Card => ("card", ReportWord::Card),
    }
}

fn name_or_unknown(name: Option<&str>) -> ReportValue {
    name.map_or(ReportValue::Word(ReportWord::Unknown), |name| ReportValue::Text(name.to_owned()))
}

/// The lines so far, and the part that the next one belongs to.
#[derive(Default)]
pub(crate) struct Lines {
    pub(crate) section: ReportSection,
    pub(crate) lines: Vec<ReportLine>,
}

impl Lines {
    pub(crate) fn put(&mut self, name: &str, word: ReportWord, value: ReportValue) {
        self.push(name, ReportLabel::Word(word), value);
    }

    pub(crate) fn push(&mut self, name: &str, label: ReportLabel, value: ReportValue) {
        let (section, weight) = (self.section, ReportWeight::Plain);
        self.lines.push(ReportLine { section, name: name.to_owned(), label, count: None, value, weight });
    }

    /// Gives the line that was put last its weight.
    pub(crate) fn weigh(&mut self, weight: ReportWeight) {
        if let Some(line) = self.lines.last_mut() {
            line.weight = weight;
        }
    }

    /// Says of the line that was put last how many there were of it.
    pub(crate) fn count(&mut self, count: u32) {
        if let Some(line) = self.lines.last_mut() {
            line.count = Some(count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeMap, path::Path};

    /// The window's gallery and tests show these.
    #[test]
    fn the_sample_reports_of_the_window_have_the_lines_that_are_drawn_here() {
        let text = include_str!("../../../ui/src/dev/reports.json");
        let samples: BTreeMap<String, Report> = serde_json::from_str(text).unwrap();
        assert!(samples.values().any(|it| it.settlement().is_some()), "there is a Z");
        let fresh: BTreeMap<&String, Report> =
            samples.iter().map(|(name, it)| (name, Report { lines: it.draw(), ..it.clone() })).collect();
        if fresh.iter().any(|(name, report)| samples[*name] != *report) {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/reports.json");
            std::fs::write(&path, serde_json::to_string_pretty(&fresh).unwrap() + "\n").unwrap();
            panic!("ui/src/dev/reports.json is out of date: copy {}", path.display());
        }
    }

    #[test]
    fn a_name_of_the_table_means_one_thing_of_a_sheet() {
        let text = include_str!("../../../ui/src/dev/reports.json");
        let samples: BTreeMap<String, Report> = serde_json::from_str(text).unwrap();
        for report in samples.values() {
            let lines = report.draw();
            assert!(lines.is_sorted_by_key(|line| line.section), "section after section");
            let repeated = ["participant", "count.", "movement.other"];
            let mut names: Vec<&str> = lines.iter().map(|line| line.name.as_str()).collect();
            names.retain(|name| !name.is_empty() && !repeated.iter().any(|it| name.starts_with(it)));
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "{names:?}");
        }
    }
}
