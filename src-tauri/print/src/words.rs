//! The words and habits of writing that a sheet is set in. They come from the window, which owns every word and knows
//! the reader's language: this crate has none of its own, so no word exists twice.

use jiff::{Timestamp, civil, tz::TimeZone};
use onetill_core::Amount;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Every word of a report, in one language.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export, rename = "ReportWords"))]
        #[serde(deny_unknown_fields)]
        pub struct Words {
            $($(#[$doc])* pub $name: String,)*
        }

        impl Words {
            /// Every word, with its name.
            #[must_use]
            pub fn all(&self) -> Vec<(&'static str, &str)> {
                vec![$((stringify!($name), self.$name.as_str()),)*]
            }
        }
    };
}

words! {
    /// Title of an X.
    x_report,
    /// Title of a Z.
    z_report,
    /// Mark of every printing but the first.
    copy,
    /// The trading point.
    register,
    /// The session.
    shift,
    /// The calendar date it belongs to.
    business_date,
    /// When it was opened.
    opened,
    /// Who opened it.
    opened_by,
    /// When an X was read.
    read_at,
    /// When it was settled.
    closed,
    /// Who settled it.
    closed_by,
    /// When it was ended, the count outstanding.
    ended,
    /// Who ended it.
    ended_by,
    /// Why it was ended.
    end_reason,
    /// A manager ended it.
    forced,
    /// The store's server ended it.
    automatic,
    /// Heading of the sales.
    sales,
    /// Everything sold.
    total_sales,
    /// How many sales.
    transactions,
    /// Paid in cash.
    cash,
    /// Paid by card.
    card,
    /// Heading of the drawer.
    drawer,
    /// Opening cash.
    float,
    /// Kind of movement.
    pay_in,
    /// Kind of movement.
    pay_out,
    /// Kind of movement.
    safe_drop,
    /// Kind of movement.
    float_top_up,
    /// Kind of movement.
    no_sale,
    /// Kind of movement.
    reversal,
    /// What should be there.
    expected,
    /// What was found.
    counted,
    /// Nobody counted.
    not_counted,
    /// More than expected.
    over,
    /// Less than expected.
    short,
    /// Neither.
    exact,
    /// A figure that is shown only after the count.
    withheld,
    /// A figure that was never known.
    unknown,
    /// Why there is a difference.
    reason,
    /// Who accepted it.
    approved_by,
    /// The next float.
    left_in_drawer,
    /// What went to the safe.
    to_safe,
    /// Heading of the people.
    people,
    /// Heading of the counts.
    counts,
    /// Kind of count.
    opening_count,
    /// Kind of count.
    spot_count,
    /// Kind of count.
    closing_count,
    /// Where somebody signs.
    signature,
    /// The foot of a page, with `{page}` and `{pages}`.
    page,
}

/// How amounts, dates and times are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(deny_unknown_fields)]
pub struct Formats {
    /// Between the whole and its fraction.
    pub decimal_mark: String,
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
        let form = if negative { &self.negative } else { &self.positive };
        form.replace("{amount}", &written)
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
