//! What a line of a report is, whatever it is drawn on.
//!
//! Invariant: a word of a report stands here once, and each language has it.

use crate::Amount;
use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$doc:meta])* $word:ident,)*) => {
        /// A word of a report, by its key in the catalogues of the window.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
        #[serde(rename_all = "snake_case")]
        pub enum ReportWord {
            $($(#[$doc])* $word,)*
        }

        impl ReportWord {
            /// Every word.
            pub const ALL: &[Self] = &[$(Self::$word,)*];
        }
    };
}

words! {
    /// Title of an X.
    XReport,
    /// Title of a Z.
    ZReport,
    /// Mark of every printing but the first.
    Copy,
    /// The trading point.
    Register,
    /// The session.
    Shift,
    /// The calendar date it belongs to.
    BusinessDate,
    /// When it was opened.
    Opened,
    /// Who opened it.
    OpenedBy,
    /// When an X was read.
    ReadAt,
    /// When it was settled.
    Closed,
    /// Who settled it.
    ClosedBy,
    /// When it was ended, the count outstanding.
    Ended,
    /// Who ended it.
    EndedBy,
    /// Why it was ended.
    EndReason,
    /// A manager ended it.
    Forced,
    /// The store's server ended it.
    Automatic,
    /// Heading of the sales, and the cash sales in the drawer.
    Sales,
    /// Everything sold.
    TotalSales,
    /// How many sales.
    Transactions,
    /// Paid in cash.
    Cash,
    /// Paid by card.
    Card,
    /// Heading of the drawer.
    Drawer,
    /// Opening cash.
    Float,
    /// Kind of movement.
    PayIn,
    /// Kind of movement.
    PayOut,
    /// Kind of movement.
    SafeDrop,
    /// Kind of movement.
    FloatTopUp,
    /// Kind of movement.
    NoSale,
    /// Kind of movement.
    Reversal,
    /// What should be there.
    Expected,
    /// What was found.
    Counted,
    /// Nobody counted.
    NotCounted,
    /// More than expected.
    Over,
    /// Less than expected.
    Short,
    /// Neither.
    Exact,
    /// A figure that is shown only after the count.
    Withheld,
    /// A figure that was never known.
    Unknown,
    /// Why there is a difference.
    Reason,
    /// Who accepted it.
    ApprovedBy,
    /// The next float.
    LeftInDrawer,
    /// What went to the safe.
    ToSafe,
    /// Heading of the people.
    People,
    /// Heading of the counts.
    Counts,
    /// Kind of count.
    OpeningCount,
    /// Kind of count.
    SpotCount,
    /// Kind of count.
    ClosingCount,
    /// Where somebody signs.
    Signature,
    /// The foot of a page, with `{page}` and `{pages}`.
    Page,
}

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct ReportLine {
    /// Its part of the report.
    pub section: ReportSection,
    /// What it is called in a table for spreadsheets, the same in every language. Empty for a figure that stands there
    /// under another name already.
    pub name: String,
    /// What it says, for people.
    pub label: ReportLabel,
    /// How many there were of it.
    pub count: Option<u32>,
    /// What it comes to.
    pub value: ReportValue,
    /// How much it matters.
    pub weight: ReportWeight,
}

/// A part of a report, in the order in which they are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "lowercase")]
pub enum ReportSection {
    /// Of which session, and how it ended.
    Head,
    /// What was sold.
    Sales,
    /// What became of the cash.
    Drawer,
    /// Who took part.
    People,
    /// What was counted.
    Counts,
    /// How it was settled.
    Foot,
    /// What only a table for spreadsheets has.
    Table,
}

impl ReportSection {
    /// Its heading; `None` for a part that has none.
    #[must_use]
    pub fn heading(self) -> Option<ReportWord> {
        match self {
            Self::Sales => Some(ReportWord::Sales),
            Self::Drawer => Some(ReportWord::Drawer),
            Self::People => Some(ReportWord::People),
            Self::Counts => Some(ReportWord::Counts),
            Self::Head | Self::Foot | Self::Table => None,
        }
    }
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "lowercase")]
pub enum ReportLabel {
    /// A word of the catalogues.
    Word(ReportWord),
    /// A name, or a word of the ledger's own.
    Text(String),
}

/// What a line comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "lowercase")]
pub enum ReportValue {
    /// Nothing.
    Nothing,
    /// Money.
    Amount(Amount),
    /// Money by which something became more or less.
    Change(Amount),
    /// A number of things.
    Number(#[cfg_attr(feature = "ts", ts(type = "number"))] u64),
    /// A calendar date.
    Date(#[cfg_attr(feature = "ts", ts(type = "string"))] civil::Date),
    /// An instant, to be shown in the report's time zone.
    Moment(#[cfg_attr(feature = "ts", ts(type = "string"))] Timestamp),
    /// What people typed, or a name.
    Text(String),
    /// A word of the catalogues.
    Word(ReportWord),
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "lowercase")]
pub enum ReportWeight {
    /// As most do.
    Plain,
    /// A result.
    Strong,
    /// More about the line above.
    Detail,
}
