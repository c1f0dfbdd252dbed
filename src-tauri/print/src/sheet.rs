//! A report or a receipt as lines of text, before anybody knows how wide the paper is.
//!
//! Invariant: paper and file show the lines of the document and of [`SaleSlip::draw`], and every figure is written from
//! its own digits.

use crate::{document::Document, words::Language};
use onetill_core::{
    SaleSlip,
    report_lines::{ReportLabel, ReportLine, ReportSection, ReportValue, ReportWeight, ReportWord, TaxLabel},
    sale_receipt::{SlipLabel, SlipLine},
};

/// A line of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// In the middle, and bold.
    Title(String),
    /// What nobody may overlook: the largest, in the middle.
    Mark(String),
    /// In the middle.
    Centre(String),
    /// Begins a part.
    Heading(String),
    /// A label and its value.
    Row { label: String, value: String, strong: bool },
    /// A label and its value, the largest.
    Total { label: String, value: String },
    /// Where somebody signs.
    Signature(String),
    /// A text that a scanner can read.
    Code(String),
}

/// The sheet's lines. `copy` marks it even where it does not itself.
pub(crate) fn lines(document: &Document<'_>, language: &Language, copy: bool) -> Vec<Line> {
    let words = &language.words;
    let names = document.names.iter().filter(|it| !it.trim().is_empty());
    let mut lines: Vec<Line> = names.map(|name| Line::Centre((*name).to_owned())).collect();
    lines.push(Line::Title(document.title(language)));
    if copy || document.copy {
        lines.push(Line::Title(words.get(ReportWord::Copy).to_owned()));
    }
    let mut section = ReportSection::Head;
    for line in document.lines.iter().filter(|line| line.section != ReportSection::Table) {
        if line.section != section {
            section = line.section;
            let heading = section.heading().map(|word| words.get(word));
            lines.push(Line::Heading(heading.unwrap_or_default().to_owned()));
        }
        lines.push(row(line, document.timezone, language));
    }
    if document.signed {
        lines.push(Line::Signature(words.get(ReportWord::Signature).to_owned()));
    }
    lines
}

fn row(line: &ReportLine, timezone: &str, language: &Language) -> Line {
    let count = line.count.map(|count| format!(" ({count}×)")).unwrap_or_default();
    let label = format!("{}{}{count}", indent(line.weight), label(&line.label, language));
    let value = written(&line.value, timezone, language);
    Line::Row { label, value, strong: line.weight == ReportWeight::Strong }
}

fn indent(weight: ReportWeight) -> &'static str {
    if weight == ReportWeight::Detail { "  " } else { "" }
}

/// A value as it is written in this language, an instant on the clock of its store.
fn written(value: &ReportValue, timezone: &str, language: &Language) -> String {
    let formats = &language.formats;
    match value {
        ReportValue::Nothing => String::new(),
        ReportValue::Amount(amount) | ReportValue::Change(amount) => formats.amount(*amount),
        ReportValue::Number(number) => number.to_string(),
        ReportValue::Date(date) => formats.date(*date),
        ReportValue::Moment(at) => formats.moment(*at, timezone),
        ReportValue::Text(text) => text.clone(),
        ReportValue::Word(word) => language.words.get(*word).to_owned(),
    }
}

/// What a line says.
pub(crate) fn label(label: &ReportLabel, language: &Language) -> String {
    match label {
        ReportLabel::Word(word) => language.words.get(*word).to_owned(),
        ReportLabel::Text(text) => text.clone(),
        ReportLabel::Tax(tax) => tax_label(tax, language),
    }
}

fn tax_label(tax: &TaxLabel, language: &Language) -> String {
    let (words, formats) = (&language.words, &language.formats);
    // A store may have written the rate into the name.
    let named = if tax.component.contains('%') {
        tax.component.clone()
    } else {
        let rate = formats.number(&tax.rate.percent().to_string());
        words.get(ReportWord::TaxRate).replace("{rate}", &rate).replace("{tax}", &tax.component)
    };
    let of = if tax.included { ReportWord::TaxIn } else { ReportWord::TaxOn };
    words.get(of).replace("{base}", &formats.amount(tax.base)).replace("{tax}", &named)
}

/// The lines of a receipt. `copy` marks it even where the slip itself does not.
pub(crate) fn slip(slip: &SaleSlip, language: &Language, copy: bool) -> Vec<Line> {
    let marked;
    let slip = if copy && !slip.copy {
        marked = SaleSlip { copy, ..slip.clone() };
        &marked
    } else {
        slip
    };
    let word = |word: ReportWord| language.words.get(word).to_owned();
    let line = |line| match line {
        SlipLine::Name(name) => Line::Title(name),
        SlipLine::Text(text) => Line::Centre(text),
        SlipLine::Mark(mark) => Line::Mark(word(mark)),
        SlipLine::Rule => Line::Heading(String::new()),
        SlipLine::Row { label, value, weight } => Line::Row {
            label: format!("{}{}", indent(weight), slip_label(label, language)),
            value: written(&value, &slip.timezone, language),
            strong: weight == ReportWeight::Strong,
        },
        SlipLine::Total { word: of, amount } => {
            Line::Total { label: word(of), value: language.formats.amount(amount) }
        }
        SlipLine::Code(code) => Line::Code(code),
    };
    slip.draw().into_iter().map(line).collect()
}

fn slip_label(label: SlipLabel, language: &Language) -> String {
    match label {
        SlipLabel::Word(word) => language.words.get(word).to_owned(),
        SlipLabel::Text(text) => text,
        SlipLabel::Pieces { quantity, unit, price } => {
            let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
            let formats = &language.formats;
            format!("{}{unit} × {}", formats.number(&quantity.to_string()), formats.amount(price))
        }
        SlipLabel::Tax(tax) => tax_label(&tax, language),
    }
}
