//! What is printed, whoever drew it up.
//!
//! Invariant: nothing is worked out here; the lines are those of the screen.

use crate::words::Language;
use onetill_core::{
    Report,
    report_lines::{ReportLine, ReportWord},
    store_sheet::{Printable, StoreSheet, StoreSheetKind},
};
use std::borrow::Cow;

/// A sheet before it is set on paper or in a file.
pub struct Document<'a> {
    pub(crate) names: [&'a str; 2],
    title: ReportWord,
    /// The number of a Z.
    number: Option<u64>,
    /// It says itself that it is not the first one.
    pub(crate) copy: bool,
    /// Somebody signs below it.
    pub(crate) signed: bool,
    /// Whose it is, in the foot of a page.
    pub(crate) whose: &'a str,
    pub(crate) timezone: &'a str,
    pub(crate) lines: Cow<'a, [ReportLine]>,
}

impl Document<'_> {
    /// The title as people say it.
    pub(crate) fn title(&self, language: &Language) -> String {
        let word = language.words.get(self.title);
        self.number.map_or_else(|| word.to_owned(), |number| format!("{word} {number}"))
    }
}

impl<'a> From<&'a Report> for Document<'a> {
    fn from(report: &'a Report) -> Self {
        let settlement = report.settlement();
        Self {
            names: [&report.vendor_name, &report.location_name],
            title: if settlement.is_some() { ReportWord::ZReport } else { ReportWord::XReport },
            number: settlement.map(|settlement| settlement.z_number),
            copy: settlement.is_some_and(|settlement| settlement.copy),
            signed: settlement.is_some(),
            whose: &report.register_number,
            timezone: &report.timezone,
            lines: Cow::Owned(report.draw()),
        }
    }
}

impl<'a> From<&'a StoreSheet> for Document<'a> {
    fn from(sheet: &'a StoreSheet) -> Self {
        Self {
            names: [&sheet.vendor_name, &sheet.location_name],
            title: match sheet.of {
                StoreSheetKind::Day => ReportWord::EndOfDay,
                StoreSheetKind::Board => ReportWord::Registers,
            },
            number: None,
            copy: false,
            signed: sheet.of == StoreSheetKind::Day,
            whose: &sheet.location_name,
            timezone: &sheet.timezone,
            lines: Cow::Borrowed(&sheet.lines),
        }
    }
}

impl<'a> From<&'a Printable> for Document<'a> {
    fn from(printable: &'a Printable) -> Self {
        match printable {
            Printable::Report(report) => Self::from(&**report),
            Printable::Store(sheet) => Self::from(sheet),
        }
    }
}
