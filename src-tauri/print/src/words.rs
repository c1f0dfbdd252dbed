//! The words and habits of writing that a sheet is set in. They come from the window, which owns every word and knows
//! the reader's language: this crate has none of its own, so no word exists twice.

use jiff::{Timestamp, civil, tz::TimeZone};
use onetill_core::{Amount, report_lines::ReportWord};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Every word of a report and of a receipt, in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "ts",
    derive(ts_rs::TS),
    ts(export, rename = "ReportWords", type = "Record<import('./ReportWord').ReportWord, string>")
)]
#[serde(try_from = "BTreeMap<ReportWord, String>", into = "BTreeMap<ReportWord, String>")]
pub struct Words(BTreeMap<ReportWord, String>);

impl Words {
    /// A word as it is written in this language.
    #[must_use]
    pub fn get(&self, word: ReportWord) -> &str {
        self.0.get(&word).map_or("", String::as_str)
    }
}

impl TryFrom<BTreeMap<ReportWord, String>> for Words {
    type Error = String;

    fn try_from(words: BTreeMap<ReportWord, String>) -> Result<Self, String> {
        match ReportWord::ALL.iter().find(|word| !words.contains_key(word)) {
            Some(missing) => Err(format!("there is no word for {missing:?}")),
            None => Ok(Self(words)),
        }
    }
}

impl From<Words> for BTreeMap<ReportWord, String> {
    fn from(words: Words) -> Self {
        words.0
    }
}

/// How amounts, dates and times are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(deny_unknown_fields)]
pub struct Formats {
    /// Between the whole and its fraction.
    pub decimal_mark: String,
    /// Between the cells of a table for spreadsheets.
    pub list_mark: String,
    /// Between groups of three digits.
    pub group_mark: String,
    /// From how many whole digits on they are grouped.
    pub group_from: u8,
    /// An amount of zero or more: the store's currency sign and `{amount}`.
    pub positive: String,
    /// An amount below zero.
    pub negative: String,
    /// A date: `{day}`, `{month}` and `{year}`.
    pub date: String,
    /// A time: `{hour}` or `{hour12}`, `{minute}` and `{period}`.
    pub time: String,
    /// The first half of the day.
    pub am: String,
    /// The second half of the day.
    pub pm: String,
    /// True where people print on Letter and not on A4.
    pub letter_paper: bool,
}

/// What the window sends along with a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, rename = "ReportLanguage"))]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// The words.
    pub words: Words,
    /// The habits of writing.
    pub formats: Formats,
}

impl Formats {
    /// An amount with the digits it has; nothing is rounded.
    #[must_use]
    pub fn amount(&self, amount: Amount) -> String {
        let text = amount.to_string();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (digits.contains(|digit: char| matches!(digit, '1'..='9')), digits),
            None => (false, text.as_str()),
        };
        let form = if negative { &self.negative } else { &self.positive };
        form.replace("{amount}", &self.number(digits))
    }

    /// A decimal number of zero or more, as its digits say.
    #[must_use]
    pub fn number(&self, digits: &str) -> String {
        let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
        let mut written = String::new();
        for (at, digit) in whole.chars().enumerate() {
            let left = whole.len() - at;
            if at > 0 && left % 3 == 0 && whole.len() >= usize::from(self.group_from) {
                written.push_str(&self.group_mark);
            }
            written.push(digit);
        }
        if let Some(fraction) = fraction {
            written.push_str(&self.decimal_mark);
            written.push_str(fraction);
        }
        written
    }

    /// A calendar date.
    #[must_use]
    pub fn date(&self, date: civil::Date) -> String {
        self.date
            .replace("{day}", &format!("{:02}", date.day()))
            .replace("{month}", &format!("{:02}", date.month()))
            .replace("{year}", &format!("{:04}", date.year()))
    }

    /// An instant on the clock of its store. In a zone that does not exist it is written in UTC, and says so.
    #[must_use]
    pub fn moment(&self, at: Timestamp, timezone: &str) -> String {
        let (zone, mark) = match TimeZone::get(timezone) {
            Ok(zone) => (zone, ""),
            Err(_no_such_zone) => (TimeZone::UTC, " UTC"),
        };
        let local = at.to_zoned_datetime(zone).datetime();
        let hour = local.hour();
        let hour12 = if hour % 12 == 0 { 12 } else { hour % 12 };
        let time = self
            .time
            .replace("{hour12}", &hour12.to_string())
            .replace("{hour}", &format!("{hour:02}"))
            .replace("{minute}", &format!("{:02}", local.minute()))
            .replace("{period}", if hour < 12 { &self.am } else { &self.pm });
        format!("{} {time}{mark}", self.date(local.date()))
    }
}
