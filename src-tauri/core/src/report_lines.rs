//! What a line of a report is, whatever it is drawn on.
//!
//! Invariant: a word of a report stands here once, and each language has it.

use crate::{Amount, sale::Rate};
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
    /// The number of a receipt.
    Receipt,
    /// The number of the receipt that is taken back.
    OriginalReceipt,
    /// When it was sold.
    SoldAt,
    /// Who sold it.
    ServedBy,
    /// Mark of a receipt for goods that came back.
    Refund,
    /// Mark of a receipt that takes another one back.
    Void,
    /// Mark of a receipt that is none for the tax office.
    NotFiscal,
    /// Mark of a receipt of what was not sold.
    Practice,
    /// A line without a name.
    Item,
    /// What a line came down by.
    Discount,
    /// What the whole cart came down by.
    CartDiscount,
    /// The total less the tax.
    WithoutTax,
    /// A tax, with `{tax}` and `{rate}` in per cent.
    TaxRate,
    /// A tax on top of `{base}`, with `{tax}`.
    TaxOn,
    /// A tax that is part of `{base}`, with `{tax}`.
    TaxIn,
    /// What is to be paid.
    Total,
    /// What was paid back.
    TotalRefunded,
    /// What was taken back.
    TotalVoided,
    /// What cash was rounded by.
    Rounding,
    /// The total after rounding.
    DueInCash,
    /// Cash that the customer got back for goods.
    PaidOut,
    /// A tender that has no name.
    OtherTender,
    /// A number of a terminal or of a voucher.
    Reference,
    /// Cash that the customer got back of what was handed over.
    Change,
    /// Heading of what other clients added to the totals.
    OtherClients,
    /// Somebody changed what the ledger had added.
    LedgerChanged,
    /// Heading of the figures of the receipts.
    Sold,
    /// Sales before discounts.
    Gross,
    /// All discounts.
    Discounts,
    /// All tax.
    Tax,
    /// All that came back.
    Refunds,
    /// All that was taken back.
    Voids,
    /// All that was thrown away before it was paid.
    Discards,
    /// Heading of the taxes.
    Taxes,
    /// Heading of the ways of paying.
    Tenders,
    /// Heading of the receipts.
    Receipts,
    /// How many receipts are not here yet.
    NotYetHere,
    /// Heading of what came when the shift was settled.
    Late,
    /// Heading of what came late of earlier shifts.
    Addendum,
    /// Title of the end of a day.
    EndOfDay,
    /// Title of the board, and heading of its registers.
    Registers,
    /// Heading of the Z reports of a day.
    ZReports,
    /// Heading of the shifts that are not settled yet.
    Unsettled,
    /// The last close of a register.
    LastClose,
    /// A register out of service.
    StateRetired,
    /// A register without a shift.
    StateFree,
    /// A register with a shift.
    StateOpen,
    /// A register whose drawer is being counted.
    StateCounting,
    /// A register whose last shift was not counted.
    StateEndedUncounted,
    /// Heading of what a manager should look at.
    Flags,
    /// The manager who settled a flag.
    SettledBy,
    /// When a flag was settled.
    Settled,
    /// What people wrote to it.
    Note,
    /// It came when its shift was settled.
    FlagLate,
    /// More than its maker may do alone.
    FlagOverLimit,
    /// Another price than the catalogue's.
    FlagPriceDiffers,
    /// An item that the catalogue does not have.
    FlagUnknownItem,
    /// A tax that is not in force.
    FlagTaxNotInForce,
    /// A number that another entry has.
    FlagNumberRepeated,
    /// It does not follow from the entry before.
    FlagChainBroken,
    /// The device's clock is off.
    FlagClockOff,
    /// A void that met a refund elsewhere.
    FlagRefundBeyond,
    /// Something else to be looked at.
    FlagOther,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum ReportSection {
    /// Of which session, and how it ended.
    #[default]
    Head,
    /// How each register stands.
    Registers,
    /// What was sold, by whatever client.
    Sales,
    /// What of it other clients sold.
    OtherClients,
    /// What was sold by receipt.
    Sold,
    /// The taxes in that.
    Taxes,
    /// How it was paid.
    Tenders,
    /// From which receipt to which, and what is missing.
    Receipts,
    /// What came when the shift was settled.
    Late,
    /// What came late of earlier shifts.
    Addendum,
    /// What a manager should look at.
    Flags,
    /// What became of the cash.
    Drawer,
    /// The Z reports of a day.
    Settled,
    /// The shifts of a day that have none yet.
    Unsettled,
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
            Self::Registers => Some(ReportWord::Registers),
            Self::Sales => Some(ReportWord::Sales),
            Self::OtherClients => Some(ReportWord::OtherClients),
            Self::Sold => Some(ReportWord::Sold),
            Self::Taxes => Some(ReportWord::Taxes),
            Self::Tenders => Some(ReportWord::Tenders),
            Self::Receipts => Some(ReportWord::Receipts),
            Self::Late => Some(ReportWord::Late),
            Self::Addendum => Some(ReportWord::Addendum),
            Self::Flags => Some(ReportWord::Flags),
            Self::Drawer => Some(ReportWord::Drawer),
            Self::Settled => Some(ReportWord::ZReports),
            Self::Unsettled => Some(ReportWord::Unsettled),
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
    /// A tax.
    Tax(TaxLabel),
}

/// One component of a tax, with what it was computed from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export))]
pub struct TaxLabel {
    /// Its name.
    pub component: String,
    /// Its rate as a fraction.
    pub rate: Rate,
    /// What it is computed from.
    pub base: Amount,
    /// The tax is part of that.
    pub included: bool,
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
