//! A report as lines of text, before anybody knows how wide the paper is.
//!
//! Invariant: paper and file show the lines of [`Report::draw`], and every figure is written from its own digits.

use crate::words::Language;
use onetill_core::{
    Report,
    report_lines::{ReportLabel, ReportLine, ReportSection, ReportValue, ReportWeight, ReportWord},
};

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
    let words = &language.words;
    let names = [&report.vendor_name, &report.location_name].into_iter().filter(|it| !it.trim().is_empty());
    let mut lines: Vec<Line> = names.cloned().map(Line::Centre).collect();
    lines.push(Line::Title(title(report, language)));
    if copy || report.settlement().is_some_and(|settlement| settlement.copy) {
        lines.push(Line::Title(words.get(ReportWord::Copy).to_owned()));
    }
    let mut section = ReportSection::Head;
    for line in report.draw().into_iter().filter(|line| line.section != ReportSection::Table) {
        if line.section != section {
            section = line.section;
            let heading = section.heading().map(|word| words.get(word));
            lines.push(Line::Heading(heading.unwrap_or_default().to_owned()));
        }
        lines.push(row(&line, report, language));
    }
    if report.settlement().is_some() {
        lines.push(Line::Signature(words.get(ReportWord::Signature).to_owned()));
    }
    lines
}

/// The title as people say it.
pub(crate) fn title(report: &Report, language: &Language) -> String {
    match report.settlement() {
        None => language.words.get(ReportWord::XReport).to_owned(),
        Some(settlement) => {
            format!("{} {}", language.words.get(ReportWord::ZReport), settlement.z_number)
        }
    }
}

fn row(line: &ReportLine, report: &Report, language: &Language) -> Line {
    let indent = if line.weight == ReportWeight::Detail { "  " } else { "" };
    let count = line.count.map(|count| format!(" ({count}×)")).unwrap_or_default();
    let formats = &language.formats;
    let value = match &line.value {
        ReportValue::Nothing => String::new(),
        ReportValue::Amount(amount) | ReportValue::Change(amount) => formats.amount(*amount),
        ReportValue::Number(number) => number.to_string(),
        ReportValue::Date(date) => formats.date(*date),
        ReportValue::Moment(at) => formats.moment(*at, &report.timezone),
        ReportValue::Text(text) => text.clone(),
        ReportValue::Word(word) => language.words.get(*word).to_owned(),
    };
    let label = format!("{indent}{}{count}", label(line, language));
    Line::Row { label, value, strong: line.weight == ReportWeight::Strong }
}

/// What a line says.
pub(crate) fn label<'a>(line: &'a ReportLine, language: &'a Language) -> &'a str {
    match &line.label {
        ReportLabel::Word(word) => language.words.get(*word),
        ReportLabel::Text(text) => text,
    }
}
